//! The exchange without sockets: decides for each message who deals with it.
//!
//! | What comes in | Who |
//! |---|---|
//! | REGISTER | the registrar |
//! | a request inside a dialog, an ACK | the line or the subscription it belongs to, else passed on to the other party |
//! | INVITE to a line's number, INVITE with Replaces for a call of a line | the line |
//! | INVITE to `*8` and a number | whoever rings there |
//! | SUBSCRIBE, PUBLISH | the state agents |
//! | MESSAGE to a line's number | the line, which writes back |
//! | any of INVITE, MESSAGE, OPTIONS, INFO, REFER to a user | the proxy |
//! | CANCEL | whoever has the INVITE |
//! | everything else | refused |
//!
//! What begins something comes through the gate first, unless it comes from where somebody registered.

mod begin;
mod onward;
mod wishes;

use crate::config::ExchangeConfig;
use crate::events::Events;
use crate::gate::Gate;
use crate::lines::{Lines, MediaId, MediaOrder};
use crate::proxy::{Fork, Up, Upstream};
use crate::registrar::Registrar;
use crate::wire::Wire;
use crate::{Peer, lines};
use parley_sip::dialog::DialogId;
use parley_sip::endpoint::Flow;
use parley_sip::transaction::{ClientKey, Happening, ServerKey};
use parley_sip::{Method, Request, Response};
use rand_core::RngCore;
use std::net::SocketAddrV4;
use std::time::Instant;

/// Requests under way at once; more are refused.
const MAX_FORKS: usize = 256;

/// What the sockets tell the core.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A datagram, or one message cut out of a connection.
    Received {
        /// From whom.
        peer: Peer,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// A connection ended, or could not be opened.
    Closed(Peer),
    /// Sockets for a line's sound.
    Reserved {
        /// Whose.
        media: MediaId,
        /// The RTP port, `None` if there is none to be had.
        port: Option<u16>,
    },
}

/// What the core wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send this; over TCP on the connection to that address, or on a new one.
    Send {
        /// To whom.
        peer: Peer,
        /// One message.
        bytes: Vec<u8>,
    },
    /// Something about a line's sound.
    Media(MediaOrder),
}

/// The exchange.
#[derive(Debug)]
pub struct Core {
    wire: Wire,
    gate: Gate,
    registrar: Registrar,
    lines: Lines,
    events: Events,
    forks: Vec<Fork>,
}

impl Core {
    /// An exchange that is reached at `here`.
    pub fn new(config: &ExchangeConfig, here: SocketAddrV4, rng: Box<dyn RngCore + Send>) -> Self {
        Self {
            wire: Wire::new(here, rng),
            gate: Gate::new(&config.realm, &config.algorithms),
            registrar: Registrar::new(config.users.clone()),
            lines: Lines::new(config.times),
            events: Events::default(),
            forks: Vec::new(),
        }
    }

