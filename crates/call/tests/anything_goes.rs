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

    /// Mostly one of these, else any.
    fn some(&mut self, calls: &[CallId]) -> CallId {
        let roll = self.roll(calls.len().max(1) as u64 * 10);
        match calls.get(roll as usize / 10) {
            Some(call) if !roll.is_multiple_of(10) => *call,
            _ => CallId(roll),
        }
    }

    fn command(&mut self, calls: &[CallId]) -> Command {
        match self.roll(18) {
            0 => Command::Answer { others: OnAnswer::Hold },
            1 => Command::Answer { others: OnAnswer::End },
            2 => Command::Decline,
            3 => Command::Silence,
            4 if self.roll(4) == 0 => Command::HangUp,
            5 => Command::Hold,
            6 | 4 => Command::Resume,
            7 => Command::Mute(self.roll(2) == 0),
            8 => Command::SendDigits("5".into()),
            9 => Command::Transfer { target: "200".into() },
            10 if self.roll(3) == 0 => Command::Forward { target: "300".into() },
            11 => Command::Swap,
            12 | 13 => Command::CompleteTransfer { with: None },
            14 => Command::CompleteTransfer {
                with: Some(self.some(calls)),
            },
            15 if self.roll(3) == 0 => Command::CancelConsult,
            16 => Command::LeaveConference,
            _ => Command::RefuseReferral,
        }
    }

    fn outgoing(&mut self) -> Outgoing {
        Outgoing {
            emergency: self.roll(8) == 0,
            ..Outgoing::new(LineId(1), Party::number("200"))
        }
    }

    /// A call that comes in, to a line with some rules.
    fn invitation(&mut self, calls: &[CallId]) -> Invitation {
        let mut sometimes = |sides| self.roll(sides) == 0;
        let (always, busy, late, auto, replaces, insists) = (
            sometimes(20),
            sometimes(4),
            sometimes(4),
            sometimes(4),
            sometimes(3),
            sometimes(8),
        );
        let (do_not_disturb, on_call, seconds) = (sometimes(2), sometimes(2), self.roll(30));
        let to = || "300".to_owned();
        Invitation {
            forwarding: Forwarding {
                always: always.then(to),
                busy: busy.then(|| BusyForward {
                    target: to(),
                    do_not_disturb,
                    on_call,
                }),
                no_answer: late.then(|| LateForward {
                    target: to(),
                    after: Duration::from_secs(seconds),
                }),
            },
            auto_answer: auto.then(|| Duration::from_secs(seconds / 8)),
            replaces: replaces.then(|| self.some(calls)),
            insists,
            ..maria()
        }
    }

    fn signal(&mut self) -> Signal {
        let targets = vec!["300".to_owned()];
        let causes = [
            Cause::Busy,
            Cause::Lost,
            Cause::HungUp(By::Them),
            Cause::AnsweredElsewhere,
            Cause::Cancelled,
            Cause::Redirected { targets },
        ];
        match self.roll(24) {
            0 => Signal::Trying,
            1 => Signal::Ringing,
            2 => Signal::EarlyMedia,
            3..=5 | 21..=23 => Signal::Answered,
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
            17 if self.roll(6) == 0 => Signal::Ended {
                cause: causes[usize::try_from(self.roll(6)).unwrap()].clone(),
            },
            18 => Signal::MediaLost {
                silent_for: Duration::from_secs(self.roll(100)),
            },
            19 => Signal::Referred {
                target: "300".into(),
                by: String::new(),
            },
            _ => Signal::MediaBack,
        }
    }
}

trait Ordinary {
    fn ordinary(self) -> Self;
}

impl Ordinary for Outgoing {
    fn ordinary(self) -> Self {
        Self {
            emergency: false,
            ..self
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
    focus: Vec<CallId>,
    ring: RingLevel,
    tone: Tone,
    on_call: bool,
    shown: HashMap<CallId, CallView>,
    /// Calls that found room where there was none.
    beyond: usize,
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
                Effect::Send(id, Send::Join(other)) => {
                    assert!(
                        !self.ended.contains(&id) && !self.ended.contains(&other),
                        "joined with an ended call"
                    );
                    assert_ne!(id, other, "joined with itself");
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
        let focused: Vec<&CallView> = calls.iter().filter(|call| call.focused).collect();
        assert_eq!(focused.iter().map(|call| call.id).collect::<Vec<_>>(), self.focus);
        assert!(focused.len() <= 1 || focused.iter().all(|call| call.conference));
        let members = calls.iter().filter(|call| call.conference);
        assert_ne!(members.clone().count(), 1, "one call alone is no conference");
        for member in members {
            assert_eq!(member.state, CallState::Active, "{member:?}");
        }
        for call in &calls {
            if let Some(consult) = call.consult {
                let other = calls.iter().find(|other| other.id == consult.with).unwrap();
                assert_eq!(other.consult.map(|back| back.with), Some(call.id), "a pair is two");
                assert_ne!(other.consult.map(|back| back.role), Some(consult.role));
                assert!(call.state != CallState::Ended && other.state != CallState::Ended);
            }
            if call.state == CallState::Ended {
                assert!(!call.conference && call.consult.is_none());
            }

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
        // Beside the room there is, calls insist: emergency calls, their calls back, and calls in place of others.
        assert!(live <= desk.board.policy().max_calls + self.beyond);
    }
}

fn play(seed: u64) {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut desk = desk_with(Policy {
        max_calls: 4,
        ..Policy::default()
    });
    let mut ledger = Ledger::default();
    for _ in 0..160 {
        let calls: Vec<CallId> = desk.board.calls().map(|call| call.id).collect();
        let connected = desk.board.calls().filter(|call| call.state == CallState::Active);
        let connected: Vec<CallId> = connected.map(|call| call.id).collect();
        let among = if dice.roll(3) == 0 { &connected } else { &calls };
        let call = dice.some(among);
        match dice.roll(30) {
            0 | 1 => {
                let outgoing = dice.outgoing();
                ledger.beyond += usize::from(outgoing.emergency);
                let _ = desk.board.dial(desk.now, outgoing);
            }
            2 | 3 => {
                let invitation = dice.invitation(&calls);
                ledger.beyond += usize::from(invitation.insists || invitation.replaces.is_some());
                desk.board.invited(desk.now, LineId(1), invitation);
            }
            4 => desk.wait(dice.roll(50_000) as f64 / 1000.0),
            5 => {
                let mut policy = desk.board.policy().clone();
                policy.do_not_disturb = dice.roll(8) == 0;
                policy.mute_second_ring = dice.roll(2) == 0;
                policy.call_waiting = dice.roll(8) != 0;
                desk.board.set_policy(policy);
            }
            6 => drop(desk.board.consult(desk.now, call, dice.outgoing().ordinary())),
            7 => drop(desk.board.follow(desk.now, call, dice.outgoing().ordinary())),
            8 => {
                let asked = desk.board.calls().find(|call| call.referral.is_some());
                let call = asked.map_or(call, |asked| asked.id);
                let _ = desk.board.accept_referral(desk.now, call, dice.outgoing().ordinary());
            }
            9 => {
                let members: Vec<CallId> = (0..2 + dice.roll(2)).map(|_| dice.some(&connected)).collect();
                let _ = desk.board.confer(desk.now, &members);
            }
            10..=17 => drop(desk.board.command(desk.now, call, dice.command(&connected))),
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
    for seed in 1..=3000 {
        if let Err(panic) = std::panic::catch_unwind(|| play(seed)) {
            let why = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            panic!("seed {seed}: {why}");
        }
    }
}
