//! What the registrar answered. The table stands in [`registration`](super::registration).

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::{NameAddr, Response, Uri};

use super::flow::Way;
use super::pause::{Again, LONGEST_PAUSE};
use super::registration::{AVOIDED, Phase};
use super::timers::Alarm;
use super::{AccountId, Endpoint, Flow, RegistrationFailure, RegistrationState};

/// A registration is refreshed at least this often, so that a registrar that forgot us is noticed.
const LONGEST_REFRESH: Duration = Duration::from_secs(600);
/// The longest `Retry-After` that is obeyed.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);
/// The longest interval a registrar may want.
const LONGEST_EXPIRES: Duration = Duration::from_secs(7 * 24 * 3600);
/// How often one attempt follows redirections, and how often it asks for longer.
const REDIRECTIONS: u8 = 5;
const LONGER: u8 = 3;

impl Endpoint {
    /// `proven`: the REGISTER carried credentials.
    pub(super) fn register_answer(
        &mut self,
        now: Instant,
        id: AccountId,
        flow: Flow,
        response: &Response,
        proven: bool,
    ) {
        let code = response.code();
        let reason = response.reason.clone();
        let patience = response
            .headers
            .retry_after()
            .map(|s| Duration::from_secs(s.into()).min(LONGEST_RETRY_AFTER));
        let pause = patience.map_or(Again::BackOff, Again::NotBefore);
        match code {
            200..=299 => self.registered(now, id, flow, response),
            300..=302 => self.redirected(now, id, response),
            404 => {
                let again = patience.map_or(Again::After(LONGEST_PAUSE), Again::NotBefore);
                self.register_failed(now, id, RegistrationFailure::NoSuchUser, again);
            }
            403 => self.forbidden(now, id, proven, reason),
            408 => self.register_elsewhere(now, id, (RegistrationFailure::NoAnswer, pause), AVOIDED),
            423 => self.register_for_longer(now, id, flow, response),
            439 => self.register_plainly(now, id, flow),
            480 => self.register_failed(now, id, RegistrationFailure::Refused { code, reason }, pause),
            // What it cannot do it will not do elsewhere.
            501 | 505 | 513 => {
                let again = Again::After(LONGEST_PAUSE);
                self.register_failed(now, id, RegistrationFailure::ServerTrouble { code, reason }, again);
            }
            500..=599 => {
                let why = RegistrationFailure::ServerTrouble { code, reason };
                self.register_elsewhere(now, id, (why, pause), patience.unwrap_or(AVOIDED));
            }
            _ => {
                let again = patience.map_or(Again::After(LONGEST_PAUSE), Again::NotBefore);
                self.register_failed(now, id, RegistrationFailure::Refused { code, reason }, again);
            }
        }
    }

    /// 403: asking again with other credentials does not help, says the RFC (section 21.4.4). Widespread servers say it to a wrong
    /// password all the same: that can only be where one was offered that was never right, and it is certain only where they say so.
    fn forbidden(&mut self, now: Instant, id: AccountId, proven: bool, reason: String) {
        let right = self.accounts.get(&id).is_some_and(|account| account.password_right);
        let (why, again) = match proven && !right {
            true if blames_password(&reason) => (RegistrationFailure::WrongPassword, Again::Never),
            true => (RegistrationFailure::Forbidden { reason }, Again::After(LONGEST_PAUSE)),
            false => (
                RegistrationFailure::Refused { code: 403, reason },
                Again::After(LONGEST_PAUSE),
            ),
        };
        self.register_failed(now, id, why, again);
    }

    /// 3xx: the same at the address named first, a few times (RFC 3261 section 8.1.3.4).
    fn redirected(&mut self, now: Instant, id: AccountId, response: &Response) {
        let mut contacts = response.headers.contacts();
        contacts.sort_by_key(|contact| std::cmp::Reverse(contact.q()));
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        let here = account.register_uri();
        let next = contacts
            .into_iter()
            .map(|contact| contact.uri)
            .find(|uri| uri.sip().is_some() && !uri.equivalent(&here));
        account.round.redirects += 1;
        match next.filter(|_| account.round.redirects <= REDIRECTIONS) {
            Some(uri) => {
                account.redirect = Some(uri);
                self.look_for_server(id);
            }
            None => {
                let (code, reason) = (response.code(), response.reason.clone());
                let why = RegistrationFailure::Refused { code, reason };
                self.register_failed(now, id, why, Again::After(LONGEST_PAUSE));
            }
        }
    }

    fn register_for_longer(&mut self, now: Instant, id: AccountId, flow: Flow, response: &Response) {
        let wanted = response.headers.min_expires().map(|s| Duration::from_secs(s.into()));
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        account.round.longer += 1;
        let bearable = account.expires + Duration::from_secs(1)..=LONGEST_EXPIRES;
        match wanted.filter(|wanted| bearable.contains(wanted) && account.round.longer <= LONGER) {
            Some(wanted) => {
                account.expires = wanted;
                self.send_register(now, id, flow);
            }
            None => {
                let reason = response.reason.clone();
                let why = RegistrationFailure::Refused { code: 423, reason };
                self.register_failed(now, id, why, Again::After(LONGEST_PAUSE));
            }
        }
    }

