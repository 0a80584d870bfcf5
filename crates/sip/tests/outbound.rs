//! One installation at its registrar: Outbound (RFC 5626), GRUU (RFC 5627), Path (RFC 3327), Service-Route (RFC 3608).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::endpoint::{AccountConfig, AccountId, RegistrationFailure, RegistrationState};
use parley_sip::{Method, NameAddr, Request, Transport};
use parley_testkit::{Network, Peer, Phone};

const INSTANCE: &str = "urn:uuid:00000000-0000-4000-8000-000000000001";

fn account() -> AccountConfig {
    let mut account = Phone::account("sip:alice@pbx.example");
    account.instance_id = Some(INSTANCE.to_owned());
    account.gruu = true;
    account
}

fn desk(account: AccountConfig) -> (Network, Phone, Peer) {
    let network = Network::new(3);
    let pbx = Peer::new(&network, BOB);
    pbx.accepts(Method::Options);
    network.name("pbx.example", BOB);
    let alice = Phone::new(&network, ALICE);
    alice.set_account(account);
    (network, alice, pbx)
}

/// 200 with our Contact and these parameters, and these header fields.
fn grant_with(pbx: &Peer, register: &Request, params: &[(&str, &str)], fields: &[(&str, &str)]) {
    let mut contact = contact_of(register).with_param("expires", Some("300"));
    for (name, value) in params {
        contact = contact.with_param(name, Some(value));
    }
    pbx.reply_with(register, 200, |response| {
        response.headers.push("Contact", contact);
        for (name, value) in fields {
            response.headers.push(*name, *value);
        }
    });
}

#[test]
fn an_installation_names_itself_and_its_flow() {
    let (_network, _alice, pbx) = desk(account());
    let register = pbx.expect("REGISTER");
    let contact = contact_of(&register);
    assert_eq!(
        contact.params.get("+sip.instance"),
        Some(format!("<{INSTANCE}>").as_str())
    );
    assert!(
        register
            .headers
            .get("Contact")
            .unwrap()
            .contains("+sip.instance=\"<urn:uuid:")
    );
    assert_eq!(contact.params.get("reg-id"), Some("1"));
    for option in ["path", "outbound", "gruu"] {
        assert!(register.headers.supports(option), "{option}");
    }
}

#[test]
fn without_an_installation_nothing_of_it_is_claimed() {
    let mut account = account();
    account.instance_id = None;
    let (_network, _alice, pbx) = desk(account);
    let register = pbx.expect("REGISTER");
    assert!(!register.headers.supports("outbound") && !contact_of(&register).params.has("reg-id"));
    assert!(register.headers.supports("path"));
}

#[test]
fn with_outbound_the_new_flow_takes_the_place_of_the_old_one_by_itself() {
    let mut account = account();
    account.transport = Some(Transport::Tcp);
    let (network, alice, pbx) = desk(account);
    grant_with(&pbx, &pbx.expect("REGISTER"), &[], &[("Require", "outbound")]);
    back(&alice);
    network.break_connections(BOB);
    let again = pbx.expect("REGISTER");
    assert_eq!(
        again.headers.contacts().len(),
        1,
        "no second Contact beside one with reg-id"
    );
    assert_eq!(contact_of(&again).params.get("reg-id"), Some("1"));
    grant_with(&pbx, &again, &[], &[("Require", "outbound")]);
    back(&alice);
    alice.call("sip:bob@pbx.example");
    let contact = contact_of(&pbx.expect("INVITE"));
    assert!(
        contact.uri.sip().unwrap().params.has("ob"),
        "calls come back by this flow: {contact}"
    );
}

#[test]
fn a_first_hop_that_keeps_no_flows_is_used_without() {
    let (_network, alice, pbx) = desk(account());
    pbx.reply(&pbx.expect("REGISTER"), 439);
    let plain = pbx.expect("REGISTER");
    assert!(!plain.headers.supports("outbound") && !contact_of(&plain).params.has("reg-id"));
    assert!(contact_of(&plain).params.has("+sip.instance"));
    grant(&pbx, &plain, 300);
    back(&alice);
}

