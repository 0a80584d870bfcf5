//! Calls as history entries, and the history as the fronts see it.
use super::pending::Pending;
use super::{AskId, Core, StoreAnswer, StoreCommand, convert, words};
use crate::{HistoryEntry, MediaView, NoticeLevel, Refusal, RefusalCode, Reply, ViewRef};
use parley_call::{CallId, HistoryNote};
use parley_store::{End, HistoryId, NewCall};

/// Entries a snapshot shows.
const SHOWN: usize = 100;
/// Screen pops a snapshot shows.
const POPS_SHOWN: usize = 20;

impl Core {
    /// A line for the history.
    pub(super) fn note(&mut self, id: CallId, note: HistoryNote) {
        let now = self.now.unix_ms;
        match note {
            HistoryNote::Began => {
                let Some(call) = self.calls.get(&id) else { return };
                let line = self
                    .account(call.account)
                    .map(|account| account.data.name.clone())
                    .unwrap_or_default();
                let facts = &call.facts;
                let entry = NewCall {
                    account: call.account,
                    line,
                    direction: crate::Direction::from(call.direction).into(),
                    name: facts.name.clone().unwrap_or_default(),
                    number: facts.number.clone(),
                    address: facts.address.clone(),
                    reached: if call.target.is_some() {
                        String::new()
                    } else {
                        facts.reached.clone()
                    },
                    called: facts.called.clone(),
                    started_at: call.began,
                    follows: None,
                    headers: facts.kept_headers(),
                };
                let follows = call.follows;
                self.store(StoreCommand::Begin {
                    call: id,
                    follows,
                    new: entry,
                });
                let unwritten = self.calls.get_mut(&id).and_then(|call| call.unwritten.take());
                unwritten.into_iter().flatten().for_each(|command| self.store(command));
                self.start_heartbeat();
            }
            HistoryNote::Answered => {
                self.store(StoreCommand::Answered(id, now));
                self.record_by_rule(id);
            }
            HistoryNote::Ended { outcome, cause, .. } => {
                let reason = words::end(&cause);
                self.tell(id, reason.clone());
                let media = self.calls.get(&id).and_then(|call| call.media.as_ref());
                if let Some(quality) = media.map(quality) {
                    self.store(StoreCommand::Sounded(id, quality));
                }
                self.store(StoreCommand::Ended(
                    id,
                    End {
                        at: now,
                        outcome: convert::outcome(outcome),
                        reason,
                    },
                ));
            }
        }
    }

    /// Tells the disk about a call, after its beginning: the screen pop is asked for before any of this.
    pub(super) fn store_of(&mut self, call: Option<CallId>, command: StoreCommand) {
        match call
            .and_then(|call| self.calls.get_mut(&call))
            .and_then(|call| call.unwritten.as_mut())
        {
            Some(unwritten) => unwritten.push(command),
            None => self.store(command),
        }
    }

    /// What the disk says.
    pub(super) fn store_answer(&mut self, answer: StoreAnswer) {
        match answer {
            StoreAnswer::Loaded(loaded) => self.loaded(*loaded),
            StoreAnswer::AccountSaved(ask, result) => self.account_saved(ask, result),
            StoreAnswer::Accounts(accounts) => self.accounts_listed(accounts),
            StoreAnswer::Entry(entry) => self.entry_changed(entry.into()),
            StoreAnswer::Unseen(missed) => {
                self.unseen = missed;
                self.changes.unseen = true;
            }
            StoreAnswer::Pop(key, entry) => {
                let entry: crate::PopLogEntry = entry.into();
                self.pop_logged(key, &entry);
                self.pops.retain(|known| known.id != entry.id);
                let place = self.pops.partition_point(|known| known.id > entry.id);
                self.pops.insert(place, entry.clone());
                self.pops.truncate(POPS_SHOWN);
                self.changes.pop(entry);
            }
            StoreAnswer::Page(ask, page) => {
                let Some(Pending::Page) = self.asks.remove(&ask) else {
                    return;
                };
                let answer = page.map_err(storage).map(|page| Reply::History {
                    entries: page.entries.into_iter().map(Into::into).collect(),
                    more: page.more,
                });
                self.reply(ask, answer);
            }
            StoreAnswer::Recalled(ask, recalled) => self.recalled(ask, recalled.map(|recalled| *recalled)),
            StoreAnswer::Deleted(ask, result) => {
                let gone = self.deletion(ask, result).unwrap_or_default();
                self.history.retain(|entry| !gone.contains(&HistoryId(entry.id)));
                self.changes
                    .removals
                    .extend(gone.into_iter().map(|id| ViewRef::History(id.0)));
            }
            StoreAnswer::Cleared(ask, result) => {
                let Some(left) = self.deletion(ask, result) else { return };
                self.history.clear();
                self.changes.removals.push(ViewRef::AllHistory);
                left.into_iter().for_each(|entry| self.entry_changed(entry.into()));
            }
            StoreAnswer::WatchSaved(ask, result) => self.watch_written(ask, result),
            StoreAnswer::Message(message) => self.message_changed(message.into()),
            StoreAnswer::Messages(ask, page) => self.messages_found(ask, page),
            StoreAnswer::UnseenMessages(unseen) => {
                self.messages.unseen = unseen;
                self.changes.unseen = true;
            }
            StoreAnswer::Trouble(text) => self.notice("storage", NoticeLevel::Error, text),
        }
    }

    /// The newest entries and pops, as they were found at the start.
    pub(super) fn show_loaded_history(&mut self, entries: Vec<parley_store::Entry>, pops: Vec<parley_store::PopEntry>) {
        for entry in entries.into_iter().take(SHOWN).rev() {
            self.entry_changed(entry.into());
        }
        self.pops = pops.into_iter().take(POPS_SHOWN).map(Into::into).collect();
        self.changes.pops = self.pops.iter().rev().cloned().collect();
    }

    /// Looks for calls.
    pub(super) fn search(&mut self, ask: AskId, query: parley_store::Query) {
        self.asks.insert(ask, Pending::Page);
        self.store(StoreCommand::Search(ask, query));
    }

    fn deletion<T>(&mut self, ask: AskId, result: Result<T, String>) -> Option<T> {
        let Some(Pending::Deleting) = self.asks.remove(&ask) else {
            return None;
        };
        match result {
            Ok(done) => {
                self.reply(ask, Ok(Reply::Done));
                Some(done)
            }
            Err(why) => {
                self.reply(ask, Err(storage(why)));
                None
            }
        }
    }

    fn entry_changed(&mut self, entry: HistoryEntry) {
        self.history.retain(|known| known.id != entry.id);
        let place = self.history.partition_point(|known| known.id > entry.id);
        self.history.insert(place, entry.clone());
        self.history.truncate(SHOWN);
        self.changes.history(entry);
    }
}

/// What is kept of the last figures of a call.
fn quality(media: &MediaView) -> parley_store::Quality {
    // Figures of a call are far below what a number of 32 bits holds, and never below zero.
    let whole = |value: f32| value.round() as u32;
    parley_store::Quality {
        codec: media.codec.clone(),
        mos_hundredths: whole(media.mos * 100.0),
        made_up_permille: whole(media.made_up_percent * 10.0),
        jitter_ms: whole(media.jitter_ms),
        round_trip_ms: media.round_trip_ms.map(whole),
    }
}

/// The disk refused.
pub(super) fn storage(why: String) -> Refusal {
    Refusal::new(RefusalCode::Storage, why)
}
