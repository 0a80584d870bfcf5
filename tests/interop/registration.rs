//! kamailio as registrar: UDP and TCP, right and wrong password, restarted.
use parley_tests::kamailio::Kamailio;
use parley_tests::phone::{Phone, config};
use serde_json::{Value, json};
use std::time::Duration;

const REGISTRAR: &str = "10.77.0.9";

fn account(user: &str, transport: &str) -> Value {
    json!({ "name": "Sales", "user": user, "domain": "pbx.test", "outboundProxy": REGISTRAR, "transport": transport,
            "passwordEnv": "PARLEY_TEST_PASSWORD" })
}

fn phone(user: &str, transport: &str, password: &str) -> Phone {
    parley_tests::lab();
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(&folder.path().join("data"), "10.77.0.2:0");
    config["accounts"] = json!([account(user, transport)]);
    let password = password.to_owned();
    Phone::start_in(folder, config, |command| {
        command.env("PARLEY_TEST_PASSWORD", password);
    })
}

#[test]
fn registers_over_udp_and_says_so() {
    let _kamailio = Kamailio::start(REGISTRAR, 3600);
    let phone = phone("1001", "udp", "pw1001");
    phone.registered();
    phone.quit();
}

#[test]
fn registers_over_tcp() {
    let _kamailio = Kamailio::start(REGISTRAR, 3600);
    let phone = phone("1001", "tcp", "pw1001");
    phone.registered();
    phone.quit();
}

#[test]
fn a_wrong_password_is_named_and_not_hammered() {
    let _kamailio = Kamailio::start(REGISTRAR, 3600);
    let phone = phone("1001", "udp", "wrong");
    let failed = failure(&phone);
    assert_eq!(failed["reason"], "wrong_password", "{failed}");
    assert!(
        failed["text"].as_str().unwrap().to_lowercase().contains("password"),
        "{failed}"
    );
    assert!(!phone.log().contains("wrong\""), "the password is in the log");
}

#[test]
fn nobody_at_the_address_is_named() {
    let phone = phone("1001", "tcp", "pw1001");
    let failed = failure(&phone);
    assert!(
        ["unreachable", "no_answer"].contains(&failed["reason"].as_str().unwrap()),
        "{failed}"
    );
    assert!(failed["retryAt"].is_number(), "it tries again by itself: {failed}");
}

#[test]
fn a_restarted_registrar_is_found_again() {
    for transport in ["udp", "tcp"] {
        let kamailio = Kamailio::start(REGISTRAR, 10);
        let phone = phone("1001", transport, "pw1001");
        phone.registered();
        let before = proven(&phone);
        kamailio.stop();
        let _kamailio = Kamailio::start(REGISTRAR, 10);
        phone.wait_for(
            "a registration the new registrar confirmed",
            Duration::from_secs(40),
            |heard| {
                heard
                    .accounts
                    .values()
                    .any(|account| {
                        let state = &account["registration"];
                        state["type"] == "registered" && state["provenAt"].as_i64() > Some(before)
                    })
                    .then_some(())
            },
        );
    }
}

fn failure(phone: &Phone) -> Value {
    phone.wait("a failed registration", |heard| {
        let mut states = heard.accounts.values().map(|account| account["registration"].clone());
        states.find(|state| state["type"] == "failed")
    })
}

fn proven(phone: &Phone) -> i64 {
    phone.heard(|heard| {
        heard.accounts.values().next().unwrap()["registration"]["provenAt"]
            .as_i64()
            .unwrap()
    })
}
