//! Encryption of the sound of one call: what its line wants, the keys made for it, and what holds (RFC 4568, RFC 8643).
use super::Core;
use crate::{EncryptionLevel, EncryptionView};
use parley_call::{CallId, Cause};
use parley_media::{SrtpKey, SrtpSuite, StreamEncryption};
use parley_sip::sdp::{self, Agreed, Crypto, CryptoSuite, Encryption, LocalAudio, MasterKey, NotAgreed, Sdp};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};

/// Keys and wishes of a call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keys {
    wanted: Encryption,
    /// How a first offer is worded.
    wording: Wording,
    /// Ours, one for each suite. They stay for the whole call, so that a change of it leaves the stream as it is.
    own: Vec<Crypto>,
    /// In use: ours and theirs.
    agreed: Option<(Crypto, Crypto)>,
}

/// How an offer of a line that prefers encryption is worded. Some servers refuse the first way, a few the second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Wording {
    /// `RTP/AVP` with keys (RFC 8643).
    #[default]
    Open,
    /// `RTP/SAVP`.
    Secure,
    /// `RTP/AVP` without.
    Plain,
}

impl Keys {
    /// Makes the keys of a call.
    pub fn new(wanted: parley_store::Encryption, urgent: bool, random: &mut impl RngCore) -> Self {
        let wanted = match wanted {
            parley_store::Encryption::Off => return Self::default(),
            parley_store::Encryption::Preferred => Encryption::Preferred,
            // Nobody is kept from help because a line could be overheard.
            parley_store::Encryption::Required if urgent => Encryption::Preferred,
            parley_store::Encryption::Required => Encryption::Required,
        };
        let own = (1..).zip(CryptoSuite::ALL).map(|(tag, suite)| {
            let mut key = vec![0; suite.key_length()];
            random.fill_bytes(&mut key);
            Crypto::new(tag, suite, MasterKey(key))
        });
        Self {
            wanted,
            own: own.collect(),
            ..Self::default()
        }
    }

    /// Whether a call without encryption is none.
    pub fn is_required(&self) -> bool {
        self.wanted == Encryption::Required
    }

    /// Answers an offer in the best way: with the description, what it means, and the keys.
    pub fn answer(&self, offer: &Sdp, local: &LocalAudio) -> Result<(Sdp, Agreed, Self), NotAgreed> {
        let mut why = NotAgreed::NoAudio;
        for candidate in sdp::candidates(offer, self.wanted)? {
            match sdp::answer(&candidate.offer, local) {
                Ok((mut description, agreed)) => {
                    let keys = candidate
                        .crypto
                        .and_then(|theirs| Some((self.own_for(&theirs)?, theirs)));
                    if let Some((ours, _)) = &keys {
                        sdp::answer_key(&mut description, agreed.index, ours);
                    }
                    let next = Self {
                        agreed: keys,
                        ..self.clone()
                    };
                    return Ok((description, agreed, next));
                }
                Err(error) => why = error,
            }
        }
        Err(why)
    }

    /// Words an offer: a stream that runs plainly stays so, one that is encrypted stays that.
    pub fn word_offer(&self, description: &mut Sdp, is_agreed: bool) {
        let must = self.is_required() || self.wording == Wording::Secure;
        match (&self.agreed, is_agreed) {
            (None, true) => {}
            (None, false) if self.wording == Wording::Plain => {}
            (None, false) => sdp::offer_keys(description, &self.own, must),
            (Some((ours, _)), _) => {
                // What is in use comes first, so that nobody changes it without need.
                let mut own = self.own.clone();
                own.sort_by_key(|key| key.suite != ours.suite);
                let secure = description.media.iter().any(|media| media.protocol.contains("SAVP"));
                sdp::offer_keys(description, &own, must || secure);
            }
        }
    }

    /// Takes the answer to an offer of ours.
    pub fn accepted(&mut self, sent: &Sdp, answer: &Sdp, index: usize) -> Result<(), NotAgreed> {
        let offered = Crypto::all_of(sent.media.get(index).ok_or(NotAgreed::NoAudio)?);
        self.agreed = sdp::accepted(&offered, sent, answer, index, self.wanted)?;
        Ok(())
    }

    /// The next way to word an offer that was refused; `false` when there is none.
    pub fn word_anew(&mut self) -> bool {
        self.wording = match (self.wanted, self.wording) {
            (Encryption::Preferred, Wording::Open) => Wording::Secure,
            (Encryption::Preferred, Wording::Secure) => Wording::Plain,
            _ => return false,
        };
        true
    }

    /// For media.
    pub fn stream(&self) -> Option<StreamEncryption> {
        let (ours, theirs) = self.agreed.as_ref()?;
        Some(StreamEncryption {
            send: srtp_key(ours),
            receive: srtp_key(theirs),
        })
    }

