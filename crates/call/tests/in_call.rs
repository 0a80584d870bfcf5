//! A connected call: tones, silence, the end, and being forgotten.
#![allow(clippy::unwrap_used, missing_docs)]
mod desk;
use desk::*;
use parley_call::*;
use std::time::Duration;

fn lost(seconds: u64) -> Signal {
    Signal::MediaLost {
        silent_for: Duration::from_secs(seconds),
    }
}

#[test]
fn tones_go_out_and_are_remembered() {
    let mut desk = desk();
    let call = desk.talking();
    desk.does(call, Command::SendDigits("12a".into()));
    desk.does(call, Command::SendDigits("#".into()));
    assert!(
        desk.out()
            .contains(&Effect::Media(call, MediaAction::Digits("12A".into())))
    );
    assert_eq!(desk.view(call).digits, "12A#");
}

#[test]
fn what_is_no_tone_is_refused() {
    let mut desk = desk();
    let call = desk.talking();
    for text in ["", "12x", "é", &"1".repeat(65)] {
        assert_eq!(
            desk.refuses(call, Command::SendDigits(text.into())),
            Refused::BadDigits,
            "{text}"
        );
    }
}

#[test]
fn tones_need_a_connected_call_that_talks() {
    let mut desk = desk();
    let held = desk.held();
    assert_eq!(desk.refuses(held, Command::SendDigits("1".into())), Refused::OnHold);
    let dialled = desk.dial("600");
    assert_eq!(
        desk.refuses(dialled, Command::SendDigits("1".into())),
        Refused::NotConnected
    );
}

#[test]
fn only_the_newest_tones_are_shown() {
    let mut desk = desk();
    let call = desk.talking();
    for digit in ["1", "2", "3"] {
        desk.does(call, Command::SendDigits(digit.repeat(64)));
    }
    assert_eq!(desk.view(call).digits, format!("{}{}", "2".repeat(64), "3".repeat(64)));
}

#[test]
fn a_silent_far_end_is_shown_with_the_time_it_fell_silent() {
    let mut desk = desk();
    let call = desk.talking();
    desk.wait(30.0);
    desk.hears(call, lost(5));
    assert_eq!(desk.view(call).silent_since, Some(desk.now - Duration::from_secs(5)));
    desk.hears(call, Signal::MediaBack);
    assert_eq!(desk.view(call).silent_since, None);
}

#[test]
fn a_dead_far_end_ends_the_call_as_lost() {
    let mut desk = desk();
    let call = desk.talking();
    desk.hears(call, lost(5));
    desk.wait(54.0);
    assert_eq!(desk.state(call), CallState::Active);
    desk.out();
    desk.wait(1.0);
    assert_eq!(desk.sent(call), [Send::HangUp]);
    assert_eq!(desk.cause(call), Cause::Lost);
    assert_eq!(desk.outcome(call), Outcome::Answered);
}

#[test]
fn silence_on_hold_counts_against_nobody() {
    let mut desk = desk();
    let call = desk.held();
    desk.hears(call, lost(5));
    desk.wait(3600.0);
    assert_eq!(desk.state(call), CallState::Active);
    assert_eq!(desk.view(call).silent_since, None);
    desk.does(call, Command::Resume);
    desk.hears(call, Signal::ResumeDone);
    desk.wait(59.0);
    assert_eq!(
        desk.state(call),
        CallState::Active,
        "after a hold, silence counts from the resume"
    );
    desk.wait(1.0);
    assert_eq!(desk.cause(call), Cause::Lost);
}

#[test]
fn silence_while_they_hold_us_counts_from_their_resume() {
    let mut desk = desk();
    let call = desk.talking();
    desk.hears(call, Signal::Reoffered { held: true });
    desk.hears(call, lost(5));
    desk.wait(600.0);
    assert_eq!(desk.state(call), CallState::Active);
    desk.hears(call, Signal::Reoffered { held: false });
    desk.wait(60.0);
    assert_eq!(desk.cause(call), Cause::Lost);
}

#[test]
fn hanging_up_tells_the_far_end_stops_media_and_writes_the_talk_time() {
    let mut desk = desk();
    let call = desk.dial("200");
    desk.wait(4.0);
    desk.hears(call, Signal::Answered);
    desk.wait(75.0);
    desk.out();
    desk.does(call, Command::HangUp);
    let out = desk.out();
    let ended = HistoryNote::Ended {
        outcome: Outcome::Answered,
        cause: Cause::HungUp(By::Us),
        ring: Duration::from_secs(4),
        talk: Duration::from_secs(75),
    };
    let order = [
        Effect::Send(call, Send::HangUp),
        Effect::Media(call, MediaAction::Stop),
        Effect::Note(call, ended),
        Effect::Focus(vec![]),
        Effect::OnCall(false),
        Effect::Changed(call),
    ];
    assert!(in_order(&out, &order), "{out:?}");
}

#[test]
fn goodbyes_that_cross_end_the_call_once() {
    let mut desk = desk();
    let call = desk.talking();
    desk.does(call, Command::HangUp);
    desk.out();
    desk.hears(
        call,
        Signal::Ended {
            cause: Cause::HungUp(By::Them),
        },
    );
    assert_eq!(desk.out(), []);
    assert_eq!(desk.cause(call), Cause::HungUp(By::Us));
}

#[test]
fn an_ended_call_stays_visible_for_ten_seconds() {
    let mut desk = desk();
    let call = desk.talking();
    desk.does(call, Command::HangUp);
    desk.wait(9.9);
    assert_eq!(desk.state(call), CallState::Ended);
    desk.out();
    desk.wait(0.2);
    assert_eq!(desk.out(), [Effect::Removed(call)]);
    assert!(desk.board.call(call).is_none());
    assert_eq!(desk.board.next_wake(), None, "an idle switchboard sleeps");
}

#[test]
fn a_flood_of_short_calls_does_not_fill_the_memory() {
    let mut desk = desk();
    for _ in 0..1000 {
        let call = desk.invited();
        desk.hears(call, Signal::Cancelled { elsewhere: false });
        desk.out();
    }
    assert_eq!(desk.board.calls().count(), 32);
}
