//! The user agent core: all accounts, registrations and calls of one application on all its transports.
//!
//! It does no IO. Feed it with [`Endpoint::handle`] and [`Endpoint::wake`] (when [`Endpoint::next_wake`] says so), and
//! after every call, of whatever method, drain [`Endpoint::poll`] until it is empty.
//!
//! What a person asks may be [`Refused`]; what the network says never fails: it is answered as the RFC says, or counted
//! and dropped. Deliberately absent: following redirections by itself.

mod account;
mod accounts;
mod alive;
mod binding;
mod call;
mod credentials;
mod defence;
mod elsewhere;
mod event;
mod events;
mod flow;
mod former;
mod going_back;
mod incoming;
mod io;
mod options;
mod parting;
mod pause;
mod readback;
mod registered;
mod registration;
mod request;
mod session;
mod timers;
mod trust;
mod turns;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::Instant;

use rand_core::RngCore;

use crate::transaction::{self, ClientKey, Happening, Layer, Limits, Schedule};

use events::Events;
use flow::Waiting;
use registration::{Account, Doubted};
use request::Sent;
use session::{Referred, Session};
use timers::Alarm;
use turns::{Line, Turn};

pub use crate::headers::Reason;
pub use account::{AccountConfig, AccountId, Credentials, EndpointConfig, Secret};
pub use call::{DialogName, IncomingInvite, InviteOptions, Referral, ReplacesTarget};
pub use event::{EndCause, Event, RegistrationFailure, RegistrationState, TransferProgress};
pub use events::{
    MessageId, MessageOutcome, Notice, Package, PublicationState, SubscriptionEnd, SubscriptionId, SubscriptionState,
};
pub use io::{EarlyDialog, Flow, FlowId, Input, NextHop, Output, Refused, RouteId, SessionId, TransportError};
pub use trust::{Certificate, CertificateFault, Trust};

/// What was dropped or refused without an event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages that could not be read.
    pub malformed: u64,
    /// Calls from addresses that are no account's server, as scanners make them at night.
    pub ghost_calls: u64,
    /// Other requests outside of calls from addresses that are no account's server.
    pub strangers: u64,
    /// Requests outside of calls from a source that sends more of them than anybody needs to.
    pub flooding: u64,
    /// Incoming calls refused because there were too many.
    pub overflow: u64,
    /// Answers whose `rspauth` only somebody without our password can have made (RFC 7616 section 3.5).
    pub false_proofs: u64,
}

/// The user agent core.
pub struct Endpoint {
    config: EndpointConfig,
    rng: Box<dyn RngCore + Send>,
    layer: Layer,
    accounts: BTreeMap<AccountId, Account>,
    /// Accounts that have been something else, until their last words are said.
    former: Vec<former::Former>,
    sessions: BTreeMap<SessionId, Session>,
    /// Call-ID and our tag name a session; the far end's tag may have several values while a call forks.
    by_dialog: HashMap<(String, String), SessionId>,
    /// What far ends asked us to call; the number is that of the call it came in, or one of its own.
    referrals: BTreeMap<SessionId, Referred>,
    /// Connections that may be dead.
    doubted: Vec<Doubted>,
    sent: HashMap<ClientKey, Sent>,
    /// Who may send in which dialog.
    turns: HashMap<Line, Turn>,
    routes: BTreeMap<RouteId, Waiting>,
    events: Events,
    alarms: Schedule<Alarm>,
    last_id: u64,
    /// Servers that took no connection for a large request, and when.
    datagrams_only: HashMap<SocketAddr, Instant>,
    /// Dialogs that ended lately: whoever wants to take one over is told that it is gone (RFC 3891 section 3).
    gone: VecDeque<DialogName>,
    /// Why the flow closed that requests broke on.
    last_close: TransportError,
    out: VecDeque<Output>,
    counts: Counts,
    doorkeeper: defence::Doorkeeper,
}

impl Endpoint {
    /// An endpoint without accounts. `rng` makes tags, branches and jitter: seed it from the system in the product.
    pub fn new(config: EndpointConfig, rng: Box<dyn RngCore + Send>) -> Self {
        Self {
            config,
            rng,
            layer: Layer::new(Limits::default()),
            accounts: BTreeMap::new(),
            former: Vec::new(),
            sessions: BTreeMap::new(),
            by_dialog: HashMap::new(),
            referrals: BTreeMap::new(),
            doubted: Vec::new(),
            sent: HashMap::new(),
            turns: HashMap::new(),
            routes: BTreeMap::new(),
            events: Events::default(),
            alarms: Schedule::new(),
            last_id: 0,
            datagrams_only: HashMap::new(),
            gone: VecDeque::new(),
            last_close: TransportError::Closed,
            out: VecDeque::new(),
            counts: Counts::default(),
            doorkeeper: defence::Doorkeeper::default(),
        }
    }

