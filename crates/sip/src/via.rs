//! The Via header field (RFC 3261 section 20.42, RFC 3581 `rport`).

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use crate::{Fault, Host, HostPort, Params, Transport};

/// The transport of a Via; unknown ones are kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ViaTransport {
    /// One rsip has a name for.
    Known(Transport),
    /// Any other token.
    Other(String),
}

/// One Via value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Via {
    /// The transport.
    pub transport: ViaTransport,
    /// `sent-by`.
    pub sent_by: HostPort,
    /// `branch`, `received`, `rport`, `maddr`, `ttl` and others.
    pub params: Params,
}

impl Via {
    /// A Via of our own: branch and an empty `rport` (RFC 3581).
    pub fn new(transport: Transport, sent_by: HostPort, branch: &str) -> Via {
        let mut params = Params::new();
        params.set("branch", Some(branch));
        params.set("rport", None);
        Via {
            transport: ViaTransport::Known(transport),
            sent_by,
            params,
        }
    }

    /// Reads one value.
    pub fn parse(text: &str) -> Result<Via, Fault> {
        let _ = text;
        Err(Fault::Via)
    }

    /// The branch; an empty one counts as none.
    pub fn branch(&self) -> Option<&str> {
        self.params.get("branch").filter(|branch| !branch.is_empty())
    }

    /// The branch if it identifies a transaction the RFC 3261 way: the magic cookie and something after it (section 17.2.3).
    pub fn transaction_branch(&self) -> Option<&str> {
        self.branch().filter(|branch| {
            branch.len() > 7
                && branch
                    .get(..7)
                    .is_some_and(|start| start.eq_ignore_ascii_case("z9hG4bK"))
        })
    }

    /// The transport, if known.
    pub fn known_transport(&self) -> Option<Transport> {
        match &self.transport {
            ViaTransport::Known(known) => Some(*known),
            ViaTransport::Other(_) => None,
        }
    }

    /// Whether `rport` is there, filled or not.
    pub fn wants_rport(&self) -> bool {
        self.params.has("rport")
    }

    /// The filled `rport`.
    pub fn rport(&self) -> Option<u16> {
        self.params.get("rport").and_then(crate::parse::tokens::number)
    }

    /// The `received` address, with or without brackets around an IPv6 one.
    pub fn received(&self) -> Option<IpAddr> {
        self.params.get("received").and_then(Host::parse_lenient)?.ip()
    }

    /// What a server does on reception (RFC 3261 section 18.2.1, RFC 3581 section 4): notes the true source address.
    pub fn note_source(&mut self, source: SocketAddr) {
        let _ = source;
    }

    /// Where a response goes over an unreliable transport (RFC 3261 section 18.2.2): host and port.
    pub fn response_target(&self) -> HostPort {
        self.sent_by.clone()
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SIP/2.0/{} {}", self.transport, self.sent_by)?;
        self.params.print(f)
    }
}

impl fmt::Display for ViaTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ViaTransport::Known(known) => write!(f, "{known}"),
            ViaTransport::Other(name) => crate::print::token(f, name),
        }
    }
}
