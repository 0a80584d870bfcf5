//! The disk, on a thread of its own: nothing a call needs waits for it.
use crate::core::{MessageKey, PopKey, PopOf, Recall, Recalled, StoreAnswer, StoreCommand};
use parley_call::CallId;
use parley_store::{Filter, HistoryId, MessageId, PopId, Query, Store, StoreError};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::mpsc;

/// The file's name in the data folder.
const FILE: &str = "parley.db";
/// The folder of recordings in the data folder.
const RECORDINGS: &str = "recordings";
/// Entries told at the start.
const ENTRIES: u32 = 100;
/// Screen pops told at the start.
const POPS: u32 = 20;
/// Messages told at the start.
const MESSAGES: u32 = 100;

/// Starts the thread. It ends, with everything written, when the sender is dropped; `say` is called on it.
///
/// # Errors
/// When the system gives no thread.
pub(crate) fn start(
    folder: Option<PathBuf>,
    say: impl Fn(StoreAnswer) + Send + 'static,
) -> std::io::Result<(mpsc::Sender<StoreCommand>, std::thread::JoinHandle<()>)> {
    let (commands, waiting) = mpsc::channel();
    let thread = std::thread::Builder::new()
        .name("parley-store".to_owned())
        .spawn(move || {
            let Some((store, trouble)) = open(folder.as_deref()) else {
                return say(StoreAnswer::Trouble("Nothing is kept in this run.".to_owned()));
            };
            let mut keeper = Keeper {
                recordings: folder.as_deref().map(recordings),
                store,
                trouble,
                say: Box::new(say),
                entries: HashMap::new(),
                pops: HashMap::new(),
                messages: HashMap::new(),
            };
            while let Ok(command) = waiting.recv() {
                keeper.carry_out(command);
            }
        })?;
    Ok((commands, thread))
}

/// Where recordings are kept.
pub(crate) fn recordings(folder: &Path) -> PathBuf {
    folder.join(RECORDINGS)
}

/// A store whatever happens: one in memory, and the reason, when the file cannot be used.
fn open(folder: Option<&Path>) -> Option<(Store, Option<String>)> {
    let trouble = match folder.map(|folder| Store::open(&folder.join(FILE))) {
        Some(Ok(store)) => return Some((store, None)),
        Some(Err(why)) => Some(format!("{why} Until then nothing is kept.")),
        None => None,
    };
    match Store::open_in_memory() {
        Ok(store) => Some((store, trouble)),
        Err(why) => {
            log::error!("there is no store at all: {why}");
            None
        }
    }
}

struct Keeper {
    store: Store,
    trouble: Option<String>,
    recordings: Option<PathBuf>,
    say: Box<dyn Fn(StoreAnswer) + Send>,
    entries: HashMap<CallId, HistoryId>,
    pops: HashMap<PopKey, PopId>,
    /// Those whose outcome is still to come.
    messages: HashMap<MessageKey, MessageId>,
}

