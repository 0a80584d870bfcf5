//! Whom a person watches.
use crate::word::number;
use crate::{AccountId, Store, StoreError};
use rusqlite::params;

/// A watch's number. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WatchId(pub u64);
number!(WatchId);

/// Somebody whose lamp is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// Its number.
    pub id: WatchId,
    /// What the person entered.
    pub data: WatchData,
}

/// What a person enters about a watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchData {
    /// The line that watches.
    pub account: AccountId,
    /// The number or address watched.
    pub target: String,
    /// The name to show.
    pub label: String,
}

impl Store {
    /// All watches in their order.
    pub fn watches(&self) -> Result<Vec<Watch>, StoreError> {
        let mut find = self
            .db
            .prepare_cached("SELECT id, account, target, label FROM watch ORDER BY position, id")?;
        let rows = find.query_map([], |row| {
            Ok(Watch {
                id: row.get(0)?,
                data: WatchData {
                    account: row.get(1)?,
                    target: row.get(2)?,
                    label: row.get(3)?,
                },
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Adds a watch (`id` is `None`, it comes last) or changes one.
    pub fn save_watch(&mut self, id: Option<WatchId>, data: &WatchData) -> Result<WatchId, StoreError> {
        if let Some(id) = id {
            let changed = self.db.execute(
                "UPDATE watch SET account = ?2, target = ?3, label = ?4 WHERE id = ?1",
                params![id, data.account, data.target, data.label],
            )?;
            return if changed == 0 {
                Err(StoreError::NotFound)
            } else {
                Ok(id)
            };
        }
        self.db.execute(
            "INSERT INTO watch (position, account, target, label)
             VALUES ((SELECT coalesce(max(position), 0) + 1 FROM watch), ?1, ?2, ?3)",
            params![data.account, data.target, data.label],
        )?;
        Ok(WatchId(u64::try_from(self.db.last_insert_rowid()).unwrap_or_default()))
    }

    /// Forgets a watch.
    pub fn delete_watch(&mut self, id: WatchId) -> Result<(), StoreError> {
        let gone = self.db.execute("DELETE FROM watch WHERE id = ?1", [id])?;
        if gone == 0 { Err(StoreError::NotFound) } else { Ok(()) }
    }
}
