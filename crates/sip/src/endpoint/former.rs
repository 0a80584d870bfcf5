//! Accounts that were removed, or that are now set up in another way: what they began is brought to its end with what they knew.
//! A BYE that its server wants proven would be lost otherwise, and the far end left in a call nobody is in.
//!
//! A former account registers nothing, is told of nothing and takes no calls. It is kept as long as calls that began with it go on,
//! and for a while after the last of them.

use std::time::{Duration, Instant};

use super::registration::Account;
use super::timers::Alarm;
use super::{AccountId, Endpoint, SessionId};

/// How long what an account says last may take: a request goes unanswered for 32 seconds, and is challenged a few times.
const PARTING: Duration = Duration::from_secs(180);
/// So many are kept; the oldest goes first.
const MOST_FORMER: usize = 16;

/// What an account was.
#[derive(Debug)]
pub(super) struct Former {
    pub(super) id: AccountId,
    pub(super) account: Account,
    /// Calls that began with it and go on.
    calls: Vec<SessionId>,
}

impl Endpoint {
    /// Keeps what an account was until its calls are over and its last words said.
    pub(super) fn keep_former(&mut self, now: Instant, id: AccountId, account: Account) {
        if account.digest.is_none() {
            return;
        }
        if self.former.len() >= MOST_FORMER {
            self.former.remove(0);
        }
        let calls = self.sessions.iter().filter(|(_, session)| session.account == id);
        let calls = calls.map(|(call, _)| *call).collect();
        self.former.push(Former { id, account, calls });
        self.alarms.set(Alarm::Parted(id), now + PARTING);
    }

    /// The last words have been said, or calls still go on.
    pub(super) fn parted(&mut self, now: Instant, id: AccountId) {
        let sessions = &self.sessions;
        self.former.retain_mut(|former| {
            let parting = former.id != id || !former.calls.is_empty();
            former.calls.retain(|call| sessions.contains_key(call));
            parting
        });
        if self.former.iter().any(|former| former.id == id) {
            self.alarms.set(Alarm::Parted(id), now + PARTING);
        }
    }

    /// The account of this number, or what it was last.
    pub(super) fn account_or_former(&self, id: AccountId) -> Option<&Account> {
        let former = || self.former.iter().rev().find(|former| former.id == id);
        self.accounts.get(&id).or_else(|| Some(&former()?.account))
    }
}
