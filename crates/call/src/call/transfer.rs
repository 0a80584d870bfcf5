//! Transfer. The far end is put on hold, asked to call the target or to take our place in another call, and given back if
//! that comes to nothing.
//!
//! | From | What happens | To | What the engine does |
//! |---|---|---|---|
//! | None, Failed; held | transfer | Asked | send transfer, or join |
//! | None, Failed; not held | transfer | Holding | hold, see [`hold`](super::hold) |
//! | Holding | the hold is settled, agreed on or not | Asked | send transfer, or join |
//! | Holding | the other call ended | Failed | resume, as below |
//! | Asked | accepted, ringing | Asked, at that stage | |
//! | Asked | done | (call ended: transferred) | send hang up; the other call too |
//! | Asked, accepted or ringing | the far end hangs up | (call ended: transferred) | the other call: send hang up |
//! | Asked, accepted or ringing | the far end of the other call hangs up | the same | the other call ended: transferred |
//! | Asked | failed, `TransferGiveUp` | Failed | resume, if it was not held before and is in the foreground |
use super::Call;
use super::hold::{OurHold, Place};
use super::state::Active;
use crate::effect::{Effect, Send};
use crate::{CallId, Cause, Refused, TransferProgress, TransferState, TransferView};
use std::time::Instant;

/// A transfer of this call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Transfer {
    /// Never tried.
    None,
    /// Waits until the call is on hold.
    Holding { to: To, give_back: GiveBack },
    /// The far end was asked.
    Asked {
        to: To,
        stage: Stage,
        give_back: GiveBack,
        since: Instant,
    },
    /// Came to nothing.
    Failed { to: To, reason: String },
}

/// To whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum To {
    /// Whoever is there.
    Target(String),
    /// The far end of this call of ours.
    Call { id: CallId, shown: String },
}

impl To {
    fn shown(&self) -> &str {
        match self {
            Self::Target(target) => target,
            Self::Call { shown, .. } => shown,
        }
    }

    fn ask(&self) -> Send {
        match self {
            Self::Target(target) => Send::Transfer(target.clone()),
            Self::Call { id, .. } => Send::Join(*id),
        }
    }
}

/// How far an asked transfer got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Asked,
    Accepted,
    Ringing,
}

/// What becomes of the call if the transfer fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GiveBack {
    /// It was on hold before and stays so.
    Held,
    /// It talked before and talks again.
    Resumed,
}

impl Transfer {
    pub(crate) fn is_pending(&self) -> bool {
        matches!(self, Self::Holding { .. } | Self::Asked { .. })
    }

    /// The far end agreed: if it hangs up now, that is how it says "done".
    pub(crate) fn is_accepted(&self) -> bool {
        matches!(
            self,
            Self::Asked {
                stage: Stage::Accepted | Stage::Ringing,
                ..
            }
        )
    }

    /// The far end was not asked yet.
    pub(crate) fn is_unasked(&self) -> bool {
        matches!(self, Self::Holding { .. })
    }

    fn to(&self) -> Option<&To> {
        match self {
            Self::None => None,
            Self::Holding { to, .. } | Self::Asked { to, .. } | Self::Failed { to, .. } => Some(to),
        }
    }

    pub(super) fn target(&self) -> &str {
        self.to().map_or("", To::shown)
    }

    /// The call of ours it is connected with.
    pub(crate) fn with(&self) -> Option<CallId> {
        match self.to() {
            Some(To::Call { id, .. }) => Some(*id),
            _ => None,
        }
    }

    pub(crate) fn view(&self) -> Option<TransferView> {
        let state = match self {
            Self::None => return None,
            Self::Asked {
                stage: Stage::Ringing, ..
            } => TransferState::Ringing,
            Self::Holding { .. } | Self::Asked { .. } => TransferState::Pending,
            Self::Failed { reason, .. } => TransferState::Failed(reason.clone()),
        };
        Some(TransferView {
            target: self.target().to_owned(),
            with: self.with(),
            state,
        })
    }

