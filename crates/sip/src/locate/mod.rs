//! Finding SIP servers (RFC 3263): which questions to put to the DNS, and in which order to try what it answers.
//!
//! ```text
//! host is an address      no question        transport given, else TLS (sips), else UDP
//! port given              A, AAAA            the same (section 4.2: no SRV)
//! transport given         SRV of it          no record: A, AAAA with the usual port
//! nothing given           NAPTR, SRV of all  no NAPTR: every SRV there is; no SRV: A, AAAA with the usual port
//! sips                    as above           only TLS and WSS
//! ws, wss                 A, AAAA            RFC 7118 has no SRV; the ports are those of the web
//! ```
//!
//! A [`Search`] says what to ask ([`Search::questions`]), takes the answers in any order and ends in [`Candidate`]s. It asks nothing
//! itself; all it takes from the network is bounded.

mod order;
mod penalty;
mod search;

pub use penalty::PenaltyList;
pub use search::{NoWay, Search};

use crate::Transport;
use std::net::{IpAddr, SocketAddr};

/// One question to the DNS. All questions of one round may be asked at the same time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Question {
    /// NAPTR records of this name (RFC 3403).
    Naptr(String),
    /// SRV records of this name (RFC 2782), with the service and protocol in it.
    Srv(String),
    /// A and AAAA records of this name.
    Addresses(String),
}

/// What the DNS says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// To [`Question::Naptr`].
    Naptr(Vec<Naptr>),
    /// To [`Question::Srv`].
    Srv(Vec<Srv>),
    /// To [`Question::Addresses`], in any order.
    Addresses(Vec<IpAddr>),
    /// There is no such record, or no such name.
    Nothing,
    /// Nobody answered.
    Failed,
}

/// A NAPTR record (RFC 3403 section 4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naptr {
    /// Lowest first.
    pub order: u16,
    /// Lowest first among equals of `order`.
    pub preference: u16,
    /// Only `s` is used by SIP.
    pub flags: String,
    /// `SIP+D2U`, `SIPS+D2T`, ….
    pub service: String,
    /// The name to ask for SRV records.
    pub replacement: String,
}

/// An SRV record (RFC 2782).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Srv {
    /// Lowest first.
    pub priority: u16,
    /// The share among equals of `priority`.
    pub weight: u16,
    /// The port.
    pub port: u16,
    /// The host; `.` says that the service is not offered.
    pub target: String,
}

/// One server to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Candidate {
    /// How.
    pub transport: Transport,
    /// Where.
    pub address: SocketAddr,
}

/// The port of a transport when none is written (RFC 3261 section 18.1.1, RFC 7118 section 5.1 by RFC 6455 section 3).
pub fn default_port(transport: Transport) -> u16 {
    match transport {
        Transport::Tls | Transport::TlsSctp => 5061,
        Transport::Ws => 80,
        Transport::Wss => 443,
        Transport::Udp | Transport::Tcp | Transport::Sctp => 5060,
    }
}

/// Whether nobody on the way can read what travels.
pub fn is_secure(transport: Transport) -> bool {
    matches!(transport, Transport::Tls | Transport::Wss | Transport::TlsSctp)
}
