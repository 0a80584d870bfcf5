//! Flows: what waits for one to open, what happens when one closes, and which one a request takes.

use std::net::SocketAddr;
use std::time::Instant;

use crate::locate::default_port;
use crate::{SipUri, Transport, Uri};

use super::elsewhere::Verdict;
use super::request::Outgoing;
use super::{
    AccountId, Endpoint, Flow, FlowId, NextHop, Output, RegistrationFailure, RouteId, SessionId, TransportError,
};

/// What waits for the answer to [`Output::Open`].
#[derive(Debug)]
pub(super) enum Waiting {
    /// A registration.
    Register(AccountId),
    /// A registration that may be better off with another server.
    Elsewhere(AccountId),
    /// A line that could go back to a server it left.
    Back(AccountId),
    /// A call before its INVITE.
    Invite(SessionId),
    /// A call whose way may be another one now.
    Move(SessionId),
    /// A request whose server failed.
    Next { outgoing: Box<Outgoing>, verdict: Verdict },
    /// Answers whose flow closed, to where they are owed.
    Answers { closed: FlowId, to: SocketAddr },
    /// Any other request; it takes the other flow if this one cannot be opened.
    Request {
        outgoing: Box<Outgoing>,
        otherwise: Option<Flow>,
    },
}

/// How a request shall travel.
#[derive(Debug)]
pub(super) enum Way {
    /// On this flow.
    Flow(Flow),
    /// To there; on the flow if there is no way.
    Open(NextHop, Option<Flow>),
}

impl NextHop {
    /// The first step towards a URI (RFC 3263 section 4).
    pub(super) fn of(uri: &SipUri) -> Self {
        let host = match uri.params.get("maddr").and_then(crate::Host::parse_lenient) {
            Some(maddr) => maddr,
            None => uri.host.clone(),
        };
        Self {
            host,
            port: uri.port,
            transport: uri.transport(),
            secure: uri.secure,
            trust: super::Trust::default(),
        }
    }

    /// Whether the flow leads exactly there; a name is never compared, its address may have changed.
    fn is_met_by(&self, flow: &Flow) -> bool {
        let transport = match self.transport {
            // A URI says `ws` for both (RFC 7118 section 5.2.2).
            Some(Transport::Ws) if flow.transport == Transport::Wss => Transport::Wss,
            Some(given) => given,
            None if self.secure => Transport::Tls,
            None => Transport::Udp,
        };
        self.host.ip() == Some(flow.remote.ip())
            && self.port.unwrap_or_else(|| default_port(transport)) == flow.remote.port()
            && (self.transport.is_none() || transport == flow.transport)
            && (!self.secure || matches!(flow.transport, Transport::Tls | Transport::Wss))
    }
}

/// Whether a route is the other end of a WebSocket: its server is reached by that one connection, whatever address it
/// writes there (RFC 7118 sections 5 and 7; the parameter is `ws` for the secure one too).
fn is_web_socket(route: &SipUri, flow: &Flow) -> bool {
    let web = |transport| matches!(transport, Transport::Ws | Transport::Wss);
    route.is_loose_router() && route.transport().is_some_and(web) && web(flow.transport)
}

impl Endpoint {
    pub(super) fn open(&mut self, hop: NextHop, waiting: Waiting) -> RouteId {
        let route = RouteId(self.new_id());
        self.routes.insert(route, waiting);
        self.out.push_back(Output::Open { route, hop });
        route
    }

    pub(super) fn opened(&mut self, now: Instant, route: RouteId, flow: Flow) {
        match self.routes.remove(&route) {
            Some(Waiting::Register(account)) => self.register_on(now, account, route, flow),
            Some(Waiting::Elsewhere(account)) => self.found_elsewhere(now, account, route, flow),
            Some(Waiting::Back(account)) => self.found_way_home(now, account, flow),
            Some(Waiting::Invite(session)) => self.reached(now, session, flow),
            Some(Waiting::Move(session)) => self.moved(now, session, flow),
            Some(Waiting::Next { outgoing, verdict }) => self.next_server(now, flow, *outgoing, verdict),
            Some(Waiting::Answers { closed, to }) => self.found_way_back(closed, to, flow),
            Some(Waiting::Request { outgoing, .. }) => self.send_on(now, flow, *outgoing),
            None => {}
        }
    }

