//! Events: subscriptions (RFC 6665), publication (RFC 3903) and messages (RFC 3428).

mod word;

use std::time::Instant;

use crate::Uri;
use crate::bodies::PresenceDocument;

use super::{AccountId, Endpoint, Refused};

pub use word::{
    MessageId, MessageOutcome, Notice, Package, PublicationState, SubscriptionEnd, SubscriptionId, SubscriptionState,
};

impl Endpoint {
    /// Subscribes to news about `target`. [`Event::Subscription`](super::Event::Subscription) and
    /// [`Event::Notified`](super::Event::Notified) follow, until [`unsubscribe`](Self::unsubscribe) or the end of the account.
    pub fn subscribe(
        &mut self,
        now: Instant,
        account: AccountId,
        target: Uri,
        package: Package,
    ) -> Result<SubscriptionId, Refused> {
        let _ = (now, package);
        self.callable(account, target)?;
        Ok(SubscriptionId(self.new_id()))
    }

    /// Ends a subscription; nothing more is told about it.
    pub fn unsubscribe(&mut self, now: Instant, subscription: SubscriptionId) {
        let _ = (now, subscription);
    }

    /// Shows the owner of the account to others as the document says, until something else is published; `None` takes the
    /// presence away. [`Event::Published`](super::Event::Published) follows.
    pub fn publish(
        &mut self,
        now: Instant,
        account: AccountId,
        document: Option<PresenceDocument>,
    ) -> Result<(), Refused> {
        let _ = (now, document);
        self.accounts.get(&account).map(|_| ()).ok_or(Refused::NoSuchAccount)
    }

    /// Sends a short text. [`Event::MessageSent`](super::Event::MessageSent) follows once.
    pub fn message(&mut self, now: Instant, account: AccountId, target: Uri, text: &str) -> Result<MessageId, Refused> {
        let _ = (now, text);
        self.callable(account, target)?;
        Ok(MessageId(self.new_id()))
    }
}
