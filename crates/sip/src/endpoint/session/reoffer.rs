//! Changing the session description, whatever carries it: offers of ours and of the far end, and glare between them.
//! The table stands above [`Change`].

use std::time::{Duration, Instant};

use crate::{Method, Response};

use super::super::timers::{ANSWER_DUE, Alarm};
use super::super::{EarlyDialog, EndCause, Endpoint, Event, Reason, Refused, SessionId};
use super::State;
use super::leg::{Ask, Change, Glare, Leg, Offer};

/// How often an offer is made again that the far end could not take just then.
const MOST_TRIES: u8 = 8;
/// What cannot be done just now is tried again after this.
const SOON: Duration = Duration::from_millis(500);
/// The longest time a far end may ask us to wait before it is offered again what it could not take.
const LONGEST_PAUSE: u32 = 10;

impl Endpoint {
    /// Offers a change of the session (hold, resume, new address): with a re-INVITE, or with UPDATE where the call is
    /// early. [`Event::ReofferAccepted`] or [`Event::ReofferRefused`] follows; glare (491) is retried within (RFC 3261
    /// section 14.1). An early call takes it once both ends agreed on a description, and its far end takes UPDATE.
    pub fn reoffer(&mut self, now: Instant, session: SessionId, sdp: Vec<u8>) -> Result<(), Refused> {
        let known = self.sessions.get_mut(&session).ok_or(Refused::NoSuchSession)?;
        let (leg, early) = match &mut known.state {
            State::Up(up) => (&mut up.leg, up.unacked.is_some()),
            State::Invited(invited) if invited.reliable.open().is_some() => return Err(Refused::Pending),
            State::Invited(invited) => (&mut invited.leg, true),
            State::Calling(calling) => {
                let talking = calling.early.iter_mut().rev().find(|leg| !leg.is_open());
                (talking.ok_or(Refused::WrongState)?, true)
            }
            State::Reaching(_) | State::OfferDue(_) => return Err(Refused::WrongState),
            State::Leaving(_) => return Err(Refused::NoSuchSession),
        };
        if leg.glare.is_some() || !matches!(leg.change, Change::Settled | Change::OfferDue) {
            return Err(if leg.is_open() {
                Refused::WrongState
            } else {
                Refused::Pending
            });
        }
        if early && !leg.updates {
            return Err(match known.state {
                State::Up(_) => Refused::Pending,
                _ => Refused::NotSupported,
            });
        }
        let tag = leg.dialog.id.remote_tag.clone();
        self.send_offer(now, session, &tag, Offer::new(sdp));
        self.pump(now);
        Ok(())
    }

