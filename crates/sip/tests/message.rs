//! Whole messages: what is refused and how it is answered, what is printed, what a response repeats.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use parley_sip::{Fault, Message, Method, ParseError, Request, Response, Uri, limits, parse};

const INVITE: &str = "INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP a.example.com;branch=z9hG4bK1\r\n\
    Via: SIP/2.0/UDP b.example.com;branch=z9hG4bK2\r\nRecord-Route: <sip:p;lr>\r\nFrom: <sip:a@example.com>;tag=1\r\n\
    To: <sip:bob@example.com>\r\nCall-ID: c1@x\r\nCSeq: 7 INVITE\r\nTimestamp: 54\r\nContact: <sip:a@a.example.com>\r\n\
    Content-Length: 4\r\n\r\nbody";

fn request(text: &str) -> Request {
    match parse(text.as_bytes()) {
        Ok(Message::Request(request)) => request,
        other => panic!("{other:?}"),
    }
}

fn fault(text: &str) -> Fault {
    match parse(text.as_bytes()) {
        Err(ParseError::Request(rejected)) => rejected.fault,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn a_request_prints_as_it_was_read() {
    let printed = String::from_utf8(request(INVITE).to_bytes()).unwrap();
    assert_eq!(printed, INVITE);
}

#[test]
fn content_length_is_always_that_of_the_body() {
    let mut request = request(INVITE);
    request.headers.set("l", "99");
    request.headers.push("Content-Length", "1");
    request.set_body("text/plain", b"hi".to_vec());
    let printed = String::from_utf8(request.to_bytes()).unwrap();
    assert_eq!(printed.matches("Content-Length").count(), 1);
    assert!(printed.ends_with("Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi"));
}

#[test]
fn line_ends_and_control_characters_never_get_out_of_a_value() {
    let mut request = Request::new(Method::Extension("A\r\nB C".to_owned()), Uri::parse("tel:+1").unwrap());
    request.headers.push("X-A\r\nEvil", "a\r\nEvil: 1\n\tb\0\u{85}\u{1b}c");
    let printed = String::from_utf8(request.to_bytes()).unwrap();
    assert_eq!(
        printed,
        "A--B-C tel:+1 SIP/2.0\r\nX-A--Evil: a  Evil: 1  b   c\r\nContent-Length: 0\r\n\r\n"
    );
    let mut response = Response::new(200);
    response.reason = "OK\r\nEvil: 1".to_owned();
    assert!(response.to_bytes().starts_with(b"SIP/2.0 200 OK  Evil: 1\r\n"));
}

#[test]
fn a_response_repeats_what_it_must() {
    let response = String::from_utf8(request(INVITE).respond(180, Some("t9")).to_bytes()).unwrap();
    assert_eq!(
        response,
        "SIP/2.0 180 Ringing\r\nVia: SIP/2.0/UDP a.example.com;branch=z9hG4bK1\r\nVia: SIP/2.0/UDP b.example.com;branch=z9hG4bK2\r\n\
         From: <sip:a@example.com>;tag=1\r\nTo: <sip:bob@example.com>;tag=t9\r\nCall-ID: c1@x\r\nCSeq: 7 INVITE\r\n\
         Record-Route: <sip:p;lr>\r\nContent-Length: 0\r\n\r\n"
    );
    let trying = request(INVITE).respond(100, Some("t9"));
    assert_eq!(
        (trying.headers.to().unwrap().tag(), trying.headers.get("Timestamp")),
        (None, Some("54"))
    );
    assert!(!trying.headers.has("Record-Route") && !request(INVITE).respond(486, None).headers.has("Record-Route"));
    let within = request(&INVITE.replace("To: <sip:bob@example.com>", "To: sip:bob@example.com;tag=x"));
    assert_eq!(
        within.respond(200, Some("t9")).headers.get("To"),
        Some("sip:bob@example.com;tag=x")
    );
}

#[test]
fn responses_are_read_with_any_reason() {
    let read = |line: &str| {
        let text = INVITE.replace("INVITE sip:bob@example.com SIP/2.0", line);
        match parse(text.as_bytes()) {
            Ok(Message::Response(response)) => Ok((response.code(), response.reason)),
            Err(error) => Err(error),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(read("SIP/2.0 200 OK"), Ok((200, "OK".to_owned())));
    assert_eq!(read("sip/2.0 299"), Ok((299, String::new())));
    assert_eq!(
        read("SIP/2.0 486 Besetzt \u{fc} 100%"),
        Ok((486, "Besetzt ü 100%".to_owned()))
    );
    for wrong in [
        "SIP/2.0 99 x",
        "SIP/2.0 700 x",
        "SIP/2.0 0200 x",
        "SIP/2.0  200 x",
        "SIP/2.0 2xx x",
        "SIP/2.0",
    ] {
        assert_eq!(read(wrong), Err(ParseError::Response(Fault::StatusLine)), "{wrong}");
    }
    assert_eq!(read("SIP/3.0 200 OK"), Err(ParseError::Response(Fault::Version)));
}

#[test]
fn latin_1_is_read_where_it_is_no_utf_8() {
    let mut bytes = INVITE.replace("From: <", "From: \"M@ller \x7f Br$der\" <").into_bytes();
    bytes.iter_mut().for_each(|byte| match byte {
        b'$' => *byte = 0xfc,
        0x7f => *byte = 0x80,
        _ => {}
    });
    let Message::Request(request) = parse(&bytes).unwrap() else {
        panic!("a response")
    };
    assert_eq!(request.headers.from().unwrap().name.as_deref(), Some("M@ller € Brüder"));
}

#[test]
fn line_ends_before_and_octets_after_do_no_harm() {
    assert_eq!(request(&format!("\r\n\r\n\0{INVITE} and more")).body, b"body");
    let no_length = INVITE.replace("Content-Length: 4\r\n", "");
    assert_eq!(request(&no_length).body, b"body");
    assert_eq!(request(&INVITE.replace("\r\n", "\n")).body, b"body");
    // The empty line is missing and there is no body.
    let end = INVITE.find("Content-Length").unwrap();
    assert_eq!(request(&INVITE[..end]).body, b"");
    for keep_alive in [&b""[..], b"\r\n", b"\r\n\r\n", b"\0\0\0\0"] {
        assert_eq!(parse(keep_alive), Err(ParseError::KeepAlive));
    }
}

#[test]
fn each_fault_of_a_request_is_told_apart() {
    let broken = |from: &str, to: &str| {
        let text = INVITE.replace(from, to);
        assert_ne!(text, INVITE);
        fault(&text)
    };
    assert_eq!(broken("SIP/2.0\r\nVia", "SIP/3.0\r\nVia"), Fault::Version);
    assert_eq!(broken(" SIP/2.0\r\nVia", "\r\nVia"), Fault::RequestLine);
    assert_eq!(
        broken("bob@example.com SIP", "b ob@example.com SIP"),
        Fault::RequestLine
    );
    assert_eq!(broken("sip:bob@example.com SIP", "bob SIP"), Fault::Uri);
    assert_eq!(
        broken("bob@example.com SIP", "bob@example.com?a=b SIP"),
        Fault::HeadersInRequestUri
    );
    assert_eq!(
        broken("sip:bob@", &format!("sip:{}@", "b".repeat(5000))),
        Fault::UriTooLong
    );
    assert_eq!(broken("bob", &"b".repeat(limits::START_LINE)), Fault::StartLineTooLong);
    assert_eq!(broken("Timestamp: 54", "Timestamp 54"), Fault::HeaderLine);
    assert_eq!(broken("Timestamp", "Time stamp"), Fault::HeaderLine);
    assert_eq!(broken("SIP/2.0\r\nVia", "SIP/2.0\r\n folded\r\nVia"), Fault::HeaderLine);
    assert_eq!(broken("54", &"5".repeat(limits::HEADER)), Fault::HeaderTooLong);
    assert_eq!(
        broken("54\r\n", &format!("54\r\n {}\r\n", "5".repeat(limits::HEADER - 10))),
        Fault::HeaderTooLong
    );
    assert_eq!(
        broken("Timestamp: 54\r\n", &"X: 1\r\n".repeat(limits::HEADERS)),
        Fault::TooManyHeaders
    );
    assert_eq!(broken("body", &"b".repeat(limits::MESSAGE)), Fault::MessageTooLarge);
    assert_eq!(broken("Content-Length: 4", "Content-Length: 5"), Fault::BodyTooShort);
    assert_eq!(
        broken("Content-Length: 4", "Content-Length: four"),
        Fault::Malformed("Content-Length")
    );
    assert_eq!(
        broken("Content-Length: 4", "Content-Length: 4\r\nl: 3"),
        Fault::Repeated("Content-Length")
    );
    assert_eq!(broken("\r\n\r\nbody", ""), Fault::Unterminated);
    assert_eq!(broken("CSeq: 7 INVITE", "CSeq: 7 BYE"), Fault::CSeqMethod);
    assert_eq!(broken("CSeq: 7 INVITE", "CSeq: 7"), Fault::Malformed("CSeq"));
    assert_eq!(broken("Call-ID: c1@x", "Call-ID:"), Fault::Malformed("Call-ID"));
    assert_eq!(
        broken("Call-ID: c1@x", "Call-ID: a\r\ni: b"),
        Fault::Repeated("Call-ID")
    );
    assert_eq!(
        broken("Timestamp: 54", "Max-Forwards: 256"),
        Fault::Malformed("Max-Forwards")
    );
    assert_eq!(
        broken("Record-Route: <sip:p;lr>", "Record-Route: <sip:p;lr"),
        Fault::Malformed("Record-Route")
    );
    assert_eq!(broken("Timestamp: 54", "Route: nowhere"), Fault::Malformed("Route"));
    assert_eq!(
        broken("Contact: <sip:a@a.example.com>", "Contact: a"),
        Fault::Malformed("Contact")
    );
    for name in ["From", "To", "Call-ID", "CSeq"] {
        assert_eq!(
            broken(&format!("\r\n{name}: "), "\r\nX-Gone: "),
            Fault::Missing(match name {
                "From" => "From",
                "To" => "To",
                "Call-ID" => "Call-ID",
                _ => "CSeq",
            })
        );
    }
    assert_eq!(fault(&INVITE.replace("Via:", "X:")), Fault::Missing("Via"));
    // The same length twice is no contradiction.
    assert_eq!(
        request(&INVITE.replace("Content-Length: 4", "Content-Length: 4\r\nl: 4")).body,
        b"body"
    );
}

#[test]
fn a_refusal_can_be_answered_from_what_was_read() {
    let rejected = |text: &str| match parse(text.as_bytes()) {
        Err(ParseError::Request(rejected)) => rejected,
        other => panic!("{other:?}"),
    };
    let version = rejected(&INVITE.replace("SIP/2.0\r\nVia", "SIP/9.0\r\nVia"));
    let reply = version.reply("t9").unwrap();
    assert_eq!((reply.code(), reply.headers.vias().len()), (505, 2));
    assert_eq!(
        (reply.headers.to().unwrap().tag(), reply.headers.cseq().unwrap().number),
        (Some("t9"), 7)
    );
    let long = rejected(&INVITE.replace("sip:bob@", &format!("sip:{}@", "b".repeat(5000))));
    assert_eq!(long.status.code(), 414);
    let large = rejected(&INVITE.replace("body", &"b".repeat(limits::MESSAGE)));
    assert_eq!((large.status.code(), large.reply("t").is_some()), (513, true));
    let ack = rejected(&INVITE.replace("INVITE sip:bob", "ACK sip:bob"));
    assert_eq!((&ack.fault, ack.reply("t9")), (&Fault::CSeqMethod, None));
    assert_eq!(rejected(&INVITE.replace("Via:", "X:")).reply("t9"), None);
}

#[test]
fn what_is_not_sip_is_not_answered() {
    for text in ["GET / HTTP/1.1\r\n\r\n", "hello", "\u{16}\u{3}\u{1}", "<xml/>\r\n\r\n"] {
        assert_eq!(
            parse(text.as_bytes()),
            Err(ParseError::NotSip(Fault::RequestLine)),
            "{text}"
        );
    }
}

#[test]
fn unknown_methods_are_read_and_kept() {
    let unknown = request(&INVITE.replace("INVITE", "invite"));
    assert_eq!(unknown.method, Method::Extension("invite".to_owned()));
    assert!(!unknown.method.is_known() && request(INVITE).method.is_known());
    assert!(
        Method::KNOWN
            .iter()
            .all(|method| Method::parse(method.as_str()).as_ref() == Some(method))
    );
}

#[test]
fn credentials_do_not_show_in_debug_output() {
    let text = INVITE.replace(
        "Timestamp: 54",
        "Authorization: Digest response=\"s3cret\"\r\nproxy-authorization: s3cret",
    );
    let shown = format!("{:?}", request(&text));
    assert!(!shown.contains("s3cret") && shown.contains("Authorization") && shown.contains("c1@x"));
}

#[test]
fn a_session_description_is_found_among_several_parts() {
    let multipart = |boundary: &str, body: &str| {
        let mut message = request(INVITE);
        message.set_body(
            &format!("multipart/mixed;boundary={boundary}"),
            body.as_bytes().to_vec(),
        );
        message
    };
    let body = "preamble\r\n--b 1\r\nContent-Type: application/isup\r\n\r\n\x01\x02\r\n--b 1\r\nContent-Disposition: session\r\n\
        c: Application/SDP\r\n\r\nv=0\r\nm=audio 1 RTP/AVP 0\r\n\r\n--b 1--\r\n";
    assert_eq!(
        multipart("\"b 1\"", body).sdp(),
        Some(&b"v=0\r\nm=audio 1 RTP/AVP 0\r\n"[..])
    );
    // No head in the part, no such part, no boundary, an end that never comes.
    assert_eq!(multipart("x", "--x\r\n\r\nv=0\r\n--x--").sdp(), None);
    assert_eq!(multipart("y", body).sdp(), None);
    assert_eq!(multipart("", body).sdp(), None);
    assert_eq!(
        multipart("x", "--x\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n").sdp(),
        None
    );
    let mut plain = request(INVITE);
    assert_eq!(plain.sdp(), None);
    plain.set_body("application/sdp;x=y", b"v=0".to_vec());
    assert_eq!(plain.sdp(), Some(&b"v=0"[..]));
    plain.body.clear();
    assert_eq!(plain.sdp(), None);
}
