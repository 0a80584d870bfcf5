//! What a phone answers to each kind of message in RFC 4475: messages written for this test, in the order of its sections, and the
//! 49 of the RFC itself where they are (see `torture.rs`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::path::PathBuf;
use std::time::Instant;

use parley_sip::endpoint::{AccountConfig, AccountId, Endpoint, EndpointConfig, Event, Flow, FlowId, Input, Output};
use parley_sip::{Message, Transport, parse};
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;

/// What becomes of a message.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Outcome {
    /// A call comes in.
    Call,
    /// Answered with this status.
    Answer(u16),
    /// Nothing at all.
    Nothing,
}
use Outcome::{Answer, Call, Nothing};

/// A phone that takes calls from anybody, given one datagram.
fn outcome(bytes: &[u8]) -> Outcome {
    let mut phone = Endpoint::new(EndpointConfig::default(), Box::new(ChaCha8Rng::seed_from_u64(1)));
    let mut account = AccountConfig::new("sip:user@example.com".parse().unwrap());
    account.register = false;
    account.accept_from_anyone = true;
    let now = Instant::now();
    phone.set_account(now, AccountId(1), account);
    let flow = Flow {
        id: FlowId(1),
        transport: Transport::Udp,
        local: ([192, 0, 2, 1], 5060).into(),
        remote: ([192, 0, 2, 9], 5060).into(),
    };
    let bytes = bytes.to_vec();
    phone.handle(now, Input::Received { flow, bytes });
    let mut outcome = Nothing;
    while let Some(output) = phone.poll() {
        match output {
            Output::Event(Event::Incoming { .. }) => outcome = Call,
            Output::Send { bytes, .. } => match parse(&bytes) {
                Ok(Message::Response(response)) if response.code() > 100 => outcome = Answer(response.code()),
                Ok(Message::Response(_)) => {}
                // The answer to a broken request repeats what is broken in it.
                other => {
                    let line = String::from_utf8_lossy(&bytes);
                    let code = line
                        .strip_prefix("SIP/2.0 ")
                        .and_then(|rest| rest.get(..3)?.parse().ok());
                    outcome = Answer(code.unwrap_or_else(|| panic!("{other:?}")));
                }
            },
            _ => {}
        }
    }
    outcome
}

const SDP: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";

/// A plain INVITE, with pieces replaced.
fn invite(changes: &[(&str, &str)]) -> Vec<u8> {
    let mut text = format!(
        "INVITE sip:user@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx1\r\nMax-Forwards: 70\r\n\
         From: <sip:caller@example.net>;tag=1\r\nTo: <sip:user@example.com>\r\nCall-ID: c1@192.0.2.9\r\nCSeq: 7 INVITE\r\n\
         Contact: <sip:caller@192.0.2.9>\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{SDP}",
        SDP.len()
    );
    for (old, new) in changes {
        assert!(text.contains(old), "{old} is not there");
        text = text.replacen(old, new, 1);
    }
    text.into_bytes()
}

/// As [`invite`], another method, without a body.
fn other(method: &str, changes: &[(&str, &str)]) -> Vec<u8> {
    let length = format!("Content-Length: {}\r\n\r\n{SDP}", SDP.len());
    let cseq = format!("CSeq: 7 {method}");
    let mut all = vec![
        ("INVITE", method),
        ("CSeq: 7 INVITE", cseq.as_str()),
        (length.as_str(), "Content-Length: 0\r\n\r\n"),
        ("Content-Type: application/sdp\r\n", ""),
    ];
    all.extend(changes);
    invite(&all)
}

fn check(section: &str, bytes: &[u8], wanted: Outcome) {
    assert_eq!(outcome(bytes), wanted, "{section}\n{}", String::from_utf8_lossy(bytes));
}

