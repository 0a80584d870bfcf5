//! The ringtone: a short marimba phrase, made in code, so there is no sound file to license, load or lose.

use std::f32::consts::TAU;

use crate::resample::RATE;

/// When a bar is struck, in milliseconds, and its pitch in hertz: an arpeggio of D major, answered a fifth lower.
const PHRASE: [(u32, f32); 10] = [
    (0, 587.33),
    (130, 739.99),
    (260, 880.00),
    (390, 1174.66),
    (650, 880.00),
    (1000, 493.88),
    (1130, 587.33),
    (1260, 739.99),
    (1390, 987.77),
    (1650, 739.99),
];
/// The phrase, then quiet until it starts again.
const PERIOD_MS: u32 = 3600;
/// A struck bar is silent after this long.
const DECAY_MS: u32 = 700;

/// Plays the phrase again and again.
pub(crate) struct Ringtone {
    at: u32,
    loudness: f32,
}

impl Ringtone {
    /// From the beginning, at 0 to 100 percent.
    pub(crate) fn new(percent: u8) -> Self {
        let mut ringtone = Ringtone { at: 0, loudness: 0.0 };
        ringtone.set_volume(percent);
        ringtone
    }

    /// Louder or softer from now on; hearing follows the square of the figure.
    pub(crate) fn set_volume(&mut self, percent: u8) {
        let share = f32::from(percent.min(100)) / 100.0;
        self.loudness = share * share;
    }

    /// Adds the sound to a frame at [`RATE`].
    pub(crate) fn mix(&mut self, frame: &mut [f32]) {
        let per_ms = RATE / 1000;
        for sample in frame {
            let mut wave = 0.0;
            for (start_ms, hertz) in PHRASE {
                let since = self.at.wrapping_sub(start_ms * per_ms);
                if self.at >= start_ms * per_ms && since < DECAY_MS * per_ms {
                    wave += bar(since as f32 / RATE as f32, hertz);
                }
            }
            *sample += wave * 0.28 * self.loudness;
            self.at = (self.at + 1) % (PERIOD_MS * per_ms);
        }
    }
}

/// A wooden bar: the note, its fourth harmonic dying quickly, and the soft knock of the mallet.
fn bar(seconds: f32, hertz: f32) -> f32 {
    let left = 1.0 - seconds * 1000.0 / DECAY_MS as f32;
    let knock = (seconds / 0.003).min(1.0);
    let note = (seconds * hertz * TAU).sin() * (-seconds * 6.0).exp();
    let wood = 0.35 * (seconds * hertz * 3.93 * TAU).sin() * (-seconds * 22.0).exp();
    (note + wood) * knock * left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loudest(percent: u8) -> f32 {
        let mut sound = vec![0.0f32; RATE as usize * 2];
        Ringtone::new(percent).mix(&mut sound);
        sound.iter().fold(0.0, |peak, sample| peak.max(sample.abs()))
    }

    #[test]
    fn it_is_heard_at_full_volume_never_clips_and_is_silent_at_zero() {
        assert!((0.2..0.95).contains(&loudest(100)), "{}", loudest(100));
        assert!(loudest(50) < loudest(100) / 3.0);
        assert_eq!(loudest(0), 0.0);
    }

    #[test]
    fn it_pauses_and_starts_again() {
        let second = RATE as usize;
        let mut sound = vec![0.0f32; second * 8];
        Ringtone::new(100).mix(&mut sound);
        let energy = |range: std::ops::Range<usize>| sound[range].iter().map(|sample| sample * sample).sum::<f32>();
        assert!(energy(0..second) > 100.0);
        assert_eq!(energy(second * 5 / 2..second * 7 / 2), 0.0);
        assert!(energy(second * 18 / 5..second * 23 / 5) > 100.0);
    }
}
