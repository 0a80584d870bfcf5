//! The 49 messages of RFC 4475. They are not part of this repository: the folder is named by `PARLEY_TORTURE`, or lies
//! beside the checkout; without it these tests say so and pass.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use parley_sip::{Fault, Message, ParseError, parse};

fn messages() -> Option<BTreeMap<String, Vec<u8>>> {
    let folder = std::env::var_os("PARLEY_TORTURE")
        .map(PathBuf::from)
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/torture"));
    let Ok(table) = std::fs::read_to_string(folder.join("TABLE.tsv")) else {
        println!(
            "skipped: no RFC 4475 messages in {} (set PARLEY_TORTURE)",
            folder.display()
        );
        return None;
    };
    let names = table.lines().skip(1).filter_map(|line| line.split('\t').next());
    Some(
        names
            .map(|name| (name.to_owned(), std::fs::read(folder.join(name)).unwrap()))
            .collect(),
    )
}

/// What the codec itself must refuse, and why. All other messages must be accepted; those whose fault is one of meaning
/// are in the tests below.
fn refused() -> BTreeMap<&'static str, Fault> {
    BTreeMap::from([
        ("badinv01.dat", Fault::Malformed("Via")),
        ("clerr.dat", Fault::BodyTooShort),
        ("ncl.dat", Fault::Malformed("Content-Length")),
        ("scalar02.dat", Fault::Malformed("CSeq")),
        ("scalarlg.dat", Fault::Malformed("CSeq")),
        ("quotbal.dat", Fault::Malformed("To")),
        ("ltgtruri.dat", Fault::Uri),
        ("lwsruri.dat", Fault::RequestLine),
        ("lwsstart.dat", Fault::RequestLine),
        ("trws.dat", Fault::RequestLine),
        ("escruri.dat", Fault::HeadersInRequestUri),
        ("regbadct.dat", Fault::Malformed("Contact")),
        ("badaspec.dat", Fault::Malformed("To")),
        ("badvers.dat", Fault::Version),
        ("mismatch01.dat", Fault::CSeqMethod),
        ("mismatch02.dat", Fault::CSeqMethod),
        ("bigcode.dat", Fault::StatusLine),
        ("insuf.dat", Fault::Missing("From")),
        ("multi01.dat", Fault::Repeated("From")),
        ("mcl01.dat", Fault::Repeated("Content-Length")),
    ])
}

#[test]
fn every_message_is_accepted_or_refused_for_the_right_reason() {
    let Some(messages) = messages() else { return };
    assert_eq!(messages.len(), 49);
    let refused = refused();
    for (name, bytes) in &messages {
        match (parse(bytes), refused.get(name.as_str())) {
            (Ok(_), None) => {}
            (Err(error), Some(fault)) => assert_eq!(error.fault(), Some(fault), "{name}"),
            (Ok(message), Some(fault)) => panic!("{name} must be refused ({fault}): {message:?}"),
            (Err(error), None) => panic!("{name} must be accepted: {error}"),
        }
    }
}

