//! Accounts and registration.
use super::Voicemail;
use super::options::AccountOptions;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// An account, without its password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    /// Its number.
    pub id: u64,
    /// The line's name ("Sales").
    pub name: String,
    /// Two letters shown with the line's colour ("SA").
    pub tag: String,
    /// Colour 1 to 4.
    pub colour: u8,
    /// Name shown to the called.
    pub display_name: String,
    /// User part of the address.
    pub user: String,
    /// Domain or server, with port if not the usual.
    pub domain: String,
    /// User name for authentication, when another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub auth_user: Option<String>,
    /// `host[:port]` every request goes through first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub outbound_proxy: Option<String>,
    /// How the server is reached.
    pub transport: Transport,
    /// Path of the server's WebSocket address, when another one than `/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub ws_path: Option<String>,
    /// SHA-256 of the one certificate this line trusts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub pinned_certificate: Option<String>,
    /// Off: kept, not registered.
    pub enabled: bool,
    /// Outgoing calls use it.
    pub chosen: bool,
    /// Where its password is.
    pub password: PasswordState,
    /// Whether callers reach it.
    pub registration: RegistrationView,
    /// How it handles calls.
    pub options: AccountOptions,
    /// When callers did not reach it, of the last two days, oldest first.
    pub outages: Vec<OutageView>,
    /// What was refused since the start, on all lines.
    pub refused: RefusedView,
    /// Its mailbox; absent while the server tells nothing of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub voicemail: Option<Voicemail>,
}

/// A time in which callers did not reach a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OutageView {
    /// Since when, in milliseconds since 1970.
    pub from: i64,
    /// Until when; absent while it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub to: Option<i64>,
}

/// What came from the network and was refused without a word, for people who wonder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RefusedView {
    /// Calls that did not come from the line's own server.
    pub ghost_calls: u64,
    /// Other requests of strangers.
    pub strangers: u64,
    /// Requests of a source that sent too many.
    pub flooding: u64,
    /// What could not be read.
    pub malformed: u64,
    /// Answers of a server that claimed to know the password and did not.
    pub false_proofs: u64,
}

/// What a person enters. Absent `id` adds an account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountDraft {
    /// The account to change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub id: Option<u64>,
    /// The line's name.
    pub name: String,
    /// Name shown to the called; empty for none.
    #[serde(default)]
    #[ts(as = "Option<String>", optional)]
    pub display_name: String,
    /// User part of the address.
    pub user: String,
    /// Domain or server, `host[:port]`.
    pub domain: String,
    /// User name for authentication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub auth_user: Option<String>,
    /// `host[:port]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub outbound_proxy: Option<String>,
    /// How the server is reached.
    #[serde(default)]
    #[ts(as = "Option<Transport>", optional)]
    pub transport: Transport,
    /// Path of the server's WebSocket address; absent is `/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub ws_path: Option<String>,
    /// SHA-256 of the one certificate this line trusts; absent trusts whom the system trusts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub pinned_certificate: Option<String>,
    /// Register or only keep.
    #[serde(default = "yes")]
    #[ts(as = "Option<bool>", optional)]
    pub enabled: bool,
    /// New password; absent keeps the old one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub password: Option<String>,
    /// How it handles calls; absent keeps what there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub options: Option<AccountOptions>,
}

fn yes() -> bool {
    true
}

impl std::fmt::Debug for AccountDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountDraft")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("user", &self.user)
            .field("domain", &self.domain)
            .field("password", &self.password.as_ref().map(|_| "…"))
            .finish_non_exhaustive()
    }
}

/// How a SIP server is reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// What the server's domain says (RFC 3263); UDP when it says nothing.
    #[default]
    Auto,
    /// UDP, large requests over TCP.
    Udp,
    /// TCP.
    Tcp,
    /// TLS.
    Tls,
    /// WebSocket.
    Ws,
    /// WebSocket over TLS.
    Wss,
}

/// Where a password is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PasswordState {
    /// None was given.
    None,
    /// In the system's keyring.
    Keyring,
    /// There is no keyring: kept until Parley is closed.
    ThisRun,
    /// The keyring is being asked.
    Asking,
}

/// Whether callers reach this line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum RegistrationView {
    /// Switched off.
    Off,
    /// Asking the server.
    Registering {
        /// Since when.
        since: i64,
    },
    /// The server knows where to reach us.
    Registered {
        /// Since when without a gap.
        since: i64,
        /// When the server last confirmed it.
        proven_at: i64,
        /// When it must be renewed.
        expires_at: i64,
        /// Server address, for details.
        server: String,
    },
    /// Callers do not reach this line.
    Failed {
        /// Since when.
        since: i64,
        /// Why, for programs.
        reason: RegistrationReason,
        /// Why and what to do, for people.
        text: String,
        /// When it is tried again; absent: not by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        retry_at: Option<i64>,
        /// The certificate it failed for, to be looked at and perhaps trusted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        certificate: Option<CertificateView>,
    },
}

/// A server's certificate that was not taken. All text comes from the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CertificateView {
    /// SHA-256 of the whole certificate, octets with colons between them.
    pub sha256: String,
    /// Whom it is for.
    pub subject: String,
    /// Who says so.
    pub issuer: String,
    /// Names and addresses it is for.
    pub names: Vec<String>,
    /// From when it counts; milliseconds.
    pub valid_from: i64,
    /// Until when; milliseconds.
    pub valid_to: i64,
    /// What is wrong with it, for people.
    pub fault: String,
    /// SHA-256 of the one trusted before, when the server shows another one now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub trusted_before: Option<String>,
}

/// Why a registration failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationReason {
    /// Name or password is wrong.
    WrongPassword,
    /// No password is known.
    NoPassword,
    /// The domain does not exist, or the server does not serve it.
    UnknownDomain,
    /// The server does not know the user.
    UnknownUser,
    /// The server does not answer.
    NoAnswer,
    /// The server cannot be reached.
    Unreachable,
    /// The server refuses.
    Refused,
    /// The server's certificate does not prove that it is the server.
    UntrustedCertificate,
    /// The server shows another certificate than the one that was trusted.
    CertificateChanged,
}
