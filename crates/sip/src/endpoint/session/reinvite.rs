//! Changing the session while it is up: re-INVITE, both directions, and glare (RFC 3261 section 14). The table stands
//! above [`Change`].

use std::time::{Duration, Instant};

use crate::transaction::{ClientKey, ServerKey};
use crate::{Method, Request, Response};

use super::super::request::{Outgoing, Purpose};
use super::super::timers::Alarm;
use super::super::{AccountId, EndCause, Endpoint, Event, Flow, Refused, SessionId, TransportError};
use super::{Change, Glare, Offer, Session, State, Unacked};

impl Endpoint {
    /// Offers a change of the session (hold, resume, new address) with a re-INVITE. [`Event::ReofferAccepted`] or
    /// [`Event::ReofferRefused`] follows; glare (491) is retried within (RFC 3261 section 14.1).
    pub fn reoffer(&mut self, now: Instant, session: SessionId, sdp: Vec<u8>) -> Result<(), Refused> {
        let up = self.up_or_refused(session)?;
        if !matches!(up.change, Change::Settled | Change::OfferDue) || up.glare.is_some() {
            return Err(Refused::Pending);
        }
        self.send_reinvite(now, session, Offer { sdp, refresh: false });
        self.pump(now);
        Ok(())
    }

    /// The offer for a new address of ours.
    pub(super) fn offer_again(&mut self, now: Instant, id: SessionId, sdp: Vec<u8>) {
        self.send_reinvite(now, id, Offer { sdp, refresh: false });
    }

