//! Provisional answers of ours that must arrive (RFC 3262 section 3).
//!
//! ```text
//! on                                 does
//! 101-199 to an INVITE that requires sends it with RSeq, again after T1, 2*T1, … until PRACK
//! 100rel, or that can and there is a
//! description in it
//! another before the PRACK           keeps it until then
//! PRACK with the RSeq                200 (or Reoffered, when it brings an offer), sends what was kept
//! PRACK with another RSeq            481
//! no PRACK for 64*T1                 504 to the INVITE
//! 2xx, description not acknowledged  waits for the PRACK
//! 2xx otherwise                      is sent; the PRACK may still come
//! ```

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::parse::tokens::number;
use crate::transaction::{GIVE_UP, ServerKey, T1};
use crate::{Method, Request, Response};

use super::super::timers::Alarm;
use super::super::{EndCause, Endpoint, Event, SessionId};
use super::leg::{Ask, Change};
use super::{Invited, Session, State};

/// Provisional answers kept until the one before has arrived: of more, the latest are the news.
const MOST_WAITING: usize = 4;

/// The reliable provisional answers of one incoming call.
#[derive(Debug)]
pub(super) struct Reliable {
    /// The RSeq of the next.
    next: u32,
    unacknowledged: Option<Unacknowledged>,
    waiting: VecDeque<(u16, Option<Vec<u8>>)>,
}

#[derive(Debug)]
struct Unacknowledged {
    response: Response,
    rseq: u32,
    interval: Duration,
}

impl Reliable {
    /// Starts to count at a number from outside (section 3: between 1 and 2^31 - 1).
    pub(super) fn new(lot: u32) -> Self {
        Self {
            next: (lot >> 2).max(1),
            unacknowledged: None,
            waiting: VecDeque::new(),
        }
    }

    /// Whether a description of ours may not have arrived: a 2xx has to wait.
    pub(super) fn holds_back_2xx(&self) -> bool {
        let open = self.unacknowledged.as_ref();
        open.is_some_and(|open| !open.response.body.is_empty())
    }

    /// The RSeq that may still be acknowledged after the 2xx.
    pub(super) fn open(&self) -> Option<u32> {
        self.unacknowledged.as_ref().map(|open| open.rseq)
    }
}

impl Invited {
    /// Whether a provisional answer goes out reliably.
    fn is_reliable(&self, describes: bool) -> bool {
        let headers = &self.request.headers;
        let requires = headers.require().iter().any(|tag| tag.eq_ignore_ascii_case("100rel"));
        requires || (describes && headers.supports("100rel"))
    }
}

