//! From a next hop to an open way: look the servers up, take the connection there is, or make one.
use super::names::Names;
use super::{Raw, options, tls, transport_error, udp, ws};
use parley_sip::Transport;
use parley_sip::endpoint::{FlowId, NextHop, RouteId, TransportError};
use parley_sip::locate::{self, Candidate, PenaltyList};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;

/// How long one address may take to answer.
const CONNECT: Duration = Duration::from_secs(4);
/// How long TLS, and how long the upgrade to WebSocket may take.
const GREETING: Duration = Duration::from_secs(5);
/// How long all of it may take: a person waits.
const DEADLINE: Duration = Duration::from_secs(10);
/// How long the first family has before the other one is tried beside it (RFC 8305 section 5).
const HEAD_START: Duration = Duration::from_millis(250);

/// Which connections are the same: same server, reached in the same way, believed for the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub transport: Transport,
    pub remote: SocketAddr,
    /// Without TLS there is nothing to believe.
    trust: Option<(tls::Names, Option<String>)>,
    /// Host and path of a WebSocket.
    resource: Option<(String, String)>,
}

impl Key {
    pub fn plain(transport: Transport, remote: SocketAddr) -> Self {
        Self {
            transport,
            remote,
            trust: None,
            resource: None,
        }
    }

    fn of(hop: &NextHop, server: Candidate) -> Self {
        let secure = locate::is_secure(server.transport);
        let web = matches!(server.transport, Transport::Ws | Transport::Wss);
        Self {
            trust: secure.then(|| (tls::Names::of(hop), hop.trust.pinned.clone())),
            resource: web.then(|| {
                (
                    ws::host(hop, server),
                    hop.trust.path.clone().unwrap_or_else(|| "/".to_owned()),
                )
            }),
            ..Self::plain(server.transport, server.address)
        }
    }
}

/// What carries the bytes.
pub(crate) enum Link {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    Ws(Box<WebSocketStream<TcpStream>>),
    Wss(Box<WebSocketStream<TlsStream<TcpStream>>>),
}

impl Link {
    /// Our address; `None` when the connection is over already.
    pub fn local(&self) -> Option<SocketAddr> {
        let tcp = match self {
            Self::Tcp(tcp) => tcp,
            Self::Tls(tls) => tls.get_ref().0,
            Self::Ws(ws) => ws.get_ref(),
            Self::Wss(wss) => wss.get_ref().get_ref().0,
        };
        tcp.peer_addr().ok()?;
        tcp.local_addr().ok()
    }
}

/// An open connection that nobody reads yet.
pub(crate) struct Connection {
    pub key: Key,
    pub link: Link,
}

/// One question "how do I get there?".
pub(super) struct Finding {
    pub route: RouteId,
    pub hop: NextHop,
    pub names: Arc<Names>,
    pub penalties: PenaltyList,
    pub open: Vec<(Key, FlowId)>,
    pub reports: mpsc::Sender<Raw>,
}

impl Finding {
    /// Answers it, once.
    pub async fn run(self) {
        let route = self.route;
        let answer = match timeout(DEADLINE, self.find()).await {
            Ok(answer) => answer,
            Err(_) => Raw::Failed {
                route,
                why: TransportError::TimedOut,
            },
        };
        let _ = self.reports.send(answer).await;
    }

