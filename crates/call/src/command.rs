//! What a person asks of a call.
use crate::CallId;
use std::fmt;

/// A wish of a person. It may be refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Takes a ringing call.
    Answer {
        /// What happens to the call that talks now.
        others: OnAnswer,
    },
    /// Turns a ringing call away.
    Decline,
    /// Stops the ringtone of this call only; it goes on ringing at the far end.
    Silence,
    /// Ends the call in any state.
    HangUp,
    /// Leaves the call in any state because the phone closes: one that rings goes on ringing at the person's other phones.
    Leave,
    /// Puts the far end on hold.
    Hold,
    /// Takes it back; the call that talks now is held.
    Resume,
    /// Microphone off or on, for this call.
    Mute(bool),
    /// Tones: `0-9 * # A-D`, `,` is a pause.
    SendDigits(String),
    /// Blind transfer.
    Transfer {
        /// Number or address, as it can be dialled.
        target: String,
    },
    /// Sends a ringing call on to somebody else.
    Forward {
        /// Number or address, as it can be dialled.
        target: String,
    },
    /// Talks to this call and holds the one that talks; for the one that talks: to the call held beside it.
    Swap,
    /// Connects this call with another one and leaves: attended transfer. While the other one still rings, it is given up
    /// and this call is transferred to it blindly.
    CompleteTransfer {
        /// The other one; `None`: the one of the consultation, or the other one of a conference of two.
        with: Option<CallId>,
    },
    /// Ends the consultation this call belongs to and goes back to the first call.
    CancelConsult,
    /// Ends the conference: this call goes on talking, the others are held.
    LeaveConference,
    /// Does not call whom the far end asks to be called.
    RefuseReferral,
}

/// What happens to the talking call when another one is answered. Calls already on hold stay on hold either way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnAnswer {
    /// It is held.
    #[default]
    Hold,
    /// It is ended.
    End,
}

/// Why a wish was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The call never existed or is forgotten.
    NoSuchCall,
    /// The call is over.
    Ended,
    /// The call does not ring here (any more).
    NotRinging,
    /// The call is not connected (yet).
    NotConnected,
    /// It is held already, or about to be.
    AlreadyHeld,
    /// It is not on hold.
    NotHeld,
    /// Not while the call is on hold.
    OnHold,
    /// A transfer of this call is under way.
    TransferUnderWay,
    /// Another call is being dialled; it has to be ended first.
    Dialling,
    /// Another call is being answered this very moment.
    AnswerUnderWay,
    /// There are as many calls as allowed.
    TooManyCalls,
    /// The text holds something that is no tone, is empty, or is too long.
    BadDigits,
    /// There is no target.
    NoTarget,
    /// A colleague is being asked about this call already.
    Consulting,
    /// Nobody was asked about this call.
    NotConsulting,
    /// There is no other call to talk to.
    NoOtherCall,
    /// A conference takes two calls at least.
    TooFewCalls,
    /// The call is in no conference.
    NotInConference,
    /// The far end does not ask for anybody to be called.
    NotReferred,
    /// The call did not end by being sent on.
    NotRedirected,
    /// It was sent on too often.
    TooManyHops,
    /// An emergency call is being dialled.
    Emergency,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSuchCall => "That call is gone.",
            Self::Ended => "The call is over.",
            Self::NotRinging => "The call no longer rings.",
            Self::NotConnected => "The call is not connected yet.",
            Self::AlreadyHeld => "The call is on hold already.",
            Self::NotHeld => "The call is not on hold.",
            Self::OnHold => "The call is on hold; resume it first.",
            Self::TransferUnderWay => "The call is being transferred.",
            Self::Dialling => "Another call is being dialled; end it first.",
            Self::AnswerUnderWay => "Another call is being answered; try again in a moment.",
            Self::TooManyCalls => "There are too many calls; end one first.",
            Self::BadDigits => "Only 0-9, *, #, A-D and the comma can be sent as tones, at most 64 at once.",
            Self::NoTarget => "Say to whom.",
            Self::Consulting => "A colleague is being asked about this call already.",
            Self::NotConsulting => "Nobody was asked about this call; say with which call to connect it.",
            Self::NoOtherCall => "There is no other call on hold.",
            Self::TooFewCalls => "A conference takes two connected calls or more.",
            Self::NotInConference => "The call is in no conference.",
            Self::NotReferred => "The other end no longer asks for that.",
            Self::NotRedirected => "The call was not sent on to anybody.",
            Self::TooManyHops => "The call was sent on too often; dial the number yourself.",
            Self::Emergency => "An emergency call is being made.",
        })
    }
}

impl std::error::Error for Refused {}
