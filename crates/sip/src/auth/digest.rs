//! The hashes (RFC 7616 section 3.4).

use std::fmt;

use md5::{Digest as _, Md5};
use sha2::{Sha256, Sha512_256};

/// A digest algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// `MD5`, and what no `algorithm` parameter means.
    Md5,
    /// `MD5-sess`.
    Md5Sess,
    /// `SHA-256`.
    Sha256,
    /// `SHA-256-sess`.
    Sha256Sess,
    /// `SHA-512-256`.
    Sha512_256,
    /// `SHA-512-256-sess`.
    Sha512_256Sess,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Algorithm; 6] = [
        Algorithm::Md5,
        Algorithm::Md5Sess,
        Algorithm::Sha256,
        Algorithm::Sha256Sess,
        Algorithm::Sha512_256,
        Algorithm::Sha512_256Sess,
    ];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Algorithm::Md5 => "MD5",
            Algorithm::Md5Sess => "MD5-sess",
            Algorithm::Sha256 => "SHA-256",
            Algorithm::Sha256Sess => "SHA-256-sess",
            Algorithm::Sha512_256 => "SHA-512-256",
            Algorithm::Sha512_256Sess => "SHA-512-256-sess",
        }
    }

    /// Reads a name, in any case; `None` if unknown.
    pub fn parse(name: &str) -> Option<Algorithm> {
        Algorithm::ALL
            .into_iter()
            .find(|algorithm| algorithm.as_str().eq_ignore_ascii_case(name))
    }

    /// Whether the key is bound to the nonces of a session.
    pub fn is_session(self) -> bool {
        matches!(
            self,
            Algorithm::Md5Sess | Algorithm::Sha256Sess | Algorithm::Sha512_256Sess
        )
    }

    /// How strong the hash is: the larger the better.
    pub fn strength(self) -> u8 {
        match self {
            Algorithm::Md5 | Algorithm::Md5Sess => 0,
            Algorithm::Sha256 | Algorithm::Sha256Sess => 1,
            Algorithm::Sha512_256 | Algorithm::Sha512_256Sess => 2,
        }
    }

    /// The hash in lower case hexadecimal.
    pub fn hash(self, data: &[u8]) -> String {
        match self.strength() {
            0 => hex(&Md5::digest(data)),
            1 => hex(&Sha256::digest(data)),
            _ => hex(&Sha512_256::digest(data)),
        }
    }

    /// `H(user:realm:password)`, what a server may keep instead of the password.
    pub fn user_hash(self, username: &str, realm: &str, password: &str) -> String {
        self.hash(format!("{username}:{realm}:{password}").as_bytes())
    }

    /// `H(A1)`: for `-sess` the user's hash bound to the nonces of the session, else that hash itself.
    pub(super) fn session_key(self, user_hash: &str, nonce: &str, cnonce: &str) -> String {
        if self.is_session() {
            self.hash(format!("{user_hash}:{nonce}:{cnonce}").as_bytes())
        } else {
            user_hash.to_owned()
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What goes into a response.
pub(super) struct Inputs<'a> {
    pub algorithm: Algorithm,
    /// `H(A1)`, see [`Algorithm::session_key`].
    pub key: &'a str,
    pub nonce: &'a str,
    /// Empty for the proof of who answers.
    pub method: &'a str,
    pub uri: &'a str,
    pub body: &'a [u8],
    /// `None` is RFC 2069: no nonce count.
    pub qop: Option<super::Qop>,
    /// Eight hexadecimal digits.
    pub count: &'a str,
    pub cnonce: &'a str,
}

/// The `response` value (RFC 7616 section 3.4.1).
pub(super) fn response(inputs: &Inputs) -> String {
    let Inputs {
        algorithm,
        key,
        nonce,
        method,
        uri,
        body,
        qop,
        count,
        cnonce,
    } = inputs;
    let hash = |text: String| algorithm.hash(text.as_bytes());
    let a2 = match qop {
        Some(super::Qop::AuthInt) => hash(format!("{method}:{uri}:{}", algorithm.hash(body))),
        _ => hash(format!("{method}:{uri}")),
    };
    match qop {
        Some(qop) => hash(format!("{key}:{nonce}:{count}:{cnonce}:{qop}:{a2}")),
        None => hash(format!("{key}:{nonce}:{a2}")),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
