//! Registrations (RFC 3261 section 10.2, RFC 5626).
//!
//! ```text
//! Phase     on                          does                                      becomes
//! Idle      alarm Register, a person    asks for a flow, or sends REGISTER        Opening, Asking
//! Opening   flow opened                 sends REGISTER                            Asking
//!           opened where it failed      Failed, alarm after a pause               Idle
//!           no way                      Failed, alarm after a pause               Idle
//! Asking    200 with our Contact        Registered, alarm well before expiry      Idle
//!           200, our address differs    the same with the address learned         Asking (once a round)
//!           200 without our Contact     Failed, alarm after a pause               Idle
//!           401, 407                    REGISTER with credentials                 Asking (in `credentials`)
//!           423                         REGISTER for longer                       Asking
//!           439                         REGISTER without Outbound                 Asking
//!           3xx                         asks for a flow to there                  Opening
//!           5xx, none                   avoids the server, asks for another one   Opening
//!           other answers               Failed, alarm after a pause               Idle
//!           alarm Patience              looks for another server meanwhile        Asking
//!                                       (or for another connection to this one)
//! any       flow closed or dead         Failed, again at once                     Opening
//!           the network changed         again at once                             Opening, Asking
//! ```
//!
//! How long the pauses are stands in [`pause`](super::pause); how a flow is found dead, in [`alive`](super::alive).

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use crate::auth::{ChallengeRefused, DigestClient};
use crate::transaction::ClientKey;
use crate::{NameAddr, Transport, Uri};

use super::alive::Life;
use super::flow::Waiting;
use super::going_back::Left;
use super::pause::{Again, Haste};
use super::request::{Outgoing, Purpose};
use super::timers::Alarm;
use super::{
    AccountConfig, AccountId, Endpoint, Event, Flow, FlowId, Output, RegistrationFailure, RegistrationState, RouteId,
    TransportError,
};

/// So many servers are tried before there is a pause.
const MOST_SERVERS: usize = 8;
/// How long a server that did not answer is rather not asked again.
pub(super) const AVOIDED: Duration = Duration::from_secs(60);

/// One account and its registration.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) config: AccountConfig,
    pub(super) digest: Option<DigestClient>,
    /// Realms that asked for the password in answer to REGISTER: its own ones.
    pub(super) realms: Vec<String>,
    /// Names the account in the Contact it registers; only its registrar gets to know it.
    pub(super) line: String,
    /// Tells the accounts of one address apart (RFC 5626 section 4.2).
    pub(super) reg_id: u8,
    pub(super) flow: Option<Flow>,
    /// Where its server has been found so far.
    pub(super) homes: VecDeque<IpAddr>,
    /// Our address as the server sees it, where that differs (RFC 3581).
    pub(super) learned: Option<SocketAddr>,
    /// `Service-Route` of the registrar (RFC 3608).
    pub(super) service_route: Vec<NameAddr>,
    /// The GRUUs of this registration (RFC 5627).
    pub(super) gruu: Option<Uri>,
    pub(super) anonymous_gruu: Option<Uri>,
    /// The registrar does Outbound (RFC 5626); `Some(false)`: the way to it cannot (439).
    pub(super) outbound: Option<bool>,
    /// Where a 3xx sent us; until something fails there.
    pub(super) redirect: Option<Uri>,
    /// How often the server wants the flow kept alive (`Flow-Timer`, RFC 5626 section 4.4).
    pub(super) flow_timer: Option<Duration>,
    pub(super) state: RegistrationState,
    pub(super) phase: Phase,
    pub(super) round: Round,
    pub(super) call_id: String,
    pub(super) tag: String,
    cseq: u32,
    pub(super) expires: Duration,
    /// The Contact the registrar holds for us.
    pub(super) bound: Option<Uri>,
    pub(super) failures: u32,
    pub(super) haste: Option<Haste>,
    /// The server asked to be left alone until then.
    pub(super) not_before: Option<Instant>,
    /// The registrar took these credentials before.
    pub(super) password_right: bool,
    pub(super) life: Life,
    /// Servers that failed.
    pub(super) left: Left,
    /// The connection that may be dead, while another one is tried.
    pub(super) doubted: Option<Flow>,
}

