//! Transfers with phones we did not write: baresip for "transfer now", linphone for "ask first" (baresip knows no Replaces).
use crate::line::{Line, REGISTRAR, agree, heard_so_far, talks, talks_after};
use parley_tests::baresip::Baresip;
use parley_tests::kamailio::Kamailio;
use parley_tests::linphone::Linphone;
use parley_tests::phone::{PATIENCE, Phone};
use parley_tests::sound;
use serde_json::{Value, json};
use std::path::Path;

const BARESIP: &str = "10.77.0.5";

fn anna() -> Phone {
    let anna = Line::of("1001").listening("10.77.0.2").speaking(1000.0);
    anna.registered()
}

fn ben() -> Phone {
    let ben = Line::of("1002").listening("10.77.0.3").speaking(600.0);
    ben.registered()
}

/// Waits until a recording somebody else makes holds a second of this tone.
fn hears(recording: impl Fn() -> Option<std::path::PathBuf>, hertz: f64) {
    parley_tests::eventually(&format!("the other hears {hertz} Hz"), PATIENCE, || {
        let path = recording()?;
        (sound::seconds_of_tone(&path, hertz, 0.8) >= 1.0).then_some(())
    });
}

fn answer(phone: &mut Phone) -> Value {
    let ringing = phone.call_in("incoming");
    phone.ask(json!({ "type": "answer", "call": ringing["id"] }));
    phone.call_in("active");
    ringing
}

fn folder(phone: &Phone) -> &Path {
    phone.folder.path()
}

#[test]
fn sends_baresip_on_to_a_colleague_and_they_hear_each_other() {
    let _kamailio = Kamailio::start(REGISTRAR, 3600);
    let (mut anna, mut ben) = (anna(), ben());
    let baresip = Baresip::speaking(folder(&anna), BARESIP, "1005", REGISTRAR, 440.0);
    let call = anna.ask(json!({ "type": "dial", "target": "1005" }))["call"].clone();
    anna.call_in("active");
    talks(&anna, 440.0, 1.0);
    anna.ask(json!({ "type": "transfer", "call": call, "target": "1002" }));
    let ringing = answer(&mut ben);
    assert_eq!(ringing["remote"]["number"], "1005", "baresip calls, not anna");
    talks(&ben, 440.0, 1.0);
    hears(|| baresip.heard().pop(), 600.0);
    let ended = anna.call_in("ended");
    assert_eq!(ended["end"]["reason"], "transferred", "{ended}");
}

#[test]
fn is_sent_on_to_a_colleague_by_baresip() {
    let _kamailio = Kamailio::start(REGISTRAR, 3600);
    let (mut anna, mut ben) = (anna(), ben());
    let mut baresip = Baresip::speaking(folder(&anna), BARESIP, "1005", REGISTRAR, 440.0);
    baresip.command("dial", "sip:1001@pbx.test");
    answer(&mut anna);
    talks(&anna, 440.0, 0.5);
    baresip.command("transfer", "sip:1002@pbx.test");
    agree(&mut anna);
    let ringing = answer(&mut ben);
    assert_eq!(ringing["remote"]["number"], "1001", "anna calls, not baresip");
    talks(&anna, 600.0, 1.0);
    talks(&ben, 1000.0, 1.0);
    baresip.event("CALL_CLOSED");
    one_live(&anna);
}

#[test]
fn asks_a_colleague_first_and_connects_linphone_to_him() {
    let kamailio = Kamailio::start(REGISTRAR, 3600);
    let (mut anna, mut ben) = (anna(), ben());
    let Some(mut linphone) = Linphone::start(folder(&anna), "1006", &kamailio, 440.0) else {
        return;
    };
    linphone.types("call sip:1001@pbx.test");
    let first = answer(&mut anna);
    talks(&anna, 440.0, 0.5);
    let second = anna.ask(json!({ "type": "consult", "call": first["id"], "target": "1002" }))["call"].clone();
    anna.held_by_us(true);
    answer(&mut ben);
    talks(&anna, 600.0, 0.5);
    anna.ask(json!({ "type": "complete_transfer", "call": second }));
    let before = heard_so_far(&ben);
    talks_after(&ben, before, 440.0, 1.0);
    hears(|| Some(linphone.heard()), 600.0);
    anna.no_live_call();
    one_live(&ben);
}

#[test]
fn asks_linphone_first_and_connects_a_colleague_to_it() {
    let kamailio = Kamailio::start(REGISTRAR, 3600);
    let (mut anna, mut ben) = (anna(), ben());
    let Some(mut linphone) = Linphone::start(folder(&anna), "1006", &kamailio, 440.0) else {
        return;
    };
    ben.ask(json!({ "type": "dial", "target": "1001" }));
    let first = answer(&mut anna);
    let second = anna.ask(json!({ "type": "consult", "call": first["id"], "target": "1006" }))["call"].clone();
    linphone.says("Receiving new incoming call", PATIENCE);
    linphone.types("answer");
    talks(&anna, 440.0, 0.5);
    anna.ask(json!({ "type": "complete_transfer", "call": second }));
    agree(&mut ben);
    talks(&ben, 440.0, 1.0);
    hears(|| Some(linphone.heard()), 600.0);
    anna.no_live_call();
    one_live(&ben);
}

#[test]
fn is_connected_to_a_colleague_by_linphone_which_asked_him_first() {
    let kamailio = Kamailio::start(REGISTRAR, 3600);
    let (mut anna, mut ben) = (anna(), ben());
    let Some(mut linphone) = Linphone::start(folder(&anna), "1006", &kamailio, 440.0) else {
        return;
    };
    linphone.types("call sip:1001@pbx.test");
    answer(&mut anna);
    talks(&anna, 440.0, 0.5);
    linphone.types("pause");
    anna.held_by_them(true);
    linphone.types("call sip:1002@pbx.test");
    answer(&mut ben);
    talks(&ben, 440.0, 0.5);
    linphone.types("transfer 1 --to-call 2");
    agree(&mut anna);
    talks(&anna, 600.0, 1.0);
    talks(&ben, 1000.0, 1.0);
    one_live(&anna);
    one_live(&ben);
}

/// The old call is gone and the new one stays.
fn one_live(phone: &Phone) {
    phone.wait("one live call", |heard| {
        let live: Vec<&Value> = heard.calls.values().filter(|call| call["state"] != "ended").collect();
        (live.len() == 1 && live[0]["state"] == "active").then_some(())
    });
}