    /// Takes what the network says.
    pub fn handle(&mut self, now: Instant, input: Input) {
        self.wake(now);
        match input {
            Input::Opened { route, flow } => self.opened(now, route, flow),
            Input::Candidates { route, remotes } => self.candidates(route, &remotes),
            Input::OpenFailed { route, why } => self.open_failed(now, route, why),
            Input::Received { flow, bytes } => {
                for doubted in self.doubted.iter_mut().filter(|doubted| doubted.flow == flow.id) {
                    doubted.heard = true;
                }
                self.received(now, flow, &bytes);
            }
            Input::Closed { flow, why } => self.closed(now, flow, why),
        }
        self.pump(now);
    }

    /// The next thing to do; `None` when all is done for now.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When to call [`wake`](Self::wake) at the latest.
    pub fn next_wake(&self) -> Option<Instant> {
        [self.layer.next_wake(), self.alarms.next()].into_iter().flatten().min()
    }

    /// Does what is due by `now`.
    pub fn wake(&mut self, now: Instant) {
        self.layer.wake(now);
        self.pump(now);
        while let Some(alarm) = self.alarms.due(now) {
            self.ring_alarm(now, alarm);
            self.pump(now);
        }
    }

    /// What was dropped or refused so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Whether the signalling of a call is encrypted on its way to the next hop; `None` while there is no way.
    pub fn is_encrypted(&self, session: SessionId) -> Option<bool> {
        let flow = self.sessions.get(&session)?.flow()?;
        Some(crate::locate::is_secure(flow.transport))
    }

    /// Calls that are not over.
    pub fn sessions(&self) -> impl Iterator<Item = SessionId> + '_ {
        self.sessions
            .iter()
            .filter(|(_, session)| !session.is_leaving())
            .map(|(id, _)| *id)
    }

    /// Whether nothing at all is left: no call, no transaction, not even one that only waits for repetitions.
    pub fn is_idle(&self) -> bool {
        self.sessions.is_empty() && self.routes.is_empty() && self.layer.open() == (0, 0)
    }

    /// Whether a goodbye is still under way: a call that waits for its ACK, or a request of ours without its answer.
    /// Whoever ends the program gives these a moment.
    pub fn is_waiting(&self) -> bool {
        !self.sessions.is_empty() || !self.routes.is_empty() || self.layer.waiting() > 0
    }

    /// Takes what the transactions say until they have nothing more to say.
    fn pump(&mut self, now: Instant) {
        while let Some(happening) = self.layer.poll() {
            match happening {
                Happening::Send { flow, bytes } => self.out.push_back(Output::Send { flow, bytes }),
                Happening::Request {
                    key,
                    flow,
                    request,
                    cancels,
                } => self.request(now, key, flow, request, cancels),
                Happening::Ack { request, .. } => self.ack(now, &request),
                Happening::Response { key, flow, response } => self.response(now, key, flow, response),
                Happening::TimedOut { key } => self.unanswered(now, key, None),
                Happening::Broken { key } => {
                    self.unanswered(now, key, Some(self.last_close.clone()));
                    self.sent.remove(&key);
                }
                Happening::Ended { key } => {
                    self.sent.remove(&key);
                }
                Happening::Stranded { flow, to } => self.look_for_way_back(flow, to),
                Happening::Unacknowledged { .. } => {}
            }
        }
    }

    fn event(&mut self, event: Event) {
        self.out.push_back(Output::Event(event));
    }

    fn new_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    fn branch(&mut self) -> String {
        transaction::branch(self.rng.as_mut())
    }

    /// A tag or another word nobody can guess (RFC 3261 section 19.3).
    fn token(&mut self) -> String {
        format!("{:016x}", self.rng.next_u64())
    }

    /// Evenly between 0 and 1.
    fn chance(&mut self) -> f64 {
        f64::from(self.rng.next_u32()) / f64::from(u32::MAX)
    }
}
