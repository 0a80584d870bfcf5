//! Whether the registered flow still leads to the server (RFC 5626 section 4.4).
//!
//! ```text
//! on                                     does
//! registered at a server anew            OPTIONS at once, to learn whether it answers such
//! nothing answered for `reachability`    OPTIONS, and each second time REGISTER without Contact (see [`readback`](super::readback))
//! anything of ours answered              proven; the next question is that much later
//! answered, seen elsewhere               a router forgot its mapping: registered anew, from where we are seen now
//! REGISTER unanswered                    OPTIONS
//! OPTIONS unanswered                     OPTIONS once more, at once
//!   …and again, answered before          the flow is dead: closed, the server avoided, registered anew in a hurry
//!   …and again, never answered           this server answers no OPTIONS: REGISTER takes its place from now on
//!     and REGISTER unanswered            the flow is dead
//! the flow closed                        the same
//! ```

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::transaction::ClientKey;
use crate::{CSeq, Method, NameAddr, Request, Response, Transport};

use super::pause::Again;
use super::readback::ReadBack;
use super::registered::seen_as;
use super::registration::{AVOIDED, Account, Phase};
use super::request::{Outgoing, Purpose};
use super::timers::Alarm;
use super::{AccountId, Endpoint, Flow, FlowId, Output, RegistrationFailure, RegistrationState, TransportError};

/// How long an OPTIONS may go unanswered: by UDP it is sent three times in this time, a connection repeats it by itself.
const DATAGRAM_PATIENCE: Duration = Duration::from_millis(2500);
const STREAM_PATIENCE: Duration = Duration::from_secs(5);
/// So many unanswered ones in a row mean a dead flow.
const MISSED: u8 = 2;

/// What is known of the way to the server.
#[derive(Debug)]
pub(super) struct Life {
    /// When something of ours was answered on the flow at hand.
    pub(super) proven: Instant,
    asking: Option<ClientKey>,
    missed: u8,
    cseq: u32,
    /// The server that answered an OPTIONS: of this one silence means something.
    answers: Option<SocketAddr>,
    /// The server that answered none.
    deaf: Option<SocketAddr>,
    /// Whether the binding is read back next.
    reads_next: bool,
    pub(super) reading: Option<ClientKey>,
    pub(super) readback: ReadBack,
}

impl Life {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            proven: now,
            asking: None,
            missed: 0,
            cseq: 0,
            answers: None,
            deaf: None,
            reads_next: false,
            reading: None,
            readback: ReadBack::Untried,
        }
    }

    /// Another server is another one to get to know.
    pub(super) fn meet(&mut self, server: SocketAddr) {
        if self.answers != Some(server) {
            (self.answers, self.readback) = (None, ReadBack::Untried);
        }
        self.deaf = None;
    }

    pub(super) fn answers_options(&self, server: SocketAddr) -> bool {
        self.answers == Some(server)
    }

    /// Whether this server leaves OPTIONS without any answer while it answers other requests.
    pub(super) fn is_deaf(&self, server: SocketAddr) -> bool {
        self.deaf == Some(server)
    }
}

impl Endpoint {
    /// The server answered something of ours by this flow.
    pub(super) fn answered_by(&mut self, now: Instant, id: AccountId, flow: FlowId) {
        if let Some(account) = self.accounts.get_mut(&id).filter(|account| account.is_on(flow)) {
            account.life.proven = now;
            account.life.missed = 0;
        }
    }

    /// The answer to OPTIONS, whatever it says.
    pub(super) fn probe_answered(&mut self, now: Instant, id: AccountId, flow: &Flow, response: &Response) {
        self.stop_asking(id);
        if let Some(account) = self.accounts.get_mut(&id) {
            account.life.answers = Some(flow.remote);
            account.life.deaf = None;
        }
        self.proven_again(now, id, flow, response);
    }

    /// The server answered a question on the registered flow.
    pub(super) fn proven_again(&mut self, now: Instant, id: AccountId, flow: &Flow, response: &Response) {
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        let bound = account.is_registered() && account.is_on(flow.id);
        if bound
            && let Some(seen) = seen_as(response, flow)
            && seen != account.learned.unwrap_or(flow.local)
        {
            account.learned = (seen != flow.local).then_some(seen);
            return self.register(now, id);
        }
        let mut state = account.state.clone();
        if let RegistrationState::Registered { proven, .. } = &mut state {
            *proven = account.life.proven;
            self.probe_later(now, id);
            self.tell_registration(id, state);
        }
    }

