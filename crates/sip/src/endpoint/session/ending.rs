//! The end of a call, from our side, and forgetting it.

use std::time::Instant;

use super::super::{EndCause, Endpoint, Event, Reason, SessionId};
use super::leg::{Ask, Change, Leg};
use super::{Leaving, Session, State};

impl Endpoint {
    /// Ends a call in whatever way its state asks for. [`Event::Ended`] follows at once; what must still be said to
    /// the far end (CANCEL when a provisional answer allows it, ACK and BYE when a 200 crosses it) is said in silence.
    pub fn hang_up(&mut self, now: Instant, session: SessionId, cause: Option<Reason>) {
        self.end_by_us(now, session, cause, EndCause::HungUpByUs);
        self.pump(now);
    }

    /// Ends a call with the words its state asks for.
    pub(in crate::endpoint) fn end_by_us(
        &mut self,
        now: Instant,
        id: SessionId,
        reason: Option<Reason>,
        cause: EndCause,
    ) {
        self.drop_undecided(now, id);
        let Some(session) = self.sessions.remove(&id) else {
            return;
        };
        self.note_gone(&session);
        self.referral_survives(id, &session);
        let (account, flow) = (session.account, session.flow);
        match session.state {
            State::Reaching(_) | State::OfferDue(_) => {}
            State::Calling(calling) => {
                for leg in calling.early {
                    self.leave_leg(now, leg);
                }
                if let Some(invite) = calling.invite {
                    self.abandon(now, invite, reason);
                }
            }
            State::Invited(invited) => {
                self.answer_invite(now, &session.local_tag, &invited, 480, None);
                self.leave_leg(now, invited.leg);
            }
            State::Up(up) => {
                let dialog = up.leg.dialog.clone();
                self.leave_leg(now, up.leg);
                if let Some(unacked) = up.unacked.filter(|unacked| unacked.first) {
                    let leaving = Leaving {
                        dialog,
                        unacked,
                        reason,
                    };
                    let state = State::Leaving(Box::new(leaving));
                    self.sessions.insert(id, Session { state, ..session });
                    self.event(Event::Ended { session: id, cause });
                    return;
                }
                self.send_bye(now, account, dialog, flow, reason.as_ref());
                if let Some(reports) = self.referral_dialog(id) {
                    // What goes on in this dialog counts on from the BYE.
                    reports.local_cseq += 1;
                }
            }
            State::Leaving(_) => {
                self.sessions.insert(id, session);
                return;
            }
        }
        self.by_dialog.remove(&(session.call_id, session.local_tag));
        self.cancel_session_alarms(id);
        self.event(Event::Ended { session: id, cause });
    }

    /// What is owed in a leg that is no more: an answer to the far end's offer.
    pub(super) fn leave_leg(&mut self, now: Instant, leg: Leg) {
        match leg.change {
            Change::Asked(Ask::Request { key, request }) => {
                let code = if request.method == crate::Method::Invite {
                    487
                } else {
                    481
                };
                self.answer(now, key, &request, code);
            }
            Change::Asked(Ask::Ack { invite }) => self.send_ack(now, invite, &leg.dialog, None),
            _ => {}
        }
    }

    /// Forgets a call that needs no more words.
    pub(super) fn finish(&mut self, now: Instant, id: SessionId, cause: EndCause) {
        let Some(session) = self.sessions.remove(&id) else {
            return;
        };
        let told = session.is_leaving();
        self.note_gone(&session);
        self.referral_survives(id, &session);
        match session.state {
            State::Calling(calling) => {
                for leg in calling.early {
                    self.leave_leg(now, leg);
                }
            }
            State::Invited(invited) => self.leave_leg(now, invited.leg),
            State::Up(up) => self.leave_leg(now, up.leg),
            State::Reaching(_) | State::OfferDue(_) | State::Leaving(_) => {}
        }
        self.by_dialog.remove(&(session.call_id, session.local_tag));
        self.cancel_session_alarms(id);
        if !told {
            self.event(Event::Ended { session: id, cause });
        }
    }
}
