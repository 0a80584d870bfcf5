//! A call comes in: it rings, is sent on, is turned away, or takes the place of another one.
//!
//! | What comes | What the engine does |
//! |---|---|
//! | in place of a call that is dialled or connected | accept at once; see [`Switchboard::replace_calls`] |
//! | in place of a call that rings, is answered or is over | as any other call |
//! | any other | see [`forwarding`](crate::forwarding): ring, redirect, or reject |
//!
//! When a call that takes the place of another one is answered, that other one ends as replaced: the wire says goodbye to
//! it. What was true of it is true of the new one: on hold, microphone off, in front, in the conference, in a consultation.
use super::front::Front;
use super::{Entry, Switchboard};
use crate::call::Call;
use crate::call::state::State;
use crate::effect::{Effect, HistoryNote, Outcome, Rejection, Send};
use crate::forwarding::{Situation, Verdict};
use crate::{CallId, Cause, Invitation, LineId};
use std::time::{Duration, Instant};

impl Switchboard {
    pub(super) fn arrives(
        &mut self,
        now: Instant,
        line: LineId,
        invitation: Invitation,
        out: &mut Vec<Effect>,
    ) -> CallId {
        let id = self.next_id();
        let replaced = invitation.replaces.and_then(|other| self.seen(other));
        if let Some(other) = replaced.filter(|call| matches!(call.state, State::Out { .. } | State::Active(_))) {
            let call = Call::taking_over(now, id, line, invitation, other, out);
            self.lines.push(Entry { call, shown: None });
            return id;
        }
        let verdict = if invitation.insists {
            Verdict::Rings
        } else {
            invitation.forwarding.verdict(self.situation())
        };
        match verdict {
            Verdict::Rings => {
                let wait = invitation.auto_answer.filter(|_| !self.on_call());
                let wait = wait.map(|wait| wait.max(self.policy.auto_answer_after));
                let auto_answer = wait.and_then(|wait| now.checked_add(wait));
                let call = Call::alerting(now, id, line, invitation, auto_answer, out);
                self.lines.push(Entry { call, shown: None });
            }
            Verdict::SentOn(to) => send_on(id, to, out),
            Verdict::TurnedAway(cause) => turn_away(id, Rejection::Busy, cause, out),
        }
        id
    }

    fn situation(&self) -> Situation {
        let live = self.live();
        Situation {
            do_not_disturb: self.policy.do_not_disturb,
            full: live >= self.policy.max_calls || (live > 0 && !self.policy.call_waiting),
            on_call: self.on_call(),
        }
    }

    /// A call that takes the place of another one is connected: that one is over.
    pub(super) fn replace_calls(&mut self, now: Instant, out: &mut Vec<Effect>) {
        let connected: Vec<(CallId, CallId)> = self
            .lines
            .iter_mut()
            .filter(|entry| entry.call.active().is_some())
            .filter_map(|entry| Some((entry.call.id, entry.call.replaces.take()?)))
            .collect();
        for (id, other) in connected {
            if self.conference.remove(&other) {
                self.conference.insert(id);
            }
            for pair in &mut self.pairs {
                for call in [&mut pair.first, &mut pair.second] {
                    if *call == other {
                        *call = id;
                    }
                }
            }
            if self.front == Some(Front::Call(other)) {
                self.front = Some(Front::Call(id));
            }
            if let Ok(call) = self.find(other) {
                call.give_way(now, out);
            }
        }
    }
}

/// Refuses a call that never rang: it is only a line in the history.
pub(super) fn turn_away(id: CallId, rejection: Rejection, cause: Cause, out: &mut Vec<Effect>) {
    out.push(Effect::Send(id, Send::Reject(rejection)));
    never_rang(id, Outcome::Missed { quiet: true }, cause, out);
}

fn send_on(id: CallId, to: String, out: &mut Vec<Effect>) {
    out.push(Effect::Send(id, Send::Redirect(to.clone())));
    never_rang(id, Outcome::Forwarded, Cause::Forwarded { to }, out);
}

fn never_rang(id: CallId, outcome: Outcome, cause: Cause, out: &mut Vec<Effect>) {
    out.push(Effect::Note(id, HistoryNote::Began));
    let note = HistoryNote::Ended {
        outcome,
        cause,
        ring: Duration::ZERO,
        talk: Duration::ZERO,
    };
    out.push(Effect::Note(id, note));
    out.push(Effect::Removed(id));
}