impl Endpoint {
    /// Sends a provisional answer, reliably if it has to be.
    pub(super) fn provisional(&mut self, now: Instant, id: SessionId, code: u16, sdp: Option<Vec<u8>>) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let State::Invited(invited) = &mut session.state else {
            return;
        };
        let reliable = invited.is_reliable(sdp.is_some());
        if reliable && invited.reliable.unacknowledged.is_some() {
            if invited.reliable.waiting.len() >= MOST_WAITING {
                invited.reliable.waiting.pop_front();
            }
            invited.reliable.waiting.push_back((code, sdp));
            return;
        }
        let offered = invited.request.sdp().is_some();
        let owing = matches!(invited.leg.change, Change::Owing);
        // What is agreed is not said again, and an offer that may get lost is none.
        let sdp = sdp.filter(|_| owing && (reliable || offered));
        let mut response = invited.request.respond(code, Some(&session.local_tag));
        if let Some(contact) = &session.contact {
            response.headers.push("Contact", contact);
        }
        if let Some(sdp) = sdp {
            response.set_body("application/sdp", sdp.clone());
            if reliable {
                invited.leg.local_sdp = sdp;
                invited.leg.change = if offered { Change::Settled } else { Change::Offering };
            }
        }
        if reliable {
            let rseq = invited.reliable.next;
            invited.reliable.next += 1;
            response.headers.push("Require", "100rel");
            response.headers.push("RSeq", rseq);
        }
        let invite = invited.invite;
        self.capabilities(&mut response.headers);
        self.layer.respond(now, invite, &response);
        self.alarms
            .set(Alarm::RingAgain(id), now + super::super::timers::RING_AGAIN);
        if reliable {
            self.alarms.set(Alarm::RepeatReliable(id), now + T1);
            self.alarms.set(Alarm::NoPrack(id), now + GIVE_UP);
        }
        if let Some(Session {
            state: State::Invited(invited),
            ..
        }) = self.sessions.get_mut(&id)
        {
            if reliable {
                invited.reliable.unacknowledged = Some(Unacknowledged {
                    response: response.clone(),
                    rseq: invited.reliable.next - 1,
                    interval: T1,
                });
            }
            invited.rung = Some(response);
        }
    }

    pub(in crate::endpoint) fn repeat_reliable(&mut self, now: Instant, id: SessionId) {
        let Some(Session {
            state: State::Invited(invited),
            ..
        }) = self.sessions.get_mut(&id)
        else {
            return;
        };
        let invite = invited.invite;
        let Some(open) = &mut invited.reliable.unacknowledged else {
            return;
        };
        open.interval *= 2;
        self.alarms.set(Alarm::RepeatReliable(id), now + open.interval);
        self.layer.respond(now, invite, &open.response);
    }

    pub(in crate::endpoint) fn no_prack(&mut self, now: Instant, id: SessionId) {
        if let Some(Session {
            state: State::Invited(invited),
            local_tag,
            ..
        }) = self.sessions.get(&id)
        {
            let response = invited.request.respond(504, Some(local_tag));
            self.layer.respond(now, invited.invite, &response);
            self.finish(now, id, EndCause::Timeout);
        }
    }

    /// PRACK: one of our provisional answers arrived.
    pub(super) fn pracked(&mut self, now: Instant, id: SessionId, key: ServerKey, request: Request) {
        let Some((rseq, cseq)) = acknowledged_by(&request) else {
            return self.answer(now, key, &request, 400);
        };
        match self.sessions.get_mut(&id).map(|session| &mut session.state) {
            Some(State::Invited(invited)) => {
                let ours = invited.request.headers.cseq().map(|cseq| cseq.number) == Some(cseq);
                if !ours || invited.reliable.open() != Some(rseq) {
                    return self.answer(now, key, &request, 481);
                }
                invited.reliable.unacknowledged = None;
                self.alarms.cancel(Alarm::RepeatReliable(id));
                self.alarms.cancel(Alarm::NoPrack(id));
            }
            // It crossed our 2xx (section 3).
            Some(State::Up(up)) if up.unpracked == Some(rseq) => {
                up.unpracked = None;
                return self.answer(now, key, &request, 200);
            }
            _ => return self.answer(now, key, &request, 481),
        }
        self.take_prack(now, id, key, request);
        let Some(Session {
            state: State::Invited(invited),
            ..
        }) = self.sessions.get_mut(&id)
        else {
            return;
        };
        if let Some(sdp) = invited.accepting.take() {
            self.accept_call(now, id, sdp);
        } else if let Some((code, sdp)) = invited.reliable.waiting.pop_front() {
            self.provisional(now, id, code, sdp);
        }
    }

    /// What the PRACK says about the session description (RFC 3262 section 5).
    fn take_prack(&mut self, now: Instant, id: SessionId, key: ServerKey, request: Request) {
        let sdp = request.sdp().map(<[u8]>::to_vec);
        let Some(Session {
            state: State::Invited(invited),
            ..
        }) = self.sessions.get_mut(&id)
        else {
            return;
        };
        let leg = &mut invited.leg;
        match (&leg.change, sdp) {
            (_, None) => self.answer(now, key, &request, 200),
            (Change::Offering, Some(sdp)) => {
                let local = std::mem::take(&mut leg.local_sdp);
                leg.agree(local, Some(sdp.clone()));
                self.answer(now, key, &request, 200);
                self.event(Event::ReofferAccepted {
                    session: id,
                    sdp: Some(sdp),
                });
            }
            (Change::Settled, Some(sdp)) => {
                let request = Box::new(request);
                leg.change = Change::Asked(Ask::Request { key, request });
                self.tell_offer(now, id, Some(sdp));
            }
            // An offer into one that is open.
            (_, Some(_)) => self.answer(now, key, &request, 491),
        }
    }
}

/// RSeq and CSeq of the provisional answer that a PRACK acknowledges.
fn acknowledged_by(request: &Request) -> Option<(u32, u32)> {
    let mut words = request.headers.get("RAck")?.split_whitespace();
    let (rseq, cseq) = (number(words.next()?)?, number(words.next()?)?);
    let method = words.next()?;
    (method == Method::Invite.as_str() && words.next().is_none()).then_some((rseq, cseq))
}
