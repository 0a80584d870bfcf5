//! Watched lines and mailboxes: what is subscribed to, and what is known of it.
use super::account::PRESET_IDS;
use super::dial;
use super::link_accounts::no_account;
use super::link_history::storage;
use super::pending::Pending;
use super::words::clean;
use super::{AskId, Core, StoreCommand, sip_account};
use crate::{Lamp, Refusal, RefusalCode, Reply, ViewRef, WatchDraft, WatchPresence, WatchState, WatchView};
use parley_sip::bodies::{Activity, Dialog, DialogInfo, DialogState, Pidf};
use parley_sip::endpoint::{Package, SubscriptionId};
use parley_sip::headers::ReplacesTarget;
use parley_store::{AccountId, WatchData, WatchId};
use std::collections::HashMap;

/// Most watches; each is two subscriptions.
const MOST: usize = 200;
/// Longest label, in characters.
const LABEL: usize = 80;

/// All that is watched.
#[derive(Debug, Default)]
pub(crate) struct Watching {
    pub watches: Vec<Watch>,
    subjects: HashMap<SubscriptionId, Subject>,
    last: u64,
}

/// What a subscription is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Mailbox(AccountId),
    Presence(WatchId),
    Calls(WatchId),
}

/// One watch.
#[derive(Debug)]
pub(crate) struct Watch {
    pub id: WatchId,
    pub data: WatchData,
    presence: Option<Pidf>,
    calls: Option<DialogInfo>,
}

impl Watching {
    pub fn subject(&self, subscription: SubscriptionId) -> Option<Subject> {
        self.subjects.get(&subscription).copied()
    }

    pub fn watch(&self, id: WatchId) -> Option<&Watch> {
        self.watches.iter().find(|watch| watch.id == id)
    }

    pub fn watch_mut(&mut self, id: WatchId) -> Option<&mut Watch> {
        self.watches.iter_mut().find(|watch| watch.id == id)
    }

    /// What the subject's subscriptions were; they are forgotten.
    fn take(&mut self, is_meant: impl Fn(Subject) -> bool) -> Vec<SubscriptionId> {
        let meant = self.subjects.iter().filter(|(_, subject)| is_meant(**subject));
        let meant: Vec<_> = meant.map(|(id, _)| *id).collect();
        for id in &meant {
            self.subjects.remove(id);
        }
        meant
    }
}

impl Watch {
    pub fn new(id: WatchId, data: WatchData) -> Self {
        let (presence, calls) = (None, None);
        Self {
            id,
            data,
            presence,
            calls,
        }
    }

    /// `None`: nothing is known any more.
    pub fn presence(&mut self, presence: Option<Pidf>) {
        self.presence = presence;
    }

    /// `None`: nothing is known any more.
    pub fn calls(&mut self, calls: Option<DialogInfo>) {
        self.calls = calls;
    }

    /// The ringing call, if it is known.
    pub fn ringing(&self) -> Option<&Dialog> {
        self.calls.as_ref()?.dialogs.iter().find(|dialog| dialog.is_ringing())
    }

    fn lamp(&self) -> Lamp {
        let Some(calls) = &self.calls else {
            return self.lamp_by_presence();
        };
        if let Some(ringing) = self.ringing() {
            let identity = ringing.remote.identity.as_deref();
            let number = identity.and_then(|text| text.parse::<parley_sip::Uri>().ok()?.user());
            let caller = ringing.remote.display.clone().or(number);
            return Lamp::Ringing {
                caller: caller.map(|caller| clean(&caller)).filter(|caller| !caller.is_empty()),
            };
        }
        let mut going = calls
            .dialogs
            .iter()
            .filter(|dialog| dialog.state != DialogState::Terminated)
            .peekable();
        if going.peek().is_none() {
            Lamp::Idle
        } else if going.all(|dialog| dialog.state == DialogState::Confirmed && dialog.local.is_holding()) {
            Lamp::Held
        } else {
            Lamp::Busy
        }
    }

    /// Servers without dialog-info tell that somebody talks in their presence.
    fn lamp_by_presence(&self) -> Lamp {
        match &self.presence {
            Some(known) if known.is_on_the_phone() => Lamp::Busy,
            Some(Pidf { open: Some(true), .. }) => Lamp::Idle,
            _ => Lamp::Unknown,
        }
    }

    fn view(&self, code: bool) -> WatchView {
        let lamp = self.lamp();
        let rings = matches!(lamp, Lamp::Ringing { .. });
        let named = self.ringing().and_then(replaces).is_some();
        WatchView {
            id: self.id.0,
            account: self.data.account.0,
            target: self.data.target.clone(),
            label: self.data.label.clone(),
            presence: self.presence.as_ref().map(presence_view),
            pick_up: rings && (named || code),
            lamp,
        }
    }
}

