//! sipp calls the phone.
use parley_tests::phone::{Phone, config};
use parley_tests::sipp::sipp;
use parley_tests::sound;
use parley_tests::web::{Web, browser};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const PHONE: &str = "10.77.0.2";
const SIPP: &str = "10.77.0.3";

struct Desk {
    phone: Phone,
    web: Web,
}

/// A phone with one line, a tone for a voice, and a screen pop in the given mode.
fn desk(mode: &str, auto_answer: bool) -> Desk {
    desk_with(mode, auto_answer, |_| {})
}

fn desk_with(mode: &str, auto_answer: bool, prepare: impl FnOnce(&mut std::process::Command)) -> Desk {
    parley_tests::lab();
    let folder = tempfile::tempdir().unwrap();
    let web = Web::listen(PHONE);
    sound::write_tone(&folder.path().join("in.wav"), 1000.0, 5.0);
    let mut config = config(&folder.path().join("data"), &format!("{PHONE}:5060"));
    config["accounts"] = json!([{ "name": "Sales", "user": "102", "domain": SIPP, "enabled": false }]);
    config["acceptFromAnyone"] = json!(true);
    config["audio"] =
        json!({ "file": { "input": folder.path().join("in.wav"), "output": folder.path().join("out.wav") } });
    config["popRules"] = json!([{ "account": 1, "mode": mode, "target": format!(
        "http://{}/c?to=$number$&called=$called$&calling=$caller$&name=$caller_name$&subj=[sip.X-Subject]&ticket=[sip.x-ticket]&none=[sip.X-None]",
        web.address) }]);
    if auto_answer {
        config["autoAnswerMs"] = json!(200);
    }
    let browser = browser(folder.path());
    let phone = Phone::start_in(folder, config, |command| {
        command
            .env("BROWSER", browser)
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY");
        prepare(command);
    });
    Desk { phone, web }
}

fn call(folder: &Path, scenario: &str, name: &str, arguments: &[&str]) -> parley_tests::child::Owned {
    let mut all = vec!["-s", "102"];
    all.extend(arguments);
    all.push("10.77.0.2:5060");
    sipp(
        folder,
        scenario,
        SIPP,
        &[("name", name), ("subject", "Order 20418 & more")],
        &all,
    )
}

const GOLDEN: &str = "/c?to=102&called=02079460100&calling=%2B441632960042&name=Maria%20Keller&subj=Order%2020418%20%26%20more&ticket=20418&none=";

#[test]
fn rings_pops_is_answered_and_hears_itself_back() {
    let mut desk = desk("on_incoming", false);
    let mut caller = call(desk.phone.folder.path(), "caller", "Maria Keller", &["-rtp_echo"]);
    let ringing = desk.phone.call_in("incoming");
    assert_eq!(ringing["remote"]["name"], "Maria Keller");
    assert_eq!(ringing["remote"]["number"], "+441632960042");
    let line = desk
        .phone
        .heard(|heard| heard.accounts[&ringing["account"].as_u64().unwrap()]["name"].clone());
    assert_eq!(line, "Sales");
    assert_eq!(ringing["number"], "102");
    assert_eq!(ringing["called"], "02079460100");
    assert_eq!(desk.web.first(), GOLDEN);
    desk.phone.ask(json!({ "type": "answer", "call": ringing["id"] }));
    desk.phone.call_in("active");
    caller.succeeds_within(Duration::from_secs(30));
    desk.phone.no_live_call();
    let entry = desk.phone.entry("answered");
    assert_eq!(entry["number"], "+441632960042");
    assert_eq!(entry["line"], "Sales");
    assert!(entry["talkSeconds"].as_u64().unwrap() >= 2, "{entry}");
    assert_eq!(desk.web.asked().len(), 1, "the pop opens once");
    let heard = sound::seconds_of_tone(&desk.phone.output_wav(), 1000.0, 0.8);
    assert!(heard >= 1.0, "our own tone came back from sipp for {heard} s only");
}

#[test]
fn hears_what_the_caller_plays() {
    let desk = desk("disabled", true);
    sound::write_ulaw_tone(&desk.phone.folder.path().join("tone.ulaw"), 600.0, 3.0);
    let mut caller = call(desk.phone.folder.path(), "player", "Maria Keller", &[]);
    caller.succeeds_within(Duration::from_secs(30));
    desk.phone.no_live_call();
    let heard = sound::seconds_of_tone(&desk.phone.output_wav(), 600.0, 0.8);
    assert!(heard >= 1.0, "sipp's tone was heard for {heard} s only");
    assert!(desk.web.asked().is_empty(), "a disabled pop opened");
}

#[test]
fn pops_after_answering_only_when_that_is_wanted() {
    let mut desk = desk("after_answer", false);
    let mut caller = call(desk.phone.folder.path(), "caller", "Maria Keller", &["-rtp_echo"]);
    let ringing = desk.phone.call_in("incoming");
    assert!(desk.web.asked().is_empty());
    desk.phone.ask(json!({ "type": "answer", "call": ringing["id"] }));
    assert_eq!(desk.web.first(), GOLDEN);
    caller.succeeds_within(Duration::from_secs(30));
}

#[test]
fn pops_by_hand() {
    let mut desk = desk("manual", true);
    let mut caller = call(desk.phone.folder.path(), "caller", "Maria Keller", &["-rtp_echo"]);
    let active = desk.phone.call_in("active");
    assert!(desk.web.asked().is_empty());
    desk.phone.ask(json!({ "type": "open_pop", "call": active["id"] }));
    assert_eq!(desk.web.first(), GOLDEN);
    caller.succeeds_within(Duration::from_secs(30));
}

