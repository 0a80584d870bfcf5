//! All calls of one person: who talks, who waits, what rings.
//!
//! One call is in the *foreground*: the one dialled, answered or resumed last. Only it may have the microphone and the
//! speaker. Dialling, answering and resuming hold the call that talks; nothing ever resumes by itself, so a held call
//! stays held when the foreground call ends. Answering gives up a call that is still being dialled: it cannot be held.
//!
//! Focus, ringtone, tone in the ear and "on a call" are never set: they are derived from the calls after each event, and
//! told when they differ from what was told last.

mod derive;

use crate::call::hold::Place;
use crate::call::state::State;
use crate::call::{Call, Timer};
use crate::effect::{Effect, HistoryNote, Outcome, Rejection, Send};
use crate::{CallId, CallView, Cause, Command, Invitation, LineId, OnAnswer, Party, Policy, Refused, Signal};
use derive::Told;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Ended calls still shown, at most; a flood of calls must not fill memory.
const MAX_ENDED: usize = 32;

/// The switchboard.
#[derive(Debug)]
pub struct Switchboard {
    policy: Policy,
    last: u64,
    lines: Vec<Entry>,
    foreground: Option<CallId>,
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
            foreground: None,
            told: Told::default(),
            effects: VecDeque::new(),
        }
    }

    /// Calls somebody. The call that talks now is held first; calls that ring go on ringing, softly.
    pub fn dial(&mut self, now: Instant, line: LineId, party: Party) -> Result<CallId, Refused> {
        self.nothing_half_done(None)?;
        if self.live() >= self.policy.max_calls {
            return Err(Refused::TooManyCalls);
        }
        let id = self.next_id();
        let mut out = Vec::new();
        for entry in &mut self.lines {
            entry.call.make_room(&mut out);
        }
        let call = Call::dialled(now, id, line, party, &mut out);
        self.lines.push(Entry { call, shown: None });
        self.foreground = Some(id);
        self.settle(out);
        Ok(id)
    }

    /// A call comes in. Policy may turn it away at once: then it is never among [`Self::calls`], and its number is only
    /// found in effects.
    pub fn invited(&mut self, now: Instant, line: LineId, invitation: Invitation) -> CallId {
        let id = self.next_id();
        let mut out = Vec::new();
        match self.turned_away() {
            Some(cause) => turn_away(id, Rejection::Busy, cause, &mut out),
            None => {
                let call = Call::alerting(now, id, line, invitation, &mut out);
                self.lines.push(Entry { call, shown: None });
            }
        }
        self.settle(out);
        id
    }

    /// A far end calls with nothing this phone could understand. It is refused before anything rings and stays in
    /// the history as missed, so that it can be called back.
    pub fn misfit(&mut self) -> CallId {
        let id = self.next_id();
        let mut out = Vec::new();
        turn_away(id, Rejection::NotAcceptable, Cause::NotAcceptable, &mut out);
        self.settle(out);
        id
    }

    /// A person's wish.
    pub fn command(&mut self, now: Instant, id: CallId, command: Command) -> Result<(), Refused> {
        let mut out = Vec::new();
        let done = match command {
            Command::Answer { others } => self.answer(now, id, others, &mut out),
            Command::Resume => self.resume(now, id, &mut out),
            Command::Decline => self.decline(now, id, &mut out),
            Command::HangUp => self.hang_up(now, id, &mut out),
            Command::Silence => self.find(id)?.silence(),
            Command::Hold => self.find(id)?.hold(&mut out),
            Command::Mute(on) => self.find(id)?.mute(on, &mut out),
            Command::SendDigits(digits) => self.find(id)?.send_digits(&digits, &mut out),
            Command::Transfer { target } => self.find(id)?.transfer(now, &target, &mut out),
        };
        self.settle(out);
        done
    }

    /// What the far end, the network or the media says. Unknown calls are ignored.
    pub fn signal(&mut self, now: Instant, id: CallId, signal: Signal) {
        let place = self.place(id);
        let mut out = Vec::new();
        if let Ok(call) = self.find(id) {
            call.handle(now, signal, place, &mut out);
        }
        self.settle(out);
    }

    /// Changes the rules. Calls that ring go on ringing by the new ones; none is turned away afterwards.
    pub fn set_policy(&mut self, policy: Policy) {
        self.policy = policy;
        self.settle(Vec::new());
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
        self.lines
            .iter()
            .filter_map(|entry| entry.call.timer(&self.policy))
            .map(|(at, _)| at)
            .min()
    }

    /// Lets everything happen that is due by now.
    pub fn wake(&mut self, now: Instant) {
        let mut out = Vec::new();
        let mut gone = Vec::new();
        for entry in &mut self.lines {
            let call = &mut entry.call;
            let place = place(self.foreground, call.id);
            while let Some((at, timer)) = call.timer(&self.policy)
                && at <= now
            {
                if timer == Timer::Forget {
                    gone.push(call.id);
                    break;
                }
                call.expire(now, timer, place, &mut out);
            }
        }
        self.effects.extend(out);
        self.forget(&gone);
        self.settle(Vec::new());
    }

    /// All calls, oldest first; ended ones while they are shown.
    pub fn calls(&self) -> impl Iterator<Item = CallView> + '_ {
        self.lines.iter().map(|entry| self.view(&entry.call))
    }

    /// One call.
    pub fn call(&self, id: CallId) -> Option<CallView> {
        self.lines
            .iter()
            .find(|entry| entry.call.id == id)
            .map(|entry| self.view(&entry.call))
    }

    fn answer(&mut self, now: Instant, id: CallId, others: OnAnswer, out: &mut Vec<Effect>) -> Result<(), Refused> {
        let call = self.find(id)?;
        if call.is_ended() {
            return Err(Refused::Ended);
        }
        if !call.is_alerting() {
            return Err(Refused::NotRinging);
        }
        if others == OnAnswer::Hold
            && self
                .lines
                .iter()
                .any(|e| matches!(e.call.state, State::Answering { .. }))
        {
            return Err(Refused::AnswerUnderWay);
        }
        for entry in self.lines.iter_mut().filter(|entry| entry.call.id != id) {
            let call = &mut entry.call;
            let end = match &call.state {
                State::Out { .. } | State::Answering { .. } => true,
                State::Active(active) => others == OnAnswer::End && active.wants_to_talk(),
                State::Alerting { .. } | State::Ended(_) => false,
            };
            if end {
                call.hang_up(now, Rejection::Decline, out)?;
            } else {
                call.make_room(out);
            }
        }
        self.foreground = Some(id);
        self.find(id)?.answer(now, out)
    }

    fn resume(&mut self, now: Instant, id: CallId, out: &mut Vec<Effect>) -> Result<(), Refused> {
        self.find(id)?.check_resume()?;
        self.nothing_half_done(Some(id))?;
        for entry in self.lines.iter_mut().filter(|entry| entry.call.id != id) {
            entry.call.make_room(out);
        }
        self.foreground = Some(id);
        self.find(id)?.resume(now, out)
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

    /// Why a call that comes in now must not ring.
    fn turned_away(&self) -> Option<Cause> {
        if self.policy.do_not_disturb {
            return Some(Cause::DoNotDisturb);
        }
        let waiting_refused = !self.policy.call_waiting && self.live() > 0;
        (waiting_refused || self.live() >= self.policy.max_calls).then_some(Cause::Engaged)
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

    fn find(&mut self, id: CallId) -> Result<&mut Call, Refused> {
        let entry = self.lines.iter_mut().find(|entry| entry.call.id == id);
        entry.map(|entry| &mut entry.call).ok_or(Refused::NoSuchCall)
    }

    fn place(&self, id: CallId) -> Place {
        place(self.foreground, id)
    }

    fn forget(&mut self, gone: &[CallId]) {
        self.lines.retain(|entry| !gone.contains(&entry.call.id));
        self.effects.extend(gone.iter().map(|id| Effect::Removed(*id)));
    }

    /// Tells what the event did: the calls' own effects first, then what is derived from all of them.
    fn settle(&mut self, out: Vec<Effect>) {
        self.effects.extend(out);
        let ended = self
            .foreground
            .is_some_and(|id| self.find(id).is_ok_and(|call| call.is_ended()));
        if ended {
            self.foreground = None;
        }
        self.tell();
        let shown: Vec<CallId> = self
            .lines
            .iter()
            .filter(|e| e.call.is_ended())
            .map(|e| e.call.id)
            .collect();
        let surplus = shown.len().saturating_sub(MAX_ENDED);
        self.forget(shown.get(..surplus).unwrap_or_default());
    }
}

fn place(foreground: Option<CallId>, id: CallId) -> Place {
    if foreground == Some(id) {
        Place::Foreground
    } else {
        Place::Background
    }
}

/// Refuses a call that never rang: it is only a line in the history.
fn turn_away(id: CallId, rejection: Rejection, cause: Cause, out: &mut Vec<Effect>) {
    out.push(Effect::Send(id, Send::Reject(rejection)));
    out.push(Effect::Note(id, HistoryNote::Began));
    let note = HistoryNote::Ended {
        outcome: Outcome::Missed { quiet: true },
        cause,
        ring: Duration::ZERO,
        talk: Duration::ZERO,
    };
    out.push(Effect::Note(id, note));
    out.push(Effect::Removed(id));
}