impl Core {
    /// Adds or changes a watch.
    pub(super) fn save_watch(&mut self, ask: AskId, draft: WatchDraft) -> Option<Result<Reply, Refusal>> {
        let id = draft.id.map(WatchId);
        let data = match self.checked(id, draft) {
            Ok(data) => data,
            Err(why) => return Some(Err(why)),
        };
        let of_this_run = data.account.0 > PRESET_IDS;
        let was_of_this_run = id.is_some_and(|id| id.0 > PRESET_IDS);
        if of_this_run || was_of_this_run {
            if id.is_some() && of_this_run != was_of_this_run {
                let why = "A watch stays with a line of this run, or with one that is kept. Make a new one.";
                return Some(Err(Refusal::invalid("account", why)));
            }
            self.watching.last += 1;
            let id = id.unwrap_or(WatchId(PRESET_IDS + self.watching.last));
            self.watch_saved(id, data);
            return Some(Ok(Reply::Watch { watch: id.0 }));
        }
        self.asks.insert(ask, Pending::SavingWatch(data.clone()));
        self.store(StoreCommand::SaveWatch(ask, id, data));
        None
    }

    fn checked(&self, id: Option<WatchId>, draft: WatchDraft) -> Result<WatchData, Refusal> {
        if id.is_some_and(|id| self.watching.watch(id).is_none()) {
            return Err(no_watch());
        }
        if id.is_none() && self.watching.watches.len() >= MOST {
            return Err(Refusal::new(
                RefusalCode::NotNow,
                "More cannot be watched. Remove somebody first.",
            ));
        }
        let account = draft.account.map(AccountId).or(self.chosen).ok_or_else(no_account)?;
        self.account(account).ok_or_else(no_account)?;
        let target = dial::read(&draft.target)?;
        let label: String = clean(&draft.label).chars().take(LABEL).collect();
        Ok(WatchData {
            account,
            label: if label.is_empty() { target.shown() } else { label },
            target: target.text(),
        })
    }

    /// The disk has it.
    pub(super) fn watch_written(&mut self, ask: AskId, result: Result<WatchId, String>) {
        let Some(Pending::SavingWatch(data)) = self.asks.remove(&ask) else {
            return;
        };
        match result {
            Ok(id) => {
                self.watch_saved(id, data);
                self.reply(ask, Ok(Reply::Watch { watch: id.0 }));
            }
            Err(why) => self.reply(ask, Err(storage(why))),
        }
    }

    fn watch_saved(&mut self, id: WatchId, data: WatchData) {
        let only_label = self
            .watching
            .watch(id)
            .is_some_and(|before| before.data.account == data.account && before.data.target == data.target);
        self.changes.watches.insert(id);
        if only_label {
            if let Some(watch) = self.watching.watch_mut(id) {
                watch.data = data;
            }
            return;
        }
        self.end_subjects(|subject| matches!(subject, Subject::Presence(of) | Subject::Calls(of) if of == id));
        match self.watching.watch_mut(id) {
            Some(watch) => *watch = Watch::new(id, data),
            None => self.watching.watches.push(Watch::new(id, data)),
        }
        self.subscribe_watch(id);
    }

    /// Forgets a watch.
    pub(super) fn remove_watch(&mut self, id: WatchId) -> Result<Reply, Refusal> {
        self.watching.watch(id).ok_or_else(no_watch)?;
        self.end_subjects(|subject| matches!(subject, Subject::Presence(of) | Subject::Calls(of) if of == id));
        self.forget_watch(id);
        if id.0 <= PRESET_IDS {
            self.store(StoreCommand::DeleteWatch(id));
        }
        Ok(Reply::Done)
    }

    /// The watches as they were found at the start.
    pub(super) fn watches_loaded(&mut self, watches: Vec<parley_store::Watch>) {
        for watch in watches {
            self.changes.watches.insert(watch.id);
            self.watching.watches.push(Watch::new(watch.id, watch.data));
            self.subscribe_watch(watch.id);
        }
    }

    /// The endpoint was told of an account, or of what changed about it: its mailbox and its watches are subscribed to anew.
    pub(super) fn subscribe_for(&mut self, id: AccountId) {
        let Some(account) = self.account(id).filter(|account| account.data.enabled) else {
            return;
        };
        if let Some(server) = account.server() {
            let own = dial::at(&server).with_user(&account.data.user).into();
            self.subscribe_to(id, own, Package::MessageSummary, Subject::Mailbox(id));
        }
        let watches: Vec<_> = self.watches_of(id);
        for watch in watches {
            self.subscribe_watch(watch);
        }
    }

