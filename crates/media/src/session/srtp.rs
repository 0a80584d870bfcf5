//! SRTP and SRTCP (RFC 3711, RFC 7714) between the stream and its wire. A packet that does not prove itself, or comes twice, is
//! dropped before anything learns from it; one that cannot be protected is not sent.

use std::collections::BTreeSet;

use rtc_srtp::context::Context;
use rtc_srtp::option::{srtcp_replay_protection, srtp_replay_protection};
use rtc_srtp::protection_profile::ProtectionProfile;

use super::Channel;
use crate::encryption::{SrtpKey, SrtpSuite, StreamEncryption};

/// Packets a late one may be behind; RFC 3711 section 3.3.2 asks for 64 at least.
const WINDOW: usize = 1024;
/// Sources one key protects, at most.
const MOST_SOURCES: usize = 16;
/// Packets of unknown sources that fail before what was remembered of them is forgotten.
const MOST_STRANGERS: u32 = 256;

/// Both ways of a stream.
pub(crate) struct Srtp {
    keys: StreamEncryption,
    out: Option<Context>,
    inward: Option<Inward>,
    /// The key before this one: packets under way still carry it, until the first with the new one.
    before: Option<Inward>,
}

impl Srtp {
    pub(crate) fn new(keys: StreamEncryption) -> Self {
        Srtp {
            out: context(&keys.send),
            inward: Inward::new(&keys.receive),
            before: None,
            keys,
        }
    }

    /// Goes on with these keys. One that stays keeps its counters; a new one begins anew (RFC 3711 section 3.3.1).
    pub(crate) fn follow(&mut self, keys: StreamEncryption) {
        if keys.send != self.keys.send {
            self.out = context(&keys.send);
        }
        if keys.receive != self.keys.receive {
            self.before = std::mem::replace(&mut self.inward, Inward::new(&keys.receive));
        }
        self.keys = keys;
    }

    /// As it goes over the network; `None` must not be sent.
    pub(crate) fn protect(&mut self, channel: Channel, packet: &[u8]) -> Option<Vec<u8>> {
        let out = self.out.as_mut()?;
        let protected = match channel {
            Channel::Rtp => out.encrypt_rtp(packet),
            Channel::Rtcp => out.encrypt_rtcp(packet),
        };
        match protected {
            Ok(mut protected) => {
                insert_mki(&self.keys.send, channel, &mut protected);
                Some(protected.to_vec())
            }
            Err(error) => {
                log::warn!("a packet cannot be encrypted and is not sent: {error}");
                None
            }
        }
    }

    /// What a packet says; `None` when it does not prove itself or came before.
    pub(crate) fn unprotect(&mut self, channel: Channel, packet: &[u8]) -> Option<Vec<u8>> {
        if let Some(plain) = self.inward.as_mut().and_then(|inward| inward.open(channel, packet)) {
            self.before = None;
            return Some(plain);
        }
        self.before.as_mut()?.open(channel, packet)
    }
}

/// What comes, under one key.
struct Inward {
    key: SrtpKey,
    /// Of the sources that have proved themselves.
    known: Context,
    sources: BTreeSet<u32>,
    /// Tries out all others, so that made-up sources fill nothing.
    trial: Context,
    strangers: u32,
}

impl Inward {
    fn new(key: &SrtpKey) -> Option<Self> {
        Some(Inward {
            key: key.clone(),
            known: context(key)?,
            sources: BTreeSet::new(),
            trial: context(key)?,
            strangers: 0,
        })
    }

    fn open(&mut self, channel: Channel, packet: &[u8]) -> Option<Vec<u8>> {
        let packet = without_mki(&self.key, channel, packet)?;
        let at = match channel {
            Channel::Rtp => 8,
            Channel::Rtcp => 4,
        };
        let ssrc = u32::from_be_bytes(packet.get(at..at + 4)?.try_into().ok()?);
        if !self.sources.contains(&ssrc) {
            if open(&mut self.trial, channel, &packet).is_none() {
                self.strangers += 1;
                if self.strangers >= MOST_STRANGERS {
                    self.strangers = 0;
                    self.trial = context(&self.key)?;
                }
                return None;
            }
            if self.sources.len() >= MOST_SOURCES {
                return None;
            }
            self.sources.insert(ssrc);
        }
        open(&mut self.known, channel, &packet)
    }
}

fn open(context: &mut Context, channel: Channel, packet: &[u8]) -> Option<Vec<u8>> {
    let plain = match channel {
        Channel::Rtp => context.decrypt_rtp(packet),
        Channel::Rtcp => context.decrypt_rtcp(packet),
    };
    match plain {
        Ok(plain) => Some(plain.to_vec()),
        Err(error) => {
            log::trace!("a packet is dropped: {error}");
            None
        }
    }
}

/// `None` when the key does not fit its suite; offer and answer have checked that.
fn context(key: &SrtpKey) -> Option<Context> {
    let (profile, length) = match key.suite {
        SrtpSuite::AesCm128HmacSha1With80 => (ProtectionProfile::Aes128CmHmacSha1_80, 16),
        SrtpSuite::AesCm128HmacSha1With32 => (ProtectionProfile::Aes128CmHmacSha1_32, 16),
        SrtpSuite::AeadAes128Gcm => (ProtectionProfile::AeadAes128Gcm, 16),
        SrtpSuite::AeadAes256Gcm => (ProtectionProfile::AeadAes256Gcm, 32),
    };
    let (master, salt) = key.master.split_at_checked(length)?;
    let provider = match rtc_crypto::default_provider() {
        Ok(provider) => provider,
        Err(error) => {
            log::error!("there is no cryptography: {error}");
            return None;
        }
    };
    let made = Context::new(
        master,
        salt,
        profile,
        Some(srtp_replay_protection(WINDOW)),
        Some(srtcp_replay_protection(WINDOW)),
        provider.crypto(),
    );
    made.map_err(|error| log::error!("a key cannot be used: {error}")).ok()
}

/// How many octets follow the key's identifier: the tag, which with GCM is a part of the ciphertext (RFC 7714 section 8.1).
fn after_mki(suite: SrtpSuite, channel: Channel) -> usize {
    match (suite, channel) {
        (SrtpSuite::AesCm128HmacSha1With80, _) | (SrtpSuite::AesCm128HmacSha1With32, Channel::Rtcp) => 10,
        (SrtpSuite::AesCm128HmacSha1With32, Channel::Rtp) => 4,
        (SrtpSuite::AeadAes128Gcm | SrtpSuite::AeadAes256Gcm, _) => 0,
    }
}

fn insert_mki(key: &SrtpKey, channel: Channel, packet: &mut bytes::BytesMut) {
    if key.mki.is_empty() {
        return;
    }
    let at = packet.len().saturating_sub(after_mki(key.suite, channel));
    let tag = packet.split_off(at);
    packet.extend_from_slice(&key.mki);
    packet.extend_from_slice(&tag);
}

/// The packet as if its key had no identifier; `None` when it carries another one.
fn without_mki<'a>(key: &SrtpKey, channel: Channel, packet: &'a [u8]) -> Option<std::borrow::Cow<'a, [u8]>> {
    if key.mki.is_empty() {
        return Some(packet.into());
    }
    let tag_at = packet.len().checked_sub(after_mki(key.suite, channel))?;
    let (rest, tag) = packet.split_at_checked(tag_at)?;
    let plain = rest.strip_suffix(key.mki.as_slice())?;
    Some([plain, tag].concat().into())
}
