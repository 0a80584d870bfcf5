//! Spelling for search: without case, accents and the many ways to write a number.
//!
//! What is stored and what is looked for go through the same functions, so they meet.
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The text an entry is found by: its name in both spellings, its number and user, one a line.
pub(crate) fn entry(name: &str, number: &str, address: &str) -> String {
    let mut lines = spellings(name);
    let user = address
        .split_once(':')
        .map_or(address, |(_, rest)| rest)
        .split('@')
        .next()
        .unwrap_or_default();
    for line in [number, user].map(plain) {
        if !line.is_empty() && !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.join("\n")
}

/// `Müller` as `muller` and, when different, as `mueller`.
pub(crate) fn spellings(text: &str) -> Vec<String> {
    let mut both = vec![plain(text), written_out(text)];
    both.dedup();
    both
}

/// Digits of a number, without the sign or zeros of an international prefix: `+49 (0)30 12` and `0049 30 12` are `493012`.
pub(crate) fn digits(number: &str) -> String {
    let digits: String = number.replace("(0)", "").chars().filter(char::is_ascii_digit).collect();
    digits.strip_prefix("00").unwrap_or(&digits).to_owned()
}

/// The digits to look for when a text is (part of) a number. A trunk zero goes, so that `030 1234` finds `+49301234`.
pub(crate) fn wanted_digits(text: &str) -> Option<String> {
    let number_like = text.chars().all(|c| c.is_ascii_digit() || "+()-./ ".contains(c));
    let digits = digits(text);
    if !number_like || digits.len() < 2 {
        return None;
    }
    let without_trunk = digits.strip_prefix('0').filter(|rest| rest.len() >= 4);
    Some(without_trunk.unwrap_or(&digits).to_owned())
}

/// Lower case without accents: `Ünal Łuß` is `unal luss`.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
    {
        match c {
            'ß' => plain.push_str("ss"),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            'þ' => plain.push_str("th"),
            'ø' => plain.push('o'),
            'ł' => plain.push('l'),
            'đ' | 'ð' => plain.push('d'),
            'ı' => plain.push('i'),
            // Lower-casing may make new marks (İ).
            c if is_combining_mark(c) => {}
            c => plain.push(c),
        }
    }
    plain
}

/// Lower case with umlauts written out, as people do without the keys for them.
fn written_out(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfc().flat_map(char::to_lowercase) {
        match c {
            'ä' => out.push_str("ae"),
            'ö' | 'ø' => out.push_str("oe"),
            'ü' => out.push_str("ue"),
            'å' => out.push_str("aa"),
            c => out.push(c),
        }
    }
    plain(&out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_do_not_matter() {
        assert_eq!(spellings("MÜLLER"), ["muller", "mueller"]);
        assert_eq!(spellings("Mu\u{308}ller"), ["muller", "mueller"]);
        assert_eq!(spellings("Straße"), ["strasse"]);
        assert_eq!(spellings("Łódź Ærø"), ["lodz aero", "lodz aeroe"]);
        assert_eq!(spellings("İstanbul"), ["istanbul"]);
        assert_eq!(spellings("Ελένη 東京"), ["ελενη 東京"]);
    }

    #[test]
    fn numbers_are_their_digits_without_the_international_prefix() {
        for number in ["+49 (0)30 / 12-34", "0049301234", "+49301234"] {
            assert_eq!(digits(number), "49301234", "{number}");
        }
        assert_eq!(digits("anna"), "");
    }

    #[test]
    fn a_trunk_zero_is_not_looked_for_but_short_numbers_keep_theirs() {
        assert_eq!(wanted_digits("030 1234").as_deref(), Some("301234"));
        assert_eq!(wanted_digits("+49-30").as_deref(), Some("4930"));
        assert_eq!(wanted_digits("060").as_deref(), Some("060"));
        assert_eq!(wanted_digits("4"), None);
        assert_eq!(wanted_digits("4711 a"), None);
    }

    #[test]
    fn an_entry_is_found_by_name_number_and_user() {
        assert_eq!(entry("Zoë", "+4930", "sip:zoe@pbx.example"), "zoe\n+4930");
        assert_eq!(entry("", "204", "sip:anna@pbx.example"), "\n204\nanna");
    }
}