    /// Before the endpoint is told something else about an account.
    pub(super) fn unsubscribe_for(&mut self, id: AccountId) {
        let watches = self.watches_of(id);
        self.end_subjects(|subject| match subject {
            Subject::Mailbox(of) => of == id,
            Subject::Presence(of) | Subject::Calls(of) => watches.contains(&of),
        });
        for watch in watches {
            self.changes.watches.insert(watch);
            if let Some(watch) = self.watching.watch_mut(watch) {
                (watch.presence, watch.calls) = (None, None);
            }
        }
    }

    /// The account is gone, and who was watched from it with it.
    pub(super) fn forget_watches_of(&mut self, id: AccountId) {
        self.unsubscribe_for(id);
        for watch in self.watches_of(id) {
            self.forget_watch(watch);
        }
    }

    fn watches_of(&self, account: AccountId) -> Vec<WatchId> {
        let of_account = |watch: &&Watch| watch.data.account == account;
        self.watching
            .watches
            .iter()
            .filter(of_account)
            .map(|watch| watch.id)
            .collect()
    }

    fn forget_watch(&mut self, id: WatchId) {
        self.watching.watches.retain(|watch| watch.id != id);
        self.changes.watches.remove(&id);
        self.changes.removals.push(ViewRef::Watch(id.0));
    }

    fn subscribe_watch(&mut self, id: WatchId) {
        let Some(watch) = self.watching.watch(id) else { return };
        let (account_id, target) = (watch.data.account, watch.data.target.clone());
        let Some(account) = self.account(account_id).filter(|account| account.data.enabled) else {
            return;
        };
        let (Some(server), Ok(target)) = (account.server(), dial::read(&target)) else {
            return;
        };
        let target = target.uri(&server);
        self.subscribe_to(account_id, target.clone(), Package::Dialog, Subject::Calls(id));
        self.subscribe_to(account_id, target, Package::Presence, Subject::Presence(id));
    }

    fn subscribe_to(&mut self, account: AccountId, target: parley_sip::Uri, package: Package, subject: Subject) {
        if self.watching.subjects.values().any(|known| *known == subject) {
            return;
        }
        match self
            .sip
            .subscribe(self.now.instant, sip_account(account), target, package)
        {
            Ok(id) => {
                self.watching.subjects.insert(id, subject);
            }
            // An account that waits for its password is not known there yet; it is subscribed for when it is.
            Err(why) => log::debug!("not subscribed: {why}"),
        }
    }

    fn end_subjects(&mut self, is_meant: impl Fn(Subject) -> bool) {
        for id in self.watching.take(is_meant) {
            self.sip.unsubscribe(self.now.instant, id);
        }
    }

    pub(super) fn watch_view(&self, id: WatchId) -> Option<WatchView> {
        let watch = self.watching.watch(id)?;
        let code = self
            .account(watch.data.account)
            .is_some_and(|account| account.pick_up_code().is_some());
        Some(watch.view(code))
    }
}

/// As an INVITE to the caller names the ringing call (RFC 3891); only while it rings.
pub(super) fn replaces(ringing: &Dialog) -> Option<ReplacesTarget> {
    Some(ReplacesTarget {
        call_id: ringing.call_id.clone()?,
        to_tag: ringing.remote_tag.clone()?,
        from_tag: ringing.local_tag.clone()?,
        early_only: true,
    })
}

pub(super) fn no_watch() -> Refusal {
    Refusal::new(RefusalCode::NoSuchEntry, "This is not watched any more.")
}

fn presence_view(known: &Pidf) -> WatchPresence {
    let does = |activity: &Activity| known.activities.contains(activity);
    let other = |names: &[&str]| {
        known
            .activities
            .iter()
            .any(|activity| matches!(activity, Activity::Other(name) if names.contains(&name.as_str())))
    };
    let state = if does(&Activity::DoNotDisturb) {
        WatchState::DoNotDisturb
    } else if known.open == Some(false) {
        WatchState::Offline
    } else if does(&Activity::Away) || other(&AWAY) {
        WatchState::Away
    } else if does(&Activity::Busy) || other(&BUSY) {
        WatchState::Busy
    } else if known.open == Some(true) || does(&Activity::OnThePhone) {
        WatchState::Online
    } else {
        WatchState::Offline
    };
    WatchPresence {
        state,
        note: known.note.as_deref().map(clean).filter(|note| !note.is_empty()),
        on_the_phone: known.is_on_the_phone(),
    }
}

/// RFC 4480 section 3.2, sorted into the states shown.
const AWAY: [&str; 13] = [
    "breakfast",
    "dinner",
    "holiday",
    "in-transit",
    "meal",
    "permanent-absence",
    "shopping",
    "sleeping",
    "steering",
    "travel",
    "vacation",
    "worship",
    "spectator",
];
const BUSY: [&str; 4] = ["appointment", "meeting", "performance", "presentation"];
