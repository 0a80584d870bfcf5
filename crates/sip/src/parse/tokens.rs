//! Character classes and the small scanners every header needs (RFC 3261 section 25.1).

/// Whether a character may stand in a `token`.
pub(crate) fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-.!%*_+`'~".contains(c)
}

/// Whether the text is a `token`.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_token_char)
}

/// Linear white space of an unfolded value.
pub(crate) fn is_ws(c: char) -> bool {
    c == ' ' || c == '\t'
}

/// Trims linear white space.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(is_ws)
}

/// Splits at the first `mark` that stands outside quotes and `<>`.
pub(crate) fn split_once_outside(text: &str, mark: char) -> Option<(&str, &str)> {
    let at = find_outside(text, |c| c == mark)?;
    Some((text.get(..at)?, text.get(at + mark.len_utf8()..)?))
}

/// Splits at every `mark` that stands outside quotes and `<>`; the pieces are trimmed, empty ones kept.
pub(crate) fn split_outside(text: &str, mark: char) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((piece, after)) = split_once_outside(rest, mark) {
        pieces.push(trim(piece));
        rest = after;
    }
    pieces.push(trim(rest));
    pieces
}

/// The byte offset of the first character outside quotes and `<>` that the test accepts.
pub(crate) fn find_outside(text: &str, test: impl Fn(char) -> bool) -> Option<usize> {
    let (mut quoted, mut escaped, mut angle) = (false, false, false);
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if quoted {
            match c {
                '\\' => escaped = true,
                '"' => quoted = false,
                _ => {}
            }
        } else if !angle && test(c) {
            return Some(at);
        } else {
            match c {
                '"' if !angle => quoted = true,
                '<' => angle = true,
                '>' => angle = false,
                _ => {}
            }
        }
    }
    None
}

/// Reads a quoted string at the start of the text: its content without escapes, and what follows.
pub(crate) fn quoted(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let (mut content, mut escaped) = (String::new(), false);
    for (at, c) in inner.char_indices() {
        match c {
            _ if escaped => {
                content.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return Some((content, inner.get(at + 1..)?)),
            _ => content.push(c),
        }
    }
    None
}

/// Reads a decimal number of digits only; too large is `None`.
pub(crate) fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    let text = trim(text);
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}