/// A connection that may be dead.
#[derive(Debug)]
pub(super) struct Doubted {
    pub(super) flow: FlowId,
    /// Something came by it since.
    pub(super) heard: bool,
}

/// Where a registration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Idle,
    Opening(RouteId),
    Asking(ClientKey),
}

/// What one attempt to register has been through. All of it is bounded, so that no server can keep it going.
#[derive(Debug, Default)]
pub(super) struct Round {
    pub(super) began: Option<Instant>,
    /// The flow at hand was opened in this round, so the way is not in doubt.
    pub(super) fresh: bool,
    /// Servers that failed.
    tried: Vec<(SocketAddr, Transport)>,
    /// Why the last of them did.
    failed: Option<(RegistrationFailure, Again)>,
    /// Another server is looked for while the first may still answer.
    pub(super) elsewhere: Option<RouteId>,
    /// How often a 3xx sent us on.
    pub(super) redirects: u8,
    /// How often the interval was too short.
    pub(super) longer: u8,
    /// The address learned was registered in this round.
    pub(super) relearned: bool,
}

impl Account {
    pub(super) fn new(now: Instant, config: AccountConfig, line: String, call_id: String, tag: String) -> Self {
        Self {
            digest: digest(&config),
            realms: Vec::new(),
            expires: config.expires.max(Duration::from_secs(10)),
            config,
            line,
            reg_id: 1,
            flow: None,
            homes: VecDeque::new(),
            learned: None,
            service_route: Vec::new(),
            gruu: None,
            anonymous_gruu: None,
            outbound: None,
            redirect: None,
            flow_timer: None,
            state: RegistrationState::Off,
            phase: Phase::Idle,
            round: Round::default(),
            call_id,
            tag,
            cseq: 0,
            bound: None,
            failures: 0,
            haste: None,
            not_before: None,
            password_right: false,
            life: Life::new(now),
            left: Left::default(),
            doubted: None,
        }
    }

    pub(super) fn next_cseq(&mut self) -> u32 {
        self.cseq += 1;
        self.cseq
    }

    /// It failed in a way that another attempt does not change, like a wrong password.
    pub(super) fn waits_for_a_person(&self) -> bool {
        matches!(self.state, RegistrationState::Failed { retry_in: None, .. })
    }

    pub(super) fn asks_for_gruu(&self) -> bool {
        self.config.gruu && self.config.instance_id.is_some()
    }

    pub(super) fn is_registered(&self) -> bool {
        matches!(self.state, RegistrationState::Registered { .. })
    }

    pub(super) fn is_on(&self, flow: FlowId) -> bool {
        self.flow.is_some_and(|own| own.id == flow)
    }
}

pub(super) fn digest(config: &AccountConfig) -> Option<DigestClient> {
    config
        .credentials
        .as_ref()
        .map(|known| DigestClient::new(&known.user, known.password.expose()))
}

impl Endpoint {
    /// Registers on the flow at hand, or asks for one.
    pub(super) fn register(&mut self, now: Instant, id: AccountId) {
        match self.begin_round(now, id) {
            Some(Some(flow)) => self.send_register(now, id, flow),
            Some(None) => self.look_for_server(id),
            None => {}
        }
    }

    /// Registers on a flow asked for anew: the network may have changed.
    pub(super) fn register_afresh(&mut self, now: Instant, id: AccountId) {
        if self.begin_round(now, id).is_some() {
            self.look_for_server(id);
        }
    }

    /// A new attempt; what was under way counts no more. The flow at hand, or `None` if the account does not register.
    fn begin_round(&mut self, now: Instant, id: AccountId) -> Option<Option<Flow>> {
        self.alarms.cancel(Alarm::Register(id));
        let account = self.accounts.get(&id).filter(|account| account.config.register)?;
        let flow = account.flow;
        self.end_round(id);
        let account = self.accounts.get_mut(&id)?;
        account.round.began = Some(now);
        Some(flow)
    }

