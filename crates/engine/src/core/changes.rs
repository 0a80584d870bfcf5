//! What the next update has to say. Only names are noted while a turn runs; views are drawn once, at its end.
use crate::{HistoryEntry, MessageView, PopLogEntry, ViewRef};
use parley_call::CallId;
use parley_store::{AccountId, WatchId};
use std::collections::BTreeSet;

/// What changed in this turn.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub accounts: BTreeSet<AccountId>,
    pub calls: BTreeSet<CallId>,
    /// Accounts whose screen-pop rule changed.
    pub rules: BTreeSet<AccountId>,
    pub watches: BTreeSet<WatchId>,
    pub notices: BTreeSet<String>,
    pub history: Vec<HistoryEntry>,
    pub pops: Vec<PopLogEntry>,
    pub messages: Vec<MessageView>,
    pub presence: bool,
    pub settings: bool,
    pub sound: bool,
    pub unseen: bool,
    pub removals: Vec<ViewRef>,
    /// Not views: levels and prefills, in order.
    pub said: Vec<crate::Event>,
}

impl Changes {
    /// A history entry is new or changed; its last state in a turn counts.
    pub fn history(&mut self, entry: HistoryEntry) {
        self.history.retain(|known| known.id != entry.id);
        self.history.push(entry);
    }

    /// The same for a message.
    pub fn message(&mut self, message: MessageView) {
        self.messages.retain(|known| known.id != message.id);
        self.messages.push(message);
    }

    /// The same for a screen pop.
    pub fn pop(&mut self, entry: PopLogEntry) {
        self.pops.retain(|known| known.id != entry.id);
        self.pops.push(entry);
    }
}
