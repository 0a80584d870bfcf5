//! Bodies of several parts (RFC 2046 section 5.1, RFC 5621): gateways send the session description beside ISUP or PIDF.

use crate::Headers;
use crate::parse::lines;
use crate::parse::tokens::{quoted, split_outside, trim};

/// Most parts looked at.
const PARTS: usize = 32;

/// The body if it is of this media type, or the first part of it that is. Parts within parts are not searched.
pub(crate) fn find<'a>(headers: &Headers, body: &'a [u8], media_type: &str) -> Option<&'a [u8]> {
    if body.is_empty() {
        return None;
    }
    if headers.is_content(media_type) {
        return Some(body);
    }
    let delimiter = format!("--{}", boundary(headers.content_type()?)?);
    parts(body, delimiter.as_bytes()).into_iter().find_map(|part| {
        let head = lines::part(part);
        head.headers.is_content(media_type).then_some(head.rest)
    })
}

/// The `boundary` of a `multipart/…` media type.
fn boundary(content_type: &str) -> Option<String> {
    let pieces = split_outside(content_type, ';');
    let is_multipart = pieces.first()?.get(..10)?.eq_ignore_ascii_case("multipart/");
    let value = pieces.iter().skip(1).find_map(|piece| {
        let (name, value) = piece.split_once('=')?;
        trim(name).eq_ignore_ascii_case("boundary").then_some(trim(value))
    })?;
    let value = if value.starts_with('"') {
        quoted(value)?.0
    } else {
        value.to_owned()
    };
    // RFC 2046: at most 70 characters; an empty one would cut at every `--`.
    (is_multipart && (1..=70).contains(&value.len())).then_some(value)
}

/// What stands between the delimiter lines.
fn parts<'a>(body: &'a [u8], delimiter: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let mut part_start = None;
    let mut line_start = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(delimiter) && parts.len() < PARTS {
            if let Some(part) = part_start.and_then(|start| body.get(start..line_start)) {
                // The line end before a delimiter belongs to the delimiter.
                let part = part.strip_suffix(b"\n").unwrap_or(part);
                parts.push(part.strip_suffix(b"\r").unwrap_or(part));
            }
            part_start = Some(line_start + line.len());
        }
        line_start += line.len();
    }
    parts
}
