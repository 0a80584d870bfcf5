//! One INVITE, several phones (RFC 3261 sections 12.1 and 13.2.2.4).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::endpoint::{EarlyDialog, Event};
use parley_testkit::{Phone, sdp};

fn rings_at(alice: &Phone) -> EarlyDialog {
    alice.expect("ringing", |event| match event {
        Event::Progress { dialog, .. } => Some(dialog.clone()),
        _ => None,
    })
}

#[test]
fn each_phone_that_rings_is_an_early_dialog_of_its_own() {
    let (_network, alice, bob) = two();
    alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    bob.speaks_as("kitchen");
    bob.reply(&invite, 180);
    let kitchen = rings_at(&alice);
    bob.speaks_as("study");
    bob.reply_with(&invite, 183, |response| {
        response.set_body("application/sdp", sdp("10.0.0.2", 7000))
    });
    let study = rings_at(&alice);
    bob.speaks_as("kitchen");
    bob.reply(&invite, 180);
    assert_eq!(rings_at(&alice), kitchen);
    assert_ne!(kitchen, study);
}

#[test]
fn the_phone_that_answers_gets_the_call_by_its_own_route() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    for phone in ["kitchen", "study"] {
        bob.speaks_as(phone);
        bob.reply_with(&invite, 180, |response| {
            response.headers.set("Contact", format!("<sip:{phone}@10.0.0.2>"))
        });
    }
    bob.speaks_as("study");
    bob.reply_with(&invite, 200, |response| {
        response.headers.set("Contact", "<sip:study@10.0.0.2>")
    });
    alice.expect_answered(call);
    let ack = bob.expect("ACK");
    assert_eq!(ack.uri.to_string(), "sip:study@10.0.0.2");
    assert_eq!(ack.headers.to().unwrap().tag(), Some("study"));
}

#[test]
fn a_second_answer_gets_ack_and_bye_and_the_first_goes_on() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    bob.speaks_as("kitchen");
    let first = bob.reply(&invite, 200);
    alice.expect_answered(call);
    assert_eq!(bob.expect("ACK").headers.to().unwrap().tag(), Some("kitchen"));
    bob.speaks_as("study");
    let second = bob.reply(&invite, 200);
    assert_eq!(bob.expect("ACK").headers.to().unwrap().tag(), Some("study"));
    let bye = bob.expect("BYE");
    assert_eq!(bye.headers.to().unwrap().tag(), Some("study"));
    bob.reply(&bye, 200);
    bob.send(second.to_bytes());
    assert_eq!(bob.expect("ACK").headers.to().unwrap().tag(), Some("study"));
    assert!(alice.events().is_empty(), "the person hears of one answer only");
    let mut dialog = bob.call_from(&invite, &first);
    bob.within(&mut dialog, "BYE", |_| {});
    alice.expect_ended(call);
}

#[test]
fn more_phones_than_anybody_has_do_not_grow_memory() {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    for phone in 0..500 {
        bob.speaks_as(&format!("phone{phone}"));
        bob.reply(&invite, 180);
    }
    bob.speaks_as("phone499");
    bob.reply(&invite, 200);
    alice.expect_answered(call);
    assert_eq!(bob.expect("ACK").headers.to().unwrap().tag(), Some("phone499"));
}

#[test]
fn answers_of_more_phones_than_anybody_has_are_not_all_served() {
    let (network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    for phone in 0..500 {
        bob.speaks_as(&format!("phone{phone}"));
        bob.reply_with(&invite, 200, |response| {
            response.headers.set("Contact", "<sip:bob@10.0.0.2>")
        });
    }
    alice.expect_answered(call);
    network.run_for(seconds(1));
    let served = bob.count("ACK");
    assert!((2..=40).contains(&served), "{served} phones");
}

#[test]
fn a_phone_that_only_rings_is_told_what_we_cannot_do_and_keeps_its_dialog() {
    let (network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    let ringing = bob.reply(&invite, 180);
    alice.expect_progress(call, 180);
    let mut early = bob.call_from(&invite, &ringing);
    for (method, code) in [
        ("UPDATE", 200),
        ("PRACK", 400),
        ("BYE", 481),
        ("PUBLISH", 405),
        ("OPTIONS", 200),
        ("INFO", 200),
        ("INVITE", 491),
    ] {
        bob.within(&mut early, method, |_| {});
        assert_eq!(bob.expect_final().code(), code, "{method}");
    }
    bob.reply(&invite, 200);
    alice.expect_answered(call);
    network.run_for(seconds(40));
    assert!(alice.with(|endpoint, _| endpoint.sessions().count()) == 1);
}
