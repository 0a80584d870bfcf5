//! Calls that are sent on to somebody else, here or there.
#![allow(clippy::unwrap_used, missing_docs)]
mod desk;
use desk::*;
use parley_call::*;
use std::time::Duration;

fn to(number: &str) -> Send {
    Send::Redirect(number.into())
}

fn always() -> Forwarding {
    Forwarding {
        always: Some("300".into()),
        ..Forwarding::default()
    }
}

fn busy(do_not_disturb: bool, on_call: bool) -> Forwarding {
    let busy = BusyForward {
        target: "301".into(),
        do_not_disturb,
        on_call,
    };
    Forwarding {
        busy: Some(busy),
        ..Forwarding::default()
    }
}

fn comes(desk: &mut Desk, forwarding: Forwarding, insists: bool) -> CallId {
    let invitation = Invitation {
        forwarding,
        insists,
        ..maria()
    };
    desk.board.invited(desk.now, LineId(1), invitation)
}

fn disturb_not(desk: &mut Desk, on: bool) {
    desk.board.set_policy(Policy {
        do_not_disturb: on,
        ..Policy::default()
    });
}

#[test]
fn each_call_is_sent_on_without_ringing_and_stays_in_the_history() {
    let mut desk = desk();
    let call = comes(&mut desk, always(), false);
    let out = desk.out();
    let note = HistoryNote::Ended {
        outcome: Outcome::Forwarded,
        cause: Cause::Forwarded { to: "300".into() },
        ring: Duration::ZERO,
        talk: Duration::ZERO,
    };
    let all = [
        Effect::Send(call, to("300")),
        Effect::Note(call, HistoryNote::Began),
        Effect::Note(call, note),
        Effect::Removed(call),
    ];
    assert_eq!(out, all);
}

#[test]
fn do_not_disturb_sends_on_where_it_counts_as_busy() {
    let mut desk = desk();
    disturb_not(&mut desk, true);
    let call = comes(&mut desk, busy(true, false), false);
    assert_eq!(desk.sent(call), [to("301")]);
    let call = comes(&mut desk, busy(false, true), false);
    assert_eq!(desk.sent(call), [Send::Reject(Rejection::Busy)]);
}

#[test]
fn a_second_call_is_sent_on_where_being_on_a_call_counts_as_busy() {
    let mut desk = desk();
    let call = comes(&mut desk, busy(true, true), false);
    assert_eq!(desk.sent(call), [Send::Ring], "nobody is on a call yet");
    desk.answer(call);
    desk.hears(call, Signal::Answered);
    desk.out();
    let second = comes(&mut desk, busy(true, true), false);
    assert_eq!(desk.sent(second), [to("301")]);
    let second = comes(&mut desk, busy(true, false), false);
    assert_eq!(desk.sent(second), [Send::Ring]);
}

#[test]
fn a_call_for_which_there_is_no_room_is_sent_on() {
    let mut desk = desk_with(Policy {
        call_waiting: false,
        ..Policy::default()
    });
    desk.talking();
    let second = comes(&mut desk, busy(false, false), false);
    assert_eq!(desk.sent(second), [to("301")]);
}

#[test]
fn a_call_nobody_answers_is_sent_on_after_its_time() {
    let mut desk = desk();
    let late = LateForward {
        target: "302".into(),
        after: Duration::from_secs(20),
    };
    let forwarding = Forwarding {
        no_answer: Some(late),
        ..Forwarding::default()
    };
    let call = comes(&mut desk, forwarding.clone(), false);
    desk.wait(19.9);
    assert_eq!(desk.sent(call), [Send::Ring]);
    desk.wait(0.2);
    assert_eq!(desk.sent(call), [to("302")]);
    assert_eq!(desk.cause(call).to_string(), "Forwarded to 302");
    assert_eq!(desk.outcome(call), Outcome::Forwarded);
    let taken = comes(&mut desk, forwarding, false);
    desk.answer(taken);
    desk.wait(30.0);
    assert_eq!(desk.sent(taken), [Send::Ring, Send::Accept], "an answered one is not");
}

#[test]
fn an_emergency_service_that_calls_back_always_rings() {
    let mut desk = desk();
    disturb_not(&mut desk, true);
    let call = comes(&mut desk, always(), true);
    assert_eq!(desk.sent(call), [Send::Ring]);
    assert_eq!(desk.board.ring(), RingLevel::Normal);
    desk.wait(100.0);
    assert_eq!(desk.state(call), CallState::Incoming);
}

#[test]
fn a_person_sends_a_ringing_call_on() {
    let mut desk = desk();
    let call = desk.invited();
    desk.out();
    let nowhere = Command::Forward { target: " ".into() };
    assert_eq!(desk.refuses(call, nowhere), Refused::NoTarget);
    desk.does(call, Command::Forward { target: "300".into() });
    assert_eq!(desk.sent(call), [to("300")]);
    assert_eq!(desk.outcome(call), Outcome::Forwarded);
}

#[test]
fn a_call_of_ours_that_is_sent_on_waits_for_the_persons_word() {
    let mut desk = desk();
    let call = desk.dial("600");
    desk.out();
    let targets = vec!["700".to_owned(), "701".to_owned()];
    let cause = Cause::Redirected { targets };
    desk.hears(call, Signal::Ended { cause: cause.clone() });
    assert_eq!(desk.cause(call), cause);
    assert_eq!(desk.board.tone(), Tone::None);
    desk.wait(50.0);
    assert_eq!(desk.state(call), CallState::Ended, "it is shown for a minute");
    let next = Outgoing::new(LineId(1), Party::number("700"));
    let next = desk.board.follow(desk.now, call, next).unwrap();
    assert_eq!(desk.view(next).follows, Some(call));
    desk.wait(11.0);
    assert_eq!(desk.board.call(call), None);
}

#[test]
fn a_call_is_not_sent_on_for_ever() {
    let mut desk = desk();
    let mut call = desk.dial("600");
    let to = || Outgoing::new(LineId(1), Party::number("700"));
    for _ in 0..5 {
        let targets = vec!["700".to_owned()];
        let cause = Cause::Redirected { targets };
        desk.hears(call, Signal::Ended { cause });
        call = desk.board.follow(desk.now, call, to()).unwrap();
    }
    let targets = vec!["700".to_owned()];
    let cause = Cause::Redirected { targets };
    desk.hears(call, Signal::Ended { cause });
    assert_eq!(desk.board.follow(desk.now, call, to()), Err(Refused::TooManyHops));
    let busy = desk.dial("601");
    desk.hears(busy, Signal::Ended { cause: Cause::Busy });
    assert_eq!(desk.board.follow(desk.now, busy, to()), Err(Refused::NotRedirected));
}
