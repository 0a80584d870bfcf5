//! Which codec a call has, how keys travel, and what a person may choose of both, in calls of a desk.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use parley_engine::core::Wake;
use parley_engine::{AccountDraft, AccountOptions, AudioCodec, KeyMethod, Others, PresetAccount, Request};
use parley_media::{Codec, Keys, MediaEvent, SessionId, StreamParams};
use parley_sip::Message;
use support::{Desk, Did, Far, config, direct, sdp};

/// A desk whose line handles calls like this.
fn desk(options: AccountOptions) -> Desk {
    let mut config = config();
    config.presets = vec![PresetAccount::new(AccountDraft {
        options: Some(options),
        ..direct()
    })];
    Desk::with(config)
}

fn description(message: &Message) -> String {
    String::from_utf8_lossy(message.sdp().unwrap()).into_owned()
}

fn formats(message: &Message) -> String {
    let text = description(message);
    let line = text
        .lines()
        .find(|line| line.starts_with("m=audio"))
        .unwrap()
        .to_owned();
    line.split("RTP/AVP ").nth(1).unwrap().to_owned()
}

/// What the far end offers or answers, in place of its usual G.711.
fn with(media: &str) -> String {
    sdp(5004, "sendrecv").replace("8 0 101\r\na=rtpmap:101 telephone-event/8000", media)
}

fn stream(desk: &Desk) -> StreamParams {
    (*desk.streams().last().unwrap()).clone()
}

fn answer(desk: &mut Desk) {
    let call = desk.calls().last().unwrap().id;
    let others = Others::Hold;
    desk.ask(Request::Answer { call, others }).unwrap();
}

/// The ports media opened last.
fn session(desk: &Desk) -> SessionId {
    let streams = desk.did.iter().rev();
    let mut sessions = streams.filter_map(|did| match did {
        Did::Stream(session, _) => Some(*session),
        _ => None,
    });
    sessions.next().unwrap()
}

const OPUS: &str = "96 8 97\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 maxplaybackrate=16000;maxaveragebitrate=24000;usedtx=1\r\n\
                    a=rtpmap:97 telephone-event/48000";

#[test]
fn a_call_offers_the_best_first_and_runs_with_what_is_answered() {
    let mut desk = Desk::new();
    desk.dial("600");
    let invite = desk.expect("INVITE");
    assert_eq!(formats(&invite), "107 9 8 0 18 101 106");
    Far::reply(&mut desk, &invite, 200, &with(OPUS));
    let stream = stream(&desk);
    assert_eq!((stream.codec, stream.payload_type), (Codec::Opus, 96));
    assert_eq!(stream.receive[..2], [(107, Codec::Opus), (9, Codec::G722)]);
    assert_eq!(
        (stream.coding.most_hertz, stream.coding.most_bits),
        (16_000, Some(24_000))
    );
    assert!(stream.coding.pauses && !stream.coding.redundancy);
    assert_eq!(
        stream.keys,
        Keys::Events {
            payload_type: 97,
            rate: 48_000
        }
    );
    assert_eq!(stream.events, [101, 106]);
}

#[test]
fn an_invitation_with_proof_of_the_password_still_fits_a_datagram() {
    let mut desk = Desk::new();
    desk.dial("600");
    let invite = desk.expect("INVITE");
    let Message::Request(request) = &invite else { panic!() };
    let length = request.to_bytes().len();
    // A digest with SHA-256, realm, nonce and opaque takes about 330 octets; above 1300 a request goes by TCP first.
    assert!(
        length + 330 <= 1300,
        "{length} octets:\n{}",
        String::from_utf8_lossy(&request.to_bytes())
    );
}

#[test]
fn a_line_has_its_own_list_and_its_own_order() {
    let mut desk = desk(AccountOptions {
        codecs: vec![AudioCodec::Pcmu, AudioCodec::G722],
        own_codec_order: true,
        ..AccountOptions::default()
    });
    let mut far = Far::new("a");
    let offer = far.request("INVITE", "", &with("8 9 0"));
    desk.hear(offer);
    answer(&mut desk);
    assert_eq!(formats(&desk.expect("200 INVITE")), "0");
    // What is switched off is not answered with.
    let mut other = Far::new("b");
    let offer = other.request("INVITE", "", &with("8 18"));
    desk.hear(offer);
    desk.expect("488 INVITE");
    desk.dial("600");
    assert_eq!(formats(&desk.expect("INVITE")), "0 9 101");
}

#[test]
fn a_list_without_any_codec_is_refused_and_a_codec_named_twice_counts_once() {
    let mut desk = Desk::new();
    let save = |desk: &mut Desk, codecs: Vec<AudioCodec>| {
        let options = AccountOptions {
            codecs,
            ..AccountOptions::default()
        };
        let ask = desk.ask_later(Request::SaveAccount {
            account: AccountDraft {
                options: Some(options),
                ..direct()
            },
        });
        desk.answer(ask)
    };
    let refusal = save(&mut desk, Vec::new()).unwrap().unwrap_err();
    assert_eq!(refusal.field.as_deref(), Some("codecs"));
    assert!(save(&mut desk, vec![AudioCodec::G722, AudioCodec::Opus, AudioCodec::G722]).is_none());
    let stored = desk.did.iter().rev().find_map(|did| match did {
        Did::Store(command) => Some(format!("{command:?}")),
        _ => None,
    });
    assert!(stored.as_ref().unwrap().contains("codecs: [G722, Opus]"), "{stored:?}");
}

