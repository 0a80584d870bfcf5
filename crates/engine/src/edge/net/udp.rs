//! UDP: one socket for each of our addresses, a flow for each far end on it.
use super::{Raw, transport_error};
use parley_sip::Transport;
use parley_sip::endpoint::{Flow, FlowId, TransportError};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::UdpSocket;
use tokio::sync::{Semaphore, mpsc};

/// Flows remembered, at most; strangers push out strangers.
const FLOWS: usize = 4096;
/// Datagrams that wait for the system, at most.
const WAITING: usize = 256;
/// A datagram is never longer.
const DATAGRAM: usize = 65_535;

/// One of our sockets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SocketId(usize);

struct Socket {
    socket: Arc<UdpSocket>,
    /// Bound on this address; unspecified only when asked to listen so.
    bound: SocketAddr,
    /// The person wants to be reached there; it stays, whatever address comes and goes.
    asked_for: bool,
    reader: tokio::task::AbortHandle,
}

/// All UDP sockets and flows.
pub(crate) struct UdpSockets {
    sockets: BTreeMap<SocketId, Socket>,
    last: usize,
    by_pair: HashMap<(SocketId, SocketAddr), FlowId>,
    flows: HashMap<FlowId, (SocketId, Flow)>,
    /// Flows nobody asked for, oldest first.
    strangers: VecDeque<FlowId>,
    /// Places for datagrams that wait for the system.
    waiting: Arc<Semaphore>,
    reports: mpsc::Sender<Raw>,
}

impl UdpSockets {
    pub fn new(reports: mpsc::Sender<Raw>) -> Self {
        let (by_pair, flows) = (HashMap::new(), HashMap::new());
        Self {
            sockets: BTreeMap::new(),
            last: 0,
            by_pair,
            flows,
            strangers: VecDeque::new(),
            waiting: Arc::new(Semaphore::new(WAITING)),
            reports,
        }
    }

    /// Binds a fixed address, used for every flow it fits.
    pub fn listen(&mut self, address: SocketAddr) -> io::Result<()> {
        self.bind(address, true).map(drop)
    }

    /// The flow from our address to there; binds a socket on that very address when there is none yet.
    pub fn flow_to(&mut self, local: IpAddr, remote: SocketAddr, next: &mut u64) -> Result<Flow, TransportError> {
        let fits = |bound: IpAddr| bound == local || (bound.is_unspecified() && bound.is_ipv4() == local.is_ipv4());
        let found = self
            .sockets
            .iter()
            .find(|(_, socket)| fits(socket.bound.ip()))
            .map(|(id, _)| *id);
        let socket = match found {
            Some(socket) => socket,
            None => self
                .bind(SocketAddr::new(local, 0), false)
                .map_err(|why| transport_error(&why))?,
        };
        let flow = self
            .flow(socket, remote, Some(local), next)
            .ok_or(TransportError::Unreachable)?;
        self.strangers.retain(|known| *known != flow.id);
        Ok(flow)
    }

    /// The flow a datagram came on.
    pub fn flow_from(&mut self, socket: SocketId, from: SocketAddr, next: &mut u64) -> Option<Flow> {
        let known = self.by_pair.contains_key(&(socket, from));
        let flow = self.flow(socket, from, None, next)?;
        if !known {
            self.strangers.push_back(flow.id);
            if self.flows.len() > FLOWS
                && let Some((socket, flow)) = self.strangers.pop_front().and_then(|oldest| self.flows.remove(&oldest))
            {
                self.by_pair.remove(&(socket, flow.remote));
            }
        }
        Some(flow)
    }

    /// The flow between this socket and that far end, if it is known.
    pub fn known(&self, socket: SocketId, from: SocketAddr) -> Option<FlowId> {
        self.by_pair.get(&(socket, from)).copied()
    }

    /// The socket of a flow, and its far end.
    pub fn way(&self, flow: FlowId) -> Option<(Arc<UdpSocket>, SocketAddr)> {
        let (socket, flow) = self.flows.get(&flow)?;
        Some((Arc::clone(&self.sockets.get(socket)?.socket), flow.remote))
    }

    /// Sends without waiting; a full system buffer is waited for in the background. When that takes too long datagrams are lost, as
    /// the network may lose them: whoever needs an answer sends again.
    pub fn send(&self, flow: FlowId, bytes: &[u8]) -> Result<(), TransportError> {
        let (socket, remote) = self.way(flow).ok_or(TransportError::Closed)?;
        match socket.try_send_to(bytes, remote) {
            Ok(_) => Ok(()),
            Err(why) if why.kind() == io::ErrorKind::WouldBlock => {
                if let Ok(place) = Arc::clone(&self.waiting).try_acquire_owned() {
                    let bytes = bytes.to_vec();
                    tokio::spawn(async move {
                        let _ = socket.send_to(&bytes, remote).await;
                        drop(place);
                    });
                }
                Ok(())
            }
            // An earlier datagram met a closed port; this one was not sent for it. The transaction sends it again.
            Err(why) if why.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
            Err(why) => Err(transport_error(&why)),
        }
    }

