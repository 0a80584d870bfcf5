//! What a line says anew by itself: re-INVITE and UPDATE (RFC 3261 section 14.1, RFC 3311).
//!
//! | Answer | What follows |
//! |---|---|
//! | 2xx | ACK to an INVITE; the sound follows |
//! | 491 | the same again, a little later |
//! | 408, 481, none | the call is over |
//! | any other | the session stays as it was |
use super::call::{LineCall, Stage, own_contact};
use super::kind::Line;
use super::{Play, Wish};
use crate::Sound;
use crate::config::LineTimes;
use crate::wire::Wire;
use parley_sip::sdp::Direction;
use parley_sip::transaction::ClientKey;
use parley_sip::{Method, Response};
use std::time::{Duration, Instant};

/// Whoever did not make the Call-ID waits up to two seconds after a glare (section 14.1).
const GLARE: Duration = Duration::from_millis(1500);

/// A request that waits for its answer.
#[derive(Debug)]
pub(super) struct Reoffer {
    pub(super) client: ClientKey,
    cseq: u32,
    method: Method,
}

impl LineCall {
    /// Sends the session anew in that direction. `false`: not now, something is under way.
    pub(super) fn reoffer(&mut self, now: Instant, wire: &mut Wire, direction: Direction) -> bool {
        if self.unacked.is_some() || self.reoffer.is_some() {
            return false;
        }
        let Some(session) = self.media.session() else {
            return false;
        };
        session.direction = direction;
        let description = session.reoffer();
        self.play = if direction.receives() {
            self.line.play()
        } else {
            Play::Sound(Sound::Melody)
        };
        self.say_anew(now, wire, Method::Invite, Some(description));
        true
    }

    /// Sends an UPDATE without a session. `false`: not now.
    pub(super) fn update(&mut self, now: Instant, wire: &mut Wire) -> bool {
        if self.reoffer.is_some() {
            return false;
        }
        self.say_anew(now, wire, Method::Update, None);
        true
    }

    fn say_anew(&mut self, now: Instant, wire: &mut Wire, method: Method, description: Option<Vec<u8>>) {
        let Stage::Talking { dialog, far, .. } = &mut self.stage else {
            return;
        };
        let mut request = dialog.request(method.clone());
        let number = self.line.number().unwrap_or_else(|| "exchange".to_owned());
        request.headers.push("Contact", own_contact(wire, &number, *far));
        request.headers.push("Allow", super::ALLOW);
        request.headers.push("Supported", super::SUPPORTED);
        if self.line == Line::Refresher {
            request.headers.push("Session-Expires", "90;refresher=uac");
        }
        if let Some(description) = description {
            request.set_body("application/sdp", description);
        }
        let cseq = dialog.local_cseq;
        let client = wire.request(now, *far, request);
        self.reoffer = Some(Reoffer { client, cseq, method });
    }

    /// The answer to it; `None` if none came. Answers to anything else are let pass.
    pub(super) fn reanswered(
        &mut self,
        now: Instant,
        wire: &mut Wire,
        client: ClientKey,
        response: Option<&Response>,
        times: &LineTimes,
    ) -> Option<Wish> {
        let reoffer = self.reoffer.as_ref().filter(|reoffer| reoffer.client == client)?;
        let code = response.map_or(408, Response::code);
        if code < 200 {
            return None;
        }
        let (cseq, invite) = (reoffer.cseq, reoffer.method == Method::Invite);
        self.reoffer = None;
        let Stage::Talking {
            dialog,
            far,
            until,
            step,
        } = &mut self.stage
        else {
            return None;
        };
        match (code, response) {
            (200..=299, Some(response)) => {
                dialog.refresh_target(&response.headers);
                if invite {
                    wire.send_alone(*far, dialog.ack(cseq));
                    let audio = self.media.session().and_then(|session| session.accept(&response.body));
                    match audio {
                        Some(audio) => self.run(wire, &audio),
                        None => return self.leave(now, wire, times),
                    }
                }
                None
            }
            (408 | 481, _) => self.leave(now, wire, times),
            (491, _) => {
                *step = step.saturating_sub(1);
                *until = Some(now + GLARE);
                None
            }
            _ => None,
        }
    }
}
