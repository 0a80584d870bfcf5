//! A call that goes to another server than the one that failed, and calls that move with our address.

use std::time::Instant;

use crate::transaction::ClientKey;

use super::super::request::Outgoing;
use super::super::{Endpoint, Event, Flow, SessionId};
use super::{Session, State};

impl Endpoint {
    /// Whether the call waits for the answer to this INVITE.
    pub(in crate::endpoint) fn waits_for(&self, id: SessionId, key: ClientKey) -> bool {
        matches!(
            self.sessions.get(&id).map(|session| &session.state),
            Some(State::Calling(calling)) if calling.invite == Some(key) && calling.early.is_empty()
        )
    }

    /// Sends the INVITE to another server: our Contact there may be another one, and so may the address in our offer.
    pub(in crate::endpoint) fn call_elsewhere(
        &mut self,
        now: Instant,
        id: SessionId,
        flow: Flow,
        mut outgoing: Outgoing,
    ) {
        // The phones that rang at the server that failed ring no more, as far as anybody here can tell.
        self.drop_early(now, id, |_| true);
        let contact = self.contact_for(id, &flow);
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let before = session.flow.replace(flow);
        let State::Calling(calling) = &mut session.state else {
            return;
        };
        if let Some(contact) = &contact {
            outgoing.request.headers.set("Contact", contact);
        }
        session.contact = contact;
        session.local = Some(flow.local.ip());
        calling.invite = None;
        calling.request = outgoing.request.clone();
        if before.is_some_and(|before| before.local.ip() != flow.local.ip()) {
            // The other server is reached by another network: the offer names an address that it may not reach.
            calling.elsewhere = Some(Box::new((flow, outgoing)));
            return self.event(Event::OfferWanted {
                session: id,
                local: flow.local.ip(),
            });
        }
        self.send_on(now, flow, outgoing);
    }

    /// The offer for an INVITE that goes by another network than the first one did.
    pub(super) fn offer_elsewhere(&mut self, now: Instant, id: SessionId, sdp: Vec<u8>) {
        let Some(Session {
            state: State::Calling(calling),
            ..
        }) = self.sessions.get_mut(&id)
        else {
            return;
        };
        if let Some(waiting) = calling.elsewhere.take() {
            let (flow, mut outgoing) = *waiting;
            outgoing.request.set_body("application/sdp", sdp);
            calling.request = outgoing.request.clone();
            self.send_on(now, flow, outgoing);
        }
    }
}
