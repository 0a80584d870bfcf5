//! Screen pops.
use super::call::VariableSource;

/// An account's screen-pop rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PopRule {
    /// The account.
    pub account: u64,
    /// When it opens.
    pub mode: PopMode,
    /// Web address, or absolute path of a program with arguments; empty only when disabled.
    pub target: String,
}

/// When a screen pop opens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PopMode {
    /// As soon as a call comes in.
    OnIncoming,
    /// Once it is answered on this app.
    AfterAnswer,
    /// Only by the button.
    Manual,
    /// Never; no button.
    #[default]
    Disabled,
}

/// A screen pop that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PopLogEntry {
    /// Its number.
    pub id: u64,
    /// The history entry of its call.
    pub entry: u64,
    /// Who called, for the list.
    pub caller: String,
    /// When.
    pub at: i64,
    /// What set it off.
    pub trigger: PopTrigger,
    /// What was opened, secrets masked.
    pub target: String,
    /// How it went.
    pub outcome: PopOutcome,
}

/// What set a pop off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PopTrigger {
    /// The call came in.
    Incoming,
    /// The call was answered here.
    Answered,
    /// By hand.
    Manual,
}

/// How a pop went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PopOutcome {
    /// Being opened.
    Opening,
    /// The browser was asked, or the program started.
    Opened {
        /// From the trigger to the start.
        millis: u32,
    },
    /// It did not open.
    Failed {
        /// Why and what to do.
        text: String,
    },
}

/// What a rule would open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PopPreview {
    /// Web page or program.
    pub kind: PopKind,
    /// The filled target in pieces, secrets masked.
    pub pieces: Vec<PopPiece>,
    /// Variables of the template nobody knows, with the nearest known one.
    pub unknown: Vec<UnknownVariable>,
}

/// Web page or program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PopKind {
    /// Opens in the browser.
    Web,
    /// Is started.
    Program,
}

/// A piece of a filled target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PopPiece {
    /// Its text, encoded as it will be used.
    pub text: String,
    /// Absent: written in the template.
    pub source: Option<VariableSource>,
}

/// A variable nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownVariable {
    /// As written.
    pub name: String,
    /// "Did you mean …?"
    pub suggestion: Option<String>,
}
