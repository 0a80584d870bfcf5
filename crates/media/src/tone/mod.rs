//! Sounds made here: network tones, call waiting, keys, the ringtone. Only two of them ever go into the network: the tune
//! for those on hold, and the beep that tells of a recording.

mod alert;
mod country;
mod hold;
mod ringtone;

use std::f32::consts::TAU;

pub(crate) use alert::AlertPlayer;
pub use country::tone_countries;
pub(crate) use hold::HoldTune;
pub(crate) use ringtone::Ringtone;

use crate::params::Tone;
use crate::resample::RATE;

/// A cadence of two frequencies: milliseconds on, milliseconds off, again and again.
struct Cadence {
    hertz: [f32; 2],
    pattern_ms: &'static [u32],
    loudness: f32,
}

fn cadence(country: &str, tone: Tone) -> Option<Cadence> {
    let (hertz, pattern_ms) = country::figures(country, tone)?;
    // Two frequencies together are as loud as one alone.
    let loudness = if hertz[1] > 0.0 { 0.11 } else { 0.16 };
    Some(Cadence {
        hertz,
        pattern_ms,
        loudness,
    })
}

/// Plays one network tone.
pub(crate) struct TonePlayer {
    tone: Tone,
    country: String,
    beep: Option<Beep>,
}

impl TonePlayer {
    pub(crate) fn new() -> Self {
        TonePlayer {
            tone: Tone::None,
            country: String::new(),
            beep: None,
        }
    }

    /// From the next tone on, as in this country.
    pub(crate) fn set_country(&mut self, country: String) {
        self.country = country;
    }

    /// Another tone from its beginning; the same one goes on undisturbed.
    pub(crate) fn set(&mut self, tone: Tone) {
        if tone != self.tone {
            self.tone = tone;
            self.beep = cadence(&self.country, tone).map(Beep::new);
        }
    }

    pub(crate) fn is_on(&self) -> bool {
        self.beep.is_some()
    }

    /// Adds the tone to a frame at [`RATE`].
    pub(crate) fn mix(&mut self, frame: &mut [f32]) {
        if let Some(beep) = &mut self.beep {
            beep.mix(frame);
        }
    }
}

/// A soft double beep every four seconds, about 18 dB below speech: there is a second call.
pub(crate) fn call_waiting() -> Beep {
    Beep::new(Cadence {
        hertz: [440.0, 660.0],
        pattern_ms: &[120, 120, 120, 3640],
        loudness: 0.06,
    })
}

/// Tells both ends that the call is recorded: 200 ms of 1400 Hz every fifteen seconds, about 12 dB below speech.
pub(crate) fn recording() -> Beep {
    Beep::new(Cadence {
        hertz: [1400.0, 0.0],
        pattern_ms: &[200, 14_800],
        loudness: 0.12,
    })
}

/// The sound of a key, softly, for as long as it is mixed.
pub(crate) fn key(digit: char) -> Option<Beep> {
    let (row, column) = match digit {
        '1' => (0, 0),
        '2' => (0, 1),
        '3' => (0, 2),
        'A' => (0, 3),
        '4' => (1, 0),
        '5' => (1, 1),
        '6' => (1, 2),
        'B' => (1, 3),
        '7' => (2, 0),
        '8' => (2, 1),
        '9' => (2, 2),
        'C' => (2, 3),
        '*' => (3, 0),
        '0' => (3, 1),
        '#' => (3, 2),
        'D' => (3, 3),
        _ => return None,
    };
    let low = [697.0, 770.0, 852.0, 941.0].get(row).copied()?;
    let high = [1209.0, 1336.0, 1477.0, 1633.0].get(column).copied()?;
    Some(Beep::new(Cadence {
        hertz: [low, high],
        pattern_ms: &[160, 40],
        loudness: 0.08,
    }))
}

/// A cadence being played, with soft edges.
pub(crate) struct Beep {
    cadence: Cadence,
    at: u64,
}

/// Samples over which a tone rises and falls: 5 ms.
const EDGE: u32 = RATE / 200;

