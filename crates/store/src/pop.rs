//! Screen-pop rules, and the log of what was opened.
use crate::word::{number, words};
use crate::{AccountId, HistoryId, Store, StoreError};

/// A logged pop's number; grows with time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PopId(pub u64);
number!(PopId);

/// An account's screen-pop rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PopRule {
    /// The account.
    pub account: AccountId,
    /// When it opens.
    pub mode: PopMode,
    /// The template, as written.
    pub target: String,
}

/// When a screen pop opens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PopMode {
    /// As soon as a call comes in.
    OnIncoming,
    /// Once it is answered on this app.
    AfterAnswer,
    /// Only by hand.
    Manual,
    /// Never.
    #[default]
    Disabled,
}
words!(PopMode { OnIncoming = "on_incoming", AfterAnswer = "after_answer", Manual = "manual", Disabled = "disabled" });

/// What set a pop off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PopTrigger {
    /// The call came in.
    Incoming,
    /// The call was answered here.
    Answered,
    /// By hand.
    Manual,
}
words!(PopTrigger { Incoming = "incoming", Answered = "answered", Manual = "manual" });

/// A pop that is being opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPop {
    /// The history entry of its call.
    pub entry: HistoryId,
    /// Who called, for the list.
    pub caller: String,
    /// When, ms.
    pub at: i64,
    /// What set it off.
    pub trigger: PopTrigger,
    /// What is opened, secrets masked.
    pub target: String,
}

/// How a pop went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PopOutcome {
    /// Being opened.
    Opening,
    /// The browser was asked, or the program started.
    Opened {
        /// From the trigger to the start, ms.
        millis: u32,
    },
    /// It did not open.
    Failed {
        /// Why and what to do, for people.
        text: String,
    },
}

/// A pop that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PopEntry {
    /// Its number.
    pub id: PopId,
    /// What was opened, when and for whom.
    pub pop: NewPop,
    /// How it went.
    pub outcome: PopOutcome,
}

impl Store {
    /// The rules of all accounts that have one.
    pub fn pop_rules(&self) -> Result<Vec<PopRule>, StoreError> {
        Ok(Vec::new())
    }

    /// Saves an account's rule in place of the one before.
    pub fn save_pop_rule(&mut self, rule: &PopRule) -> Result<(), StoreError> {
        let _ = rule;
        Ok(())
    }

    /// Logs a pop as being opened, and shows its target with the call's entry. The newest 1000 are kept.
    pub fn log_pop(&mut self, pop: &NewPop) -> Result<PopId, StoreError> {
        let _ = pop;
        Err(StoreError::NotFound)
    }

    /// Says how a pop went.
    pub fn set_pop_outcome(&mut self, id: PopId, outcome: &PopOutcome) -> Result<(), StoreError> {
        let _ = (id, outcome);
        Err(StoreError::NotFound)
    }

    /// One logged pop.
    pub fn pop(&self, id: PopId) -> Result<PopEntry, StoreError> {
        let _ = id;
        Err(StoreError::NotFound)
    }

    /// The newest pops, newest first.
    pub fn pop_log(&self, limit: u32) -> Result<Vec<PopEntry>, StoreError> {
        let _ = limit;
        Ok(Vec::new())
    }
}
