//! Sockets: opens ways to servers, sends, and turns what comes in into input of the SIP endpoint.
//!
//! One owner, the actor: the tasks below only move bytes and report through a queue. Nothing here waits.
mod certificate;
mod connect;
mod names;
mod options;
mod stream;
mod stun;
mod tls;
mod udp;
mod watch;
mod ws;

#[cfg(test)]
mod tests;

use connect::Connection;
use names::Names;
use parley_sip::Transport;
use parley_sip::endpoint::{Flow, FlowId, Input, NextHop, RouteId, TransportError};
use parley_sip::locate::{Candidate, PenaltyList};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use stream::Stream;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use udp::{SocketId, UdpSockets};
use watch::Ways;

/// Messages waiting for the actor, at most. Datagrams beyond are dropped (they are sent again), streams are made to wait.
const QUEUE: usize = 1024;

/// Connections others may have open to us, at most.
const ACCEPTED: usize = 256;
/// Of these, from one address.
const ACCEPTED_FROM_ONE: usize = 32;

/// How long a server that took no connection comes after the others of its name.
const NO_CONNECTION: Duration = Duration::from_secs(60);

/// What the tasks report.
pub(crate) enum Raw {
    /// A UDP route: the server's address and our own towards it.
    UdpRoute {
        route: RouteId,
        local: IpAddr,
        remote: SocketAddr,
    },
    /// A connection, made for a route or accepted.
    Connected {
        route: Option<RouteId>,
        connection: Box<Connection>,
    },
    /// This connection is open already and shall be used.
    Reuse { route: RouteId, flow: FlowId },
    /// All servers of the question, told before its answer.
    Candidates { route: RouteId, remotes: Vec<SocketAddr> },
    /// There is no way.
    Failed { route: RouteId, why: TransportError },
    /// This server took no connection.
    Shut(Candidate),
    /// A datagram.
    Datagram {
        socket: SocketId,
        from: SocketAddr,
        bytes: Vec<u8>,
    },
    /// A framed message of a stream.
    Message { flow: FlowId, bytes: Vec<u8> },
    /// The end of a stream.
    Closed { flow: FlowId, why: TransportError },
    /// A STUN question on a flow was repeated long enough without an answer.
    Unanswered { flow: FlowId },
    /// Our addresses or routes changed, or the computer slept; these are our addresses now.
    NetworkChanged { own: Vec<IpAddr>, slept: bool },
}

/// What a report means to the core.
#[derive(Debug)]
pub(crate) enum Told {
    /// To the SIP endpoint.
    Input(Input),
    /// Every way is suspect.
    NetworkChanged,
}

/// All sockets.
pub(crate) struct Net {
    reports: mpsc::Sender<Raw>,
    inbox: mpsc::Receiver<Raw>,
    names: Arc<Names>,
    udp: UdpSockets,
    streams: HashMap<FlowId, Stream>,
    penalties: PenaltyList,
    stun: stun::KeepAlives,
    ways: Ways,
    next_flow: u64,
}

impl Net {
    /// Without sockets, except for the fixed address if there is one; `dns` is asked instead of the system's name servers. Must be
    /// called inside the runtime.
    ///
    /// # Errors
    /// When the fixed address cannot be bound.
    pub fn start(listen: Option<SocketAddr>, dns: Option<SocketAddr>) -> std::io::Result<Self> {
        let (reports, inbox) = mpsc::channel(QUEUE);
        let mut udp = UdpSockets::new(reports.clone());
        if let Some(address) = listen {
            udp.listen(address)?;
            let listener = std::net::TcpListener::bind(address)?;
            listener.set_nonblocking(true)?;
            tokio::spawn(connect::accept(TcpListener::from_std(listener)?, reports.clone()));
        }
        let ways = Ways::default();
        tokio::spawn(watch::watch(ways.clone(), reports.clone()));
        Ok(Self {
            names: Arc::new(Names::new(dns)),
            stun: stun::KeepAlives::new(reports.clone()),
            reports,
            inbox,
            udp,
            streams: HashMap::new(),
            penalties: PenaltyList::new(),
            ways,
            next_flow: 1,
        })
    }

