//! Client transactions (RFC 3261 section 17.1, RFC 6026).
//!
//! ```text
//! INVITE       on                 does                              becomes
//! Calling      timer A            sends again                       Calling
//!              timer B            times out                         gone
//!              1xx                passes up                         Proceeding
//! Calling,     2xx                passes up, starts M               Accepted
//! Proceeding   300-699            passes up, sends ACK, starts D    Completed
//! Proceeding   1xx                passes up                         Proceeding
//!              timer Cancelled    times out                         gone
//! Accepted     2xx                passes up                         Accepted
//!              timer M                                              gone
//! Completed    300-699            sends ACK again                   Completed
//!              timer D                                              gone
//!
//! other        on                 does                              becomes
//! Trying       timer E, F         sends again, times out            Trying, gone
//!              1xx                passes up                         Pending
//! Pending      timer E, F         sends again each T2, times out    Pending, gone
//! Trying,      200-699            passes up, starts K               Answered
//! Pending
//! Answered     anything           nothing                           Answered
//!              timer K                                              gone
//! ```

use std::time::{Duration, Instant};

use crate::{CSeq, Headers, Method, Request, Response, Transport};

use super::timer::{GIVE_UP, T1, T2, T4, Timer, doubled};
use super::{ClientKey, Flow, Happening, Layer, Owner};

#[derive(Debug)]
pub(super) struct Client {
    pub(super) flow: Flow,
    pub(super) branch: String,
    pub(super) request: Request,
    bytes: Vec<u8>,
    state: State,
}

#[derive(Debug)]
enum State {
    Calling { interval: Duration },
    Proceeding,
    Accepted,
    Completed { ack: Vec<u8> },
    Trying { interval: Duration },
    Pending,
    Answered,
}

impl Client {
    /// Sends the request for the first time.
    pub(super) fn start(layer: &mut Layer, now: Instant, key: ClientKey, flow: Flow, branch: String, request: Request) {
        let bytes = request.to_bytes();
        let owner = Owner::Client(key);
        let invite = request.method == Method::Invite;
        let (again, give_up) = if invite {
            (Timer::A, Timer::B)
        } else {
            (Timer::E, Timer::F)
        };
        if flow.transport == Transport::Udp {
            layer.timers.set((owner, again), now + T1);
        }
        layer.timers.set((owner, give_up), now + GIVE_UP);
        layer.send(&flow, bytes.clone());
        let state = if invite {
            State::Calling { interval: T1 }
        } else {
            State::Trying { interval: T1 }
        };
        layer.clients.insert(
            key,
            Client {
                flow,
                branch,
                request,
                bytes,
                state,
            },
        );
    }