    /// Just registered: the next question is due some time later, the first one to this server now. Silence means nothing before.
    pub(super) fn begin_probing(&mut self, now: Instant, id: AccountId, server: SocketAddr) {
        self.stop_probing(id);
        self.probe_later(now, id);
        let Some(account) = self.accounts.get(&id) else { return };
        let known = account.life.answers_options(server) || account.life.is_deaf(server);
        if !known && !account.config.reachability.is_zero() {
            self.alarms.set(Alarm::Probe(id), now);
        }
    }

    /// Makes the appointment for the next question.
    pub(super) fn probe_later(&mut self, now: Instant, id: AccountId) {
        let lot = 0.9 + 0.2 * self.chance();
        let interval = self.accounts.get(&id).map(|account| account.config.reachability);
        if let Some(interval) = interval.filter(|interval| !interval.is_zero()) {
            self.alarms.set(Alarm::Probe(id), now + interval.mul_f64(lot));
        }
    }

    /// Time to ask, or to see that nobody answered.
    pub(super) fn look_alive(&mut self, now: Instant, id: AccountId) {
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        let (Some(flow), true) = (account.flow, account.is_registered()) else {
            return self.stop_probing(id);
        };
        let server = flow.remote;
        if let Some(key) = account.life.asking.take() {
            account.life.missed += 1;
            let silent = account.life.missed >= MISSED;
            let answers = account.life.answers_options(server);
            self.layer.forget(key);
            return match (silent, answers) {
                (false, _) => self.probe(now, id),
                (true, true) => self.flow_dead(now, flow),
                (true, false) => self.ask_otherwise(now, id, server),
            };
        }
        let deaf = account.life.is_deaf(server);
        if account.life.reading.is_some() {
            // A registrar may think about it for long; whether anybody is there OPTIONS tells sooner.
            if !deaf {
                self.probe(now, id);
            }
            return;
        }
        let first = !deaf && !account.life.answers_options(server);
        let due = account.life.proven + account.config.reachability.mul_f64(0.9);
        if due > now && !first {
            return self.alarms.set(Alarm::Probe(id), due);
        }
        if deaf {
            return self.ask_otherwise(now, id, server);
        }
        let turn = account.life.reads_next && !first;
        account.life.reads_next = !turn;
        if turn && account.can_read_back() {
            self.read_back(now, id, patience(&flow));
        } else {
            self.probe(now, id);
        }
    }

    /// A server that leaves OPTIONS unanswered is asked something it answers: REGISTER, whose silence means something.
    fn ask_otherwise(&mut self, now: Instant, id: AccountId, server: SocketAddr) {
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        account.life.deaf = Some(server);
        account.life.missed = 0;
        let (idle, reads) = (account.phase == Phase::Idle, account.can_read_back());
        if reads {
            let patience = account.flow.map_or(DATAGRAM_PATIENCE, |flow| patience(&flow));
            self.read_back(now, id, patience);
        } else if idle {
            self.register(now, id);
        } else {
            self.probe_later(now, id);
        }
    }

    /// Asks the server whether it is there, unless it is being asked.
    pub(super) fn probe(&mut self, now: Instant, id: AccountId) {
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        let (Some(flow), None) = (account.flow, account.life.asking) else {
            return;
        };
        account.life.cseq += 1;
        let request = account.options();
        let mut outgoing = Outgoing::new(Purpose::Probe(id), id, request);
        self.introduce(&mut outgoing.request.headers);
        self.send_on(now, flow, outgoing);
        self.alarms.set(Alarm::Probe(id), now + patience(&flow));
    }

    pub(super) fn probe_sent(&mut self, id: AccountId, key: ClientKey) {
        if let Some(account) = self.accounts.get_mut(&id) {
            account.life.asking = Some(key);
        }
    }

    pub(super) fn stop_probing(&mut self, id: AccountId) {
        self.alarms.cancel(Alarm::Probe(id));
        self.stop_asking(id);
        self.stop_reading(id);
    }

