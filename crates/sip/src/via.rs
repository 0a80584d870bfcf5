//! The Via header field (RFC 3261 section 20.42, RFC 3581 `rport`).

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use crate::parse::tokens::{is_token, is_ws, number, trim};
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

    /// Reads one value; white space may stand around the slashes and the colon (RFC 3261 section 7.3.1).
    pub fn parse(text: &str) -> Result<Via, Fault> {
        let (value, params) = text.split_at(text.find(';').unwrap_or(text.len()));
        read(trim(value), params).ok_or(Fault::Via)
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
        self.params.get("rport").and_then(number)
    }

    /// The `received` address, with or without brackets around an IPv6 one.
    pub fn received(&self) -> Option<IpAddr> {
        self.params.get("received").and_then(Host::parse_lenient)?.ip()
    }

    /// What a server does on reception (RFC 3261 section 18.2.1, RFC 3581 section 4): notes the true source address.
    pub fn note_source(&mut self, source: SocketAddr) {
        let ip = source.ip().to_canonical();
        let wants_rport = self.wants_rport();
        if wants_rport {
            self.params.set("rport", Some(&source.port().to_string()));
        }
        if wants_rport || self.sent_by.host.ip() != Some(ip) {
            self.params.set("received", Some(&ip.to_string()));
        } else {
            self.params.remove("received");
        }
    }

    /// Where a response goes over an unreliable transport (RFC 3261 section 18.2.2): host and port.
    ///
    /// No port means the default one of the transport.
    pub fn response_target(&self) -> HostPort {
        if let Some(host) = self.params.get("maddr").and_then(Host::parse_lenient) {
            return HostPort {
                host,
                port: self.sent_by.port,
            };
        }
        match self.received() {
            Some(ip) => HostPort {
                host: ip.into(),
                port: self.rport().or(self.sent_by.port),
            },
            None => HostPort {
                host: self.sent_by.host.clone(),
                port: self.rport().or(self.sent_by.port),
            },
        }
    }

    /// The `ttl` of a multicast request.
    pub fn ttl(&self) -> Option<u8> {
        self.params.get("ttl").and_then(number)
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

fn read(value: &str, params: &str) -> Option<Via> {
    let (name, rest) = value.split_once('/')?;
    let (version, rest) = rest.split_once('/')?;
    if !trim(name).eq_ignore_ascii_case("SIP") || trim(version) != "2.0" {
        return None;
    }
    let rest = trim(rest);
    let (transport, sent_by) = rest.split_at(rest.find(is_ws)?);
    let sent_by = trim(sent_by);
    let sent_by = if sent_by.contains(is_ws) {
        without_space_at_colon(sent_by)?
    } else {
        sent_by.to_owned()
    };
    let transport = match transport_named(transport) {
        Some(known) => ViaTransport::Known(known),
        None if is_token(transport) => ViaTransport::Other(transport.to_owned()),
        None => return None,
    };
    Some(Via {
        transport,
        sent_by: HostPort::parse(&sent_by)?,
        params: Params::parse(params)?,
    })
}

/// `host : 5060` is `host:5060`; white space anywhere else is not allowed.
fn without_space_at_colon(text: &str) -> Option<String> {
    let (host, port) = text.rsplit_once(':')?;
    let (host, port) = (trim(host), trim(port));
    (!host.contains(is_ws) && !port.contains(is_ws)).then(|| format!("{host}:{port}"))
}

/// The transport of a Via or a `transport` parameter, in any case.
pub(crate) fn transport_named(name: &str) -> Option<Transport> {
    Transport::all()
        .into_iter()
        .find(|transport| transport.to_string().eq_ignore_ascii_case(name))
}
