//! How an account handles calls. Kept as words, so that a new option needs no new column.
use crate::word::words;
use crate::{AccountId, Store, StoreError};
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

/// How an account handles calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountOptions {
    /// Where its calls are sent on to.
    pub forwarding: Forwarding,
    /// Numbers with a meaning at the telephone system.
    pub codes: Codes,
    /// Calls without telling who calls.
    pub anonymous: bool,
    /// Callers may ask to be answered without a person.
    pub auto_answer: bool,
    /// What to do when the far end asks us to call somebody.
    pub referrals: Referrals,
    /// The server says truly who calls (P-Asserted-Identity).
    pub trusted_identity: bool,
    /// Calls are taken from anyone, not only from its own server.
    pub call_from_anyone: bool,
    /// The codecs of its calls, best first; what is missing is switched off.
    pub codecs: Vec<AudioCodec>,
    /// Its own order of codecs counts, not the caller's.
    pub own_codec_order: bool,
    /// Pauses need not be sent.
    pub pauses: bool,
    /// How keys are sent.
    pub keys: KeyMethod,
    /// Asks the server for an address that leads to this phone alone (GRUU, RFC 5627) and gives it out in calls. Some servers hand
    /// such addresses out and lose what is sent to them within a call.
    pub gruu: bool,
    /// Whether the sound of its calls is encrypted.
    pub encryption: Encryption,
}

impl Default for AccountOptions {
    fn default() -> Self {
        Self {
            forwarding: Forwarding::default(),
            codes: Codes::default(),
            anonymous: false,
            auto_answer: false,
            referrals: Referrals::Ask,
            trusted_identity: true,
            call_from_anyone: false,
            codecs: AudioCodec::ALL.to_vec(),
            own_codec_order: false,
            pauses: false,
            keys: KeyMethod::Events,
            gruu: false,
            encryption: Encryption::Off,
        }
    }
}

/// A way to code speech.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AudioCodec {
    /// Opus.
    Opus,
    /// G.722.
    G722,
    /// G.711 A-law.
    Pcma,
    /// G.711 µ-law.
    Pcmu,
    /// G.729.
    G729,
}
words!(AudioCodec { Opus = "opus", G722 = "g722", Pcma = "pcma", Pcmu = "pcmu", G729 = "g729" });

impl AudioCodec {
    /// All of them, the best first: wide-band before narrow, and the one that costs quality last.
    pub const ALL: [AudioCodec; 5] = [Self::Opus, Self::G722, Self::Pcma, Self::Pcmu, Self::G729];
}

/// How keys are sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KeyMethod {
    /// As telephone events, where the far end takes them.
    #[default]
    Events,
    /// In the signalling.
    Info,
    /// As tones in the speech.
    Tones,
}
words!(KeyMethod { Events = "events", Info = "info", Tones = "tones" });

/// Where calls are sent on to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forwarding {
    /// Each call.
    pub always: Option<String>,
    /// Calls that find the person busy.
    pub busy: Option<BusyForward>,
    /// Calls nobody answered.
    pub no_answer: Option<LateForward>,
}

/// Sends calls on that find the person busy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusyForward {
    /// To whom.
    pub target: String,
    /// Do-not-disturb counts as busy.
    pub do_not_disturb: bool,
    /// Being on a call counts as busy.
    pub on_call: bool,
}

/// Sends calls on that nobody answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateForward {
    /// To whom.
    pub target: String,
    /// After so many seconds.
    pub after_seconds: u32,
}

/// Numbers with a meaning at the telephone system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Codes {
    /// A call transferred there is parked.
    pub park: Option<String>,
    /// Dialled before a number, it takes the call that rings there.
    pub pick_up: Option<String>,
    /// The mailbox.
    pub voicemail: Option<String>,
}

/// What to do when the far end asks us to call somebody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Referrals {
    /// Ask the person.
    #[default]
    Ask,
    /// Call.
    Always,
    /// Refuse.
    Never,
}
words!(Referrals { Ask = "ask", Always = "always", Never = "never" });

/// Whether the sound of calls is encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Encryption {
    /// Never.
    #[default]
    Off,
    /// Where the far end can do it.
    Preferred,
    /// Always, or there is no call.
    Required,
}
words!(Encryption { Off = "off", Preferred = "preferred", Required = "required" });

