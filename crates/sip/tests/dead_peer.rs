//! A far end, or a way to it, that is gone without a word.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::Transport;
use parley_sip::endpoint::{EndCause, Event, RegistrationState};
use parley_testkit::{Network, Peer, Phone, sdp};

#[test]
fn a_reinvite_nobody_answers_ends_the_call_as_lost() {
    let (network, alice, bob) = two();
    let (call, _) = outgoing_call(&alice, &bob);
    network.unplug(BOB);
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    assert_eq!(alice.expect_ended(call), EndCause::Lost);
}

#[test]
fn a_far_end_that_forgot_the_call_ends_it_as_lost() {
    for code in [408, 481] {
        let (_network, alice, bob) = two();
        let (call, _) = outgoing_call(&alice, &bob);
        alice.reoffer(call, sdp("10.0.0.1", 4002));
        bob.reply(&bob.expect("INVITE"), code);
        assert_eq!(alice.expect_ended(call), EndCause::Lost);
    }
}

#[test]
fn a_call_that_only_ever_tries_is_given_up() {
    let (network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    bob.reply(&invite, 100);
    network.run_for(seconds(599));
    assert_eq!(
        bob.count("CANCEL"),
        0,
        "a person may want to wait longer than any proxy"
    );
    assert_eq!(alice.expect_ended(call), EndCause::Timeout);
    assert!(network.elapsed() < seconds(602));
    bob.expect("CANCEL");
}

#[test]
fn a_call_that_keeps_ringing_is_never_given_up_by_itself() {
    let (network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    for _ in 0..60 {
        bob.reply(&invite, 180);
        network.run_for(seconds(60));
    }
    bob.reply(&invite, 200);
    alice.expect_answered(call);
}

#[test]
fn a_bye_nobody_answers_is_forgotten() {
    let (network, alice, bob) = two();
    let (call, _) = outgoing_call(&alice, &bob);
    network.unplug(BOB);
    alice.hang_up(call);
    assert_eq!(alice.expect_ended(call), EndCause::HungUpByUs);
    network.run_for(seconds(70));
    assert!(alice.with(|endpoint, _| endpoint.is_idle()));
}

#[test]
fn a_connection_that_breaks_while_it_rings_ends_the_call() {
    let (network, alice, bob) = two();
    let call = alice.call("sip:bob@10.0.0.2;transport=tcp");
    bob.reply(&bob.expect("INVITE"), 180);
    alice.expect_progress(call, 180);
    network.break_connections(BOB);
    assert!(matches!(alice.expect_ended(call), EndCause::TransportFailed(_)));
}

#[test]
fn a_call_survives_a_broken_connection_and_its_bye_takes_a_new_one() {
    let (network, alice, bob) = two();
    let call = alice.call("sip:bob@10.0.0.2;transport=tcp");
    let invite = bob.expect("INVITE");
    bob.reply_with(&invite, 200, |r| {
        r.headers.set("Contact", "<sip:bob@10.0.0.2:5060;transport=tcp>")
    });
    alice.expect_answered(call);
    bob.expect("ACK");
    network.break_connections(BOB);
    network.run_for(seconds(1));
    assert!(alice.events().is_empty());
    alice.hang_up(call);
    let bye = bob.expect("BYE");
    assert_eq!(bye.headers.via().unwrap().known_transport(), Some(Transport::Tcp));
}

#[test]
fn a_registered_phone_whose_connection_breaks_tells_its_calls_new_address() {
    let network = Network::new(3);
    let pbx = Peer::new(&network, BOB);
    network.name("pbx.example", BOB);
    let alice = Phone::new(&network, ALICE);
    let mut account = Phone::account("sip:alice@pbx.example");
    account.transport = Some(Transport::Tcp);
    alice.set_account(account);
    grant(&pbx, &pbx.expect("REGISTER"), 300);
    alice.expect_registration();
    let call = alice.call("sip:600@pbx.example");
    let invite = pbx.expect("INVITE");
    pbx.reply_with(&invite, 200, |r| {
        r.headers.set("Contact", "<sip:600@10.0.0.2:5060;transport=tcp>")
    });
    alice.expect_answered(call);
    pbx.expect("ACK");
    network.break_connections(BOB);
    grant(&pbx, &pbx.expect("REGISTER"), 300);
    let again = pbx.expect("INVITE");
    assert_ne!(contact_of(&again).uri, contact_of(&invite).uri);
    assert_eq!(again.sdp(), invite.sdp());
    pbx.reply(&again, 200);
    pbx.expect("ACK");
    let news = alice.events();
    assert!(
        news.iter()
            .all(|event| matches!(event, Event::Registration { state, .. } if *state != RegistrationState::Off)),
        "{news:?}"
    );
}

#[test]
fn a_call_is_refreshed_at_half_the_agreed_interval_and_lost_when_nobody_answers() {
    let (network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    assert!(invite.headers.supports("timer"));
    bob.reply_with(&invite, 200, |response| {
        response.headers.push("Session-Expires", "600;refresher=uac")
    });
    alice.expect_answered(call);
    let before = network.elapsed();
    let refresh = bob.expect_within("INVITE", seconds(400));
    assert_eq!((network.elapsed() - before).as_secs(), 300);
    assert_eq!(refresh.sdp(), invite.sdp());
    assert_eq!(refresh.headers.get("Session-Expires"), Some("600;refresher=uac"));
    bob.reply_with(&refresh, 200, |response| {
        response.headers.push("Session-Expires", "600;refresher=uac")
    });
    bob.expect("ACK");
    network.run_for(seconds(1));
    assert!(alice.events().is_empty(), "a refresh is no news");
    network.unplug(BOB);
    network.run_for(seconds(350));
    assert_eq!(alice.expect_ended(call), EndCause::Lost);
}

#[test]
fn a_far_end_that_should_refresh_and_does_not_is_lost() {
    let (network, alice, bob) = two();
    let invite = bob.invite(ALICE_URI, |invite| {
        invite.headers.push("Supported", "timer");
        invite.headers.push("Session-Expires", "120");
    });
    let (call, _) = alice.expect_call();
    alice.accept(call);
    let answer = bob.expect_status(200);
    assert_eq!(answer.headers.get("Session-Expires"), Some("120;refresher=uac"));
    assert_eq!(answer.headers.get("Require"), Some("timer"));
    let mut dialog = bob.call_to(&invite, &answer);
    bob.ack(&dialog, |_| {});
    network.run_for(seconds(60));
    bob.within(&mut dialog, "INVITE", |invite| {
        invite.headers.push("Supported", "timer");
        invite.headers.push("Session-Expires", "120;refresher=uac");
        invite.set_body("application/sdp", sdp("10.0.0.2", 5000));
    });
    bob.expect_status(200);
    bob.ack(&dialog, |_| {});
    let before = network.elapsed();
    assert_eq!(alice.expect_ended(call), EndCause::Lost);
    assert_eq!((network.elapsed() - before).as_secs_f32().round(), 120.0 - 32.0);
    bob.expect("BYE");
}

#[test]
fn an_interval_below_the_least_is_refused_with_the_least() {
    let (_network, _alice, bob) = two();
    bob.invite(ALICE_URI, |invite| {
        invite.headers.push("Supported", "timer");
        invite.headers.push("Session-Expires", "10");
    });
    let refused = bob.expect_final();
    assert_eq!((refused.code(), refused.headers.get("Min-SE")), (422, Some("90")));
}

#[test]
fn a_far_end_that_wants_longer_intervals_gets_them() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    bob.reply_with(&bob.expect("INVITE"), 422, |response| {
        response.headers.push("Min-SE", 3600)
    });
    bob.expect("ACK");
    let again = bob.expect("INVITE");
    assert_eq!(again.headers.get("Session-Expires"), Some("3600"));
    bob.reply(&again, 200);
    alice.expect_answered(call);
}

#[test]
fn a_ringing_call_survives_a_broken_connection_and_is_answered_on_the_next() {
    let network = Network::new(3);
    let pbx = Peer::new(&network, BOB);
    network.name("pbx.example", BOB);
    let alice = Phone::new(&network, ALICE);
    let mut account = Phone::account("sip:alice@pbx.example");
    account.transport = Some(Transport::Tcp);
    alice.set_account(account);
    let register = pbx.expect("REGISTER");
    grant(&pbx, &register, 300);
    alice.expect_registration();
    pbx.invite(&contact_of(&register).uri.to_string(), |_| {});
    let (call, _) = alice.expect_call();
    alice.ring(call);
    pbx.expect_status(180);
    network.break_connections(BOB);
    let again = pbx.expect("REGISTER");
    grant(&pbx, &again, 300);
    network.run_for(seconds(1));
    alice.accept(call);
    let answer = pbx.expect_status(200);
    let (there, new) = (answer.headers.contact().unwrap().uri, contact_of(&again).uri);
    assert_eq!(there.sip().unwrap().port, new.sip().unwrap().port);
}

#[test]
fn a_strict_router_is_found_again_when_its_connection_breaks() {
    let (network, alice, bob) = two();
    let call = alice.call("sip:bob@10.0.0.2;transport=tcp");
    let invite = bob.expect("INVITE");
    bob.reply_with(&invite, 200, |response| {
        response.headers.push("Record-Route", "<sip:10.0.0.2;transport=tcp>");
        response.headers.set("Contact", "<sip:bob@192.0.2.99>");
    });
    alice.expect_answered(call);
    bob.expect("ACK");
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    bob.expect("INVITE");
    network.break_connections(BOB);
    assert_eq!(bob.expect("INVITE").uri.to_string(), "sip:10.0.0.2;transport=tcp");
}

#[test]
fn a_refresh_that_failed_is_tried_again_before_the_session_expires() {
    for code in [480, 500, 503] {
        let (network, alice, bob) = two();
        let call = alice.call(BOB_URI);
        let invite = bob.expect("INVITE");
        bob.reply_with(&invite, 200, |response| {
            response.headers.push("Session-Expires", "600;refresher=uac")
        });
        alice.expect_answered(call);
        bob.expect("ACK");
        let refresh = bob.expect_within("INVITE", seconds(400));
        let before = network.elapsed();
        bob.reply(&refresh, code);
        bob.expect_within("INVITE", seconds(400));
        assert!(network.elapsed() - before < seconds(200));
    }
}
