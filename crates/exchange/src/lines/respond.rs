//! What the far end of a line's call says.
use super::call::{LineCall, Stage};
use super::is_allowed;
use crate::config::LineTimes;
use crate::proxy::Up;
use crate::wire::Wire;
use crate::{Peer, sdp};
use parley_sip::dialog::Dialog;
use parley_sip::transaction::ServerKey;
use parley_sip::{Method, Request};
use std::time::Instant;

impl LineCall {
    /// A request inside the dialog.
    pub(super) fn request(
        &mut self,
        now: Instant,
        wire: &mut Wire,
        key: ServerKey,
        from: Peer,
        request: &Request,
        times: &LineTimes,
    ) {
        let Stage::Talking { dialog, far, .. } = &mut self.stage else {
            return wire.refuse(now, key, request, 481);
        };
        if dialog.accept(request).is_err() {
            return wire.refuse(now, key, request, 500);
        }
        // The far end may have come back on a new connection.
        *far = from;
        match request.method {
            Method::Bye => {
                wire.respond(now, key, &request.respond(200, None));
                self.over(now, wire, times);
            }
            Method::Invite if self.unacked.is_some() => wire.refuse(now, key, request, 491),
            Method::Invite if !request.body.is_empty() && !sdp::is_acceptable(&request.body) => {
                wire.refuse(now, key, request, 488);
            }
            Method::Invite => {
                dialog.refresh_target(&request.headers);
                self.accept(now, wire, key, from, request, None);
            }
            ref method => {
                let mut response = request.respond(if is_allowed(method) { 200 } else { 405 }, None);
                response.headers.push("Allow", super::ALLOW);
                wire.respond(now, key, &response);
            }
        }
    }

    /// An answer to the call back.
    pub(super) fn answer(&mut self, now: Instant, wire: &mut Wire, up: &Up, times: &LineTimes) {
        match (&self.stage, up.response.code()) {
            (Stage::Calling { .. }, 200..=299) => self.connected(now, wire, up, times),
            (Stage::Calling { .. }, 300..) => self.gone(wire),
            (Stage::Talking { .. }, 200..=299) => self.answered_again(now, wire, up),
            _ => {}
        }
    }

    fn connected(&mut self, now: Instant, wire: &mut Wire, up: &Up, times: &LineTimes) {
        let Stage::Calling { invite, .. } = &self.stage else {
            return;
        };
        let (Some(dialog), Some(far)) = (Dialog::from_response(invite, &up.response), up.from) else {
            return self.gone(wire);
        };
        wire.send_alone(far, dialog.ack(1));
        self.stage = Stage::Talking {
            dialog: Box::new(dialog),
            far,
            until: Some(now + times.story),
        };
        match self
            .media
            .session()
            .and_then(|session| session.accept(&up.response.body))
        {
            Some(audio) => self.run(wire, &audio),
            None => self.leave(now, wire, times),
        }
    }

    /// A repeated 2xx wants its ACK again; that of a second phone wants a goodbye (RFC 3261 section 13.2.2.4).
    fn answered_again(&mut self, now: Instant, wire: &mut Wire, up: &Up) {
        let Stage::Talking { dialog, .. } = &self.stage else {
            return;
        };
        let (Some(from), Some(tag)) = (
            up.from,
            up.response.headers.to().and_then(|to| to.tag().map(str::to_owned)),
        ) else {
            return;
        };
        let mut other = (**dialog).clone();
        if other.id.remote_tag == tag {
            wire.send_alone(from, other.ack(1));
            return;
        }
        let Some(contact) = up.response.headers.contact() else {
            return;
        };
        other.remote = other.remote.with_tag(&tag);
        other.remote_target = contact.uri;
        other.local_cseq = 1;
        wire.send_alone(from, other.ack(1));
        let bye = other.request(Method::Bye);
        wire.request(now, from, bye);
    }
}
