//! Where a path ends, and what its arguments are.
#![allow(clippy::unwrap_used, clippy::expect_used)]
use parley_screenpop::{Facts, FillError, Filled, Policy, Pop, Template};

fn fill(template: &str, facts: &Facts) -> Filled {
    Template::parse(template, &Policy::default())
        .unwrap()
        .fill(facts)
        .unwrap()
}

/// The path and arguments, as one text, when only `existing` can be started.
fn launch(template: &str, facts: &Facts, existing: &[&str]) -> Result<String, FillError> {
    fill(template, facts)
        .resolve(&|path| existing.contains(&path))
        .map(|pop| match pop {
            Pop::Program { path, arguments } => format!("{path} {arguments:?}"),
            Pop::Web(url) => panic!("{url} is no program"),
        })
}

fn ann() -> Facts {
    Facts {
        caller: "+4930 12".into(),
        caller_name: "Ann \"Bo\" O'Neil".into(),
        ..Facts::default()
    }
}

#[test]
fn a_windows_path_with_spaces_ends_after_its_ending() {
    for (template, expected) in [
        (
            "C:\\Program Files\\MyApp\\myapp.exe",
            "C:\\Program Files\\MyApp\\myapp.exe []",
        ),
        (
            "C:\\Program Files\\My - App\\a.COM -x $caller$",
            "C:\\Program Files\\My - App\\a.COM [\"-x\", \"+4930 12\"]",
        ),
        (
            "\\\\server\\my share\\x.exe /n:$caller$",
            "\\\\server\\my share\\x.exe [\"/n:+4930 12\"]",
        ),
        ("C:\\a.exe b.exe", "C:\\a.exe [\"b.exe\"]"),
        ("\"C:\\a.exe files\\b.exe\" c", "C:\\a.exe files\\b.exe [\"c\"]"),
    ] {
        let filled = fill(template, &ann());
        let Ok(Pop::Program { path, arguments }) = filled.resolve(&|_| true) else {
            panic!("{template}")
        };
        assert_eq!(
            format!("{path} {arguments:?}").replace("\\\\", "\\"),
            expected.replace("\\\\", "\\"),
            "{template}"
        );
    }
}

#[test]
fn the_longest_path_that_exists_wins() {
    let template = "/opt/my app/crm open $caller$";
    for (existing, expected) in [
        (vec!["/opt/my app/crm"], "/opt/my app/crm [\"open\", \"+4930 12\"]"),
        (
            vec!["/opt/my", "/opt/my app/crm"],
            "/opt/my app/crm [\"open\", \"+4930 12\"]",
        ),
        (vec!["/opt/my"], "/opt/my [\"app/crm\", \"open\", \"+4930 12\"]"),
        (
            vec!["/opt/my app/crm open", "/opt/my app/crm"],
            "/opt/my app/crm open [\"+4930 12\"]",
        ),
    ] {
        assert_eq!(launch(template, &ann(), &existing).as_deref(), Ok(expected));
    }
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let missing = launch("/opt/my app/crm --to $caller$", &ann(), &[]).unwrap_err();
    assert_eq!(
        missing,
        FillError::NoSuchProgram {
            paths: vec!["/opt/my app/crm".into(), "/opt/my".into()]
        }
    );
    assert!(missing.to_string().contains("“/opt/my app/crm”"), "{missing}");
}

#[test]
fn a_path_in_quotes_has_one_reading() {
    let template = "\"/opt/my -app/crm\" -x";
    assert_eq!(
        launch(template, &ann(), &["/opt/my -app/crm"]).as_deref(),
        Ok("/opt/my -app/crm [\"-x\"]")
    );
    assert!(launch(template, &ann(), &["/opt/my"]).is_err());
}

#[test]
fn one_argument_of_the_template_is_one_argument_of_the_program_whatever_the_value() {
    let facts = Facts {
        caller_name: "a b\" --evil 'c' $(x) `y` %PATH% ; & |\n> z".into(),
        ..Facts::default()
    };
    let filled = fill(
        "/opt/crm --name=$caller_name$ \"to $caller_name$ end\" $caller$ last",
        &facts,
    );
    let Ok(Pop::Program { arguments, .. }) = filled.resolve(&|_| true) else {
        panic!()
    };
    let value = "a b\" --evil 'c' $(x) `y` %PATH% ; & |> z";
    assert_eq!(
        arguments,
        [
            format!("--name={value}"),
            format!("to {value} end"),
            String::new(),
            "last".into()
        ]
    );
}

#[test]
fn a_value_alone_never_becomes_an_option_a_switch_or_a_file_of_options() {
    for (value, argument) in [
        ("--delete-all", "delete-all"),
        ("/q", "q"),
        ("-/-@x", "x"),
        ("@options.txt", "options.txt"),
        ("\u{2013}x", "x"),
        (" -x", "x"),
        ("\0-x", "x"),
        ("---", ""),
        ("+49-30", "+49-30"),
    ] {
        let facts = Facts {
            caller: value.into(),
            ..Facts::default()
        };
        let expected = format!("/opt/crm [{argument:?}, {argument:?}]");
        assert_eq!(
            launch("/opt/crm $caller$ \"$number$$caller$\"", &facts, &["/opt/crm"]),
            Ok(expected),
            "{value:?}"
        );
    }
}

#[test]
fn a_value_behind_text_stays_as_it_is() {
    let facts = Facts {
        caller: "-x".into(),
        ..Facts::default()
    };
    assert_eq!(
        launch("/opt/crm --n=$caller$", &facts, &["/opt/crm"]).as_deref(),
        Ok("/opt/crm [\"--n=-x\"]")
    );
}

#[test]
fn a_url_in_an_argument_is_filled_like_a_url() {
    let facts = Facts {
        caller: "1&admin=1#x".into(),
        ..Facts::default()
    };
    assert_eq!(
        launch(
            "/usr/bin/browser --app=https://a.example/?n=$caller$",
            &facts,
            &["/usr/bin/browser"]
        )
        .as_deref(),
        Ok("/usr/bin/browser [\"--app=https://a.example/?n=1%26admin%3D1%23x\"]")
    );
    assert!(Template::parse("/usr/bin/browser https://$caller$/", &Policy::default()).is_err());
}

#[test]
fn a_preview_shows_the_line_and_hides_secrets() {
    let mut facts = ann();
    facts.custom.insert("key".into(), "secret".into());
    let shown = fill("\"/opt/my app/crm\" --key=$key$ \"$caller_name$\" $number$", &facts).masked();
    assert_eq!(shown, "\"/opt/my app/crm\" --key=•••• \"Ann \"Bo\" O'Neil\" \"\"");
    assert_eq!(
        fill("/opt/my app/crm $caller$", &facts).masked(),
        "/opt/my app/crm \"+4930 12\""
    );
}
