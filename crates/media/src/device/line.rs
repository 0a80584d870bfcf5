//! The mixing desk's end of a running device: a ring to its callback, and a resampler that follows its clock.

use std::collections::VecDeque;

use rtrb::{Consumer, Producer, RingBuffer};

use super::Frame;
use super::callback::{Player, Recorder};
use crate::resample::{FRAME, RATE, Resampler};

/// Samples kept ahead of the desk, per second of rate: 30 ms, as callbacks come in steps of 20 ms.
const AHEAD_OF_DESK_MS: u32 = 30;
/// Samples kept ahead of a loudspeaker: 45 ms.
const AHEAD_OF_SPEAKER_MS: u32 = 45;
/// More than this is a hiccup, not drift, and is cut at once.
const TOO_MUCH_MS: u32 = 200;

/// A device that worked once and then moves no sound for this many frames, 1.5 s, has died without a word.
const STUCK: u32 = 150;

/// Notices that a device has stopped.
#[derive(Debug, Default)]
struct Stillness {
    worked: bool,
    frames: u32,
}

impl Stillness {
    fn step(&mut self, moves: bool) {
        self.frames = if moves { 0 } else { self.frames.saturating_add(1) };
    }

    fn is_stuck(&self) -> bool {
        self.worked && self.frames >= STUCK
    }
}

/// Follows the fill of a ring and says how much faster or slower to go.
struct Drift {
    wanted: f64,
    smoothed: f64,
    frames: u32,
    per_ms: f64,
}

impl Drift {
    fn new(wanted_ms: u32, rate: u32) -> Self {
        let per_ms = f64::from(rate) / 1000.0;
        let wanted = f64::from(wanted_ms) * per_ms;
        Drift {
            wanted,
            smoothed: wanted,
            frames: 0,
            per_ms,
        }
    }

    fn restart(&mut self) {
        self.smoothed = self.wanted;
    }

    /// The fill now; now and then a new ratio: 10 ms too much is answered by 0.2 percent less.
    fn follow(&mut self, fill: usize) -> Option<f64> {
        self.smoothed += (fill as f64 - self.smoothed) / 100.0;
        self.frames += 1;
        let error_ms = (self.smoothed - self.wanted) / self.per_ms;
        self.frames
            .is_multiple_of(10)
            .then(|| 1.0 - (error_ms * 0.0002).clamp(-0.005, 0.005))
    }
}

/// A microphone, seen from the desk.
pub(crate) struct Capture {
    ring: Consumer<f32>,
    resampler: Resampler,
    piece: Vec<f32>,
    ready: VecDeque<f32>,
    flowing: bool,
    drift: Drift,
    stillness: Stillness,
}

impl Capture {
    /// Both ends of a stream at this rate; `None` for a rate that makes no sense.
    pub(super) fn new(rate: u32, channels: u16) -> Option<(Recorder, Capture)> {
        let resampler = Resampler::new(rate, RATE)?;
        let (producer, ring) = RingBuffer::new(rate as usize / 2);
        let drift = Drift::new(AHEAD_OF_DESK_MS - 10, RATE);
        let (piece, ready) = (Vec::new(), VecDeque::new());
        Some((
            Recorder::new(producer, channels),
            Capture {
                ring,
                resampler,
                piece,
                ready,
                flowing: false,
                drift,
                stillness: Stillness::default(),
            },
        ))
    }

    /// The next 10 ms.
    pub(crate) fn record(&mut self, frame: &mut Frame) {
        self.piece.clear();
        while let Ok(sample) = self.ring.pop() {
            self.piece.push(sample);
        }
        let moves = !self.piece.is_empty();
        self.stillness.worked |= moves;
        self.stillness.step(moves);
        self.resampler.process(&self.piece, &mut self.ready);
        let (ahead, most) = (samples(AHEAD_OF_DESK_MS, RATE), samples(TOO_MUCH_MS, RATE));
        if self.ready.len() > most {
            self.ready.drain(..self.ready.len() - ahead);
            self.drift.restart();
        }
        if self.ready.len() < FRAME || (!self.flowing && self.ready.len() < ahead) {
            frame.fill(0.0);
            self.flowing = false;
            return;
        }
        if !std::mem::replace(&mut self.flowing, true) {
            self.drift.restart();
        }
        for (slot, sample) in frame.iter_mut().zip(self.ready.drain(..FRAME)) {
            *slot = sample;
        }
        if let Some(ratio) = self.drift.follow(self.ready.len()) {
            self.resampler.nudge(ratio);
        }
    }
}

impl Capture {
    /// For how many frames the device has given nothing.
    pub(crate) fn still_for(&self) -> u32 {
        self.stillness.frames
    }

    /// Whether it worked once and has stopped.
    pub(crate) fn is_stuck(&self) -> bool {
        self.stillness.is_stuck()
    }
}

/// A loudspeaker, seen from the desk.
pub(crate) struct Playback {
    ring: Producer<f32>,
    rate: u32,
    resampler: Resampler,
    ready: VecDeque<f32>,
    drift: Drift,
    /// How full the ring was left.
    filled: usize,
    stillness: Stillness,
}

impl Playback {
    /// Whether it worked once and has stopped.
    pub(crate) fn is_stuck(&self) -> bool {
        self.stillness.is_stuck()
    }

