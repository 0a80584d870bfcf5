//! Finding calls.
#![allow(clippy::unwrap_used, clippy::expect_used)]
mod common;
use common::{past, text};
use parley_store::{Filter, Outcome, Query, Store};

const PEOPLE: [(&str, &str); 9] = [
    ("Jörg Müller", "+49 30 1234567"),
    ("Anna Schmidt", "0049401112"),
    ("ANNA KARENINA", "+74951234"),
    ("Mueller GmbH", "08912345"),
    ("100% Pure_Water", "204"),
    ("Straßenbau Łódź", "+48421234"),
    ("", "5550100"),
    ("", ""),
    ("O'Neil \"Bo\"", "max"),
];

fn found(wanted: &str) -> Vec<String> {
    let mut store = Store::open_in_memory().unwrap();
    for (name, number) in PEOPLE {
        past(&mut store, name, number, Outcome::Answered);
    }
    let entries = store.search(&text(wanted)).unwrap().entries;
    entries
        .into_iter()
        .map(|entry| {
            if entry.name.is_empty() {
                entry.number
            } else {
                entry.name
            }
        })
        .collect()
}

#[test]
fn names_are_found_by_a_part_in_any_case_with_or_without_umlauts() {
    for (wanted, people) in [
        ("anna", vec!["ANNA KARENINA", "Anna Schmidt"]),
        ("SCHMI", vec!["Anna Schmidt"]),
        ("müller", vec!["Mueller GmbH", "Jörg Müller"]),
        ("MÜLLER", vec!["Mueller GmbH", "Jörg Müller"]),
        ("muller", vec!["Jörg Müller"]),
        ("mueller", vec!["Mueller GmbH", "Jörg Müller"]),
        ("strasse", vec!["Straßenbau Łódź"]),
        ("łódź", vec!["Straßenbau Łódź"]),
        ("lodz", vec!["Straßenbau Łódź"]),
        ("o'neil \"bo", vec!["O'Neil \"Bo\""]),
    ] {
        assert_eq!(found(wanted), people, "{wanted}");
    }
}

#[test]
fn every_word_must_be_found_in_any_order() {
    assert_eq!(found("schmidt  anna"), ["Anna Schmidt"]);
    assert_eq!(found("anna 40"), ["Anna Schmidt"]);
    assert!(found("anna müller").is_empty());
}

#[test]
fn numbers_are_found_however_they_are_written() {
    for (wanted, people) in [
        ("+49301234567", vec!["Jörg Müller"]),
        ("0049 30 1234", vec!["Jörg Müller"]),
        ("030 1234567", vec!["Jörg Müller"]),
        ("+49 (0)30/1234-567", vec!["Jörg Müller"]),
        ("4940", vec!["Anna Schmidt"]),
        ("204", vec!["100% Pure_Water"]),
        ("5550100", vec!["5550100"]),
        ("max", vec!["O'Neil \"Bo\""]),
    ] {
        assert_eq!(found(wanted), people, "{wanted}");
    }
}

#[test]
fn no_character_is_a_wildcard() {
    assert_eq!(found("%"), ["100% Pure_Water"]);
    assert_eq!(found("_"), ["100% Pure_Water"]);
    assert_eq!(found("0% p"), ["100% Pure_Water"]);
    for nothing in ["a%a", "*", "?", "\\", "' OR 1=1 --", "\0"] {
        assert!(found(nothing).is_empty(), "{nothing}");
    }
}

#[test]
fn an_empty_text_finds_all_newest_first() {
    assert_eq!(found("").len(), PEOPLE.len());
    assert_eq!(found("   ").first().map(String::as_str), Some("O'Neil \"Bo\""));
}

#[test]
fn pages_follow_each_other_without_gap_or_repetition() {
    let mut store = Store::open_in_memory().unwrap();
    for n in 0..25 {
        let outcome = if n % 2 == 0 { Outcome::Missed } else { Outcome::Answered };
        past(&mut store, &format!("Caller {n}"), "030", outcome);
    }
    for (wanted, filter, total) in [
        ("", Filter::All, 25),
        ("caller", Filter::All, 25),
        ("", Filter::Missed, 13),
        ("caller", Filter::Missed, 13),
    ] {
        let mut query = Query {
            text: wanted.into(),
            filter,
            before: None,
            limit: 4,
        };
        let mut seen = Vec::new();
        loop {
            let page = store.search(&query).unwrap();
            assert!(page.entries.len() <= 4);
            assert!(filter == Filter::All || page.entries.iter().all(|entry| entry.outcome == Outcome::Missed));
            seen.extend(page.entries.iter().map(|entry| entry.id));
            query.before = seen.last().copied();
            // A call that begins in between does not move the pages.
            if seen.len() < 5 {
                past(&mut store, "Caller new", "030", Outcome::Missed);
            }
            if !page.more {
                break;
            }
        }
        assert_eq!(seen.len(), total, "{wanted} {filter:?}");
        assert!(seen.is_sorted_by(|a, b| a > b));
        let new = store.search(&text("new")).unwrap().entries;
        store
            .delete(&new.iter().map(|entry| entry.id).collect::<Vec<_>>())
            .unwrap();
    }
}
