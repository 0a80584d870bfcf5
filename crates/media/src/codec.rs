//! From speech to payload and back. Adding a codec touches this file and [`crate::Codec`].

use audio_codec::{CodecType, Decoder, Encoder, create_decoder, create_encoder};

use crate::jitter::Decode;
use crate::params::Codec;

/// Codes what we say.
pub(crate) struct SpeechEncoder {
    inner: Box<dyn Encoder>,
}

/// Decodes what we hear; several in one session when the far end changes its codec within the agreed ones.
pub(crate) struct SpeechDecoder {
    inner: Box<dyn Decoder>,
}

fn kind(codec: Codec) -> CodecType {
    match codec {
        Codec::Pcmu => CodecType::PCMU,
        Codec::Pcma => CodecType::PCMA,
    }
}

impl SpeechEncoder {
    pub(crate) fn new(codec: Codec) -> Self {
        SpeechEncoder {
            inner: create_encoder(kind(codec)),
        }
    }

    /// The payload of these samples.
    pub(crate) fn encode(&mut self, speech: &[i16]) -> Vec<u8> {
        self.inner.encode(speech)
    }
}

impl SpeechDecoder {
    pub(crate) fn new(codec: Codec) -> Self {
        SpeechDecoder {
            inner: create_decoder(kind(codec)),
        }
    }
}

impl Decode for SpeechDecoder {
    fn decode(&mut self, payload: &[u8], sound: &mut Vec<i16>) {
        let start = sound.len();
        sound.resize(start + self.inner.max_decode_samples(payload.len()), 0);
        let written = match sound.get_mut(start..) {
            Some(space) => self.inner.decode_into(payload, space).unwrap_or(0),
            None => 0,
        };
        sound.truncate(start + written);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g711_round_trips_within_its_own_step() {
        for codec in [Codec::Pcmu, Codec::Pcma] {
            let speech: Vec<i16> = (-160..160).map(|n| n * 200).collect();
            let payload = SpeechEncoder::new(codec).encode(&speech);
            assert_eq!(payload.len(), speech.len());
            let mut back = Vec::new();
            SpeechDecoder::new(codec).decode(&payload, &mut back);
            for (before, after) in speech.iter().zip(&back) {
                let step = (i32::from(*before).abs() / 16).max(16);
                assert!(
                    (i32::from(*before) - i32::from(*after)).abs() <= step,
                    "{before} {after}"
                );
            }
        }
    }

    #[test]
    fn silence_has_the_well_known_octets() {
        assert_eq!(SpeechEncoder::new(Codec::Pcmu).encode(&[0]), [0xff]);
        assert_eq!(SpeechEncoder::new(Codec::Pcma).encode(&[0]), [0xd5]);
    }
}
