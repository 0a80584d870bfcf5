//! Calls.
use super::pop::PopLogEntry;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CallView {
    /// Its number.
    pub id: u64,
    /// The line.
    pub account: u64,
    /// In or out.
    pub direction: Direction,
    /// Where it stands.
    pub state: CallState,
    /// The other end.
    pub remote: Party,
    /// Own number that was reached; empty for outgoing calls.
    pub number: String,
    /// Number first dialled by the caller (before diversions); empty for outgoing calls.
    pub called: String,
    /// When it began.
    pub started_at: i64,
    /// When it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub answered_at: Option<i64>,
    /// We hold the far end.
    pub held_by_us: bool,
    /// The far end holds us.
    pub held_by_them: bool,
    /// A hold or resume waits for the far end's word.
    pub hold_pending: bool,
    /// Our microphone is off for this call.
    pub muted: bool,
    /// Ringtone stopped for this call.
    pub silenced: bool,
    /// How it rings now.
    pub ring: RingLevel,
    /// Tones sent so far.
    pub digits: String,
    /// Keys the far end pressed, the latest last; at most 64.
    pub digits_heard: String,
    /// A transfer under way or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub transfer: Option<TransferView>,
    /// Sound, once there is any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub media: Option<MediaView>,
    /// Nothing has been heard from the far end for this long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub silent_seconds: Option<u32>,
    /// How the screen pop went, last try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub pop: Option<PopLogEntry>,
    /// The button "Screen pop" works.
    pub can_pop: bool,
    /// Values of this call for templates, in the order to show.
    pub variables: Vec<Variable>,
    /// What happened, in order.
    pub timeline: Vec<TimelineItem>,
    /// The consultation it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub consult: Option<ConsultView>,
    /// It is one of a conference.
    pub conference: bool,
    /// Whom the far end asks us to call; answer with `answer_referral`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub referral: Option<ReferralView>,
    /// It is an emergency call.
    pub emergency: bool,
    /// We call without telling who we are.
    pub anonymous: bool,
    /// It was answered without a person, at the caller's wish.
    pub auto_answered: bool,
    /// It was dialled because this call was sent on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub follows: Option<u64>,
    /// Where it was sent on to, the best first; dial with `follow_redirect`.
    pub redirects: Vec<Redirect>,
    /// How its sound is encrypted; absent while there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub encryption: Option<EncryptionView>,
    /// Why it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub end: Option<EndView>,
}

/// How the sound of a call is encrypted, from here to the server or phone it is exchanged with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct EncryptionView {
    /// How well.
    pub level: EncryptionLevel,
    /// With what, for details: "AES-128", "AES-256-GCM"; absent without encryption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub cipher: Option<String>,
}

/// How well the sound of a call is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EncryptionLevel {
    /// Not at all.
    None,
    /// It is, but its key was sent where others on the way can read it.
    KeyExposed,
    /// It is, and so is the signalling that carried the key.
    Full,
}

/// Two calls, one of which waits while the other one is asked. `complete_transfer` connects them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ConsultView {
    /// The other call.
    pub with: u64,
    /// Which of the two this one is.
    pub role: ConsultRole,
}

/// Which of the two calls of a consultation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConsultRole {
    /// The first one, about which somebody is asked.
    Waiting,
    /// The one that is asked.
    Asked,
}

/// The far end asks us to call somebody else. Without an answer it is refused after 25 s.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ReferralView {
    /// Whom.
    pub target: String,
    /// At whose wish; empty when nobody says.
    pub by: String,
}

/// Where a call was sent on to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Redirect {
    /// To dial.
    pub target: String,
    /// To show.
    pub shown: String,
}

/// In or out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// They call us.
    Incoming,
    /// We call them.
    Outgoing,
}

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// Dialling; the far end has said nothing yet.
    Calling,
    /// The far end rings.
    Ringing,
    /// The far end sends sound before answering.
    EarlyMedia,
    /// Rings here.
    Incoming,
    /// Answered here, not connected yet.
    Answering,
    /// Connected.
    Active,
    /// Over; the view goes after ten seconds.
    Ended,
}

