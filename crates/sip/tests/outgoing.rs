//! Calls we make (RFC 3261 section 13.2).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::Method;
use parley_sip::Transport;
use parley_sip::auth::{Algorithm, DigestChallenge};
use parley_sip::endpoint::{EndCause, Event, InviteOptions, Refused, TransportError};
use parley_testkit::{LINE, Network, Peer, Phone, sdp};

fn with(extra: Vec<(String, String)>) -> InviteOptions {
    InviteOptions {
        extra,
        ..InviteOptions::default()
    }
}

#[test]
fn a_call_rings_is_answered_acknowledged_and_hung_up() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    bob.reply(&invite, 100);
    bob.reply(&invite, 180);
    assert_eq!(alice.expect_progress(call, 180), None);
    bob.reply(&invite, 200);
    assert_eq!(alice.expect_answered(call), Some(sdp("10.0.0.2", 5000)));
    let ack = bob.expect("ACK");
    assert_eq!(
        ack.headers.cseq().unwrap().number,
        invite.headers.cseq().unwrap().number
    );
    assert_eq!(
        ack.uri.to_string(),
        "sip:bob@10.0.0.2:5060",
        "the ACK goes to the Contact"
    );
    alice.hang_up(call);
    assert_eq!(alice.expect_ended(call), EndCause::HungUpByUs);
    let bye = bob.expect("BYE");
    assert!(bye.headers.cseq().unwrap().number > invite.headers.cseq().unwrap().number);
    bob.reply(&bye, 200);
}

#[test]
fn the_far_end_hangs_up() {
    let (_network, alice, bob) = two();
    let (call, mut dialog) = outgoing_call(&alice, &bob);
    bob.within(&mut dialog, "BYE", |_| {});
    bob.expect_status(200);
    assert_eq!(alice.expect_ended(call), EndCause::HungUpByThem);
    bob.within(&mut dialog, "BYE", |_| {});
    bob.expect_status(481);
}

#[test]
fn early_media_comes_with_its_description_and_stands_in_for_one_missing_in_the_answer() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    bob.reply_with(&invite, 183, |response| {
        response.set_body("application/sdp", sdp("10.0.0.2", 7000))
    });
    assert_eq!(alice.expect_progress(call, 183), Some(sdp("10.0.0.2", 7000)));
    bob.reply_with(&invite, 200, |response| {
        response.headers.remove("Content-Type");
        response.body.clear();
    });
    assert_eq!(alice.expect_answered(call), Some(sdp("10.0.0.2", 7000)));
}

#[test]
fn every_refusal_is_told_with_its_code_words_and_warning_and_acknowledged() {
    for code in [302, 404, 480, 486, 488, 500, 603] {
        let (_network, alice, bob) = two();
        let call = alice.call(BOB_URI);
        let invite = bob.expect("INVITE");
        bob.reply_with(&invite, code, |response| {
            response.reason = "No luck".into();
            response.headers.push("Warning", "399 pbx \"Out of town\"");
        });
        let cause = EndCause::Rejected {
            code,
            reason: "No luck".into(),
            warning: Some("Out of town".into()),
        };
        assert_eq!(alice.expect_ended(call), cause);
        assert_eq!(bob.expect("ACK").headers.via(), invite.headers.via());
    }
}

#[test]
fn a_request_timeout_from_the_far_end_is_no_answer() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    bob.reply(&bob.expect("INVITE"), 408);
    assert_eq!(alice.expect_ended(call), EndCause::NoAnswer);
}

#[test]
fn a_proxy_that_waited_for_long_enough_is_told_as_nobody_answering_the_ringing() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    bob.reply(&invite, 180);
    bob.reply(&invite, 408);
    assert_eq!(alice.expect_ended(call), EndCause::Timeout);
}

#[test]
fn nobody_there_is_no_answer_after_32_seconds() {
    let (network, alice, _bob) = two();
    network.unplug(BOB);
    let call = alice.call(BOB_URI);
    assert_eq!(alice.expect_ended(call), EndCause::NoAnswer);
    assert!(network.elapsed() >= seconds(32) && network.elapsed() < seconds(33));
}

#[test]
fn an_unknown_host_fails_before_any_offer_is_wanted() {
    let (_network, alice, _bob) = two();
    let call = alice.call("sip:bob@nowhere.example");
    assert_eq!(
        alice.expect_ended(call),
        EndCause::TransportFailed(TransportError::NoSuchHost)
    );
}

