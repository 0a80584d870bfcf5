//! What is passed on, and where to (RFC 3261 section 16).
use super::{Core, MAX_FORKS};
use crate::proxy::{Fork, Target, Up, Upstream, other_end};
use crate::{Peer, PeerTransport};
use parley_sip::dialog::DialogId;
use parley_sip::endpoint::Flow;
use parley_sip::transaction::ServerKey;
use parley_sip::{Request, Transport, Uri};
use std::net::{IpAddr, SocketAddrV4};
use std::time::Instant;

impl Core {
    /// A request inside a dialog of others.
    pub(super) fn pass_on(&mut self, now: Instant, key: ServerKey, peer: Peer, mut request: Request) {
        match self.way_on(now, peer, &mut request) {
            Some(way) => {
                let target = Target::at(request.uri.clone(), way);
                self.fork(now, Upstream::Phone { key, peer }, request, vec![target]);
            }
            None => self.wire.refuse(now, key, &request, 481),
        }
    }

    pub(super) fn ack(&mut self, now: Instant, flow: &Flow, mut request: Request) {
        let Some(dialog) = DialogId::of_request(&request) else {
            return;
        };
        if self.lines.owns(&dialog) {
            return self.lines.acknowledged(&mut self.wire, &request);
        }
        if request.headers.max_forwards() == Some(0) || self.wire.was_here(&request) {
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
        if routes.len() == own
            && let Some(phone) = self.registrar.instance(now, &request.uri)
        {
            // An address of ours for that phone: it gets its own (RFC 5627 section 5.1).
            request.uri = phone.uri;
            return Some(phone.peer);
        }
        let next = routes.get(own).map_or(&request.uri, |route| &route.uri);
        let registered = self.registrar.way_to(now, next);
        let noted = || routes.iter().take(own).find_map(|route| other_end(route, from));
        let way = registered.or_else(noted).or_else(|| address(next))?;
        self.is_passable(way).then_some(way)
    }

    /// Not to others' machines, and not to ourselves.
    fn is_passable(&self, way: Peer) -> bool {
        way.remote.ip().is_loopback() && way.remote != self.wire.here
    }

    /// Whom a request to this URI is for: a user's phones, or the one phone with that address. `None`: nobody.
    pub(super) fn targets(&self, now: Instant, uri: &Uri) -> Option<Vec<Target>> {
        if let Some(way) = self.registrar.way_to(now, uri) {
            return Some(vec![Target::at(uri.clone(), way)]);
        }
        if let Some(phones) = self.registrar.targets(now, uri) {
            return Some(phones);
        }
        let way = address(uri).filter(|way| self.is_passable(*way))?;
        Some(vec![Target::at(uri.clone(), way)])
    }

    pub(super) fn fork(&mut self, now: Instant, upstream: Upstream, mut request: Request, targets: Vec<Target>) {
        let refusal = match targets.len() {
            0 => Some(480),
            _ if self.forks.len() >= MAX_FORKS => Some(503),
            _ => None,
        };
        if let Some(code) = refusal {
            let tag = self.wire.token();
            let response = request.respond(code, Some(&tag));
            let up = Up {
                upstream,
                from: None,
                response,
            };
            return self.up(now, &up);
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
        let others: Vec<_> = routes.iter().skip_while(|route| self.wire.is_here(route)).collect();
        for route in others.into_iter().rev() {
            request.headers.push_front("Route", route);
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
