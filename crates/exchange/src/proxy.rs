//! The proxy (RFC 3261 section 16): one request goes to one or several phones, the answers come back as one.
//!
//! | What comes from a branch | What goes on |
//! |---|---|
//! | 1xx | it goes up, unless it is 100; if the call is being cancelled, the branch is cancelled now |
//! | 2xx | it goes up at once (repeated ones too); the other branches are cancelled: completed elsewhere |
//! | 6xx | the other branches are cancelled; the best answer goes up when all are in |
//! | 3xx-5xx, time-out (408), broken way (480) | the best answer goes up when all are in |
//! | three minutes of ringing (timer C) | all branches are cancelled |
//!
//! Phones of the highest `q` ring together; those of the next one when all have refused or rung for twenty seconds. 3xx
//! goes up like any refusal: whom to call instead is for the caller to decide.

use crate::Peer;
use crate::lines::CallKey;
use crate::wire::Wire;
use parley_sip::headers::Reason;
use parley_sip::transaction::{ClientKey, Layer, ServerKey};
use parley_sip::{Method, NameAddr, Request, Response, Uri};
use std::time::{Duration, Instant};

/// Timer C (section 16.6, step 11).
const TIMER_C: Duration = Duration::from_secs(180);
/// How long phones ring before those of a lower `q` do.
const NEXT: Duration = Duration::from_secs(20);

/// Where the answers go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Upstream {
    /// To a phone.
    Phone { key: ServerKey, peer: Peer },
    /// To a practice line that calls.
    Line(CallKey),
    /// To nobody: the exchange said something by itself.
    Nobody,
}

/// One request on its way to its targets.
#[derive(Debug)]
pub(crate) struct Fork {
    pub(crate) upstream: Upstream,
    request: Request,
    branches: Vec<Branch>,
    /// Those to be tried when all branches have refused.
    later: Vec<Target>,
    decision: Decision,
    give_up: Instant,
    next: Option<Instant>,
}

#[derive(Debug)]
struct Branch {
    client: ClientKey,
    peer: Peer,
    state: BranchState,
}

#[derive(Debug)]
enum BranchState {
    /// No final answer yet.
    Waiting,
    /// To be cancelled for this reason as soon as a provisional answer allows it.
    ToCancel(Option<String>),
    /// The CANCEL is out.
    Cancelled,
    /// A final answer that is not 2xx.
    Refused(Box<Response>),
    /// 2xx.
    Taken,
}

/// What went up for good.
#[derive(Debug, PartialEq, Eq)]
enum Decision {
    Open,
    Answered,
    Refused,
}

/// An answer for upstream.
#[derive(Debug)]
pub(crate) struct Up {
    pub(crate) upstream: Upstream,
    /// The way the answer came by; `None` if it was made here.
    pub(crate) from: Option<Peer>,
    pub(crate) response: Response,
}

/// Where a branch goes.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) uri: Uri,
    pub(crate) peer: Peer,
    /// Proxies between, next one first (RFC 3327).
    pub(crate) path: Vec<NameAddr>,
    /// How much it is preferred, in thousandths.
    pub(crate) q: u16,
}

impl Target {
    /// An address and the way to it.
    pub(crate) fn at(uri: Uri, peer: Peer) -> Self {
        Self {
            uri,
            peer,
            path: Vec::new(),
            q: 1000,
        }
    }
}

impl Fork {
    /// Sends the request to the targets preferred most. It must be ready to be passed on but for its Request-URI.
    pub(crate) fn start(
        now: Instant,
        wire: &mut Wire,
        upstream: Upstream,
        request: Request,
        mut targets: Vec<Target>,
    ) -> Self {
        targets.sort_by_key(|target| std::cmp::Reverse(target.q));
        let mut fork = Self {
            upstream,
            request,
            branches: Vec::new(),
            later: targets,
            decision: Decision::Open,
            give_up: now + TIMER_C,
            next: None,
        };
        fork.try_next(now, wire);
        fork
    }

