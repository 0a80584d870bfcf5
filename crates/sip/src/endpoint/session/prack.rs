//! Acknowledging the far end's reliable provisional answers (RFC 3262 section 4).
//!
//! Each early dialog counts its own RSeq, and its PRACK goes to its own remote target with its own CSeq. Repetitions are
//! not acknowledged again: the PRACK repeats itself until it is answered.

use std::time::Instant;

use crate::parse::tokens::number;
use crate::{Method, Response};

use super::super::request::{Outgoing, Purpose};
use super::super::{Endpoint, SessionId};
use super::leg::Leg;

/// CSeq of the INVITE and RSeq of a provisional answer that wants to be acknowledged.
pub(super) fn number_of(response: &Response) -> Option<(u32, u32)> {
    let reliable = response
        .headers
        .require()
        .iter()
        .any(|tag| tag.eq_ignore_ascii_case("100rel"));
    let rseq = number(response.headers.get("RSeq")?).filter(|rseq| *rseq > 0);
    let has_tag = response.headers.to()?.tag().is_some();
    Some((response.headers.cseq()?.number, rseq.filter(|_| reliable && has_tag)?))
}

impl Leg {
    /// Whether a reliable provisional answer is the next one; notes it if so.
    pub(super) fn comes_in_turn(&mut self, (cseq, rseq): (u32, u32)) -> bool {
        if let Some((_, last)) = self.reached.filter(|(last, _)| *last == cseq)
            && last.checked_add(1) != Some(rseq)
        {
            return false;
        }
        self.reached = Some((cseq, rseq));
        true
    }
}

impl Endpoint {
    pub(super) fn send_prack(
        &mut self,
        now: Instant,
        id: SessionId,
        tag: &str,
        (cseq, rseq): (u32, u32),
        answer: Option<Vec<u8>>,
    ) {
        let Some(leg) = self.leg_mut(id, tag) else { return };
        let mut request = leg.dialog.request(Method::Prack);
        let hop = leg.dialog.next_hop().clone();
        request.headers.push("RAck", format!("{rseq} {cseq} INVITE"));
        self.introduce(&mut request.headers);
        if let Some(answer) = answer {
            request.set_body("application/sdp", answer);
        }
        self.remember_cseq(id, tag);
        let Some(session) = self.sessions.get(&id) else { return };
        let (account, way) = (session.account, self.way_to(session.account, &hop, session.flow));
        let purpose = Purpose::Prack {
            session: id,
            tag: tag.to_owned(),
        };
        self.dispatch_in_turn(now, way, Outgoing::new(purpose, account, request));
    }

    /// Keeps the CSeq of an early dialog with the INVITE: the BYE to a phone that answers too late must count on.
    pub(in crate::endpoint) fn remember_cseq(&mut self, id: SessionId, tag: &str) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let super::State::Calling(calling) = &session.state else {
            return;
        };
        let used = calling.early.iter().find(|leg| leg.dialog.id.remote_tag == tag);
        let used = used.map(|leg| leg.dialog.local_cseq);
        if let (Some(used), Some(invite)) = (used, calling.invite)
            && let Some(sent) = self.sent.get_mut(&invite)
        {
            sent.used(tag, used);
        }
    }
}
