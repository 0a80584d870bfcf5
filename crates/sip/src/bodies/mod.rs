//! The documents that events carry: presence ([`pidf`]), the calls of a line ([`dialog_info`]) and waiting messages ([`mwi`]);
//! and the keys in INFO ([`dtmf`]).
//!
//! All are read leniently and written strictly. XML is bounded in size, depth and nodes, and a document type declaration
//! (and with it any entity of its own) is refused.

pub mod dialog_info;
pub mod dialog_table;
pub mod dtmf;
pub mod mwi;
pub mod pidf;
mod xml;

pub use dialog_info::{Dialog, DialogDirection, DialogInfo, DialogState, Party};
pub use dialog_table::{Applied, DialogTable};
pub use mwi::{MessageClass, MessageCount, MessageSummary};
pub use pidf::{Activity, Pidf, PresenceDocument};

/// Why a document was not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyError {
    /// Larger, deeper or with more parts than anybody needs.
    TooLarge,
    /// No UTF-8.
    NotUtf8,
    /// No well-formed XML, or with a document type declaration.
    Malformed,
    /// Well formed, but another kind of document, or without what makes it one.
    NotThis,
}

impl std::fmt::Display for BodyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "the document is too large",
            Self::NotUtf8 => "the document is not UTF-8",
            Self::Malformed => "the document is not well formed",
            Self::NotThis => "the document is of another kind",
        })
    }
}

impl std::error::Error for BodyError {}
