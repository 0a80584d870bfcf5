//! What others see of the person here: the chosen state, the note, and that a call is up.
use super::{Core, sip_account};
use crate::PresenceState;
use parley_sip::bodies::{Activity, PresenceDocument};
use parley_store::AccountId;

/// Longest note, in characters.
pub(super) const NOTE: usize = 200;

impl Core {
    /// The document to publish; `None` while the person is invisible.
    fn presence_document(&self) -> Option<PresenceDocument> {
        let mut activities = Vec::new();
        if self.on_call {
            activities.push(Activity::OnThePhone);
        }
        match self.presence {
            PresenceState::Invisible => return None,
            PresenceState::Online => {}
            PresenceState::Away => activities.push(Activity::Away),
            PresenceState::Busy => activities.push(Activity::Busy),
            // Who does not know the word for it understands that calls are not welcome.
            PresenceState::DoNotDisturb => activities.extend([Activity::DoNotDisturb, Activity::Busy]),
        }
        Some(PresenceDocument {
            open: true,
            activities,
            note: self.note.clone(),
        })
    }

    /// Publishes what changed in this turn, for every line.
    pub(super) fn show_presence(&mut self) {
        let document = self.presence_document();
        if self.published == document || self.closing {
            return;
        }
        self.published = document;
        let enabled = self.accounts.iter().filter(|account| account.data.enabled);
        let accounts: Vec<AccountId> = enabled.map(|account| account.id).collect();
        for account in accounts {
            self.publish_for(account);
        }
    }

    /// Publishes for a line; the endpoint keeps it up until something else is published.
    pub(super) fn publish_for(&mut self, id: AccountId) {
        if !self.account(id).is_some_and(|account| account.data.enabled) {
            return;
        }
        let document = self.presence_document();
        // An account the endpoint does not know yet is published for when it does.
        let _ = self.sip.publish(self.now.instant, sip_account(id), document);
    }
}
