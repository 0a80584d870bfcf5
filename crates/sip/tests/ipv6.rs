//! IPv6 in every place it may stand, right and wrong, after the cases of RFC 5118 section 4.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use parley_sip::sdp::Sdp;
use parley_sip::{Fault, Message, ParseError, Request, parse};

fn register(uri: &str, via: &str, contact: &str) -> String {
    format!(
        "REGISTER {uri} SIP/2.0\r\nTo: sip:user@example.com\r\nFrom: sip:user@example.com;tag=81x2\r\nVia: {via}\r\n\
         Call-ID: SSG95523997077@hlau_4100\r\nMax-Forwards: 70\r\nContact: {contact}\r\nCSeq: 98176 REGISTER\r\nContent-Length: 0\r\n\r\n"
    )
}

const VIA: &str = "SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111";
const CONTACT: &str = "\"Caller\" <sip:caller@[2001:db8::1]>";

fn read(text: &str) -> Request {
    match parse(text.as_bytes()) {
        Ok(Message::Request(request)) => request,
        other => panic!("{text}: {other:?}"),
    }
}

fn fault(text: &str) -> Fault {
    match parse(text.as_bytes()) {
        Err(ParseError::Request(rejected)) => rejected.fault,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn addresses_in_brackets_are_read_everywhere() {
    let request = read(&register("sip:[2001:db8::10]", VIA, CONTACT));
    assert_eq!(request.uri.to_string(), "sip:[2001:db8::10]");
    assert_eq!(request.headers.via().unwrap().sent_by.to_string(), "[2001:db8::9:1]");
    assert_eq!(
        request.headers.contact().unwrap().uri.host().unwrap().to_string(),
        "[2001:db8::1]"
    );
    assert_eq!(parse(&request.to_bytes()).unwrap(), Message::Request(request));
}

#[test]
fn addresses_without_brackets_are_refused_with_and_without_a_port() {
    assert_eq!(fault(&register("sip:2001:db8::10", VIA, CONTACT)), Fault::Uri);
    assert_eq!(fault(&register("sip:2001:db8::10:5070", VIA, CONTACT)), Fault::Uri);
    assert_eq!(
        fault(&register("sip:x", "SIP/2.0/UDP 2001:db8::9:1", CONTACT)),
        Fault::Malformed("Via")
    );
    assert_eq!(
        fault(&register("sip:x", VIA, "<sip:c@2001:db8::1>")),
        Fault::Malformed("Contact")
    );
}

#[test]
fn a_port_within_the_brackets_is_part_of_the_address() {
    let sip = read(&register("sip:[2001:db8::10:5070]", VIA, CONTACT));
    assert_eq!(
        (
            sip.uri.host().unwrap().to_string().as_str(),
            sip.uri.sip().unwrap().port
        ),
        ("[2001:db8::10:5070]", None)
    );
    let sip = read(&register("sip:[2001:db8::10]:5070", VIA, CONTACT));
    assert_eq!(sip.uri.sip().unwrap().port, Some(5070));
}

#[test]
fn received_is_read_with_and_without_brackets() {
    for received in ["2001:db8::9:255", "[2001:db8::9:255]"] {
        let via = read(&register("sip:x", &format!("{VIA};received={received}"), CONTACT))
            .headers
            .via()
            .unwrap();
        assert_eq!(via.received().unwrap().to_string(), "2001:db8::9:255");
        assert_eq!(via.response_target().to_string(), "[2001:db8::9:255]");
    }
}

#[test]
fn mapped_and_mistyped_addresses_are_told_apart() {
    let request = read(&register("sip:[::ffff:192.0.2.10]", VIA, CONTACT));
    assert_eq!(request.uri.host().unwrap().to_string(), "[::ffff:192.0.2.10]");
    assert_eq!(fault(&register("sip:[2001:db8:::192.0.2.1]", VIA, CONTACT)), Fault::Uri);
}

#[test]
fn descriptions_may_mix_both_families() {
    let sdp = Sdp::parse(
        b"v=0\r\no=bob 280744730 28977631 IN IP4 host.example.com\r\ns=\r\nt=0 0\r\nm=audio 22334 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\n\
          m=video 6024 RTP/AVP 107\r\nc=IN IP6 2001:db8::1\r\n",
    )
    .unwrap();
    let address = |at: usize| sdp.connection_of(&sdp.media[at]).unwrap().ip().unwrap().to_string();
    assert_eq!(
        (address(0), address(1)),
        ("192.0.2.1".to_owned(), "2001:db8::1".to_owned())
    );
}
