//! One audio stream, both ways, without a socket and without a clock: shared by everything that carries RTP.

use std::time::{Duration, Instant};

use super::incoming::{Incoming, Rtp};
use super::outgoing::Outgoing;
use super::rtcp::Rtcp;
use super::{Arrived, Identity, StreamEvent};
use crate::estimate::Heard;
use crate::event::Stats;
use crate::params::StreamParams;
use crate::resample::FRAME;

/// Silence of the network for this long is worth a word.
const STALLED_AFTER: Duration = Duration::from_secs(3);

/// What microphone, loudspeaker and our own steps add to the delay, in milliseconds.
const DEVICES_MS: f64 = 50.0;

/// Everything of a session that does not depend on how packets travel.
pub(crate) struct Stream {
    params: StreamParams,
    incoming: Incoming,
    outgoing: Outgoing,
    rtcp: Rtcp,
    last_heard: Instant,
    stalled: bool,
    /// Received and lost at the last figures, for the share lost in between.
    before: (u64, u64),
    level_in: f32,
    level_out: f32,
}

impl Stream {
    pub(crate) fn new(now: Instant, params: StreamParams, identity: Identity) -> Self {
        Stream {
            incoming: Incoming::new(&params),
            outgoing: Outgoing::new(&params, &identity),
            rtcp: Rtcp::new(now, identity.ntp, identity.ssrc, identity.cname, identity.seed),
            params,
            last_heard: now,
            stalled: false,
            before: (0, 0),
            level_in: 0.0,
            level_out: 0.0,
        }
    }

    /// Other parameters from now on.
    pub(crate) fn renegotiate(&mut self, now: Instant, params: StreamParams) {
        if params.direction.receives() && !self.params.direction.receives() {
            self.last_heard = now;
        }
        let heard = |params: &StreamParams| {
            let (receive, events) = (params.receive.clone(), params.events.clone());
            (receive, events, params.noise, params.direction.receives())
        };
        if heard(&params) != heard(&self.params) {
            self.incoming.renegotiate(&params);
        }
        self.outgoing.renegotiate(&params, &self.params);
        self.params = params;
    }

    pub(crate) fn params(&self) -> &StreamParams {
        &self.params
    }

    pub(crate) fn outgoing(&mut self) -> &mut Outgoing {
        &mut self.outgoing
    }

    /// Whether this packet may decide where the far end is.
    pub(crate) fn knows(&self, rtp: &Rtp) -> bool {
        self.incoming.knows(rtp)
    }

    /// A packet from the far end.
    pub(crate) fn rtp_arrived(&mut self, now: Instant, rtp: &Rtp, events: &mut Vec<StreamEvent>) {
        match self.incoming.arrived(now, rtp, self.params.direction.receives()) {
            Arrived::Ignored => {}
            Arrived::Taken { first, event } => {
                if first && event != Some(StreamEvent::FirstPacket) {
                    events.push(StreamEvent::FirstPacket);
                }
                events.extend(event);
                self.heard(now, events);
            }
        }
    }

    /// A control packet from the far end; `false` when it is none.
    pub(crate) fn rtcp_arrived(&mut self, now: Instant, datagram: &[u8], events: &mut Vec<StreamEvent>) -> bool {
        match self.rtcp.arrived(now, datagram) {
            None => false,
            Some(heard) => {
                if heard.bye {
                    log::debug!("the far end said goodbye to its stream");
                }
                if let Some(percent) = self.rtcp.remote_loss_percent() {
                    self.outgoing.expect_loss(percent);
                }
                self.heard(now, events);
                true
            }
        }
    }

    /// The packet with which the stream begins.
    pub(crate) fn begin(&mut self) -> Option<Vec<u8>> {
        self.params.direction.sends().then(|| self.outgoing.begin()).flatten()
    }

