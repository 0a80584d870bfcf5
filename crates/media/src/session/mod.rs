//! A media session: one [`Stream`] and the [`Wire`] that carries it.
//!
//! The stream (RTP, RTCP, codecs, jitter buffer, keys) is the same whatever carries it. Plain RTP is one wire; a
//! WebRTC peer, which brings its own addresses and encryption, is another behind the same trait.

mod dtmf;
mod incoming;
mod outgoing;
mod plain;
mod rtcp;
mod source;
mod srtp;
#[cfg(test)]
mod srtp_tests;
mod stream;
mod symmetric;
#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use incoming::Rtp;
pub(crate) use plain::{PlainRtp, bind_pair};
pub(crate) use stream::{Stream, peak};

use crate::params::StreamParams;
use srtp::Srtp;

/// The two kinds of packets of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    /// Media.
    Rtp,
    /// Control.
    Rtcp,
}

/// What carries the packets of a session.
pub(crate) trait Wire: Send {
    /// Offer and answer said where the far end is.
    fn announce(&mut self, params: &StreamParams);
    /// Whether a valid packet from there belongs to this session; the wire may learn from it.
    fn accepts(&mut self, now: Instant, channel: Channel, from: SocketAddr, ssrc: u32) -> bool;
    /// Sends, or loses it as networks do.
    fn send(&mut self, channel: Channel, datagram: &[u8]);
    /// A waiting datagram; `WouldBlock` when there is none.
    fn receive(&mut self, channel: Channel, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)>;
    /// Takes the sockets off the poll.
    fn close(&mut self, registry: &mio::Registry);
}

/// The random beginnings a stream needs (RFC 3550 section 5.1), given from outside.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// Our synchronisation source.
    pub ssrc: u32,
    /// The first sequence number.
    pub sequence: u16,
    /// The first timestamp.
    pub timestamp: u32,
    /// The wall clock as NTP time.
    pub ntp: u64,
    /// Spreads the reports.
    pub seed: u64,
    /// Our name in RTCP, random too (RFC 7022).
    pub cname: String,
}

/// What a stream has to tell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum StreamEvent {
    /// The far end is heard for the first time.
    FirstPacket,
    /// The far end pressed a key.
    Digit(char),
    /// The time of a key has come that signalling carries.
    KeyDue(char),
    /// All keys are out.
    DigitsSent(usize),
    /// Nothing came for this long.
    Stalled(Duration),
    /// Something came again.
    Resumed,
}

/// What became of an RTP packet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Arrived {
    /// It belongs to nobody.
    Ignored,
    /// It counts.
    Taken {
        /// It was the first.
        first: bool,
        /// What it means.
        event: Option<StreamEvent>,
    },
}

/// Datagrams taken from one socket before others get their turn.
const BATCH: usize = 64;

/// A session from the reservation of its ports to its end.
pub(crate) struct MediaSession {
    pub(crate) muted: bool,
    pub(crate) stream: Option<Stream>,
    wire: Box<dyn Wire>,
    /// Encryption, when that was agreed.
    srtp: Option<Srtp>,
    identity: Identity,
    digits_before_start: String,
}

impl MediaSession {
    pub(crate) fn new(wire: Box<dyn Wire>, identity: Identity) -> Self {
        MediaSession {
            muted: false,
            stream: None,
            wire,
            srtp: None,
            identity,
            digits_before_start: String::new(),
        }
    }

    /// Starts, or goes on with other parameters.
    pub(crate) fn start(&mut self, now: Instant, params: StreamParams) {
        self.wire.announce(&params);
        match (&mut self.srtp, &params.encryption) {
            (Some(srtp), Some(keys)) => srtp.follow(keys.clone()),
            (srtp, keys) => *srtp = keys.clone().map(Srtp::new),
        }
        match &mut self.stream {
            Some(stream) => stream.renegotiate(now, params),
            None => {
                let mut stream = Stream::new(now, params, self.identity.clone());
                stream
                    .outgoing()
                    .push_digits(&std::mem::take(&mut self.digits_before_start));
                let first = stream.begin();
                self.stream = Some(stream);
                if let Some(first) = first {
                    self.send(Channel::Rtp, first);
                }
            }
        }
    }

