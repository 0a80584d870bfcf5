//! Offer and answer for one audio stream (RFC 3264).

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::secure::{is_audio, is_offered_audio};
use super::{Attribute, COMFORT_NOISE, Codec, Direction, MediaDescription, PayloadMap, Sdp};
use crate::Host;

/// What this side can and wants to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalAudio {
    /// Where sound is received.
    pub address: IpAddr,
    /// The RTP port; RTCP is one above.
    pub port: u16,
    /// Codecs, best first, each with the payload type wanted for it.
    pub codecs: Vec<Codec>,
    /// Whose order counts when an offer is answered.
    pub order: Order,
    /// Telephone events at the clocks of the codecs, with the payload types wanted for them.
    pub events: Vec<Codec>,
    /// Comfort noise, if it is sent and taken.
    pub noise: Option<Codec>,
    /// How many milliseconds of sound a packet shall hold.
    pub ptime_ms: u16,
    /// The wanted direction, seen from here: `SendOnly` holds the other side.
    pub direction: Direction,
    /// `o=`: stays the same for the whole call.
    pub session_id: u64,
    /// `o=`: one more whenever the description differs from the last one sent. The caller keeps it.
    pub version: u64,
}

/// Whose order of codecs counts in an answer. RFC 3264 section 6.1 leaves it to the answerer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// That of the offer: the far end knows its own line.
    #[default]
    Theirs,
    /// Ours.
    Ours,
}

/// What both sides agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    /// Where the other side receives; `0.0.0.0` when it holds the old way.
    pub host: Host,
    /// Its RTP port.
    pub port: u16,
    /// Its RTCP port (RFC 3605, else one above).
    pub rtcp_port: u16,
    /// The codec, with the payload type to *send*.
    pub codec: Codec,
    /// The payload type the codec is *received* with: ours, nearly always the same.
    pub receive_payload_type: u8,
    /// All the speech the other side may send, with the payload types it is received with; the likeliest first.
    pub receive: Vec<Codec>,
    /// The payload type to send telephone events with; `None` if the other side takes none.
    pub events: Option<u8>,
    /// The clock of those events in Hz.
    pub events_clock: u32,
    /// The payload types telephone events are received with.
    pub receive_events: Vec<u8>,
    /// The payload type to send comfort noise with, if both sides do that.
    pub noise: Option<u8>,
    /// The direction, seen from here.
    pub direction: Direction,
    /// The direction the other side asked for, seen from there: it holds us if it does not receive.
    pub remote_direction: Direction,
    /// How many milliseconds of sound a packet to the other side shall hold.
    pub ptime_ms: u16,
    /// Which media line this is.
    pub index: usize,
}

impl Agreed {
    /// Where to send RTP, if the description gave an address.
    pub fn remote(&self) -> Option<SocketAddr> {
        Some(SocketAddr::new(self.host.ip()?, self.port))
    }

    /// Where to send RTCP, if the description gave an address.
    pub fn remote_rtcp(&self) -> Option<SocketAddr> {
        Some(SocketAddr::new(self.host.ip()?, self.rtcp_port))
    }

    /// Whether the other side holds the call: it does not want to hear us.
    pub fn is_held_by_remote(&self) -> bool {
        !self.remote_direction.receives()
    }
}

/// Why there is no common stream. An offer is answered with 488, an answer ends the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAgreed {
    /// No audio stream over RTP, or it was refused with port 0.
    NoAudio,
    /// No codec in common.
    NoCodec,
    /// Nothing says where to send.
    NoAddress,
    /// It has to be encrypted, and the other side does not do that, or not in a way known here.
    NotEncrypted,
    /// The other side insists on encryption, which is switched off here.
    EncryptionIsOff,
}

impl fmt::Display for NotAgreed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotAgreed::NoAudio => "the other side offers no plain audio",
            NotAgreed::NoCodec => "both sides have no codec in common",
            NotAgreed::NoAddress => "the session description names no address",
            NotAgreed::NotEncrypted => "the other side does not encrypt in a way known here",
            NotAgreed::EncryptionIsOff => "the other side insists on encryption, which is switched off",
        })
    }
}

impl std::error::Error for NotAgreed {}

/// A first offer.
pub fn offer(local: &LocalAudio) -> Sdp {
    let mut sdp = Sdp::new(local.address, local.session_id, local.version);
    let codecs: Vec<Codec> = formats(local).cloned().collect();
    sdp.media.push(audio_line(local, &codecs, local.direction, "RTP/AVP"));
    sdp
}

