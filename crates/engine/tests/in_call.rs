//! Hold, tones, transfer and everything else inside a call.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod support;

use parley_engine::core::Wake;
use parley_engine::{CallState, EndReason, RefusalCode, Request, TransferState};
use parley_media::{MediaEvent, SessionId, StreamDirection};
use parley_sip::Message;
use parley_sip::endpoint::FlowId;
use std::time::Duration;
use support::{Desk, Did, Far, sdp};

fn description(message: &Message) -> String {
    String::from_utf8_lossy(message.sdp().unwrap()).into_owned()
}

fn last_direction(desk: &Desk) -> StreamDirection {
    desk.streams().last().unwrap().direction
}

/// Our address changes; what the far end is offered because of it.
fn moves(desk: &mut Desk) -> Message {
    desk.flow.id = FlowId(8);
    desk.flow.local = "10.0.0.9:5060".parse().unwrap();
    desk.wake(Wake::NetworkChanged);
    desk.expect("INVITE")
}

#[test]
fn hold_and_resume_are_agreed_with_the_far_end() {
    let mut desk = Desk::new();
    let call = Far::pick_up(&mut desk, "600");
    desk.ask(Request::Hold { call }).unwrap();
    let hold = desk.expect("INVITE");
    assert!(description(&hold).contains("a=sendonly"));
    assert!(desk.call().held_by_us && desk.call().hold_pending);
    assert!(!last_direction(&desk).receives(), "silence at once");
    Far::reply(&mut desk, &hold, 200, &sdp(5004, "recvonly"));
    desk.expect("ACK");
    assert!(desk.call().held_by_us && !desk.call().hold_pending);
    desk.ask(Request::Resume { call }).unwrap();
    let resume = desk.expect("INVITE");
    assert!(description(&resume).contains("a=sendrecv"));
    Far::reply(&mut desk, &resume, 200, &sdp(5004, "sendrecv"));
    assert!(!desk.call().held_by_us);
    assert_eq!(last_direction(&desk), StreamDirection::SendRecv);
}

#[test]
fn a_refused_hold_gives_the_call_back() {
    let mut desk = Desk::new();
    let call = Far::pick_up(&mut desk, "600");
    desk.ask(Request::Hold { call }).unwrap();
    let hold = desk.expect("INVITE");
    Far::reply(&mut desk, &hold, 488, "");
    assert!(!desk.call().held_by_us && !desk.call().hold_pending);
    assert_eq!(last_direction(&desk), StreamDirection::SendRecv);
    assert_eq!(desk.call().state, CallState::Active);
}

#[test]
fn the_far_end_holds_and_comes_back() {
    let mut desk = Desk::new();
    let mut far = Far::talk("a", &mut desk);
    far.reinvite(&mut desk, 5004, "sendonly");
    let answer = desk.expect("200 INVITE");
    assert!(description(&answer).contains("a=recvonly"));
    assert!(desk.call().held_by_them);
    assert_eq!(last_direction(&desk), StreamDirection::RecvOnly);
    far.ack(&mut desk);
    far.reinvite(&mut desk, 5004, "sendrecv");
    desk.expect("200 INVITE");
    assert!(!desk.call().held_by_them);
    assert_eq!(last_direction(&desk), StreamDirection::SendRecv);
}

#[test]
fn sound_follows_the_far_end_to_another_address() {
    let mut desk = Desk::new();
    let mut far = Far::talk("a", &mut desk);
    far.reinvite(&mut desk, 7004, "sendrecv");
    desk.expect("200 INVITE");
    assert_eq!(desk.streams().last().unwrap().remote.port(), 7004);
    assert_eq!(desk.call().state, CallState::Active);
}

#[test]
fn a_call_that_moved_is_heard_although_the_far_end_refuses_the_change() {
    let mut desk = Desk::new();
    Far::pick_up(&mut desk, "600");
    let before = desk.streams().last().unwrap().remote;
    let moved = moves(&mut desk);
    assert!(description(&moved).contains("10.0.0.9"));
    Far::reply(&mut desk, &moved, 488, "");
    let stopped = desk.did.iter().rposition(|did| matches!(did, Did::StopMedia(_)));
    let runs = desk.did.iter().rposition(|did| matches!(did, Did::Stream(..)));
    assert!(stopped.is_some() && runs > stopped, "it runs from the new ports");
    assert_eq!(desk.streams().last().unwrap().remote, before);
    assert_eq!(last_direction(&desk), StreamDirection::SendRecv);
    let story = desk.call().timeline;
    assert!(
        story.iter().any(|line| line.text.contains("does not follow")),
        "{story:?}"
    );
}

