//! What the far end, the network and the media say of a call.
use std::fmt;
use std::time::Duration;

/// Something that happened to a call. Never refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// The server has the invitation.
    Trying,
    /// The far end rings.
    Ringing,
    /// The far end sends sound before it answers. Again when another branch does.
    EarlyMedia,
    /// Outgoing: the far end answered. Incoming: our answer, with its description of media, is on its way.
    Answered,
    /// Incoming: the far end has our answer.
    Confirmed,
    /// Incoming: the far end never confirmed our answer.
    ConfirmTimeout,
    /// The far end changed the session; `held` says whether it holds us now.
    Reoffered {
        /// It holds us.
        held: bool,
    },
    /// The answer to an offer of ours says whether the far end holds us now.
    HeldByThem(bool),
    /// Our hold was accepted.
    HoldDone,
    /// Our resume was accepted.
    ResumeDone,
    /// Our hold or resume, whichever is pending, was refused for good.
    HoldRefused {
        /// For people; may be empty.
        reason: String,
    },
    /// How far a transfer got.
    Transfer(TransferProgress),
    /// The far end asks us to call somebody.
    Referred {
        /// Whom; for people.
        target: String,
        /// At whose wish, for people; empty when nobody says.
        by: String,
    },
    /// The caller gave up, or another phone answered.
    Cancelled {
        /// Another phone of ours answered.
        elsewhere: bool,
    },
    /// The call is over.
    Ended {
        /// Why.
        cause: Cause,
    },
    /// Neither RTP nor RTCP has come for this long.
    MediaLost {
        /// For how long already.
        silent_for: Duration,
    },
    /// It comes again.
    MediaBack,
}

/// How far a transfer got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransferProgress {
    /// The far end agreed to try.
    Accepted,
    /// The target rings.
    Ringing,
    /// The target answered.
    Done,
    /// It came to nothing.
    Failed {
        /// For people: "Busy", "Not allowed", …
        reason: String,
    },
}

/// One of the two ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// This end.
    Us,
    /// The far end.
    Them,
}

/// Why a call ended. `Display` says it for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// Somebody hung up a connected call.
    HungUp(By),
    /// We gave up our own call before the answer.
    Cancelled,
    /// The caller gave up.
    GaveUp,
    /// We declined.
    DeclinedHere,
    /// Another phone of ours answered.
    AnsweredElsewhere,
    /// Our do-not-disturb refused.
    DoNotDisturb,
    /// Refused because we were on another call and call waiting is off, or there were too many calls.
    Engaged,
    /// The far end is busy.
    Busy,
    /// The far end declined.
    Declined,
    /// Nobody by that number.
    NotFound,
    /// Not reachable now.
    Unavailable,
    /// Nobody answered in time.
    NoAnswer,
    /// The server does not allow it.
    Forbidden,
    /// The two ends have no codec in common.
    NotAcceptable,
    /// The server failed.
    ServerError,
    /// The network or server cannot be reached.
    Unreachable,
    /// The network or the far end went away in the middle.
    Lost,
    /// Transferred away.
    Transferred {
        /// To whom, for people.
        to: String,
    },
    /// Sent on before it was answered here.
    Forwarded {
        /// To whom, as it can be dialled.
        to: String,
    },
    /// The far end wants to be called somewhere else; a person decides.
    Redirected {
        /// Where, as it can be dialled, the best first.
        targets: Vec<String>,
    },
    /// Another call took its place.
    Replaced,
    /// Anything else, in words.
    Other(String),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HungUp(By::Us) => "You hung up",
            Self::HungUp(By::Them) => "The other end hung up",
            Self::Cancelled => "Cancelled",
            Self::GaveUp => "Missed",
            Self::DeclinedHere => "Declined",
            Self::AnsweredElsewhere => "Answered on another phone",
            Self::DoNotDisturb => "Do not disturb was on",
            Self::Engaged => "You were on another call",
            Self::Busy => "Busy",
            Self::Declined => "Declined by the other end",
            Self::NotFound => "Nobody by that number",
            Self::Unavailable => "Not reachable now",
            Self::NoAnswer => "No answer",
            Self::Forbidden => "The server does not allow this call",
            Self::NotAcceptable => "No common codec",
            Self::ServerError => "The server failed",
            Self::Unreachable => "The server cannot be reached",
            Self::Lost => "The connection was lost",
            Self::Transferred { to } => return write!(f, "Transferred to {to}"),
            Self::Forwarded { to } => return write!(f, "Forwarded to {to}"),
            Self::Redirected { targets } => match targets.first() {
                Some(target) => return write!(f, "To be called at {target}"),
                None => "To be called somewhere else",
            },
            Self::Replaced => "Went on as another call",
            Self::Other(text) => text,
        })
    }
}
