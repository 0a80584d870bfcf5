//! What is refused when a rule is saved, and with which words.
#![allow(clippy::unwrap_used, clippy::expect_used)]
use parley_screenpop::{Kind, Place, Policy, Template, TemplateError};

fn refusal(template: &str) -> TemplateError {
    match Template::parse(template, &Policy::default()) {
        Err(error) => error,
        Ok(_) => panic!("{template} was accepted"),
    }
}

#[test]
fn web_addresses_and_absolute_paths_are_accepted() {
    for (template, kind) in [
        ("https://example.com", Kind::Web),
        ("HTTP://example.com:8080/a?b#c", Kind::Web),
        ("  https://example.com/$caller$  ", Kind::Web),
        ("\"https://example.com/$caller$\"", Kind::Web),
        ("https://[::1]:8080/$caller$", Kind::Web),
        ("https://münchen.example/?q=$caller$", Kind::Web),
        ("https://example.com#$caller$", Kind::Web),
        ("C:\\Program Files\\MyApp\\myapp.exe", Kind::Program),
        ("c:/apps/crm.EXE $caller$", Kind::Program),
        ("\\\\server\\share\\x.exe --to $caller$", Kind::Program),
        (
            "\"C:\\Program Files\\MyApp\\myapp.exe\" \"$caller_name$\"",
            Kind::Program,
        ),
        ("/opt/my app/crm", Kind::Program),
        ("/opt/crm --caller=$caller$ [sip.X-Ticket]", Kind::Program),
    ] {
        let parsed = Template::parse(template, &Policy::default());
        assert_eq!(parsed.map(|t| t.kind()), Ok(kind), "{template}");
    }
}

#[test]
fn nothing_but_http_https_and_listed_schemes_is_accepted() {
    for template in [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "vbscript:x",
        "crm:open",
        "ftp://a/b",
    ] {
        assert!(matches!(refusal(template), TemplateError::Scheme(_)), "{template}");
    }
    let policy = Policy {
        allowed_schemes: vec!["crm".into(), "javascript".into(), "file".into()],
    };
    assert!(Template::parse("crm:open?n=$caller$", &policy).is_ok());
    assert!(Template::parse("CRM://desk/open?n=$caller$", &policy).is_ok());
    for template in ["JavaScript:x", "file:///x"] {
        assert!(
            matches!(Template::parse(template, &policy), Err(TemplateError::Scheme(_))),
            "{template}"
        );
    }
    assert!(refusal("javascript:x").to_string().contains("can run code"));
}

#[test]
fn no_variable_may_stand_where_it_would_choose_the_server_or_the_program() {
    use Place::{Host, Program, Scheme};
    for (template, place) in [
        ("$caller$", Scheme),
        ("$caller$://example.com", Scheme),
        ("htt$caller$://example.com", Scheme),
        ("https://$caller$", Host),
        ("https://$caller$.example.com/", Host),
        ("https://example.com$caller$", Host),
        ("https://example.com:$caller$/", Host),
        ("https://$caller$@example.com/", Host),
        ("https://me:$key$@example.com/", Host),
        ("https://example.[sip.X-A]/", Host),
        ("/opt/$caller$/crm", Program),
        ("/opt/crm$caller$", Program),
        ("\"/opt/$caller$/crm\"", Program),
        ("C:\\apps\\$caller$\\crm.exe", Program),
    ] {
        let refused = refusal(template);
        assert!(
            matches!(&refused, TemplateError::VariableInAddress { place: p, .. } if *p == place),
            "{template}: {refused:?}"
        );
        assert!(
            refused
                .to_string()
                .contains("nothing a caller sends can change where a pop goes"),
            "{refused}"
        );
    }
    let policy = Policy {
        allowed_schemes: vec!["crm".into()],
    };
    for template in [
        "crm://$caller$",
        "crm:/$caller$/evil.example/",
        "crm:$caller$//evil.example/",
    ] {
        let parsed = Template::parse(template, &policy);
        assert!(
            matches!(parsed, Err(TemplateError::VariableInAddress { place: Host, .. })),
            "{template}: {parsed:?}"
        );
    }
}

