//! Registrations (RFC 3261 section 10.2).
//!
//! ```text
//! Phase     on                          does                                   becomes
//! Idle      alarm Register, a person    asks for a flow, or sends REGISTER     Opening, Asking
//! Opening   flow opened                 sends REGISTER                         Asking
//!           no way                      Failed, alarm after a back-off         Idle
//! Asking    200                         Registered, alarm well before expiry   Idle
//!           200, our address differs    the same with the address learned      Asking (once a turn)
//!           401, 407                    REGISTER with credentials              Asking (in `request`)
//!           423                         REGISTER for longer                    Asking
//!           other answers, none         Failed, alarm after a back-off         Idle
//! any       flow closed                 Failed, alarm after about a second     Idle
//! ```
//!
//! Nothing here is repeated without a pause that grows (RFC 5626 section 4.5) and is drawn by lot.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::auth::{ChallengeRefused, DigestClient};
use crate::transaction::ClientKey;
use crate::{CSeq, Method, NameAddr, Request, Transport, Uri};

use super::flow::Waiting;
use super::request::{Outgoing, Purpose};
use super::timers::Alarm;
use super::{
    AccountConfig, AccountId, Endpoint, Event, Flow, FlowId, Output, RegistrationFailure, RegistrationState, RouteId,
    TransportError,
};

/// The first pause after a failure; the second is twice as long, and so on.
const FIRST_PAUSE: Duration = Duration::from_secs(4);
/// The longest pause between attempts of our own.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(600);

/// The pause after the first refusal of a password that was right before.
const SECOND_CHANCE: Duration = Duration::from_secs(60);

/// One account and its registration.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) config: AccountConfig,
    pub(super) digest: Option<DigestClient>,
    /// Names the account in the Contact it registers; only its registrar gets to know it.
    pub(super) line: String,
    pub(super) flow: Option<Flow>,
    /// Our address as the server sees it, where that differs (RFC 3581).
    pub(super) learned: Option<SocketAddr>,
    /// `Service-Route` of the registrar (RFC 3608).
    pub(super) service_route: Vec<NameAddr>,
    state: RegistrationState,
    pub(super) phase: Phase,
    call_id: String,
    tag: String,
    cseq: u32,
    pub(super) expires: Duration,
    /// The Contact the registrar holds for us.
    pub(super) bound: Option<Uri>,
    pub(super) failures: u32,
    /// The registrar took these credentials before.
    pub(super) proven: bool,
    /// The flow that closed, until another one is registered: answers owed on it go by that one.
    pub(super) lost: Option<FlowId>,
    /// The address learned was registered in this turn; no more turns than one.
    pub(super) relearned: bool,
}

/// Where a registration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Idle,
    Opening(RouteId),
    Asking(ClientKey),
}

