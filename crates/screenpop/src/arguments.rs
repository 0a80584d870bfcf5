//! Arguments of a program. They are split when the template is saved, so that no value ever makes two of one.
//!
//! Spaces separate arguments; between double quotes they do not. There is no way to write a double quote. An argument
//! that is empty because its value is stays, as an empty argument.
//!
//! An argument made of values alone never begins an option, a switch or a file of options: the leading `-`, `/`, `@`
//! and dashes of other kinds are left out. An argument that holds a URL is filled like one.
//!
//! What a program does with an argument is its own affair: one that opens any address it is given (a browser, say)
//! must not be given a value alone.
use crate::facts::Source;
use crate::filled::Piece;
use crate::lex::Part;
use crate::value::{self, Value};
use crate::web::{self, Web};
use crate::{Facts, FillError, TemplateError, Unknown};

/// One argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Argument {
    /// Values go in as they are.
    Plain(Vec<Part>),
    /// `--open=` and a URL, in which values are encoded.
    Url(String, Box<Web>),
}

/// Splits what follows the path.
pub(crate) fn split(parts: &[Part]) -> Result<Vec<Argument>, TemplateError> {
    let mut arguments = Vec::new();
    let mut current: Option<Vec<Part>> = None;
    let mut quoted = false;
    for part in parts {
        let text = match part {
            Part::Variable(_) => {
                current.get_or_insert_default().push(part.clone());
                continue;
            }
            Part::Text(text) => text,
        };
        for c in text.chars() {
            match c {
                '"' => {
                    quoted = !quoted;
                    current.get_or_insert_default();
                }
                ' ' if !quoted => arguments.extend(current.take()),
                c => push(current.get_or_insert_default(), c),
            }
        }
    }
    if quoted {
        return Err(TemplateError::Quote);
    }
    arguments.extend(current);
    arguments.into_iter().map(Argument::new).collect()
}

fn push(argument: &mut Vec<Part>, c: char) {
    if let Some(Part::Text(text)) = argument.last_mut() {
        text.push(c);
    } else {
        argument.push(Part::Text(c.to_string()));
    }
}

impl Argument {
    fn new(parts: Vec<Part>) -> Result<Self, TemplateError> {
        let Some((Part::Text(first), others)) = parts.split_first() else {
            return Ok(Self::Plain(parts));
        };
        let Some(start) = url_start(first).filter(|_| !others.is_empty()) else {
            return Ok(Self::Plain(parts));
        };
        let (before, url) = first.split_at(start);
        let url: Vec<Part> = std::iter::once(Part::Text(url.to_owned()))
            .chain(others.iter().cloned())
            .collect();
        Ok(Self::Url(before.to_owned(), Box::new(Web::parse(&url)?)))
    }

    /// The pieces of this argument for one call; joined, they are exactly one argument.
    pub(crate) fn fill(&self, facts: &Facts, unknown: &mut Vec<Unknown>) -> Result<Vec<Piece>, FillError> {
        match self {
            Self::Url(before, web) => {
                let (_, mut pieces) = web.fill(facts, unknown)?;
                pieces.insert(
                    0,
                    Piece {
                        text: before.clone(),
                        source: None,
                        secret: false,
                    },
                );
                Ok(pieces)
            }
            Self::Plain(parts) => Ok(plain(parts, facts, unknown)),
        }
    }
}

fn plain(parts: &[Part], facts: &Facts, unknown: &mut Vec<Unknown>) -> Vec<Piece> {
    let mut bare = parts.iter().all(|part| matches!(part, Part::Variable(_)));
    let mut pieces = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Part::Text(text) => pieces.push(Piece {
                text: text.clone(),
                source: None,
                secret: false,
            }),
            Part::Variable(variable) => match value::of(variable, facts) {
                Value::Known(value, source) => {
                    let text = if bare {
                        value.trim_start_matches(begins_option).to_owned()
                    } else {
                        value
                    };
                    bare &= text.is_empty();
                    pieces.push(Piece {
                        text,
                        source: Some(source),
                        secret: source == Source::Custom,
                    });
                }
                Value::Unknown(what) => unknown.push(what),
            },
        }
    }
    pieces
}

/// What makes some program take an argument for an option (also the dashes that some shells of Windows accept).
fn begins_option(c: char) -> bool {
    matches!(c, '-' | '/' | '@' | '\u{2010}'..='\u{2015}' | '\u{2212}') || c.is_whitespace()
}

/// Where a URL begins in the text of an argument.
fn url_start(text: &str) -> Option<usize> {
    let colon = text.find("://")?;
    let before = text.get(..colon)?;
    let start = before
        .rfind(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)))
        .map_or(0, |at| {
            at + before
                .get(at..)
                .and_then(|c| c.chars().next())
                .map_or(1, char::len_utf8)
        });
    let start = start + before.get(start..)?.find(|c: char| c.is_ascii_alphabetic())?;
    web::scheme(text.get(start..)?).map(|_| start)
}
