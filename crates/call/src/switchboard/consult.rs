//! Asking a colleague about a call, and connecting the two: attended transfer.
//!
//! | From | What happens | To | What the engine does |
//! |---|---|---|---|
//! | - | consult about a call | Asking | hold the first, invite the second |
//! | Asking, second being dialled | complete | (second ended: cancelled) | the first is transferred blindly to the second's address |
//! | Asking, second connected | complete | Connecting | the first is asked to take our place in the second |
//! | Asking | cancel | - | second: send hang up; first: resume |
//! | Asking | the second ends | - | the first stays held |
//! | Asking | the first ends | - | the second goes on alone |
//! | Connecting | done, or the first hangs up after it agreed | (both ended: transferred) | both: send hang up |
//! | Connecting, agreed | the second hangs up | Connecting | it ended as transferred: somebody took our place |
//! | Connecting, not yet asked | the second ends | - | the first is given back, with the reason |
//! | Connecting | refused, failed, time-out | Asking | both calls are back as they were, with the reason |
//!
//! "Connecting" is not kept here: it is the pending [`transfer`](crate::call::transfer) of the first call.
use super::Switchboard;
use super::front::Front;
use crate::call::Call;
use crate::call::state::State;
use crate::call::transfer::To;
use crate::effect::{Effect, Rejection};
use crate::{By, CallId, Cause, ConsultRole, ConsultView, Outgoing, Refused, Signal};
use std::time::Instant;

/// Two calls: the first one waits while the second one is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) first: CallId,
    pub(super) second: CallId,
}

impl Switchboard {
    pub(super) fn begin_consult(
        &mut self,
        now: Instant,
        about: CallId,
        outgoing: Outgoing,
        out: &mut Vec<Effect>,
    ) -> Result<CallId, Refused> {
        self.find(about)?.check_transfer()?;
        if self.pair(about).is_some() {
            return Err(Refused::Consulting);
        }
        let second = self.begin_call(now, outgoing, out)?;
        self.pairs.push(Pair { first: about, second });
        Ok(second)
    }

    /// Connects two calls and leaves both.
    pub(super) fn complete_transfer(
        &mut self,
        now: Instant,
        id: CallId,
        with: Option<CallId>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refused> {
        if self.find(id)?.is_ended() {
            return Err(Refused::Ended);
        }
        let two = |other| Pair {
            first: id,
            second: other,
        };
        let pair = match with {
            Some(other) if other != id => Some(two(other)),
            Some(_) => None,
            None => self.pair(id).or_else(|| self.other_of_two(id).map(two)),
        };
        let Pair { first, second } = pair.ok_or(Refused::NotConsulting)?;
        self.find(first)?.check_transfer()?;
        let other = self.find(second)?;
        match &other.state {
            State::Ended(_) => Err(Refused::Ended),
            State::Alerting(_) | State::Answering { .. } => Err(Refused::NotConnected),
            State::Active(active) if active.transfer.is_pending() => Err(Refused::TransferUnderWay),
            State::Active(_) => {
                let shown = other.party().shown().to_owned();
                self.find(first)?.transfer_to(now, To::Call { id: second, shown }, out)
            }
            // Nobody could take our place in a call that nobody answered (RFC 3891 section 3).
            State::Out { .. } => {
                let target = other.party().address.clone();
                other.hang_up(now, Rejection::Decline, out)?;
                // It talked until the colleague was called: it is given back that way.
                if !self.conference.contains(&first) {
                    self.front = Some(Front::Call(first));
                }
                self.find(first)?.transfer_instead(now, target, out)
            }
        }
    }

    pub(super) fn cancel_consult(&mut self, now: Instant, id: CallId, out: &mut Vec<Effect>) -> Result<(), Refused> {
        self.find(id)?;
        let Pair { first, second } = self.pair(id).ok_or(Refused::NotConsulting)?;
        self.find(first)?.check_transfer()?;
        self.nothing_half_done(Some(second))?;
        self.find(second)?.hang_up(now, Rejection::Decline, out)?;
        match self.find(first)?.check_resume() {
            Ok(()) => self.resume(now, first, out),
            // The person had gone back to it before.
            Err(_) => Ok(()),
        }
    }

    /// A far end that hangs up because somebody took our place was not lost: it was transferred.
    pub(super) fn as_joined(&self, id: CallId, signal: Signal) -> Signal {
        let hung_up = Signal::Ended {
            cause: Cause::HungUp(By::Them),
        };
        if signal != hung_up {
            return signal;
        }
        let joins = |call: &&Call| {
            let transfer = call.active().map(|active| &active.transfer);
            transfer.is_some_and(|transfer| transfer.is_accepted() && transfer.with() == Some(id))
        };
        match self.lines.iter().map(|entry| &entry.call).find(joins) {
            Some(first) => Signal::Ended {
                cause: Cause::Transferred {
                    to: first.party().shown().to_owned(),
                },
            },
            None => signal,
        }
    }

    /// What the end of one of two calls means for the other one.
    pub(super) fn mind_pairs(&mut self, now: Instant, out: &mut Vec<Effect>) {
        let joined: Vec<(CallId, String)> = self
            .lines
            .iter_mut()
            .filter_map(|entry| {
                let other = entry.call.take_joined()?;
                Some((other, entry.call.party().shown().to_owned()))
            })
            .collect();
        for (other, shown) in joined {
            if let Ok(call) = self.find(other) {
                call.connected_with(now, &shown, out);
            }
        }
        let waiting: Vec<(CallId, CallId)> = self
            .lines
            .iter()
            .filter_map(|entry| {
                let active = entry.call.active()?;
                let with = active.transfer.with().filter(|_| active.transfer.is_unasked())?;
                Some((entry.call.id, with))
            })
            .collect();
        for (id, with) in waiting {
            if self.is_over(with) {
                let place = self.place(id);
                if let Ok(active) = self.find(id).and_then(Call::active_mut) {
                    active.transfer_failed(now, id, Cause::HungUp(By::Them).to_string(), place, out);
                }
            }
        }
        let pairs = std::mem::take(&mut self.pairs);
        let alive = |pair: &Pair| !self.is_over(pair.first) && !self.is_over(pair.second);
        self.pairs = pairs.into_iter().filter(alive).collect();
    }

    pub(super) fn pair(&self, id: CallId) -> Option<Pair> {
        let of = |pair: &&Pair| pair.first == id || pair.second == id;
        self.pairs.iter().find(of).copied()
    }

    pub(super) fn partner(&self, id: CallId) -> Option<CallId> {
        let pair = self.pair(id)?;
        Some(if pair.first == id { pair.second } else { pair.first })
    }

    pub(super) fn consult_view(&self, id: CallId) -> Option<ConsultView> {
        let pair = self.pair(id)?;
        let (with, role) = if pair.first == id {
            (pair.second, ConsultRole::Waiting)
        } else {
            (pair.first, ConsultRole::Asked)
        };
        Some(ConsultView { with, role })
    }
}
