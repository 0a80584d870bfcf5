//! Back to the server that a line left because it failed (RFC 3263 section 4.3): the one its domain prefers, or its equal. A line that
//! is content elsewhere goes back only when that costs nobody anything.
//!
//! ```text
//! on                                     does
//! a server fails                         notes that it was left; each time within an hour it is avoided four times as long
//! a refresh, no call                     asks for the best way; where that leads to a server it left, asks its registrar
//!                                        something (REGISTER without Contact)
//! it answers, no call                    registers there
//! it does not, or 5xx                    avoids it for longer
//! registered there                       it is not left any more
//! ```
//!
//! The binding at the server in between is left to expire: where both share their bindings, taking it out would take out the new one.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::flow::Waiting;
use super::registration::AVOIDED;
use super::request::{Outgoing, Purpose};
use super::{AccountId, Endpoint, Flow};

/// How many servers are remembered.
const MOST_LEFT: usize = 8;
/// Failures further apart than this do not add up.
const CALM: Duration = Duration::from_secs(3600);

/// Servers that failed a registration that stood, or were passed over.
#[derive(Debug, Default)]
pub(super) struct Left(Vec<Gone>);

#[derive(Debug)]
struct Gone {
    server: SocketAddr,
    /// The line is elsewhere because of it.
    away: bool,
    failures: u32,
    last: Option<Instant>,
}

impl Left {
    fn note(&mut self, server: SocketAddr, note: impl FnOnce(&mut Gone)) {
        if let Some(gone) = self.0.iter_mut().find(|gone| gone.server == server) {
            return note(gone);
        }
        if self.0.len() >= MOST_LEFT {
            self.0.remove(0);
        }
        let mut gone = Gone {
            server,
            away: false,
            failures: 0,
            last: None,
        };
        note(&mut gone);
        self.0.push(gone);
    }

    /// It failed a registration that stood.
    pub(super) fn failed(&mut self, now: Instant, server: SocketAddr) {
        self.note(server, |gone| {
            let recent = |last| now.saturating_duration_since(last) < CALM;
            gone.failures = if gone.last.is_some_and(recent) {
                gone.failures.saturating_add(1)
            } else {
                1
            };
            gone.last = Some(now);
        });
    }

    /// It is passed over for another one.
    pub(super) fn passed_over(&mut self, server: SocketAddr) {
        self.note(server, |gone| gone.away = true);
    }

    /// The line is registered there.
    pub(super) fn back_at(&mut self, server: SocketAddr) {
        if let Some(gone) = self.0.iter_mut().find(|gone| gone.server == server) {
            gone.away = false;
        }
    }

    fn is_away_from(&self, server: SocketAddr) -> bool {
        self.0.iter().any(|gone| gone.away && gone.server == server)
    }

    fn is_away(&self) -> bool {
        self.0.iter().any(|gone| gone.away)
    }

    /// How long to avoid it at least.
    fn penalty(&self, server: SocketAddr) -> Duration {
        let failures = self.0.iter().find(|gone| gone.server == server);
        let failures = failures.map_or(0, |gone| gone.failures);
        AVOIDED.saturating_mul(4_u32.saturating_pow(failures.saturating_sub(1)))
    }
}

impl Endpoint {
    /// A server failed this line: another one comes before it for a while.
    pub(super) fn pass_over(&mut self, id: AccountId, flow: &Flow, lasting: Duration) {
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        account.left.passed_over(flow.remote);
        let lasting = lasting.max(account.left.penalty(flow.remote));
        self.avoid(flow, lasting);
    }

    /// A refresh: time to look whether the line could go back.
    pub(super) fn look_back(&mut self, id: AccountId) {
        let Some(account) = self.accounts.get(&id) else { return };
        let hop = account.register_hop();
        if account.is_registered() && account.left.is_away() && hop.host.ip().is_none() && !self.is_in_call(id) {
            self.open(hop, Waiting::Back(id));
        }
    }

    /// The best way there is now.
    pub(super) fn found_way_home(&mut self, now: Instant, id: AccountId, flow: Flow) {
        let Some(account) = self.accounts.get(&id) else { return };
        let better = account.is_registered() && !account.is_on(flow.id) && account.left.is_away_from(flow.remote);
        if !better || self.is_in_call(id) {
            return;
        }
        let Some(request) = self.bare_register(id) else { return };
        self.send_on(now, flow, Outgoing::new(Purpose::Trial(id), id, request));
    }

    /// What the server said that was left; `None`: nothing.
    pub(super) fn trial_answer(&mut self, now: Instant, id: AccountId, flow: Flow, code: Option<u16>) {
        if code.is_some_and(|code| code < 200) {
            return;
        }
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        let well = code.is_some_and(|code| !matches!(code, 408 | 480 | 500..));
        if !well {
            account.left.failed(now, flow.remote);
            return self.pass_over(id, &flow, AVOIDED);
        }
        if account.is_registered() && !self.is_in_call(id) {
            self.register_by(now, id, flow);
        }
    }

    fn is_in_call(&self, id: AccountId) -> bool {
        self.sessions.values().any(|session| session.account == id)
    }
}
