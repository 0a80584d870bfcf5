//! How a call sounds, as people would rate it: the E-model of ITU-T G.107 with its default values, so that what is left are delay,
//! codec and loss.

use crate::params::Codec;

/// Rating of a call over a perfect line with all defaults (G.107 table 2, annex B).
const PERFECT: f64 = 93.2;

/// What the rating depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Heard {
    /// How speech is coded.
    pub codec: Codec,
    /// Share of the sound that had to be made up, 0.0 to 1.0: packets lost or late, without those a later one brought back.
    pub missing: f64,
    /// How much longer gaps are than chance makes them, 1.0 or more (BurstR).
    pub bursts: f64,
    /// From mouth to ear, in milliseconds.
    pub delay_ms: f64,
}

impl Heard {
    /// The rating R, 0 to 93.2.
    pub(crate) fn rating(&self) -> f64 {
        (PERFECT - delay_impairment(self.delay_ms) - self.equipment_impairment()).clamp(0.0, 100.0)
    }

    /// The mean opinion score, 1.0 (bad) to 4.4 (G.107 annex B).
    pub(crate) fn score(&self) -> f64 {
        let r = self.rating();
        (1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6).max(1.0)
    }

    /// Ie,eff (G.107 section 7.5).
    fn equipment_impairment(&self) -> f64 {
        let (codec, robustness) = impairment(self.codec);
        let percent = (self.missing * 100.0).clamp(0.0, 100.0);
        codec + (95.0 - codec) * percent / (percent / self.bursts.max(1.0) + robustness)
    }
}

/// Idd (G.107 section 7.4): nothing up to 100 ms, then more and more.
fn delay_impairment(ms: f64) -> f64 {
    if ms <= 100.0 {
        return 0.0;
    }
    let x = (ms / 100.0).log2();
    let term = |value: f64| (1.0 + value.powi(6)).powf(1.0 / 6.0);
    25.0 * (term(x) - 3.0 * term(x / 3.0) + 2.0)
}

/// Ie and Bpl of G.113 appendix I: what the codec costs, and how well it bears loss with concealment. There are none for G.722 and Opus
/// on this scale, which ends at the telephone: they count as G.711.
fn impairment(codec: Codec) -> (f64, f64) {
    match codec {
        Codec::Pcmu | Codec::Pcma | Codec::G722 | Codec::Opus => (0.0, 25.1),
        Codec::G729 => (11.0, 19.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(missing: f64, delay_ms: f64) -> Heard {
        Heard {
            codec: Codec::Pcmu,
            missing,
            bursts: 1.0,
            delay_ms,
        }
    }

    #[test]
    fn the_scores_are_those_the_model_gives() {
        // By hand after G.107: 5 % loss take 95 * 5 / (5 + 25.1) = 15.8 from 93.2.
        assert!((heard(0.0, 50.0).score() - 4.41).abs() < 0.01);
        assert!((heard(0.05, 50.0).rating() - 77.4).abs() < 0.1);
        assert!((heard(0.05, 50.0).score() - 3.93).abs() < 0.02);
        let late = heard(0.0, 300.0).rating();
        assert!((76.0..80.0).contains(&late), "{late}");
    }

    #[test]
    fn worse_is_never_rated_better() {
        for codec in Codec::ALL {
            let mut before = f64::MAX;
            for percent in 0..=100 {
                let score = Heard {
                    codec,
                    ..heard(f64::from(percent) / 100.0, 0.0)
                }
                .score();
                assert!(score <= before && (1.0..4.5).contains(&score), "{percent}: {score}");
                before = score;
            }
        }
        assert!(
            Heard {
                bursts: 2.0,
                ..heard(0.05, 0.0)
            }
            .score()
                < heard(0.05, 0.0).score()
        );
        assert!(heard(0.0, 2000.0).score() < 2.5);
    }
}
