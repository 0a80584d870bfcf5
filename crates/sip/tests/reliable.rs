//! Provisional answers of ours to a caller who wants them to arrive (RFC 3262 section 3).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::endpoint::{EndCause, Event, SessionId};
use parley_sip::{Request, Response};
use parley_testkit::{Call, Network, Peer, Phone, sdp};

/// A caller who requires (or supports) reliable provisional answers.
fn called(how: &str) -> (Network, Phone, Peer, SessionId, Request) {
    let (network, alice, bob) = two();
    let how = how.to_owned();
    let invite = bob.invite(ALICE_URI, |invite| invite.headers.push(how, "100rel"));
    let (call, _) = alice.expect_call();
    (network, alice, bob, call, invite)
}

fn without_offer(how: &str) -> (Network, Phone, Peer, SessionId, Request) {
    let (network, alice, bob) = two();
    let how = how.to_owned();
    let invite = bob.invite(ALICE_URI, |invite| {
        invite.headers.push(how, "100rel");
        invite.headers.remove("Content-Type");
        invite.body.clear();
    });
    let (call, _) = alice.expect_call();
    (network, alice, bob, call, invite)
}

fn rseq(response: &Response) -> u32 {
    response.headers.get("RSeq").expect("an RSeq").parse().unwrap()
}

fn prack(bob: &Peer, dialog: &mut Call, response: &Response, more: impl FnOnce(&mut Request)) -> Response {
    let number = rseq(response);
    bob.within(dialog, "PRACK", |prack| {
        prack.headers.push("RAck", format!("{number} 1 INVITE"));
        more(prack);
    });
    bob.expect_final()
}

#[test]
fn ringing_is_repeated_with_growing_pauses_until_its_prack() {
    let (network, alice, bob, call, invite) = called("Require");
    alice.ring(call);
    let ringing = bob.expect_status(180);
    assert!(ringing.headers.require().contains(&"100rel"));
    assert!((1..=0x7fff_ffff).contains(&rseq(&ringing)));
    network.run_for(seconds(4));
    assert_eq!(bob.count("180"), 3, "after 0.5, 1.5 and 3.5 s");
    let mut dialog = bob.call_to(&invite, &ringing);
    assert_eq!(prack(&bob, &mut dialog, &ringing, |_| {}).code(), 200);
    network.run_for(seconds(20));
    assert_eq!(bob.count("180"), 0);
}

#[test]
fn no_prack_at_all_ends_the_call_with_504() {
    let (network, alice, bob, call, _) = called("Require");
    alice.ring(call);
    assert_eq!(bob.expect_final().code(), 504);
    assert!(network.elapsed() >= seconds(32) && network.elapsed() < seconds(34));
    assert_eq!(alice.expect_ended(call), EndCause::Timeout);
}

#[test]
fn a_prack_for_something_else_is_refused_and_changes_nothing() {
    let (network, alice, bob, call, invite) = called("Require");
    alice.ring(call);
    let ringing = bob.expect_status(180);
    let mut dialog = bob.call_to(&invite, &ringing);
    let number = rseq(&ringing);
    for rack in [
        format!("{} 1 INVITE", number + 1),
        format!("{number} 2 INVITE"),
        "1 1 INVITE".to_owned(),
    ] {
        bob.within(&mut dialog, "PRACK", |prack| prack.headers.push("RAck", rack));
        assert_eq!(bob.expect_final().code(), 481);
    }
    for rack in ["", "x y INVITE", "1 1 BYE", "1 1 INVITE again", "-1 1 INVITE"] {
        bob.within(&mut dialog, "PRACK", |prack| prack.headers.push("RAck", rack));
        assert_eq!(bob.expect_final().code(), 400, "{rack}");
    }
    network.run_for(seconds(4));
    assert!(bob.count("180") > 0, "it still has not arrived");
}

