//! The calls of a line as one notifier told them, full and partial documents put together (RFC 4235 section 4.3).

use super::dialog_info::DIALOGS;
use super::{Dialog, DialogInfo, DialogState};

/// What a document did to the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// The table is as the notifier says.
    Taken,
    /// The document was old: nothing changed.
    Old,
    /// A document was missed: only a full one, asked for with a SUBSCRIBE, puts it right.
    Missed,
}

/// The calls of a line.
#[derive(Debug, Clone, Default)]
pub struct DialogTable {
    version: Option<u32>,
    entity: String,
    dialogs: Vec<Dialog>,
}

impl DialogTable {
    /// Nothing known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a document.
    ///
    /// A full document counts whatever its version: the NOTIFYs of a dialog are put in order by their CSeq numbers before, so
    /// that a lower version is a notifier that started anew, or one that does not count.
    pub fn apply(&mut self, document: DialogInfo) -> Applied {
        if document.full {
            self.version = Some(document.version);
            self.entity = document.entity;
            self.dialogs.clear();
            self.merge(document.dialogs);
            return Applied::Taken;
        }
        match self.version {
            Some(known) if document.version <= known => Applied::Old,
            Some(known) if document.version - known == 1 => {
                self.version = Some(document.version);
                self.merge(document.dialogs);
                Applied::Taken
            }
            _ => {
                // What it tells is true as far as it goes; the rest is asked for.
                self.version = Some(document.version);
                self.merge(document.dialogs);
                Applied::Missed
            }
        }
    }

    /// The calls that are not over.
    pub fn dialogs(&self) -> &[Dialog] {
        &self.dialogs
    }

    /// The whole table as one full document.
    pub fn whole(&self) -> DialogInfo {
        DialogInfo {
            version: self.version.unwrap_or_default(),
            full: true,
            entity: self.entity.clone(),
            dialogs: self.dialogs.clone(),
        }
    }

    fn merge(&mut self, dialogs: Vec<Dialog>) {
        for dialog in dialogs {
            let known = self.dialogs.iter().position(|known| known.id == dialog.id);
            match (known, dialog.state) {
                (Some(at), DialogState::Terminated) => {
                    self.dialogs.remove(at);
                }
                (None, DialogState::Terminated) => {}
                (Some(at), _) => {
                    if let Some(known) = self.dialogs.get_mut(at) {
                        *known = dialog;
                    }
                }
                (None, _) if self.dialogs.len() < DIALOGS => self.dialogs.push(dialog),
                (None, _) => {}
            }
        }
    }
}
