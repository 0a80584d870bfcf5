//! A call that comes in, until it is connected or not.
#![allow(clippy::unwrap_used, missing_docs)]
mod desk;
use desk::*;
use parley_call::*;

#[test]
fn it_rings_pops_once_and_begins_an_entry() {
    let mut desk = desk();
    let call = desk.invited();
    let out = desk.out();
    assert!(out.contains(&Effect::Send(call, Send::Ring)));
    assert!(out.contains(&Effect::Ring(RingLevel::Normal)));
    assert_eq!(
        out.iter()
            .filter(|e| matches!(e, Effect::Pop(_, Moment::Incoming)))
            .count(),
        1
    );
    assert!(out.contains(&Effect::Note(call, HistoryNote::Began)));
    assert_eq!(desk.view(call).called, "02079460100");
    assert!(!desk.board.on_call(), "a call that only rings here engages nobody");
}

#[test]
fn answering_waits_for_media_before_the_call_is_connected() {
    let mut desk = desk();
    let call = desk.invited();
    desk.out();
    desk.answer(call);
    let out = desk.out();
    assert!(out.contains(&Effect::Send(call, Send::Accept)));
    assert!(out.contains(&Effect::Ring(RingLevel::Off)));
    assert!(
        !out.iter().any(|e| matches!(e, Effect::Pop(..) | Effect::Focus(_))),
        "{out:?}"
    );
    assert_eq!(desk.state(call), CallState::Answering);
    desk.hears(call, Signal::Answered);
    let out = desk.out();
    let connected = [
        Effect::Media(call, MediaAction::Start),
        Effect::Pop(call, Moment::Answered),
        Effect::Note(call, HistoryNote::Answered),
        Effect::Focus(vec![call]),
    ];
    assert!(in_order(&out, &connected), "{out:?}");
    desk.hears(call, Signal::Confirmed);
    assert_eq!(desk.state(call), CallState::Active);
}

#[test]
fn a_repeated_answer_changes_nothing() {
    let mut desk = desk();
    let call = desk.taken();
    desk.hears(call, Signal::Answered);
    assert_eq!(desk.out(), []);
}

#[test]
fn answering_twice_is_refused() {
    let mut desk = desk();
    let call = desk.invited();
    desk.answer(call);
    assert_eq!(
        desk.refuses(call, Command::Answer { others: OnAnswer::Hold }),
        Refused::NotRinging
    );
}

#[test]
fn declining_tells_the_far_end() {
    let mut desk = desk();
    let call = desk.invited();
    desk.out();
    desk.does(call, Command::Decline);
    assert_eq!(desk.sent(call), [Send::Reject(Rejection::Decline)]);
    assert_eq!(desk.outcome(call), Outcome::Declined);
}

#[test]
fn hanging_up_a_ringing_call_declines_it() {
    let mut desk = desk();
    let call = desk.invited();
    desk.out();
    desk.does(call, Command::HangUp);
    assert_eq!(desk.sent(call), [Send::Reject(Rejection::Decline)]);
}

#[test]
fn declining_during_another_call_says_busy() {
    let mut desk = desk();
    desk.talking();
    let call = desk.invited();
    desk.out();
    desk.does(call, Command::Decline);
    assert_eq!(desk.sent(call), [Send::Reject(Rejection::Busy)]);
}

#[test]
fn a_caller_who_gives_up_was_missed() {
    let mut desk = desk();
    let call = desk.invited();
    desk.wait(7.0);
    desk.out();
    desk.hears(call, Signal::Cancelled { elsewhere: false });
    let out = desk.out();
    assert!(out.contains(&Effect::Ring(RingLevel::Off)));
    let missed = out.iter().any(|effect| {
        matches!(effect, Effect::Note(_, HistoryNote::Ended { outcome: Outcome::Missed { quiet: false }, ring, .. }) if ring.as_secs() == 7)
    });
    assert!(missed, "{out:?}");
}

#[test]
fn a_call_answered_on_another_phone_is_not_missed_and_does_not_pop_as_answered() {
    let mut desk = desk();
    let call = desk.invited();
    desk.out();
    desk.hears(call, Signal::Cancelled { elsewhere: true });
    assert_eq!(desk.outcome(call), Outcome::AnsweredElsewhere);
    assert!(!desk.out().iter().any(|effect| matches!(effect, Effect::Pop(..))));
}

#[test]
fn a_cancel_while_media_prepares_ends_as_missed() {
    let mut desk = desk();
    let call = desk.invited();
    desk.answer(call);
    desk.hears(call, Signal::Cancelled { elsewhere: false });
    assert_eq!(desk.outcome(call), Outcome::Missed { quiet: false });
    desk.out();
    desk.hears(call, Signal::Answered);
    assert_eq!(desk.out(), []);
}

#[test]
fn a_cancel_after_our_answer_is_too_late() {
    let mut desk = desk();
    let call = desk.taken();
    desk.hears(call, Signal::Cancelled { elsewhere: false });
    assert_eq!(desk.state(call), CallState::Active);
}

#[test]
fn an_answer_media_cannot_prepare_fails_with_words() {
    let mut desk = desk();
    let call = desk.invited();
    desk.answer(call);
    desk.hears(
        call,
        Signal::Ended {
            cause: Cause::NotAcceptable,
        },
    );
    assert_eq!(desk.outcome(call), Outcome::Failed);
    assert_eq!(desk.cause(call).to_string(), "No common codec");
}

#[test]
fn an_answer_that_never_gets_ready_is_given_up() {
    let mut desk = desk();
    let call = desk.invited();
    desk.answer(call);
    desk.out();
    desk.wait(35.0);
    assert_eq!(desk.sent(call), [Send::HangUp]);
    assert_eq!(desk.cause(call), Cause::Lost);
}

#[test]
fn an_answer_nobody_confirms_ends_as_lost() {
    let mut desk = desk();
    let call = desk.invited();
    desk.answer(call);
    desk.hears(call, Signal::Answered);
    desk.out();
    desk.hears(call, Signal::ConfirmTimeout);
    assert_eq!(desk.sent(call), [Send::HangUp]);
    assert_eq!(desk.cause(call), Cause::Lost);
}

#[test]
fn a_confirmed_call_does_not_end_by_a_late_confirm_timeout() {
    let mut desk = desk();
    let call = desk.taken();
    desk.hears(call, Signal::ConfirmTimeout);
    desk.wait(100.0);
    assert_eq!(desk.state(call), CallState::Active);
}

#[test]
fn a_call_that_rings_for_ever_is_turned_away() {
    let mut desk = desk();
    let call = desk.invited();
    desk.out();
    desk.wait(300.0);
    assert_eq!(desk.sent(call), [Send::Reject(Rejection::Unavailable)]);
    assert_eq!(desk.outcome(call), Outcome::Missed { quiet: false });
}
