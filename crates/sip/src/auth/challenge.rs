//! What a server asks for.

use std::fmt;

use super::Algorithm;
use crate::headers::Challenge;

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
        }
    }

    /// Reads a challenge; `None` if the scheme, the algorithm or every offered quality of protection is unknown.
    pub fn read(challenge: &Challenge) -> Option<DigestChallenge> {
        let params = &challenge.params;
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
            stale: params
                .get("stale")
                .is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
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

    /// The header value.
    pub fn to_challenge(&self) -> Challenge {
        let mut challenge = Challenge::new("Digest")
            .with_quoted("realm", &self.realm)
            .with_quoted("nonce", &self.nonce);
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
        challenge
    }
}

impl fmt::Display for DigestChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_challenge().fmt(f)
    }
}