impl Beep {
    fn new(cadence: Cadence) -> Self {
        Beep { cadence, at: 0 }
    }

    /// The same sound, louder or softer: the peak of each of its frequencies, 0.0 to 1.0.
    pub(crate) fn at_loudness(mut self, loudness: f32) -> Self {
        self.cadence.loudness = loudness;
        self
    }

    /// Adds the sound to a frame at [`RATE`].
    pub(crate) fn mix(&mut self, frame: &mut [f32]) {
        for sample in frame {
            *sample += self.next_sample();
        }
    }

    fn next_sample(&mut self) -> f32 {
        let per_ms = u64::from(RATE / 1000);
        let whole: u64 = self.cadence.pattern_ms.iter().map(|ms| u64::from(*ms) * per_ms).sum();
        let mut within = self.at % whole.max(1);
        self.at += 1;
        for (part, ms) in self.cadence.pattern_ms.iter().enumerate() {
            let length = u64::from(*ms) * per_ms;
            if within < length {
                if part % 2 == 1 {
                    return 0.0;
                }
                let edge = within.min(length - within).min(u64::from(EDGE)) as f32 / EDGE as f32;
                let phase = within as f32 / RATE as f32;
                let [low, high] = self.cadence.hertz;
                let wave = (phase * low * TAU).sin() + if high > 0.0 { (phase * high * TAU).sin() } else { 0.0 };
                return wave * edge * self.cadence.loudness;
            }
            within -= length;
        }
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::share_of_tone;

    fn play(tone: Tone, seconds: usize) -> Vec<f32> {
        let mut player = TonePlayer::new();
        player.set(tone);
        let mut sound = vec![0.0; seconds * RATE as usize];
        sound.chunks_mut(480).for_each(|frame| player.mix(frame));
        sound
    }

    #[test]
    fn ringback_is_one_second_in_five_of_425_hertz() {
        let sound = play(Tone::Ringback, 10);
        let second = RATE as usize;
        assert!(share_of_tone(&sound[1000..second - 1000], 425.0, RATE) > 0.99);
        assert!(sound[second..5 * second].iter().all(|sample| *sample == 0.0));
        assert!(share_of_tone(&sound[5 * second + 1000..6 * second - 1000], 425.0, RATE) > 0.99);
    }

    #[test]
    fn ringback_sounds_as_in_the_country_that_is_set() {
        let mut player = TonePlayer::new();
        player.set_country("US".to_owned());
        player.set(Tone::Ringback);
        let mut sound = vec![0.0; 6 * RATE as usize];
        player.mix(&mut sound);
        let second = RATE as usize;
        for hertz in [440.0, 480.0] {
            assert!((0.45..0.55).contains(&share_of_tone(&sound[second / 2..2 * second - 500], hertz, RATE)));
        }
        assert!(sound[2 * second..].iter().all(|sample| *sample == 0.0));
    }

    #[test]
    fn busy_and_congestion_differ_in_their_pace_and_none_is_silent() {
        let sounding = |tone| play(tone, 2)[15_000..20_000].iter().any(|sample| *sample != 0.0);
        assert!(sounding(Tone::Busy));
        assert!(
            !play(Tone::Congestion, 2)[12_000..24_000]
                .iter()
                .any(|sample| *sample != 0.0)
        );
        assert!(!sounding(Tone::None));
    }

    #[test]
    fn asking_for_the_same_tone_again_does_not_start_it_over() {
        let mut player = TonePlayer::new();
        let mut frame = vec![0.0; 60_000];
        player.set(Tone::Ringback);
        player.mix(&mut frame);
        player.set(Tone::Ringback);
        frame.fill(0.0);
        player.mix(&mut frame);
        assert!(frame.iter().all(|sample| *sample == 0.0));
    }

    #[test]
    fn call_waiting_and_keys_are_soft() {
        for mut beep in [call_waiting(), key('5').unwrap()] {
            let mut frame = [0.0; 4800];
            beep.mix(&mut frame);
            let peak = frame.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
            assert!((0.05..0.2).contains(&peak), "{peak}");
        }
        assert!(key('x').is_none());
    }
}
