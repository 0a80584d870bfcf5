//! Reliable provisional answers to a call we make (RFC 3262 section 4).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::endpoint::{EndCause, Event, InviteOptions};
use parley_sip::{Request, Response};
use parley_testkit::{LINE, Network, Peer, Phone, sdp};

fn reliably(bob: &Peer, invite: &Request, code: u16, rseq: u32, more: impl FnOnce(&mut Response)) -> Response {
    bob.reply_with(invite, code, |response| {
        response.headers.push("Require", "100rel");
        response.headers.push("RSeq", rseq);
        more(response);
    })
}

fn describes(port: u16) -> impl FnOnce(&mut Response) {
    move |response| response.set_body("application/sdp", sdp("10.0.0.2", port))
}

fn rack(prack: &Request) -> &str {
    prack.headers.get("RAck").expect("a RAck")
}

fn calling_without_offer() -> (Network, Phone, Peer, parley_sip::endpoint::SessionId, Request) {
    let (network, alice, bob) = two();
    let options = InviteOptions {
        late_offer: true,
        ..InviteOptions::default()
    };
    alice.by_hand();
    let call = alice
        .with(|e, now| e.invite(now, LINE, BOB_URI.parse().unwrap(), options))
        .unwrap();
    let invite = bob.expect("INVITE");
    assert!(invite.body.is_empty());
    (network, alice, bob, call, invite)
}

#[test]
fn every_call_says_that_provisional_answers_may_be_reliable() {
    let (_network, alice, bob) = two();
    alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    assert!(invite.headers.supports("100rel"));
    for method in ["PRACK", "UPDATE"] {
        assert!(invite.headers.allow().contains(&method));
    }
}

#[test]
fn a_reliable_ringing_is_acknowledged_in_its_dialog() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    reliably(&bob, &invite, 180, 4711, |response| {
        response.headers.set("Contact", "<sip:kitchen@10.0.0.2>");
        response.headers.push("Record-Route", "<sip:10.0.0.2:5060;lr>");
    });
    let prack = bob.expect("PRACK");
    assert_eq!(rack(&prack), "4711 1 INVITE");
    assert_eq!(prack.headers.cseq().unwrap().number, 2);
    assert_eq!(prack.uri.to_string(), "sip:kitchen@10.0.0.2");
    assert_eq!(prack.headers.route().len(), 1);
    assert!(prack.headers.to().unwrap().tag().is_some());
    alice.expect_progress(call, 180);
    bob.reply(&prack, 200);
    bob.reply(&invite, 200);
    alice.expect_answered(call);
    assert_eq!(bob.expect("ACK").headers.cseq().unwrap().number, 1);
    alice.hang_up(call);
    assert_eq!(bob.expect("BYE").headers.cseq().unwrap().number, 3);
}

#[test]
fn a_repeated_reliable_answer_is_neither_told_nor_acknowledged_again() {
    let (network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    let ringing = reliably(&bob, &invite, 180, 7, |_| {});
    let prack = bob.expect("PRACK");
    bob.reply(&prack, 200);
    alice.expect_progress(call, 180);
    bob.send(ringing.to_bytes());
    bob.send(ringing.to_bytes());
    network.run_for(seconds(3));
    assert_eq!(bob.count("PRACK"), 0);
    assert!(alice.events().is_empty());
}

#[test]
fn a_prack_nobody_answers_repeats_itself() {
    let (network, alice, bob) = two();
    alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    reliably(&bob, &invite, 180, 7, |_| {});
    network.run_for(seconds(4));
    assert_eq!(bob.count("PRACK"), 4, "after 0, 0.5, 1.5 and 3.5 s");
}

#[test]
fn a_reliable_answer_that_overtook_another_is_ignored_until_its_turn() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    reliably(&bob, &invite, 183, 10, |_| {});
    bob.reply(&bob.expect("PRACK"), 200);
    alice.expect_progress(call, 183);
    reliably(&bob, &invite, 182, 12, |_| {});
    assert!(alice.events().is_empty());
    reliably(&bob, &invite, 180, 11, |_| {});
    let prack = bob.expect("PRACK");
    assert_eq!(rack(&prack), "11 1 INVITE");
    bob.reply(&prack, 200);
    alice.expect_progress(call, 180);
    reliably(&bob, &invite, 182, 12, |_| {});
    assert_eq!(rack(&bob.expect("PRACK")), "12 1 INVITE");
    alice.expect_progress(call, 182);
}

