//! Asking a colleague, connecting two calls, talking with several.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod support;

use parley_engine::{CallState, ConsultRole, EndReason, RefusalCode, Reply, Request, TransferState, View};
use support::{Desk, Far, sdp};

/// Maria waits, the colleague at 300 talks with us.
fn asked(desk: &mut Desk) -> (u64, Far, u64, Far) {
    let (maria, far) = Far::reached(desk, "600");
    let target = "300".to_owned();
    let Ok(Reply::Call { call }) = desk.ask(Request::Consult { call: maria, target }) else {
        panic!("not called")
    };
    Far::agrees(desk);
    let invite = desk.expect("INVITE sip:300@");
    Far::reply(desk, &invite, 200, &sdp(5004, "sendrecv"));
    desk.expect("ACK");
    (maria, far, call, Far::called(&invite))
}

fn complete(desk: &mut Desk, call: u64) {
    desk.ask(Request::CompleteTransfer { call, with: None }).unwrap();
}

fn notice(desk: &Desk) -> Option<String> {
    match desk.view("notice transfer_failed") {
        Some(View::Notice(notice)) => Some(notice.text.clone()),
        _ => None,
    }
}

#[test]
fn the_caller_waits_while_a_colleague_is_asked() {
    let mut desk = Desk::new();
    let (maria, _, colleague, _) = asked(&mut desk);
    let waiting = desk.call_of(maria);
    assert!(waiting.held_by_us);
    assert_eq!(waiting.consult.unwrap().with, colleague);
    assert_eq!(desk.call_of(colleague).consult.unwrap().role, ConsultRole::Asked);
    assert_eq!(desk.focus(), [colleague]);
}

#[test]
fn connecting_them_names_the_colleagues_call_to_the_caller() {
    let mut desk = Desk::new();
    let (maria, mut far, colleague, mut other) = asked(&mut desk);
    complete(&mut desk, colleague);
    let refer = desk.expect("REFER");
    assert_eq!(refer.headers().call_id(), Some(far_call_id(&far).as_str()));
    let to = refer.headers().get("Refer-To").unwrap().to_owned();
    assert!(to.contains("Replaces="), "{to}");
    Far::reply(&mut desk, &refer, 202, "");
    far.notify(&mut desk, "100 Trying", true);
    assert_eq!(desk.call_of(maria).transfer.unwrap().state, TransferState::Pending);
    other.bye(&mut desk);
    far.notify(&mut desk, "200 OK", false);
    desk.expect("BYE");
    for call in [maria, colleague] {
        assert_eq!(desk.call_of(call).end.unwrap().reason, EndReason::Transferred);
    }
    let history = desk.history();
    assert!(
        history.contains(&"ended Answered: Transferred to 300".to_owned()),
        "{history:?}"
    );
    assert!(
        history.contains(&"ended Answered: Transferred to 600".to_owned()),
        "{history:?}"
    );
}

fn far_call_id(far: &Far) -> String {
    far.replaces()
        .trim_start_matches("Replaces: ")
        .split(';')
        .next()
        .unwrap()
        .to_owned()
}

#[test]
fn a_connection_that_fails_gives_both_calls_back_and_says_why() {
    let mut desk = Desk::new();
    let (maria, mut far, colleague, _) = asked(&mut desk);
    complete(&mut desk, maria);
    let refer = desk.expect("REFER");
    Far::reply(&mut desk, &refer, 202, "");
    far.notify(&mut desk, "486 Busy Here", false);
    let transfer = desk.call_of(maria).transfer.unwrap();
    assert_eq!(
        (transfer.state, transfer.with),
        (TransferState::Failed, Some(colleague))
    );
    assert_eq!(transfer.text, "300 was not reached: Busy. 600 is back with you.");
    assert_eq!(notice(&desk).unwrap(), transfer.text);
    assert!(desk.call_of(maria).held_by_us);
    assert_eq!(desk.focus(), [colleague]);
    complete(&mut desk, maria);
    desk.expect("REFER");
    assert_eq!(notice(&desk), None, "a new try takes the old news back");
}

#[test]
fn a_far_end_that_does_not_transfer_gives_both_calls_back() {
    let mut desk = Desk::new();
    let (maria, _, colleague, _) = asked(&mut desk);
    complete(&mut desk, maria);
    let refer = desk.expect("REFER");
    Far::reply(&mut desk, &refer, 603, "");
    assert_eq!(desk.call_of(maria).transfer.unwrap().state, TransferState::Failed);
    assert_eq!(desk.call_of(colleague).state, CallState::Active);
}

