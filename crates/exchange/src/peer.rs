//! Who is at the other end of a socket.
use parley_sip::Transport;
use parley_sip::endpoint::{Flow, FlowId};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

/// A transport and the far end's address: all that names a way to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Peer {
    /// How.
    pub transport: PeerTransport,
    /// Where.
    pub remote: SocketAddrV4,
}

/// The transports of the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PeerTransport {
    /// Datagrams.
    Udp,
    /// A connection, opened by either side.
    Tcp,
}

impl PeerTransport {
    pub(crate) fn sip(self) -> Transport {
        match self {
            Self::Udp => Transport::Udp,
            Self::Tcp => Transport::Tcp,
        }
    }
}

impl Peer {
    /// The number of the flow to this peer. Address and port fit into it, so nothing has to be remembered.
    pub(crate) fn id(self) -> FlowId {
        let tcp = u64::from(self.transport == PeerTransport::Tcp);
        let address = u64::from(u32::from(*self.remote.ip()));
        FlowId(tcp << 48 | address << 16 | u64::from(self.remote.port()))
    }

    pub(crate) fn of(id: FlowId) -> Self {
        // The casts cut out exactly the bits that `id` put there.
        let (address, port) = ((id.0 >> 16) as u32, id.0 as u16);
        let transport = if id.0 >> 48 & 1 == 1 {
            PeerTransport::Tcp
        } else {
            PeerTransport::Udp
        };
        Self {
            transport,
            remote: SocketAddrV4::new(Ipv4Addr::from(address), port),
        }
    }

    pub(crate) fn flow(self, here: SocketAddrV4) -> Flow {
        Flow {
            id: self.id(),
            transport: self.transport.sip(),
            local: SocketAddr::V4(here),
            remote: SocketAddr::V4(self.remote),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_flow_tells_its_peer() {
        for transport in [PeerTransport::Udp, PeerTransport::Tcp] {
            let peer = Peer {
                transport,
                remote: SocketAddrV4::new(Ipv4Addr::new(127, 0, 0, 200), 65_535),
            };
            assert_eq!(Peer::of(peer.id()), peer);
        }
    }
}