    pub(super) fn send_reinvite(&mut self, now: Instant, id: SessionId, offer: Offer) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let (account, flow) = (session.account, session.flow);
        let contact = session.contact.clone();
        let Some(up) = session.up() else { return };
        let mut request = up.dialog.request(Method::Invite);
        if let Some(contact) = contact {
            request.headers.push("Contact", contact);
        }
        if let Some(timer) = &up.timer {
            timer.ask(&mut request.headers);
        }
        let hop = up.dialog.next_hop().clone();
        request.set_body("application/sdp", offer.sdp.clone());
        up.change = Change::Sent(offer);
        self.capabilities(&mut request.headers);
        self.introduce(&mut request.headers);
        let way = self.way_to(account, &hop, flow);
        self.dispatch(now, way, Outgoing::new(Purpose::Reinvite(id), account, request));
    }

    pub(in crate::endpoint) fn reinvite_answer(
        &mut self,
        now: Instant,
        id: SessionId,
        key: ClientKey,
        response: &Response,
    ) {
        let code = response.code();
        if code < 200 {
            return;
        }
        let Some(up) = self.up_mut(id) else {
            // The call ended meanwhile. Its 2xx still wants an ACK; the BYE is on its way.
            return if code < 300 {
                self.ack_late(now, key)
            } else {
                Default::default()
            };
        };
        if code < 300 {
            up.dialog.refresh_target(&response.headers);
            let dialog = up.dialog.clone();
            self.send_ack(now, key, &dialog);
        }
        let Some(up) = self.up_mut(id) else { return };
        let Change::Sent(offer) = std::mem::replace(&mut up.change, Change::Settled) else {
            return;
        };
        match code {
            200..=299 => {
                let sdp = response.sdp().map(<[u8]>::to_vec);
                let news = sdp.is_some() && sdp != up.remote_sdp;
                up.local_sdp = offer.sdp;
                if sdp.is_some() {
                    up.remote_sdp.clone_from(&sdp);
                }
                self.refreshed_by_us(now, id, response);
                if !offer.refresh || news {
                    self.event(Event::ReofferAccepted { session: id, sdp });
                }
            }
            491 => {
                let pause = self.pause_after_glare(id);
                if let Some(up) = self.up_mut(id) {
                    up.glare = Some(Glare {
                        offer,
                        overtaken: false,
                    });
                }
                self.alarms.set(Alarm::Glare(id), now + pause);
            }
            // RFC 3261 section 12.2.1.2: the far end knows no such call, or is gone.
            408 | 481 => self.end_by_us(now, id, None, EndCause::Lost),
            422 if self.refresh_for_longer(now, id, response, &offer) => {}
            _ if offer.refresh => self.refresh_refused(now, id),
            _ => self.event(Event::ReofferRefused { session: id, code }),
        }
    }

    fn ack_late(&mut self, now: Instant, key: ClientKey) {
        let Some(sent) = self.sent.get(&key) else { return };
        let Some(dialog) = crate::dialog::Dialog::of_request(&sent.outgoing.request) else {
            return;
        };
        self.send_ack(now, key, &dialog);
    }

    pub(in crate::endpoint) fn reinvite_failed(&mut self, now: Instant, id: SessionId, why: Option<TransportError>) {
        let Some(up) = self.up_mut(id) else { return };
        let Change::Sent(offer) = std::mem::replace(&mut up.change, Change::Settled) else {
            return;
        };
        match why {
            None => self.end_by_us(now, id, None, EndCause::Lost),
            // No way there just now; the session itself goes on, and media may well flow.
            Some(_) if offer.refresh => self.refresh_refused(now, id),
            Some(_) => self.event(Event::ReofferRefused { session: id, code: 503 }),
        }
    }

    /// RFC 3261 section 14.1: who owns the Call-ID waits longer, so that the next attempts do not meet again.
    fn pause_after_glare(&mut self, id: SessionId) -> Duration {
        let lot = self.chance();
        let ours = self.up_mut(id).is_some_and(|up| up.dialog.we_called);
        let (least, range) = if ours { (2100, 190) } else { (0, 200) };
        Duration::from_millis(least + 10 * (lot * f64::from(range)).round() as u64)
    }

    pub(in crate::endpoint) fn after_glare(&mut self, now: Instant, id: SessionId) {
        let Some(up) = self.up_mut(id) else { return };
        if !matches!(up.change, Change::Settled) {
            self.alarms.set(Alarm::Glare(id), now + Duration::from_millis(500));
            return;
        }
        match up.glare.take() {
            Some(Glare {
                offer: Offer { refresh: false, .. },
                overtaken: true,
            }) => self.want_offer(id),
            // A refresh was only to show that we are there; what the far end asked meanwhile was answered.
            Some(Glare { overtaken: true, .. }) | None => {}
            Some(Glare { offer, .. }) => self.send_reinvite(now, id, offer),
        }
    }

    /// Asks those above for a fresh offer.
    fn want_offer(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let home = self.accounts.get(&session.account).and_then(|account| account.flow);
        let Some(local) = session.flow.or(home).map(|flow| flow.local.ip()) else {
            return;
        };
        if let Some(up) = session.up() {
            up.change = Change::OfferDue;
            self.event(Event::OfferWanted { session: id, local });
        }
    }

    /// A re-INVITE of the far end.
    pub(super) fn reinvited(&mut self, now: Instant, id: SessionId, key: ServerKey, request: Request) {
        let retry_after = (self.chance() * 10.0) as u32;
        let Some(up) = self.up_mut(id) else {
            let mut response = self.answer_to(&request, 500);
            response.headers.push("Retry-After", retry_after);
            self.layer.respond(now, key, &response);
            return;
        };
        match &up.change {
            Change::Sent(_) | Change::OfferDue => return self.answer(now, key, &request, 491),
            Change::Asked { .. } => {
                let mut response = self.answer_to(&request, 500);
                response.headers.push("Retry-After", retry_after);
                self.layer.respond(now, key, &response);
                return;
            }
            Change::Unacked(unacked) if unacked.owes_answer => return self.answer(now, key, &request, 491),
            // The far end could not go on without our 2xx: only its ACK is lost.
            Change::Unacked(_) => self.acknowledged(id, None),
            Change::Settled => {}
        }
        if self.refuse_body(now, key, &request) || self.refuse_short_session(now, key, &request) {
            return;
        }
        let sdp = request.sdp().map(<[u8]>::to_vec);
        let Some(up) = self.up_mut(id) else { return };
        let refresh = sdp.is_some() && sdp == up.remote_sdp;
        let same = up.local_sdp.clone();
        up.change = Change::Asked {
            invite: key,
            request: Box::new(request.clone()),
        };
        self.layer.respond(now, key, &request.respond(100, None));
        if refresh {
            // Word for word what was agreed before: a session refresh (RFC 4028), nobody above needs to think again.
            return self.accept_reinvite(now, id, same);
        }
        self.event(Event::Reoffered { session: id, sdp });
    }

    /// Answers [`Event::Reoffered`].
    pub fn answer_reoffer(&mut self, now: Instant, session: SessionId, sdp: Vec<u8>) {
        self.accept_reinvite(now, session, sdp);
        self.pump(now);
    }

    fn accept_reinvite(&mut self, now: Instant, id: SessionId, sdp: Vec<u8>) {
        let Some(Session {
            state: State::Up(up),
            contact,
            local_tag,
            ..
        }) = self.sessions.get_mut(&id)
        else {
            return;
        };
        if !matches!(up.change, Change::Asked { .. }) {
            return;
        }
        let Change::Asked { invite, request } = std::mem::replace(&mut up.change, Change::Settled) else {
            return;
        };
        let offered = request.sdp().map(<[u8]>::to_vec);
        up.dialog.refresh_target(&request.headers);
        if let Some(glare) = up.glare.as_mut().filter(|_| up.local_sdp != sdp) {
            glare.overtaken = true;
        }
        up.local_sdp.clone_from(&sdp);
        let owes_answer = offered.is_none();
        if !owes_answer {
            up.remote_sdp = offered;
        }
        let mut response = request.respond(200, Some(local_tag));
        if let Some(contact) = contact {
            response.headers.push("Contact", contact);
        }
        let timer = self.agree_on_refresh(&request, &mut response);
        self.complete(&mut response, sdp);
        self.send_2xx(now, id, Unacked::new(invite, response, &request, false, owes_answer));
        self.set_session_timer(now, id, timer);
    }

    /// Refuses [`Event::Reoffered`]: the session stays as it was.
    pub fn refuse_reoffer(&mut self, now: Instant, session: SessionId, code: u16) {
        let code = if (300..700).contains(&code) { code } else { 488 };
        self.end_reinvite(now, session, code);
        self.pump(now);
    }

    pub(super) fn reinvite_cancelled(&mut self, now: Instant, id: SessionId) {
        self.end_reinvite(now, id, 487);
        self.event(Event::ReofferRefused { session: id, code: 487 });
    }

    fn end_reinvite(&mut self, now: Instant, id: SessionId, code: u16) {
        let Some(up) = self.up_mut(id) else { return };
        if let Change::Asked { .. } = up.change
            && let Change::Asked { invite, request } = std::mem::replace(&mut up.change, Change::Settled)
        {
            self.answer(now, invite, &request, code);
        }
    }

    /// An account is registered on a flow: its calls that lost theirs, or whose address of ours is no more, go by it.
    pub(in crate::endpoint) fn sessions_follow(&mut self, now: Instant, account: AccountId, flow: Flow, moved: bool) {
        let contact = self.call_contact(account, &flow);
        let mut again = Vec::new();
        for (id, session) in self.sessions.iter_mut() {
            let elsewhere = session.flow.is_some_and(|own| own.remote.ip() != flow.remote.ip());
            if session.account != account || elsewhere || (session.flow.is_some() && !moved) {
                continue;
            }
            session.flow = Some(flow);
            if session.contact.as_ref() == Some(&contact) {
                continue;
            }
            let before = session.contact.replace(contact.clone());
            let same_host = before.is_some_and(|before| before.uri.host() == contact.uri.host());
            if let State::Up(up) = &session.state
                && matches!(up.change, Change::Settled)
                && up.glare.is_none()
            {
                again.push((*id, same_host, up.local_sdp.clone()));
            }
        }
        for (id, same_host, sdp) in again {
            if same_host {
                self.send_reinvite(now, id, Offer { sdp, refresh: true });
            } else {
                self.want_offer(id);
            }
        }
    }
}
