//! UPDATE, both directions (RFC 3311): a change of an early call, a refresh of any. The table stands above [`Change`].

use std::time::Instant;

use crate::transaction::ServerKey;
use crate::{Method, Request, Response};

use super::super::request::{Outgoing, Purpose};
use super::super::{EndCause, Endpoint, SessionId, TransportError};
use super::leg::{Ask, Change, Leg, Offer};

impl Endpoint {
    /// Sends an UPDATE; without an offer it only shows that we are there, and where.
    pub(super) fn send_update(&mut self, now: Instant, id: SessionId, tag: &str, offer: Option<Offer>) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let (account, flow) = (session.account, session.flow);
        let contact = session.contact.clone();
        let timer = session.up().and_then(|up| up.timer);
        let Some(leg) = session.leg(tag) else { return };
        let mut request = leg.dialog.request(Method::Update);
        let hop = leg.dialog.next_hop().clone();
        if let Some(contact) = contact {
            request.headers.push("Contact", contact);
        }
        if let Some(timer) = timer {
            timer.ask(&mut request.headers);
        }
        let purpose = match offer {
            Some(offer) => {
                request.set_body("application/sdp", offer.sdp.clone());
                leg.change = Change::Sent(offer);
                Purpose::Update {
                    session: id,
                    tag: tag.to_owned(),
                }
            }
            None => Purpose::Refresh(id),
        };
        self.capabilities(&mut request.headers);
        self.introduce(&mut request.headers);
        self.remember_cseq(id, tag);
        let way = self.way_to(account, &hop, flow);
        self.dispatch_in_turn(now, way, Outgoing::new(purpose, account, request));
    }

    pub(in crate::endpoint) fn update_answer(&mut self, now: Instant, id: SessionId, tag: &str, response: &Response) {
        if response.code() < 200 {
            return;
        }
        if response.code() < 300
            && let Some(leg) = self.leg_mut(id, tag)
        {
            leg.dialog.refresh_target(&response.headers);
        }
        self.offer_answered(now, id, tag, &Method::Update, response);
    }

    pub(in crate::endpoint) fn update_failed(
        &mut self,
        now: Instant,
        id: SessionId,
        tag: &str,
        why: Option<TransportError>,
    ) {
        self.offer_failed(now, id, tag, why.is_none());
    }

    /// The answer to an UPDATE without offer.
    pub(in crate::endpoint) fn session_refreshed(&mut self, now: Instant, id: SessionId, response: &Response) {
        let Some(up) = self.up_mut(id) else { return };
        match response.code() {
            100..=199 => {}
            200..=299 => {
                up.leg.dialog.refresh_target(&response.headers);
                up.leg.learn(&response.headers);
                self.follows(id);
                self.refreshed_by_us(now, id, response);
            }
            408 | 481 => self.end_by_us(now, id, None, EndCause::Lost),
            405 | 501 => {
                up.leg.updates = false;
                self.show_ourselves(now, id);
            }
            422 if self.refresh_for_longer(now, id, response) => self.show_ourselves(now, id),
            491 | 500 | 503 => self.refresh_soon(now, id),
            _ => self.refresh_refused(now, id),
        }
    }

    pub(in crate::endpoint) fn session_not_refreshed(
        &mut self,
        now: Instant,
        id: SessionId,
        why: Option<TransportError>,
    ) {
        match why {
            None => self.end_by_us(now, id, None, EndCause::Lost),
            Some(_) => self.refresh_refused(now, id),
        }
    }

    /// An UPDATE of the far end.
    pub(super) fn updated(&mut self, now: Instant, id: SessionId, tag: &str, key: ServerKey, request: Request) {
        let up = self.up_mut(id).is_some();
        if self.refuse_body(now, key, &request) || (up && self.refuse_short_session(now, key, &request)) {
            return;
        }
        let Some(leg) = self.leg_mut(id, tag) else {
            return self.answer(now, key, &request, 481);
        };
        let Some(sdp) = request.sdp().map(<[u8]>::to_vec) else {
            return self.accept_update(now, id, tag, key, &request, None);
        };
        match &leg.change {
            Change::Sent(_) | Change::OfferDue | Change::Offering => return self.answer(now, key, &request, 491),
            Change::Asked(_) | Change::Owing => return self.answer_later(now, key, &request),
            Change::Settled => {}
        }
        // Those above answer one offer at a time, also when several phones ring.
        if self
            .sessions
            .get_mut(&id)
            .and_then(|s| s.find_leg(Leg::is_asked))
            .is_some()
        {
            return self.answer_later(now, key, &request);
        }
        let Some(leg) = self.leg_mut(id, tag) else { return };
        let same = (leg.remote_sdp.as_ref() == Some(&sdp)).then(|| leg.local_sdp.clone());
        leg.change = Change::Asked(Ask::Request {
            key,
            request: Box::new(request),
        });
        match same {
            Some(same) => self.accept_reoffer(now, id, same),
            None => self.tell_offer(now, id, Some(sdp)),
        }
    }

    /// 200 to an UPDATE (or to a PRACK that brought an offer).
    pub(super) fn accept_update(
        &mut self,
        now: Instant,
        id: SessionId,
        tag: &str,
        key: ServerKey,
        request: &Request,
        answer: Option<Vec<u8>>,
    ) {
        let offered = request.sdp().map(<[u8]>::to_vec);
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let contact = session.contact.clone();
        let up = session.up().is_some();
        let Some(leg) = session.leg(tag) else { return };
        if answer.is_some() {
            leg.remote_sdp = offered;
            leg.answer = None;
        }
        let refreshes = request.method == Method::Update;
        if refreshes {
            leg.dialog.refresh_target(&request.headers);
            leg.learn(&request.headers);
        }
        let mut response = self.answer_to(request, 200);
        if let Some(contact) = contact.filter(|_| refreshes) {
            response.headers.push("Contact", contact);
        }
        let timer = (up && refreshes).then(|| self.agree_on_refresh(request, &mut response));
        self.capabilities(&mut response.headers);
        if let Some(answer) = answer {
            response.set_body("application/sdp", answer);
        }
        self.layer.respond(now, key, &response);
        if let Some(timer) = timer {
            self.set_session_timer(now, id, timer);
        }
    }
}