    /// All the servers the question leads to belong to whoever asked it.
    pub(super) fn candidates(&mut self, route: RouteId, remotes: &[SocketAddr]) {
        let account = match self.routes.get(&route) {
            Some(Waiting::Register(account) | Waiting::Elsewhere(account) | Waiting::Back(account)) => *account,
            _ => return,
        };
        if let Some(account) = self.accounts.get_mut(&account) {
            remotes.iter().for_each(|remote| account.remember_home(remote.ip()));
        }
    }

    pub(super) fn open_failed(&mut self, now: Instant, route: RouteId, why: TransportError) {
        match self.routes.remove(&route) {
            Some(Waiting::Register(account) | Waiting::Elsewhere(account)) => {
                self.register_unreachable(now, account, route, why)
            }
            Some(Waiting::Invite(session)) => self.unreachable(now, session, why),
            Some(Waiting::Next { outgoing, verdict }) => self.no_next_server(now, *outgoing, verdict),
            Some(Waiting::Request {
                outgoing,
                otherwise: Some(flow),
            }) => {
                if outgoing.settled {
                    self.no_connection(now, &flow);
                }
                self.send_on(now, flow, *outgoing);
            }
            Some(Waiting::Request {
                outgoing,
                otherwise: None,
            }) => self.failed(now, *outgoing, Some(why)),
            Some(Waiting::Back(_) | Waiting::Move(_) | Waiting::Answers { .. }) | None => {}
        }
    }

    pub(super) fn closed(&mut self, now: Instant, flow: FlowId, why: TransportError) {
        self.last_close = why.clone();
        self.doubted.retain(|doubted| doubted.flow != flow);
        for session in self.sessions.values_mut() {
            session.flow_closed(flow);
        }
        for waiting in self.routes.values_mut() {
            if let Waiting::Request { otherwise, .. } = waiting
                && otherwise.is_some_and(|other| other.id == flow)
            {
                *otherwise = None;
            }
        }
        self.registrations_lost(now, flow, &RegistrationFailure::Unreachable(why));
        self.layer.flow_closed(flow);
    }

    /// Answers are owed where no flow leads any more: to whoever asked, and never to another server (RFC 3261 section 18.2.2).
    pub(super) fn look_for_way_back(&mut self, closed: Flow, to: SocketAddr) {
        let known = self.routes.values().any(|waiting| {
            matches!(waiting, Waiting::Answers { closed: flow, to: there } if *flow == closed.id && *there == to)
        });
        if known {
            return;
        }
        let hop = NextHop {
            port: Some(to.port()),
            transport: Some(closed.transport),
            ..NextHop::new(to.ip().into())
        };
        let own = self.accounts.values().find(|account| account.is_home(to.ip()));
        let hop = own.map_or_else(|| hop.clone(), |account| account.trusting(hop.clone()));
        let closed = closed.id;
        self.open(hop, Waiting::Answers { closed, to });
    }

    fn found_way_back(&mut self, closed: FlowId, to: SocketAddr, flow: Flow) {
        if flow.remote == to {
            self.layer.rescue(closed, to, flow);
        }
    }

    /// The way to a URI for an account: on the flow at hand or the account's own when they lead there, else a new one.
    pub(super) fn way_to(&self, account: AccountId, uri: &Uri, at_hand: Option<Flow>) -> Option<Way> {
        let account = self.account_or_former(account);
        let own = account.and_then(|account| account.flow);
        let Some(uri) = uri.sip() else {
            return at_hand.or(own).map(Way::Flow);
        };
        let hop = NextHop::of(uri);
        let mut known = [at_hand, own].into_iter().flatten();
        if let Some(flow) = known.find(|flow| hop.is_met_by(flow) || is_web_socket(uri, flow)) {
            return Some(Way::Flow(flow));
        }
        let Some(account) = account else {
            return Some(Way::Open(hop, at_hand));
        };
        let hop = account.trusting(hop);
        let home = account.hop();
        if hop.host == home.host
            && hop.port == home.port
            && (hop.transport.is_none() || hop.transport == home.transport)
            && hop.secure == home.secure
        {
            return Some(own.map_or(Way::Open(home, at_hand), Way::Flow));
        }
        Some(Way::Open(hop, at_hand.or(own)))
    }
}
