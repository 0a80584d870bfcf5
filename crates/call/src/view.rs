//! What can be seen of a call.
use crate::{CallId, Cause, Direction, LineId, Outcome, Party, RingLevel};
use std::time::Instant;

/// A call as it stands. Whole: it replaces the one shown before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallView {
    /// Its number.
    pub id: CallId,
    /// The line.
    pub line: LineId,
    /// In or out.
    pub direction: Direction,
    /// The other end.
    pub party: Party,
    /// Own number reached; empty for outgoing calls.
    pub reached: String,
    /// Number first dialled by the caller; empty for outgoing calls.
    pub called: String,
    /// Where it stands.
    pub state: CallState,
    /// When it began.
    pub began: Instant,
    /// When it was answered.
    pub answered: Option<Instant>,
    /// It has the microphone and the speaker.
    pub focused: bool,
    /// We hold the far end, or are about to.
    pub held_by_us: bool,
    /// The far end holds us.
    pub held_by_them: bool,
    /// A hold or resume waits for the far end's word.
    pub hold_pending: bool,
    /// The microphone is off for this call.
    pub muted: bool,
    /// Its ringtone was stopped.
    pub silenced: bool,
    /// How it rings now.
    pub ring: RingLevel,
    /// Tones sent, the newest 128.
    pub digits: String,
    /// The last transfer that was tried.
    pub transfer: Option<TransferView>,
    /// Nothing has been heard since.
    pub silent_since: Option<Instant>,
    /// Why the last hold or resume was refused, for people.
    pub hold_refused: Option<String>,
    /// The consultation it belongs to.
    pub consult: Option<ConsultView>,
    /// It is one of a conference.
    pub conference: bool,
    /// Whom the far end asks us to call.
    pub referral: Option<ReferralView>,
    /// It is an emergency call.
    pub emergency: bool,
    /// It was answered without a person.
    pub auto_answered: bool,
    /// It was dialled because this one was sent on.
    pub follows: Option<CallId>,
    /// How it ended.
    pub end: Option<End>,
}

/// Two calls, one of which waits while the other one is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsultView {
    /// The other call.
    pub with: CallId,
    /// Which of the two this one is.
    pub role: ConsultRole,
}

/// Which of the two calls of a consultation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsultRole {
    /// The first one, about which somebody is asked.
    Waiting,
    /// The one that is asked.
    Asked,
}

/// The far end asks us to call somebody, and waits for the person's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferralView {
    /// Whom.
    pub target: String,
    /// At whose wish; may be empty.
    pub by: String,
}

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// Over.
    Ended,
}

/// A transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferView {
    /// To whom.
    pub target: String,
    /// The call of ours it is connected with, if it is.
    pub with: Option<CallId>,
    /// How far.
    pub state: TransferState,
}

/// How far a transfer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransferState {
    /// Asked for.
    Pending,
    /// The target rings.
    Ringing,
    /// Done; the call ended here.
    Done,
    /// It came to nothing, for this reason; the call is ours again.
    Failed(String),
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// When.
    pub at: Instant,
    /// Why.
    pub cause: Cause,
    /// What the history says.
    pub outcome: Outcome,
}
