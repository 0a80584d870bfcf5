//! Whatever a caller sends, a pop goes where its rule says.
#![allow(clippy::unwrap_used, clippy::expect_used)]
use parley_screenpop::{Facts, FillError, Policy, Pop, Template};
use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};
use url::Url;

const HOSTILE: [&str; 30] = [
    "&admin=1",
    "#fragment",
    "?x=1",
    "=",
    "%0d%0aLocation: //evil.example",
    "\r\nX: y",
    "\"><script>alert(1)</script>",
    "' OR 1=1 --",
    "/../../etc/passwd",
    "..",
    ".",
    "%2e%2e",
    "//evil.example/",
    "\\\\evil.example\\share",
    "@evil.example",
    ":8080",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "--flag",
    "$caller$",
    "$key$",
    "[sip.X-A]",
    "a b",
    "+",
    "%",
    "%2",
    "\0",
    "\u{202e}gpj.exe",
    "Łódź 東京 🦀",
    ";`reboot`$(reboot)|&",
];

fn facts(value: &str) -> Facts {
    Facts {
        caller: value.into(),
        caller_name: value.into(),
        number: value.into(),
        called: value.into(),
        headers: vec![("X-A".into(), value.into())],
        custom: [("key".to_owned(), value.to_owned())].into(),
    }
}

/// What a receiver must get: the value without control characters and reordering marks.
fn expected(value: &str) -> String {
    let kept: String = value
        .trim()
        .chars()
        .filter(|c| !c.is_control() && *c != '\u{202e}')
        .collect();
    kept
}

#[test]
fn hostile_values_arrive_as_one_value_and_change_nothing_else() {
    let template = "https://crm.example:8443/a?x=1&c=$caller$&n=$caller_name$&h=[sip.X-A]&k=$key$&y=2#$number$";
    let template = Template::parse(template, &Policy::default()).unwrap();
    for value in HOSTILE {
        let Ok(Pop::Web(url)) = template.fill(&facts(value)).unwrap().resolve(&|_| false) else {
            panic!("{value}")
        };
        let url = Url::parse(&url).unwrap();
        assert_eq!(
            (url.scheme(), url.host_str(), url.port()),
            ("https", Some("crm.example"), Some(8443)),
            "{value:?}"
        );
        assert_eq!((url.username(), url.path()), ("", "/a"), "{value:?}");
        let value = expected(value);
        let pairs: Vec<_> = url
            .query_pairs()
            .map(|(k, v)| (k.into_owned(), v.into_owned()))
            .collect();
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let all = [
            pair("x", "1"),
            pair("c", &value),
            pair("n", &value),
            pair("h", &value),
            pair("k", &value),
            pair("y", "2"),
        ];
        assert_eq!(pairs, all);
    }
}

#[test]
fn a_value_is_one_segment_of_a_path_or_the_pop_is_refused() {
    let template = Template::parse("https://crm.example/a/$caller$/b", &Policy::default()).unwrap();
    for value in HOSTILE {
        let filled = template.fill(&facts(value));
        if matches!(value, "." | "..") {
            assert_eq!(
                filled.unwrap_err(),
                FillError::DotSegment {
                    variable: "$caller$".into()
                }
            );
            continue;
        }
        let Ok(Pop::Web(url)) = filled.unwrap().resolve(&|_| false) else {
            panic!("{value}")
        };
        let url = Url::parse(&url).unwrap();
        let segments: Vec<_> = url.path_segments().unwrap().collect();
        assert_eq!(segments.len(), 3, "{value:?}: {url}");
        assert_eq!((segments[0], segments[2]), ("a", "b"), "{value:?}");
    }
}

#[test]
fn no_value_completes_a_climbing_segment() {
    for (template, value) in [
        ("https://a.example/x/.$caller$", "."),
        ("https://a.example/x/$caller$$number$/y", "."),
        ("https://a.example/x/%2e$caller$?q", "."),
        ("https://a.example/x/.$caller$#f", ""),
    ] {
        let filled = Template::parse(template, &Policy::default())
            .unwrap()
            .fill(&facts(value));
        assert!(matches!(filled, Err(FillError::DotSegment { .. })), "{template}");
    }
    let fine = Template::parse("https://a.example/x?q=$caller$#$caller$", &Policy::default()).unwrap();
    assert!(fine.fill(&facts("..")).is_ok());
}

