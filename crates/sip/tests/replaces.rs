//! One call takes the place of another (RFC 3891).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::endpoint::{EndCause, InviteOptions, Refused, ReplacesTarget, SessionId};
use parley_sip::{Request, Response};
use parley_testkit::{LINE, Network, Peer, Phone};

/// The value that names a call of the phone's.
fn name_of(alice: &Phone, call: SessionId, more: &str) -> String {
    let name = alice.with(|e, _| e.dialog_name(call)).unwrap();
    format!(
        "{};to-tag={};from-tag={}{more}",
        name.call_id, name.local_tag, name.remote_tag
    )
}

fn take_over(carol: &Peer, value: &str) -> Request {
    carol.invite(ALICE_URI, |invite| {
        invite.headers.push("Require", "replaces");
        invite.headers.push("Replaces", value);
    })
}

fn three() -> (Network, Phone, Peer, Peer) {
    let (network, alice, bob) = two();
    let carol = Peer::new(&network, "10.0.0.3:5060");
    (network, alice, bob, carol)
}

fn refusal(alice: &Phone, carol: &Peer, value: &str) -> u16 {
    let invite = take_over(carol, value);
    let refused = carol.expect_final();
    carol.ack_failure(&invite, &refused);
    let rang = alice
        .events()
        .iter()
        .any(|event| matches!(event, parley_sip::endpoint::Event::Incoming { .. }));
    assert!(!rang, "nobody hears of it");
    refused.code()
}

#[test]
fn an_invite_takes_over_a_call_that_is_up() {
    let (_network, alice, bob, carol) = three();
    let (call, _) = outgoing_call(&alice, &bob);
    let invite = take_over(&carol, &name_of(&alice, call, ""));
    let (next, told) = alice.expect_call();
    assert_eq!(told.replaces, Some(call));
    assert_eq!(bob.count("BYE"), 0, "not before it is accepted");
    alice.accept(next);
    let answer = carol.expect_status(200);
    carol.ack(&carol.call_to(&invite, &answer), |_| {});
    assert_eq!(alice.expect_ended(call), EndCause::Replaced);
    bob.reply(&bob.expect("BYE"), 200);
    alice.expect_confirmed(next);
}

#[test]
fn an_invite_takes_over_a_call_of_ours_that_rings_there() {
    let (_network, alice, bob, carol) = three();
    let call = alice.call(BOB_URI);
    let ringing = bob.expect("INVITE");
    bob.reply(&ringing, 180);
    alice.expect_progress(call, 180);
    take_over(&carol, &name_of(&alice, call, ";early-only"));
    let (next, told) = alice.expect_call();
    assert_eq!(told.replaces, Some(call));
    alice.accept(next);
    assert_eq!(alice.expect_ended(call), EndCause::Replaced);
    bob.reply(&bob.expect("CANCEL"), 200);
    bob.reply(&ringing, 487);
    carol.expect_status(200);
}

#[test]
fn a_call_that_rings_here_is_not_taken_over() {
    let (_network, alice, bob, carol) = three();
    bob.invite(ALICE_URI, |_| {});
    let (call, _) = alice.expect_call();
    alice.ring(call);
    let value = name_of(&alice, call, "");
    assert_eq!(refusal(&alice, &carol, &value), 481);
}

#[test]
fn who_wants_only_a_ringing_call_does_not_get_an_answered_one() {
    let (_network, alice, bob, carol) = three();
    let (call, _) = outgoing_call(&alice, &bob);
    let value = name_of(&alice, call, ";early-only");
    assert_eq!(refusal(&alice, &carol, &value), 486);
}

#[test]
fn a_call_that_is_over_is_declined_and_one_that_never_was_does_not_exist() {
    let (_network, alice, bob, carol) = three();
    let (call, _) = outgoing_call(&alice, &bob);
    let value = name_of(&alice, call, "");
    let wrong = value.replace("from-tag=", "from-tag=x");
    assert_eq!(refusal(&alice, &carol, &wrong), 481);
    alice.hang_up(call);
    assert_eq!(refusal(&alice, &carol, &value), 603);
    assert_eq!(refusal(&alice, &carol, "nobody@nowhere;to-tag=a;from-tag=b"), 481);
}

