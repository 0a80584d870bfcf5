//! Everything a call does by itself.
use super::Call;
use super::hold::Place;
use super::referral::Referral;
use super::state::{Confirm, State};
use super::transfer::Transfer;
use crate::effect::{Effect, Rejection, Send, Tone};
use crate::{Cause, Policy};
use std::time::Instant;

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timer {
    /// Nobody answered our call: [`Policy::dial_give_up`].
    DialGiveUp,
    /// Nobody here took or lost the call: [`Policy::ring_give_up`].
    RingGiveUp,
    /// Nobody answered here, and the line sends such calls on: [`crate::LateForward::after`].
    ForwardNoAnswer,
    /// The caller asked to be answered without a person; the switchboard looks whether anybody talks.
    AutoAnswer,
    /// Media or the far end's confirmation never came: [`Policy::answer_give_up`].
    AnswerGiveUp,
    /// A transfer without a result: [`Policy::transfer_give_up`].
    TransferGiveUp,
    /// The person said nothing to what the far end asks for: [`Policy::referral_give_up`].
    ReferralGiveUp,
    /// Nothing heard for too long: [`Policy::dead_after`].
    Dead,
    /// The tone after a failed call has been heard: [`Policy::end_tone`].
    EndTone,
    /// The ended call has been seen: [`Policy::show_ended`], [`Policy::show_redirected`]. The switchboard forgets it.
    Forget,
}

impl Call {
    /// The next thing due, and when.
    pub(crate) fn timer(&self, policy: &Policy) -> Option<(Instant, Timer)> {
        // A time too far to be told never comes.
        let due = |since: Instant, after, timer| since.checked_add(after).map(|at| (at, timer));
        let referral = match self.referral {
            Referral::Asked { since, .. } => due(since, policy.referral_give_up, Timer::ReferralGiveUp),
            _ => None,
        };
        match &self.state {
            State::Out { .. } if self.emergency => None,
            State::Out { since, .. } => due(*since, policy.dial_give_up, Timer::DialGiveUp),
            State::Alerting(alerting) => {
                let give_up = due(alerting.since, policy.ring_give_up, Timer::RingGiveUp);
                let auto = alerting.auto_answer.map(|at| (at, Timer::AutoAnswer));
                let forward = alerting.forward.as_ref();
                let forward = forward.and_then(|late| due(alerting.since, late.after, Timer::ForwardNoAnswer));
                [auto, forward, give_up].into_iter().flatten().min_by_key(|(at, _)| *at)
            }
            State::Answering { since } => due(*since, policy.answer_give_up, Timer::AnswerGiveUp),
            State::Active(active) => {
                let confirm = match active.confirm {
                    Confirm::Awaited => due(active.answered, policy.answer_give_up, Timer::AnswerGiveUp),
                    Confirm::Done => None,
                };
                let transfer = match active.transfer {
                    Transfer::Asked { since, .. } => due(since, policy.transfer_give_up, Timer::TransferGiveUp),
                    _ => None,
                };
                let silent = active.silent_since().filter(|_| !self.emergency);
                let dead = silent.and_then(|since| due(since, policy.dead_after, Timer::Dead));
                [confirm, transfer, referral, dead]
                    .into_iter()
                    .flatten()
                    .min_by_key(|(at, _)| *at)
            }
            State::Ended(ended) => {
                let tone = match ended.tone {
                    Tone::None => None,
                    _ => due(ended.at, policy.end_tone, Timer::EndTone),
                };
                let shown = match ended.cause {
                    Cause::Redirected { .. } => policy.show_redirected.max(policy.show_ended),
                    _ => policy.show_ended,
                };
                let forget = match self.referral {
                    Referral::None => due(ended.at, shown, Timer::Forget),
                    _ => None,
                };
                [tone, referral, forget].into_iter().flatten().min_by_key(|(at, _)| *at)
            }
        }
    }

    /// Does what is due.
    pub(crate) fn expire(&mut self, now: Instant, timer: Timer, place: Place, out: &mut Vec<Effect>) {
        match timer {
            Timer::DialGiveUp => {
                self.send(Send::HangUp, out);
                self.end(now, Cause::NoAnswer, out);
            }
            Timer::RingGiveUp => {
                self.send(Send::Reject(Rejection::Unavailable), out);
                self.end(now, Cause::GaveUp, out);
            }
            Timer::AnswerGiveUp | Timer::Dead => {
                self.send(Send::HangUp, out);
                self.end(now, Cause::Lost, out);
            }
            Timer::TransferGiveUp => {
                let id = self.id;
                if let Ok(active) = self.active_mut() {
                    active.transfer_failed(now, id, Cause::NoAnswer.to_string(), place, out);
                }
            }
            Timer::ForwardNoAnswer => {
                if let State::Alerting(alerting) = &mut self.state
                    && let Some(late) = alerting.forward.take()
                {
                    let _ = self.forward(now, &late.target, out);
                }
            }
            Timer::ReferralGiveUp => {
                let _ = self.refuse_referral(out);
            }
            Timer::EndTone => {
                if let State::Ended(ended) = &mut self.state {
                    ended.tone = Tone::None;
                }
            }
            // The switchboard's to decide.
            Timer::AutoAnswer | Timer::Forget => {}
        }
    }
}
