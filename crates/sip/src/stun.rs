//! STUN Binding (RFC 8489), as far as it keeps a flow alive (RFC 5626 section 4.4.2): the question "from which address do you see
//! me?" and its answer. No authentication, no ICE.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// Octets of the header.
const HEADER: usize = 20;
/// Largest message that is read, in octets.
pub const LARGEST: usize = 548;
/// Attributes looked at, at most.
const ATTRIBUTES: usize = 32;
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const BINDING_REQUEST: u16 = 0x0001;
const BINDING_SUCCESS: u16 = 0x0101;
const BINDING_ERROR: u16 = 0x0111;
const MAPPED_ADDRESS: u16 = 0x0001;
const ERROR_CODE: u16 = 0x0009;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;
const FINGERPRINT: u16 = 0x8028;
const FINGERPRINT_MASK: u32 = 0x5354_554e;

/// How long to wait after the request and after each repetition of it (RFC 8489 section 6.2.1, shortened: a keep-alive that is
/// lost for eight seconds is a lost flow).
pub const WAITS: [Duration; 4] = [
    Duration::from_millis(500),
    Duration::from_millis(1000),
    Duration::from_millis(2000),
    Duration::from_millis(4000),
];

/// Tells a request from all others; from a random source, so that nobody can answer in the server's place.
pub type TransactionId = [u8; 12];

/// A STUN message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stun {
    /// Somebody asks us.
    BindingRequest {
        /// Goes into the answer.
        id: TransactionId,
    },
    /// Our address as the server sees it.
    BindingSuccess {
        /// Of the request.
        id: TransactionId,
        /// The address and port our datagram came from.
        mapped: SocketAddr,
    },
    /// The server does not tell.
    BindingError {
        /// Of the request.
        id: TransactionId,
        /// 300 to 699.
        code: u16,
    },
}

/// Whether a datagram is STUN and no SIP: two bits of zero, the magic cookie, and a length that fits (RFC 8489 section 5).
pub fn is_stun(datagram: &[u8]) -> bool {
    datagram.len() >= HEADER
        && datagram.first().is_some_and(|first| first & 0xc0 == 0)
        && datagram.get(4..8) == Some(&MAGIC_COOKIE[..])
}

/// A Binding request, with a fingerprint so that it cannot be mistaken for anything else.
pub fn binding_request(id: &TransactionId) -> Vec<u8> {
    with_fingerprint(head(BINDING_REQUEST, id))
}

