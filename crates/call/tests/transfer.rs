//! Blind transfer.
#![allow(clippy::unwrap_used, missing_docs)]
mod desk;
use desk::*;
use parley_call::*;

fn to_200() -> Command {
    Command::Transfer { target: " 200 ".into() }
}

fn progress(progress: TransferProgress) -> Signal {
    Signal::Transfer(progress)
}

fn failed() -> Signal {
    progress(TransferProgress::Failed { reason: "Busy".into() })
}

fn asked(desk: &mut Desk) -> CallId {
    let call = desk.talking();
    desk.does(call, to_200());
    desk.hears(call, Signal::HoldDone);
    desk.out();
    call
}

fn shown(desk: &Desk, call: CallId) -> TransferState {
    desk.view(call).transfer.unwrap().state
}

#[test]
fn a_talking_call_is_held_before_it_is_transferred() {
    let mut desk = desk();
    let call = desk.talking();
    desk.does(call, to_200());
    assert_eq!(desk.sent(call), [Send::Hold]);
    assert_eq!(shown(&desk, call), TransferState::Pending);
    desk.hears(call, Signal::HoldDone);
    assert_eq!(desk.sent(call), [Send::Transfer("200".into())]);
}

#[test]
fn a_refused_hold_does_not_stop_the_transfer() {
    let mut desk = desk();
    let call = desk.talking();
    desk.does(call, to_200());
    desk.out();
    desk.hears(call, Signal::HoldRefused { reason: "No".into() });
    assert_eq!(desk.sent(call), [Send::Transfer("200".into())]);
    desk.hears(call, failed());
    assert_eq!(desk.sent(call), [], "the far end never held");
    assert_eq!(desk.focus(), Some(call));
}

#[test]
fn a_held_call_is_transferred_at_once() {
    let mut desk = desk();
    let call = desk.held();
    desk.does(call, to_200());
    assert_eq!(desk.sent(call), [Send::Transfer("200".into())]);
}

#[test]
fn a_transfer_that_is_done_ends_our_leg() {
    let mut desk = desk();
    let call = asked(&mut desk);
    desk.hears(call, progress(TransferProgress::Accepted));
    desk.hears(call, progress(TransferProgress::Ringing));
    assert_eq!(shown(&desk, call), TransferState::Ringing);
    desk.hears(call, progress(TransferProgress::Done));
    assert_eq!(desk.sent(call), [Send::HangUp]);
    assert_eq!(desk.cause(call), Cause::Transferred { to: "200".into() });
    assert_eq!(desk.outcome(call), Outcome::Answered);
    assert_eq!(shown(&desk, call), TransferState::Done);
}

#[test]
fn a_far_end_that_hangs_up_after_agreeing_was_transferred() {
    let mut desk = desk();
    let call = asked(&mut desk);
    desk.hears(call, progress(TransferProgress::Accepted));
    desk.hears(
        call,
        Signal::Ended {
            cause: Cause::HungUp(By::Them),
        },
    );
    assert_eq!(desk.cause(call), Cause::Transferred { to: "200".into() });
}

#[test]
fn a_far_end_that_hangs_up_without_agreeing_hung_up() {
    let mut desk = desk();
    let call = asked(&mut desk);
    desk.hears(
        call,
        Signal::Ended {
            cause: Cause::HungUp(By::Them),
        },
    );
    assert_eq!(desk.cause(call), Cause::HungUp(By::Them));
    assert!(matches!(shown(&desk, call), TransferState::Failed(_)));
}

#[test]
fn a_failed_transfer_gives_a_talking_call_back_and_resumes_it() {
    let mut desk = desk();
    let call = asked(&mut desk);
    desk.hears(call, failed());
    assert_eq!(desk.sent(call), [Send::Resume]);
    assert_eq!(shown(&desk, call), TransferState::Failed("Busy".into()));
    desk.hears(call, Signal::ResumeDone);
    assert_eq!(desk.focus(), Some(call));
    assert_eq!(
        shown(&desk, call),
        TransferState::Failed("Busy".into()),
        "the words stay"
    );
}

#[test]
fn a_failed_transfer_leaves_a_held_call_held() {
    let mut desk = desk();
    let call = desk.held();
    desk.does(call, to_200());
    desk.out();
    desk.hears(call, failed());
    assert_eq!(desk.sent(call), []);
    assert!(desk.view(call).held_by_us);
}

#[test]
fn a_failed_transfer_does_not_interrupt_the_call_taken_meanwhile() {
    let mut desk = desk();
    let call = asked(&mut desk);
    let other = desk.taken();
    desk.hears(call, failed());
    assert_eq!(desk.sent(call), []);
    assert_eq!(desk.focus(), Some(other));
    desk.does(call, Command::Resume);
}

#[test]
fn a_transfer_without_a_word_is_taken_back_after_two_minutes() {
    let mut desk = desk();
    let call = asked(&mut desk);
    desk.wait(120.0);
    assert_eq!(shown(&desk, call), TransferState::Failed("No answer".into()));
    assert_eq!(desk.sent(call), [Send::Resume]);
    desk.hears(call, progress(TransferProgress::Ringing));
    assert!(
        matches!(shown(&desk, call), TransferState::Failed(_)),
        "a late word is too late"
    );
}

#[test]
fn during_a_transfer_the_call_cannot_be_used_otherwise_but_can_be_ended() {
    let mut desk = desk();
    let call = asked(&mut desk);
    assert_eq!(desk.refuses(call, to_200()), Refused::TransferUnderWay);
    assert_eq!(desk.refuses(call, Command::Resume), Refused::TransferUnderWay);
    assert_eq!(desk.refuses(call, Command::Hold), Refused::TransferUnderWay);
    assert_eq!(desk.refuses(call, Command::SendDigits("1".into())), Refused::OnHold);
    desk.does(call, Command::HangUp);
    assert_eq!(desk.cause(call), Cause::HungUp(By::Us));
}

#[test]
fn a_failed_transfer_can_be_tried_again() {
    let mut desk = desk();
    let call = desk.held();
    desk.does(call, to_200());
    desk.hears(call, failed());
    desk.out();
    desk.does(call, to_200());
    assert_eq!(desk.sent(call), [Send::Transfer("200".into())]);
}

#[test]
fn an_empty_target_is_refused_before_anything_is_held() {
    let mut desk = desk();
    let call = desk.talking();
    assert_eq!(
        desk.refuses(call, Command::Transfer { target: "  ".into() }),
        Refused::NoTarget
    );
    assert_eq!(desk.out(), []);
}
