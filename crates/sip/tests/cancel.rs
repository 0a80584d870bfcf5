//! Giving up a call before it is answered (RFC 3261 section 9), and the races around it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::endpoint::{EndCause, Reason};

#[test]
fn a_ringing_call_is_cancelled_at_once_with_the_reason_given() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    bob.reply(&invite, 180);
    alice.expect_progress(call, 180);
    alice.with(|endpoint, now| endpoint.hang_up(now, call, Some(Reason::sip(487, "Changed my mind"))));
    assert_eq!(alice.expect_ended(call), EndCause::HungUpByUs);
    let cancel = bob.expect("CANCEL");
    assert_eq!(cancel.headers.via(), invite.headers.via());
    assert_eq!(
        cancel.headers.cseq().unwrap().number,
        invite.headers.cseq().unwrap().number
    );
    assert_eq!(cancel.uri, invite.uri);
    assert_eq!(cancel.headers.reason()[0].cause, Some(487));
    bob.reply(&cancel, 200);
    bob.reply(&invite, 487);
    bob.expect("ACK");
    assert!(alice.events().is_empty());
}

#[test]
fn a_cancel_waits_for_the_first_provisional_answer() {
    let (network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    alice.hang_up(call);
    network.run_for(seconds(3));
    assert_eq!(bob.count("CANCEL"), 0);
    bob.reply(&invite, 100);
    bob.expect("CANCEL");
}

#[test]
fn a_call_given_up_before_its_flow_is_open_says_nothing_at_all() {
    let (network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    alice.hang_up(call);
    assert_eq!(alice.expect_ended(call), EndCause::HungUpByUs);
    network.run_for(seconds(40));
    assert_eq!(bob.count("INVITE"), 0);
}

#[test]
fn a_200_that_crosses_the_cancel_gets_ack_and_bye() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    bob.reply(&invite, 180);
    alice.expect_progress(call, 180);
    alice.hang_up(call);
    bob.reply(&invite, 200);
    bob.expect("ACK");
    bob.reply(&bob.expect("BYE"), 200);
    assert_eq!(alice.expect_ended(call), EndCause::HungUpByUs);
    assert!(alice.events().is_empty(), "the person hears of one end only");
}

#[test]
fn a_200_without_any_provisional_after_giving_up_gets_ack_and_bye() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    alice.hang_up(call);
    bob.reply(&invite, 200);
    bob.expect("ACK");
    bob.expect("BYE");
}

#[test]
fn a_cancel_nobody_obeys_is_forgotten_after_32_seconds() {
    let (network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    bob.reply(&invite, 180);
    alice.expect_progress(call, 180);
    alice.hang_up(call);
    bob.reply(&bob.expect("CANCEL"), 200);
    network.run_for(seconds(40));
    assert!(alice.with(|endpoint, _| endpoint.is_idle()));
}

#[test]
fn the_caller_gives_up() {
    let (_network, alice, bob) = two();
    let invite = bob.invite(ALICE_URI, |_| {});
    let (call, _) = alice.expect_call();
    alice.ring(call);
    bob.expect_status(180);
    bob.cancel(&invite, |_| {});
    let first = bob.expect_final();
    let second = bob.expect_final();
    let mut answers = [
        (first.code(), first.headers.cseq()),
        (second.code(), second.headers.cseq()),
    ]
    .map(|(code, cseq)| (code, cseq.unwrap().method.to_string()));
    answers.sort();
    assert_eq!(answers, [(200, "CANCEL".to_owned()), (487, "INVITE".to_owned())]);
    let tag = |response: &parley_sip::Response| response.headers.to().unwrap().tag().map(str::to_owned);
    assert_eq!(tag(&first), tag(&second), "both answers come from the same phone");
    assert_eq!(alice.expect_ended(call), EndCause::Cancelled { elsewhere: false });
}

#[test]
fn a_call_answered_by_another_phone_is_told_apart() {
    for reason in [
        "SIP;cause=200;text=\"Call completed elsewhere\"",
        "Q.850 ;cause=26",
        "Q.850;cause=16, SIP;cause=200",
        "SIP;text=\"Call completed elsewhere\"",
    ] {
        let (_network, alice, bob) = two();
        let invite = bob.invite(ALICE_URI, |_| {});
        let (call, _) = alice.expect_call();
        bob.cancel(&invite, |cancel| cancel.headers.push("Reason", reason));
        assert_eq!(alice.expect_ended(call), EndCause::Cancelled { elsewhere: true });
    }
}

#[test]
fn a_cancel_that_crosses_our_200_changes_nothing() {
    let (_network, alice, bob) = two();
    let invite = bob.invite(ALICE_URI, |_| {});
    let (call, _) = alice.expect_call();
    alice.accept(call);
    bob.cancel(&invite, |_| {});
    let answer = bob.expect_status(200);
    assert!(answer.sdp().is_some());
    let mut dialog = bob.call_to(&invite, &answer);
    bob.ack(&dialog, |_| {});
    alice.expect_confirmed(call);
    bob.within(&mut dialog, "BYE", |_| {});
    assert_eq!(alice.expect_ended(call), EndCause::HungUpByThem);
}

#[test]
fn a_caller_who_says_bye_to_a_ringing_call_ends_it() {
    let (_network, alice, bob) = two();
    let invite = bob.invite(ALICE_URI, |_| {});
    let (call, _) = alice.expect_call();
    alice.ring(call);
    let ringing = bob.expect_status(180);
    let mut early = bob.call_to(&invite, &ringing);
    bob.within(&mut early, "BYE", |_| {});
    assert_eq!(alice.expect_ended(call), EndCause::Cancelled { elsewhere: false });
    bob.expect_status(487);
}

#[test]
fn a_bye_to_a_ringing_call_says_too_that_another_phone_has_it() {
    let (_network, alice, bob) = two();
    let invite = bob.invite(ALICE_URI, |_| {});
    let (call, _) = alice.expect_call();
    alice.ring(call);
    let mut early = bob.call_to(&invite, &bob.expect_status(180));
    bob.within(&mut early, "BYE", |bye| bye.headers.push("Reason", "SIP;cause=200"));
    assert_eq!(alice.expect_ended(call), EndCause::Cancelled { elsewhere: true });
}
