//! What a held far end hears: a slow tune of soft bells, made in code, so there is nothing to license or to load.

use std::f32::consts::TAU;

use crate::device::Frame;
use crate::resample::{FRAME, RATE};

/// Samples between two notes: half a second.
const BEAT: u32 = RATE / 2;
/// A note has died away after this many beats.
const RING: u32 = 4;
/// Peak of one note; at most [`RING`] sound together.
const LOUDNESS: f32 = 0.07;
/// Four broken chords, F, d minor, B flat and C, in hertz. All lie in the band of a telephone.
const TUNE: [f32; 32] = [
    349.23, 440.00, 523.25, 698.46, 523.25, 440.00, 523.25, 440.00, 293.66, 349.23, 440.00, 587.33, 440.00, 349.23,
    440.00, 349.23, 466.16, 587.33, 698.46, 932.33, 698.46, 587.33, 698.46, 587.33, 392.00, 523.25, 659.25, 783.99,
    659.25, 523.25, 659.25, 523.25,
];

/// Plays the tune again and again.
pub(crate) struct HoldTune {
    at: u32,
}

impl HoldTune {
    pub(crate) fn new() -> Self {
        HoldTune { at: 0 }
    }

    /// The next ten milliseconds.
    pub(crate) fn next(&mut self) -> Frame {
        let mut frame = [0.0; FRAME];
        for sample in &mut frame {
            let (beat, within) = (self.at / BEAT, self.at % BEAT);
            for age in 0..RING.min(beat + 1) {
                let note = TUNE
                    .get((beat - age) as usize % TUNE.len())
                    .copied()
                    .unwrap_or_default();
                *sample += bell((within + age * BEAT) as f32 / RATE as f32, note) * LOUDNESS;
            }
            // A whole number of tunes, and never back at the silent beginning.
            self.at += 1;
            if self.at >= 2 * BEAT * TUNE.len() as u32 {
                self.at -= BEAT * TUNE.len() as u32;
            }
        }
        frame
    }
}

/// A struck bell: soft edge, the note and its octave, dying away.
fn bell(seconds: f32, hertz: f32) -> f32 {
    let edge = (seconds / 0.02).min(1.0);
    let left = 1.0 - seconds * RATE as f32 / (BEAT * RING) as f32;
    let wave = (seconds * hertz * TAU).sin() + 0.2 * (seconds * hertz * 2.0 * TAU).sin() * (-seconds * 4.0).exp();
    wave * edge * left.max(0.0) * (-seconds * 1.6).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_sounds_throughout_softly_and_without_a_click() {
        let mut tune = HoldTune::new();
        let sound: Vec<f32> = (0..4000).flat_map(|_| tune.next()).collect();
        let peak = sound.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
        assert!((0.05..0.3).contains(&peak), "{peak}");
        for second in sound.chunks(RATE as usize) {
            assert!(second.iter().any(|sample| sample.abs() > 0.02));
        }
        let jump = sound
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).abs())
            .fold(0.0f32, f32::max);
        assert!(jump < 0.04, "{jump}");
    }
}