    /// Whether a CANCEL may be sent now (RFC 3261 section 9.1).
    pub(super) fn may_cancel(&self) -> bool {
        matches!(self.state, State::Proceeding)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether nothing was heard yet.
    pub(super) fn is_unanswered(&self) -> bool {
        matches!(self.state, State::Calling { .. } | State::Trying { .. })
    }

    /// Whether the answer is still open.
    pub(super) fn is_waiting(&self) -> bool {
        matches!(
            self.state,
            State::Calling { .. } | State::Proceeding | State::Trying { .. } | State::Pending
        )
    }

    /// A request that repeats what ties the transaction together: an ACK (17.1.1.3) or a CANCEL (9.1).
    pub(super) fn echo(&self, method: Method, to: Option<&str>) -> Request {
        let mut echo = Request::new(method.clone(), self.request.uri.clone());
        let from = &self.request.headers;
        let mut headers = Headers::new();
        if let Some(via) = from.via() {
            headers.push("Via", via);
        }
        headers.push("Max-Forwards", 70);
        copy(&mut headers, from, "Route");
        copy(&mut headers, from, "From");
        match to {
            Some(to) => headers.push("To", to),
            None => copy(&mut headers, from, "To"),
        }
        copy(&mut headers, from, "Call-ID");
        if let Some(cseq) = from.cseq() {
            headers.push("CSeq", CSeq::new(cseq.number, method));
        }
        echo.headers = headers;
        echo
    }
}

fn copy(to: &mut Headers, from: &Headers, name: &str) {
    for value in from.get_all(name) {
        to.push(name, value);
    }
}

impl Layer {
    pub(super) fn client_response(&mut self, now: Instant, key: ClientKey, response: Response) {
        let Some(client) = self.clients.get_mut(&key) else {
            return;
        };
        let code = response.code();
        let unreliable = client.flow.transport == Transport::Udp;
        let owner = Owner::Client(key);
        let flow = client.flow;
        let mut stop: &[Timer] = &[];
        let mut start = None;
        match (&client.state, code) {
            (State::Calling { .. } | State::Proceeding, 100..=199) => {
                client.state = State::Proceeding;
                stop = &[Timer::A, Timer::B];
            }
            (State::Calling { .. } | State::Proceeding, 200..=299) => {
                client.state = State::Accepted;
                stop = &[Timer::A, Timer::B, Timer::Cancelled];
                start = Some((Timer::M, GIVE_UP));
            }
            (State::Calling { .. } | State::Proceeding, _) => {
                let ack = client.echo(Method::Ack, response.headers.get("To")).to_bytes();
                client.state = State::Completed { ack: ack.clone() };
                self.send(&flow, ack);
                stop = &[Timer::A, Timer::B, Timer::Cancelled];
                start = Some((Timer::D, if unreliable { GIVE_UP } else { Duration::ZERO }));
            }
            (State::Accepted, 200..=299) => {}
            (State::Completed { ack }, 300..) => {
                let ack = ack.clone();
                self.send(&flow, ack);
                return;
            }
            (State::Trying { .. }, 100..=199) => client.state = State::Pending,
            (State::Pending, 100..=199) => {}
            (State::Trying { .. } | State::Pending, _) => {
                client.state = State::Answered;
                stop = &[Timer::E, Timer::F];
                start = Some((Timer::K, if unreliable { T4 } else { Duration::ZERO }));
            }
            (State::Accepted | State::Completed { .. } | State::Answered, _) => return,
        }
        for timer in stop {
            self.timers.cancel((owner, *timer));
        }
        if let Some((timer, after)) = start {
            self.timers.set((owner, timer), now + after);
        }
        self.happen(Happening::Response { key, flow, response });
    }

    pub(super) fn client_timer(&mut self, now: Instant, key: ClientKey, timer: Timer) {
        let Some(client) = self.clients.get_mut(&key) else {
            return;
        };
        let next = match (&mut client.state, timer) {
            (State::Calling { interval }, Timer::A) => {
                *interval *= 2;
                *interval
            }
            (State::Trying { interval }, Timer::E) => {
                *interval = doubled(*interval, T2);
                *interval
            }
            (State::Pending, Timer::E) => T2,
            (_, Timer::D | Timer::K | Timer::M) => return self.drop_client(key),
            (_, Timer::B | Timer::F | Timer::Cancelled) => {
                self.happen(Happening::TimedOut { key });
                return self.drop_client(key);
            }
            _ => return,
        };
        self.timers.set((Owner::Client(key), timer), now + next);
        let (flow, bytes) = (client.flow, client.bytes.clone());
        self.send(&flow, bytes);
    }

    pub(super) fn drop_client(&mut self, key: ClientKey) {
        for timer in [
            Timer::A,
            Timer::B,
            Timer::D,
            Timer::E,
            Timer::F,
            Timer::K,
            Timer::M,
            Timer::Cancelled,
        ] {
            self.timers.cancel((Owner::Client(key), timer));
        }
        if let Some(client) = self.clients.remove(&key) {
            self.by_branch.remove(&(client.branch, client.request.method));
            self.happen(Happening::Ended { key });
        }
    }
}
