//! Why a request was refused.
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A refusal: a code for programs, a sentence for people that says what happened and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ApiError {
    /// What a front may act on.
    pub code: ErrorCode,
    /// One English sentence.
    pub message: String,
    /// The field of a form the refusal is about, if it is about one (`domain`, `target`, …).
    #[ts(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// The reasons a front acts on; all else is `Invalid` or `Internal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The call has ended or never existed.
    NoSuchCall,
    /// The account does not exist.
    NoSuchAccount,
    /// No entry in the history or pop log has this number.
    NoSuchEntry,
    /// The call is in a state in which this cannot be done.
    NotNow,
    /// There is no account to call from.
    NoAccount,
    /// The text is no number and no address.
    NotDialable,
    /// A value was refused; `field` says which.
    Invalid,
    /// There is no keyring; the password is kept for this run only.
    NoKeyring,
    /// The disk refused.
    Storage,
    /// A fault of ours.
    Internal,
}
