//! baresip, called and calling, through kamailio.
use crate::line::{REGISTRAR, talks};
use crate::phones::phone;
use parley_tests::baresip::Baresip;
use parley_tests::kamailio::Kamailio;
use serde_json::json;

#[test]
fn calls_baresip_and_hears_the_echo() {
    let _kamailio = Kamailio::start(REGISTRAR, 3600);
    let mut anna = phone("10.77.0.2", "1001", "udp", 1000.0);
    let mut baresip = Baresip::start(anna.folder.path(), "10.77.0.5", "1005", REGISTRAR, "");
    let call = anna.ask(json!({ "type": "dial", "target": "1005" }))["call"].clone();
    anna.call_in("active");
    talks(&anna, 1000.0, 1.5);
    anna.ask(json!({ "type": "hold", "call": call }));
    anna.held_by_us(true);
    anna.ask(json!({ "type": "resume", "call": call }));
    anna.held_by_us(false);
    anna.ask(json!({ "type": "hang_up", "call": call }));
    baresip.event("CALL_CLOSED");
    anna.no_live_call();
    anna.entry("answered");
}

#[test]
fn is_called_by_baresip_which_holds_and_hangs_up() {
    let _kamailio = Kamailio::start(REGISTRAR, 3600);
    let mut anna = phone("10.77.0.2", "1001", "udp", 1000.0);
    let mut baresip = Baresip::start(anna.folder.path(), "10.77.0.5", "1005", REGISTRAR, "");
    baresip.command("dial", &format!("sip:1001@{REGISTRAR}"));
    let ringing = anna.call_in("incoming");
    assert_eq!(ringing["remote"]["number"], "1005");
    anna.ask(json!({ "type": "answer", "call": ringing["id"] }));
    baresip.event("CALL_ESTABLISHED");
    talks(&anna, 1000.0, 1.0);
    baresip.command("hold", "");
    anna.held_by_them(true);
    baresip.command("resume", "");
    anna.held_by_them(false);
    baresip.command("hangup", "");
    anna.no_live_call();
    let entry = anna.entry("answered");
    assert_eq!(entry["direction"], "incoming");
}

#[test]
fn transfers_baresip_to_a_colleague_and_is_out_of_the_call() {
    let _kamailio = Kamailio::start(REGISTRAR, 3600);
    let mut anna = phone("10.77.0.2", "1001", "udp", 1000.0);
    let mut ben = phone("10.77.0.3", "1002", "udp", 600.0);
    let _baresip = Baresip::start(anna.folder.path(), "10.77.0.5", "1005", REGISTRAR, "");
    let call = anna.ask(json!({ "type": "dial", "target": "1005" }))["call"].clone();
    anna.call_in("active");
    anna.ask(json!({ "type": "transfer", "call": call, "target": "1002" }));
    let ringing = ben.call_in("incoming");
    assert_eq!(ringing["remote"]["number"], "1005", "baresip calls, not anna");
    ben.ask(json!({ "type": "answer", "call": ringing["id"] }));
    // One loop of baresip's serves one call at a time, so it sends no echo here: what counts is that the two are joined.
    ben.call_in("active");
    let ended = anna.call_in("ended");
    assert_eq!(ended["end"]["reason"], "transferred", "{ended}");
}
