//! A call we make, until it is connected or not.
#![allow(clippy::unwrap_used, missing_docs)]
mod desk;
use desk::*;
use parley_call::*;

#[test]
fn dialling_invites_and_begins_an_entry() {
    let mut desk = desk();
    let call = desk.dial("600");
    let out = desk.out();
    assert!(
        in_order(
            &out,
            &[Effect::Note(call, HistoryNote::Began), Effect::Send(call, Send::Invite)]
        ),
        "{out:?}"
    );
    assert!(out.contains(&Effect::OnCall(true)));
    assert_eq!(desk.state(call), CallState::Calling);
    assert_eq!(desk.focus(), None);
}

#[test]
fn ringing_plays_ringback_until_the_answer() {
    let mut desk = desk();
    let call = desk.dial("600");
    desk.hears(call, Signal::Trying);
    assert_eq!(desk.board.tone(), Tone::None);
    desk.out();
    desk.hears(call, Signal::Ringing);
    assert!(desk.out().contains(&Effect::Tone(Tone::Ringback)));
    desk.hears(call, Signal::Answered);
    let out = desk.out();
    assert!(out.contains(&Effect::Tone(Tone::None)));
    assert!(out.contains(&Effect::Media(call, MediaAction::Start)));
    assert!(out.contains(&Effect::Focus(vec![call])));
    assert!(out.contains(&Effect::Note(call, HistoryNote::Answered)));
}

#[test]
fn early_media_takes_the_place_of_ringback() {
    let mut desk = desk();
    let call = desk.dial("600");
    desk.hears(call, Signal::Ringing);
    desk.out();
    desk.hears(call, Signal::EarlyMedia);
    let out = desk.out();
    assert!(out.contains(&Effect::Media(call, MediaAction::Start)));
    assert!(out.contains(&Effect::Focus(vec![call])));
    assert!(out.contains(&Effect::Tone(Tone::None)));
    desk.hears(call, Signal::Ringing);
    assert_eq!(
        desk.state(call),
        CallState::EarlyMedia,
        "another branch that rings does not silence the one that speaks"
    );
}

#[test]
fn an_outgoing_call_never_pops() {
    let mut desk = desk();
    let call = desk.dial("600");
    desk.hears(call, Signal::Answered);
    assert!(!desk.out().iter().any(|effect| matches!(effect, Effect::Pop(..))));
}

#[test]
fn every_failure_is_told_with_its_cause_and_tone() {
    for (cause, tone, words) in [
        (Cause::Busy, Tone::Busy, "Busy"),
        (Cause::Declined, Tone::Busy, "Declined by the other end"),
        (Cause::NotFound, Tone::Congestion, "Nobody by that number"),
        (Cause::Unreachable, Tone::Congestion, "The server cannot be reached"),
        (Cause::Other("Gone".into()), Tone::Congestion, "Gone"),
    ] {
        let mut desk = desk();
        let call = desk.dial("600");
        desk.hears(call, Signal::Ended { cause: cause.clone() });
        assert_eq!(desk.cause(call), cause);
        assert_eq!(desk.cause(call).to_string(), words);
        assert_eq!(desk.outcome(call), Outcome::Failed);
        assert_eq!(desk.board.tone(), tone);
        desk.wait(3.0);
        assert_eq!(desk.board.tone(), Tone::None, "the tone does not go on for ever");
    }
}

#[test]
fn hanging_up_before_the_answer_cancels() {
    let mut desk = desk();
    let call = desk.dial("600");
    desk.out();
    desk.does(call, Command::HangUp);
    assert_eq!(desk.sent(call), [Send::HangUp]);
    assert_eq!(desk.outcome(call), Outcome::Cancelled);
    assert_eq!(desk.board.tone(), Tone::None);
}

#[test]
fn an_answer_that_crosses_our_cancel_stays_cancelled() {
    let mut desk = desk();
    let call = desk.dial("600");
    desk.does(call, Command::HangUp);
    desk.out();
    desk.hears(call, Signal::Answered);
    assert_eq!(desk.out(), []);
    assert_eq!(desk.cause(call), Cause::Cancelled);
}

#[test]
fn a_call_nobody_answers_is_given_up_after_three_minutes() {
    let mut desk = desk();
    let call = desk.dial("604");
    desk.hears(call, Signal::Ringing);
    desk.wait(179.0);
    assert_eq!(desk.state(call), CallState::Ringing);
    desk.out();
    desk.wait(1.0);
    assert_eq!(desk.sent(call), [Send::HangUp]);
    assert_eq!(desk.cause(call), Cause::NoAnswer);
}

#[test]
fn a_call_muted_while_it_rings_starts_muted() {
    let mut desk = desk();
    let call = desk.dial("600");
    desk.does(call, Command::Mute(true));
    assert!(!desk.out().contains(&Effect::Media(call, MediaAction::Mute(true))));
    desk.hears(call, Signal::Answered);
    let start = [
        Effect::Media(call, MediaAction::Start),
        Effect::Media(call, MediaAction::Mute(true)),
    ];
    assert!(in_order(&desk.out(), &start));
}

#[test]
fn a_second_call_cannot_be_dialled_while_one_is_being_dialled() {
    let mut desk = desk();
    desk.dial("600");
    assert_eq!(
        desk.board
            .dial(desk.now, Outgoing::new(LineId(1), Party::number("601"))),
        Err(Refused::Dialling)
    );
}
