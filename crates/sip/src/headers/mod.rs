//! Header fields: an ordered list with names and values as received (unfolded), and typed getters that know compact names.

mod replaces;
mod typed;
mod values;

use std::fmt;

pub use replaces::ReplacesTarget;
pub use values::{Challenge, Reason, Warning};

/// One header field. Its `Debug` output leaves out credentials, so that they reach no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Header {
    /// The name as received, compact or not.
    pub name: String,
    /// The value as received, unfolded and trimmed.
    pub value: String,
}

impl Header {
    /// Whether the value proves who somebody is: `Authorization` and `Proxy-Authorization`.
    pub fn is_secret(&self) -> bool {
        same_name(&self.name, "Authorization") || same_name(&self.name, "Proxy-Authorization")
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.is_secret() { "<redacted>" } else { &self.value };
        write!(f, "{}: {value:?}", self.name)
    }
}

/// Header fields in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<Header>);

impl Headers {
    /// No header fields.
    pub fn new() -> Headers {
        Headers::default()
    }

    /// Adds a field at the end.
    pub fn push(&mut self, name: impl Into<String>, value: impl ToString) {
        self.0.push(Header {
            name: name.into(),
            value: value.to_string(),
        });
    }

    pub(crate) fn push_header(&mut self, header: Header) {
        self.0.push(header);
    }

    /// Adds a field at the front, as a Via must be.
    pub fn push_front(&mut self, name: impl Into<String>, value: impl ToString) {
        self.0.insert(
            0,
            Header {
                name: name.into(),
                value: value.to_string(),
            },
        );
    }

    /// Replaces the first field of this name and removes the others, or adds it.
    pub fn set(&mut self, name: &str, value: impl ToString) {
        let at = self.0.iter().position(|header| same_name(&header.name, name));
        self.remove(name);
        let header = Header {
            name: name.to_owned(),
            value: value.to_string(),
        };
        self.0.insert(at.unwrap_or(self.0.len()).min(self.0.len()), header);
    }

    /// Removes every field of this name.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|header| !same_name(&header.name, name));
    }

    /// The value of the first field of this name (any case, compact or long).
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|header| same_name(&header.name, name))
            .map(|header| header.value.as_str())
    }

    /// The values of all fields of this name, one for each line.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.0
            .iter()
            .filter(move |header| same_name(&header.name, name))
            .map(|header| header.value.as_str())
    }

    /// Whether a field of this name is there.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// All fields in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Header> {
        self.0.iter()
    }

    /// All fields in order, as plain pairs.
    pub fn pairs(&self) -> Vec<(String, String)> {
        self.0
            .iter()
            .map(|header| (header.name.clone(), header.value.clone()))
            .collect()
    }

    /// Prints every field but Content-Length, which the body decides, one a line with CRLF.
    pub(crate) fn print(&self, out: &mut String) -> fmt::Result {
        for header in self
            .0
            .iter()
            .filter(|header| !same_name(&header.name, "Content-Length"))
        {
            crate::print::token(out, &header.name)?;
            out.push_str(": ");
            crate::print::text(out, crate::parse::tokens::trim(&header.value))?;
            out.push_str("\r\n");
        }
        Ok(())
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The long form of a compact header name (RFC 3261 section 7.3.3 and the IANA registry); others come back as they are.
pub fn long_name(name: &str) -> &str {
    let mut chars = name.chars();
    let (Some(letter), None) = (chars.next(), chars.next()) else {
        return name;
    };
    match letter.to_ascii_lowercase() {
        'a' => "Accept-Contact",
        'b' => "Referred-By",
        'c' => "Content-Type",
        'd' => "Request-Disposition",
        'e' => "Content-Encoding",
        'f' => "From",
        'i' => "Call-ID",
        'j' => "Reject-Contact",
        'k' => "Supported",
        'l' => "Content-Length",
        'm' => "Contact",
        'n' => "Identity-Info",
        'o' => "Event",
        'r' => "Refer-To",
        's' => "Subject",
        't' => "To",
        'u' => "Allow-Events",
        'v' => "Via",
        'x' => "Session-Expires",
        'y' => "Identity",
        _ => name,
    }
}

/// Whether two header names mean the same field.
pub fn same_name(a: &str, b: &str) -> bool {
    long_name(a).eq_ignore_ascii_case(long_name(b))
}
