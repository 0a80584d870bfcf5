//! How an account handles calls.
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How an account handles calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct AccountOptions {
    /// Where its calls are sent on to.
    pub forwarding: Forwarding,
    /// Numbers with a meaning at the telephone system.
    pub codes: Codes,
    /// Calls without telling who calls (RFC 3323), unless a call says otherwise.
    pub anonymous: bool,
    /// Callers may ask to be answered without a person (Call-Info, Alert-Info); never while the person is on a call.
    pub auto_answer: bool,
    /// What to do when the far end asks us to call somebody (REFER).
    pub referrals: ReferralPolicy,
    /// The server says truly who calls (P-Asserted-Identity, RFC 3325).
    pub trusted_identity: bool,
    /// Calls are taken from anyone, not only from its own server.
    pub call_from_anyone: bool,
    /// The codecs of its calls, best first; what is missing is switched off. Never empty.
    pub codecs: Vec<AudioCodec>,
    /// When a caller offers several codecs, this order counts, not the caller's.
    pub own_codec_order: bool,
    /// Pauses need not be sent (comfort noise, RFC 3389; DTX of Opus; annex B of G.729), where the far end agrees.
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
            referrals: ReferralPolicy::Ask,
            trusted_identity: true,
            call_from_anyone: false,
            codecs: vec![
                AudioCodec::Opus,
                AudioCodec::G722,
                AudioCodec::Pcma,
                AudioCodec::Pcmu,
                AudioCodec::G729,
            ],
            own_codec_order: false,
            pauses: false,
            keys: KeyMethod::Events,
            gruu: false,
            encryption: Encryption::Off,
        }
    }
}

/// A way to code speech.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AudioCodec {
    /// Opus: the whole range of hearing, and robust against loss.
    Opus,
    /// G.722: wide-band.
    G722,
    /// G.711 A-law: what every telephone has outside of North America and Japan.
    Pcma,
    /// G.711 µ-law: what every telephone has in North America and Japan.
    Pcmu,
    /// G.729: for narrow lines.
    G729,
}

/// How keys are sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KeyMethod {
    /// As telephone events (RFC 4733); as tones where the far end does not take them.
    #[default]
    Events,
    /// In the signalling (SIP INFO, `application/dtmf-relay`).
    Info,
    /// As tones in the speech.
    Tones,
}

/// Whether the sound of calls is encrypted (SRTP with keys in the signalling, RFC 4568). An emergency call is made either way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Encryption {
    /// Never; calls that insist on it are refused.
    #[default]
    Off,
    /// Where the far end can do it.
    Preferred,
    /// Always: calls without it are refused.
    Required,
}

/// Where calls are sent on to (302). Never a caller back to itself, nor in a circle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Forwarding {
    /// Each call.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub always: Option<String>,
    /// Calls that find the person busy.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub busy: Option<BusyForward>,
    /// Calls nobody answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub no_answer: Option<LateForward>,
}

/// Sends calls on that find the person busy: when there is no room for a further call, and as chosen here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BusyForward {
    /// Number or address.
    pub target: String,
    /// Do-not-disturb counts as busy.
    pub do_not_disturb: bool,
    /// Being on a call counts as busy, even though a second call could ring.
    pub on_call: bool,
}

/// Sends calls on that nobody answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LateForward {
    /// Number or address.
    pub target: String,
    /// How long it rings here first, 1 to 300.
    pub after_seconds: u32,
}

/// Numbers with a meaning at the telephone system.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Codes {
    /// A call transferred to this number (and a place, if one is said) is parked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub park: Option<String>,
    /// Dialled before a number, it takes the call that rings there; alone, one that rings in the group.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub pick_up: Option<String>,
    /// The mailbox, when the server does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub voicemail: Option<String>,
}

/// What to do when the far end asks us to call somebody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReferralPolicy {
    /// Ask the person.
    #[default]
    Ask,
    /// Call.
    Always,
    /// Refuse.
    Never,
}
