//! Short messages between people.
use crate::word::{number, words};
use crate::{AccountId, Store, StoreError};
use rusqlite::{Row, params};

/// A message's number; a newer message has a greater one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub u64);
number!(MessageId);

/// Most messages kept; the oldest make room.
const KEPT: u32 = 20_000;

/// A message as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its number.
    pub id: MessageId,
    /// Who wrote what.
    pub data: NewMessage,
    /// How it went.
    pub outcome: MessageOutcome,
    /// Why it was not delivered, for people; may be empty.
    pub reason: String,
    /// It came in and nobody has looked at it.
    pub unseen: bool,
}

/// A message to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// The line.
    pub account: AccountId,
    /// The line's name now; the message keeps it.
    pub line: String,
    /// The other's address: one conversation each.
    pub peer: String,
    /// The other's name, or empty.
    pub name: String,
    /// The other's number, or the user part of the address.
    pub number: String,
    /// It came in.
    pub incoming: bool,
    /// The text.
    pub text: String,
    /// When, ms.
    pub at: i64,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageOutcome {
    /// It came in.
    Received,
    /// It is on its way.
    Sending,
    /// It is at its destination.
    Delivered,
    /// A server keeps it and will try.
    Accepted,
    /// It was not taken.
    Failed,
    /// Nobody knows: no answer came, or Parley stopped before it.
    Unknown,
}
words!(MessageOutcome {
    Received = "received",
    Sending = "sending",
    Delivered = "delivered",
    Accepted = "accepted",
    Failed = "failed",
    Unknown = "unknown",
});

const COLUMNS: &str = "id, account, line, peer, name, number, incoming, text, at, outcome, reason, unseen";

impl Store {
    /// Writes a message: one that came in is unseen, another one is on its way.
    pub fn add_message(&mut self, message: &NewMessage) -> Result<MessageId, StoreError> {
        let outcome = if message.incoming {
            MessageOutcome::Received
        } else {
            MessageOutcome::Sending
        };
        let change = self.db.transaction()?;
        change.execute(
            "INSERT INTO message (account, line, peer, name, number, incoming, text, at, outcome, unseen)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?6)",
            params![
                message.account,
                message.line,
                message.peer,
                message.name,
                message.number,
                message.incoming,
                message.text,
                message.at,
                outcome,
            ],
        )?;
        let id = MessageId(u64::try_from(change.last_insert_rowid()).unwrap_or_default());
        change.execute(
            "DELETE FROM message WHERE id <= (SELECT id FROM message ORDER BY id DESC LIMIT 1 OFFSET ?1)",
            [KEPT],
        )?;
        change.commit()?;
        Ok(id)
    }

    /// What became of a message on its way. The first outcome stays.
    pub fn message_outcome(&mut self, id: MessageId, outcome: MessageOutcome, reason: &str) -> Result<(), StoreError> {
        self.db.execute(
            "UPDATE message SET outcome = ?2, reason = ?3 WHERE id = ?1 AND outcome = 'sending'",
            params![id, outcome, reason],
        )?;
        Ok(())
    }

    /// Parley starts: of what was on its way when it stopped nobody knows.
    pub fn settle_messages(&mut self) -> Result<(), StoreError> {
        self.db
            .execute("UPDATE message SET outcome = 'unknown' WHERE outcome = 'sending'", [])?;
        Ok(())
    }

    /// One message.
    pub fn message(&self, id: MessageId) -> Result<Message, StoreError> {
        let mut find = self
            .db
            .prepare_cached(&format!("SELECT {COLUMNS} FROM message WHERE id = ?1"))?;
        Ok(find.query_row([id], Message::from_row)?)
    }

    /// Messages, newest first: of one conversation or of all, older than `before`, at most `limit` (1 to 500); and whether
    /// older ones follow.
    pub fn messages(
        &self,
        peer: Option<&str>,
        before: Option<MessageId>,
        limit: u32,
    ) -> Result<(Vec<Message>, bool), StoreError> {
        let limit = limit.clamp(1, 500);
        let mut find = self.db.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM message WHERE (?1 IS NULL OR peer = ?1) AND id < ?2 ORDER BY id DESC LIMIT ?3"
        ))?;
        let before = before.unwrap_or(MessageId(u64::MAX));
        let rows = find.query_map(params![peer, before, limit + 1], Message::from_row)?;
        let mut messages = rows.collect::<Result<Vec<_>, _>>()?;
        let page = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = messages.len() > page;
        messages.truncate(page);
        Ok((messages, more))
    }

    /// Messages nobody has looked at.
    pub fn unseen_messages(&self) -> Result<u32, StoreError> {
        Ok(self
            .db
            .query_row("SELECT count(*) FROM message WHERE unseen = 1", [], |row| row.get(0))?)
    }

    /// The messages of a conversation, or all, have been looked at. Returns those that changed.
    pub fn mark_messages_seen(&mut self, peer: Option<&str>) -> Result<Vec<MessageId>, StoreError> {
        let mut change = self.db.prepare_cached(
            "UPDATE message SET unseen = 0 WHERE unseen = 1 AND (?1 IS NULL OR peer = ?1) RETURNING id",
        )?;
        let ids = change.query_map([peer], |row| row.get(0))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }
}

impl Message {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            data: NewMessage {
                account: row.get(1)?,
                line: row.get(2)?,
                peer: row.get(3)?,
                name: row.get(4)?,
                number: row.get(5)?,
                incoming: row.get(6)?,
                text: row.get(7)?,
                at: row.get(8)?,
            },
            outcome: row.get(9)?,
            reason: row.get(10)?,
            unseen: row.get(11)?,
        })
    }
}
