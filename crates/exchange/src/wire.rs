//! What everything in the core writes to: transactions, randomness, outputs.
use crate::core::Output;
use crate::{MediaOrder, Peer};
use parley_sip::endpoint::Flow;
use parley_sip::transaction::{ClientKey, Layer, Limits, ServerKey, branch};
use parley_sip::{Host, Method, NameAddr, Request, Response, SipUri, Via};
use rand_core::RngCore;
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddrV4};
use std::time::Instant;

/// Bounds: a practice exchange serves one desk.
const LIMITS: Limits = Limits {
    clients: 512,
    servers: 512,
};

pub(crate) struct Wire {
    pub(crate) here: SocketAddrV4,
    pub(crate) layer: Layer,
    pub(crate) rng: Box<dyn RngCore + Send>,
    pub(crate) out: VecDeque<Output>,
    /// What was answered and ended here since this was last looked at, for those who watch calls.
    pub(crate) seen: Vec<Seen>,
}

/// News of a call that somebody may watch.
#[derive(Debug)]
pub(crate) enum Seen {
    /// An answer to an INVITE.
    Answered(Box<Response>),
    /// A BYE of a line.
    Ended(Box<Request>),
}

impl Wire {
    pub(crate) fn new(here: SocketAddrV4, rng: Box<dyn RngCore + Send>) -> Self {
        Self {
            here,
            layer: Layer::new(LIMITS),
            rng,
            out: VecDeque::new(),
            seen: Vec::new(),
        }
    }

    pub(crate) fn respond(&mut self, now: Instant, key: ServerKey, response: &Response) {
        if response
            .headers
            .cseq()
            .is_some_and(|cseq| cseq.method == Method::Invite)
            && response.code() > 100
        {
            self.seen.push(Seen::Answered(Box::new(response.clone())));
        }
        // Too late for an answer is nobody's fault: the transaction ended while it was on its way.
        let _ = self.layer.respond(now, key, response);
    }

    /// Refuses with a bare status.
    pub(crate) fn refuse(&mut self, now: Instant, key: ServerKey, request: &Request, code: u16) {
        let tag = self.token();
        self.respond(now, key, &request.respond(code, Some(&tag)));
    }

    pub(crate) fn request(&mut self, now: Instant, peer: Peer, request: Request) -> ClientKey {
        if request.method == Method::Bye {
            self.seen.push(Seen::Ended(Box::new(request.clone())));
        }
        let branch = branch(&mut *self.rng);
        self.layer.send_request(now, &self.flow(peer), request, branch)
    }

    /// Sends outside of any transaction; gives the bytes to be sent again.
    pub(crate) fn send_alone(&mut self, peer: Peer, request: Request) -> Vec<u8> {
        let branch = branch(&mut *self.rng);
        let flow = self.flow(peer);
        self.layer.send_alone(&flow, request, &branch)
    }

    pub(crate) fn bytes(&mut self, peer: Peer, bytes: Vec<u8>) {
        self.out.push_back(Output::Send { peer, bytes });
    }

    pub(crate) fn media(&mut self, order: MediaOrder) {
        self.out.push_back(Output::Media(order));
    }

    pub(crate) fn flow(&self, peer: Peer) -> Flow {
        peer.flow(self.here)
    }

    /// A tag, Call-ID or the like.
    pub(crate) fn token(&mut self) -> String {
        format!("{:016x}", self.rng.next_u64())
    }

    /// `sip:user@here`.
    pub(crate) fn uri(&self, user: &str) -> SipUri {
        SipUri::new(Host::from(IpAddr::V4(*self.here.ip())))
            .with_user(user)
            .with_port(self.here.port())
    }

    /// Whether the URI is of this exchange.
    pub(crate) fn is_here(&self, address: &NameAddr) -> bool {
        let sip = address.uri.sip();
        sip.is_some_and(|sip| sip.host.ip() == Some(IpAddr::V4(*self.here.ip())) && sip.port == Some(self.here.port()))
    }

    /// Whether this request was here before (RFC 3261 section 16.3, step 4).
    pub(crate) fn was_here(&self, request: &Request) -> bool {
        let ours = |via: &Via| {
            via.sent_by.host.ip() == Some(IpAddr::V4(*self.here.ip())) && via.sent_by.port == Some(self.here.port())
        };
        request.headers.vias().iter().any(ours)
    }
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wire").field("here", &self.here).finish_non_exhaustive()
    }
}