/// The answer to a Binding request that came from `mapped`.
pub fn binding_success(id: &TransactionId, mapped: SocketAddr) -> Vec<u8> {
    let mut message = head(BINDING_SUCCESS, id);
    let key = key(id);
    let mut value = vec![0, if mapped.is_ipv4() { 1 } else { 2 }];
    value.extend((mapped.port() ^ 0x2112).to_be_bytes());
    let octets = match mapped.ip() {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    value.extend(octets.iter().zip(key).map(|(octet, key)| octet ^ key));
    attribute(&mut message, XOR_MAPPED_ADDRESS, &value);
    with_fingerprint(message)
}

/// Reads a message; `None` for everything that is not one of the three, whatever is wrong with it.
pub fn parse(datagram: &[u8]) -> Option<Stun> {
    if !is_stun(datagram) || datagram.len() > LARGEST {
        return None;
    }
    let length = usize::from(number(datagram, 2)?);
    if length % 4 != 0 || datagram.len() != HEADER + length {
        return None;
    }
    let id: TransactionId = datagram.get(8..HEADER)?.try_into().ok()?;
    let attributes = attributes(datagram)?;
    match number(datagram, 0)? {
        BINDING_REQUEST => Some(Stun::BindingRequest { id }),
        BINDING_SUCCESS => {
            let find = |wanted| {
                attributes
                    .iter()
                    .find(|(kind, _)| *kind == wanted)
                    .map(|(_, value)| *value)
            };
            let mapped = match (find(XOR_MAPPED_ADDRESS), find(MAPPED_ADDRESS)) {
                (Some(value), _) => address(value, Some(&key(&id))),
                // A server of RFC 3489.
                (None, Some(value)) => address(value, None),
                (None, None) => None,
            }?;
            Some(Stun::BindingSuccess { id, mapped })
        }
        BINDING_ERROR => {
            let (_, value) = attributes.iter().find(|(kind, _)| *kind == ERROR_CODE)?;
            let (class, number) = (u16::from(value.get(2)? & 7), u16::from(*value.get(3)?));
            let code = class * 100 + number;
            ((300..700).contains(&code) && number < 100).then_some(Stun::BindingError { id, code })
        }
        _ => None,
    }
}

/// All attributes; `None` when they do not fill the message exactly, or the fingerprint is wrong.
fn attributes(datagram: &[u8]) -> Option<Vec<(u16, &[u8])>> {
    let mut found = Vec::new();
    let mut at = HEADER;
    while at < datagram.len() {
        let (kind, length) = (number(datagram, at)?, usize::from(number(datagram, at + 2)?));
        let value = datagram.get(at + 4..at + 4 + length)?;
        if found.len() >= ATTRIBUTES {
            return None;
        }
        if kind == FINGERPRINT && value != (checksum(datagram.get(..at)?) ^ FINGERPRINT_MASK).to_be_bytes() {
            return None;
        }
        found.push((kind, value));
        at += 4 + length.next_multiple_of(4);
    }
    (at == datagram.len()).then_some(found)
}

fn address(value: &[u8], key: Option<&[u8; 16]>) -> Option<SocketAddr> {
    let masked = |at: usize, octet: &u8| octet ^ key.and_then(|key| key.get(at)).copied().unwrap_or(0);
    let port = number(value, 2)? ^ if key.is_some() { 0x2112 } else { 0 };
    let octets: Vec<u8> = value
        .get(4..)?
        .iter()
        .enumerate()
        .map(|(at, octet)| masked(at, octet))
        .collect();
    let ip: IpAddr = match value.get(1)? {
        1 => Ipv4Addr::from(<[u8; 4]>::try_from(octets).ok()?).into(),
        2 => Ipv6Addr::from(<[u8; 16]>::try_from(octets).ok()?).into(),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

/// What addresses are masked with, so that translators that rewrite everything that looks like one leave them alone.
fn key(id: &TransactionId) -> [u8; 16] {
    let mut key = [0; 16];
    for (place, octet) in key.iter_mut().zip(MAGIC_COOKIE.iter().chain(id)) {
        *place = *octet;
    }
    key
}

fn head(kind: u16, id: &TransactionId) -> Vec<u8> {
    let mut message = kind.to_be_bytes().to_vec();
    message.extend([0, 0]);
    message.extend(MAGIC_COOKIE);
    message.extend(id);
    message
}

fn attribute(message: &mut Vec<u8>, kind: u16, value: &[u8]) {
    message.extend(kind.to_be_bytes());
    message.extend(u16::try_from(value.len()).unwrap_or(0).to_be_bytes());
    message.extend(value);
    message.resize(message.len().next_multiple_of(4), 0);
    set_length(message, 0);
}

fn with_fingerprint(mut message: Vec<u8>) -> Vec<u8> {
    // The length counts the fingerprint that is still to come (RFC 8489 section 14.7).
    set_length(&mut message, 8);
    let sum = checksum(&message) ^ FINGERPRINT_MASK;
    attribute(&mut message, FINGERPRINT, &sum.to_be_bytes());
    message
}

fn set_length(message: &mut [u8], more: usize) {
    let length = u16::try_from(message.len() - HEADER + more).unwrap_or(0).to_be_bytes();
    for (place, octet) in message.iter_mut().skip(2).zip(length) {
        *place = octet;
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

/// CRC-32 of ITU-T V.42, bit by bit: a keep-alive is short.
fn checksum(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 {
                (sum >> 1) ^ 0xedb8_8320
            } else {
                sum >> 1
            };
        }
    }
    !sum
}