#[test]
fn bad_requests_are_answered_and_bad_responses_are_not() {
    let Some(messages) = messages() else { return };
    for (name, fault) in refused() {
        match parse(&messages[name]).unwrap_err() {
            ParseError::Request(rejected) => {
                let code = if fault == Fault::Version { 505 } else { 400 };
                assert_eq!(rejected.status.code(), code, "{name}");
                if name != "badinv01.dat" && name != "badvers.dat" {
                    let reply = rejected.reply("t").unwrap().to_bytes();
                    assert!(reply.starts_with(format!("SIP/2.0 {code} ").as_bytes()), "{name}");
                }
            }
            ParseError::Response(_) => assert!(["scalarlg.dat", "bigcode.dat"].contains(&name), "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn what_is_read_prints_and_reads_the_same_again() {
    let Some(messages) = messages() else { return };
    for (name, bytes) in &messages {
        // Its display name holds control characters, which never get out again.
        if let (Ok(message), false) = (parse(bytes), name == "intmeth.dat") {
            let mut again = parse(&message.to_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
            let mut message = message;
            message.headers_mut().remove("Content-Length");
            again.headers_mut().remove("Content-Length");
            assert_eq!(message, again, "{name}");
        }
    }
}

#[test]
fn control_characters_in_a_quoted_name_do_not_get_out_and_do_not_break_its_quotes() {
    let Some(messages) = messages() else { return };
    let printed = parse(&messages["intmeth.dat"]).unwrap().to_bytes();
    assert!(
        printed
            .iter()
            .all(|byte| !byte.is_ascii_control() || b"\r\n".contains(byte))
    );
    let to = parse(&printed).unwrap().headers().to().unwrap();
    assert_eq!(to.name.as_deref(), Some("BEL:  NUL:  DEL: "));
}

#[test]
fn the_short_tortuous_invite_is_understood_in_every_field() {
    let Some(messages) = messages() else { return };
    let Ok(Message::Request(invite)) = parse(&messages["wsinv.dat"]) else {
        panic!("not accepted")
    };
    let headers = &invite.headers;
    assert_eq!(headers.to().unwrap().tag(), Some("1918181833n"));
    assert_eq!(headers.from().unwrap().name.as_deref(), Some("J Rosenberg \\\""));
    assert_eq!(headers.from().unwrap().tag(), Some("98asjd8"));
    assert_eq!(headers.max_forwards(), Some(68));
    assert_eq!(headers.cseq().unwrap().number, 9);
    let vias = headers.vias();
    assert_eq!(vias.len(), 3);
    assert_eq!(vias[1].sent_by.to_string(), "spindle.example.com");
    assert_eq!(vias[1].branch(), Some("z9hG4bK9ikj8"));
    assert_eq!(vias[2].branch(), Some("z9hG4bK30239"));
    assert_eq!(
        headers.get("NewFangledHeader"),
        Some("newfangled value continued newfangled value")
    );
    assert_eq!(headers.get("Subject"), Some(""));
    assert!(headers.route()[0].uri.sip().unwrap().is_loose_router());
    let contact = headers.contact().unwrap();
    assert_eq!(contact.name.as_deref(), Some("Quoted string \"\""));
    assert_eq!(contact.params.get("newparam"), Some("newvalue"));
    assert_eq!(contact.q(), 330);
}

#[test]
fn odd_but_valid_values_keep_their_meaning() {
    let Some(messages) = messages() else { return };
    let read = |name: &str| match parse(&messages[name]) {
        Ok(Message::Request(request)) => request,
        other => panic!("{name}: {other:?}"),
    };
    let intmeth = read("intmeth.dat");
    assert_eq!(intmeth.method.as_str(), "!interesting-Method0123456789_*+`.%indeed'~");
    assert_eq!(intmeth.uri.host().unwrap().to_string(), "example.com");
    assert_eq!(intmeth.headers.from().unwrap().tag(), Some("_token~1'+`*%!-."));
    let esc = read("esc01.dat");
    assert_eq!(esc.uri.user().as_deref(), Some("sips:user@example.com"));
    assert_eq!(esc.headers.from().unwrap().uri.user().as_deref(), Some("I have spaces"));
    assert_eq!(read("esc02.dat").headers.contacts().len(), 2);
    assert_eq!(
        read("escnull.dat").headers.contacts()[1].uri.user().as_deref(),
        Some("\0\0")
    );
    assert_eq!(
        read("semiuri.dat").uri.user().as_deref(),
        Some("user;par=u@example.net")
    );
    assert_eq!(
        read("lwsdisp.dat").headers.from().unwrap().name.as_deref(),
        Some("caller")
    );
    assert_eq!(read("longreq.dat").headers.vias().len(), 34);
    assert_eq!(read("dblreq.dat").body, b"");
    assert_eq!(read("transports.dat").headers.vias().len(), 5);
    assert_eq!(read("mpart01.dat").body.len(), 553);
    let (cparam01, cparam02) = (read("cparam01.dat"), read("cparam02.dat"));
    assert!(cparam01.headers.contact().unwrap().params.has("unknownparam"));
    assert!(
        cparam02
            .headers
            .contact()
            .unwrap()
            .uri
            .sip()
            .unwrap()
            .params
            .has("unknownparam")
    );
    let route = read("regescrt.dat")
        .headers
        .contact()
        .unwrap()
        .uri
        .sip()
        .unwrap()
        .decoded_headers();
    assert_eq!(route, [("Route".to_owned(), "<sip:sip.example.com>".to_owned())]);
    // The name lacks its quotes; the meaning is plain.
    assert_eq!(
        read("baddn.dat").headers.from().unwrap().name.as_deref(),
        Some("Bell, Alexander")
    );
}

#[test]
fn what_only_an_application_can_judge_is_visible_to_it() {
    let Some(messages) = messages() else { return };
    let read = |name: &str| parse(&messages[name]).unwrap_or_else(|error| panic!("{name}: {error}"));
    let uri = |name: &str| match read(name) {
        Message::Request(request) => request.uri.scheme(),
        Message::Response(_) => panic!("{name} is a response"),
    };
    // A transaction of RFC 2543: no usable branch.
    assert_eq!(
        read("badbranch.dat").headers().via().unwrap().transaction_branch(),
        None
    );
    assert_eq!(read("inv2543.dat").headers().via().unwrap().transaction_branch(), None);
    assert_eq!(read("inv2543.dat").headers().from().unwrap().tag(), None);
    // 416 for the Request-URI.
    assert_eq!(uri("unkscm.dat"), "nobodyknowsthisscheme");
    assert_eq!(uri("novelsc.dat"), "soap.beep");
    assert_eq!(read("unksm2.dat").headers().to().unwrap().uri.scheme(), "isbn");
    // 420, 415, unknown credentials, a Via that is not ours, 483, 406.
    assert_eq!(
        read("bext01.dat").headers().require(),
        ["nothingSupportsThis", "nothingSupportsThisEither"]
    );
    assert_eq!(
        read("invut.dat").headers().content_type(),
        Some("application/unknownformat")
    );
    assert_eq!(
        read("regaut01.dat").headers().authorization()[0].scheme,
        "NoOneKnowsThisScheme"
    );
    assert_eq!(read("bcast.dat").headers().vias().len(), 2);
    assert_eq!(read("zeromf.dat").headers().max_forwards(), Some(0));
    assert_eq!(read("sdp01.dat").headers().get("Accept"), Some("text/nobodyKnowsThis"));
    // The time zone is wrong: Date is ignored.
    assert!(
        read("baddate.dat")
            .headers()
            .get("Date")
            .is_some_and(|date| date.ends_with("EST"))
    );
    let Message::Response(unreason) = read("unreason.dat") else {
        panic!("a request")
    };
    assert!(unreason.reason.starts_with("= 2**3 * 5**2 но сто"));
    let Message::Response(noreason) = read("noreason.dat") else {
        panic!("a request")
    };
    assert_eq!((noreason.code(), noreason.reason.as_str()), (100, ""));
}
