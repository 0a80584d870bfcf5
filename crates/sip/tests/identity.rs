//! Who calls, and how a call wants to be announced (RFC 3323, RFC 3325, RFC 3261 section 20).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::Request;
use parley_sip::endpoint::{IncomingInvite, InviteOptions};
use parley_testkit::{LINE, Peer, Phone};
use std::time::Duration;

fn anonymous() -> InviteOptions {
    InviteOptions {
        anonymous: true,
        ..InviteOptions::default()
    }
}

fn told(more: impl FnOnce(&mut Request)) -> IncomingInvite {
    let (_network, alice, bob) = two();
    bob.invite(ALICE_URI, more);
    alice.expect_call().1
}

fn with(name: &'static str, value: &str) -> IncomingInvite {
    let value = value.to_owned();
    told(move |invite| invite.headers.push(name, value))
}

#[test]
fn an_anonymous_call_tells_only_the_own_server_who_calls() {
    let (_network, alice, pbx) = registered();
    let call = alice
        .with(|e, now| e.invite(now, LINE, "sip:600@pbx.example".parse().unwrap(), anonymous()))
        .unwrap();
    let invite = pbx.expect("INVITE");
    let from = invite.headers.from().unwrap();
    assert_eq!(from.name.as_deref(), Some("Anonymous"));
    assert_eq!(from.uri.to_string(), "sip:anonymous@anonymous.invalid");
    assert_eq!(invite.headers.get("Privacy"), Some("id"));
    assert_eq!(
        invite.headers.addresses("P-Preferred-Identity")[0].uri.to_string(),
        "sip:alice@pbx.example"
    );
    assert!(!invite.headers.get("Contact").unwrap().contains("alice"));
    pbx.reply(&invite, 200);
    let ack = pbx.expect("ACK");
    assert_eq!(ack.headers.from().unwrap().uri, from.uri);
    alice.hang_up(call);
    let bye = pbx.expect("BYE");
    assert_eq!(bye.headers.from().unwrap().uri, from.uri);
    assert_eq!(bye.headers.get("Privacy"), Some("id"), "nor does a later word tell it");
}

#[test]
fn an_anonymous_call_past_the_own_server_tells_nobody() {
    let (network, alice, _pbx) = registered();
    let stranger = Peer::new(&network, "10.0.0.66:5060");
    alice
        .with(|e, now| e.invite(now, LINE, "sip:eve@10.0.0.66".parse().unwrap(), anonymous()))
        .unwrap();
    let invite = stranger.expect("INVITE");
    assert!(invite.headers.has("Privacy"));
    assert!(!String::from_utf8(invite.to_bytes()).unwrap().contains("alice"));
}

#[test]
fn the_identity_the_own_server_asserts_is_believed_where_the_account_says_so() {
    for trusting in [true, false] {
        let (_network, alice, pbx) = registered();
        let mut config = Phone::account("sip:alice@pbx.example");
        config.trust_identity = trusting;
        alice.set_account(config);
        pbx.invite("sip:alice@10.0.0.1", |invite| {
            invite
                .headers
                .push("P-Asserted-Identity", "\"Boss\" <sip:boss@pbx.example>, <tel:+49301>")
        });
        let (_, told) = alice.expect_call();
        let name = told.asserted.and_then(|asserted| asserted.name);
        assert_eq!(name.as_deref(), trusting.then_some("Boss"));
    }
}

#[test]
fn who_wants_to_stay_unknown_is_marked() {
    assert!(!with("X", "y").privacy);
    for value in ["id", "user;critical", "header, session", "ID"] {
        assert!(with("Privacy", value).privacy, "{value}");
    }
    assert!(!with("Privacy", "none").privacy);
    let nobody = told(|invite| {
        invite
            .headers
            .set("From", "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1")
    });
    assert!(nobody.privacy);
}

#[test]
fn where_a_call_was_before_is_told_in_order() {
    let told = told(|invite| {
        invite
            .headers
            .push("Diversion", "<sip:last@a>;reason=no-answer, <sip:first@a>");
        invite
            .headers
            .push("History-Info", "<sip:first@a>;index=1, <sip:last@a>;index=1.1");
        invite.headers.push("Referred-By", "<sip:reception@a>");
    });
    assert_eq!(told.diversion[0].uri.to_string(), "sip:last@a");
    assert_eq!(told.history[0].uri.to_string(), "sip:first@a");
    assert_eq!(told.referred_by.unwrap().uri.to_string(), "sip:reception@a");
}

#[test]
fn a_picture_is_taken_by_https_only() {
    let picture = |value: &str| with("Call-Info", value).icon;
    assert_eq!(
        picture("<http://a/x>;purpose=info, <https://a/i.png>;purpose=icon"),
        Some("https://a/i.png".into())
    );
    assert_eq!(
        picture("<HTTPS://a/i.png>;Purpose=Icon"),
        Some("HTTPS://a/i.png".into())
    );
    for refused in [
        "<http://a/i.png>;purpose=icon",
        "<https://a/i.png>",
        "<file:///etc/passwd>;purpose=icon",
        "<javascript:alert(1)>;purpose=icon",
        "<https://a/i png>;purpose=icon",
        "https://a/i.png;purpose=icon",
    ] {
        assert_eq!(picture(refused), None, "{refused}");
    }
    let long = format!("<https://a/{}>;purpose=icon", "x".repeat(3000));
    assert_eq!(picture(&long), None);
}

#[test]
fn the_ways_to_ask_for_an_answer_by_itself_are_understood() {
    for (name, value, pause) in [
        ("Call-Info", "<sip:a>;answer-after=0", Some(0)),
        ("Call-Info", "<sip:a>; answer-after=5", Some(5)),
        ("Call-Info", "<sip:a>;answer-after=99999", Some(60)),
        ("Call-Info", "<sip:a>;answer-after=soon", None),
        ("Alert-Info", "<http://a>;info=alert-autoanswer;delay=3", Some(3)),
        ("Alert-Info", "<http://a>;info=alert-autoanswer", Some(0)),
        ("Alert-Info", "info=alert-autoanswer", Some(0)),
        ("Alert-Info", "Auto Answer", Some(0)),
        ("Alert-Info", "Ring Answer", Some(0)),
        ("Alert-Info", "<Auto Answer>", Some(0)),
        ("Answer-Mode", "Auto", Some(0)),
        ("Answer-Mode", "Manual", None),
        ("Alert-Info", "<http://127.0.0.1/bellcore-dr3>", None),
        ("Alert-Info", "<urn:alert:source:external>", None),
    ] {
        assert_eq!(
            with(name, value).auto_answer,
            pause.map(Duration::from_secs),
            "{name}: {value}"
        );
    }
}

#[test]
fn the_ringing_suggested_is_told_as_it_came() {
    let ringing = with("Alert-Info", "<http://127.0.0.1/bellcore-dr3>").alert_info;
    assert_eq!(ringing.as_deref(), Some("<http://127.0.0.1/bellcore-dr3>"));
    assert_eq!(with("Alert-Info", &"x".repeat(5000)).alert_info, None);
}