    /// Forgets the attempt under way.
    pub(super) fn end_round(&mut self, id: AccountId) {
        self.alarms.cancel(Alarm::Patience(id));
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        let round = std::mem::take(&mut account.round);
        let phase = std::mem::replace(&mut account.phase, Phase::Idle);
        if let Some(route) = round.elsewhere {
            self.routes.remove(&route);
        }
        match phase {
            Phase::Opening(route) => {
                self.routes.remove(&route);
            }
            Phase::Asking(key) => self.layer.forget(key),
            Phase::Idle => {}
        }
    }

    pub(super) fn look_for_server(&mut self, id: AccountId) {
        let Some(account) = self.accounts.get(&id) else { return };
        let (hop, quiet) = (
            account.register_hop(),
            account.is_registered() || account.haste.is_some(),
        );
        let route = self.open(hop, Waiting::Register(id));
        if let Some(account) = self.accounts.get_mut(&id) {
            account.phase = Phase::Opening(route);
        }
        if !quiet {
            self.tell_registration(id, RegistrationState::Registering);
        }
    }

    pub(super) fn register_on(&mut self, now: Instant, id: AccountId, route: RouteId, flow: Flow) {
        let Some(account) = self.accounts.get_mut(&id).filter(|a| a.phase == Phase::Opening(route)) else {
            return;
        };
        if account.round.has_tried(&flow) {
            let (why, again) = account
                .round
                .failed
                .take()
                .unwrap_or((RegistrationFailure::NoAnswer, Again::Soon));
            return self.register_failed(now, id, why, again);
        }
        self.register_there(now, id, flow);
    }

    /// Sends REGISTER by a flow just opened.
    fn register_there(&mut self, now: Instant, id: AccountId, flow: Flow) {
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        account.remember_home(flow.remote.ip());
        account.life.meet(flow.remote);
        if account.flow.is_none_or(|before| before.local != flow.local) {
            account.learned = None;
        }
        account.flow = Some(flow);
        account.round.fresh = true;
        self.send_register(now, id, flow);
    }

    pub(super) fn send_register(&mut self, now: Instant, id: AccountId, flow: Flow) {
        let Some(request) = self.register_request(id, &flow) else {
            return;
        };
        let account = self.accounts.get(&id);
        if account.is_some_and(|account| !account.is_registered() && account.haste.is_none()) {
            self.tell_registration(id, RegistrationState::Registering);
        }
        self.send_on(now, flow, Outgoing::new(Purpose::Register(id), id, request));
    }

    /// The account's REGISTER is on its way in this transaction; answers to an older one no longer count.
    pub(super) fn register_sent(&mut self, now: Instant, id: AccountId, key: ClientKey) {
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        account.phase = Phase::Asking(key);
        let patience = account.patience();
        self.alarms.set(Alarm::Patience(id), now + patience);
    }

    pub(super) fn is_asking(&self, id: AccountId, key: ClientKey) -> bool {
        self.accounts
            .get(&id)
            .is_some_and(|account| account.phase == Phase::Asking(key))
    }

    /// No answer for a while: it may be lost, the server may be slow or gone, or the way.
    pub(super) fn impatient(&mut self, now: Instant, id: AccountId) {
        let Some(account) = self.accounts.get(&id) else { return };
        let (Phase::Asking(key), Some(flow)) = (account.phase, account.flow) else {
            return;
        };
        if !account.round.fresh {
            return self.doubt(now, id, flow);
        }
        if account.haste.is_some() {
            // The network may be back by now: someone waits for this.
            self.layer.send_again(key);
            self.alarms.set(Alarm::Patience(id), now + account.patience());
        }
        if account.round.elsewhere.is_none() && !account.round.has_tried(&flow) {
            self.look_elsewhere(id, flow);
        }
    }

