//! Calls go on when the network under them changes.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::Request;
use parley_sip::endpoint::{Event, SessionId};
use parley_testkit::{Network, Peer, Phone, sdp};

const NEW: &str = "10.0.0.99:5060";

/// A call by the registrar that is up.
fn in_call() -> (Network, Phone, Peer, SessionId, Request) {
    let (network, alice, pbx) = registered();
    let call = alice.call("sip:600@pbx.example");
    let invite = pbx.expect("INVITE");
    pbx.reply_with(&invite, 200, |response| {
        response.headers.set("Contact", "<sip:600@10.0.0.2:5060>")
    });
    alice.expect_answered(call);
    pbx.expect("ACK");
    (network, alice, pbx, call, invite)
}

fn change(network: &Network, alice: &Phone) {
    network.readdress(ALICE, NEW);
    alice.with(|endpoint, now| endpoint.network_changed(now));
}

/// The address the phone is asked to describe.
fn wanted(alice: &Phone) -> String {
    alice.expect("a wish for an offer", |event| match event {
        Event::OfferWanted { local, .. } => Some(local.to_string()),
        _ => None,
    })
}

#[test]
fn a_call_moves_to_the_new_address_as_soon_as_the_line_is_registered_there() {
    let (network, alice, pbx, call, invite) = in_call();
    change(&network, &alice);
    let before = network.elapsed();
    grant(&pbx, &pbx.expect("REGISTER"), 300);
    assert_eq!(wanted(&alice), "10.0.0.99");
    let again = pbx.expect("INVITE");
    assert!(network.elapsed() - before < seconds(3));
    assert!(contact_of(&again).uri.to_string().contains("10.0.0.99"));
    assert_eq!(again.headers.to().unwrap().tag(), Some("peer5060"));
    assert_eq!(again.headers.call_id(), invite.headers.call_id());
    pbx.reply(&again, 200);
    pbx.expect("ACK");
    alice.hang_up(call);
    pbx.expect("BYE");
}

#[test]
fn a_call_that_was_being_changed_moves_when_that_is_settled() {
    let (network, alice, pbx, call, _) = in_call();
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    let hold = pbx.expect("INVITE");
    change(&network, &alice);
    grant(&pbx, &pbx.expect("REGISTER"), 300);
    network.run_for(seconds(2));
    assert_eq!(pbx.count("INVITE"), 0);
    pbx.reach(&format!("sip:alice@{NEW}").parse().unwrap(), parley_sip::Transport::Udp);
    pbx.reply(&hold, 200);
    assert_eq!(wanted(&alice), "10.0.0.99");
    assert!(contact_of(&pbx.expect("INVITE")).uri.to_string().contains("10.0.0.99"));
}

#[test]
fn a_call_that_rings_moves_when_it_is_answered() {
    let (network, alice, pbx) = registered();
    let call = alice.call("sip:600@pbx.example");
    let invite = pbx.expect("INVITE");
    pbx.reply(&invite, 180);
    alice.expect_progress(call, 180);
    change(&network, &alice);
    grant(&pbx, &pbx.expect("REGISTER"), 300);
    back(&alice);
    pbx.reply_with(&invite, 200, |response| {
        response.headers.set("Contact", "<sip:600@10.0.0.2:5060>")
    });
    alice.expect_answered(call);
    assert_eq!(wanted(&alice), "10.0.0.99");
    assert!(contact_of(&pbx.expect("INVITE")).uri.to_string().contains("10.0.0.99"));
}

#[test]
fn a_call_without_any_server_moves_too() {
    let (network, alice, bob) = two();
    let (_, _) = outgoing_call(&alice, &bob);
    change(&network, &alice);
    assert_eq!(wanted(&alice), "10.0.0.99");
    let again = bob.expect("INVITE");
    assert!(contact_of(&again).uri.to_string().contains("10.0.0.99"));
}

#[test]
fn a_change_that_changes_nothing_for_a_call_is_not_told_to_its_far_end() {
    let (network, alice, pbx, _, _) = in_call();
    alice.with(|endpoint, now| endpoint.network_changed(now));
    grant(&pbx, &pbx.expect("REGISTER"), 300);
    network.run_for(seconds(5));
    assert_eq!(pbx.count("INVITE"), 0);
}

#[test]
fn a_call_with_a_gruu_moves_its_sound_although_its_contact_stays() {
    let network = Network::new(7);
    let pbx = Peer::new(&network, BOB);
    network.name("pbx.example", BOB);
    let alice = Phone::new(&network, ALICE);
    let mut account = Phone::account("sip:alice@pbx.example");
    account.instance_id = Some("urn:uuid:00000000-0000-4000-8000-000000000001".to_owned());
    account.gruu = true;
    alice.set_account(account);
    let gruu = |register: &Request| {
        let contact = contact_of(register).with_param("pub-gruu", Some("sip:alice@pbx.example;gr=1"));
        pbx.reply_with(register, 200, |response| {
            response
                .headers
                .push("Contact", contact.with_param("expires", Some("300")));
        });
    };
    gruu(&pbx.expect("REGISTER"));
    back(&alice);
    let call = alice.call("sip:600@pbx.example");
    let invite = pbx.expect("INVITE");
    pbx.reply_with(&invite, 200, |response| {
        response.headers.set("Contact", "<sip:600@10.0.0.2:5060>")
    });
    alice.expect_answered(call);
    change(&network, &alice);
    gruu(&pbx.expect("REGISTER"));
    assert_eq!(wanted(&alice), "10.0.0.99");
    let again = pbx.expect("INVITE");
    assert_eq!(contact_of(&again).uri, contact_of(&invite).uri);
}

#[test]
fn an_anonymous_call_does_not_tell_in_its_contact_who_calls() {
    let (_network, alice, pbx) = registered();
    let options = parley_sip::endpoint::InviteOptions {
        anonymous: true,
        ..Default::default()
    };
    alice.with(|endpoint, now| {
        let target = "sip:600@pbx.example".parse().unwrap();
        endpoint.invite(now, parley_testkit::LINE, target, options).unwrap();
    });
    let invite = pbx.expect("INVITE");
    assert!(!invite.headers.get("Contact").unwrap().contains("alice"));
}

#[test]
fn a_far_end_that_refuses_to_follow_is_told_again_later() {
    let (network, alice, pbx, call, invite) = in_call();
    pbx.accepts(parley_sip::Method::Options);
    change(&network, &alice);
    grant(&pbx, &pbx.expect("REGISTER"), 300);
    let mut at = Vec::new();
    for _ in 0..3 {
        assert_eq!(wanted(&alice), "10.0.0.99");
        let again = pbx.expect_within("INVITE", seconds(30));
        assert!(contact_of(&again).uri.to_string().contains("10.0.0.99"));
        assert_eq!(again.headers.call_id(), invite.headers.call_id());
        at.push(network.elapsed());
        pbx.reply(&again, 500);
        pbx.expect("ACK");
    }
    assert!(at[2] - at[1] > at[1] - at[0]);
    pbx.reply(&pbx.expect_within("INVITE", seconds(30)), 200);
    pbx.expect("ACK");
    network.run_for(seconds(200));
    assert_eq!(pbx.count("INVITE"), 0);
    alice.hang_up(call);
    pbx.expect("BYE");
}
