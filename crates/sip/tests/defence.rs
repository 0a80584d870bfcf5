//! Strangers, scanners and floods.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::Transport;
use parley_sip::endpoint::{Counts, Event};
use parley_testkit::{LINE, Network, Peer, Phone};

const STRANGER: &str = "10.0.0.66:5060";

fn counts(alice: &Phone) -> Counts {
    alice.with(|endpoint, _| endpoint.counts())
}

#[test]
fn a_stranger_gets_no_answer_to_anything_and_takes_no_room() {
    let (network, alice, _pbx) = registered();
    network.run_for(seconds(10));
    let stranger = Peer::new(&network, STRANGER);
    for method in [
        "INVITE",
        "OPTIONS",
        "MESSAGE",
        "CANCEL",
        "NOTIFY",
        "SUBSCRIBE",
        "REFER",
        "PUBLISH",
        "FOO",
    ] {
        stranger.request(method, ALICE_URI, |_| {});
    }
    let lost = |request: &mut parley_sip::Request| request.headers.set("To", format!("<{ALICE_URI}>;tag=gone"));
    for method in ["INVITE", "BYE"] {
        stranger.request(method, ALICE_URI, lost);
    }
    stranger.reach(&ALICE_URI.parse().unwrap(), Transport::Udp);
    stranger.send(
        b"OPTIONS sip:alice@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.66;branch=z9hG4bKx\r\nCSeq: none\r\n\r\n"
            .to_vec(),
    );
    network.run_for(seconds(1));
    assert!(!network.trace().contains("-> 10.0.0.66"), "{}", network.trace());
    assert!(alice.with(|endpoint, _| endpoint.is_idle()));
    let heard = alice.events();
    let of_the_line = |event: &Event| matches!(event, Event::Registration { .. });
    assert!(heard.iter().all(of_the_line), "{heard:?}");
    let counts = counts(&alice);
    assert_eq!((counts.ghost_calls, counts.strangers, counts.malformed), (2, 9, 1));
}

#[test]
fn a_ghost_call_that_is_repeated_counts_once() {
    let (network, alice, _pbx) = registered();
    let stranger = Peer::new(&network, STRANGER);
    let invite = stranger.invite(ALICE_URI, |_| {});
    for _ in 0..6 {
        stranger.send(invite.to_bytes());
    }
    network.run_for(seconds(1));
    assert_eq!(counts(&alice).ghost_calls, 1);
    stranger.invite(ALICE_URI, |_| {});
    network.run_for(seconds(1));
    assert_eq!(counts(&alice).ghost_calls, 2);
}

#[test]
fn who_knows_the_contact_that_was_registered_has_it_from_the_registrar() {
    let network = Network::new(7);
    let pbx = Peer::new(&network, BOB);
    network.name("pbx.example", BOB);
    let alice = Phone::registering(&network, ALICE, "sip:alice@pbx.example");
    let register = pbx.expect("REGISTER");
    grant(&pbx, &register, 300);
    back(&alice);
    let elsewhere = Peer::new(&network, "10.0.0.44:5060");
    elsewhere.invite(&contact_of(&register).uri.to_string(), |_| {});
    alice.expect_call();
    assert_eq!(counts(&alice).ghost_calls, 0);
}

#[test]
fn the_servers_of_the_route_to_calls_are_our_own_too() {
    let network = Network::new(7);
    let pbx = Peer::new(&network, BOB);
    network.name("pbx.example", BOB);
    let alice = Phone::registering(&network, ALICE, "sip:alice@pbx.example");
    let register = pbx.expect("REGISTER");
    let contact = contact_of(&register).with_param("expires", Some("300"));
    pbx.reply_with(&register, 200, |response| {
        response.headers.push("Contact", contact);
        response
            .headers
            .push("Service-Route", "<sip:10.0.0.31;lr>, <sip:10.0.0.32:5080;lr>");
    });
    back(&alice);
    for server in ["10.0.0.31:5060", "10.0.0.32:5060"] {
        Peer::new(&network, server).invite(ALICE_URI, |_| {});
        alice.expect_call();
    }
}

