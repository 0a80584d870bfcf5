//! The far end asks us to call somebody else.
//!
//! | From | What happens | To | What the engine does |
//! |---|---|---|---|
//! | None | referred | Asked | |
//! | Asked, Followed | referred | the same | the wire refuses the second one |
//! | Asked | refuse, `ReferralGiveUp` | None | send refuse referral |
//! | Asked | we hang up | None | send refuse referral |
//! | Asked | the far end hangs up | Asked | the ended call stays to be seen |
//! | Asked | followed | Followed | send accept referral, dial |
//! | Followed | the new call rings | Followed | send progress, once |
//! | Followed | the new call is answered | None | send progress. The far end says goodbye |
//! | Followed | the new call came to nothing | None | send progress; resume, if it talked before |
//! | Followed | the far end hangs up | Followed | it may still listen: an ended call is kept until the new one is decided |
//!
//! What becomes of the new call is for the switchboard to watch.
use super::Call;
use super::state::State;
use crate::effect::{Effect, Send};
use crate::{CallId, ReferralView, Refused};
use std::time::Instant;

/// What the far end asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Referral {
    /// Nothing.
    None,
    /// The person has not said yet.
    Asked { target: String, by: String, since: Instant },
    /// This call was dialled.
    Followed {
        call: CallId,
        /// We talked before.
        resume: bool,
        /// It was told that the new call rings.
        rings: bool,
    },
}

impl Referral {
    pub(crate) fn view(&self) -> Option<ReferralView> {
        match self {
            Self::Asked { target, by, .. } => Some(ReferralView {
                target: target.clone(),
                by: by.clone(),
            }),
            _ => None,
        }
    }
}

impl Call {
    pub(super) fn referred(&mut self, now: Instant, target: String, by: String, out: &mut Vec<Effect>) {
        match &self.state {
            State::Active(_) if self.referral == Referral::None => {
                self.referral = Referral::Asked { target, by, since: now };
            }
            State::Active(_) | State::Ended(_) => {}
            _ => self.send(Send::RefuseReferral, out),
        }
    }

    /// Whether the far end waits for the person's word.
    pub(crate) fn check_referral(&self) -> Result<(), Refused> {
        match self.referral {
            Referral::Asked { .. } => Ok(()),
            _ => Err(Refused::NotReferred),
        }
    }

    pub(crate) fn refuse_referral(&mut self, out: &mut Vec<Effect>) -> Result<(), Refused> {
        self.check_referral()?;
        self.referral = Referral::None;
        self.send(Send::RefuseReferral, out);
        Ok(())
    }
}
