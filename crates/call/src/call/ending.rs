//! The end of a call: what it leaves in the history and in the ear.
use super::Call;
use super::state::{Ended, State};
use crate::effect::{Effect, HistoryNote, MediaAction, Outcome, Send, Tone};
use crate::{CallId, Cause, Direction};
use std::time::{Duration, Instant};

impl Call {
    /// Another call of ours took its place.
    pub(crate) fn give_way(&mut self, now: Instant, out: &mut Vec<Effect>) {
        self.end(now, Cause::Replaced, out);
    }

    /// It was connected with that one: we leave both.
    pub(crate) fn connected_with(&mut self, now: Instant, other: &str, out: &mut Vec<Effect>) {
        if !self.is_ended() {
            self.send(Send::HangUp, out);
            self.end(now, Cause::Transferred { to: other.to_owned() }, out);
        }
    }

    /// The call it was connected with, once.
    pub(crate) fn take_joined(&mut self) -> Option<CallId> {
        match &mut self.state {
            State::Ended(ended) => ended.joined.take(),
            _ => None,
        }
    }

    /// The one way into `Ended`. What has to be told to the far end was told by the caller.
    pub(super) fn end(&mut self, now: Instant, cause: Cause, out: &mut Vec<Effect>) {
        let (answered, digits, transfer, joined) = match &mut self.state {
            State::Ended(_) => return,
            State::Active(active) => {
                let transfer = active.transfer.view_at_end(&cause);
                let joined = match cause {
                    Cause::Transferred { .. } => active.transfer.with(),
                    _ => None,
                };
                (
                    Some(active.answered),
                    std::mem::take(&mut active.digits),
                    transfer,
                    joined,
                )
            }
            _ => (None, String::new(), None, None),
        };
        let outcome = self.outcome(&cause);
        if !self.is_alerting() {
            out.push(Effect::Media(self.id, MediaAction::Stop));
        }
        let connected = answered.unwrap_or(now);
        let note = HistoryNote::Ended {
            outcome,
            cause: cause.clone(),
            ring: connected.saturating_duration_since(self.began),
            talk: answered.map_or(Duration::ZERO, |at| now.saturating_duration_since(at)),
        };
        out.push(Effect::Note(self.id, note));
        let tone = match (self.direction, answered) {
            (Direction::Outgoing, None) => end_tone(&cause),
            _ => Tone::None,
        };
        self.state = State::Ended(Box::new(Ended {
            at: now,
            cause,
            outcome,
            answered,
            digits,
            transfer,
            tone,
            joined,
        }));
    }

    fn outcome(&self, cause: &Cause) -> Outcome {
        match (&self.state, cause) {
            (State::Active(_), _) => Outcome::Answered,
            (State::Out { .. }, Cause::Cancelled | Cause::Replaced) => Outcome::Cancelled,
            (State::Out { .. }, _) => Outcome::Failed,
            (_, Cause::AnsweredElsewhere) => Outcome::AnsweredElsewhere,
            (_, Cause::DeclinedHere) => Outcome::Declined,
            (_, Cause::Forwarded { .. }) => Outcome::Forwarded,
            (_, Cause::GaveUp) | (State::Alerting(_), _) => Outcome::Missed { quiet: false },
            _ => Outcome::Failed,
        }
    }
}

/// What one hears after a call that did not come about.
fn end_tone(cause: &Cause) -> Tone {
    match cause {
        Cause::Cancelled
        | Cause::HungUp(_)
        | Cause::Transferred { .. }
        | Cause::AnsweredElsewhere
        | Cause::Redirected { .. }
        | Cause::Replaced => Tone::None,
        Cause::Busy | Cause::Declined | Cause::NoAnswer => Tone::Busy,
        _ => Tone::Congestion,
    }
}
