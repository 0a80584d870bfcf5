//! Answers we owe when the connection they were asked for on is gone (RFC 3261 section 18.2.2).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::endpoint::SessionId;
use parley_sip::{Method, Request, Transport};
use parley_testkit::{Network, Peer, Phone};

const OTHER: &str = "10.0.0.3:5060";

/// A phone that is registered by TCP at the first of two servers, and rings for a call from there.
fn ringing() -> (Network, Phone, Peer, Peer, Request, SessionId) {
    let network = Network::new(3);
    let (first, second) = (Peer::new(&network, BOB), Peer::new(&network, OTHER));
    for peer in [&first, &second] {
        peer.accepts(Method::Options);
    }
    network.names("pbx.example", &[BOB, OTHER]);
    let alice = Phone::new(&network, ALICE);
    let mut account = Phone::account("sip:alice@pbx.example");
    account.transport = Some(Transport::Tcp);
    alice.set_account(account);
    grant(&first, &first.expect("REGISTER"), 300);
    back(&alice);
    let invite = first.invite("sip:alice@10.0.0.1", |_| {});
    let (call, _) = alice.expect_call();
    alice.ring(call);
    first.expect_status(180);
    (network, alice, first, second, invite, call)
}

#[test]
fn after_the_line_moved_to_another_server_the_answer_still_goes_to_whoever_asked() {
    let (network, alice, first, second, invite, call) = ringing();
    network.break_connections(BOB);
    grant(&second, &second.expect("REGISTER"), 300);
    back(&alice);
    second.count("");
    alice.accept(call);
    let answer = first.expect_status(200);
    assert_eq!(answer.headers.call_id(), invite.headers.call_id());
    first.ack(&first.call_to(&invite, &answer), |_| {});
    alice.expect_confirmed(call);
    network.run_for(seconds(40));
    assert_eq!(second.count("200"), 0, "the next server knows nothing of this call");
}

#[test]
fn an_answer_waits_for_its_server_and_goes_to_no_other() {
    let (network, alice, first, second, invite, call) = ringing();
    network.unplug(BOB);
    network.break_connections(BOB);
    grant(&second, &second.expect("REGISTER"), 300);
    back(&alice);
    alice.accept(call);
    network.run_for(seconds(6));
    assert_eq!(second.count("200"), 0);
    network.plug_in(BOB);
    let answer = first.expect_status(200);
    assert_eq!(answer.headers.call_id(), invite.headers.call_id());
    assert_eq!(second.count("200"), 0);
}

#[test]
fn a_refusal_that_was_not_acknowledged_when_the_connection_broke_is_sent_again() {
    let (network, alice, first, _second, invite, call) = ringing();
    alice.with(|endpoint, now| endpoint.reject(now, call, 486, None));
    first.expect_status(486);
    network.break_connections(BOB);
    let again = first.expect_status(486);
    first.ack_failure(&invite, &again);
    network.run_for(seconds(40));
    assert_eq!(first.count("486"), 0);
}

#[test]
fn answers_go_to_the_port_the_sender_listens_on_and_not_to_the_one_it_called_from() {
    let network = Network::new(3);
    let alice = Phone::direct(&network, ALICE, ALICE_URI);
    let bob = Peer::new(&network, BOB);
    bob.reach(&ALICE_URI.parse().unwrap(), Transport::Tcp);
    let invite = bob.invite(ALICE_URI, |_| {});
    let (call, _) = alice.expect_call();
    network.break_connections(BOB);
    alice.accept(call);
    let answer = bob.expect_status(200);
    assert_eq!(answer.headers.call_id(), invite.headers.call_id());
    let flow = bob.flow().unwrap();
    assert_eq!((flow.transport, flow.local.to_string().as_str()), (Transport::Tcp, BOB));
}
