//! "Reachable, proven so many seconds ago": how it is known, and how fast it is true again.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::endpoint::{Event, RegistrationFailure, RegistrationState};
use parley_sip::{Method, Transport};
use parley_testkit::{Conditions, Network, Peer, Phone};

/// When the server last answered, each time it is told.
fn proofs(phone: &Phone) -> Vec<std::time::Instant> {
    let told = phone.events().into_iter().filter_map(|event| match event {
        Event::Registration {
            state: RegistrationState::Registered { proven, .. },
            ..
        } => Some(proven),
        _ => None,
    });
    told.collect()
}

fn by_tcp() -> (Network, Phone, Peer) {
    let network = Network::new(3);
    let pbx = Peer::new(&network, BOB);
    pbx.accepts(Method::Options);
    network.name("pbx.example", BOB);
    let alice = Phone::new(&network, ALICE);
    let mut account = Phone::account("sip:alice@pbx.example");
    account.transport = Some(Transport::Tcp);
    alice.set_account(account);
    grant(&pbx, &pbx.expect("REGISTER"), 3600);
    back(&alice);
    (network, alice, pbx)
}

#[test]
fn the_way_to_the_server_is_proven_every_half_minute() {
    let (network, alice, _pbx) = registered();
    let start = network.now();
    network.run_for(seconds(130));
    let told: Vec<u64> = proofs(&alice)
        .iter()
        .map(|proven| (*proven - start).as_secs())
        .collect();
    assert_eq!(told.len(), 5, "{told:?}");
    assert!(
        told.windows(2).all(|pair| (27..=34).contains(&(pair[1] - pair[0]))),
        "{told:?}"
    );
}

#[test]
fn any_answer_proves_it_whatever_it_says() {
    let network = Network::new(7);
    let pbx = Peer::new(&network, BOB);
    network.name("pbx.example", BOB);
    let alice = Phone::registering(&network, ALICE, "sip:alice@pbx.example");
    grant(&pbx, &pbx.expect("REGISTER"), 3600);
    back(&alice);
    for code in [401, 404, 405, 483, 501, 200] {
        let options = pbx.expect("OPTIONS");
        assert_eq!(options.uri.to_string(), "sip:pbx.example");
        assert!(options.headers.authorization().is_empty());
        pbx.reply(&options, code);
        back(&alice);
    }
    assert_eq!(pbx.count("REGISTER"), 0);
}

#[test]
fn a_lost_datagram_or_two_are_no_reason_to_worry() {
    let (network, alice, pbx) = registered();
    network.set_conditions(Conditions {
        loss: 0.2,
        ..Conditions::good()
    });
    network.run_for(seconds(170));
    let events = alice.events();
    assert!(!format!("{events:?}").contains("Failed"), "{events:?}");
    assert_eq!(pbx.count("REGISTER"), 0);
}

#[test]
fn a_network_that_swallows_everything_is_noticed_and_left_within_three_seconds_of_being_back() {
    for outage in [1, 7, 20, 45, 90] {
        let (network, alice, pbx) = registered();
        network.unplug(BOB);
        let before = network.elapsed();
        let (why, retry_in) = failure(&alice);
        assert_eq!(why, RegistrationFailure::NoAnswer);
        assert!(retry_in.unwrap() <= seconds(1));
        assert!(
            network.elapsed() - before <= seconds(39),
            "{:?}",
            network.elapsed() - before
        );
        network.run_for(seconds(outage));
        network.plug_in(BOB);
        let back_since = network.elapsed();
        pbx.count("");
        grant(&pbx, &pbx.expect("REGISTER"), 300);
        back(&alice);
        assert!(
            network.elapsed() - back_since <= seconds(3),
            "after {outage} s\n{}",
            network.trace()
        );
    }
}

