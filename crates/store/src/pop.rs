//! Screen-pop rules, and the log of what was opened.
use crate::word::{number, words};
use crate::{AccountId, HistoryId, Store, StoreError};
use rusqlite::{Row, params};

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

/// So many are kept.
const KEPT: u32 = 1000;

impl Store {
    /// The rules of all accounts that have one.
    pub fn pop_rules(&self) -> Result<Vec<PopRule>, StoreError> {
        let mut find = self
            .db
            .prepare_cached("SELECT account, mode, target FROM pop_rule ORDER BY account")?;
        let rows = find.query_map([], |row| {
            Ok(PopRule {
                account: row.get(0)?,
                mode: row.get(1)?,
                target: row.get(2)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Saves an account's rule in place of the one before.
    pub fn save_pop_rule(&mut self, rule: &PopRule) -> Result<(), StoreError> {
        self.db.execute(
            "INSERT INTO pop_rule (account, mode, target) VALUES (?1, ?2, ?3)
             ON CONFLICT (account) DO UPDATE SET mode = excluded.mode, target = excluded.target",
            params![rule.account, rule.mode, rule.target],
        )?;
        Ok(())
    }

    /// Logs a pop as being opened, and shows its target with the call's entry. The newest 1000 are kept.
    pub fn log_pop(&mut self, pop: &NewPop) -> Result<PopId, StoreError> {
        let change = self.db.transaction()?;
        change.execute(
            "INSERT INTO pop_log (entry, caller, at, cause, target, outcome) VALUES (?1, ?2, ?3, ?4, ?5, 'opening')",
            params![pop.entry, pop.caller, pop.at, pop.trigger, pop.target],
        )?;
        let id = PopId(u64::try_from(change.last_insert_rowid()).unwrap_or_default());
        change.execute(
            "UPDATE history SET pop = ?2 WHERE id = ?1",
            params![pop.entry, pop.target],
        )?;
        change.execute(
            "DELETE FROM pop_log WHERE id <= (SELECT id FROM pop_log ORDER BY id DESC LIMIT 1 OFFSET ?1)",
            [KEPT],
        )?;
        change.commit()?;
        Ok(id)
    }

    /// Says how a pop went.
    pub fn set_pop_outcome(&mut self, id: PopId, outcome: &PopOutcome) -> Result<(), StoreError> {
        let (word, millis, text) = match outcome {
            PopOutcome::Opening => ("opening", 0, ""),
            PopOutcome::Opened { millis } => ("opened", *millis, ""),
            PopOutcome::Failed { text } => ("failed", 0, text.as_str()),
        };
        let changed = self.db.execute(
            "UPDATE pop_log SET outcome = ?2, millis = ?3, text = ?4 WHERE id = ?1",
            params![id, word, millis, text],
        )?;
        if changed == 0 {
            Err(StoreError::NotFound)
        } else {
            Ok(())
        }
    }

    /// One logged pop.
    pub fn pop(&self, id: PopId) -> Result<PopEntry, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM pop_log WHERE id = ?1");
        Ok(self.db.prepare_cached(&sql)?.query_row([id], PopEntry::from_row)?)
    }

    /// The newest pops, newest first.
    pub fn pop_log(&self, limit: u32) -> Result<Vec<PopEntry>, StoreError> {
        let mut find = self
            .db
            .prepare_cached(&format!("SELECT {COLUMNS} FROM pop_log ORDER BY id DESC LIMIT ?1"))?;
        let rows = find.query_map([limit], PopEntry::from_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

const COLUMNS: &str = "id, entry, caller, at, cause, target, outcome, millis, text";

impl PopEntry {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let outcome: String = row.get(6)?;
        Ok(Self {
            id: row.get(0)?,
            pop: NewPop {
                entry: row.get(1)?,
                caller: row.get(2)?,
                at: row.get(3)?,
                trigger: row.get(4)?,
                target: row.get(5)?,
            },
            outcome: match outcome.as_str() {
                "opening" => PopOutcome::Opening,
                "opened" => PopOutcome::Opened { millis: row.get(7)? },
                _ => PopOutcome::Failed { text: row.get(8)? },
            },
        })
    }
}
