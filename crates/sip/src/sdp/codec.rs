//! Codecs by name, and the payload types that stand for them.

use super::{Attribute, MediaDescription, OpusFormat};

/// The name of RFC 4733 events.
pub const TELEPHONE_EVENT: &str = "telephone-event";

/// The name of comfort noise (RFC 3389).
pub const COMFORT_NOISE: &str = "CN";

/// A codec as `rtpmap` and `fmtp` describe it. Which ones there are is the caller's business.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Codec {
    /// `PCMU`, `opus`, `telephone-event`, …; compared without regard to case.
    pub name: String,
    /// The RTP clock in Hz (8000 for G.722 too, RFC 3551 section 4.5.2).
    pub clock: u32,
    /// How many channels `rtpmap` names.
    pub channels: u8,
    /// The payload type: the wanted one in a local list, the one written in a description.
    pub payload_type: u8,
    /// `fmtp` parameters, as written.
    pub fmtp: Option<String>,
}

impl Codec {
    /// A codec with one channel and no `fmtp`.
    pub fn new(name: &str, clock: u32, payload_type: u8) -> Codec {
        Codec {
            name: name.to_owned(),
            clock,
            channels: 1,
            payload_type,
            fmtp: None,
        }
    }

    /// G.711 µ-law.
    pub fn pcmu() -> Codec {
        Codec::new("PCMU", 8000, 0)
    }

    /// G.711 A-law.
    pub fn pcma() -> Codec {
        Codec::new("PCMA", 8000, 8)
    }

    /// G.722; its clock is half its sampling rate (RFC 3551 section 4.5.2).
    pub fn g722() -> Codec {
        Codec::new("G722", 8000, 9)
    }

    /// G.729 that is sent with the pauses of annex B or without.
    pub fn g729(pauses: bool) -> Codec {
        let annex_b = if pauses { "annexb=yes" } else { "annexb=no" };
        Codec {
            fmtp: Some(annex_b.to_owned()),
            ..Codec::new("G729", 8000, 18)
        }
    }

    /// Opus: always 48 kHz and two channels here, whatever is sent (RFC 7587 section 7).
    pub fn opus(payload_type: u8, format: &OpusFormat) -> Codec {
        Codec {
            channels: 2,
            fmtp: Some(format.write()).filter(|fmtp| !fmtp.is_empty()),
            ..Codec::new("opus", 48_000, payload_type)
        }
    }

    /// Comfort noise for codecs with a clock of 8 kHz.
    pub fn comfort_noise() -> Codec {
        Codec::new(COMFORT_NOISE, 8000, 13)
    }

    /// Telephone events 0 to 16 (keys, A to D, flash) at 8 kHz.
    pub fn telephone_event(payload_type: u8) -> Codec {
        Codec::telephone_event_at(8000, payload_type)
    }

    /// The same at another clock: that of the codec they stand beside (RFC 4733 section 2.1).
    pub fn telephone_event_at(clock: u32, payload_type: u8) -> Codec {
        Codec {
            fmtp: Some("0-16".to_owned()),
            ..Codec::new(TELEPHONE_EVENT, clock, payload_type)
        }
    }

    /// Whether both are the same format: name, clock and channels. `fmtp` is for the codec's own code to judge. Opus is
    /// itself with one channel too, which some write though it must be two.
    pub fn is_same_format(&self, other: &Codec) -> bool {
        let same_name = self.name.eq_ignore_ascii_case(&other.name);
        let same_channels = self.channels == other.channels || self.name.eq_ignore_ascii_case("opus");
        same_name && self.clock == other.clock && same_channels
    }

    /// Whether this is speech: neither events nor comfort noise.
    pub fn is_speech(&self) -> bool {
        !self.is_event() && !self.name.eq_ignore_ascii_case(COMFORT_NOISE)
    }

    /// Whether this is no sound but events.
    pub fn is_event(&self) -> bool {
        self.name.eq_ignore_ascii_case(TELEPHONE_EVENT)
    }

    /// `rtpmap` and `fmtp` of this codec.
    pub(super) fn attributes(&self) -> Vec<Attribute> {
        let Codec {
            name,
            clock,
            channels,
            payload_type,
            fmtp,
        } = self;
        let rtpmap = match channels {
            0 | 1 => format!("{payload_type} {name}/{clock}"),
            _ => format!("{payload_type} {name}/{clock}/{channels}"),
        };
        let fmtp = fmtp
            .iter()
            .map(|fmtp| Attribute::new("fmtp", format!("{payload_type} {fmtp}")));
        std::iter::once(Attribute::new("rtpmap", rtpmap)).chain(fmtp).collect()
    }
}

/// The codecs of a media line, in its order of preference.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PayloadMap(pub Vec<Codec>);

impl PayloadMap {
    /// Reads formats, `rtpmap` and `fmtp`; payload types without `rtpmap` get their static meaning (RFC 3551 section 6),
    /// unknown ones are left out.
    pub fn read(media: &MediaDescription) -> PayloadMap {
        let formats = media
            .formats
            .iter()
            .filter_map(|format| format.parse().ok())
            .filter(|pt| *pt < 128);
        PayloadMap(
            formats
                .filter_map(|payload_type| described(media, payload_type))
                .collect(),
        )
    }

    /// The first codec of the same format.
    pub fn find(&self, codec: &Codec) -> Option<&Codec> {
        self.0.iter().find(|known| known.is_same_format(codec))
    }

    /// The codec a payload type stands for.
    pub fn named(&self, payload_type: u8) -> Option<&Codec> {
        self.0.iter().find(|known| known.payload_type == payload_type)
    }
}

fn described(media: &MediaDescription, payload_type: u8) -> Option<Codec> {
    let value_for = |name: &'static str| {
        media.attributes_named(name).find_map(|value| {
            let (number, rest) = value.trim().split_once([' ', '\t'])?;
            (number.parse() == Ok(payload_type)).then_some(rest.trim())
        })
    };
    let mut codec = match value_for("rtpmap") {
        Some(rtpmap) => {
            let mut parts = rtpmap.split('/').map(str::trim);
            let mut codec = Codec::new(parts.next()?, parts.next()?.parse().ok()?, payload_type);
            codec.channels = parts.next().and_then(|channels| channels.parse().ok()).unwrap_or(1);
            codec
        }
        None => well_known(payload_type)?,
    };
    codec.fmtp = value_for("fmtp").map(str::to_owned);
    Some(codec)
}

/// The audio payload types with a fixed meaning that are still met.
fn well_known(payload_type: u8) -> Option<Codec> {
    let (name, clock) = match payload_type {
        0 => ("PCMU", 8000),
        3 => ("GSM", 8000),
        4 => ("G723", 8000),
        8 => ("PCMA", 8000),
        9 => ("G722", 8000),
        13 => ("CN", 8000),
        15 => ("G728", 8000),
        18 => ("G729", 8000),
        _ => return None,
    };
    Some(Codec::new(name, clock, payload_type))
}
