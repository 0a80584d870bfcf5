//! All calls of one person: who talks, who waits, what rings.
//!
//! One call, or one conference of several, is in *front*: the one dialled, answered or resumed last. Only it may have the
//! microphone and the speaker. Dialling, answering and resuming hold the calls that talk; nothing ever resumes by itself,
//! so a held call stays held when the one in front ends. (A transfer that fails gives back what it took, and so does a call
//! that the far end asked for.) Answering gives up a call that is still being dialled: it cannot be held.
//!
//! An emergency call goes before all rules: a call being dialled is given up for it, one being answered is held once it is
//! connected, and there is always room for it. Until it is answered or over, nothing else takes the front.
//!
//! Focus, ringtone, tone in the ear and "on a call" are never set: they are derived from the calls after each event, and
//! told when they differ from what was told last.

mod arriving;
mod conference;
mod consult;
mod derive;
mod front;
mod referral;

use crate::call::state::State;
use crate::call::{Call, Timer};
use crate::effect::{Effect, Rejection};
use crate::{CallId, CallView, Cause, Command, Invitation, OnAnswer, Outgoing, Policy, Refused, Signal};
use consult::Pair;
use derive::Told;
use front::Front;
use std::collections::{BTreeSet, VecDeque};
use std::time::Instant;

/// Ended calls still shown, at most; a flood of calls must not fill memory.
const MAX_ENDED: usize = 32;
/// How often in a row a call may be sent on (RFC 3261 section 8.1.3.4 asks for a limit).
const MAX_HOPS: u8 = 5;

/// The switchboard.
#[derive(Debug)]
pub struct Switchboard {
    policy: Policy,
    last: u64,
    lines: Vec<Entry>,
    front: Option<Front>,
    /// The calls of the conference, in front or not; empty or two at least.
    conference: BTreeSet<CallId>,
    /// Consultations; a call is in one at most.
    pairs: Vec<Pair>,
    told: Told,
    effects: VecDeque<Effect>,
}

/// A call and its view as it was told last.
#[derive(Debug)]
struct Entry {
    call: Call,
    shown: Option<CallView>,
}

