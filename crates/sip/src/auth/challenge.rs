//! What a server asks for.

use std::fmt;

use super::Algorithm;
use crate::Uri;
use crate::headers::Challenge;

/// URIs of one protection space that are remembered.
const DOMAINS: usize = 8;

/// Quality of protection (RFC 7616 section 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Qop {
    /// The request line is protected.
    Auth,
    /// The body too.
    AuthInt,
}

impl Qop {
    /// Reads `auth` or `auth-int`.
    pub fn parse(text: &str) -> Option<Qop> {
        match text.trim().to_ascii_lowercase().as_str() {
            "auth" => Some(Qop::Auth),
            "auth-int" => Some(Qop::AuthInt),
            _ => None,
        }
    }
}

impl fmt::Display for Qop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Qop::Auth => "auth",
            Qop::AuthInt => "auth-int",
        })
    }
}

/// A Digest challenge this crate can answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestChallenge {
    /// Where the password belongs to.
    pub realm: String,
    /// The server's nonce.
    pub nonce: String,
    /// To be sent back unchanged.
    pub opaque: Option<String>,
    /// The algorithm.
    pub algorithm: Algorithm,
    /// Offered qualities of protection we know; empty is RFC 2069.
    pub qop: Vec<Qop>,
    /// The nonce was too old, the password is not in doubt.
    pub stale: bool,
    /// The user name shall be sent hashed (RFC 7616 section 3.4.4).
    pub userhash: bool,
    /// What the credentials are good for: URIs; empty is everything on that server (RFC 7616 section 3.3).
    pub domain: Vec<String>,
}

impl DigestChallenge {
    /// A new challenge with `qop="auth"`, for a server.
    pub fn new(realm: &str, nonce: &str, algorithm: Algorithm) -> DigestChallenge {
        DigestChallenge {
            realm: realm.to_owned(),
            nonce: nonce.to_owned(),
            opaque: None,
            algorithm,
            qop: vec![Qop::Auth],
            stale: false,
            userhash: false,
            domain: Vec::new(),
        }
    }

    /// Reads a challenge; `None` if the scheme, the algorithm or every offered quality of protection is unknown.
    pub fn read(challenge: &Challenge) -> Option<DigestChallenge> {
        let params = &challenge.params;
        let is_true = |name: &str| params.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let algorithm = match params.get("algorithm") {
            Some(name) => Algorithm::parse(name)?,
            None => Algorithm::Md5,
        };
        let offered = params.get("qop").filter(|qop| !qop.trim().is_empty());
        let qop: Vec<Qop> = offered
            .map(|qop| qop.split(',').filter_map(Qop::parse).collect())
            .unwrap_or_default();
        if !challenge.is_digest() || (offered.is_some() && qop.is_empty()) {
            return None;
        }
        Some(DigestChallenge {
            realm: params.get("realm")?.to_owned(),
            nonce: params.get("nonce")?.to_owned(),
            opaque: params.get("opaque").map(str::to_owned),
            algorithm,
            qop,
            stale: is_true("stale"),
            userhash: is_true("userhash"),
            domain: params
                .get("domain")
                .unwrap_or_default()
                .split_whitespace()
                .take(DOMAINS)
                .map(str::to_owned)
                .collect(),
        })
    }

    /// The quality of protection to answer with: `auth` if offered, as middle boxes change bodies.
    pub fn chosen_qop(&self) -> Option<Qop> {
        self.qop
            .iter()
            .copied()
            .find(|qop| *qop == Qop::Auth)
            .or(self.qop.first().copied())
    }

    /// Whether a request to this URI lies in the protection space, so that credentials may be sent before anybody asks.
    /// An absolute path, as HTTP knows it, says nothing about a SIP request.
    pub fn covers(&self, uri: &Uri) -> bool {
        let mut named = self.domain.iter().filter_map(|uri| Uri::parse(uri).ok()).peekable();
        named.peek().is_none() || named.any(|space| space.host() == uri.host())
    }

    /// The header value.
    pub fn to_challenge(&self) -> Challenge {
        let mut challenge = Challenge::new("Digest")
            .with_quoted("realm", &self.realm)
            .with_quoted("nonce", &self.nonce);
        if !self.domain.is_empty() {
            challenge = challenge.with_quoted("domain", &self.domain.join(" "));
        }
        if let Some(opaque) = &self.opaque {
            challenge = challenge.with_quoted("opaque", opaque);
        }
        if self.stale {
            challenge = challenge.with_token("stale", "true");
        }
        challenge = challenge.with_token("algorithm", self.algorithm.as_str());
        if !self.qop.is_empty() {
            let qop: Vec<String> = self.qop.iter().map(Qop::to_string).collect();
            challenge = challenge.with_quoted("qop", &qop.join(","));
        }
        if self.userhash {
            challenge = challenge.with_token("userhash", "true");
        }
        challenge
    }
}

impl fmt::Display for DigestChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_challenge().fmt(f)
    }
}
