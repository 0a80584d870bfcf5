//! kamailio as registrar, over each transport: right and wrong password, reachable or not, logged out.
use crate::line::{Line, REGISTRAR, Trust, call, failure};
use parley_tests::kamailio::Kamailio;
use serde_json::json;

const TRANSPORTS: [&str; 5] = ["udp", "tcp", "tls", "ws", "wss"];

#[test]
fn registers_over_each_transport_and_logs_out() {
    let trust = Trust::new();
    let kamailio = trust.registrar().start();
    for transport in TRANSPORTS {
        let phone = trust.line("1001", transport).registered();
        let bindings = kamailio.bindings("1001");
        assert_eq!(bindings.len(), 1, "{bindings:?} over {transport}");
        let written = bindings[0].split_once(";transport=").map_or("udp", |(_, name)| name);
        // RFC 7118 section 5.2.4: `ws` in an address also where it is wrapped in TLS.
        let expected = if transport == "wss" { "ws" } else { transport };
        assert_eq!(written, expected, "{bindings:?}");
        phone.quit();
        kamailio.unbound("1001");
    }
}

#[test]
fn a_wrong_password_is_named_over_each_transport_and_not_hammered() {
    let trust = Trust::new();
    let _kamailio = trust.registrar().start();
    for transport in TRANSPORTS {
        let phone = trust.line("1001", transport).password("wrong").start();
        let failed = failure(&phone);
        assert_eq!(failed["reason"], "wrong_password", "{transport}: {failed}");
        let text = failed["text"].as_str().unwrap().to_lowercase();
        assert!(text.contains("password"), "{transport}: {failed}");
        assert!(failed["retryAt"].is_null(), "{transport} tries again: {failed}");
        assert!(!phone.log().contains("wrong\""), "the password is in the log");
    }
}

#[test]
fn a_registrar_that_wants_sha_256_gets_it() {
    let kamailio = Kamailio::at(REGISTRAR).sha256().start();
    let phone = Line::of("1001").registered();
    assert_eq!(kamailio.bindings("1001").len(), 1);
    phone.quit();
    let wrong = Line::of("1001").password("wrong").start();
    assert_eq!(failure(&wrong)["reason"], "wrong_password");
}

/// A kamailio whose configuration looks GRUUs up for requests within a dialog.
#[test]
fn a_line_that_asks_for_a_gruu_is_hung_up_through_it() {
    let _kamailio = Kamailio::start(REGISTRAR, 3600);
    let gruu = json!({ "gruu": true });
    let mut anna = Line::of("1001").account("options", gruu).registered();
    let mut ben = Line::of("1002").listening("10.77.0.3").registered();
    let (_, there) = call(&mut anna, &mut ben, "1002");
    ben.ask(json!({ "type": "hang_up", "call": there }));
    anna.no_live_call();
    anna.entry("answered");
    let (_, there) = call(&mut ben, &mut anna, "1001");
    anna.ask(json!({ "type": "hold", "call": there }));
    ben.held_by_them(true);
    ben.ask(json!({ "type": "hang_up", "call": ben.call_in("active")["id"] }));
    anna.no_live_call();
}

#[test]
fn nobody_at_the_address_is_named_over_each_connection() {
    // UDP is left out: there, nobody and a slow network look the same for 32 seconds.
    for transport in TRANSPORTS.into_iter().filter(|transport| *transport != "udp") {
        let phone = Line::of("1001").over(transport).start();
        let failed = failure(&phone);
        assert!(
            ["unreachable", "no_answer"].contains(&failed["reason"].as_str().unwrap()),
            "{transport}: {failed}"
        );
        assert!(
            failed["retryAt"].is_number(),
            "{transport}: it tries again by itself: {failed}"
        );
    }
}

#[test]
fn a_password_corrected_registers_at_once() {
    let kamailio = Kamailio::start(REGISTRAR, 3600);
    let mut phone = Line::of("1001").password("wrong").start();
    failure(&phone);
    let id = phone.heard(|heard| *heard.accounts.keys().next().unwrap());
    phone.ask(
        json!({ "type": "save_account", "account": { "id": id, "name": "Sales", "user": "1001", "domain": "pbx.test",
        "outboundProxy": REGISTRAR, "transport": "tcp", "enabled": true, "password": "pw1001" } }),
    );
    phone.registered();
    assert!(kamailio.bindings("1001")[0].ends_with("transport=tcp"));
}
