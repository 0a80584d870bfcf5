//! Guards the ear: no sample above a ceiling, and no sudden burst far above the loudness of the call.

use super::level::{power, to_db};
use crate::device::Frame;

/// No sample is ever above this, of full scale: 6 dB below it.
pub(super) const CEILING: f32 = 0.5;
/// A burst may be this much louder than the speech before it: about 14 dB.
const BURST: f32 = 5.0;
/// Bursts are let through up to this peak: quieter ones hurt nobody.
const HARMLESS: f32 = 0.1;
/// Frames until the gain is back: each gives back a twentieth of what is missing.
const RELEASE: f32 = 0.05;
/// The gain falls within this many samples, 0.33 ms.
const ATTACK: usize = 16;

/// See the module.
pub(super) struct Limiter {
    gain: f32,
    /// The usual peak of what was heard.
    usual: Option<f32>,
}

impl Limiter {
    pub(super) fn new() -> Self {
        Limiter { gain: 1.0, usual: None }
    }

    pub(super) fn apply(&mut self, frame: &mut Frame) {
        let peak = frame.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
        let allowed = match self.usual {
            Some(usual) => (usual * BURST).clamp(HARMLESS, CEILING),
            None => CEILING,
        };
        let needed = if peak > allowed { allowed / peak } else { 1.0 };
        let before = self.gain;
        self.gain = if needed < before {
            needed
        } else {
            before + (needed - before) * RELEASE
        };
        let step = (self.gain - before) / ATTACK as f32;
        for (n, sample) in frame.iter_mut().enumerate() {
            let gain = if n < ATTACK {
                before + step * (n + 1) as f32
            } else {
                self.gain
            };
            // What is left of the first samples of a bang is cut.
            *sample = (*sample * gain).clamp(-allowed, allowed);
        }
        if to_db(power(frame)) > -50.0 {
            let peak = peak.min(allowed);
            let usual = self.usual.get_or_insert(peak);
            // Follows louder speech within half a second, and forgets it within some.
            let pace = if peak > *usual { 0.03 } else { 0.005 };
            *usual += (peak - *usual) * pace;
        }
    }
}
