//! Whether the registrar still has our binding: REGISTER without Contact reads it back (RFC 3261 section 10.2.3). A registrar that
//! was restarted without its bindings answers everything else as if nothing had happened, and nobody could call any more until the
//! next refresh.
//!
//! ```text
//! the answer                                   does
//! 2xx with our Contact                         proven; from now on its absence means something
//! 2xx without it, 404; it was there before     the binding is gone: registered at once
//! 2xx without it, never seen before            registered at once; read back in vain again: no more of it at this server
//! 1xx, 408, 480, 5xx                           nothing: it is busy
//! anything else                                no more of it at this server
//! none                                         what [`alive`](super::alive) says
//! ```

use std::time::{Duration, Instant};

use crate::Response;
use crate::transaction::ClientKey;

use super::registration::{Account, Phase};
use super::request::{Outgoing, Purpose};
use super::timers::Alarm;
use super::{AccountId, Endpoint, Flow, TransportError};

/// Whether a registrar tells what it has of us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadBack {
    Untried,
    /// It told of our binding.
    Tells,
    /// It did not tell of one, where there should have been one.
    Doubtful,
    /// It does not take the question.
    Refused,
}

impl Endpoint {
    /// Asks the registrar what it has of us.
    pub(super) fn read_back(&mut self, now: Instant, id: AccountId, patience: Duration) {
        let Some(flow) = self.accounts.get(&id).and_then(|account| account.flow) else {
            return;
        };
        self.stop_reading(id);
        let Some(request) = self.bare_register(id) else { return };
        self.alarms.set(Alarm::Probe(id), now + patience);
        self.send_on(now, flow, Outgoing::new(Purpose::ReadBack(id), id, request));
    }

    pub(super) fn reading_sent(&mut self, id: AccountId, key: ClientKey) {
        if let Some(account) = self.accounts.get_mut(&id) {
            account.life.reading = Some(key);
        }
    }

    pub(super) fn is_reading(&self, id: AccountId, key: ClientKey) -> bool {
        self.accounts
            .get(&id)
            .is_some_and(|account| account.life.reading == Some(key))
    }

    pub(super) fn stop_reading(&mut self, id: AccountId) {
        let reading = self
            .accounts
            .get_mut(&id)
            .and_then(|account| account.life.reading.take());
        if let Some(key) = reading {
            self.layer.forget(key);
        }
    }

    pub(super) fn read_answer(
        &mut self,
        now: Instant,
        id: AccountId,
        key: ClientKey,
        flow: &Flow,
        response: &Response,
    ) {
        if response.code() < 200 || !self.is_reading(id, key) {
            return;
        }
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        account.life.reading = None;
        let before = account.life.readback;
        let (readback, gone) = match response.code() {
            200..=299 if account.has_binding(response) => (ReadBack::Tells, false),
            200..=299 | 404 if before == ReadBack::Tells => (ReadBack::Tells, true),
            200..=299 if before == ReadBack::Untried => (ReadBack::Doubtful, true),
            408 | 480 | 500..=599 => (before, false),
            _ => (ReadBack::Refused, false),
        };
        account.life.readback = readback;
        if gone && account.phase == Phase::Idle {
            return self.register(now, id);
        }
        self.proven_again(now, id, flow, response);
    }

    /// It wants to be asked in a way that we cannot: a refresh will show what is the matter.
    pub(super) fn read_denied(&mut self, now: Instant, id: AccountId, flow: &Flow, response: &Response) {
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        (account.life.reading, account.life.readback) = (None, ReadBack::Refused);
        self.proven_again(now, id, flow, response);
    }

    /// No answer in 32 seconds. That of a server that answers OPTIONS tells nothing.
    pub(super) fn read_unanswered(&mut self, now: Instant, id: AccountId, broken: Option<TransportError>) {
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        account.life.reading = None;
        let Some(flow) = account.flow.filter(|_| account.is_registered()) else {
            return;
        };
        if broken.is_none() && account.life.is_deaf(flow.remote) {
            self.flow_dead(now, flow);
        } else if self.alarms.when(Alarm::Probe(id)).is_none() {
            self.probe_later(now, id);
        }
    }
}

impl Account {
    /// Whether to ask makes sense: it may only tell of what stands.
    pub(super) fn can_read_back(&self) -> bool {
        self.phase == Phase::Idle && self.bound.is_some() && self.life.readback != ReadBack::Refused
    }

    /// Whether the registrar has the binding that was made last.
    fn has_binding(&self, response: &Response) -> bool {
        let Some(contact) = &self.bound else { return false };
        let bindings = response.headers.contacts();
        bindings.iter().any(|binding| {
            binding.uri.equivalent(contact) || self.is_ours(binding) && !self.is_left_over(binding, contact)
        })
    }
}