impl Switchboard {
    /// A switchboard without calls.
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            last: 0,
            lines: Vec::new(),
            front: None,
            conference: BTreeSet::new(),
            pairs: Vec::new(),
            told: Told::default(),
            effects: VecDeque::new(),
        }
    }

    /// Calls somebody. The calls that talk now are held first; calls that ring go on ringing, softly.
    pub fn dial(&mut self, now: Instant, outgoing: Outgoing) -> Result<CallId, Refused> {
        let mut out = Vec::new();
        let dialled = self.begin_call(now, outgoing, &mut out);
        self.settle(now, out);
        dialled
    }

    /// Calls somebody about a call: that one is held, and [`Command::CompleteTransfer`] connects the two.
    pub fn consult(&mut self, now: Instant, about: CallId, outgoing: Outgoing) -> Result<CallId, Refused> {
        let mut out = Vec::new();
        let dialled = self.begin_consult(now, about, outgoing, &mut out);
        self.settle(now, out);
        dialled
    }

    /// Calls one of the places a call of ours was sent on to.
    pub fn follow(&mut self, now: Instant, sent_on: CallId, outgoing: Outgoing) -> Result<CallId, Refused> {
        let mut out = Vec::new();
        let dialled = self.begin_following(now, sent_on, outgoing, &mut out);
        self.settle(now, out);
        dialled
    }

    /// Calls whom the far end of a call asks to be called. [`Command::RefuseReferral`] does not.
    pub fn accept_referral(&mut self, now: Instant, id: CallId, outgoing: Outgoing) -> Result<CallId, Refused> {
        let mut out = Vec::new();
        let dialled = self.begin_referred(now, id, outgoing, &mut out);
        self.settle(now, out);
        dialled
    }

    /// Brings these connected calls together: held ones are resumed, all others are held. They replace the calls of a
    /// conference there is already.
    pub fn confer(&mut self, now: Instant, calls: &[CallId]) -> Result<(), Refused> {
        let mut out = Vec::new();
        let done = self.begin_conference(now, calls, &mut out);
        self.settle(now, out);
        done
    }

    /// A call comes in. Policy and the line's forwarding may turn it away at once: then it is never among
    /// [`Self::calls`], and its number is only found in effects.
    pub fn invited(&mut self, now: Instant, line: crate::LineId, invitation: Invitation) -> CallId {
        let mut out = Vec::new();
        let id = self.arrives(now, line, invitation, &mut out);
        self.settle(now, out);
        id
    }

    /// A far end calls with nothing this phone could understand or may take. It is refused before anything rings and stays in
    /// the history as missed, so that it can be called back.
    pub fn misfit(&mut self, now: Instant, cause: Cause) -> CallId {
        let id = self.next_id();
        let mut out = Vec::new();
        arriving::turn_away(id, Rejection::NotAcceptable, cause, &mut out);
        self.settle(now, out);
        id
    }

    /// A person's wish.
    pub fn command(&mut self, now: Instant, id: CallId, command: Command) -> Result<(), Refused> {
        let mut out = Vec::new();
        let done = match command {
            Command::Answer { others } => self.answer(now, id, others, &mut out),
            Command::Resume => self.resume(now, id, &mut out),
            Command::Swap => self.swap(now, id, &mut out),
            Command::Decline => self.decline(now, id, &mut out),
            Command::HangUp => self.hang_up(now, id, &mut out),
            Command::CompleteTransfer { with } => self.complete_transfer(now, id, with, &mut out),
            Command::CancelConsult => self.cancel_consult(now, id, &mut out),
            Command::LeaveConference => self.leave_conference(now, id, &mut out),
            Command::Leave => self.find(id)?.leave(now, &mut out),
            Command::Silence => self.find(id)?.silence(),
            Command::Hold => self.find(id)?.hold(&mut out),
            Command::Mute(on) => self.find(id)?.mute(on, &mut out),
            Command::SendDigits(digits) => self.find(id)?.send_digits(&digits, &mut out),
            Command::Transfer { target } => self.find(id)?.transfer(now, &target, &mut out),
            Command::Forward { target } => self.find(id)?.forward(now, &target, &mut out),
            Command::RefuseReferral => self.find(id)?.refuse_referral(&mut out),
        };
        self.settle(now, out);
        done
    }

    /// What the far end, the network or the media says. Unknown calls are ignored.
    pub fn signal(&mut self, now: Instant, id: CallId, signal: Signal) {
        let place = self.place(id);
        let signal = self.as_joined(id, signal);
        let mut out = Vec::new();
        if let Ok(call) = self.find(id) {
            call.handle(now, signal, place, &mut out);
        }
        self.settle(now, out);
    }

    /// Changes the rules. Calls that ring go on ringing by the new ones; none is turned away afterwards.
    pub fn set_policy(&mut self, policy: Policy) {
        self.policy = policy;
        self.tell();
    }

    /// The rules.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When [`Self::wake`] wants to be called.
    pub fn next_wake(&self) -> Option<Instant> {
        self.next_timer().map(|(at, _, _)| at)
    }

    /// Lets everything happen that is due by now.
    pub fn wake(&mut self, now: Instant) {
        while let Some((_, id, timer)) = self.next_timer().filter(|(at, _, _)| *at <= now) {
            let place = self.place(id);
            let mut out = Vec::new();
            match timer {
                Timer::Forget => self.forget(&[id]),
                Timer::AutoAnswer => self.auto_answer(now, id, &mut out),
                timer => {
                    if let Ok(call) = self.find(id) {
                        call.expire(now, timer, place, &mut out);
                    }
                }
            }
            self.settle(now, out);
        }
    }

    /// All calls, oldest first; ended ones while they are shown.
    pub fn calls(&self) -> impl Iterator<Item = CallView> + '_ {
        self.lines.iter().map(|entry| self.view(&entry.call))
    }

    /// One call.
    pub fn call(&self, id: CallId) -> Option<CallView> {
        self.seen(id).map(|call| self.view(call))
    }

    /// Dials, once everything that could stand in the way was looked at.
    fn begin_call(&mut self, now: Instant, outgoing: Outgoing, out: &mut Vec<Effect>) -> Result<CallId, Refused> {
        self.room_for(&outgoing)?;
        let id = self.next_id();
        for entry in &mut self.lines {
            // Only before an emergency call is one still being dialled.
            if entry.call.is_dialling() {
                entry.call.hang_up(now, Rejection::Decline, out)?;
            }
            entry.call.make_room(out);
        }
        let call = Call::dialled(now, id, outgoing, out);
        self.lines.push(Entry { call, shown: None });
        self.front = Some(Front::Call(id));
        Ok(id)
    }

    fn begin_following(
        &mut self,
        now: Instant,
        sent_on: CallId,
        outgoing: Outgoing,
        out: &mut Vec<Effect>,
    ) -> Result<CallId, Refused> {
        let before = self.seen(sent_on).ok_or(Refused::NoSuchCall)?;
        if !before.was_sent_on() {
            return Err(Refused::NotRedirected);
        }
        if before.hops() >= MAX_HOPS {
            return Err(Refused::TooManyHops);
        }
        let follows = before.followed();
        let id = self.begin_call(now, outgoing, out)?;
        self.find(id)?.follow(follows);
        Ok(id)
    }

    fn answer(&mut self, now: Instant, id: CallId, others: OnAnswer, out: &mut Vec<Effect>) -> Result<(), Refused> {
        let call = self.find(id)?;
        if call.is_ended() {
            return Err(Refused::Ended);
        }
        if !call.is_alerting() {
            return Err(Refused::NotRinging);
        }
        let mut all = self.lines.iter().map(|entry| &entry.call);
        if all.clone().any(|call| call.is_dialling() && call.is_emergency()) {
            return Err(Refused::Emergency);
        }
        if others == OnAnswer::Hold && all.any(Call::is_answering) {
            return Err(Refused::AnswerUnderWay);
        }
        for entry in self.lines.iter_mut().filter(|entry| entry.call.id != id) {
            let call = &mut entry.call;
            let end = match &call.state {
                State::Out { .. } | State::Answering { .. } => true,
                State::Active(active) => others == OnAnswer::End && active.wants_to_talk(),
                State::Alerting(_) | State::Ended(_) => false,
            };
            if end {
                call.hang_up(now, Rejection::Decline, out)?;
            } else {
                call.make_room(out);
            }
        }
        self.front = Some(Front::Call(id));
        self.find(id)?.answer(now, out)
    }

    /// The caller asked to be answered without a person: never while the person is on a call.
    fn auto_answer(&mut self, now: Instant, id: CallId, out: &mut Vec<Effect>) {
        let free = !self.on_call();
        if let Ok(call) = self.find(id) {
            call.no_auto_answer();
            if free {
                call.answers_itself();
                let _ = self.answer(now, id, OnAnswer::Hold, out);
            }
        }
    }

    fn decline(&mut self, now: Instant, id: CallId, out: &mut Vec<Effect>) -> Result<(), Refused> {
        let how = self.rejection();
        self.find(id)?.decline(now, how, out)
    }

    fn hang_up(&mut self, now: Instant, id: CallId, out: &mut Vec<Effect>) -> Result<(), Refused> {
        let how = self.rejection();
        self.find(id)?.hang_up(now, how, out)
    }

    /// Declining while on a call says "busy": the caller may be passed on to a colleague.
    fn rejection(&self) -> Rejection {
        if self.on_call() {
            Rejection::Busy
        } else {
            Rejection::Decline
        }
    }

    /// Whether there is room for one more call. For an emergency call there always is, but for a second one beside it.
    fn room_for(&self, outgoing: &Outgoing) -> Result<(), Refused> {
        if !outgoing.emergency {
            self.nothing_half_done(None)?;
            return if self.live() >= self.policy.max_calls {
                Err(Refused::TooManyCalls)
            } else {
                Ok(())
            };
        }
        let dialling = |entry: &Entry| entry.call.is_dialling() && entry.call.is_emergency();
        if self.lines.iter().any(dialling) {
            return Err(Refused::Emergency);
        }
        Ok(())
    }

    /// A call being dialled or answered cannot be held, so no other may take its place unasked.
    fn nothing_half_done(&self, except: Option<CallId>) -> Result<(), Refused> {
        for entry in self.lines.iter().filter(|entry| Some(entry.call.id) != except) {
            match entry.call.state {
                State::Out { .. } => return Err(Refused::Dialling),
                State::Answering { .. } => return Err(Refused::AnswerUnderWay),
                _ => {}
            }
        }
        Ok(())
    }

    fn live(&self) -> usize {
        self.lines.iter().filter(|entry| !entry.call.is_ended()).count()
    }

    fn next_id(&mut self) -> CallId {
        self.last += 1;
        CallId(self.last)
    }

    fn next_timer(&self) -> Option<(Instant, CallId, Timer)> {
        let due = |entry: &Entry| {
            let (at, timer) = entry.call.timer(&self.policy)?;
            Some((at, entry.call.id, timer))
        };
        self.lines.iter().filter_map(due).min_by_key(|(at, id, _)| (*at, *id))
    }

    fn seen(&self, id: CallId) -> Option<&Call> {
        self.lines.iter().map(|entry| &entry.call).find(|call| call.id == id)
    }

    fn find(&mut self, id: CallId) -> Result<&mut Call, Refused> {
        let entry = self.lines.iter_mut().find(|entry| entry.call.id == id);
        entry.map(|entry| &mut entry.call).ok_or(Refused::NoSuchCall)
    }

    fn forget(&mut self, gone: &[CallId]) {
        self.lines.retain(|entry| !gone.contains(&entry.call.id));
        self.effects.extend(gone.iter().map(|id| Effect::Removed(*id)));
    }

    /// Tells what the event did: the calls' own effects first, then what it means for calls that belong together, then
    /// what is derived from all of them.
    fn settle(&mut self, now: Instant, mut out: Vec<Effect>) {
        self.replace_calls(now, &mut out);
        self.mind_pairs(now, &mut out);
        self.mind_referrals(now, &mut out);
        self.mind_front();
        self.effects.extend(out);
        self.tell();
        let ended = self.lines.iter().filter(|entry| entry.call.is_ended());
        let shown: Vec<CallId> = ended.map(|entry| entry.call.id).collect();
        let surplus = shown.len().saturating_sub(MAX_ENDED);
        self.forget(shown.get(..surplus).unwrap_or_default());
    }
}
