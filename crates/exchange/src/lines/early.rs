//! A call comes in at a line: its first answers, reliable ones included (RFC 3262).
use super::call::{LineCall, Stage, Told, contact};
use super::kind::{Line, Meeting};
use super::session_timer;
use super::{CallKey, MediaId, MediaOrder};
use crate::config::LineTimes;
use crate::wire::Wire;
use crate::{Peer, sdp};
use parley_sip::dialog::Dialog;
use parley_sip::transaction::{GIVE_UP, ServerKey, T1};
use parley_sip::{Request, Response};
use std::time::{Duration, Instant};

/// What a line can do when it is required (RFC 3261 section 8.2.2.3).
const KNOWN: [&str; 4] = ["100rel", "timer", "replaces", "norefersub"];

/// A provisional answer that went out reliably, or that need not be.
#[derive(Debug)]
pub(super) enum Early {
    /// Nothing was told of the session.
    Plain,
    /// The description went out in an answer that may be lost.
    Described(Vec<u8>),
    /// It waits for its PRACK.
    Waiting(Box<Reliable>),
    /// The PRACK came.
    Acknowledged {
        /// The session was described in it.
        described: bool,
    },
}

/// A reliable provisional answer on its way.
#[derive(Debug)]
pub(super) struct Reliable {
    pub(super) rseq: u32,
    pub(super) response: Response,
    pub(super) again: Instant,
    pub(super) interval: Duration,
    pub(super) give_up: Instant,
    /// It describes the session.
    described: bool,
    /// We made the offer: the PRACK has the answer.
    offered: bool,
}

impl Early {
    /// A final 2xx waits for the PRACK to a description (RFC 3262 section 3); for simplicity to any.
    pub(super) fn must_wait(&self) -> bool {
        matches!(self, Self::Waiting(_))
    }

    pub(super) fn told(&self) -> Option<Told> {
        match self {
            Self::Described(description) => Some(Told::Only(description.clone())),
            Self::Acknowledged { described: true } => Some(Told::Agreed),
            Self::Plain | Self::Waiting(_) | Self::Acknowledged { described: false } => None,
        }
    }
}

impl LineCall {
    /// A phone calls a line. `None` if it was refused at once.
    pub(super) fn ringing(
        now: Instant,
        wire: &mut Wire,
        (call, line): (CallKey, Line),
        (key, from): (ServerKey, Peer),
        invite: Request,
        times: &LineTimes,
    ) -> Option<Self> {
        let tag = wire.token();
        let Some(dialog) = Dialog::from_request(&invite, &tag) else {
            wire.refuse(now, key, &invite, 400);
            return None;
        };
        if let Some(refusal) = unacceptable(&invite, &tag, line) {
            wire.respond(now, key, &refusal);
            return None;
        }
        let until = match line.meeting(times) {
            Meeting::Ring(time) | Meeting::Nobody(time) | Meeting::Early(time) => now + time,
            Meeting::Refuse(code) => {
                wire.respond(now, key, &invite.respond(code, Some(&tag)));
                return None;
            }
            Meeting::Elsewhere(number) => {
                let mut moved = invite.respond(302, Some(&tag));
                moved
                    .headers
                    .push("Contact", parley_sip::NameAddr::new(wire.uri(number)));
                wire.respond(now, key, &moved);
                return None;
            }
        };
        let caller = invite.headers.from().and_then(|from| from.uri.user());
        let stage = Stage::Ringing {
            invite: Box::new(invite),
            key,
            from,
            dialog: Box::new(dialog),
            early: Early::Plain,
            until,
        };
        let mut ringing = Self::new(call, line, caller.unwrap_or_default(), stage);
        wire.media(MediaOrder::Reserve(MediaId(call.0)));
        let at_once = until == now;
        if !at_once && !matches!(line.meeting(times), Meeting::Early(_)) {
            ringing.provisional(now, wire, 180, None);
        }
        Some(ringing)
    }

    /// The sockets are there: a line that plays before it answers does so now.
    pub(super) fn play_early(&mut self, now: Instant, wire: &mut Wire) {
        let Stage::Ringing { invite, .. } = &self.stage else {
            return;
        };
        if self.line != Line::EarlyMedia {
            return;
        }
        let offer = invite.body.clone();
        // Without an offer only a reliable answer may make one (RFC 3262 section 5).
        if offer.is_empty() && !supports(invite) {
            return self.provisional(now, wire, 180, None);
        }
        let Some((description, audio)) = self.describe(&offer) else {
            return;
        };
        if let Some(audio) = audio {
            self.run(wire, &audio);
        }
        self.provisional(now, wire, 183, Some((description, audio.is_none())));
    }

