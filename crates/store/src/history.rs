//! Every call that was.
use crate::word::{number, words};
use crate::{AccountId, Store, StoreError, fold};
use rusqlite::{Row, params};
use std::collections::BTreeSet;

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
    /// It was sent on before it was answered here.
    Forwarded,
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
    Forwarded = "forwarded",
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
    /// The entry of the call that was sent on, because of which this one is made.
    pub follows: Option<HistoryId>,
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
    /// The entry of the call that was sent on, because of which this one was made; it may be deleted since.
    pub follows: Option<HistoryId>,
    /// The file of its recording, without a folder; empty for none.
    pub recording: String,
    /// How it sounded; for none that was not talked.
    pub quality: Option<Box<Quality>>,
}

/// How a call sounded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quality {
    /// For people.
    pub codec: String,
    /// Mean opinion score in hundredths.
    pub mos_hundredths: u32,
    /// Share of the sound that had to be made up, in thousandths.
    pub made_up_permille: u32,
    /// Interarrival jitter.
    pub jitter_ms: u32,
    /// Round trip, when it is known.
    pub round_trip_ms: Option<u32>,
}

/// Columns of an [`Entry`], for [`Entry::from_row`].
pub(crate) const COLUMNS: &str =
    "h.id, h.account, h.line, h.direction, h.outcome, h.name, h.number, h.address, h.reached,
    h.called, h.started_at, h.answered_at, h.ended_at, h.reason, h.pop, h.unseen, h.follows,
    h.codec, h.mos, h.made_up, h.jitter, h.round_trip, h.recording";

impl Entry {
    pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let (started_at, answered_at, ended_at) = (row.get(10)?, row.get(11)?, row.get(12)?);
        let number: String = row.get(6)?;
        Ok(Self {
            id: row.get(0)?,
            account: row.get(1)?,
            line: row.get(2)?,
            direction: row.get(3)?,
            outcome: row.get(4)?,
            name: row.get(5)?,
            can_call_back: !number.trim().is_empty(),
            number,
            address: row.get(7)?,
            reached: row.get(8)?,
            called: row.get(9)?,
            started_at,
            answered_at,
            ended_at,
            talk_seconds: seconds(answered_at, ended_at),
            ring_seconds: seconds(Some(started_at), answered_at.or(ended_at)),
            reason: row.get(13)?,
            pop: row.get(14)?,
            unseen: row.get(15)?,
            follows: row.get(16)?,
            quality: match row.get::<_, Option<u32>>(18)? {
                None => None,
                Some(mos_hundredths) => Some(Box::new(Quality {
                    codec: row.get(17)?,
                    mos_hundredths,
                    made_up_permille: row.get(19)?,
                    jitter_ms: row.get(20)?,
                    round_trip_ms: row.get(21)?,
                })),
            },
            recording: row.get(22)?,
        })
    }
}

/// Whole seconds between two instants; 0 when one is not known or the clock was set back in between.
fn seconds(from: Option<i64>, to: Option<i64>) -> u32 {
    let millis = from.zip(to).map_or(0, |(from, to)| to.saturating_sub(from));
    u32::try_from(millis / 1000).unwrap_or(if millis < 0 { 0 } else { u32::MAX })
}

