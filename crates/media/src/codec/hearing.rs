//! What the far end may send, payload type by payload type: speech in any of the agreed codecs, and comfort noise.

use audio_codec::{CodecType, Decoder, create_decoder};

use super::g729::G729Sound;
use super::noise::ComfortNoise;
use super::opus::OpusSound;
use crate::jitter::Decode;
use crate::params::Codec;

/// Comfort noise without a word about it (RFC 3551 section 6): gateways send it although nothing was agreed.
const COMFORT_NOISE: u8 = 13;

/// What a payload type stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Speech.
    Speech(Codec),
    /// Comfort noise (RFC 3389).
    Noise,
}

/// Decodes one stream. Its payloads begin with an octet of ours, the payload type: so they stay in one order although
/// the far end changes its codec within the agreed ones.
pub(crate) struct Hearing {
    agreed: Vec<(u8, Codec)>,
    noise_payload: Option<u8>,
    /// The codec heard now.
    codec: Codec,
    decoder: Option<Box<dyn Decode + Send>>,
    noise: ComfortNoise,
    /// Comfort noise is what came last.
    resting: bool,
}

impl Hearing {
    /// `agreed` are the payload types of speech, `noise` the one of comfort noise; `codec` is expected first.
    pub(crate) fn new(agreed: &[(u8, Codec)], noise: Option<u8>, codec: Codec) -> Self {
        Hearing {
            agreed: agreed.to_vec(),
            noise_payload: noise,
            codec,
            decoder: decoder(codec),
            noise: ComfortNoise::new(codec.sampling_rate()),
            resting: false,
        }
    }

    /// What packets of this payload type mean, if anything.
    pub(crate) fn meaning(&self, payload_type: u8) -> Option<Meaning> {
        let speech = self.agreed.iter().find(|(agreed, _)| *agreed == payload_type);
        let noise = payload_type == COMFORT_NOISE || self.noise_payload == Some(payload_type);
        speech
            .map(|(_, codec)| Meaning::Speech(*codec))
            .or_else(|| noise.then_some(Meaning::Noise))
    }

    /// The payload as it goes through the jitter buffer.
    pub(crate) fn marked(payload_type: u8, payload: &[u8]) -> Vec<u8> {
        let mut marked = Vec::with_capacity(payload.len() + 1);
        marked.push(payload_type);
        marked.extend_from_slice(payload);
        marked
    }

    /// The codec heard now.
    pub(crate) fn codec(&self) -> Codec {
        self.codec
    }

    /// Hears another codec from now on.
    pub(crate) fn change(&mut self, codec: Codec) {
        if codec.sampling_rate() != self.codec.sampling_rate() {
            self.noise = ComfortNoise::new(codec.sampling_rate());
        }
        self.codec = codec;
        self.decoder = decoder(codec);
        self.resting = false;
    }

    /// Fills a pause that is over for the jitter buffer with the comfort noise described last; false leaves it silent.
    pub(crate) fn rest(&mut self, out: &mut [i16]) -> bool {
        if !self.resting {
            return false;
        }
        let mut noise = Vec::with_capacity(out.len());
        self.noise.conceal(out.len(), &mut noise);
        out.iter_mut().zip(noise).for_each(|(slot, sample)| *slot = sample);
        true
    }
}

impl Decode for Hearing {
    fn decode(&mut self, marked: &[u8], sound: &mut Vec<i16>) {
        let Some((&payload_type, payload)) = marked.split_first() else {
            return;
        };
        match self.meaning(payload_type) {
            Some(Meaning::Speech(codec)) => {
                if codec != self.codec {
                    self.change(codec);
                }
                self.resting = false;
                if let Some(decoder) = &mut self.decoder {
                    decoder.decode(payload, sound);
                }
            }
            Some(Meaning::Noise) => {
                self.resting = true;
                self.noise.decode(payload, sound);
            }
            None => {}
        }
    }

    fn recover(&mut self, marked: &[u8], samples: usize, sound: &mut Vec<i16>) -> bool {
        let Some((&payload_type, payload)) = marked.split_first() else {
            return false;
        };
        let same = self.meaning(payload_type) == Some(Meaning::Speech(self.codec));
        match &mut self.decoder {
            Some(decoder) if same && !self.resting => decoder.recover(payload, samples, sound),
            _ => false,
        }
    }

    fn conceal(&mut self, samples: usize, sound: &mut Vec<i16>) -> bool {
        if self.resting {
            return self.noise.conceal(samples, sound);
        }
        self.decoder
            .as_mut()
            .is_some_and(|decoder| decoder.conceal(samples, sound))
    }

    fn is_resting(&self) -> bool {
        self.resting || self.decoder.as_ref().is_some_and(|decoder| decoder.is_resting())
    }
}

/// `None` when libopus gives us none: nothing is heard then, which the call shows.
fn decoder(codec: Codec) -> Option<Box<dyn Decode + Send>> {
    Some(match codec {
        Codec::Opus => match OpusSound::new() {
            Ok(opus) => Box::new(opus),
            Err(why) => {
                log::error!("no Opus decoder: {why}");
                return None;
            }
        },
        Codec::G722 => Box::new(Waveform(create_decoder(CodecType::G722))),
        Codec::Pcma => Box::new(Waveform(create_decoder(CodecType::PCMA))),
        Codec::Pcmu => Box::new(Waveform(create_decoder(CodecType::PCMU))),
        Codec::G729 => Box::new(G729Sound::new()),
    })
}

/// A codec that codes samples and knows nothing of loss.
struct Waveform(Box<dyn Decoder>);

impl Decode for Waveform {
    fn decode(&mut self, payload: &[u8], sound: &mut Vec<i16>) {
        let start = sound.len();
        sound.resize(start + self.0.max_decode_samples(payload.len()), 0);
        let written = match sound.get_mut(start..) {
            Some(space) => self.0.decode_into(payload, space).unwrap_or(0),
            None => 0,
        };
        sound.truncate(start + written);
    }
}
