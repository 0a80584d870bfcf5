//! What a person tells about one SIP account.

use std::fmt;
use std::time::Duration;

use crate::{Transport, Uri};

/// One account of the endpoint; whoever keeps the accounts chooses the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(pub u64);

/// A password. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

impl Secret {
    /// Wraps a password.
    pub fn new(password: impl Into<String>) -> Self {
        Self(password.into())
    }

    /// The password itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Name and password for digest authentication (RFC 3261 section 22.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The name at the server; often the user part of the address.
    pub user: String,
    /// The password.
    pub password: Secret,
}

/// One account.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountConfig {
    /// The name others see beside our address; may be empty.
    pub display_name: String,
    /// The address of record: `sip:user@domain`, without parameters.
    pub address: Uri,
    /// Name and password, when the server asks.
    pub credentials: Option<Credentials>,
    /// The server that keeps registrations, when it is not the domain of the address.
    pub registrar: Option<Uri>,
    /// Every request of this account goes there first (RFC 3261 section 8.1.2, as a loose route).
    pub outbound_proxy: Option<Uri>,
    /// The transport for this account; `None` lets the DNS decide.
    pub transport: Option<Transport>,
    /// The path of the server's WebSocket address, with its slash; `None` is `/`.
    pub ws_path: Option<String>,
    /// SHA-256 of the one certificate the server may show, as [`Certificate::sha256`](super::Certificate::sha256) writes it.
    pub pinned_certificate: Option<String>,
    /// Register at all. Without registration the account calls addresses directly and takes calls that reach it.
    pub register: bool,
    /// How long a registration is asked for.
    pub expires: Duration,
    /// Take calls from any address, not only from the account's own server. For calls by IP address.
    pub accept_from_anyone: bool,
    /// Believe the account's own server when it says who calls (`P-Asserted-Identity`, RFC 3325).
    pub trust_identity: bool,
    /// Take a REFER outside of any call, as exchanges send it to make a phone dial. [`Event::Referred`](super::Event)
    /// follows; otherwise it is declined.
    pub take_referrals: bool,
    /// Names this installation of the product at its registrar (`urn:uuid:…`, RFC 5626 section 4.1): always the same one,
    /// so that a new registration takes the place of the one before. `None` registers without Outbound and GRUU.
    pub instance_id: Option<String>,
    /// With an `instance_id`: ask for a GRUU and name it as our Contact in calls (RFC 5627 section 4.4). Registrars that hand
    /// GRUUs out while the proxy before them cannot route a request within a dialog to one are common: there, no BYE and no
    /// re-INVITE would reach us.
    pub gruu: bool,
    /// How often a registered flow is asked whether it still leads to the server (OPTIONS). Zero never asks.
    pub reachability: Duration,
}

impl AccountConfig {
    /// An account as most are: registers with the domain of its address, for five minutes at a time.
    pub fn new(address: Uri) -> Self {
        Self {
            display_name: String::new(),
            address,
            credentials: None,
            registrar: None,
            outbound_proxy: None,
            transport: None,
            ws_path: None,
            pinned_certificate: None,
            register: true,
            expires: Duration::from_secs(300),
            accept_from_anyone: false,
            trust_identity: true,
            take_referrals: false,
            instance_id: None,
            gruu: false,
            reachability: Duration::from_secs(30),
        }
    }
}

/// What all accounts of an endpoint share.
#[derive(Debug, Clone)]
pub struct EndpointConfig {
    /// The header field `User-Agent` (and `Server`).
    pub user_agent: String,
    /// Calls at a time; an incoming call above it is answered 486.
    pub max_sessions: usize,
    /// The session interval asked for (RFC 4028), so that a call whose far end died ends by itself.
    pub session_expires: Option<Duration>,
    /// How often a registered flow is kept alive (RFC 5626 section 3.5).
    pub keep_alive: Duration,
}

impl Default for EndpointConfig {
    fn default() -> Self {
        Self {
            user_agent: "Parley".into(),
            max_sessions: 32,
            session_expires: Some(Duration::from_secs(1800)),
            keep_alive: Duration::from_secs(25),
        }
    }
}