    fn stop_asking(&mut self, id: AccountId) {
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        account.life.missed = 0;
        if let Some(key) = account.life.asking.take() {
            self.layer.forget(key);
        }
    }

    /// Nothing comes back by this flow any more.
    pub(super) fn flow_dead(&mut self, now: Instant, flow: Flow) {
        if flow.transport == Transport::Udp {
            // A datagram may still get through; only the registration has to be made anew.
            self.registrations_lost(now, flow.id, &RegistrationFailure::NoAnswer);
        } else {
            self.out.push_back(Output::Close { flow: flow.id });
            self.closed(now, flow.id, TransportError::TimedOut);
        }
    }

    /// Every registration on this flow has to be made anew.
    pub(super) fn registrations_lost(&mut self, now: Instant, flow: FlowId, why: &RegistrationFailure) {
        let hit = self.accounts.iter().filter(|(_, account)| account.is_on(flow));
        let hit: Vec<_> = hit.map(|(id, _)| *id).collect();
        for id in hit {
            self.registration_lost(now, id, why.clone());
        }
    }

    fn registration_lost(&mut self, now: Instant, id: AccountId, why: RegistrationFailure) {
        self.stop_probing(id);
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        let (registered, phase, flow) = (account.is_registered(), account.phase, account.flow);
        if registered && let Some(flow) = flow {
            account.left.failed(now, flow.remote);
        }
        match (phase, registered) {
            (Phase::Asking(_), false) => self.register_elsewhere(now, id, (why, Again::Soon), AVOIDED),
            (Phase::Opening(_), _) | (Phase::Idle, false) => {}
            (Phase::Asking(_) | Phase::Idle, true) => {
                if let Some(flow) = flow {
                    self.pass_over(id, &flow, AVOIDED);
                }
                self.hurry(now, id);
                self.register_failed(now, id, why, Again::Soon);
            }
        }
        if let Some(account) = self.accounts.get_mut(&id) {
            account.flow = None;
        }
    }

    /// Time for a keep-alive.
    pub(super) fn keep_alive(&mut self, now: Instant, id: AccountId) {
        let account = self.accounts.get(&id).filter(|account| account.is_registered());
        let Some((flow, timer)) = account.and_then(|account| Some((account.flow?, account.flow_timer))) else {
            return;
        };
        // RFC 5626 section 4.4.1: a double CRLF asks a connection for a pong; one CRLF keeps a UDP translation open.
        let bytes = if flow.transport == Transport::Udp {
            b"\r\n".to_vec()
        } else {
            b"\r\n\r\n".to_vec()
        };
        self.out.push_back(Output::Send { flow: flow.id, bytes });
        // Section 4.4: between 80 and 100 per cent of what the server asks for.
        let lot = 0.8 + 0.2 * self.chance();
        let own = self.config.keep_alive;
        let next = timer.map_or(own, |timer| own.min(timer.mul_f64(lot)));
        self.alarms.set(Alarm::KeepAlive(id), now + next);
    }
}

/// How long a question may go unanswered.
fn patience(flow: &Flow) -> Duration {
    if flow.transport == Transport::Udp {
        DATAGRAM_PATIENCE
    } else {
        STREAM_PATIENCE
    }
}

impl Account {
    /// OPTIONS to the server itself (RFC 3261 section 11.1): it names no user, so that it ends there.
    fn options(&self) -> Request {
        let server = self.registrar();
        let mut request = Request::new(Method::Options, server.clone());
        let headers = &mut request.headers;
        headers.push("Max-Forwards", 70);
        if let Some(route) = self.proxy_route() {
            headers.push("Route", route);
        }
        headers.push("From", self.identity().with_tag(&self.tag));
        headers.push("To", NameAddr::new(server));
        headers.push("Call-ID", format!("{}-alive", self.call_id));
        headers.push("CSeq", CSeq::new(self.life.cseq, Method::Options));
        headers.push("Accept", "application/sdp");
        request
    }

    /// How long REGISTER may go unanswered before something is done about it.
    pub(super) fn patience(&self) -> Duration {
        match (self.haste.is_some(), self.round.fresh) {
            // A connection that was there before the network changed may be dead: nothing else would tell.
            (true, false) => Duration::from_millis(1500),
            (true, true) => Duration::from_secs(3),
            (false, _) => Duration::from_secs(4),
        }
    }
}