    /// 10 ms to say; `Some` is a packet to send.
    pub(crate) fn speak(&mut self, frame: &[f32; FRAME]) -> Option<Vec<u8>> {
        if !self.params.direction.sends() {
            self.outgoing.pause(10);
            return None;
        }
        self.level_in = peak(frame).max(self.level_in);
        self.outgoing.speak(frame)
    }

    /// The 10 ms to hear now.
    pub(crate) fn hear(&mut self, now: Instant, frame: &mut [f32; FRAME]) {
        frame.fill(0.0);
        if self.params.direction.receives() {
            self.incoming.hear(now, frame);
            self.level_out = peak(frame).max(self.level_out);
        }
    }

    /// What happens by itself: a report that is due, a far end that fell silent.
    pub(crate) fn tick(&mut self, now: Instant, events: &mut Vec<StreamEvent>) -> Option<Vec<u8>> {
        if let Some(digit) = self.outgoing.key_due() {
            events.push(StreamEvent::KeyDue(digit));
        }
        if let Some(count) = self.outgoing.digits_finished() {
            events.push(StreamEvent::DigitsSent(count));
        }
        let silent_for = now.saturating_duration_since(self.last_heard);
        if self.params.direction.receives() && !self.stalled && silent_for >= STALLED_AFTER {
            self.stalled = true;
            events.push(StreamEvent::Stalled(silent_for));
        }
        self.rtcp
            .is_due(now)
            .then(|| self.rtcp.report(now, self.outgoing.report(), self.incoming.interval()))
    }

    /// The last control packet.
    pub(crate) fn goodbye(&mut self, now: Instant) -> Vec<u8> {
        self.rtcp.goodbye(now, self.outgoing.report(), self.incoming.interval())
    }

    /// The figures; levels and shares since the last call.
    pub(crate) fn stats(&mut self) -> Stats {
        let (received, lost) = (self.incoming.received(), self.incoming.lost());
        let got = received.saturating_sub(self.before.0) as f32;
        let missed = lost.saturating_sub(self.before.1) as f32;
        self.before = (received, lost);
        let (buffer, buffer_ms, concealed_percent) = self.incoming.buffer();
        let round_trip_ms = self.rtcp.round_trip().map(|trip| trip.as_secs_f32() * 1000.0);
        let packet = f64::from(self.params.codec.sampling_rate()) * f64::from(self.params.ptime_ms) / 1000.0;
        let missing = buffer.concealed as f64 / buffer.played.max(1) as f64;
        // Mean length of the gaps by what it would be if each packet had its own luck (G.107 section 7.5).
        let bursts = buffer.concealed as f64 / packet.max(1.0) / buffer.gaps.max(1) as f64 * (1.0 - missing);
        let heard = Heard {
            codec: self.params.codec,
            missing,
            bursts,
            delay_ms: f64::from(round_trip_ms.unwrap_or_default() / 2.0 + buffer_ms)
                + f64::from(self.params.ptime_ms)
                + DEVICES_MS,
        };
        Stats {
            codec: self.params.codec,
            sent: self.outgoing.packets(),
            received,
            lost,
            late: buffer.late,
            loss_percent: if got + missed > 0.0 {
                missed * 100.0 / (got + missed)
            } else {
                0.0
            },
            remote_loss_percent: self.rtcp.remote_loss_percent(),
            jitter_ms: self.incoming.jitter_ms(),
            round_trip_ms,
            buffer_ms,
            concealed_percent,
            made_up_percent: (missing * 100.0) as f32,
            mos: heard.score() as f32,
            level_in: std::mem::take(&mut self.level_in),
            level_out: std::mem::take(&mut self.level_out),
        }
    }

    fn heard(&mut self, now: Instant, events: &mut Vec<StreamEvent>) {
        self.last_heard = now;
        if std::mem::take(&mut self.stalled) {
            events.push(StreamEvent::Resumed);
        }
    }
}

/// The loudest sample.
pub(crate) fn peak(frame: &[f32]) -> f32 {
    frame
        .iter()
        .fold(0.0f32, |peak, sample| peak.max(sample.abs()))
        .min(1.0)
}
