//! UPDATE in early and confirmed calls, both ways (RFC 3311).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::endpoint::{EndCause, Event, Refused, SessionId};
use parley_sip::{Request, Response};
use parley_testkit::{Call, Network, Peer, Phone, sdp};

const ABLE: &str = "INVITE, ACK, CANCEL, BYE, PRACK, UPDATE";

fn able(response: &mut Response) {
    response.headers.push("Allow", ABLE);
}

/// A call of ours whose ringing far end has answered the offer reliably.
fn early_outgoing() -> (Network, Phone, Peer, SessionId, Request, Call) {
    let (network, alice, bob) = two();
    alice.by_hand_after_offer();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    let progress = bob.reply_with(&invite, 183, |response| {
        response.headers.push("Require", "100rel");
        response.headers.push("RSeq", 1);
        able(response);
        response.set_body("application/sdp", sdp("10.0.0.2", 7000));
    });
    bob.reply(&bob.expect("PRACK"), 200);
    alice.expect_progress(call, 183);
    let dialog = bob.call_from(&invite, &progress);
    (network, alice, bob, call, invite, dialog)
}

/// A call to us whose offer we answered reliably.
fn early_incoming() -> (Network, Phone, Peer, SessionId, Call) {
    let (network, alice, bob) = two();
    alice.by_hand_after_offer();
    let invite = bob.invite(ALICE_URI, |invite| {
        invite.headers.push("Supported", "100rel");
        invite.headers.push("Allow", ABLE);
    });
    let (call, _) = alice.expect_call();
    alice.with(|e, now| e.progress(now, call, sdp("10.0.0.1", 4000)));
    let progress = bob.expect_status(183);
    assert!(progress.headers.allow().contains(&"UPDATE"));
    let mut dialog = bob.call_to(&invite, &progress);
    let rack = format!("{} 1 INVITE", progress.headers.get("RSeq").unwrap());
    bob.within(&mut dialog, "PRACK", |prack| prack.headers.push("RAck", rack));
    bob.expect_status(200);
    (network, alice, bob, call, dialog)
}

fn update(bob: &Peer, dialog: &mut Call, port: u16) -> Request {
    bob.within(dialog, "UPDATE", |update| {
        update.headers.push("Contact", "<sip:bob@10.0.0.2:5060>");
        update.set_body("application/sdp", sdp("10.0.0.2", port));
    })
}

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
fn a_ringing_far_end_changes_the_session_with_update() {
    let (_network, alice, bob, call, invite, mut dialog) = early_outgoing();
    update(&bob, &mut dialog, 7002);
    assert_eq!(alice.expect_reoffered(call), Some(sdp("10.0.0.2", 7002)));
    alice.with(|e, now| e.answer_reoffer(now, call, sdp("10.0.0.1", 4002)));
    let answer = bob.expect_final();
    assert_eq!(answer.sdp(), Some(sdp("10.0.0.1", 4002).as_slice()));
    assert!(answer.headers.has("Contact"), "UPDATE refreshes the target");
    bob.reply_with(&invite, 200, |response| {
        response.headers.remove("Content-Type");
        response.body.clear();
    });
    assert_eq!(alice.expect_answered(call), None, "what was agreed last holds");
}

#[test]
fn we_change_an_early_session_with_update() {
    let (_network, alice, bob, call, ..) = early_outgoing();
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    let update = bob.expect("UPDATE");
    assert_eq!(update.sdp(), Some(sdp("10.0.0.1", 4002).as_slice()));
    assert_eq!(update.headers.cseq().unwrap().number, 3, "after INVITE and PRACK");
    assert!(update.headers.has("Contact"));
    bob.reply_with(&update, 200, |response| {
        response.set_body("application/sdp", sdp("10.0.0.2", 7002))
    });
    assert_eq!(accepted(&alice, call), Some(sdp("10.0.0.2", 7002)));
}

#[test]
fn an_early_session_without_an_answer_cannot_be_changed() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    let change = || alice.with(|e, now| e.reoffer(now, call, sdp("10.0.0.1", 4002)));
    assert_eq!(change(), Err(Refused::WrongState));
    let ringing = bob.reply_with(&invite, 180, able);
    alice.expect_progress(call, 180);
    assert_eq!(change(), Err(Refused::WrongState));
    let mut dialog = bob.call_from(&invite, &ringing);
    update(&bob, &mut dialog, 7000);
    assert_eq!(bob.expect_final().code(), 491, "our offer is open");
}

