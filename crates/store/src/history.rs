//! Every call that was.
use crate::word::{number, words};
use crate::{AccountId, Store, StoreError};

/// An entry's number; grows with time and is never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HistoryId(pub u64);
number!(HistoryId);

/// In or out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// They call us.
    Incoming,
    /// We call them.
    Outgoing,
}
words!(Direction { Incoming = "incoming", Outgoing = "outgoing" });

/// How a call went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Still going on.
    InProgress,
    /// Talked.
    Answered,
    /// They gave up, or do-not-disturb refused.
    Missed,
    /// We declined.
    Declined,
    /// We gave up before the answer.
    Cancelled,
    /// It did not come about.
    Failed,
    /// Another phone answered.
    AnsweredElsewhere,
    /// Parley or the computer stopped during it.
    Interrupted,
}
words!(Outcome {
    InProgress = "in_progress",
    Answered = "answered",
    Missed = "missed",
    Declined = "declined",
    Cancelled = "cancelled",
    Failed = "failed",
    AnsweredElsewhere = "answered_elsewhere",
    Interrupted = "interrupted",
});

/// A call that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCall {
    /// The line.
    pub account: AccountId,
    /// The line's name now; the entry keeps it.
    pub line: String,
    /// In or out.
    pub direction: Direction,
    /// Display name, or empty.
    pub name: String,
    /// Number, or empty when withheld.
    pub number: String,
    /// Address to call back, or empty.
    pub address: String,
    /// Own number reached.
    pub reached: String,
    /// Number first dialled.
    pub called: String,
    /// When it began, ms.
    pub started_at: i64,
    /// Headers of the invitation that a screen pop may use, so that it can be opened again later.
    pub headers: Vec<(String, String)>,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// When, ms.
    pub at: i64,
    /// How it went. `InProgress` is taken as `Interrupted`.
    pub outcome: Outcome,
    /// Why, for people; may be empty.
    pub reason: String,
}

/// A call that was, or is going on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub id: HistoryId,
    /// The line; it may be gone.
    pub account: AccountId,
    /// The line's name then.
    pub line: String,
    /// In or out.
    pub direction: Direction,
    /// How it went.
    pub outcome: Outcome,
    /// Display name, or empty.
    pub name: String,
    /// Number, or empty when withheld.
    pub number: String,
    /// Address to call back, or empty.
    pub address: String,
    /// Own number reached.
    pub reached: String,
    /// Number first dialled.
    pub called: String,
    /// When it began, ms.
    pub started_at: i64,
    /// When it was answered here or there, ms.
    pub answered_at: Option<i64>,
    /// When it ended, ms; the last known instant for an interrupted one.
    pub ended_at: Option<i64>,
    /// Talk time, from answer to end; 0 while it goes on.
    pub talk_seconds: u32,
    /// Ring time, from begin to answer or end; 0 while it rings.
    pub ring_seconds: u32,
    /// Why it failed or ended, for people; may be empty.
    pub reason: String,
    /// Target of the last screen pop, secrets masked; empty for none.
    pub pop: String,
    /// A missed call nobody has looked at.
    pub unseen: bool,
    /// Whether it can be called back: a number is known.
    pub can_call_back: bool,
}

impl Store {
    /// A call begins. The entry is `InProgress` until [`Store::ended`].
    pub fn begin(&mut self, call: &NewCall) -> Result<HistoryId, StoreError> {
        let _ = call;
        Err(StoreError::NotFound)
    }

    /// It was answered.
    pub fn answered(&mut self, id: HistoryId, at: i64) -> Result<(), StoreError> {
        let _ = (id, at);
        Err(StoreError::NotFound)
    }

    /// It goes on: should Parley stop, this is the last known instant. Every ten seconds is plenty.
    pub fn touch(&mut self, id: HistoryId, now: i64) -> Result<(), StoreError> {
        let _ = (id, now);
        Err(StoreError::NotFound)
    }

    /// It ended. A missed one is unseen from here on. The first end stays; a second changes nothing.
    pub fn ended(&mut self, id: HistoryId, end: &End) -> Result<(), StoreError> {
        let _ = (id, end);
        Err(StoreError::NotFound)
    }

    /// One entry.
    pub fn entry(&self, id: HistoryId) -> Result<Entry, StoreError> {
        let _ = id;
        Err(StoreError::NotFound)
    }

    /// The headers kept with an entry, in order.
    pub fn headers(&self, id: HistoryId) -> Result<Vec<(String, String)>, StoreError> {
        let _ = id;
        Err(StoreError::NotFound)
    }

    /// Deletes entries with their pops, but none that goes on. Returns those deleted.
    pub fn delete(&mut self, ids: &[HistoryId]) -> Result<Vec<HistoryId>, StoreError> {
        let _ = ids;
        Err(StoreError::NotFound)
    }

    /// Deletes all entries but those that go on. Returns how many.
    pub fn clear(&mut self) -> Result<u64, StoreError> {
        Err(StoreError::NotFound)
    }

    /// Missed calls nobody has looked at.
    pub fn unseen_missed(&self) -> Result<u32, StoreError> {
        Err(StoreError::NotFound)
    }

    /// All missed calls have been looked at. Returns the entries that changed.
    pub fn mark_seen(&mut self) -> Result<Vec<HistoryId>, StoreError> {
        Err(StoreError::NotFound)
    }
}
