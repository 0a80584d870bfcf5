//! Everything a call does by itself.
use super::Call;
use super::hold::Place;
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
    /// Media or the far end's confirmation never came: [`Policy::answer_give_up`].
    AnswerGiveUp,
    /// A transfer without a result: [`Policy::transfer_give_up`].
    TransferGiveUp,
    /// Nothing heard for too long: [`Policy::dead_after`].
    Dead,
    /// The tone after a failed call has been heard: [`Policy::end_tone`].
    EndTone,
    /// The ended call has been seen: [`Policy::show_ended`]. The switchboard forgets it.
    Forget,
}

impl Call {
    /// The next thing due, and when.
    pub(crate) fn timer(&self, policy: &Policy) -> Option<(Instant, Timer)> {
        // A time too far to be told never comes.
        let due = |since: Instant, after, timer| since.checked_add(after).map(|at| (at, timer));
        match &self.state {
            State::Out { since, .. } => due(*since, policy.dial_give_up, Timer::DialGiveUp),
            State::Alerting { since, .. } => due(*since, policy.ring_give_up, Timer::RingGiveUp),
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
                let dead = active
                    .silent_since()
                    .and_then(|since| due(since, policy.dead_after, Timer::Dead));
                [confirm, transfer, dead]
                    .into_iter()
                    .flatten()
                    .min_by_key(|(at, _)| *at)
            }
            State::Ended(ended) => {
                let tone = match ended.tone {
                    Tone::None => None,
                    _ => due(ended.at, policy.end_tone, Timer::EndTone),
                };
                let forget = due(ended.at, policy.show_ended, Timer::Forget);
                [tone, forget].into_iter().flatten().min_by_key(|(at, _)| *at)
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
            Timer::EndTone => {
                if let State::Ended(ended) = &mut self.state {
                    ended.tone = Tone::None;
                }
            }
            Timer::Forget => {}
        }
    }
}
