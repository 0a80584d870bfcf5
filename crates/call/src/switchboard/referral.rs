//! Calls made because the far end of another one asked for them: the far end hears how they go.
use super::Switchboard;
use crate::call::referral::Referral;
use crate::call::state::{OutStage, State};
use crate::effect::{Effect, ReferralProgress, Send};
use crate::{CallId, Outgoing, Refused};
use std::time::Instant;

impl Switchboard {
    pub(super) fn begin_referred(
        &mut self,
        now: Instant,
        id: CallId,
        outgoing: Outgoing,
        out: &mut Vec<Effect>,
    ) -> Result<CallId, Refused> {
        let call = self.find(id)?;
        call.check_referral()?;
        let resume = call.active().is_some_and(|active| active.wants_to_talk());
        // The far end is told first: the new call may fail at once, and that is news for it too.
        let mut begun = vec![Effect::Send(id, Send::AcceptReferral)];
        let dialled = self.begin_call(now, outgoing, &mut begun)?;
        out.append(&mut begun);
        self.find(id)?.referral = Referral::Followed {
            call: dialled,
            resume,
            rings: false,
        };
        Ok(dialled)
    }

    /// Tells far ends how the calls go that they asked for.
    pub(super) fn mind_referrals(&mut self, now: Instant, out: &mut Vec<Effect>) {
        let followed: Vec<(CallId, CallId, bool, bool)> = self
            .lines
            .iter()
            .filter_map(|entry| match entry.call.referral {
                Referral::Followed { call, resume, rings } => Some((entry.call.id, call, resume, rings)),
                _ => None,
            })
            .collect();
        for (id, call, resume, rings) in followed {
            let (progress, next) = match self.seen(call).map(|call| &call.state) {
                Some(State::Out {
                    stage: OutStage::Calling,
                    ..
                }) => continue,
                Some(State::Out { .. }) if rings => continue,
                Some(State::Out { .. }) => {
                    let rings = Referral::Followed {
                        call,
                        resume,
                        rings: true,
                    };
                    (ReferralProgress::Ringing, rings)
                }
                Some(State::Ended(ended)) if ended.answered.is_none() => {
                    (ReferralProgress::Failed(ended.cause.clone()), Referral::None)
                }
                _ => (ReferralProgress::Answered, Referral::None),
            };
            let back = resume && matches!(progress, ReferralProgress::Failed(_));
            out.push(Effect::Send(id, Send::ReferralProgress(progress)));
            if let Ok(call) = self.find(id) {
                call.referral = next;
            }
            self.mind_front();
            if back && self.front.is_none() {
                let _ = self.resume(now, id, out);
            }
        }
    }
}
