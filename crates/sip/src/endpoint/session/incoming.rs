//! Calls that come in (RFC 3261 section 13.3).

use std::time::{Duration, Instant};

use crate::dialog::Dialog;
use crate::transaction::ServerKey;
use crate::{Request, Response};

use super::super::timers::{Alarm, RING_AGAIN, RING_LIMIT};
use super::super::{AccountId, EndCause, Endpoint, Event, Flow, SessionId};
use super::describe::describe;
use super::leg::{Ask, Change, Leg};
use super::reliable::Reliable;
use super::{Invited, Session, State, Unacked, Up};

impl Endpoint {
    /// An INVITE outside of any call: 100 at once, then it is up to those above.
    pub(in crate::endpoint) fn invited(
        &mut self,
        now: Instant,
        key: ServerKey,
        flow: Flow,
        request: Request,
        account: AccountId,
        trusted: bool,
    ) {
        self.layer.respond(now, key, &request.respond(100, None));
        // One that takes the place of another adds none.
        if self.sessions.len() >= self.config.max_sessions && !request.headers.has("Replaces") {
            self.counts.overflow += 1;
            return self.answer(now, key, &request, 486);
        }
        if self.refuse_body(now, key, &request)
            || self.refuse_accept(now, key, &request)
            || self.refuse_short_session(now, key, &request)
        {
            return;
        }
        let believed = self
            .accounts
            .get(&account)
            .is_some_and(|account| account.config.trust_identity);
        let asserts = trusted && believed;
        let local_tag = self.token();
        let (Some(dialog), Some(mut invite)) = (
            Dialog::from_request(&request, &local_tag),
            describe(&request, &flow, asserts),
        ) else {
            return self.answer(now, key, &request, 400);
        };
        invite.replaces = match self.replaced_by(account, &request) {
            Ok(replaced) => replaced,
            Err(code) => return self.answer(now, key, &request, code),
        };
        let id = SessionId(self.new_id());
        let contact = Some(self.call_contact(account, &flow));
        let call_id = dialog.id.call_id.clone();
        self.by_dialog.insert((call_id.clone(), local_tag.clone()), id);
        let patience = request
            .headers
            .expires()
            .map_or(RING_LIMIT, |s| Duration::from_secs(s.into()).min(RING_LIMIT));
        self.alarms.set(Alarm::RingEnd(id), now + patience);
        let mut leg = Leg::new(dialog, Change::Owing);
        leg.remote_sdp.clone_from(&invite.sdp);
        leg.learn(&request.headers);
        let state = State::Invited(Box::new(Invited {
            invite: key,
            request,
            leg,
            rung: None,
            reliable: Reliable::new(self.rng.next_u32()),
            accepting: None,
            replaces: invite.replaces,
        }));
        self.sessions.insert(
            id,
            Session {
                account,
                call_id,
                local_tag,
                flow: Some(flow),
                contact,
                local: Some(flow.local.ip()),
                moving: None,
                hidden: false,
                state,
            },
        );
        self.event(Event::Incoming {
            session: id,
            account,
            invite,
        });
    }

    /// 415 for a body that is no session description. `true` when that was the answer.
    pub(super) fn refuse_body(&mut self, now: Instant, key: ServerKey, request: &Request) -> bool {
        let plain = request
            .headers
            .get("Content-Encoding")
            .is_none_or(|coding| coding.eq_ignore_ascii_case("identity"));
        if request.body.is_empty() || (plain && request.sdp().is_some()) {
            return false;
        }
        let mut response = self.answer_to(request, 415);
        response.headers.push("Accept", "application/sdp");
        response.headers.push("Accept-Encoding", "identity");
        self.layer.respond(now, key, &response);
        true
    }

    /// 406 for a caller that takes no session description in an answer (RFC 3261 sections 8.2.3 and 20.1). `true` when that was
    /// the answer.
    fn refuse_accept(&mut self, now: Instant, key: ServerKey, request: &Request) -> bool {
        let takes = |range: &str| {
            let name = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            ["application/sdp", "application/*", "*/*"].contains(&name.as_str())
        };
        let accepted = request.headers.accept();
        if !request.headers.has("Accept") || accepted.into_iter().any(takes) {
            return false;
        }
        self.answer(now, key, request, 406);
        true
    }

    /// Sends 180 Ringing.
    pub fn ring(&mut self, now: Instant, session: SessionId) {
        self.provisional(now, session, 180, None);
        self.pump(now);
    }

    /// Sends 183 Session Progress with early media.
    pub fn progress(&mut self, now: Instant, session: SessionId, sdp: Vec<u8>) {
        self.provisional(now, session, 183, Some(sdp));
        self.pump(now);
    }

    pub(in crate::endpoint) fn ring_again(&mut self, now: Instant, id: SessionId) {
        let Some(Session {
            state: State::Invited(invited),
            ..
        }) = self.sessions.get(&id)
        else {
            return;
        };
        let Some(rung) = &invited.rung else { return };
        if rung.headers.has("RSeq") {
            return self.provisional(now, id, rung.code(), None);
        }
        self.layer.respond(now, invited.invite, rung);
        self.alarms.set(Alarm::RingAgain(id), now + RING_AGAIN);
    }

    pub(in crate::endpoint) fn ring_end(&mut self, now: Instant, id: SessionId) {
        let Some(Session {
            state: State::Invited(invited),
            local_tag,
            ..
        }) = self.sessions.get(&id)
        else {
            return;
        };
        // The caller's own patience, or ours (RFC 3261 section 13.3.1).
        let code = if invited.request.headers.expires().is_some() {
            487
        } else {
            480
        };
        let response = invited.request.respond(code, Some(local_tag));
        self.layer.respond(now, invited.invite, &response);
        self.finish(now, id, EndCause::Cancelled { elsewhere: false });
    }