    /// Sends a provisional answer, reliably where the caller requires it or where it matters.
    fn provisional(&mut self, now: Instant, wire: &mut Wire, code: u16, description: Option<(Vec<u8>, bool)>) {
        let Stage::Ringing {
            invite,
            key,
            from,
            dialog,
            early,
            ..
        } = &mut self.stage
        else {
            return;
        };
        let mut response = invite.respond(code, Some(&dialog.id.local_tag));
        response.headers.push("Contact", contact(wire, invite, *from));
        response.headers.push("Allow", super::ALLOW);
        let requires = invite.headers.require().contains(&"100rel");
        let reliable = requires || (description.is_some() && supports(invite));
        let offered = description.as_ref().is_some_and(|(_, offered)| *offered);
        if let Some((description, _)) = &description {
            response.set_body("application/sdp", description.clone());
        }
        if reliable {
            let rseq = 1;
            response.headers.push("Require", "100rel");
            response.headers.push("RSeq", rseq);
            *early = Early::Waiting(Box::new(Reliable {
                rseq,
                response: response.clone(),
                again: now + T1,
                interval: T1,
                give_up: now + GIVE_UP,
                described: description.is_some(),
                offered,
            }));
        } else if let Some((description, _)) = description {
            *early = Early::Described(description);
        }
        wire.respond(now, *key, &response);
    }

    /// PRACK (RFC 3262 section 3): only for the answer that waits.
    pub(super) fn pracked(&mut self, now: Instant, wire: &mut Wire, key: ServerKey, prack: &Request) {
        let Stage::Ringing { invite, early, .. } = &mut self.stage else {
            return wire.refuse(now, key, prack, 481);
        };
        let invited = invite.headers.cseq().map_or(0, |cseq| cseq.number);
        let Early::Waiting(reliable) = early else {
            return wire.refuse(now, key, prack, 481);
        };
        if prack.headers.get("RAck").map(words) != Some(words(&format!("{} {invited} INVITE", reliable.rseq))) {
            return wire.refuse(now, key, prack, 481);
        }
        let (described, offered) = (reliable.described, reliable.offered);
        *early = Early::Acknowledged { described };
        let mut ok = prack.respond(200, None);
        let body = prack.body.as_slice();
        let answered = if body.is_empty() {
            None
        } else if offered {
            self.media.session().and_then(|session| session.accept(body))
        } else {
            // A new offer in the PRACK is answered in its 200 (section 5).
            let described = self.describe(body);
            if let Some((answer, _)) = &described {
                ok.set_body("application/sdp", answer.clone());
            }
            described.and_then(|(_, audio)| audio)
        };
        if let Some(audio) = answered {
            self.run(wire, &audio);
        }
        wire.respond(now, key, &ok);
    }

    /// The CANCEL of the INVITE; it was answered already.
    pub(super) fn cancelled(&mut self, now: Instant, wire: &mut Wire) {
        self.refuse_ringing(now, wire, 487);
    }

    pub(super) fn refuse_ringing(&mut self, now: Instant, wire: &mut Wire, code: u16) {
        if let Stage::Ringing {
            invite, key, dialog, ..
        } = &self.stage
        {
            wire.respond(now, *key, &invite.respond(code, Some(&dialog.id.local_tag)));
            self.gone(wire);
        }
    }
}

/// Why a line cannot take a call like this, as the answer to it.
fn unacceptable(invite: &Request, tag: &str, line: Line) -> Option<Response> {
    let unknown: Vec<&str> = invite
        .headers
        .require()
        .into_iter()
        .filter(|option| KNOWN.iter().all(|known| !known.eq_ignore_ascii_case(option)))
        .collect();
    if !unknown.is_empty() {
        let mut refusal = invite.respond(420, Some(tag));
        refusal.headers.push("Unsupported", unknown.join(", "));
        return Some(refusal);
    }
    if let Some(refusal) = session_timer::too_brief(invite, tag) {
        return Some(refusal);
    }
    (!invite.body.is_empty() && !sdp::is_acceptable(&invite.body, line == Line::Echo))
        .then(|| invite.respond(488, Some(tag)))
}

fn supports(invite: &Request) -> bool {
    invite.headers.supports("100rel") || invite.headers.require().contains(&"100rel")
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_ascii_uppercase).collect()
}
