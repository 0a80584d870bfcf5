//! What the engine must do for the calls.
use crate::{CallId, Cause};
use std::time::Duration;

/// One thing to do. Effects are to be performed in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Tell the far end.
    Send(CallId, Send),
    /// Do something to the call's sound.
    Media(CallId, MediaAction),
    /// These calls have the microphone and the speaker from now on, several of them in a conference, where each hears the
    /// others; all other calls are silent both ways.
    Focus(Vec<CallId>),
    /// The ringtone, for all ringing calls together.
    Ring(RingLevel),
    /// The tone in the ear.
    Tone(Tone),
    /// A moment at which a screen pop may be due. At most once a call and moment, and only for incoming calls.
    Pop(CallId, Moment),
    /// A line for the history.
    Note(CallId, HistoryNote),
    /// Whether a call is connected, held or being dialled.
    OnCall(bool),
    /// The call's view differs from what was shown last.
    Changed(CallId),
    /// The call is forgotten. The last effect for its number.
    Removed(CallId),
}

/// A message to the far end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Send {
    /// Begin the call: prepare media, invite. On failure signal `Ended`.
    Invite,
    /// Say that it rings here.
    Ring,
    /// Answer: prepare media, accept; then signal `Answered`. On failure signal `Ended`.
    Accept,
    /// Turn it away.
    Reject(Rejection),
    /// End it in whatever way its state asks for: cancel, refuse or say goodbye. It is over for the switchboard already.
    HangUp,
    /// Ask to hold. Signal `HoldDone` or `HoldRefused`.
    Hold,
    /// Ask to resume. Signal `ResumeDone` or `HoldRefused`.
    Resume,
    /// Answer the far end's changed session, and let media follow it.
    AnswerReoffer,
    /// Ask the far end to call this target. Signal `Transfer(…)`.
    Transfer(String),
    /// Ask the far end to take our place in that call. Signal `Transfer(…)`.
    Join(CallId),
    /// Send the caller on to this target.
    Redirect(String),
    /// Say that we call whom the far end asks to be called.
    AcceptReferral,
    /// Say that we do not.
    RefuseReferral,
    /// Say how far the call is that the far end asked for.
    ReferralProgress(ReferralProgress),
}

/// How far a call is that the far end asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReferralProgress {
    /// It rings.
    Ringing,
    /// It was answered.
    Answered,
    /// It came to nothing.
    Failed(Cause),
}

/// How a call is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// Busy here: on another call, do-not-disturb, too many calls.
    Busy,
    /// Declined by the person, everywhere.
    Decline,
    /// Rang too long without anyone, or the phone closes; others go on ringing.
    Unavailable,
    /// No sound format in common.
    NotAcceptable,
}

/// What to do to a call's sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaAction {
    /// Run as negotiated; again when that changed. If the description is still to come, as soon as it has.
    Start,
    /// Neither send nor play voice: the call is on hold here.
    Hold,
    /// Send and play again.
    Resume,
    /// Microphone off or on.
    Mute(bool),
    /// Send tones; `,` is a pause.
    Digits(String),
    /// The end.
    Stop,
}

/// How loudly it rings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum RingLevel {
    /// Not at all.
    #[default]
    Off,
    /// Softly, during another call.
    Subtle,
    /// Fully.
    Normal,
}

/// A tone in the ear.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    /// Silence.
    #[default]
    None,
    /// The far end rings and sends no sound of its own.
    Ringback,
    /// The far end was busy.
    Busy,
    /// The call did not come about for another reason.
    Congestion,
}

/// When a screen pop may be due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The call began to ring here.
    Incoming,
    /// It was answered here.
    Answered,
}

/// A line for the history. Each `Began` is followed by exactly one `Ended`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HistoryNote {
    /// The call exists.
    Began,
    /// It was answered.
    Answered,
    /// It is over.
    Ended {
        /// How it went.
        outcome: Outcome,
        /// Why it ended.
        cause: Cause,
        /// Time from its beginning to the answer or the end.
        ring: Duration,
        /// Time from the answer to the end.
        talk: Duration,
    },
}

/// How a call went, seen from the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Talked.
    Answered,
    /// The caller did not reach us.
    Missed {
        /// It never rang here: do-not-disturb, no call waiting. Nothing to notify.
        quiet: bool,
    },
    /// We declined.
    Declined,
    /// We gave up before the answer.
    Cancelled,
    /// It did not come about.
    Failed,
    /// Another phone of ours answered.
    AnsweredElsewhere,
    /// It was sent on.
    Forwarded,
}