impl Keeper {
    fn carry_out(&mut self, command: StoreCommand) {
        let done = match command {
            StoreCommand::Load => self.load(),
            StoreCommand::SaveAccount(ask, id, data) => {
                let saved = self
                    .store
                    .save_account(id, &data)
                    .and_then(|id| Ok((id, self.store.accounts()?)));
                (self.say)(StoreAnswer::AccountSaved(ask, saved.map_err(|why| why.to_string())));
                Ok(())
            }
            StoreCommand::DeleteAccount(id) => self.store.delete_account(id).and_then(|()| self.tell_accounts()),
            StoreCommand::ChooseLine(id) => self.store.choose_line(id).and_then(|()| self.tell_accounts()),
            StoreCommand::SaveRule(rule) => self.store.save_pop_rule(&rule),
            StoreCommand::Remember(key, value) => self.store.remember(&key, value.as_deref()),
            StoreCommand::SaveSettings(settings) => self.store.save_settings(&settings),
            StoreCommand::ChooseDevices(role, devices) => self.store.choose_devices(role, &devices),
            StoreCommand::Begin { call, follows, mut new } => {
                new.follows = follows.and_then(|before| self.entries.get(&before)).copied();
                self.store.begin(&new).and_then(|id| {
                    self.entries.insert(call, id);
                    self.tell_entry(id)
                })
            }
            StoreCommand::Answered(call, at) => self.of(call, |store, id| store.answered(id, at)),
            StoreCommand::Sounded(call, quality) => self.of(call, |store, id| store.sounded(id, &quality)),
            StoreCommand::Ended(call, end) => {
                let done = self
                    .of(call, |store, id| store.ended(id, &end))
                    .and_then(|()| self.tell_unseen());
                self.forget_some(call);
                done
            }
            StoreCommand::Recorded(call, file) => self.of(call, |store, id| store.recorded(id, &file)),
            StoreCommand::Touch(calls, at) => calls.iter().try_for_each(|call| match self.entries.get(call) {
                Some(id) => self.store.touch(*id, at),
                None => Ok(()),
            }),
            StoreCommand::PopBegan { key, of, pop } => self.pop_began(key, of, pop),
            StoreCommand::PopEnded(key, outcome) => match self.pops.remove(&key) {
                Some(id) => self
                    .store
                    .set_pop_outcome(id, &outcome)
                    .and_then(|()| self.tell_pop(key, id)),
                None => Ok(()),
            },
            StoreCommand::Search(ask, query) => {
                let page = self.store.search(&query).map_err(|why| why.to_string());
                (self.say)(StoreAnswer::Page(ask, page));
                Ok(())
            }
            StoreCommand::Recall(ask, what) => {
                let recalled = self
                    .recall(what)
                    .inspect_err(|why| log::info!("an old call was not found: {why}"));
                (self.say)(StoreAnswer::Recalled(ask, recalled.ok().map(Box::new)));
                Ok(())
            }
            StoreCommand::Delete(ask, ids) => {
                let before = self.store.recordings();
                let gone = self.store.delete(&ids).map_err(|why| why.to_string());
                (self.say)(StoreAnswer::Deleted(ask, gone));
                self.delete_recordings(before);
                self.tell_unseen()
            }
            StoreCommand::Clear(ask) => {
                let before = self.store.recordings();
                let left = self.store.clear().and_then(|_| Ok(self.newest()?.entries));
                (self.say)(StoreAnswer::Cleared(ask, left.map_err(|why| why.to_string())));
                self.delete_recordings(before);
                self.tell_unseen()
            }
            StoreCommand::MarkSeen => self.store.mark_seen().and_then(|changed| {
                changed.into_iter().try_for_each(|id| self.tell_entry(id))?;
                self.tell_unseen()
            }),
            StoreCommand::SaveWatch(ask, id, data) => {
                let saved = self.store.save_watch(id, &data).map_err(|why| why.to_string());
                (self.say)(StoreAnswer::WatchSaved(ask, saved));
                Ok(())
            }
            StoreCommand::DeleteWatch(id) => self.store.delete_watch(id),
            StoreCommand::AddMessage(key, message) => self.add_message(key, &message),
            StoreCommand::MessageOutcome(key, outcome, reason) => match self.messages.remove(&key) {
                Some(id) => self
                    .store
                    .message_outcome(id, outcome, &reason)
                    .and_then(|()| self.tell_message(id)),
                None => Ok(()),
            },
            StoreCommand::Messages(ask, peer, before, limit) => {
                let page = self.store.messages(peer.as_deref(), before, limit);
                (self.say)(StoreAnswer::Messages(ask, page.map_err(|why| why.to_string())));
                Ok(())
            }
            StoreCommand::MarkMessagesSeen(peer) => {
                self.store.mark_messages_seen(peer.as_deref()).and_then(|changed| {
                    changed.into_iter().try_for_each(|id| self.tell_message(id))?;
                    self.tell_unseen_messages()
                })
            }
        };
        if let Err(why) = done {
            log::error!("the store refused: {why}");
            (self.say)(StoreAnswer::Trouble(why.to_string()));
        }
    }

    /// Deletes the files that no entry knows any more.
    fn delete_recordings(&self, before: Result<BTreeSet<String>, StoreError>) {
        let (Some(folder), Ok(before), Ok(after)) = (&self.recordings, before, self.store.recordings()) else {
            return;
        };
        for file in before.difference(&after) {
            if let Err(why) = std::fs::remove_file(folder.join(file)) {
                log::warn!("a recording could not be deleted: {why}");
            }
        }
    }

