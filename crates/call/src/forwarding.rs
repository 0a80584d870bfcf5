//! Where a line sends its calls on to, and when.
//!
//! | Situation | always | busy | no answer | What becomes of the call |
//! |---|---|---|---|---|
//! | any, the caller insists | - | - | - | rings |
//! | any | set | - | - | sent on |
//! | do-not-disturb | - | set for it | - | sent on |
//! | do-not-disturb | - | - | - | turned away as busy |
//! | no room (call waiting off, too many calls) | - | set | - | sent on |
//! | no room | - | - | - | turned away as busy |
//! | on a call | - | set for it | - | sent on |
//! | otherwise | - | - | set | rings; sent on when nobody answered in time |
//! | otherwise | - | - | - | rings |
//!
//! That a target is not the caller, our own number or one the call was sent on from already is for the engine to see to:
//! it alone knows addresses.
use crate::Cause;
use std::time::Duration;

/// Where calls of a line are sent on to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forwarding {
    /// Each call, to this target.
    pub always: Option<String>,
    /// Calls that find the person busy.
    pub busy: Option<BusyForward>,
    /// Calls nobody answered.
    pub no_answer: Option<LateForward>,
}

/// Sends calls on that find the person busy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusyForward {
    /// Number or address, as it can be dialled.
    pub target: String,
    /// Do-not-disturb counts as busy.
    pub do_not_disturb: bool,
    /// Being on a call counts as busy, even though a second call could ring.
    pub on_call: bool,
}

/// Sends calls on that nobody answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateForward {
    /// Number or address, as it can be dialled.
    pub target: String,
    /// How long it rings here first.
    pub after: Duration,
}

/// How the switchboard stands when a call comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Situation {
    pub do_not_disturb: bool,
    /// A further call must not ring.
    pub full: bool,
    pub on_call: bool,
}

/// What becomes of a call that comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Rings,
    SentOn(String),
    TurnedAway(Cause),
}

impl Forwarding {
    /// What becomes of a call that does not insist.
    pub(crate) fn verdict(&self, situation: Situation) -> Verdict {
        if let Some(target) = &self.always {
            return Verdict::SentOn(target.clone());
        }
        let busy = |counts: fn(&BusyForward) -> bool| self.busy.as_ref().filter(|busy| counts(busy));
        let (forward, otherwise) = if situation.do_not_disturb {
            (
                busy(|busy| busy.do_not_disturb),
                Verdict::TurnedAway(Cause::DoNotDisturb),
            )
        } else if situation.full {
            (busy(|_| true), Verdict::TurnedAway(Cause::Engaged))
        } else if situation.on_call {
            (busy(|busy| busy.on_call), Verdict::Rings)
        } else {
            (None, Verdict::Rings)
        };
        forward.map_or(otherwise, |busy| Verdict::SentOn(busy.target.clone()))
    }
}
