//! Ordinary RTP over a pair of UDP ports: RTP on the even one, RTCP on the next (RFC 3550 section 11).

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Instant;

use super::symmetric::Latch;
use super::{Channel, Wire};
use crate::params::StreamParams;

/// The ports tried, even ones only: below the ephemeral ranges, above what is usually taken.
const PORTS: std::ops::Range<u16> = 16_384..32_766;
/// How many pairs are tried before giving up.
const TRIES: usize = 64;

/// Binds a free pair on exactly this address; `random` says where to look.
pub(crate) fn bind_pair(local: IpAddr, mut random: impl FnMut() -> u32) -> io::Result<(UdpSocket, UdpSocket)> {
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..TRIES {
        let pairs = u32::from((PORTS.end - PORTS.start) / 2);
        let port = PORTS.start + u16::try_from(random() % pairs).unwrap_or(0) * 2;
        match (UdpSocket::bind((local, port)), UdpSocket::bind((local, port + 1))) {
            (Ok(rtp), Ok(rtcp)) => return Ok((rtp, rtcp)),
            (Err(error), _) | (_, Err(error)) if error.kind() == io::ErrorKind::AddrNotAvailable => return Err(error),
            (Err(error), _) | (_, Err(error)) => last = error,
        }
    }
    Err(last)
}

/// The two sockets and where they send.
pub(crate) struct PlainRtp {
    rtp: mio::net::UdpSocket,
    rtcp: mio::net::UdpSocket,
    rtp_latch: Option<Latch>,
    rtcp_latch: Option<Latch>,
}

impl PlainRtp {
    /// Takes over a bound pair and reports its packets under these two tokens.
    pub(crate) fn new(
        (rtp, rtcp): (UdpSocket, UdpSocket),
        registry: &mio::Registry,
        tokens: (mio::Token, mio::Token),
    ) -> io::Result<Self> {
        rtp.set_nonblocking(true)?;
        rtcp.set_nonblocking(true)?;
        let mut rtp = mio::net::UdpSocket::from_std(rtp);
        let mut rtcp = mio::net::UdpSocket::from_std(rtcp);
        registry.register(&mut rtp, tokens.0, mio::Interest::READABLE)?;
        registry.register(&mut rtcp, tokens.1, mio::Interest::READABLE)?;
        Ok(PlainRtp {
            rtp,
            rtcp,
            rtp_latch: None,
            rtcp_latch: None,
        })
    }

    fn latch(&mut self, channel: Channel) -> Option<&mut Latch> {
        match channel {
            Channel::Rtp => self.rtp_latch.as_mut(),
            Channel::Rtcp => self.rtcp_latch.as_mut(),
        }
    }
}

impl Wire for PlainRtp {
    fn announce(&mut self, params: &StreamParams) {
        for (latch, address) in [
            (&mut self.rtp_latch, params.remote),
            (&mut self.rtcp_latch, params.remote_rtcp),
        ] {
            match latch {
                Some(latch) => latch.announce(address),
                None => *latch = Some(Latch::new(address)),
            }
        }
    }

    fn accepts(&mut self, now: Instant, channel: Channel, from: SocketAddr, ssrc: u32) -> bool {
        self.latch(channel).is_some_and(|latch| latch.accepts(now, from, ssrc))
    }

    fn send(&mut self, channel: Channel, datagram: &[u8]) {
        let Some(to) = self.latch(channel).and_then(|latch| latch.destination()) else {
            return;
        };
        let socket = match channel {
            Channel::Rtp => &self.rtp,
            Channel::Rtcp => &self.rtcp,
        };
        // A refused or unreachable far end shows as silence; the call's signalling decides what follows.
        if let Err(error) = socket.send_to(datagram, to) {
            log::trace!("a packet was not sent: {error}");
        }
    }

    fn receive(&mut self, channel: Channel, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        match channel {
            Channel::Rtp => self.rtp.recv_from(buffer),
            Channel::Rtcp => self.rtcp.recv_from(buffer),
        }
    }

    fn close(&mut self, registry: &mio::Registry) {
        for socket in [&mut self.rtp, &mut self.rtcp] {
            if let Err(error) = registry.deregister(socket) {
                log::debug!("closing a media port: {error}");
            }
        }
    }
}