/// A later offer: as many media lines as in the description sent last, and no payload type given another meaning
/// (RFC 3264 section 8).
pub fn reoffer(local: &LocalAudio, last_sent: &Sdp) -> Sdp {
    let mut sdp = Sdp::new(local.address, local.session_id, local.version);
    let Some(index) = last_sent.media.iter().position(is_audio) else {
        sdp.media = last_sent.media.iter().map(refused).collect();
        sdp.media.extend(offer(local).media);
        return sdp;
    };
    for (at, media) in last_sent.media.iter().enumerate() {
        sdp.media.push(if at == index {
            let codecs = renumbered(local, &PayloadMap::read(media));
            audio_line(local, &codecs, local.direction, &media.protocol)
        } else {
            refused(media)
        });
    }
    sdp
}

/// The answer to an offer: its first acceptable audio stream with the best codec known to both, everything else refused.
/// Payload types are those of the offer.
pub fn answer(offer: &Sdp, local: &LocalAudio) -> Result<(Sdp, Agreed), NotAgreed> {
    let index = offer
        .media
        .iter()
        .position(is_offered_audio)
        .ok_or(NotAgreed::NoAudio)?;
    let media = offer.media.get(index).ok_or(NotAgreed::NoAudio)?;
    let map = PayloadMap::read(media);
    let known = |theirs: &'_ Codec| local.codecs.iter().find(|ours| ours.is_same_format(theirs));
    let both = match local.order {
        Order::Theirs => map.0.iter().find_map(|theirs| Some((known(theirs)?, theirs))),
        Order::Ours => local.codecs.iter().find_map(|ours| Some((ours, map.find(ours)?))),
    };
    let (ours, theirs) = both.ok_or(NotAgreed::NoCodec)?;
    let events = events_for(&map, &local.events, theirs);
    let noise = noise_for(&map, local.noise.as_ref(), theirs);
    let numbered = |ours: &Codec, theirs: &Codec| Codec {
        payload_type: theirs.payload_type,
        ..ours.clone()
    };
    let mut chosen = vec![numbered(ours, theirs)];
    let words = Words {
        codec: theirs,
        receive: chosen.clone(),
        events,
        receive_events: events.iter().map(|events| events.payload_type).collect(),
        noise: noise.map(|noise| noise.payload_type),
    };
    let agreed = agree(offer, media, index, words, local)?;
    chosen.extend(
        local
            .noise
            .iter()
            .zip(noise)
            .map(|(ours, theirs)| numbered(ours, theirs)),
    );
    // The clock is the one of the offer, also where we would have offered another.
    chosen.extend(events.map(|events| Codec::telephone_event_at(events.clock, events.payload_type)));
    let mut sdp = Sdp::new(local.address, local.session_id, local.version);
    for (at, line) in offer.media.iter().enumerate() {
        sdp.media.push(if at == index {
            audio_line(local, &chosen, agreed.direction, &line.protocol)
        } else {
            refused(line)
        });
    }
    Ok((sdp, agreed))
}

/// Reads the answer to our offer.
pub fn accept(sent: &Sdp, answer: &Sdp, local: &LocalAudio) -> Result<Agreed, NotAgreed> {
    let index = sent.media.iter().position(is_audio).ok_or(NotAgreed::NoAudio)?;
    let (Some(ours), Some(theirs)) = (sent.media.get(index), answer.media.get(index)) else {
        return Err(NotAgreed::NoAudio);
    };
    if theirs.kind != "audio" || theirs.port == 0 {
        return Err(NotAgreed::NoAudio);
    }
    let (offered, answered) = (PayloadMap::read(ours), PayloadMap::read(theirs));
    let speech = || offered.0.iter().filter(|codec| codec.is_speech());
    let both = answered.0.iter().filter(|codec| codec.is_speech());
    let (codec, likeliest) = both
        .filter_map(|codec| Some((codec, offered.find(codec)?)))
        .next()
        .ok_or(NotAgreed::NoCodec)?;
    // Whatever was offered may come (RFC 3264 section 7), also where the answer names one codec only.
    let others = speech().filter(|ours| *ours != likeliest);
    let ours: Vec<Codec> = offered.0.iter().filter(|codec| codec.is_event()).cloned().collect();
    let events = events_for(&answered, &ours, codec);
    let receive_events = events.iter().flat_map(|_| ours.iter().map(|ours| ours.payload_type));
    let noise = offered
        .0
        .iter()
        .find(|ours| ours.name.eq_ignore_ascii_case(COMFORT_NOISE));
    let words = Words {
        codec,
        receive: std::iter::once(likeliest).chain(others).cloned().collect(),
        events,
        receive_events: receive_events.collect(),
        noise: noise_for(&answered, noise, codec).map(|noise| noise.payload_type),
    };
    agree(answer, theirs, index, words, local)
}

/// What a pair of descriptions says about formats.
struct Words<'a> {
    /// To send.
    codec: &'a Codec,
    /// To receive, the likeliest first.
    receive: Vec<Codec>,
    /// To send.
    events: Option<&'a Codec>,
    receive_events: Vec<u8>,
    noise: Option<u8>,
}

