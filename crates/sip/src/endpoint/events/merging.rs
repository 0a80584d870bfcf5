//! What several notifiers told, put together into one notice.

use crate::bodies::{Applied, BodyError, DialogInfo, DialogTable, MessageCount, MessageSummary, Pidf};

use super::{Notice, Package, Subscription};

/// What one notifier told so far.
#[derive(Debug)]
pub(super) enum Told {
    Presence(Option<Pidf>),
    Dialogs(DialogTable),
    Messages(Option<MessageSummary>),
}

/// Most calls in one notice.
const DIALOGS: usize = 64;

impl Told {
    pub(super) fn nothing(package: Package) -> Self {
        match package {
            Package::Presence => Self::Presence(None),
            Package::Dialog => Self::Dialogs(DialogTable::new()),
            Package::MessageSummary => Self::Messages(None),
        }
    }

    /// Takes a document.
    pub(super) fn take(&mut self, body: &[u8]) -> Result<Applied, BodyError> {
        match self {
            Self::Presence(known) => *known = Some(Pidf::read(body)?),
            Self::Dialogs(table) => return Ok(table.apply(DialogInfo::read(body)?)),
            Self::Messages(known) => *known = Some(MessageSummary::read(body)?),
        }
        Ok(Applied::Taken)
    }
}

impl Subscription {
    /// All that is known; `None` before the first document.
    pub(super) fn notice(&self) -> Option<Notice> {
        let told = self.notifiers.iter().map(|notifier| &notifier.told);
        match self.package {
            Package::Presence => {
                let mut known = told.filter_map(|told| match told {
                    Told::Presence(known) => known.clone(),
                    _ => None,
                });
                known.next().map(Notice::Presence)
            }
            Package::Dialog => {
                let tables = told.filter_map(|told| match told {
                    Told::Dialogs(table) => Some(table.whole()),
                    _ => None,
                });
                let whole = tables.reduce(|mut whole, more| {
                    whole.dialogs.extend(more.dialogs);
                    whole.dialogs.truncate(DIALOGS);
                    whole
                });
                whole.map(Notice::Dialogs)
            }
            Package::MessageSummary => {
                let known = told.filter_map(|told| match told {
                    Told::Messages(known) => known.clone(),
                    _ => None,
                });
                known.reduce(sum).map(Notice::Messages)
            }
        }
    }
}

fn sum(mut all: MessageSummary, more: MessageSummary) -> MessageSummary {
    all.waiting |= more.waiting;
    all.account = all.account.or(more.account);
    for count in more.counts {
        match all.counts.iter_mut().find(|known| known.class == count.class) {
            Some(known) => {
                *known = MessageCount {
                    class: known.class,
                    new: known.new.saturating_add(count.new),
                    old: known.old.saturating_add(count.old),
                    new_urgent: known.new_urgent.saturating_add(count.new_urgent),
                    old_urgent: known.old_urgent.saturating_add(count.old_urgent),
                }
            }
            None => all.counts.push(count),
        }
    }
    all
}
