//! Strict printing: whatever a value holds, nothing but its own grammar gets out (no CR, LF or control character).

use std::fmt::{self, Write};

/// Writes a token; characters a token cannot hold become `-`, an empty one too.
pub(crate) fn token(out: &mut impl Write, text: &str) -> fmt::Result {
    if text.is_empty() {
        return out.write_char('-');
    }
    text.chars()
        .try_for_each(|c| out.write_char(if crate::parse::tokens::is_token_char(c) { c } else { '-' }))
}

/// Writes free text on one line: every control character becomes a space, so that an escape before it stays one.
pub(crate) fn text(out: &mut impl Write, text: &str) -> fmt::Result {
    text.chars()
        .try_for_each(|c| out.write_char(if c.is_control() { ' ' } else { c }))
}

/// Writes a quoted string (RFC 3261 section 25.1), escaping `"` and `\`.
pub(crate) fn quoted(out: &mut impl Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.write_char('\\')?;
                out.write_char(c)?;
            }
            c if c.is_control() => out.write_char(' ')?,
            c => out.write_char(c)?,
        }
    }
    out.write_char('"')
}

/// Writes a host name; one with nothing a host name can hold becomes `invalid` (RFC 2606).
pub(crate) fn host(out: &mut impl Write, name: &str) -> fmt::Result {
    let mut written = false;
    for c in name.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)) {
        out.write_char(c)?;
        written = true;
    }
    if written { Ok(()) } else { out.write_str("invalid") }
}

/// Writes URI text: an escape (`%41`) stays, a character of `allowed` or the unreserved set stays, all else is escaped.
pub(crate) fn uri_part(out: &mut impl Write, text: &str, allowed: &str) -> fmt::Result {
    let bytes = text.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        let c = byte as char;
        let is_escape = || {
            bytes
                .get(at + 1..at + 3)
                .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
        };
        if byte.is_ascii_alphanumeric()
            || "-_.!~*'()".contains(c)
            || (byte.is_ascii() && allowed.contains(c))
            || (c == '%' && is_escape())
        {
            out.write_char(c)?;
        } else {
            write!(out, "%{byte:02X}")?;
        }
    }
    Ok(())
}
