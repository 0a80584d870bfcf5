//! Opus (RFC 6716) in RTP (RFC 7587): mono speech at 48 kHz, with in-band redundancy as the far end's reports ask for it.

use opus::{Application, Bandwidth, Bitrate, Channels, Decoder, Encoder, Error, Signal, packet};

use super::Coded;
use crate::jitter::Decode;
use crate::params::Coding;

/// Samples a second, always: RFC 7587 section 4.1.
const RATE: u32 = 48_000;
/// Octets of the largest frame (RFC 6716 section 3.4 R2), which is room for any packet of ours.
const MOST_OCTETS: usize = 1275;
/// Samples of the longest packet: 120 ms (RFC 6716 section 3.4 R5).
const MOST_SAMPLES: usize = 5760;
/// The decoder makes sound up in multiples of 2.5 ms.
const STEP: usize = 120;
/// Loss in per cent that is prepared for before the far end has reported anything: calls often begin badly.
const LOSS_AT_FIRST: f32 = 5.0;
/// Loss in per cent that is always prepared for, so that a single lost packet can be recovered at any time.
const LOSS_AT_LEAST: f32 = 3.0;
/// More redundancy than for this loss in per cent costs more than it brings.
const LOSS_AT_MOST: f32 = 30.0;
/// A payload this short is no sound but a pause (RFC 7587 section 3.1.3).
const PAUSE_OCTETS: usize = 2;

/// What we say.
pub(super) struct OpusSpeech {
    encoder: Encoder,
    coding: Coding,
    /// The loss expected, smoothed: it rises at once and falls slowly.
    loss: f32,
    out: Vec<u8>,
}

impl OpusSpeech {
    pub(super) fn new(coding: Coding) -> Result<Self, Error> {
        let mut encoder = Encoder::new(RATE, Channels::Mono, Application::Voip)?;
        encoder.set_signal(Signal::Voice)?;
        encoder.set_complexity(9)?;
        encoder.set_vbr(!coding.constant_bitrate)?;
        encoder.set_inband_fec(coding.redundancy)?;
        encoder.set_dtx(coding.pauses)?;
        encoder.set_max_bandwidth(bandwidth(coding.most_hertz))?;
        let mut speech = OpusSpeech {
            encoder,
            coding,
            loss: LOSS_AT_FIRST,
            out: vec![0; MOST_OCTETS],
        };
        speech.tune()?;
        Ok(speech)
    }

    pub(super) fn encode(&mut self, speech: &[i16]) -> Coded {
        match self.encoder.encode(speech, &mut self.out) {
            Ok(length) if length <= PAUSE_OCTETS && self.coding.pauses => Coded::Nothing,
            Ok(length) => Coded::Speech(self.out.get(..length).unwrap_or_default().to_vec()),
            Err(why) => {
                log::debug!("Opus does not take {} samples: {why}", speech.len());
                Coded::Nothing
            }
        }
    }

    pub(super) fn expect_loss(&mut self, percent: f32) {
        let percent = percent.clamp(0.0, 100.0);
        self.loss = if percent > self.loss {
            percent
        } else {
            self.loss + (percent - self.loss) / 4.0
        };
        if let Err(why) = self.tune() {
            log::debug!("Opus keeps its settings: {why}");
        }
    }

    /// Redundancy for the loss expected, and the bits it needs.
    fn tune(&mut self) -> Result<(), Error> {
        let loss = self.loss.clamp(LOSS_AT_LEAST, LOSS_AT_MOST);
        self.encoder.set_packet_loss_perc(loss.round() as i32)?;
        self.encoder.set_bitrate(Bitrate::Bits(bitrate(self.coding, loss)))
    }

    #[cfg(test)]
    pub(super) fn settings(&mut self) -> (i32, Bitrate, Bandwidth) {
        (
            self.encoder.get_packet_loss_perc().unwrap(),
            self.encoder.get_bitrate().unwrap(),
            self.encoder.get_max_bandwidth().unwrap(),
        )
    }
}

