//! Calls at the next server when one fails (RFC 3263 section 4.3).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::Method;
use parley_sip::endpoint::{EndCause, RegistrationState};
use parley_testkit::{Network, Peer, Phone};

const OTHER: &str = "10.0.0.3:5060";

struct Town {
    network: Network,
    first: Peer,
    second: Peer,
    alice: Phone,
}

/// A phone registered at the first of two servers.
fn town() -> Town {
    let network = Network::new(3);
    let (first, second) = (Peer::new(&network, BOB), Peer::new(&network, OTHER));
    for peer in [&first, &second] {
        peer.accepts(Method::Options);
    }
    network.names("pbx.example", &[BOB, OTHER]);
    let alice = Phone::registering(&network, ALICE, "sip:alice@pbx.example");
    grant(&first, &first.expect("REGISTER"), 300);
    back(&alice);
    Town {
        network,
        first,
        second,
        alice,
    }
}

#[test]
fn a_call_refused_by_an_overloaded_server_goes_to_the_next() {
    let town = town();
    let call = town.alice.call("sip:bob@pbx.example");
    let invite = town.first.expect("INVITE");
    town.first
        .reply_with(&invite, 503, |response| response.headers.push("Retry-After", 30));
    town.first.expect("ACK");
    let again = town.second.expect("INVITE");
    assert_eq!(again.headers.call_id(), invite.headers.call_id());
    assert!(again.headers.cseq().unwrap().number > invite.headers.cseq().unwrap().number);
    assert_ne!(
        again.headers.via().unwrap().branch(),
        invite.headers.via().unwrap().branch()
    );
    assert_eq!(again.sdp(), invite.sdp());
    let answer = town.second.reply(&again, 200);
    town.alice.expect_answered(call);
    let ack = town.second.expect("ACK");
    assert_eq!(ack.headers.cseq().unwrap().number, again.headers.cseq().unwrap().number);
    town.second
        .within(&mut town.second.call_from(&again, &answer), "BYE", |_| {});
    town.alice.expect_ended(call);
}

#[test]
fn when_all_are_overloaded_the_last_word_counts() {
    let town = town();
    let call = town.alice.call("sip:bob@pbx.example");
    for peer in [&town.first, &town.second] {
        peer.reply(&peer.expect("INVITE"), 503);
    }
    assert!(matches!(
        town.alice.expect_ended(call),
        EndCause::Rejected { code: 503, .. }
    ));
}

#[test]
fn a_call_at_a_server_that_died_goes_to_the_next_within_seconds() {
    let town = town();
    town.network.run_for(seconds(2));
    town.alice.events();
    town.network.unplug(BOB);
    let before = town.network.elapsed();
    let call = town.alice.call("sip:bob@pbx.example");
    let invite = town.second.expect("INVITE");
    assert!(town.network.elapsed() - before < seconds(5));
    town.second.reply(&invite, 180);
    town.alice.expect_progress(call, 180);
    // The registration follows: the way it took is as dead.
    grant(&town.second, &town.second.expect("REGISTER"), 300);
    match back(&town.alice) {
        RegistrationState::Registered { flow, .. } => assert_eq!(flow.remote.to_string(), OTHER),
        other => panic!("{other:?}"),
    }
    assert!(town.network.elapsed() - before < seconds(12));
    town.second.reply(&invite, 200);
    town.alice.expect_answered(call);
}

#[test]
fn a_slow_server_that_answers_after_all_is_told_that_the_call_is_taken() {
    let town = town();
    let call = town.alice.call("sip:bob@pbx.example");
    let slow = town.first.expect("INVITE");
    let invite = town.second.expect("INVITE");
    town.first.reply(&slow, 180);
    town.first.reply(&town.first.expect("CANCEL"), 200);
    town.first.reply(&slow, 487);
    town.second.reply(&invite, 200);
    town.alice.expect_answered(call);
}

#[test]
fn a_call_the_slow_server_answered_meanwhile_is_hung_up_there() {
    let town = town();
    let call = town.alice.call("sip:bob@pbx.example");
    let slow = town.first.expect("INVITE");
    let invite = town.second.expect("INVITE");
    town.second.reply(&invite, 200);
    town.alice.expect_answered(call);
    town.first.reply(&slow, 200);
    town.first.expect("ACK");
    town.first.expect("BYE");
    assert!(
        town.alice
            .events()
            .iter()
            .all(|event| !format!("{event:?}").contains("Ended"))
    );
}