#[test]
fn a_source_that_floods_is_cut_off_and_may_come_back() {
    let network = Network::new(7);
    let alice = Phone::direct(&network, ALICE, ALICE_URI);
    let (flood, friend) = (Peer::new(&network, STRANGER), Peer::new(&network, BOB));
    for _ in 0..1000 {
        flood.request("OPTIONS", ALICE_URI, |_| {});
    }
    network.run_for(seconds(1));
    let answered = flood.count("200");
    assert!((200..=260).contains(&answered), "{answered}");
    assert_eq!(counts(&alice).flooding, 1000 - answered as u64);
    friend.invite(ALICE_URI, |_| {});
    alice.expect_call();
    network.run_for(seconds(5));
    flood.request("OPTIONS", ALICE_URI, |_| {});
    flood.expect_status(200);
}

#[test]
fn a_flood_does_not_end_the_calls_there_are() {
    let (network, alice, bob) = two();
    let (call, mut theirs) = outgoing_call(&alice, &bob);
    for _ in 0..400 {
        bob.request("OPTIONS", ALICE_URI, |_| {});
    }
    network.run_for(seconds(1));
    assert!(counts(&alice).flooding > 0);
    bob.within(&mut theirs, "BYE", |_| {});
    alice.expect_ended(call);
}

#[test]
fn sources_without_number_take_no_room_without_bound() {
    let network = Network::new(7);
    let alice = Phone::direct(&network, ALICE, ALICE_URI);
    for a in 0..5u8 {
        for b in 1..=250u8 {
            Peer::new(&network, &format!("10.9.{a}.{b}:5060")).request("OPTIONS", ALICE_URI, |_| {});
        }
    }
    network.run_for(seconds(1));
    assert_eq!(counts(&alice).flooding, 0);
    network.run_for(seconds(40));
    assert!(alice.with(|endpoint, _| endpoint.is_idle()));
}

#[test]
fn after_the_account_is_gone_its_server_is_a_stranger() {
    let (network, alice, pbx) = registered();
    alice.with(|endpoint, now| endpoint.remove_account(now, LINE));
    network.run_for(seconds(1));
    alice.events();
    pbx.invite(ALICE_URI, |_| {});
    network.run_for(seconds(1));
    assert!(
        !alice
            .events()
            .iter()
            .any(|event| matches!(event, Event::Incoming { .. }))
    );
    assert_eq!(counts(&alice).ghost_calls, 1);
}

fn made_up(request: &mut parley_sip::Request) {
    request.headers.set("To", format!("<{ALICE_URI}>;tag=gone"));
}

#[test]
fn a_made_up_dialog_does_not_get_around_what_a_source_may_send() {
    for method in ["INVITE", "BYE"] {
        let network = Network::new(7);
        let alice = Phone::direct(&network, ALICE, ALICE_URI);
        let flood = Peer::new(&network, STRANGER);
        for _ in 0..1000 {
            flood.request(method, ALICE_URI, made_up);
        }
        network.run_for(seconds(1));
        assert!(alice.with(|endpoint, _| endpoint.is_idle()));
        network.run_for(seconds(40));
        let answered = flood.count("481");
        assert!((200..=260).contains(&answered), "{answered}");
        assert_eq!(counts(&alice).flooding, 1000 - answered as u64);
    }
}

#[test]
fn our_own_server_hears_once_that_a_dialog_is_gone() {
    let (network, alice, pbx) = registered();
    let invite = pbx.request("INVITE", ALICE_URI, made_up);
    network.run_for(seconds(40));
    assert_eq!(pbx.count("481"), 1);
    pbx.send(invite.to_bytes());
    network.run_for(seconds(1));
    assert_eq!(pbx.count("481"), 1);
    assert!(alice.with(|endpoint, _| endpoint.is_idle()));
}

#[test]
fn a_goodbye_that_is_said_again_is_answered_again_when_the_call_is_gone() {
    let (network, alice, bob) = two();
    let (call, mut theirs) = outgoing_call(&alice, &bob);
    let bye = bob.within(&mut theirs, "BYE", |_| {});
    alice.expect_ended(call);
    bob.send(bye.to_bytes());
    network.run_for(seconds(1));
    assert_eq!(bob.count("200"), 2);
}