    /// Both ends of a stream at this rate; `None` for a rate that makes no sense.
    pub(super) fn new(rate: u32, channels: u16) -> Option<(Player, Playback)> {
        let resampler = Resampler::new(RATE, rate)?;
        let (ring, consumer) = RingBuffer::new(rate as usize / 2);
        let drift = Drift::new(AHEAD_OF_SPEAKER_MS, rate);
        Some((
            Player::new(consumer, channels),
            Playback {
                ring,
                rate,
                resampler,
                ready: VecDeque::new(),
                drift,
                filled: 0,
                stillness: Stillness::default(),
            },
        ))
    }

    /// The next 10 ms.
    pub(crate) fn play(&mut self, frame: &Frame) {
        self.resampler.process(frame, &mut self.ready);
        let fill = self.fill();
        let full = fill > samples(TOO_MUCH_MS, self.rate);
        self.stillness.worked |= fill < self.filled;
        self.stillness.step(!full);
        if fill == 0 {
            // The device ran dry, or has just begun: give it a head start.
            let head_start = samples(AHEAD_OF_SPEAKER_MS - 10, self.rate);
            (0..head_start).for_each(|_| _ = self.ring.push(0.0));
            self.drift.restart();
        }
        if full {
            self.ready.clear();
            return;
        }
        while let Some(sample) = self.ready.pop_front() {
            if self.ring.push(sample).is_err() {
                break;
            }
        }
        let fill = self.fill();
        self.filled = fill;
        if let Some(ratio) = self.drift.follow(fill) {
            self.resampler.nudge(ratio);
        }
    }

    fn fill(&self) -> usize {
        self.ring.buffer().capacity() - self.ring.slots()
    }
}

fn samples(ms: u32, rate: u32) -> usize {
    (rate / 1000 * ms) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{share_of_tone, tone};

    /// A sound card with its own idea of a second, in steps of 20 ms.
    struct Card {
        rate: f64,
        due: f64,
    }

    impl Card {
        fn samples(&mut self) -> usize {
            self.due += self.rate / 100.0;
            let step = (self.rate / 50.0).floor();
            if self.due < step {
                return 0;
            }
            self.due -= step;
            step as usize
        }
    }

    #[test]
    fn a_card_with_a_clock_off_by_half_a_thousandth_plays_a_tone_without_a_gap() {
        for (rate, skew) in [(48_000, 1.0005), (48_000, 0.9995), (44_100, 1.0), (16_000, 1.0005)] {
            let (mut player, mut playback) = Playback::new(rate, 1).unwrap();
            let mut card = Card {
                rate: f64::from(rate) * skew,
                due: 0.0,
            };
            let speech = tone(1000.0, RATE, RATE as usize);
            let mut heard = Vec::new();
            for n in 0..3000 {
                let mut frame = [0.0; FRAME];
                frame.copy_from_slice(&speech[n % 100 * FRAME..][..FRAME]);
                playback.play(&frame);
                let mut piece = vec![0.0; card.samples()];
                player.give(&mut piece, |sample| sample);
                heard.extend(piece);
            }
            let steady = &heard[rate as usize * 2..];
            let quiet = steady
                .chunks(rate as usize / 100)
                .filter(|piece| piece.iter().all(|s| s.abs() < 0.1))
                .count();
            assert_eq!(quiet, 0, "{rate} {skew}");
            let fill = playback.fill() * 1000 / rate as usize;
            assert!((20..80).contains(&fill), "{rate} {skew}: {fill} ms");
        }
    }

    #[test]
    fn a_microphone_with_another_clock_neither_starves_nor_piles_up() {
        for (rate, skew) in [(48_000, 1.0005), (48_000, 0.9995), (44_100, 1.0)] {
            let (mut recorder, mut capture) = Capture::new(rate, 1).unwrap();
            let mut card = Card {
                rate: f64::from(rate) * skew,
                due: 0.0,
            };
            let speech = tone(1000.0, rate, rate as usize);
            let (mut at, mut heard) = (0, Vec::new());
            for _ in 0..3000 {
                let count = card.samples();
                let piece: Vec<f32> = (at..at + count).map(|n| speech[n % speech.len()]).collect();
                at += count;
                recorder.take(&piece, |sample| sample);
                let mut frame = [0.0; FRAME];
                capture.record(&mut frame);
                heard.extend_from_slice(&frame);
            }
            let steady = &heard[RATE as usize..];
            assert_eq!(
                steady
                    .chunks(FRAME)
                    .filter(|piece| piece.iter().all(|s| s.abs() < 0.1))
                    .count(),
                0
            );
            let share = share_of_tone(&steady[steady.len() - 4800..], 1000.0, RATE);
            // The pitch glides by up to a thousandth while the clock is being followed.
            assert!(share > 0.94, "{rate} {skew}: {share}");
            assert!(capture.ready.len() < samples(60, RATE));
        }
    }

    #[test]
    fn a_device_that_stops_and_one_that_floods_do_no_harm() {
        let (mut recorder, mut capture) = Capture::new(48_000, 1).unwrap();
        let mut frame = [1.0; FRAME];
        capture.record(&mut frame);
        assert_eq!(frame, [0.0; FRAME]);
        recorder.take(&vec![0.5f32; 100_000], |sample| sample);
        capture.record(&mut frame);
        assert!(capture.ready.len() <= samples(AHEAD_OF_DESK_MS, RATE));
        let (_player, mut playback) = Playback::new(48_000, 1).unwrap();
        (0..1000).for_each(|_| playback.play(&frame));
        assert!(playback.fill() <= samples(TOO_MUCH_MS + 20, 48_000));
    }
}
