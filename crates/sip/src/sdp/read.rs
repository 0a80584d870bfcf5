//! The lenient reader: lines may be missing, unknown or in any order, and end with CRLF, LF or CR.

use std::fmt;

use super::{Attribute, MediaDescription, Origin, Sdp};
use crate::Host;
use crate::parse::lines::decode;

/// Most octets of a description.
const LARGEST: usize = 65_535;
/// Most lines.
const LINES: usize = 2_048;
/// Most media.
const MEDIA: usize = 64;

/// Why octets are no session description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SdpError {
    /// Too large, too many lines or too many media.
    TooLarge,
    /// None of `v=`, `o=`, `m=` is there.
    NotSdp,
    /// A media line that cannot be read: its answer could not be lined up.
    Media,
}

impl fmt::Display for SdpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SdpError::TooLarge => "the session description is too large",
            SdpError::NotSdp => "this is no session description",
            SdpError::Media => "a media line of the session description is malformed",
        })
    }
}

impl std::error::Error for SdpError {}

impl Sdp {
    /// Reads a description. Unknown and unreadable lines are passed over, but for media lines.
    pub fn parse(bytes: &[u8]) -> Result<Sdp, SdpError> {
        if bytes.len() > LARGEST {
            return Err(SdpError::TooLarge);
        }
        let mut sdp = Sdp {
            origin: Origin {
                username: "-".to_owned(),
                session_id: "0".to_owned(),
                version: 0,
                address: Host::V4(std::net::Ipv4Addr::UNSPECIFIED),
            },
            name: "-".to_owned(),
            connection: None,
            bandwidth: Vec::new(),
            attributes: Vec::new(),
            media: Vec::new(),
        };
        let mut is_sdp = false;
        for (at, line) in decode(bytes)
            .split(['\n', '\r'])
            .filter(|line| !line.is_empty())
            .enumerate()
        {
            if at >= LINES {
                return Err(SdpError::TooLarge);
            }
            let Some((kind, value)) = line.trim().split_once('=') else {
                continue;
            };
            let value = value.trim();
            is_sdp |= ["v", "o", "m"].contains(&kind.trim_end());
            match kind.trim_end() {
                "o" => sdp.origin = origin(value).unwrap_or(sdp.origin),
                "s" if !value.is_empty() => value.clone_into(&mut sdp.name),
                "m" if sdp.media.len() >= MEDIA => return Err(SdpError::TooLarge),
                "m" => sdp.media.push(media(value).ok_or(SdpError::Media)?),
                "c" => *connection_of(&mut sdp) = connection(value),
                "b" => match sdp.media.last_mut() {
                    Some(media) => media.bandwidth.push(value.to_owned()),
                    None => sdp.bandwidth.push(value.to_owned()),
                },
                "a" => match sdp.media.last_mut() {
                    Some(media) => media.attributes.push(attribute(value)),
                    None => sdp.attributes.push(attribute(value)),
                },
                _ => {}
            }
        }
        if is_sdp { Ok(sdp) } else { Err(SdpError::NotSdp) }
    }
}

fn connection_of(sdp: &mut Sdp) -> &mut Option<Host> {
    match sdp.media.last_mut() {
        Some(media) => &mut media.connection,
        None => &mut sdp.connection,
    }
}

/// `o=- 1 1 IN IP4 192.0.2.1`.
fn origin(value: &str) -> Option<Origin> {
    let mut words = value.split_whitespace();
    Some(Origin {
        username: words.next()?.to_owned(),
        session_id: words.next()?.to_owned(),
        version: words.next()?.parse().unwrap_or(0),
        address: words.next_back().and_then(Host::parse_lenient)?,
    })
}

/// `IN IP4 192.0.2.1/127`, `IN IP6 2001:db8::1`; the time to live is of no use here.
fn connection(value: &str) -> Option<Host> {
    let mut words = value.split_whitespace();
    let (_network, _family, address) = (words.next()?, words.next()?, words.next()?);
    Host::parse_lenient(address.split('/').next()?)
}

/// `audio 49170/2 RTP/AVP 0 8 101`.
fn media(value: &str) -> Option<MediaDescription> {
    let mut words = value.split_whitespace();
    Some(MediaDescription {
        kind: words.next()?.to_ascii_lowercase(),
        port: words.next()?.split('/').next()?.parse().ok()?,
        protocol: words.next()?.to_ascii_uppercase(),
        formats: words.map(str::to_owned).collect(),
        connection: None,
        bandwidth: Vec::new(),
        attributes: Vec::new(),
    })
}

fn attribute(value: &str) -> Attribute {
    match value.split_once(':') {
        Some((name, value)) => Attribute::new(&name.trim().to_ascii_lowercase(), value.trim()),
        None => Attribute::flag(&value.trim().to_ascii_lowercase()),
    }
}
