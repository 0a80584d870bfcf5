//! What the far end, the network and the media say. Whatever does not fit the state is ignored.
use super::Call;
use super::hold::Place;
use super::state::{Active, Confirm, Hearing, OutStage, State};
use crate::effect::{Effect, HistoryNote, Moment, Send};
use crate::{By, Cause, Signal};
use std::time::Instant;

impl Call {
    pub(crate) fn handle(&mut self, now: Instant, signal: Signal, place: Place, out: &mut Vec<Effect>) {
        match signal {
            Signal::Trying => {}
            Signal::Ringing => self.ringing(),
            Signal::EarlyMedia => self.early_media(out),
            Signal::Answered => self.answered(now, place, out),
            Signal::Confirmed => self.with_active(|active, call, out| active.confirmed(call, out), out),
            Signal::ConfirmTimeout => self.confirm_timeout(now, out),
            Signal::Reoffered { held } => self.reoffered(now, held, out),
            Signal::HeldByThem(held) => {
                if let Ok(active) = self.active_mut() {
                    active.held_by_them(now, held);
                }
            }
            Signal::HoldDone => {
                self.with_active(
                    |active, call, out| {
                        active.hold_done(call, out);
                        active.go_on_with_transfer(now, call, out);
                    },
                    out,
                );
            }
            Signal::ResumeDone => self.with_active(|active, call, out| active.resume_done(now, call, out), out),
            Signal::HoldRefused { reason } => {
                self.with_active(
                    |active, call, out| {
                        active.hold_refused(now, call, reason, place, out);
                        active.go_on_with_transfer(now, call, out);
                    },
                    out,
                );
            }
            Signal::Transfer(progress) => self.transfer_progress(now, progress, place, out),
            Signal::Referred { target, by } => self.referred(now, target, by, out),
            Signal::Cancelled { elsewhere } => self.cancelled(now, elsewhere, out),
            Signal::Ended { cause } => self.ended(now, cause, out),
            Signal::MediaLost { silent_for } => {
                if let Ok(active) = self.active_mut()
                    && active.hearing == Hearing::Heard
                {
                    active.hearing = Hearing::Silent {
                        since: now.checked_sub(silent_for).unwrap_or(now),
                    };
                }
            }
            Signal::MediaBack => {
                if let Ok(active) = self.active_mut() {
                    active.hearing = Hearing::Heard;
                }
            }
        }
    }

    fn ringing(&mut self) {
        if let State::Out {
            stage: stage @ OutStage::Calling,
            ..
        } = &mut self.state
        {
            *stage = OutStage::Ringing;
        }
    }

    fn early_media(&mut self, out: &mut Vec<Effect>) {
        if let State::Out { stage, .. } = &mut self.state {
            *stage = OutStage::EarlyMedia;
            self.start_media(out);
        }
    }

    fn answered(&mut self, now: Instant, place: Place, out: &mut Vec<Effect>) {
        let incoming = match self.state {
            State::Out { .. } => false,
            State::Answering { .. } => true,
            // A repeated answer, or one that crossed our hanging up: the wire deals with it.
            State::Alerting(_) | State::Active(_) | State::Ended(_) => return,
        };
        let confirm = if incoming { Confirm::Awaited } else { Confirm::Done };
        self.state = State::Active(Box::new(Active::new(now, confirm)));
        self.start_media(out);
        if incoming {
            if place == Place::Background {
                self.make_room(out);
            }
            if self.pops {
                out.push(Effect::Pop(self.id, Moment::Answered));
            }
        }
        out.push(Effect::Note(self.id, HistoryNote::Answered));
    }

    fn confirm_timeout(&mut self, now: Instant, out: &mut Vec<Effect>) {
        if let State::Active(active) = &self.state
            && active.confirm == Confirm::Awaited
        {
            self.send(Send::HangUp, out);
            self.end(now, Cause::Lost, out);
        }
    }

    fn reoffered(&mut self, now: Instant, held: bool, out: &mut Vec<Effect>) {
        let Ok(active) = self.active_mut() else { return };
        active.held_by_them(now, held);
        self.send(Send::AnswerReoffer, out);
    }

    fn cancelled(&mut self, now: Instant, elsewhere: bool, out: &mut Vec<Effect>) {
        if matches!(self.state, State::Alerting(_) | State::Answering { .. }) {
            let cause = if elsewhere {
                Cause::AnsweredElsewhere
            } else {
                Cause::GaveUp
            };
            self.end(now, cause, out);
        }
    }

    fn ended(&mut self, now: Instant, cause: Cause, out: &mut Vec<Effect>) {
        let cause = match (&self.state, cause) {
            // Before the answer, the caller's goodbye in whatever form is giving up.
            (State::Alerting(_) | State::Answering { .. }, Cause::HungUp(By::Them) | Cause::Cancelled) => Cause::GaveUp,
            (State::Active(active), Cause::HungUp(By::Them)) if active.transfer.is_accepted() => Cause::Transferred {
                to: active.transfer.target().to_owned(),
            },
            (_, cause) => cause,
        };
        self.end(now, cause, out);
    }

    fn with_active(&mut self, act: impl FnOnce(&mut Active, crate::CallId, &mut Vec<Effect>), out: &mut Vec<Effect>) {
        let id = self.id;
        if let Ok(active) = self.active_mut() {
            act(active, id, out);
        }
    }
}
