//! What the registrar answered. The table stands in [`registration`](super::registration).

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::{NameAddr, Response, Uri};

use super::registration::{Again, LONGEST_PAUSE, Phase};
use super::timers::Alarm;
use super::{AccountId, Endpoint, Flow, RegistrationFailure, RegistrationState};

/// A registration is refreshed at least this often, so that a registrar that forgot us is noticed.
const LONGEST_REFRESH: Duration = Duration::from_secs(600);
/// The longest `Retry-After` that is obeyed.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);

impl Endpoint {
    pub(super) fn register_answer(&mut self, now: Instant, id: AccountId, flow: Flow, response: &Response) {
        let code = response.code();
        let reason = response.reason.clone();
        let patience = response
            .headers
            .retry_after()
            .map(|s| Duration::from_secs(s.into()).min(LONGEST_RETRY_AFTER));
        let pause = patience.map_or(Again::BackOff, Again::NotBefore);
        match code {
            200..=299 => self.registered(now, id, flow, response),
            404 => self.register_failed(now, id, RegistrationFailure::NoSuchUser, Again::After(LONGEST_PAUSE)),
            403 if speaks_of_password(&reason) => {
                let again = self.after_denial(id);
                self.register_failed(now, id, RegistrationFailure::WrongPassword, again);
            }
            408 => self.register_failed(now, id, RegistrationFailure::NoAnswer, pause),
            423 => self.register_for_longer(now, id, flow, response),
            500..=599 => self.register_failed(now, id, RegistrationFailure::ServerTrouble { code, reason }, pause),
            _ => {
                let again = patience.map_or(Again::After(LONGEST_PAUSE), Again::NotBefore);
                self.register_failed(now, id, RegistrationFailure::Refused { code, reason }, again);
            }
        }
    }

    fn register_for_longer(&mut self, now: Instant, id: AccountId, flow: Flow, response: &Response) {
        let wanted = response.headers.min_expires().map(|s| Duration::from_secs(s.into()));
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        match wanted {
            Some(wanted) if wanted > account.expires => {
                account.expires = wanted;
                self.send_register(now, id, flow);
            }
            _ => {
                let reason = response.reason.clone();
                let why = RegistrationFailure::Refused { code: 423, reason };
                self.register_failed(now, id, why, Again::After(LONGEST_PAUSE));
            }
        }
    }

    fn registered(&mut self, now: Instant, id: AccountId, flow: Flow, response: &Response) {
        let Some(account) = self.accounts.get(&id) else { return };
        let contact = self.registered_contact(account, &flow).uri;
        let ours = |uri: &Uri| {
            uri.equivalent(&contact)
                || uri
                    .sip()
                    .is_some_and(|uri| uri.params.get("line") == Some(account.line.as_str()))
        };
        let bindings = response.headers.contacts();
        // One that a border controller wrote anew is still ours when it is the only one.
        let own = bindings
            .iter()
            .find(|bound| ours(&bound.uri))
            .or(bindings.first().filter(|_| bindings.len() == 1));
        let granted = own
            .and_then(NameAddr::expires)
            .or_else(|| response.headers.expires())
            .map_or(account.expires, |seconds| Duration::from_secs(seconds.into()));
        let seen = seen_as(response, &flow);
        let server = response
            .headers
            .get("Server")
            .or_else(|| response.headers.user_agent())
            .unwrap_or_default()
            .to_owned();
        let jitter = self.chance();
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        let moved = account.bound.as_ref().is_some_and(|bound| !bound.equivalent(&contact));
        account.bound = Some(contact.clone());
        account.failures = 0;
        account.proven = true;
        account.phase = Phase::Idle;
        account.service_route = response.headers.service_route();
        if let Some(seen) = seen
            && seen != account.learned.unwrap_or(flow.local)
            && !account.relearned
        {
            account.relearned = true;
            account.learned = (seen != flow.local).then_some(seen);
            return self.send_register(now, id, flow);
        }
        if let Some(lost) = account.lost.take() {
            self.layer.move_flow(lost, flow);
        }
        let keep_alive = self.config.keep_alive;
        let refresh = granted
            .mul_f64(0.6 + 0.15 * jitter)
            .clamp(Duration::from_secs(5), LONGEST_REFRESH);
        self.alarms.set(Alarm::Register(id), now + refresh);
        if self.alarms.when(Alarm::KeepAlive(id)).is_none() {
            self.alarms.set(Alarm::KeepAlive(id), now + keep_alive);
        }
        self.tell_registration(
            id,
            RegistrationState::Registered {
                flow,
                contact,
                expires: granted,
                server,
                proven: now,
                gruu: None,
                others: bindings.len().saturating_sub(1),
            },
        );
        self.sessions_follow(now, id, flow, moved);
    }
}

/// Our address as the server saw it: `received` and `rport` of the topmost Via (RFC 3581 section 4).
fn seen_as(response: &Response, flow: &Flow) -> Option<SocketAddr> {
    let via = response.headers.via()?;
    if via.received().is_none() && via.rport().is_none() {
        return None;
    }
    let ip = via.received().or_else(|| via.sent_by.host.ip())?;
    Some(SocketAddr::new(ip, via.rport().unwrap_or(flow.local.port())))
}

fn speaks_of_password(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    ["password", "credential", "auth", "secret", "digest"]
        .iter()
        .any(|word| reason.contains(word))
}
