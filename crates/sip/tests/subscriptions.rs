//! Subscriptions as they should go (RFC 6665, RFC 3856).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::events::*;
use common::*;
use parley_sip::bodies::Activity;
use parley_sip::endpoint::{Event, Package, SubscriptionState};
use parley_sip::{Method, NameAddr};
use parley_testkit::{LINE, Network, Peer, Phone};

#[test]
fn a_subscription_is_asked_for_granted_and_told() {
    let (_network, alice, pbx) = at_the_exchange();
    let id = subscribe(&alice, Package::Presence);
    let request = pbx.expect("SUBSCRIBE");
    assert_eq!(request.uri.to_string(), COLLEAGUE);
    assert_eq!(request.headers.get("Event"), Some("presence"));
    assert_eq!(request.headers.get("Accept"), Some("application/pidf+xml"));
    assert_eq!(expires(&request), 600);
    assert_eq!(contact_of(&request).uri.to_string(), "sip:alice@10.0.0.1:5060");
    let answer = agree(&pbx, &request, 600);
    let mut dialog = pbx.call_from(&request, &answer);
    notify(
        &pbx,
        &mut dialog,
        Package::Presence,
        "active;expires=599",
        &there("Back soon"),
    );
    pbx.expect_status(200);
    assert_eq!(expect_state(&alice, id), SubscriptionState::Active);
    let pidf = expect_presence(&alice, id);
    assert_eq!(pidf.open, Some(true));
    assert_eq!(pidf.activities, [Activity::OnThePhone]);
    assert_eq!(pidf.note.as_deref(), Some("Back soon"));
}

#[test]
fn a_notify_before_the_answer_is_understood() {
    let (_network, alice, pbx) = at_the_exchange();
    let id = subscribe(&alice, Package::Presence);
    let request = pbx.expect("SUBSCRIBE");
    let early = request.respond(200, Some("early"));
    let mut dialog = pbx.call_from(&request, &early);
    notify(
        &pbx,
        &mut dialog,
        Package::Presence,
        "active;expires=600",
        &there("Here"),
    );
    pbx.expect_status(200);
    assert_eq!(expect_presence(&alice, id).note.as_deref(), Some("Here"));
    pbx.speaks_as("early");
    agree(&pbx, &request, 600);
    notify(
        &pbx,
        &mut dialog,
        Package::Presence,
        "active;expires=600",
        &there("Still"),
    );
    assert_eq!(expect_presence(&alice, id).note.as_deref(), Some("Still"));
}

#[test]
fn a_subscription_is_refreshed_well_before_it_expires_and_goes_on() {
    let (network, alice, pbx) = at_the_exchange();
    let (id, mut dialog, first) = subscribed(&alice, &pbx, Package::Presence);
    let start = network.elapsed();
    let refresh = pbx.expect_within("SUBSCRIBE", seconds(600));
    let after = (network.elapsed() - start).as_secs();
    assert!((355..=455).contains(&after), "{after}");
    assert_eq!(refresh.headers.call_id(), first.headers.call_id());
    assert_eq!(refresh.headers.to().unwrap().tag(), Some("peer5060"));
    assert_eq!(refresh.headers.cseq().unwrap().number, 2);
    assert_eq!(refresh.uri.to_string(), "sip:bob@10.0.0.2:5060");
    agree(&pbx, &refresh, 600);
    notify(&pbx, &mut dialog, Package::Presence, "active;expires=600", &there("On"));
    assert_eq!(expect_presence(&alice, id).note.as_deref(), Some("On"));
    pbx.expect_within("SUBSCRIBE", seconds(600));
}

#[test]
fn a_notifier_that_shortens_its_patience_is_refreshed_sooner() {
    let (network, alice, pbx) = at_the_exchange();
    let (_, mut dialog, _) = subscribed(&alice, &pbx, Package::Presence);
    notify(&pbx, &mut dialog, Package::Presence, "active;expires=60", b"");
    let start = network.elapsed();
    pbx.expect("SUBSCRIBE");
    assert!(network.elapsed() - start < seconds(60));
}

#[test]
fn an_interval_that_is_too_brief_is_asked_for_longer() {
    let (_network, alice, pbx) = at_the_exchange();
    let id = subscribe(&alice, Package::Presence);
    pbx.reply_with(&pbx.expect("SUBSCRIBE"), 423, |response| {
        response.headers.push("Min-Expires", 1800);
    });
    let request = pbx.expect("SUBSCRIBE");
    assert_eq!(expires(&request), 1800);
    let answer = agree(&pbx, &request, 1800);
    let mut dialog = pbx.call_from(&request, &answer);
    notify(&pbx, &mut dialog, Package::Presence, "active;expires=1800", b"");
    assert_eq!(expect_state(&alice, id), SubscriptionState::Active);
}