fn agree(
    remote: &Sdp,
    media: &MediaDescription,
    index: usize,
    words: Words<'_>,
    local: &LocalAudio,
) -> Result<Agreed, NotAgreed> {
    let remote_direction = remote.direction_of(media);
    let rtcp = media
        .attribute("rtcp")
        .and_then(|value| value.split_whitespace().next()?.parse().ok());
    let milliseconds = |name| media.attribute(name).and_then(|value| value.trim().parse::<u16>().ok());
    let most = milliseconds("maxptime").filter(|most| *most >= 10).unwrap_or(u16::MAX);
    let ptime = milliseconds("ptime").filter(|ptime| (10..=60).contains(ptime));
    Ok(Agreed {
        host: remote.connection_of(media).ok_or(NotAgreed::NoAddress)?.clone(),
        port: media.port,
        rtcp_port: rtcp.unwrap_or(media.port.saturating_add(1)),
        codec: words.codec.clone(),
        receive_payload_type: words.receive.first().unwrap_or(words.codec).payload_type,
        receive: words.receive,
        events: words.events.map(|events| events.payload_type),
        events_clock: words.events.map_or(words.codec.clock, |events| events.clock),
        receive_events: words.receive_events,
        noise: words.noise,
        direction: local.direction.and(remote_direction.mirrored()),
        remote_direction,
        ptime_ms: ptime.unwrap_or(local.ptime_ms).min(most),
        index,
    })
}

/// Telephone events at the clock of the codec, else at another clock we know (many devices pair 8 kHz events with any
/// codec).
fn events_for<'a>(map: &'a PayloadMap, ours: &[Codec], codec: &Codec) -> Option<&'a Codec> {
    let known = |theirs: &&Codec| theirs.is_event() && ours.iter().any(|ours| ours.is_event());
    let mut events = map.0.iter().filter(known);
    let same_clock = events.clone().find(|theirs| theirs.clock == codec.clock);
    same_clock
        .or_else(|| events.find(|theirs| theirs.clock == 8000 || ours.iter().any(|ours| ours.clock == theirs.clock)))
}

/// Comfort noise at the clock of the codec, where both sides have it. Opus and G.729 have their own way.
fn noise_for<'a>(map: &'a PayloadMap, ours: Option<&Codec>, codec: &Codec) -> Option<&'a Codec> {
    let own_way = ["opus", "G729"]
        .iter()
        .any(|name| codec.name.eq_ignore_ascii_case(name));
    let theirs = ours.and_then(|ours| map.find(ours))?;
    (!own_way && theirs.clock == codec.clock).then_some(theirs)
}

/// All that is offered, in its order.
fn formats(local: &LocalAudio) -> impl Iterator<Item = &Codec> {
    local.codecs.iter().chain(&local.noise).chain(&local.events)
}

/// The same line with port 0 and without attributes (RFC 3264 section 6).
fn refused(media: &MediaDescription) -> MediaDescription {
    MediaDescription {
        port: 0,
        connection: None,
        bandwidth: Vec::new(),
        attributes: Vec::new(),
        formats: media.formats.clone(),
        kind: media.kind.clone(),
        protocol: media.protocol.clone(),
    }
}

fn audio_line(local: &LocalAudio, codecs: &[Codec], direction: Direction, protocol: &str) -> MediaDescription {
    let mut attributes: Vec<Attribute> = codecs.iter().flat_map(Codec::attributes).collect();
    attributes.push(Attribute::new("ptime", local.ptime_ms));
    attributes.push(Attribute::flag(direction.as_str()));
    MediaDescription {
        kind: "audio".to_owned(),
        port: local.port,
        protocol: protocol.to_owned(),
        formats: codecs.iter().map(|codec| codec.payload_type.to_string()).collect(),
        connection: None,
        bandwidth: Vec::new(),
        attributes,
    }
}

/// Our codecs with the payload types the call already uses for them; others keep theirs if free, else get a free one.
fn renumbered(local: &LocalAudio, used: &PayloadMap) -> Vec<Codec> {
    let mut taken: Vec<u8> = used.0.iter().map(|codec| codec.payload_type).collect();
    let mut codecs = Vec::new();
    for codec in formats(local) {
        let payload_type = match used.find(codec) {
            Some(known) => known.payload_type,
            None if !taken.contains(&codec.payload_type) => codec.payload_type,
            None => match (96..128).find(|candidate| !taken.contains(candidate)) {
                Some(free) => free,
                None => continue,
            },
        };
        taken.push(payload_type);
        codecs.push(Codec {
            payload_type,
            ..codec.clone()
        });
    }
    codecs
}