#[test]
fn a_far_end_that_takes_no_update_is_not_sent_one() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    bob.reply_with(&invite, 183, |response| {
        response.headers.push("Require", "100rel");
        response.headers.push("RSeq", 1);
        response.headers.push("Allow", "INVITE, ACK, BYE, CANCEL, PRACK");
        response.set_body("application/sdp", sdp("10.0.0.2", 7000));
    });
    bob.reply(&bob.expect("PRACK"), 200);
    alice.expect_progress(call, 183);
    let change = alice.with(|e, now| e.reoffer(now, call, sdp("10.0.0.1", 4002)));
    assert_eq!(change, Err(Refused::NotSupported));
}

#[test]
fn a_caller_changes_the_session_before_we_answer() {
    let (_network, alice, bob, call, mut dialog) = early_incoming();
    update(&bob, &mut dialog, 6002);
    assert_eq!(alice.expect_reoffered(call), Some(sdp("10.0.0.2", 6002)));
    alice.with(|e, now| e.answer_reoffer(now, call, sdp("10.0.0.1", 4002)));
    assert_eq!(bob.expect_final().sdp(), Some(sdp("10.0.0.1", 4002).as_slice()));
    alice.accept(call);
    let answer = bob.expect_status(200);
    assert!(answer.body.is_empty());
    bob.ack(&dialog, |_| {});
    alice.expect_confirmed(call);
}

#[test]
fn we_change_the_session_of_a_caller_before_we_answer() {
    let (_network, alice, bob, call, dialog) = early_incoming();
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    let update = bob.expect("UPDATE");
    assert_eq!(update.headers.to().unwrap().tag(), dialog.dialog.local.tag());
    bob.reply_with(&update, 200, |response| {
        response.set_body("application/sdp", sdp("10.0.0.2", 6002))
    });
    assert_eq!(accepted(&alice, call), Some(sdp("10.0.0.2", 6002)));
}

#[test]
fn an_update_before_the_first_answer_is_told_to_come_later() {
    let (_network, alice, bob) = two();
    let invite = bob.invite(ALICE_URI, |_| {});
    let (call, _) = alice.expect_call();
    alice.ring(call);
    let mut dialog = bob.call_to(&invite, &bob.expect_status(180));
    update(&bob, &mut dialog, 6002);
    let later = bob.expect_final();
    assert_eq!(later.code(), 500);
    assert!(later.headers.retry_after().unwrap() <= 10);
}

#[test]
fn a_second_update_before_the_first_is_answered_is_told_to_come_later() {
    let (_network, alice, bob, call, mut dialog) = early_incoming();
    let first = update(&bob, &mut dialog, 6002);
    alice.expect_reoffered(call);
    update(&bob, &mut dialog, 6004);
    let later = bob.expect_final();
    assert_eq!((later.code(), later.headers.retry_after().is_some()), (500, true));
    alice.with(|e, now| e.answer_reoffer(now, call, sdp("10.0.0.1", 4002)));
    assert_eq!(bob.expect_final().headers.cseq(), first.headers.cseq());
}

#[test]
fn updates_that_meet_are_refused_and_ours_is_made_again() {
    let (network, alice, bob, call, _, mut dialog) = early_outgoing();
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    let ours = bob.expect("UPDATE");
    update(&bob, &mut dialog, 7002);
    assert_eq!(bob.expect_final().code(), 491);
    bob.reply(&ours, 491);
    let before = network.elapsed();
    let again = bob.expect("UPDATE");
    let pause = (network.elapsed() - before).as_millis();
    assert!((2100..=4010).contains(&pause), "{pause}");
    assert_eq!(again.body, ours.body);
    bob.reply_with(&again, 200, |response| {
        response.set_body("application/sdp", sdp("10.0.0.2", 7002))
    });
    accepted(&alice, call);
}

#[test]
fn a_far_end_with_an_offer_of_its_own_open_is_asked_again_when_it_says() {
    let (network, alice, bob, call, ..) = early_outgoing();
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    bob.reply_with(&bob.expect("UPDATE"), 500, |response| {
        response.headers.push("Retry-After", 5)
    });
    let before = network.elapsed();
    bob.reply(&bob.expect("UPDATE"), 488);
    assert_eq!((network.elapsed() - before).as_secs(), 5);
    assert_eq!(refused(&alice, call), 488);
}

#[test]
fn a_far_end_that_always_says_later_is_believed_in_the_end() {
    let (network, alice, bob) = two();
    let (call, _) = outgoing_call(&alice, &bob);
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    let mut asked = 0;
    while asked < 20 {
        bob.reply_with(&bob.expect("INVITE"), 500, |response| {
            response.headers.push("Retry-After", 0)
        });
        asked += 1;
        network.run_for(std::time::Duration::from_millis(1200));
        if !alice.events().is_empty() {
            break;
        }
    }
    assert!((5..15).contains(&asked), "{asked}");
}

