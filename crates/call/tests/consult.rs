//! Asking a colleague first: attended transfer.
#![allow(clippy::unwrap_used, missing_docs)]
mod desk;
use desk::*;
use parley_call::*;

const COMPLETE: Command = Command::CompleteTransfer { with: None };

fn ask(desk: &mut Desk, about: CallId) -> CallId {
    let colleague = Outgoing::new(LineId(1), Party::number("300"));
    desk.board.consult(desk.now, about, colleague).unwrap()
}

/// Maria waits, the colleague talks with us.
fn asked(desk: &mut Desk) -> (CallId, CallId) {
    let maria = desk.taken();
    let colleague = ask(desk, maria);
    desk.hears(maria, Signal::HoldDone);
    desk.hears(colleague, Signal::Answered);
    desk.out();
    (maria, colleague)
}

fn failed(reason: &str) -> Signal {
    let reason = reason.into();
    Signal::Transfer(TransferProgress::Failed { reason })
}

fn hung_up() -> Signal {
    let cause = Cause::HungUp(By::Them);
    Signal::Ended { cause }
}

fn transferred(to: &str) -> Cause {
    Cause::Transferred { to: to.into() }
}

#[test]
fn asking_a_colleague_holds_the_caller_and_remembers_the_two() {
    let mut desk = desk();
    let maria = desk.taken();
    let colleague = ask(&mut desk, maria);
    let out = desk.out();
    assert!(in_order(
        &out,
        &[Effect::Send(maria, Send::Hold), Effect::Send(colleague, Send::Invite)]
    ));
    let waiting = ConsultView {
        with: colleague,
        role: ConsultRole::Waiting,
    };
    assert_eq!(desk.view(maria).consult, Some(waiting));
    assert_eq!(desk.view(colleague).consult.unwrap().role, ConsultRole::Asked);
}

#[test]
fn connecting_the_two_ends_both_of_our_calls_as_transferred() {
    let mut desk = desk();
    let (maria, colleague) = asked(&mut desk);
    desk.does(colleague, COMPLETE);
    assert_eq!(desk.sent(maria), [Send::Join(colleague)]);
    assert_eq!(desk.view(maria).transfer.unwrap().with, Some(colleague));
    desk.hears(maria, Signal::Transfer(TransferProgress::Accepted));
    desk.out();
    desk.hears(maria, Signal::Transfer(TransferProgress::Done));
    let out = desk.out();
    let goodbyes = [Effect::Send(maria, Send::HangUp), Effect::Send(colleague, Send::HangUp)];
    assert!(in_order(&out, &goodbyes), "{out:?}");
    assert_eq!(desk.cause(maria), transferred("300"));
    assert_eq!(desk.cause(colleague), transferred("+441632960042"));
    assert_eq!(desk.cause(maria).to_string(), "Transferred to 300");
    assert_eq!(desk.outcome(colleague), Outcome::Answered);
}

#[test]
fn a_colleague_whose_call_is_taken_over_before_the_news_comes_was_transferred_too() {
    let mut desk = desk();
    let (maria, colleague) = asked(&mut desk);
    desk.does(maria, COMPLETE);
    desk.hears(maria, Signal::Transfer(TransferProgress::Accepted));
    desk.hears(colleague, hung_up());
    assert_eq!(desk.cause(colleague), transferred("+441632960042"));
    desk.hears(maria, hung_up());
    assert_eq!(desk.cause(maria), transferred("300"));
}

#[test]
fn a_refused_connection_gives_both_calls_back_as_they_were() {
    let mut desk = desk();
    let (maria, colleague) = asked(&mut desk);
    desk.does(maria, COMPLETE);
    desk.out();
    desk.hears(maria, failed("Not allowed"));
    let transfer = desk.view(maria).transfer.unwrap();
    assert_eq!(transfer.state, TransferState::Failed("Not allowed".into()));
    assert!(desk.view(maria).held_by_us, "she waited before");
    assert_eq!(desk.focus(), Some(colleague), "and we go on with the colleague");
    assert!(desk.view(maria).consult.is_some(), "who is still asked about her");
    desk.does(maria, COMPLETE);
    assert_eq!(desk.sent(maria), [Send::Join(colleague)], "it can be tried again");
}

#[test]
fn a_connection_without_a_word_gives_both_calls_back() {
    let mut desk = desk();
    let (maria, colleague) = asked(&mut desk);
    desk.does(maria, COMPLETE);
    desk.wait(121.0);
    let transfer = desk.view(maria).transfer.unwrap();
    assert_eq!(transfer.state, TransferState::Failed("No answer".into()));
    assert_eq!(desk.state(colleague), CallState::Active);
}

