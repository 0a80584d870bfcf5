//! What a far end may do with a call of ours, by sipp.
use parley_tests::phone::{Phone, config};
use parley_tests::script::Script;
use serde_json::{Value, json};
use std::time::Duration;

const PHONE: &str = "10.77.0.2:5060";
const SIPP: &str = "10.77.0.3";
const SOON: Duration = Duration::from_secs(20);

fn phone() -> Phone {
    parley_tests::lab();
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(&folder.path().join("data"), PHONE);
    config["accounts"] = json!([{ "name": "Sales", "user": "102", "domain": SIPP, "enabled": false,
        "passwordEnv": "PARLEY_TEST_PASSWORD" }]);
    Phone::start_in(folder, config, |command| {
        command.env("PARLEY_TEST_PASSWORD", "secret");
    })
}

/// Calls the script and waits until it is answered.
fn call(phone: &mut Phone) -> Value {
    let call = phone.ask(json!({ "type": "dial", "target": "600" }))["call"].clone();
    phone.call_in("active");
    call
}

fn hang_up(phone: &mut Phone, call: &Value) {
    phone.ask(json!({ "type": "hang_up", "call": call }));
}

#[test]
fn of_two_phones_that_ring_and_both_answer_the_first_is_talked_to_and_the_other_hung_up() {
    let mut phone = phone();
    let script = Script::called("forks")
        .expects("INVITE")
        .answers_as("one", "INVITE", 180, "")
        .answers_as("two", "INVITE", 180, "")
        .answers_as("two", "INVITE", 200, "sdp")
        .expects_with("ACK", "To", "tag=two")
        .answers_as("one", "INVITE", 200, "sdp")
        .expects_with("ACK", "To", "tag=one")
        .expects_with("BYE", "To", "tag=one")
        .answers(200, "")
        .expects_with("BYE", "To", "tag=two")
        .answers(200, "");
    let mut far = script.play(phone.folder.path(), SIPP, None);
    let call = call(&mut phone);
    let record = phone.folder.path().join("forks.msg");
    parley_tests::eventually("the goodbye to the slower phone", SOON, || {
        std::fs::read_to_string(&record)
            .ok()?
            .contains("BYE sip:")
            .then_some(())
    });
    hang_up(&mut phone, &call);
    far.succeeds_within(SOON);
    assert_eq!(phone.heard(|heard| heard.history.len()), 1);
}

#[test]
fn a_far_end_that_wants_longer_sessions_gets_them() {
    let mut phone = phone();
    let script = Script::called("longer")
        .expects_with("INVITE", "Supported", "timer")
        .answers(422, "Min-SE: 3600")
        .expects("ACK")
        .expects_with("INVITE", "Session-Expires", "^ *3600")
        .answers(200, "Session-Expires: 3600;refresher=uac\nRequire: timer\nsdp")
        .expects("ACK")
        .expects("BYE")
        .answers(200, "");
    let mut far = script.play(phone.folder.path(), SIPP, None);
    let call = call(&mut phone);
    hang_up(&mut phone, &call);
    far.succeeds_within(SOON);
}

#[test]
fn offers_that_cross_are_both_refused_and_ours_is_made_again() {
    let mut phone = phone();
    let script = Script::called("glare")
        .expects("INVITE")
        .answers(200, "sdp")
        .expects("ACK")
        .up()
        .expects("INVITE")
        .asks("INVITE", "sdp")
        .expects("491")
        .acknowledges_refusal()
        .answers_as("one", "INVITE", 491, "")
        .expects("ACK")
        .expects("INVITE")
        .answers(200, "sdp")
        .expects("ACK")
        .expects("BYE")
        .answers(200, "");
    let mut far = script.play(phone.folder.path(), SIPP, None);
    let call = call(&mut phone);
    phone.ask(json!({ "type": "hold", "call": call }));
    phone.held_by_us(true);
    hang_up(&mut phone, &call);
    far.succeeds_within(SOON);
}

