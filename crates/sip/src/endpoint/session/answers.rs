//! What the far end says to our INVITE (RFC 3261 sections 13.2.2 and 12.1.2).

use std::time::Instant;

use crate::dialog::Dialog;
use crate::transaction::ClientKey;
use crate::{CSeq, Method, Response};

use super::super::request::tag_of;
use super::super::timers::{Alarm, NO_FINAL};
use super::super::{EarlyDialog, EndCause, Endpoint, Event, Reason, SessionId, TransportError};
use super::{Change, Early, Session, State, Up};

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
            (Some(State::Calling(_)), _) => self.finish(id, super::redirect::cause_of(response)),
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
        let sdp = response.sdp().map(<[u8]>::to_vec);
        let known = calling.early.iter().position(|early| early.dialog.id.remote_tag == tag);
        if response.code() == 199 {
            // RFC 6228: that phone rings no more.
            calling.early.retain(|early| early.dialog.id.remote_tag != tag);
            return;
        }
        let room = calling.early.len() < MOST_EARLY;
        if let Some(early) = known.and_then(|at| calling.early.get_mut(at)) {
            early.dialog.refresh_target(&response.headers);
            if sdp.is_some() {
                early.sdp.clone_from(&sdp);
            }
        } else if !room {
            return;
        } else if let Some(dialog) = Dialog::from_response(&calling.request, response) {
            calling.early.push(Early {
                dialog,
                sdp: sdp.clone(),
            });
        }
        self.event(Event::Progress {
            session: id,
            code: response.code(),
            sdp,
            dialog: EarlyDialog(tag),
        });
    }

    fn answered(&mut self, now: Instant, id: SessionId, key: ClientKey, response: &Response) {
        let Some(Session {
            state: State::Calling(calling),
            ..
        }) = self.sessions.get_mut(&id)
        else {
            return;
        };
        let tag = tag_of(response);
        let early = calling.early.iter().position(|early| early.dialog.id.remote_tag == tag);
        let early = early.map(|at| calling.early.swap_remove(at));
        let preview = early.as_ref().and_then(|early| early.sdp.clone());
        let dialog = match early {
            Some(early) => {
                let mut dialog = early.dialog;
                dialog.confirm(response);
                dialog
            }
            None => match Dialog::from_response(&calling.request, response) {
                Some(dialog) => dialog,
                None => return self.finish(id, EndCause::Lost),
            },
        };
        let sdp = response.sdp().map(<[u8]>::to_vec).or(preview);
        let up = Up {
            dialog: dialog.clone(),
            change: Change::Settled,
            glare: None,
            local_sdp: calling.request.body.clone(),
            remote_sdp: sdp.clone(),
            timer: None,
            refer: false,
        };
        if let Some(session) = self.sessions.get_mut(&id) {
            session.state = State::Up(Box::new(up));
        }
        self.alarms.cancel(Alarm::NoFinal(id));
        self.send_ack(now, key, &dialog);
        self.refreshed_by_us(now, id, response);
        self.event(Event::Answered {
            session: id,
            sdp,
            dialog: EarlyDialog(tag),
        });
    }

    fn surplus(&mut self, now: Instant, key: ClientKey, response: &Response) {
        let Some(sent) = self.sent.get(&key).filter(|sent| sent.acks.len() < MOST_EARLY) else {
            return;
        };
        let (account, flow) = (sent.outgoing.account, sent.flow);
        let Some(dialog) = Dialog::from_response(&sent.outgoing.request, response) else {
            return;
        };
        self.send_ack(now, key, &dialog);
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
                self.call_with(now, id, account, flow, request);
            }
            _ => {
                let reason = response.reason.clone();
                self.finish(
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

    pub(in crate::endpoint) fn invite_denied(&mut self, id: SessionId) {
        self.finish(id, EndCause::NotAuthorised);
    }

    pub(in crate::endpoint) fn invite_failed(&mut self, id: SessionId, why: Option<TransportError>) {
        if let Some(Session {
            state: State::Calling(_),
            ..
        }) = self.sessions.get(&id)
        {
            self.finish(id, why.map_or(EndCause::NoAnswer, EndCause::TransportFailed));
        }
    }

    pub(in crate::endpoint) fn no_final(&mut self, now: Instant, id: SessionId) {
        self.end_by_us(now, id, Some(Reason::sip(408, "Request Timeout")), EndCause::Timeout);
    }
}