#[test]
fn what_is_odd_but_right_is_taken() {
    let take = |section: &str, changes: &[(&str, &str)]| check(section, &invite(changes), Call);
    take("plain", &[]);
    take(
        "3.1.1.1 compact, folded, in any case",
        &[
            (
                "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx1",
                "v:  SIP  / 2.0\r\n /UDP\r\n\t192.0.2.9 ; branch\r\n = z9hG4bKx1",
            ),
            ("From: <", "f:\r\n \"A \\\\\\\"B\" <"),
            (";tag=1", "\r\n  ;\r\n tag = 1"),
            ("To:", "TO :"),
            ("Call-ID:", "i:"),
            ("CSeq: 7 INVITE", "cseq: 0007\r\n   INVITE"),
            ("Contact:", "m:"),
            (
                "Content-Type: application/sdp",
                "c: application/sdp\r\nNewFangled: a\r\n  b;;,,\r\ns:\r\nk:",
            ),
            ("Content-Length:", "l:"),
        ],
    );
    take(
        "3.1.1.3 escapes",
        &[
            ("sip:user@", "sip:sips%3Auser%40example.com@"),
            (
                "<sip:caller@example.net>",
                "\"%Z%45\" <sip:I%20have%20spaces@example.net>",
            ),
        ],
    );
    take("3.1.1.4 escaped nulls", &[("sip:caller@192", "sip:null-%00-null@192")]);
    take(
        "3.1.1.5 a percent sign that is none",
        &[("<sip:caller@example.net>", "\"%ZZ\" <sip:resource@example.net>")],
    );
    take(
        "3.1.1.6 no space before <",
        &[("<sip:caller@example.net>", "caller<sip:caller@example.net>")],
    );
    take(
        "3.1.1.8 octets behind the body",
        &[(SDP, &format!("{SDP}INVITE sip:joe@example.com SIP/2.0\r\n\r\n"))],
    );
    take(
        "3.1.1.9 semicolons in the user",
        &[("sip:user@", "sip:user;par=u%40example.net@")],
    );
    take(
        "3.1.1.10 transports nobody knows",
        &[(
            "Max-Forwards",
            "Via: SIP/2.0/UNKNOWN t5.example.com;branch=z9hG4bK5\r\nMax-Forwards",
        )],
    );
    take(
        "3.1.2.12 a time zone that is none",
        &[("Max-Forwards", "Date: Fri, 01 Jan 2010 16:00:00 EST\r\nMax-Forwards")],
    );
    take(
        "3.1.2.15 a comma in a bare name",
        &[("<sip:caller@example.net>", "Bell, Alexander <sip:caller@example.net>")],
    );
    take(
        "3.2.1 a branch of the cookie alone",
        &[("branch=z9hG4bKx1", "branch=z9hG4bK")],
    );
    take(
        "3.3.4 a To of another scheme",
        &[("To: <sip:user@example.com>", "To: <isbn:2983792873>")],
    );
    take(
        "3.3.12 a Contact parameter",
        &[("<sip:caller@192.0.2.9>", "<sip:caller@192.0.2.9>;unknownparam")],
    );
    take(
        "3.4.1 an INVITE of RFC 2543",
        &[
            (";branch=z9hG4bKx1", ""),
            (";tag=1", ""),
            ("Contact: <sip:caller@192.0.2.9>\r\n", ""),
            ("Max-Forwards: 70\r\n", ""),
        ],
    );
    let long = format!("\"{}\" <sip:caller@example.net>", "I have a long name ".repeat(100));
    take("3.1.1.7 long values", &[("<sip:caller@example.net>", &long)]);
    let parts = format!(
        "--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\nContent-Type: application/sdp\r\n\r\n{SDP}\r\n--b--\r\n"
    );
    let length = (
        format!("Content-Length: {}", SDP.len()),
        format!("Content-Length: {}", parts.len()),
    );
    take(
        "3.1.1.11 several parts",
        &[
            (&length.0, &length.1),
            ("Type: application/sdp", "Type: multipart/mixed;boundary=b"),
            (SDP, &parts),
        ],
    );
}

