//! Servers whose certificate the system does not trust: shown, looked at, trusted for one line, and minded when it changes.
use crate::line::{Line, REGISTRAR, Trust, failure};
use parley_tests::certificates::{Authority, Certificate, self_signed};
use parley_tests::kamailio::Kamailio;
use parley_tests::phone::Phone;
use serde_json::{Value, json};

fn registrar(certificate: &Certificate) -> Kamailio {
    Kamailio::at(REGISTRAR).tls(certificate).websocket().start()
}

/// Waits for a registration that failed for its certificate; gives the certificate shown.
fn refused(phone: &Phone, reason: &str) -> Value {
    let failed = phone.wait(&format!("a registration that failed with {reason}"), |heard| {
        let mut states = heard.accounts.values().map(|account| account["registration"].clone());
        states.find(|state| state["type"] == "failed" && state["reason"] == reason)
    });
    failed["certificate"].clone()
}

fn same(shown: &Value, fingerprint: &str) -> bool {
    shown.as_str().unwrap().eq_ignore_ascii_case(fingerprint)
}

fn shown_trusted_and_minded(transport: &str) {
    let first = Authority::new("An authority nobody knows").certify(&["pbx.test", REGISTRAR]);
    let kamailio = registrar(&first);
    let mut phone = Line::of("1001").over(transport).start();
    let shown = refused(&phone, "untrusted_certificate");
    assert!(same(&shown["sha256"], &first.fingerprint()), "{shown}");
    assert!(
        shown["issuer"].as_str().unwrap().contains("An authority nobody knows"),
        "{shown}"
    );
    assert!(shown["names"].to_string().contains("pbx.test"), "{shown}");
    assert!(kamailio.bindings("1001").is_empty());

    let id = phone.heard(|heard| *heard.accounts.keys().next().unwrap());
    phone.ask(json!({ "type": "trust_certificate", "account": id, "sha256": shown["sha256"] }));
    phone.registered();
    assert_eq!(kamailio.bindings("1001").len(), 1);

    // The server comes back with another one: a new certificate, or somebody in between.
    kamailio.stop();
    let second = self_signed(&["pbx.test", REGISTRAR]);
    let kamailio = registrar(&second);
    let shown = refused(&phone, "certificate_changed");
    assert!(same(&shown["sha256"], &second.fingerprint()), "{shown}");
    assert!(same(&shown["trustedBefore"], &first.fingerprint()), "{shown}");
    assert!(kamailio.bindings("1001").is_empty(), "it registered with a stranger");

    phone.ask(json!({ "type": "trust_certificate", "account": id, "sha256": shown["sha256"] }));
    phone.registered();
}

#[test]
fn a_certificate_of_an_unknown_authority_is_shown_trusted_and_minded_over_tls() {
    shown_trusted_and_minded("tls");
}

#[test]
fn a_certificate_of_an_unknown_authority_is_shown_trusted_and_minded_over_wss() {
    shown_trusted_and_minded("wss");
}

#[test]
fn a_certificate_for_somebody_else_is_refused_even_from_a_trusted_authority() {
    let trust = Trust::new();
    let kamailio = trust.registrar_certified_for(&["another.test", "10.77.0.7"]).start();
    for transport in ["tls", "wss"] {
        let phone = trust.line("1001", transport).start();
        let shown = refused(&phone, "untrusted_certificate");
        assert!(
            shown["issuer"].as_str().unwrap().contains("The company's own"),
            "{transport}: {shown}"
        );
        assert!(
            shown["names"].to_string().contains("another.test"),
            "{transport}: {shown}"
        );
        assert!(kamailio.bindings("1001").is_empty());
    }
}

#[test]
fn a_line_with_a_pinned_certificate_registers_at_once_and_with_no_other() {
    let certificate = self_signed(&["pbx.test"]);
    let _kamailio = registrar(&certificate);
    let pinned = certificate.fingerprint();
    let phone = Line::of("1001")
        .over("tls")
        .account("pinnedCertificate", json!(pinned))
        .registered();
    phone.quit();
    let other = self_signed(&["pbx.test"]).fingerprint();
    let phone = Line::of("1002")
        .over("tls")
        .account("pinnedCertificate", json!(other))
        .start();
    refused(&phone, "certificate_changed");
}

#[test]
fn a_server_that_speaks_no_tls_is_not_called_untrusted() {
    let _kamailio = Kamailio::start(REGISTRAR, 3600);
    let proxy = json!(format!("{REGISTRAR}:5060"));
    let phone = Line::of("1001").over("tls").account("outboundProxy", proxy).start();
    let failed = failure(&phone);
    assert!(
        ["unreachable", "no_answer"].contains(&failed["reason"].as_str().unwrap()),
        "{failed}"
    );
    assert!(failed["certificate"].is_null());
}