#[test]
fn a_hostile_name_changes_nothing_but_its_own_value() {
    let desk = desk("on_incoming", true);
    let mut caller = call(
        desk.phone.folder.path(),
        "caller",
        "x&to=evil#; $(touch pwned) $key$ %0d",
        &["-rtp_echo"],
    );
    let path = desk.web.first();
    assert!(path.starts_with("/c?to=102&called=02079460100&"), "{path}");
    assert!(
        path.contains("&name=x%26to%3Devil%23%3B%20%24%28touch%20pwned%29%20%24key%24%20%250d&"),
        "{path}"
    );
    assert!(!desk.phone.folder.path().join("pwned").exists());
    caller.succeeds_within(Duration::from_secs(30));
}

#[test]
fn a_caller_who_gives_up_is_one_missed_call() {
    let desk = desk("after_answer", false);
    let mut caller = call(desk.phone.folder.path(), "quitter", "Maria Keller", &[]);
    caller.succeeds_within(Duration::from_secs(30));
    let entry = desk.phone.entry("missed");
    assert_eq!(entry["name"], "Maria Keller");
    desk.phone.no_live_call();
    assert_eq!(desk.phone.heard(|heard| heard.history.len()), 1);
    assert!(desk.web.asked().is_empty(), "nobody answered here");
}

#[test]
fn a_call_another_phone_answered_is_not_missed() {
    let desk = desk("after_answer", false);
    let mut caller = call(desk.phone.folder.path(), "elsewhere", "Maria Keller", &[]);
    caller.succeeds_within(Duration::from_secs(30));
    desk.phone.entry("answered_elsewhere");
    assert!(desk.web.asked().is_empty(), "nobody answered here");
}

#[test]
fn do_not_disturb_refuses_quietly_and_leaves_a_missed_entry() {
    let mut desk = desk("on_incoming", false);
    desk.phone
        .ask(json!({ "type": "set_presence", "state": "do_not_disturb" }));
    let mut caller = call(desk.phone.folder.path(), "refused", "Maria Keller", &[]);
    caller.succeeds_within(Duration::from_secs(30));
    desk.phone.entry("missed");
    assert!(desk.web.asked().is_empty(), "a refused call opens nothing");
    let rang = desk.phone.heard(|heard| {
        heard.lines.iter().any(|(_, line)| {
            line["event"]["upserts"].as_array().is_some_and(|views| {
                views.iter().any(|view| {
                    view["type"] == "call" && view["value"]["ring"] != "off" && view["value"]["ring"] != Value::Null
                })
            })
        })
    });
    assert!(!rang, "it made a sound");
}

#[test]
fn a_killed_phone_keeps_its_history() {
    let desk = desk("disabled", true);
    let mut caller = call(desk.phone.folder.path(), "caller", "Maria Keller", &["-rtp_echo"]);
    caller.succeeds_within(Duration::from_secs(30));
    desk.phone.entry("answered");
    let _second = call(desk.phone.folder.path(), "caller", "Ben Adeyemi", &["-rtp_echo"]);
    desk.phone.call_in("active");
    let folder = desk.phone.kill();
    let mut config = config(&folder.path().join("data"), "10.77.0.4:5060");
    config["accounts"] = json!([{ "name": "Sales", "user": "102", "domain": SIPP, "enabled": false }]);
    let phone = Phone::start_in(folder, config, |_| {});
    assert_eq!(phone.entry("answered")["name"], "Maria Keller");
    assert_eq!(phone.entry("interrupted")["name"], "Ben Adeyemi");
}

#[test]
fn a_stranger_is_not_even_answered_unless_that_is_wanted() {
    parley_tests::lab();
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(&folder.path().join("data"), &format!("{PHONE}:5060"));
    config["accounts"] = json!([{ "name": "Sales", "user": "102", "domain": "10.77.0.9", "enabled": false }]);
    let phone = Phone::start_in(folder, config, |_| {});
    let mut caller = call(phone.folder.path(), "stranger", "sipvicious", &[]);
    caller.succeeds_within(Duration::from_secs(30));
    assert!(
        phone.heard(|heard| heard.calls.is_empty() && heard.history.is_empty()),
        "a ghost call showed up"
    );
}

#[test]
fn a_pop_that_did_not_open_is_said_and_opens_on_retry() {
    // Openers that find no browser, before the machine's own in the path; then one that does.
    let openers = tempfile::tempdir().unwrap();
    let working = std::fs::read(browser(openers.path())).unwrap();
    for opener in ["xdg-open", "gio"] {
        let path = openers.path().join(opener);
        std::fs::copy(openers.path().join("browser"), &path).unwrap();
        std::fs::write(path, "#!/bin/sh\nexit 3\n").unwrap();
    }
    let path = format!("{}:{}", openers.path().display(), std::env::var("PATH").unwrap());
    let mut desk = desk_with("on_incoming", true, |command| {
        command.env("PATH", path);
    });
    let mut caller = call(desk.phone.folder.path(), "caller", "Maria Keller", &["-rtp_echo"]);
    let pop = desk.phone.wait("a failed pop", |heard| {
        heard
            .pops
            .values()
            .find(|pop| pop["outcome"]["type"] == "failed")
            .cloned()
    });
    assert!(pop["outcome"]["text"].as_str().unwrap().contains("browser"), "{pop}");
    std::fs::write(openers.path().join("xdg-open"), working).unwrap();
    desk.phone.ask(json!({ "type": "retry_pop", "pop": pop["id"] }));
    assert_eq!(desk.web.first(), GOLDEN);
    desk.phone.wait("the second try in the log", |heard| {
        heard
            .pops
            .values()
            .any(|pop| pop["outcome"]["type"] == "opened")
            .then_some(())
    });
    caller.succeeds_within(Duration::from_secs(30));
}
