//! Keys in INFO requests inside a call (RFC 2976 as telephone systems use it): ours and the far end's.

use std::time::{Duration, Instant};

use crate::bodies::dtmf::{DTMF, DTMF_RELAY, Key};
use crate::transaction::ServerKey;
use crate::{Method, Request};

use super::super::request::{Outgoing, Purpose};
use super::super::{Endpoint, Event, Refused, SessionId};

impl Endpoint {
    /// Tells the far end of a key (`0`-`9`, `*`, `#`, `A`-`D`) with INFO. Keys go one after the other, each when the one before
    /// was answered; what the answer says changes nothing.
    pub fn send_key(
        &mut self,
        now: Instant,
        session: SessionId,
        signal: char,
        duration: Duration,
    ) -> Result<(), Refused> {
        let up = self.up_or_refused(session)?;
        let mut request = up.leg.dialog.request(Method::Info);
        let hop = up.leg.dialog.next_hop().clone();
        request.set_body(DTMF_RELAY, Key { signal, duration }.write());
        let Some(known) = self.sessions.get(&session) else {
            return Err(Refused::NoSuchSession);
        };
        let (account, flow) = (known.account, known.flow);
        self.introduce(&mut request.headers);
        let way = self.way_to(account, &hop, flow);
        self.dispatch_in_turn(now, way, Outgoing::new(Purpose::Info(session), account, request));
        self.pump(now);
        Ok(())
    }

    /// INFO: an empty one asks whether we are alive, a key is told, what else it may carry is nothing we use (RFC 6086
    /// section 4.2.2).
    pub(in crate::endpoint) fn informed(&mut self, now: Instant, id: SessionId, key: ServerKey, request: &Request) {
        if request.headers.has("Info-Package") {
            let mut response = self.answer_to(request, 469);
            response.headers.push("Recv-Info", "");
            self.layer.respond(now, key, &response);
            return;
        }
        if request.body.is_empty() {
            return self.answer(now, key, request, 200);
        }
        let pressed = request
            .headers
            .content_type()
            .and_then(|kind| Key::read(kind, &request.body));
        let Some(pressed) = pressed else {
            let mut response = self.answer_to(request, 415);
            response.headers.push("Accept", format!("{DTMF_RELAY}, {DTMF}"));
            self.layer.respond(now, key, &response);
            return;
        };
        self.answer(now, key, request, 200);
        self.event(Event::Key {
            session: id,
            signal: pressed.signal,
        });
    }
}
