//! A template with the values of one call in it.
use crate::facts::Source;
use crate::{FillError, Kind};
use std::fmt;

/// What stands in the place of a secret.
pub const MASK: &str = "••••";

/// A filled template: what will be opened, and how to show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Filled {
    /// The target in pieces, as it will be used. Mask those that are secret before showing them; see [`Piece::shown`].
    pub pieces: Vec<Piece>,
    /// Variables of the template nobody knows; they are empty.
    pub unknown: Vec<Unknown>,
    pub(crate) target: Target,
}

/// What will be opened, before the disk is asked.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Target {
    Web(String),
    /// All readings of the template, the longest path first.
    Program(Vec<Reading>),
}

/// A path, and the arguments if the path ends there.
pub(crate) type Reading = (String, Vec<String>);

/// What to open. It holds personal data and secrets: hand it to the launcher, do not log it.
#[derive(Clone, PartialEq, Eq)]
pub enum Pop {
    /// A URL for the program that the system opens its scheme with.
    Web(String),
    /// A program to start directly, without a shell.
    Program {
        /// Absolute path.
        path: String,
        /// Each exactly one argument.
        arguments: Vec<String>,
    },
}

/// A piece of a filled target.
#[derive(Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its text, encoded as it will be used.
    pub text: String,
    /// Where it comes from; `None` for the template itself.
    pub source: Option<Source>,
    /// Not for previews and logs.
    pub secret: bool,
}

/// A variable nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// As written: `$caler$`.
    pub name: String,
    /// The nearest one that exists: `$caller$`.
    pub suggestion: Option<String>,
}

impl Filled {
    /// Web page or program.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.target {
            Target::Web(_) => Kind::Web,
            Target::Program(_) => Kind::Program,
        }
    }

    /// What to open. For a program whose path has spaces but no quotes, `is_program` (is there a file that can be
    /// started?) decides where the path ends: the longest path that exists wins.
    pub fn resolve(&self, is_program: &dyn Fn(&str) -> bool) -> Result<Pop, FillError> {
        match &self.target {
            Target::Web(url) => Ok(Pop::Web(url.clone())),
            Target::Program(readings) => match readings.iter().find(|(path, _)| is_program(path)) {
                Some((path, arguments)) => Ok(Pop::Program {
                    path: path.clone(),
                    arguments: arguments.clone(),
                }),
                None => Err(FillError::NoSuchProgram {
                    paths: readings.iter().map(|(path, _)| path.clone()).collect(),
                }),
            },
        }
    }

    /// The target as a log and a list may show it: secrets masked.
    #[must_use]
    pub fn masked(&self) -> String {
        self.pieces.iter().map(Piece::shown).collect()
    }
}

impl Piece {
    /// Text that is nobody's value.
    pub(crate) fn text(text: String) -> Self {
        Self {
            text,
            source: None,
            secret: false,
        }
    }

    /// The text, or [`MASK`] for a secret that is not empty.
    #[must_use]
    pub fn shown(&self) -> &str {
        if self.secret && !self.text.is_empty() {
            MASK
        } else {
            &self.text
        }
    }
}

impl fmt::Debug for Filled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filled")
            .field("target", &self.masked())
            .field("unknown", &self.unknown)
            .finish()
    }
}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Piece")
            .field("text", &self.shown())
            .field("source", &self.source)
            .finish()
    }
}

impl fmt::Debug for Pop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Web(_) => f.write_str("Web(…)"),
            Self::Program { path, arguments } => write!(f, "Program({path:?}, {} arguments)", arguments.len()),
        }
    }
}
