//! The half of a stream that speaks: coding, packets of the agreed length, and keys in between.

use std::collections::VecDeque;

use bytes::Bytes;
use rtc_rtp::Packet;
use rtc_rtp::header::Header;
use rtc_shared::marshal::Marshal;

use super::Identity;
use super::dtmf::DigitSender;
use super::rtcp::Sent;
use crate::codec::{Coded, SpeechEncoder};
use crate::params::{Codec, Keys, StreamParams};
use crate::resample::{FRAME, RATE, RateChange};
use crate::tone::{self, Beep};

/// Each of the two frequencies of a key in the speech: about -14 dB of full scale.
const KEY_LOUDNESS: f32 = 0.2;

/// The speaking half.
pub(crate) struct Outgoing {
    codec: Codec,
    ptime_ms: u32,
    payload_type: u8,
    noise_payload: Option<u8>,
    keys: Keys,
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    /// The next packet of speech is the first after a pause.
    marker: bool,
    encoder: SpeechEncoder,
    resampler: Option<RateChange>,
    /// The loss the far end reported last, for the next encoder.
    loss: Option<f32>,
    speech: VecDeque<f32>,
    digits: DigitSender,
    spoken_key: Option<(char, Beep)>,
    packets: u64,
    octets: u64,
    packets_reported: u64,
}

impl Outgoing {
    pub(crate) fn new(params: &StreamParams, identity: &Identity) -> Self {
        Outgoing {
            codec: params.codec,
            ptime_ms: params.codec.packet_ms(params.ptime_ms),
            payload_type: params.payload_type,
            noise_payload: params.noise,
            keys: params.keys,
            ssrc: identity.ssrc,
            sequence: identity.sequence,
            timestamp: identity.timestamp,
            marker: true,
            encoder: SpeechEncoder::new(params.codec, params.coding, params.noise.is_some()),
            resampler: RateChange::new(RATE, params.codec.sampling_rate()),
            loss: None,
            speech: VecDeque::new(),
            digits: DigitSender::new(),
            spoken_key: None,
            packets: 0,
            octets: 0,
            packets_reported: 0,
        }
    }

    /// Other parameters from now on; numbering goes on. A key that sounds goes on too.
    pub(crate) fn renegotiate(&mut self, params: &StreamParams, before: &StreamParams) {
        self.ptime_ms = params.codec.packet_ms(params.ptime_ms);
        self.payload_type = params.payload_type;
        self.noise_payload = params.noise;
        self.keys = params.keys;
        let coded = |params: &StreamParams| (params.codec, params.coding, params.noise.is_some());
        if coded(params) == coded(before) {
            return;
        }
        self.encoder = SpeechEncoder::new(params.codec, params.coding, params.noise.is_some());
        if let Some(percent) = self.loss {
            self.encoder.expect_loss(percent);
        }
        if params.codec != before.codec {
            // The first packet after a change begins something (RFC 3551 section 4.1).
            self.marker = true;
        }
        if params.codec.sampling_rate() != self.codec.sampling_rate() {
            self.resampler = RateChange::new(RATE, params.codec.sampling_rate());
            self.speech.clear();
        }
        self.codec = params.codec;
    }

    /// The far end misses this share of our packets, 0 to 100.
    pub(crate) fn expect_loss(&mut self, percent: f32) {
        self.loss = Some(percent);
        self.encoder.expect_loss(percent);
    }

    /// Queues keys.
    pub(crate) fn push_digits(&mut self, digits: &str) {
        self.digits.push(digits);
    }

    /// The key sounding now.
    pub(crate) fn key(&self) -> Option<char> {
        self.digits.sounding()
    }

    /// The key whose time has come, where signalling carries keys.
    pub(crate) fn key_due(&mut self) -> Option<char> {
        let key = self.digits.begun();
        if self.keys == Keys::Signalling { key } else { None }
    }

    /// Where keys go as tones, puts the key sounding now into the speech itself, in place of the voice.
    pub(crate) fn key_into_speech(&mut self, frame: &mut [f32; FRAME]) {
        let key = if self.keys == Keys::Speech { self.key() } else { None };
        if key != self.spoken_key.as_ref().map(|(key, _)| *key) {
            self.spoken_key = key.and_then(|key| Some((key, tone::key(key)?.at_loudness(KEY_LOUDNESS))));
        }
        if let Some((_, beep)) = &mut self.spoken_key {
            frame.fill(0.0);
            beep.mix(frame);
        }
    }

