//! The phone calls sipp.
use parley_tests::phone::{Phone, config};
use parley_tests::sipp::sipp;
use parley_tests::sound;
use serde_json::json;
use std::time::Duration;

const SIPP: &str = "10.77.0.3";

fn desk() -> Phone {
    parley_tests::lab();
    let folder = tempfile::tempdir().unwrap();
    sound::write_ulaw_tone(&folder.path().join("tone.ulaw"), 600.0, 3.0);
    let mut config = config(&folder.path().join("data"), "10.77.0.2:0");
    config["accounts"] = json!([{ "name": "Sales", "user": "102", "domain": SIPP, "enabled": false }]);
    config["audio"] = json!({ "file": { "input": null, "output": folder.path().join("out.wav") } });
    Phone::start_in(folder, config, |_| {})
}

#[test]
fn hears_what_is_played_before_the_answer() {
    let mut phone = desk();
    let mut far = sipp(phone.folder.path(), "early", SIPP, &[], &["-p", "5060"]);
    let call = phone.ask(json!({ "type": "dial", "target": "announcements" }))["call"].clone();
    phone.call_in("early_media");
    parley_tests::eventually("the announcement", Duration::from_secs(2), || {
        (sound::seconds_of_tone(&phone.output_wav(), 600.0, 0.8) >= 0.5).then_some(())
    });
    phone.call_in("active");
    phone.ask(json!({ "type": "hang_up", "call": call }));
    far.succeeds_within(Duration::from_secs(20));
    assert_eq!(phone.entry("answered")["direction"], "outgoing");
}

#[test]
fn busy_is_said_in_words() {
    let mut phone = desk();
    let mut far = sipp(phone.folder.path(), "busy", SIPP, &[], &["-p", "5060"]);
    phone.ask(json!({ "type": "dial", "target": "555" }));
    let ended = phone.call_in("ended");
    assert_eq!(ended["end"]["reason"], "busy", "{ended}");
    assert_eq!(ended["end"]["text"], "Busy");
    far.succeeds_within(Duration::from_secs(20));
    phone.entry("failed");
}
