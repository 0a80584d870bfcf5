//! Header fields: names, lists, and every typed value.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use parley_sip::headers::{Challenge, Reason, Warning};
use parley_sip::{CSeq, Headers, HostPort, Method, Transport, Via, ViaTransport};

fn headers(fields: &[(&str, &str)]) -> Headers {
    let mut headers = Headers::new();
    fields.iter().for_each(|(name, value)| headers.push(*name, value));
    headers
}

#[test]
fn names_match_in_any_case_and_compact() {
    let all = headers(&[("v", "1"), ("VIA", "2"), ("X-a", "3"), ("i", "c1"), ("K", "timer")]);
    assert_eq!(all.get_all("Via").collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(
        (all.get("x-A"), all.call_id(), all.supports("TIMER")),
        (Some("3"), Some("c1"), true)
    );
    assert_eq!(all.pairs()[0], ("v".to_owned(), "1".to_owned()), "kept as received");
}

#[test]
fn fields_are_added_replaced_and_removed_in_place() {
    let mut all = headers(&[("A", "1"), ("m", "2"), ("B", "3"), ("Contact", "4")]);
    all.set("Contact", "5");
    all.push_front("Via", "0");
    all.set("C", "6");
    all.remove("b");
    let names: Vec<String> = all
        .iter()
        .map(|header| format!("{}={}", header.name, header.value))
        .collect();
    assert_eq!(names, ["Via=0", "A=1", "Contact=5", "C=6"]);
}

#[test]
fn lists_respect_quotes_and_angle_brackets() {
    let all = headers(&[
        ("Contact", "\"Bell, A.\" <sip:a@b;x=1,2>;q=0.5, sip:c@d;expires=5,"),
        ("m", "<sip:e@f?Route=%3Csip:x%3E>,,\"\\\",\" <sip:g@h>"),
    ]);
    let users: Vec<_> = all
        .contacts()
        .iter()
        .map(|contact| contact.uri.user().unwrap())
        .collect();
    assert_eq!(users, ["a", "c", "e", "g"]);
    assert_eq!(all.contacts()[3].name.as_deref(), Some("\","));
    assert!(!all.is_contact_star() && headers(&[("Contact", " * ")]).contacts().is_empty());
    assert!(headers(&[("Contact", "*")]).is_contact_star());
}

#[test]
fn via_is_read_in_every_shape() {
    for (text, transport, sent_by) in [
        (
            "SIP/2.0/UDP a.example.com:5060;branch=z9hG4bK1",
            ViaTransport::Known(Transport::Udp),
            "a.example.com:5060",
        ),
        (
            "SIP / 2.0 / tls   [2001:db8::9:1] : 5061 ; branch = z9hG4bK1",
            ViaTransport::Known(Transport::Tls),
            "[2001:db8::9:1]:5061",
        ),
        (
            "sip/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bK1",
            ViaTransport::Known(Transport::Wss),
            "df7jal23ls0d.invalid",
        ),
        (
            "SIP/2.0/PIGEON 192.0.2.1;branch=z9hG4bK1",
            ViaTransport::Other("PIGEON".to_owned()),
            "192.0.2.1",
        ),
    ] {
        let via = Via::parse(text).unwrap();
        assert_eq!(
            (&via.transport, via.sent_by.to_string().as_str()),
            (&transport, sent_by)
        );
        assert_eq!(via.transaction_branch(), Some("z9hG4bK1"));
        assert_eq!(Via::parse(&via.to_string()).unwrap(), via);
    }
    for text in [
        "",
        "SIP/2.0/UDP",
        "SIP/2.0 a",
        "SIP/3.0/UDP a",
        "HTTP/2.0/TCP a",
        "SIP/2.0/UDP a b",
        "SIP/2.0/UDP a;",
        "SIP/2.0/UDP a;;x",
        "SIP/2.0/UDP a:x",
        "SIP/2.0/UDP 2001:db8::1",
        "SIP/2.0/U(P a",
        "SIP/2.0/UDP ;branch=1",
    ] {
        assert!(Via::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_via_takes_note_of_the_true_source() {
    let noted = |text: &str, source: &str| {
        let mut via = Via::parse(text).unwrap();
        via.note_source(source.parse().unwrap());
        (via.to_string(), via.response_target().to_string())
    };
    let (via, target) = noted("SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bK1", "192.0.2.1:6000");
    assert_eq!(
        via,
        "SIP/2.0/UDP 10.0.0.1:5060;rport=6000;branch=z9hG4bK1;received=192.0.2.1"
    );
    assert_eq!(target, "192.0.2.1:6000");
    let (via, target) = noted("SIP/2.0/UDP host.example.com:5070;branch=z9hG4bK1", "192.0.2.1:6000");
    assert_eq!(
        via,
        "SIP/2.0/UDP host.example.com:5070;branch=z9hG4bK1;received=192.0.2.1"
    );
    assert_eq!(target, "192.0.2.1:5070");
    // A sender cannot have its answers sent elsewhere by writing `received` itself.
    let (via, target) = noted(
        "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1;received=198.51.100.9",
        "192.0.2.1:5060",
    );
    assert_eq!(
        (via.as_str(), target.as_str()),
        ("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1", "192.0.2.1")
    );
    let (_, target) = noted("SIP/2.0/UDP [2001:db8::1];rport;branch=z9hG4bK1", "[2001:db8::1]:6000");
    assert_eq!(target, "[2001:db8::1]:6000");
    let multicast = Via::parse("SIP/2.0/UDP a:5060;maddr=224.2.0.1;ttl=16").unwrap();
    assert_eq!(
        (multicast.response_target().to_string().as_str(), multicast.ttl()),
        ("224.2.0.1:5060", Some(16))
    );
}

#[test]
fn a_via_of_our_own_asks_for_rport() {
    let via = Via::new(Transport::Tcp, HostPort::parse("[::1]:5060").unwrap(), "z9hG4bKabc");
    assert_eq!(via.to_string(), "SIP/2.0/TCP [::1]:5060;branch=z9hG4bKabc;rport");
    assert!(via.wants_rport() && via.rport().is_none());
}

#[test]
fn only_a_branch_with_cookie_and_content_identifies_a_transaction() {
    let branch = |text: &str| {
        Via::parse(&format!("SIP/2.0/UDP a{text}"))
            .unwrap()
            .transaction_branch()
            .map(str::to_owned)
    };
    assert_eq!(branch(";branch=z9hG4bK"), None);
    assert_eq!(branch(";branch=1"), None);
    assert_eq!(branch(""), None);
    assert_eq!(branch(";branch=Z9HG4BKx"), Some("Z9HG4BKx".to_owned()));
}

#[test]
fn cseq_is_a_number_of_32_bits_and_a_method() {
    assert_eq!(CSeq::parse("0009  INVITE"), Some(CSeq::new(9, Method::Invite)));
    assert_eq!(
        CSeq::parse("1 invite").unwrap().method,
        Method::Extension("invite".to_owned())
    );
    for wrong in [
        "",
        "1",
        "INVITE",
        "-1 INVITE",
        "+1 INVITE",
        "4294967296 INVITE",
        "1 IN VITE",
        "1INVITE",
    ] {
        assert_eq!(CSeq::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn numbers_are_bounded_not_believed() {
    let all = headers(&[
        ("Expires", "99999999999999"),
        ("Min-Expires", "60"),
        ("Retry-After", "18000 (in a meeting);duration=3600"),
    ]);
    assert_eq!(
        (all.expires(), all.min_expires(), all.retry_after()),
        (Some(u32::MAX), Some(60), Some(18000))
    );
    let wrong = headers(&[
        ("Expires", "-1"),
        ("Max-Forwards", "256"),
        ("Retry-After", "soon"),
        ("l", "x"),
    ]);
    assert_eq!(
        (
            wrong.expires(),
            wrong.max_forwards(),
            wrong.retry_after(),
            wrong.content_length()
        ),
        (None, None, None, None)
    );
}

#[test]
fn several_challenges_on_one_line_are_told_apart() {
    let all = headers(&[(
        "WWW-Authenticate",
        "Digest realm=\"a, b\",nonce = \"n=\\\"1\", qop=\"auth,auth-int\" , Basic realm=x,Negotiate, Digest  algorithm=SHA-256",
    )]);
    let found = all.www_authenticate();
    assert_eq!(
        found
            .iter()
            .map(|challenge| challenge.scheme.as_str())
            .collect::<Vec<_>>(),
        ["Digest", "Basic", "Negotiate", "Digest"]
    );
    assert_eq!(
        (found[0].params.get("realm"), found[0].params.get("nonce")),
        (Some("a, b"), Some("n=\"1"))
    );
    assert_eq!(
        (found[0].params.get("qop"), found[3].params.get("algorithm")),
        (Some("auth,auth-int"), Some("SHA-256"))
    );
    assert_eq!(Challenge::parse_list(&found[0].to_string())[0], found[0]);
}

#[test]
fn reasons_are_read_and_printed() {
    let all = headers(&[(
        "Reason",
        "SIP ;cause=200 ;text=\"Call completed elsewhere\", Q.850;cause=16;;text=x, preemption",
    )]);
    let reasons = all.reason();
    assert!(reasons[0].is_completed_elsewhere() && !reasons[1].is_completed_elsewhere());
    assert_eq!(
        (
            reasons[1].protocol.as_str(),
            reasons[1].cause,
            reasons[1].text.as_deref()
        ),
        ("Q.850", Some(16), Some("x"))
    );
    assert_eq!((reasons.len(), reasons[2].cause), (3, None));
    let printed = Reason::sip(486, "a \"b\"\r\nX: y").to_string();
    assert_eq!(printed, "SIP;cause=486;text=\"a \\\"b\\\"  X: y\"");
    assert_eq!(Reason::parse(&printed).unwrap().cause, Some(486));
}

#[test]
fn warnings_are_read() {
    let all = headers(&[(
        "Warning",
        "301 isi.edu \"Incompatible network, 'E.164'\", 399 - \"x\", nonsense",
    )]);
    let expected = Warning {
        code: 301,
        agent: "isi.edu".to_owned(),
        text: "Incompatible network, 'E.164'".to_owned(),
    };
    assert_eq!((all.warnings().len(), &all.warnings()[0]), (2, &expected));
    assert_eq!(Warning::parse(&expected.to_string()), Some(expected));
}

#[test]
fn who_was_called_first_is_found() {
    let all = headers(&[
        (
            "Diversion",
            "\"Desk\" <sip:100@pbx>;reason=no-answer;counter=2, <tel:+49301>;reason=unconditional",
        ),
        (
            "History-Info",
            "<sip:100@pbx?Reason=SIP%3Bcause%3D302>;index=1, <sip:200@pbx>;index=1.1",
        ),
        ("P-Asserted-Identity", "\"Ann\" <sip:ann@pbx>, tel:+49302"),
    ]);
    assert_eq!(all.diversion()[0].params.get("reason"), Some("no-answer"));
    assert_eq!(all.diversion()[1].uri.user().as_deref(), Some("+49301"));
    assert_eq!(all.history_info()[1].params.get("index"), Some("1.1"));
    assert_eq!(all.p_asserted_identity().unwrap().name.as_deref(), Some("Ann"));
}

#[test]
fn the_other_fields_have_their_getters() {
    let all = headers(&[
        ("r", "<sip:c@d?Replaces=x%3Bto-tag%3D1>"),
        ("b", "<sip:a@b>"),
        ("o", "Refer;id=93809824"),
        ("Require", "100rel, timer"),
        ("Allow", "INVITE,ACK"),
        ("User-Agent", "X/1"),
        ("c", "application/SDP; charset=utf-8"),
        ("Record-Route", "<sip:p1;lr>,<sip:p2;lr>"),
        ("Route", "<sip:p3;lr>"),
        ("Service-Route", "<sip:p4;lr>"),
        ("Path", "<sip:p5;lr>"),
    ]);
    assert_eq!(all.refer_to().unwrap().uri.sip().unwrap().headers[0].0, "Replaces");
    assert_eq!(
        (all.referred_by().unwrap().uri.user().as_deref(), all.event().as_deref()),
        (Some("a"), Some("refer"))
    );
    assert_eq!(
        (all.require(), all.allow()),
        (vec!["100rel", "timer"], vec!["INVITE", "ACK"])
    );
    assert!(all.is_content("application/sdp") && all.user_agent() == Some("X/1"));
    assert_eq!(
        (
            all.record_route().len(),
            all.route().len(),
            all.service_route().len(),
            all.path().len()
        ),
        (2, 1, 1, 1)
    );
}
