//! Calls that are sent on, here and there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod support;

use parley_engine::{
    AccountOptions, BusyForward, CallState, EndReason, Forwarding, LateForward, PresenceState, RefusalCode, Reply,
    Request,
};
use support::{Desk, Far, INVITE};

fn always(target: &str) -> Desk {
    let forwarding = Forwarding {
        always: Some(target.into()),
        ..Forwarding::default()
    };
    forwards(forwarding)
}

fn forwards(forwarding: Forwarding) -> Desk {
    Desk::line(AccountOptions {
        forwarding,
        ..AccountOptions::default()
    })
}

#[test]
fn each_call_is_sent_on_and_written_down() {
    let mut desk = always("300");
    Far::new("a").invite(&mut desk, INVITE);
    let sent_on = desk.expect("302 INVITE");
    let contact = sent_on.headers().get("Contact").unwrap().to_owned();
    assert!(contact.starts_with("<sip:300@10.0.0.2>"), "{contact}");
    assert_eq!(
        desk.history(),
        ["begin Incoming +441632960123", "ended Forwarded: Forwarded to 300"]
    );
    assert!(desk.calls().is_empty() && desk.rings().is_empty());
}

#[test]
fn do_not_disturb_sends_on_where_it_counts_as_busy() {
    let busy = BusyForward {
        target: "301".into(),
        do_not_disturb: true,
        on_call: false,
    };
    let mut desk = forwards(Forwarding {
        busy: Some(busy),
        ..Forwarding::default()
    });
    let state = PresenceState::DoNotDisturb;
    desk.ask(Request::SetPresence { state, note: None }).unwrap();
    Far::new("a").invite(&mut desk, "");
    desk.expect("302 INVITE");
}

#[test]
fn nobody_answering_sends_on() {
    let late = LateForward {
        target: "302".into(),
        after_seconds: 20,
    };
    let mut desk = forwards(Forwarding {
        no_answer: Some(late),
        ..Forwarding::default()
    });
    Far::new("a").invite(&mut desk, "");
    desk.expect("180 INVITE");
    desk.wait_s(19);
    desk.expect_no("302");
    desk.wait_s(2);
    desk.expect("302 INVITE");
    let end = desk.call().end.unwrap();
    assert_eq!(
        (end.reason, end.text.as_str()),
        (EndReason::Forwarded, "Forwarded to 302")
    );
}

#[test]
fn no_call_is_sent_in_a_circle() {
    for (target, headers) in [
        ("300", "Diversion: <sip:300@10.0.0.2>;reason=unconditional\r\n"),
        ("300", "History-Info: <sip:300@10.0.0.2>;index=1\r\n"),
        ("+44 1632 960123", ""),
        ("204", ""),
    ] {
        let mut desk = always(target);
        Far::new("a").invite(&mut desk, headers);
        desk.expect("180 INVITE");
        let told = desk.call().timeline.iter().any(|item| item.text.contains("circle"));
        assert!(told, "{target} {headers}");
    }
}

#[test]
fn an_emergency_service_that_calls_back_is_never_sent_on() {
    let mut desk = always("300");
    Far::from("a", "<sip:112@10.0.0.2>").invite(&mut desk, "");
    desk.expect("180 INVITE");
    let mut desk = always("300");
    let call = desk.dial("112");
    assert!(desk.call().emergency);
    desk.ask(Request::HangUp { call }).unwrap();
    desk.wait_s(60);
    desk.forget_sent();
    Far::new("b").invite(&mut desk, "");
    desk.expect("180 INVITE");
    desk.wait_s(2000);
    Far::new("c").invite(&mut desk, "");
    desk.expect("302 INVITE");
}

#[test]
fn a_person_sends_a_ringing_call_on() {
    let mut desk = Desk::new();
    Far::new("a").invite(&mut desk, "");
    let call = desk.call().id;
    let target = "mailbox@voice.example".to_owned();
    desk.ask(Request::Forward { call, target }).unwrap();
    let sent_on = desk.expect("302 INVITE");
    assert!(
        sent_on
            .headers()
            .get("Contact")
            .unwrap()
            .contains("sip:mailbox@voice.example")
    );
}

#[test]
fn a_call_of_ours_that_is_sent_on_is_followed_when_the_person_says_so() {
    let mut desk = Desk::new();
    let call = desk.dial("600");
    let invite = desk.expect("INVITE");
    let parley_sip::Message::Request(request) = &invite else {
        panic!()
    };
    let mut response = request.respond(302, Some("fartag"));
    response.headers.push("Contact", "\"Mobile\" <sip:0171@10.0.0.2>;q=0.9");
    response.headers.push("Contact", "<sip:office@other.example>;q=0.5");
    desk.hear(response.to_bytes());
    let view = desk.call();
    assert_eq!(view.end.as_ref().unwrap().reason, EndReason::Redirected);
    let shown: Vec<_> = view
        .redirects
        .iter()
        .map(|to| (to.target.as_str(), to.shown.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("0171", "Mobile (0171)"),
            ("sip:office@other.example", "office@other.example")
        ]
    );
    desk.expect_no("INVITE");
    let elsewhere = Request::FollowRedirect {
        call,
        target: "0190".into(),
    };
    assert_eq!(desk.ask(elsewhere).unwrap_err().code, RefusalCode::Invalid);
    let target = "0171".to_owned();
    let Ok(Reply::Call { call: next }) = desk.ask(Request::FollowRedirect { call, target }) else {
        panic!("not followed")
    };
    desk.expect("INVITE sip:0171@10.0.0.2");
    assert_eq!(desk.call_of(next).follows, Some(call));
    assert_eq!(desk.call_of(next).state, CallState::Calling);
}

#[test]
fn an_emergency_call_that_is_sent_on_follows_at_once_and_stays_one() {
    let mut desk = Desk::new();
    let call = desk.dial("112");
    let parley_sip::Message::Request(request) = desk.expect("INVITE") else {
        panic!()
    };
    let mut response = request.respond(302, Some("fartag"));
    response.headers.push("Contact", "<sip:8000@10.0.0.2>;q=0.9");
    response.headers.push("Contact", "<sip:8001@10.0.0.2>;q=0.5");
    desk.hear(response.to_bytes());
    desk.expect("INVITE sip:8000@10.0.0.2");
    desk.expect_no("INVITE");
    let calls = desk.calls();
    let next = calls.last().unwrap();
    assert_eq!((next.follows, next.emergency), (Some(call), true));
}
