//! The ringtones, made in code, so there is no sound file to license, load or lose.

use std::f32::consts::TAU;

use crate::params::RingStyle;
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

/// Plays one of them again and again.
pub(crate) struct Ringtone {
    style: RingStyle,
    at: u32,
    loudness: f32,
}

impl Ringtone {
    /// From the beginning, at 0 to 100 percent.
    pub(crate) fn new(style: RingStyle, percent: u8) -> Self {
        let mut ringtone = Ringtone {
            style,
            at: 0,
            loudness: 0.0,
        };
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
            *sample += match self.style {
                RingStyle::Marimba => struck(self.at, &PHRASE, DECAY_MS, bar) * 0.28,
                RingStyle::Bell => gong(self.at) * 0.3,
                RingStyle::Chime => struck(self.at, &CHIMES, CHIME_MS, chime) * 0.4,
                RingStyle::Warble => warble(self.at) * 0.35,
            } * self.loudness;
            self.at = (self.at + 1) % (PERIOD_MS * per_ms);
        }
    }
}

/// Notes that are struck one after the other and die away; several may sound together.
fn struck(at: u32, notes: &[(u32, f32)], decay_ms: u32, sound: fn(f32, f32) -> f32) -> f32 {
    let per_ms = RATE / 1000;
    let sounding = notes.iter().filter_map(|(start_ms, hertz)| {
        let since = at.checked_sub(start_ms * per_ms)?;
        (since < decay_ms * per_ms).then(|| sound(since as f32 / RATE as f32, *hertz))
    });
    sounding.sum()
}

/// Two bells, struck in turn twenty times a second, for a second and a half.
fn gong(at: u32) -> f32 {
    let seconds = at as f32 / RATE as f32;
    if seconds >= 1.9 {
        return 0.0;
    }
    let strike = RATE / 20;
    let since = (at % strike) as f32 / RATE as f32;
    let hertz = if (at / strike).is_multiple_of(2) {
        1050.0
    } else {
        1270.0
    };
    let edge = (since / 0.002).min(1.0);
    let wave = (seconds * hertz * TAU).sin() + 0.5 * (seconds * hertz * 2.76 * TAU).sin();
    // The clapper stops; the bells ring out.
    let out = if seconds < 1.5 { 1.0 } else { (1.9 - seconds) / 0.4 };
    wave * edge * (-since * 18.0).exp() * out
}

/// Two chimes, the second a third lower.
const CHIMES: [(u32, f32); 2] = [(0, 783.99), (600, 622.25)];
const CHIME_MS: u32 = 2000;

fn chime(seconds: f32, hertz: f32) -> f32 {
    let edge = (seconds / 0.005).min(1.0);
    let left = 1.0 - seconds * 1000.0 / CHIME_MS as f32;
    let wave = (seconds * hertz * TAU).sin() + 0.25 * (seconds * hertz * 2.0 * TAU).sin();
    wave * edge * left * (-seconds * 2.5).exp()
}

/// Two tones in turn, each for 60 ms, in two bursts.
fn warble(at: u32) -> f32 {
    let ms = at / (RATE / 1000);
    let within = match ms {
        0..720 => at,
        1000..1720 => at - RATE,
        _ => return 0.0,
    };
    let part = RATE * 60 / 1000;
    let hertz = if (within / part).is_multiple_of(2) {
        750.0
    } else {
        950.0
    };
    let since = within % part;
    let edge = since.min(part - since).min(RATE / 400) as f32 / (RATE / 400) as f32;
    (since as f32 / RATE as f32 * hertz * TAU).sin() * edge
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

    const STYLES: [RingStyle; 4] = [RingStyle::Marimba, RingStyle::Bell, RingStyle::Chime, RingStyle::Warble];

    fn loudest(style: RingStyle, percent: u8) -> f32 {
        let mut sound = vec![0.0f32; RATE as usize * 2];
        Ringtone::new(style, percent).mix(&mut sound);
        sound.iter().fold(0.0, |peak, sample| peak.max(sample.abs()))
    }

    #[test]
    fn each_is_heard_at_full_volume_never_clips_and_is_silent_at_zero() {
        for style in STYLES {
            let full = loudest(style, 100);
            assert!((0.2..0.95).contains(&full), "{style:?} {full}");
            assert!(loudest(style, 50) < full / 3.0);
            assert_eq!(loudest(style, 0), 0.0);
        }
    }

    #[test]
    fn each_pauses_and_starts_again() {
        let second = RATE as usize;
        for style in STYLES {
            let mut sound = vec![0.0f32; second * 8];
            Ringtone::new(style, 100).mix(&mut sound);
            let energy = |range: std::ops::Range<usize>| sound[range].iter().map(|sample| sample * sample).sum::<f32>();
            assert!(energy(0..second) > 100.0, "{style:?}");
            assert_eq!(energy(second * 27 / 10..second * 7 / 2), 0.0, "{style:?}");
            assert!(energy(second * 18 / 5..second * 23 / 5) > 100.0, "{style:?}");
        }
    }
}
