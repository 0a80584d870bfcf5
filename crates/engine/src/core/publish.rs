//! Draws the views that changed, once a turn, and numbers the updates.
use super::Core;
use super::changes::Changes;
use crate::{Event, PresenceView, Snapshot, UnseenView, View, ViewRef};
use parley_call::CallId;

impl Core {
    /// What this turn has to say: at most one update, after levels and prefills. An unchanged view is not said again.
    pub fn take_changes(&mut self) -> Vec<Event> {
        let changes = std::mem::take(&mut self.changes);
        let (mut upserts, mut removals) = (Vec::new(), changes.removals.clone());
        for view in self.changed_views(&changes) {
            let key = key(&view);
            if self.shown.get(&key) != Some(&view) {
                self.shown.insert(key, view.clone());
                upserts.push(view);
            }
        }
        for gone in &changes.notices {
            if !self.notices.contains_key(gone) && self.shown.remove(&format!("notice {gone}")).is_some() {
                removals.push(ViewRef::Notice(gone.clone()));
            }
        }
        for gone in &changes.removals {
            match gone {
                ViewRef::Account(id) => self.shown.remove(&format!("account {id}")),
                ViewRef::Watch(id) => self.shown.remove(&format!("watch {id}")),
                _ => None,
            };
        }
        upserts.extend(changes.history.into_iter().map(View::History));
        upserts.extend(changes.pops.into_iter().map(View::Pop));
        upserts.extend(changes.messages.into_iter().map(View::Message));
        let mut events = changes.said;
        if !upserts.is_empty() || !removals.is_empty() {
            self.seq += 1;
            events.push(Event::Update {
                seq: self.seq,
                upserts,
                removals,
            });
        }
        events
    }

    /// Everything, as of the last update. What changed in the present turn goes out as the next one too, so nothing is missed.
    pub(super) fn snapshot(&self) -> Snapshot {
        let mut calls: Vec<CallId> = self.calls.keys().copied().collect();
        calls.reverse();
        Snapshot {
            seq: self.seq,
            accounts: self
                .accounts
                .iter()
                .map(|account| account.view(self.chosen, self.refused()))
                .collect(),
            calls: calls.into_iter().filter_map(|call| self.call_view(call)).collect(),
            presence: self.presence_view(),
            settings: self.settings.clone(),
            sound: self.sound_view(),
            history: self.history.iter().cloned().collect(),
            unseen: self.unseen_view(),
            pops: self.pops.iter().cloned().collect(),
            pop_rules: self.accounts.iter().map(|account| account.rule.clone()).collect(),
            watches: self
                .watching
                .watches
                .iter()
                .filter_map(|watch| self.watch_view(watch.id))
                .collect(),
            messages: self.messages.newest.iter().cloned().collect(),
            notices: self.notices.values().cloned().collect(),
            version: self.config.version.clone(),
            practice: self.config.practice,
        }
    }

    fn changed_views(&self, changes: &Changes) -> Vec<View> {
        let mut views = Vec::new();
        let accounts = changes.accounts.iter().filter_map(|id| self.account(*id));
        views.extend(accounts.map(|account| View::Account(account.view(self.chosen, self.refused()))));
        views.extend(
            changes
                .calls
                .iter()
                .filter_map(|id| self.call_view(*id))
                .map(View::Call),
        );
        let rules = changes.rules.iter().filter_map(|id| self.account(*id));
        views.extend(rules.map(|account| View::PopRule(account.rule.clone())));
        views.extend(
            changes
                .watches
                .iter()
                .filter_map(|id| self.watch_view(*id))
                .map(View::Watch),
        );
        if changes.presence {
            views.push(View::Presence(self.presence_view()));
        }
        if changes.settings {
            views.push(View::Settings(self.settings.clone()));
        }
        if changes.sound {
            views.push(View::Sound(self.sound_view()));
        }
        if changes.unseen {
            views.push(View::Unseen(self.unseen_view()));
        }
        views.extend(
            changes
                .notices
                .iter()
                .filter_map(|key| self.notices.get(key))
                .cloned()
                .map(View::Notice),
        );
        views
    }

    fn presence_view(&self) -> PresenceView {
        PresenceView {
            state: self.presence,
            on_call: self.on_call,
            note: self.note.clone(),
        }
    }

    fn unseen_view(&self) -> UnseenView {
        UnseenView {
            missed: self.unseen,
            messages: self.messages.unseen,
        }
    }
}

/// Under which name a view is remembered.
fn key(view: &View) -> String {
    match view {
        View::Account(view) => format!("account {}", view.id),
        View::Call(view) => call_key(CallId(view.id)),
        View::Presence(_) => "presence".to_owned(),
        View::Settings(_) => "settings".to_owned(),
        View::Sound(_) => "sound".to_owned(),
        View::History(view) => format!("history {}", view.id),
        View::Unseen(_) => "unseen".to_owned(),
        View::PopRule(view) => format!("rule {}", view.account),
        View::Pop(view) => format!("pop {}", view.id),
        View::Watch(view) => format!("watch {}", view.id),
        View::Message(view) => format!("message {}", view.id),
        View::Notice(view) => format!("notice {}", view.key),
    }
}

pub(super) fn call_key(call: CallId) -> String {
    format!("call {}", call.0)
}
