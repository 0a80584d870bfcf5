//! What a far end may do with a call to us, and what strangers try, by sipp and by hand.
use parley_tests::child::Owned;
use parley_tests::phone::{Phone, config};
use parley_tests::script::Script;
use serde_json::json;
use std::net::UdpSocket;
use std::time::Duration;

const PHONE: &str = "10.77.0.2:5060";
const SIPP: &str = "10.77.0.3";
const SOON: Duration = Duration::from_secs(20);

/// A phone whose line has its server where sipp plays.
fn phone(answers: bool) -> Phone {
    parley_tests::lab();
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(&folder.path().join("data"), PHONE);
    config["accounts"] = json!([{ "name": "Sales", "user": "102", "domain": SIPP, "enabled": false }]);
    if answers {
        config["autoAnswerMs"] = json!(100);
    }
    Phone::start_in(folder, config, |_| {})
}

fn play(phone: &Phone, script: Script) -> Owned {
    script.play(phone.folder.path(), SIPP, Some(PHONE))
}

#[test]
fn a_caller_without_an_offer_gets_ours_and_answers_it_with_its_ack() {
    let phone = phone(true);
    let script = Script::calls("late_offer")
        .asks("INVITE", "")
        .expects("100?")
        .expects("180")
        .expects_with("200", "Content-Type", "application/sdp")
        .asks("ACK", "sdp")
        .up()
        .waits(1500)
        .asks("BYE", "")
        .expects("200");
    let mut far = play(&phone, script);
    let active = phone.call_in("active");
    phone.wait("sound both ways agreed", |heard| {
        heard
            .calls
            .values()
            .any(|call| call["media"]["codec"] == "G.711 µ-law")
            .then_some(())
    });
    far.succeeds_within(SOON);
    assert_eq!(phone.entry("answered")["number"], active["remote"]["number"]);
}

#[test]
fn an_interval_that_is_too_short_is_refused_with_the_shortest_and_the_caller_refreshes() {
    let phone = phone(true);
    let script = Script::calls("refreshes")
        .asks("INVITE", "Supported: timer\nSession-Expires: 30\nsdp")
        .expects("100?")
        .expects_with("422", "Min-SE", "90")
        .acknowledges_refusal()
        .asks(
            "INVITE",
            "Supported: timer\nSession-Expires: 90;refresher=uac\nMin-SE: 90\nsdp",
        )
        .expects("100?")
        .expects("180")
        .expects_with("200", "Session-Expires", "90;refresher=uac")
        .asks("ACK", "")
        .up()
        .asks("INVITE", "Supported: timer\nSession-Expires: 90;refresher=uac\nsdp")
        .expects("100?")
        .expects_with("200", "Session-Expires", "90;refresher=uac")
        .asks("ACK", "")
        .asks("BYE", "")
        .expects("200");
    play(&phone, script).succeeds_within(SOON);
    phone.entry("answered");
}

#[test]
fn what_is_no_sip_or_broken_sip_does_no_harm() {
    let phone = phone(true);
    let socket = UdpSocket::bind((SIPP, 0)).unwrap();
    let broken = [
        "\0\0\0\0".as_bytes().to_vec(),
        b"GET / HTTP/1.1\r\nHost: 10.77.0.2\r\n\r\n".to_vec(),
        vec![0xff; 60_000],
        b"INVITE sip:102@10.77.0.2 SIP/2.0\r\n\r\n".to_vec(),
        b"INVITE sip:102@10.77.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.77.0.3;branch=z9hG4bK1\r\nContent-Length: -1\r\n\r\n"
            .to_vec(),
        format!(
            "OPTIONS sip:102@10.77.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.77.0.3;branch=z9hG4bK2\r\n{}\r\n",
            "X: ;;;,,,\"\r\n".repeat(4000)
        )
        .into_bytes(),
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.77.0.2:5060;branch=z9hG4bK3\r\nCSeq: 99999999999 INVITE\r\n\r\n"
            .to_vec(),
    ];
    for bytes in broken.iter().cycle().take(200) {
        socket.send_to(bytes, PHONE).unwrap();
    }
    let script = Script::calls("after_the_noise")
        .asks("INVITE", "sdp")
        .expects("100?")
        .expects("180")
        .expects("200")
        .asks("ACK", "")
        .up()
        .asks("BYE", "")
        .expects("200");
    play(&phone, script).succeeds_within(SOON);
    phone.entry("answered");
    assert_eq!(phone.heard(|heard| heard.history.len()), 1);
}

