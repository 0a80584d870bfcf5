//! Calls in every codec with programs we did not write: what is agreed, that it is heard, and that it changes in mid-call.
use crate::line::{Line, REGISTRAR, call, heard_so_far, talks, talks_after};
use parley_tests::baresip::Baresip;
use parley_tests::kamailio::Kamailio;
use parley_tests::phone::{Phone, config};
use parley_tests::script::Script;
use parley_tests::sound;
use serde_json::{Value, json};
use std::time::Duration;

const PHONE: &str = "10.77.0.2:5060";
const SIPP: &str = "10.77.0.3";
const SOON: Duration = Duration::from_secs(25);

/// Waits until the sound of a call is coded like this.
fn speaks(phone: &Phone, codec: &str) {
    phone.wait(&format!("a call in {codec}"), |heard| {
        let mut calls = heard.calls.values();
        calls.any(|call| call["media"]["codec"] == codec).then_some(())
    });
}

/// Calls baresip, which knows these codecs alone and sends back what it hears; then is called by it. What comes back went
/// through the codec four times.
fn both_ways_with_baresip(theirs: &str, ours: Value, codec: &str, hertz: f64) {
    let _kamailio = Kamailio::start(REGISTRAR, 3600);
    let line = Line::of("1001").account("options", json!({ "codecs": ours }));
    let mut anna = line.speaking_wide(hertz).registered();
    let mut baresip = Baresip::with_codecs(anna.folder.path(), "10.77.0.5", "1005", REGISTRAR, theirs);
    let out = anna.ask(json!({ "type": "dial", "target": "1005" }))["call"].clone();
    anna.call_in("active");
    talks(&anna, hertz, 1.5);
    speaks(&anna, codec);
    anna.ask(json!({ "type": "hold", "call": out }));
    anna.held_by_us(true);
    anna.ask(json!({ "type": "resume", "call": out }));
    anna.held_by_us(false);
    anna.ask(json!({ "type": "hang_up", "call": out }));
    anna.no_live_call();
    baresip.event("CALL_CLOSED");

    let before = heard_so_far(&anna);
    baresip.command("dial", &format!("sip:1001@{REGISTRAR}"));
    let ringing = anna.call_in("incoming");
    anna.ask(json!({ "type": "answer", "call": ringing["id"] }));
    anna.call_in("active");
    talks_after(&anna, before, hertz, 1.5);
    speaks(&anna, codec);
    baresip.command("hangup", "");
    anna.no_live_call();
}

#[test]
fn opus_is_heard_both_ways_with_baresip_beyond_what_a_telephone_carries() {
    both_ways_with_baresip("opus/48000/2", json!(["opus", "g722", "pcma"]), "Opus", 6000.0);
}

#[test]
fn g722_is_heard_both_ways_with_baresip_beyond_what_a_telephone_carries() {
    both_ways_with_baresip("G722/16000", json!(["opus", "g722", "pcma"]), "G.722 (HD)", 6000.0);
}

#[test]
fn g711_is_heard_both_ways_with_baresip_when_it_has_nothing_better() {
    both_ways_with_baresip(
        "PCMA/8000/1",
        json!(["opus", "g722", "pcmu", "pcma"]),
        "G.711 A-law",
        1000.0,
    );
}

#[test]
fn two_phones_talk_in_each_codec_and_hear_each_others_keys() {
    let _kamailio = Kamailio::start(REGISTRAR, 3600);
    for (codec, shown, keys) in [
        ("opus", "Opus", "events"),
        ("g722", "G.722 (HD)", "info"),
        ("g729", "G.729", "events"),
    ] {
        let options = json!({ "codecs": [codec], "keys": keys });
        let anna = Line::of("1001").account("options", options.clone());
        let ben = Line::of("1002").account("options", options).listening("10.77.0.3");
        let (mut anna, mut ben) = (anna.speaking(1000.0).registered(), ben.speaking(600.0).registered());
        let (on_anna, on_ben) = call(&mut anna, &mut ben, "1002");
        // G.729 was made for voices: of a tone it keeps the pitch, with some noise about it.
        if codec == "g729" {
            parley_tests::eventually("a tone in G.729", SOON, || {
                (sound::seconds_of_tone(&anna.output_wav(), 600.0, 0.5) >= 1.0).then_some(())
            });
        } else {
            talks(&anna, 600.0, 1.0);
            talks(&ben, 1000.0, 1.0);
        }
        speaks(&anna, shown);
        if codec == "opus" {
            anna.ask(json!({ "type": "hold", "call": on_anna }));
            anna.held_by_us(true);
            anna.ask(json!({ "type": "resume", "call": on_anna }));
            anna.held_by_us(false);
            talks_after(&anna, heard_so_far(&anna), 600.0, 1.0);
        }
        anna.ask(json!({ "type": "send_digits", "call": on_anna, "digits": "0123456789*#" }));
        ben.wait("all keys", |heard| {
            let call = heard.calls.get(&on_ben.as_u64()?)?;
            (call["digitsHeard"] == "0123456789*#").then_some(())
        });
        ben.ask(json!({ "type": "hang_up", "call": on_ben }));
        anna.no_live_call();
        anna.quit();
        ben.quit();
    }
}

