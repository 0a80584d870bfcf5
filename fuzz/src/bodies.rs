//! What events carry.

use parley_sip::bodies::{DialogInfo, DialogTable, MessageSummary, Pidf, PresenceDocument};

/// Presence, dialog-info, message-summary: what is read can be written, and reads the same.
pub fn bodies(data: &[u8]) -> bool {
    let dialogs = DialogInfo::read(data).map(dialog_info).is_ok();
    let presence = Pidf::read(data).map(pidf).is_ok();
    let messages = MessageSummary::read(data).map(message_summary).is_ok();
    dialogs || presence || messages
}

fn dialog_info(read: DialogInfo) {
    let again = DialogInfo::read(&read.write()).expect("what we wrote");
    assert_eq!(again.dialogs.len(), read.dialogs.len());
    assert_eq!(DialogInfo::read(&again.write()).as_ref(), Ok(&again));
    for dialog in &read.dialogs {
        let _ = (
            dialog.is_ringing(),
            dialog.local.is_holding(),
            dialog.remote.is_holding(),
        );
    }
    let mut table = DialogTable::new();
    let _ = (table.apply(read.clone()), table.apply(read.clone()));
    assert!(table.dialogs().len() <= read.dialogs.len());
    assert_eq!(table.whole().dialogs, table.dialogs());
}

fn pidf(read: Pidf) {
    let _ = read.is_on_the_phone();
    let document = PresenceDocument {
        open: read.open.unwrap_or(false),
        activities: read.activities.clone(),
        note: read.note.clone(),
    };
    let again = Pidf::read(&document.write(&read.entity, "1")).expect("what we wrote");
    assert_eq!(again.open, Some(document.open));
    assert_eq!(again.activities.len(), read.activities.len());
}

fn message_summary(read: MessageSummary) {
    let again = MessageSummary::read(&read.write()).expect("what we wrote");
    assert_eq!((again.waiting, &again.counts), (read.waiting, &read.counts));
    let _ = again.voice();
}
