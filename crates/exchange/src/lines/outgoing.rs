//! Calls that lines make: the customer calling back, the intercom, somebody who was transferred.
use super::call::{LineCall, Media, Stage};
use super::kind::Line;
use super::{CallKey, MediaId, MediaOrder, Wish};
use crate::config::LineTimes;
use crate::proxy::Up;
use crate::wire::Wire;
use parley_sip::dialog::Dialog;
use parley_sip::{Method, NameAddr, Request, Uri};
use std::time::Instant;

/// Whom to call, and by whose wish.
#[derive(Debug, Clone)]
pub(super) struct Errand {
    pub(super) target: Uri,
    /// The call that is told how this one goes, as this one is its transfer.
    pub(super) parent: Option<CallKey>,
    /// Referred-By (RFC 3892).
    pub(super) by: Option<String>,
    /// Replaces (RFC 3891): the call it shall take the place of.
    pub(super) replaces: Option<String>,
}

impl LineCall {
    /// The call to the target of a transfer; it asks for sockets first.
    pub(super) fn passed_on(wire: &mut Wire, key: CallKey, errand: Errand) -> Self {
        wire.media(MediaOrder::Reserve(MediaId(key.0)));
        let user = errand.target.user().unwrap_or_default();
        let mut call = Self::new(key, Line::PassedOn, user, Stage::Preparing);
        call.errand = Some(errand);
        call
    }

    /// Asks for sockets first: the invitation has to name them.
    pub(super) fn prepare_call_back(&mut self, wire: &mut Wire) {
        // A number of its own: the sound of the first call was closed.
        let media = MediaId(self.key.0 + (1 << 32));
        self.media = Media::Reserving(media);
        self.stage = Stage::Preparing;
        wire.media(MediaOrder::Reserve(media));
    }

    pub(super) fn call_out(&mut self, now: Instant, wire: &mut Wire, times: &LineTimes) -> Option<Wish> {
        let us = wire.uri(caller_of(self.line));
        let errand = self.errand.clone();
        let target = errand.as_ref().map(|errand| errand.target.clone());
        let target = target.unwrap_or_else(|| wire.uri(&self.caller).into());
        let mut request = Request::new(Method::Invite, target.clone());
        let (tag, call_id) = (wire.token(), wire.token());
        let name = self.line.name().unwrap_or("Practice");
        let headers = &mut request.headers;
        headers.push("Max-Forwards", 70);
        headers.push("From", NameAddr::new(us.clone()).with_name(name).with_tag(&tag));
        headers.push("To", NameAddr::new(target.clone()));
        headers.push("Call-ID", call_id);
        headers.push("CSeq", "1 INVITE");
        headers.push("Contact", NameAddr::new(us.clone()));
        match self.line {
            Line::CallBack => {
                let shop = NameAddr::new(wire.uri("02079460100"));
                headers.push("Diversion", shop.with_param("reason", Some("unconditional")));
                headers.push("X-Subject", "Order 20418");
                headers.push("X-Ticket", "20418");
            }
            Line::IntercomBack => {
                headers.push("Call-Info", format!("<{us}>;answer-after=1"));
                headers.push("Alert-Info", "<http://127.0.0.1>;info=alert-autoanswer;delay=1");
            }
            _ => {}
        }
        if let Some(errand) = errand {
            errand.by.iter().for_each(|by| headers.push("Referred-By", by));
            if let Some(replaces) = &errand.replaces {
                headers.push("Replaces", replaces);
                headers.push("Require", "replaces");
            }
        }
        headers.push("Allow", super::ALLOW);
        headers.push("Supported", super::SUPPORTED);
        request.set_body("application/sdp", self.media.session()?.offer());
        self.stage = Stage::Calling {
            invite: Box::new(request.clone()),
            patience: Some(now + times.patience),
        };
        Some(Wish::Call {
            key: self.key,
            target,
            request: Box::new(request),
        })
    }

    /// An answer to it.
    pub(super) fn answer(&mut self, now: Instant, wire: &mut Wire, up: &Up, times: &LineTimes) -> Option<Wish> {
        match (&self.stage, up.response.code()) {
            (Stage::Calling { .. }, 200..=299) => return self.connected(now, wire, up, times),
            (Stage::Calling { .. }, 300..) => self.gone(wire),
            (Stage::Talking { .. }, 200..=299) => self.answered_again(now, wire, up),
            _ => {}
        }
        None
    }

    fn connected(&mut self, now: Instant, wire: &mut Wire, up: &Up, times: &LineTimes) -> Option<Wish> {
        let Stage::Calling { invite, .. } = &self.stage else {
            return None;
        };
        let (Some(dialog), Some(far)) = (Dialog::from_response(invite, &up.response), up.from) else {
            self.gone(wire);
            return None;
        };
        wire.send_alone(far, dialog.ack(1));
        self.stage = Stage::Talking {
            dialog: Box::new(dialog),
            far,
            step: 0,
            until: self.line.act(0, times).map(|(after, _)| now + after),
        };
        let session = self.media.session();
        match session.and_then(|session| session.accept(&up.response.body)) {
            Some(audio) => {
                self.run(wire, &audio);
                None
            }
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
        other.id.remote_tag.clone_from(&tag);
        other.remote = other.remote.with_tag(&tag);
        other.remote_target = contact.uri;
        other.local_cseq = 1;
        wire.send_alone(from, other.ack(1));
        let bye = other.request(Method::Bye);
        wire.request(now, from, bye);
    }
}

/// The number a line calls from.
pub(super) fn caller_of(line: Line) -> &'static str {
    match line {
        Line::IntercomBack => "608",
        _ => "+441632960042",
    }
}
