//! The two URLs of the product's source document, and what stands beside them.
#![allow(clippy::unwrap_used, clippy::expect_used)]
use parley_screenpop::{Facts, Filled, MASK, Policy, Pop, Source, Template, variables};

const DOCUMENTED: &str =
    "https://example.com?to=$number$&called=$called$&calling=$caller$&name=$caller_name$&subj=[sip.X-Subject]";

fn fill(template: &str, facts: &Facts) -> Filled {
    Template::parse(template, &Policy::default())
        .unwrap()
        .fill(facts)
        .unwrap()
}

fn url(template: &str, facts: &Facts) -> String {
    match fill(template, facts).resolve(&|_| false).unwrap() {
        Pop::Web(url) => url,
        Pop::Program { .. } => panic!("{template} is no program"),
    }
}

fn call() -> Facts {
    Facts {
        caller: "+4930123456".into(),
        caller_name: "Jörg & Söhne".into(),
        number: "204".into(),
        called: "+493099900".into(),
        headers: vec![("Via".into(), "x".into()), ("X-Subject".into(), "Order #7/8".into())],
        ..Facts::default()
    }
}

#[test]
fn the_documented_link_is_filled_with_encoded_values_and_its_own_text_untouched() {
    assert_eq!(
        url(DOCUMENTED, &call()),
        "https://example.com?to=204&called=%2B493099900&calling=%2B4930123456&name=J%C3%B6rg%20%26%20S%C3%B6hne\
         &subj=Order%20%237%2F8"
    );
}

#[test]
fn the_documented_parameters_of_the_user_give_the_documented_link() {
    let mut facts = Facts::default();
    facts.custom.insert("id".into(), "1234-5678-9012".into());
    facts.custom.insert("key".into(), "qwerwterer234346467".into());
    assert_eq!(
        url("https://example.com?id=$id$&key=$key$", &facts),
        "https://example.com?id=1234-5678-9012&key=qwerwterer234346467"
    );
}

#[test]
fn a_withheld_call_without_the_header_leaves_empty_values_and_reports_nothing() {
    let facts = Facts {
        number: "204".into(),
        ..Facts::default()
    };
    let filled = fill(DOCUMENTED, &facts);
    assert_eq!(
        filled.masked(),
        "https://example.com?to=204&called=204&calling=&name=&subj="
    );
    assert!(filled.unknown.is_empty());
}

#[test]
fn the_first_dialled_number_falls_back_to_the_one_reached() {
    let facts = Facts {
        number: "204".into(),
        ..Facts::default()
    };
    assert_eq!(url("https://a.example/$called$", &facts), "https://a.example/204");
}

#[test]
fn a_variable_nobody_knows_is_empty_and_reported_once_with_the_nearest_one() {
    let filled = fill(
        "https://a.example?a=$caler$&b=$caler$&c=$weather$&d=$caller|e164$",
        &call(),
    );
    assert_eq!(filled.masked(), "https://a.example?a=&b=&c=&d=");
    let reported: Vec<_> = filled
        .unknown
        .iter()
        .map(|u| (u.name.as_str(), u.suggestion.as_deref()))
        .collect();
    let caller = Some("$caller$");
    assert_eq!(
        reported,
        [("$caler$", caller), ("$weather$", None), ("$caller|e164$", caller)]
    );
}

#[test]
fn a_header_is_found_in_any_case_and_only_the_first_counts() {
    let facts = Facts {
        headers: vec![("x-TICKET".into(), "one".into()), ("X-Ticket".into(), "two".into())],
        ..Facts::default()
    };
    assert_eq!(url("https://a.example/[sip.X-Ticket]", &facts), "https://a.example/one");
    let short = Facts {
        headers: vec![("b".into(), "<sip:ann@a.example>".into())],
        ..Facts::default()
    };
    assert_eq!(
        url("https://a.example?by=[sip.Referred-By]", &short),
        "https://a.example?by=%3Csip%3Aann%40a.example%3E"
    );
}

#[test]
fn folded_and_overlong_headers_are_one_line_of_at_most_a_kilobyte() {
    let facts = Facts {
        headers: vec![
            ("X-A".into(), "one\r\n  two".into()),
            ("X-B".into(), "b".repeat(100_000)),
        ],
        ..Facts::default()
    };
    assert_eq!(
        url("https://a.example?[sip.X-A]", &facts),
        "https://a.example?one%20two"
    );
    assert_eq!(
        url("https://a.example?[sip.X-B]", &facts).len(),
        "https://a.example?".len() + 1024
    );
}

#[test]
fn values_are_not_templates() {
    let mut facts = Facts {
        caller: "$caller_name$".into(),
        caller_name: "[sip.X-A]".into(),
        ..Facts::default()
    };
    facts.headers.push(("X-A".into(), "$key$".into()));
    facts.custom.insert("key".into(), "secret".into());
    assert_eq!(
        url("https://a.example?$caller$&$caller_name$&[sip.X-A]", &facts),
        "https://a.example?%24caller_name%24&%5Bsip.X-A%5D&%24key%24"
    );
}

#[test]
fn pieces_say_where_they_come_from_and_secrets_are_masked() {
    let mut facts = call();
    facts.custom.insert("key".into(), "secret".into());
    let filled = fill(
        "https://me:pass@a.example/?c=$caller$&s=[sip.X-Subject]&k=$key$",
        &facts,
    );
    let pieces: Vec<_> = filled.pieces.iter().map(|p| (p.shown(), p.source)).collect();
    assert_eq!(
        pieces,
        [
            ("https://", None),
            (MASK, None),
            ("@a.example", None),
            ("/?c=", None),
            ("%2B4930123456", Some(Source::Call)),
            ("&s=", None),
            ("Order%20%237%2F8", Some(Source::Header)),
            ("&k=", None),
            (MASK, Some(Source::Custom)),
        ]
    );
    let shown = format!(
        "{:?} {:?} {facts:?} {}",
        filled,
        filled.resolve(&|_| true),
        filled.masked()
    );
    assert!(!shown.contains("secret") && !shown.contains("pass@"), "{shown}");
}

#[test]
fn the_panel_lists_the_calls_values_its_usable_headers_and_the_users_own_masked() {
    let mut facts = call();
    facts.headers.push(("x-subject".into(), "again".into()));
    facts.custom.insert("key".into(), "secret".into());
    facts.custom.insert("caller".into(), "shadowed".into());
    let rows: Vec<_> = variables(&facts).into_iter().map(|row| (row.name, row.value)).collect();
    let row = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        rows,
        [
            row("$caller$", "+4930123456"),
            row("$caller_name$", "Jörg & Söhne"),
            row("$number$", "204"),
            row("$called$", "+493099900"),
            row("[sip.X-Subject]", "Order #7/8"),
            row("$key$", MASK),
        ]
    );
}

#[test]
fn the_sample_call_has_a_value_for_every_header_of_the_template() {
    let template = Template::parse("https://a.example?[sip.X-Ticket]&[sip.X-Other]", &Policy::default()).unwrap();
    let filled = template.fill(&template.sample()).unwrap();
    assert_eq!(filled.masked(), "https://a.example?4711&sample");
}
