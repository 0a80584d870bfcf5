//! Several calls that talk together.
#![allow(clippy::unwrap_used, missing_docs)]
mod desk;
use desk::*;
use parley_call::*;

fn confer(desk: &mut Desk, calls: &[CallId]) {
    desk.board.confer(desk.now, calls).unwrap();
}

/// Two calls that talk together with us.
fn three(desk: &mut Desk) -> (CallId, CallId) {
    let (first, second) = (desk.held(), desk.talking());
    confer(desk, &[first, second]);
    desk.hears(first, Signal::ResumeDone);
    desk.out();
    (first, second)
}

#[test]
fn a_conference_resumes_the_held_calls_and_all_have_the_microphone() {
    let mut desk = desk();
    let (first, second) = (desk.held(), desk.talking());
    confer(&mut desk, &[second, first]);
    assert_eq!(desk.sent(first), [Send::Resume]);
    desk.hears(first, Signal::ResumeDone);
    assert_eq!(desk.board.focus(), [first, second]);
    assert!(desk.view(first).conference && desk.view(second).conference);
}

#[test]
fn a_call_outside_the_conference_is_held() {
    let mut desk = desk();
    let (first, second, outside) = (desk.held(), desk.held(), desk.talking());
    confer(&mut desk, &[first, second]);
    assert_eq!(desk.sent(outside), [Send::Hold]);
}

#[test]
fn the_last_one_goes_on_alone_when_the_other_hangs_up() {
    let mut desk = desk();
    let (first, second) = three(&mut desk);
    let cause = Cause::HungUp(By::Them);
    desk.hears(first, Signal::Ended { cause });
    assert_eq!(desk.board.focus(), [second]);
    assert!(!desk.view(second).conference);
}

#[test]
fn one_held_on_its_own_stays_a_member_and_comes_back_to_the_others() {
    let mut desk = desk();
    let (first, second) = three(&mut desk);
    desk.does(first, Command::Hold);
    desk.hears(first, Signal::HoldDone);
    assert_eq!(desk.board.focus(), [second]);
    assert!(desk.view(first).conference);
    desk.out();
    desk.does(first, Command::Resume);
    assert_eq!(desk.sent(second), []);
    desk.hears(first, Signal::ResumeDone);
    assert_eq!(desk.board.focus(), [first, second]);
}

#[test]
fn a_conference_put_aside_for_another_call_comes_back_as_a_whole() {
    let mut desk = desk();
    let (first, second) = three(&mut desk);
    let third = desk.taken();
    desk.hears(first, Signal::HoldDone);
    desk.hears(second, Signal::HoldDone);
    assert_eq!(desk.board.focus(), [third]);
    desk.does(second, Command::Resume);
    let out = desk.out();
    for sent in [
        Effect::Send(third, Send::Hold),
        Effect::Send(first, Send::Resume),
        Effect::Send(second, Send::Resume),
    ] {
        assert!(out.contains(&sent), "{sent:?} in {out:?}");
    }
    desk.hears(first, Signal::ResumeDone);
    desk.hears(second, Signal::ResumeDone);
    assert_eq!(desk.board.focus(), [first, second]);
}

#[test]
fn leaving_goes_on_with_one_and_holds_the_others() {
    let mut desk = desk();
    let (first, second) = three(&mut desk);
    desk.does(second, Command::LeaveConference);
    assert_eq!(desk.sent(first), [Send::Hold]);
    assert_eq!(desk.board.focus(), [second]);
    assert!(!desk.view(first).conference && !desk.view(second).conference);
    assert_eq!(desk.refuses(second, Command::LeaveConference), Refused::NotInConference);
}

#[test]
fn two_can_be_connected_and_left_to_themselves() {
    let mut desk = desk();
    let (first, second) = three(&mut desk);
    desk.does(first, Command::CompleteTransfer { with: None });
    assert_eq!(desk.sent(first), [Send::Hold]);
    desk.hears(first, Signal::HoldDone);
    assert_eq!(desk.sent(first), [Send::Join(second)]);
    desk.hears(first, Signal::Transfer(TransferProgress::Done));
    assert!(matches!(desk.cause(first), Cause::Transferred { .. }));
    assert!(matches!(desk.cause(second), Cause::Transferred { .. }));
}

#[test]
fn two_that_could_not_be_connected_talk_with_us_again() {
    let mut desk = desk();
    let (first, second) = three(&mut desk);
    desk.does(first, Command::CompleteTransfer { with: None });
    desk.hears(first, Signal::HoldDone);
    desk.out();
    let reason = "No".into();
    desk.hears(first, Signal::Transfer(TransferProgress::Failed { reason }));
    assert_eq!(desk.sent(first), [Send::Resume]);
    desk.hears(first, Signal::ResumeDone);
    assert_eq!(desk.board.focus(), [first, second]);
}

#[test]
fn a_conference_takes_two_connected_calls() {
    let mut desk = desk();
    let (call, ringing) = (desk.talking(), desk.invited());
    desk.out();
    let refused = |desk: &mut Desk, calls: &[CallId]| desk.board.confer(desk.now, calls).unwrap_err();
    assert_eq!(refused(&mut desk, &[call, call]), Refused::TooFewCalls);
    assert_eq!(refused(&mut desk, &[call, ringing]), Refused::NotConnected);
    assert_eq!(desk.out(), []);
}
