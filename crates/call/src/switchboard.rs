//! All calls of one person: who talks, who waits, what rings.
use crate::{CallId, CallView, Command, Effect, Invitation, LineId, Party, Policy, Refused, Signal};
use std::collections::VecDeque;
use std::time::Instant;

/// The switchboard.
#[derive(Debug)]
pub struct Switchboard {
    policy: Policy,
    next: u64,
    effects: VecDeque<Effect>,
}

impl Switchboard {
    /// A switchboard without calls.
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            next: 1,
            effects: VecDeque::new(),
        }
    }
    /// Calls somebody; the call that talks now is held.
    pub fn dial(&mut self, _now: Instant, _line: LineId, _party: Party) -> Result<CallId, Refused> {
        self.next += 1;
        Ok(CallId(self.next - 1))
    }
    /// A call comes in. It may be turned away by policy: then it is never among [`Self::calls`].
    pub fn invited(&mut self, _now: Instant, _line: LineId, _invitation: Invitation) -> CallId {
        self.next += 1;
        CallId(self.next - 1)
    }
    /// A person's wish.
    pub fn command(&mut self, _now: Instant, _call: CallId, _command: Command) -> Result<(), Refused> {
        Err(Refused::NoSuchCall)
    }
    /// What the far end, the network or the media says. Unknown calls are ignored.
    pub fn signal(&mut self, _now: Instant, _call: CallId, _signal: Signal) {}
    /// Changes the rules.
    pub fn set_policy(&mut self, _now: Instant, policy: Policy) {
        self.policy = policy;
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
        None
    }
    /// Lets time-driven things happen.
    pub fn wake(&mut self, _now: Instant) {}
    /// All calls, oldest first, ended ones included while they are shown.
    pub fn calls(&self) -> impl Iterator<Item = CallView> + '_ {
        std::iter::empty()
    }
    /// One call.
    pub fn call(&self, _call: CallId) -> Option<CallView> {
        None
    }
    /// Who has the microphone and the speaker.
    pub fn focus(&self) -> Option<CallId> {
        None
    }
    /// Whether a call is connected, held or being dialled.
    pub fn on_call(&self) -> bool {
        false
    }
}