#[test]
fn a_second_prack_for_the_same_answer_is_refused() {
    let (_network, alice, bob, call, invite) = called("Require");
    alice.ring(call);
    let ringing = bob.expect_status(180);
    let mut dialog = bob.call_to(&invite, &ringing);
    assert_eq!(prack(&bob, &mut dialog, &ringing, |_| {}).code(), 200);
    assert_eq!(prack(&bob, &mut dialog, &ringing, |_| {}).code(), 481);
}

#[test]
fn what_comes_before_the_prack_waits_for_it_and_counts_on() {
    let (network, alice, bob, call, invite) = called("Require");
    alice.ring(call);
    alice.with(|e, now| e.progress(now, call, sdp("10.0.0.1", 4000)));
    let ringing = bob.expect_status(180);
    network.run_for(seconds(1));
    assert_eq!(bob.count("183"), 0);
    let mut dialog = bob.call_to(&invite, &ringing);
    prack(&bob, &mut dialog, &ringing, |_| {});
    let progress = bob.expect_status(183);
    assert_eq!(rseq(&progress), rseq(&ringing) + 1);
    assert!(progress.sdp().is_some());
}

#[test]
fn the_200_waits_until_the_description_before_it_has_arrived() {
    let (network, alice, bob, call, invite) = called("Supported");
    alice.with(|e, now| e.progress(now, call, sdp("10.0.0.1", 4000)));
    let progress = bob.expect_status(183);
    alice.accept(call);
    network.run_for(seconds(3));
    assert_eq!(bob.count("200"), 0);
    let mut dialog = bob.call_to(&invite, &progress);
    assert_eq!(
        prack(&bob, &mut dialog, &progress, |_| {})
            .headers
            .cseq()
            .unwrap()
            .method
            .to_string(),
        "PRACK"
    );
    let answer = bob.expect_status(200);
    assert_eq!(answer.headers.cseq().unwrap().method.to_string(), "INVITE");
    assert!(answer.body.is_empty(), "what was said is not said again");
    bob.ack(&dialog, |_| {});
    alice.expect_confirmed(call);
}

#[test]
fn the_200_does_not_wait_for_a_ringing_without_description() {
    let (_network, alice, bob, call, invite) = called("Require");
    alice.ring(call);
    let ringing = bob.expect_status(180);
    alice.accept(call);
    let answer = bob.expect_status(200);
    assert!(answer.sdp().is_some());
    let mut dialog = bob.call_to(&invite, &answer);
    assert_eq!(
        prack(&bob, &mut dialog, &ringing, |_| {}).code(),
        200,
        "it crossed our 200"
    );
    bob.ack(&dialog, |_| {});
    alice.expect_confirmed(call);
    assert_eq!(prack(&bob, &mut dialog, &ringing, |_| {}).code(), 481);
}

#[test]
fn ringing_stays_unreliable_for_a_caller_who_only_could() {
    let (_network, alice, bob, call, _) = called("Supported");
    alice.ring(call);
    assert!(!bob.expect_status(180).headers.has("RSeq"));
}

#[test]
fn an_offer_of_ours_in_a_reliable_answer_is_answered_by_the_prack() {
    let (_network, alice, bob, call, invite) = without_offer("Supported");
    alice.with(|e, now| e.progress(now, call, sdp("10.0.0.1", 4000)));
    let progress = bob.expect_status(183);
    assert_eq!(progress.sdp(), Some(sdp("10.0.0.1", 4000).as_slice()));
    let mut dialog = bob.call_to(&invite, &progress);
    let answered = prack(&bob, &mut dialog, &progress, |prack| {
        prack.set_body("application/sdp", sdp("10.0.0.2", 6000))
    });
    assert_eq!(answered.code(), 200);
    let heard = alice.expect("the answer", |event| match event {
        Event::ReofferAccepted { sdp, .. } => Some(sdp.clone()),
        _ => None,
    });
    assert_eq!(heard, Some(sdp("10.0.0.2", 6000)));
    alice.accept(call);
    assert!(bob.expect_status(200).body.is_empty());
    bob.ack(&dialog, |_| {});
    assert_eq!(alice.expect_confirmed(call), None);
}