    /// No answer on a flow that was there before. Slowness alone ends no connection that calls may ring on.
    fn doubt(&mut self, now: Instant, id: AccountId, flow: Flow) {
        let Some(account) = self.accounts.get(&id) else { return };
        if account.haste.is_none() {
            // A slow server answers OPTIONS while it thinks about REGISTER.
            if !account.config.reachability.is_zero() && !account.life.is_deaf(flow.remote) {
                self.probe(now, id);
            }
            return;
        }
        if flow.transport == Transport::Udp {
            return self.flow_dead(now, flow);
        }
        let began = account.round.began;
        let alive = began.is_some_and(|began| account.life.proven > began);
        if alive || account.round.elsewhere.is_some() {
            return;
        }
        // It may be dead or its server slow: another one beside it shows which.
        let hop = account.register_hop();
        self.out.push_back(Output::Doubt { flow: flow.id });
        if !self.doubted.iter().any(|doubted| doubted.flow == flow.id) {
            self.doubted.push(Doubted {
                flow: flow.id,
                heard: false,
            });
        }
        let route = self.open(hop, Waiting::Elsewhere(id));
        if let Some(account) = self.accounts.get_mut(&id) {
            account.doubted = Some(flow);
            account.round.elsewhere = Some(route);
        }
    }

    /// Another connection took the place of the one in doubt: whether that still carries anything shows what it is worth.
    pub(super) fn doubt_is_over(&mut self, now: Instant, id: AccountId) {
        let doubted = self.accounts.get_mut(&id).and_then(|account| account.doubted.take());
        let Some(flow) = doubted else { return };
        let Some(at) = self.doubted.iter().position(|doubted| doubted.flow == flow.id) else {
            return;
        };
        let other = self.accounts.values().any(|account| account.doubted == Some(flow));
        let heard = self.doubted.get(at).is_some_and(|doubted| doubted.heard);
        let own = self.accounts.get(&id).is_some_and(|account| account.is_on(flow.id));
        if !heard && !own {
            self.doubted.swap_remove(at);
            self.flow_dead(now, flow);
        } else if !other {
            self.doubted.swap_remove(at);
        }
    }

    fn look_elsewhere(&mut self, id: AccountId, flow: Flow) {
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        account.round.tried.push((flow.remote, flow.transport));
        let hop = account.register_hop();
        if hop.host.ip().is_some() {
            return;
        }
        self.pass_over(id, &flow, AVOIDED);
        let route = self.open(hop, Waiting::Elsewhere(id));
        if let Some(account) = self.accounts.get_mut(&id) {
            account.round.elsewhere = Some(route);
        }
    }

    /// Another server was found while the first one keeps silent, or the same one again.
    pub(super) fn found_elsewhere(&mut self, now: Instant, id: AccountId, route: RouteId, flow: Flow) {
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        if account.round.elsewhere != Some(route) {
            return;
        }
        account.round.elsewhere = None;
        let Phase::Asking(key) = account.phase else { return };
        let doubted = account.doubted.is_some() && !account.round.fresh;
        if doubted && account.is_on(flow.id) {
            return;
        }
        if !doubted && account.round.has_tried(&flow) || account.round.tried.len() >= MOST_SERVERS {
            return;
        }
        self.layer.forget(key);
        self.register_there(now, id, flow);
    }

    /// This server failed: the next one, without a person noticing (RFC 3263 section 4.3). After the last one there is a pause.
    pub(super) fn register_elsewhere(
        &mut self,
        now: Instant,
        id: AccountId,
        (why, again): (RegistrationFailure, Again),
        avoided: Duration,
    ) {
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        let hop = account.register_hop();
        let Some(flow) = account.flow.filter(|_| hop.host.ip().is_none()) else {
            return self.register_failed(now, id, why, again);
        };
        if !account.round.has_tried(&flow) {
            account.round.tried.push((flow.remote, flow.transport));
        }
        if account.round.tried.len() > MOST_SERVERS {
            return self.register_failed(now, id, why, again);
        }
        account.round.failed = Some((why, again));
        if let Some(route) = account.round.elsewhere.take() {
            self.routes.remove(&route);
        }
        self.alarms.cancel(Alarm::Patience(id));
        self.pass_over(id, &flow, avoided);
        self.look_for_server(id);
    }

