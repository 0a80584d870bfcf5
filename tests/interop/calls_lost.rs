//! Far ends that fall silent, and answers that cross.
use parley_tests::phone::{Phone, config};
use parley_tests::sipp::sipp;
use serde_json::json;
use std::time::{Duration, Instant};

const PHONE: &str = "10.77.0.2";
const OTHER_PHONE: &str = "10.77.0.5";
const SIPP: &str = "10.77.0.3";
const OTHER_SIPP: &str = "10.77.0.4";

/// What 64*T1 takes (RFC 3261 section 17.1.1.2), and some more for a busy machine.
const GIVEN_UP: Duration = Duration::from_secs(45);

/// A phone at `address` with one line, whose server is `domain`.
fn phone(address: &str, domain: &str) -> Phone {
    parley_tests::lab();
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(&folder.path().join("data"), &format!("{address}:5060"));
    config["accounts"] = json!([{ "name": "Sales", "user": "102", "domain": domain, "enabled": false }]);
    Phone::start_in(folder, config, |_| {})
}

fn one_entry(phone: &Phone) {
    assert_eq!(phone.heard(|heard| heard.history.len()), 1, "one call is one entry");
}

#[test]
fn hanging_up_does_not_wait_for_a_far_end_that_is_deaf_to_it() {
    let mut phone = phone(PHONE, SIPP);
    let mut far = sipp(phone.folder.path(), "deaf", SIPP, &[], &["-p", "5060"]);
    let call = phone.ask(json!({ "type": "dial", "target": "600" }))["call"].clone();
    phone.call_in("active");
    let asked = Instant::now();
    phone.ask(json!({ "type": "hang_up", "call": call }));
    let ended = phone.call_in("ended");
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    assert_eq!(ended["end"]["reason"], "hung_up_here", "{ended}");
    assert_eq!(phone.entry("answered")["direction"], "outgoing");
    one_entry(&phone);
    // The BYE is still being repeated; the phone makes its next call meanwhile.
    let mut busy = sipp(phone.folder.path(), "busy", OTHER_SIPP, &[], &["-p", "5060"]);
    phone.ask(json!({ "type": "dial", "target": format!("sip:555@{OTHER_SIPP}") }));
    phone.entry("failed");
    far.succeeds_within(Duration::from_secs(20));
    busy.succeeds_within(Duration::from_secs(20));
}

#[test]
fn a_far_end_that_falls_silent_is_given_up_after_the_time_the_rfc_allows() {
    let mut caller = phone(PHONE, SIPP);
    let mut deaf = sipp(caller.folder.path(), "deaf_to_hold", SIPP, &[], &["-p", "5060"]);
    let call = caller.ask(json!({ "type": "dial", "target": "600" }))["call"].clone();
    caller.call_in("active");
    caller.ask(json!({ "type": "hold", "call": call }));
    let held = Instant::now();
    // Both wait their 32 seconds at the same time: here nobody sends the ACK for our 200.
    let mut called = phone(OTHER_PHONE, OTHER_SIPP);
    let arguments = ["-s", "102", "10.77.0.5:5060"];
    let keys = [("name", "Maria Keller"), ("subject", "")];
    let mut silent = sipp(called.folder.path(), "silent", OTHER_SIPP, &keys, &arguments);
    let ringing = called.call_in("incoming");
    called.ask(json!({ "type": "answer", "call": ringing["id"] }));
    for (phone, direction) in [(&caller, "outgoing"), (&called, "incoming")] {
        let ended = phone.wait_for("the end", GIVEN_UP, |heard| {
            heard.calls.values().find(|call| call["state"] == "ended").cloned()
        });
        assert_eq!(ended["end"]["reason"], "lost", "{ended}");
        assert_eq!(ended["end"]["text"], "The connection was lost");
        assert_eq!(phone.entry("answered")["direction"], direction);
        one_entry(phone);
    }
    assert!(
        held.elapsed() >= Duration::from_secs(25),
        "given up after {:?}",
        held.elapsed()
    );
    deaf.succeeds_within(Duration::from_secs(5));
    silent.succeeds_within(Duration::from_secs(5));
}

#[test]
fn an_answer_that_crosses_our_cancel_is_hung_up_and_the_call_was_cancelled() {
    let mut phone = phone(PHONE, SIPP);
    let mut far = sipp(phone.folder.path(), "crossing", SIPP, &[], &["-p", "5060"]);
    let call = phone.ask(json!({ "type": "dial", "target": "600" }))["call"].clone();
    phone.call_in("ringing");
    phone.ask(json!({ "type": "hang_up", "call": call }));
    far.succeeds_within(Duration::from_secs(20));
    assert_eq!(phone.call_in("ended")["end"]["reason"], "cancelled");
    phone.entry("cancelled");
    one_entry(&phone);
}
