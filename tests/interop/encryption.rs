//! Encrypted calls with programs that bring an SRTP of their own: heard both ways, refused in words where only one side can.
use crate::line::{Line, REGISTRAR, Trust, heard_so_far, talks, talks_after};
use parley_tests::baresip::Baresip;
use parley_tests::kamailio::Kamailio;
use parley_tests::phone::Phone;
use serde_json::{Value, json};

fn phone(encryption: &str) -> Phone {
    Line::of("1001")
        .account("options", json!({ "encryption": encryption }))
        .speaking(1000.0)
        .registered()
}

fn lock(phone: &Phone) -> Value {
    phone.wait("a word about encryption", |heard| {
        let mut calls = heard.calls.values();
        calls.find_map(|call| call["encryption"]["level"].as_str().map(|level| json!(level)))
    })
}

fn baresip(phone: &Phone, parameters: &str) -> Baresip {
    Baresip::encrypting(phone.folder.path(), "10.77.0.5", "1005", REGISTRAR, parameters)
}

/// Calls baresip, hears its echo, holds and resumes.
fn calls(encryption: &str, theirs: &str, level: &str) {
    let _kamailio = Kamailio::start(REGISTRAR, 3600);
    let mut anna = phone(encryption);
    let _baresip = baresip(&anna, theirs);
    let call = anna.ask(json!({ "type": "dial", "target": "1005" }))["call"].clone();
    anna.call_in("active");
    talks(&anna, 1000.0, 1.5);
    assert_eq!(lock(&anna), level);
    anna.ask(json!({ "type": "hold", "call": call }));
    anna.held_by_us(true);
    anna.ask(json!({ "type": "resume", "call": call }));
    anna.held_by_us(false);
    assert_eq!(lock(&anna), level);
    anna.ask(json!({ "type": "hang_up", "call": call }));
    anna.no_live_call();
}

#[test]
fn calls_a_baresip_that_may_encrypt() {
    calls("preferred", ";mediaenc=srtp", "key_exposed");
}

#[test]
fn calls_a_baresip_that_must_encrypt() {
    calls("required", ";mediaenc=srtp-mand", "key_exposed");
}

#[test]
fn calls_a_baresip_that_cannot_and_talks_in_the_open() {
    calls("preferred", "", "none");
}

#[test]
fn is_called_by_a_baresip_that_must_encrypt() {
    let _kamailio = Kamailio::start(REGISTRAR, 3600);
    let mut anna = phone("preferred");
    let mut baresip = baresip(&anna, ";mediaenc=srtp-mand");
    baresip.command("dial", &format!("sip:1001@{REGISTRAR}"));
    let ringing = anna.call_in("incoming");
    anna.ask(json!({ "type": "answer", "call": ringing["id"] }));
    baresip.event("CALL_ESTABLISHED");
    talks(&anna, 1000.0, 1.0);
    assert_eq!(lock(&anna), "key_exposed");
    baresip.command("hold", "");
    anna.held_by_them(true);
    baresip.command("resume", "");
    anna.held_by_them(false);
    assert_eq!(lock(&anna), "key_exposed");
}

#[test]
fn a_baresip_that_cannot_encrypt_is_no_call_where_it_is_required() {
    let _kamailio = Kamailio::start(REGISTRAR, 3600);
    let mut anna = phone("required");
    let mut baresip = baresip(&anna, "");
    anna.ask(json!({ "type": "dial", "target": "1005" }));
    let ended = anna.call_in("ended");
    assert!(
        ended["end"]["text"].as_str().unwrap().contains("cannot encrypt"),
        "{ended}"
    );
    baresip.command("dial", &format!("sip:1001@{REGISTRAR}"));
    baresip.event("CALL_CLOSED");
    let missed = anna.entry("missed");
    assert!(
        missed["reason"].as_str().unwrap().contains("does not encrypt"),
        "{missed}"
    );
}

#[test]
fn two_phones_over_tls_see_a_closed_lock() {
    let trust = Trust::new();
    let _kamailio = trust.registrar().start();
    let encrypted = json!({ "encryption": "required" });
    let anna = trust
        .line("1001", "tls")
        .listening("10.77.0.2")
        .account("options", encrypted.clone());
    let ben = trust
        .line("1002", "tls")
        .listening("10.77.0.3")
        .account("options", encrypted);
    let (mut anna, mut ben) = (anna.speaking(1000.0).registered(), ben.speaking(600.0).registered());
    let (call, _) = crate::line::call(&mut anna, &mut ben, "1002");
    talks(&anna, 600.0, 1.0);
    talks(&ben, 1000.0, 1.0);
    assert_eq!((lock(&anna), lock(&ben)), (json!("full"), json!("full")));
    anna.ask(json!({ "type": "hold", "call": call }));
    ben.held_by_them(true);
    anna.ask(json!({ "type": "resume", "call": call }));
    ben.held_by_them(false);
    anna.held_by_us(false);
    let (at_anna, at_ben) = (heard_so_far(&anna), heard_so_far(&ben));
    talks_after(&anna, at_anna, 600.0, 1.0);
    talks_after(&ben, at_ben, 1000.0, 1.0);
    assert_eq!((lock(&anna), lock(&ben)), (json!("full"), json!("full")));
}
