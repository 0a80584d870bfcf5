//! Transfer of a line's call, blind (RFC 3515) and with Replaces (RFC 3891), and transfer by a line.
//!
//! Another line as the target is not really called, only reported: both ends would be in here.
use super::call::{LineCall, Stage, contact};
use super::kind::After;
use super::outgoing::Errand;
use super::{CallKey, Wish};
use crate::Peer;
use crate::config::LineTimes;
use crate::wire::Wire;
use parley_sip::transaction::ServerKey;
use parley_sip::{Method, NameAddr, Request, Uri, reason_phrase};
use std::time::Instant;

/// A transfer under way, seen from the call that is being transferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transfer {
    None,
    /// The far end asked for it and is told how it goes.
    UnderWay,
    /// We asked for it.
    Asked,
}

impl LineCall {
    /// Answers a REFER; what to do, if it was accepted.
    pub(super) fn refer(
        &mut self,
        now: Instant,
        wire: &mut Wire,
        (key, from): (ServerKey, Peer),
        refer: &Request,
    ) -> Option<Errand> {
        if let Err(code) = self.in_turn(from, refer) {
            wire.refuse(now, key, refer, code);
            return None;
        }
        let talks = matches!(self.stage, Stage::Talking { .. });
        let target = refer.headers.refer_to().map(|to| to.uri);
        let Some(target) = target.filter(|target| target.user().is_some_and(|user| !user.is_empty())) else {
            wire.refuse(now, key, refer, 400);
            return None;
        };
        if self.transfer != Transfer::None || !talks {
            wire.refuse(now, key, refer, 491);
            return None;
        }
        self.transfer = Transfer::UnderWay;
        let mut accepted = refer.respond(202, None);
        accepted.headers.push("Contact", contact(wire, refer, from));
        wire.respond(now, key, &accepted);
        self.report(now, wire, 100);
        let (target, replaces) = without_headers(target);
        Some(Errand {
            target,
            parent: Some(self.key),
            by: refer.headers.get("Referred-By").map(str::to_owned),
            replaces,
        })
    }

    /// Tells how the transfer goes. A customer who was passed on does not call back.
    pub(super) fn report(&mut self, now: Instant, wire: &mut Wire, code: u16) {
        let (Stage::Talking { dialog, far, .. }, Transfer::UnderWay) = (&mut self.stage, self.transfer) else {
            return;
        };
        let mut notify = dialog.request(Method::Notify);
        notify.headers.push("Contact", NameAddr::new(wire.uri("exchange")));
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
            self.after = After::Nothing;
        }
    }

    /// Asks the far end to call that line instead.
    pub(super) fn send_refer(&mut self, now: Instant, wire: &mut Wire, number: &str) {
        let us = NameAddr::new(wire.uri(&self.line.number().unwrap_or_default()));
        let Stage::Talking { dialog, far, .. } = &mut self.stage else {
            return;
        };
        if self.transfer != Transfer::None {
            return;
        }
        let mut refer = dialog.request(Method::Refer);
        refer.headers.push("Contact", &us);
        refer.headers.push("Refer-To", NameAddr::new(wire.uri(number)));
        refer.headers.push("Referred-By", &us);
        wire.request(now, *far, refer);
        self.transfer = Transfer::Asked;
    }

    /// News of that; when the far end is through, this line has no more to do.
    pub(super) fn notified(
        &mut self,
        now: Instant,
        wire: &mut Wire,
        key: ServerKey,
        notify: &Request,
        times: &LineTimes,
    ) -> Option<Wish> {
        if notify.headers.event().as_deref() != Some("refer") {
            wire.refuse(now, key, notify, 489);
            return None;
        }
        if self.transfer != Transfer::Asked {
            wire.refuse(now, key, notify, 481);
            return None;
        }
        wire.respond(now, key, &notify.respond(200, None));
        let said = String::from_utf8_lossy(&notify.body);
        let code: u16 = said
            .split_whitespace()
            .nth(1)
            .and_then(|code| code.parse().ok())
            .unwrap_or(100);
        match code {
            200..=299 => self.leave(now, wire, times),
            300.. => {
                self.transfer = Transfer::None;
                None
            }
            _ => None,
        }
    }

    pub(super) fn parent(&self) -> Option<CallKey> {
        self.errand.as_ref().and_then(|errand| errand.parent)
    }
}

/// The URI to call, and the Replaces it carries.
fn without_headers(uri: Uri) -> (Uri, Option<String>) {
    let Uri::Sip(mut sip) = uri else { return (uri, None) };
    let mut headers = sip.decoded_headers().into_iter();
    let replaces = headers.find(|(name, _)| name.eq_ignore_ascii_case("Replaces"));
    sip.headers.clear();
    (Uri::Sip(sip), replaces.map(|(_, value)| value))
}
