//! Several calls, one of which talks.
#![allow(clippy::unwrap_used, missing_docs)]
mod desk;
use desk::*;
use parley_call::*;

#[test]
fn answering_holds_the_call_that_talks() {
    let mut desk = desk();
    let first = desk.talking();
    let second = desk.invited();
    desk.out();
    desk.answer(second);
    let out = desk.out();
    let order = [
        Effect::Media(first, MediaAction::Hold),
        Effect::Send(first, Send::Hold),
        Effect::Send(second, Send::Accept),
        Effect::Focus(vec![]),
    ];
    assert!(in_order(&out, &order), "{out:?}");
    desk.hears(second, Signal::Answered);
    assert!(desk.out().contains(&Effect::Focus(vec![second])));
}

#[test]
fn answering_may_end_the_call_that_talks_but_not_the_held_one() {
    let mut desk = desk();
    let held = desk.held();
    let first = desk.talking();
    let second = desk.invited();
    desk.does(second, Command::Answer { others: OnAnswer::End });
    assert_eq!(desk.cause(first), Cause::HungUp(By::Us));
    assert_eq!(desk.state(held), CallState::Active);
}

#[test]
fn answering_gives_up_a_call_still_being_dialled() {
    let mut desk = desk();
    let dialled = desk.dial("604");
    let second = desk.invited();
    desk.answer(second);
    assert_eq!(desk.cause(dialled), Cause::Cancelled);
}

#[test]
fn answering_one_while_another_is_being_answered_is_refused() {
    let mut desk = desk();
    let first = desk.invited();
    let second = desk.invited();
    desk.answer(first);
    assert_eq!(
        desk.refuses(second, Command::Answer { others: OnAnswer::Hold }),
        Refused::AnswerUnderWay
    );
    assert_eq!(
        desk.board
            .dial(desk.now, Outgoing::new(LineId(1), Party::number("600"))),
        Err(Refused::AnswerUnderWay)
    );
}

#[test]
fn dialling_while_talking_holds_first() {
    let mut desk = desk();
    let first = desk.talking();
    let second = desk.dial("601");
    let out = desk.out();
    let order = [
        Effect::Media(first, MediaAction::Hold),
        Effect::Send(first, Send::Hold),
        Effect::Send(second, Send::Invite),
        Effect::Focus(vec![]),
    ];
    assert!(in_order(&out, &order), "{out:?}");
}

#[test]
fn resuming_swaps() {
    let mut desk = desk();
    let first = desk.held();
    let second = desk.talking();
    desk.does(first, Command::Resume);
    let out = desk.out();
    let order = [
        Effect::Media(second, MediaAction::Hold),
        Effect::Send(second, Send::Hold),
        Effect::Send(first, Send::Resume),
    ];
    assert!(in_order(&out, &order), "{out:?}");
    desk.hears(second, Signal::HoldDone);
    desk.hears(first, Signal::ResumeDone);
    assert_eq!(desk.focus(), Some(first));
    assert!(desk.view(second).held_by_us);
}

#[test]
fn resuming_is_refused_while_another_call_is_dialled_and_nothing_is_touched() {
    let mut desk = desk();
    let first = desk.held();
    desk.dial("604");
    desk.out();
    assert_eq!(desk.refuses(first, Command::Resume), Refused::Dialling);
    assert_eq!(desk.out(), []);
}

#[test]
fn a_held_call_stays_held_when_the_active_one_ends() {
    let mut desk = desk();
    let held = desk.held();
    let active = desk.talking();
    desk.out();
    desk.hears(
        active,
        Signal::Ended {
            cause: Cause::HungUp(By::Them),
        },
    );
    let out = desk.out();
    assert!(out.contains(&Effect::Focus(vec![])));
    assert!(
        !out.iter()
            .any(|effect| matches!(effect, Effect::Send(id, _) if *id == held))
    );
    assert!(desk.view(held).held_by_us);
    assert!(desk.board.on_call());
}

#[test]
fn a_hold_refused_behind_our_back_parks_the_call_silently() {
    let mut desk = desk();
    let first = desk.talking();
    let second = desk.taken();
    desk.hears(first, Signal::HoldRefused { reason: "No".into() });
    assert_eq!(desk.focus(), Some(second), "the call that talks keeps the microphone");
    assert!(desk.view(first).held_by_us && !desk.view(first).hold_pending);
    desk.out();
    desk.does(first, Command::Resume);
    assert!(
        desk.sent(first).is_empty(),
        "the far end never held: there is nothing to ask"
    );
    assert_eq!(desk.focus(), Some(first));
    assert!(desk.view(second).held_by_us);
}

#[test]
fn a_hold_refused_after_the_other_call_ended_does_not_open_the_microphone_by_itself() {
    let mut desk = desk();
    let first = desk.talking();
    let second = desk.dial("603");
    desk.hears(second, Signal::Ended { cause: Cause::Busy });
    desk.hears(first, Signal::HoldRefused { reason: String::new() });
    assert_eq!(desk.focus(), None);
    desk.does(first, Command::Resume);
    assert_eq!(desk.focus(), Some(first));
}

#[test]
fn a_resume_overtaken_by_an_answered_call_goes_back_on_hold() {
    let mut desk = desk();
    let first = desk.held();
    desk.does(first, Command::Resume);
    let second = desk.taken();
    desk.hears(first, Signal::ResumeDone);
    assert_eq!(desk.sent(first), [Send::Hold]);
    assert_eq!(desk.focus(), Some(second));
}

#[test]
fn mute_is_each_calls_own() {
    let mut desk = desk();
    let first = desk.talking();
    desk.does(first, Command::Mute(true));
    let second = desk.taken();
    assert!(desk.view(first).muted && !desk.view(second).muted);
    desk.does(first, Command::Resume);
    desk.hears(first, Signal::HoldDone);
    desk.hears(first, Signal::ResumeDone);
    assert!(desk.view(first).muted, "a swap does not unmute");
}

#[test]
fn there_are_never_more_calls_than_allowed() {
    let mut desk = desk_with(Policy {
        max_calls: 2,
        ..Policy::default()
    });
    desk.held();
    desk.held();
    assert_eq!(
        desk.board
            .dial(desk.now, Outgoing::new(LineId(1), Party::number("600"))),
        Err(Refused::TooManyCalls)
    );
    let third = desk.invited();
    assert_eq!(desk.sent(third), [Send::Reject(Rejection::Busy)]);
    assert_eq!(desk.board.calls().count(), 2);
}