/// The other end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Party {
    /// Display name, cleaned of control characters; absent when none was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub name: Option<String>,
    /// Number or user part; empty when withheld.
    pub number: String,
    /// Address to call back; empty when withheld.
    pub address: String,
    /// Company or contact, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub company: Option<String>,
}

/// How a call rings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RingLevel {
    /// Not at all.
    Off,
    /// Softly, during another call.
    Subtle,
    /// Fully.
    Normal,
}

/// A transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TransferView {
    /// To whom.
    pub target: String,
    /// The call of ours it is connected with, when somebody was asked before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub with: Option<u64>,
    /// How far.
    pub state: TransferState,
    /// What happened, for people.
    pub text: String,
}

/// How far a transfer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TransferState {
    /// Asked for.
    Pending,
    /// The target rings.
    Ringing,
    /// Done; the call ends here.
    Done,
    /// Failed; the call is ours again.
    Failed,
}

/// Sound of a call; refreshed every second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MediaView {
    /// For people: "G.711 A-law", "G.711 µ-law", …
    pub codec: String,
    /// Packets sent.
    pub sent: u64,
    /// Packets received.
    pub received: u64,
    /// Lost on the way to us, per cent.
    pub lost_percent: f32,
    /// Interarrival jitter, RFC 3550.
    pub jitter_ms: f32,
    /// Round trip from RTCP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub round_trip_ms: Option<f32>,
    /// Delay of the jitter buffer.
    pub buffer_ms: f32,
    /// Packets that came too late to be heard.
    pub late: u64,
    /// Share of the sound that had to be made up since the beginning, per cent.
    pub made_up_percent: f32,
    /// What the far end missed of ours, per cent, as it last reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub remote_lost_percent: Option<f32>,
    /// Peak level of what we sent in the last second, 0 to 1.
    pub level_in: f32,
    /// Peak level of what we heard in the last second, 0 to 1.
    pub level_out: f32,
    /// How people would rate the call so far, 1 to 4.4 (ITU-T G.107).
    pub mos: f32,
    /// 1 (poor) to 4 (good).
    pub bars: u8,
}

/// A variable of a template and its value in this call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Variable {
    /// As written in a template: `$caller$`, `[sip.X-Ticket]`, `$key$`.
    pub name: String,
    /// Where it comes from.
    pub source: VariableSource,
    /// Its value; masked when secret.
    pub value: String,
}

/// Where a variable comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum VariableSource {
    /// The call.
    Call,
    /// A SIP header of the invitation.
    Header,
    /// The user's own parameters.
    Custom,
}

/// One line of a call's time line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TimelineItem {
    /// When.
    pub at: i64,
    /// What, for people.
    pub text: String,
}

/// Why a call ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct EndView {
    /// For programs.
    pub reason: EndReason,
    /// For people: "Busy", "Nobody by that number", …
    pub text: String,
    /// When.
    pub at: i64,
}

/// Why a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// We hung up.
    HungUpHere,
    /// They hung up.
    HungUpThere,
    /// We cancelled our own call before it was answered.
    Cancelled,
    /// The caller gave up.
    Missed,
    /// We declined.
    Declined,
    /// Refused by our do-not-disturb.
    DoNotDisturb,
    /// Another phone of ours answered.
    AnsweredElsewhere,
    /// The far end is busy.
    Busy,
    /// The far end declined.
    Refused,
    /// Nobody by that number.
    NotFound,
    /// Not reachable now.
    Unavailable,
    /// Nobody answered.
    NoAnswer,
    /// The server does not allow the call.
    Forbidden,
    /// No common codec.
    NoCommonCodec,
    /// The network or the far end went away.
    Lost,
    /// The server failed.
    ServerError,
    /// Transferred away.
    Transferred,
    /// Sent on before it was answered here.
    Forwarded,
    /// The far end wants to be called somewhere else: `redirects` says where.
    Redirected,
    /// It goes on as another call.
    Replaced,
    /// Anything else; the text says it.
    Other,
}