    /// How many keys went out since the last call, once all are out.
    pub(crate) fn digits_finished(&mut self) -> Option<usize> {
        self.digits.finished()
    }

    /// 10 ms at [`RATE`]; `Some` when a packet is full.
    pub(crate) fn speak(&mut self, frame: &[f32; FRAME]) -> Option<Vec<u8>> {
        let Some(resampler) = &mut self.resampler else {
            return None;
        };
        resampler.process(frame, &mut self.speech);
        self.packet_if_full()
    }

    /// The first packet, of silence, at once: the way through every router between us is open before anybody speaks, and the far end
    /// hears that we are there. What is said from now on follows in its time.
    pub(crate) fn begin(&mut self) -> Option<Vec<u8>> {
        let samples = self.packet_samples();
        self.speech.extend(std::iter::repeat_n(0.0, samples));
        self.packet_if_full()
    }

    fn packet_samples(&self) -> usize {
        (self.codec.sampling_rate() * self.ptime_ms / 1000) as usize
    }

    fn packet_if_full(&mut self) -> Option<Vec<u8>> {
        let samples = self.packet_samples();
        if self.speech.len() < samples {
            return None;
        }
        let to_wire = |sample: f32| (sample * 32768.0).clamp(-32768.0, 32767.0) as i16;
        let speech: Vec<i16> = self.speech.drain(..samples).map(to_wire).collect();
        let rate = match self.keys {
            Keys::Events { rate, .. } => rate,
            _ => self.codec.clock_rate(),
        };
        let event = self.digits.step(self.timestamp, self.ptime_ms, rate);
        let datagram = match (event, self.keys) {
            (Some(event), Keys::Events { payload_type, .. }) => {
                self.packet(payload_type, event.marker, event.timestamp, &event.payload)
            }
            _ => self.speech_packet(&speech),
        };
        let passed = self.codec.clock_rate() / 1000 * self.ptime_ms;
        self.timestamp = self.timestamp.wrapping_add(passed);
        datagram
    }

    fn speech_packet(&mut self, speech: &[i16]) -> Option<Vec<u8>> {
        match (self.encoder.encode(speech), self.noise_payload) {
            (Coded::Speech(payload), _) => {
                let marker = std::mem::take(&mut self.marker);
                self.packet(self.payload_type, marker, self.timestamp, &payload)
            }
            (Coded::Noise(payload), Some(kind)) => {
                // Speech that follows begins anew (RFC 3389 section 4).
                self.marker = true;
                self.packet(kind, false, self.timestamp, &payload)
            }
            _ => {
                self.marker = true;
                None
            }
        }
    }

    /// This much time passed without a packet; what comes next is the beginning of something.
    pub(crate) fn pause(&mut self, ms: u32) {
        self.timestamp = self.timestamp.wrapping_add(self.codec.clock_rate() / 1000 * ms);
        self.speech.clear();
        self.marker = true;
    }

    /// RTP packets sent.
    pub(crate) fn packets(&self) -> u64 {
        self.packets
    }

    /// What a sender report says; `None` when nothing was sent since the last one.
    pub(crate) fn report(&mut self) -> Option<Sent> {
        let news = self.packets != self.packets_reported;
        self.packets_reported = self.packets;
        news.then_some(Sent {
            packets: self.packets,
            octets: self.octets,
            timestamp: self.timestamp,
        })
    }

    fn packet(&mut self, payload_type: u8, marker: bool, timestamp: u32, payload: &[u8]) -> Option<Vec<u8>> {
        let header = Header {
            version: 2,
            marker,
            payload_type,
            sequence_number: self.sequence,
            timestamp,
            ssrc: self.ssrc,
            ..Header::default()
        };
        self.sequence = self.sequence.wrapping_add(1);
        let datagram = Packet {
            header,
            payload: Bytes::copy_from_slice(payload),
        }
        .marshal()
        .ok()?;
        self.packets += 1;
        self.octets += payload.len() as u64;
        Some(datagram.to_vec())
    }
}
