//! The states of a call and the data valid in each.
use super::hold::OurHold;
use super::transfer::Transfer;
use crate::{CallId, Cause, LateForward, Outcome, Tone, TransferView};
use std::time::Instant;

/// Where the call stands.
#[derive(Debug)]
pub(crate) enum State {
    /// We call; not answered yet.
    Out { stage: OutStage, since: Instant },
    /// It rings here.
    Alerting(Alerting),
    /// The person took it; media prepares its description.
    Answering { since: Instant },
    /// Connected.
    Active(Box<Active>),
    /// Over; shown for a while.
    Ended(Box<Ended>),
}

/// A call that rings here.
#[derive(Debug)]
pub(crate) struct Alerting {
    pub(crate) ringer: Ringer,
    pub(crate) since: Instant,
    /// It answers itself at this time, if nobody talks then.
    pub(crate) auto_answer: Option<Instant>,
    /// It is sent on if nobody answers.
    pub(crate) forward: Option<LateForward>,
}

/// How far our own call got. Sound that has begun does not go back to ringing: another branch may ring all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutStage {
    Calling,
    Ringing,
    EarlyMedia,
}

/// Whether the person stopped the ringtone of this call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ringer {
    On,
    Silenced,
}

/// A connected call.
#[derive(Debug)]
pub(crate) struct Active {
    pub(crate) answered: Instant,
    pub(crate) confirm: Confirm,
    pub(crate) ours: OurHold,
    pub(crate) theirs: TheirHold,
    pub(crate) hearing: Hearing,
    pub(crate) transfer: Transfer,
    pub(crate) hold_refused: Option<String>,
    pub(crate) digits: String,
}

impl Active {
    pub(crate) fn new(now: Instant, confirm: Confirm) -> Self {
        Self {
            answered: now,
            confirm,
            ours: OurHold::Off,
            theirs: TheirHold::Off,
            hearing: Hearing::Heard,
            transfer: Transfer::None,
            hold_refused: None,
            digits: String::new(),
        }
    }

    /// Nothing of ours stands in the way of talking.
    pub(crate) fn is_talking(&self) -> bool {
        self.ours == OurHold::Off
    }

    /// Silence counts against the far end only while nobody holds anybody.
    pub(crate) fn silent_since(&self) -> Option<Instant> {
        match self.hearing {
            Hearing::Silent { since } if self.is_talking() && self.theirs == TheirHold::Off => Some(since),
            _ => None,
        }
    }

    /// The far end holds us, or does no more.
    pub(crate) fn held_by_them(&mut self, now: Instant, held: bool) {
        self.theirs = if held { TheirHold::On } else { TheirHold::Off };
        self.listen_anew(now);
    }

    /// After a hold, silence counts from now on.
    pub(crate) fn listen_anew(&mut self, now: Instant) {
        if let Hearing::Silent { since } = &mut self.hearing {
            *since = now;
        }
    }
}

/// Whether the far end has our answer. Before, it must not be asked for anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Confirm {
    Awaited,
    Done,
}

/// Whether the far end holds us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TheirHold {
    Off,
    On,
}

/// Whether anything comes from the far end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hearing {
    Heard,
    Silent { since: Instant },
}

/// A call that is over.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) at: Instant,
    pub(crate) cause: Cause,
    pub(crate) outcome: Outcome,
    pub(crate) answered: Option<Instant>,
    pub(crate) digits: String,
    pub(crate) transfer: Option<TransferView>,
    pub(crate) tone: Tone,
    /// The call it was connected with: it is over too, once the switchboard has looked.
    pub(crate) joined: Option<CallId>,
}
