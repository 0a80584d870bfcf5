//! URLs with variables: where they may stand, and how values go in without changing where the URL leads.
use crate::error::Place;
use crate::facts::Source;
use crate::filled::Piece;
use crate::lex::{Part, Variable};
use crate::value::{self, Value};
use crate::{Facts, FillError, TemplateError, Unknown};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

/// All but the unreserved characters of RFC 3986 section 2.3: an encoded value has no structure.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What the template itself may not hold literally although people write it; its structure stays.
const TEXT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A URL with variables behind its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Web {
    /// `https://user:secret@host:8443`, or `crm:`: no variable is in here.
    address: String,
    /// Bytes of `address` that are user and password.
    login: std::ops::Range<usize>,
    /// Path, query and fragment.
    rest: Vec<Part>,
    /// Where every filled URL must lead.
    origin: Origin,
}

/// What no value may change.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin {
    scheme: String,
    login: (String, Option<String>),
    host: Option<String>,
    port: Option<u16>,
    opaque: bool,
    query: bool,
    fragment: bool,
}

/// The scheme at the beginning of `text` (RFC 3986 section 3.1); one letter is a drive of Windows.
pub(crate) fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once(':')?;
    let letters = scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    (letters && scheme.len() > 1 && scheme.starts_with(|c: char| c.is_ascii_alphabetic())).then_some(scheme)
}

impl Web {
    /// Reads a URL whose first part begins with a scheme.
    pub(crate) fn parse(parts: &[Part]) -> Result<Self, TemplateError> {
        let Some((Part::Text(first), others)) = parts.split_first() else {
            return Err(TemplateError::NoScheme);
        };
        let scheme = scheme(first).ok_or(TemplateError::NoScheme)?;
        let address = address(first, scheme, others)?;
        let (address, path) = first.split_at(address);
        let mut rest = vec![Part::Text(path.to_owned())];
        rest.extend_from_slice(others);
        let rest = check_text(rest)?;
        let login = match (address.find("//"), address.rfind('@')) {
            (Some(start), Some(end)) if start + 2 < end => start + 2..end,
            _ => 0..0,
        };
        let bad = |error: url::ParseError| TemplateError::BadUrl(error.to_string());
        let origin = Origin::of(&Url::parse(&with_all(address, &rest, "x")).map_err(bad)?);
        let empty = Origin::of(&Url::parse(&with_all(address, &rest, "")).map_err(bad)?);
        if origin != empty {
            return Err(in_address(others));
        }
        Ok(Self {
            address: address.to_owned(),
            login,
            rest,
            origin,
        })
    }

    /// The URL for one call, and its pieces.
    pub(crate) fn fill(&self, facts: &Facts, unknown: &mut Vec<Unknown>) -> Result<(String, Vec<Piece>), FillError> {
        let mut pieces = self.address_pieces();
        let mut segments = Segments::default();
        for part in &self.rest {
            match part {
                Part::Text(text) => {
                    segments.text(text)?;
                    pieces.push(Piece {
                        text: text.clone(),
                        source: None,
                        secret: false,
                    });
                }
                Part::Variable(variable) => match value::of(variable, facts) {
                    Value::Known(raw, source) => {
                        let text = utf8_percent_encode(&raw, VALUE).to_string();
                        segments.value(&text, variable);
                        pieces.push(Piece {
                            text,
                            source: Some(source),
                            secret: source == Source::Custom,
                        });
                    }
                    Value::Unknown(what) => {
                        segments.value("", variable);
                        unknown.push(what);
                    }
                },
            }
        }
        segments.end()?;
        pieces.retain(|piece| !piece.text.is_empty());
        let url: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        let same = Url::parse(&url).is_ok_and(|parsed| Origin::of(&parsed) == self.origin);
        if same {
            Ok((url, pieces))
        } else {
            Err(FillError::PlaceChanged)
        }
    }

    fn address_pieces(&self) -> Vec<Piece> {
        let piece = |range: std::ops::Range<usize>, secret| Piece {
            text: self.address.get(range).unwrap_or_default().to_owned(),
            source: None,
            secret,
        };
        vec![
            piece(0..self.login.start, false),
            piece(self.login.clone(), true),
            piece(self.login.end..self.address.len(), false),
        ]
    }
}

