//! What the SIP endpoint reports about others: presence, the calls of watched lines, waiting messages, short messages.
use super::Core;
use super::watching::Subject;
use crate::Voicemail;
use parley_sip::bodies::MessageSummary;
use parley_sip::endpoint::{Event, Notice, PublicationState, SubscriptionId, SubscriptionState};
use parley_store::AccountId;

impl Core {
    pub(super) fn news(&mut self, event: Event) {
        match event {
            Event::Subscription { subscription, state } => self.subscription_changed(subscription, &state),
            Event::Notified { subscription, notice } => self.notified(subscription, notice),
            Event::MessagesWaiting { account, summary } => self.mailbox_changed(AccountId(account.0), summary),
            Event::Published {
                account,
                state: PublicationState::Failed { why, .. },
            } => log::info!("account {}: the server does not show our presence: {why:?}", account.0),
            Event::MessageSent { id, outcome } => self.message_sent(id, &outcome),
            Event::MessageReceived { account, from, text } => self.message_received(AccountId(account.0), &from, text),
            _ => {}
        }
    }

    fn subscription_changed(&mut self, subscription: SubscriptionId, state: &SubscriptionState) {
        let Some(subject) = self.watching.subject(subscription) else {
            return;
        };
        // What was told stays true while it is asked for again; when it is off, nobody tells.
        if let SubscriptionState::Off { why, .. } = state {
            log::debug!("{subject:?}: no news: {why:?}");
            match subject {
                Subject::Mailbox(_) => {}
                Subject::Presence(id) => {
                    self.changes.watches.insert(id);
                    if let Some(watch) = self.watching.watch_mut(id) {
                        watch.presence(None);
                    }
                }
                Subject::Calls(id) => {
                    self.changes.watches.insert(id);
                    if let Some(watch) = self.watching.watch_mut(id) {
                        watch.calls(None);
                    }
                }
            }
        }
    }

    fn notified(&mut self, subscription: SubscriptionId, notice: Notice) {
        match (self.watching.subject(subscription), notice) {
            (Some(Subject::Mailbox(account)), Notice::Messages(summary)) => self.mailbox_changed(account, summary),
            (Some(Subject::Presence(id)), Notice::Presence(pidf)) => {
                self.changes.watches.insert(id);
                if let Some(watch) = self.watching.watch_mut(id) {
                    watch.presence(Some(pidf));
                }
            }
            (Some(Subject::Calls(id)), Notice::Dialogs(info)) => {
                self.changes.watches.insert(id);
                if let Some(watch) = self.watching.watch_mut(id) {
                    watch.calls(Some(info));
                }
            }
            _ => {}
        }
    }

    fn mailbox_changed(&mut self, id: AccountId, summary: MessageSummary) {
        if let Some(account) = self.account_mut(id) {
            account.mailbox = Some(summary);
            self.changes.accounts.insert(id);
        }
    }
}

/// What a front shows of a mailbox; `code` calls it where the server does not say how.
pub(super) fn voicemail(mailbox: Option<&MessageSummary>, code: Option<&str>) -> Option<Voicemail> {
    let Some(mailbox) = mailbox else {
        return code.map(|code| Voicemail {
            waiting: false,
            new: None,
            old: None,
            target: Some(code.to_owned()),
        });
    };
    let voice = mailbox.voice();
    let told = mailbox.account.as_ref().map(ToString::to_string);
    let told = told.filter(|target| super::dial::read(target).is_ok());
    Some(Voicemail {
        waiting: mailbox.waiting,
        new: voice.map(|count| count.new),
        old: voice.map(|count| count.old),
        target: told.or_else(|| code.map(str::to_owned)),
    })
}
