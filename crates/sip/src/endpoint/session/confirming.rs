//! From our 2xx to its ACK (RFC 3261 section 13.3.1.4): the same for the first INVITE of a call and for later ones.

use std::time::Instant;

use crate::transaction::{GIVE_UP, ServerKey, T1, T2, doubled};
use crate::{Request, Response};

use super::super::timers::Alarm;
use super::super::{EndCause, Endpoint, Event, SessionId};
use super::{Leaving, Session, State, Unacked};

impl Endpoint {
    /// Sends a 2xx and repeats it until the ACK comes, on streams too: the next proxy may have lost it.
    pub(super) fn send_2xx(&mut self, now: Instant, id: SessionId, unacked: Unacked) {
        self.layer.respond(now, unacked.invite, &unacked.response);
        self.alarms.set(Alarm::Repeat2xx(id), now + unacked.interval);
        self.alarms.set(Alarm::NoAck(id), now + GIVE_UP);
        if let Some(up) = self.up_mut(id) {
            up.unacked = Some(unacked);
        }
    }

    pub(in crate::endpoint) fn repeat_2xx(&mut self, now: Instant, id: SessionId) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let Some(unacked) = session.unacked() else { return };
        unacked.interval = doubled(unacked.interval, T2);
        let again = now + unacked.interval;
        self.layer.respond(now, unacked.invite, &unacked.response);
        self.alarms.set(Alarm::Repeat2xx(id), again);
    }

    pub(in crate::endpoint) fn no_ack(&mut self, now: Instant, id: SessionId) {
        self.alarms.cancel(Alarm::Repeat2xx(id));
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        match &mut session.state {
            State::Leaving(_) => self.leave(now, id),
            State::Up(up) => {
                up.unacked = None;
                self.end_by_us(now, id, None, EndCause::Lost);
            }
            _ => {}
        }
    }

    /// The ACK came, or time is over: the BYE that waited for it.
    fn leave(&mut self, now: Instant, id: SessionId) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let (account, flow) = (session.account, session.flow);
        let State::Leaving(leaving) = &session.state else {
            return;
        };
        let Leaving { dialog, reason, .. } = leaving.as_ref();
        let (dialog, reason) = (dialog.clone(), reason.clone());
        self.send_bye(now, account, dialog, flow, reason.as_ref());
        self.finish(now, id, EndCause::HungUpByUs);
    }

    /// An ACK to a 2xx.
    pub(in crate::endpoint) fn ack(&mut self, now: Instant, request: &Request) {
        let dialog = crate::dialog::DialogId::of_request(request);
        let Some(id) = dialog.and_then(|dialog| self.session_of(&dialog)) else {
            return;
        };
        let Some(number) = request.headers.cseq().map(|cseq| cseq.number) else {
            return;
        };
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        if session.unacked().is_none_or(|unacked| unacked.cseq != number) {
            return;
        }
        if session.is_leaving() {
            return self.leave(now, id);
        }
        self.acknowledged(id, request.sdp().map(<[u8]>::to_vec));
    }

    /// Our 2xx arrived for certain.
    pub(super) fn acknowledged(&mut self, id: SessionId, sdp: Option<Vec<u8>>) {
        self.alarms.cancel(Alarm::Repeat2xx(id));
        self.alarms.cancel(Alarm::NoAck(id));
        let Some(up) = self.up_mut(id) else { return };
        let Some(unacked) = up.unacked.take() else { return };
        let sdp = sdp.filter(|_| unacked.owes_answer);
        if unacked.owes_answer {
            let local = std::mem::take(&mut up.leg.local_sdp);
            up.leg.agree(local, sdp.clone());
        }
        if unacked.first {
            self.event(Event::Confirmed { session: id, sdp });
        } else if unacked.owes_answer {
            self.event(Event::ReofferAccepted { session: id, sdp });
        }
    }
}

impl Session {
    fn unacked(&mut self) -> Option<&mut Unacked> {
        match &mut self.state {
            State::Leaving(leaving) => Some(&mut leaving.unacked),
            State::Up(up) => up.unacked.as_mut(),
            _ => None,
        }
    }
}

impl Unacked {
    pub(super) fn new(
        invite: ServerKey,
        response: Response,
        request: &Request,
        first: bool,
        owes_answer: bool,
    ) -> Self {
        let cseq = request.headers.cseq().map_or(0, |cseq| cseq.number);
        Self {
            invite,
            response,
            cseq,
            interval: T1,
            first,
            owes_answer,
        }
    }
}
