//! Our headless phone against ours, through kamailio and straight.
use crate::line::{Line, REGISTRAR, Trust, agree, talks};
use parley_tests::kamailio::Kamailio;
use parley_tests::phone::Phone;
use serde_json::json;

pub fn phone(ip: &str, user: &str, transport: &str, tone: f64) -> Phone {
    Line::of(user).over(transport).listening(ip).speaking(tone).registered()
}

fn call_each_other(transport_a: &str, transport_b: &str) {
    let trust = Trust::new();
    let _kamailio = trust.registrar().start();
    let anna = trust.line("1001", transport_a).listening("10.77.0.2");
    let ben = trust.line("1002", transport_b).listening("10.77.0.3");
    let mut anna = anna.speaking(1000.0).registered();
    let mut ben = ben.speaking(600.0).registered();
    let call = anna.ask(json!({ "type": "dial", "target": "1002" }))["call"].clone();
    let ringing = ben.call_in("incoming");
    assert_eq!(ringing["remote"]["name"], "Agent 1001");
    assert_eq!(ringing["remote"]["number"], "1001");
    anna.call_in("ringing");
    ben.ask(json!({ "type": "answer", "call": ringing["id"] }));
    anna.call_in("active");
    ben.call_in("active");
    talks(&anna, 600.0, 1.0);
    talks(&ben, 1000.0, 1.0);

    anna.ask(json!({ "type": "hold", "call": call }));
    anna.held_by_us(true);
    ben.held_by_them(true);
    anna.ask(json!({ "type": "resume", "call": call }));
    ben.held_by_them(false);
    anna.held_by_us(false);
    anna.ask(json!({ "type": "send_digits", "call": call, "digits": "0123456789*#" }));
    ben.ask(json!({ "type": "hang_up", "call": ringing["id"] }));
    anna.no_live_call();
    ben.no_live_call();
    assert_eq!(anna.entry("answered")["direction"], "outgoing");
    assert_eq!(ben.entry("answered")["direction"], "incoming");
    anna.quit();
    ben.quit();
}

#[test]
fn two_phones_call_hold_and_hang_up_over_udp() {
    call_each_other("udp", "udp");
}

#[test]
fn two_phones_call_hold_and_hang_up_over_tcp() {
    call_each_other("tcp", "tcp");
}

#[test]
fn one_over_tcp_calls_one_over_udp() {
    call_each_other("tcp", "udp");
}

#[test]
fn two_phones_call_hold_and_hang_up_over_tls() {
    call_each_other("tls", "tls");
}

#[test]
fn one_over_tls_calls_one_over_a_websocket() {
    call_each_other("tls", "ws");
}

#[test]
fn one_over_a_websocket_in_tls_calls_one_over_udp() {
    call_each_other("wss", "udp");
}

#[test]
fn one_over_udp_calls_one_over_a_websocket_in_tls() {
    call_each_other("udp", "wss");
}

#[test]
fn a_declined_call_says_so_on_both_sides() {
    let _kamailio = Kamailio::start(REGISTRAR, 3600);
    let mut anna = phone("10.77.0.2", "1001", "udp", 1000.0);
    let mut ben = phone("10.77.0.3", "1002", "udp", 600.0);
    anna.ask(json!({ "type": "dial", "target": "1002" }));
    let ringing = ben.call_in("incoming");
    ben.ask(json!({ "type": "decline", "call": ringing["id"] }));
    let ended = anna.call_in("ended");
    assert!(
        ["refused", "busy"].contains(&ended["end"]["reason"].as_str().unwrap()),
        "{ended}"
    );
    ben.entry("declined");
    anna.entry("failed");
}

#[test]
fn nobody_by_that_number_is_said_in_words() {
    let _kamailio = Kamailio::start(REGISTRAR, 3600);
    let mut anna = phone("10.77.0.2", "1001", "udp", 1000.0);
    anna.ask(json!({ "type": "dial", "target": "1999" }));
    let ended = anna.call_in("ended");
    assert_eq!(ended["end"]["reason"], "not_found", "{ended}");
    assert!(ended["end"]["text"].as_str().unwrap().contains("number"), "{ended}");
}

#[test]
fn a_transfer_to_nobody_gives_the_call_back() {
    let _kamailio = Kamailio::start(REGISTRAR, 3600);
    let mut anna = phone("10.77.0.2", "1001", "udp", 1000.0);
    let mut ben = phone("10.77.0.3", "1002", "udp", 600.0);
    anna.ask(json!({ "type": "dial", "target": "1002" }));
    let ringing = ben.call_in("incoming");
    ben.ask(json!({ "type": "answer", "call": ringing["id"] }));
    let active = anna.call_in("active");
    // A transfer to nobody comes back, with the reason.
    anna.ask(json!({ "type": "transfer", "call": active["id"], "target": "1999" }));
    agree(&mut ben);
    anna.wait("the transfer failed and the call is ours", |heard| {
        heard
            .calls
            .values()
            .any(|call| call["transfer"]["state"] == "failed" && call["state"] == "active")
            .then_some(())
    });
}

#[test]
fn a_second_call_waits_and_answering_it_holds_the_first() {
    let _kamailio = Kamailio::start(REGISTRAR, 3600);
    let mut anna = phone("10.77.0.2", "1001", "udp", 1000.0);
    let mut ben = phone("10.77.0.3", "1002", "udp", 600.0);
    let mut cleo = phone("10.77.0.4", "1003", "udp", 1500.0);
    ben.ask(json!({ "type": "dial", "target": "1001" }));
    let first = anna.call_in("incoming");
    anna.ask(json!({ "type": "answer", "call": first["id"] }));
    anna.call_in("active");
    cleo.ask(json!({ "type": "dial", "target": "1001" }));
    let second = anna.call_in("incoming");
    assert_eq!(second["ring"], "subtle");
    anna.ask(json!({ "type": "answer", "call": second["id"] }));
    anna.wait("first held, second active", |heard| {
        let first = heard.calls.get(&first["id"].as_u64()?)?;
        let second = heard.calls.get(&second["id"].as_u64()?)?;
        (first["heldByUs"] == true && second["state"] == "active").then_some(())
    });
    talks(&anna, 1500.0, 1.0);
    ben.held_by_them(true);
}
