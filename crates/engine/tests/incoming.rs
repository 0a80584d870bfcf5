//! Calls that come in.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod support;

use parley_engine::{CallState, EndReason, Others, PopMode, PresenceState, Request, RingLevel, SoundRole, View};
use parley_media::{Codec, Keys, StreamDirection, Tone};
use std::time::Duration;
use support::{Desk, Did, Far, INVITE, config, with_pop};

#[test]
fn an_invitation_rings_at_once_and_shows_who_calls_which_line() {
    let mut desk = Desk::new();
    let mut far = Far::new("a");
    far.invite(&mut desk, "");
    desk.expect("100 INVITE");
    desk.expect("180 INVITE");
    let call = desk.call();
    assert_eq!(call.state, CallState::Incoming);
    assert_eq!(call.remote.name.as_deref(), Some("Zoë Baker"));
    assert_eq!(
        (call.remote.number.as_str(), call.number.as_str(), call.called.as_str()),
        ("+441632960123", "204", "+441632960000")
    );
    assert_eq!(call.ring, RingLevel::Normal);
    assert_eq!(desk.rings(), [parley_media::RingLevel::Normal]);
    assert_eq!(desk.history(), ["begin Incoming +441632960123"]);
}

#[test]
fn an_answered_call_has_sound_and_ends_with_the_far_ends_goodbye() {
    let mut desk = Desk::new();
    let mut far = Far::new("a");
    far.invite(&mut desk, "");
    let call = desk.call().id;
    desk.ask(Request::Answer {
        call,
        others: Others::Hold,
    })
    .unwrap();
    let ok = desk.expect("200 INVITE");
    let answer = String::from_utf8_lossy(ok.sdp().unwrap()).into_owned();
    assert!(
        answer.contains("c=IN IP4 10.0.0.1") && answer.contains("RTP/AVP 8 101"),
        "{answer}"
    );
    far.took(&ok);
    far.ack(&mut desk);
    let stream = desk.streams()[0];
    assert_eq!(stream.remote, "10.0.0.2:5004".parse().unwrap());
    assert_eq!(
        (stream.codec, stream.direction, stream.keys),
        (
            Codec::Pcma,
            StreamDirection::SendRecv,
            Keys::Events {
                payload_type: 101,
                rate: 8000
            }
        )
    );
    assert_eq!(desk.call().state, CallState::Active);
    desk.wait_s(61);
    far.bye(&mut desk);
    desk.expect("200 BYE");
    let end = desk.call().end.unwrap();
    assert_eq!(
        (end.reason, end.text.as_str()),
        (EndReason::HungUpThere, "The other end hung up")
    );
    assert_eq!(
        desk.history(),
        [
            "begin Incoming +441632960123",
            "answered",
            "ended Answered: The other end hung up"
        ]
    );
    assert!(desk.did.iter().any(|did| matches!(did, Did::StopMedia(_))));
    desk.wait_s(11);
    assert!(desk.calls().is_empty(), "an ended call is shown for ten seconds");
}

#[test]
fn a_call_cancelled_before_the_answer_is_one_missed_entry() {
    let mut desk = Desk::new();
    let mut far = Far::new("a");
    far.invite(&mut desk, "");
    far.cancel(&mut desk, "");
    desk.expect("200 CANCEL");
    desk.expect("487 INVITE");
    assert_eq!(desk.call().end.unwrap().reason, EndReason::Missed);
    assert_eq!(desk.history(), ["begin Incoming +441632960123", "ended Missed: Missed"]);
    assert_eq!(*desk.rings().last().unwrap(), parley_media::RingLevel::Off);
}

#[test]
fn a_call_another_phone_answered_is_not_missed() {
    let mut desk = Desk::new();
    let mut far = Far::new("a");
    far.invite(&mut desk, "");
    far.cancel(&mut desk, "Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n");
    assert_eq!(desk.call().end.unwrap().reason, EndReason::AnsweredElsewhere);
    assert_eq!(desk.history()[1], "ended AnsweredElsewhere: Answered on another phone");
}