#[test]
fn the_far_end_changes_the_codec_in_mid_call_and_the_next_offer_of_ours_may_change_it_back() {
    let mut desk = Desk::new();
    let mut far = Far::talk("a", &mut desk);
    assert_eq!(stream(&desk).codec, Codec::Pcma);
    let offer = far.request("INVITE", "", &with("9 101\r\na=rtpmap:101 telephone-event/8000"));
    desk.hear(offer);
    desk.expect("200 INVITE");
    far.ack(&mut desk);
    let changed = stream(&desk);
    assert_eq!((changed.codec, changed.payload_type), (Codec::G722, 9));
    assert_eq!(changed.receive, [(9, Codec::G722)]);
    let call = desk.call().id;
    desk.ask(Request::Hold { call }).unwrap();
    let hold = desk.expect("INVITE");
    assert_eq!(formats(&hold), "107 9 8 0 18 101 106");
    let answer = with(OPUS).replace("a=sendrecv", "a=recvonly");
    Far::reply(&mut desk, &hold, 200, &answer);
    assert_eq!(stream(&desk).codec, Codec::Opus);
}

#[test]
fn pauses_are_agreed_only_by_a_line_that_wants_them() {
    let mut usual = Desk::new();
    usual.dial("600");
    let invite = usual.expect("INVITE");
    assert!(!description(&invite).contains("CN/8000") && description(&invite).contains("annexb=no"));
    Far::reply(&mut usual, &invite, 200, &with("8 13"));
    assert_eq!(stream(&usual).noise, None);
    let mut pausing = desk(AccountOptions {
        pauses: true,
        ..AccountOptions::default()
    });
    pausing.dial("600");
    let invite = pausing.expect("INVITE");
    for said in ["a=rtpmap:13 CN/8000", "annexb=yes", "useinbandfec=1;usedtx=1"] {
        assert!(description(&invite).contains(said), "{said}");
    }
    Far::reply(&mut pausing, &invite, 200, &with("8 13"));
    assert_eq!(stream(&pausing).noise, Some(13));
}

#[test]
fn keys_travel_as_info_one_at_a_time_when_the_line_says_so() {
    let mut desk = desk(AccountOptions {
        keys: KeyMethod::Info,
        ..AccountOptions::default()
    });
    let call = Far::pick_up(&mut desk, "600");
    assert_eq!(stream(&desk).keys, Keys::Signalling);
    desk.ask(Request::SendDigits {
        call,
        digits: "4#".into(),
    })
    .unwrap();
    desk.expect_no("INFO");
    // Media says when: it knows of pauses and of the length of a key.
    let session = session(&desk);
    for (digit, signal) in [
        ('4', "Signal=4\r\nDuration=160\r\n"),
        ('#', "Signal=#\r\nDuration=160\r\n"),
    ] {
        desk.wake(Wake::Media(MediaEvent::KeyDue { session, digit }));
        let info = desk.expect("INFO");
        assert_eq!(info.headers().content_type(), Some("application/dtmf-relay"));
        assert_eq!(String::from_utf8_lossy(info.body()), signal);
        Far::reply(&mut desk, &info, 200, "");
    }
    assert_eq!(desk.call().digits, "4#");
}

#[test]
fn keys_travel_as_tones_when_the_line_says_so() {
    let mut desk = desk(AccountOptions {
        keys: KeyMethod::Tones,
        ..AccountOptions::default()
    });
    Far::pick_up(&mut desk, "600");
    assert_eq!(stream(&desk).keys, Keys::Speech);
    assert_eq!(stream(&desk).events, [101, 106], "theirs are still understood");
}

#[test]
fn keys_of_the_far_end_are_shown_however_they_come() {
    let mut desk = Desk::new();
    let mut far = Far::talk("a", &mut desk);
    let session = session(&desk);
    desk.wake(Wake::Media(MediaEvent::Digit { session, digit: '1' }));
    let info = far.request("INFO", "", "Signal=2\r\nDuration=160\r\n");
    desk.hear(info.replace("application/sdp", "application/dtmf-relay"));
    desk.expect("200 INFO");
    let short = far.request("INFO", "", "*");
    desk.hear(short.replace("application/sdp", "application/dtmf"));
    desk.expect("200 INFO");
    assert_eq!(desk.call().digits_heard, "12*");
    for _ in 0..100 {
        desk.wake(Wake::Media(MediaEvent::Digit { session, digit: '9' }));
    }
    assert_eq!(desk.call().digits_heard, "9".repeat(64));
    let other = far.request("INFO", "", "hello");
    desk.hear(other.replace("application/sdp", "text/plain"));
    desk.expect("415 INFO");
}
