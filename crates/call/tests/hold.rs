//! Hold, from both sides, pending and refused.
#![allow(clippy::unwrap_used, missing_docs)]
mod desk;
use desk::*;
use parley_call::*;

fn refused() -> Signal {
    Signal::HoldRefused {
        reason: "Not acceptable here".into(),
    }
}

#[test]
fn hold_silences_at_once_and_waits_for_the_far_end() {
    let mut desk = desk();
    let call = desk.talking();
    desk.does(call, Command::Hold);
    let out = desk.out();
    let held = [
        Effect::Media(call, MediaAction::Hold),
        Effect::Send(call, Send::Hold),
        Effect::Focus(vec![]),
    ];
    assert!(in_order(&out, &held), "{out:?}");
    assert!(desk.view(call).held_by_us && desk.view(call).hold_pending);
    desk.hears(call, Signal::HoldDone);
    assert!(desk.view(call).held_by_us && !desk.view(call).hold_pending);
}

#[test]
fn resume_gives_the_microphone_back_only_when_agreed() {
    let mut desk = desk();
    let call = desk.held();
    desk.does(call, Command::Resume);
    assert_eq!(desk.sent(call), [Send::Resume]);
    assert_eq!(desk.focus(), None);
    desk.hears(call, Signal::ResumeDone);
    let out = desk.out();
    assert!(
        in_order(
            &out,
            &[Effect::Media(call, MediaAction::Resume), Effect::Focus(vec![call])]
        ),
        "{out:?}"
    );
}

#[test]
fn a_refused_hold_gives_the_call_back_with_the_reason() {
    let mut desk = desk();
    let call = desk.talking();
    desk.does(call, Command::Hold);
    desk.hears(call, refused());
    assert!(desk.out().contains(&Effect::Media(call, MediaAction::Resume)));
    assert_eq!(desk.view(call).hold_refused.as_deref(), Some("Not acceptable here"));
    assert!(!desk.view(call).held_by_us);
    assert_eq!(desk.focus(), Some(call));
    desk.does(call, Command::Hold);
    assert_eq!(desk.view(call).hold_refused, None, "a new try forgets the old reason");
}

#[test]
fn a_refused_resume_leaves_the_call_held_with_the_reason() {
    let mut desk = desk();
    let call = desk.held();
    desk.does(call, Command::Resume);
    desk.hears(call, refused());
    assert!(desk.view(call).held_by_us && !desk.view(call).hold_pending);
    assert!(desk.view(call).hold_refused.is_some());
}

#[test]
fn a_resume_waits_while_the_hold_is_pending() {
    let mut desk = desk();
    let call = desk.talking();
    desk.does(call, Command::Hold);
    desk.out();
    desk.does(call, Command::Resume);
    assert_eq!(desk.sent(call), []);
    desk.hears(call, Signal::HoldDone);
    assert_eq!(desk.sent(call), [Send::Resume]);
    desk.hears(call, Signal::ResumeDone);
    assert_eq!(desk.focus(), Some(call));
}

#[test]
fn a_resume_that_waits_for_a_hold_that_is_refused_simply_talks() {
    let mut desk = desk();
    let call = desk.talking();
    desk.does(call, Command::Hold);
    desk.does(call, Command::Resume);
    desk.hears(call, refused());
    assert_eq!(desk.focus(), Some(call));
    assert_eq!(desk.view(call).hold_refused, None, "nobody wants that hold any more");
}

#[test]
fn a_hold_waits_while_the_resume_is_pending() {
    let mut desk = desk();
    let call = desk.held();
    desk.does(call, Command::Resume);
    desk.does(call, Command::Hold);
    assert_eq!(desk.sent(call), [Send::Resume]);
    desk.hears(call, Signal::ResumeDone);
    assert_eq!(desk.sent(call), [Send::Hold]);
    assert_eq!(
        desk.focus(),
        None,
        "there is no moment in between in which the microphone is open"
    );
    desk.hears(call, Signal::HoldDone);
    assert!(desk.view(call).held_by_us);
}

#[test]
fn wanting_hold_and_resume_again_and_again_asks_only_what_is_needed() {
    let mut desk = desk();
    let call = desk.talking();
    for command in [
        Command::Hold,
        Command::Resume,
        Command::Hold,
        Command::Resume,
        Command::Hold,
    ] {
        desk.does(call, command);
    }
    assert_eq!(desk.sent(call), [Send::Hold]);
    desk.hears(call, Signal::HoldDone);
    assert_eq!(desk.sent(call), []);
    assert!(desk.view(call).held_by_us);
}

#[test]
fn an_answer_not_confirmed_yet_is_held_here_and_asked_later() {
    let mut desk = desk();
    let call = desk.invited();
    desk.answer(call);
    desk.hears(call, Signal::Answered);
    desk.out();
    desk.does(call, Command::Hold);
    let out = desk.out();
    assert!(out.contains(&Effect::Media(call, MediaAction::Hold)));
    assert!(!out.contains(&Effect::Send(call, Send::Hold)));
    desk.hears(call, Signal::Confirmed);
    assert_eq!(desk.sent(call), [Send::Hold]);
}

#[test]
fn a_hold_taken_back_before_the_confirmation_is_never_asked() {
    let mut desk = desk();
    let call = desk.invited();
    desk.answer(call);
    desk.hears(call, Signal::Answered);
    desk.does(call, Command::Hold);
    desk.does(call, Command::Resume);
    desk.out();
    desk.hears(call, Signal::Confirmed);
    assert_eq!(desk.sent(call), []);
    assert_eq!(desk.focus(), Some(call));
}

#[test]
fn both_sides_may_hold_at_once() {
    let mut desk = desk();
    let call = desk.held();
    desk.hears(call, Signal::Reoffered { held: true });
    assert_eq!(desk.sent(call), [Send::AnswerReoffer]);
    assert!(desk.view(call).held_by_us && desk.view(call).held_by_them);
    desk.does(call, Command::Resume);
    desk.hears(call, Signal::ResumeDone);
    assert!(!desk.view(call).held_by_us && desk.view(call).held_by_them);
    desk.hears(call, Signal::Reoffered { held: false });
    assert!(!desk.view(call).held_by_them);
}

#[test]
fn hold_and_resume_are_refused_where_they_make_no_sense() {
    let mut desk = desk();
    let ringing = desk.invited();
    assert_eq!(desk.refuses(ringing, Command::Hold), Refused::NotConnected);
    let call = desk.held();
    assert_eq!(desk.refuses(call, Command::Hold), Refused::AlreadyHeld);
    desk.does(call, Command::Resume);
    assert_eq!(desk.refuses(call, Command::Resume), Refused::NotHeld);
    desk.does(call, Command::HangUp);
    assert_eq!(desk.refuses(call, Command::Resume), Refused::Ended);
    assert_eq!(desk.refuses(CallId(999), Command::Hold), Refused::NoSuchCall);
}

#[test]
fn late_words_about_hold_change_nothing() {
    let mut desk = desk();
    let call = desk.talking();
    for signal in [Signal::HoldDone, Signal::ResumeDone, refused()] {
        desk.hears(call, signal);
        assert_eq!(desk.out(), []);
    }
}