#[test]
fn do_not_disturb_refuses_without_a_sound_and_leaves_a_quiet_missed_entry() {
    let mut desk = Desk::with(with_pop(PopMode::OnIncoming, "https://crm.example/?c=$caller$"));
    desk.ask(Request::SetPresence {
        state: PresenceState::DoNotDisturb,
        note: None,
    })
    .unwrap();
    let mut far = Far::new("a");
    far.invite(&mut desk, "");
    desk.expect("486 INVITE");
    desk.expect_no("180");
    assert!(desk.rings().is_empty() && desk.calls().is_empty() && desk.launched().is_empty());
    assert_eq!(
        desk.history(),
        ["begin Incoming +441632960123", "ended Missed: Do not disturb was on"]
    );
    let call = desk.dial("600");
    assert!(call > 0, "calling out works");
}

#[test]
fn a_second_call_waits_softly_and_answering_it_holds_the_first() {
    let mut desk = Desk::new();
    Far::talk("a", &mut desk);
    desk.forget_sent();
    let mut other = Far::from("b", "<sip:777@10.0.0.2>");
    other.invite(&mut desk, "");
    desk.expect("180 INVITE");
    assert_eq!(*desk.rings().last().unwrap(), parley_media::RingLevel::Subtle);
    let [first, second] = desk.calls().try_into().unwrap();
    desk.ask(Request::Answer {
        call: second.id,
        others: Others::Hold,
    })
    .unwrap();
    let hold = desk.expect("INVITE");
    assert!(String::from_utf8_lossy(hold.sdp().unwrap()).contains("a=sendonly"));
    desk.expect("200 INVITE");
    Far::reply(&mut desk, &hold, 200, &support::sdp(5004, "recvonly"));
    desk.expect("ACK");
    let calls = desk.calls();
    assert!(calls[0].held_by_us && !calls[0].hold_pending && calls[0].id == first.id);
    assert_eq!(calls[1].state, CallState::Active);
}

#[test]
fn an_offer_without_a_common_codec_is_refused_before_anything_rings() {
    let mut desk = Desk::new();
    let mut far = Far::new("a");
    let offer = support::sdp(5004, "sendrecv").replace("8 0 101", "4");
    let invite = far.request("INVITE", "", &offer);
    desk.hear(invite);
    desk.expect("488 INVITE");
    assert!(desk.calls().is_empty() && desk.rings().is_empty());
    // Somebody wanted to speak to us: the call can be returned.
    assert_eq!(
        desk.history(),
        [
            "begin Incoming +441632960123",
            "ended Missed: The two phones have no sound format in common"
        ]
    );
}

#[test]
fn an_invitation_without_an_offer_gets_ours_and_its_answer_with_the_ack() {
    let mut desk = Desk::new();
    let mut far = Far::new("a");
    let invite = far.request("INVITE", "", "");
    desk.hear(invite);
    let call = desk.call().id;
    desk.ask(Request::Answer {
        call,
        others: Others::Hold,
    })
    .unwrap();
    let ok = desk.expect("200 INVITE");
    assert!(String::from_utf8_lossy(ok.sdp().unwrap()).contains("RTP/AVP 107 9 8 0 18 101 106"));
    assert!(desk.streams().is_empty());
    far.took(&ok);
    let ack = far
        .request("ACK", "", &support::sdp(6004, "sendrecv"))
        .replace("CSeq: 2", "CSeq: 1");
    desk.hear(ack);
    assert_eq!(desk.streams()[0].remote, "10.0.0.2:6004".parse().unwrap());
    assert_eq!(desk.call().state, CallState::Active);
}

#[test]
fn the_first_number_dialled_is_the_oldest_diversion() {
    let mut desk = Desk::new();
    let mut far = Far::new("a");
    far.invite(
        &mut desk,
        "Diversion: <sip:222@pbx>;reason=no-answer, <sip:+44800111@pbx>;reason=unconditional\r\n",
    );
    assert_eq!(desk.call().called, "+44800111");
}

