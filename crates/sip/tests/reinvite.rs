//! Changing a call while it is up (RFC 3261 section 14).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::endpoint::{EndCause, Event, Refused, SessionId};
use parley_testkit::{Phone, sdp};

fn accepted(alice: &Phone, call: SessionId) -> Option<Vec<u8>> {
    alice.expect("the new session accepted", |event| match event {
        Event::ReofferAccepted { session, sdp } if *session == call => Some(sdp.clone()),
        _ => None,
    })
}

fn refused(alice: &Phone, call: SessionId) -> u16 {
    alice.expect("the new session refused", |event| match event {
        Event::ReofferRefused { session, code } if *session == call => Some(*code),
        _ => None,
    })
}

#[test]
fn our_new_offer_is_accepted_and_acknowledged() {
    let (_network, alice, bob) = two();
    let (call, _) = outgoing_call(&alice, &bob);
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    let invite = bob.expect("INVITE");
    assert_eq!(invite.sdp(), Some(sdp("10.0.0.1", 4002).as_slice()));
    assert!(invite.headers.to().unwrap().tag().is_some());
    bob.reply_with(&invite, 200, |response| {
        response.set_body("application/sdp", sdp("10.0.0.2", 5002))
    });
    assert_eq!(accepted(&alice, call), Some(sdp("10.0.0.2", 5002)));
    assert_eq!(
        bob.expect("ACK").headers.cseq().unwrap().number,
        invite.headers.cseq().unwrap().number
    );
}

#[test]
fn our_new_offer_is_refused_and_the_call_goes_on() {
    let (_network, alice, bob) = two();
    let (call, mut dialog) = outgoing_call(&alice, &bob);
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    bob.reply(&bob.expect("INVITE"), 488);
    bob.expect("ACK");
    assert_eq!(refused(&alice, call), 488);
    bob.within(&mut dialog, "BYE", |_| {});
    assert_eq!(alice.expect_ended(call), EndCause::HungUpByThem);
}

#[test]
fn a_second_offer_waits_for_the_first_to_be_settled() {
    let (_network, alice, bob) = two();
    let (call, _) = outgoing_call(&alice, &bob);
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    let second = alice.with(|endpoint, now| endpoint.reoffer(now, call, sdp("10.0.0.1", 4004)));
    assert_eq!(second, Err(Refused::Pending));
    bob.reply(&bob.expect("INVITE"), 200);
    accepted(&alice, call);
    alice.reoffer(call, sdp("10.0.0.1", 4004));
}

#[test]
fn a_call_that_is_gone_cannot_be_changed() {
    let (_network, alice, bob) = two();
    let (call, _) = outgoing_call(&alice, &bob);
    alice.hang_up(call);
    let late = alice.with(|endpoint, now| endpoint.reoffer(now, call, sdp("10.0.0.1", 4004)));
    assert_eq!(late, Err(Refused::NoSuchSession));
}

#[test]
fn their_new_offer_is_told_and_answered() {
    let (_network, alice, bob) = two();
    alice.by_hand_after_offer();
    let (call, mut dialog) = outgoing_call(&alice, &bob);
    bob.within(&mut dialog, "INVITE", |invite| {
        invite.set_body("application/sdp", sdp("10.0.0.2", 5002))
    });
    assert_eq!(alice.expect_reoffered(call), Some(sdp("10.0.0.2", 5002)));
    bob.expect_status(100);
    alice.with(|endpoint, now| endpoint.answer_reoffer(now, call, sdp("10.0.0.1", 4002)));
    assert_eq!(bob.expect_status(200).sdp(), Some(sdp("10.0.0.1", 4002).as_slice()));
    bob.expect_status(200);
    bob.ack(&dialog, |_| {});
    assert!(alice.events().is_empty(), "the ACK of a re-INVITE is no news");
}

#[test]
fn their_new_offer_can_be_refused() {
    let (_network, alice, bob) = two();
    alice.by_hand_after_offer();
    let (call, mut dialog) = outgoing_call(&alice, &bob);
    bob.within(&mut dialog, "INVITE", |invite| {
        invite.set_body("application/sdp", sdp("10.0.0.2", 5002))
    });
    alice.expect_reoffered(call);
    alice.with(|endpoint, now| endpoint.refuse_reoffer(now, call, 488));
    assert_eq!(bob.expect_final().code(), 488);
}

#[test]
fn a_reinvite_without_offer_gets_ours_and_the_ack_brings_the_answer() {
    let (_network, alice, bob) = two();
    alice.by_hand_after_offer();
    let (call, mut dialog) = outgoing_call(&alice, &bob);
    bob.within(&mut dialog, "INVITE", |_| {});
    assert_eq!(alice.expect_reoffered(call), None);
    alice.with(|endpoint, now| endpoint.answer_reoffer(now, call, sdp("10.0.0.1", 4002)));
    bob.expect_status(200);
    bob.ack(&dialog, |ack| ack.set_body("application/sdp", sdp("10.0.0.2", 5006)));
    assert_eq!(accepted(&alice, call), Some(sdp("10.0.0.2", 5006)));
}