    pub(super) fn view_at_end(&self, cause: &Cause) -> Option<TransferView> {
        let mut view = self.view()?;
        if matches!(cause, Cause::Transferred { .. }) {
            view.state = TransferState::Done;
        } else if self.is_pending() {
            view.state = TransferState::Failed(cause.to_string());
        }
        Some(view)
    }
}

impl Call {
    /// Transfer to a number or address.
    pub(crate) fn transfer(&mut self, now: Instant, target: &str, out: &mut Vec<Effect>) -> Result<(), Refused> {
        self.check_transfer()?;
        match target.trim() {
            "" => Err(Refused::NoTarget),
            target => self.transfer_to(now, To::Target(target.to_owned()), out),
        }
    }

    /// Whether [`Self::transfer_to`] will be accepted; asked before other calls are touched.
    pub(crate) fn check_transfer(&mut self) -> Result<(), Refused> {
        if self.active_mut()?.transfer.is_pending() {
            return Err(Refused::TransferUnderWay);
        }
        Ok(())
    }

    /// Transfer to a colleague who was called and did not answer yet: if it fails, the person talks to this call again, as
    /// before that call.
    pub(crate) fn transfer_instead(
        &mut self,
        now: Instant,
        target: String,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refused> {
        self.transfer_to(now, To::Target(target), out)?;
        let (Transfer::Holding { give_back, .. } | Transfer::Asked { give_back, .. }) =
            &mut self.active_mut()?.transfer
        else {
            return Ok(());
        };
        *give_back = GiveBack::Resumed;
        Ok(())
    }

    pub(crate) fn transfer_to(&mut self, now: Instant, to: To, out: &mut Vec<Effect>) -> Result<(), Refused> {
        self.check_transfer()?;
        let id = self.id;
        let active = self.active_mut()?;
        let give_back = if active.wants_to_talk() {
            GiveBack::Resumed
        } else {
            GiveBack::Held
        };
        active.begin_hold(id, out);
        active.transfer = Transfer::Holding { to, give_back };
        active.go_on_with_transfer(now, id, out);
        Ok(())
    }

    pub(super) fn transfer_progress(
        &mut self,
        now: Instant,
        progress: TransferProgress,
        place: Place,
        out: &mut Vec<Effect>,
    ) {
        let id = self.id;
        let Ok(active) = self.active_mut() else { return };
        let Transfer::Asked { stage, .. } = &mut active.transfer else {
            return;
        };
        match progress {
            TransferProgress::Accepted if *stage == Stage::Asked => *stage = Stage::Accepted,
            TransferProgress::Accepted => {}
            TransferProgress::Ringing => *stage = Stage::Ringing,
            TransferProgress::Failed { reason } => active.transfer_failed(now, id, reason, place, out),
            TransferProgress::Done => {
                let to = active.transfer.target().to_owned();
                self.send(Send::HangUp, out);
                self.end(now, Cause::Transferred { to }, out);
            }
        }
    }
}

impl Active {
    /// Asks the far end as soon as the hold before it is settled.
    pub(super) fn go_on_with_transfer(&mut self, now: Instant, id: CallId, out: &mut Vec<Effect>) {
        let Transfer::Holding { to, give_back } = &self.transfer else {
            return;
        };
        if matches!(self.ours, OurHold::Held | OurHold::Parked) {
            out.push(Effect::Send(id, to.ask()));
            let (to, give_back) = (to.clone(), *give_back);
            self.transfer = Transfer::Asked {
                to,
                stage: Stage::Asked,
                give_back,
                since: now,
            };
        }
    }

    /// Gives the call back.
    pub(crate) fn transfer_failed(
        &mut self,
        now: Instant,
        id: CallId,
        reason: String,
        place: Place,
        out: &mut Vec<Effect>,
    ) {
        let (Transfer::Holding { to, give_back } | Transfer::Asked { to, give_back, .. }) = &self.transfer else {
            return;
        };
        let (to, give_back) = (to.clone(), *give_back);
        self.transfer = Transfer::Failed { to, reason };
        if give_back == GiveBack::Resumed && place == Place::Foreground {
            self.begin_resume(now, id, out);
        }
    }
}