    /// The next targets of the same preference. `false` if there are none.
    fn try_next(&mut self, now: Instant, wire: &mut Wire) -> bool {
        let Some(q) = self.later.first().map(|target| target.q) else {
            return false;
        };
        let (these, later) = std::mem::take(&mut self.later)
            .into_iter()
            .partition(|target| target.q == q);
        self.later = later;
        let within = self.request.headers.to().is_some_and(|to| to.tag().is_some());
        let record = makes_dialog(&self.request.method) && !within;
        for target in these {
            let mut copy = self.request.clone();
            copy.uri = target.uri;
            target
                .path
                .iter()
                .rev()
                .for_each(|hop| copy.headers.push_front("Route", hop));
            if let Upstream::Phone { peer, .. } = self.upstream
                && record
            {
                record_route(wire, &mut copy, peer, target.peer);
            }
            let client = wire.request(now, target.peer, copy);
            self.branches.push(Branch {
                client,
                peer: target.peer,
                state: BranchState::Waiting,
            });
        }
        self.next = (!self.later.is_empty()).then(|| now + NEXT);
        true
    }

    pub(crate) fn has(&self, client: ClientKey) -> bool {
        self.branches.iter().any(|branch| branch.client == client)
    }

    /// All is told, and nothing more can come from any branch.
    pub(crate) fn is_over(&self, layer: &Layer) -> bool {
        let silent = |branch: &Branch| !branch.is_waiting() && layer.request(branch.client).is_none();
        self.decision != Decision::Open && self.branches.iter().all(silent)
    }

    /// When timer C fires or the next phones shall ring, while anything can still be cancelled.
    pub(crate) fn next_wake(&self) -> Option<Instant> {
        let rings = self
            .branches
            .iter()
            .any(|branch| matches!(branch.state, BranchState::Waiting));
        let at = self.next.map_or(self.give_up, |next| next.min(self.give_up));
        (rings && self.request.method == Method::Invite).then_some(at)
    }

    pub(crate) fn wake(&mut self, now: Instant, wire: &mut Wire) {
        if self.next_wake().is_none_or(|at| at > now) {
            return;
        }
        if self.give_up <= now {
            self.cancel(now, wire, None);
        } else {
            // The others ring when all of these have said that they are cancelled.
            self.next = None;
            self.cancel_branches(now, wire, None);
        }
    }

    /// Gives the request up: cancels every branch that still waits, and tries no others.
    pub(crate) fn cancel(&mut self, now: Instant, wire: &mut Wire, reason: Option<String>) {
        self.later.clear();
        self.next = None;
        self.cancel_branches(now, wire, reason);
    }

    fn cancel_branches(&mut self, now: Instant, wire: &mut Wire, reason: Option<String>) {
        for branch in self
            .branches
            .iter_mut()
            .filter(|branch| matches!(branch.state, BranchState::Waiting))
        {
            branch.cancel(now, wire, reason.clone());
        }
    }

    pub(crate) fn response(
        &mut self,
        now: Instant,
        wire: &mut Wire,
        client: ClientKey,
        response: Response,
    ) -> Option<Up> {
        let branch = self.branches.iter_mut().find(|branch| branch.client == client)?;
        let from = Some(branch.peer);
        match response.code() {
            code @ 100..=199 => {
                self.give_up = now + TIMER_C;
                if let BranchState::ToCancel(reason) = &branch.state {
                    let reason = reason.clone();
                    branch.cancel(now, wire, reason);
                }
                (code != 100 && self.decision == Decision::Open).then(|| self.up(from, response))
            }
            200..=299 => {
                branch.state = BranchState::Taken;
                self.decision = Decision::Answered;
                self.cancel(
                    now,
                    wire,
                    Some(Reason::sip(200, "Call completed elsewhere").to_string()),
                );
                Some(self.up(from, response))
            }
            code => {
                branch.state = BranchState::Refused(Box::new(response));
                if code >= 600 {
                    self.cancel(now, wire, None);
                }
                self.decide(now, wire)
            }
        }
    }

    /// A branch got no final answer: it timed out or its way broke.
    pub(crate) fn failed(&mut self, now: Instant, wire: &mut Wire, client: ClientKey, code: u16) -> Option<Up> {
        let branch = self.branches.iter_mut().find(|branch| branch.client == client)?;
        let code = match branch.state {
            BranchState::Waiting => code,
            BranchState::ToCancel(_) | BranchState::Cancelled => 487,
            BranchState::Refused(_) | BranchState::Taken => return None,
        };
        // As if the branch had said so (section 16.7); the tag keeps the answer well formed.
        branch.state = BranchState::Refused(Box::new(self.request.respond(code, Some("exchange"))));
        self.decide(now, wire)
    }

