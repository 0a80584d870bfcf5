//! Both ends change the call at once (RFC 3261 sections 14.1 and 14.2).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::endpoint::Event;
use parley_testkit::{Network, Phone, sdp};

#[test]
fn their_reinvite_during_ours_gets_491() {
    let (_network, alice, bob) = two();
    let (call, mut dialog) = outgoing_call(&alice, &bob);
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    bob.expect("INVITE");
    bob.within(&mut dialog, "INVITE", |invite| {
        invite.set_body("application/sdp", sdp("10.0.0.2", 5002))
    });
    assert_eq!(bob.expect_final().code(), 491);
}

#[test]
fn after_491_the_caller_waits_two_to_four_seconds_and_offers_the_same_again() {
    let (network, alice, bob) = two();
    let (call, _) = outgoing_call(&alice, &bob);
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    bob.reply(&bob.expect("INVITE"), 491);
    bob.expect("ACK");
    let before = network.elapsed();
    let again = bob.expect("INVITE");
    let pause = (network.elapsed() - before).as_millis();
    assert!((2100..=4010).contains(&pause), "{pause}");
    assert_eq!(again.sdp(), Some(sdp("10.0.0.1", 4002).as_slice()));
    bob.reply(&again, 200);
    alice.expect("the hold", |event| {
        matches!(event, Event::ReofferAccepted { .. }).then_some(())
    });
}

#[test]
fn after_491_the_called_side_waits_less_than_two_seconds() {
    let (network, alice, bob) = two();
    let (call, _) = incoming_call(&alice, &bob);
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    bob.reply(&bob.expect("INVITE"), 491);
    bob.expect("ACK");
    let before = network.elapsed();
    bob.expect("INVITE");
    assert!((network.elapsed() - before).as_millis() <= 2020);
}

#[test]
fn their_second_reinvite_before_the_first_is_answered_gets_500_and_a_time() {
    let (_network, alice, bob) = two();
    alice.by_hand_after_offer();
    let (_, mut dialog) = outgoing_call(&alice, &bob);
    bob.within(&mut dialog, "INVITE", |invite| {
        invite.set_body("application/sdp", sdp("10.0.0.2", 5002))
    });
    bob.within(&mut dialog, "INVITE", |invite| {
        invite.set_body("application/sdp", sdp("10.0.0.2", 5004))
    });
    let refused = bob.expect_final();
    assert_eq!(refused.code(), 500);
    assert!(refused.headers.retry_after().unwrap() <= 10);
}

#[test]
fn a_reinvite_before_the_ack_counts_as_the_ack() {
    let (_network, alice, bob) = two();
    let invite = bob.invite(ALICE_URI, |_| {});
    let (call, _) = alice.expect_call();
    alice.accept(call);
    let mut dialog = bob.call_to(&invite, &bob.expect_status(200));
    bob.within(&mut dialog, "INVITE", |invite| {
        invite.set_body("application/sdp", sdp("10.0.0.2", 5002))
    });
    alice.expect_confirmed(call);
    assert_eq!(alice.expect_reoffered(call), Some(sdp("10.0.0.2", 5002)));
}

#[test]
fn two_phones_that_hold_each_other_at_the_same_moment_both_succeed() {
    for seed in 0..50 {
        let network = Network::new(seed);
        let alice = Phone::direct(&network, ALICE, ALICE_URI);
        let carol = Phone::direct(&network, "10.0.0.3:5060", "sip:carol@10.0.0.3");
        let there = alice.call("sip:carol@10.0.0.3");
        let (here, _) = carol.expect_call();
        carol.accept(here);
        alice.expect_answered(there);
        carol.expect_confirmed(here);
        alice.reoffer(there, sdp("10.0.0.1", 4002));
        carol.reoffer(here, sdp("10.0.0.3", 4002));
        for phone in [&alice, &carol] {
            phone.expect("the hold", |event| {
                matches!(event, Event::ReofferAccepted { .. }).then_some(())
            });
        }
    }
}

#[test]
fn an_offer_overtaken_by_theirs_is_made_anew() {
    let (_network, alice, bob) = two();
    let (call, mut dialog) = outgoing_call(&alice, &bob);
    alice.by_hand();
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    bob.reply(&bob.expect("INVITE"), 491);
    bob.expect("ACK");
    bob.within(&mut dialog, "INVITE", |invite| {
        invite.set_body("application/sdp", sdp("10.0.0.2", 5002))
    });
    alice.expect_reoffered(call);
    alice.with(|endpoint, now| endpoint.answer_reoffer(now, call, sdp("10.0.0.1", 4004)));
    bob.expect_status(200);
    bob.ack(&dialog, |_| {});
    alice.expect("the wish for an offer", |event| {
        matches!(event, Event::OfferWanted { .. }).then_some(())
    });
    alice.with(|endpoint, now| endpoint.offer(now, call, sdp("10.0.0.1", 4006)));
    assert_eq!(bob.expect("INVITE").sdp(), Some(sdp("10.0.0.1", 4006).as_slice()));
}

#[test]
fn an_offer_waits_for_the_ack_of_their_reinvite_where_update_is_not_known() {
    let (network, alice, bob) = two();
    let (call, mut dialog) = outgoing_call(&alice, &bob);
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    bob.reply(&bob.expect("INVITE"), 491);
    bob.expect("ACK");
    bob.within(&mut dialog, "INVITE", |invite| {
        invite.set_body("application/sdp", sdp("10.0.0.2", 5000))
    });
    let answer = bob.expect_status(200);
    assert_eq!(answer.sdp(), Some(sdp("10.0.0.1", 4000).as_slice()));
    network.run_for(seconds(8));
    assert_eq!(
        (bob.count("INVITE"), bob.count("UPDATE")),
        (0, 0),
        "its ACK is not there"
    );
    bob.ack(&dialog, |_| {});
    assert_eq!(bob.expect("INVITE").sdp(), Some(sdp("10.0.0.1", 4002).as_slice()));
}

#[test]
fn an_early_offer_overtaken_by_theirs_is_made_anew() {
    let (_network, alice, bob) = two();
    alice.by_hand_after_offer();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    let progress = bob.reply_with(&invite, 183, |response| {
        response.headers.push("Require", "100rel");
        response.headers.push("RSeq", 1);
        response
            .headers
            .push("Allow", "INVITE, ACK, BYE, CANCEL, PRACK, UPDATE");
        response.set_body("application/sdp", sdp("10.0.0.2", 7000));
    });
    bob.reply(&bob.expect("PRACK"), 200);
    alice.expect_progress(call, 183);
    let mut dialog = bob.call_from(&invite, &progress);
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    bob.reply(&bob.expect("UPDATE"), 491);
    bob.within(&mut dialog, "UPDATE", |update| {
        update.set_body("application/sdp", sdp("10.0.0.2", 7002))
    });
    alice.expect_reoffered(call);
    alice.with(|endpoint, now| endpoint.answer_reoffer(now, call, sdp("10.0.0.1", 4004)));
    let again = bob.expect("UPDATE");
    assert_eq!(
        again.sdp(),
        Some(sdp("10.0.0.1", 4000).as_slice()),
        "the phone's fresh offer"
    );
}