    async fn find(&self) -> Raw {
        let route = self.route;
        let mut servers = match self.names.find(&self.hop).await {
            Ok(servers) => servers,
            Err(why) => return Raw::Failed { route, why },
        };
        self.penalties.sort(Instant::now(), &mut servers);
        let remotes = servers.iter().map(|server| server.address).collect();
        let _ = self.reports.send(Raw::Candidates { route, remotes }).await;
        let mut last = TransportError::NoSuchHost;
        // What a server that could be a false one says is not asked again without protection.
        let mut secure_only = false;
        let mut at = 0;
        while let Some(server) = servers.get(at).copied() {
            at += 1;
            if secure_only && !locate::is_secure(server.transport) {
                continue;
            }
            if server.transport == Transport::Udp {
                match udp::own_address_towards(server.address) {
                    Ok(local) => {
                        let remote = server.address;
                        return Raw::UdpRoute { route, local, remote };
                    }
                    Err(why) => last = transport_error(&why),
                }
                continue;
            }
            let key = Key::of(&self.hop, server);
            if let Some((_, flow)) = self.open.iter().find(|(open, _)| *open == key) {
                return Raw::Reuse { route, flow: *flow };
            }
            // The other family of the same server, if it comes next.
            let other = servers.get(at).copied().filter(|other| is_twin(server, *other));
            at += usize::from(other.is_some());
            match self.connect(server, other).await {
                Ok(connection) => {
                    return Raw::Connected {
                        route: Some(route),
                        connection: Box::new(connection),
                    };
                }
                Err(why) => {
                    for shut in [Some(server), other].into_iter().flatten() {
                        let _ = self.reports.send(Raw::Shut(shut)).await;
                    }
                    let doubt = |why: &TransportError| {
                        matches!(
                            why,
                            TransportError::Untrusted(_) | TransportError::CertificateChanged(_)
                        )
                    };
                    secure_only |= doubt(&why);
                    // A person can do something about a certificate; it is told even if another server just does not answer.
                    if !doubt(&last) {
                        last = why;
                    }
                }
            }
        }
        Raw::Failed { route, why: last }
    }

    async fn connect(&self, server: Candidate, other: Option<Candidate>) -> Result<Connection, TransportError> {
        let (server, tcp) = reach(server, other).await?;
        options::notice_death(&tcp);
        let key = Key::of(&self.hop, server);
        let greeting = async {
            let link = match server.transport {
                Transport::Tls => Link::Tls(Box::new(tls::secure(tcp, &self.hop, None).await?)),
                Transport::Ws => Link::Ws(Box::new(ws::upgrade(tcp, &self.hop, server).await?)),
                Transport::Wss => {
                    let tls = tls::secure(tcp, &self.hop, Some(b"http/1.1")).await?;
                    Link::Wss(Box::new(ws::upgrade(tls, &self.hop, server).await?))
                }
                _ => Link::Tcp(tcp),
            };
            Ok(link)
        };
        let link = timeout(GREETING, greeting)
            .await
            .unwrap_or(Err(TransportError::TimedOut))?;
        Ok(Connection { key, link })
    }
}

fn is_twin(one: Candidate, other: Candidate) -> bool {
    one.transport == other.transport
        && one.address.port() == other.address.port()
        && one.address.is_ipv4() != other.address.is_ipv4()
}

/// Connects to a server, or to the same one by the other family when that is quicker.
async fn reach(server: Candidate, other: Option<Candidate>) -> Result<(Candidate, TcpStream), TransportError> {
    let Some(other) = other else {
        return connect_to(server).await;
    };
    let first = connect_to(server);
    let second = async {
        tokio::time::sleep(HEAD_START).await;
        connect_to(other).await
    };
    tokio::pin!(first, second);
    tokio::select! {
        done = &mut first => match done {
            Ok(connected) => Ok(connected),
            // Not what the head start is for: nothing to wait for any more.
            Err(_) => connect_to(other).await,
        },
        done = &mut second => match done {
            Ok(connected) => Ok(connected),
            Err(_) => first.await,
        },
    }
}

async fn connect_to(server: Candidate) -> Result<(Candidate, TcpStream), TransportError> {
    match timeout(CONNECT, TcpStream::connect(server.address)).await {
        Ok(Ok(stream)) => Ok((server, stream)),
        Ok(Err(error)) => Err(transport_error(&error)),
        Err(_) => Err(TransportError::TimedOut),
    }
}

/// Takes connections in.
pub(super) async fn accept(listener: TcpListener, reports: mpsc::Sender<Raw>) {
    loop {
        match listener.accept().await {
            Ok((stream, remote)) => {
                options::notice_death(&stream);
                let connection = Box::new(Connection {
                    key: Key::plain(Transport::Tcp, remote),
                    link: Link::Tcp(stream),
                });
                let accepted = Raw::Connected {
                    route: None,
                    connection,
                };
                if reports.send(accepted).await.is_err() {
                    return;
                }
            }
            Err(why) => {
                log::warn!("a connection could not be accepted: {why}");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
        if reports.is_closed() {
            return;
        }
    }
}
