//! Several servers behind one name (RFC 3263 section 4.3).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::endpoint::{Event, RegistrationFailure, RegistrationState};
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

/// Registered at the second server, because the first one died.
fn at_the_second() -> (Town, Phone) {
    let town = Town::new();
    let alice = town.alice();
    grant(&town.first, &town.first.expect("REGISTER"), 300);
    back(&alice);
    town.network.run_for(seconds(2));
    alice.events();
    town.network.unplug(BOB);
    grant(&town.second, &town.second.expect("REGISTER"), 300);
    assert_eq!(remote(&back(&alice)), OTHER);
    (town, alice)
}

#[test]
fn a_line_goes_back_to_the_server_it_left_at_a_refresh_once_that_one_is_alive() {
    let (town, alice) = at_the_second();
    town.network.plug_in(BOB);
    town.first.count("");
    let refresh = town.second.expect_within("REGISTER", seconds(300));
    grant(&town.second, &refresh, 300);
    let register = town.first.expect("REGISTER");
    assert!(register.headers.has("Contact"));
    grant(&town.first, &register, 300);
    alice.expect("back", |event| match event {
        Event::Registration {
            state: state @ RegistrationState::Registered { flow, .. },
            ..
        } if flow.remote.to_string() == BOB => Some(state.clone()),
        _ => None,
    });
    let events = alice.events();
    assert!(!format!("{events:?}").contains("Failed"), "{events:?}");
}

#[test]
fn a_line_stays_where_it_is_while_the_server_it_left_is_dead() {
    let (town, alice) = at_the_second();
    town.second.accepts(Method::Register);
    town.network.run_for(seconds(3600));
    let events = alice.events();
    assert!(!format!("{events:?}").contains("Failed"), "{events:?}");
    let tried = town.network.trace().matches("10.0.0.2:5060 UDP  REGISTER").count();
    assert!(tried <= 80, "seldom: {tried}");
}

#[test]
fn a_line_does_not_go_back_during_a_call() {
    let (town, alice) = at_the_second();
    town.network.plug_in(BOB);
    town.first.count("");
    let invite = town.second.invite("sip:alice@10.0.0.1", |_| {});
    let (call, _) = alice.expect_call();
    alice.accept(call);
    let answer = town.second.expect_status(200);
    town.second.ack(&town.second.call_to(&invite, &answer), |_| {});
    alice.expect_confirmed(call);
    for _ in 0..2 {
        grant(&town.second, &town.second.expect_within("REGISTER", seconds(300)), 300);
    }
    assert_eq!((town.first.count("REGISTER"), town.first.read_back()), (0, 0));
    alice.hang_up(call);
    grant(&town.second, &town.second.expect_within("REGISTER", seconds(300)), 300);
    town.first.expect("REGISTER");
}

#[test]
fn a_server_that_fails_again_after_the_line_came_back_is_left_alone_for_longer_each_time() {
    let (town, alice) = at_the_second();
    town.second.accepts(Method::Register);
    let mut stays = Vec::new();
    for _ in 0..3 {
        town.network.plug_in(BOB);
        town.first.count("");
        let since = town.network.elapsed();
        grant(&town.first, &town.first.expect_within("REGISTER", seconds(7200)), 300);
        stays.push(town.network.elapsed() - since);
        town.network.run_for(seconds(5));
        town.network.unplug(BOB);
        alice.events();
        failure(&alice);
        back(&alice);
    }
    assert!(stays[1] > seconds(230) && stays[2] > seconds(900), "{stays:?}");
}