#[test]
fn connecting_before_the_colleague_answered_gives_that_call_up_and_transfers_blindly() {
    let mut desk = desk();
    let maria = desk.taken();
    let colleague = ask(&mut desk, maria);
    desk.hears(maria, Signal::HoldDone);
    desk.hears(colleague, Signal::Ringing);
    desk.out();
    desk.does(maria, COMPLETE);
    let out = desk.out();
    let order = [
        Effect::Send(colleague, Send::HangUp),
        Effect::Send(maria, Send::Transfer("300".into())),
    ];
    assert!(in_order(&out, &order), "{out:?}");
    assert_eq!(desk.cause(colleague), Cause::Cancelled);
    desk.hears(maria, failed("Busy"));
    assert_eq!(desk.sent(maria), [Send::Resume], "we talked to her before");
    desk.hears(maria, Signal::ResumeDone);
    assert_eq!(desk.focus(), Some(maria));
}

#[test]
fn giving_up_the_question_goes_back_to_the_caller() {
    let mut desk = desk();
    let (maria, colleague) = asked(&mut desk);
    desk.does(colleague, Command::CancelConsult);
    assert_eq!(desk.cause(colleague), Cause::HungUp(By::Us));
    assert_eq!(desk.sent(maria), [Send::Resume]);
    desk.hears(maria, Signal::ResumeDone);
    assert_eq!(desk.focus(), Some(maria));
    assert_eq!(desk.view(maria).consult, None);
}

#[test]
fn a_busy_colleague_leaves_the_caller_waiting() {
    let mut desk = desk();
    let maria = desk.taken();
    let colleague = ask(&mut desk, maria);
    desk.hears(maria, Signal::HoldDone);
    desk.out();
    desk.hears(colleague, Signal::Ended { cause: Cause::Busy });
    assert_eq!(desk.sent(maria), []);
    assert!(desk.view(maria).held_by_us && desk.view(maria).consult.is_none());
    assert_eq!(desk.refuses(maria, COMPLETE), Refused::NotConsulting);
}

#[test]
fn a_caller_who_hangs_up_leaves_the_colleague_with_us() {
    let mut desk = desk();
    let (maria, colleague) = asked(&mut desk);
    desk.hears(maria, hung_up());
    assert_eq!(desk.focus(), Some(colleague));
    assert_eq!(desk.view(colleague).consult, None);
}

#[test]
fn a_colleague_who_hangs_up_before_the_caller_was_asked_gives_the_caller_back() {
    let mut desk = desk();
    let (maria, colleague) = asked(&mut desk);
    desk.does(colleague, Command::Swap);
    desk.hears(colleague, Signal::HoldDone);
    desk.hears(maria, Signal::ResumeDone);
    assert_eq!(desk.focus(), Some(maria));
    desk.does(maria, COMPLETE);
    assert_eq!(desk.sent(maria), [Send::Resume, Send::Hold], "she is held first");
    desk.hears(colleague, hung_up());
    let transfer = desk.view(maria).transfer.unwrap();
    assert_eq!(transfer.state, TransferState::Failed("The other end hung up".into()));
    desk.hears(maria, Signal::HoldDone);
    assert_eq!(desk.sent(maria), [Send::Resume]);
}

#[test]
fn any_two_connected_calls_can_be_connected() {
    let mut desk = desk();
    let (first, second) = (desk.held(), desk.talking());
    assert_eq!(desk.refuses(second, COMPLETE), Refused::NotConsulting);
    desk.does(first, Command::CompleteTransfer { with: Some(second) });
    assert_eq!(desk.sent(first), [Send::Join(second)]);
    let itself = Command::CompleteTransfer { with: Some(second) };
    assert_eq!(desk.refuses(second, itself), Refused::NotConsulting);
}

#[test]
fn one_question_at_a_time_about_a_call() {
    let mut desk = desk();
    let (maria, _) = asked(&mut desk);
    let another = Outgoing::new(LineId(1), Party::number("301"));
    assert_eq!(desk.board.consult(desk.now, maria, another), Err(Refused::Consulting));
    assert_eq!(desk.out(), []);
}

#[test]
fn swapping_goes_between_the_two_and_back() {
    let mut desk = desk();
    let other = desk.held();
    let (maria, colleague) = asked(&mut desk);
    desk.does(colleague, Command::Swap);
    desk.hears(maria, Signal::ResumeDone);
    assert_eq!(
        desk.focus(),
        Some(maria),
        "the one that was asked about, not the newest one"
    );
    desk.hears(colleague, Signal::HoldDone);
    desk.does(maria, Command::Swap);
    desk.hears(colleague, Signal::ResumeDone);
    assert_eq!(desk.focus(), Some(colleague));
    assert!(desk.view(other).held_by_us);
}

#[test]
fn there_is_nothing_to_swap_with_one_call() {
    let mut desk = desk();
    let call = desk.talking();
    assert_eq!(desk.refuses(call, Command::Swap), Refused::NoOtherCall);
}
