//! Why a request was refused.

/// A refusal: a code for programs, a sentence for people that says what happened and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What a front may act on.
    pub code: RefusalCode,
    /// One English sentence.
    pub message: String,
    /// The field of a form the refusal is about, if it is about one (`domain`, `target`, …).
    pub field: Option<String>,
}

/// The reasons a front acts on; all else is `Invalid` or `Internal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalCode {
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

impl Refusal {
    /// A refusal with a code and its sentence.
    pub fn new(code: RefusalCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            field: None,
        }
    }

    /// A value of a form is refused.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self {
            code: RefusalCode::Invalid,
            message: message.into(),
            field: Some(field.to_owned()),
        }
    }

    /// The same refusal, said of this field of a form.
    #[must_use]
    pub fn about(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}