#[test]
fn a_registrar_that_stays_away_is_not_hammered() {
    let (network, alice, pbx) = registered();
    network.unplug(BOB);
    failure(&alice);
    network.run_for(seconds(300));
    let sent = |network: &Network| network.trace().matches("REGISTER sip:pbx.example").count();
    let before = sent(&network);
    network.run_for(seconds(3600));
    // REGISTER is sent eleven times in 32 s, then there is a minute's pause.
    let hourly = sent(&network) - before;
    assert!((200..=800).contains(&hourly), "{hourly}");
    network.plug_in(BOB);
    let back_since = network.elapsed();
    pbx.count("");
    grant(&pbx, &pbx.expect("REGISTER"), 300);
    back(&alice);
    assert!(network.elapsed() - back_since <= seconds(62));
}

#[test]
fn after_a_change_of_the_network_it_goes_at_once() {
    let (network, alice, pbx) = registered();
    network.readdress(ALICE, "10.0.0.99:5060");
    network.run_for(seconds(1));
    alice.with(|endpoint, now| endpoint.network_changed(now));
    let changed = network.elapsed();
    let register = pbx.expect("REGISTER");
    assert!(network.elapsed() - changed < seconds(1));
    let contacts = register.headers.contacts();
    assert_eq!(contacts[0].uri.host().unwrap().to_string(), "10.0.0.99");
    assert_eq!(
        (
            contacts[1].uri.host().unwrap().to_string().as_str(),
            contacts[1].expires()
        ),
        ("10.0.0.1", Some(0))
    );
    grant(&pbx, &register, 300);
    back(&alice);
}

#[test]
fn without_any_network_it_asks_again_and_again_and_is_there_when_it_is_back() {
    let (network, alice, pbx) = registered();
    network.unplug(ALICE);
    alice.with(|endpoint, now| endpoint.network_changed(now));
    assert_eq!(failure_of(&alice), RegistrationFailure::NoAnswer);
    network.run_for(seconds(33));
    network.plug_in(ALICE);
    let plugged = network.elapsed();
    alice.with(|endpoint, now| endpoint.network_changed(now));
    pbx.count("");
    grant(&pbx, &pbx.expect("REGISTER"), 300);
    back(&alice);
    assert!(network.elapsed() - plugged < seconds(1));
}

fn failure_of(phone: &Phone) -> RegistrationFailure {
    failure(phone).0
}

