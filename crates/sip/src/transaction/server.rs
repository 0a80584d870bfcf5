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
//! Responses go back on the flow the request came by, as if `rport` (RFC 3581) had always been asked for. When that flow is no
//! more they go to where the topmost Via says, by the same transport (RFC 3261 section 18.2.2), and to nobody else.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::locate::default_port;
use crate::{Method, Request, Response, Transport};

use super::key::{Match, Merge};
use super::timer::{GIVE_UP, T1, T2, T4, Timer, doubled};
use super::{Flow, FlowId, Happening, Layer, Owner, ServerKey};

#[derive(Debug)]
pub(super) struct Server {
    pub(super) flow: Flow,
    /// Where a way for the answers is looked for when the flow is closed.
    back: SocketAddr,
    /// The flow is closed.
    stranded: bool,
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
            back: way_back(&flow, request),
            stranded: false,
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
    pub(super) fn server_repeat(
        &mut self,
        now: Instant,
        key: ServerKey,
        flow: Flow,
        request: Request,
    ) -> Option<Request> {
        let server = self.servers.get_mut(&key)?;
        if server.stranded && server.flow.id != flow.id {
            // Whoever asks is back by itself.
            (server.flow, server.stranded) = (flow, false);
        }
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
                self.send_last(key);
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
        server.last = Some(response.to_bytes());
        self.send_last(key);
        true
    }

    /// Sends the last answer, or asks for a way for it.
    fn send_last(&mut self, key: ServerKey) {
        let Some(server) = self.servers.get(&key) else { return };
        let (flow, to, stranded) = (server.flow, server.back, server.stranded);
        match server.last.clone() {
            Some(_) if stranded => self.happen(Happening::Stranded { flow, to }),
            Some(bytes) => self.send(&flow, bytes),
            None => {}
        }
    }

    /// The flow that requests came by is closed. Whether the far end heard a refusal that it has not acknowledged is unknown.
    pub(super) fn strand(&mut self, flow: FlowId) {
        let mut owed = Vec::new();
        for (key, server) in self.servers.iter_mut().filter(|(_, server)| server.flow.id == flow) {
            server.stranded = true;
            if matches!(server.state, State::Completed { .. }) {
                owed.push(*key);
            }
        }
        owed.sort();
        for key in owed {
            self.send_last(key);
        }
    }

    /// Answers owed on closed flows go by this one, where `fits` says so of the closed flow and of where they are to go.
    pub(super) fn rescue_where(&mut self, to: Flow, fits: impl Fn(&Flow, SocketAddr) -> bool) {
        let mut saved = Vec::new();
        for (key, server) in &mut self.servers {
            if server.stranded && fits(&server.flow, server.back) {
                (server.flow, server.stranded) = (to, false);
                saved.push(*key);
            }
        }
        saved.sort();
        for key in saved {
            self.send_last(key);
        }
    }

    pub(super) fn server_timer(&mut self, now: Instant, key: ServerKey, timer: Timer) {
        let Some(server) = self.servers.get_mut(&key) else {
            return;
        };
        match (&mut server.state, timer) {
            (State::Completed { interval }, Timer::G) => {
                *interval = doubled(*interval, T2);
                self.timers.set((Owner::Server(key), Timer::G), now + *interval);
                self.send_last(key);
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

/// Where an answer goes when the connection is gone: to where the request came from, at the port its sender listens on (RFC 3261
/// section 18.2.2). A datagram goes back where it came from (RFC 3581 section 4), and a WebSocket is made anew where it was.
fn way_back(flow: &Flow, request: &Request) -> SocketAddr {
    if !matches!(flow.transport, Transport::Tcp | Transport::Tls) {
        return flow.remote;
    }
    let port = request.headers.via().and_then(|via| via.sent_by.port);
    SocketAddr::new(flow.remote.ip(), port.unwrap_or_else(|| default_port(flow.transport)))
}
