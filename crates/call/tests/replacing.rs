//! A call that takes the place of another one: its far end was transferred to somebody else.
#![allow(clippy::unwrap_used, missing_docs)]
mod desk;
use desk::*;
use parley_call::*;

fn instead_of(desk: &mut Desk, other: CallId, number: &str) -> CallId {
    let invitation = Invitation {
        party: Party::number(number),
        replaces: Some(other),
        ..maria()
    };
    desk.board.invited(desk.now, LineId(1), invitation)
}

fn pops(effects: &[Effect]) -> usize {
    effects
        .iter()
        .filter(|effect| matches!(effect, Effect::Pop(..)))
        .count()
}

#[test]
fn it_is_answered_without_ringing_and_the_other_one_ends() {
    let mut desk = desk();
    let old = desk.talking();
    let new = instead_of(&mut desk, old, "300");
    assert_eq!(desk.board.ring(), RingLevel::Off);
    assert_eq!(desk.sent(new), [Send::Accept]);
    assert_eq!(desk.focus(), Some(old), "until it is there");
    desk.hears(new, Signal::Answered);
    assert_eq!(desk.sent(old), [], "the wire says goodbye to it");
    assert_eq!(desk.cause(old), Cause::Replaced);
    assert_eq!(desk.outcome(old), Outcome::Answered);
    assert_eq!(desk.focus(), Some(new));
    desk.hears(old, Signal::Ended { cause: Cause::Replaced });
    desk.hears(new, Signal::Confirmed);
    assert_eq!(desk.focus(), Some(new));
}

#[test]
fn somebody_else_pops_and_the_same_caller_does_not_pop_twice() {
    let mut desk = desk();
    let old = desk.taken();
    let same = instead_of(&mut desk, old, "+441632960042");
    assert_eq!(pops(&desk.out()), 0);
    desk.hears(same, Signal::Answered);
    assert_eq!(pops(&desk.out()), 0);
    let other = instead_of(&mut desk, same, "300");
    assert_eq!(pops(&desk.out()), 1);
    desk.hears(other, Signal::Answered);
    assert_eq!(pops(&desk.out()), 1, "the other moment, for rules that wait for it");
}

#[test]
fn what_was_true_of_the_other_one_stays_true() {
    let mut desk = desk();
    let old = desk.held();
    desk.does(old, Command::Mute(true));
    let talking = desk.talking();
    let new = instead_of(&mut desk, old, "300");
    desk.hears(new, Signal::Answered);
    desk.hears(new, Signal::Confirmed);
    assert_eq!(desk.sent(new), [Send::Accept, Send::Hold], "held, as before");
    assert!(desk.view(new).muted);
    assert_eq!(desk.focus(), Some(talking));
}

#[test]
fn a_call_in_front_that_is_on_hold_does_not_open_the_microphone() {
    let mut desk = desk();
    let old = desk.held();
    let new = instead_of(&mut desk, old, "300");
    desk.hears(new, Signal::Answered);
    assert_eq!(desk.focus(), None);
    assert!(desk.view(new).held_by_us);
}

#[test]
fn one_that_still_rang_there_is_taken_over_by_who_picked_it_up() {
    let mut desk = desk();
    let old = desk.dial("600");
    desk.hears(old, Signal::Ringing);
    let new = instead_of(&mut desk, old, "601");
    desk.hears(new, Signal::Answered);
    assert_eq!(desk.cause(old), Cause::Replaced);
    assert_eq!(desk.outcome(old), Outcome::Cancelled);
    assert_eq!(desk.focus(), Some(new));
}

#[test]
fn it_takes_the_place_in_a_consultation_and_in_a_conference() {
    let mut desk = desk();
    let first = desk.held();
    let colleague = Outgoing::new(LineId(1), Party::number("300"));
    let second = desk.board.consult(desk.now, first, colleague).unwrap();
    desk.hears(second, Signal::Answered);
    let new = instead_of(&mut desk, second, "301");
    desk.hears(new, Signal::Answered);
    desk.hears(new, Signal::Confirmed);
    assert_eq!(desk.view(first).consult.unwrap().with, new);
    desk.board.confer(desk.now, &[first, new]).unwrap();
    let newer = instead_of(&mut desk, first, "302");
    desk.hears(first, Signal::ResumeDone);
    desk.hears(newer, Signal::Answered);
    assert_eq!(desk.board.focus(), [new, newer]);
}

#[test]
fn one_that_fails_leaves_the_other_one_alone() {
    let mut desk = desk();
    let old = desk.talking();
    let new = instead_of(&mut desk, old, "300");
    let cause = Cause::NotAcceptable;
    desk.hears(new, Signal::Ended { cause });
    assert_eq!(desk.focus(), Some(old));
    assert_eq!(desk.state(old), CallState::Active);
}

#[test]
fn the_other_one_may_say_goodbye_first() {
    let mut desk = desk();
    let old = desk.talking();
    let new = instead_of(&mut desk, old, "300");
    let cause = Cause::HungUp(By::Them);
    desk.hears(old, Signal::Ended { cause });
    desk.hears(new, Signal::Answered);
    assert_eq!(desk.focus(), Some(new));
}

#[test]
fn one_in_place_of_a_call_that_is_over_rings_as_any_other() {
    let mut desk = desk();
    let old = desk.talking();
    desk.does(old, Command::HangUp);
    let new = instead_of(&mut desk, old, "300");
    assert_eq!(desk.sent(new), [Send::Ring]);
}
