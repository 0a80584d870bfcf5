//! Presence, lamps, the mailbox and short messages, with kamailio as presence server.
use crate::line::{Line, REGISTRAR, call, talks};
use parley_tests::eventually;
use parley_tests::kamailio::{Kamailio, VOICEMAIL};
use parley_tests::phone::Phone;
use serde_json::{Value, json};
use std::net::UdpSocket;
use std::time::Duration;

fn registrar() -> Kamailio {
    Kamailio::at(REGISTRAR).presence().start()
}

fn anna() -> Phone {
    Line::of("1001").listening("10.77.0.2").speaking(1000.0).registered()
}

fn ben() -> Phone {
    Line::of("1002").listening("10.77.0.3").speaking(600.0).registered()
}

fn cleo() -> Phone {
    Line::of("1003").listening("10.77.0.4").speaking(1500.0).registered()
}

/// Watches a colleague; gives the watch's number.
fn watch(phone: &mut Phone, target: &str) -> u64 {
    phone.ask(json!({ "type": "save_watch", "watch": { "target": target, "label": "Ben" } }))["watch"]
        .as_u64()
        .unwrap()
}

/// Waits until the watch is as asked for; gives it.
fn seen(phone: &Phone, watch: u64, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
    phone.wait(&format!("a colleague who is {what}"), |heard| {
        heard.watches.get(&watch).filter(|watch| holds(watch)).cloned()
    })
}

fn lamp(phone: &Phone, watch: u64, lamp: &str) -> Value {
    seen(phone, watch, lamp, |watch| watch["lamp"]["type"] == lamp)
}

#[test]
fn a_colleague_is_seen_in_what_he_says_of_himself() {
    let kamailio = registrar();
    let (mut anna, mut ben, mut cleo) = (anna(), ben(), cleo());
    let watch = watch(&mut anna, "1002");
    let state = |wanted: &'static str| move |watch: &Value| watch["presence"]["state"] == wanted;
    seen(&anna, watch, "online", state("online"));
    ben.ask(json!({ "type": "set_presence", "state": "away", "note": "Back at <two> & a half" }));
    let shown = seen(&anna, watch, "away", state("away"));
    assert_eq!(shown["presence"]["note"], "Back at <two> & a half", "{shown}");
    ben.ask(json!({ "type": "set_presence", "state": "do_not_disturb" }));
    seen(&anna, watch, "not to be disturbed", state("do_not_disturb"));
    ben.ask(json!({ "type": "set_presence", "state": "online" }));
    let (there, _) = call(&mut cleo, &mut ben, "1002");
    seen(&anna, watch, "on the phone", |watch| {
        watch["presence"]["onThePhone"] == true
    });
    cleo.ask(json!({ "type": "hang_up", "call": there }));
    seen(&anna, watch, "off the phone", |watch| {
        watch["presence"]["onThePhone"] == false
    });
    // Who logs out takes everything with him, so the server says that nobody is there.
    ben.quit();
    seen(&anna, watch, "gone", state("offline"));
    kamailio.unbound("1002");
}

#[test]
fn a_lamp_shows_ringing_talking_and_idle() {
    let _kamailio = registrar();
    let (mut anna, mut ben, mut cleo) = (anna(), ben(), cleo());
    let watch = watch(&mut anna, "1002");
    cleo.ask(json!({ "type": "dial", "target": "1002" }));
    let ringing = ben.call_in("incoming");
    let shown = lamp(&anna, watch, "ringing");
    assert!(shown["lamp"]["caller"].as_str().unwrap().contains("1003"), "{shown}");
    assert_eq!(shown["pickUp"], true, "{shown}");
    ben.ask(json!({ "type": "answer", "call": ringing["id"] }));
    lamp(&anna, watch, "busy");
    ben.ask(json!({ "type": "hang_up", "call": ringing["id"] }));
    lamp(&anna, watch, "idle");
}

#[test]
fn a_call_that_rings_at_a_colleague_is_picked_up() {
    let _kamailio = registrar();
    let (mut anna, ben, mut cleo) = (anna(), ben(), cleo());
    let watch = watch(&mut anna, "1002");
    cleo.ask(json!({ "type": "dial", "target": "1002" }));
    ben.call_in("incoming");
    seen(&anna, watch, "to be picked up", |watch| watch["pickUp"] == true);
    anna.ask(json!({ "type": "pick_up", "watch": watch }));
    anna.call_in("active");
    talks(&anna, 1500.0, 1.0);
    talks(&cleo, 1000.0, 1.0);
    ben.no_live_call();
    let live = cleo.heard(|heard| {
        let calls = heard.calls.values();
        calls.filter(|call| call["state"] == "active").count()
    });
    assert_eq!(live, 1, "one call took the place of the other");
}

