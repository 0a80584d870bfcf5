//! Calls that go out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod support;

use parley_engine::core::CoreConfig;
use parley_engine::{AccountDraft, CallState, EndReason, PresetAccount, RefusalCode, Request};
use parley_media::{StreamDirection, Tone};
use support::{Desk, Did, Far, sdp, text};

fn tones(desk: &Desk) -> Vec<Tone> {
    desk.did
        .iter()
        .filter_map(|did| if let Did::Tone(tone) = did { Some(*tone) } else { None })
        .collect()
}

#[test]
fn a_number_is_called_at_the_lines_server_with_an_offer() {
    let mut desk = Desk::new();
    desk.dial("+44 (0)20 7946-0102");
    let invite = desk.expect("INVITE");
    assert_eq!(text(&invite), "INVITE sip:+442079460102@10.0.0.2");
    let offer = String::from_utf8_lossy(invite.sdp().unwrap()).into_owned();
    assert!(
        offer.contains("c=IN IP4 10.0.0.1") && offer.contains("m=audio 40002 RTP/AVP 107 9 8 0 18 101 106"),
        "{offer}"
    );
    assert_eq!(desk.call().state, CallState::Calling);
    assert_eq!(desk.history(), ["begin Outgoing +442079460102"]);
}

#[test]
fn ringing_is_heard_until_the_answer_connects_both() {
    let mut desk = Desk::new();
    desk.dial("600");
    let invite = desk.expect("INVITE");
    Far::reply(&mut desk, &invite, 180, "");
    assert_eq!(
        (desk.call().state, tones(&desk).last()),
        (CallState::Ringing, Some(&Tone::Ringback))
    );
    Far::reply(&mut desk, &invite, 200, &sdp(5004, "sendrecv"));
    desk.expect("ACK");
    assert_eq!(
        (desk.call().state, tones(&desk).last()),
        (CallState::Active, Some(&Tone::None))
    );
    assert_eq!(desk.streams()[0].direction, StreamDirection::SendRecv);
    let call = desk.call().id;
    desk.ask(Request::HangUp { call }).unwrap();
    desk.expect("BYE");
    assert_eq!(desk.history()[2], "ended Answered: You hung up");
}

#[test]
fn sound_before_the_answer_is_heard_instead_of_the_ringing_tone() {
    let mut desk = Desk::new();
    desk.dial("600");
    let invite = desk.expect("INVITE");
    Far::reply(&mut desk, &invite, 180, "");
    Far::reply(&mut desk, &invite, 183, &sdp(5010, "sendrecv"));
    assert_eq!(
        (desk.call().state, tones(&desk).last()),
        (CallState::EarlyMedia, Some(&Tone::None))
    );
    assert_eq!(desk.streams()[0].remote.port(), 5010);
    Far::reply(&mut desk, &invite, 200, "");
    assert_eq!(
        desk.call().state,
        CallState::Active,
        "the answer of the early dialog holds"
    );
}

#[test]
fn failures_are_said_in_words() {
    for (code, reason, words) in [
        (486, EndReason::Busy, "Busy"),
        (600, EndReason::Busy, "Busy"),
        (404, EndReason::NotFound, "Nobody by that number"),
        (480, EndReason::Unavailable, "Not reachable now"),
        (603, EndReason::Refused, "Declined by the other end"),
        (403, EndReason::Forbidden, "The server does not allow this call"),
        (
            488,
            EndReason::NoCommonCodec,
            "The two phones have no sound format in common",
        ),
        (503, EndReason::ServerError, "The server failed"),
        (484, EndReason::Other, "The number is not complete"),
    ] {
        let mut desk = Desk::new();
        desk.dial("600");
        let invite = desk.expect("INVITE");
        Far::reply(&mut desk, &invite, code, "");
        let end = desk.call().end.unwrap();
        assert_eq!((end.reason, end.text.as_str()), (reason, words), "{code}");
        assert_eq!(desk.history()[1], format!("ended Failed: {words}"), "{code}");
    }
}

#[test]
fn giving_up_before_the_answer_cancels() {
    let mut desk = Desk::new();
    let call = desk.dial("600");
    let invite = desk.expect("INVITE");
    Far::reply(&mut desk, &invite, 180, "");
    desk.ask(Request::HangUp { call }).unwrap();
    desk.expect("CANCEL");
    assert_eq!(desk.history()[1], "ended Cancelled: Cancelled");
}

#[test]
fn an_answer_that_crosses_the_cancel_is_taken_and_hung_up() {
    let mut desk = Desk::new();
    let call = desk.dial("600");
    let invite = desk.expect("INVITE");
    Far::reply(&mut desk, &invite, 180, "");
    desk.ask(Request::HangUp { call }).unwrap();
    Far::reply(&mut desk, &invite, 200, &sdp(5004, "sendrecv"));
    desk.expect("ACK");
    desk.expect("BYE");
    assert_eq!(desk.history()[1], "ended Cancelled: Cancelled");
    assert!(desk.streams().is_empty());
}

#[test]
fn an_answer_without_a_common_codec_ends_the_call_cleanly() {
    let mut desk = Desk::new();
    desk.dial("600");
    let invite = desk.expect("INVITE");
    Far::reply(&mut desk, &invite, 200, &sdp(5004, "sendrecv").replace("8 0 101", "4"));
    desk.expect("ACK");
    desk.expect("BYE");
    assert_eq!(desk.call().end.unwrap().reason, EndReason::NoCommonCodec);
}

#[test]
fn an_address_of_its_own_is_called_directly() {
    let mut desk = Desk::new();
    desk.dial("sip:omar@192.0.2.9:5080?Subject=x");
    assert_eq!(text(&desk.expect("INVITE")), "INVITE sip:omar@192.0.2.9:5080");
}

#[test]
fn without_a_line_nothing_can_be_called() {
    let mut desk = Desk::with(CoreConfig::default());
    let refusal = desk
        .ask(Request::Dial {
            target: "600".into(),
            account: None,
            anonymous: None,
        })
        .unwrap_err();
    assert_eq!(
        (refusal.code, refusal.message.as_str()),
        (
            RefusalCode::NoAccount,
            "There is no line to call from. Add an account first."
        )
    );
    let refusal = desk
        .ask(Request::Dial {
            target: "600".into(),
            account: Some(9),
            anonymous: None,
        })
        .unwrap_err();
    assert_eq!(refusal.code, RefusalCode::NoSuchAccount);
}

#[test]
fn a_call_goes_out_from_the_line_that_was_asked_for() {
    let second = AccountDraft {
        user: "205".into(),
        domain: "10.0.0.3".into(),
        enabled: false,
        ..AccountDraft::default()
    };
    let mut config = support::config();
    config.presets.push(PresetAccount::new(second));
    let mut desk = Desk::with(config);
    let second = desk.snapshot().accounts[1].id;
    desk.ask(Request::Dial {
        target: "600".into(),
        account: Some(second),
        anonymous: None,
    })
    .unwrap();
    let invite = desk.expect("INVITE");
    assert_eq!(text(&invite), "INVITE sip:600@10.0.0.3");
    assert!(invite.headers().from().unwrap().uri.to_string().starts_with("sip:205@"));
    assert_eq!(desk.call().account, second);
}

#[test]
fn a_silent_server_ends_the_call_in_words() {
    let mut desk = Desk::new();
    desk.dial("600");
    desk.wait_s(40);
    assert_eq!(
        desk.history()[1],
        "ended Failed: The server does not answer. Check the network"
    );
}
