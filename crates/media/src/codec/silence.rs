//! Finds the pauses in what we say, for comfort noise (RFC 3389). Careful: a pause taken for speech costs some octets,
//! speech taken for a pause costs a word.

/// So much above the room's own noise is speech, in decibels.
const ABOVE_FLOOR: f32 = 8.0;
/// Louder than this is speech whatever the room sounds like, in dBov.
const SURELY_SPEECH: f32 = -35.0;
/// Nothing quieter than this is speech, in dBov.
const SURELY_QUIET: f32 = -65.0;
/// Speech goes on for this long after the last loud piece: word ends are soft.
const HANGOVER_MS: u32 = 300;
/// The noise is described again after this long.
const AGAIN_MS: u32 = 1000;
/// A change of the level by this much is described at once, in decibels.
const CHANGE: f32 = 4.0;
/// The floor rises by so many decibels a second: the room became louder.
const RISE: f32 = 2.0;
/// The quietest that can be said, in -dBov.
const QUIETEST: u8 = 127;

/// What one packet time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// To be sent as it is.
    Speech,
    /// A pause begins, with noise of this level in -dBov.
    Begins(u8),
    /// The pause goes on, and its noise has to be described again.
    Changed(u8),
    /// The pause goes on.
    GoesOn,
}

/// The ear for pauses.
#[derive(Debug)]
pub(super) struct Silence {
    rate: u32,
    /// The room's own noise in dBov.
    floor: f32,
    /// Milliseconds since the last loud piece.
    quiet_ms: u32,
    /// In a pause: the level told last, and how long ago.
    told: Option<(f32, u32)>,
}

impl Silence {
    pub(super) fn new(rate: u32) -> Self {
        Silence {
            rate,
            floor: -50.0,
            quiet_ms: 0,
            told: None,
        }
    }

    /// Judges one packet time of sound.
    pub(super) fn judge(&mut self, sound: &[i16]) -> Verdict {
        let ms = u32::try_from(sound.len()).unwrap_or(0) * 1000 / self.rate.max(1);
        let level = level(sound);
        let loud = level > SURELY_SPEECH || (level > SURELY_QUIET && level > self.floor + ABOVE_FLOOR);
        // Down at once, up slowly: speech does not lift the floor within a sentence.
        self.floor = level.min(self.floor + RISE * ms as f32 / 1000.0).max(-127.0);
        self.quiet_ms = if loud { 0 } else { self.quiet_ms.saturating_add(ms) };
        if self.quiet_ms < HANGOVER_MS {
            self.told = None;
            return Verdict::Speech;
        }
        let spoken = (-level).round().clamp(0.0, f32::from(QUIETEST)) as u8;
        match self.told {
            None => {
                self.told = Some((level, 0));
                Verdict::Begins(spoken)
            }
            Some((before, ago)) if ago >= AGAIN_MS || (before - level).abs() >= CHANGE => {
                self.told = Some((level, ms));
                Verdict::Changed(spoken)
            }
            Some((before, ago)) => {
                self.told = Some((before, ago + ms));
                Verdict::GoesOn
            }
        }
    }
}

/// dBov: decibels below the loudest square wave.
fn level(sound: &[i16]) -> f32 {
    let power = sound.iter().map(|sample| f32::from(*sample).powi(2)).sum::<f32>() / sound.len().max(1) as f32;
    (10.0 * (power / 32_767f32.powi(2)).max(1e-13).log10()).max(-127.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 20 ms of noise this loud, in -dBov.
    fn noise(dice: &mut u32, level: f32) -> Vec<i16> {
        let peak = 32_767.0 * 10f32.powf(-level / 20.0) * 1.732;
        (0..160)
            .map(|_| {
                *dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (((*dice >> 8) as f32 / 8_388_608.0 - 1.0) * peak) as i16
            })
            .collect()
    }

    fn judge(levels: impl IntoIterator<Item = (usize, f32)>) -> Vec<Verdict> {
        let (mut ear, mut dice) = (Silence::new(8000), 1);
        let mut verdicts = Vec::new();
        for (packets, level) in levels {
            verdicts.extend((0..packets).map(|_| ear.judge(&noise(&mut dice, level))));
        }
        verdicts
    }

    #[test]
    fn a_pause_begins_after_the_word_has_died_away_and_its_noise_is_told_at_times() {
        let verdicts = judge([(50, 25.0), (200, 60.0)]);
        assert!(verdicts[..50].iter().all(|verdict| *verdict == Verdict::Speech));
        let begins = verdicts
            .iter()
            .position(|verdict| matches!(verdict, Verdict::Begins(_)))
            .unwrap();
        assert!((60..70).contains(&begins), "{begins}");
        let Verdict::Begins(level) = verdicts[begins] else {
            panic!()
        };
        assert!((57..=63).contains(&level), "{level}");
        let told = verdicts[begins + 1..]
            .iter()
            .filter(|verdict| matches!(verdict, Verdict::Changed(_)))
            .count();
        assert!((2..=8).contains(&told), "{told}");
    }

    #[test]
    fn the_first_packet_of_a_word_is_sent() {
        let verdicts = judge([(100, 62.0), (10, 40.0)]);
        assert_eq!(verdicts[99], Verdict::GoesOn);
        assert!(verdicts[100..].iter().all(|verdict| *verdict == Verdict::Speech));
    }

    #[test]
    fn soft_speech_between_loud_words_is_never_cut() {
        let verdicts = judge([(100, 62.0), (10, 25.0), (8, 48.0), (10, 28.0), (10, 50.0)]);
        assert!(verdicts[100..].iter().all(|verdict| *verdict == Verdict::Speech));
    }

    #[test]
    fn a_microphone_that_is_off_is_the_quietest_pause() {
        let (mut ear, quiet) = (Silence::new(16_000), [0i16; 320]);
        let verdicts: Vec<Verdict> = (0..60).map(|_| ear.judge(&quiet)).collect();
        assert!(verdicts.contains(&Verdict::Begins(127)));
    }
}