#[test]
fn without_100rel_an_offer_of_ours_waits_for_the_200() {
    let (_network, alice, bob, call, invite) = without_offer("X-Other");
    alice.with(|e, now| e.progress(now, call, sdp("10.0.0.1", 4000)));
    assert!(
        bob.expect_status(183).body.is_empty(),
        "an offer that may get lost is none"
    );
    alice.accept(call);
    let answer = bob.expect_status(200);
    assert!(answer.sdp().is_some());
    bob.ack(&bob.call_to(&invite, &answer), |ack| {
        ack.set_body("application/sdp", sdp("10.0.0.2", 6000))
    });
    assert_eq!(alice.expect_confirmed(call), Some(sdp("10.0.0.2", 6000)));
}

#[test]
fn an_offer_in_the_prack_is_answered_in_its_200() {
    let (_network, alice, bob, call, invite) = called("Supported");
    alice.by_hand();
    alice.with(|e, now| e.progress(now, call, sdp("10.0.0.1", 4000)));
    let progress = bob.expect_status(183);
    let mut dialog = bob.call_to(&invite, &progress);
    let number = rseq(&progress);
    bob.within(&mut dialog, "PRACK", |prack| {
        prack.headers.push("RAck", format!("{number} 1 INVITE"));
        prack.set_body("application/sdp", sdp("10.0.0.2", 6002));
    });
    assert_eq!(alice.expect_reoffered(call), Some(sdp("10.0.0.2", 6002)));
    alice.with(|e, now| e.answer_reoffer(now, call, sdp("10.0.0.1", 4002)));
    assert_eq!(bob.expect_final().sdp(), Some(sdp("10.0.0.1", 4002).as_slice()));
    alice.accept(call);
    assert!(bob.expect_status(200).body.is_empty());
}

#[test]
fn a_cancel_or_bye_before_the_prack_ends_the_call_and_the_repeating() {
    for method in ["CANCEL", "BYE"] {
        let (network, alice, bob, call, invite) = called("Require");
        alice.ring(call);
        let ringing = bob.expect_status(180);
        if method == "CANCEL" {
            bob.cancel(&invite, |_| {});
        } else {
            let mut dialog = bob.call_to(&invite, &ringing);
            bob.within(&mut dialog, "BYE", |_| {});
        }
        let refused = bob.expect_status(487);
        bob.ack_failure(&invite, &refused);
        assert_eq!(alice.expect_ended(call), EndCause::Cancelled { elsewhere: false });
        network.run_for(seconds(10));
        assert_eq!(bob.count("180"), 0, "{method}");
    }
}

#[test]
fn hanging_up_while_the_200_waits_refuses_the_call() {
    let (_network, alice, bob, call, invite) = called("Supported");
    alice.with(|e, now| e.progress(now, call, sdp("10.0.0.1", 4000)));
    bob.expect_status(183);
    alice.accept(call);
    alice.hang_up(call);
    let refused = bob.expect_final();
    assert_eq!(refused.code(), 480);
    bob.ack_failure(&invite, &refused);
    assert_eq!(alice.expect_ended(call), EndCause::HungUpByUs);
}

#[test]
fn a_long_ringing_is_announced_again_with_a_number_of_its_own() {
    let (_network, alice, bob, call, invite) = called("Require");
    alice.ring(call);
    let first = bob.expect_status(180);
    let mut dialog = bob.call_to(&invite, &first);
    prack(&bob, &mut dialog, &first, |_| {});
    let second = bob.expect_status(180);
    assert_eq!(rseq(&second), rseq(&first) + 1);
    assert_eq!(prack(&bob, &mut dialog, &second, |_| {}).code(), 200);
}
