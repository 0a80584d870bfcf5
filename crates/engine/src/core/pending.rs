//! Requests that wait for the disk or the keyring.
use super::{AskId, Core, Effect};
use crate::{PopRule, Refusal, Reply};
use parley_sip::endpoint::Secret;
use parley_store::{AccountId, WatchData};

/// Why a front still waits.
#[derive(Debug)]
pub(crate) enum Pending {
    /// The account is being saved; this is its new password.
    Saving(Option<Secret>),
    /// The certificate to trust is being saved.
    Trusting,
    /// The keyring is taking the account's password.
    Keeping(AccountId),
    /// A page of history is being read.
    Page,
    /// An old call is being read, to open its screen pop again.
    Retry,
    /// An old call is being read, to preview this rule with it.
    Preview(PopRule),
    /// A watch is being saved.
    SavingWatch(WatchData),
    /// A page of messages is being read.
    Messages,
    /// An entry is being read, to play its recording from here on.
    Play(u64),
    /// Entries are being deleted.
    Deleting,
}

impl Core {
    pub(super) fn reply(&mut self, ask: AskId, answer: Result<Reply, Refusal>) {
        self.out.push_back(Effect::Reply(ask, answer));
    }
}
