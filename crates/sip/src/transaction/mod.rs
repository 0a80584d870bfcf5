//! Transactions (RFC 3261 section 17, RFC 6026): a layer of its own that knows no user agent, so that a small proxy or
//! registrar stands on it as well.
//!
//! Bytes of one message go in with [`Layer::receive`], time with [`Layer::wake`]; [`Layer::poll`] gives what to send
//! and what happened, in order. Whoever uses it answers each [`Happening::Request`] with [`Layer::respond`].
//! Deliberately absent: choosing flows, authentication, and the retransmission of 2xx to an INVITE, which is the
//! business of the user agent core (RFC 3261 section 13.3.1.4).

mod client;
mod key;
mod schedule;
mod server;
mod timer;

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::Instant;

use rand_core::RngCore;

use crate::endpoint::{Flow, FlowId};
use crate::{HostPort, Message, Method, ParseError, Request, Response, Transport, Via, parse};

use client::Client;
use key::{Match, Merge, response_key};
use server::Server;

pub use schedule::Schedule;
pub use timer::{GIVE_UP, T1, T2, T4, Timer, doubled};

/// A request we sent. Never used twice within a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientKey(u64);

/// A request that came in. Never used twice within a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServerKey(u64);

/// How many transactions may be open.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Of ours; a request beyond fails like a broken flow.
    pub clients: usize,
    /// Of others; a request beyond is answered 503 without state.
    pub servers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            clients: 2048,
            servers: 4096,
        }
    }
}