#[test]
fn each_phone_of_a_forked_call_counts_for_itself() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    for (phone, rseq) in [("kitchen", 100), ("study", 1)] {
        bob.speaks_as(phone);
        reliably(&bob, &invite, 180, rseq, |response| {
            response.headers.set("Contact", format!("<sip:{phone}@10.0.0.2>"))
        });
        let prack = bob.expect("PRACK");
        assert_eq!(rack(&prack), format!("{rseq} 1 INVITE"));
        assert_eq!(prack.headers.to().unwrap().tag(), Some(phone));
        assert_eq!(prack.uri.to_string(), format!("sip:{phone}@10.0.0.2"));
        assert_eq!(prack.headers.cseq().unwrap().number, 2, "each dialog has its own CSeq");
        bob.reply(&prack, 200);
    }
    bob.speaks_as("kitchen");
    reliably(&bob, &invite, 183, 101, |_| {});
    let prack = bob.expect("PRACK");
    assert_eq!(
        (rack(&prack), prack.headers.cseq().unwrap().number),
        ("101 1 INVITE", 3)
    );
    bob.reply(&invite, 200);
    alice.expect_answered(call);
    bob.expect("ACK");
}

#[test]
fn a_phone_that_answers_too_late_gets_a_bye_that_counts_on_after_its_pracks() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    bob.speaks_as("study");
    for rseq in 1..4 {
        reliably(&bob, &invite, 180, rseq, |_| {});
        bob.reply(&bob.expect("PRACK"), 200);
    }
    bob.speaks_as("kitchen");
    bob.reply(&invite, 200);
    alice.expect_answered(call);
    bob.expect("ACK");
    bob.speaks_as("study");
    bob.reply(&invite, 200);
    let bye = bob.expect("BYE");
    assert_eq!(bye.headers.to().unwrap().tag(), Some("study"));
    assert_eq!(bye.headers.cseq().unwrap().number, 5);
}

#[test]
fn the_answer_in_a_reliable_183_counts_and_the_200_needs_none() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    reliably(&bob, &invite, 183, 1, describes(7000));
    assert_eq!(alice.expect_progress(call, 183), Some(sdp("10.0.0.2", 7000)));
    bob.reply(&bob.expect("PRACK"), 200);
    bob.reply_with(&invite, 200, describes(9000));
    assert_eq!(
        alice.expect_answered(call),
        Some(sdp("10.0.0.2", 7000)),
        "the first answer is the answer (RFC 3261 section 13.2.1)"
    );
}

