//! Emergency calls go before all rules; and calls that are answered without a person go after all of them.
#![allow(clippy::unwrap_used, missing_docs)]
mod desk;
use desk::*;
use parley_call::*;
use std::time::Duration;

fn urgent() -> Outgoing {
    Outgoing {
        emergency: true,
        ..Outgoing::new(LineId(1), Party::number("112"))
    }
}

fn auto(desk: &mut Desk, seconds: u64) -> CallId {
    let invitation = Invitation {
        auto_answer: Some(Duration::from_secs(seconds)),
        ..maria()
    };
    desk.board.invited(desk.now, LineId(1), invitation)
}

#[test]
fn there_is_always_room_and_everything_else_makes_way() {
    let mut desk = desk_with(Policy {
        max_calls: 2,
        do_not_disturb: true,
        ..Policy::default()
    });
    let talking = desk.talking();
    let dialled = desk.dial("600");
    desk.out();
    let call = desk.board.dial(desk.now, urgent()).unwrap();
    assert_eq!(desk.cause(dialled), Cause::Cancelled);
    assert!(desk.view(talking).held_by_us);
    assert_eq!(desk.sent(call), [Send::Invite]);
    assert!(desk.view(call).emergency);
}

#[test]
fn a_call_being_answered_is_not_lost_but_held_once_it_is_there() {
    let mut desk = desk();
    let answered = desk.invited();
    desk.answer(answered);
    let call = desk.board.dial(desk.now, urgent()).unwrap();
    desk.hears(answered, Signal::Answered);
    desk.hears(answered, Signal::Confirmed);
    assert_eq!(desk.sent(answered), [Send::Ring, Send::Accept, Send::Hold]);
    desk.hears(call, Signal::Answered);
    assert_eq!(desk.focus(), Some(call));
}

#[test]
fn nothing_takes_its_place_while_it_is_being_dialled() {
    let mut desk = desk();
    let held = desk.held();
    let call = desk.board.dial(desk.now, urgent()).unwrap();
    let ringing = desk.invited();
    let answer = Command::Answer { others: OnAnswer::End };
    assert_eq!(desk.refuses(ringing, answer), Refused::Emergency);
    assert_eq!(desk.refuses(held, Command::Resume), Refused::Dialling);
    assert_eq!(desk.board.dial(desk.now, urgent()), Err(Refused::Emergency));
    assert_eq!(desk.state(call), CallState::Calling);
}

#[test]
fn it_never_ends_by_itself() {
    let mut desk = desk();
    let call = desk.board.dial(desk.now, urgent()).unwrap();
    desk.hears(call, Signal::Ringing);
    desk.wait(1000.0);
    assert_eq!(desk.state(call), CallState::Ringing);
    desk.hears(call, Signal::Answered);
    let silent_for = Duration::from_secs(10);
    desk.hears(call, Signal::MediaLost { silent_for });
    desk.wait(1000.0);
    assert_eq!(desk.state(call), CallState::Active);
}

#[test]
fn a_call_that_asks_for_it_is_answered_after_it_was_heard_for_a_moment() {
    let mut desk = desk();
    let call = auto(&mut desk, 0);
    assert_eq!(desk.board.ring(), RingLevel::Normal);
    desk.wait(0.9);
    assert_eq!(desk.state(call), CallState::Incoming);
    desk.wait(0.2);
    assert_eq!(desk.sent(call), [Send::Ring, Send::Accept]);
    assert!(desk.view(call).auto_answered);
}

#[test]
fn the_wish_for_a_pause_is_kept_and_a_person_may_be_faster() {
    let mut desk = desk();
    let call = auto(&mut desk, 5);
    desk.wait(4.9);
    assert_eq!(desk.state(call), CallState::Incoming);
    desk.answer(call);
    desk.wait(1.0);
    assert_eq!(desk.sent(call), [Send::Ring, Send::Accept]);
    assert!(!desk.view(call).auto_answered);
}

#[test]
fn nothing_is_answered_by_itself_while_somebody_is_on_a_call() {
    let mut desk = desk();
    let first = auto(&mut desk, 5);
    let talking = desk.talking();
    let second = auto(&mut desk, 0);
    desk.wait(10.0);
    assert_eq!(desk.state(first), CallState::Incoming);
    desk.does(talking, Command::HangUp);
    desk.wait(10.0);
    assert_eq!(desk.state(first), CallState::Incoming, "not later either");
    assert_eq!(desk.state(second), CallState::Incoming);
}
