//! Server transactions (RFC 3261 section 17.2, RFC 6026).
//!
//! ```text
//! INVITE       on                 does                              becomes
//! Proceeding   INVITE again       sends the last 1xx again          Proceeding
//!              1xx from above     sends                             Proceeding
//!              2xx from above     sends, starts L                   Accepted
//!              300-699 from above sends, starts G and H             Completed
//! Accepted     INVITE again       nothing (2xx repeats from above)  Accepted
//!              2xx from above     sends                             Accepted
//!              ACK                passes up                         Accepted
//!              timer L                                              gone
//! Completed    INVITE, timer G    sends again                       Completed
//!              ACK                starts I                          Confirmed
//!              timer H            tells                             gone
//! Confirmed    INVITE, ACK        nothing                           Confirmed
//!              timer I                                              gone
//!
//! other        on                 does                              becomes
//! Trying       request again      nothing                           Trying
//!              1xx from above     sends                             Pending
//! Pending      request again      sends the last 1xx again          Pending
//! Trying,      200-699 from above sends, starts J                   Answered
//! Pending
//! Answered     request again      sends again                       Answered
//!              timer J                                              gone
//! ```
//!
//! Responses go back on the flow the request came by, as if `rport` (RFC 3581) had always been asked for.

use std::time::{Duration, Instant};

use crate::{Method, Request, Response, Transport};

use super::key::{Match, Merge};
use super::timer::{GIVE_UP, T1, T2, T4, Timer, doubled};
use super::{Flow, Happening, Layer, Owner, ServerKey};

#[derive(Debug)]
pub(super) struct Server {
    pub(super) flow: Flow,
    pub(super) matching: Match,
    pub(super) merge: Option<Merge>,
    last: Option<Vec<u8>>,
    state: State,
}

#[derive(Debug)]
enum State {
    Proceeding,
    Accepted,
    Completed { interval: Duration },
    Confirmed,
    Trying,
    Pending,
    Answered,
}

impl Server {
    pub(super) fn new(flow: Flow, request: &Request, matching: Match) -> Server {
        let state = if request.method == Method::Invite {
            State::Proceeding
        } else {
            State::Trying
        };
        Server {
            flow,
            matching,
            merge: Merge::of(request),
            last: None,
            state,
        }
    }

    /// Whether a final answer may still be given.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.state, State::Proceeding | State::Trying | State::Pending)
    }
}

impl Server {
    /// Whether it was not refused: a copy of it is one too many.
    pub(super) fn is_under_way(&self) -> bool {
        self.is_open() || matches!(self.state, State::Accepted)
    }
}

impl Layer {
    /// A request that matches an existing transaction. Gives it back when it must be passed up: an ACK to a 2xx.
    pub(super) fn server_repeat(&mut self, now: Instant, key: ServerKey, request: Request) -> Option<Request> {
        let server = self.servers.get_mut(&key)?;
        let unreliable = server.flow.transport == Transport::Udp;
        if request.method == Method::Ack {
            match server.state {
                State::Completed { .. } => {
                    server.state = State::Confirmed;
                    let owner = Owner::Server(key);
                    self.timers.cancel((owner, Timer::G));
                    self.timers.cancel((owner, Timer::H));
                    self.timers
                        .set((owner, Timer::I), now + if unreliable { T4 } else { Duration::ZERO });
                    return None;
                }
                State::Accepted => return Some(request),
                _ => return None,
            }
        }
        match server.state {
            State::Proceeding | State::Completed { .. } | State::Pending | State::Answered => {
                if let Some(bytes) = server.last.clone() {
                    let flow = server.flow;
                    self.send(&flow, bytes);
                }
            }
            State::Accepted | State::Confirmed | State::Trying => {}
        }
        None
    }

    pub(super) fn server_respond(&mut self, now: Instant, key: ServerKey, response: &Response) -> bool {
        let Some(server) = self.servers.get_mut(&key) else {
            return false;
        };
        let code = response.code();
        let unreliable = server.flow.transport == Transport::Udp;
        let owner = Owner::Server(key);
        match (&server.state, code) {
            (State::Proceeding, 100..=199) => {}
            (State::Proceeding, 200..=299) => {
                server.state = State::Accepted;
                self.timers.set((owner, Timer::L), now + GIVE_UP);
            }
            (State::Proceeding, _) => {
                server.state = State::Completed { interval: T1 };
                if unreliable {
                    self.timers.set((owner, Timer::G), now + T1);
                }
                self.timers.set((owner, Timer::H), now + GIVE_UP);
            }
            (State::Accepted, 200..=299) => {}
            (State::Trying | State::Pending, 100..=199) => server.state = State::Pending,
            (State::Trying | State::Pending, _) => {
                server.state = State::Answered;
                self.timers.set(
                    (owner, Timer::J),
                    now + if unreliable { GIVE_UP } else { Duration::ZERO },
                );
            }
            _ => return false,
        }
        let bytes = response.to_bytes();
        let flow = server.flow;
        server.last = Some(bytes.clone());
        self.send(&flow, bytes);
        true
    }

    pub(super) fn server_timer(&mut self, now: Instant, key: ServerKey, timer: Timer) {
        let Some(server) = self.servers.get_mut(&key) else {
            return;
        };
        match (&mut server.state, timer) {
            (State::Completed { interval }, Timer::G) => {
                *interval = doubled(*interval, T2);
                self.timers.set((Owner::Server(key), Timer::G), now + *interval);
                let (flow, bytes) = (server.flow, server.last.clone().unwrap_or_default());
                self.send(&flow, bytes);
            }
            (State::Completed { .. }, Timer::H) => {
                self.happen(Happening::Unacknowledged { key });
                self.drop_server(key);
            }
            (_, Timer::I | Timer::J | Timer::L) => self.drop_server(key),
            _ => {}
        }
    }

    pub(super) fn drop_server(&mut self, key: ServerKey) {
        for timer in [Timer::G, Timer::H, Timer::I, Timer::J, Timer::L] {
            self.timers.cancel((Owner::Server(key), timer));
        }
        if let Some(server) = self.servers.remove(&key) {
            self.by_match.remove(&server.matching);
            if let Some(merge) = server.merge
                && self.by_merge.get(&merge) == Some(&key)
            {
                self.by_merge.remove(&merge);
            }
        }
    }
}
