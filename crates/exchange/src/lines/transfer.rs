//! Blind transfer of a line's call (RFC 3515): the line calls the target and reports how that goes.
//!
//! Another line as the target is not really called, only reported: both ends would be in here.
use super::call::{LineCall, Media, Stage};
use super::{CallKey, Line, MediaId, MediaOrder};
use crate::Peer;
use crate::wire::Wire;
use parley_sip::transaction::ServerKey;
use parley_sip::{Method, Request, reason_phrase};
use std::time::Instant;

/// Whom to call, and by whose wish.
#[derive(Debug)]
pub(super) struct Referred {
    pub(super) target: String,
    pub(super) by: Option<String>,
}

/// A transfer under way, seen from the call that is being transferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transfer {
    None,
    UnderWay,
}

impl LineCall {
    /// Answers a REFER; what to do, if it was accepted.
    pub(super) fn refer(
        &mut self,
        now: Instant,
        wire: &mut Wire,
        key: ServerKey,
        from: Peer,
        refer: &Request,
    ) -> Option<Referred> {
        let Stage::Talking { dialog, far, .. } = &mut self.stage else {
            wire.refuse(now, key, refer, 481);
            return None;
        };
        if dialog.accept(refer).is_err() {
            wire.refuse(now, key, refer, 500);
            return None;
        }
        *far = from;
        let target = refer.headers.refer_to().and_then(|to| to.uri.user());
        let Some(target) = target.filter(|target| !target.is_empty()) else {
            wire.refuse(now, key, refer, 400);
            return None;
        };
        if self.transfer == Transfer::UnderWay {
            wire.refuse(now, key, refer, 491);
            return None;
        }
        self.transfer = Transfer::UnderWay;
        let mut accepted = refer.respond(202, None);
        accepted
            .headers
            .push("Contact", super::call::contact(wire, refer, from));
        wire.respond(now, key, &accepted);
        self.report(now, wire, 100);
        let by = refer.headers.get("Referred-By").map(str::to_owned);
        Some(Referred { target, by })
    }

    /// Tells how the transfer goes. A customer who was passed on does not call back.
    pub(super) fn report(&mut self, now: Instant, wire: &mut Wire, code: u16) {
        let (Stage::Talking { dialog, far, .. }, Transfer::UnderWay) = (&mut self.stage, self.transfer) else {
            return;
        };
        let mut notify = dialog.request(Method::Notify);
        notify
            .headers
            .push("Contact", parley_sip::NameAddr::new(wire.uri("exchange")));
        notify.headers.push("Event", "refer");
        let state = if code < 200 {
            "active;expires=180"
        } else {
            "terminated;reason=noresource"
        };
        notify.headers.push("Subscription-State", state);
        notify.set_body(
            "message/sipfrag",
            format!("SIP/2.0 {code} {}\r\n", reason_phrase(code)).into_bytes(),
        );
        wire.request(now, *far, notify);
        if code >= 200 {
            self.transfer = Transfer::None;
        }
        if (200..300).contains(&code) {
            self.line = Line::CallBack;
        }
    }

    /// The call to the target of a transfer; it asks for sockets first.
    pub(super) fn passed_on(wire: &mut Wire, key: CallKey, parent: CallKey, referred: Referred) -> Self {
        let media = MediaId(key.0);
        wire.media(MediaOrder::Reserve(media));
        Self {
            key,
            line: Line::PassedOn,
            caller: referred.target,
            stage: Stage::Preparing,
            media: Media::Reserving(media),
            unacked: None,
            transfer: Transfer::None,
            parent: Some(parent),
            referred_by: referred.by,
        }
    }
}
