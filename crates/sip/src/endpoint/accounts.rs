//! Accounts: setting them up, who they are on the wire, and which one a request from outside is for.

use std::net::IpAddr;
use std::time::Instant;

use crate::{Host, HostPort, NameAddr, Request, SipUri, Transport, Uri};

use super::registration::{Account, digest};
use super::{
    AccountConfig, AccountId, Credentials, EndCause, Endpoint, Event, Flow, NextHop, RegistrationState, Trust,
};

/// Addresses of its servers an account remembers.
const MOST_HOMES: usize = 32;

impl Endpoint {
    /// Adds or changes an account, and registers it if it wants to be. An unchanged configuration changes nothing.
    pub fn set_account(&mut self, now: Instant, account: AccountId, config: AccountConfig) {
        if let Some(before) = self.accounts.get_mut(&account) {
            if before.config == config {
                return;
            }
            let mut quiet = before.config.clone();
            quiet.display_name.clone_from(&config.display_name);
            quiet.accept_from_anyone = config.accept_from_anyone;
            quiet.trust_identity = config.trust_identity;
            quiet.take_referrals = config.take_referrals;
            if quiet == config {
                before.config = config;
                return;
            }
            self.events_part(now, account, false);
            self.unregister(now, account);
        }
        let (line, tag, call_id) = (self.token(), self.token(), self.token());
        let wants = config.register;
        let mut fresh = Account::new(now, config, line, call_id, tag);
        fresh.reg_id = self.free_reg_id(account, &fresh.config.address);
        let before = self.accounts.insert(account, fresh);
        let state = before.is_some();
        if let Some(before) = before {
            self.keep_former(now, account, before);
        }
        if wants {
            self.register_afresh(now, account);
        } else if state {
            self.event(Event::Registration {
                account,
                state: RegistrationState::Off,
            });
        }
        self.events_resume(now, account);
        self.pump(now);
    }

    /// Removes an account: ends its calls, subscriptions and publication, and un-REGISTERs.
    pub fn remove_account(&mut self, now: Instant, account: AccountId) {
        let calls: Vec<_> = self
            .sessions
            .iter()
            .filter(|(_, s)| s.account == account)
            .map(|(id, _)| *id)
            .collect();
        for session in calls {
            self.end_by_us(now, session, None, EndCause::HungUpByUs);
        }
        self.events_part(now, account, true);
        self.unregister(now, account);
        if let Some(before) = self.accounts.remove(&account) {
            self.keep_former(now, account, before);
            self.event(Event::Registration {
                account,
                state: RegistrationState::Off,
            });
        }
        self.pump(now);
    }

    /// Registers now, whatever was planned: after the network changed, or because a person wants it.
    pub fn register_now(&mut self, now: Instant, account: AccountId) {
        self.forget_failures(account);
        self.register_afresh(now, account);
        self.pump(now);
    }

    /// The network is another one now, or the computer slept: every way is suspect, so every account registers on a new one
    /// at once, and calls follow as soon as it has.
    pub fn network_changed(&mut self, now: Instant) {
        let hopeful = self
            .accounts
            .iter()
            .filter(|(_, account)| !account.waits_for_a_person() && account.not_before.is_none_or(|then| then <= now));
        let hopeful: Vec<_> = hopeful.map(|(id, _)| *id).collect();
        for account in hopeful {
            self.hurry(now, account);
            let connection = self.accounts.get(&account).and_then(|account| account.flow);
            match connection.filter(|flow| flow.transport != Transport::Udp) {
                // A connection that is still there may be dead or not: REGISTER shows it soon.
                Some(flow) => {
                    self.register(now, account);
                    let answers = |account: &Account| account.life.answers_options(flow.remote);
                    if self.accounts.get(&account).is_some_and(answers) {
                        // A registrar that is only slow answers this one.
                        self.probe(now, account);
                    }
                }
                None => self.register_afresh(now, account),
            }
        }
        self.sessions_move();
        self.pump(now);
    }

    /// Two accounts with one address must not take each other's place at the registrar.
    fn free_reg_id(&self, id: AccountId, address: &Uri) -> u8 {
        let others = self
            .accounts
            .iter()
            .filter(|(other, account)| **other != id && account.config.address.equivalent(address));
        let taken: Vec<u8> = others.map(|(_, account)| account.reg_id).collect();
        (1..=u8::MAX).find(|id| !taken.contains(id)).unwrap_or(u8::MAX)
    }

    /// Gives an account another name and password, and registers with them.
    pub fn set_credentials(&mut self, now: Instant, account: AccountId, credentials: Option<Credentials>) {
        if let Some(known) = self.accounts.get_mut(&account) {
            known.config.credentials = credentials;
            known.digest = digest(&known.config);
            known.password_right = false;
            self.register_now(now, account);
        }
    }

    /// Which account a request from outside is for, and whether it came from that account's own server.
    pub(super) fn account_for(&self, flow: &Flow, request: &Request) -> Option<(AccountId, bool)> {
        let uri = request.uri.sip();
        let line = uri
            .and_then(|uri| uri.params.get("line"))
            .filter(|line| !line.is_empty());
        if let Some((id, _)) = self
            .accounts
            .iter()
            .find(|(_, account)| line == Some(account.line.as_str()))
        {
            return Some((*id, true));
        }
        let user = request.uri.user();
        let named = |account: &Account| account.config.address.user() == user;
        let same_flow = |account: &Account| account.is_on(flow.id);
        let same_server = |account: &Account| account.is_home(flow.remote.ip());
        let to = request.headers.to().and_then(|to| to.uri.user());
        let meant = |account: &Account| to.is_some() && account.config.address.user() == to;
        let known = self
            .find_account(|a| same_flow(a) && named(a))
            .or_else(|| self.find_account(|a| same_server(a) && named(a)))
            .or_else(|| self.find_account(|a| same_flow(a) && meant(a)))
            .or_else(|| self.find_account(same_flow))
            .or_else(|| self.find_account(same_server));
        let open = |account: &Account| account.config.accept_from_anyone;
        known.map(|id| (id, true)).or_else(|| {
            let id = self
                .find_account(|a| open(a) && named(a))
                .or_else(|| self.find_account(open))?;
            Some((id, false))
        })
    }