/// Bits a second: what speech of this bandwidth needs (RFC 7587 section 3.1.1), and more while redundancy takes its share.
fn bitrate(coding: Coding, loss: f32) -> i32 {
    let speech: u32 = match coding.most_hertz {
        ..=8000 => 16_000,
        8001..=16_000 => 28_000,
        _ => 40_000,
    };
    let redundancy = if coding.redundancy {
        loss / LOSS_AT_MOST * 0.5
    } else {
        0.0
    };
    let bits = (speech as f32 * (1.0 + redundancy)) as u32;
    let bits = coding.most_bits.map_or(bits, |most| bits.min(most));
    i32::try_from(bits.clamp(6000, 510_000)).unwrap_or(40_000)
}

fn bandwidth(most_hertz: u32) -> Bandwidth {
    match most_hertz {
        ..=8000 => Bandwidth::Narrowband,
        8001..=12_000 => Bandwidth::Mediumband,
        12_001..=16_000 => Bandwidth::Wideband,
        16_001..=24_000 => Bandwidth::Superwideband,
        _ => Bandwidth::Fullband,
    }
}

/// What we hear, as mono whatever the far end sends.
pub(super) struct OpusSound {
    decoder: Decoder,
    paused: bool,
}

impl OpusSound {
    pub(super) fn new() -> Result<Self, Error> {
        Ok(OpusSound {
            decoder: Decoder::new(RATE, Channels::Mono)?,
            paused: false,
        })
    }

    /// Appends what the decoder makes of a packet, or of none, in `room` samples.
    fn append(&mut self, payload: &[u8], redundancy: bool, room: usize, sound: &mut Vec<i16>) -> bool {
        let start = sound.len();
        sound.resize(start + room, 0);
        let made = match sound.get_mut(start..) {
            Some(space) => self.decoder.decode(payload, space, redundancy),
            None => Ok(0),
        };
        sound.truncate(start + made.as_ref().copied().unwrap_or(0));
        made.is_ok_and(|made| made > 0)
    }
}

impl Decode for OpusSound {
    fn decode(&mut self, payload: &[u8], sound: &mut Vec<i16>) {
        if payload.is_empty() {
            return;
        }
        self.paused = payload.len() <= PAUSE_OCTETS;
        self.append(payload, false, MOST_SAMPLES, sound);
    }

    fn recover(&mut self, next_payload: &[u8], samples: usize, sound: &mut Vec<i16>) -> bool {
        if samples == 0 || !samples.is_multiple_of(STEP) || samples > MOST_SAMPLES || !has_redundancy(next_payload) {
            return false;
        }
        self.append(next_payload, true, samples, sound)
    }

    fn conceal(&mut self, samples: usize, sound: &mut Vec<i16>) -> bool {
        let start = sound.len();
        let mut left = samples;
        while left > 0 {
            let room = left.min(MOST_SAMPLES).next_multiple_of(STEP);
            if !self.append(&[], false, room, sound) {
                sound.truncate(start);
                return false;
            }
            left = left.saturating_sub(room);
        }
        sound.truncate(start + samples);
        true
    }

    fn is_resting(&self) -> bool {
        self.paused
    }
}

