//! Parameters: `;name=value` after a URI, a name-addr, a Via and most other values.

use std::fmt;

use crate::limits;
use crate::parse::tokens::{is_token, quoted, split_outside, trim};
use crate::print;

/// One parameter. Names compare without regard to case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Param {
    /// The name, as received.
    pub name: String,
    /// The value without quotes; `None` for a flag such as `lr`.
    pub value: Option<String>,
    /// Whether the value stood (or shall stand) in quotes.
    pub quoted: bool,
}

/// Parameters in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Params(pub Vec<Param>);

impl Params {
    /// No parameters.
    pub fn new() -> Params {
        Params::default()
    }

    /// The value of a parameter; `Some("")` for a flag without one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.find(name).map(|param| param.value.as_deref().unwrap_or(""))
    }

    /// Whether the parameter is there, with or without a value.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Sets or replaces a parameter; `None` makes it a flag.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        let value = value.map(str::to_owned);
        match self.0.iter_mut().find(|param| param.name.eq_ignore_ascii_case(name)) {
            Some(param) => param.value = value,
            None => self.0.push(Param {
                name: name.to_owned(),
                value,
                quoted: false,
            }),
        }
    }

    /// Removes a parameter.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|param| !param.name.eq_ignore_ascii_case(name));
    }

    /// The parameters in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Param> {
        self.0.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn find(&self, name: &str) -> Option<&Param> {
        self.0.iter().find(|param| param.name.eq_ignore_ascii_case(name))
    }

    /// Reads header parameters: the text after the value, empty or starting with `;`.
    pub(crate) fn parse(text: &str) -> Option<Params> {
        let text = trim(text);
        if text.is_empty() {
            return Some(Params::new());
        }
        let pieces = split_outside(text.strip_prefix(';')?, ';');
        if pieces.len() > limits::PARAMS {
            return None;
        }
        pieces
            .into_iter()
            .map(Param::parse)
            .collect::<Option<Vec<_>>>()
            .map(Params)
    }

    /// Prints `;name=value` for a header value.
    pub(crate) fn print(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|param| {
            f.write_str(";")?;
            param.print(f)
        })
    }
}

impl Param {
    /// Reads `name`, `name=token`, `name="quoted"`.
    pub(crate) fn parse(text: &str) -> Option<Param> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (trim(name), Some(trim(value))),
            None => (trim(text), None),
        };
        if !is_token(name) {
            return None;
        }
        let name = name.to_owned();
        match value {
            None => Some(Param {
                name,
                value: None,
                quoted: false,
            }),
            Some(value) if value.starts_with('"') => {
                let (value, rest) = quoted(value)?;
                rest.is_empty().then_some(Param {
                    name,
                    value: Some(value),
                    quoted: true,
                })
            }
            // An empty value can only be printed in quotes.
            Some(value) => is_plain_value(value).then(|| Param {
                name,
                value: Some(value.to_owned()),
                quoted: value.is_empty(),
            }),
        }
    }

    /// Prints `name=value`, in quotes where the value needs them.
    pub(crate) fn print(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print::token(f, &self.name)?;
        match &self.value {
            None => Ok(()),
            Some(value) if self.quoted || value.is_empty() || !is_plain_value(value) => {
                f.write_str("=")?;
                print::quoted(f, value)
            }
            Some(value) => write!(f, "={value}"),
        }
    }
}

/// What may stand without quotes: tokens, hosts, and whatever else a device sends that ends no value. A tag such as `(1)` must
/// go back to its sender as it came.
fn is_plain_value(value: &str) -> bool {
    !value.contains(|c: char| c.is_whitespace() || c.is_control() || "\"\\<>;,".contains(c))
}
