//! G.729 with annex A, and the pauses of annex B (RFC 3551 section 4.5.6).

use g729_sys::{Decoder, Encoder};

use super::Coded;
use crate::jitter::Decode;

/// Samples of a frame: 10 ms.
const FRAME: usize = 80;
/// Octets of a frame of speech.
const SPEECH: usize = 10;
/// Octets of a frame that describes silence (annex B).
const QUIET: usize = 2;

/// What we say.
pub(super) struct G729Speech {
    encoder: Encoder,
}

impl G729Speech {
    /// `pauses`: the far end takes annex B.
    pub(super) fn new(pauses: bool) -> Self {
        G729Speech {
            encoder: Encoder::new(pauses),
        }
    }

    /// A packet ends with a frame of silence, as nothing may follow it; the frames after that are quiet anyway.
    pub(super) fn encode(&mut self, speech: &[i16]) -> Coded {
        let mut payload = Vec::new();
        let mut over = false;
        for piece in speech.as_chunks::<FRAME>().0 {
            let mut frame = [0; SPEECH];
            let length = usize::from(self.encoder.encode_into(piece, &mut frame));
            if !over {
                payload.extend(frame.iter().take(length));
                over = length == QUIET;
            }
        }
        if payload.is_empty() {
            Coded::Nothing
        } else {
            Coded::Speech(payload)
        }
    }
}

/// What we hear.
pub(super) struct G729Sound {
    decoder: Decoder,
    resting: bool,
}

impl G729Sound {
    pub(super) fn new() -> Self {
        G729Sound {
            decoder: Decoder::new(),
            resting: false,
        }
    }
}

impl Decode for G729Sound {
    fn decode(&mut self, payload: &[u8], sound: &mut Vec<i16>) {
        let (frames, rest) = payload.as_chunks::<SPEECH>();
        for frame in frames {
            sound.extend(self.decoder.decode(frame, false, false, false));
        }
        self.resting = rest.len() == QUIET;
        if self.resting {
            sound.extend(self.decoder.decode(rest, false, true, false));
        }
    }

    fn conceal(&mut self, samples: usize, sound: &mut Vec<i16>) -> bool {
        let end = sound.len() + samples;
        while sound.len() < end {
            sound.extend(self.decoder.decode(&[], !self.resting, self.resting, false));
        }
        sound.truncate(end);
        true
    }

    fn is_resting(&self) -> bool {
        self.resting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice(packets: usize) -> Vec<i16> {
        let sample = |n: usize| {
            let at = n as f64 / 8000.0;
            let voice: f64 = (1..8)
                .map(|k| (at * 140.0 * f64::from(k) * std::f64::consts::TAU).sin() / f64::from(k))
                .sum();
            (voice * 5000.0) as i16
        };
        (0..packets * 160).map(sample).collect()
    }

    fn energy(sound: &[i16]) -> f64 {
        sound.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / sound.len().max(1) as f64
    }

    #[test]
    fn twenty_milliseconds_are_twenty_octets_and_come_back_as_loud() {
        let (mut speech, mut sound) = (G729Speech::new(false), G729Sound::new());
        let (said, mut heard) = (voice(100), Vec::new());
        for piece in said.chunks(160) {
            let Coded::Speech(payload) = speech.encode(piece) else {
                panic!("nothing was sent")
            };
            assert_eq!(payload.len(), 20);
            sound.decode(&payload, &mut heard);
        }
        assert_eq!(heard.len(), said.len());
        let ratio = energy(&heard) / energy(&said);
        assert!((0.5..2.0).contains(&ratio), "{ratio}");
    }

    #[test]
    fn a_lost_frame_is_made_up_and_fades() {
        let (mut speech, mut sound) = (G729Speech::new(false), G729Sound::new());
        let mut heard = Vec::new();
        for piece in voice(50).chunks(160) {
            if let Coded::Speech(payload) = speech.encode(piece) {
                sound.decode(&payload, &mut heard);
            }
        }
        let (mut first, mut later) = (Vec::new(), Vec::new());
        assert!(sound.conceal(80, &mut first) && sound.conceal(1600, &mut later));
        assert_eq!((first.len(), later.len()), (80, 1600));
        assert!(energy(&first) > energy(&heard) / 20.0, "not at once silent");
        assert!(energy(&later[1200..]) < energy(&first) / 10.0);
    }

    #[test]
    fn silence_is_described_once_and_then_not_sent_where_annex_b_was_agreed() {
        let (mut speech, mut sound) = (G729Speech::new(true), G729Sound::new());
        let mut dice = 3u32;
        let mut hiss = || {
            dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((dice >> 16) % 40) as i16 - 20
        };
        let (mut kinds, mut heard) = ([0usize; 3], Vec::new());
        for n in 0..200 {
            let piece: Vec<i16> = (0..160).map(|_| hiss()).collect();
            match speech.encode(&piece) {
                Coded::Nothing => kinds[0] += 1,
                Coded::Speech(payload) => {
                    kinds[if payload.len() % 10 == 2 { 1 } else { 2 }] += 1;
                    heard.clear();
                    sound.decode(&payload, &mut heard);
                    assert!(!heard.is_empty(), "{n}");
                }
                Coded::Noise(_) => panic!("comfort noise of another kind"),
            }
        }
        assert!(kinds[0] > 100 && kinds[1] > 0, "{kinds:?}");
        let mut rest = Vec::new();
        if sound.is_resting() {
            assert!(sound.conceal(800, &mut rest));
            assert_eq!(rest.len(), 800);
        }
    }

    #[test]
    fn odd_lengths_are_taken_as_far_as_they_go() {
        let mut sound = G729Sound::new();
        for length in 0..64u8 {
            let mut heard = Vec::new();
            sound.decode(&vec![length; usize::from(length)], &mut heard);
            assert!(heard.len() <= usize::from(length) / 10 * 80 + 80);
        }
    }
}
