//! Sockets: opens ways to servers, sends, and turns what comes in into input of the SIP endpoint.
//!
//! One owner, the actor: the tasks below only move bytes and report through a queue. Nothing here waits.
mod resolve;
mod tcp;
mod udp;

pub(crate) use resolve::{Resolver, SystemResolver};

use parley_sip::Transport;
use parley_sip::endpoint::{Flow, FlowId, Input, NextHop, RouteId, TransportError};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use udp::{SocketId, UdpSockets};

/// Messages waiting for the actor, at most. Datagrams beyond are dropped (they are sent again), streams are made to wait.
const QUEUE: usize = 1024;

/// Connections others may have open to us, at most.
const ACCEPTED: usize = 256;

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
        stream: tokio::net::TcpStream,
    },
    /// A connection to there is open already and shall be used.
    Reuse { route: RouteId, remote: SocketAddr },
    /// There is no way.
    Failed { route: RouteId, why: TransportError },
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
}

/// All sockets.
pub(crate) struct Net {
    reports: mpsc::Sender<Raw>,
    inbox: mpsc::Receiver<Raw>,
    resolver: Arc<dyn Resolver>,
    udp: UdpSockets,
    streams: HashMap<FlowId, tcp::Stream>,
    next_flow: u64,
}

impl Net {
    /// Without sockets, except for the fixed address if there is one. Must be called inside the runtime.
    ///
    /// # Errors
    /// When the fixed address cannot be bound.
    pub fn start(listen: Option<SocketAddr>, resolver: Arc<dyn Resolver>) -> std::io::Result<Self> {
        let (reports, inbox) = mpsc::channel(QUEUE);
        let mut udp = UdpSockets::new(reports.clone());
        if let Some(address) = listen {
            udp.listen(address)?;
            let listener = std::net::TcpListener::bind(address)?;
            listener.set_nonblocking(true)?;
            tokio::spawn(tcp::accept(TcpListener::from_std(listener)?, reports.clone()));
        }
        Ok(Self {
            reports,
            inbox,
            resolver,
            udp,
            streams: HashMap::new(),
            next_flow: 1,
        })
    }

    /// The next report. Cancel-safe.
    pub async fn next(&mut self) -> Option<Raw> {
        self.inbox.recv().await
    }

    /// Starts to look for a way; the answer comes by [`Self::next`].
    pub fn open(&mut self, route: RouteId, hop: NextHop) {
        let transport = hop
            .transport
            .unwrap_or(if hop.secure { Transport::Tls } else { Transport::Udp });
        let reports = self.reports.clone();
        let resolver = Arc::clone(&self.resolver);
        match transport {
            Transport::Udp if !hop.secure => {
                tokio::spawn(udp::find_route(route, hop, resolver, reports));
            }
            Transport::Tcp if !hop.secure => {
                let now = Instant::now();
                let alive = self.streams.values().filter(|stream| !stream.is_doubtful(now));
                let open = alive.map(|stream| stream.remote).collect();
                tokio::spawn(tcp::find_route(route, hop, resolver, open, reports));
            }
            _ => {
                tokio::spawn(async move {
                    let _ = reports
                        .send(Raw::Failed {
                            route,
                            why: TransportError::Unreachable,
                        })
                        .await;
                });
            }
        }
    }

    /// Sends; a failure comes back at once as input.
    pub fn send(&mut self, flow: FlowId, bytes: Vec<u8>) -> Option<Input> {
        let sent = match self.streams.get(&flow) {
            Some(stream) => stream.send(bytes),
            None => self.udp.send(flow, bytes),
        };
        let why = sent.err()?;
        self.streams.remove(&flow);
        Some(Input::Closed { flow, why })
    }

    /// Closes a connection that leads nowhere any more; datagrams have none.
    pub fn close(&mut self, flow: FlowId) {
        self.streams.remove(&flow);
    }

