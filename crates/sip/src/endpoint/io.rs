//! What goes into an [`Endpoint`](super::Endpoint) and what comes out of it: the seam to sockets on one side
//! and to the calls of a person on the other.

use std::net::SocketAddr;
use std::time::Duration;

use crate::{Host, Transport};

use super::event::Event;
use super::trust::{Certificate, Trust};

/// One way bytes travel between a local and a remote address: a TCP connection, or a UDP pair of addresses.
/// Whoever owns the sockets chooses the number and never uses it twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FlowId(pub u64);

/// A flow with its addresses. `local` is the address the far end could see if nothing translated it: a real
/// interface address, never `0.0.0.0`, because it is written into Via, Contact and the session description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Flow {
    /// Its number.
    pub id: FlowId,
    /// UDP, TCP, …
    pub transport: Transport,
    /// Our side.
    pub local: SocketAddr,
    /// The other side.
    pub remote: SocketAddr,
}

/// One question "how do I get there?" put with [`Output::Open`] and answered with [`Input::Opened`] or
/// [`Input::OpenFailed`], exactly once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RouteId(pub u64);

/// Where a request shall go, before anybody asked the DNS (RFC 3263 input).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NextHop {
    /// Name or address.
    pub host: Host,
    /// Port, when the URI names one (then no SRV look-up, RFC 3263 section 4.2).
    pub port: Option<u16>,
    /// Transport, when the URI or the account names one.
    pub transport: Option<Transport>,
    /// `sips:`, only TLS will do.
    pub secure: bool,
    /// What the account says about connections to there.
    pub trust: Trust,
}

impl NextHop {
    /// The way to a host with nothing else said.
    pub fn new(host: Host) -> Self {
        Self {
            host,
            port: None,
            transport: None,
            secure: false,
            trust: Trust::default(),
        }
    }
}

/// What the owner of the sockets tells the endpoint.
#[derive(Debug, Clone)]
pub enum Input {
    /// The way asked for is open; the same flow may be the answer to several questions.
    Opened {
        /// The question.
        route: RouteId,
        /// The answer.
        flow: Flow,
    },
    /// All the servers a question leads to, in whatever order; told before [`Input::Opened`], or not at all. What comes from
    /// one of them comes from the account's own server.
    Candidates {
        /// The question.
        route: RouteId,
        /// Their addresses.
        remotes: Vec<SocketAddr>,
    },
    /// There is no way there.
    OpenFailed {
        /// The question.
        route: RouteId,
        /// Why not.
        why: TransportError,
    },
    /// One datagram, or one message already framed out of a stream.
    Received {
        /// Where it came in; may be a flow never heard of before (an accepted connection, a datagram from anybody).
        flow: Flow,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// The flow is gone: connection closed, or a datagram came back as "port unreachable".
    Closed {
        /// Which.
        flow: FlowId,
        /// Why.
        why: TransportError,
    },
}

/// Why bytes cannot travel.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TransportError {
    /// The name does not resolve.
    NoSuchHost,
    /// Nobody listens there.
    Refused,
    /// No route to there, or no network at all.
    Unreachable,
    /// No answer to the attempt to connect.
    TimedOut,
    /// The datagram is larger than the path takes.
    TooLarge,
    /// The connection ended.
    Closed,
    /// TLS came to nothing before there was a certificate to judge; the words of the library.
    Tls(String),
    /// The server's certificate does not prove that it is the server asked for.
    Untrusted(Box<Certificate>),
    /// The server shows another certificate than the one that was trusted for this account.
    CertificateChanged(Box<Certificate>),
    /// Something answers there, but it does not speak SIP over WebSocket (RFC 7118); what it said instead.
    WebSocket(String),
}

/// What the endpoint wants done, in this order.
#[derive(Debug, Clone)]
#[allow(
    clippy::large_enum_variant,
    reason = "outputs are moved once, from the queue to their reader"
)]
pub enum Output {
    /// Find a way to `hop` and answer with [`Input::Opened`] or [`Input::OpenFailed`]. Give up within some ten
    /// seconds: a person waits.
    Open {
        /// The question's number.
        route: RouteId,
        /// Where to.
        hop: NextHop,
    },
    /// Send these bytes on this flow. A failure comes back as [`Input::Closed`].
    Send {
        /// The flow.
        flow: FlowId,
        /// One message, or a keep-alive.
        bytes: Vec<u8>,
    },
    /// This server failed (no answer, 503, a broken connection): for so long, the answer to an [`Output::Open`] shall be
    /// another one where there is another one (RFC 3263 section 4.3). The same server again says that there is none.
    Avoid {
        /// The server.
        remote: SocketAddr,
        /// By this transport; by another one it may do.
        transport: Transport,
        /// How long.
        lasting: Duration,
    },
    /// Nobody knows whether this connection is still there: the answer to an [`Output::Open`] shall be another one until something
    /// is heard by it. It stays open.
    Doubt {
        /// The flow.
        flow: FlowId,
    },
    /// This flow leads nowhere any more: close it, so that the next [`Output::Open`] gets another one. No
    /// [`Input::Closed`] need follow.
    Close {
        /// The flow.
        flow: FlowId,
    },
    /// Something happened that the calls above care about.
    Event(Event),
}

/// One call as the endpoint knows it; never used twice within one endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u64);

/// One early dialog of an outgoing call (RFC 3261 section 12.1.2): a forked call has one for each phone that
/// rings. Two values are equal when they speak of the same phone; the text is the far end's tag.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EarlyDialog(pub String);

/// Why what a person asked cannot be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// No account with this number.
    NoSuchAccount,
    /// The call is over, or never was.
    NoSuchSession,
    /// Not now: the call is not in a state for it.
    WrongState,
    /// A change of the session is on its way already; try when it is settled.
    Pending,
    /// More calls than this endpoint takes.
    TooManySessions,
    /// The address cannot be called (a `tel:` URI without a registrar, `mailto:` …).
    BadTarget,
    /// The far end cannot do it, by its own word.
    NotSupported,
    /// The extra header field with this name is no header field, or one that the endpoint writes itself.
    BadHeader(String),
    /// More subscriptions, or messages without their answer, than this endpoint keeps.
    TooMany,
    /// A message is at most so many octets that its request fits one datagram (RFC 3428 section 8).
    TooLong,
    /// There is nothing in it.
    Empty,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoSuchAccount => f.write_str("there is no such account"),
            Self::NoSuchSession => f.write_str("the call is over"),
            Self::WrongState => f.write_str("the call is not in a state for this"),
            Self::Pending => f.write_str("another change of the call is under way"),
            Self::TooManySessions => f.write_str("too many calls"),
            Self::BadTarget => f.write_str("this address cannot be called"),
            Self::TooMany => f.write_str("too many at a time"),
            Self::TooLong => f.write_str("the text is too long"),
            Self::Empty => f.write_str("the text is empty"),
            Self::NotSupported => f.write_str("the far end cannot do this"),
            Self::BadHeader(name) => write!(f, "the header field {name} cannot be added"),
        }
    }
}

impl std::error::Error for Refused {}
