//! Everything a line's call does by itself.
use super::Wish;
use super::call::{LineCall, Media, Stage};
use crate::config::LineTimes;
use crate::wire::Wire;
use parley_sip::transaction::{T2, doubled};
use std::time::Instant;

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timer {
    /// The line picks up, or it turns out that nobody is there.
    Answer,
    /// The 2xx goes out again (RFC 3261 section 13.3.1.4).
    Again,
    /// No ACK for 64*T1.
    NoAck,
    /// The line has said what it had to say.
    HangUp,
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

            Stage::Talking { until, .. } => until.map(|at| (at, Timer::HangUp)),
            Stage::Resting { until } => Some((*until, Timer::CallBack)),
            Stage::Calling { patience, .. } => patience.map(|at| (at, Timer::Patience)),
            Stage::Ringing { .. } | Stage::Preparing | Stage::Gone => None,
        };
        let again = self.unacked.as_ref().map(|unacked| (unacked.again, Timer::Again));
        let no_ack = self.unacked.as_ref().map(|unacked| (unacked.give_up, Timer::NoAck));
        [stage, again, no_ack].into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    pub(super) fn expire(&mut self, now: Instant, wire: &mut Wire, timer: Timer, times: &LineTimes) -> Option<Wish> {
        match timer {
            Timer::Answer => self.take(now, wire, times),
            Timer::Again => {
                if let Some(unacked) = &mut self.unacked {
                    unacked.interval = doubled(unacked.interval, T2);
                    unacked.again = now + unacked.interval;
                    wire.bytes(unacked.peer, unacked.bytes.clone());
                }
            }
            Timer::NoAck | Timer::HangUp => self.leave(now, wire, times),
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
}
