//! Requests of the far end inside a call (RFC 3261 section 12.2.2).

use std::time::Instant;

use crate::dialog::DialogId;
use crate::transaction::ServerKey;
use crate::{Method, Request};

use super::super::incoming::answered_elsewhere;
use super::super::options::is_allowed;
use super::super::{EndCause, Endpoint, Flow, SessionId};
use super::{Session, State};

impl Endpoint {
    pub(in crate::endpoint) fn within(
        &mut self,
        now: Instant,
        id: SessionId,
        key: ServerKey,
        flow: Flow,
        request: Request,
    ) {
        let tag = DialogId::of_request(&request).map_or_else(String::new, |dialog| dialog.remote_tag);
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let account = session.account;
        let Some(dialog) = session.dialog(&tag) else {
            return self.answer(now, key, &request, 481);
        };
        if dialog.accept(&request).is_err() {
            return self.answer(now, key, &request, 500);
        }
        if session.flow.is_none() {
            session.flow = Some(flow);
        }
        let calling = matches!(session.state, State::Calling(_));
        if request.method == Method::Subscribe && request.headers.event().as_deref() == Some("refer") {
            return self.resubscribed(now, id, key, &request);
        }
        if !is_allowed(&request.method) {
            return self.answer(now, key, &request, 405);
        }
        if request.method != Method::Bye && self.refuse_extensions(now, key, &request) {
            return;
        }
        match request.method {
            // Only the caller may end a call with BYE before it is answered (RFC 3261 section 15).
            Method::Bye if calling => self.answer(now, key, &request, 481),
            Method::Bye => self.bye(now, id, key, &request),
            Method::Invite if calling => self.answer(now, key, &request, 491),
            Method::Invite => self.reinvited(now, id, key, request),
            Method::Prack => self.pracked(now, id, key, request),
            Method::Update => self.updated(now, id, &tag, key, request),
            Method::Options => self.answer_options(now, key, &request),
            Method::Info => self.informed(now, id, key, &request),
            Method::Notify => self.notified(now, id, key, &request),
            Method::Refer => self.referred(now, id, key, request),
            Method::Message => self.messaged(now, key, &request, account, true),
            _ => self.answer(now, key, &request, 405),
        }
    }

    fn bye(&mut self, now: Instant, id: SessionId, key: ServerKey, request: &Request) {
        self.answer(now, key, request, 200);
        let mut cause = EndCause::HungUpByThem;
        if let Some(Session {
            state: State::Invited(invited),
            local_tag,
            ..
        }) = self.sessions.get(&id)
        {
            let response = invited.request.respond(487, Some(local_tag));
            self.layer.respond(now, invited.invite, &response);
            cause = EndCause::Cancelled {
                elsewhere: answered_elsewhere(request),
            };
        }
        self.finish(now, id, cause);
    }
}
