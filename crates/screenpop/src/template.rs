//! A template: what a rule opens.
use crate::error::Place;
use crate::filled::Target;
use crate::lex::{self, Part, Variable};
use crate::program::{Program, Style};
use crate::web::{self, Web};
use crate::{Facts, FillError, Filled, Policy, TemplateError, Unknown, header};
use std::collections::BTreeSet;

/// Bytes of a template.
const LONGEST_TEMPLATE: usize = 4096;
/// Bytes of a filled target: what Windows takes on a command line, in any language.
const LONGEST_TARGET: usize = 16 * 1024;

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
    headers: Vec<String>,
    form: Form,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    Web(Web),
    Program(Program),
}

impl Template {
    /// Reads what a person wrote: a web URL, or the absolute path of a program with arguments.
    pub fn parse(text: &str, policy: &Policy) -> Result<Self, TemplateError> {
        let text = text.trim();
        let text = unquoted_url(text).unwrap_or(text);
        if text.is_empty() {
            return Err(TemplateError::Empty);
        }
        if text.len() > LONGEST_TEMPLATE {
            return Err(TemplateError::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(TemplateError::ControlCharacter);
        }
        let parts = lex::parts(text)?;
        let first = match parts.first() {
            Some(Part::Text(first)) => first.as_str(),
            Some(Part::Variable(variable)) => return Err(in_scheme(variable)),
            None => return Err(TemplateError::Empty),
        };
        let form = if Style::of(first.strip_prefix('"').unwrap_or(first)).is_some() {
            Form::Program(Program::parse(&parts)?)
        } else if let Some(scheme) = web::scheme(first) {
            if !policy.permits(scheme) {
                if is_host(scheme, first) {
                    return Err(TemplateError::NoScheme);
                }
                return Err(TemplateError::Scheme(scheme.to_ascii_lowercase()));
            }
            Form::Web(Web::parse(&parts)?)
        } else {
            return Err(neither(first, &parts));
        };
        let headers = parts.into_iter().filter_map(|part| match part {
            Part::Variable(Variable::Header(name)) => Some(name),
            _ => None,
        });
        Ok(Self {
            text: text.to_owned(),
            headers: headers.collect(),
            form,
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
        match self.form {
            Form::Web(_) => Kind::Web,
            Form::Program(_) => Kind::Program,
        }
    }

    /// A made-up call for a preview: [`Facts::sample`] with a value for every header this template names. The user's
    /// own parameters are for the caller to add.
    #[must_use]
    pub fn sample(&self) -> Facts {
        let mut facts = Facts::sample();
        for name in &self.headers {
            if !facts.headers.iter().any(|(known, _)| header::same_header(known, name)) {
                facts.headers.push((name.clone(), "sample".to_owned()));
            }
        }
        facts
    }

    /// Puts the values of one call in, in one pass: a value that looks like a variable stays what it is.
    pub fn fill(&self, facts: &Facts) -> Result<Filled, FillError> {
        let mut unknown = Vec::new();
        let (target, pieces) = match &self.form {
            Form::Web(web) => {
                let (url, pieces) = web.fill(facts, &mut unknown)?;
                (Target::Web(url), pieces)
            }
            Form::Program(program) => {
                let (readings, pieces) = program.fill(facts, &mut unknown)?;
                (Target::Program(readings), pieces)
            }
        };
        if pieces.iter().map(|piece| piece.text.len()).sum::<usize>() > LONGEST_TARGET {
            return Err(FillError::TooLong);
        }
        let mut seen = BTreeSet::new();
        unknown.retain(|what: &Unknown| seen.insert(what.name.clone()));
        Ok(Filled {
            pieces,
            unknown,
            target,
        })
    }
}

/// People put quotes around addresses as they do around paths.
fn unquoted_url(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    (!inner.contains('"') && web::scheme(inner).is_some()).then_some(inner)
}

/// `crm.example:8080/…` and `localhost:8080/…` are addresses without a scheme.
fn is_host(before_colon: &str, text: &str) -> bool {
    let after = text.get(before_colon.len() + 1..).unwrap_or_default();
    after.starts_with(|c: char| c.is_ascii_digit()) && (before_colon.contains('.') || before_colon == "localhost")
}

/// Why a text is neither a URL nor an absolute path.
fn neither(first: &str, parts: &[Part]) -> TemplateError {
    let host = first.split(['/', '?', '#']).next().unwrap_or_default();
    let scheme_like =
        host.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-".contains(&b)) && host.len() == first.len();
    if let (true, Some(Part::Variable(variable))) = (scheme_like, parts.get(1)) {
        return in_scheme(variable);
    }
    let domain = host.split_once('.').is_some_and(|(name, rest)| {
        !name.is_empty()
            && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:".contains(&b))
            && !host.contains('\\')
    });
    let program = [".exe", ".bat", ".cmd", ".sh"]
        .iter()
        .any(|end| host.to_ascii_lowercase().ends_with(end));
    let protocol_relative = first.starts_with("//");
    let path_of_domain = first.len() > host.len() || first.starts_with("www.");
    if protocol_relative || (domain && (!program || path_of_domain)) {
        TemplateError::NoScheme
    } else {
        TemplateError::RelativePath
    }
}

fn in_scheme(variable: &Variable) -> TemplateError {
    TemplateError::VariableInAddress {
        variable: variable.written(),
        place: Place::Scheme,
    }
}