    /// Registers by another flow than before, while the registration stands.
    pub(super) fn register_by(&mut self, now: Instant, id: AccountId, flow: Flow) {
        if self.begin_round(now, id).is_some() {
            self.register_there(now, id, flow);
        }
    }

    pub(super) fn avoid(&mut self, flow: &Flow, lasting: Duration) {
        self.out.push_back(Output::Avoid {
            remote: flow.remote,
            transport: flow.transport,
            lasting,
        });
    }

    pub(super) fn register_unreachable(&mut self, now: Instant, id: AccountId, route: RouteId, why: TransportError) {
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        if account.round.elsewhere == Some(route) {
            account.round.elsewhere = None;
            if let Some(flow) = account.doubted.filter(|_| !account.round.fresh) {
                // Neither the old connection nor a new one: that is more than slowness.
                self.doubted.retain(|doubted| doubted.flow != flow.id);
                self.flow_dead(now, flow);
            }
            return;
        }
        if account.phase != Phase::Opening(route) {
            return;
        }
        // Where no other server can be reached, what the last one said is the reason.
        let (why, again) = match (account.round.failed.take(), why) {
            (Some(failed), _) => failed,
            (None, TransportError::NoSuchHost) => (RegistrationFailure::UnknownDomain, Again::Soon),
            (None, TransportError::TimedOut) => (RegistrationFailure::NoAnswer, Again::Soon),
            (None, why @ (TransportError::Untrusted(_) | TransportError::CertificateChanged(_))) => {
                (RegistrationFailure::Unreachable(why), Again::BackOff)
            }
            (None, other) => (RegistrationFailure::Unreachable(other), Again::Soon),
        };
        self.register_failed(now, id, why, again);
    }

    /// No final answer: in time, or because the flow broke.
    pub(super) fn register_unanswered(&mut self, now: Instant, id: AccountId, broken: Option<TransportError>) {
        let why = broken.map_or(RegistrationFailure::NoAnswer, RegistrationFailure::Unreachable);
        self.register_elsewhere(now, id, (why, Again::Soon), AVOIDED);
        // A flow on which nothing comes back is not worth keeping: the next attempt looks for the server anew.
        if let Some(account) = self.accounts.get_mut(&id) {
            account.flow = None;
        }
    }

    pub(super) fn register_denied(&mut self, now: Instant, id: AccountId, why: ChallengeRefused) {
        let no_password = self.accounts.get(&id).is_some_and(|account| account.digest.is_none());
        let why = match why {
            _ if no_password => RegistrationFailure::NoPassword,
            ChallengeRefused::WrongCredentials => RegistrationFailure::WrongPassword,
            ChallengeRefused::EndlessChallenges => {
                let reason = "The server refuses each of its own nonces".to_owned();
                let why = RegistrationFailure::ServerTrouble { code: 401, reason };
                return self.register_failed(now, id, why, Again::BackOff);
            }
            ChallengeRefused::NoChallenge | ChallengeRefused::Unsupported | ChallengeRefused::ForeignRealm => {
                RegistrationFailure::UnknownAuthentication
            }
        };
        let again = self.after_denial(id);
        self.register_failed(now, id, why, again);
    }

    pub(super) fn tell_registration(&mut self, id: AccountId, state: RegistrationState) {
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        // The same confirmation again is news: it proves that callers still reach the line.
        if account.state != state || matches!(state, RegistrationState::Registered { .. }) {
            account.state = state.clone();
            self.event(Event::Registration { account: id, state });
        }
    }
}

impl Round {
    pub(super) fn has_tried(&self, flow: &Flow) -> bool {
        self.tried.contains(&(flow.remote, flow.transport))
    }
}