#[test]
fn a_withheld_number_stays_withheld() {
    let mut desk = Desk::new();
    let mut far = Far::from("a", "\"Anonymous\" <sip:anonymous@anonymous.invalid>");
    far.invite(&mut desk, "Privacy: id\r\n");
    let remote = desk.call().remote;
    assert_eq!(
        (remote.name, remote.number.as_str(), remote.address.as_str()),
        (None, "", "")
    );
}

#[test]
fn a_call_is_answered_by_itself_when_so_configured() {
    let mut config = config();
    config.auto_answer = Some(Duration::from_millis(300));
    let mut desk = Desk::with(config);
    Far::new("a").invite(&mut desk, "");
    desk.wait(Duration::from_millis(299));
    desk.expect_no("200");
    desk.wait(Duration::from_millis(2));
    desk.expect("200 INVITE");
}

#[test]
fn declining_tells_the_caller_and_the_history() {
    let mut desk = Desk::new();
    Far::new("a").invite(&mut desk, INVITE);
    let call = desk.call().id;
    desk.ask(Request::Decline { call }).unwrap();
    desk.expect("603 INVITE");
    assert_eq!(desk.history()[1], "ended Declined: Declined");
    assert!(matches!(desk.view("presence"), None | Some(View::Presence(_))));
}

#[test]
fn without_a_port_for_sound_an_answer_fails_in_words() {
    let mut desk = Desk::new();
    desk.no_ports = true;
    Far::new("a").invite(&mut desk, "");
    let call = desk.call().id;
    desk.ask(Request::Answer {
        call,
        others: Others::Hold,
    })
    .unwrap();
    desk.expect("500 INVITE");
    assert_eq!(
        desk.call().end.unwrap().text,
        "The computer has no network port left for sound"
    );
}

#[test]
fn an_ack_without_the_answer_to_our_offer_ends_the_call() {
    let mut desk = Desk::new();
    let mut far = Far::new("a");
    let invite = far.request("INVITE", "", "");
    desk.hear(invite);
    let call = desk.call().id;
    desk.ask(Request::Answer {
        call,
        others: Others::Hold,
    })
    .unwrap();
    let ok = desk.expect("200 INVITE");
    far.took(&ok);
    far.ack(&mut desk);
    desk.expect("BYE");
    assert_eq!(desk.call().end.unwrap().reason, EndReason::NoCommonCodec);
}

#[test]
fn a_call_ends_the_test_of_a_speaker_and_keeps_its_own_sound() {
    let tones = |desk: &Desk| -> Vec<Tone> {
        let tone = |did: &Did| if let Did::Tone(tone) = did { Some(*tone) } else { None };
        desk.did.iter().filter_map(tone).collect()
    };
    let mut desk = Desk::new();
    let role = SoundRole::Speaker;
    desk.ask(Request::TestSound { role }).unwrap();
    assert_eq!(tones(&desk).last(), Some(&Tone::Ringback));
    Far::new("a").invite(&mut desk, "");
    assert_eq!(tones(&desk).last(), Some(&Tone::None));
    assert_eq!(desk.rings().last(), Some(&parley_media::RingLevel::Normal));
    desk.wait_s(3);
    assert_eq!(
        desk.rings().last(),
        Some(&parley_media::RingLevel::Normal),
        "it goes on ringing"
    );

    let mut desk = Desk::new();
    desk.ask(Request::TestSound { role }).unwrap();
    desk.dial("600");
    assert_eq!(tones(&desk).last(), Some(&Tone::None), "the test is over");
    let invite = desk.expect("INVITE");
    Far::reply(&mut desk, &invite, 180, "");
    desk.wait_s(3);
    assert_eq!(tones(&desk).last(), Some(&Tone::Ringback), "the far end rings");
}
