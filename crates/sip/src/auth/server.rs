//! Judging an answer. Which nonces are good, and how often each may be used, is the caller's to keep.

use super::digest::{self, Inputs};
use super::{Algorithm, Qop};
use crate::headers::Challenge;

/// The credentials a client sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Who it claims to be.
    pub username: String,
    /// The realm it answers for.
    pub realm: String,
    /// The nonce it answers; the caller checks that it is one of its own and not too old.
    pub nonce: String,
    /// The URI it answers for; the caller may compare it with the Request-URI.
    pub uri: String,
    /// The algorithm; the caller checks that it offered it.
    pub algorithm: Algorithm,
    /// The protection; `None` is RFC 2069.
    pub qop: Option<Qop>,
    /// How often the client says it used the nonce; the caller checks that it grows.
    pub count: u32,
    /// The opaque text sent back.
    pub opaque: Option<String>,
    count_text: String,
    cnonce: String,
    response: String,
}

/// What the server knows of the user.
#[derive(Clone, Copy)]
pub enum Proof<'a> {
    /// The password.
    Password(&'a str),
    /// `H(user:realm:password)` for the attempt's algorithm, see [`Algorithm::user_hash`].
    UserHash(&'a str),
}

impl Attempt {
    /// Reads credentials; `None` if they are not Digest ones with all that is needed.
    pub fn read(authorization: &Challenge) -> Option<Attempt> {
        let params = &authorization.params;
        let text = |name: &str| params.get(name).map(str::to_owned);
        let algorithm = match params.get("algorithm") {
            Some(name) => Algorithm::parse(name)?,
            None => Algorithm::Md5,
        };
        let qop = match params.get("qop") {
            Some(qop) => Some(Qop::parse(qop)?),
            None => None,
        };
        let count_text = text("nc").unwrap_or_default();
        let count = u32::from_str_radix(&count_text, 16).unwrap_or(0);
        let cnonce = text("cnonce").unwrap_or_default();
        let is_complete = qop.is_none() || (count_text.len() == 8 && count > 0 && !cnonce.is_empty());
        (authorization.is_digest() && is_complete).then_some(())?;
        Some(Attempt {
            username: text("username")?,
            realm: text("realm")?,
            nonce: text("nonce")?,
            uri: text("uri")?,
            algorithm,
            qop,
            count,
            opaque: text("opaque"),
            count_text,
            cnonce,
            response: text("response")?,
        })
    }

    /// Whether the response is the one only somebody with the password can give for this method and body.
    pub fn is_proven(&self, method: &str, body: &[u8], proof: Proof) -> bool {
        let user_hash = match proof {
            Proof::Password(password) => self.algorithm.user_hash(&self.username, &self.realm, password),
            Proof::UserHash(hash) => hash.to_owned(),
        };
        let key = self.algorithm.session_key(&user_hash, &self.nonce, &self.cnonce);
        let expected = digest::response(&Inputs {
            algorithm: self.algorithm,
            key: &key,
            nonce: &self.nonce,
            method,
            uri: &self.uri,
            body,
            qop: self.qop,
            count: &self.count_text,
            cnonce: &self.cnonce,
        });
        is_same(expected.as_bytes(), self.response.to_ascii_lowercase().as_bytes())
    }
}

/// Compares in a time that does not depend on where the first difference is.
fn is_same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}
