//! Everything the core does by itself at a time, beyond what its leaves do by themselves.
use super::{Core, StoreCommand};
use parley_call::{CallId, Command, OnAnswer};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How often the history hears that calls still go on.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// What is due at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// Answer this call without a person (`Config::auto_answer`).
    AutoAnswer(CallId),
    /// Tell the history that calls go on, so that a crash loses seconds of them and not more.
    Heartbeat,
    /// A test sound has been heard long enough.
    TestSoundEnds,
    /// Nobody looks at the level of the microphone any more.
    MeterEnds,
    /// A line has been out of reach for so long that somebody has to be told.
    OutOfReach(parley_store::AccountId),
}

/// When what is due; one moment each.
#[derive(Debug, Default)]
pub(crate) struct Timers(BTreeMap<Timer, Instant>);

impl Timers {
    /// Sets a timer, in place of the one before.
    pub fn set(&mut self, timer: Timer, at: Instant) {
        self.0.insert(timer, at);
    }

    /// Whether it is set.
    pub fn is_set(&self, timer: Timer) -> bool {
        self.0.contains_key(&timer)
    }

    /// Forgets it.
    pub fn cancel(&mut self, timer: Timer) -> bool {
        self.0.remove(&timer).is_some()
    }

    /// The next moment.
    pub fn next(&self) -> Option<Instant> {
        self.0.values().min().copied()
    }

    /// Takes one that is due.
    pub fn due(&mut self, now: Instant) -> Option<Timer> {
        let due = self.0.iter().find(|(_, at)| **at <= now).map(|(timer, _)| *timer)?;
        self.0.remove(&due);
        Some(due)
    }
}

impl Core {
    pub(super) fn timer(&mut self, timer: Timer) {
        match timer {
            Timer::AutoAnswer(call) => {
                // It may have ended or been answered meanwhile; then there is nothing to do.
                let _ = self
                    .board
                    .command(self.now.instant, call, Command::Answer { others: OnAnswer::Hold });
            }
            Timer::Heartbeat => {
                let going: Vec<CallId> = self
                    .board
                    .calls()
                    .filter(|call| call.end.is_none())
                    .map(|call| call.id)
                    .collect();
                if !going.is_empty() {
                    self.store(StoreCommand::Touch(going, self.now.unix_ms));
                    self.timers.set(Timer::Heartbeat, self.now.instant + HEARTBEAT);
                }
            }
            Timer::OutOfReach(account) => self.out_of_reach(account),
            Timer::TestSoundEnds => self.end_test_sound(),
            Timer::MeterEnds => self.meter(false),
        }
    }

    /// The heart beats while there are calls.
    pub(super) fn start_heartbeat(&mut self) {
        if !self.timers.is_set(Timer::Heartbeat) {
            self.timers.set(Timer::Heartbeat, self.now.instant + HEARTBEAT);
        }
    }
}