#[test]
fn a_server_that_only_says_100_keeps_the_call() {
    let town = town();
    let call = town.alice.call("sip:bob@pbx.example");
    let invite = town.first.expect("INVITE");
    town.first.reply(&invite, 100);
    town.network.run_for(seconds(20));
    assert_eq!(town.second.count("INVITE"), 0);
    town.first.reply(&invite, 200);
    town.alice.expect_answered(call);
}

#[test]
fn a_refusal_of_whoever_is_called_is_final() {
    for code in [486, 500, 603] {
        let town = town();
        let call = town.alice.call("sip:bob@pbx.example");
        town.first.reply(&town.first.expect("INVITE"), code);
        assert!(matches!(town.alice.expect_ended(call), EndCause::Rejected { .. }));
        assert_eq!(town.second.count("INVITE"), 0);
    }
}

#[test]
fn a_call_hung_up_while_another_server_is_looked_for_is_over() {
    let town = town();
    let call = town.alice.call("sip:bob@pbx.example");
    town.first.reply(&town.first.expect("INVITE"), 503);
    town.first.expect("ACK");
    town.alice.hang_up(call);
    town.alice.expect_ended(call);
    town.second.expect_no("INVITE");
}

#[test]
fn without_another_server_a_silent_one_is_waited_for_as_before() {
    let network = Network::new(3);
    let pbx = Peer::new(&network, BOB);
    pbx.accepts(Method::Options);
    network.name("pbx.example", BOB);
    let alice = Phone::registering(&network, ALICE, "sip:alice@pbx.example");
    grant(&pbx, &pbx.expect("REGISTER"), 300);
    back(&alice);
    let call = alice.call("sip:bob@pbx.example");
    let invite = pbx.expect("INVITE");
    network.run_for(seconds(10));
    pbx.reply(&invite, 200);
    alice.expect_answered(call);
}

#[test]
fn a_message_that_may_have_arrived_is_not_sent_to_another_server() {
    let town = town();
    town.network.unplug(BOB);
    town.alice
        .with(|endpoint, now| {
            let to = "sip:bob@pbx.example".parse().unwrap();
            endpoint.message(now, parley_testkit::LINE, to, "Hello")
        })
        .unwrap();
    town.network.run_for(seconds(60));
    assert_eq!(town.second.count("MESSAGE"), 0);
}

#[test]
fn a_call_hung_up_while_it_rang_is_not_taken_to_the_next_server() {
    for broken in [false, true] {
        let town = town();
        let call = town.alice.call("sip:bob@pbx.example");
        let invite = town.first.expect("INVITE");
        town.first.reply(&invite, 180);
        town.alice.expect_progress(call, 180);
        town.alice.hang_up(call);
        let cancel = town.first.expect("CANCEL");
        if broken {
            // It never answers the INVITE any more.
            town.network.unplug(BOB);
        } else {
            town.first.reply(&cancel, 200);
            town.first.reply(&invite, 503);
        }
        town.network.run_for(seconds(100));
        assert_eq!(town.second.count("INVITE"), 0, "{}", town.network.trace());
    }
}

#[test]
fn a_call_that_went_on_from_a_silent_server_is_made_there_once() {
    let town = town();
    let call = town.alice.call("sip:bob@pbx.example");
    town.first.expect("INVITE");
    let invite = town.second.expect("INVITE");
    town.second.reply_with(&invite, 200, |response| {
        response.headers.set("Contact", "<sip:bob@10.0.0.3:5060>");
    });
    town.alice.expect_answered(call);
    town.second.expect("ACK");
    town.network.run_for(seconds(60));
    assert_eq!(town.second.count("INVITE"), 0, "{}", town.network.trace());
}

#[test]
fn what_rang_at_the_server_that_failed_is_no_part_of_the_call_any_more() {
    let town = town();
    let call = town.alice.call("sip:bob@pbx.example");
    let invite = town.first.expect("INVITE");
    let ringing = town.first.reply(&invite, 180);
    town.alice.expect_progress(call, 180);
    town.first.reply(&invite, 503);
    town.second.expect("INVITE");
    town.first
        .within(&mut town.first.call_from(&invite, &ringing), "OPTIONS", |_| {});
    town.first.expect_status(481);
}
