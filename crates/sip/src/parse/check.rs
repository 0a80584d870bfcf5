//! What must hold for a message to be worked with at all; everything else is judged by who reads the field.

use super::tokens::{number, split_outside, trim};
use crate::{CSeq, Fault, Headers, Method, NameAddr, Via};

/// The fields every message must have, and its body.
pub(crate) fn common<'a>(headers: &Headers, rest: &'a [u8]) -> Result<&'a [u8], Fault> {
    each(headers, "Via", |value| Via::parse(value).is_ok())?;
    if !headers.has("Via") {
        return Err(Fault::Missing("Via"));
    }
    once(headers, "From", |value| NameAddr::parse(value).is_ok())?;
    once(headers, "To", |value| NameAddr::parse(value).is_ok())?;
    once(headers, "Call-ID", |value| {
        !value.is_empty() && !value.contains(|c: char| c.is_whitespace() || c.is_control())
    })?;
    once(headers, "CSeq", |value| CSeq::parse(value).is_some())?;
    body(headers, rest)
}

/// What requests must have besides.
pub(crate) fn request(headers: &Headers, method: &Method) -> Result<(), Fault> {
    if headers.cseq().is_some_and(|cseq| cseq.method != *method) {
        return Err(Fault::CSeqMethod);
    }
    if headers.has("Max-Forwards") {
        once(headers, "Max-Forwards", |value| number::<u8>(value).is_some())?;
    }
    let address = |value: &str| value.is_empty() || NameAddr::parse(value).is_ok();
    each(headers, "Contact", |value| value == "*" || address(value))?;
    each(headers, "Route", address)?;
    each(headers, "Record-Route", address)
}

fn body<'a>(headers: &Headers, rest: &'a [u8]) -> Result<&'a [u8], Fault> {
    match content_length(headers)? {
        None => Ok(rest),
        Some(length) => rest.get(..length).ok_or(Fault::BodyTooShort),
    }
}

/// Content-Length; repeated ones must agree. A number beyond all bounds counts as the largest there is.
pub(crate) fn content_length(headers: &Headers) -> Result<Option<usize>, Fault> {
    let mut length = None;
    for value in headers.get_all("Content-Length") {
        let value = trim(value);
        if value.is_empty() || !value.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Fault::Malformed("Content-Length"));
        }
        let this = value.parse().unwrap_or(usize::MAX);
        if *length.get_or_insert(this) != this {
            return Err(Fault::Repeated("Content-Length"));
        }
    }
    Ok(length)
}

/// The field stands exactly once and its value passes.
fn once(headers: &Headers, name: &'static str, passes: impl Fn(&str) -> bool) -> Result<(), Fault> {
    let mut values = headers.get_all(name);
    let value = values.next().ok_or(Fault::Missing(name))?;
    if values.next().is_some() {
        return Err(Fault::Repeated(name));
    }
    passes(value).then_some(()).ok_or(Fault::Malformed(name))
}

/// Every value of a list passes, across lines and commas.
fn each(headers: &Headers, name: &'static str, passes: impl Fn(&str) -> bool) -> Result<(), Fault> {
    let mut seen = 0;
    for line in headers.get_all(name) {
        for value in split_outside(line, ',') {
            seen += 1;
            if seen > crate::limits::LIST || !passes(value) {
                return Err(Fault::Malformed(name));
            }
        }
    }
    Ok(())
}
