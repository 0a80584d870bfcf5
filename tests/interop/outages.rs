//! What breaks between a phone and its registrar, and how soon callers reach it again afterwards. Each test asks the registrar itself
//! where it reaches the phone; what the phone says about it is the second question.
use crate::line::{Line, REGISTRAR, call, heard_so_far, lost, talks, talks_after};
use parley_tests::certificates::{Certificate, self_signed};
use parley_tests::eventually;
use parley_tests::kamailio::Kamailio;
use parley_tests::net::{Cable, Router, Space};
use parley_tests::phone::Phone;
use serde_json::json;
use std::time::Duration;

/// How soon a phone must be registered again once the network or the registrar is back.
const AGAIN: Duration = Duration::from_secs(3);
/// How long it may take to notice that nobody answers: one round of keep-alive and its time-out.
const NOTICED: Duration = Duration::from_secs(20);

fn registrar(certificate: &Certificate) -> Kamailio {
    Kamailio::at(REGISTRAR).tls(certificate).websocket().start()
}

/// A line that asks often whether its server still answers.
fn watchful(user: &str) -> Line {
    Line::of(user).config("reachabilitySeconds", json!(2))
}

fn rings(kamailio: &Kamailio, phone: &mut Phone) {
    let mut caller = Line::of("1009").listening("10.77.0.6").registered();
    assert!(!kamailio.bindings("1009").is_empty());
    let number = phone.heard(|heard| heard.accounts.values().next().unwrap()["user"].clone());
    let call = caller.ask(json!({ "type": "dial", "target": number }))["call"].clone();
    let ringing = phone.call_in("incoming");
    assert_eq!(ringing["remote"]["number"], "1009");
    caller.ask(json!({ "type": "hang_up", "call": call }));
    phone.no_live_call();
}

fn restarted(transport: &str, crash: bool) {
    let certificate = self_signed(&["pbx.test"]);
    let kamailio = registrar(&certificate);
    let mut phone = watchful("1001").over(transport);
    if ["tls", "wss"].contains(&transport) {
        phone = phone.account("pinnedCertificate", json!(certificate.fingerprint()));
    }
    let mut phone = phone.registered();
    if crash {
        kamailio.crash();
    } else {
        kamailio.stop();
    }
    lost(&phone, NOTICED);
    let kamailio = registrar(&certificate);
    kamailio.bound("1001", AGAIN, &[]);
    phone.registered();
    rings(&kamailio, &mut phone);
}

#[test]
fn a_restarted_registrar_has_the_phone_again_over_udp() {
    restarted("udp", false);
}

#[test]
fn a_restarted_registrar_has_the_phone_again_over_tcp() {
    restarted("tcp", false);
}

#[test]
fn a_restarted_registrar_has_the_phone_again_over_tls() {
    restarted("tls", false);
}

#[test]
fn a_crashed_registrar_has_the_phone_again_over_wss() {
    restarted("wss", true);
}

/// A registrar that is back at once, without its bindings: it answers whatever it is asked, and nobody can call.
#[test]
fn a_registrar_restarted_without_its_bindings_has_the_phone_again_over_udp() {
    let kamailio = Kamailio::start(REGISTRAR, 3600);
    let mut phone = Line::of("1001")
        .over("udp")
        .config("reachabilitySeconds", json!(6))
        .registered();
    assert_eq!(kamailio.bindings("1001").len(), 1);
    kamailio.stop();
    let kamailio = Kamailio::start(REGISTRAR, 3600);
    assert!(kamailio.bindings("1001").is_empty(), "it kept nothing");
    // Each second question reads the binding back.
    kamailio.bound("1001", Duration::from_secs(16), &[]);
    rings(&kamailio, &mut phone);
}

/// A desk in a network of its own, on a cable to the registrar's.
const GATEWAY: &str = "10.77.1.1/24";
const DESK: &str = "10.77.1.2/24";

fn pulled(transport: &str) {
    let kamailio = Kamailio::start(REGISTRAR, 3600);
    let desk = Space::new();
    let cable = Cable::plug(&desk, "desk", GATEWAY, DESK);
    let mut phone = desk.within(|| watchful("1001").over(transport).roaming().registered());
    cable.pull();
    lost(&phone, NOTICED);
    cable.put_back();
    phone.wait_for("registered again", AGAIN, |heard| {
        let mut accounts = heard.accounts.values();
        accounts
            .all(|account| account["registration"]["type"] == "registered")
            .then_some(())
    });
    rings(&kamailio, &mut phone);
}