#[test]
fn headers_of_sip_itself_are_refused_with_the_reason() {
    for name in [
        "From",
        "to",
        "VIA",
        "Contact",
        "Subject",
        "User-Agent",
        "f",
        "Call-ID",
        "Authorization",
    ] {
        let refused = refusal(&format!("https://example.com?x=[sip.{name}]"));
        assert!(matches!(refused, TemplateError::Header(_)), "{name}");
        assert!(refused.to_string().contains("RFC 3261"), "{refused}");
        assert!(
            matches!(refusal(&format!("/opt/crm [sip.{name}]")), TemplateError::Header(_)),
            "{name}"
        );
    }
    assert!(matches!(
        refusal("https://example.com?x=[sip.X Y]"),
        TemplateError::BadHeader(_)
    ));
}

#[test]
fn relative_paths_are_refused_and_bare_domains_are_told_about_https() {
    for template in [
        "crm",
        "crm.exe",
        "./crm",
        "../crm",
        "~/crm",
        "opt/crm",
        "C:crm.exe",
        "\\crm.exe",
        "\\\\?\\C:\\crm.exe",
    ] {
        assert_eq!(refusal(template), TemplateError::RelativePath, "{template}");
    }
    for template in [
        "example.com",
        "www.example.com/x?y=$caller$",
        "//example.com/x",
        "example.com:8080/x",
        "localhost:8080/x",
    ] {
        assert_eq!(refusal(template), TemplateError::NoScheme, "{template}");
    }
}

#[test]
fn batch_files_shells_and_other_files_are_refused() {
    for template in [
        "C:\\crm\\pop.bat $caller$",
        "\"C:\\my crm\\pop.CMD\" $caller$",
        "C:\\a b\\pop.bat C:\\x.exe",
    ] {
        assert_eq!(refusal(template), TemplateError::BatchFile, "{template}");
    }
    for template in [
        "/bin/sh -c \"echo $caller$\"",
        "C:\\Windows\\System32\\cmd.exe /c $caller$",
        "\"/usr/bin/env\" bash",
    ] {
        assert!(matches!(refusal(template), TemplateError::Shell(_)), "{template}");
    }
    for template in [
        "C:\\crm\\readme.txt",
        "C:\\crm\\crm.exe.txt $caller$",
        "\"C:\\crm\\crm\" x",
    ] {
        assert_eq!(refusal(template), TemplateError::NoExecutable, "{template}");
    }
}

#[test]
fn quotes_must_match() {
    for template in [
        "\"/opt/my app/crm",
        "/opt/crm \"$caller$",
        "\"/opt/crm\"x",
        "\"/opt/crm\"$caller$",
        "/opt/\"crm\"",
    ] {
        assert_eq!(refusal(template), TemplateError::Quote, "{template}");
    }
}

#[test]
fn addresses_that_programs_read_differently_are_refused() {
    for template in [
        "https:example.com/$caller$",
        "https:///example.com",
        "https://",
        "https://example.com\\$caller$",
        "https://example.com/%$caller$",
        "https://example.com/.%2$caller$/",
        "https://exa mple.com/",
        "https://example.com:99999/",
    ] {
        assert!(matches!(refusal(template), TemplateError::BadUrl(_)), "{template}");
    }
}

#[test]
fn empty_overlong_and_broken_templates_are_refused() {
    assert_eq!(refusal(""), TemplateError::Empty);
    assert_eq!(refusal("   "), TemplateError::Empty);
    assert_eq!(
        refusal(&format!("https://example.com/{}", "x".repeat(5000))),
        TemplateError::TooLong
    );
    assert_eq!(refusal("https://example.com/\r\nX: y"), TemplateError::ControlCharacter);
    assert_eq!(refusal("/opt/crm\0 x"), TemplateError::ControlCharacter);
}
