//! Offer and answer of encryption for the audio stream: which media line is met, and with which keys (RFC 4568, RFC 8643).
//!
//! A line that may be encrypted is offered as RFC 8643 says: `RTP/AVP` with `a=crypto`. Two media lines, one for each profile,
//! would be the other way in use; many answer both of them, or the wrong one, and a proxy that relays media confuses them. Both
//! ways are understood in offers of others. A line that must be encrypted is `RTP/SAVP`.

use super::crypto::CRYPTO;
use super::{Crypto, MediaDescription, NotAgreed, Sdp};

/// Whether the stream is encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Encryption {
    /// Never.
    #[default]
    Off,
    /// Where the other side can do it.
    Preferred,
    /// Always, or there is no call.
    Required,
}

/// An offer with one audio line open, to be answered by [`super::answer`], and what that line says about keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The offer; the other audio lines count as refused.
    pub offer: Sdp,
    /// How the other side protects what it sends; `None` is not at all.
    pub crypto: Option<Crypto>,
}

/// The ways an offer can be met, the best first: encrypted before plain, else as offered.
///
/// # Errors
/// There is none, because of encryption or because there is no audio at all.
pub fn candidates(offer: &Sdp, wanted: Encryption) -> Result<Vec<Candidate>, NotAgreed> {
    let mut found: Vec<Candidate> = Vec::new();
    let mut insists = false;
    let lines = offer.media.iter().enumerate().filter(|(_, media)| is_audio(media));
    let count = lines.clone().count();
    for (index, media) in lines {
        let must = is_secure(media);
        insists |= must;
        let crypto = match wanted {
            Encryption::Off => None,
            Encryption::Preferred | Encryption::Required => Crypto::all_of(media).into_iter().next(),
        };
        if crypto.is_none() && (must || wanted == Encryption::Required) {
            continue;
        }
        found.push(Candidate {
            offer: only(offer, index),
            crypto,
        });
    }
    found.sort_by_key(|candidate| candidate.crypto.is_none());
    match (found.is_empty(), count, wanted) {
        (false, _, _) => Ok(found),
        (true, 0, _) => Err(NotAgreed::NoAudio),
        (true, _, Encryption::Off) if insists => Err(NotAgreed::EncryptionIsOff),
        (true, _, _) => Err(NotAgreed::NotEncrypted),
    }
}

/// Puts our keys into the audio line of an offer; `must` makes it one that cannot be met without them.
pub fn offer_keys(offer: &mut Sdp, keys: &[Crypto], must: bool) {
    if let Some(media) = offer.media.iter_mut().find(|media| is_audio(media)) {
        media.attributes.retain(|attribute| attribute.name != CRYPTO);
        media.attributes.extend(keys.iter().map(Crypto::attribute));
        media.protocol = profile(media, must && !keys.is_empty());
    }
}

/// Puts the key of our answer into the audio line that is met.
pub fn answer_key(answer: &mut Sdp, index: usize, key: &Crypto) {
    if let Some(media) = answer.media.get_mut(index) {
        media.attributes.push(key.attribute());
    }
}

/// What the answer to our offer says about keys: ours that is in use now, and theirs. `None` is a plain stream.
///
/// # Errors
/// The answer is not encrypted although it has to be, or in a way that was not offered.
pub fn accepted(
    offered: &[Crypto],
    sent: &Sdp,
    answer: &Sdp,
    index: usize,
    wanted: Encryption,
) -> Result<Option<(Crypto, Crypto)>, NotAgreed> {
    let media = answer.media.get(index).ok_or(NotAgreed::NoAudio)?;
    let must = sent.media.get(index).is_some_and(is_secure) || wanted == Encryption::Required;
    if media.attribute(CRYPTO).is_none() {
        return if must || is_secure(media) {
            Err(NotAgreed::NotEncrypted)
        } else {
            Ok(None)
        };
    }
    // Some number their answer as they like; the suite says which line is meant, because each is offered once.
    let theirs = Crypto::all_of(media);
    let pair = theirs.into_iter().find_map(|theirs| {
        let ours = offered.iter().find(|ours| ours.suite == theirs.suite)?;
        Some((ours.clone(), theirs))
    });
    pair.map(Some).ok_or(NotAgreed::NotEncrypted)
}

/// An audio line over RTP, encrypted or not, that is not refused.
pub(super) fn is_audio(media: &MediaDescription) -> bool {
    let known = ["RTP/AVP", "RTP/AVPF", "RTP/SAVP", "RTP/SAVPF"];
    media.kind == "audio" && media.port != 0 && known.contains(&media.protocol.as_str())
}

/// An audio line that can be met: one that must be encrypted says with which keys.
pub(super) fn is_offered_audio(media: &MediaDescription) -> bool {
    is_audio(media) && (!is_secure(media) || media.attribute(CRYPTO).is_some())
}

/// Whether the line cannot be met without encryption.
fn is_secure(media: &MediaDescription) -> bool {
    matches!(media.protocol.as_str(), "RTP/SAVP" | "RTP/SAVPF")
}

/// The line's profile with or without the S.
fn profile(media: &MediaDescription, secure: bool) -> String {
    let feedback = if media.protocol.ends_with('F') { "F" } else { "" };
    format!("RTP/{}AVP{feedback}", if secure { "S" } else { "" })
}

fn only(offer: &Sdp, index: usize) -> Sdp {
    let mut offer = offer.clone();
    for (at, media) in offer.media.iter_mut().enumerate() {
        if at != index && media.kind == "audio" {
            media.port = 0;
        }
    }
    offer
}
