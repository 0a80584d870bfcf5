//! What a person asks of a call.
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
        })
    }
}

impl std::error::Error for Refused {}