#[test]
fn an_update_nobody_answers_gets_504() {
    let (network, alice, bob, call, _, mut dialog) = early_outgoing();
    update(&bob, &mut dialog, 7002);
    alice.expect_reoffered(call);
    assert_eq!(bob.expect_final().code(), 504);
    assert!(network.elapsed() < seconds(20));
    update(&bob, &mut dialog, 7004);
    assert_eq!(alice.expect_reoffered(call), Some(sdp("10.0.0.2", 7004)));
}

#[test]
fn a_refused_update_leaves_the_session_as_it_was() {
    let (_network, alice, bob, call, _, mut dialog) = early_outgoing();
    update(&bob, &mut dialog, 7002);
    alice.expect_reoffered(call);
    alice.with(|e, now| e.refuse_reoffer(now, call, 488));
    assert_eq!(bob.expect_final().code(), 488);
    update(&bob, &mut dialog, 7000);
    assert!(bob.expect_final().sdp().is_some(), "the old description still holds");
}

#[test]
fn a_confirmed_call_answers_updates_with_and_without_offer() {
    let (_network, alice, bob) = two();
    alice.by_hand_after_offer();
    let (call, mut dialog) = incoming_call(&alice, &bob);
    bob.within(&mut dialog, "UPDATE", |update| {
        update.headers.push("Contact", "<sip:moved@10.0.0.2:5060>");
        update.headers.push("Supported", "timer");
        update.headers.push("Session-Expires", "1800;refresher=uac");
    });
    let answer = bob.expect_final();
    assert_eq!((answer.code(), answer.body.len()), (200, 0));
    assert_eq!(answer.headers.get("Session-Expires"), Some("1800;refresher=uac"));
    update(&bob, &mut dialog, 6002);
    alice.expect_reoffered(call);
    alice.with(|e, now| e.answer_reoffer(now, call, sdp("10.0.0.1", 4002)));
    assert!(bob.expect_final().sdp().is_some());
    alice.hang_up(call);
    assert_eq!(bob.expect("BYE").uri.to_string(), "sip:bob@10.0.0.2:5060");
}

#[test]
fn an_update_that_crosses_our_200_is_answered_and_the_200_still_repeated() {
    let (_network, alice, bob, call, mut dialog) = early_incoming();
    alice.accept(call);
    bob.expect_status(200);
    update(&bob, &mut dialog, 6002);
    alice.expect_reoffered(call);
    alice.with(|e, now| e.answer_reoffer(now, call, sdp("10.0.0.1", 4002)));
    let update_answer = bob.expect_status(200);
    assert_eq!(update_answer.headers.cseq().unwrap().method.to_string(), "UPDATE");
    let repeated = bob.expect_status(200);
    assert_eq!(repeated.headers.cseq().unwrap().method.to_string(), "INVITE");
    bob.ack(&dialog, |_| {});
    alice.expect_confirmed(call);
}

#[test]
fn our_update_under_way_when_the_call_is_answered_still_counts() {
    let (_network, alice, bob, call, invite, _) = early_outgoing();
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    let update = bob.expect("UPDATE");
    bob.reply(&invite, 200);
    alice.expect_answered(call);
    bob.reply_with(&update, 200, |response| {
        response.set_body("application/sdp", sdp("10.0.0.2", 7002))
    });
    assert_eq!(accepted(&alice, call), Some(sdp("10.0.0.2", 7002)));
}

#[test]
fn a_call_that_is_held_the_moment_it_is_answered_is_held_by_update() {
    let (_network, alice, bob) = two();
    let invite = bob.invite(ALICE_URI, |invite| invite.headers.push("Allow", ABLE));
    let (call, _) = alice.expect_call();
    alice.accept(call);
    let answer = bob.expect_status(200);
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    let update = bob.expect("UPDATE");
    bob.ack(&bob.call_to(&invite, &answer), |_| {});
    bob.reply_with(&update, 200, |response| {
        response.set_body("application/sdp", sdp("10.0.0.2", 5002))
    });
    assert_eq!(accepted(&alice, call), Some(sdp("10.0.0.2", 5002)));
}

#[test]
fn an_update_of_an_unknown_session_ends_only_a_confirmed_call() {
    let (_network, alice, bob, call, invite, _) = early_outgoing();
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    bob.reply(&bob.expect("UPDATE"), 481);
    assert_eq!(refused(&alice, call), 481);
    bob.reply_with(&invite, 200, able);
    alice.expect_answered(call);
    bob.expect("ACK");
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    bob.reply(&bob.expect("INVITE"), 481);
    assert_eq!(alice.expect_ended(call), EndCause::Lost);
}

#[test]
fn phones_that_lose_the_fork_get_their_update_answered() {
    let (_network, alice, bob, call, invite, mut dialog) = early_outgoing();
    let tried = update(&bob, &mut dialog, 7002);
    alice.expect_reoffered(call);
    bob.speaks_as("winner");
    bob.reply(&invite, 200);
    alice.expect_answered(call);
    let gone = bob.expect_final();
    assert_eq!((gone.code(), gone.headers.cseq()), (481, tried.headers.cseq()));
}