    /// Queues keys, also when the stream has not started yet.
    pub(crate) fn send_digits(&mut self, digits: &str) {
        match &mut self.stream {
            Some(stream) => stream.outgoing().push_digits(digits),
            None => self.digits_before_start.push_str(digits),
        }
    }

    /// Takes what waits on a socket; `true` when there may be more.
    pub(crate) fn receive(
        &mut self,
        now: Instant,
        channel: Channel,
        buffer: &mut [u8],
        events: &mut Vec<StreamEvent>,
    ) -> bool {
        for _ in 0..BATCH {
            match self.wire.receive(channel, buffer) {
                Ok((length, from)) => {
                    if let Some(datagram) = buffer.get(..length) {
                        self.arrived(now, channel, from, datagram, events);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                // An ICMP error of an earlier packet, as Windows and Linux report it here.
                Err(error) => log::trace!("receiving: {error}"),
            }
        }
        true
    }

    fn arrived(
        &mut self,
        now: Instant,
        channel: Channel,
        from: SocketAddr,
        datagram: &[u8],
        events: &mut Vec<StreamEvent>,
    ) {
        let Some(stream) = &mut self.stream else { return };
        let is_rtcp = rtcp::is_rtcp(datagram);
        let opened;
        let datagram = match &mut self.srtp {
            None => datagram,
            Some(srtp) => {
                let kind = if is_rtcp { Channel::Rtcp } else { Channel::Rtp };
                match srtp.unprotect(kind, datagram) {
                    Some(plain) => opened = plain,
                    None => return,
                }
                opened.as_slice()
            }
        };
        if is_rtcp {
            let ssrc = match datagram {
                [_, _, _, _, a, b, c, d, ..] => u32::from_be_bytes([*a, *b, *c, *d]),
                _ => return,
            };
            // Control packets on the media port are understood (RFC 5761), but never say where control packets go.
            if self.wire.accepts(now, channel, from, ssrc) {
                stream.rtcp_arrived(now, datagram, events);
            }
            return;
        }
        let Some(rtp) = Rtp::parse(datagram) else { return };
        if channel == Channel::Rtp && stream.knows(&rtp) && self.wire.accepts(now, channel, from, rtp.ssrc()) {
            stream.rtp_arrived(now, &rtp, events);
        }
    }

    /// Sends 10 ms of speech.
    pub(crate) fn speak(&mut self, frame: &[f32; crate::resample::FRAME]) {
        if let Some(datagram) = self.stream.as_mut().and_then(|stream| stream.speak(frame)) {
            self.send(Channel::Rtp, datagram);
        }
    }

    /// What happens by itself.
    pub(crate) fn tick(&mut self, now: Instant, events: &mut Vec<StreamEvent>) {
        if let Some(report) = self.stream.as_mut().and_then(|stream| stream.tick(now, events)) {
            self.send(Channel::Rtcp, report);
        }
    }

    /// Says goodbye and closes the ports.
    pub(crate) fn stop(&mut self, now: Instant, registry: &mio::Registry) {
        if let Some(goodbye) = self.stream.as_mut().map(|stream| stream.goodbye(now)) {
            self.send(Channel::Rtcp, goodbye);
        }
        self.wire.close(registry);
    }

    /// Sends as agreed: what cannot be protected is not sent.
    fn send(&mut self, channel: Channel, packet: Vec<u8>) {
        let packet = match &mut self.srtp {
            None => Some(packet),
            Some(srtp) => srtp.protect(channel, &packet),
        };
        if let Some(packet) = packet {
            self.wire.send(channel, &packet);
        }
    }
}