#[test]
fn what_cannot_be_read_is_a_bad_request() {
    let (_network, alice, _bob, carol) = three();
    for value in [
        "",
        "only-a-call-id",
        "x;to-tag=a",
        "x;from-tag=a",
        "x;to-tag=a;to-tag=b;from-tag=c",
        ";to-tag=a;from-tag=b",
    ] {
        assert_eq!(refusal(&alice, &carol, value), 400, "{value}");
    }
    carol.invite(ALICE_URI, |invite| {
        invite.headers.push("Replaces", "a;to-tag=1;from-tag=2");
        invite.headers.push("Replaces", "b;to-tag=1;from-tag=2");
    });
    assert_eq!(carol.expect_final().code(), 400);
}

#[test]
fn a_call_of_another_line_is_not_taken_over() {
    let (_network, alice, bob, carol) = three();
    let (call, _) = outgoing_call(&alice, &bob);
    let mut other = Phone::account("sip:office@10.0.0.1");
    other.register = false;
    other.accept_from_anyone = true;
    alice.with(|e, now| e.set_account(now, parley_sip::endpoint::AccountId(2), other));
    let value = name_of(&alice, call, "");
    carol.invite("sip:office@10.0.0.1", |invite| invite.headers.push("Replaces", value));
    assert_eq!(carol.expect_final().code(), 481);
}

#[test]
fn a_takeover_nobody_accepts_leaves_the_call_as_it_is() {
    let (_network, alice, bob, carol) = three();
    let (call, mut dialog) = outgoing_call(&alice, &bob);
    take_over(&carol, &name_of(&alice, call, ""));
    let (next, _) = alice.expect_call();
    alice.with(|e, now| e.reject(now, next, 603, None));
    carol.expect_status(603);
    alice.expect_ended(next);
    bob.within(&mut dialog, "OPTIONS", |_| {});
    assert_eq!(bob.expect_final().code(), 200);
}

#[test]
fn a_call_that_ended_before_the_takeover_is_accepted_does_no_harm() {
    let (_network, alice, bob, carol) = three();
    let (call, mut dialog) = outgoing_call(&alice, &bob);
    let invite = take_over(&carol, &name_of(&alice, call, ""));
    let (next, _) = alice.expect_call();
    bob.within(&mut dialog, "BYE", |_| {});
    assert_eq!(alice.expect_ended(call), EndCause::HungUpByThem);
    alice.accept(next);
    let answer: Response = carol.expect_status(200);
    carol.ack(&carol.call_to(&invite, &answer), |_| {});
    alice.expect_confirmed(next);
}

#[test]
fn a_pick_up_names_the_dialog_it_takes_over() {
    let (_network, alice, bob) = two();
    let target = ReplacesTarget {
        call_id: "abc@pbx".into(),
        to_tag: "theirs".into(),
        from_tag: "other".into(),
        early_only: true,
    };
    let options = InviteOptions {
        replaces: Some(target.clone()),
        ..InviteOptions::default()
    };
    alice
        .with(|e, now| e.invite(now, LINE, BOB_URI.parse().unwrap(), options))
        .unwrap();
    let invite = bob.expect("INVITE");
    assert_eq!(
        invite.headers.get("Replaces"),
        Some("abc@pbx;to-tag=theirs;from-tag=other;early-only")
    );
    assert_eq!(invite.headers.replaces(), Some(target.clone()));
    assert!(invite.headers.require().contains(&"replaces"));
    for (call_id, tag) in [
        ("a b", "t"),
        ("a;b", "t"),
        ("a\r\nX: y", "t"),
        ("", "t"),
        ("a", ""),
        ("a", "x y"),
    ] {
        let options = InviteOptions {
            replaces: Some(ReplacesTarget {
                call_id: call_id.into(),
                to_tag: tag.into(),
                ..target.clone()
            }),
            ..InviteOptions::default()
        };
        let refused = alice.with(|e, now| e.invite(now, LINE, BOB_URI.parse().unwrap(), options));
        assert_eq!(refused, Err(Refused::BadHeader("Replaces".into())));
    }
}
