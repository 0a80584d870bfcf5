//! What the SIP endpoint reports, in the switchboard's words.
use super::call::{Change, Reoffer, Then};
use super::encryption::{cannot_encrypt, cause};
use super::session::Session;
use super::{Core, words};
use parley_call::{CallId, Cause, Signal, TransferProgress};
use parley_sip::endpoint::{EndCause, Event, SessionId, TransferProgress as Transfer};
use parley_store::AccountId;
use std::net::IpAddr;

impl Core {
    pub(super) fn sip_event(&mut self, event: Event) {
        match event {
            Event::Registration { account, state } => {
                let (now, id) = (self.now, AccountId(account.0));
                if let Some(account) = self.account_mut(id) {
                    account.registration_changed(now, state);
                    self.changes.accounts.insert(id);
                    self.follow_reach(id);
                }
            }
            Event::Incoming {
                session,
                account,
                invite,
            } => self.incoming(session, AccountId(account.0), &invite),
            Event::OfferWanted { session, local } => self.with(session, |core, call| core.offer_wanted(call, local)),
            Event::Progress { session, code, sdp, .. } => {
                self.with(session, |core, call| core.progress(call, code, sdp.as_deref()))
            }
            Event::Answered { session, sdp, .. } => {
                self.with(session, |core, call| core.answered(call, sdp.as_deref()))
            }
            Event::Confirmed { session, sdp } => self.with(session, |core, call| core.confirmed(call, sdp.as_deref())),
            Event::Reoffered { session, sdp } => {
                self.with(session, |core, call| core.reoffered(call, session, sdp.as_deref()))
            }
            Event::ReofferAccepted { session, sdp } => {
                self.with(session, |core, call| core.reoffer_accepted(call, sdp.as_deref()))
            }
            Event::ReofferRefused { session, code } => {
                self.with(session, |core, call| core.reoffer_refused(call, code))
            }
            Event::Transfer { session, progress } => {
                self.with(session, |core, call| core.transfer_progress(call, progress))
            }
            Event::Key { session, signal } => self.with(session, |core, call| core.key_heard(call, signal)),
            Event::Referred { session, referral, .. } => self.referred(session, referral),
            Event::Ended { session, cause } => self.session_ended(session, &cause),
            event @ (Event::Subscription { .. }
            | Event::Notified { .. }
            | Event::MessagesWaiting { .. }
            | Event::Published { .. }
            | Event::MessageSent { .. }
            | Event::MessageReceived { .. }) => self.news(event),
        }
    }

    fn with(&mut self, session: SessionId, act: impl FnOnce(&mut Self, CallId)) {
        if let Some(call) = self.sessions.get(&session).copied() {
            act(self, call);
        }
    }

    pub(super) fn signal(&mut self, call: CallId, signal: Signal) {
        self.board.signal(self.now.instant, call, signal);
    }