#[test]
fn a_registrar_that_always_says_439_is_not_asked_for_ever() {
    let (network, alice, pbx) = desk(account());
    for _ in 0..2 {
        pbx.reply(&pbx.expect("REGISTER"), 439);
    }
    assert!(matches!(
        failure(&alice).0,
        RegistrationFailure::Refused { code: 439, .. }
    ));
    network.run_for(seconds(60));
    assert_eq!(pbx.count("REGISTER"), 0);
}

#[test]
fn what_an_earlier_run_left_behind_is_taken_out_and_no_other_phone_is() {
    let (_network, alice, pbx) = desk(account());
    let register = pbx.expect("REGISTER");
    let own = contact_of(&register).with_param("expires", Some("300"));
    let crashed =
        format!("<sip:alice@10.0.0.77:5060;line=earlier>;expires=2000;+sip.instance=\"<{INSTANCE}>\";reg-id=1");
    let colleague = "<sip:alice@10.0.0.8:5060;line=hers>;expires=100;+sip.instance=\"<urn:uuid:other>\";reg-id=1";
    pbx.reply_with(&register, 200, |response| {
        for contact in [&crashed, colleague, &own.to_string()] {
            response.headers.push("Contact", contact);
        }
    });
    match back(&alice) {
        RegistrationState::Registered { others, expires, .. } => assert_eq!((others, expires), (1, seconds(300))),
        other => panic!("{other:?}"),
    }
    let tidy = pbx.expect("REGISTER");
    let contacts = tidy.headers.contacts();
    assert_eq!(contacts.len(), 1);
    assert_eq!(
        (
            contacts[0].uri.host().unwrap().to_string().as_str(),
            contacts[0].expires()
        ),
        ("10.0.0.77", Some(0))
    );
    assert!(tidy.headers.cseq().unwrap().number > register.headers.cseq().unwrap().number);
}

#[test]
fn a_border_controller_that_rewrites_the_contact_is_no_left_over() {
    let (_network, alice, pbx) = desk(account());
    let register = pbx.expect("REGISTER");
    pbx.reply_with(&register, 200, |response| {
        for contact in [
            format!("<sip:xyz@198.51.100.1:5080>;expires=120;+sip.instance=\"<{INSTANCE}>\";reg-id=1"),
            "<sip:abc@198.51.100.1:5080>;expires=20;+sip.instance=\"<urn:uuid:other>\";reg-id=1".to_owned(),
        ] {
            response.headers.push("Contact", contact);
        }
    });
    match back(&alice) {
        RegistrationState::Registered { others, expires, .. } => assert_eq!((others, expires), (1, seconds(120))),
        other => panic!("{other:?}"),
    }
    pbx.expect_no("REGISTER");
}

#[test]
fn two_lines_of_one_address_do_not_take_each_others_place() {
    let (_network, alice, pbx) = desk(account());
    alice.with(|endpoint, now| endpoint.set_account(now, AccountId(2), account()));
    let ids = [pbx.expect("REGISTER"), pbx.expect("REGISTER")]
        .map(|register| contact_of(&register).params.get("reg-id").unwrap().to_owned());
    assert_eq!(ids, ["1", "2"]);
}

#[test]
fn a_public_gruu_is_the_contact_of_calls_both_ways() {
    let (_network, alice, pbx) = desk(account());
    let gruu = "sip:alice@pbx.example;gr=urn:uuid:1";
    let register = pbx.expect("REGISTER");
    grant_with(
        &pbx,
        &register,
        &[("pub-gruu", gruu), ("temp-gruu", "sip:tgruu.7@pbx.example;gr")],
        &[],
    );
    match back(&alice) {
        RegistrationState::Registered { gruu: Some(told), .. } => assert_eq!(told.to_string(), gruu),
        other => panic!("{other:?}"),
    }
    alice.call("sip:bob@pbx.example");
    let invite = pbx.expect("INVITE");
    assert_eq!(contact_of(&invite).uri.to_string(), gruu);
    pbx.invite(&contact_of(&register).uri.to_string(), |_| {});
    let (call, _) = alice.expect_call();
    alice.accept(call);
    assert_eq!(pbx.expect_status(200).headers.contact().unwrap().uri.to_string(), gruu);
}

