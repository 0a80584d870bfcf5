//! `a=crypto`: keys for the media in the description itself (RFC 4568), for the suites of RFC 4568 and RFC 7714.

use std::fmt;

use data_encoding::{BASE64, BASE64_NOPAD};

use super::{Attribute, MediaDescription};

/// The attribute's name.
pub(super) const CRYPTO: &str = "crypto";
/// Most lines of a media line that are looked at.
const LINES: usize = 32;
/// Most octets of a master key identifier (RFC 4568 section 6.1).
const LONGEST_MKI: usize = 128;
/// Most packets a key may be said to live for (RFC 3711 section 9.2).
const LONGEST_LIFE: u64 = 1 << 48;

/// A crypto-suite known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CryptoSuite {
    /// `AES_CM_128_HMAC_SHA1_80` (RFC 4568 section 6.2.1).
    AesCm128HmacSha1With80,
    /// `AES_CM_128_HMAC_SHA1_32` (RFC 4568 section 6.2.2).
    AesCm128HmacSha1With32,
    /// `AEAD_AES_128_GCM` (RFC 7714 section 14.2).
    AeadAes128Gcm,
    /// `AEAD_AES_256_GCM` (RFC 7714 section 14.2).
    AeadAes256Gcm,
}

impl CryptoSuite {
    /// All, in the order they are offered: the one every SRTP device has comes first, because some read one line only, and the one
    /// with the short tag last.
    pub const ALL: [CryptoSuite; 4] = [
        CryptoSuite::AesCm128HmacSha1With80,
        CryptoSuite::AeadAes256Gcm,
        CryptoSuite::AeadAes128Gcm,
        CryptoSuite::AesCm128HmacSha1With32,
    ];

    /// The name in descriptions.
    pub fn name(self) -> &'static str {
        match self {
            CryptoSuite::AesCm128HmacSha1With80 => "AES_CM_128_HMAC_SHA1_80",
            CryptoSuite::AesCm128HmacSha1With32 => "AES_CM_128_HMAC_SHA1_32",
            CryptoSuite::AeadAes128Gcm => "AEAD_AES_128_GCM",
            CryptoSuite::AeadAes256Gcm => "AEAD_AES_256_GCM",
        }
    }

    /// Octets of master key and master salt together.
    pub fn key_length(self) -> usize {
        match self {
            CryptoSuite::AesCm128HmacSha1With80 | CryptoSuite::AesCm128HmacSha1With32 => 16 + 14,
            CryptoSuite::AeadAes128Gcm => 16 + 12,
            CryptoSuite::AeadAes256Gcm => 32 + 12,
        }
    }

    fn named(name: &str) -> Option<CryptoSuite> {
        CryptoSuite::ALL
            .into_iter()
            .find(|suite| suite.name().eq_ignore_ascii_case(name))
    }
}

/// Master key and master salt. What is shown of them is that they are there.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey(pub Vec<u8>);

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// One `a=crypto` line: how its author protects what he sends (RFC 4568 section 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crypto {
    /// Its number; the answer repeats it.
    pub tag: u32,
    /// Cipher and authentication.
    pub suite: CryptoSuite,
    /// The key.
    pub key: MasterKey,
    /// How many packets the key is good for, if that is said.
    pub lifetime: Option<u64>,
    /// The identifier of the key that each packet carries, if any.
    pub mki: Option<Vec<u8>>,
}

impl Crypto {
    /// A line of ours: without lifetime and identifier, as everybody understands it.
    pub fn new(tag: u32, suite: CryptoSuite, key: MasterKey) -> Crypto {
        Crypto {
            tag,
            suite,
            key,
            lifetime: None,
            mki: None,
        }
    }

    /// Reads the value of a line; `None` when it cannot be met: an unknown suite, a key of the wrong length, several keys, a
    /// parameter that would weaken the stream (RFC 4568 section 6.3) or that is not known and must be.
    pub fn parse(value: &str) -> Option<Crypto> {
        let mut words = value.split_whitespace();
        let tag = words.next()?;
        let tag = (tag.len() <= 9).then(|| tag.parse().ok())??;
        let suite = CryptoSuite::named(words.next()?)?;
        let keys = words.next()?;
        if !words.all(can_be_met) {
            return None;
        }
        // Several keys need a look into each packet; nobody sends them.
        let method = keys.get(.."inline:".len())?;
        let inline = keys.get("inline:".len()..).filter(|keys| !keys.contains(';'))?;
        if !method.eq_ignore_ascii_case("inline:") {
            return None;
        }
        let mut parts = inline.split('|');
        let key = decoded(parts.next()?).filter(|key| key.len() == suite.key_length())?;
        let mut crypto = Crypto::new(tag, suite, MasterKey(key));
        for part in parts {
            match part.split_once(':') {
                Some((value, length)) if crypto.mki.is_none() => crypto.mki = Some(mki(value, length)?),
                None if crypto.lifetime.is_none() && crypto.mki.is_none() => crypto.lifetime = Some(lifetime(part)?),
                _ => return None,
            }
        }
        Some(crypto)
    }

    /// The lines of a media line that can be met, in its order.
    pub fn all_of(media: &MediaDescription) -> Vec<Crypto> {
        media
            .attributes_named(CRYPTO)
            .take(LINES)
            .filter_map(Crypto::parse)
            .collect()
    }

    /// As it is written into a description.
    pub fn attribute(&self) -> Attribute {
        let key = BASE64.encode(&self.key.0);
        let mut value = format!("{} {} inline:{key}", self.tag, self.suite.name());
        if let Some(lifetime) = self.lifetime {
            value += &format!("|{lifetime}");
        }
        if let Some(mki) = &self.mki {
            let number = mki.iter().fold(0u128, |number, octet| number << 8 | u128::from(*octet));
            value += &format!("|{number}:{}", mki.len());
        }
        Attribute::new(CRYPTO, value)
    }
}

/// A session parameter (RFC 4568 section 6.3).
fn can_be_met(parameter: &str) -> bool {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    match name.to_ascii_uppercase().as_str() {
        // Keys are derived once; any other rate is another key schedule.
        "KDR" => value == "0",
        // A hint of how late packets may be; the window here is wide.
        "WSH" | "FEC_ORDER" => true,
        // UNENCRYPTED_SRTP, UNENCRYPTED_SRTCP, UNAUTHENTICATED_SRTP and FEC_KEY are declined, as is what is not known.
        other => other.starts_with('-'),
    }
}

/// Base64, with or without its padding: both are met.
fn decoded(text: &str) -> Option<Vec<u8>> {
    BASE64_NOPAD.decode(text.trim_end_matches('=').as_bytes()).ok()
}

/// `2^20` or a plain number.
fn lifetime(text: &str) -> Option<u64> {
    let packets = match text.split_once('^') {
        Some(("2", power)) => 1u64.checked_shl(power.parse().ok()?)?,
        Some(_) => return None,
        None => text.parse().ok()?,
    };
    (1..=LONGEST_LIFE).contains(&packets).then_some(packets)
}

/// `1:4`: a number, and how many octets it has in a packet.
fn mki(value: &str, length: &str) -> Option<Vec<u8>> {
    let length: usize = length.parse().ok()?;
    let number = value.parse::<u128>().ok()?.to_be_bytes();
    if length == 0 || length > LONGEST_MKI {
        return None;
    }
    let mut octets = vec![0; length.saturating_sub(number.len())];
    let kept = length.min(number.len());
    let (cut, rest) = number.split_at(number.len() - kept);
    octets.extend_from_slice(rest);
    cut.iter().all(|octet| *octet == 0).then_some(octets)
}
