//! Blind transfer. The far end is put on hold, asked to call the target, and given back if that comes to nothing.
//!
//! | From | What happens | To | What the engine does |
//! |---|---|---|---|
//! | None, Failed; held | transfer | Asked | send transfer |
//! | None, Failed; not held | transfer | Holding | hold, see [`hold`](super::hold) |
//! | Holding | the hold is settled, agreed on or not | Asked | send transfer |
//! | Asked | accepted, ringing | Asked, at that stage | |
//! | Asked | done | (call ended: transferred) | send hang up |
//! | Asked, accepted or ringing | the far end hangs up | (call ended: transferred) | |
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
    Holding { target: String, give_back: GiveBack },
    /// The far end was asked.
    Asked {
        target: String,
        stage: Stage,
        give_back: GiveBack,
        since: Instant,
    },
    /// Came to nothing.
    Failed { target: String, reason: String },
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
    pub(super) fn is_accepted(&self) -> bool {
        matches!(
            self,
            Self::Asked {
                stage: Stage::Accepted | Stage::Ringing,
                ..
            }
        )
    }

    pub(crate) fn view(&self) -> Option<TransferView> {
        let (target, state) = match self {
            Self::None => return None,
            Self::Asked {
                target,
                stage: Stage::Ringing,
                ..
            } => (target, TransferState::Ringing),
            Self::Holding { target, .. } | Self::Asked { target, .. } => (target, TransferState::Pending),
            Self::Failed { target, reason } => (target, TransferState::Failed(reason.clone())),
        };
        Some(TransferView {
            target: target.clone(),
            state,
        })
    }

    pub(super) fn view_at_end(&self, cause: &Cause) -> Option<TransferView> {
        let mut view = self.view()?;
        if *cause == Cause::Transferred {
            view.state = TransferState::Done;
        } else if self.is_pending() {
            view.state = TransferState::Failed(cause.to_string());
        }
        Some(view)
    }
}

impl Call {
    pub(crate) fn transfer(&mut self, now: Instant, target: &str, out: &mut Vec<Effect>) -> Result<(), Refused> {
        let id = self.id;
        let active = self.active_mut()?;
        let target = target.trim().to_owned();
        if active.transfer.is_pending() {
            return Err(Refused::TransferUnderWay);
        }
        if target.is_empty() {
            return Err(Refused::NoTarget);
        }
        let give_back = if active.wants_to_talk() {
            GiveBack::Resumed
        } else {
            GiveBack::Held
        };
        active.begin_hold(id, out);
        active.transfer = Transfer::Holding { target, give_back };
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
                self.send(Send::HangUp, out);
                self.end(now, Cause::Transferred, out);
            }
        }
    }
}

impl Active {
    /// Asks the far end as soon as the hold before it is settled.
    pub(super) fn go_on_with_transfer(&mut self, now: Instant, id: CallId, out: &mut Vec<Effect>) {
        let Transfer::Holding { target, give_back } = &self.transfer else {
            return;
        };
        if matches!(self.ours, OurHold::Held | OurHold::Parked) {
            out.push(Effect::Send(id, Send::Transfer(target.clone())));
            let (target, give_back) = (target.clone(), *give_back);
            self.transfer = Transfer::Asked {
                target,
                stage: Stage::Asked,
                give_back,
                since: now,
            };
        }
    }

    pub(super) fn transfer_failed(
        &mut self,
        now: Instant,
        id: CallId,
        reason: String,
        place: Place,
        out: &mut Vec<Effect>,
    ) {
        let Transfer::Asked { target, give_back, .. } = &self.transfer else {
            return;
        };
        let (target, give_back) = (target.clone(), *give_back);
        self.transfer = Transfer::Failed { target, reason };
        if give_back == GiveBack::Resumed && place == Place::Foreground {
            self.begin_resume(now, id, out);
        }
    }
}
