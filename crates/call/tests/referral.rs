//! The far end asks us to call somebody else.
#![allow(clippy::unwrap_used, missing_docs)]
mod desk;
use desk::*;
use parley_call::*;

fn asks() -> Signal {
    Signal::Referred {
        target: "300".into(),
        by: "Ann".into(),
    }
}

fn asked(desk: &mut Desk) -> CallId {
    let call = desk.talking();
    desk.hears(call, asks());
    desk.out();
    call
}

fn follow(desk: &mut Desk, call: CallId) -> CallId {
    let outgoing = Outgoing::new(LineId(1), Party::number("300"));
    desk.board.accept_referral(desk.now, call, outgoing).unwrap()
}

fn told(progress: ReferralProgress) -> Send {
    Send::ReferralProgress(progress)
}

#[test]
fn the_person_is_asked() {
    let mut desk = desk();
    let call = desk.talking();
    desk.hears(call, asks());
    let view = ReferralView {
        target: "300".into(),
        by: "Ann".into(),
    };
    assert_eq!(desk.view(call).referral, Some(view));
    assert_eq!(desk.sent(call), []);
}

#[test]
fn without_a_word_it_is_refused_before_the_far_end_gives_up() {
    let mut desk = desk();
    let call = asked(&mut desk);
    desk.wait(24.0);
    assert_eq!(desk.sent(call), []);
    desk.wait(2.0);
    assert_eq!(desk.sent(call), [Send::RefuseReferral]);
    assert_eq!(desk.view(call).referral, None);
    assert_eq!(desk.refuses(call, Command::RefuseReferral), Refused::NotReferred);
}

#[test]
fn the_person_may_refuse() {
    let mut desk = desk();
    let call = asked(&mut desk);
    desk.does(call, Command::RefuseReferral);
    assert_eq!(desk.sent(call), [Send::RefuseReferral]);
    assert_eq!(desk.focus(), Some(call), "and goes on talking");
}

#[test]
fn a_followed_referral_tells_the_far_end_how_it_goes() {
    let mut desk = desk();
    let call = asked(&mut desk);
    let new = follow(&mut desk, call);
    let out = desk.out();
    let order = [
        Effect::Send(call, Send::AcceptReferral),
        Effect::Send(call, Send::Hold),
        Effect::Send(new, Send::Invite),
    ];
    assert!(in_order(&out, &order), "{out:?}");
    desk.hears(new, Signal::Ringing);
    desk.hears(new, Signal::EarlyMedia);
    assert_eq!(desk.sent(call), [told(ReferralProgress::Ringing)]);
    desk.hears(new, Signal::Answered);
    assert_eq!(desk.sent(call), [told(ReferralProgress::Answered)]);
    let cause = Cause::HungUp(By::Them);
    desk.hears(call, Signal::Ended { cause });
    assert_eq!(desk.focus(), Some(new));
}

#[test]
fn a_call_that_came_to_nothing_goes_back_to_the_one_who_asked() {
    let mut desk = desk();
    let call = asked(&mut desk);
    let new = follow(&mut desk, call);
    desk.hears(call, Signal::HoldDone);
    desk.out();
    desk.hears(new, Signal::Ended { cause: Cause::Busy });
    assert_eq!(
        desk.sent(call),
        [told(ReferralProgress::Failed(Cause::Busy)), Send::Resume]
    );
}

#[test]
fn a_far_end_that_leaves_at_once_is_told_all_the_same() {
    let mut desk = desk();
    let call = asked(&mut desk);
    let new = follow(&mut desk, call);
    let cause = Cause::HungUp(By::Them);
    desk.hears(call, Signal::Ended { cause });
    desk.out();
    desk.wait(60.0);
    assert_eq!(desk.state(call), CallState::Ended, "kept for the news");
    desk.hears(new, Signal::Answered);
    assert_eq!(desk.sent(call), [told(ReferralProgress::Answered)]);
    assert_eq!(desk.focus(), Some(new));
    desk.wait(0.1);
    assert_eq!(desk.board.call(call), None);
}

#[test]
fn a_far_end_that_leaves_before_the_persons_word_loses_nobody() {
    let mut desk = desk();
    let call = asked(&mut desk);
    let cause = Cause::HungUp(By::Them);
    desk.hears(call, Signal::Ended { cause });
    desk.wait(15.0);
    assert!(desk.view(call).referral.is_some(), "the question stands");
    let new = follow(&mut desk, call);
    let out = desk.out();
    assert!(out.contains(&Effect::Send(call, Send::AcceptReferral)));
    assert!(out.contains(&Effect::Send(new, Send::Invite)));
}

#[test]
fn a_person_who_hangs_up_refuses_too() {
    let mut desk = desk();
    let call = asked(&mut desk);
    desk.does(call, Command::HangUp);
    assert_eq!(desk.sent(call), [Send::RefuseReferral, Send::HangUp]);
}

#[test]
fn a_referral_that_cannot_be_followed_now_can_be_followed_later() {
    let mut desk = desk();
    let call = asked(&mut desk);
    let other = desk.dial("604");
    desk.out();
    let outgoing = Outgoing::new(LineId(1), Party::number("300"));
    let refused = desk.board.accept_referral(desk.now, call, outgoing);
    assert_eq!(refused, Err(Refused::Dialling));
    assert_eq!(desk.out(), [], "nothing was said to anybody");
    desk.does(other, Command::HangUp);
    follow(&mut desk, call);
}
