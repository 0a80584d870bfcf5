//! URIs: `sip:` and `sips:` (RFC 3261 section 19.1), `tel:` (RFC 3966), and all others kept as they are.

mod compare;
mod escape;
mod read;

use std::fmt;

use crate::via::transport_named;
use crate::{Fault, Host, HostPort, Params, Transport, print};

/// A URI as it stands in a request line, a name-addr or a dial field.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Uri {
    /// `sip:` or `sips:`.
    Sip(SipUri),
    /// `tel:`.
    Tel(TelUri),
    /// Any other scheme, opaque.
    Absolute(AbsoluteUri),
}

/// A `sip:` or `sips:` URI. Its text parts are kept with their `%` escapes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SipUri {
    /// Whether the scheme is `sips`.
    pub secure: bool,
    /// The user part, escaped as received (see [`SipUri::user_text`]).
    pub user: Option<String>,
    /// The password, escaped as received. Deprecated, never shown.
    pub password: Option<String>,
    /// The host.
    pub host: Host,
    /// The port, if written.
    pub port: Option<u16>,
    /// URI parameters, escaped as received.
    pub params: Params,
    /// Header fields to put into a request made from this URI, escaped as received.
    pub headers: Vec<(String, String)>,
}

/// A `tel:` URI (RFC 3966).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TelUri {
    /// The number as written, visual separators included; global numbers start with `+`.
    pub number: String,
    /// Parameters such as `phone-context`, `ext`, `isub`.
    pub params: Params,
}

/// A URI of a scheme this crate does not interpret.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AbsoluteUri {
    /// The scheme, as written.
    pub scheme: String,
    /// Everything after the colon.
    pub rest: String,
}

impl Uri {
    /// Reads a URI: `sip:`, `sips:` and `tel:` by their grammar, any other scheme as it is.
    pub fn parse(text: &str) -> Result<Uri, Fault> {
        read::uri(text)
    }

    /// The `sip:`/`sips:` URI, if it is one.
    pub fn sip(&self) -> Option<&SipUri> {
        match self {
            Uri::Sip(sip) => Some(sip),
            _ => None,
        }
    }

    /// As [`Uri::sip`], to change it.
    pub fn sip_mut(&mut self) -> Option<&mut SipUri> {
        match self {
            Uri::Sip(sip) => Some(sip),
            _ => None,
        }
    }

    /// The scheme, in lower case.
    pub fn scheme(&self) -> String {
        match self {
            Uri::Sip(sip) if sip.secure => "sips".to_owned(),
            Uri::Sip(_) => "sip".to_owned(),
            Uri::Tel(_) => "tel".to_owned(),
            Uri::Absolute(other) => other.scheme.to_ascii_lowercase(),
        }
    }

    /// The user part (or the `tel:` number) as people read it, escapes decoded.
    pub fn user(&self) -> Option<String> {
        match self {
            Uri::Sip(sip) => sip.user_text(),
            Uri::Tel(tel) => Some(tel.number.clone()),
            Uri::Absolute(_) => None,
        }
    }

    /// The host of a `sip:` URI.
    pub fn host(&self) -> Option<&Host> {
        self.sip().map(|sip| &sip.host)
    }

    /// Whether both are the same address (RFC 3261 section 19.1.4; RFC 3966 section 4 for `tel:`).
    ///
    /// `==` compares what is written instead, escapes and the order of parameters included.
    pub fn equivalent(&self, other: &Uri) -> bool {
        compare::uris(self, other)
    }
}

impl SipUri {
    /// `sip:host`.
    pub fn new(host: Host) -> SipUri {
        SipUri {
            secure: false,
            user: None,
            password: None,
            host,
            port: None,
            params: Params::new(),
            headers: Vec::new(),
        }
    }

    /// With a user given as plain text; what needs escaping is escaped.
    pub fn with_user(mut self, user: &str) -> SipUri {
        self.user = Some(escape::encode(user, escape::USER));
        self
    }

    /// With a port.
    pub fn with_port(mut self, port: u16) -> SipUri {
        self.port = Some(port);
        self
    }

    /// With a URI parameter; `None` makes a flag such as `lr`.
    pub fn with_param(mut self, name: &str, value: Option<&str>) -> SipUri {
        self.params.set(name, value);
        self
    }

    /// With a header field for the request made from this URI, its value given as plain text.
    pub fn with_header(mut self, name: &str, value: &str) -> SipUri {
        self.headers
            .push((escape::encode(name, ""), escape::encode(value, escape::HEADER)));
        self
    }

    /// The user part as people read it, escapes decoded.
    pub fn user_text(&self) -> Option<String> {
        self.user.as_deref().map(escape::decode)
    }

    /// Host and port.
    pub fn host_port(&self) -> HostPort {
        HostPort {
            host: self.host.clone(),
            port: self.port,
        }
    }

    /// The `transport` parameter; `None` if missing or unknown.
    pub fn transport(&self) -> Option<Transport> {
        transport_named(self.params.get("transport")?)
    }

    /// The header fields of the URI with their escapes decoded, as `?Replaces=…` needs them.
    pub fn decoded_headers(&self) -> Vec<(String, String)> {
        self.headers
            .iter()
            .map(|(name, value)| (escape::decode(name), escape::decode(value)))
            .collect()
    }

    /// Whether the `lr` parameter is there (RFC 3261 section 19.1.1: a loose router).
    pub fn is_loose_router(&self) -> bool {
        self.params.has("lr")
    }
}

impl From<SipUri> for Uri {
    fn from(sip: SipUri) -> Uri {
        Uri::Sip(sip)
    }
}

impl From<TelUri> for Uri {
    fn from(tel: TelUri) -> Uri {
        Uri::Tel(tel)
    }
}

impl std::str::FromStr for Uri {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Uri, Fault> {
        Uri::parse(text)
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Uri::Sip(sip) => sip.fmt(f),
            Uri::Tel(tel) => tel.fmt(f),
            Uri::Absolute(other) => other.fmt(f),
        }
    }
}

impl fmt::Display for SipUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.secure { "sips:" } else { "sip:" })?;
        if let Some(user) = &self.user {
            print::uri_part(f, user, escape::USER)?;
            if let Some(password) = &self.password {
                f.write_str(":")?;
                print::uri_part(f, password, escape::PASSWORD)?;
            }
            f.write_str("@")?;
        }
        write!(f, "{}", self.host_port())?;
        print_params(f, &self.params)?;
        for (at, (name, value)) in self.headers.iter().enumerate() {
            f.write_str(if at == 0 { "?" } else { "&" })?;
            print::uri_part(f, name, escape::HEADER)?;
            f.write_str("=")?;
            print::uri_part(f, value, escape::HEADER)?;
        }
        Ok(())
    }
}

impl fmt::Display for TelUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tel:")?;
        self.number
            .chars()
            .filter(|c| read::is_phone_char(*c))
            .try_for_each(|c| write!(f, "{c}"))?;
        print_params(f, &self.params)
    }
}

impl fmt::Display for AbsoluteUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print::token(f, &self.scheme)?;
        f.write_str(":")?;
        print::uri_part(f, &self.rest, escape::ANY)
    }
}

fn print_params(f: &mut fmt::Formatter<'_>, params: &Params) -> fmt::Result {
    for param in params.iter() {
        f.write_str(";")?;
        print::uri_part(f, &param.name, escape::PARAM)?;
        if let Some(value) = &param.value {
            f.write_str("=")?;
            print::uri_part(f, value, escape::PARAM)?;
        }
    }
    Ok(())
}