    fn decide(&mut self, now: Instant, wire: &mut Wire) -> Option<Up> {
        if self.decision != Decision::Open || self.branches.iter().any(Branch::is_waiting) {
            return None;
        }
        if self.try_next(now, wire) {
            return None;
        }
        self.decision = Decision::Refused;
        let refusals = self.branches.iter().filter_map(|branch| match &branch.state {
            BranchState::Refused(response) => Some((branch.peer, response)),
            _ => None,
        });
        let (peer, best) = refusals.min_by_key(|(_, response)| rank(response.code()))?;
        Some(self.up(Some(peer), (**best).clone()))
    }

    /// The answer as the one upstream must see it: his Via on top, whatever was made of the request on the way.
    fn up(&self, from: Option<Peer>, mut response: Response) -> Up {
        response.headers.remove("Via");
        for via in self
            .request
            .headers
            .get_all("Via")
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
        {
            response.headers.push_front("Via", via);
        }
        Up {
            upstream: self.upstream,
            from,
            response,
        }
    }
}

impl Branch {
    fn is_waiting(&self) -> bool {
        matches!(
            self.state,
            BranchState::Waiting | BranchState::ToCancel(_) | BranchState::Cancelled
        )
    }

    fn cancel(&mut self, now: Instant, wire: &mut Wire, reason: Option<String>) {
        let extra: Vec<(&str, String)> = reason.iter().map(|reason| ("Reason", reason.clone())).collect();
        // Not possible before a provisional answer: then it is done when that comes (section 9.1).
        self.state = match wire.layer.cancel(now, self.client, &extra) {
            Some(_) => BranchState::Cancelled,
            None => BranchState::ToCancel(reason),
        };
    }
}

/// Which refusal tells the caller most (section 16.7, step 6): 6xx first, then what a person did or can act upon.
fn rank(code: u16) -> (u8, u16) {
    let class = match code {
        600.. => 0,
        401 | 407 | 415 | 420 | 484 => 1,
        486 => 2,
        300..=399 => 3,
        400..=499 if code != 408 && code != 480 && code != 487 => 4,
        487 => 5,
        480 => 6,
        408 => 7,
        _ => 8,
    };
    (class, code)
}

/// Whether the request may begin a dialog (RFC 3261 section 12, RFC 3515, RFC 6665): the proxy stays on its path then.
fn makes_dialog(method: &Method) -> bool {
    matches!(method, Method::Invite | Method::Refer | Method::Subscribe)
}

/// Stays on the path of the dialog. The address carries both ways, so that requests inside the dialog find the other
/// party however they came; one line a transport where the two differ (RFC 5658).
fn record_route(wire: &Wire, request: &mut Request, caller: Peer, callee: Peer) {
    let user = format!("{:x}-{:x}", caller.id().0, callee.id().0);
    let line = |peer: Peer| {
        let mut uri = wire.uri(&user);
        if peer.transport == crate::PeerTransport::Tcp {
            uri = uri.with_param("transport", Some("tcp"));
        }
        NameAddr::new(uri.with_param("lr", None))
    };
    request.headers.push_front("Record-Route", line(caller));
    if caller.transport != callee.transport {
        request.headers.push_front("Record-Route", line(callee));
    }
}

/// The way a Record-Route of ours tells: to the one of the two that the request does not come from.
pub(crate) fn other_end(route: &NameAddr, from: Peer) -> Option<Peer> {
    let user = route.uri.user()?;
    let (caller, callee) = user.split_once('-')?;
    let peer = |text: &str| {
        u64::from_str_radix(text, 16)
            .ok()
            .map(|id| Peer::of(parley_sip::endpoint::FlowId(id)))
    };
    let (caller, callee) = (peer(caller)?, peer(callee)?);
    if from == caller {
        Some(callee)
    } else {
        (from == callee).then_some(caller)
    }
}
