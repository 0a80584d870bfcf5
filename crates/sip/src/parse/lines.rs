//! The head of a message: lines, folding, text decoding. Faults are collected, not thrown, so that what could be read
//! is there to answer with.

use super::tokens::{is_token, is_ws, trim};
use crate::{Fault, Header, Headers, limits};

/// A message cut into start line, header fields and what follows.
pub(crate) struct Head<'a> {
    /// The start line, decoded, without line end.
    pub start: String,
    /// Every header field that could be read.
    pub headers: Headers,
    /// Everything after the empty line.
    pub rest: &'a [u8],
    /// The first thing that was wrong.
    pub fault: Option<Fault>,
}

/// Cuts a message. Lines end with CRLF or a bare LF; line ends before the start line are skipped (RFC 3261 section 7.5).
pub(crate) fn head(bytes: &[u8]) -> Head<'_> {
    let mut lines = Lines {
        rest: skip_line_ends(bytes),
    };
    let start = lines.next().unwrap_or_default();
    let fault = (start.len() > limits::START_LINE).then_some(Fault::StartLineTooLong);
    let start = decode(start.get(..limits::START_LINE).unwrap_or(start));
    fields(lines, start, fault)
}

/// Cuts a part of a multipart body, which has no start line.
pub(crate) fn part(bytes: &[u8]) -> Head<'_> {
    fields(Lines { rest: bytes }, String::new(), None)
}

fn fields(mut lines: Lines<'_>, start: String, mut fault: Option<Fault>) -> Head<'_> {
    let mut headers = Headers::new();
    let mut field: Option<Vec<u8>> = None;
    let mut note = |found: Fault| {
        fault.get_or_insert(found);
    };
    loop {
        let line = lines.next();
        match line {
            Some(line) if line.first().is_some_and(|b| is_ws(*b as char)) => match &mut field {
                Some(field) if field.len() + line.len() > limits::HEADER => note(Fault::HeaderTooLong),
                Some(field) => {
                    field.push(b' ');
                    field.extend_from_slice(line.trim_ascii());
                }
                None => note(Fault::HeaderLine),
            },
            line => {
                if let Some(done) = field.take() {
                    add(&mut headers, &done, &mut note);
                }
                match line {
                    None => {
                        note(Fault::Unterminated);
                        break;
                    }
                    Some([]) => break,
                    Some(line) if line.len() > limits::HEADER => note(Fault::HeaderTooLong),
                    Some(line) => field = Some(line.to_vec()),
                }
            }
        }
    }
    Head {
        start,
        headers,
        rest: lines.rest,
        fault,
    }
}

fn add(headers: &mut Headers, field: &[u8], note: &mut impl FnMut(Fault)) {
    let Some(colon) = field.iter().position(|b| *b == b':') else {
        return note(Fault::HeaderLine);
    };
    let (name, value) = field.split_at(colon);
    let name = decode(name);
    let name = name.trim_end_matches(is_ws);
    if !is_token(name) {
        return note(Fault::HeaderLine);
    }
    if headers.len() == limits::HEADERS {
        return note(Fault::TooManyHeaders);
    }
    let value = decode(value.get(1..).unwrap_or_default());
    headers.push_header(Header {
        name: name.to_owned(),
        value: trim(&value).to_owned(),
    });
}

/// Skips CR, LF and the NUL octets some devices keep their NAT binding alive with.
pub(crate) fn skip_line_ends(bytes: &[u8]) -> &[u8] {
    let start = bytes
        .iter()
        .position(|b| !matches!(b, b'\r' | b'\n' | 0))
        .unwrap_or(bytes.len());
    bytes.get(start..).unwrap_or_default()
}

/// UTF-8 where it is, else Latin-1 (with the printable characters Windows has at 0x80 to 0x9F).
pub(crate) fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| latin1(*byte)).collect(),
    }
}

fn latin1(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    HIGH.get(usize::from(byte).wrapping_sub(0x80))
        .copied()
        .unwrap_or(byte as char)
}

struct Lines<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    /// The next line without its end; the last one must have an end too, unless it is the very end of a datagram
    /// whose sender forgot the empty line.
    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.iter().position(|b| *b == b'\n').unwrap_or(self.rest.len());
        let line = self.rest.get(..end).unwrap_or_default();
        self.rest = self.rest.get(end + 1..).unwrap_or_default();
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }
}