    /// 439: the first hop does not keep flows, so it is done without (RFC 5626 section 11.6).
    fn register_plainly(&mut self, now: Instant, id: AccountId, flow: Flow) {
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        if account.outbound == Some(false) {
            let reason = "First Hop Lacks Outbound Support".to_owned();
            let why = RegistrationFailure::Refused { code: 439, reason };
            return self.register_failed(now, id, why, Again::After(LONGEST_PAUSE));
        }
        account.outbound = Some(false);
        self.send_register(now, id, flow);
    }

    fn registered(&mut self, now: Instant, id: AccountId, by: Flow, response: &Response) {
        let Some(account) = self.accounts.get(&id) else { return };
        // A large REGISTER goes by a connection; what it registers is still where it would have gone by itself.
        let flow = account.flow.unwrap_or(by);
        let contact = account.registered_contact(&flow).uri;
        let bindings = response.headers.contacts();
        let own = account.own_binding(&bindings, &contact);
        let header = response.headers.expires();
        // Some registrars tell of no bindings at all: then how long ours holds is all there is to go by.
        let told = own.is_some() || (bindings.is_empty() && header.is_some());
        let granted = own
            .and_then(NameAddr::expires)
            .or(header)
            .map_or(account.expires, |seconds| Duration::from_secs(seconds.into()));
        if !told || granted.is_zero() {
            return self.register_failed(now, id, RegistrationFailure::NotBound, Again::BackOff);
        }
        let left: Vec<Uri> = bindings
            .iter()
            .filter(|binding| account.is_left_over(binding, &contact))
            .map(|binding| binding.uri.clone())
            .collect();
        let wanted = account.asks_for_gruu();
        let gruu = |name: &str| Uri::parse(own.filter(|_| wanted)?.params.get(name)?).ok();
        let (public, anonymous) = (gruu("pub-gruu"), gruu("temp-gruu"));
        let others = bindings.len() - left.len().min(bindings.len()) - usize::from(own.is_some());
        let seen = seen_as(response, &flow).filter(|_| by.id == flow.id);
        let server = response
            .headers
            .get("Server")
            .or_else(|| response.headers.user_agent())
            .unwrap_or_default()
            .to_owned();
        let (jitter, outbound) = (self.chance(), response.headers.require().contains(&"outbound"));
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        let stood = account.is_registered();
        let before = account.bound.replace(contact.clone());
        let moved = before.is_some_and(|bound| !bound.equivalent(&contact));
        account.failures = 0;
        account.haste = None;
        account.not_before = None;
        account.password_right = true;
        account.service_route = response.headers.service_route();
        account.flow_timer = response.headers.flow_timer();
        if account.config.instance_id.is_some() && account.outbound != Some(false) {
            account.outbound = outbound.then_some(true);
        }
        if let Some(seen) = seen
            && seen != account.learned.unwrap_or(flow.local)
            && !account.round.relearned
        {
            account.round.relearned = true;
            account.learned = (seen != flow.local).then_some(seen);
            return self.send_register(now, id, flow);
        }
        account.phase = Phase::Idle;
        account.life.proven = now;
        account.left.back_at(flow.remote);
        (account.gruu, account.anonymous_gruu) = (public.clone(), anonymous);
        self.end_round(id);
        self.layer.rescue_towards(flow);
        self.doubt_is_over(now, id);
        let refresh = granted
            .mul_f64(0.6 + 0.15 * jitter)
            .clamp(Duration::from_secs(5).min(granted / 2), LONGEST_REFRESH);
        self.alarms.set(Alarm::Register(id), now + refresh);
        if self.alarms.when(Alarm::KeepAlive(id)).is_none() {
            self.alarms.set(Alarm::KeepAlive(id), now + self.config.keep_alive);
        }
        self.begin_probing(now, id, flow.remote);
        self.tell_registration(
            id,
            RegistrationState::Registered {
                flow,
                contact,
                expires: granted,
                server,
                proven: now,
                gruu: public,
                others,
            },
        );
        self.sessions_follow(now, id, flow, moved);
        self.events_follow(now, id, flow, moved || !stood);
        if !left.is_empty() {
            self.unbind(now, id, left, Way::Flow(flow), None);
        }
    }
}

/// Our address as the server saw it: `received` and `rport` of the topmost Via (RFC 3581 section 4).
pub(super) fn seen_as(response: &Response, flow: &Flow) -> Option<SocketAddr> {
    let via = response.headers.via()?;
    if via.received().is_none() && via.rport().is_none() {
        return None;
    }
    let ip = via.received().or_else(|| via.sent_by.host.ip())?;
    Some(SocketAddr::new(ip, via.rport().unwrap_or(flow.local.port())))
}

/// Whether a refusal names the password as its reason; "not authorised" does not.
fn blames_password(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    [
        "password",
        "credential",
        "bad auth",
        "authentication fail",
        "failed authentication",
    ]
    .iter()
    .any(|words| reason.contains(words))
}