#[test]
fn a_proxy_that_wants_credentials_gets_them_and_later_calls_carry_them_at_once() {
    let (_network, alice, pbx) = registered();
    let challenge = DigestChallenge::new("pbx.example", "n1", Algorithm::Md5).to_challenge();
    let call = alice.call("sip:600@pbx.example");
    let invite = pbx.expect("INVITE");
    let refusal = pbx.reply_with(&invite, 407, |response| {
        response.headers.push("Proxy-Authenticate", challenge.clone())
    });
    assert_eq!(refusal.code(), 407);
    let again = pbx.expect("INVITE");
    assert!(again.headers.has("Proxy-Authorization"));
    assert!(again.headers.cseq().unwrap().number > invite.headers.cseq().unwrap().number);
    pbx.reply(&again, 200);
    alice.expect_answered(call);
    let ack = pbx.expect("ACK");
    assert_eq!(
        ack.headers.get("Proxy-Authorization"),
        again.headers.get("Proxy-Authorization")
    );
    alice.call("sip:601@pbx.example");
    assert!(pbx.expect("INVITE").headers.has("Proxy-Authorization"));
}

#[test]
fn wrong_credentials_end_the_call() {
    let (_network, alice, pbx) = registered();
    let call = alice.call("sip:600@pbx.example");
    for nonce in ["n1", "n2"] {
        let challenge = DigestChallenge::new("pbx.example", nonce, Algorithm::Md5).to_challenge();
        pbx.reply_with(&pbx.expect("INVITE"), 407, |r| {
            r.headers.push("Proxy-Authenticate", challenge.clone())
        });
    }
    assert_eq!(alice.expect_ended(call), EndCause::NotAuthorised);
}

#[test]
fn a_stranger_who_asks_for_credentials_gets_none() {
    let (network, alice, _pbx) = registered();
    let stranger = Peer::new(&network, "10.0.0.66:5060");
    let call = alice.call("sip:eve@10.0.0.66");
    let challenge = DigestChallenge::new("pbx.example", "n1", Algorithm::Md5).to_challenge();
    stranger.reply_with(&stranger.expect("INVITE"), 401, |r| {
        r.headers.push("WWW-Authenticate", challenge.clone())
    });
    assert_eq!(alice.expect_ended(call), EndCause::NotAuthorised);
}

#[test]
fn a_telephone_number_is_called_at_the_accounts_domain() {
    let (_network, alice, pbx) = registered();
    alice.call("tel:+49-30-1234");
    let invite = pbx.expect("INVITE");
    assert_eq!(invite.uri.to_string(), "sip:+49301234@pbx.example;user=phone");
}

#[test]
fn extra_header_fields_travel_and_cannot_smuggle() {
    let (_network, alice, bob) = two();
    let extra = vec![("X-Ticket".to_owned(), "4711".to_owned())];
    alice
        .with(|e, now| e.invite(now, LINE, BOB_URI.parse().unwrap(), with(extra)))
        .unwrap();
    assert_eq!(bob.expect("INVITE").headers.get("X-Ticket"), Some("4711"));
    for (name, value) in [
        ("X-A", "1\r\nVia: x"),
        ("Bad Name", "1"),
        ("v", "x"),
        ("Contact", "<sip:eve@evil>"),
    ] {
        let extra = vec![(name.to_owned(), value.to_owned())];
        let refused = alice.with(|e, now| e.invite(now, LINE, BOB_URI.parse().unwrap(), with(extra)));
        assert_eq!(refused, Err(Refused::BadHeader(name.to_owned())));
    }
}

#[test]
fn what_cannot_be_called_is_refused_at_once() {
    let (_network, alice, _bob) = two();
    let mail = alice.with(|e, now| e.invite(now, LINE, "mailto:bob@b.example".parse().unwrap(), with(vec![])));
    assert_eq!(mail, Err(Refused::BadTarget));
}

#[test]
fn a_large_invite_goes_by_tcp_and_by_udp_if_nobody_listens() {
    for listens in [true, false] {
        let (network, alice, bob) = two();
        if !listens {
            network.refuse_tcp(BOB);
        }
        let extra = vec![("X-Large".to_owned(), "x".repeat(1200))];
        let call = alice
            .with(|e, now| e.invite(now, LINE, BOB_URI.parse().unwrap(), with(extra)))
            .unwrap();
        let invite = bob.expect("INVITE");
        let transport = if listens { Transport::Tcp } else { Transport::Udp };
        assert_eq!(invite.headers.via().unwrap().known_transport(), Some(transport));
        bob.reply(&invite, 200);
        alice.expect_answered(call);
        bob.expect("ACK");
    }
}

