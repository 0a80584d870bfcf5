//! Voice mailboxes: how many messages wait for whom. What was said is not kept.
use parley_sip::Uri;
use parley_sip::bodies::{MessageClass, MessageCount, MessageSummary};
use std::collections::HashMap;

/// Messages of each kind a mailbox holds.
const MOST: u32 = 99;

#[derive(Debug, Default)]
pub(super) struct Mailboxes {
    boxes: HashMap<String, Counts>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    new: u32,
    old: u32,
}

impl Mailboxes {
    /// A message for this user; the exchange knows that there is one.
    pub(super) fn record(&mut self, user: &str) {
        let counts = self.boxes.entry(user.to_owned()).or_default();
        counts.new = (counts.new + 1).min(MOST);
    }

    /// The user heard them all.
    pub(super) fn hear(&mut self, user: &str) {
        if let Some(counts) = self.boxes.get_mut(user) {
            counts.old = (counts.old + counts.new).min(MOST);
            counts.new = 0;
        }
    }

    /// What the user's lamp is told; `account` is where to call.
    pub(super) fn summary(&self, user: &str, account: Uri) -> MessageSummary {
        let counts = self.boxes.get(user).copied().unwrap_or_default();
        MessageSummary {
            waiting: counts.new > 0,
            account: Some(account),
            counts: vec![MessageCount {
                class: MessageClass::Voice,
                new: counts.new,
                old: counts.old,
                new_urgent: 0,
                old_urgent: 0,
            }],
        }
    }
}