#[test]
fn pracks_go_one_after_the_other_so_that_none_overtakes_another() {
    let (network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    for (code, rseq) in [(183, 1), (180, 2), (182, 3)] {
        reliably(&bob, &invite, code, rseq, |_| {});
        alice.expect_progress(call, code);
    }
    for number in 1..=3 {
        let prack = bob.expect("PRACK");
        assert_eq!(rack(&prack), format!("{number} 1 INVITE"));
        assert_eq!(prack.headers.cseq().unwrap().number, number + 1);
        assert_eq!(bob.count("PRACK"), 0);
        bob.reply(&prack, 200);
    }
    network.run_for(seconds(40));
    assert!(alice.with(|e, _| e.sessions().count()) == 1);
}

#[test]
fn a_far_end_that_answers_nothing_holds_nothing_up_for_long() {
    let (network, alice, bob) = two();
    alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    reliably(&bob, &invite, 183, 1, |_| {});
    reliably(&bob, &invite, 180, 2, |_| {});
    network.run_for(seconds(6));
    let numbers: Vec<_> = std::iter::from_fn(|| (bob.waiting() > 0).then(|| bob.expect("PRACK")))
        .map(|prack| rack(&prack).to_owned())
        .collect();
    assert!(numbers.contains(&"2 1 INVITE".to_owned()), "{numbers:?}");
}

#[test]
fn a_prack_that_wants_credentials_gets_them_with_the_next_number() {
    let (_network, alice, pbx) = registered();
    let challenge = parley_sip::auth::DigestChallenge::new("pbx.example", "n1", parley_sip::auth::Algorithm::Md5);
    let call = alice.call("sip:600@pbx.example");
    let invite = pbx.expect("INVITE");
    reliably(&pbx, &invite, 180, 1, |_| {});
    let prack = pbx.expect("PRACK");
    pbx.reply_with(&prack, 407, |response| {
        response.headers.push("Proxy-Authenticate", challenge.to_challenge())
    });
    let again = pbx.expect("PRACK");
    assert!(again.headers.has("Proxy-Authorization"));
    assert_eq!(rack(&again), rack(&prack));
    assert_eq!(again.headers.cseq().unwrap().number, 3);
    pbx.reply(&again, 200);
    reliably(&pbx, &invite, 183, 2, |_| {});
    assert_eq!(pbx.expect("PRACK").headers.cseq().unwrap().number, 4);
    alice.expect_progress(call, 183);
}

#[test]
fn a_refused_prack_does_not_end_the_call() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    reliably(&bob, &invite, 180, 1, |_| {});
    bob.reply(&bob.expect("PRACK"), 481);
    bob.reply(&invite, 200);
    alice.expect_answered(call);
}