/// A phone whose line has its server where sipp plays, and answers by itself.
fn phone() -> Phone {
    parley_tests::lab();
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(&folder.path().join("data"), PHONE);
    config["accounts"] = json!([{ "name": "Sales", "user": "102", "domain": SIPP, "enabled": false }]);
    config["autoAnswerMs"] = json!(100);
    Phone::start_in(folder, config, |_| {})
}

#[test]
fn the_codec_changes_in_mid_call_as_often_as_the_far_end_likes() {
    let phone = phone();
    let offers = [
        "audio 0; a=rtpmap:0 PCMU/8000",
        "audio 111 101; a=rtpmap:111 opus/48000/2; a=fmtp:111 useinbandfec=1; a=rtpmap:101 telephone-event/48000",
        "audio 9 8; a=ptime:30",
        "audio 18; a=fmtp:18 annexb=no",
    ];
    let mut script = Script::calls("changes");
    for (n, offer) in offers.iter().enumerate() {
        script = script.asks("INVITE", offer).expects("100?");
        if n == 0 {
            script = script.expects("180");
        }
        script = script.expects("200").asks("ACK", "").up().waits(2500);
    }
    let mut far = script
        .asks("BYE", "")
        .expects("200")
        .play(phone.folder.path(), SIPP, Some(PHONE));
    for codec in ["G.711 µ-law", "Opus", "G.722 (HD)", "G.729"] {
        speaks(&phone, codec);
    }
    far.succeeds_within(SOON);
    phone.entry("answered");
}

#[test]
fn odd_offers_are_answered_with_what_can_be_used_of_them_or_refused() {
    // The formats of the offer, and those of the answer; without one it is refused.
    let offers = [
        (
            "audio 96 97 0; a=rtpmap:96 speex/16000; a=rtpmap:97 AMR-WB/16000/1; a=fmtp:97 octet-align=1",
            Some("RTP/AVP 0"),
        ),
        (
            "audio 100; a=rtpmap:100 OPUS/48000; a=maxptime:120; a=ptime:120",
            Some("RTP/AVP 100"),
        ),
        ("audio 8 8 0 8; a=rtpmap:8 pcma/8000/1", Some("RTP/AVP 8")),
        (
            "audio 9 101; a=rtpmap:101 telephone-event/8000; a=fmtp:101 0-11,16",
            Some("RTP/AVP 9 101"),
        ),
        (
            "audio 13 18; a=rtpmap:13 CN/8000; a=fmtp:18 annexb=yes",
            Some("RTP/AVP 18"),
        ),
        ("audio 3 4 15; a=rtpmap:3 GSM/8000", None),
        ("audio 13 101; a=rtpmap:101 telephone-event/8000", None),
        ("audio 127 300 x; a=rtpmap:127 nothing", None),
    ];
    let phone = phone();
    for (n, (offer, answer)) in offers.into_iter().enumerate() {
        let script = Script::calls(&format!("odd{n}")).asks("INVITE", offer).expects("100?");
        let script = match answer {
            Some(answer) => script
                .expects("180")
                .expects_with("200", "body", &format!("{answer}[^0-9 ]"))
                .asks("ACK", "")
                .up()
                .waits(300)
                .asks("BYE", "")
                .expects("200"),
            None => script.expects("488").acknowledges_refusal(),
        };
        let mut far = script.play(phone.folder.path(), SIPP, Some(PHONE));
        far.succeeds_within(SOON);
        phone.no_live_call();
    }
}
