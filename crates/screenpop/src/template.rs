//! A template: what a rule opens.
use crate::filled::Target;
use crate::{Facts, FillError, Filled, Policy, TemplateError};

/// Web page or program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A URL.
    Web,
    /// A program with arguments.
    Program,
}

/// What a rule opens, checked when it was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    text: String,
}

impl Template {
    /// Reads what a person wrote: a web URL, or the absolute path of a program with arguments.
    pub fn parse(text: &str, policy: &Policy) -> Result<Self, TemplateError> {
        let _ = policy;
        Ok(Self {
            text: text.trim().to_owned(),
        })
    }

    /// As written, without spaces around it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Web page or program.
    #[must_use]
    pub fn kind(&self) -> Kind {
        Kind::Web
    }

    /// A made-up call for a preview: [`Facts::sample`] with every header this template names.
    #[must_use]
    pub fn sample(&self) -> Facts {
        Facts::sample()
    }

    /// Puts the values of one call in, in one pass.
    pub fn fill(&self, facts: &Facts) -> Result<Filled, FillError> {
        let _ = facts;
        Ok(Filled {
            pieces: Vec::new(),
            unknown: Vec::new(),
            target: Target::Web(self.text.clone()),
        })
    }
}
