//! Sent on to another address, both ways (RFC 3261 sections 8.1.3.4 and 21.3).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::NameAddr;
use parley_sip::endpoint::EndCause;

fn refused_with(code: u16, contacts: &[&str]) -> EndCause {
    let (_network, alice, bob) = two();
    let call = alice.call(BOB_URI);
    bob.reply_with(&bob.expect("INVITE"), code, |response| {
        for contact in contacts {
            response.headers.push("Contact", contact);
        }
    });
    bob.expect("ACK");
    let cause = alice.expect_ended(call);
    assert_eq!(bob.count("INVITE"), 0, "nothing is tried by itself");
    cause
}

fn targets(cause: &EndCause) -> Vec<String> {
    match cause {
        EndCause::Redirected { targets, .. } => targets.iter().map(|target| target.uri.to_string()).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_addresses_of_a_redirection_are_told_best_first() {
    let cause = refused_with(
        302,
        &[
            "<sip:voicemail@10.0.0.9>;q=0.1, <sip:mobile@10.0.0.9>;q=0.7",
            "\"Carol\" <sip:carol@10.0.0.9>",
            "<tel:+4930123>;q=0.5",
            "<mailto:bob@example.org>;q=1",
            "<sip:never@10.0.0.9>;q=0",
        ],
    );
    assert_eq!(
        targets(&cause),
        [
            "sip:carol@10.0.0.9",
            "sip:mobile@10.0.0.9",
            "tel:+4930123",
            "sip:voicemail@10.0.0.9"
        ]
    );
    assert!(
        matches!(&cause, EndCause::Redirected { code: 302, targets } if targets[0].name.as_deref() == Some("Carol"))
    );
}

#[test]
fn a_redirection_to_nowhere_is_a_refusal() {
    for contacts in [
        &[][..],
        &["<mailto:bob@example.org>"],
        &["*"],
        &["<sip:x@10.0.0.9>;q=0"],
    ] {
        assert!(matches!(
            refused_with(302, contacts),
            EndCause::Rejected { code: 302, .. }
        ));
    }
}

#[test]
fn a_proxy_of_somebody_elses_choice_is_not_used() {
    let cause = refused_with(305, &["<sip:10.0.0.66;lr>"]);
    assert!(matches!(cause, EndCause::Rejected { code: 305, .. }));
}

#[test]
fn more_addresses_than_anybody_tries_are_not_told() {
    let many: Vec<String> = (0..100).map(|n| format!("<sip:{n}@10.0.0.9>")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(targets(&refused_with(300, &many)).len(), 16);
}

#[test]
fn a_call_is_sent_on_in_the_order_given() {
    let (_network, alice, bob) = two();
    let invite = bob.invite(ALICE_URI, |_| {});
    let (call, _) = alice.expect_call();
    alice.ring(call);
    let targets = ["sip:carol@10.0.0.3", "sip:voicemail@10.0.0.9"]
        .map(|uri| NameAddr::new(uri.parse::<parley_sip::Uri>().unwrap()));
    alice.with(|e, now| e.redirect(now, call, targets.to_vec()));
    let moved = bob.expect_final();
    bob.ack_failure(&invite, &moved);
    assert_eq!(moved.code(), 302);
    let contacts = moved.headers.contacts();
    assert_eq!(contacts.len(), 2);
    assert!(contacts[0].q() > contacts[1].q() && contacts[1].q() > 0);
    assert_eq!(contacts[0].uri.to_string(), "sip:carol@10.0.0.3");
    assert_eq!(alice.expect_ended(call), EndCause::Declined);
}
