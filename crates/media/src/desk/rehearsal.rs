//! A test of the microphone: some seconds are recorded, then heard as they were and as callers would hear them.

use crate::device::Frame;
use crate::params::Rehearsal;
use crate::resample::{FRAME, RATE};

/// How much is recorded: 4 s.
const LENGTH: usize = 4 * RATE as usize;
/// Between the two: half a second.
const PAUSE: usize = RATE as usize / 2;

/// See the module.
pub(super) struct Rehearsing {
    now: Rehearsal,
    before: Vec<f32>,
    after: Vec<f32>,
    at: usize,
}

impl Rehearsing {
    pub(super) fn new() -> Self {
        Rehearsing {
            now: Rehearsal::Recording,
            before: Vec::with_capacity(LENGTH),
            after: Vec::with_capacity(LENGTH),
            at: 0,
        }
    }

    /// Takes a frame as the microphone gave it and as it was processed.
    pub(super) fn record(&mut self, before: &Frame, after: &Frame) {
        if self.now == Rehearsal::Recording {
            self.before.extend_from_slice(before);
            self.after.extend_from_slice(after);
        }
    }

    /// The next 10 ms to be heard; `None` at the end.
    pub(super) fn play(&mut self, heard: &mut Frame) -> Option<Rehearsal> {
        let sound = match self.now {
            Rehearsal::Recording => {
                if self.before.len() >= LENGTH {
                    self.now = Rehearsal::Before;
                }
                return Some(self.now);
            }
            Rehearsal::Before => &self.before,
            Rehearsal::After => &self.after,
        };
        let piece = sound.iter().skip(self.at).take(FRAME);
        heard.iter_mut().zip(piece).for_each(|(heard, sample)| *heard += sample);
        self.at += FRAME;
        if self.at >= LENGTH + PAUSE {
            if self.now == Rehearsal::After {
                return None;
            }
            self.now = Rehearsal::After;
            self.at = 0;
        }
        Some(self.now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_recorded_is_heard_as_it_was_and_then_as_it_was_made() {
        let mut rehearsing = Rehearsing::new();
        let mut phases = Vec::new();
        let mut heard = Vec::new();
        for _ in 0..3000 {
            rehearsing.record(&[0.5; FRAME], &[0.25; FRAME]);
            let mut frame = [0.0; FRAME];
            let Some(now) = rehearsing.play(&mut frame) else { break };
            if phases.last() != Some(&now) {
                phases.push(now);
            }
            heard.extend_from_slice(&frame);
        }
        assert_eq!(phases, [Rehearsal::Recording, Rehearsal::Before, Rehearsal::After]);
        let count = |value: f32| heard.iter().filter(|sample| **sample == value).count();
        assert_eq!((count(0.5), count(0.25)), (LENGTH, LENGTH));
        assert!(
            heard[..LENGTH].iter().all(|sample| *sample == 0.0),
            "nothing is heard while it records"
        );
    }
}
