//! Requests of the far end inside a call (RFC 3261 section 12.2.2).

use std::time::Instant;

use crate::transaction::ServerKey;
use crate::{Method, Request};

use super::super::options::is_allowed;
use super::super::{EndCause, Endpoint, Flow, SessionId};
use super::{Change, Session, State};

impl Endpoint {
    pub(in crate::endpoint) fn within(
        &mut self,
        now: Instant,
        id: SessionId,
        key: ServerKey,
        flow: Flow,
        request: Request,
    ) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let dialog = match &mut session.state {
            State::Up(up) => &mut up.dialog,
            State::Invited(invited) => &mut invited.dialog,
            State::Leaving(leaving) => &mut leaving.dialog,
            _ => return self.within_early(now, key, &request),
        };
        let account = session.account;
        if dialog.accept(&request).is_err() {
            return self.answer(now, key, &request, 500);
        }
        if session.flow.is_none() {
            session.flow = Some(flow);
        }
        if !is_allowed(&request.method) {
            return self.answer(now, key, &request, 405);
        }
        if request.method != Method::Bye && self.refuse_extensions(now, key, &request) {
            return;
        }
        match request.method {
            Method::Bye => self.bye(now, id, key, &request),
            Method::Invite => self.reinvited(now, id, key, request),
            Method::Options => self.answer_options(now, key, &request),
            Method::Info => self.answer_info(now, key, &request),
            Method::Notify => self.notified(now, id, key, &request),
            Method::Refer => self.answer(now, key, &request, 603),
            Method::Message => self.messaged(now, key, &request, account, true),
            _ => self.answer(now, key, &request, 405),
        }
    }

    /// The far end has not answered our INVITE yet. 481 would tell it that the dialog is gone, and with it the call.
    fn within_early(&mut self, now: Instant, key: ServerKey, request: &Request) {
        match request.method {
            Method::Options => self.answer_options(now, key, request),
            Method::Info => self.answer_info(now, key, request),
            Method::Invite => self.answer(now, key, request, 491),
            _ if !is_allowed(&request.method) => self.answer(now, key, request, 405),
            _ => self.answer(now, key, request, 481),
        }
    }

    fn bye(&mut self, now: Instant, id: SessionId, key: ServerKey, request: &Request) {
        self.answer(now, key, request, 200);
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let mut cause = EndCause::HungUpByThem;
        match session {
            Session {
                state: State::Invited(invited),
                local_tag,
                ..
            } => {
                let response = invited.request.respond(487, Some(local_tag));
                self.layer.respond(now, invited.invite, &response);
                cause = EndCause::Cancelled { elsewhere: false };
            }
            Session {
                state: State::Up(up), ..
            } => {
                if let Change::Asked { invite, request } = std::mem::replace(&mut up.change, Change::Settled) {
                    self.answer(now, invite, &request, 487);
                }
            }
            _ => {}
        }
        self.finish(id, cause);
    }
}
