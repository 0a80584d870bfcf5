//! What the far end of a line's call says inside the dialog.
use super::call::{LineCall, Stage, contact};
use super::kind::Line;
use super::session_timer::{Watch, too_brief};
use super::{Wish, is_allowed};
use crate::config::LineTimes;
use crate::wire::Wire;
use crate::{Peer, sdp};
use parley_sip::transaction::ServerKey;
use parley_sip::{Method, Request};
use std::time::Instant;

impl LineCall {
    /// A request inside the dialog. REFER is not for here.
    pub(super) fn request(
        &mut self,
        now: Instant,
        wire: &mut Wire,
        (key, from): (ServerKey, Peer),
        request: &Request,
        times: &LineTimes,
    ) -> Option<Wish> {
        if let Err(code) = self.in_turn(from, request) {
            wire.refuse(now, key, request, code);
            return None;
        }
        match request.method {
            Method::Bye => {
                wire.respond(now, key, &request.respond(200, None));
                if matches!(self.stage, Stage::Ringing { .. }) {
                    self.refuse_ringing(now, wire, 487);
                    return None;
                }
                return self.over(now, wire, times);
            }
            Method::Prack => self.pracked(now, wire, key, request),
            Method::Invite | Method::Update => self.reoffered(now, wire, (key, from), request),
            Method::Notify => return self.notified(now, wire, key, request, times),
            ref method => {
                let mut response = request.respond(if is_allowed(method) { 200 } else { 405 }, None);
                response.headers.push("Allow", super::ALLOW);
                wire.respond(now, key, &response);
            }
        }
        None
    }

    /// Notes the number of the request and the way it came by; the status to refuse it with.
    pub(super) fn in_turn(&mut self, came: Peer, request: &Request) -> Result<(), u16> {
        let (dialog, far) = match &mut self.stage {
            Stage::Talking { dialog, far, .. } => (dialog, far),
            Stage::Ringing { dialog, from, .. } => (dialog, from),
            _ => return Err(481),
        };
        dialog.accept(request).map_err(|_| 500_u16)?;
        // The far end may have come back on a new connection.
        *far = came;
        Ok(())
    }

    /// A re-INVITE or an UPDATE.
    fn reoffered(&mut self, now: Instant, wire: &mut Wire, (key, from): (ServerKey, Peer), request: &Request) {
        let has_offer = !request.body.is_empty();
        let invite = request.method == Method::Invite;
        let busy = self.unacked.is_some() || self.reoffer.is_some();
        let Stage::Talking { dialog, .. } = &mut self.stage else {
            // Before the answer the session is being agreed on (RFC 3311 section 5.2).
            return wire.refuse(now, key, request, 491);
        };
        if busy && (invite || has_offer) {
            return wire.refuse(now, key, request, 491);
        }
        if has_offer && !sdp::is_acceptable(&request.body, self.line == Line::Echo) {
            return wire.refuse(now, key, request, 488);
        }
        let tag = dialog.id.local_tag.clone();
        if let Some(refusal) = too_brief(request, &tag) {
            return wire.respond(now, key, &refusal);
        }
        dialog.refresh_target(&request.headers);
        if invite {
            return self.accept(now, wire, (key, from), request, None, None);
        }
        let mut ok = request.respond(200, None);
        ok.headers.push("Contact", contact(wire, request, from));
        self.watch = Watch::agree(now, self.line, request, &mut ok.headers);
        if has_offer && let Some((description, audio)) = self.describe(&request.body) {
            ok.set_body("application/sdp", description);
            if let Some(audio) = audio {
                self.run(wire, &audio);
            }
        }
        wire.respond(now, key, &ok);
    }
}
