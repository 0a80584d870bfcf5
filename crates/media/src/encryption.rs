//! How a stream is encrypted, in the words of offer and answer.

use std::fmt;

/// Cipher and authentication of a stream (RFC 3711, RFC 7714).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SrtpSuite {
    /// AES-128 in counter mode, HMAC-SHA1 cut to 80 bits.
    AesCm128HmacSha1With80,
    /// AES-128 in counter mode, HMAC-SHA1 cut to 32 bits; 80 for control packets.
    AesCm128HmacSha1With32,
    /// AES-128 in Galois/counter mode.
    AeadAes128Gcm,
    /// AES-256 in Galois/counter mode.
    AeadAes256Gcm,
}

/// The master key of one way.
#[derive(Clone, PartialEq, Eq)]
pub struct SrtpKey {
    /// Cipher and authentication.
    pub suite: SrtpSuite,
    /// Master key and, after it, master salt.
    pub master: Vec<u8>,
    /// The identifier that each packet carries; usually empty.
    pub mki: Vec<u8>,
}

/// Nothing of a key is shown.
impl fmt::Debug for SrtpKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SrtpKey")
            .field("suite", &self.suite)
            .finish_non_exhaustive()
    }
}

/// The keys of a stream, ours and theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamEncryption {
    /// Protects what we send.
    pub send: SrtpKey,
    /// Protects what comes.
    pub receive: SrtpKey,
}