#[test]
fn a_wrong_password_is_not_tried_again_because_the_network_changed() {
    let network = Network::new(3);
    let pbx = Peer::new(&network, BOB);
    network.name("pbx.example", BOB);
    let alice = Phone::registering(&network, ALICE, "sip:alice@pbx.example");
    for nonce in ["n1", "n2"] {
        let register = pbx.expect("REGISTER");
        pbx.reply_with(&register, 401, |response| {
            let challenge = format!(r#"Digest realm="pbx.example", nonce="{nonce}", qop="auth""#);
            response.headers.push("WWW-Authenticate", challenge);
        });
    }
    assert_eq!(failure(&alice), (RegistrationFailure::WrongPassword, None));
    alice.with(|endpoint, now| endpoint.network_changed(now));
    pbx.expect_no("REGISTER");
}

#[test]
fn a_connection_that_died_without_a_word_is_closed_and_made_anew() {
    let (network, alice, pbx) = by_tcp();
    network.stall(BOB);
    let before = network.elapsed();
    assert_eq!(
        failure_of(&alice),
        RegistrationFailure::Unreachable(parley_sip::endpoint::TransportError::TimedOut)
    );
    assert!(network.elapsed() - before < seconds(45));
    let since = network.elapsed();
    let register = pbx.expect("REGISTER");
    grant(&pbx, &register, 300);
    back(&alice);
    assert!(network.elapsed() - since < seconds(2));
    assert_eq!(pbx.closed(), 1, "the old connection is closed");
}

#[test]
fn after_a_change_of_the_network_a_dead_connection_does_not_hold_it_up() {
    let (network, alice, pbx) = by_tcp();
    network.stall(BOB);
    alice.with(|endpoint, now| endpoint.network_changed(now));
    let since = network.elapsed();
    grant(&pbx, &pbx.expect("REGISTER"), 300);
    back(&alice);
    assert!(network.elapsed() - since <= seconds(3));
}

#[test]
fn a_connection_that_survived_a_change_of_the_network_is_kept() {
    let (network, alice, pbx) = by_tcp();
    alice.with(|endpoint, now| endpoint.network_changed(now));
    grant(&pbx, &pbx.expect("REGISTER"), 300);
    back(&alice);
    network.run_for(seconds(20));
    assert_eq!(pbx.closed(), 0);
}

#[test]
fn a_server_that_thinks_long_about_register_is_waited_for() {
    let (network, alice, pbx) = registered();
    let register = pbx.expect_within("REGISTER", seconds(300));
    network.run_for(seconds(12));
    grant(&pbx, &register, 300);
    network.run_for(seconds(1));
    let events = alice.events();
    assert!(!format!("{events:?}").contains("Failed"), "{events:?}");
}

#[test]
fn a_phone_that_shall_not_ask_does_not() {
    let network = Network::new(3);
    let pbx = Peer::new(&network, BOB);
    network.name("pbx.example", BOB);
    let alice = Phone::new(&network, ALICE);
    let mut account = Phone::account("sip:alice@pbx.example");
    account.reachability = seconds(0);
    alice.set_account(account);
    grant(&pbx, &pbx.expect("REGISTER"), 3600);
    network.run_for(seconds(200));
    assert_eq!(pbx.count("OPTIONS"), 0);
}

fn by_hand(transport: Transport) -> (Network, Phone, Peer) {
    let network = Network::new(3);
    let pbx = Peer::new(&network, BOB);
    network.name("pbx.example", BOB);
    let alice = Phone::new(&network, ALICE);
    let mut account = Phone::account("sip:alice@pbx.example");
    account.transport = Some(transport);
    alice.set_account(account);
    grant(&pbx, &pbx.expect("REGISTER"), 3600);
    back(&alice);
    (network, alice, pbx)
}

#[test]
fn a_server_that_never_answers_options_is_not_taken_for_dead() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let (network, alice, pbx) = by_hand(transport);
        network.run_for(seconds(500));
        let events = alice.events();
        assert!(!format!("{events:?}").contains("Failed"), "{events:?}");
        assert_eq!(pbx.closed(), 0);
        let asked = network.trace().matches("OPTIONS").count();
        assert!(asked <= 6, "it is not asked for ever what it does not answer: {asked}");
        // That it is there is proven in another way, as often.
        assert!((12..=18).contains(&pbx.read_back()), "{}", pbx.read_back());
    }
}

#[test]
fn a_server_that_never_answered_options_is_noticed_when_it_dies() {
    let (network, alice, _pbx) = by_hand(Transport::Udp);
    network.run_for(seconds(100));
    alice.events();
    network.unplug(BOB);
    let since = network.elapsed();
    assert_eq!(failure_of(&alice), RegistrationFailure::NoAnswer);
    assert!(
        network.elapsed() - since < seconds(70),
        "{:?}",
        network.elapsed() - since
    );
}

#[test]
fn a_server_that_answers_neither_options_nor_reading_back_is_asked_with_refreshes() {
    let (network, alice, pbx) = by_hand(Transport::Udp);
    pbx.reads_by_hand(true);
    let read = pbx.expect("REGISTER");
    assert!(!read.headers.has("Contact"));
    pbx.reply(&read, 400);
    for _ in 0..3 {
        let refresh = pbx.expect_within("REGISTER", seconds(40));
        assert!(refresh.headers.has("Contact"));
        grant(&pbx, &refresh, 3600);
    }
    network.run_for(seconds(2));
    let events = alice.events();
    assert!(!format!("{events:?}").contains("Failed"), "{events:?}");
}

#[test]
fn a_registrar_that_lost_our_binding_has_it_again_within_a_minute() {
    let (network, alice, pbx) = registered();
    // Once it told of it.
    network.run_for(seconds(100));
    assert!(pbx.read_back() >= 1);
    pbx.count("");
    pbx.forgets();
    let since = network.elapsed();
    let register = pbx.expect("REGISTER");
    assert!(register.headers.has("Contact"));
    assert!(
        network.elapsed() - since < seconds(67),
        "{:?}",
        network.elapsed() - since
    );
    grant(&pbx, &register, 300);
    back(&alice);
    let events = alice.events();
    assert!(!format!("{events:?}").contains("Failed"), "{events:?}");
}

