//! The half of a stream that listens: which packets count, the jitter buffer behind them, keys, and how they come.

use std::collections::VecDeque;
use std::time::Instant;

use rtc_rtp::Packet;
use rtc_shared::marshal::Unmarshal;

use super::dtmf::DigitReceiver;
use super::source::{Source, Verdict};
use super::{Arrived, StreamEvent};
use crate::codec::{Hearing, Meaning};
use crate::jitter::{Arrival, JitterBuffer, JitterStats};
use crate::params::{Codec, StreamParams};
use crate::resample::{FRAME, RATE, RateChange};

/// More octets than any packet of ours can hold are not speech.
const MOST_PAYLOAD: usize = 1500;
/// Packets in a row from a new synchronisation source before it takes the place of the old one.
const NEW_SOURCE_AFTER: u8 = 2;

/// A parsed RTP packet that may belong to the stream.
pub(crate) struct Rtp {
    packet: Packet,
}

impl Rtp {
    /// `None` for anything that is not version 2 RTP.
    pub(crate) fn parse(mut datagram: &[u8]) -> Option<Rtp> {
        let packet = Packet::unmarshal(&mut datagram).ok()?;
        (packet.header.version == 2 && packet.payload.len() <= MOST_PAYLOAD).then_some(Rtp { packet })
    }

    /// The synchronisation source.
    pub(crate) fn ssrc(&self) -> u32 {
        self.packet.header.ssrc
    }
}

/// The listening half.
pub(crate) struct Incoming {
    events: Vec<u8>,
    ssrc: Option<u32>,
    other: Option<(u32, u8)>,
    source: Option<Source>,
    /// Figures of sources that came before the present one.
    before: (u64, u64),
    jitter: JitterBuffer,
    hearing: Hearing,
    digits: DigitReceiver,
    resampler: Option<RateChange>,
    ready: VecDeque<f32>,
    piece: Vec<i16>,
    floats: Vec<f32>,
    reported: JitterStats,
}

impl Incoming {
    pub(crate) fn new(params: &StreamParams) -> Self {
        let codec = expected(params);
        let rate = codec.sampling_rate();
        Incoming {
            events: params.events.clone(),
            ssrc: None,
            other: None,
            source: None,
            before: (0, 0),
            jitter: JitterBuffer::new(rate),
            hearing: Hearing::new(&params.receive, params.noise, codec),
            digits: DigitReceiver::default(),
            resampler: RateChange::new(rate, RATE),
            ready: VecDeque::new(),
            piece: vec![0; rate as usize / 100],
            floats: Vec::new(),
            reported: JitterStats::default(),
        }
    }

    /// The codec or the direction changed; what is buffered belongs to the past.
    pub(crate) fn renegotiate(&mut self, params: &StreamParams) {
        self.events.clone_from(&params.events);
        let before = self.hearing.codec();
        self.hearing = Hearing::new(&params.receive, params.noise, expected(params));
        self.jitter.reset();
        self.ready.clear();
        self.tune(before);
    }

    /// Follows from the rates of `before` to those of the codec heard now.
    fn tune(&mut self, before: Codec) {
        let now = self.hearing.codec();
        if now.sampling_rate() != before.sampling_rate() {
            self.jitter.retune(now.sampling_rate());
            self.resampler = RateChange::new(now.sampling_rate(), RATE);
            self.piece = vec![0; now.sampling_rate() as usize / 100];
            self.ready.clear();
        }
        if let Some(source) = &mut self.source {
            source.set_rate(now.clock_rate());
        }
    }

    /// Whether the payload type was agreed, so that the packet may decide where the far end is.
    pub(crate) fn knows(&self, rtp: &Rtp) -> bool {
        let kind = rtp.packet.header.payload_type;
        self.events.contains(&kind) || self.hearing.meaning(kind).is_some()
    }

    /// A packet from the right place came.
    pub(crate) fn arrived(&mut self, now: Instant, rtp: &Rtp, listening: bool) -> Arrived {
        let header = &rtp.packet.header;
        let first = self.ssrc.is_none();
        if !self.is_from_our_source(now, rtp) {
            return Arrived::Ignored;
        }
        let rate = self.hearing.codec().clock_rate();
        let source = self
            .source
            .get_or_insert_with(|| Source::new(now, rate, header.sequence_number));
        match source.arrived(now, header.sequence_number, header.timestamp) {
            Verdict::Wild => return Arrived::Ignored,
            Verdict::Restarted => {
                self.jitter.reset();
                self.digits.reset();
            }
            Verdict::Good => {}
        }
        let mut event = first.then_some(StreamEvent::FirstPacket);
        let newest = source.is_newest(header.sequence_number);
        if self.events.contains(&header.payload_type) {
            let digit = self.digits.arrived(header.timestamp, &rtp.packet.payload);
            event = digit.map(StreamEvent::Digit).or(event);
        } else if listening && !rtp.packet.payload.is_empty() {
            self.take(now, rtp, newest);
        }
        Arrived::Taken { first, event }
    }