    fn load(&mut self) -> Result<(), StoreError> {
        self.store.settle_messages()?;
        let accounts = self.store.accounts()?;
        let mut outages = Vec::new();
        for account in &accounts {
            if let Some(text) = self.store.remembered(&crate::core::outages_key(account.id))? {
                outages.push((account.id, text));
            }
        }
        let loaded = crate::core::Loaded {
            accounts,
            outages,
            rules: self.store.pop_rules()?,
            settings: self.store.settings()?,
            devices: self.store.sound_choice()?,
            history: self.newest()?.entries,
            unseen: self.store.unseen_missed()?,
            pops: self.store.pop_log(POPS)?,
            watches: self.store.watches()?,
            messages: self.store.messages(None, None, MESSAGES)?.0,
            unseen_messages: self.store.unseen_messages()?,
            trouble: self.trouble.take(),
        };
        (self.say)(StoreAnswer::Loaded(Box::new(loaded)));
        Ok(())
    }

    fn pop_began(&mut self, key: PopKey, of: PopOf, pop: parley_store::NewPop) -> Result<(), StoreError> {
        let entry = match of {
            PopOf::Call(call) => self.entries.get(&call).copied(),
            PopOf::Entry(id) => Some(id),
        };
        let entry = entry.ok_or(StoreError::NotFound)?;
        let id = self.store.log_pop(&parley_store::NewPop { entry, ..pop })?;
        self.pops.insert(key, id);
        self.tell_pop(key, id)?;
        self.tell_entry(entry)
    }

    fn add_message(&mut self, key: MessageKey, message: &parley_store::NewMessage) -> Result<(), StoreError> {
        let id = self.store.add_message(message)?;
        if !message.incoming {
            self.messages.insert(key, id);
        }
        self.tell_message(id)?;
        if message.incoming {
            self.tell_unseen_messages()
        } else {
            Ok(())
        }
    }

    fn tell_message(&self, id: MessageId) -> Result<(), StoreError> {
        (self.say)(StoreAnswer::Message(self.store.message(id)?));
        Ok(())
    }

    fn tell_unseen_messages(&self) -> Result<(), StoreError> {
        (self.say)(StoreAnswer::UnseenMessages(self.store.unseen_messages()?));
        Ok(())
    }

    fn recall(&self, what: Recall) -> Result<Recalled, StoreError> {
        let id = match what {
            Recall::Pop(pop) => self.store.pop(pop)?.pop.entry,
            Recall::Entry(id) => id,
        };
        Ok(Recalled {
            entry: self.store.entry(id)?,
            headers: self.store.headers(id)?,
        })
    }

    fn of(
        &mut self,
        call: CallId,
        act: impl FnOnce(&mut Store, HistoryId) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        // Its beginning could not be written; that was told already.
        let Some(id) = self.entries.get(&call).copied() else {
            return Ok(());
        };
        act(&mut self.store, id)?;
        self.tell_entry(id)
    }

    /// A screen pop may still be opened by hand while the ended call is shown; after a hundred more calls nobody asks for it.
    fn forget_some(&mut self, ended: CallId) {
        self.entries.retain(|call, _| call.0 + 100 > ended.0);
    }

    fn newest(&self) -> Result<parley_store::Page, StoreError> {
        self.store.search(&Query {
            text: String::new(),
            filter: Filter::All,
            before: None,
            limit: ENTRIES,
        })
    }

    fn tell_entry(&self, id: HistoryId) -> Result<(), StoreError> {
        (self.say)(StoreAnswer::Entry(self.store.entry(id)?));
        Ok(())
    }

    fn tell_pop(&self, key: PopKey, id: PopId) -> Result<(), StoreError> {
        (self.say)(StoreAnswer::Pop(key, self.store.pop(id)?));
        Ok(())
    }

    fn tell_unseen(&self) -> Result<(), StoreError> {
        (self.say)(StoreAnswer::Unseen(self.store.unseen_missed()?));
        Ok(())
    }

    fn tell_accounts(&self) -> Result<(), StoreError> {
        (self.say)(StoreAnswer::Accounts(self.store.accounts()?));
        Ok(())
    }
}
