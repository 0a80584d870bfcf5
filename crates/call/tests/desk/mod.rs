//! A desk: a switchboard, a clock that only moves when told, and what came out since one last looked.
#![allow(dead_code, missing_docs)]
use parley_call::*;
use std::time::{Duration, Instant};

pub struct Desk {
    pub board: Switchboard,
    pub now: Instant,
}

pub fn desk() -> Desk {
    desk_with(Policy::default())
}

pub fn desk_with(policy: Policy) -> Desk {
    Desk {
        board: Switchboard::new(policy),
        now: Instant::now() + Duration::from_secs(1_000_000),
    }
}

pub fn maria() -> Invitation {
    Invitation {
        party: Party::number("+441632960042"),
        reached: "100".into(),
        called: "02079460100".into(),
        ..Invitation::default()
    }
}

impl Desk {
    pub fn dial(&mut self, number: &str) -> CallId {
        self.board
            .dial(self.now, Outgoing::new(LineId(1), Party::number(number)))
            .unwrap()
    }

    pub fn invited(&mut self) -> CallId {
        self.board.invited(self.now, LineId(1), maria())
    }

    pub fn does(&mut self, call: CallId, command: Command) {
        self.board.command(self.now, call, command).unwrap();
    }

    pub fn refuses(&mut self, call: CallId, command: Command) -> Refused {
        self.board.command(self.now, call, command).unwrap_err()
    }

    pub fn hears(&mut self, call: CallId, signal: Signal) {
        self.board.signal(self.now, call, signal);
    }

    pub fn answer(&mut self, call: CallId) {
        self.does(call, Command::Answer { others: OnAnswer::Hold });
    }

    /// Time passes; whatever is due on the way happens at its time.
    pub fn wait(&mut self, seconds: f64) {
        let end = self.now + Duration::from_secs_f64(seconds);
        while let Some(at) = self.board.next_wake().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.board.wake(self.now);
        }
        self.now = end;
    }

    /// All effects since the last look.
    pub fn out(&mut self) -> Vec<Effect> {
        std::iter::from_fn(|| self.board.poll()).collect()
    }

    /// What was sent to this call's far end since the last look.
    pub fn sent(&mut self, call: CallId) -> Vec<Send> {
        let mine = |effect| match effect {
            Effect::Send(id, send) if id == call => Some(send),
            _ => None,
        };
        self.out().into_iter().filter_map(mine).collect()
    }

    /// The one call that has the microphone.
    pub fn focus(&self) -> Option<CallId> {
        let focus = self.board.focus();
        assert!(focus.len() <= 1, "one call at most: {focus:?}");
        focus.first().copied()
    }

    pub fn view(&self, call: CallId) -> CallView {
        self.board.call(call).unwrap()
    }

    pub fn state(&self, call: CallId) -> CallState {
        self.view(call).state
    }

    pub fn cause(&self, call: CallId) -> Cause {
        self.view(call).end.unwrap().cause
    }

    pub fn outcome(&self, call: CallId) -> Outcome {
        self.view(call).end.unwrap().outcome
    }

    /// A connected outgoing call, its beginnings looked at already.
    pub fn talking(&mut self) -> CallId {
        let call = self.dial("200");
        self.hears(call, Signal::Answered);
        self.out();
        call
    }

    /// A connected call on hold.
    pub fn held(&mut self) -> CallId {
        let call = self.talking();
        self.does(call, Command::Hold);
        self.hears(call, Signal::HoldDone);
        self.out();
        call
    }

    /// A connected incoming call.
    pub fn taken(&mut self) -> CallId {
        let call = self.invited();
        self.answer(call);
        self.hears(call, Signal::Answered);
        self.hears(call, Signal::Confirmed);
        self.out();
        call
    }
}

/// Whether the effects hold these, in this order.
pub fn in_order(effects: &[Effect], wanted: &[Effect]) -> bool {
    let mut left = effects.iter();
    wanted.iter().all(|effect| left.any(|other| other == effect))
}
