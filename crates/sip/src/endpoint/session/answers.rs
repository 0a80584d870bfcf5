//! What the far end says to our INVITE (RFC 3261 sections 13.2.2 and 12.1.2).

use std::time::Instant;

use crate::dialog::Dialog;
use crate::transaction::ClientKey;
use crate::{CSeq, Method, Request, Response};

use super::super::request::tag_of;
use super::super::timers::{Alarm, NO_FINAL};
use super::super::{EarlyDialog, EndCause, Endpoint, Event, Reason, SessionId, TransportError};
use super::leg::{Ask, Change, Leg};
use super::{Session, State, Up, prack};

/// Phones that may ring for one call, and that are told that another one has it.
pub(in crate::endpoint) const MOST_EARLY: usize = 32;

impl Endpoint {
    pub(in crate::endpoint) fn invite_answer(
        &mut self,
        now: Instant,
        id: SessionId,
        key: ClientKey,
        response: &Response,
    ) {
        match (self.sessions.get(&id).map(|session| &session.state), response.code()) {
            (Some(State::Calling(_)), 100) => self.alarms.set(Alarm::NoFinal(id), now + NO_FINAL),
            (Some(State::Calling(_)), 101..=199) => self.progressed(now, id, response),
            (Some(State::Calling(_)), 200..=299) => self.answered(now, id, key, response),
            (Some(State::Calling(_)), 422) => self.call_for_longer(now, id, response),
            (Some(State::Calling(calling)), _) => {
                let cause = super::redirect::cause_of(response, !calling.early.is_empty());
                self.finish(now, id, cause);
            }
            // Again the answer whose offer somebody is still thinking about.
            (Some(State::Up(up)), 200..=299) if up.leg.owes_ack(key) && up.leg.is_with(&tag_of(response)) => {}
            // A second phone answered, or one after we gave up: it gets ACK and BYE (RFC 3261 section 13.2.2.4).
            (_, 200..=299) => self.surplus(now, key, response),
            _ => {}
        }
    }

    fn progressed(&mut self, now: Instant, id: SessionId, response: &Response) {
        self.alarms.set(Alarm::NoFinal(id), now + NO_FINAL);
        let Some(Session {
            state: State::Calling(calling),
            ..
        }) = self.sessions.get_mut(&id)
        else {
            return;
        };
        let tag = tag_of(response);
        if !calling.early.iter().any(|leg| leg.is_with(&tag)) {
            if calling.early.len() >= MOST_EARLY {
                return;
            }
            if let Some(dialog) = Dialog::from_response(&calling.request, response) {
                calling.early.push(Leg::invited_by_us(dialog, &calling.request));
            }
        }
        let mut sdp = response.sdp().map(<[u8]>::to_vec);
        let reliable = prack::number_of(response);
        if let Some(leg) = calling.early.iter_mut().find(|leg| leg.is_with(&tag)) {
            if reliable.is_some_and(|number| !leg.comes_in_turn(number)) {
                return;
            }
            leg.dialog.refresh_target(&response.headers);
            leg.learn(&response.headers);
            sdp = self.early_description(now, id, &tag, reliable, sdp);
        }
        if response.code() == 199 {
            // RFC 6228: that phone rings no more.
            return self.drop_early(now, id, |leg| leg.is_with(&tag));
        }
        self.event(Event::Progress {
            session: id,
            code: response.code(),
            sdp,
            dialog: EarlyDialog(tag),
        });
    }

    /// Takes the description in a provisional answer for what it is: an answer or an offer when it comes reliably, else
    /// what the answer will be. Gives back what those above should hear.
    fn early_description(
        &mut self,
        now: Instant,
        id: SessionId,
        tag: &str,
        reliable: Option<(u32, u32)>,
        sdp: Option<Vec<u8>>,
    ) -> Option<Vec<u8>> {
        let leg = self.leg_mut(id, tag)?;
        let told = match (&leg.change, &sdp, reliable) {
            (Change::Offering, Some(_), None) => {
                leg.hear(sdp.clone());
                sdp
            }
            (Change::Offering, Some(_), Some(_)) => {
                let local = std::mem::take(&mut leg.local_sdp);
                leg.agree(local, sdp.clone());
                sdp
            }
            (Change::Owing, Some(_), Some((cseq, rseq))) => {
                leg.change = Change::Asked(Ask::Prack { cseq, rseq });
                leg.remote_sdp.clone_from(&sdp);
                self.tell_offer(now, id, sdp);
                return None;
            }
            // Whatever came after the answer is not looked at (RFC 3261 section 13.2.1).
            _ => None,
        };
        if let Some(number) = reliable {
            self.send_prack(now, id, tag, number, None);
        }
        told
    }

    pub(super) fn drop_early(&mut self, now: Instant, id: SessionId, gone: impl Fn(&Leg) -> bool) {
        let Some(Session {
            state: State::Calling(calling),
            ..
        }) = self.sessions.get_mut(&id)
        else {
            return;
        };
        let (gone, rest) = std::mem::take(&mut calling.early).into_iter().partition(gone);
        calling.early = rest;
        let gone: Vec<Leg> = gone;
        for leg in gone {
            self.leave_leg(now, leg);
        }
    }