/// Whether a packet carries a coarser copy of the one before it: the flag after the voice activity of each 20 ms in the
/// header of the SILK layer (RFC 6716 section 4.2.3 and 4.2.4). Packets of the CELT layer alone never do.
fn has_redundancy(payload: &[u8]) -> bool {
    let Some(config) = payload.first().map(|toc| toc >> 3) else {
        return false;
    };
    // Configurations 0 to 11 are SILK, 12 to 15 SILK and CELT together (RFC 6716 section 3.1, table 2).
    if config >= 16 {
        return false;
    }
    let (Ok(samples), Ok(channels), Ok(packet)) = (
        packet::get_samples_per_frame(payload, RATE),
        packet::get_nb_channels(payload),
        packet::parse(payload),
    ) else {
        return false;
    };
    let Some(header) = packet.frames.first().and_then(|frame| frame.first()) else {
        return false;
    };
    let pieces = (samples / (RATE as usize / 50)).max(1);
    let middle = header >> (7 - pieces.min(7)) & 1 == 1;
    let side = channels == Channels::Stereo && pieces <= 3 && header >> (6 - 2 * pieces) & 1 == 1;
    middle || side
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Something with pitch and syllables, as the codec expects of speech.
    fn speech(packets: usize) -> Vec<Vec<i16>> {
        let sample = |n: usize| {
            let at = n as f64 / f64::from(RATE);
            let syllable = (at * 4.0 * std::f64::consts::TAU).sin().max(0.0);
            let glide = at * 130.0 + (at * 3.0).sin() * 4.0;
            let voice: f64 = (1..12)
                .map(|k| (glide * f64::from(k) * std::f64::consts::TAU).sin() / f64::from(k))
                .sum();
            (syllable * voice * 6000.0) as i16
        };
        (0..packets)
            .map(|packet| (0..960).map(|n| sample(packet * 960 + n)).collect())
            .collect()
    }

    fn coded(coding: Coding, loss: f32, packets: usize) -> Vec<Vec<u8>> {
        let mut encoder = OpusSpeech::new(coding).unwrap();
        encoder.expect_loss(loss);
        let code = |piece: Vec<i16>| match encoder.encode(&piece) {
            Coded::Speech(payload) => payload,
            other => panic!("{other:?}"),
        };
        speech(packets).into_iter().map(code).collect()
    }

    fn energy(sound: &[i16]) -> f64 {
        sound.iter().map(|sample| f64::from(*sample).powi(2)).sum()
    }

    /// How much of `wanted` is missing in `got`, 0.0 to about 1.0.
    fn difference(wanted: &[i16], got: &[i16]) -> f64 {
        let apart: f64 = wanted
            .iter()
            .zip(got)
            .map(|(wanted, got)| (f64::from(*wanted) - f64::from(*got)).powi(2))
            .sum();
        apart / energy(wanted)
    }

    #[test]
    fn a_lost_packet_is_recovered_from_the_next_one_better_than_it_can_be_made_up() {
        let packets = coded(Coding::default(), 20.0, 300);
        let (mut whole, mut recovering, mut guessing) = (
            OpusSound::new().unwrap(),
            OpusSound::new().unwrap(),
            OpusSound::new().unwrap(),
        );
        let (mut recovered, mut guessed, mut compared, mut lost) = (0.0, 0.0, 0, 0);
        for (n, packet) in packets.iter().enumerate() {
            let (mut wanted, mut with_redundancy, mut without) = (Vec::new(), Vec::new(), Vec::new());
            whole.decode(packet, &mut wanted);
            match packets.get(n + 1) {
                Some(next) if n % 7 == 6 => {
                    lost += 1;
                    assert!(guessing.conceal(960, &mut without));
                    // Only what is spoken is worth a copy.
                    if recovering.recover(next, 960, &mut with_redundancy) {
                        recovered += difference(&wanted, &with_redundancy);
                        guessed += difference(&wanted, &without);
                        compared += 1;
                    } else {
                        assert!(recovering.conceal(960, &mut with_redundancy));
                    }
                }
                _ => {
                    recovering.decode(packet, &mut with_redundancy);
                    guessing.decode(packet, &mut without);
                }
            }
            assert_eq!((wanted.len(), with_redundancy.len(), without.len()), (960, 960, 960));
        }
        assert!(compared * 3 > lost, "{compared} of {lost} lost packets had a copy");
        let (recovered, guessed) = (recovered / f64::from(compared), guessed / f64::from(compared));
        assert!(
            recovered < 0.5 * guessed,
            "recovered {recovered:.3}, guessed {guessed:.3}"
        );
    }

    #[test]
    fn without_redundancy_there_is_nothing_to_recover() {
        let plain = Coding {
            redundancy: false,
            ..Coding::default()
        };
        let mut decoder = OpusSound::new().unwrap();
        for packet in coded(plain, 20.0, 10) {
            assert!(!has_redundancy(&packet));
            let mut sound = Vec::new();
            assert!(!decoder.recover(&packet, 960, &mut sound));
            assert!(sound.is_empty());
            decoder.decode(&packet, &mut sound);
            assert_eq!(sound.len(), 960);
        }
    }

    #[test]
    fn a_gap_of_any_length_is_filled_and_fades() {
        let mut decoder = OpusSound::new().unwrap();
        let mut sound = Vec::new();
        for packet in coded(Coding::default(), 0.0, 20) {
            decoder.decode(&packet, &mut sound);
        }
        let mut made = Vec::new();
        for samples in [480, 960, 1, 119, 4800, 48_000] {
            made.clear();
            assert!(decoder.conceal(samples, &mut made));
            assert_eq!(made.len(), samples);
        }
        assert!(energy(&made) < energy(&sound) / 1000.0);
    }

    #[test]
    fn redundancy_follows_the_far_ends_reports_and_bits_stay_within_what_it_wants() {
        let mut encoder = OpusSpeech::new(Coding::default()).unwrap();
        let loss = |encoder: &mut OpusSpeech| encoder.settings().0;
        assert_eq!(loss(&mut encoder), 5);
        encoder.expect_loss(12.0);
        assert_eq!(loss(&mut encoder), 12);
        encoder.expect_loss(4.0);
        assert_eq!(loss(&mut encoder), 10, "it falls slowly");
        for _ in 0..40 {
            encoder.expect_loss(0.0);
        }
        assert_eq!(loss(&mut encoder), 3);
        encoder.expect_loss(80.0);
        assert_eq!(loss(&mut encoder), 30);
        let capped = Coding {
            most_bits: Some(20_000),
            most_hertz: 16_000,
            ..Coding::default()
        };
        let mut encoder = OpusSpeech::new(capped).unwrap();
        encoder.expect_loss(30.0);
        assert_eq!(encoder.settings(), (30, Bitrate::Bits(20_000), Bandwidth::Wideband));
    }

    #[test]
    fn a_pause_is_not_sent_where_the_far_end_likes_pauses_and_is_heard_as_rest() {
        let pausing = Coding {
            pauses: true,
            ..Coding::default()
        };
        let mut encoder = OpusSpeech::new(pausing).unwrap();
        let quiet = vec![0i16; 960];
        let sent = (0..100).filter(|_| encoder.encode(&quiet) != Coded::Nothing).count();
        assert!(sent < 40, "{sent} of 100 packets of silence were sent");
        let mut encoder = OpusSpeech::new(Coding::default()).unwrap();
        assert!((0..100).all(|_| encoder.encode(&quiet) != Coded::Nothing));

        let mut decoder = OpusSound::new().unwrap();
        assert!(!decoder.is_resting());
        let mut sound = Vec::new();
        decoder.decode(&[0x78], &mut sound);
        assert!(decoder.is_resting());
    }

    #[test]
    fn rubbish_is_silence_and_never_a_failure() {
        let mut decoder = OpusSound::new().unwrap();
        let mut dice = 7u32;
        for length in 0..600usize {
            let rubbish: Vec<u8> = (0..length % 90)
                .map(|_| {
                    dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (dice >> 24) as u8
                })
                .collect();
            let mut sound = Vec::new();
            decoder.recover(&rubbish, 960, &mut sound);
            decoder.decode(&rubbish, &mut sound);
            assert!(sound.len() <= 960 + MOST_SAMPLES);
        }
    }
}