#[test]
fn a_challenge_is_answered_outside_and_inside_of_the_dialog() {
    let (_network, alice, pbx) = at_the_exchange();
    let id = subscribe(&alice, Package::Presence);
    let challenge = |request, nonce: &str| {
        let value = format!("Digest realm=\"pbx.example\", nonce=\"{nonce}\", algorithm=SHA-256, qop=\"auth\"");
        pbx.reply_with(&request, 401, |response| {
            response.headers.push("WWW-Authenticate", value);
        });
    };
    challenge(pbx.expect("SUBSCRIBE"), "one");
    let request = pbx.expect("SUBSCRIBE");
    assert!(request.headers.get("Authorization").unwrap().contains("nonce=\"one\""));
    assert_eq!(request.headers.cseq().unwrap().number, 2);
    let answer = agree(&pbx, &request, 600);
    let mut dialog = pbx.call_from(&request, &answer);
    notify(&pbx, &mut dialog, Package::Presence, "active;expires=600", b"");
    expect_state(&alice, id);
    let refresh = pbx.expect_within("SUBSCRIBE", seconds(600));
    assert_eq!(refresh.headers.cseq().unwrap().number, 3);
    pbx.reply_with(&refresh, 401, |response| {
        let value = "Digest realm=\"pbx.example\", nonce=\"two\", algorithm=SHA-256, qop=\"auth\", stale=true";
        response.headers.push("WWW-Authenticate", value);
    });
    let again = pbx.expect("SUBSCRIBE");
    assert!(again.headers.get("Authorization").unwrap().contains("nonce=\"two\""));
    assert_eq!(again.headers.cseq().unwrap().number, 4);
    assert!(again.headers.to().unwrap().tag().is_some());
}

#[test]
fn a_refresh_goes_along_the_route_set_of_the_notify() {
    let (network, alice, pbx) = at_the_exchange();
    let proxy = Peer::new(&network, "10.0.0.9:5070");
    let id = subscribe(&alice, Package::Presence);
    let request = pbx.expect("SUBSCRIBE");
    let answer = agree(&pbx, &request, 600);
    let mut dialog = pbx.call_from(&request, &answer);
    pbx.within(&mut dialog, "NOTIFY", |notify| {
        notify.headers.push("Event", "presence");
        notify.headers.push("Subscription-State", "active;expires=100");
        notify
            .headers
            .push("Record-Route", "<sip:10.0.0.9:5070;lr>, <sip:10.0.0.8;lr>");
    });
    expect_state(&alice, id);
    let refresh = proxy.expect("SUBSCRIBE");
    let routes: Vec<_> = refresh.headers.route().iter().map(NameAddr::to_string).collect();
    assert_eq!(routes, ["<sip:10.0.0.9:5070;lr>", "<sip:10.0.0.8;lr>"]);
    assert_eq!(refresh.uri.to_string(), "sip:bob@10.0.0.2:5060");
}

#[test]
fn who_has_to_decide_first_is_told_as_pending() {
    let (_network, alice, pbx) = at_the_exchange();
    let id = subscribe(&alice, Package::Presence);
    let request = pbx.expect("SUBSCRIBE");
    let answer = pbx.reply_with(&request, 202, |response| response.headers.push("Expires", 600));
    let mut dialog = pbx.call_from(&request, &answer);
    notify(&pbx, &mut dialog, Package::Presence, "pending;expires=600", b"");
    assert_eq!(expect_state(&alice, id), SubscriptionState::Pending);
    notify(
        &pbx,
        &mut dialog,
        Package::Presence,
        "active;expires=590",
        &there("Yes"),
    );
    assert_eq!(expect_state(&alice, id), SubscriptionState::Active);
}

#[test]
fn ending_it_asks_for_no_more_time_and_tells_nothing_more() {
    let (_network, alice, pbx) = at_the_exchange();
    let (id, mut dialog, _) = subscribed(&alice, &pbx, Package::Presence);
    alice.events();
    alice.with(|endpoint, now| endpoint.unsubscribe(now, id));
    let last = pbx.expect("SUBSCRIBE");
    assert_eq!(expires(&last), 0);
    assert!(last.headers.to().unwrap().tag().is_some());
    agree(&pbx, &last, 0);
    notify(
        &pbx,
        &mut dialog,
        Package::Presence,
        "terminated;reason=timeout",
        &there("Bye"),
    );
    assert_eq!(pbx.expect_final().code(), 200);
    pbx.expect_no("SUBSCRIBE");
    assert!(
        !alice
            .events()
            .iter()
            .any(|event| matches!(event, Event::Notified { .. }))
    );
    notify(&pbx, &mut dialog, Package::Presence, "terminated", b"");
    assert_eq!(pbx.expect_final().code(), 481, "forgotten after a while");
}

