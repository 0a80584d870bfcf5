//! Comfort noise as the far end describes it (RFC 3389): its level, and its colour as reflection coefficients.

use crate::jitter::Decode;

/// Coefficients beyond these change nothing that can be heard.
const MOST_ORDER: usize = 12;
/// Louder than this is no comfort, in -dBov: a broken or hostile packet.
const LOUDEST: u8 = 20;
/// Noise made for one packet, in milliseconds; what follows is made up as for a pause.
const PACKET_MS: usize = 20;

/// A source of comfort noise at one sampling rate.
#[derive(Debug)]
pub(super) struct ComfortNoise {
    per_packet: usize,
    /// Standard deviation of the excitation.
    strength: f32,
    reflection: Vec<f32>,
    memory: Vec<f32>,
    dice: u32,
}

impl ComfortNoise {
    /// Quiet until the first description.
    pub(super) fn new(rate: u32) -> Self {
        ComfortNoise {
            per_packet: rate as usize * PACKET_MS / 1000,
            strength: 0.0,
            reflection: Vec::new(),
            memory: Vec::new(),
            dice: 0x2545_f491,
        }
    }

    /// Takes a description (RFC 3389 section 3).
    pub(super) fn describe(&mut self, payload: &[u8]) {
        let Some((&level, colour)) = payload.split_first() else {
            return;
        };
        let loudness = 32_767.0 * 10f32.powf(-f32::from((level & 0x7f).max(LOUDEST)) / 20.0);
        // Each octet is a coefficient between -1 and 1, 127 being none.
        let quantised = colour.iter().take(MOST_ORDER);
        self.reflection = quantised
            .map(|octet| ((f32::from(*octet) - 127.0) / 127.0).clamp(-0.98, 0.98))
            .collect();
        self.memory = vec![0.0; self.reflection.len()];
        // The filter makes louder what goes through it; the level is that of the noise as it is heard.
        let kept: f32 = self.reflection.iter().map(|k| 1.0 - k * k).product();
        self.strength = if level & 0x7f == 0x7f {
            0.0
        } else {
            loudness * kept.sqrt()
        };
    }

    /// The next sample.
    fn sample(&mut self) -> i16 {
        // Four even dice are nearly a bell.
        let mut sum = 0.0;
        for _ in 0..4 {
            self.dice = self.dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            sum += (self.dice >> 8) as f32 / 8_388_608.0 - 1.0;
        }
        let mut forward = sum * self.strength * 0.866;
        // An all-pole lattice, from the last stage to the first.
        for stage in (0..self.reflection.len()).rev() {
            let (Some(k), Some(back)) = (self.reflection.get(stage).copied(), self.memory.get(stage).copied()) else {
                continue;
            };
            forward -= k * back;
            if let Some(next) = self.memory.get_mut(stage + 1) {
                *next = k * forward + back;
            }
        }
        if let Some(first) = self.memory.first_mut() {
            *first = forward;
        }
        forward.clamp(-32_768.0, 32_767.0) as i16
    }
}

impl Decode for ComfortNoise {
    fn decode(&mut self, payload: &[u8], sound: &mut Vec<i16>) {
        self.describe(payload);
        let count = self.per_packet;
        self.conceal(count, sound);
    }

    fn conceal(&mut self, samples: usize, sound: &mut Vec<i16>) -> bool {
        sound.extend((0..samples).map(|_| self.sample()));
        true
    }

    fn is_resting(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(payload: &[u8]) -> Vec<i16> {
        let mut source = ComfortNoise::new(8000);
        let mut sound = Vec::new();
        source.decode(payload, &mut sound);
        assert_eq!(sound.len(), 160);
        sound.clear();
        source.conceal(40_000, &mut sound);
        sound
    }

    fn level(sound: &[i16]) -> f64 {
        let power = sound.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / sound.len() as f64;
        10.0 * (power / 32_767f64.powi(2)).log10()
    }

    #[test]
    fn the_level_is_the_one_described_whatever_the_colour() {
        for described in [30u8, 45, 60] {
            for colour in [&[][..], &[60, 127], &[30, 200, 100, 140]] {
                let payload = [&[described], colour].concat();
                let heard = level(&noise(&payload));
                assert!(
                    (heard + f64::from(described)).abs() < 1.5,
                    "{described} {colour:?}: {heard}"
                );
            }
        }
    }

    #[test]
    fn the_colour_is_heard() {
        // How alike neighbouring samples are.
        let likeness = |sound: &[i16]| {
            let product: f64 = sound.windows(2).map(|two| f64::from(two[0]) * f64::from(two[1])).sum();
            product / sound.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>()
        };
        assert!(likeness(&noise(&[40])).abs() < 0.05);
        // A first coefficient of -0.9 makes a low rumble, of 0.9 a hiss.
        assert!(likeness(&noise(&[40, 12])) > 0.8);
        assert!(likeness(&noise(&[40, 242])) < -0.8);
    }

    #[test]
    fn rubbish_is_never_loud() {
        for first in 0..=255u8 {
            let payload: Vec<u8> = (0..40).map(|n| first.wrapping_mul(n + 1)).collect();
            assert!(level(&noise(&payload)) < -15.0, "{first}");
        }
        assert_eq!(noise(&[127]).iter().filter(|sample| **sample != 0).count(), 0);
        assert_eq!(noise(&[]).iter().filter(|sample| **sample != 0).count(), 0);
    }
}