#[test]
fn a_hold_that_cannot_be_asked_for_leaves_what_was_offered_before() {
    let mut desk = Desk::new();
    let call = Far::pick_up(&mut desk, "600");
    let moved = moves(&mut desk);
    desk.ask(Request::Hold { call }).unwrap();
    desk.expect_no("INVITE");
    assert!(!desk.call().held_by_us, "another change is under way");
    Far::reply(&mut desk, &moved, 200, &sdp(5004, "sendrecv"));
    desk.expect("ACK");
    assert_eq!(last_direction(&desk), StreamDirection::SendRecv);
    let version = |message: &Message| -> u64 {
        let text = description(message);
        let origin = text.lines().find(|line| line.starts_with("o=")).unwrap();
        origin.split(' ').nth(2).unwrap().parse().unwrap()
    };
    desk.ask(Request::Hold { call }).unwrap();
    assert_eq!(version(&desk.expect("INVITE")), version(&moved) + 1);
}

#[test]
fn a_change_without_an_offer_gets_ours() {
    let mut desk = Desk::new();
    let mut far = Far::talk("a", &mut desk);
    let empty = far.request("INVITE", "", "");
    desk.hear(empty);
    assert!(description(&desk.expect("200 INVITE")).contains("m=audio"));
}

#[test]
fn a_far_end_comes_back_with_the_answer_to_an_offer_it_asked_for() {
    let mut desk = Desk::new();
    let mut far = Far::talk("a", &mut desk);
    far.reinvite(&mut desk, 5004, "sendonly");
    desk.expect("200 INVITE");
    far.ack(&mut desk);
    assert!(desk.call().held_by_them);
    let empty = far.request("INVITE", "", "");
    desk.hear(empty);
    desk.expect("200 INVITE");
    far.ack_with(&mut desk, &sdp(5004, "sendrecv"));
    assert!(!desk.call().held_by_them);
    assert_eq!(last_direction(&desk), StreamDirection::SendRecv);
    desk.expect_no("200 INVITE");
    let story = desk.call().timeline;
    assert!(story.iter().any(|line| line.text == "The far end is back"), "{story:?}");
}

#[test]
fn a_change_nobody_can_meet_is_refused_and_the_call_goes_on() {
    let mut desk = Desk::new();
    let mut far = Far::talk("a", &mut desk);
    let video = far.request("INVITE", "", &sdp(5004, "sendrecv").replace("8 0 101", "4"));
    desk.hear(video);
    desk.expect("488 INVITE");
    assert_eq!(desk.call().state, CallState::Active);
}

#[test]
fn tones_are_sent_and_remembered_and_mute_reaches_the_microphone() {
    let mut desk = Desk::new();
    let call = Far::pick_up(&mut desk, "600");
    desk.ask(Request::SendDigits {
        call,
        digits: "12#".into(),
    })
    .unwrap();
    desk.ask(Request::Mute { call, on: true }).unwrap();
    assert!(
        desk.did
            .iter()
            .any(|did| matches!(did, Did::Digits(digits) if digits == "12#"))
    );
    assert!(desk.did.iter().any(|did| matches!(did, Did::Mute(_, true))));
    assert_eq!((desk.call().digits.as_str(), desk.call().muted), ("12#", true));
    let refusal = desk
        .ask(Request::SendDigits {
            call,
            digits: "x".into(),
        })
        .unwrap_err();
    assert_eq!(
        (refusal.code, refusal.field.as_deref()),
        (RefusalCode::Invalid, Some("digits"))
    );
}

#[test]
fn tones_are_heard_where_the_far_end_takes_no_telephone_events() {
    let mut desk = Desk::new();
    let call = desk.dial("600");
    let invite = desk.expect("INVITE");
    Far::reply(
        &mut desk,
        &invite,
        200,
        "v=0\r\no=- 1 1 IN IP4 10.0.0.2\r\ns=-\r\nc=IN IP4 10.0.0.2\r\nt=0 0\r\nm=audio 5004 RTP/AVP 8\r\n",
    );
    desk.ask(Request::SendDigits {
        call,
        digits: "1".into(),
    })
    .unwrap();
    assert_eq!(desk.streams().last().unwrap().keys, parley_media::Keys::Speech);
    assert!(
        desk.did
            .iter()
            .any(|did| matches!(did, Did::Digits(digits) if digits == "1"))
    );
    assert_eq!(desk.call().digits, "1");
}

