//! Absurd input to the user agent core: it never panics, never grows without bound, never loses the call at hand.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::endpoint::EndCause;
use parley_testkit::{Peer, Phone, sdp};

/// A small generator, so that the mutations are the same each time.
struct Lots(u64);

impl Lots {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

fn mutated(bytes: &[u8], lots: &mut Lots) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=lots.below(4) {
        if bytes.len() < 2 {
            break;
        }
        let at = lots.below(bytes.len());
        match lots.below(5) {
            0 => bytes[at] = lots.below(256) as u8,
            1 => drop(bytes.remove(at)),
            2 => bytes.insert(at, b"\r\n;,<>\":@ "[lots.below(10)]),
            3 => bytes.truncate(at.max(1)),
            _ => {
                let end = (at + lots.below(40)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                let to = lots.below(bytes.len());
                bytes.splice(to..to, piece);
            }
        }
    }
    bytes
}

#[test]
fn mutated_messages_of_a_whole_call_do_no_harm() {
    for seed in 0..300 {
        let (network, alice, bob) = two();
        let mut lots = Lots(seed);
        let (call, mut dialog) = outgoing_call(&alice, &bob);
        let reinvite = bob.within(&mut dialog, "INVITE", |i| {
            i.set_body("application/sdp", sdp("10.0.0.2", 5002))
        });
        let info = bob.within(&mut dialog, "INFO", |_| {});
        let answer = reinvite.respond(200, Some("x"));
        for message in [
            reinvite.to_bytes(),
            info.to_bytes(),
            answer.to_bytes(),
            dialog.invite.to_bytes(),
        ] {
            for _ in 0..5 {
                bob.send(mutated(&message, &mut lots));
            }
        }
        network.run_for(seconds(2));
        alice.hang_up(call);
        let cause = alice.expect_ended(call);
        assert!(
            matches!(cause, EndCause::HungUpByUs | EndCause::HungUpByThem),
            "{cause:?}"
        );
    }
}

#[test]
fn a_flood_of_invites_keeps_within_bounds_and_is_over_afterwards() {
    let (network, alice, bob) = two();
    for _ in 0..6000 {
        bob.invite(ALICE_URI, |_| {});
    }
    network.run_for(seconds(1));
    assert!(alice.with(|endpoint, _| endpoint.sessions().count()) <= 32);
    let dropped = alice.with(|endpoint, _| endpoint.counts().flooding);
    assert!(dropped > 5000, "{dropped}: beyond the bound nothing is remembered");
    network.run_for(seconds(700));
    assert!(alice.with(|endpoint, _| endpoint.is_idle()));
}

#[test]
fn a_flood_of_strange_requests_is_over_afterwards() {
    let (network, alice, bob) = two();
    for method in ["OPTIONS", "MESSAGE", "BYE", "CANCEL", "TELEPORT"] {
        for _ in 0..200 {
            bob.request(method, ALICE_URI, |_| {});
        }
    }
    network.run_for(seconds(60));
    assert!(alice.with(|endpoint, _| endpoint.is_idle()));
    assert!(alice.events().is_empty());
}

#[test]
fn answers_to_nothing_and_acks_to_nothing_are_ignored() {
    let (network, alice, bob) = two();
    let (call, dialog) = outgoing_call(&alice, &bob);
    let stray = dialog.invite.respond(200, Some("nobody"));
    for _ in 0..10 {
        bob.send(stray.to_bytes());
        bob.request("ACK", ALICE_URI, |_| {});
    }
    network.run_for(seconds(5));
    alice.hang_up(call);
    alice.expect_ended(call);
    network.run_for(seconds(120));
}

#[test]
fn a_contact_that_is_no_sip_address_leaves_a_call_that_can_be_ended() {
    let (_network, alice, bob): (_, Phone, Peer) = two();
    let call = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    bob.reply_with(&invite, 200, |response| response.headers.set("Contact", "<tel:+1234>"));
    alice.expect_answered(call);
    bob.expect("ACK");
    alice.hang_up(call);
    assert_eq!(alice.expect_ended(call), EndCause::HungUpByUs);
    bob.expect("BYE");
}

#[test]
fn keep_alives_and_noise_are_not_counted_alike() {
    let (network, alice, bob) = two();
    bob.reach(&ALICE_URI.parse().unwrap(), parley_sip::Transport::Udp);
    bob.send(b"\r\n\r\n".to_vec());
    bob.send(b"GET / HTTP/1.1\r\n\r\n".to_vec());
    bob.send(vec![7; 400]);
    network.run_for(seconds(1));
    assert_eq!(alice.with(|endpoint, _| endpoint.counts().malformed), 2);
}