#[test]
fn the_mailbox_tells_of_new_messages() {
    let kamailio = registrar();
    let anna = anna();
    let voicemail = |what: &str, holds: fn(&Value) -> bool| {
        anna.wait(what, |heard| {
            let mut accounts = heard.accounts.values().map(|account| account["voicemail"].clone());
            accounts.find(&holds)
        })
    };
    let etag = publish_mailbox(&kamailio, "1001", "yes", "2/8 (1/2)", None);
    let shown = voicemail("the lamp of the mailbox", |mailbox| mailbox["waiting"] == true);
    assert_eq!(
        (shown["new"].as_u64(), shown["old"].as_u64()),
        (Some(2), Some(8)),
        "{shown}"
    );
    assert_eq!(shown["target"], "sip:*97@pbx.test", "{shown}");
    publish_mailbox(&kamailio, "1001", "no", "0/10 (0/2)", Some(&etag));
    voicemail("the lamp out", |mailbox| {
        mailbox["waiting"] == false && mailbox["old"] == 10
    });
}

#[test]
fn a_short_message_arrives_and_is_told_delivered() {
    let _kamailio = registrar();
    let (mut anna, ben) = (anna(), ben());
    let text = "Is the van free at two? – Ä & <b>";
    anna.ask(json!({ "type": "send_message", "target": "1002", "text": text }));
    let came = ben.wait("a message", |heard| heard.messages.values().next().cloned());
    assert_eq!(
        (&came["text"], &came["incoming"]),
        (&json!(text), &json!(true)),
        "{came}"
    );
    assert_eq!(came["number"], "1001", "{came}");
    anna.wait("the message delivered", |heard| {
        let mut messages = heard.messages.values();
        messages.any(|message| message["outcome"] == "delivered").then_some(())
    });
    // To nobody: said, with the reason.
    anna.ask(json!({ "type": "send_message", "target": "1999", "text": "Anybody?" }));
    anna.wait("the message failed", |heard| {
        let mut messages = heard.messages.values();
        messages.any(|message| message["outcome"] == "failed").then_some(())
    });
}

/// What a voice mail system says of a mailbox (RFC 3842) by PUBLISH; gives the entity tag to change it by.
fn publish_mailbox(kamailio: &Kamailio, user: &str, waiting: &str, voice: &str, etag: Option<&str>) -> String {
    let socket = UdpSocket::bind((VOICEMAIL, 0)).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    let from = socket.local_addr().unwrap();
    let body =
        format!("Messages-Waiting: {waiting}\r\nMessage-Account: sip:*97@pbx.test\r\nVoice-Message: {voice}\r\n");
    let condition = etag.map(|etag| format!("SIP-If-Match: {etag}\r\n")).unwrap_or_default();
    let publish = format!(
        "PUBLISH sip:{user}@pbx.test SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK{port}{waiting};rport\r\n\
         From: <sip:voicemail@pbx.test>;tag=box\r\nTo: <sip:{user}@pbx.test>\r\nCall-ID: box-{port}\r\nCSeq: 1 PUBLISH\r\n\
         Max-Forwards: 70\r\nExpires: 3600\r\nEvent: message-summary\r\n{condition}\
         Content-Type: application/simple-message-summary\r\nContent-Length: {length}\r\n\r\n{body}",
        port = from.port(),
        length = body.len()
    );
    let mut buffer = [0; 4000];
    let length = eventually("the mailbox published", Duration::from_secs(10), || {
        socket
            .send_to(publish.as_bytes(), (kamailio.ip.as_str(), 5060))
            .unwrap();
        socket.recv(&mut buffer).ok()
    });
    let answer = String::from_utf8_lossy(&buffer[..length]).into_owned();
    assert!(answer.starts_with("SIP/2.0 200"), "{answer}");
    let line = answer.lines().find_map(|line| line.strip_prefix("SIP-ETag: ")).unwrap();
    line.trim().to_owned()
}
