//! Whatever people and networks do, in whatever order, some things always hold.
#![allow(clippy::unwrap_used, missing_docs)]
mod desk;
use desk::*;
use parley_call::*;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// A small deterministic generator (xorshift64*): a failing seed can be run again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % sides
    }

    fn command(&mut self) -> Command {
        match self.roll(10) {
            0 => Command::Answer { others: OnAnswer::Hold },
            1 => Command::Answer { others: OnAnswer::End },
            2 => Command::Decline,
            3 => Command::Silence,
            4 if self.roll(4) == 0 => Command::HangUp,
            5 => Command::Hold,
            6 | 4 => Command::Resume,
            7 => Command::Mute(self.roll(2) == 0),
            8 => Command::SendDigits("5".into()),
            _ => Command::Transfer { target: "200".into() },
        }
    }

    fn signal(&mut self) -> Signal {
        let causes = [
            Cause::Busy,
            Cause::Lost,
            Cause::HungUp(By::Them),
            Cause::AnsweredElsewhere,
            Cause::Cancelled,
        ];
        match self.roll(20) {
            0 => Signal::Trying,
            1 => Signal::Ringing,
            2 => Signal::EarlyMedia,
            3..=5 => Signal::Answered,
            6 | 7 => Signal::Confirmed,
            8 if self.roll(4) == 0 => Signal::ConfirmTimeout,
            9 => Signal::Reoffered {
                held: self.roll(2) == 0,
            },
            10 | 11 | 8 => Signal::HoldDone,
            12 | 13 => Signal::ResumeDone,
            14 => Signal::HoldRefused { reason: "no".into() },
            15 => Signal::Transfer(match self.roll(5) {
                0 => TransferProgress::Accepted,
                1 => TransferProgress::Ringing,
                2 => TransferProgress::Done,
                _ => TransferProgress::Failed { reason: "no".into() },
            }),
            16 if self.roll(3) == 0 => Signal::Cancelled {
                elsewhere: self.roll(2) == 0,
            },
            17 if self.roll(3) == 0 => Signal::Ended {
                cause: causes[usize::try_from(self.roll(5)).unwrap()].clone(),
            },
            18 => Signal::MediaLost {
                silent_for: Duration::from_secs(self.roll(100)),
            },
            _ => Signal::MediaBack,
        }
    }
}

/// What an engine would remember of the effects.
#[derive(Default)]
struct Ledger {
    began: HashSet<CallId>,
    answered: HashSet<CallId>,
    ended: HashSet<CallId>,
    removed: HashSet<CallId>,
    popped: HashMap<(CallId, u8), u32>,
    focus: Option<CallId>,
    ring: RingLevel,
    tone: Tone,
    on_call: bool,
    shown: HashMap<CallId, CallView>,
}

impl Ledger {
    fn write(&mut self, desk: &mut Desk) {
        for effect in desk.out() {
            match effect {
                Effect::Note(id, HistoryNote::Began) => assert!(self.began.insert(id), "began twice"),
                Effect::Note(id, HistoryNote::Answered) => {
                    assert!(self.began.contains(&id) && !self.ended.contains(&id));
                    assert!(self.answered.insert(id), "answered twice");
                }
                Effect::Note(id, HistoryNote::Ended { outcome, .. }) => {
                    assert!(self.began.contains(&id), "ended before it began");
                    assert!(self.ended.insert(id), "ended twice");
                    assert_eq!(outcome == Outcome::Answered, self.answered.contains(&id));
                }
                Effect::Removed(id) => {
                    assert!(self.ended.contains(&id), "removed before it ended");
                    assert!(self.removed.insert(id), "removed twice");
                    self.shown.remove(&id);
                }
                Effect::Pop(id, moment) => {
                    let count = self.popped.entry((id, moment as u8)).or_default();
                    *count += 1;
                    assert_eq!(*count, 1, "popped twice");
                }
                Effect::Focus(focus) => {
                    assert_ne!(focus, self.focus, "told though unchanged");
                    self.focus = focus;
                }
                Effect::Ring(ring) => self.ring = ring,
                Effect::Tone(tone) => self.tone = tone,
                Effect::OnCall(on_call) => self.on_call = on_call,
                Effect::Changed(id) => {
                    // Removed in the same turn: nothing is left to be shown.
                    if let Some(view) = desk.board.call(id) {
                        self.shown.insert(id, view);
                    }
                }
                Effect::Send(id, _) | Effect::Media(id, _) => assert!(!self.removed.contains(&id)),
            }
        }
    }

    fn check(&self, desk: &Desk) {
        let calls: Vec<CallView> = desk.board.calls().collect();
        assert_eq!(self.focus, desk.board.focus());
        assert_eq!(self.ring, desk.board.ring());
        assert_eq!(self.tone, desk.board.tone());
        assert_eq!(self.on_call, desk.board.on_call());
        assert!(calls.iter().filter(|call| call.focused).count() <= 1);
        for call in &calls {
            assert_eq!(self.shown.get(&call.id), Some(call), "a change was not told");
            assert_eq!(call.state == CallState::Ended, self.ended.contains(&call.id));
            if call.focused {
                let connected = call.state == CallState::Active && !call.held_by_us;
                assert!(connected || call.state == CallState::EarlyMedia, "{call:?}");
            }
            if call.state == CallState::Active && !call.held_by_us {
                assert!(
                    call.focused,
                    "a connected call that nobody holds has the microphone: {call:?}"
                );
            }
        }
        let ringing = calls
            .iter()
            .any(|call| call.state == CallState::Incoming && !call.silenced);
        assert!(ringing || self.ring == RingLevel::Off);
        let live = calls.iter().filter(|call| call.state != CallState::Ended).count();
        assert!(live <= desk.board.policy().max_calls);
    }
}

fn play(seed: u64) {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut desk = desk_with(Policy {
        max_calls: 4,
        ..Policy::default()
    });
    let mut ledger = Ledger::default();
    let mut last = 0;
    for _ in 0..120 {
        let call = CallId(last.max(5) - 4 + dice.roll(6));
        match dice.roll(24) {
            0 | 1 => {
                last = desk
                    .board
                    .dial(desk.now, LineId(1), Party::number("200"))
                    .map_or(last, |id| id.0);
            }
            2 | 3 => last = desk.invited().0,
            4 => desk.wait(dice.roll(50_000) as f64 / 1000.0),
            5 => {
                let mut policy = desk.board.policy().clone();
                policy.do_not_disturb = dice.roll(4) == 0;
                policy.mute_second_ring = dice.roll(2) == 0;
                policy.call_waiting = dice.roll(4) != 0;
                desk.board.set_policy(policy);
            }
            6..=12 => drop(desk.board.command(desk.now, call, dice.command())),
            _ => desk.hears(call, dice.signal()),
        }
        ledger.write(&mut desk);
        ledger.check(&desk);
    }
    for call in desk.board.calls().collect::<Vec<_>>() {
        desk.hears(call.id, Signal::Ended { cause: Cause::Lost });
    }
    desk.wait(100.0);
    ledger.write(&mut desk);
    ledger.check(&desk);
    assert_eq!(ledger.began, ledger.ended, "every call that began ended");
    assert_eq!(ledger.began, ledger.removed, "and was forgotten");
    assert_eq!(desk.board.next_wake(), None);
}

#[test]
fn no_order_of_events_breaks_the_rules() {
    for seed in 1..=4000 {
        if let Err(panic) = std::panic::catch_unwind(|| play(seed)) {
            let why = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            panic!("seed {seed}: {why}");
        }
    }
}
