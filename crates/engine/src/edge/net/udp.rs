//! UDP: one socket for each of our addresses, a flow for each far end on it.
use super::{Raw, Resolver, transport_error};
use parley_sip::Transport;
use parley_sip::endpoint::{Flow, FlowId, NextHop, RouteId, TransportError};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;

/// Flows remembered, at most; strangers push out strangers.
const FLOWS: usize = 4096;
/// A datagram is never longer.
const DATAGRAM: usize = 65_535;

/// One of our sockets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SocketId(usize);

struct Socket {
    socket: Arc<UdpSocket>,
    /// Bound on this address; unspecified only when asked to listen so.
    bound: SocketAddr,
    reader: tokio::task::AbortHandle,
}

/// All UDP sockets and flows.
pub(crate) struct UdpSockets {
    sockets: Vec<Socket>,
    by_pair: HashMap<(SocketId, SocketAddr), FlowId>,
    flows: HashMap<FlowId, (SocketId, Flow)>,
    /// Flows nobody asked for, oldest first.
    strangers: VecDeque<FlowId>,
    reports: mpsc::Sender<Raw>,
}

impl UdpSockets {
    pub fn new(reports: mpsc::Sender<Raw>) -> Self {
        let (by_pair, flows) = (HashMap::new(), HashMap::new());
        Self {
            sockets: Vec::new(),
            by_pair,
            flows,
            strangers: VecDeque::new(),
            reports,
        }
    }

    /// Binds a fixed address, used for every flow it fits.
    pub fn listen(&mut self, address: SocketAddr) -> io::Result<()> {
        self.bind(address).map(drop)
    }

    /// The flow from our address to there; binds a socket on that very address when there is none yet.
    pub fn flow_to(&mut self, local: IpAddr, remote: SocketAddr, next: &mut u64) -> Result<Flow, TransportError> {
        let fits = |bound: IpAddr| bound == local || (bound.is_unspecified() && bound.is_ipv4() == local.is_ipv4());
        let found = self
            .sockets
            .iter()
            .position(|socket| fits(socket.bound.ip()))
            .map(SocketId);
        let socket = match found {
            Some(socket) => socket,
            None => self
                .bind(SocketAddr::new(local, 0))
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

    /// Sends without waiting; a full system buffer is waited for in the background.
    pub fn send(&self, flow: FlowId, bytes: Vec<u8>) -> Result<(), TransportError> {
        let (socket, flow) = self.flows.get(&flow).ok_or(TransportError::Closed)?;
        let socket = &self.sockets.get(socket.0).ok_or(TransportError::Closed)?.socket;
        match socket.try_send_to(&bytes, flow.remote) {
            Ok(_) => Ok(()),
            Err(why) if why.kind() == io::ErrorKind::WouldBlock => {
                let (socket, remote) = (Arc::clone(socket), flow.remote);
                tokio::spawn(async move { socket.send_to(&bytes, remote).await });
                Ok(())
            }
            // An earlier datagram met a closed port; this one was not sent for it. The transaction sends it again.
            Err(why) if why.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
            Err(why) => Err(transport_error(&why)),
        }
    }

    fn flow(&mut self, socket: SocketId, remote: SocketAddr, local: Option<IpAddr>, next: &mut u64) -> Option<Flow> {
        if let Some((_, flow)) = self.by_pair.get(&(socket, remote)).and_then(|id| self.flows.get(id)) {
            return Some(*flow);
        }
        let bound = self.sockets.get(socket.0)?.bound;
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

    fn bind(&mut self, address: SocketAddr) -> io::Result<SocketId> {
        let socket = std::net::UdpSocket::bind(address)?;
        socket.set_nonblocking(true)?;
        let socket = Arc::new(UdpSocket::from_std(socket)?);
        let (bound, id) = (socket.local_addr()?, SocketId(self.sockets.len()));
        let reader = tokio::spawn(read(id, Arc::clone(&socket), self.reports.clone())).abort_handle();
        self.sockets.push(Socket { socket, bound, reader });
        Ok(id)
    }
}

impl Drop for UdpSockets {
    fn drop(&mut self) {
        for socket in &self.sockets {
            socket.reader.abort();
        }
    }
}

/// Finds the server's address and ours towards it.
pub(crate) async fn find_route(route: RouteId, hop: NextHop, resolver: Arc<dyn Resolver>, reports: mpsc::Sender<Raw>) {
    let report = match resolver.find(&hop).await {
        Err(why) => Raw::Failed { route, why },
        Ok(addresses) => {
            let mut last = TransportError::NoSuchHost;
            let mut found = None;
            for remote in addresses {
                match own_address_towards(remote) {
                    Ok(local) => {
                        found = Some(Raw::UdpRoute { route, local, remote });
                        break;
                    }
                    Err(why) => last = transport_error(&why),
                }
            }
            found.unwrap_or(Raw::Failed { route, why: last })
        }
    };
    let _ = reports.send(report).await;
}

/// Our address the system would use towards there. Connecting a UDP socket sends nothing; it only asks the routing table.
fn own_address_towards(remote: SocketAddr) -> io::Result<IpAddr> {
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