#[test]
fn many_long_values_are_refused_instead_of_opened() {
    let template = format!("https://a.example?{}", "[sip.X-A]".repeat(400));
    let template = Template::parse(&template, &Policy::default()).unwrap();
    assert_eq!(template.fill(&facts(&"€".repeat(2000))), Err(FillError::TooLong));
    assert!(template.fill(&facts("7")).is_ok());
}

#[test]
fn random_values_never_change_the_structure() {
    let policy = Policy {
        allowed_schemes: vec!["crm".into()],
    };
    let templates = [
        "https://crm.example/a/$caller$/b?c=$caller_name$&d=[sip.X-A]#$number$",
        "http://user:pw@crm.example:81/$caller$?$called$",
        "https://crm.example?$key$",
        "crm:open/$caller$?x=$caller_name$",
        "crm://desk/$caller$",
        "https://[2001:db8::1]/x$caller$",
    ]
    .map(|template| Template::parse(template, &policy).unwrap());
    let plain: Vec<_> = templates
        .iter()
        .map(|template| shape(template, &facts("x")).unwrap())
        .collect();
    let mut random = ChaCha8Rng::seed_from_u64(3261);
    for _ in 0..4000 {
        let facts = facts(&random_value(&mut random));
        for (template, plain) in templates.iter().zip(&plain) {
            match shape(template, &facts) {
                Ok(shape) => assert_eq!(&shape, plain, "{:?}", facts.caller),
                Err(FillError::DotSegment { .. }) => assert!(facts.caller.contains('.')),
                Err(error) => panic!("{error} for {:?}", facts.caller),
            }
        }
    }
}

#[test]
fn random_values_never_change_the_number_of_arguments_or_the_path() {
    let template = Template::parse(
        "/opt/my app/crm --n=$caller_name$ $caller$ \"a $key$ b\"",
        &Policy::default(),
    )
    .unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(4733);
    for _ in 0..4000 {
        let value = random_value(&mut random);
        let filled = template.fill(&facts(&value)).unwrap();
        let Ok(Pop::Program { path, arguments }) = filled.resolve(&|path| path == "/opt/my app/crm") else {
            panic!()
        };
        assert_eq!((path.as_str(), arguments.len()), ("/opt/my app/crm", 3), "{value:?}");
        assert!(
            arguments[0].starts_with("--n=") && !arguments[1].starts_with(['-', '/', '@']),
            "{value:?}"
        );
        assert!(
            arguments[2].starts_with("a ") && arguments[2].ends_with(" b"),
            "{value:?}"
        );
        assert!(
            arguments.iter().all(|argument| !argument.chars().any(char::is_control)),
            "{value:?}"
        );
    }
}

/// Everything of a filled URL that no value may change.
fn shape(template: &Template, facts: &Facts) -> Result<String, FillError> {
    let Pop::Web(text) = template.fill(facts)?.resolve(&|_| false)? else {
        panic!()
    };
    assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{text}");
    let url = Url::parse(&text).unwrap();
    let count = |part: Option<&str>, c: char| part.map(|part| part.matches(c).count());
    Ok(format!(
        "{} {} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        url.scheme(),
        url.username(),
        url.password(),
        url.host_str(),
        url.port(),
        count(Some(url.path()), '/'),
        count(url.query(), '&'),
        count(url.query(), '='),
        url.fragment().is_some(),
    ))
}

/// Mostly characters that mean something to somebody.
fn random_value(random: &mut ChaCha8Rng) -> String {
    const LOADED: &[u8] = b"&#?/\\:@%\"'<>=+-. ;|$[]()`~!*^{},\r\n\t\0aA0";
    let length = random.next_u32() % 24;
    (0..length)
        .map(|_| match random.next_u32() % 8 {
            0 => char::from_u32(random.next_u32() % 0x11_0000).unwrap_or('.'),
            _ => char::from(LOADED[random.next_u32() as usize % LOADED.len()]),
        })
        .collect()
}