    /// The offer for a new address of ours.
    pub(super) fn offer_again(&mut self, now: Instant, id: SessionId, sdp: Vec<u8>) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        if let Some(leg) = session.find_leg(|leg| matches!(leg.change, Change::OfferDue)) {
            let tag = leg.dialog.id.remote_tag.clone();
            self.send_offer(now, id, &tag, Offer::new(sdp));
        }
    }

    pub(super) fn send_offer(&mut self, now: Instant, id: SessionId, tag: &str, offer: Offer) {
        match self.up_mut(id) {
            Some(up) if up.unacked.is_none() => self.send_reinvite(now, id, offer),
            // Two INVITEs may not be under way at once (RFC 3261 section 14.1), and UPDATE is not known there.
            Some(up) if !up.leg.updates => {
                up.leg.change = Change::Settled;
                up.leg.glare = Some(Glare {
                    offer,
                    overtaken: false,
                });
                self.alarms.set(Alarm::Glare(id), now + SOON);
            }
            _ => self.send_update(now, id, tag, Some(offer)),
        }
    }

    /// The final answer to an offer of ours.
    pub(super) fn offer_answered(&mut self, now: Instant, id: SessionId, tag: &str, by: &Method, response: &Response) {
        let up = self.up_mut(id).is_some();
        let Some(leg) = self.leg_mut(id, tag) else { return };
        let Change::Sent(mut offer) = std::mem::replace(&mut leg.change, Change::Settled) else {
            return;
        };
        match response.code() {
            200..=299 => {
                let sdp = offer.answer.take().or_else(|| response.sdp().map(<[u8]>::to_vec));
                let news = sdp.is_some() && sdp != leg.remote_sdp;
                leg.agree(offer.sdp, sdp.clone());
                leg.learn(&response.headers);
                self.follows(id);
                self.refreshed_by_us(now, id, response);
                if !offer.refresh || news {
                    self.event(Event::ReofferAccepted { session: id, sdp });
                }
            }
            491 if offer.tries < MOST_TRIES => {
                let pause = self.pause_after_glare(id, tag);
                self.offer_later(now, id, tag, offer, pause);
            }
            // The far end had an offer of its own open (RFC 3261 section 14.2, RFC 3311 section 5.2).
            500 | 503 if offer.tries < MOST_TRIES && pause_asked(response).is_some() => {
                let pause = pause_asked(response).unwrap_or_default();
                self.offer_later(now, id, tag, offer, pause);
            }
            405 | 501 if up && *by == Method::Update => {
                leg.updates = false;
                self.send_offer(now, id, tag, offer);
            }
            // RFC 3261 section 12.2.1.2: the far end knows no such call, or is gone.
            408 | 481 if up => self.end_by_us(now, id, None, EndCause::Lost),
            422 if self.refresh_for_longer(now, id, response) => self.send_offer(now, id, tag, offer),
            _ if offer.refresh => self.refresh_refused(now, id),
            code => {
                self.stays(now, id);
                self.event(Event::ReofferRefused { session: id, code });
            }
        }
    }

    /// No answer to an offer of ours; `lost` when it was sent.
    pub(super) fn offer_failed(&mut self, now: Instant, id: SessionId, tag: &str, lost: bool) {
        let up = self.up_mut(id).is_some();
        let Some(leg) = self.leg_mut(id, tag) else { return };
        let Change::Sent(offer) = std::mem::replace(&mut leg.change, Change::Settled) else {
            return;
        };
        match lost {
            true if up => self.end_by_us(now, id, None, EndCause::Lost),
            // No way there just now; the session itself goes on, and media may well flow.
            _ if offer.refresh => self.refresh_refused(now, id),
            _ => {
                let code = if lost { 408 } else { 503 };
                self.stays(now, id);
                self.event(Event::ReofferRefused { session: id, code });
            }
        }
    }

    /// We no longer wait for the answer to an offer of ours.
    pub(super) fn offer_withdrawn(&mut self, now: Instant, id: SessionId, tag: &str) {
        let Some(leg) = self.leg_mut(id, tag) else { return };
        match std::mem::replace(&mut leg.change, Change::Settled) {
            Change::Sent(offer) if offer.refresh => self.refresh_refused(now, id),
            _ => {
                self.stays(now, id);
                self.event(Event::ReofferRefused { session: id, code: 408 });
            }
        }
    }

    fn offer_later(&mut self, now: Instant, id: SessionId, tag: &str, mut offer: Offer, pause: Duration) {
        let Some(leg) = self.leg_mut(id, tag) else { return };
        offer.tries += 1;
        (offer.answer, offer.heard_of) = (None, false);
        leg.glare = Some(Glare {
            offer,
            overtaken: false,
        });
        self.alarms.set(Alarm::Glare(id), now + pause);
    }

    /// RFC 3261 section 14.1: who owns the Call-ID waits longer, so that the next attempts do not meet again.
    fn pause_after_glare(&mut self, id: SessionId, tag: &str) -> Duration {
        let lot = self.chance();
        let ours = self.leg_mut(id, tag).is_some_and(|leg| leg.dialog.we_called);
        let (least, range) = if ours { (2100, 190) } else { (0, 200) };
        Duration::from_millis(least + 10 * (lot * f64::from(range)).round() as u64)
    }

    pub(in crate::endpoint) fn after_glare(&mut self, now: Instant, id: SessionId) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let Some(leg) = session.find_leg(|leg| leg.glare.is_some()) else {
            return;
        };
        if !leg.is_settled() {
            self.alarms.set(Alarm::Glare(id), now + SOON);
            return;
        }
        let tag = leg.dialog.id.remote_tag.clone();
        match leg.glare.take() {
            Some(Glare {
                offer: Offer { refresh: false, .. },
                overtaken: true,
            }) => self.want_offer(id, &tag),
            // A refresh was only to show that we are there; what the far end asked meanwhile was answered.
            Some(Glare { overtaken: true, .. }) | None => {}
            Some(Glare { offer, .. }) => self.send_offer(now, id, &tag, offer),
        }
    }

    /// Asks those above for a fresh offer.
    pub(super) fn want_offer(&mut self, id: SessionId, tag: &str) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let home = self.accounts.get(&session.account).and_then(|account| account.flow);
        let Some(local) = session.flow.or(home).map(|flow| flow.local.ip()) else {
            return;
        };
        session.local = Some(local);
        if let Some(leg) = session.leg(tag) {
            leg.change = Change::OfferDue;
            self.event(Event::OfferWanted { session: id, local });
        }
    }

    /// Tells those above of an offer that must not wait for a person.
    pub(super) fn tell_offer(&mut self, now: Instant, id: SessionId, sdp: Option<Vec<u8>>) {
        self.alarms.set(Alarm::AnswerDue(id), now + ANSWER_DUE);
        self.event(Event::Reoffered { session: id, sdp });
    }

    /// Answers [`Event::Reoffered`].
    pub fn answer_reoffer(&mut self, now: Instant, session: SessionId, sdp: Vec<u8>) {
        self.accept_reoffer(now, session, sdp);
        self.pump(now);
    }

    pub(super) fn accept_reoffer(&mut self, now: Instant, id: SessionId, sdp: Vec<u8>) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let Some(leg) = session.find_leg(Leg::is_asked) else {
            return;
        };
        let tag = leg.dialog.id.remote_tag.clone();
        let Change::Asked(ask) = std::mem::replace(&mut leg.change, Change::Settled) else {
            return;
        };
        self.alarms.cancel(Alarm::AnswerDue(id));
        if let Some(glare) = leg.glare.as_mut().filter(|_| leg.local_sdp != sdp) {
            glare.overtaken = true;
        }
        leg.local_sdp.clone_from(&sdp);
        let (dialog, heard) = (leg.dialog.clone(), leg.remote_sdp.clone());
        match ask {
            Ask::Request { key, request } if request.method == Method::Invite => {
                self.accept_reinvite(now, id, key, &request, sdp);
            }
            Ask::Request { key, request } => self.accept_update(now, id, &tag, key, &request, Some(sdp)),
            Ask::Prack { cseq, rseq } => self.send_prack(now, id, &tag, (cseq, rseq), Some(sdp)),
            Ask::Ack { invite } => {
                self.send_ack(now, invite, &dialog, Some(sdp));
                self.event(Event::Answered {
                    session: id,
                    sdp: heard,
                    dialog: EarlyDialog(tag),
                });
            }
        }
    }

    /// Refuses [`Event::Reoffered`]: the session stays as it was. A call without any description yet ends.
    pub fn refuse_reoffer(&mut self, now: Instant, session: SessionId, code: u16) {
        let code = if (300..700).contains(&code) { code } else { 488 };
        self.end_reoffer(now, session, code);
        self.pump(now);
    }

    /// Nobody answered an offer in time: RFC 3311 section 5.2 has a code for that.
    pub(in crate::endpoint) fn answer_due(&mut self, now: Instant, id: SessionId) {
        self.end_reoffer(now, id, 504);
    }

    pub(super) fn reinvite_cancelled(&mut self, now: Instant, id: SessionId) {
        self.end_reoffer(now, id, 487);
        self.event(Event::ReofferRefused { session: id, code: 487 });
    }

    fn end_reoffer(&mut self, now: Instant, id: SessionId, code: u16) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let Some(leg) = session.find_leg(Leg::is_asked) else {
            return;
        };
        if let Change::Asked(Ask::Request { .. }) = leg.change {
            self.alarms.cancel(Alarm::AnswerDue(id));
            if let Change::Asked(Ask::Request { key, request }) = std::mem::replace(&mut leg.change, Change::Settled) {
                self.answer(now, key, &request, code);
            }
        } else {
            let cause = EndCause::Rejected {
                code: 488,
                reason: crate::reason_phrase(488).to_owned(),
                warning: None,
            };
            self.end_by_us(now, id, Some(Reason::sip(488, "Not Acceptable Here")), cause);
        }
    }
}

impl Leg {
    /// Whether its first offer has no answer yet.
    fn is_open(&self) -> bool {
        matches!(self.change, Change::Owing | Change::Offering)
    }

    pub(super) fn is_asked(&self) -> bool {
        matches!(self.change, Change::Asked(_))
    }
}

/// The pause a far end asks for, if it is one that a person would not notice.
pub(super) fn pause_asked(response: &Response) -> Option<Duration> {
    let seconds = response
        .headers
        .retry_after()
        .filter(|seconds| *seconds <= LONGEST_PAUSE)?;
    Some(Duration::from_secs(seconds.max(1).into()))
}