    /// What a report means to the SIP endpoint.
    pub fn translate(&mut self, raw: Raw) -> Option<Input> {
        match raw {
            Raw::UdpRoute { route, local, remote } => {
                Some(match self.udp.flow_to(local, remote, &mut self.next_flow) {
                    Ok(flow) => Input::Opened { route, flow },
                    Err(why) => Input::OpenFailed { route, why },
                })
            }
            Raw::Connected { route, stream } => {
                let ends = stream.local_addr().and_then(|local| Ok((local, stream.peer_addr()?)));
                let (local, remote) = match (ends, route) {
                    (Ok(_), None) if self.streams.len() >= ACCEPTED => return None,
                    (Ok(ends), _) => ends,
                    // Closed by the far end before we got here. Who asked for it waits for an answer.
                    (Err(_), route) => {
                        let why = TransportError::Closed;
                        return route.map(|route| Input::OpenFailed { route, why });
                    }
                };
                let flow = FlowId(self.next_flow);
                self.next_flow += 1;
                let stream = tcp::Stream::run(flow, stream, remote, local, self.reports.clone());
                self.streams.insert(flow, stream);
                Some(Input::Opened {
                    route: route?,
                    flow: Flow {
                        id: flow,
                        transport: Transport::Tcp,
                        local,
                        remote,
                    },
                })
            }
            Raw::Reuse { route, remote } => Some(match self.stream_to(remote) {
                Some(flow) => Input::Opened { route, flow },
                None => Input::OpenFailed {
                    route,
                    why: TransportError::Closed,
                },
            }),
            Raw::Failed { route, why } => Some(Input::OpenFailed { route, why }),
            Raw::Datagram { socket, from, bytes } => {
                let flow = self.udp.flow_from(socket, from, &mut self.next_flow)?;
                Some(Input::Received { flow, bytes })
            }
            Raw::Message { flow, bytes } => {
                let stream = self.streams.get(&flow)?;
                Some(Input::Received {
                    flow: stream.flow(flow),
                    bytes,
                })
            }
            Raw::Closed { flow, why } => {
                self.streams.remove(&flow)?;
                Some(Input::Closed { flow, why })
            }
        }
    }

    fn stream_to(&self, remote: SocketAddr) -> Option<Flow> {
        let now = Instant::now();
        self.streams
            .iter()
            .find(|(_, stream)| stream.remote == remote && !stream.is_doubtful(now))
            .map(|(id, stream)| stream.flow(*id))
    }
}

/// What the system's refusal means.
pub(crate) fn transport_error(error: &std::io::Error) -> TransportError {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::ConnectionRefused => TransportError::Refused,
        ErrorKind::TimedOut => TransportError::TimedOut,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => TransportError::Closed,
        _ if error.raw_os_error() == Some(MESSAGE_TOO_LONG) => TransportError::TooLarge,
        _ => TransportError::Unreachable,
    }
}

#[cfg(windows)]
const MESSAGE_TOO_LONG: i32 = 10040;
#[cfg(any(target_os = "macos", target_os = "ios"))]
const MESSAGE_TOO_LONG: i32 = 40;
#[cfg(not(any(windows, target_os = "macos", target_os = "ios")))]
const MESSAGE_TOO_LONG: i32 = 90;

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpStream;

    fn net() -> Net {
        Net::start(None, Arc::new(SystemResolver)).unwrap()
    }

    async fn connection() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ours = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (theirs, _) = listener.accept().await.unwrap();
        (ours, theirs)
    }

    #[tokio::test]
    async fn a_connection_reset_before_it_is_used_still_answers_who_asked_for_it() {
        let (stream, theirs) = connection().await;
        // Unread bytes make the system reset the connection instead of closing it.
        stream.try_write(b"hello").unwrap();
        theirs.readable().await.unwrap();
        drop(theirs);
        let _ = stream.ready(tokio::io::Interest::READABLE).await;
        assert!(stream.peer_addr().is_err(), "the connection is reset");
        let route = RouteId(5);
        let answer = net().translate(Raw::Connected {
            route: Some(route),
            stream,
        });
        assert!(
            matches!(answer, Some(Input::OpenFailed { route: answered, .. }) if answered == route),
            "{answer:?}"
        );
    }

    #[tokio::test]
    async fn connections_made_by_others_are_bounded() {
        let mut net = net();
        let mut theirs = Vec::new();
        for _ in 0..ACCEPTED + 5 {
            let (stream, other) = connection().await;
            theirs.push(other);
            net.translate(Raw::Connected { route: None, stream });
        }
        assert_eq!(net.streams.len(), ACCEPTED);
    }
}
