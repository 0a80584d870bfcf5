//! Re-INVITE, both directions (RFC 3261 section 14). The table stands above [`Change`].

use std::time::Instant;

use crate::transaction::{ClientKey, ServerKey};
use crate::{Method, Request, Response};

use super::super::request::{Outgoing, Purpose};
use super::super::timers::{Alarm, UNDECIDED};
use super::super::{Endpoint, Event, SessionId, TransportError};
use super::leg::{Ask, Change, Offer};
use super::{Unacked, prack};

impl Endpoint {
    pub(super) fn send_reinvite(&mut self, now: Instant, id: SessionId, offer: Offer) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let (account, flow) = (session.account, session.flow);
        let contact = session.contact.clone();
        let Some(up) = session.up() else { return };
        let mut request = up.leg.dialog.request(Method::Invite);
        if let Some(contact) = contact {
            request.headers.push("Contact", contact);
        }
        if let Some(timer) = &up.timer {
            timer.ask(&mut request.headers);
        }
        let hop = up.leg.dialog.next_hop().clone();
        request.set_body("application/sdp", offer.sdp.clone());
        up.leg.change = Change::Sent(offer);
        self.capabilities(&mut request.headers);
        self.introduce(&mut request.headers);
        let way = self.way_to(account, &hop, flow);
        self.dispatch_in_turn(now, way, Outgoing::new(Purpose::Reinvite(id), account, request));
    }

    pub(in crate::endpoint) fn reinvite_answer(
        &mut self,
        now: Instant,
        id: SessionId,
        key: ClientKey,
        response: &Response,
    ) {
        let code = response.code();
        if code >= 200 {
            self.alarms.cancel(Alarm::Undecided(id));
        }
        let Some(up) = self.up_mut(id) else {
            // The call ended meanwhile. Its 2xx still wants an ACK; the BYE is on its way.
            return if (200..300).contains(&code) {
                self.ack_late(now, key)
            } else {
                Default::default()
            };
        };
        let tag = up.leg.dialog.id.remote_tag.clone();
        if code < 200 {
            return self.reinvite_progressed(now, id, &tag, response);
        }
        if code < 300 {
            up.leg.dialog.refresh_target(&response.headers);
            let dialog = up.leg.dialog.clone();
            self.send_ack(now, key, &dialog, None);
        }
        self.offer_answered(now, id, &tag, &Method::Invite, response);
    }

    /// A provisional answer to a re-INVITE may come reliably too, and bring the answer (RFC 6141 section 3.2).
    fn reinvite_progressed(&mut self, now: Instant, id: SessionId, tag: &str, response: &Response) {
        let Some(leg) = self.leg_mut(id, tag) else { return };
        if let Change::Sent(offer) = &mut leg.change
            && !std::mem::replace(&mut offer.heard_of, true)
        {
            self.alarms.set(Alarm::Undecided(id), now + UNDECIDED);
        }
        let Some(number) = prack::number_of(response) else {
            return;
        };
        let Some(leg) = self.leg_mut(id, tag) else { return };
        if !leg.comes_in_turn(number) {
            return;
        }
        leg.dialog.refresh_target(&response.headers);
        if let (Change::Sent(offer), Some(sdp)) = (&mut leg.change, response.sdp()) {
            offer.answer.get_or_insert_with(|| sdp.to_vec());
        }
        self.send_prack(now, id, tag, number, None);
    }

    /// The far end thinks for too long about a re-INVITE: no timer of the transaction ends that.
    pub(in crate::endpoint) fn reinvite_undecided(&mut self, now: Instant, id: SessionId) {
        let Some(up) = self.up_mut(id) else { return };
        if !matches!(&up.leg.change, Change::Sent(offer) if offer.heard_of) {
            return;
        }
        let tag = up.leg.dialog.id.remote_tag.clone();
        let under_way = self
            .sent
            .iter_mut()
            .find(|(_, sent)| sent.outgoing.purpose == Purpose::Reinvite(id));
        if let Some((key, sent)) = under_way {
            let key = *key;
            sent.outgoing.purpose = Purpose::Withdrawn(id);
            self.send_cancel(now, key, None);
        }
        self.offer_withdrawn(now, id, &tag);
    }

    /// The answer to a re-INVITE that was cancelled.
    pub(in crate::endpoint) fn withdrawn_answer(
        &mut self,
        now: Instant,
        id: SessionId,
        key: ClientKey,
        response: &Response,
    ) {
        if !(200..300).contains(&response.code()) {
            return;
        }
        self.ack_late(now, key);
        // The far end goes by what was taken back: it hears what counts.
        if let Some(up) = self.up_mut(id)
            && up.leg.is_settled()
            && up.leg.glare.is_none()
        {
            let tag = up.leg.dialog.id.remote_tag.clone();
            self.want_offer(id, &tag);
        }
    }

    fn ack_late(&mut self, now: Instant, key: ClientKey) {
        let Some(sent) = self.sent.get(&key) else { return };
        let Some(dialog) = crate::dialog::Dialog::of_request(&sent.outgoing.request) else {
            return;
        };
        self.send_ack(now, key, &dialog, None);
    }

    pub(in crate::endpoint) fn reinvite_failed(&mut self, now: Instant, id: SessionId, why: Option<TransportError>) {
        self.alarms.cancel(Alarm::Undecided(id));
        let Some(up) = self.up_mut(id) else { return };
        let tag = up.leg.dialog.id.remote_tag.clone();
        self.offer_failed(now, id, &tag, why.is_none());
    }

    /// A re-INVITE of the far end.
    pub(super) fn reinvited(&mut self, now: Instant, id: SessionId, key: ServerKey, request: Request) {
        let Some(up) = self.up_mut(id) else {
            return self.answer_later(now, key, &request);
        };
        if up.unacked.as_ref().is_some_and(|unacked| !unacked.owes_answer) {
            // The far end could not go on without our 2xx: only its ACK is lost.
            self.acknowledged(id, None);
        }
        let Some(up) = self.up_mut(id) else { return };
        match &up.leg.change {
            Change::Sent(_) | Change::OfferDue | Change::Offering => return self.answer(now, key, &request, 491),
            Change::Asked(_) | Change::Owing => return self.answer_later(now, key, &request),
            Change::Settled => {}
        }
        if self.refuse_body(now, key, &request) || self.refuse_short_session(now, key, &request) {
            return;
        }
        let sdp = request.sdp().map(<[u8]>::to_vec);
        let Some(up) = self.up_mut(id) else { return };
        up.leg.learn(&request.headers);
        let refresh = sdp.is_some() && sdp == up.leg.remote_sdp;
        let same = up.leg.local_sdp.clone();
        up.leg.change = Change::Asked(Ask::Request {
            key,
            request: Box::new(request.clone()),
        });
        self.layer.respond(now, key, &request.respond(100, None));
        if refresh {
            // Word for word what was agreed before: a session refresh (RFC 4028), nobody above needs to think again.
            return self.accept_reoffer(now, id, same);
        }
        self.event(Event::Reoffered { session: id, sdp });
    }

    /// 500 with a time to try again: an offer of the far end is open already (RFC 3261 section 14.2, RFC 3311 section 5.2).
    pub(super) fn answer_later(&mut self, now: Instant, key: ServerKey, request: &Request) {
        let retry_after = (self.chance() * 10.0) as u32;
        let mut response = self.answer_to(request, 500);
        response.headers.push("Retry-After", retry_after);
        self.layer.respond(now, key, &response);
    }

    pub(super) fn accept_reinvite(
        &mut self,
        now: Instant,
        id: SessionId,
        key: ServerKey,
        request: &Request,
        sdp: Vec<u8>,
    ) {
        let offered = request.sdp().map(<[u8]>::to_vec);
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let (contact, local_tag) = (session.contact.clone(), session.local_tag.clone());
        let Some(up) = session.up() else { return };
        up.leg.dialog.refresh_target(&request.headers);
        let owes_answer = offered.is_none();
        if owes_answer {
            up.leg.change = Change::Offering;
        } else {
            up.leg.remote_sdp = offered;
        }
        let mut response = request.respond(200, Some(&local_tag));
        if let Some(contact) = contact {
            response.headers.push("Contact", contact);
        }
        let timer = self.agree_on_refresh(request, &mut response);
        self.complete(&mut response, Some(sdp));
        self.send_2xx(now, id, Unacked::new(key, response, request, false, owes_answer));
        self.set_session_timer(now, id, timer);
    }
}