#[test]
fn a_gruu_that_is_no_longer_given_is_no_longer_used() {
    let (network, alice, pbx) = desk(account());
    grant_with(
        &pbx,
        &pbx.expect("REGISTER"),
        &[("pub-gruu", "sip:alice@pbx.example;gr=1")],
        &[],
    );
    back(&alice);
    let refresh = pbx.expect_within("REGISTER", seconds(300));
    grant(&pbx, &refresh, 300);
    network.run_for(seconds(1));
    alice.call("sip:bob@pbx.example");
    assert_eq!(
        contact_of(&pbx.expect("INVITE")).uri.host().unwrap().to_string(),
        "10.0.0.1"
    );
}

#[test]
fn calls_take_the_service_route_and_later_registrations_do_not() {
    let (_network, alice, pbx) = desk(account());
    let route = "<sip:edge.example;lr>, <sip:core.example;lr>";
    grant_with(
        &pbx,
        &pbx.expect("REGISTER"),
        &[],
        &[("Service-Route", route), ("Path", "<sip:edge.example;lr>")],
    );
    back(&alice);
    alice.call("sip:bob@elsewhere.example");
    let invite = pbx.expect("INVITE");
    let routes: Vec<String> = invite.headers.route().iter().map(NameAddr::to_string).collect();
    assert_eq!(routes, ["<sip:edge.example;lr>", "<sip:core.example;lr>"]);
    alice.with(|endpoint, now| endpoint.register_now(now, parley_testkit::LINE));
    assert!(pbx.expect("REGISTER").headers.route().is_empty());
}

#[test]
fn the_server_says_how_often_its_flow_wants_to_be_kept_alive() {
    let (network, alice, pbx) = desk(account());
    grant_with(&pbx, &pbx.expect("REGISTER"), &[], &[("Flow-Timer", "10")]);
    back(&alice);
    network.run_for(seconds(25));
    let before = pbx.keep_alives();
    network.run_for(seconds(100));
    assert!(
        (10..=13).contains(&(pbx.keep_alives() - before)),
        "{}",
        pbx.keep_alives() - before
    );
}

#[test]
fn logging_out_takes_out_this_phone_and_no_other() {
    let (_network, alice, pbx) = desk(account());
    let register = pbx.expect("REGISTER");
    grant(&pbx, &register, 300);
    back(&alice);
    alice.with(|endpoint, now| endpoint.remove_account(now, parley_testkit::LINE));
    let farewell = pbx.expect("REGISTER");
    assert!(!farewell.headers.is_contact_star());
    let contacts = farewell.headers.contacts();
    assert_eq!(contacts.len(), 1);
    assert!(contacts[0].uri.equivalent(&contact_of(&register).uri));
    assert_eq!(contacts[0].expires(), Some(0));
}

#[test]
fn logging_out_after_the_connection_was_lost_finds_another_one() {
    let mut account = account();
    account.transport = Some(Transport::Tcp);
    let (network, alice, pbx) = desk(account);
    grant(&pbx, &pbx.expect("REGISTER"), 300);
    back(&alice);
    network.break_connections(BOB);
    failure(&alice);
    alice.with(|endpoint, now| endpoint.remove_account(now, parley_testkit::LINE));
    assert_eq!(pbx.expect("REGISTER").headers.expires(), Some(0));
}

#[test]
fn a_gruu_is_asked_for_only_where_the_account_says_so() {
    let mut plain = account();
    plain.gruu = AccountConfig::new("sip:alice@pbx.example".parse().unwrap()).gruu;
    let (_network, alice, pbx) = desk(plain);
    let register = pbx.expect("REGISTER");
    assert!(!register.headers.supports("gruu"));
    // A registrar that gives one unasked is not taken at its word.
    grant_with(&pbx, &register, &[("pub-gruu", "sip:alice@pbx.example;gr=1")], &[]);
    back(&alice);
    alice.call("sip:bob@pbx.example");
    let contact = contact_of(&pbx.expect("INVITE"));
    assert!(!contact.uri.to_string().contains("gr="), "{contact}");
}
