//! What rings, and how loudly.
#![allow(clippy::unwrap_used, missing_docs)]
mod desk;
use desk::*;
use parley_call::*;

#[test]
fn it_rings_fully_when_idle() {
    let mut desk = desk();
    let call = desk.invited();
    assert_eq!(desk.board.ring(), RingLevel::Normal);
    assert_eq!(desk.view(call).ring, RingLevel::Normal);
}

#[test]
fn it_rings_softly_during_another_call_even_a_held_or_dialled_one() {
    for busy in [Desk::talking, Desk::held, |desk: &mut Desk| desk.dial("600")] {
        let mut desk = desk();
        busy(&mut desk);
        desk.invited();
        assert_eq!(desk.board.ring(), RingLevel::Subtle);
    }
}

#[test]
fn it_does_not_ring_during_another_call_when_the_person_said_so() {
    let mut desk = desk_with(Policy {
        mute_second_ring: true,
        ..Policy::default()
    });
    let first = desk.talking();
    let second = desk.invited();
    let out = desk.out();
    assert!(!out.iter().any(|effect| matches!(effect, Effect::Ring(_))), "{out:?}");
    assert!(
        out.contains(&Effect::Send(second, Send::Ring)),
        "the caller still hears that it rings"
    );
    assert!(out.contains(&Effect::Pop(second, Moment::Incoming)));
    desk.does(first, Command::HangUp);
    assert_eq!(desk.board.ring(), RingLevel::Normal);
}

#[test]
fn it_rings_fully_once_the_first_call_ends() {
    let mut desk = desk();
    let first = desk.talking();
    let second = desk.invited();
    desk.out();
    desk.hears(
        first,
        Signal::Ended {
            cause: Cause::HungUp(By::Them),
        },
    );
    let out = desk.out();
    assert!(out.contains(&Effect::Ring(RingLevel::Normal)));
    assert!(
        out.contains(&Effect::Changed(second)),
        "the view of the ringing call follows"
    );
}

#[test]
fn silence_is_for_this_call_only() {
    let mut desk = desk();
    let first = desk.invited();
    desk.does(first, Command::Silence);
    assert_eq!(desk.board.ring(), RingLevel::Off);
    assert!(desk.view(first).silenced);
    assert_eq!(desk.state(first), CallState::Incoming);
    desk.out();
    desk.invited();
    assert!(desk.out().contains(&Effect::Ring(RingLevel::Normal)));
    let talking = desk.talking();
    assert_eq!(desk.refuses(talking, Command::Silence), Refused::NotRinging);
}

#[test]
fn the_ringtone_is_told_only_when_it_changes() {
    let mut desk = desk();
    desk.invited();
    desk.out();
    let second = desk.invited();
    assert!(!desk.out().iter().any(|effect| matches!(effect, Effect::Ring(_))));
    desk.hears(second, Signal::Cancelled { elsewhere: false });
    assert!(!desk.out().iter().any(|effect| matches!(effect, Effect::Ring(_))));
}

#[test]
fn do_not_disturb_turns_a_call_away_quietly() {
    let mut desk = desk_with(Policy {
        do_not_disturb: true,
        ..Policy::default()
    });
    let call = desk.invited();
    let out = desk.out();
    let ended = HistoryNote::Ended {
        outcome: Outcome::Missed { quiet: true },
        cause: Cause::DoNotDisturb,
        ring: std::time::Duration::ZERO,
        talk: std::time::Duration::ZERO,
    };
    let all = [
        Effect::Send(call, Send::Reject(Rejection::Busy)),
        Effect::Note(call, HistoryNote::Began),
        Effect::Note(call, ended),
        Effect::Removed(call),
    ];
    assert_eq!(out, all, "no ring, no pop, nothing to show");
    assert_eq!(desk.board.calls().count(), 0);
}

#[test]
fn do_not_disturb_does_not_keep_one_from_calling() {
    let mut desk = desk_with(Policy {
        do_not_disturb: true,
        ..Policy::default()
    });
    let call = desk.talking();
    assert_eq!(desk.state(call), CallState::Active);
}

#[test]
fn without_call_waiting_a_second_call_is_turned_away_as_busy() {
    let mut desk = desk_with(Policy {
        call_waiting: false,
        ..Policy::default()
    });
    desk.talking();
    let second = desk.invited();
    assert_eq!(desk.sent(second), [Send::Reject(Rejection::Busy)]);
    assert!(desk.board.call(second).is_none());
}

#[test]
fn on_a_call_is_told_when_it_changes() {
    let mut desk = desk();
    let call = desk.invited();
    desk.answer(call);
    assert!(desk.out().contains(&Effect::OnCall(true)));
    desk.does(call, Command::HangUp);
    assert!(desk.out().contains(&Effect::OnCall(false)));
}
