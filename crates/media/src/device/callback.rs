//! What runs on the audio driver's own thread. It allocates nothing, locks nothing and logs nothing.

use rtrb::{Consumer, Producer};

/// Takes what a microphone recorded.
pub(super) struct Recorder {
    ring: Producer<f32>,
    channels: usize,
}

impl Recorder {
    pub(super) fn new(ring: Producer<f32>, channels: u16) -> Self {
        Recorder {
            ring,
            channels: usize::from(channels.max(1)),
        }
    }

    /// Keeps the first channel; what does not fit is lost, as nobody listens.
    pub(super) fn take<T: Copy>(&mut self, data: &[T], to_float: impl Fn(T) -> f32) {
        for sample in data.iter().step_by(self.channels) {
            if self.ring.push(to_float(*sample)).is_err() {
                return;
            }
        }
    }
}

/// Gives a loudspeaker what it is to play.
pub(super) struct Player {
    ring: Consumer<f32>,
    channels: usize,
}

impl Player {
    pub(super) fn new(ring: Consumer<f32>, channels: u16) -> Self {
        Player {
            ring,
            channels: usize::from(channels.max(1)),
        }
    }

    /// The same sound on each channel; silence when there is none.
    pub(super) fn give<T: Copy>(&mut self, data: &mut [T], from_float: impl Fn(f32) -> T) {
        for channels in data.chunks_mut(self.channels) {
            let sample = self.ring.pop().unwrap_or(0.0);
            channels.fill(from_float(sample));
        }
    }
}

#[cfg(test)]
mod tests {
    use rtrb::RingBuffer;

    use super::*;
    use crate::testing::allocations;

    #[test]
    fn neither_callback_ever_allocates_whether_the_rings_are_full_or_empty() {
        let (to_desk, mut desk_in) = RingBuffer::new(2000);
        let (mut desk_out, to_speaker) = RingBuffer::new(2000);
        let mut recorder = Recorder::new(to_desk, 2);
        let mut player = Player::new(to_speaker, 2);
        let recorded = vec![1000i16; 1920];
        let mut played = vec![0.0f32; 1920];
        (0..1500).for_each(|_| desk_out.push(0.5).unwrap());
        let count = allocations(|| {
            for _ in 0..4 {
                recorder.take(&recorded, |sample| f32::from(sample) / 32768.0);
                player.give(&mut played, |sample| sample);
            }
        });
        assert_eq!(count, 0);
        assert_ne!(
            allocations(|| drop(std::hint::black_box(vec![1]))),
            0,
            "the watch itself works"
        );
        assert_eq!(desk_in.slots(), 2000);
        assert!((desk_in.pop().unwrap() - 1000.0 / 32768.0).abs() < 1e-6);
        assert!(played.iter().all(|sample| *sample == 0.0));
    }

    #[test]
    fn the_sound_goes_to_every_channel() {
        let (mut desk, ring) = RingBuffer::new(8);
        desk.push(0.25).unwrap();
        desk.push(-0.5).unwrap();
        let mut played = [9.0f32; 6];
        Player::new(ring, 2).give(&mut played, |sample| sample);
        assert_eq!(played, [0.25, 0.25, -0.5, -0.5, 0.0, 0.0]);
    }
}