    /// The next report. Cancel-safe.
    pub async fn next(&mut self) -> Option<Raw> {
        self.inbox.recv().await
    }

    /// Starts to look for a way; the answer comes by [`Self::next`].
    pub fn open(&mut self, route: RouteId, hop: NextHop) {
        let now = Instant::now();
        let alive = self.streams.iter().filter(|(_, stream)| !stream.is_doubtful(now));
        let finding = connect::Finding {
            route,
            hop,
            names: Arc::clone(&self.names),
            penalties: self.penalties.clone(),
            open: alive.map(|(flow, stream)| (stream.key.clone(), *flow)).collect(),
            reports: self.reports.clone(),
        };
        tokio::spawn(finding.run());
    }

    /// Puts a server behind the others of its name for a while (RFC 3263 section 4.3).
    pub fn avoid(&mut self, address: SocketAddr, transport: Transport, lasting: Duration) {
        self.penalties
            .avoid(Instant::now(), Candidate { transport, address }, lasting);
    }

    /// Sends; a failure comes back at once as input.
    pub fn send(&mut self, flow: FlowId, bytes: Vec<u8>) -> Option<Input> {
        let sent = match self.streams.get(&flow) {
            Some(stream) => stream.send(bytes),
            None => self.send_datagram(flow, bytes),
        };
        let why = sent.err()?;
        self.forget(flow);
        Some(Input::Closed { flow, why })
    }

    /// A connection that may be dead is given to nobody who asks for a way, until something is heard by it.
    pub fn doubt(&self, flow: FlowId) {
        if let Some(stream) = self.streams.get(&flow) {
            stream.doubt();
        }
    }

    /// Closes a connection that leads nowhere any more; datagrams have none.
    pub fn close(&mut self, flow: FlowId) {
        self.streams.remove(&flow);
    }

    /// A keep-alive becomes a question to a server that answers such (RFC 5626 section 4.4.2).
    fn send_datagram(&mut self, flow: FlowId, bytes: Vec<u8>) -> Result<(), TransportError> {
        if bytes == KEEP_ALIVE
            && let Some((socket, remote)) = self.udp.way(flow)
            && self.stun.ask(flow, socket, remote)
        {
            return Ok(());
        }
        self.udp.send(flow, &bytes)
    }

    fn forget(&mut self, flow: FlowId) {
        self.streams.remove(&flow);
        self.udp.forget(flow);
        self.stun.forget(flow);
    }

    /// What a report means to the core.
    pub fn translate(&mut self, raw: Raw) -> Vec<Told> {
        let input = match raw {
            Raw::UdpRoute { route, local, remote } => {
                Some(match self.udp.flow_to(local, remote, &mut self.next_flow) {
                    Ok(flow) => self.opened(route, flow),
                    Err(why) => Input::OpenFailed { route, why },
                })
            }
            Raw::Connected { route, connection } => self.connected(route, *connection),
            Raw::Reuse { route, flow } => Some(match self.streams.get(&flow).map(|stream| stream.flow(flow)) {
                Some(flow) => self.opened(route, flow),
                None => Input::OpenFailed {
                    route,
                    why: TransportError::Closed,
                },
            }),
            Raw::Candidates { route, remotes } => Some(Input::Candidates { route, remotes }),
            Raw::Failed { route, why } => Some(Input::OpenFailed { route, why }),
            Raw::Shut(server) => {
                self.penalties.avoid(Instant::now(), server, NO_CONNECTION);
                None
            }
            Raw::Datagram { socket, from, bytes } => self.datagram(socket, from, bytes),
            Raw::Message { flow, bytes } => self.streams.get(&flow).map(|stream| Input::Received {
                flow: stream.flow(flow),
                bytes,
            }),
            Raw::Closed { flow, why } => self.streams.remove(&flow).map(|_| Input::Closed { flow, why }),
            Raw::Unanswered { flow } => {
                if self.stun.unanswered(flow) {
                    self.forget(flow);
                    let why = TransportError::TimedOut;
                    Some(Input::Closed { flow, why })
                } else {
                    None
                }
            }
            Raw::NetworkChanged { own, slept } => return self.network_changed(&own, slept),
        };
        input.into_iter().map(Told::Input).collect()
    }

