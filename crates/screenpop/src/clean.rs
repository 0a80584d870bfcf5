//! What a value loses before it is used: control characters and excess length.
//!
//! Encoding is another matter; it depends on where the value goes.

/// Bytes kept of a number or a name.
const SHORT: usize = 256;
/// Bytes kept of a header or of one of the user's own parameters.
const LONG: usize = 1024;

/// A number or a name.
pub(crate) fn short(raw: &str) -> String {
    clean(raw, SHORT)
}

/// A header or one of the user's own parameters.
pub(crate) fn long(raw: &str) -> String {
    clean(raw, LONG)
}

/// Folded lines (RFC 3261 section 7.3.1) and tabs become one space; other control characters go, and so do the marks
/// that make text read in another order than it is written.
fn clean(raw: &str, most: usize) -> String {
    let mut kept = String::with_capacity(raw.len().min(most));
    let mut rest = raw.trim().chars().peekable();
    while let Some(c) = rest.next() {
        let c = match c {
            '\r' | '\n' => {
                let mut folded = false;
                while let Some(next) = rest
                    .peek()
                    .copied()
                    .filter(|next| matches!(next, '\r' | '\n' | ' ' | '\t'))
                {
                    folded |= matches!(next, ' ' | '\t');
                    rest.next();
                }
                if !folded {
                    continue;
                }
                ' '
            }
            '\t' => ' ',
            c if c.is_control() || reorders(c) => continue,
            c => c,
        };
        if kept.len() + c.len_utf8() > most {
            break;
        }
        kept.push(c);
    }
    kept
}

/// Bidirectional embeddings, overrides and isolates, and the line separators of Unicode.
fn reorders(c: char) -> bool {
    matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_reordering_marks_go() {
        assert_eq!(long("a\0b\u{7f}c\u{85}d\u{202e}e\u{2069}"), "abcde");
        assert_eq!(long("two\r\nlines"), "twolines");
        assert_eq!(long("tab\there"), "tab here");
    }

    #[test]
    fn a_folded_line_is_one_line_with_one_space() {
        assert_eq!(long("first\r\n \t second"), "first second");
    }

    #[test]
    fn length_is_capped_between_characters() {
        assert_eq!(short(&"9".repeat(5000)).len(), 256);
        assert_eq!(long(&"€".repeat(5000)).len(), 1023);
    }

    #[test]
    fn letters_of_all_languages_stay() {
        assert_eq!(short("Zoë Müller 王 مريم"), "Zoë Müller 王 مريم");
    }
}
