//! What the lines play: speech made once, a melody made on the spot, and the two laws of G.711.
use std::f64::consts::TAU;
use std::time::Duration;

/// Samples a second.
pub(crate) const RATE: u64 = 8000;
/// µ-law, 8 kHz; how it was made stands beside it.
const GREETING: &[u8] = include_bytes!("../assets/greeting.ulaw");
const ANNOUNCEMENT: &[u8] = include_bytes!("../assets/announcement.ulaw");
/// Frequency in Hz and length in samples; 0 Hz is a rest. The 440 Hz stand out, for ears and for measurements.
const TUNE: [(f64, u64); 8] = [
    (440.0, 6400),
    (0.0, 400),
    (554.365, 2000),
    (659.255, 2000),
    (440.0, 6400),
    (0.0, 400),
    (659.255, 2000),
    (0.0, 2400),
];
/// Peak of the melody: loud, far from clipping.
const LOUDNESS: f64 = 9000.0;
/// Each note fades in and out within this many samples, so that it does not click.
const FADE: u64 = 80;

/// Something to play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sound {
    /// What the customer says before hanging up.
    Greeting,
    /// What the announcement says.
    Announcement,
    /// A melody around 440 Hz that never ends.
    Melody,
}

impl Sound {
    /// How long it is; the longest there is for one that never ends.
    pub fn length(self) -> Duration {
        let samples = match self {
            Self::Greeting => GREETING.len(),
            Self::Announcement => ANNOUNCEMENT.len(),
            Self::Melody => return Duration::MAX,
        };
        Duration::from_secs_f64(samples as f64 / RATE as f64)
    }

    /// The sample at this place; silence after the end.
    pub(crate) fn sample(self, at: u64) -> i16 {
        let speech = match self {
            Self::Greeting => GREETING,
            Self::Announcement => ANNOUNCEMENT,
            Self::Melody => return melody(at),
        };
        usize::try_from(at)
            .ok()
            .and_then(|at| speech.get(at))
            .map_or(0, |byte| from_ulaw(*byte))
    }
}

fn melody(at: u64) -> i16 {
    let length: u64 = TUNE.iter().map(|(_, length)| length).sum();
    let mut within = at % length;
    for (frequency, length) in TUNE {
        if within < length {
            let fade = within.min(length - 1 - within).min(FADE) as f64 / FADE as f64;
            // In range: the factor is at most LOUDNESS.
            return ((TAU * frequency * within as f64 / RATE as f64).sin() * LOUDNESS * fade) as i16;
        }
        within -= length;
    }
    0
}

/// G.711 µ-law to linear.
pub(crate) fn from_ulaw(byte: u8) -> i16 {
    let byte = !byte;
    let magnitude = ((i16::from(byte & 0x0f) << 3) + 0x84) << (byte >> 4 & 0x07);
    if byte & 0x80 == 0 {
        magnitude - 0x84
    } else {
        0x84 - magnitude
    }
}

/// Linear to G.711 µ-law.
pub(crate) fn to_ulaw(sample: i16) -> u8 {
    let magnitude = (i32::from(sample).abs() + 0x84).min(0x7fff);
    let exponent = (24 - magnitude.leading_zeros()) as i32;
    let mantissa = magnitude >> (exponent + 3) & 0x0f;
    let sign = if sample < 0 { 0x80 } else { 0 };
    // All parts fit: sign one bit, exponent three, mantissa four.
    !((sign | exponent << 4 | mantissa) as u8)
}

/// Linear to G.711 A-law.
pub(crate) fn to_alaw(sample: i16) -> u8 {
    let sign = if sample < 0 { 0 } else { 0x80 };
    let magnitude = (if sample < 0 {
        !i32::from(sample)
    } else {
        i32::from(sample)
    }) >> 3;
    let coded = if magnitude < 32 {
        magnitude >> 1
    } else {
        let exponent = 27 - magnitude.leading_zeros() as i32;
        (exponent << 4) | (magnitude >> exponent & 0x0f)
    };
    ((sign | coded) as u8) ^ 0x55
}

#[cfg(test)]
mod tests {
    use super::*;

    /// G.711, table 1: the inverse of [`to_alaw`], written the other way round.
    fn from_alaw(byte: u8) -> i16 {
        let byte = byte ^ 0x55;
        let mantissa = i32::from(byte & 0x0f) << 4;
        let magnitude = match byte >> 4 & 0x07 {
            0 => mantissa + 8,
            exponent => (mantissa + 0x108) << (exponent - 1),
        };
        i16::try_from(if byte & 0x80 == 0 { -magnitude } else { magnitude }).unwrap()
    }

    #[test]
    fn every_byte_of_either_law_comes_back_as_itself() {
        for byte in 0..=255u8 {
            // µ-law has two zeros.
            if byte != 0x7f {
                assert_eq!(to_ulaw(from_ulaw(byte)), byte);
            }
            assert_eq!(to_alaw(from_alaw(byte)), byte);
        }
    }

    #[test]
    fn coding_stays_near_the_sample() {
        for sample in (i16::MIN..=i16::MAX).step_by(37) {
            let near = |coded: i16| (i32::from(coded) - i32::from(sample)).abs() <= 16 + i32::from(sample).abs() / 16;
            assert!(near(from_ulaw(to_ulaw(sample))), "{sample}");
            assert!(near(from_alaw(to_alaw(sample))), "{sample}");
        }
    }

    #[test]
    fn the_greeting_fits_into_the_time_the_customer_takes() {
        assert!(Sound::Greeting.length() <= crate::LineTimes::default().greeting);
        assert!(Sound::Announcement.length() > Duration::from_secs(3));
        assert_eq!(Sound::Greeting.sample(u64::MAX), 0);
    }

    #[test]
    fn the_speech_is_audible() {
        for sound in [Sound::Greeting, Sound::Announcement, Sound::Melody] {
            let loud = (0..8000).filter(|at| sound.sample(*at).unsigned_abs() > 1000).count();
            assert!(loud > 1000, "{sound:?}: {loud}");
        }
    }
}
