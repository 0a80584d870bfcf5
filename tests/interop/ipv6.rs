//! kamailio and phones that have nothing but IPv6 between them: registered, called both ways, heard, moved.
use crate::line::{Line, call, heard_so_far, talks, talks_after};
use parley_tests::kamailio::Kamailio;
use parley_tests::net::{Cable, Space};
use parley_tests::phone::Phone;
use serde_json::json;
use std::time::Duration;

const REGISTRAR: &str = "fd00:77::9";
/// A desk in a network that has no IPv4 at all.
const GATEWAY: &str = "fd00:78::1/64";
const DESK: &str = "fd00:78::2/64";

fn line(user: &str, transport: &str) -> Line {
    Line::of(user)
        .over(transport)
        .account("outboundProxy", json!(format!("[{REGISTRAR}]")))
}

fn hang_up(caller: &mut Phone, call: &serde_json::Value, called: &Phone) {
    caller.ask(json!({ "type": "hang_up", "call": call }));
    called.no_live_call();
    caller.no_live_call();
}

fn calls_both_ways(transport: &str) {
    let kamailio = Kamailio::start(REGISTRAR, 3600);
    let desk = Space::new();
    let _cable = Cable::plug(&desk, "desk", GATEWAY, DESK);
    let mut anna = desk.within(|| line("1001", transport).roaming().speaking(1000.0).registered());
    let mut ben = line("1002", transport)
        .listening("[fd00:77::3]")
        .speaking(600.0)
        .registered();
    let (at_desk, in_lab) = (kamailio.bindings("1001").join(" "), kamailio.bindings("1002").join(" "));
    assert!(at_desk.contains("[fd00:78::2]"), "{at_desk}");
    assert!(in_lab.starts_with("sip:[fd00:77::"), "{in_lab}");

    let (out, _) = call(&mut anna, &mut ben, "1002");
    talks(&anna, 600.0, 1.0);
    talks(&ben, 1000.0, 1.0);
    anna.ask(json!({ "type": "hold", "call": out }));
    ben.held_by_them(true);
    anna.ask(json!({ "type": "resume", "call": out }));
    ben.held_by_them(false);
    hang_up(&mut anna, &out, &ben);

    let (at_anna, at_ben) = (heard_so_far(&anna), heard_so_far(&ben));
    let (back, _) = call(&mut ben, &mut anna, "1001");
    talks_after(&anna, at_anna, 600.0, 1.0);
    talks_after(&ben, at_ben, 1000.0, 1.0);
    hang_up(&mut ben, &back, &anna);
    anna.quit();
    kamailio.unbound("1001");
}

#[test]
fn phones_register_and_call_both_ways_over_udp_on_ipv6() {
    calls_both_ways("udp");
}

#[test]
fn phones_register_and_call_both_ways_over_tcp_on_ipv6() {
    calls_both_ways("tcp");
}

#[test]
fn a_call_goes_on_when_the_ipv6_address_changes() {
    let kamailio = Kamailio::start(REGISTRAR, 3600);
    let desk = Space::new();
    let cable = Cable::plug(&desk, "desk", GATEWAY, DESK);
    let mut anna = desk.within(|| line("1001", "udp").roaming().speaking(1000.0).registered());
    let mut ben = line("1002", "udp")
        .listening("[fd00:77::3]")
        .speaking(600.0)
        .registered();
    let (out, _) = call(&mut anna, &mut ben, "1002");
    talks(&anna, 600.0, 0.5);
    talks(&ben, 1000.0, 0.5);
    let before = kamailio.bindings("1001");
    cable.remove(DESK);
    cable.add("fd00:78::3/64", GATEWAY);
    let binding = kamailio.bound("1001", Duration::from_secs(3), &before);
    assert!(binding.contains("[fd00:78::3]"), "{binding}");
    let (at_anna, at_ben) = (heard_so_far(&anna), heard_so_far(&ben));
    talks_after(&anna, at_anna + 0.2, 600.0, 1.0);
    talks_after(&ben, at_ben + 0.2, 1000.0, 1.0);
    hang_up(&mut anna, &out, &ben);
}
