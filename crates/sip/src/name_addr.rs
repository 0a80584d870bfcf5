//! `name-addr` and `addr-spec`: From, To, Contact, Route, Diversion, … (RFC 3261 section 20.10).

use std::fmt;

use crate::parse::tokens::{quoted, trim};
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
        self.params.get("q").and_then(thousandths).unwrap_or(1000)
    }

    /// Reads one value: `"name" <uri>;params`, `name <uri>;params` or `uri;params`.
    ///
    /// Without `<>` every parameter belongs to the header field and the URI holds no `?` (RFC 3261 section 20). A display
    /// name without quotes may hold more than tokens (`Bell, A. (Sales)`): devices send it, and it does no harm.
    pub fn parse(text: &str) -> Result<NameAddr, Fault> {
        let text = trim(text);
        let (name, rest) = if text.starts_with('"') {
            let (name, rest) = quoted(text).ok_or(Fault::NameAddr)?;
            (name, trim(rest))
        } else {
            match text.split_once('<') {
                Some((name, _)) if name.contains('"') => return Err(Fault::NameAddr),
                Some((name, _)) => (trim(name).to_owned(), text.get(name.len()..).unwrap_or_default()),
                None => return addr_spec(text),
            }
        };
        let (uri, params) = rest
            .strip_prefix('<')
            .and_then(|rest| rest.split_once('>'))
            .ok_or(Fault::NameAddr)?;
        Ok(NameAddr {
            name: Some(name).filter(|name| !name.is_empty()),
            uri: Uri::parse(uri)?,
            params: Params::parse(params).ok_or(Fault::NameAddr)?,
        })
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

fn addr_spec(text: &str) -> Result<NameAddr, Fault> {
    let (uri, params) = text.split_at(text.find(';').unwrap_or(text.len()));
    if uri.contains(['?', ',']) {
        return Err(Fault::NameAddr);
    }
    Ok(NameAddr {
        name: None,
        uri: Uri::parse(trim(uri))?,
        params: Params::parse(params).ok_or(Fault::NameAddr)?,
    })
}

/// `0`, `0.5`, `1.000` in thousandths.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let whole: u16 = whole.parse().ok().filter(|whole| *whole <= 1)?;
    let fraction: u16 = format!("{fraction:0<3}").parse().ok()?;
    Some((whole * 1000 + fraction).min(1000))
}
