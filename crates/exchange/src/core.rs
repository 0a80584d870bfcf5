//! The exchange without sockets: decides for each message who deals with it.
//!
//! | What comes in | Who |
//! |---|---|
//! | REGISTER | the registrar |
//! | a request inside a dialog, an ACK | the line it belongs to, else passed on to the other party |
//! | INVITE to a line's number | the line |
//! | any of INVITE, MESSAGE, OPTIONS, INFO to a user | the proxy, after the gate if it comes from an unknown place |
//! | CANCEL | whoever has the INVITE |
//! | everything else | refused |
use crate::config::ExchangeConfig;
use crate::gate::{Gate, Verdict};
use crate::lines::{Line, Lines, MediaId, MediaOrder, Wish};
use crate::proxy::{Fork, Target, Up, Upstream, other_end};
use crate::registrar::Registrar;
use crate::wire::Wire;
use crate::{Peer, PeerTransport};
use parley_sip::dialog::DialogId;
use parley_sip::endpoint::Flow;
use parley_sip::transaction::{ClientKey, Happening, ServerKey};
use parley_sip::{Method, Request, Response, Transport, Uri};
use rand_core::RngCore;
use std::net::{IpAddr, SocketAddrV4};
use std::time::Instant;

/// Requests under way at once; more are refused.
const MAX_FORKS: usize = 256;
/// What the proxy passes on outside of dialogs.
const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, MESSAGE, REFER, NOTIFY, UPDATE, PRACK, REGISTER";

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
            Input::Reserved { media, port } => {
                let wish = self.lines.reserved(now, &mut self.wire, media, port);
                self.grant(now, wish);
            }
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
            .chain(self.lines.next_wake())
            .min()
    }

    /// Does everything that is due.
    pub fn wake(&mut self, now: Instant) {
        self.wire.layer.wake(now);
        for fork in &mut self.forks {
            fork.wake(now, &mut self.wire);
        }
        let wishes = self.lines.wake(now, &mut self.wire);
        self.grant(now, wishes);
        self.drain(now);
    }

    /// How much is under way: transactions, requests passed on, calls of the lines. 0 when all is quiet.
    pub fn open(&self) -> usize {
        let (ours, theirs) = self.wire.layer.open();
        ours + theirs + self.forks.len() + self.lines.open()
    }

    fn drain(&mut self, now: Instant) {
        while let Some(happening) = self.wire.layer.poll() {
            match happening {
                Happening::Send { flow, bytes } => self.wire.bytes(Peer::of(flow), bytes),
                Happening::Request {
                    key,
                    flow,
                    request,
                    cancels,
                } => self.request(now, key, &flow, request, cancels),
                Happening::Ack { flow, request } => self.ack(now, &flow, request),
                Happening::Response { key, response, .. } => self.response(now, key, response),
                Happening::TimedOut { key } => self.failed(now, key, 408),
                Happening::Broken { key } => self.failed(now, key, 480),
                Happening::Ended { .. } | Happening::Unacknowledged { .. } => {}
            }
        }
        let layer = &self.wire.layer;
        self.forks.retain(|fork| !fork.is_over(layer));
    }

    fn request(&mut self, now: Instant, key: ServerKey, flow: &Flow, request: Request, cancels: Option<ServerKey>) {
        let peer = Peer::of(flow.id);
        if request.method == Method::Cancel {
            return self.cancel(now, key, &request, cancels);
        }
        if request.headers.max_forwards() == Some(0) {
            return self.wire.refuse(now, key, &request, 483);
        }
        if self.wire.layer.is_merged(key) {
            return self.wire.refuse(now, key, &request, 482);
        }
        if request.method == Method::Register {
            let response = self
                .registrar
                .register(now, &mut self.gate, peer, &request, &mut *self.wire.rng);
            return self.wire.respond(now, key, &response);
        }
        match DialogId::of_request(&request) {
            Some(dialog) if self.lines.owns(&dialog) => self.lines.inside(now, &mut self.wire, key, peer, &request),
            Some(_) => self.pass_on(now, key, peer, request),
            None => self.outside(now, key, peer, request),
        }
    }

    /// A request that begins something.
    fn outside(&mut self, now: Instant, key: ServerKey, peer: Peer, request: Request) {
        let user = request.uri.user().unwrap_or_default();
        match request.method {
            Method::Options if user.is_empty() || Line::with_number(&user).is_some() => {
                let tag = self.wire.token();
                let mut response = request.respond(200, Some(&tag));
                response.headers.push("Allow", ALLOW);
                return self.wire.respond(now, key, &response);
            }
            Method::Invite | Method::Message | Method::Options | Method::Info => {}
            _ => {
                let tag = self.wire.token();
                let mut response = request.respond(405, Some(&tag));
                response.headers.push("Allow", ALLOW);
                return self.wire.respond(now, key, &response);
            }
        }
        if !self.registrar.knows(now, peer) && !self.may_enter(now, key, &request) {
            return;
        }
        if request.method == Method::Invite {
            self.wire.respond(now, key, &request.respond(100, None));
            if let Some(line) = Line::with_number(&user) {
                return self.lines.invited(now, &mut self.wire, line, key, peer, request);
            }
        }
        let Some(phones) = self.registrar.phones(now, &user) else {
            return self.wire.refuse(now, key, &request, 404);
        };
        let targets = phones
            .into_iter()
            .map(|phone| Target {
                uri: phone.contact,
                peer: phone.peer,
            })
            .collect();
        self.fork(now, Upstream::Phone { key, peer }, request, targets);
    }

    /// The gate for those who did not register from where they call.
    fn may_enter(&mut self, now: Instant, key: ServerKey, request: &Request) -> bool {
        let credentials = request.headers.proxy_authorization();
        let verdict = self
            .gate
            .judge(now, request, &credentials, self.registrar.users(), &mut *self.wire.rng);
        match verdict {
            Verdict::Passed(_) => return true,
            Verdict::Wrong => self.wire.refuse(now, key, request, 403),
            Verdict::Challenge(values) => {
                let tag = self.wire.token();
                let mut response = request.respond(407, Some(&tag));
                values
                    .iter()
                    .for_each(|value| response.headers.push("Proxy-Authenticate", value));
                self.wire.respond(now, key, &response);
            }
        }
        false
    }

    /// A request inside a dialog of others.
    fn pass_on(&mut self, now: Instant, key: ServerKey, peer: Peer, mut request: Request) {
        match self.way_on(now, peer, &mut request) {
            Some(way) => {
                let target = Target {
                    uri: request.uri.clone(),
                    peer: way,
                };
                self.fork(now, Upstream::Phone { key, peer }, request, vec![target]);
            }
            None => self.wire.refuse(now, key, &request, 481),
        }
    }

    fn ack(&mut self, now: Instant, flow: &Flow, mut request: Request) {
        let Some(dialog) = DialogId::of_request(&request) else {
            return;
        };
        if self.lines.owns(&dialog) {
            return self.lines.acknowledged(&mut self.wire, &request);
        }
        if request.headers.max_forwards() == Some(0) {
            return;
        }
        if let Some(way) = self.way_on(now, Peer::of(flow.id), &mut request) {
            ready_to_pass(&mut request);
            self.wire.send_alone(way, request);
        }
    }

    /// Takes our own Routes off and finds the way to the other party: its registration, else the way the dialog was made
    /// by, else the address itself if it is on this machine.
    fn way_on(&self, now: Instant, from: Peer, request: &mut Request) -> Option<Peer> {
        let routes = request.headers.route();
        let own = routes.iter().take_while(|route| self.wire.is_here(route)).count();
        request.headers.remove("Route");
        for route in routes.iter().skip(own).rev() {
            request.headers.push_front("Route", route);
        }
        let next = routes.get(own).map_or(&request.uri, |route| &route.uri);
        let registered = self.registrar.way_to(now, next);
        let noted = || routes.iter().take(own).find_map(|route| other_end(route, from));
        let way = registered.or_else(noted).or_else(|| address(next))?;
        // Not to others' machines, and not to ourselves.
        (way.remote.ip().is_loopback() && way.remote != self.wire.here).then_some(way)
    }

    fn fork(&mut self, now: Instant, upstream: Upstream, mut request: Request, targets: Vec<Target>) {
        let refusal = match targets.len() {
            0 => Some(480),
            _ if self.forks.len() >= MAX_FORKS => Some(503),
            _ => None,
        };
        if let Some(code) = refusal {
            let tag = self.wire.token();
            let response = request.respond(code, Some(&tag));
            return self.up(
                now,
                &Up {
                    upstream,
                    from: None,
                    response,
                },
            );
        }
        if matches!(upstream, Upstream::Phone { .. }) {
            ready_to_pass(&mut request);
            self.strip_own_routes(&mut request);
        }
        let fork = Fork::start(now, &mut self.wire, upstream, request, targets);
        self.forks.push(fork);
    }

    /// A phone that was told to go by us says so in a Route.
    fn strip_own_routes(&self, request: &mut Request) {
        let routes = request.headers.route();
        request.headers.remove("Route");
        for route in routes
            .iter()
            .skip_while(|route| self.wire.is_here(route))
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
        {
            request.headers.push_front("Route", route);
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

    fn response(&mut self, now: Instant, client: ClientKey, response: Response) {
        // Requests of the lines and CANCELs have no fork: nobody waits for their answers.
        let Some(fork) = self.forks.iter_mut().find(|fork| fork.has(client)) else {
            return;
        };
        if let Some(up) = fork.response(now, &mut self.wire, client, response) {
            self.up(now, &up);
        }
    }

    fn failed(&mut self, now: Instant, client: ClientKey, code: u16) {
        let up = self
            .forks
            .iter_mut()
            .find(|fork| fork.has(client))
            .and_then(|fork| fork.failed(client, code));
        if let Some(up) = up {
            self.up(now, &up);
        }
    }

    fn up(&mut self, now: Instant, up: &Up) {
        match up.upstream {
            Upstream::Phone { key, .. } => self.wire.respond(now, key, &up.response),
            Upstream::Line(key) => self.lines.answered(now, &mut self.wire, key, up),
        }
    }

    fn grant(&mut self, now: Instant, wishes: impl IntoIterator<Item = Wish>) {
        for wish in wishes {
            match wish {
                Wish::Call { key, user, request } => {
                    let Some(phones) = self.registrar.phones(now, &user) else {
                        let response = request.respond(404, Some("exchange"));
                        self.up(
                            now,
                            &Up {
                                upstream: Upstream::Line(key),
                                from: None,
                                response,
                            },
                        );
                        continue;
                    };
                    let targets = phones.into_iter().map(|phone| Target {
                        uri: phone.contact,
                        peer: phone.peer,
                    });
                    let targets = targets.collect();
                    self.fork(now, Upstream::Line(key), *request, targets);
                }
                Wish::GiveUp(key) => {
                    if let Some(fork) = self.forks.iter_mut().find(|fork| fork.upstream == Upstream::Line(key)) {
                        fork.cancel(now, &mut self.wire, None);
                    }
                }
            }
        }
    }
}

/// What a proxy changes in every request (RFC 3261 section 16.6).
fn ready_to_pass(request: &mut Request) {
    let left = request.headers.max_forwards().unwrap_or(71).saturating_sub(1);
    request.headers.set("Max-Forwards", left);
    request.headers.remove("Proxy-Authorization");
}

/// The address a URI names, if it names one.
fn address(uri: &Uri) -> Option<Peer> {
    let sip = uri.sip().filter(|sip| !sip.secure)?;
    let IpAddr::V4(host) = sip.host.ip()? else { return None };
    let transport = match sip.transport() {
        None | Some(Transport::Udp) => PeerTransport::Udp,
        Some(Transport::Tcp) => PeerTransport::Tcp,
        Some(_) => return None,
    };
    Some(Peer {
        transport,
        remote: SocketAddrV4::new(host, sip.port.unwrap_or(5060)),
    })
}
