//! Whom a connection is trusted to lead to: what an account says about it, and what is wrong with a certificate.

use crate::Host;

/// What an account says about the connections it makes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Trust {
    /// The SHA-256 of the one certificate this account takes, as [`Certificate::sha256`] writes it; `None` asks the system whom
    /// it trusts.
    pub pinned: Option<String>,
    /// The account's domain: what the certificate must name where the next hop is a bare address (RFC 5922 section 7.1 knows
    /// no name for one).
    pub domain: Option<Host>,
    /// The path of a WebSocket address, with its slash; `None` is `/`.
    pub path: Option<String>,
}

/// A server's certificate as a person can judge it. All text comes from the network.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Certificate {
    /// SHA-256 of the whole certificate: upper-case hexadecimal octets with colons between them.
    pub sha256: String,
    /// Whom it is for, as a distinguished name.
    pub subject: String,
    /// Who says so.
    pub issuer: String,
    /// The names and addresses it is for.
    pub names: Vec<String>,
    /// From when it counts, in seconds since 1970.
    pub valid_from: i64,
    /// Until when, in seconds since 1970.
    pub valid_to: i64,
    /// What is wrong with it.
    pub why: CertificateFault,
    /// What else is wrong with it: trusting it would mean to take this too.
    pub also: Vec<CertificateFault>,
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CertificateFault {
    /// Nobody whom the system trusts signed it.
    UnknownIssuer,
    /// It signed itself.
    SelfSigned,
    /// It is for other names than this one, which was asked for.
    WrongName {
        /// The name asked for.
        wanted: String,
    },
    /// It counts no more.
    Expired,
    /// It does not count yet; or our clock is wrong.
    NotYetValid,
    /// It is another one than the account trusts.
    Changed {
        /// SHA-256 of the trusted one.
        pinned: String,
    },
    /// Something else; the words of the library.
    Other(String),
}