    /// Answers an incoming call: 200 with the answer (or the offer, if the INVITE had none).
    pub fn accept(&mut self, now: Instant, session: SessionId, sdp: Vec<u8>) {
        self.accept_call(now, session, sdp);
        self.pump(now);
    }

    pub(super) fn accept_call(&mut self, now: Instant, id: SessionId, sdp: Vec<u8>) {
        let Some(Session {
            state: State::Invited(invited),
            local_tag,
            contact,
            ..
        }) = self.sessions.get_mut(&id)
        else {
            return;
        };
        if invited.reliable.holds_back_2xx() {
            invited.accepting = Some(sdp);
            return;
        }
        let mut leg = invited.leg.take();
        let (invite, request) = (invited.invite, invited.request.clone());
        let (unpracked, replaces) = (invited.reliable.open(), invited.replaces);
        let mut response = request.respond(200, Some(local_tag));
        if let Some(contact) = contact {
            response.headers.push("Contact", contact);
        }
        let offered = request.sdp().is_some();
        // What a reliable provisional answer said is not said again (RFC 3261 section 13.2.1).
        let said = matches!(leg.change, Change::Owing).then(|| {
            leg.change = if offered { Change::Settled } else { Change::Offering };
            leg.local_sdp.clone_from(&sdp);
            sdp
        });
        let owes_answer = matches!(leg.change, Change::Offering);
        let timer = self.agree_on_refresh(&request, &mut response);
        self.complete(&mut response, said);
        let unacked = Unacked::new(invite, response, &request, true, owes_answer);
        if let Some(session) = self.sessions.get_mut(&id) {
            session.state = State::Up(Box::new(Up {
                unpracked,
                ..Up::new(leg)
            }));
        }
        for alarm in [
            Alarm::RingAgain(id),
            Alarm::RingEnd(id),
            Alarm::RepeatReliable(id),
            Alarm::NoPrack(id),
        ] {
            self.alarms.cancel(alarm);
        }
        self.send_2xx(now, id, unacked);
        self.set_session_timer(now, id, timer);
        if let Some(replaced) = replaces {
            self.end_by_us(now, replaced, None, EndCause::Replaced);
        }
    }

    /// What every 2xx to an INVITE carries.
    pub(super) fn complete(&self, response: &mut Response, sdp: Option<Vec<u8>>) {
        self.capabilities(&mut response.headers);
        if !self.config.user_agent.is_empty() {
            response.headers.push("Server", &self.config.user_agent);
        }
        if let Some(sdp) = sdp {
            response.set_body("application/sdp", sdp);
        }
    }

    /// Declines an incoming call with a status code from 300 to 699. [`Event::Ended`] follows.
    pub fn reject(&mut self, now: Instant, session: SessionId, code: u16, reason: Option<&str>) {
        let code = if (300..700).contains(&code) { code } else { 603 };
        self.refuse_invite(now, session, code, reason, &[]);
        self.pump(now);
    }

    pub(super) fn refuse_invite(
        &mut self,
        now: Instant,
        id: SessionId,
        code: u16,
        reason: Option<&str>,
        extra: &[(&'static str, String)],
    ) {
        let Some(Session {
            state: State::Invited(invited),
            local_tag,
            ..
        }) = self.sessions.get(&id)
        else {
            return;
        };
        let mut response = invited.request.respond(code, Some(local_tag));
        if let Some(reason) = reason {
            response.reason = reason.to_owned();
        }
        for (name, value) in extra {
            response.headers.push(*name, value);
        }
        self.layer.respond(now, invited.invite, &response);
        self.finish(now, id, EndCause::Declined);
    }

    pub(super) fn answer_invite(
        &mut self,
        now: Instant,
        tag: &str,
        invited: &Invited,
        code: u16,
        reason: Option<&str>,
    ) {
        let mut response = invited.request.respond(code, Some(tag));
        if let Some(reason) = reason {
            response.reason = reason.to_owned();
        }
        self.layer.respond(now, invited.invite, &response);
    }

    /// Our tag in the answers to an INVITE.
    pub(in crate::endpoint) fn tag_for(&self, invite: ServerKey) -> Option<String> {
        let session = self.sessions.values().find(|session| match &session.state {
            State::Invited(invited) => invited.invite == invite,
            State::Up(up) => {
                let asked = matches!(&up.leg.change, Change::Asked(Ask::Request { key, .. }) if *key == invite);
                asked || up.unacked.as_ref().is_some_and(|unacked| unacked.invite == invite)
            }
            State::Leaving(leaving) => leaving.unacked.invite == invite,
            _ => false,
        });
        session.map(|session| session.local_tag.clone())
    }

    /// The caller gave up before we answered.
    pub(in crate::endpoint) fn invite_cancelled(&mut self, now: Instant, invite: ServerKey, elsewhere: bool) {
        let ringing = self.sessions.iter().find_map(|(id, session)| match &session.state {
            State::Invited(invited) if invited.invite == invite => Some((*id, true)),
            State::Up(up) => match &up.leg.change {
                Change::Asked(Ask::Request { key, .. }) if *key == invite => Some((*id, false)),
                _ => None,
            },
            _ => None,
        });
        match ringing {
            Some((id, true)) => {
                if let Some(Session {
                    state: State::Invited(invited),
                    local_tag,
                    ..
                }) = self.sessions.get(&id)
                {
                    let response = invited.request.respond(487, Some(local_tag));
                    self.layer.respond(now, invite, &response);
                }
                self.finish(now, id, EndCause::Cancelled { elsewhere });
            }
            Some((id, false)) => self.reinvite_cancelled(now, id),
            None => {}
        }
    }
}