#[test]
fn a_cable_pulled_and_put_back_is_noticed_and_mended_over_udp() {
    pulled("udp");
}

#[test]
fn a_cable_pulled_and_put_back_is_noticed_and_mended_over_tcp() {
    pulled("tcp");
}

/// As a laptop does that leaves the dock and finds the wireless network: no address for a while, then another one.
fn new_address(transport: &str) {
    let kamailio = Kamailio::start(REGISTRAR, 3600);
    let desk = Space::new();
    let cable = Cable::plug(&desk, "desk", GATEWAY, DESK);
    let mut phone = desk.within(|| Line::of("1001").over(transport).roaming().registered());
    let before = kamailio.bindings("1001");
    cable.remove(DESK);
    lost(&phone, NOTICED);
    cable.add("10.77.1.3/24", GATEWAY);
    let binding = kamailio.bound("1001", AGAIN, &before);
    assert!(binding.contains("10.77.1.3"), "{binding}");
    phone.registered();
    rings(&kamailio, &mut phone);
    let left: Vec<String> = kamailio.bindings("1001");
    assert_eq!(
        left,
        [binding],
        "the old binding is still there: callers ring into the void"
    );
}

#[test]
fn a_new_address_is_registered_within_seconds_over_udp() {
    new_address("udp");
}

#[test]
fn a_new_address_is_registered_within_seconds_over_tcp() {
    new_address("tcp");
}

fn moved_in_a_call(transport: &str) {
    let kamailio = Kamailio::start(REGISTRAR, 3600);
    let desk = Space::new();
    let cable = Cable::plug(&desk, "desk", GATEWAY, DESK);
    let mut anna = desk.within(|| Line::of("1001").over(transport).roaming().speaking(1000.0).registered());
    let mut ben = Line::of("1002").listening("10.77.0.3").speaking(600.0).registered();
    let (here, there) = call(&mut anna, &mut ben, "1002");
    talks(&anna, 600.0, 0.5);
    talks(&ben, 1000.0, 0.5);
    let before = kamailio.bindings("1001");
    cable.remove(DESK);
    cable.add("10.77.1.3/24", GATEWAY);
    let binding = kamailio.bound("1001", AGAIN, &before);
    assert!(binding.contains("10.77.1.3"), "{binding}");
    let (at_anna, at_ben) = (heard_so_far(&anna), heard_so_far(&ben));
    talks_after(&anna, at_anna + 0.2, 600.0, 1.0);
    talks_after(&ben, at_ben + 0.2, 1000.0, 1.0);
    // The call can still be worked with from both ends.
    anna.ask(json!({ "type": "hold", "call": here }));
    ben.held_by_them(true);
    anna.ask(json!({ "type": "resume", "call": here }));
    ben.held_by_them(false);
    ben.ask(json!({ "type": "hang_up", "call": there }));
    anna.no_live_call();
    anna.entry("answered");
}

#[test]
fn a_call_goes_on_when_the_address_changes_over_udp() {
    moved_in_a_call("udp");
}

#[test]
fn a_call_goes_on_when_the_address_changes_over_tcp() {
    moved_in_a_call("tcp");
}

/// Behind a router that hides its addresses; its outside address changes and every mapping with it.
fn rebound(transport: &str) {
    let kamailio = Kamailio::start(REGISTRAR, 3600);
    let router = Router::new();
    let outside = Cable::plug(&router.space, "street", GATEWAY, DESK);
    let home = Space::new();
    let _inside = router
        .space
        .within(|| Cable::plug(&home, "home", "192.168.7.1/24", "192.168.7.2/24"));
    let mut phone = home.within(|| watchful("1001").over(transport).roaming().registered());
    let before = kamailio.bindings("1001");
    assert!(
        before[0].contains("10.77.1.2"),
        "the registrar sees the router: {before:?}"
    );
    rings(&kamailio, &mut phone);
    router.rebind(&outside, DESK, "10.77.1.4/24", GATEWAY);
    let binding = kamailio.bound("1001", NOTICED, &before);
    assert!(binding.contains("10.77.1.4"), "{binding}");
    rings(&kamailio, &mut phone);
    eventually("the old binding gone", Duration::from_secs(2), || {
        (kamailio.bindings("1001").len() == 1).then_some(())
    });
}

#[test]
fn a_router_that_forgets_its_mappings_is_noticed_over_udp() {
    rebound("udp");
}

#[test]
fn a_router_that_forgets_its_mappings_is_noticed_over_tcp() {
    rebound("tcp");
}