impl Store {
    /// A call begins. The entry is `InProgress` until [`Store::ended`].
    pub fn begin(&mut self, call: &NewCall) -> Result<HistoryId, StoreError> {
        let change = self.db.transaction()?;
        change
            .prepare_cached(
                "INSERT INTO history (account, line, direction, outcome, name, number, address, reached, called,
                                      started_at, last_known_at, follows)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11)",
            )?
            .execute(params![
                call.account,
                call.line,
                call.direction,
                Outcome::InProgress,
                call.name,
                call.number,
                call.address,
                call.reached,
                call.called,
                call.started_at,
                call.follows,
            ])?;
        let id = HistoryId(u64::try_from(change.last_insert_rowid()).unwrap_or_default());
        change
            .prepare_cached("INSERT INTO history_search (id, folded, digits) VALUES (?1, ?2, ?3)")?
            .execute(params![
                id,
                fold::entry(&call.name, &call.number, &call.address),
                fold::digits(&call.number)
            ])?;
        for (position, (name, value)) in (0_i64..).zip(&call.headers) {
            change
                .prepare_cached("INSERT INTO history_header (entry, position, name, value) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![id, position, name, value])?;
        }
        change.commit()?;
        Ok(id)
    }

    /// It was answered. The first answer stays, and none comes after the end.
    pub fn answered(&mut self, id: HistoryId, at: i64) -> Result<(), StoreError> {
        self.change_entry(
            id,
            "UPDATE history SET answered_at = ?2, last_known_at = max(last_known_at, ?2)
             WHERE id = ?1 AND outcome = 'in_progress' AND answered_at IS NULL",
            params![id, at],
        )
    }

    /// It is being recorded in this file; an empty name takes that back.
    pub fn recorded(&mut self, id: HistoryId, file: &str) -> Result<(), StoreError> {
        self.change_entry(id, "UPDATE history SET recording = ?2 WHERE id = ?1", params![id, file])
    }

    /// The files of all recordings that entries know.
    pub fn recordings(&self) -> Result<BTreeSet<String>, StoreError> {
        let mut find = self
            .db
            .prepare_cached("SELECT recording FROM history WHERE recording <> ''")?;
        let files = find.query_map([], |row| row.get(0))?;
        Ok(files.collect::<Result<_, _>>()?)
    }

    /// It goes on: should Parley stop, this is the last known instant. Every ten seconds is plenty.
    pub fn touch(&mut self, id: HistoryId, now: i64) -> Result<(), StoreError> {
        self.change_entry(
            id,
            "UPDATE history SET last_known_at = ?2 WHERE id = ?1 AND outcome = 'in_progress'",
            params![id, now],
        )
    }

    /// How it sounded; the last word stays.
    pub fn sounded(&mut self, id: HistoryId, quality: &Quality) -> Result<(), StoreError> {
        self.change_entry(
            id,
            "UPDATE history SET codec = ?2, mos = ?3, made_up = ?4, jitter = ?5, round_trip = ?6 WHERE id = ?1",
            params![
                id,
                quality.codec,
                quality.mos_hundredths,
                quality.made_up_permille,
                quality.jitter_ms,
                quality.round_trip_ms,
            ],
        )
    }

    /// It ended. A missed incoming one is unseen from here on. The first end stays; a second changes nothing.
    pub fn ended(&mut self, id: HistoryId, end: &End) -> Result<(), StoreError> {
        let outcome = if end.outcome == Outcome::InProgress {
            Outcome::Interrupted
        } else {
            end.outcome
        };
        self.change_entry(
            id,
            "UPDATE history SET outcome = ?2, ended_at = ?3, reason = ?4,
                                unseen = (?2 = 'missed' AND direction = 'incoming')
             WHERE id = ?1 AND outcome = 'in_progress'",
            params![id, outcome, end.at, end.reason],
        )
    }

    /// One entry.
    pub fn entry(&self, id: HistoryId) -> Result<Entry, StoreError> {
        let mut find = self
            .db
            .prepare_cached(&format!("SELECT {COLUMNS} FROM history h WHERE h.id = ?1"))?;
        Ok(find.query_row([id], Entry::from_row)?)
    }

    /// The headers kept with an entry, in order.
    pub fn headers(&self, id: HistoryId) -> Result<Vec<(String, String)>, StoreError> {
        let mut find = self
            .db
            .prepare_cached("SELECT name, value FROM history_header WHERE entry = ?1 ORDER BY position")?;
        let rows = find.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Deletes entries with their pops, but none that goes on. Returns those deleted.
    pub fn delete(&mut self, ids: &[HistoryId]) -> Result<Vec<HistoryId>, StoreError> {
        let change = self.db.transaction()?;
        let mut deleted = Vec::with_capacity(ids.len());
        for id in ids {
            let gone = change
                .prepare_cached("DELETE FROM history WHERE id = ?1 AND outcome <> 'in_progress'")?
                .execute([id])?;
            if gone > 0 {
                deleted.push(*id);
            }
        }
        change.commit()?;
        Ok(deleted)
    }

    /// Deletes all entries but those that go on. Returns how many.
    pub fn clear(&mut self) -> Result<u64, StoreError> {
        let gone = self
            .db
            .execute("DELETE FROM history WHERE outcome <> 'in_progress'", [])?;
        Ok(u64::try_from(gone).unwrap_or(u64::MAX))
    }

    /// Missed calls nobody has looked at.
    pub fn unseen_missed(&self) -> Result<u32, StoreError> {
        Ok(self
            .db
            .query_row("SELECT count(*) FROM history WHERE unseen = 1", [], |row| row.get(0))?)
    }

    /// All missed calls have been looked at. Returns the entries that changed.
    pub fn mark_seen(&mut self) -> Result<Vec<HistoryId>, StoreError> {
        let mut change = self
            .db
            .prepare_cached("UPDATE history SET unseen = 0 WHERE unseen = 1 RETURNING id")?;
        let ids = change.query_map([], |row| row.get(0))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// Runs a change that may leave the entry alone, and says when there is no such entry.
    fn change_entry(&self, id: HistoryId, sql: &str, values: impl rusqlite::Params) -> Result<(), StoreError> {
        let changed = self.db.prepare_cached(sql)?.execute(values)?;
        if changed == 0 {
            self.db
                .query_row("SELECT 1 FROM history WHERE id = ?1", [id], |_| Ok(()))?;
        }
        Ok(())
    }
}
