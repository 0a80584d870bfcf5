//! Our side of hold. The far end's side is [`TheirHold`](super::state::TheirHold): both may be on at once.
//!
//! The person's sound is held the moment hold is wanted, and comes back only when the far end agreed to resume.
//!
//! | From | What happens | To | What the engine does |
//! |---|---|---|---|
//! | Off, confirmed | hold | Asked(Stay) | media hold, send hold |
//! | Off, unconfirmed | hold | Wanted | media hold |
//! | Wanted | confirmed | Asked(Stay) | send hold |
//! | Wanted | resume | Off | media resume |
//! | Asked(Stay) | done | Held | |
//! | Asked(Stay) | refused, in the foreground | Off, with the reason | media resume: the call is given back |
//! | Asked(Stay) | refused, not in the foreground | Parked, with the reason | |
//! | Asked(Stay) | resume | Asked(Turn) | the resume waits |
//! | Asked(Turn) | hold | Asked(Stay) | |
//! | Asked(Turn) | done | Resuming(Stay) | send resume |
//! | Asked(Turn) | refused | Off | media resume |
//! | Held | resume | Resuming(Stay) | send resume |
//! | Parked | resume | Off | media resume |
//! | Resuming(Stay) | done | Off | media resume |
//! | Resuming(Stay) | refused | Held, with the reason | |
//! | Resuming(Stay) | hold | Resuming(Turn) | the hold waits |
//! | Resuming(Turn) | resume | Resuming(Stay) | |
//! | Resuming(Turn) | done | Asked(Stay) | send hold |
//! | Resuming(Turn) | refused | Held | |
use super::Call;
use super::state::{Active, Confirm};
use crate::effect::{Effect, MediaAction, Send};
use crate::{CallId, Refused};
use std::time::Instant;

/// Our side of hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OurHold {
    /// We talk.
    Off,
    /// Silent here; the far end can be asked only after it confirmed our answer.
    Wanted,
    /// The far end was asked to hold.
    Asked(Then),
    /// Agreed on.
    Held,
    /// The far end refused, but the person went on to another call: silent here, without its consent.
    Parked,
    /// The far end was asked to resume.
    Resuming(Then),
}

/// What the person wants once the pending question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// What was asked for.
    Stay,
    /// The opposite.
    Turn,
}

/// Where the call stands on the switchboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The person's call of the moment.
    Foreground,
    /// Another one is, or was and ended.
    Background,
}

impl Call {
    /// Hold, as a person asks for it.
    pub(crate) fn hold(&mut self, out: &mut Vec<Effect>) -> Result<(), Refused> {
        let id = self.id;
        let active = self.active_mut()?;
        if active.transfer.is_pending() {
            return Err(Refused::TransferUnderWay);
        }
        if !active.wants_to_talk() {
            return Err(Refused::AlreadyHeld);
        }
        active.begin_hold(id, out);
        Ok(())
    }

    /// Hold because another call takes the foreground. Calls that are held or not connected stay as they are.
    pub(crate) fn make_room(&mut self, out: &mut Vec<Effect>) {
        let id = self.id;
        if let Ok(active) = self.active_mut() {
            active.begin_hold(id, out);
        }
    }

    /// Whether [`Self::resume`] will be accepted; asked before other calls are touched.
    pub(crate) fn check_resume(&mut self) -> Result<(), Refused> {
        let active = self.active_mut()?;
        if active.transfer.is_pending() {
            return Err(Refused::TransferUnderWay);
        }
        if active.wants_to_talk() {
            Err(Refused::NotHeld)
        } else {
            Ok(())
        }
    }

    pub(crate) fn resume(&mut self, now: Instant, out: &mut Vec<Effect>) -> Result<(), Refused> {
        self.check_resume()?;
        let id = self.id;
        self.active_mut()?.begin_resume(now, id, out);
        Ok(())
    }
}

impl Active {
    /// It talks, or will as soon as the far end agrees.
    pub(crate) fn wants_to_talk(&self) -> bool {
        matches!(
            self.ours,
            OurHold::Off | OurHold::Asked(Then::Turn) | OurHold::Resuming(Then::Stay)
        )
    }

    pub(super) fn begin_hold(&mut self, id: CallId, out: &mut Vec<Effect>) {
        self.ours = match self.ours {
            OurHold::Off => {
                self.hold_refused = None;
                out.push(Effect::Media(id, MediaAction::Hold));
                match self.confirm {
                    Confirm::Done => ask_hold(id, out),
                    Confirm::Awaited => OurHold::Wanted,
                }
            }
            OurHold::Asked(_) => OurHold::Asked(Then::Stay),
            OurHold::Resuming(_) => OurHold::Resuming(Then::Turn),
            settled @ (OurHold::Wanted | OurHold::Held | OurHold::Parked) => settled,
        };
    }

    pub(super) fn begin_resume(&mut self, now: Instant, id: CallId, out: &mut Vec<Effect>) {
        self.hold_refused = None;
        self.ours = match self.ours {
            OurHold::Off => OurHold::Off,
            OurHold::Wanted | OurHold::Parked => self.talk_again(now, id, out),
            OurHold::Asked(_) => OurHold::Asked(Then::Turn),
            OurHold::Held => ask_resume(id, out),
            OurHold::Resuming(_) => OurHold::Resuming(Then::Stay),
        };
    }

    pub(super) fn confirmed(&mut self, id: CallId, out: &mut Vec<Effect>) {
        self.confirm = Confirm::Done;
        if self.ours == OurHold::Wanted {
            self.ours = ask_hold(id, out);
        }
    }

    pub(super) fn hold_done(&mut self, id: CallId, out: &mut Vec<Effect>) {
        self.ours = match self.ours {
            OurHold::Asked(Then::Stay) => OurHold::Held,
            OurHold::Asked(Then::Turn) => ask_resume(id, out),
            late => late,
        };
    }

    pub(super) fn resume_done(&mut self, now: Instant, id: CallId, out: &mut Vec<Effect>) {
        self.ours = match self.ours {
            OurHold::Resuming(Then::Stay) => self.talk_again(now, id, out),
            OurHold::Resuming(Then::Turn) => ask_hold(id, out),
            late => late,
        };
    }

    pub(super) fn hold_refused(&mut self, now: Instant, id: CallId, why: String, place: Place, out: &mut Vec<Effect>) {
        let asked_to_stay = matches!(self.ours, OurHold::Asked(Then::Stay) | OurHold::Resuming(Then::Stay));
        // A transfer needs silence here, not the far end's consent to it.
        let give_back = place == Place::Foreground && !self.transfer.is_pending();
        self.ours = match self.ours {
            OurHold::Asked(Then::Stay) if !give_back => OurHold::Parked,
            OurHold::Asked(_) => self.talk_again(now, id, out),
            OurHold::Resuming(_) => OurHold::Held,
            late => late,
        };
        if asked_to_stay {
            self.hold_refused = Some(why);
        }
    }

    fn talk_again(&mut self, now: Instant, id: CallId, out: &mut Vec<Effect>) -> OurHold {
        out.push(Effect::Media(id, MediaAction::Resume));
        self.listen_anew(now);
        OurHold::Off
    }
}

fn ask_hold(id: CallId, out: &mut Vec<Effect>) -> OurHold {
    out.push(Effect::Send(id, Send::Hold));
    OurHold::Asked(Then::Stay)
}

fn ask_resume(id: CallId, out: &mut Vec<Effect>) -> OurHold {
    out.push(Effect::Send(id, Send::Resume));
    OurHold::Resuming(Then::Stay)
}