/// What the layer wants done or has to tell.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "moved once, from the queue to its reader")]
pub enum Happening {
    /// Send these bytes.
    Send {
        /// Where.
        flow: FlowId,
        /// One message.
        bytes: Vec<u8>,
    },
    /// A new request (never an ACK); the source is noted in its topmost Via. Answer it with [`Layer::respond`].
    Request {
        /// The new transaction.
        key: ServerKey,
        /// Where it came in.
        flow: Flow,
        /// The request.
        request: Request,
        /// For a CANCEL: the INVITE it means, answered or not (see [`Layer::is_open`]).
        cancels: Option<ServerKey>,
    },
    /// An ACK to a 2xx, or to nothing known; repetitions too.
    Ack {
        /// Where it came in.
        flow: Flow,
        /// The ACK.
        request: Request,
    },
    /// An answer. Repetitions are absorbed, except those of 2xx to an INVITE: each wants an ACK.
    Response {
        /// The transaction.
        key: ClientKey,
        /// Where it came in.
        flow: Flow,
        /// The answer.
        response: Response,
    },
    /// No final answer in time (timers B and F, or a CANCEL that had no effect).
    TimedOut {
        /// The transaction.
        key: ClientKey,
    },
    /// The flow closed before the final answer.
    Broken {
        /// The transaction.
        key: ClientKey,
    },
    /// Nothing more will be said about this request of ours.
    Ended {
        /// The transaction.
        key: ClientKey,
    },
    /// An answer cannot be sent because the flow its request came by is closed. A way to `to` by the same transport is wanted, for
    /// [`Layer::rescue`]; until there is one, each further answer asks again.
    Stranded {
        /// The closed flow.
        flow: Flow,
        /// Where the request's sender can be reached (RFC 3261 section 18.2.2).
        to: SocketAddr,
    },
    /// No ACK came for a final answer other than 2xx (timer H).
    Unacknowledged {
        /// The transaction.
        key: ServerKey,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Owner {
    Client(ClientKey),
    Server(ServerKey),
}

/// All transactions of one element.
#[derive(Debug, Default)]
pub struct Layer {
    limits: Limits,
    last_key: u64,
    clients: HashMap<ClientKey, Client>,
    by_branch: HashMap<(String, Method), ClientKey>,
    servers: HashMap<ServerKey, Server>,
    by_match: HashMap<Match, ServerKey>,
    by_merge: HashMap<Merge, ServerKey>,
    timers: Schedule<(Owner, Timer)>,
    out: VecDeque<Happening>,
}

/// A fresh branch (RFC 3261 section 8.1.1.7).
pub fn branch(rng: &mut dyn RngCore) -> String {
    format!("z9hG4bK{:016x}{:08x}", rng.next_u64(), rng.next_u32())
}

impl Layer {
    /// Without transactions.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Sends a request in a transaction of its own; a Via with `branch` is put on top. Not for ACK.
    pub fn send_request(&mut self, now: Instant, flow: &Flow, mut request: Request, branch: String) -> ClientKey {
        let key = ClientKey(self.new_key());
        put_via(&mut request, flow, &branch);
        self.open_client(now, key, *flow, request, branch)
    }

    /// Sends a request outside of any transaction: an ACK to a 2xx, or what a proxy passes on. Gives the bytes, to be
    /// sent again as they are.
    pub fn send_alone(&mut self, flow: &Flow, mut request: Request, branch: &str) -> Vec<u8> {
        put_via(&mut request, flow, branch);
        let bytes = request.to_bytes();
        self.send(flow, bytes.clone());
        bytes
    }

    /// Cancels an INVITE. `None` while no provisional answer allows it (RFC 3261 section 9.1), or when it is too late.
    pub fn cancel(&mut self, now: Instant, invite: ClientKey, extra: &[(&str, String)]) -> Option<ClientKey> {
        let client = self.clients.get(&invite).filter(|client| client.may_cancel())?;
        let mut cancel = client.echo(Method::Cancel, None);
        for (name, value) in extra {
            cancel.headers.push(*name, value);
        }
        let (flow, branch) = (client.flow, client.branch.clone());
        self.timers
            .set((Owner::Client(invite), Timer::Cancelled), now + GIVE_UP);
        let key = ClientKey(self.new_key());
        Some(self.open_client(now, key, flow, cancel, branch))
    }

    /// Sends a request once more, in between its regular times; only where it may have been lost, and nobody answered it.
    pub fn send_again(&mut self, key: ClientKey) {
        let lossy = |client: &&Client| client.flow.transport == Transport::Udp && client.is_waiting();
        let Some(client) = self.clients.get(&key).filter(lossy) else {
            return;
        };
        let (flow, bytes) = (client.flow, client.bytes().to_vec());
        self.send(&flow, bytes);
    }

    /// Forgets a request other than INVITE whose answer matters no more: it is not sent again.
    pub fn forget(&mut self, key: ClientKey) {
        self.drop_client(key);
    }

    /// Whether an INVITE of ours may be cancelled now.
    pub fn may_cancel(&self, invite: ClientKey) -> bool {
        self.clients.get(&invite).is_some_and(Client::may_cancel)
    }

    /// Whether nothing at all was heard of a request of ours.
    pub fn is_unanswered(&self, key: ClientKey) -> bool {
        self.clients.get(&key).is_some_and(Client::is_unanswered)
    }

    /// The request of a transaction as it was sent, topmost Via included.
    pub fn request(&self, key: ClientKey) -> Option<&Request> {
        self.clients.get(&key).map(|client| &client.request)
    }

    /// Answers a request. `false` when the transaction is over or the answer comes too late for it.
    pub fn respond(&mut self, now: Instant, key: ServerKey, response: &Response) -> bool {
        self.server_respond(now, key, response)
    }

    /// Answers a request and forgets it (RFC 3261 section 8.2.7): repeated, it is a new one. For strangers, who shall
    /// neither fill the memory nor have answers sent again and again to an address they may have made up.
    pub fn respond_once(&mut self, key: ServerKey, response: &Response) {
        let Some(flow) = self.servers.get(&key).map(|server| server.flow) else {
            return;
        };
        self.drop_server(key);
        self.send(&flow, response.to_bytes());
    }

    /// Forgets a request without an answer: repeated, it is a new one.
    pub fn ignore(&mut self, key: ServerKey) {
        self.drop_server(key);
    }

    /// Whether a request still wants a final answer.
    pub fn is_open(&self, key: ServerKey) -> bool {
        self.servers.get(&key).is_some_and(Server::is_open)
    }

    /// Whether the request is a copy of another one under way that came by a different way (RFC 3261 section 8.2.2.2). One
    /// that comes after the other was refused is no copy: a proxy tries us a second time.
    pub fn is_merged(&self, key: ServerKey) -> bool {
        let merge = self.servers.get(&key).and_then(|server| server.merge.as_ref());
        merge
            .and_then(|merge| self.by_merge.get(merge))
            .is_some_and(|first| *first != key)
    }

    /// Whether this request came before, and is remembered.
    pub fn has(&self, request: &Request) -> bool {
        Match::of(request).is_some_and(|matching| self.by_match.contains_key(&matching))
    }

    /// Whether the INVITE that this CANCEL names is there.
    pub fn has_cancelled(&self, cancel: &Request) -> bool {
        Match::cancelled_by(cancel).is_some_and(|invite| self.by_match.contains_key(&invite))
    }

    /// Takes one datagram or framed message. What cannot be read is answered where it can be, and reported.
    pub fn receive(&mut self, now: Instant, flow: Flow, bytes: &[u8]) -> Result<(), ParseError> {
        match parse(bytes) {
            Ok(message) => self.receive_message(now, flow, message),
            Err(error) => {
                self.refuse(&flow, &error);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Answers what could not be read, where it can be answered.
    pub fn refuse(&mut self, flow: &Flow, error: &ParseError) {
        if let ParseError::Request(rejected) = error
            && let Some(reply) = rejected.reply(&format!("x{:x}", self.new_key()))
        {
            self.send(flow, reply.to_bytes());
        }
    }

    /// Takes one message.
    pub fn receive_message(&mut self, now: Instant, flow: Flow, message: Message) {
        match message {
            Message::Request(request) => self.receive_request(now, flow, request),
            Message::Response(response) => {
                let key = response_key(&response).and_then(|key| self.by_branch.get(&key).copied());
                if let Some(key) = key {
                    self.client_response(now, key, response);
                }
            }
        }
    }

    /// The flow is gone: requests of ours that wait for an answer there fail, and answers of ours look for another way to
    /// whoever asked.
    pub fn flow_closed(&mut self, flow: FlowId) {
        self.strand(flow);
        let mut broken: Vec<_> = self
            .clients
            .iter()
            .filter(|(_, c)| c.flow.id == flow)
            .map(|(k, c)| (*k, c.is_waiting()))
            .collect();
        broken.sort();
        for (key, waiting) in broken {
            if waiting {
                self.happen(Happening::Broken { key });
                self.drop_client(key);
            }
        }
    }

    /// A way for the answers of [`Happening::Stranded`] was found.
    pub fn rescue(&mut self, closed: FlowId, to: SocketAddr, by: Flow) {
        self.rescue_where(by, |flow, back| flow.id == closed && back == to);
    }

    /// A flow was opened for another reason: answers owed to exactly this server go by it.
    pub fn rescue_towards(&mut self, by: Flow) {
        self.rescue_where(by, |flow, back| flow.transport == by.transport && back == by.remote);
    }

    /// When [`wake`](Self::wake) is due.
    pub fn next_wake(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// Does what is due.
    pub fn wake(&mut self, now: Instant) {
        while let Some((owner, timer)) = self.timers.due(now) {
            match owner {
                Owner::Client(key) => self.client_timer(now, key, timer),
                Owner::Server(key) => self.server_timer(now, key, timer),
            }
        }
    }

    /// The next thing to do or to know.
    pub fn poll(&mut self) -> Option<Happening> {
        self.out.pop_front()
    }

    /// How many transactions are open: ours, and those of others.
    pub fn open(&self) -> (usize, usize) {
        (self.clients.len(), self.servers.len())
    }

    /// How many requests of ours have no final answer yet.
    pub fn waiting(&self) -> usize {
        self.clients.values().filter(|client| client.is_waiting()).count()
    }

    fn open_client(&mut self, now: Instant, key: ClientKey, flow: Flow, request: Request, branch: String) -> ClientKey {
        if self.clients.len() >= self.limits.clients {
            self.happen(Happening::Broken { key });
            return key;
        }
        self.by_branch.insert((branch.clone(), request.method.clone()), key);
        Client::start(self, now, key, flow, branch, request);
        key
    }

    fn receive_request(&mut self, now: Instant, flow: Flow, mut request: Request) {
        let Some(matching) = Match::of(&request) else { return };
        if let Some(key) = self.by_match.get(&matching).copied() {
            if let Some(request) = self.server_repeat(now, key, flow, request) {
                self.happen(Happening::Ack { flow, request });
            }
            return;
        }
        if request.method == Method::Ack {
            self.happen(Happening::Ack { flow, request });
            return;
        }
        note_source(&mut request, &flow);
        if self.servers.len() >= self.limits.servers {
            let mut busy = request.respond(503, Some("overload"));
            busy.headers.push("Retry-After", 30);
            self.send(&flow, busy.to_bytes());
            return;
        }
        let cancels = (request.method == Method::Cancel)
            .then(|| Match::cancelled_by(&request).and_then(|invite| self.by_match.get(&invite).copied()))
            .flatten();
        let key = ServerKey(self.new_key());
        let server = Server::new(flow, &request, matching.clone());
        if let Some(merge) = server.merge.clone() {
            let first = self.by_merge.get(&merge).and_then(|first| self.servers.get(first));
            if !first.is_some_and(Server::is_under_way) {
                self.by_merge.insert(merge, key);
            }
        }
        self.by_match.insert(matching, key);
        self.servers.insert(key, server);
        self.happen(Happening::Request {
            key,
            flow,
            request,
            cancels,
        });
    }

    fn send(&mut self, flow: &Flow, bytes: Vec<u8>) {
        self.happen(Happening::Send { flow: flow.id, bytes });
    }

    fn happen(&mut self, happening: Happening) {
        self.out.push_back(happening);
    }

    fn new_key(&mut self) -> u64 {
        self.last_key += 1;
        self.last_key
    }
}

fn put_via(request: &mut Request, flow: &Flow, branch: &str) {
    request
        .headers
        .push_front("Via", Via::new(flow.transport, HostPort::from(flow.local), branch));
}

/// Writes the true source into the topmost Via (RFC 3261 section 18.2.1, RFC 3581 section 4). The first Via line may
/// hold several values, so all of them are written again, one a line.
fn note_source(request: &mut Request, flow: &Flow) {
    let mut vias = request.headers.vias();
    if let Some(top) = vias.first_mut() {
        top.note_source(flow.remote);
    }
    request.headers.remove("Via");
    for via in vias.iter().rev() {
        request.headers.push_front("Via", via);
    }
}
