//! What Parley remembers: history, accounts, settings, screen-pop rules and their log, watches and messages, in one SQLite file.
//!
//! Everything here blocks on the disk; the engine calls it from a thread of its own. All instants are milliseconds
//! since the Unix epoch.
//!
//! **Invariants.** No password is ever here: the schema has no place for one. What a call returned `Ok` for is on the
//! disk (WAL with `synchronous=FULL`), so neither a crash nor a power cut loses an ended call. A file that cannot be
//! read is left exactly as it is. One process at a time has the file open.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod account;
mod badge;
mod error;
mod fold;
mod history;
mod message;
mod migrate;
mod open;
mod options;
mod pop;
mod search;
mod settings;
mod watch;
mod word;

pub use account::{Account, AccountData, AccountId, Transport};
pub use error::{OpenError, StoreError};
pub use history::{Direction, End, Entry, HistoryId, NewCall, Outcome, Quality};
pub use message::{Message, MessageId, MessageOutcome, NewMessage};
pub use open::Store;
pub use options::{
    AccountOptions, AudioCodec, BusyForward, Codes, Encryption, Forwarding, KeyMethod, LateForward, Referrals,
};
pub use pop::{NewPop, PopEntry, PopId, PopMode, PopOutcome, PopRule, PopTrigger};
pub use search::{Filter, Page, Query};
pub use settings::{OnClose, Settings, SoundChoice, SoundRole, Theme};
pub use watch::{Watch, WatchData, WatchId};