impl AccountOptions {
    /// As rows.
    fn rows(&self) -> Vec<(&'static str, String)> {
        let mut rows = Vec::new();
        let mut text = |key, value: &Option<String>| rows.extend(value.clone().map(|value| (key, value)));
        text("forward.always", &self.forwarding.always);
        text("code.park", &self.codes.park);
        text("code.pick_up", &self.codes.pick_up);
        text("code.voicemail", &self.codes.voicemail);
        let mut set = |key, on: bool| rows.push((key, on.to_string()));
        set("anonymous", self.anonymous);
        set("auto_answer", self.auto_answer);
        set("trusted_identity", self.trusted_identity);
        set("call_from_anyone", self.call_from_anyone);
        set("codecs.own_order", self.own_codec_order);
        set("pauses", self.pauses);
        set("gruu", self.gruu);
        if let Some(busy) = &self.forwarding.busy {
            set("forward.busy.do_not_disturb", busy.do_not_disturb);
            set("forward.busy.on_call", busy.on_call);
            rows.push(("forward.busy", busy.target.clone()));
        }
        if let Some(late) = &self.forwarding.no_answer {
            rows.push(("forward.no_answer", late.target.clone()));
            rows.push(("forward.no_answer.after", late.after_seconds.to_string()));
        }
        rows.push(("referrals", self.referrals.word().to_owned()));
        rows.push(("keys", self.keys.word().to_owned()));
        if self.codecs != AudioCodec::ALL {
            let words: Vec<&str> = self.codecs.iter().map(|codec| codec.word()).collect();
            rows.push(("codecs", words.join(" ")));
        }
        rows.push(("encryption", self.encryption.word().to_owned()));
        rows
    }

    fn from_rows(rows: &BTreeMap<String, String>) -> Self {
        let text = |key: &str| rows.get(key).cloned();
        let set = |key: &str| rows.get(key).is_some_and(|value| value == "true");
        Self {
            forwarding: Forwarding {
                always: text("forward.always"),
                busy: text("forward.busy").map(|target| BusyForward {
                    target,
                    do_not_disturb: set("forward.busy.do_not_disturb"),
                    on_call: set("forward.busy.on_call"),
                }),
                no_answer: text("forward.no_answer").map(|target| LateForward {
                    target,
                    after_seconds: text("forward.no_answer.after")
                        .and_then(|seconds| seconds.parse().ok())
                        .unwrap_or(20),
                }),
            },
            codes: Codes {
                park: text("code.park"),
                pick_up: text("code.pick_up"),
                voicemail: text("code.voicemail"),
            },
            anonymous: set("anonymous"),
            auto_answer: set("auto_answer"),
            referrals: text("referrals")
                .and_then(|word| Referrals::from_word(&word))
                .unwrap_or_default(),
            trusted_identity: rows.get("trusted_identity").is_none_or(|value| value == "true"),
            call_from_anyone: set("call_from_anyone"),
            codecs: codecs(&text("codecs").unwrap_or_default()),
            own_codec_order: set("codecs.own_order"),
            pauses: set("pauses"),
            keys: text("keys")
                .and_then(|word| KeyMethod::from_word(&word))
                .unwrap_or_default(),
            gruu: set("gruu"),
            encryption: text("encryption")
                .and_then(|word| Encryption::from_word(&word))
                .unwrap_or_default(),
        }
    }
}

/// The codecs of a row; all of them when it is not there or names none.
fn codecs(words: &str) -> Vec<AudioCodec> {
    let named: Vec<AudioCodec> = words.split_whitespace().filter_map(AudioCodec::from_word).collect();
    if named.is_empty() {
        AudioCodec::ALL.to_vec()
    } else {
        named
    }
}

impl Store {
    pub(crate) fn account_options(&self, id: AccountId) -> Result<AccountOptions, StoreError> {
        let mut find = self
            .db
            .prepare_cached("SELECT key, value FROM account_option WHERE account = ?1")?;
        let rows = find.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(AccountOptions::from_rows(&rows.collect::<Result<_, _>>()?))
    }
}

/// Replaces the options of an account.
pub(crate) fn save(db: &Connection, id: AccountId, options: &AccountOptions) -> Result<(), StoreError> {
    db.execute("DELETE FROM account_option WHERE account = ?1", [id])?;
    for (key, value) in options.rows() {
        db.execute(
            "INSERT INTO account_option (account, key, value) VALUES (?1, ?2, ?3)",
            params![id, key, value],
        )?;
    }
    Ok(())
}