#[test]
fn a_refresh_goes_by_update_when_the_far_end_takes_it_and_by_reinvite_when_it_does_not_after_all() {
    let (network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    bob.reply_with(&invite, 200, |response| {
        able(response);
        response.headers.push("Session-Expires", "1800;refresher=uac");
    });
    alice.expect_answered(call);
    let refresh = bob.expect_within("UPDATE", seconds(1000));
    assert!(refresh.body.is_empty());
    assert_eq!(refresh.headers.get("Session-Expires"), Some("1800;refresher=uac"));
    bob.reply_with(&refresh, 200, |response| {
        response.headers.push("Session-Expires", "1800;refresher=uac")
    });
    let again = bob.expect_within("UPDATE", seconds(1000));
    bob.reply(&again, 501);
    let instead = bob.expect("INVITE");
    bob.reply_with(&instead, 200, |response| {
        response.headers.push("Session-Expires", "1800;refresher=uac")
    });
    bob.expect("ACK");
    network.run_for(seconds(910));
    assert_eq!(bob.count("UPDATE"), 0, "not asked again");
    assert!(alice.events().is_empty());
}

#[test]
fn a_refresh_that_is_too_frequent_for_the_far_end_becomes_rarer() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    bob.reply_with(&invite, 200, |response| {
        able(response);
        response.headers.push("Session-Expires", "600;refresher=uac");
    });
    alice.expect_answered(call);
    let refresh = bob.expect_within("UPDATE", seconds(400));
    bob.reply_with(&refresh, 422, |response| response.headers.push("Min-SE", 3600));
    let again = bob.expect("UPDATE");
    assert_eq!(again.headers.get("Session-Expires"), Some("3600;refresher=uac"));
    assert_eq!(again.headers.get("Min-SE"), Some("3600"));
}

#[test]
fn a_refresh_nobody_answers_ends_the_call() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    bob.reply_with(&invite, 200, |response| {
        able(response);
        response.headers.push("Session-Expires", "90;refresher=uac");
    });
    alice.expect_answered(call);
    bob.expect_within("UPDATE", seconds(60));
    assert_eq!(alice.expect_ended(call), EndCause::Lost);
    bob.expect("BYE");
}

#[test]
fn a_far_end_that_refreshes_by_update_keeps_the_call() {
    let (network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    let answer = bob.reply_with(&invite, 200, |response| {
        response.headers.push("Session-Expires", "90;refresher=uas");
        response.headers.push("Require", "timer");
    });
    alice.expect_answered(call);
    let mut dialog = bob.call_from(&invite, &answer);
    for _ in 0..5 {
        network.run_for(seconds(45));
        bob.within(&mut dialog, "UPDATE", |update| {
            update.headers.push("Supported", "timer");
            update.headers.push("Session-Expires", "90;refresher=uac");
        });
        assert_eq!(
            bob.expect_final().headers.get("Session-Expires"),
            Some("90;refresher=uac")
        );
    }
    assert_eq!(alice.expect_ended(call), EndCause::Lost, "and no longer");
}

#[test]
fn an_update_with_too_short_an_interval_is_refused_with_the_least() {
    let (_network, alice, bob) = two();
    let (_, mut dialog) = outgoing_call(&alice, &bob);
    bob.within(&mut dialog, "UPDATE", |update| {
        update.headers.push("Supported", "timer");
        update.headers.push("Session-Expires", 30);
    });
    let refused = bob.expect_final();
    assert_eq!((refused.code(), refused.headers.get("Min-SE")), (422, Some("90")));
}

#[test]
fn phones_that_change_a_forked_call_at_once_are_served_one_after_the_other() {
    let (_network, alice, bob, call, invite, mut first) = early_outgoing();
    bob.speaks_as("study");
    let progress = bob.reply_with(&invite, 183, |response| {
        response.headers.push("Require", "100rel");
        response.headers.push("RSeq", 1);
        response.set_body("application/sdp", sdp("10.0.0.2", 8000));
    });
    bob.reply(&bob.expect("PRACK"), 200);
    alice.expect_progress(call, 183);
    let mut second = bob.call_from(&invite, &progress);
    let asked = update(&bob, &mut first, 7002);
    update(&bob, &mut second, 8002);
    let later = bob.expect_final();
    assert_eq!(
        (later.code(), later.headers.to().unwrap().tag()),
        (500, first.dialog.remote.tag())
    );
    alice.with(|e, now| e.answer_reoffer(now, call, sdp("10.0.0.1", 4002)));
    assert_eq!(bob.expect_final().headers.cseq(), asked.headers.cseq());
}
