//! Session descriptions (RFC 8866), read leniently and written strictly, and the offer/answer of one audio stream
//! (RFC 3264) with telephone events (RFC 4733).

mod codec;
mod crypto;
mod direction;
mod fmtp;
mod negotiate;
mod read;
mod secure;
mod write;

use std::net::IpAddr;

use crate::Host;

pub use codec::{COMFORT_NOISE, Codec, PayloadMap, TELEPHONE_EVENT};
pub use crypto::{Crypto, CryptoSuite, MasterKey};
pub use direction::Direction;
pub use fmtp::{OpusFormat, takes_annex_b};
pub use negotiate::{Agreed, LocalAudio, NotAgreed, Order, accept, answer, offer, reoffer};
pub use read::SdpError;
pub use secure::{Candidate, Encryption, accepted, answer_key, candidates, offer_keys};

/// The media type of a session description.
pub const CONTENT_TYPE: &str = "application/sdp";

/// A session description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sdp {
    /// `o=`: who made this, and which version it is.
    pub origin: Origin,
    /// `s=`; `-` when missing.
    pub name: String,
    /// `c=` of the session, for media without their own.
    pub connection: Option<Host>,
    /// `b=` of the session, as written.
    pub bandwidth: Vec<String>,
    /// `a=` of the session.
    pub attributes: Vec<Attribute>,
    /// The media, in order.
    pub media: Vec<MediaDescription>,
}

/// `o=` (RFC 8866 section 5.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The user name, or `-`.
    pub username: String,
    /// The session, as written.
    pub session_id: String,
    /// The version, one more with each change; 0 if it is no number.
    pub version: u64,
    /// The address of the machine.
    pub address: Host,
}

/// One `m=` line and what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaDescription {
    /// `audio`, `video`, …
    pub kind: String,
    /// The port; 0 refuses or ends the stream.
    pub port: u16,
    /// `RTP/AVP`, `RTP/SAVP`, …
    pub protocol: String,
    /// Payload types, or other formats.
    pub formats: Vec<String>,
    /// `c=` of this media.
    pub connection: Option<Host>,
    /// `b=` of this media, as written.
    pub bandwidth: Vec<String>,
    /// `a=` of this media.
    pub attributes: Vec<Attribute>,
}

/// `a=name` or `a=name:value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The name.
    pub name: String,
    /// The value.
    pub value: Option<String>,
}

impl Attribute {
    /// `a=name`.
    pub fn flag(name: &str) -> Attribute {
        Attribute {
            name: name.to_owned(),
            value: None,
        }
    }

    /// `a=name:value`.
    pub fn new(name: &str, value: impl ToString) -> Attribute {
        Attribute {
            name: name.to_owned(),
            value: Some(value.to_string()),
        }
    }
}

impl Sdp {
    /// A description without media.
    pub fn new(address: IpAddr, session_id: u64, version: u64) -> Sdp {
        Sdp {
            origin: Origin {
                username: "-".to_owned(),
                session_id: session_id.to_string(),
                version,
                address: address.into(),
            },
            name: "-".to_owned(),
            connection: Some(address.into()),
            bandwidth: Vec::new(),
            attributes: Vec::new(),
            media: Vec::new(),
        }
    }

    /// Where a media stream wants to be sent to: its own `c=`, else the session's.
    pub fn connection_of<'a>(&'a self, media: &'a MediaDescription) -> Option<&'a Host> {
        media.connection.as_ref().or(self.connection.as_ref())
    }

    /// The direction of a media stream as its author sees it: its own attribute, else the session's, else both ways.
    ///
    /// `c=0.0.0.0` (and `::`) is the old way to say "send me nothing" (RFC 2543; RFC 3264 section 8.4).
    pub fn direction_of(&self, media: &MediaDescription) -> Direction {
        let own = Direction::of(&media.attributes)
            .or_else(|| Direction::of(&self.attributes))
            .unwrap_or_default();
        match self.connection_of(media).and_then(Host::ip) {
            Some(ip) if ip.is_unspecified() => Direction::new(own.sends(), false),
            _ => own,
        }
    }
}

impl MediaDescription {
    /// The value of the first attribute of this name; `Some("")` for a flag.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let attribute = self.attributes.iter().find(|attribute| attribute.name == name)?;
        Some(attribute.value.as_deref().unwrap_or(""))
    }

    /// The values of all attributes of this name.
    pub fn attributes_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.attributes
            .iter()
            .filter(move |attribute| attribute.name == name)
            .filter_map(|attribute| attribute.value.as_deref())
    }
}
