//! Two short figures that are no ringtone: a line is out of reach, a line is back.

use std::f32::consts::TAU;

use crate::params::Alert;
use crate::resample::RATE;

/// How long a note sounds, and how long it is quiet before the next one, in samples.
const NOTE: u32 = RATE * 150 / 1000;
const GAP: u32 = RATE * 50 / 1000;
/// Samples over which a note rises and falls.
const EDGE: u32 = RATE / 100;

/// Quiet before the first note: the device has to be opened for it.
const LEAD: u32 = RATE * 300 / 1000;

/// The notes in hertz: going down is bad news, going up is good news.
fn notes(alert: Alert) -> &'static [f32] {
    match alert {
        Alert::Unreachable => &[880.0, 659.26, 440.0],
        Alert::Reachable => &[659.26, 880.0],
    }
}

/// Plays one of them, once.
pub(crate) struct AlertPlayer {
    notes: &'static [f32],
    at: u32,
    loudness: f32,
}

impl AlertPlayer {
    /// At 0 to 100 percent, as the ringtone.
    pub(crate) fn new(alert: Alert, percent: u8) -> Self {
        let share = f32::from(percent.min(100)) / 100.0;
        AlertPlayer {
            notes: notes(alert),
            at: 0,
            loudness: share * share * 0.3,
        }
    }

    /// Whether there is more to hear.
    pub(crate) fn is_on(&self) -> bool {
        ((self.at.saturating_sub(LEAD) / (NOTE + GAP)) as usize) < self.notes.len()
    }

    /// Adds the sound to a frame at [`RATE`].
    pub(crate) fn mix(&mut self, frame: &mut [f32]) {
        for sample in frame {
            let Some(at) = self.at.checked_sub(LEAD) else {
                self.at += 1;
                continue;
            };
            let (note, within) = (at / (NOTE + GAP), at % (NOTE + GAP));
            let Some(hertz) = self.notes.get(note as usize) else {
                return;
            };
            if within < NOTE {
                let edge = within.min(NOTE - within).min(EDGE) as f32 / EDGE as f32;
                *sample += (within as f32 / RATE as f32 * hertz * TAU).sin() * edge * self.loudness;
            }
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn played(alert: Alert, percent: u8) -> (Vec<f32>, bool) {
        let mut sound = vec![0.0f32; RATE as usize];
        let mut player = AlertPlayer::new(alert, percent);
        player.mix(&mut sound);
        (sound, player.is_on())
    }

    #[test]
    fn it_sounds_once_and_is_over_within_a_second() {
        for alert in [Alert::Unreachable, Alert::Reachable] {
            let (sound, on) = played(alert, 80);
            assert!(!on);
            assert!(sound.iter().any(|sample| sample.abs() > 0.1));
            assert!(sound.iter().rev().take(RATE as usize / 20).all(|sample| *sample == 0.0));
        }
    }

    #[test]
    fn it_is_as_silent_as_the_ringtone_is_set() {
        assert!(played(Alert::Unreachable, 0).0.iter().all(|sample| *sample == 0.0));
    }
}
