//! From speech to payload and back. Adding a codec touches this folder and [`crate::Codec`].
//!
//! An encoder takes what we say packet by packet and may decide that a pause needs no packet at all. What is heard goes
//! through one [`Hearing`] a stream, which knows every payload type the far end may use.

mod g729;
mod hearing;
mod noise;
mod opus;
mod silence;
#[cfg(test)]
mod tests;

use audio_codec::{CodecType, Encoder, create_encoder};

use crate::params::{Codec, Coding};

pub(crate) use hearing::{Hearing, Meaning};

/// What becomes of one packet time of speech.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Coded {
    /// A payload of the codec.
    Speech(Vec<u8>),
    /// Comfort noise (RFC 3389): the far end makes it up until something else comes.
    Noise(Vec<u8>),
    /// Nothing needs to be sent: the far end goes on with what it has.
    Nothing,
}

/// Codes what we say.
pub(crate) struct SpeechEncoder {
    kind: Kind,
    /// Finds the pauses, where comfort noise was agreed.
    silence: Option<silence::Silence>,
}

enum Kind {
    Opus(Box<opus::OpusSpeech>),
    G729(Box<g729::G729Speech>),
    Other(Box<dyn Encoder>),
    /// libopus gave us no encoder: the memory is gone. Nothing is sent, and the call shows that nothing is.
    Broken,
}

impl SpeechEncoder {
    /// An encoder for what was agreed; `noise`: pauses may be sent as comfort noise.
    pub(crate) fn new(codec: Codec, coding: Coding, noise: bool) -> Self {
        let other = |kind| Kind::Other(create_encoder(kind));
        let kind = match codec {
            Codec::Opus => match opus::OpusSpeech::new(coding) {
                Ok(opus) => Kind::Opus(Box::new(opus)),
                Err(why) => {
                    log::error!("no Opus encoder: {why}");
                    Kind::Broken
                }
            },
            Codec::G722 => other(CodecType::G722),
            Codec::Pcma => other(CodecType::PCMA),
            Codec::Pcmu => other(CodecType::PCMU),
            Codec::G729 => Kind::G729(Box::new(g729::G729Speech::new(coding.pauses))),
        };
        // Opus and G.729 have ways of their own to be quiet.
        let silence = (noise && matches!(kind, Kind::Other(_))).then(|| silence::Silence::new(codec.sampling_rate()));
        SpeechEncoder { kind, silence }
    }

    /// One packet of these samples, at the codec's sampling rate.
    pub(crate) fn encode(&mut self, speech: &[i16]) -> Coded {
        let pause = self.silence.as_mut().map(|silence| silence.judge(speech));
        match (&mut self.kind, pause) {
            // The encoder's memory follows the sound, so that speech after a pause begins as it should.
            (Kind::Other(encoder), Some(silence::Verdict::Begins(level) | silence::Verdict::Changed(level))) => {
                encoder.encode(speech);
                Coded::Noise(vec![level])
            }
            (Kind::Other(encoder), Some(silence::Verdict::GoesOn)) => {
                encoder.encode(speech);
                Coded::Nothing
            }
            (Kind::Other(encoder), _) => Coded::Speech(encoder.encode(speech)),
            (Kind::Opus(opus), _) => opus.encode(speech),
            (Kind::G729(g729), _) => g729.encode(speech),
            (Kind::Broken, _) => Coded::Nothing,
        }
    }

    /// The far end misses this share of our packets, 0 to 100: codecs with redundancy follow.
    pub(crate) fn expect_loss(&mut self, percent: f32) {
        if let Kind::Opus(opus) = &mut self.kind {
            opus.expect_loss(percent);
        }
    }
}
