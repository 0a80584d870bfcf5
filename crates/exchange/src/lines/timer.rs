//! Everything a line's call does by itself.
use super::Wish;
use super::call::{LineCall, Media, SOON, Stage};
use super::early::Early;
use super::kind::Act;
use crate::config::LineTimes;
use crate::wire::Wire;
use parley_sip::sdp::Direction;
use parley_sip::transaction::{T2, doubled};
use std::time::{Duration, Instant};

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timer {
    /// The line picks up, or it turns out that nobody is there.
    Answer,
    /// The reliable provisional answer goes out again (RFC 3262 section 3).
    Remind,
    /// No PRACK for 64*T1.
    NoPrack,
    /// The 2xx goes out again (RFC 3261 section 13.3.1.4).
    Again,
    /// No ACK for 64*T1.
    NoAck,
    /// The line does the next thing.
    Act,
    /// Nobody refreshed the session (RFC 4028 section 10).
    Unrefreshed,
    /// The customer calls back.
    CallBack,
    /// The customer stops waiting for an answer.
    Patience,
}

impl LineCall {
    pub(super) fn timer(&self) -> Option<(Instant, Timer)> {
        let stage = match &self.stage {
            // Without sockets there is nothing to answer with: they are on their way, or the call is refused.
            Stage::Ringing { until, .. } if matches!(self.media, Media::Reserved { .. }) => {
                Some((*until, Timer::Answer))
            }
            Stage::Talking { until, .. } => until.map(|at| (at, Timer::Act)),
            Stage::Resting { until } => Some((*until, Timer::CallBack)),
            Stage::Calling { patience, .. } => patience.map(|at| (at, Timer::Patience)),
            Stage::Ringing { .. } | Stage::Preparing | Stage::Gone => None,
        };
        let reliable = match &self.stage {
            Stage::Ringing {
                early: Early::Waiting(reliable),
                ..
            } => Some(reliable),
            _ => None,
        };
        let remind = reliable.map(|reliable| (reliable.again, Timer::Remind));
        let no_prack = reliable.map(|reliable| (reliable.give_up, Timer::NoPrack));
        let again = self.unacked.as_ref().map(|unacked| (unacked.again, Timer::Again));
        let no_ack = self.unacked.as_ref().map(|unacked| (unacked.give_up, Timer::NoAck));
        let watch = self.watch.map(|watch| (watch.until, Timer::Unrefreshed));
        [stage, remind, no_prack, again, no_ack, watch]
            .into_iter()
            .flatten()
            .min_by_key(|(at, _)| *at)
    }

    pub(super) fn expire(&mut self, now: Instant, wire: &mut Wire, timer: Timer, times: &LineTimes) -> Option<Wish> {
        match timer {
            Timer::Answer => self.take(now, wire, times),
            Timer::Remind => {
                if let Stage::Ringing {
                    key,
                    early: Early::Waiting(reliable),
                    ..
                } = &mut self.stage
                {
                    // Unlike that of a 2xx, this interval has no upper bound (RFC 3262 section 3).
                    reliable.interval = doubled(reliable.interval, Duration::MAX);
                    reliable.again = now + reliable.interval;
                    wire.respond(now, *key, &reliable.response);
                }
            }
            Timer::NoPrack => self.refuse_ringing(now, wire, 504),
            Timer::Again => {
                if let Some(unacked) = &mut self.unacked {
                    unacked.interval = doubled(unacked.interval, T2);
                    unacked.again = now + unacked.interval;
                    wire.bytes(unacked.peer, unacked.bytes.clone());
                }
            }
            Timer::NoAck | Timer::Unrefreshed => return self.leave(now, wire, times),
            Timer::Act => return self.act(now, wire, times),
            Timer::CallBack => self.prepare_call_back(wire),
            Timer::Patience => {
                if let Stage::Calling { patience, .. } = &mut self.stage {
                    *patience = None;
                }
                return Some(Wish::GiveUp(self.key));
            }
        }
        None
    }

    /// Does the next thing of the line's own.
    fn act(&mut self, now: Instant, wire: &mut Wire, times: &LineTimes) -> Option<Wish> {
        let Stage::Talking { step, until, .. } = &mut self.stage else {
            return None;
        };
        let (line, at) = (self.line, *step);
        *step += 1;
        *until = line.act(at + 1, times).map(|(after, _)| now + after);
        let (_, act) = line.act(at, times)?;
        let done = match act {
            Act::HangUp => return self.leave(now, wire, times),
            Act::Heard => return Some(Wish::Heard(self.caller.clone())),
            Act::Stir => return Some(Wish::Stir),
            Act::Transfer(number) => {
                self.send_refer(now, wire, number);
                true
            }
            Act::Hold => self.reoffer(now, wire, Direction::SendOnly),
            Act::Resume | Act::Reinvite => self.reoffer(now, wire, Direction::SendRecv),
            Act::Update => self.update(now, wire),
        };
        if !done && let Stage::Talking { step, until, .. } = &mut self.stage {
            *step = at;
            *until = Some(now + SOON);
        }
        None
    }
}