#[test]
fn what_claims_to_be_reliable_without_a_number_is_told_all_the_same() {
    let (network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    for value in ["", "x", "99999999999", "0"] {
        bob.reply_with(&invite, 180, |response| {
            response.headers.push("Require", "100rel");
            response.headers.push("RSeq", value);
        });
        alice.expect_progress(call, 180);
    }
    network.run_for(seconds(1));
    assert_eq!(bob.count("PRACK"), 0);
}

#[test]
fn an_offer_in_a_reliable_answer_is_answered_in_the_prack() {
    let (_network, alice, bob, call, invite) = calling_without_offer();
    reliably(&bob, &invite, 183, 1, describes(7000));
    assert_eq!(alice.expect_reoffered(call), Some(sdp("10.0.0.2", 7000)));
    assert_eq!(bob.count("PRACK"), 0, "the PRACK waits for the answer");
    alice.with(|e, now| e.answer_reoffer(now, call, sdp("10.0.0.1", 4000)));
    let prack = bob.expect("PRACK");
    assert_eq!(prack.sdp(), Some(sdp("10.0.0.1", 4000).as_slice()));
    bob.reply(&prack, 200);
    bob.reply_with(&invite, 200, |response| {
        response.headers.remove("Content-Type");
        response.body.clear();
    });
    assert_eq!(alice.expect_answered(call), None, "all was said before");
    assert!(bob.expect("ACK").body.is_empty());
}

#[test]
fn an_offer_in_the_200_is_answered_in_the_ack() {
    let (network, alice, bob, call, invite) = calling_without_offer();
    bob.reply(&invite, 180);
    let answer = bob.reply(&invite, 200);
    assert_eq!(alice.expect_reoffered(call), Some(sdp("10.0.0.2", 5000)));
    bob.send(answer.to_bytes());
    network.run_for(seconds(1));
    assert_eq!((bob.count("ACK"), bob.count("BYE")), (0, 0), "somebody is thinking");
    alice.with(|e, now| e.answer_reoffer(now, call, sdp("10.0.0.1", 4000)));
    let ack = bob.expect("ACK");
    assert_eq!(ack.sdp(), Some(sdp("10.0.0.1", 4000).as_slice()));
    assert_eq!(alice.expect_answered(call), Some(sdp("10.0.0.2", 5000)));
    bob.send(answer.to_bytes());
    assert_eq!(bob.expect("ACK").body, ack.body);
}

#[test]
fn an_offer_in_the_200_that_does_not_suit_ends_the_call_with_ack_and_bye() {
    let (_network, alice, bob, call, invite) = calling_without_offer();
    bob.reply(&invite, 200);
    alice.expect_reoffered(call);
    alice.with(|e, now| e.refuse_reoffer(now, call, 488));
    bob.expect("ACK");
    bob.expect("BYE");
    assert!(matches!(alice.expect_ended(call), EndCause::Rejected { code: 488, .. }));
}

#[test]
fn nobody_answering_the_offer_of_a_200_ends_the_call_before_the_far_end_gives_up() {
    let (network, alice, bob, call, invite) = calling_without_offer();
    bob.reply(&invite, 200);
    alice.expect_reoffered(call);
    network.run_for(seconds(15));
    bob.expect("ACK");
    bob.expect("BYE");
    alice.expect_ended(call);
}

#[test]
fn a_200_without_offer_to_an_invite_without_offer_is_a_call_nobody_can_hear() {
    let (_network, alice, bob, call, invite) = calling_without_offer();
    bob.reply_with(&invite, 200, |response| {
        response.headers.remove("Content-Type");
        response.body.clear();
    });
    bob.expect("ACK");
    bob.expect("BYE");
    assert_eq!(alice.expect_ended(call), EndCause::Lost);
}

#[test]
fn hanging_up_between_prack_and_answer_cancels() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    reliably(&bob, &invite, 183, 1, describes(7000));
    let prack = bob.expect("PRACK");
    alice.hang_up(call);
    bob.reply(&bob.expect("CANCEL"), 200);
    bob.reply(&prack, 200);
    bob.reply(&invite, 487);
    bob.expect("ACK");
    assert_eq!(alice.expect_ended(call), EndCause::HungUpByUs);
}

#[test]
fn a_reliable_answer_to_a_reinvite_is_acknowledged_and_may_bring_its_answer() {
    let (_network, alice, bob) = two();
    let (call, _) = outgoing_call(&alice, &bob);
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    let invite = bob.expect("INVITE");
    let cseq = invite.headers.cseq().unwrap().number;
    reliably(&bob, &invite, 183, 900, describes(7002));
    let prack = bob.expect("PRACK");
    assert_eq!(rack(&prack), format!("900 {cseq} INVITE"));
    bob.reply(&prack, 200);
    bob.reply_with(&invite, 200, |response| {
        response.headers.remove("Content-Type");
        response.body.clear();
    });
    let sdp_heard = alice.expect("the new session accepted", |event| match event {
        Event::ReofferAccepted { sdp, .. } => Some(sdp.clone()),
        _ => None,
    });
    assert_eq!(sdp_heard, Some(sdp("10.0.0.2", 7002)));
    alice.hang_up(call);
    assert_eq!(bob.expect("BYE").headers.cseq().unwrap().number, cseq + 2);
}

#[test]
fn a_phone_that_rings_no_more_is_acknowledged_and_forgotten() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    let ringing = reliably(&bob, &invite, 180, 1, |_| {});
    bob.reply(&bob.expect("PRACK"), 200);
    reliably(&bob, &invite, 199, 2, |_| {});
    assert_eq!(rack(&bob.expect("PRACK")), "2 1 INVITE");
    alice.expect_progress(call, 180);
    let mut gone = bob.call_from(&invite, &ringing);
    bob.within(&mut gone, "OPTIONS", |_| {});
    assert_eq!(bob.expect_final().code(), 481);
}