    /// Sound came.
    fn take(&mut self, now: Instant, rtp: &Rtp, newest: bool) {
        let header = &rtp.packet.header;
        let before = self.hearing.codec();
        match self.hearing.meaning(header.payload_type) {
            None => return,
            // Codecs of one rate go through the buffer together, in order; another rate needs another clock.
            Some(Meaning::Speech(codec)) if rates(codec) != rates(before) => {
                if !newest {
                    return;
                }
                log::debug!("the far end changed to {}", codec.name());
                self.hearing.change(codec);
                self.tune(before);
            }
            Some(_) => {}
        }
        let codec = self.hearing.codec();
        // The buffer counts samples: G.722 has two of them to each tick of its clock.
        let samples_per_tick = codec.sampling_rate() / codec.clock_rate();
        let arrival = Arrival {
            sequence: header.sequence_number,
            timestamp: header.timestamp.wrapping_mul(samples_per_tick),
            payload: &Hearing::marked(header.payload_type, &rtp.packet.payload),
        };
        self.jitter.insert(now, &arrival);
    }

    fn is_from_our_source(&mut self, now: Instant, rtp: &Rtp) -> bool {
        let ssrc = rtp.ssrc();
        match self.ssrc {
            Some(ours) if ours == ssrc => {
                self.other = None;
                true
            }
            None => {
                self.ssrc = Some(ssrc);
                true
            }
            Some(_) => {
                let seen = match self.other {
                    Some((other, seen)) if other == ssrc => seen + 1,
                    _ => 1,
                };
                self.other = Some((ssrc, seen));
                if seen < NEW_SOURCE_AFTER {
                    return false;
                }
                log::debug!("another synchronisation source took over");
                self.before = (self.received(), self.lost());
                self.source = Some(Source::new(
                    now,
                    self.hearing.codec().clock_rate(),
                    rtp.packet.header.sequence_number,
                ));
                self.ssrc = Some(ssrc);
                self.other = None;
                self.jitter.reset();
                self.digits.reset();
                true
            }
        }
    }

    /// The next 10 ms to be heard, at [`RATE`].
    pub(crate) fn hear(&mut self, now: Instant, frame: &mut [f32; FRAME]) {
        let Some(resampler) = &mut self.resampler else { return };
        // Twice is enough; the limit guards against a resampler that gives nothing.
        for _ in 0..4 {
            if self.ready.len() >= FRAME {
                break;
            }
            self.jitter.pull(now, &mut self.hearing, &mut self.piece);
            if self.piece.iter().all(|sample| *sample == 0) {
                self.hearing.rest(&mut self.piece);
            }
            self.floats.clear();
            self.floats
                .extend(self.piece.iter().map(|sample| f32::from(*sample) / 32768.0));
            resampler.process(&self.floats, &mut self.ready);
        }
        let count = self.ready.len().min(FRAME);
        for (slot, sample) in frame.iter_mut().zip(self.ready.drain(..count)) {
            *slot = sample;
        }
    }

    /// The figures for a report about the present source.
    pub(crate) fn interval(&mut self) -> Option<(u32, super::source::Interval)> {
        Some((self.ssrc?, self.source.as_mut()?.interval()))
    }

    /// Valid packets received.
    pub(crate) fn received(&self) -> u64 {
        self.before.0 + self.source.as_ref().map_or(0, Source::received)
    }

    /// Packets that never came.
    pub(crate) fn lost(&self) -> u64 {
        self.before.1 + self.source.as_ref().map_or(0, Source::lost)
    }

    /// Interarrival jitter in milliseconds.
    pub(crate) fn jitter_ms(&self) -> f32 {
        self.source.as_ref().map_or(0.0, Source::jitter_ms)
    }

    /// Counters of the jitter buffer, its fill, and the share made up since the last call.
    pub(crate) fn buffer(&mut self) -> (JitterStats, f32, f32) {
        let stats = self.jitter.stats();
        let played = stats.played.saturating_sub(self.reported.played);
        let concealed = stats.concealed.saturating_sub(self.reported.concealed);
        self.reported = stats;
        let percent = if played == 0 {
            0.0
        } else {
            concealed as f32 * 100.0 / played as f32
        };
        (stats, self.jitter.buffered_ms(), percent)
    }
}

/// The codec the far end most likely begins with.
fn expected(params: &StreamParams) -> Codec {
    params.receive.first().map_or(params.codec, |(_, codec)| *codec)
}

/// The clock and the samples of a codec.
fn rates(codec: Codec) -> (u32, u32) {
    (codec.clock_rate(), codec.sampling_rate())
}