/// The URL with the same text for every variable.
fn with_all(address: &str, rest: &[Part], value: &str) -> String {
    let text = rest.iter().map(|part| match part {
        Part::Text(text) => text.as_str(),
        Part::Variable(_) => value,
    });
    std::iter::once(address).chain(text).collect()
}

/// How many bytes of the first text are scheme and authority. A variable may only follow what ends them.
fn address(first: &str, scheme: &str, others: &[Part]) -> Result<usize, TemplateError> {
    let special = ["http", "https", "ws", "wss", "ftp"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(scheme));
    let after = scheme.len() + 1;
    let hierarchical = first.get(after..).is_some_and(|rest| rest.starts_with("//"));
    if !hierarchical {
        let wrong = || TemplateError::BadUrl(format!("“{scheme}:” must be followed by “//” and the server's name"));
        return if special { Err(wrong()) } else { Ok(after) };
    }
    let authority = first.get(after + 2..).unwrap_or_default();
    match authority.find(['/', '?', '#', '\\']) {
        Some(0) if special => Err(TemplateError::BadUrl("the server's name is missing".to_owned())),
        Some(end) => Ok(after + 2 + end),
        None if others.is_empty() => Ok(first.len()),
        None => Err(in_address(others)),
    }
}

fn in_address(parts: &[Part]) -> TemplateError {
    let variable = parts.iter().find_map(|part| match part {
        Part::Variable(variable) => Some(variable.written()),
        Part::Text(_) => None,
    });
    TemplateError::VariableInAddress {
        variable: variable.unwrap_or_default(),
        place: Place::Host,
    }
}

/// Encodes what the template's own text may not hold, and refuses what programs read in different ways.
fn check_text(mut parts: Vec<Part>) -> Result<Vec<Part>, TemplateError> {
    let mut in_path = true;
    for part in &mut parts {
        let Part::Text(text) = part else { continue };
        let path = if in_path {
            text.split(['?', '#']).next().unwrap_or_default()
        } else {
            ""
        };
        if path.contains('\\') {
            return Err(TemplateError::BadUrl("write “/” instead of “\\”".to_owned()));
        }
        in_path &= path.len() == text.len();
        // A lone % would join with the beginning of a value: `%2` and `e` are a dot.
        let lone = text
            .split('%')
            .skip(1)
            .any(|after| !after.bytes().take(2).all(|b| b.is_ascii_hexdigit()) || after.len() < 2);
        if lone {
            return Err(TemplateError::BadUrl(
                "“%” must be followed by two hexadecimal digits; write %25".to_owned(),
            ));
        }
        *text = utf8_percent_encode(text, TEXT).to_string();
    }
    parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
    Ok(parts)
}

/// Watches the segments of a path: one that a value makes `.` or `..` would lead up, and no encoding prevents that
/// (WHATWG URL, "double-dot path segment").
#[derive(Default)]
struct Segments {
    segment: String,
    variable: Option<String>,
    past_path: bool,
}

impl Segments {
    fn text(&mut self, text: &str) -> Result<(), FillError> {
        for c in text.chars() {
            match c {
                _ if self.past_path => {}
                '?' | '#' => {
                    self.end()?;
                    self.past_path = true;
                }
                '/' => self.end()?,
                c => self.segment.push(c),
            }
        }
        Ok(())
    }

    fn value(&mut self, encoded: &str, variable: &Variable) {
        if !self.past_path {
            self.segment.push_str(encoded);
            self.variable.get_or_insert_with(|| variable.written());
        }
    }

    fn end(&mut self) -> Result<(), FillError> {
        let segment = std::mem::take(&mut self.segment)
            .to_ascii_lowercase()
            .replace("%2e", ".");
        match self.variable.take() {
            Some(variable) if segment == "." || segment == ".." => Err(FillError::DotSegment { variable }),
            _ => Ok(()),
        }
    }
}

impl Origin {
    fn of(url: &Url) -> Self {
        Self {
            scheme: url.scheme().to_owned(),
            login: (url.username().to_owned(), url.password().map(str::to_owned)),
            host: url.host_str().map(str::to_owned),
            port: url.port(),
            opaque: url.cannot_be_a_base(),
            query: url.query().is_some(),
            fragment: url.fragment().is_some(),
        }
    }
}
