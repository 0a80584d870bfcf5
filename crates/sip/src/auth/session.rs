//! One challenge being answered.

use std::fmt;

use super::digest::{self, Inputs};
use super::{Algorithm, DigestChallenge, Qop};
use crate::Params;
use crate::headers::Challenge;

/// One challenge being answered: it counts how often its nonce was used.
#[derive(Clone, PartialEq, Eq)]
pub struct DigestSession {
    challenge: DigestChallenge,
    /// How often the nonce was used so far.
    count: u32,
    /// What `-sess` keys are bound to for as long as the session lasts: the first nonce and the first client nonce (RFC 7616
    /// section 3.4.2).
    bound: Option<(String, String)>,
}

impl DigestSession {
    /// A fresh session.
    pub fn new(challenge: DigestChallenge) -> DigestSession {
        DigestSession {
            challenge,
            count: 0,
            bound: None,
        }
    }

    /// What is being answered.
    pub fn challenge(&self) -> &DigestChallenge {
        &self.challenge
    }

    /// The server names the nonce of the next request itself (`nextnonce`, RFC 7616 section 3.5).
    pub(super) fn go_on_with(&mut self, nonce: &str) {
        if self.challenge.nonce != nonce {
            nonce.clone_into(&mut self.challenge.nonce);
            self.count = 0;
        }
    }

    /// The value of Authorization or Proxy-Authorization for a request; counts the use. `uri` is the Request-URI as printed,
    /// `cnonce` a fresh random token.
    pub fn authorize(&mut self, credentials: (&str, &str), request: (&str, &str, &[u8]), cnonce: &str) -> Challenge {
        let ((username, password), (method, uri, body)) = (credentials, request);
        let (_, first) = self
            .bound
            .get_or_insert_with(|| (self.challenge.nonce.clone(), cnonce.to_owned()));
        let algorithm = self.challenge.algorithm;
        let cnonce = if algorithm.is_session() {
            first.clone()
        } else {
            cnonce.to_owned()
        };
        self.count = self.count.saturating_add(1);
        let (count, qop) = (format!("{:08x}", self.count), self.challenge.chosen_qop());
        let response = digest::response(&Inputs {
            algorithm,
            key: &self.key(username, password, &cnonce),
            nonce: &self.challenge.nonce,
            method,
            uri,
            body,
            qop,
            count: &count,
            cnonce: &cnonce,
        });
        let DigestChallenge {
            realm, nonce, opaque, ..
        } = &self.challenge;
        let name = if self.challenge.userhash {
            algorithm.hash(format!("{username}:{realm}").as_bytes())
        } else {
            username.to_owned()
        };
        let mut answer = Challenge::new("Digest")
            .with_quoted("username", &name)
            .with_quoted("realm", realm)
            .with_quoted("nonce", nonce)
            .with_quoted("uri", uri)
            .with_quoted("response", &response)
            .with_token("algorithm", algorithm.as_str());
        if let Some(qop) = qop {
            answer = answer.with_token("qop", &qop.to_string()).with_token("nc", &count);
        }
        if qop.is_some() || algorithm.is_session() {
            answer = answer.with_quoted("cnonce", &cnonce);
        }
        if self.challenge.userhash {
            answer = answer.with_token("userhash", "true");
        }
        match opaque {
            Some(opaque) => answer.with_quoted("opaque", opaque),
            None => answer,
        }
    }

    /// Whether `rspauth` proves that who answered knows the password too (RFC 7616 section 3.5). `sent` are the parameters of
    /// our credentials, `told` those of Authentication-Info, `body` is the body of the answer.
    pub(super) fn is_mutual(&self, credentials: (&str, &str), sent: &Params, told: &Params, body: &[u8]) -> bool {
        let text = |name: &str| sent.get(name).unwrap_or_default();
        let same = |name: &str| {
            told.get(name)
                .is_none_or(|value| value.eq_ignore_ascii_case(text(name)))
        };
        let (count, cnonce) = (text("nc"), text("cnonce"));
        let expected = digest::response(&Inputs {
            algorithm: self.challenge.algorithm,
            key: &self.key(credentials.0, credentials.1, cnonce),
            nonce: text("nonce"),
            method: "",
            uri: text("uri"),
            body,
            qop: told.get("qop").or_else(|| sent.get("qop")).and_then(Qop::parse),
            count,
            cnonce,
        });
        let rspauth = told.get("rspauth").unwrap_or_default();
        same("nc") && same("cnonce") && rspauth.eq_ignore_ascii_case(&expected)
    }

    /// `H(A1)`.
    fn key(&self, username: &str, password: &str, cnonce: &str) -> String {
        let DigestChallenge {
            realm,
            nonce,
            algorithm,
            ..
        } = &self.challenge;
        let key = algorithm.user_hash(username, realm, password);
        let (nonce, cnonce) = self
            .bound
            .as_ref()
            .map_or((nonce.as_str(), cnonce), |(nonce, cnonce)| (nonce, cnonce));
        algorithm.session_key(&key, nonce, cnonce)
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.challenge.algorithm
    }
}

/// Neither the password nor what is derived from it is shown.
impl fmt::Debug for DigestSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DigestSession")
            .field("realm", &self.challenge.realm)
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}