    fn answered(&mut self, now: Instant, id: SessionId, key: ClientKey, response: &Response) {
        let tag = tag_of(response);
        self.drop_early(now, id, |leg| !leg.is_with(&tag));
        let Some(Session {
            state: State::Calling(calling),
            ..
        }) = self.sessions.get_mut(&id)
        else {
            return;
        };
        let mut leg = match calling.early.pop() {
            Some(mut leg) => {
                leg.dialog.confirm(response);
                leg
            }
            None => match Dialog::from_response(&calling.request, response) {
                Some(dialog) => Leg::invited_by_us(dialog, &calling.request),
                None => return self.finish(now, id, EndCause::Lost),
            },
        };
        leg.learn(&response.headers);
        let sdp = response.sdp().map(<[u8]>::to_vec);
        let offered = matches!(leg.change, Change::Owing);
        match leg.change {
            Change::Offering => {
                let local = std::mem::take(&mut leg.local_sdp);
                leg.agree(local, sdp.clone());
            }
            Change::Owing if sdp.is_some() => {
                leg.change = Change::Asked(Ask::Ack { invite: key });
                leg.remote_sdp.clone_from(&sdp);
            }
            _ => {}
        }
        let (dialog, heard) = (leg.dialog.clone(), leg.answer.clone());
        if let Some(session) = self.sessions.get_mut(&id) {
            session.state = State::Up(Box::new(Up::new(leg)));
        }
        self.alarms.cancel(Alarm::NoFinal(id));
        self.refreshed_by_us(now, id, response);
        if offered && sdp.is_some() {
            return self.tell_offer(now, id, sdp);
        }
        self.send_ack(now, key, &dialog, None);
        if offered {
            // Neither end described anything: there is nothing to talk with.
            return self.end_by_us(now, id, Some(Reason::sip(488, "No offer")), EndCause::Lost);
        }
        self.event(Event::Answered {
            session: id,
            sdp: heard,
            dialog: EarlyDialog(tag),
        });
    }

    fn surplus(&mut self, now: Instant, key: ClientKey, response: &Response) {
        let Some(sent) = self.sent.get(&key).filter(|sent| sent.acks.len() < MOST_EARLY) else {
            return;
        };
        let (account, flow) = (sent.outgoing.account, sent.flow);
        let Some(dialog) = sent.dialog_of(response) else {
            return;
        };
        self.send_ack(now, key, &dialog, None);
        let reason = Reason::sip(200, "Call completed elsewhere");
        self.send_bye(now, account, dialog, Some(flow), Some(&reason));
    }

    /// 422: the far end wants fewer session refreshes (RFC 4028 section 7.3).
    fn call_for_longer(&mut self, now: Instant, id: SessionId, response: &Response) {
        let Some(session) = self.sessions.get(&id) else { return };
        let State::Calling(calling) = &session.state else {
            return;
        };
        let mut request = calling.request.clone();
        let asked = super::refresh::seconds(&request.headers, "Session-Expires").unwrap_or_default();
        let cseq = request.headers.cseq().map_or(1, |cseq| cseq.number);
        match super::refresh::seconds(&response.headers, "Min-SE") {
            Some(least) if least > asked && cseq < 10 => {
                for name in ["Session-Expires", "Min-SE"] {
                    request.headers.set(name, least);
                }
                request.headers.set("CSeq", CSeq::new(cseq + 1, Method::Invite));
                let (account, flow) = (session.account, session.flow);
                self.drop_early(now, id, |_| true);
                self.call_with(now, id, account, flow, request);
            }
            _ => {
                let reason = response.reason.clone();
                self.finish(
                    now,
                    id,
                    EndCause::Rejected {
                        code: 422,
                        reason,
                        warning: None,
                    },
                );
            }
        }
    }

    pub(in crate::endpoint) fn invite_denied(&mut self, now: Instant, id: SessionId) {
        self.finish(now, id, EndCause::NotAuthorised);
    }

    pub(in crate::endpoint) fn invite_failed(&mut self, now: Instant, id: SessionId, why: Option<TransportError>) {
        if let Some(Session {
            state: State::Calling(_),
            ..
        }) = self.sessions.get(&id)
        {
            self.finish(now, id, why.map_or(EndCause::NoAnswer, EndCause::TransportFailed));
        }
    }

    pub(in crate::endpoint) fn no_final(&mut self, now: Instant, id: SessionId) {
        self.end_by_us(now, id, Some(Reason::sip(408, "Request Timeout")), EndCause::Timeout);
    }
}

impl Leg {
    fn invited_by_us(dialog: Dialog, invite: &Request) -> Self {
        let change = if invite.body.is_empty() {
            Change::Owing
        } else {
            Change::Offering
        };
        let mut leg = Self::new(dialog, change);
        leg.local_sdp.clone_from(&invite.body);
        leg
    }

    fn is_with(&self, remote_tag: &str) -> bool {
        self.dialog.id.remote_tag == remote_tag
    }

    /// Whether the ACK to this INVITE's 2xx waits for our answer.
    fn owes_ack(&self, key: ClientKey) -> bool {
        matches!(self.change, Change::Asked(Ask::Ack { invite }) if invite == key)
    }
}

impl Up {
    pub(super) fn new(leg: Leg) -> Self {
        Self {
            leg,
            unacked: None,
            unpracked: None,
            timer: None,
            refer: None,
            referrals: 0,
        }
    }
}