    fn opened(&self, route: RouteId, flow: Flow) -> Input {
        self.ways.note(flow.remote);
        Input::Opened { route, flow }
    }

    fn connected(&mut self, route: Option<RouteId>, connection: Connection) -> Option<Input> {
        let Some(route) = route else {
            self.accepted(connection);
            return None;
        };
        // Two questions asked at the same time: one connection is enough.
        let now = Instant::now();
        let same = self
            .streams
            .iter()
            .find(|(_, stream)| stream.key == connection.key && !stream.is_doubtful(now));
        if let Some((flow, stream)) = same {
            let flow = stream.flow(*flow);
            return Some(self.opened(route, flow));
        }
        Some(match self.run(connection) {
            Some(flow) => self.opened(route, flow),
            // Closed by the far end before we got here. Who asked for it waits for an answer.
            None => Input::OpenFailed {
                route,
                why: TransportError::Closed,
            },
        })
    }

    fn accepted(&mut self, connection: Connection) {
        let from = connection.key.remote.ip();
        let of_one = self
            .streams
            .values()
            .filter(|stream| stream.key.remote.ip() == from)
            .count();
        if self.streams.len() < ACCEPTED && of_one < ACCEPTED_FROM_ONE {
            self.run(connection);
        }
    }

    fn run(&mut self, connection: Connection) -> Option<Flow> {
        let id = FlowId(self.next_flow);
        self.next_flow += 1;
        let stream = Stream::run(id, connection, self.reports.clone())?;
        let flow = stream.flow(id);
        self.streams.insert(id, stream);
        Some(flow)
    }

    fn datagram(&mut self, socket: SocketId, from: SocketAddr, bytes: Vec<u8>) -> Option<Input> {
        if parley_sip::stun::is_stun(&bytes) {
            // Only an answer to a question of ours matters.
            let flow = self.udp.known(socket, from)?;
            let moved = self.stun.heard(flow, &bytes);
            return moved.then(|| {
                log::info!("a translator gave flow {} another address", flow.0);
                self.forget(flow);
                let why = TransportError::Closed;
                Input::Closed { flow, why }
            });
        }
        let flow = self.udp.flow_from(socket, from, &mut self.next_flow)?;
        Some(Input::Received { flow, bytes })
    }

    /// Flows of addresses that are gone are closed; after sleep no connection is taken for alive.
    fn network_changed(&mut self, own: &[IpAddr], slept: bool) -> Vec<Told> {
        self.names.reload();
        self.penalties.clear();
        let mut gone: Vec<FlowId> = self.udp.without(own);
        for (flow, stream) in &mut self.streams {
            let local = stream.flow(*flow).local.ip();
            if !local.is_loopback() && !own.contains(&local) {
                gone.push(*flow);
            } else if slept {
                stream.doubt();
            }
        }
        let mut told = Vec::with_capacity(gone.len() + 1);
        for flow in gone {
            self.forget(flow);
            let why = TransportError::Unreachable;
            told.push(Told::Input(Input::Closed { flow, why }));
        }
        told.push(Told::NetworkChanged);
        told
    }
}

/// What the endpoint sends to keep a UDP flow open.
const KEEP_ALIVE: &[u8] = b"\r\n";

/// What the system's refusal means.
pub(crate) fn transport_error(error: &std::io::Error) -> TransportError {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::ConnectionRefused => TransportError::Refused,
        ErrorKind::TimedOut => TransportError::TimedOut,
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::UnexpectedEof => TransportError::Closed,
        _ if error.raw_os_error() == Some(options::MESSAGE_TOO_LONG) => TransportError::TooLarge,
        _ => TransportError::Unreachable,
    }
}
