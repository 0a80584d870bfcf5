//! Brings callers to one loudness: who follows a shouting caller is still understood.

use crate::device::Frame;

/// Loudness of speech to arrive at, in dB of full scale, measured while somebody speaks.
pub(super) const TARGET_DB: f32 = -24.0;
/// No caller is made quieter or louder by more.
const MOST_DB: f32 = 14.0;
/// Below this nobody speaks, whatever the background is.
const SPEECH_DB: f32 = -50.0;
/// Speech is at least so much above the background.
const ABOVE_BACKGROUND_DB: f32 = 9.0;
/// Speech is at most so much below its own loudest syllables.
const BELOW_LOUDEST_DB: f32 = 20.0;
/// dB in a frame: loud callers are turned down by 8 dB a second, quiet ones up by 4.
const DOWN: f32 = 0.08;
const UP: f32 = 0.04;

/// One caller's loudness.
pub(super) struct Leveller {
    /// The background, in dB.
    background: f32,
    /// The loudest syllables of the last seconds, in dB.
    loudest: f32,
    /// Mean power of speech.
    speech: Option<f32>,
    /// Frames of speech so far, up to what the mean remembers.
    frames: f32,
    gain_db: f32,
}

impl Leveller {
    pub(super) fn new() -> Self {
        Leveller {
            background: SPEECH_DB,
            loudest: SPEECH_DB,
            speech: None,
            frames: 0.0,
            gain_db: 0.0,
        }
    }

    pub(super) fn apply(&mut self, frame: &mut Frame) {
        let power = power(frame);
        let level = to_db(power);
        // Falls at once, rises by 2 dB a second: what lasts is the background.
        self.background = level.max(-90.0).min(self.background + 0.02);
        self.loudest = level.max(self.loudest - 0.03);
        let speaks = level > SPEECH_DB
            && level > self.background + ABOVE_BACKGROUND_DB
            && level > self.loudest - BELOW_LOUDEST_DB;
        let before = self.gain_db;
        if speaks {
            self.frames = (self.frames + 1.0).min(300.0);
            let mean = self.speech.get_or_insert(power);
            *mean += (power - *mean) / self.frames;
            let wanted = (TARGET_DB - to_db(*mean)).clamp(-MOST_DB, MOST_DB);
            // The first syllables say little yet.
            if self.frames > 20.0 {
                self.gain_db += (wanted - self.gain_db).clamp(-DOWN, UP);
            }
        }
        let (mut gain, last) = (to_gain(before), to_gain(self.gain_db));
        let step = (last - gain) / frame.len() as f32;
        for sample in frame {
            gain += step;
            *sample *= gain;
        }
    }
}

pub(super) fn power(frame: &Frame) -> f32 {
    frame.iter().map(|sample| sample * sample).sum::<f32>() / frame.len() as f32
}

pub(super) fn to_db(power: f32) -> f32 {
    10.0 * power.max(1e-12).log10()
}

fn to_gain(db: f32) -> f32 {
    10f32.powf(db / 20.0)
}