#[test]
fn a_caller_that_demands_reliable_ringing_gets_it_and_may_change_the_call_with_update() {
    let phone = phone(true);
    let script = Script::calls("demands_prack")
        .asks(
            "INVITE",
            "Supported: 100rel\nRequire: 100rel\nAllow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE\nsdp",
        )
        .expects("100?")
        .expects_with("180", "RSeq", "[0-9]")
        .asks("PRACK", "RAck: [$reliable] 1 INVITE")
        .expects("200")
        .expects("200")
        .asks("ACK", "")
        .up()
        .asks("UPDATE", "sdp")
        .expects_with("200", "Content-Type", "application/sdp")
        .asks("UPDATE", "")
        .expects("200")
        .asks("BYE", "")
        .expects("200");
    play(&phone, script).succeeds_within(SOON);
    phone.entry("answered");
}

#[test]
fn a_call_that_replaces_ours_takes_its_place() {
    let phone = phone(true);
    let first = Script::calls("replaced")
        .asks("INVITE", "sdp")
        .expects("100?")
        .expects("180")
        .expects("200")
        .asks("ACK", "")
        .up()
        // It may be held for the new call before that is known to take its place.
        .expects("INVITE?")
        .expects("BYE")
        .answers(200, "");
    let mut replaced = play(&phone, first);
    phone.call_in("active");
    let (call_id, tag) = dialog_of(&phone, "replaced");
    let second = Script::calls("replaces")
        .asks(
            "INVITE",
            &format!("Replaces: {call_id};to-tag={tag};from-tag=caller\nRequire: replaces\nsdp"),
        )
        .expects("100?")
        .expects("180?")
        .expects("200")
        .asks("ACK", "")
        .up()
        .waits(500)
        .asks("BYE", "")
        .expects("200");
    let mut replacing = second.play(phone.folder.path(), SIPP, Some(PHONE));
    replaced.succeeds_within(SOON);
    replacing.succeeds_within(SOON);
    phone.no_live_call();
}

/// Call-ID and our tag of the call that a script made, out of what it heard.
fn dialog_of(phone: &Phone, script: &str) -> (String, String) {
    parley_tests::eventually("the answer in sipp's record", SOON, || {
        let heard = std::fs::read_to_string(phone.folder.path().join(format!("{script}.msg"))).ok()?;
        let answer = heard.split("SIP/2.0 200").nth(1)?;
        let line = |name: &str| answer.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let tag = line("To:")?.split("tag=").nth(1)?;
        Some((line("Call-ID:")?.to_owned(), tag.split(';').next()?.to_owned()))
    })
}

/// As sipvicious and its kin ask, from an address that is no line's server.
fn scan(method: &str) -> Vec<u8> {
    format!(
        "{method} sip:100@10.77.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.77.0.8:5060;branch=z9hG4bK-{method};rport\r\nMax-Forwards: 70\r\n\
         From: \"sipvicious\"<sip:100@1.1.1.1>;tag=6331\r\nTo: \"sipvicious\"<sip:100@1.1.1.1>\r\nCall-ID: {method}1085\r\n\
         CSeq: 1 {method}\r\nContact: sip:100@10.77.0.8:5060\r\nUser-Agent: friendly-scanner\r\nAccept: application/sdp\r\n\
         Content-Length: 0\r\n\r\n"
    )
    .into_bytes()
}

#[test]
fn scanners_get_nothing_and_nobody_hears_of_them() {
    let phone = phone(false);
    let socket = UdpSocket::bind(("10.77.0.8", 5060)).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    for method in ["OPTIONS", "INVITE", "REGISTER", "SUBSCRIBE", "MESSAGE"] {
        for _ in 0..40 {
            socket.send_to(&scan(method), PHONE).unwrap();
        }
    }
    let mut buffer = [0; 65_536];
    if let Ok(length) = socket.recv(&mut buffer) {
        panic!("a stranger heard {}", String::from_utf8_lossy(&buffer[..length]));
    }
    assert!(phone.heard(|heard| heard.calls.is_empty() && heard.history.is_empty()));
}