#[test]
fn requests_in_a_call_follow_the_recorded_route_in_reverse() {
    let network = Network::new(1);
    let alice = Phone::direct(&network, ALICE, ALICE_URI);
    let bob = Peer::new(&network, BOB);
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    bob.reply_with(&invite, 200, |response| {
        response
            .headers
            .push("Record-Route", "<sip:10.0.0.77;lr>, <sip:10.0.0.2;lr>");
        response.headers.set("Contact", "<sip:bob@192.0.2.99>");
    });
    alice.expect_answered(call);
    let ack = bob.expect("ACK");
    assert_eq!(ack.uri.to_string(), "sip:bob@192.0.2.99");
    let route: Vec<_> = ack.headers.route().iter().map(|route| route.uri.to_string()).collect();
    assert_eq!(route, ["sip:10.0.0.2;lr", "sip:10.0.0.77;lr"]);
}

#[test]
fn a_strict_router_gets_its_own_address_in_the_request_line() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    bob.reply_with(&invite, 200, |response| {
        response.headers.push("Record-Route", "<sip:10.0.0.2>");
        response.headers.set("Contact", "<sip:bob@192.0.2.99>");
    });
    alice.expect_answered(call);
    let ack = bob.expect("ACK");
    assert_eq!(ack.uri.to_string(), "sip:10.0.0.2");
    assert_eq!(ack.headers.route()[0].uri.to_string(), "sip:bob@192.0.2.99");
    assert_eq!(ack.method, Method::Ack);
}

#[test]
fn events_of_a_call_come_in_the_order_a_person_would_tell_them() {
    let (network, alice, bob) = two();
    let (call, mut dialog) = outgoing_call(&alice, &bob);
    bob.within(&mut dialog, "BYE", |_| {});
    alice.expect_ended(call);
    network.run_for(seconds(100));
    let later: Vec<Event> = alice.events();
    assert!(later.is_empty(), "nothing is told of a call after its end: {later:?}");
    assert!(alice.with(|endpoint, _| endpoint.is_idle()));
}

#[test]
fn a_far_end_that_leads_the_call_elsewhere_gets_no_credentials_there() {
    let (network, alice, pbx) = registered();
    let eve = Peer::new(&network, "10.0.0.66:5060");
    let challenge = DigestChallenge::new("pbx.example", "n1", Algorithm::Md5).to_challenge();
    let call = alice.call("sip:600@pbx.example");
    pbx.reply_with(&pbx.expect("INVITE"), 407, |r| {
        r.headers.push("Proxy-Authenticate", challenge.clone())
    });
    pbx.expect("ACK");
    pbx.reply_with(&pbx.expect("INVITE"), 200, |response| {
        response.headers.push("Record-Route", "<sip:10.0.0.66;lr>");
        response.headers.set("Contact", "<sip:600@pbx.example>");
    });
    alice.expect_answered(call);
    eve.expect("ACK");
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    let invite = eve.expect("INVITE");
    assert!(!invite.headers.has("Proxy-Authorization"));
    eve.reply_with(&invite, 401, |r| r.headers.push("WWW-Authenticate", challenge.clone()));
    let code = alice.expect("the refusal", |event| match event {
        Event::ReofferRefused { code, .. } => Some(*code),
        _ => None,
    });
    assert_eq!(code, 401);
}

#[test]
fn a_200_without_a_contact_is_acknowledged_at_the_address_called() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    bob.reply_with(&invite, 200, |response| response.headers.remove("Contact"));
    alice.expect_answered(call);
    assert_eq!(bob.expect("ACK").uri, invite.uri);
    alice.hang_up(call);
    assert_eq!(bob.expect("BYE").uri, invite.uri);
}

#[test]
fn a_server_that_takes_no_connection_is_not_asked_for_one_again() {
    let (network, alice, bob) = two();
    network.refuse_tcp(BOB);
    let mut waited = Vec::new();
    for _ in 0..2 {
        let extra = vec![("X-Large".to_owned(), "x".repeat(1200))];
        let before = network.elapsed();
        let call = alice
            .with(|e, now| e.invite(now, LINE, BOB_URI.parse().unwrap(), with(extra)))
            .unwrap();
        let invite = bob.expect("INVITE");
        waited.push(network.elapsed() - before);
        bob.reply(&invite, 200);
        alice.expect_answered(call);
        bob.expect("ACK");
    }
    assert!(waited[1] < waited[0], "{waited:?}");
}