    /// The cipher in use, for people.
    pub fn cipher(&self) -> Option<&'static str> {
        Some(match self.agreed.as_ref()?.0.suite {
            CryptoSuite::AesCm128HmacSha1With80 | CryptoSuite::AesCm128HmacSha1With32 => "AES-128",
            CryptoSuite::AeadAes128Gcm => "AES-128-GCM",
            CryptoSuite::AeadAes256Gcm => "AES-256-GCM",
        })
    }

    /// Ours for an answer: under their number.
    fn own_for(&self, theirs: &Crypto) -> Option<Crypto> {
        let own = self.own.iter().find(|own| own.suite == theirs.suite)?;
        Some(Crypto {
            tag: theirs.tag,
            ..own.clone()
        })
    }
}

fn srtp_key(crypto: &Crypto) -> SrtpKey {
    SrtpKey {
        suite: match crypto.suite {
            CryptoSuite::AesCm128HmacSha1With80 => SrtpSuite::AesCm128HmacSha1With80,
            CryptoSuite::AesCm128HmacSha1With32 => SrtpSuite::AesCm128HmacSha1With32,
            CryptoSuite::AeadAes128Gcm => SrtpSuite::AeadAes128Gcm,
            CryptoSuite::AeadAes256Gcm => SrtpSuite::AeadAes256Gcm,
        },
        master: crypto.key.0.clone(),
        mki: crypto.mki.clone().unwrap_or_default(),
    }
}

/// Why two descriptions do not meet, as the end of a call.
pub(crate) fn cause(why: NotAgreed, incoming: bool) -> Cause {
    match (why, incoming) {
        (NotAgreed::NotEncrypted, true) => Cause::Other(
            "The caller's phone does not encrypt in a way this line takes, so the call was refused. See “Encryption” in the line's settings"
                .to_owned(),
        ),
        (NotAgreed::NotEncrypted, false) => cannot_encrypt(),
        (NotAgreed::EncryptionIsOff, _) => Cause::Other(
            "The far end insists on an encrypted call. Set “Encryption” to “Preferred” in the line's settings".to_owned(),
        ),
        _ => Cause::NotAcceptable,
    }
}

/// The far end refused, or did not keep, the encryption that the line requires.
pub(crate) fn cannot_encrypt() -> Cause {
    Cause::Other(
        "The far end cannot encrypt the call, and this line allows no other. See “Encryption” in the line's settings"
            .to_owned(),
    )
}

impl Core {
    /// Randomness for the keys of one call.
    pub(super) fn key_source(&mut self) -> ChaCha20Rng {
        ChaCha20Rng::from_rng(&mut self.keys)
    }

    /// The far end refused the offer: the call is made anew, worded in another way. `false` when that is of no use.
    pub(super) fn word_anew(&mut self, id: CallId, code: u16) -> bool {
        let alive = self.board.call(id).is_some_and(|call| call.end.is_none());
        let Some(call) = self.calls.get_mut(&id).filter(|_| alive && matches!(code, 488 | 606)) else {
            return false;
        };
        let first = call.direction == parley_call::Direction::Outgoing && call.answered.is_none();
        if !first || call.sound.session.is_agreed() || !call.sound.session.word_anew() {
            return false;
        }
        log::info!("an offer was refused; it is worded in another way");
        self.invite(id);
        true
    }

    /// Says how a call is encrypted now, when that changed.
    pub(super) fn tell_encryption(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id).filter(|call| call.sound.session.is_agreed()) else {
            return;
        };
        let Some(signalling) = call.session.and_then(|session| self.sip.is_encrypted(session)) else {
            return;
        };
        let cipher = call.sound.session.keys.cipher();
        let level = match (cipher, signalling) {
            (None, _) => EncryptionLevel::None,
            (Some(_), false) => EncryptionLevel::KeyExposed,
            (Some(_), true) => EncryptionLevel::Full,
        };
        let view = EncryptionView {
            level,
            cipher: cipher.map(str::to_owned),
        };
        let before = call.encryption.as_ref().map(|before| before.level);
        let text = match level {
            EncryptionLevel::None if before.is_none_or(|before| before == level) => None,
            EncryptionLevel::None => Some("The call is not encrypted any more".to_owned()),
            _ if before == Some(level) => None,
            EncryptionLevel::KeyExposed => Some("Encrypted, but the key was sent where others can read it".to_owned()),
            EncryptionLevel::Full => Some("Encrypted".to_owned()),
        };
        if let Some(call) = self.calls.get_mut(&id)
            && call.encryption.as_ref() != Some(&view)
        {
            call.encryption = Some(view);
            self.changes.calls.insert(id);
        }
        if let Some(text) = text {
            self.tell(id, text);
        }
    }
}