#[test]
fn what_is_wrong_is_answered_with_what_is_wrong() {
    let refuse = |section: &str, code: u16, changes: &[(&str, &str)]| check(section, &invite(changes), Answer(code));
    let length = format!("Content-Length: {}", SDP.len());
    refuse(
        "3.1.2.2 a body that is not there",
        400,
        &[(&length, "Content-Length: 9999")],
    );
    refuse("3.1.2.3 a negative length", 400, &[(&length, "Content-Length: -999")]);
    refuse(
        "3.1.2.4 a number beyond 32 bits",
        400,
        &[("CSeq: 7", "CSeq: 36893488147419103232")],
    );
    refuse(
        "3.1.2.6 a quote that does not end",
        400,
        &[("To: <", "To: \"Mr. J. User <")],
    );
    refuse(
        "3.1.2.7 brackets around the address",
        400,
        &[("sip:user@example.com SIP", "<sip:user@example.com> SIP")],
    );
    refuse(
        "3.1.2.8 a space in the address",
        400,
        &[("sip:user@example.com SIP", "sip:user@example.com; lr SIP")],
    );
    refuse(
        "3.1.2.9 two spaces",
        400,
        &[("INVITE sip:user@example.com SIP", "INVITE  sip:user@example.com  SIP")],
    );
    refuse(
        "3.1.2.10 a space at the end",
        400,
        &[("SIP/2.0\r\nVia", "SIP/2.0 \r\nVia")],
    );
    refuse(
        "3.1.2.11 header fields in the address",
        400,
        &[("sip:user@example.com SIP", "sip:user@example.com?Route=%3Csip:a%3E SIP")],
    );
    refuse(
        "3.1.2.13 a Contact with ? and no brackets",
        400,
        &[("<sip:caller@192.0.2.9>", "sip:caller@192.0.2.9?Route=%3Csip:a%3E")],
    );
    refuse(
        "3.1.2.14 a space between name and address",
        400,
        &[("To: <sip:user@example.com>", "To: \"a\" < sip:user@example.com>")],
    );
    refuse(
        "3.1.2.16 a version to come",
        505,
        &[("SIP/2.0\r\nVia: SIP/2.0", "SIP/7.0\r\nVia: SIP/7.0")],
    );
    refuse("3.1.2.17 two methods", 400, &[("CSeq: 7 INVITE", "CSeq: 7 OPTIONS")]);
    refuse(
        "3.1.2.18 two methods, one unknown",
        400,
        &[("INVITE sip", "NEWMETHOD sip")],
    );
    refuse(
        "3.3.1 no From",
        400,
        &[("From: <sip:caller@example.net>;tag=1\r\n", "")],
    );
    refuse(
        "3.3.2 a scheme nobody knows",
        416,
        &[("sip:user@example.com SIP", "nobodyknowsthisscheme:opaque SIP")],
    );
    refuse(
        "3.3.3 a scheme of others",
        416,
        &[("sip:user@example.com SIP", "soap.beep://192.0.2.103:3002 SIP")],
    );
    refuse(
        "3.3.5 an extension nobody has",
        420,
        &[("Max-Forwards", "Require: nothingSupportsThis\r\nMax-Forwards")],
    );
    refuse(
        "3.3.6 a body nobody reads",
        415,
        &[("Type: application/sdp", "Type: application/unknownformat")],
    );
    refuse(
        "3.3.8 two From",
        400,
        &[("To:", "From: <sip:other@example.net>;tag=2\r\nTo:")],
    );
    refuse(
        "3.3.9 two lengths",
        400,
        &[("Content-Length", "Content-Length: 5\r\nContent-Length")],
    );
    refuse(
        "3.3.15 no description is taken",
        406,
        &[("Max-Forwards", "Accept: text/nobodyKnowsThis\r\nMax-Forwards")],
    );
    refuse(
        "a To tag of no call",
        481,
        &[("To: <sip:user@example.com>", "To: <sip:user@example.com>;tag=9")],
    );
    check(
        "3.1.1.2 any token is a method",
        &other("!method0_*+`.%'~", &[]),
        Answer(405),
    );
    check(
        "3.3.7 nobody registers here",
        &other("REGISTER", &[("Max", "Authorization: NoOneKnowsThis a=b\r\nMax")]),
        Answer(405),
    );
    check(
        "3.3.11 no hop left, but we are the end",
        &other("OPTIONS", &[("Forwards: 70", "Forwards: 0")]),
        Answer(200),
    );
    check(
        "a description is taken among others",
        &invite(&[("Max", "Accept: text/plain, application/SDP;q=0.5\r\nMax")]),
        Call,
    );
}

#[test]
fn what_cannot_be_answered_is_dropped() {
    check(
        "3.1.2.1 no way back",
        &invite(&[("UDP 192.0.2.9;branch=z9hG4bKx1", "UDP 192.0.2.9;;,;,,")]),
        Nothing,
    );
    for (section, line) in [
        ("3.1.1.12 words in a reason", "SIP/2.0 200 = 2**3 * 5**2 \u{43d}\u{43e}"),
        ("3.1.1.13 no reason", "SIP/2.0 100 "),
        (
            "3.1.2.5 and 3.1.2.19 a code of four digits",
            "SIP/2.0 4294967301 better not",
        ),
        ("3.3.10 a Via that is not ours", "SIP/2.0 200 OK"),
    ] {
        check(
            section,
            &invite(&[("INVITE sip:user@example.com SIP/2.0", line)]),
            Nothing,
        );
    }
}

/// The RFC's own messages, in the same order of kinds.
#[test]
fn the_messages_of_the_rfc_are_answered_as_it_says() {
    let folder = std::env::var_os("PARLEY_TORTURE")
        .map(PathBuf::from)
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/torture"));
    if !folder.join("TABLE.tsv").is_file() {
        return println!(
            "skipped: no RFC 4475 messages in {} (set PARLEY_TORTURE)",
            folder.display()
        );
    }
    let wanted = [
        (Call, "esc01 longreq baddate inv2543"),
        (Nothing, "unreason noreason badinv01 scalarlg bigcode bcast"),
        (Answer(200), "lwsdisp semiuri transports baddn badbranch zeromf"),
        (
            Answer(400),
            "clerr ncl scalar02 quotbal ltgtruri lwsruri lwsstart trws escruri regbadct badaspec mismatch01 mismatch02 insuf multi01 mcl01",
        ),
        // Not INVITE, OPTIONS and the like, whatever else they test: this is no registrar.
        (
            Answer(405),
            "intmeth escnull esc02 dblreq unksm2 regaut01 cparam01 cparam02 regescrt",
        ),
        // A MESSAGE, and not from the line's own server.
        (Answer(403), "mpart01"),
        (Answer(406), "sdp01"),
        (Answer(415), "invut"),
        (Answer(416), "unkscm novelsc"),
        (Answer(420), "bext01"),
        // It is in a dialog that this phone does not have.
        (Answer(481), "wsinv"),
        (Answer(505), "badvers"),
    ];
    let mut count = 0;
    for (wanted, names) in wanted {
        for name in names.split(' ') {
            let bytes = std::fs::read(folder.join(format!("{name}.dat"))).unwrap();
            assert_eq!(outcome(&bytes), wanted, "{name}");
            count += 1;
        }
    }
    assert_eq!(count, 49);
}