#[test]
fn a_challenge_within_the_call_is_answered() {
    let mut phone = phone();
    let script = Script::called("challenges")
        .expects("INVITE")
        .answers(200, "sdp")
        .expects("ACK")
        .up()
        .expects("INVITE")
        .answers(
            401,
            "WWW-Authenticate: Digest realm=\"10.77.0.3\", nonce=\"n1\", qop=\"auth\", algorithm=SHA-256",
        )
        .expects("ACK")
        .expects_with("INVITE", "Authorization", "username=\"102\".*nc=00000001")
        .answers(200, "sdp")
        .expects("ACK")
        .expects("BYE")
        .answers(200, "");
    let mut far = script.play(phone.folder.path(), SIPP, None);
    let call = call(&mut phone);
    phone.ask(json!({ "type": "hold", "call": call }));
    phone.held_by_us(true);
    hang_up(&mut phone, &call);
    far.succeeds_within(SOON);
}

#[test]
fn a_transfer_tells_how_it_goes_and_ends_the_call() {
    let mut phone = phone();
    let news = |state: &str, line: &str| {
        format!("Event: refer\nSubscription-State: {state}\nContent-Type: message/sipfrag\nbody SIP/2.0 {line}")
    };
    let script = Script::called("transferred")
        .expects("INVITE")
        .answers(200, "sdp")
        .expects("ACK")
        .up()
        .expects_with("INVITE", "CSeq", "INVITE")
        .answers(200, "sdp")
        .expects("ACK")
        .expects_with("REFER", "Refer-To", "sip:601@10.77.0.3")
        .answers(202, "")
        .asks("NOTIFY", &news("active;expires=60", "100 Trying"))
        .expects("200")
        .asks("NOTIFY", &news("active;expires=60", "180 Ringing"))
        .expects("200")
        .asks("NOTIFY", &news("terminated;reason=noresource", "200 OK"))
        .expects("200")
        .expects("BYE")
        .answers(200, "");
    let mut far = script.play(phone.folder.path(), SIPP, None);
    let call = call(&mut phone);
    phone.ask(json!({ "type": "transfer", "call": call, "target": "601" }));
    let ended = phone.call_in("ended");
    assert_eq!(ended["end"]["reason"], "transferred", "{ended}");
    far.succeeds_within(SOON);
}

#[test]
fn reliable_ringing_is_acknowledged_with_its_early_media_and_changed_by_update() {
    let mut phone = phone();
    let script = Script::called("reliable")
        .expects_with("INVITE", "Supported", "100rel")
        .answers(
            183,
            "Require: 100rel\nRSeq: 7\nAllow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE\nsdp",
        )
        .expects_with("PRACK", "RAck", "7 [0-9]+ INVITE")
        .answers(200, "")
        .answers_as("one", "INVITE", 180, "Require: 100rel\nRSeq: 8")
        .expects_with("PRACK", "RAck", "8 [0-9]+ INVITE")
        .answers(200, "")
        .asks("UPDATE", "sdp")
        .expects_with("200", "Content-Type", "application/sdp")
        .waits(500)
        .answers_as("one", "INVITE", 200, "")
        .expects("ACK")
        .expects("BYE")
        .answers(200, "");
    let mut far = script.play(phone.folder.path(), SIPP, None);
    let call = phone.ask(json!({ "type": "dial", "target": "600" }))["call"].clone();
    phone.call_in("early_media");
    phone.call_in("active");
    hang_up(&mut phone, &call);
    far.succeeds_within(SOON);
}

#[test]
fn a_redirection_is_told_and_not_followed_by_itself() {
    let mut phone = phone();
    let script = Script::called("redirects")
        .expects("INVITE")
        .answers(302, "Contact: <sip:601@10.77.0.3>")
        .expects("ACK");
    let mut far = script.play(phone.folder.path(), SIPP, None);
    phone.ask(json!({ "type": "dial", "target": "600" }));
    phone.call_in("ended");
    far.succeeds_within(SOON);
    assert_eq!(phone.heard(|heard| heard.calls.len()), 1, "nobody else was called");
}

#[test]
fn the_session_is_refreshed_at_half_its_interval() {
    let mut phone = phone();
    let script = Script::called("timed")
        .expects("INVITE")
        .answers(200, "Session-Expires: 90;refresher=uac\nRequire: timer\nsdp")
        .expects("ACK")
        .up()
        .expects_with("INVITE", "Session-Expires", "90;refresher=uac")
        .answers(200, "Session-Expires: 90;refresher=uac\nRequire: timer\nsdp")
        .expects("ACK")
        .asks("BYE", "")
        .expects("200");
    let mut far = script.play(phone.folder.path(), SIPP, None);
    call(&mut phone);
    far.succeeds_within(Duration::from_secs(70));
    assert!(phone.entry("answered")["talkSeconds"].as_u64().unwrap() >= 45);
}