    /// The flow is over; its number is never used again.
    pub fn forget(&mut self, flow: FlowId) {
        if let Some((socket, flow)) = self.flows.remove(&flow) {
            self.by_pair.remove(&(socket, flow.remote));
        }
        self.strangers.retain(|known| *known != flow);
    }

    /// Closes the sockets of addresses that are not among `own` any more, and names the flows that are over with them.
    pub fn without(&mut self, own: &[IpAddr]) -> Vec<FlowId> {
        let gone = |ip: IpAddr| !ip.is_unspecified() && !ip.is_loopback() && !own.contains(&ip);
        self.sockets.retain(|_, socket| {
            let over = gone(socket.bound.ip()) && !socket.asked_for;
            if over {
                socket.reader.abort();
            }
            !over
        });
        let over = self.flows.values().filter(|(_, flow)| gone(flow.local.ip()));
        over.map(|(_, flow)| flow.id).collect()
    }

    fn flow(&mut self, socket: SocketId, remote: SocketAddr, local: Option<IpAddr>, next: &mut u64) -> Option<Flow> {
        if let Some((_, flow)) = self
            .by_pair
            .get(&(socket, remote))
            .and_then(|id| self.flows.get(id))
            .copied()
        {
            if local.is_none_or(|local| local == flow.local.ip()) {
                return Some(flow);
            }
            // The way to there leaves by another of our addresses now.
            self.forget(flow.id);
        }
        let bound = self.sockets.get(&socket)?.bound;
        let local = match local {
            Some(ip) => SocketAddr::new(ip, bound.port()),
            None if bound.ip().is_unspecified() => SocketAddr::new(own_address_towards(remote).ok()?, bound.port()),
            None => bound,
        };
        let flow = Flow {
            id: FlowId(*next),
            transport: Transport::Udp,
            local,
            remote,
        };
        *next += 1;
        self.by_pair.insert((socket, remote), flow.id);
        self.flows.insert(flow.id, (socket, flow));
        Some(flow)
    }

    fn bind(&mut self, address: SocketAddr, asked_for: bool) -> io::Result<SocketId> {
        let socket = std::net::UdpSocket::bind(address)?;
        socket.set_nonblocking(true)?;
        let socket = Arc::new(UdpSocket::from_std(socket)?);
        self.last += 1;
        let (bound, id) = (socket.local_addr()?, SocketId(self.last));
        let reader = tokio::spawn(read(id, Arc::clone(&socket), self.reports.clone())).abort_handle();
        let socket = Socket {
            socket,
            bound,
            asked_for,
            reader,
        };
        self.sockets.insert(id, socket);
        Ok(id)
    }
}

impl Drop for UdpSockets {
    fn drop(&mut self) {
        for socket in self.sockets.values() {
            socket.reader.abort();
        }
    }
}

/// Our address the system would use towards there. Connecting a UDP socket sends nothing; it only asks the routing table.
pub(super) fn own_address_towards(remote: SocketAddr) -> io::Result<IpAddr> {
    let any: IpAddr = if remote.is_ipv4() {
        Ipv4Addr::UNSPECIFIED.into()
    } else {
        Ipv6Addr::UNSPECIFIED.into()
    };
    let probe = std::net::UdpSocket::bind((any, 0))?;
    probe.connect(remote)?;
    Ok(probe.local_addr()?.ip())
}

async fn read(socket: SocketId, from_socket: Arc<UdpSocket>, reports: mpsc::Sender<Raw>) {
    let mut buffer = vec![0; DATAGRAM];
    loop {
        match from_socket.recv_from(&mut buffer).await {
            Ok((length, from)) => {
                let bytes = buffer.get(..length).unwrap_or_default().to_vec();
                if let Err(mpsc::error::TrySendError::Closed(_)) =
                    reports.try_send(Raw::Datagram { socket, from, bytes })
                {
                    return;
                }
            }
            // Windows reports the closed port of an earlier datagram here; the socket itself is fine.
            Err(why) if transport_error(&why) != TransportError::Unreachable => {}
            Err(why) => {
                log::warn!("a UDP socket reads no more: {why}");
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            }
        }
        if reports.is_closed() {
            return;
        }
    }
}