impl Account {
    pub(super) fn new(config: AccountConfig, line: String, call_id: String, tag: String) -> Self {
        Self {
            digest: digest(&config),
            expires: config.expires.max(Duration::from_secs(10)),
            config,
            line,
            flow: None,
            learned: None,
            service_route: Vec::new(),
            state: RegistrationState::Off,
            phase: Phase::Idle,
            call_id,
            tag,
            cseq: 0,
            bound: None,
            failures: 0,
            proven: false,
            lost: None,
            relearned: false,
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

    pub(super) fn is_registered(&self) -> bool {
        matches!(self.state, RegistrationState::Registered { .. })
    }
}

pub(super) fn digest(config: &AccountConfig) -> Option<DigestClient> {
    config
        .credentials
        .as_ref()
        .map(|known| DigestClient::new(&known.user, known.password.expose()))
}

/// When to try again after a failure.
pub(super) enum Again {
    BackOff,
    /// The server named a time; a shorter one than our own pause does not count.
    NotBefore(Duration),
    After(Duration),
    Never,
}

impl Endpoint {
    /// Registers on the flow at hand, or asks for one.
    pub(super) fn register(&mut self, now: Instant, id: AccountId) {
        self.alarms.cancel(Alarm::Register(id));
        let Some(account) = self.accounts.get_mut(&id).filter(|account| account.config.register) else {
            return;
        };
        account.relearned = false;
        match account.flow {
            Some(flow) => self.send_register(now, id, flow),
            None => self.register_afresh(id),
        }
    }

    /// Registers on a flow asked for anew: the network may have changed.
    pub(super) fn register_afresh(&mut self, id: AccountId) {
        self.alarms.cancel(Alarm::Register(id));
        let Some(account) = self.accounts.get_mut(&id).filter(|account| account.config.register) else {
            return;
        };
        account.relearned = false;
        let hop = account.hop();
        if let Phase::Opening(route) = account.phase {
            self.routes.remove(&route);
        }
        let route = self.open(hop, Waiting::Register(id));
        if let Some(account) = self.accounts.get_mut(&id) {
            account.phase = Phase::Opening(route);
            if !account.is_registered() {
                self.tell_registration(id, RegistrationState::Registering);
            }
        }
    }

    pub(super) fn register_on(&mut self, now: Instant, id: AccountId, route: RouteId, flow: Flow) {
        let Some(account) = self.accounts.get_mut(&id).filter(|a| a.phase == Phase::Opening(route)) else {
            return;
        };
        if account.flow.is_some_and(|before| before.local != flow.local) || account.flow.is_none() {
            account.learned = None;
        }
        account.flow = Some(flow);
        self.send_register(now, id, flow);
    }

    pub(super) fn send_register(&mut self, now: Instant, id: AccountId, flow: Flow) {
        let Some(account) = self.accounts.get(&id) else { return };
        let contact = self.registered_contact(account, &flow);
        let account_contact = contact.uri.clone();
        let expires = account.expires.as_secs();
        let stale = account
            .bound
            .clone()
            .filter(|bound| !bound.equivalent(&account_contact));
        let Some(mut request) = self.register_request(id) else {
            return;
        };
        request
            .headers
            .push("Contact", contact.with_param("expires", Some(&expires.to_string())));
        if let Some(stale) = stale {
            // The binding to the address we had before would ring into the void.
            request
                .headers
                .push("Contact", NameAddr::new(stale).with_param("expires", Some("0")));
        }
        request.headers.push("Expires", expires);
        if !self.accounts.get(&id).is_some_and(Account::is_registered) {
            self.tell_registration(id, RegistrationState::Registering);
        }
        self.send_on(now, flow, Outgoing::new(Purpose::Register(id), id, request));
    }

    fn register_request(&mut self, id: AccountId) -> Option<Request> {
        let account = self.accounts.get_mut(&id)?;
        let number = account.next_cseq();
        let mut request = Request::new(Method::Register, account.registrar());
        let headers = &mut request.headers;
        headers.push("Max-Forwards", 70);
        if let Some(route) = account.proxy_route() {
            headers.push("Route", route);
        }
        headers.push("From", account.identity().with_tag(&account.tag));
        headers.push("To", account.identity());
        headers.push("Call-ID", &account.call_id);
        headers.push("CSeq", CSeq::new(number, Method::Register));
        headers.push("Supported", "path");
        self.introduce(&mut request.headers);
        Some(request)
    }

    /// Takes the account's binding out of the registrar; whoever removes the account does not wait for the answer.
    pub(super) fn unregister(&mut self, now: Instant, id: AccountId) {
        self.alarms.cancel(Alarm::Register(id));
        self.alarms.cancel(Alarm::KeepAlive(id));
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        if let Phase::Opening(route) = account.phase {
            self.routes.remove(&route);
        }
        account.phase = Phase::Idle;
        let (Some(flow), Some(bound), digest) = (account.flow, account.bound.take(), account.digest.clone()) else {
            return;
        };
        let Some(mut request) = self.register_request(id) else {
            return;
        };
        request
            .headers
            .push("Contact", NameAddr::new(bound).with_param("expires", Some("0")));
        request.headers.push("Expires", 0);
        let mut outgoing = Outgoing::new(Purpose::Unregister, id, request);
        outgoing.digest = digest;
        self.send_on(now, flow, outgoing);
    }

    /// The account's REGISTER is on its way in this transaction; answers to an older one no longer count.
    pub(super) fn register_sent(&mut self, id: AccountId, key: ClientKey) {
        if let Some(account) = self.accounts.get_mut(&id) {
            account.phase = Phase::Asking(key);
        }
    }

    pub(super) fn is_asking(&self, id: AccountId, key: ClientKey) -> bool {
        self.accounts
            .get(&id)
            .is_some_and(|account| account.phase == Phase::Asking(key))
    }

    pub(super) fn register_unreachable(&mut self, now: Instant, id: AccountId, route: RouteId, why: TransportError) {
        if !self
            .accounts
            .get(&id)
            .is_some_and(|account| account.phase == Phase::Opening(route))
        {
            return;
        }
        let again = match why {
            // A person has to look at it; until then only a certificate renewed by the server helps.
            TransportError::Untrusted(_) | TransportError::CertificateChanged(_) => Again::After(LONGEST_PAUSE),
            _ => Again::BackOff,
        };
        let why = match why {
            TransportError::NoSuchHost => RegistrationFailure::UnknownDomain,
            TransportError::TimedOut => RegistrationFailure::NoAnswer,
            other => RegistrationFailure::Unreachable(other),
        };
        self.register_failed(now, id, why, again);
    }

    pub(super) fn register_unanswered(&mut self, now: Instant, id: AccountId) {
        // A flow on which nothing comes back is not worth keeping: the next attempt looks for the server anew.
        if let Some(account) = self.accounts.get_mut(&id) {
            account.flow = None;
        }
        self.register_failed(now, id, RegistrationFailure::NoAnswer, Again::BackOff);
    }

    pub(super) fn register_denied(&mut self, now: Instant, id: AccountId, why: ChallengeRefused) {
        let no_password = self.accounts.get(&id).is_some_and(|account| account.digest.is_none());
        let why = match why {
            _ if no_password => RegistrationFailure::NoPassword,
            ChallengeRefused::WrongCredentials => RegistrationFailure::WrongPassword,
            ChallengeRefused::NoChallenge | ChallengeRefused::Unsupported | ChallengeRefused::ForeignRealm => {
                RegistrationFailure::UnknownAuthentication
            }
        };
        let again = self.after_denial(id);
        self.register_failed(now, id, why, again);
    }

    /// Trying a wrong password again and again gets an account locked: wait for a person. One that was right before may be
    /// refused only because the server is just starting and knows nobody yet: try it again, seldom.
    pub(super) fn after_denial(&self, id: AccountId) -> Again {
        match self.accounts.get(&id) {
            Some(account) if account.proven && account.failures == 0 => Again::After(SECOND_CHANCE),
            Some(account) if account.proven => Again::After(LONGEST_PAUSE),
            _ => Again::Never,
        }
    }

    pub(super) fn registration_broken(&mut self, now: Instant, id: AccountId, why: RegistrationFailure) {
        let Some(account) = self.accounts.get(&id).filter(|account| account.config.register) else {
            return;
        };
        if matches!(account.phase, Phase::Opening(_)) || (account.phase == Phase::Idle && !account.is_registered()) {
            return;
        }
        self.registration_lost(now, id, why);
    }

    /// There is no way to the registrar any more: the first time it is tried again soon.
    pub(super) fn registration_lost(&mut self, now: Instant, id: AccountId, why: RegistrationFailure) {
        let soon = Duration::from_millis(500).mul_f64(1.0 + self.chance());
        let first = self.accounts.get(&id).is_some_and(|account| account.failures == 0);
        self.register_failed(now, id, why, if first { Again::After(soon) } else { Again::BackOff });
    }

    pub(super) fn register_failed(&mut self, now: Instant, id: AccountId, why: RegistrationFailure, again: Again) {
        let lot = self.chance();
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        account.phase = Phase::Idle;
        let back_off = FIRST_PAUSE
            .saturating_mul(1 << account.failures.min(16))
            .min(LONGEST_PAUSE)
            .mul_f64(0.5 + 0.5 * lot);
        let pause = match again {
            Again::BackOff => Some(back_off),
            Again::NotBefore(pause) => Some(pause.mul_f64(1.0 + 0.1 * lot).max(back_off)),
            Again::After(pause) => Some(pause.max(Duration::from_millis(500)).mul_f64(1.0 + 0.1 * lot)),
            Again::Never => None,
        };
        account.failures += 1;
        self.alarms.cancel(Alarm::KeepAlive(id));
        match pause {
            Some(pause) => self.alarms.set(Alarm::Register(id), now + pause),
            None => self.alarms.cancel(Alarm::Register(id)),
        }
        self.tell_registration(id, RegistrationState::Failed { why, retry_in: pause });
    }

    pub(super) fn keep_alive(&mut self, now: Instant, id: AccountId) {
        let Some(flow) = self
            .accounts
            .get(&id)
            .filter(|account| account.is_registered())
            .and_then(|a| a.flow)
        else {
            return;
        };
        // RFC 5626 section 4.4.1: a double CRLF asks a connection for a pong; one CRLF keeps a UDP translation open.
        let bytes = if flow.transport == Transport::Udp {
            b"\r\n".to_vec()
        } else {
            b"\r\n\r\n".to_vec()
        };
        self.out.push_back(Output::Send { flow: flow.id, bytes });
        self.alarms.set(Alarm::KeepAlive(id), now + self.config.keep_alive);
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

    /// A new name or password: what failed for ever may work now.
    pub(super) fn forget_failures(&mut self, id: AccountId) {
        if let Some(account) = self.accounts.get_mut(&id) {
            account.failures = 0;
        }
    }
}
