//! Several servers behind one name (RFC 3263 section 4.3).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::endpoint::{RegistrationFailure, RegistrationState};
use parley_sip::{Method, Transport};
use parley_testkit::{Network, Peer, Phone};

const OTHER: &str = "10.0.0.3:5060";

struct Town {
    network: Network,
    first: Peer,
    second: Peer,
}

impl Town {
    fn new() -> Self {
        let network = Network::new(3);
        let (first, second) = (Peer::new(&network, BOB), Peer::new(&network, OTHER));
        for peer in [&first, &second] {
            peer.accepts(Method::Options);
        }
        network.names("pbx.example", &[BOB, OTHER]);
        Self { network, first, second }
    }

    fn alice(&self) -> Phone {
        Phone::registering(&self.network, ALICE, "sip:alice@pbx.example")
    }
}

fn remote(state: &RegistrationState) -> String {
    match state {
        RegistrationState::Registered { flow, .. } => flow.remote.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_server_that_keeps_silent_is_left_for_the_next_after_a_few_seconds() {
    let town = Town::new();
    town.network.unplug(BOB);
    let alice = town.alice();
    grant(&town.second, &town.second.expect("REGISTER"), 300);
    let state = alice.expect_registration();
    assert_eq!(remote(&state), OTHER);
    assert!(town.network.elapsed() < seconds(5), "{:?}", town.network.elapsed());
}

#[test]
fn one_that_is_overloaded_is_left_at_once_and_for_as_long_as_it_says() {
    let town = Town::new();
    let alice = town.alice();
    let register = town.first.expect("REGISTER");
    town.first
        .reply_with(&register, 503, |response| response.headers.push("Retry-After", 120));
    grant(&town.second, &town.second.expect("REGISTER"), 60);
    assert_eq!(remote(&alice.expect_registration()), OTHER);
    assert!(town.network.elapsed() < seconds(1));
    // Asked anew, the first one is still avoided.
    alice.with(|endpoint, now| endpoint.register_now(now, parley_testkit::LINE));
    town.second.expect("REGISTER");
    assert_eq!(town.first.count("REGISTER"), 0);
}

#[test]
fn when_all_are_overloaded_it_waits_as_the_last_one_says() {
    let town = Town::new();
    let alice = town.alice();
    for peer in [&town.first, &town.second] {
        let register = peer.expect("REGISTER");
        peer.reply_with(&register, 503, |response| response.headers.push("Retry-After", 50));
    }
    let (why, retry_in) = failure(&alice);
    assert!(matches!(why, RegistrationFailure::ServerTrouble { code: 503, .. }));
    assert!((seconds(50)..seconds(56)).contains(&retry_in.unwrap()));
    town.network.run_for(seconds(49));
    assert_eq!(town.first.count("REGISTER") + town.second.count("REGISTER"), 0);
}

#[test]
fn a_server_that_wants_to_be_left_alone_is_even_when_the_network_changes() {
    let network = Network::new(3);
    let pbx = Peer::new(&network, BOB);
    network.name("pbx.example", BOB);
    let alice = Phone::registering(&network, ALICE, "sip:alice@pbx.example");
    let register = pbx.expect("REGISTER");
    pbx.reply_with(&register, 503, |response| response.headers.push("Retry-After", 60));
    failure(&alice);
    network.run_for(seconds(10));
    alice.with(|endpoint, now| endpoint.network_changed(now));
    network.run_for(seconds(40));
    assert_eq!(pbx.count("REGISTER"), 0);
    alice.with(|endpoint, now| endpoint.register_now(now, parley_testkit::LINE));
    pbx.expect("REGISTER");
}

#[test]
fn a_server_that_dies_later_is_left_for_the_next() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let town = Town::new();
        let alice = Phone::new(&town.network, ALICE);
        let mut account = Phone::account("sip:alice@pbx.example");
        account.transport = Some(transport);
        alice.set_account(account);
        grant(&town.first, &town.first.expect("REGISTER"), 300);
        assert_eq!(remote(&alice.expect_registration()), BOB);
        town.network.unplug(BOB);
        let cut = town.network.elapsed();
        grant(&town.second, &town.second.expect("REGISTER"), 300);
        let state = back(&alice);
        assert_eq!(remote(&state), OTHER);
        assert!(town.network.elapsed() - cut < seconds(50));
    }
}

#[test]
fn a_refused_connection_is_no_reason_to_give_up() {
    let town = Town::new();
    town.network.refuse_tcp(BOB);
    let alice = Phone::new(&town.network, ALICE);
    let mut account = Phone::account("sip:alice@pbx.example");
    account.transport = Some(Transport::Tcp);
    alice.set_account(account);
    grant(&town.second, &town.second.expect("REGISTER"), 300);
    assert_eq!(remote(&alice.expect_registration()), OTHER);
}

#[test]
fn a_server_that_is_only_slow_keeps_its_registration_when_there_is_no_other() {
    let network = Network::new(3);
    let pbx = Peer::new(&network, BOB);
    network.name("pbx.example", BOB);
    let alice = Phone::registering(&network, ALICE, "sip:alice@pbx.example");
    let register = pbx.expect("REGISTER");
    network.run_for(seconds(15));
    grant(&pbx, &register, 300);
    assert_eq!(remote(&alice.expect_registration()), BOB);
}

#[test]
fn what_no_server_of_that_name_will_do_is_not_asked_of_the_next() {
    let town = Town::new();
    let alice = town.alice();
    town.first.reply(&town.first.expect("REGISTER"), 404);
    assert_eq!(failure(&alice).0, RegistrationFailure::NoSuchUser);
    assert_eq!(town.second.count("REGISTER"), 0);
}

#[test]
fn a_call_comes_from_any_of_the_servers() {
    let town = Town::new();
    let alice = town.alice();
    let register = town.first.expect("REGISTER");
    grant(&town.first, &register, 300);
    alice.expect_registration();
    town.second.invite("sip:alice@10.0.0.1", |_| {});
    alice.expect_call();
}