    fn find_account(&self, wanted: impl Fn(&Account) -> bool) -> Option<AccountId> {
        self.accounts
            .iter()
            .find(|(_, account)| wanted(account))
            .map(|(id, _)| *id)
    }
}

impl Account {
    /// The first step of everything this account sends: its proxy, else its registrar, else its domain.
    pub(super) fn hop(&self) -> NextHop {
        let config = &self.config;
        let uri = config
            .outbound_proxy
            .as_ref()
            .or(config.registrar.as_ref())
            .unwrap_or(&config.address);
        let mut hop = match uri.sip() {
            Some(uri) => NextHop::of(uri),
            None => NextHop::new(Host::Name("invalid".into())),
        };
        hop.transport = hop.transport.or(config.transport);
        self.trusting(hop)
    }

    /// The first step of REGISTER: the same, or where a redirection led.
    pub(super) fn register_hop(&self) -> NextHop {
        let redirected = self.redirect.as_ref().and_then(Uri::sip);
        match redirected.filter(|_| self.config.outbound_proxy.is_none()) {
            Some(uri) => {
                let mut hop = NextHop::of(uri);
                hop.transport = hop.transport.or(self.config.transport);
                self.trusting(hop)
            }
            None => self.hop(),
        }
    }

    /// Whether this address is one of the account's own servers: where it registered, what its name resolves to, or what it
    /// was told to send its requests through.
    pub(super) fn is_home(&self, ip: IpAddr) -> bool {
        self.homes.contains(&ip) || self.servers().any(|host| host.ip() == Some(ip))
    }

    /// The hosts a person entered for this account, and those its registrar named.
    fn servers(&self) -> impl Iterator<Item = &Host> {
        let config = &self.config;
        let named = [
            Some(&config.address),
            config.registrar.as_ref(),
            config.outbound_proxy.as_ref(),
        ];
        let routes = self.service_route.iter().map(|route| &route.uri);
        named.into_iter().flatten().chain(routes).filter_map(Uri::host)
    }

    pub(super) fn remember_home(&mut self, ip: IpAddr) {
        if !self.homes.contains(&ip) {
            self.homes.push_back(ip);
        }
        if self.homes.len() > MOST_HOMES {
            self.homes.pop_front();
        }
    }

    /// The same step with what this account trusts there. What it says about its own server it says about no other.
    pub(super) fn trusting(&self, mut hop: NextHop) -> NextHop {
        let config = &self.config;
        let own = match hop.host.ip() {
            Some(ip) => self.is_home(ip),
            None => self.servers().any(|host| *host == hop.host),
        };
        if !own {
            return hop;
        }
        // A URI of the server says `ws` for both; what the person chose is not made readable on the way.
        if hop.transport == Some(Transport::Ws) && config.transport == Some(Transport::Wss) {
            hop.transport = Some(Transport::Wss);
        }
        hop.trust = Trust {
            pinned: config.pinned_certificate.clone(),
            domain: config.address.sip().map(|address| address.host.clone()),
            path: config.ws_path.clone(),
        };
        hop
    }

    /// The Request-URI of REGISTER.
    pub(super) fn register_uri(&self) -> Uri {
        match self.redirect.as_ref().and_then(Uri::sip) {
            Some(uri) => SipUri {
                user: None,
                password: None,
                headers: Vec::new(),
                ..uri.clone()
            }
            .into(),
            None => self.registrar(),
        }
    }

    /// The registrar: the domain, no user (RFC 3261 section 10.2).
    pub(super) fn registrar(&self) -> Uri {
        let uri = self.config.registrar.as_ref().unwrap_or(&self.config.address);
        match uri.sip() {
            Some(uri) => {
                let mut bare = SipUri::new(uri.host.clone());
                bare.port = uri.port;
                bare.secure = uri.secure;
                Uri::Sip(bare)
            }
            None => uri.clone(),
        }
    }

    /// The outbound proxy as a loose route.
    pub(super) fn proxy_route(&self) -> Option<NameAddr> {
        let mut uri = self.config.outbound_proxy.as_ref()?.sip()?.clone();
        uri.params.set("lr", None);
        Some(NameAddr::new(uri))
    }

    /// The routes of a request outside of a dialog.
    pub(super) fn routes(&self) -> Vec<NameAddr> {
        if self.service_route.is_empty() {
            self.proxy_route().into_iter().collect()
        } else {
            self.service_route.clone()
        }
    }

    /// Who we are: From of our requests, without tag.
    pub(super) fn identity(&self) -> NameAddr {
        let identity = NameAddr::new(self.config.address.clone());
        if self.config.display_name.is_empty() {
            identity
        } else {
            identity.with_name(&self.config.display_name)
        }
    }
}

/// Our side of a flow as a URI. A stream transport must be named, or calls would come by UDP.
pub(super) fn address_of(flow: &Flow) -> SipUri {
    let HostPort { host, port } = HostPort::from(flow.local);
    let mut uri = SipUri::new(host);
    uri.port = port;
    match flow.transport {
        Transport::Udp => uri,
        Transport::Tcp => uri.with_param("transport", Some("tcp")),
        Transport::Tls => uri.with_param("transport", Some("tls")),
        _ => uri.with_param("transport", Some("ws")),
    }
}
