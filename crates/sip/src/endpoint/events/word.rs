//! The words of subscriptions, publications and messages.

use std::time::Duration;

use crate::bodies::{DialogInfo, MessageSummary, Pidf, dialog_info, mwi, pidf};

use super::super::TransportError;

/// One subscription; never used twice within one endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubscriptionId(pub u64);

/// One message sent; never used twice within one endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(pub u64);

/// What can be subscribed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Package {
    /// Presence (RFC 3856).
    Presence,
    /// The calls of a line (RFC 4235).
    Dialog,
    /// Messages that wait in a mailbox (RFC 3842).
    MessageSummary,
}

impl Package {
    /// All of them, as `Allow-Events` names them.
    pub const ALL: [Self; 3] = [Self::Presence, Self::Dialog, Self::MessageSummary];

    /// Its name in the `Event` header field.
    pub fn name(self) -> &'static str {
        match self {
            Self::Presence => "presence",
            Self::Dialog => "dialog",
            Self::MessageSummary => "message-summary",
        }
    }

    /// The package of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|package| package.name() == name)
    }

    /// The media type of its documents.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Presence => pidf::CONTENT_TYPE,
            Self::Dialog => dialog_info::CONTENT_TYPE,
            Self::MessageSummary => mwi::CONTENT_TYPE,
        }
    }

    /// How many notifiers one subscription may have when a proxy forks it. RFC 3856 section 6.9 allows one; calls and
    /// messages of several devices are put together (RFC 4235 section 3.9, RFC 3842 section 3.9).
    pub(super) fn most_notifiers(self) -> usize {
        match self {
            Self::Presence => 1,
            Self::Dialog | Self::MessageSummary => 8,
        }
    }
}

/// What a notifier told, of all notifiers put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Presence.
    Presence(Pidf),
    /// All calls of the line that are not over.
    Dialogs(DialogInfo),
    /// Waiting messages.
    Messages(MessageSummary),
}

/// Whether news arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubscriptionState {
    /// Asking, or waiting for the account to be registered first.
    Asking,
    /// News arrive.
    Active,
    /// Asked; somebody there has to allow it.
    Pending,
    /// No news arrive.
    Off {
        /// Why.
        why: SubscriptionEnd,
        /// When it will be asked for again; `None`: not by itself.
        retry_in: Option<Duration>,
    },
}

/// Why no news arrive (RFC 6665 section 4.1.3 for the first eight).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubscriptionEnd {
    /// The notifier moves elsewhere: asked for again at once.
    Deactivated,
    /// Not now: asked for again later.
    Probation,
    /// Somebody there does not allow it.
    Rejected,
    /// It was not refreshed in time.
    Timeout,
    /// Nobody there decided whether to allow it.
    GiveUp,
    /// What was subscribed to is no more.
    NoResource,
    /// It never changes, and was told.
    Invariant,
    /// Ended without a reason, or with one of no RFC.
    Ended,
    /// The server did not take it.
    Refused {
        /// Status code.
        code: u16,
        /// Reason phrase.
        reason: String,
    },
    /// The server asked for a name and password that we do not have, or did not take them.
    NotAuthorised,
    /// No answer, or a 2xx and then no NOTIFY (timer N, RFC 6665 section 4.1.2.4).
    NoAnswer,
    /// The server cannot be reached.
    Unreachable(TransportError),
}

/// Whether the server shows our presence to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicationState {
    /// Taken.
    Published,
    /// Taken out, as asked.
    Removed,
    /// Not taken.
    Failed {
        /// Why.
        why: SubscriptionEnd,
        /// When it will be tried again; `None`: with the next change.
        retry_in: Option<Duration>,
    },
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageOutcome {
    /// It is at its destination (200).
    Delivered,
    /// A server on the way keeps it and will try (202).
    Accepted,
    /// Not taken.
    Refused {
        /// Status code.
        code: u16,
        /// Reason phrase.
        reason: String,
    },
    /// The server asked for a name and password that we do not have, or did not take them.
    NotAuthorised,
    /// No answer: it may have arrived or not.
    NoAnswer,
    /// The server cannot be reached.
    Unreachable(TransportError),
}
