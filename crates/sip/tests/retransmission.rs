//! What is sent again and what is not (RFC 3261 sections 13 and 17, RFC 6026).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::Transport;
use parley_sip::endpoint::EndCause;
use parley_testkit::Phone;

#[test]
fn an_invite_is_repeated_with_doubling_pauses_until_something_is_heard() {
    let (network, alice, bob) = two();
    alice.call(BOB_URI);
    network.run_for(seconds(4));
    // At 0, 0.5, 1.5, 3.5 seconds.
    assert_eq!(bob.count("INVITE"), 4);
    let (network, alice, bob) = two();
    alice.call(BOB_URI);
    bob.reply(&bob.expect("INVITE"), 100);
    network.run_for(seconds(20));
    assert_eq!(bob.count("INVITE"), 0);
}

#[test]
fn nothing_is_repeated_over_tcp() {
    let (network, alice, bob) = two();
    alice.call("sip:bob@10.0.0.2;transport=tcp");
    let invite = bob.expect("INVITE");
    assert_eq!(invite.headers.via().unwrap().known_transport(), Some(Transport::Tcp));
    network.run_for(seconds(20));
    assert_eq!(bob.count("INVITE"), 0);
}

#[test]
fn a_repeated_200_gets_the_same_ack_again_and_is_told_once() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    let answer = bob.reply(&invite, 200);
    let first = bob.expect("ACK");
    bob.send(answer.to_bytes());
    let second = bob.expect("ACK");
    assert_eq!(first, second);
    alice.expect_answered(call);
    assert!(alice.events().is_empty());
}

#[test]
fn a_repeated_200_is_acknowledged_even_after_the_call() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    let answer = bob.reply(&invite, 200);
    bob.expect("ACK");
    alice.hang_up(call);
    bob.reply(&bob.expect("BYE"), 200);
    bob.send(answer.to_bytes());
    bob.expect("ACK");
}

#[test]
fn a_repeated_refusal_is_acknowledged_again_and_told_once() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    let refusal = bob.reply(&invite, 486);
    bob.expect("ACK");
    bob.send(refusal.to_bytes());
    bob.expect("ACK");
    alice.expect_ended(call);
    assert!(alice.events().is_empty());
}

#[test]
fn a_repeated_invite_gets_the_last_answer_again_and_rings_once() {
    let (_network, alice, bob) = two();
    let invite = bob.invite(ALICE_URI, |_| {});
    let (call, _) = alice.expect_call();
    alice.ring(call);
    bob.expect_status(180);
    bob.send(invite.to_bytes());
    bob.expect_status(180);
    assert!(alice.events().is_empty());
}

#[test]
fn our_200_is_repeated_until_the_ack_comes() {
    let (network, alice, bob) = two();
    let invite = bob.invite(ALICE_URI, |_| {});
    let (call, _) = alice.expect_call();
    alice.accept(call);
    let answer = bob.expect_status(200);
    // At 0.5, 1.5, 3.5, 7.5, 11.5 seconds.
    network.run_for(seconds(12));
    assert_eq!(bob.count("200"), 5);
    bob.ack(&bob.call_to(&invite, &answer), |_| {});
    alice.expect_confirmed(call);
    network.run_for(seconds(40));
    assert_eq!(bob.count("200"), 0);
}

#[test]
fn our_200_is_repeated_over_tcp_too() {
    let (network, alice, bob) = two();
    // The phone opens the connection, the peer calls back on it.
    alice.call("sip:bob@10.0.0.2;transport=tcp");
    bob.reply(&bob.expect("INVITE"), 486);
    bob.invite(ALICE_URI, |_| {});
    let (call, _) = alice.expect_call();
    alice.accept(call);
    network.run_for(seconds(2));
    assert_eq!(bob.count("200"), 3);
}

#[test]
fn no_ack_at_all_ends_the_call_as_lost_with_a_bye() {
    let (network, alice, bob) = two();
    bob.invite(ALICE_URI, |_| {});
    let (call, _) = alice.expect_call();
    let before = network.elapsed();
    alice.accept(call);
    assert_eq!(alice.expect_ended(call), EndCause::Lost);
    assert_eq!((network.elapsed() - before).as_secs(), 32);
    bob.expect("BYE");
}

#[test]
fn a_refusal_of_ours_is_repeated_until_its_ack_comes() {
    let (network, alice, bob) = two();
    let invite = bob.invite(ALICE_URI, |_| {});
    let (call, _) = alice.expect_call();
    alice.with(|endpoint, now| endpoint.reject(now, call, 603, None));
    network.run_for(seconds(2));
    assert_eq!(bob.count("603"), 3);
    alice.expect_ended(call);
    bob.send(invite.to_bytes());
    let refusal = bob.expect_status(603);
    bob.ack_failure(&invite, &refusal);
    network.run_for(seconds(1));
    bob.count("603");
    network.run_for(seconds(40));
    assert_eq!(bob.count("603"), 0);
    assert!(alice.with(|endpoint, _| endpoint.is_idle()));
}

#[test]
fn a_repeated_bye_is_answered_again() {
    let (_network, alice, bob) = two();
    let (_, mut call) = outgoing_call(&alice, &bob);
    let bye = bob.within(&mut call, "BYE", |_| {});
    bob.expect_status(200);
    bob.send(bye.to_bytes());
    bob.expect_status(200);
}

#[test]
fn every_branch_tag_and_call_id_is_different() {
    let (network, alice, bob) = two();
    let mut seen = std::collections::HashSet::new();
    for _ in 0..20 {
        let call = alice.call(BOB_URI);
        let invite = bob.expect("INVITE");
        assert!(seen.insert(invite.headers.via().unwrap().branch().unwrap().to_owned()));
        assert!(seen.insert(invite.headers.from().unwrap().tag().unwrap().to_owned()));
        assert!(seen.insert(invite.headers.call_id().unwrap().to_owned()));
        bob.reply(&invite, 486);
        alice.expect_ended(call);
    }
    network.run_for(seconds(40));
    let _: &Phone = &alice;
    assert!(
        alice.with(|endpoint, _| endpoint.is_idle()),
        "nothing is kept of calls that are over"
    );
}
