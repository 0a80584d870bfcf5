//! The half of a stream that speaks: coding, packets of the agreed length, and keys in between.

use std::collections::VecDeque;

use bytes::Bytes;
use rtc_rtp::Packet;
use rtc_rtp::header::Header;
use rtc_shared::marshal::Marshal;

use super::Identity;
use super::dtmf::DigitSender;
use super::rtcp::Sent;
use crate::codec::SpeechEncoder;
use crate::params::StreamParams;
use crate::resample::{FRAME, RATE, Resampler};
use crate::tone::{self, Beep};

/// Each of the two frequencies of a key in the speech: about -14 dB of full scale.
const KEY_LOUDNESS: f32 = 0.2;

/// The speaking half.
pub(crate) struct Outgoing {
    rate: u32,
    ptime_ms: u32,
    payload_type: u8,
    dtmf_payload: Option<u8>,
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    /// The next packet of speech is the first after a pause.
    marker: bool,
    encoder: SpeechEncoder,
    resampler: Option<Resampler>,
    speech: VecDeque<f32>,
    digits: DigitSender,
    spoken_key: Option<(char, Beep)>,
    packets: u64,
    octets: u64,
    packets_reported: u64,
}

impl Outgoing {
    pub(crate) fn new(params: &StreamParams, identity: &Identity) -> Self {
        let rate = params.codec.clock_rate();
        Outgoing {
            rate,
            ptime_ms: packet_time(params),
            payload_type: params.payload_type,
            dtmf_payload: params.dtmf_payload,
            ssrc: identity.ssrc,
            sequence: identity.sequence,
            timestamp: identity.timestamp,
            marker: true,
            encoder: SpeechEncoder::new(params.codec),
            resampler: Resampler::new(RATE, rate),
            speech: VecDeque::new(),
            digits: DigitSender::new(),
            spoken_key: None,
            packets: 0,
            octets: 0,
            packets_reported: 0,
        }
    }

    /// Other parameters from now on; numbering goes on.
    pub(crate) fn renegotiate(&mut self, params: &StreamParams) {
        self.ptime_ms = packet_time(params);
        self.payload_type = params.payload_type;
        self.dtmf_payload = params.dtmf_payload;
        self.encoder = SpeechEncoder::new(params.codec);
    }

    /// Queues keys.
    pub(crate) fn push_digits(&mut self, digits: &str) {
        self.digits.push(digits);
    }

    /// The key sounding now.
    pub(crate) fn key(&self) -> Option<char> {
        self.digits.sounding()
    }

    /// For want of telephone events, puts the key sounding now into the speech itself, in place of the voice.
    pub(crate) fn key_into_speech(&mut self, frame: &mut [f32; FRAME]) {
        let key = if self.dtmf_payload.is_some() { None } else { self.key() };
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
        let samples = self.rate * self.ptime_ms / 1000;
        self.speech.extend(std::iter::repeat_n(0.0, samples as usize));
        self.packet_if_full()
    }

    fn packet_if_full(&mut self) -> Option<Vec<u8>> {
        let samples = self.rate * self.ptime_ms / 1000;
        if self.speech.len() < samples as usize {
            return None;
        }
        let to_wire = |sample: f32| (sample * 32768.0).clamp(-32768.0, 32767.0) as i16;
        let speech: Vec<i16> = self.speech.drain(..samples as usize).map(to_wire).collect();
        let event = self.digits.step(self.timestamp, samples, self.rate);
        let datagram = match (event, self.dtmf_payload) {
            (Some(event), Some(kind)) => self.packet(kind, event.marker, event.timestamp, &event.payload),
            _ => {
                let payload = self.encoder.encode(&speech);
                let marker = std::mem::take(&mut self.marker);
                self.packet(self.payload_type, marker, self.timestamp, &payload)
            }
        };
        self.timestamp = self.timestamp.wrapping_add(samples);
        datagram
    }

    /// This much time passed without a packet; what comes next is the beginning of something.
    pub(crate) fn pause(&mut self, ms: u32) {
        self.timestamp = self.timestamp.wrapping_add(self.rate / 1000 * ms);
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

/// Whole steps of 10 ms, within reason.
fn packet_time(params: &StreamParams) -> u32 {
    (u32::from(params.ptime_ms) / 10 * 10).clamp(10, 60)
}