#[test]
fn a_blind_transfer_asks_the_far_end_and_ends_when_the_target_answers() {
    let mut desk = Desk::new();
    let call = Far::pick_up(&mut desk, "600");
    desk.ask(Request::Transfer {
        call,
        target: "777".into(),
    })
    .unwrap();
    // The far end is held first, as a person expects it.
    let hold = desk.expect("INVITE");
    Far::reply(&mut desk, &hold, 200, &sdp(5004, "recvonly"));
    let refer = desk.expect("REFER");
    assert_eq!(refer.headers().refer_to().unwrap().uri.to_string(), "sip:777@10.0.0.2");
    Far::reply(&mut desk, &refer, 202, "");
    assert_eq!(desk.call().transfer.unwrap().state, TransferState::Pending);
    let notify = notify(&refer, 1, "SIP/2.0 200 OK\r\n", "terminated;reason=noresource");
    desk.hear(notify);
    desk.expect("200 NOTIFY");
    desk.expect("BYE");
    assert_eq!(desk.call().end.unwrap().reason, EndReason::Transferred);
}

#[test]
fn a_failed_transfer_gives_the_call_back() {
    let mut desk = Desk::new();
    let call = Far::pick_up(&mut desk, "600");
    desk.ask(Request::Transfer {
        call,
        target: "777".into(),
    })
    .unwrap();
    let hold = desk.expect("INVITE");
    Far::reply(&mut desk, &hold, 200, &sdp(5004, "recvonly"));
    let refer = desk.expect("REFER");
    Far::reply(&mut desk, &refer, 603, "");
    let transfer = desk.call().transfer.unwrap();
    assert_eq!(transfer.state, TransferState::Failed);
    assert!(
        transfer.text.starts_with("777 was not reached: Declined"),
        "{}",
        transfer.text
    );
    assert_eq!(desk.call().state, CallState::Active);
}

fn notify(refer: &Message, cseq: u32, fragment: &str, state: &str) -> String {
    let headers = refer.headers();
    let (from, to) = (headers.from().unwrap(), headers.to().unwrap());
    format!(
        "NOTIFY sip:204@10.0.0.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bKn{cseq}\r\nMax-Forwards: 70\r\n\
         From: {to}\r\nTo: {from}\r\nCall-ID: {}\r\nCSeq: {cseq} NOTIFY\r\nContact: <sip:far@10.0.0.2>\r\nEvent: refer\r\n\
         Subscription-State: {state}\r\nContent-Type: message/sipfrag\r\nContent-Length: {}\r\n\r\n{fragment}",
        headers.call_id().unwrap(),
        fragment.len()
    )
}

#[test]
fn a_far_end_that_falls_silent_is_told_and_then_given_up() {
    let mut desk = Desk::new();
    let call = Far::pick_up(&mut desk, "600");
    let session = SessionId(call + 100);
    desk.wake(Wake::Media(MediaEvent::Stalled {
        session,
        silent_for: Duration::from_secs(5),
    }));
    assert_eq!(desk.call().silent_seconds, Some(5));
    desk.wait_s(54);
    assert_eq!(desk.call().state, CallState::Active);
    desk.wait_s(2);
    desk.expect("BYE");
    assert_eq!(desk.call().end.unwrap().reason, EndReason::Lost);
}

#[test]
fn the_history_hears_every_few_seconds_that_a_call_goes_on() {
    let mut desk = Desk::new();
    Far::pick_up(&mut desk, "600");
    desk.wait_s(16);
    let beats = desk
        .did
        .iter()
        .filter(|did| matches!(did, Did::Store(parley_engine::core::StoreCommand::Touch(..))))
        .count();
    assert_eq!(beats, 3);
}

#[test]
fn closing_says_goodbye_to_everybody() {
    let mut desk = Desk::new();
    Far::pick_up(&mut desk, "600");
    desk.wake(Wake::Closing);
    desk.expect("BYE");
    assert_eq!(desk.history()[2], "ended Answered: You hung up");
    assert!(desk.did.iter().any(|did| matches!(did, Did::Closed)));
}

#[test]
fn closing_leaves_a_call_that_rings_to_the_other_phones() {
    let mut desk = Desk::new();
    Far::new("a").invite(&mut desk, "");
    desk.expect("180 INVITE");
    desk.wake(Wake::Closing);
    desk.expect("480 INVITE");
    desk.expect_no("603 INVITE");
    assert!(desk.history()[1].starts_with("ended Missed"), "{:?}", desk.history());
}