#[test]
fn transferring_before_the_colleague_answers_gives_that_call_up() {
    let mut desk = Desk::new();
    let (maria, mut far) = Far::reached(&mut desk, "600");
    let target = "300".to_owned();
    desk.ask(Request::Consult { call: maria, target }).unwrap();
    Far::agrees(&mut desk);
    let invite = desk.expect("INVITE sip:300@");
    Far::reply(&mut desk, &invite, 180, "");
    complete(&mut desk, maria);
    desk.expect("CANCEL");
    let refer = desk.expect("REFER");
    assert!(!refer.headers().get("Refer-To").unwrap().contains("Replaces"));
    Far::reply(&mut desk, &refer, 202, "");
    far.notify(&mut desk, "404 Not Found", false);
    Far::agrees(&mut desk);
    assert_eq!(desk.focus(), [maria], "she talks with us again");
    assert!(notice(&desk).unwrap().contains("Nobody by that number"));
}

#[test]
fn giving_the_question_up_resumes_the_caller() {
    let mut desk = Desk::new();
    let (maria, _, colleague, _) = asked(&mut desk);
    desk.ask(Request::CancelConsult { call: colleague }).unwrap();
    desk.expect("BYE");
    Far::agrees(&mut desk);
    assert_eq!(desk.focus(), [maria]);
}

#[test]
fn three_talk_together_and_two_are_left_to_themselves() {
    let mut desk = Desk::new();
    let (maria, mut far, colleague, _) = asked(&mut desk);
    let calls = vec![maria, colleague];
    desk.ask(Request::Conference { calls: calls.clone() }).unwrap();
    Far::agrees(&mut desk);
    assert_eq!(desk.focus(), [maria, colleague]);
    assert!(calls.iter().all(|call| desk.call_of(*call).conference));
    complete(&mut desk, maria);
    Far::agrees(&mut desk);
    let refer = desk.expect("REFER");
    assert!(refer.headers().get("Refer-To").unwrap().contains("Replaces="));
    Far::reply(&mut desk, &refer, 202, "");
    far.notify(&mut desk, "200 OK", false);
    assert!(calls.iter().all(|call| desk.call_of(*call).state == CallState::Ended));
}

#[test]
fn leaving_a_conference_goes_on_with_one() {
    let mut desk = Desk::new();
    let (maria, _, colleague, _) = asked(&mut desk);
    let calls = vec![maria, colleague];
    desk.ask(Request::Conference { calls }).unwrap();
    Far::agrees(&mut desk);
    desk.ask(Request::LeaveConference { call: maria }).unwrap();
    Far::agrees(&mut desk);
    assert_eq!(desk.focus(), [maria]);
    assert!(desk.call_of(colleague).held_by_us);
    desk.ask(Request::Swap { call: maria }).unwrap();
    Far::agrees(&mut desk);
    Far::agrees(&mut desk);
    assert_eq!(desk.focus(), [colleague]);
}

#[test]
fn one_call_is_no_conference() {
    let mut desk = Desk::new();
    let (call, _) = Far::reached(&mut desk, "600");
    let refusal = desk.ask(Request::Conference { calls: vec![call] }).unwrap_err();
    assert_eq!(
        (refusal.code, refusal.field.as_deref()),
        (RefusalCode::Invalid, Some("calls"))
    );
}

#[test]
fn a_blind_transfer_nobody_reports_on_gives_the_call_back() {
    let mut desk = Desk::new();
    let (call, _) = Far::reached(&mut desk, "600");
    let target = "777".to_owned();
    desk.ask(Request::Transfer { call, target }).unwrap();
    Far::agrees(&mut desk);
    let refer = desk.expect("REFER");
    Far::reply(&mut desk, &refer, 202, "");
    desk.wait_s(33);
    assert_eq!(desk.call().transfer.unwrap().state, TransferState::Failed);
    assert!(notice(&desk).unwrap().contains("did not say how it went"));
    Far::agrees(&mut desk);
    assert_eq!(desk.focus(), [call]);
    desk.expect_no("BYE");
}

#[test]
fn a_blind_transfer_to_somebody_busy_gives_the_call_back() {
    let mut desk = Desk::new();
    let (call, mut far) = Far::reached(&mut desk, "600");
    let target = "777".to_owned();
    desk.ask(Request::Transfer { call, target }).unwrap();
    Far::agrees(&mut desk);
    let refer = desk.expect("REFER");
    Far::reply(&mut desk, &refer, 202, "");
    far.notify(&mut desk, "180 Ringing", true);
    assert_eq!(desk.call().transfer.unwrap().state, TransferState::Ringing);
    far.notify(&mut desk, "486 Busy Here", false);
    Far::agrees(&mut desk);
    assert_eq!(desk.focus(), [call]);
    assert_eq!(
        notice(&desk).unwrap(),
        "777 was not reached: Busy. 600 is back with you."
    );
}
