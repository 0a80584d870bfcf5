//! What people type, paste and click.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use parley_engine::RefusalCode;
use parley_engine::core::dial::read;

#[test]
fn numbers_in_any_dress_are_read() {
    for (text, number) in [
        ("600", "600"),
        (" +44 (0)20 7946-0102 ", "+442079460102"),
        ("+44(0)20.7946.0102", "+442079460102"),
        ("(020) 7946 0102", "02079460102"),
        ("020/7946\u{a0}01\u{2011}02", "02079460102"),
        ("\u{202a}+44 20 7946 0102\u{202c}", "+442079460102"),
        ("tel:+44-20-7946-0102;phone-context=x", "+442079460102"),
        ("TEL:%2B442079460102", "+442079460102"),
        ("callto:+442079460102", "+442079460102"),
        ("callto://5551234", "5551234"),
        ("sip:600", "600"),
        ("*21*0123#", "*21*0123#"),
        ("1-800-FLOWERS", "18003569377"),
        ("\u{ff0b}\u{ff14}\u{ff14} 20", "+4420"),
        ("\u{664}\u{665}", "45"),
        ("alice", "alice"),
        ("<600>", "600"),
    ] {
        let target = read(text).unwrap_or_else(|why| panic!("{text}: {why}"));
        assert_eq!(
            (target.text().as_str(), target.shown().as_str()),
            (number, number),
            "{text}"
        );
    }
}

#[test]
fn addresses_are_read_and_what_links_smuggle_is_dropped() {
    for (text, target, shown) in [
        ("alice@example.com", "sip:alice@example.com", "alice@example.com"),
        (
            "sip:alice@example.com:5080;transport=TCP?Route=x",
            "sip:alice@example.com:5080;transport=tcp",
            "alice@example.com:5080",
        ),
        ("sips:alice@example.com", "sips:alice@example.com", "alice@example.com"),
        (
            "sip:alice:secret@example.com",
            "sip:alice@example.com",
            "alice@example.com",
        ),
        ("sip:192.0.2.1:5070", "sip:192.0.2.1:5070", "192.0.2.1:5070"),
        (
            "sip:bob@[2001:db8::1]:5060",
            "sip:bob@[2001:db8::1]:5060",
            "bob@[2001:db8::1]:5060",
        ),
        ("callto:bob@example.com", "sip:bob@example.com", "bob@example.com"),
        (
            "\"Bob\" <sip:bob@example.com>",
            "sip:bob@example.com",
            "bob@example.com",
        ),
    ] {
        let read_target = read(text).unwrap_or_else(|why| panic!("{text}: {why}"));
        assert_eq!(
            (read_target.text().as_str(), read_target.shown().as_str()),
            (target, shown),
            "{text}"
        );
        assert_eq!(read(target).unwrap(), read_target, "reading it again gives the same");
    }
}

#[test]
fn rubbish_is_refused_with_a_reason() {
    for (text, part) in [
        ("", "Enter a number"),
        ("   ", "Enter a number"),
        ("hello world", "neither a number nor an address"),
        ("@example.com", "no name before the @"),
        ("a b@example.com", "no name before the @"),
        ("alice@", "no server name"),
        ("alice@exa mple", "no server name"),
        ("https://example.com", "https: link"),
        ("mailto:alice@example.com", "mailto: link"),
        ("javascript:alert(1)", "javascript: link"),
        ("+", "no digits"),
        ("+44 20 7946 0102 ext. 5", "without its extension"),
        ("123456789012345678901234567890123456789012345", "too long"),
        ("12€", "cannot be part of a number"),
        ("a>b", "cannot be part"),
    ] {
        let refusal = read(text).expect_err(text);
        assert_eq!(
            (refusal.code, refusal.field.as_deref()),
            (RefusalCode::NotDialable, Some("target")),
            "{text}"
        );
        assert!(refusal.message.contains(part), "{text}: {}", refusal.message);
    }
}

#[test]
fn no_text_of_any_kind_stops_the_reader() {
    for first in ["", "sip:", "tel:", "sips:", "callto:", "+", "%", "a@"] {
        for rest in [
            "%",
            "%4",
            "%zz",
            "@@",
            ":::",
            ";;",
            "[",
            "[::1",
            "\u{0}\r\nVia: x",
            "ü@ü",
            "😀",
            "%ff%fe",
            "<>",
            "\"\"",
        ] {
            let _ = read(&format!("{first}{rest}"));
        }
    }
    let injected = read("sip:a%0d%0aVia:%20x@example.com");
    assert!(injected.map_or(true, |target| !target.text().contains(['\r', '\n'])));
}