#[test]
fn nothing_is_asked_before_the_account_is_registered() {
    let network = Network::new(3);
    let pbx = Peer::new(&network, BOB);
    network.name("pbx.example", BOB);
    let alice = Phone::registering(&network, ALICE, "sip:alice@pbx.example");
    let register = pbx.expect("REGISTER");
    subscribe(&alice, Package::Presence);
    assert_eq!(pbx.count("SUBSCRIBE"), 0);
    grant_registration(&pbx, &register);
    pbx.expect("SUBSCRIBE");
}

#[test]
fn a_new_connection_to_the_server_is_told_to_the_notifier_at_once() {
    let network = Network::new(3);
    let pbx = Peer::new(&network, BOB);
    network.name("pbx.example", BOB);
    let alice = Phone::new(&network, ALICE);
    let mut config = Phone::account("sip:alice@pbx.example");
    config.transport = Some(parley_sip::Transport::Tcp);
    alice.set_account(config);
    grant_registration(&pbx, &pbx.expect("REGISTER"));
    alice.expect_registration();
    pbx.accepts(Method::Register);
    let (_, _, first) = subscribed(&alice, &pbx, Package::Dialog);
    let before = alice.with(|_, _| pbx.flow()).unwrap();
    network.break_connections(BOB);
    let start = network.elapsed();
    let refresh = pbx.expect("SUBSCRIBE");
    assert!(network.elapsed() - start < seconds(3));
    assert_eq!(refresh.headers.call_id(), first.headers.call_id());
    assert!(refresh.headers.to().unwrap().tag().is_some());
    let now = pbx.flow().unwrap();
    assert_ne!(now.id, before.id);
    assert_eq!(contact_of(&refresh).uri.sip().unwrap().port, Some(now.remote.port()));
    assert_eq!(
        contact_of(&refresh).uri.sip().unwrap().params.get("transport"),
        Some("tcp")
    );
}

#[test]
fn a_server_that_was_away_is_asked_again_as_soon_as_it_is_back() {
    let (network, alice, pbx) = at_the_exchange();
    let (id, _, first) = subscribed(&alice, &pbx, Package::Presence);
    network.unplug(BOB);
    failure(&alice);
    network.plug_in(BOB);
    let refresh = pbx.expect("SUBSCRIBE");
    assert_eq!(refresh.headers.call_id(), first.headers.call_id());
    pbx.reply(&refresh, 481);
    let anew = pbx.expect("SUBSCRIBE");
    assert_ne!(anew.headers.call_id(), first.headers.call_id());
    let answer = agree(&pbx, &anew, 600);
    let mut dialog = pbx.call_from(&anew, &answer);
    notify(&pbx, &mut dialog, Package::Presence, "active;expires=600", b"");
    assert_eq!(expect_state(&alice, id), SubscriptionState::Active);
}

#[test]
fn logging_out_ends_what_was_subscribed_to() {
    let (_network, alice, pbx) = at_the_exchange();
    subscribed(&alice, &pbx, Package::Presence);
    alice.with(|endpoint, now| endpoint.remove_account(now, LINE));
    let last = pbx.expect("SUBSCRIBE");
    assert_eq!(expires(&last), 0);
    agree(&pbx, &last, 0);
    pbx.expect_no("SUBSCRIBE");
}

#[test]
fn an_account_that_becomes_another_one_subscribes_under_its_new_name() {
    let (network, alice, pbx) = at_the_exchange();
    let (id, _, _) = subscribed(&alice, &pbx, Package::Presence);
    network.name("pbx.example", BOB);
    alice.set_account(Phone::account("sip:alicia@pbx.example"));
    assert_eq!(expires(&pbx.expect("SUBSCRIBE")), 0);
    let anew = pbx.expect("SUBSCRIBE");
    assert_eq!(anew.headers.from().unwrap().uri.user().as_deref(), Some("alicia"));
    let answer = agree(&pbx, &anew, 600);
    let mut dialog = pbx.call_from(&anew, &answer);
    notify(&pbx, &mut dialog, Package::Presence, "active;expires=600", b"");
    assert_eq!(expect_state(&alice, id), SubscriptionState::Active);
}

fn grant_registration(pbx: &Peer, register: &parley_sip::Request) {
    common::grant(pbx, register, 300);
}