#[test]
fn a_binding_that_was_lost_before_it_was_ever_read_back_is_made_again() {
    let (_network, alice, pbx) = registered();
    pbx.forgets();
    let register = pbx.expect_within("REGISTER", seconds(70));
    grant(&pbx, &register, 300);
    back(&alice);
}

#[test]
fn a_registrar_that_tells_of_no_bindings_is_not_asked_again_and_again() {
    let (network, alice, pbx) = by_hand(Transport::Udp);
    pbx.accepts(Method::Options);
    pbx.reads_by_hand(true);
    let mut registered = 0;
    for _ in 0..4 {
        let Some(register) = (network.elapsed() < seconds(300)).then(|| pbx.expect_within("REGISTER", seconds(3600)))
        else {
            break;
        };
        if register.headers.has("Contact") {
            registered += 1;
            grant(&pbx, &register, 3600);
        } else {
            pbx.reply(&register, 200);
        }
    }
    network.run_for(seconds(300));
    assert_eq!(
        (registered, pbx.count("REGISTER")),
        (2, 0),
        "one to make sure, one refresh"
    );
    let events = alice.events();
    assert!(!format!("{events:?}").contains("Failed"), "{events:?}");
}

#[test]
fn reading_back_costs_one_small_message_each_way_a_minute() {
    let network = Network::new(3);
    let pbx = Peer::new(&network, BOB);
    network.name("pbx.example", BOB);
    let alice = Phone::registering(&network, ALICE, "sip:alice@pbx.example");
    pbx.reply_with(&pbx.expect("REGISTER"), 401, |response| {
        let challenge = r#"Digest realm="pbx.example", nonce="ZzR4aWFhbW9uZGF5", algorithm=SHA-256, qop="auth""#;
        response.headers.push("WWW-Authenticate", challenge);
    });
    let register = pbx.expect("REGISTER");
    grant(&pbx, &register, 3600);
    back(&alice);
    pbx.accepts(Method::Options);
    // It proves at once who asks, and is smaller than what one datagram takes by far.
    pbx.reads_by_hand(true);
    let read = pbx.expect("REGISTER");
    assert!(read.headers.has("Authorization") && !read.headers.has("Contact"));
    let size = read.to_bytes().len();
    assert!(size < 700, "{size}");
    pbx.reply_with(&read, 200, |response| {
        response.headers.push("Contact", contact_of(&register));
    });
    pbx.reads_by_hand(false);
    pbx.accepts(Method::Register);
    let before = network.trace().matches("OPTIONS sip:").count();
    network.run_for(seconds(3600));
    let asked = network.trace().matches("OPTIONS sip:").count() - before;
    assert!((50..=66).contains(&asked), "{asked}");
    assert!((50..=66).contains(&pbx.read_back()), "{}", pbx.read_back());
}

#[test]
fn a_slow_registrar_keeps_its_connection_when_the_network_changes_while_a_call_rings() {
    for options in [true, false] {
        let (network, alice, pbx) = by_hand(Transport::Tcp);
        if options {
            pbx.accepts(Method::Options);
        }
        network.run_for(seconds(40));
        pbx.invite("sip:alice@10.0.0.1", |_| {});
        let (call, _) = alice.expect_call();
        alice.ring(call);
        pbx.expect_status(180);
        let flow = pbx.flow().unwrap();
        alice.with(|endpoint, now| endpoint.network_changed(now));
        let mut register = pbx.expect("REGISTER");
        // It thinks for six seconds about each REGISTER.
        network.run_for(seconds(6));
        assert_eq!(pbx.closed(), 0, "options: {options}");
        if !options {
            register = pbx.expect("REGISTER");
        }
        grant(&pbx, &register, 300);
        back(&alice);
        network.run_for(seconds(1));
        let closed = pbx.closed();
        assert!(options && closed == 0 || !options && closed <= 1, "{closed}");
        alice.accept(call);
        pbx.expect_status(200);
        if options {
            assert_eq!(pbx.flow().unwrap().id, flow.id, "the call goes on where it was");
        }
    }
}