    /// Takes in what happened.
    pub fn handle(&mut self, now: Instant, input: Input) {
        match input {
            Input::Received { peer, bytes } => {
                let flow = self.wire.flow(peer);
                // What cannot be read was answered where that is possible; a practice exchange has nobody to tell.
                if let Err(error) = self.wire.layer.receive(now, flow, &bytes) {
                    log::debug!("exchange: ignored {} bytes from {}: {error}", bytes.len(), peer.remote);
                }
            }
            Input::Closed(peer) => self.wire.layer.flow_closed(peer.id()),
            Input::Reserved { media, port } => self.lines.reserved(now, &mut self.wire, media, port),
        }
        self.drain(now);
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<Output> {
        self.wire.out.pop_front()
    }

    /// When [`Self::wake`] wants to be called.
    pub fn next_wake(&self) -> Option<Instant> {
        let forks = self.forks.iter().filter_map(Fork::next_wake);
        forks
            .chain(self.wire.layer.next_wake())
            .chain(self.registrar.next_wake())
            .chain(self.lines.next_wake())
            .chain(self.events.next_wake())
            .min()
    }

    /// Does everything that is due.
    pub fn wake(&mut self, now: Instant) {
        self.wire.layer.wake(now);
        for fork in &mut self.forks {
            fork.wake(now, &mut self.wire);
        }
        for user in self.registrar.wake(now) {
            self.events.registered(&user);
        }
        self.lines.wake(now, &mut self.wire);
        self.events.wake(now, &mut self.wire, &self.registrar);
        self.drain(now);
    }

    /// How much is under way: transactions, requests passed on, calls of the lines, subscriptions. 0 when all is quiet.
    pub fn open(&self) -> usize {
        let (ours, theirs) = self.wire.layer.open();
        ours + theirs + self.forks.len() + self.lines.open() + self.events.open()
    }

    /// Deals with what happened and with what follows from it, until nothing does.
    fn drain(&mut self, now: Instant) {
        loop {
            let mut quiet = true;
            while let Some(happening) = self.wire.layer.poll() {
                quiet = false;
                self.happened(now, happening);
            }
            let wishes = self.lines.wishes();
            quiet &= wishes.is_empty();
            self.grant(now, wishes);
            let seen = std::mem::take(&mut self.wire.seen);
            self.events.seen(now, seen);
            self.events.tell_all(now, &mut self.wire, &self.registrar);
            if quiet {
                // What was told just now is sent in the last round.
                break;
            }
        }
        while let Some(happening) = self.wire.layer.poll() {
            self.happened(now, happening);
        }
        let layer = &self.wire.layer;
        self.forks.retain(|fork| !fork.is_over(layer));
    }

    fn happened(&mut self, now: Instant, happening: Happening) {
        match happening {
            Happening::Send { flow, bytes } => self.wire.bytes(Peer::of(flow), bytes),
            Happening::Request {
                key,
                flow,
                request,
                cancels,
            } => self.request(now, key, &flow, request, cancels),
            Happening::Ack { flow, request } => self.ack(now, &flow, request),
            Happening::Response { key, response, .. } => self.response(now, key, &response),
            Happening::TimedOut { key } => self.failed(now, key, 408),
            Happening::Broken { key } => self.failed(now, key, 480),
            Happening::Ended { .. } | Happening::Unacknowledged { .. } | Happening::Stranded { .. } => {}
        }
    }

    fn request(&mut self, now: Instant, key: ServerKey, flow: &Flow, request: Request, cancels: Option<ServerKey>) {
        let peer = Peer::of(flow.id);
        if request.method == Method::Cancel {
            return self.cancel(now, key, &request, cancels);
        }
        if request.headers.max_forwards() == Some(0) {
            return self.wire.refuse(now, key, &request, 483);
        }
        if self.wire.layer.is_merged(key) || self.wire.was_here(&request) {
            return self.wire.refuse(now, key, &request, 482);
        }
        if request.method == Method::Register {
            let (response, changed) = self
                .registrar
                .register(now, &mut self.gate, peer, &request, &mut *self.wire.rng);
            if let Some(user) = changed {
                self.events.registered(&user);
            }
            return self.wire.respond(now, key, &response);
        }
        match DialogId::of_request(&request) {
            Some(dialog) => self.within(now, (key, peer), &dialog, request),
            None => self.outside(now, (key, peer), request),
        }
    }

    /// A request inside a dialog.
    fn within(&mut self, now: Instant, (key, peer): (ServerKey, Peer), dialog: &DialogId, request: Request) {
        match request.method {
            Method::Bye => self.events.ended(now, &request),
            Method::Invite | Method::Update => self.events.reoffered(&request),
            _ => {}
        }
        if self.lines.owns(dialog) {
            self.lines.inside(now, &mut self.wire, (key, peer), &request);
        } else if self.events.owns(dialog) {
            self.events
                .inside(now, &mut self.wire, &self.registrar, (key, peer), &request);
        } else {
            self.pass_on(now, key, peer, request);
        }
    }

    fn cancel(&mut self, now: Instant, key: ServerKey, request: &Request, cancels: Option<ServerKey>) {
        let Some(invite) = cancels else {
            return self.wire.refuse(now, key, request, 481);
        };
        let tag = self.wire.token();
        self.wire.respond(now, key, &request.respond(200, Some(&tag)));
        self.lines.cancelled(now, &mut self.wire, invite);
        let reason = request.headers.get("Reason").map(str::to_owned);
        let meant = |fork: &&mut Fork| matches!(fork.upstream, Upstream::Phone { key, .. } if key == invite);
        if let Some(fork) = self.forks.iter_mut().find(meant) {
            fork.cancel(now, &mut self.wire, reason);
        }
    }

    fn response(&mut self, now: Instant, client: ClientKey, response: &Response) {
        let Some(fork) = self.forks.iter_mut().find(|fork| fork.has(client)) else {
            // To something the exchange said itself.
            self.lines.reanswered(now, &mut self.wire, client, Some(response));
            return self.events.answered(client, response.code());
        };
        if let Some(up) = fork.response(now, &mut self.wire, client, response.clone()) {
            self.up(now, &up);
        }
    }

    /// A request got no answer.
    fn failed(&mut self, now: Instant, client: ClientKey, code: u16) {
        let Some(fork) = self.forks.iter_mut().find(|fork| fork.has(client)) else {
            self.lines.reanswered(now, &mut self.wire, client, None);
            return self.events.answered(client, code);
        };
        if let Some(up) = fork.failed(now, &mut self.wire, client, code) {
            self.up(now, &up);
        }
    }

    fn up(&mut self, now: Instant, up: &Up) {
        match up.upstream {
            Upstream::Phone { key, .. } => self.wire.respond(now, key, &up.response),
            Upstream::Line(key) => {
                self.events.line_answered(now, &up.response);
                self.lines.answered(now, &mut self.wire, key, up);
            }
            Upstream::Nobody => {}
        }
    }
}

/// What is answered to OPTIONS and to methods nobody here knows.
fn abilities(response: &mut Response) {
    response.headers.push("Allow", ALLOW);
    response.headers.push("Accept", "application/sdp");
    response.headers.push("Supported", lines::SUPPORTED);
    response.headers.push("Allow-Events", crate::events::packages());
}

/// What the exchange deals with or passes on outside of dialogs.
const ALLOW: &str =
    "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, MESSAGE, REFER, NOTIFY, UPDATE, PRACK, REGISTER, SUBSCRIBE, PUBLISH";