    fn offer_wanted(&mut self, id: CallId, local: IpAddr) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let moved = call.sound.asked_on.is_some_and(|before| before != local);
        let first = call.answered.is_none();
        if moved {
            self.release_ports(id);
        }
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.sound.asked_on = Some(local);
        if !first {
            call.change.get_or_insert(Change::Moved);
        }
        self.prepare_sound(id, Then::Offer);
    }

    fn progress(&mut self, id: CallId, code: u16, sdp: Option<&[u8]>) {
        if sdp.is_some_and(|sdp| self.take_answer(id, sdp)) {
            self.tell(id, "The far end sends sound before it answers");
            self.signal(id, Signal::EarlyMedia);
        } else if code == 180 {
            self.tell(id, "Rings at the far end");
            self.signal(id, Signal::Ringing);
        } else {
            self.signal(id, Signal::Trying);
        }
    }

    fn answered(&mut self, id: CallId, sdp: Option<&[u8]>) {
        let agreed = match sdp {
            Some(sdp) => self.take_answer(id, sdp),
            // Nothing new: what the early dialog said holds.
            None => self.calls.get(&id).is_some_and(|call| call.sound.session.is_agreed()),
        };
        if !agreed {
            return self.end_without_sound(id);
        }
        let at = self.now.unix_ms;
        if let Some(call) = self.calls.get_mut(&id) {
            call.answered = Some(at);
        }
        self.tell(id, "Answered");
        self.signal(id, Signal::Answered);
    }

    fn confirmed(&mut self, id: CallId, sdp: Option<&[u8]>) {
        // The answer to an offer of ours comes with the ACK.
        if let Some(sdp) = sdp {
            self.take_answer(id, sdp);
        }
        if self.calls.get(&id).is_some_and(|call| !call.sound.session.is_agreed()) {
            return self.end_without_sound(id);
        }
        self.signal(id, Signal::Confirmed);
    }

    /// A call whose two ends agreed on nothing: neither would ever hear the other.
    fn end_without_sound(&mut self, id: CallId) {
        if let Some(session) = self.calls.get(&id).and_then(|call| call.session) {
            self.sip.hang_up(self.now.instant, session, None);
        }
        let unmet = self.calls.get(&id).and_then(|call| call.sound.unmet);
        let cause = unmet.map_or(Cause::NotAcceptable, |why| cause(why, false));
        self.signal(id, Signal::Ended { cause });
    }

    fn reoffered(&mut self, id: CallId, session: SessionId, sdp: Option<&[u8]>) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let was_held = call.sound.session.is_held();
        let (reoffer, held) = match sdp.map(|sdp| call.sound.session.read_offer(sdp)) {
            None => (Reoffer::Ours, was_held),
            Some(Ok(offer)) => {
                let held = Session::holds(&offer);
                (Reoffer::Offer(offer), held)
            }
            Some(Err(_)) => return self.sip.refuse_reoffer(self.now.instant, session, 488),
        };
        call.reoffer = Some(reoffer);
        if call.answered.is_none() {
            // A change of a call that rings (RFC 3311) is nothing a person decides.
            return self.answer_reoffer(id);
        }
        if held != was_held {
            self.tell_their_hold(id, held);
        }
        self.signal(id, Signal::Reoffered { held });
    }

    fn reoffer_accepted(&mut self, id: CallId, sdp: Option<&[u8]>) {
        if let Some(sdp) = sdp {
            self.take_answer(id, sdp);
        }
        let change = self.calls.get_mut(&id).and_then(|call| call.change.take());
        // Some agree to a hold with "inactive": that is no hold of theirs.
        if change != Some(Change::Hold) {
            self.follow_their_hold(id);
        }
        match change {
            Some(Change::Hold) => {
                self.tell(id, "On hold");
                self.signal(id, Signal::HoldDone);
            }
            Some(Change::Resume) => {
                self.tell(id, "Resumed");
                self.signal(id, Signal::ResumeDone);
            }
            Some(Change::Moved) | None => {}
        }
    }

    /// The answer to an offer of ours says whether the far end holds us.
    fn follow_their_hold(&mut self, id: CallId) {
        let Some(held) = self.calls.get(&id).map(|call| call.sound.session.is_held()) else {
            return;
        };
        if self.board.call(id).is_some_and(|call| call.held_by_them != held) {
            self.tell_their_hold(id, held);
            self.signal(id, Signal::HeldByThem(held));
        }
    }

    fn tell_their_hold(&mut self, id: CallId, held: bool) {
        let text = if held {
            "The far end put you on hold"
        } else {
            "The far end is back"
        };
        self.tell(id, text);
    }

    fn reoffer_refused(&mut self, id: CallId, code: u16) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Some(change) = call.change.take() else { return };
        let reason = words::status(code, "");
        match change {
            Change::Hold => call.sound.session.holding = false,
            Change::Resume => call.sound.session.holding = true,
            // What was agreed before still holds; it goes on from the new ports.
            Change::Moved => {
                self.tell(id, format!("The far end does not follow to the new address: {reason}"));
                return self.run_sound(id);
            }
        }
        self.tell(id, format!("The far end refused: {reason}"));
        self.signal(id, Signal::HoldRefused { reason });
        self.run_sound(id);
    }

    fn transfer_progress(&mut self, id: CallId, progress: Transfer) {
        let signal = match &progress {
            Transfer::Accepted => TransferProgress::Accepted,
            Transfer::Calling { code: 180..=199 } => TransferProgress::Ringing,
            Transfer::Calling { .. } => return,
            Transfer::Succeeded => TransferProgress::Done,
            Transfer::Failed { code, reason } => TransferProgress::Failed {
                reason: words::status(*code, reason),
            },
            // Nobody is to be lost: the call is still there, and goes back to the person.
            Transfer::Unknown => TransferProgress::Failed {
                reason: "The other end did not say how it went".to_owned(),
            },
        };
        self.tell(
            id,
            match &signal {
                TransferProgress::Accepted => "The far end transfers".to_owned(),
                TransferProgress::Ringing => "The transfer target rings".to_owned(),
                TransferProgress::Done => "Transferred".to_owned(),
                TransferProgress::Failed { reason } => format!("Transfer failed: {reason}"),
            },
        );
        self.signal(id, Signal::Transfer(signal));
    }

    fn session_ended(&mut self, session: SessionId, cause: &EndCause) {
        let Some(id) = self.sessions.remove(&session) else {
            return;
        };
        if let Some(call) = self.calls.get_mut(&id) {
            call.session = None;
            call.reoffer = None;
            call.change = None;
        }
        if let EndCause::Rejected { code, .. } = cause
            && self.word_anew(id, *code)
        {
            return;
        }
        let required = self
            .calls
            .get(&id)
            .is_some_and(|call| call.sound.session.keys.is_required());
        let signal = match cause {
            EndCause::Rejected { code: 488 | 606, .. } if required => Signal::Ended {
                cause: cannot_encrypt(),
            },
            EndCause::Cancelled { elsewhere } => Signal::Cancelled { elsewhere: *elsewhere },
            EndCause::Redirected { targets, .. } => Signal::Ended {
                cause: self.redirected(id, targets),
            },
            other => Signal::Ended {
                cause: words::cause_of_end(other),
            },
        };
        self.signal(id, signal);
        if matches!(cause, EndCause::Redirected { .. }) {
            self.follow_emergency(id);
        }
    }
}