#[test]
fn the_same_description_again_is_answered_without_asking_anybody() {
    let (_network, alice, bob) = two();
    alice.by_hand_after_offer();
    let (_, mut dialog) = outgoing_call(&alice, &bob);
    bob.within(&mut dialog, "INVITE", |invite| {
        invite.set_body("application/sdp", sdp("10.0.0.2", 5000))
    });
    assert_eq!(bob.expect_status(200).sdp(), Some(sdp("10.0.0.1", 4000).as_slice()));
    bob.ack(&dialog, |_| {});
    assert!(alice.events().is_empty());
}

#[test]
fn a_new_contact_is_where_later_requests_go() {
    let (_network, alice, bob) = two();
    let (call, mut dialog) = outgoing_call(&alice, &bob);
    bob.within(&mut dialog, "INVITE", |invite| {
        invite.headers.set("Contact", "<sip:moved@10.0.0.2:5060>");
        invite.set_body("application/sdp", sdp("10.0.0.2", 5002));
    });
    bob.expect_status(200);
    bob.ack(&dialog, |_| {});
    alice.hang_up(call);
    assert_eq!(bob.expect("BYE").uri.to_string(), "sip:moved@10.0.0.2:5060");
}

#[test]
fn a_bye_during_their_reinvite_ends_both() {
    let (_network, alice, bob) = two();
    alice.by_hand_after_offer();
    let (call, mut dialog) = outgoing_call(&alice, &bob);
    bob.within(&mut dialog, "INVITE", |invite| {
        invite.set_body("application/sdp", sdp("10.0.0.2", 5002))
    });
    alice.expect_reoffered(call);
    bob.within(&mut dialog, "BYE", |_| {});
    bob.expect_status(200);
    bob.expect_status(487);
    assert_eq!(alice.expect_ended(call), EndCause::HungUpByThem);
}

#[test]
fn hanging_up_during_our_reinvite_still_acknowledges_its_200() {
    let (_network, alice, bob) = two();
    let (call, _) = outgoing_call(&alice, &bob);
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    let invite = bob.expect("INVITE");
    alice.hang_up(call);
    bob.reply(&bob.expect("BYE"), 200);
    bob.reply(&invite, 200);
    assert_eq!(
        bob.expect("ACK").headers.cseq().unwrap().number,
        invite.headers.cseq().unwrap().number
    );
}

#[test]
fn a_cancelled_reinvite_leaves_the_call_as_it_was() {
    let (_network, alice, bob) = two();
    alice.by_hand_after_offer();
    let (call, mut dialog) = outgoing_call(&alice, &bob);
    let invite = bob.within(&mut dialog, "INVITE", |invite| {
        invite.set_body("application/sdp", sdp("10.0.0.2", 5002))
    });
    alice.expect_reoffered(call);
    bob.cancel(&invite, |_| {});
    bob.expect_status(487);
    assert_eq!(refused(&alice, call), 487);
    bob.within(&mut dialog, "BYE", |_| {});
    assert_eq!(alice.expect_ended(call), EndCause::HungUpByThem);
}

#[test]
fn a_far_end_that_thinks_about_a_change_for_ever_does_not_keep_the_call_from_changing() {
    let (network, alice, bob) = two();
    let (call, _) = outgoing_call(&alice, &bob);
    let before = network.elapsed();
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    let invite = bob.expect("INVITE");
    bob.reply(&invite, 100);
    network.run_for(seconds(20));
    bob.reply(&invite, 180);
    assert_eq!(refused(&alice, call), 408);
    assert!((network.elapsed() - before).as_secs() <= 33);
    bob.reply(&bob.expect("CANCEL"), 200);
    bob.reply(&invite, 487);
    bob.expect("ACK");
    alice.reoffer(call, sdp("10.0.0.1", 4004));
    bob.reply(&bob.expect("INVITE"), 200);
    accepted(&alice, call);
    network.run_for(seconds(60));
    assert!(alice.events().is_empty(), "the call goes on");
}

#[test]
fn a_change_that_is_accepted_after_it_was_taken_back_is_acknowledged_and_put_right() {
    let (_network, alice, bob) = two();
    let (call, _) = outgoing_call(&alice, &bob);
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    let invite = bob.expect("INVITE");
    bob.reply(&invite, 100);
    assert_eq!(refused(&alice, call), 408);
    bob.expect("CANCEL");
    bob.reply(&invite, 200);
    let ack = bob.expect("ACK");
    assert_eq!(
        ack.headers.cseq().unwrap().number,
        invite.headers.cseq().unwrap().number
    );
    bob.reply(&bob.expect("INVITE"), 200);
    accepted(&alice, call);
}
