//! Calls we make (RFC 3261 section 13.2).

use std::time::Instant;

use crate::parse::tokens::is_token;
use crate::transaction::ClientKey;
use crate::{CSeq, Method, NameAddr, Request, SipUri, Uri};

use super::super::flow::{Waiting, Way};
use super::super::request::{Outgoing, Purpose};
use super::super::timers::{Alarm, NO_FINAL};
use super::super::{
    AccountId, EndCause, Endpoint, Event, Flow, InviteOptions, NextHop, Refused, SessionId, TransportError,
};
use super::{Calling, Session, State, Wish, privacy};

/// Header fields that are the endpoint's own business.
const OWN: [&str; 33] = [
    "Via",
    "From",
    "To",
    "Call-ID",
    "CSeq",
    "Contact",
    "Max-Forwards",
    "Route",
    "Record-Route",
    "Allow",
    "Supported",
    "Require",
    "Proxy-Require",
    "Session-Expires",
    "Min-SE",
    "User-Agent",
    "Content-Type",
    "Content-Length",
    "Content-Encoding",
    "Content-Disposition",
    "Authorization",
    "Proxy-Authorization",
    "Expires",
    "Accept",
    "Replaces",
    "Referred-By",
    "Refer-To",
    "Privacy",
    "P-Asserted-Identity",
    "P-Preferred-Identity",
    "RSeq",
    "RAck",
    "Event",
];

impl Endpoint {
    /// Begins a call. [`Event::OfferWanted`] follows, or [`Event::Ended`].
    pub fn invite(
        &mut self,
        now: Instant,
        account: AccountId,
        target: Uri,
        options: InviteOptions,
    ) -> Result<SessionId, Refused> {
        let target = self.callable(account, target)?;
        if let Some((name, _)) = options.extra.iter().find(|(name, value)| !is_sendable(name, value)) {
            return Err(Refused::BadHeader(name.clone()));
        }
        if options
            .replaces
            .as_ref()
            .is_some_and(|replaces| !replaces.is_sendable())
        {
            return Err(Refused::BadHeader("Replaces".to_owned()));
        }
        if self.sessions.len() >= self.config.max_sessions {
            return Err(Refused::TooManySessions);
        }
        let way = self.way_of_call(account, &target);
        let id = SessionId(self.new_id());
        let (call_id, local_tag) = (self.token() + &self.token(), self.token());
        self.by_dialog.insert((call_id.clone(), local_tag.clone()), id);
        let hidden = options.anonymous;
        let state = State::Reaching(Wish { target, options });
        self.sessions.insert(
            id,
            Session {
                account,
                call_id,
                local_tag,
                flow: None,
                contact: None,
                local: None,
                moving: None,
                hidden,
                state,
            },
        );
        match way {
            Way::Flow(flow) => self.reached(now, id, flow),
            Way::Open(hop, _) => {
                self.open(hop, Waiting::Invite(id));
            }
        }
        self.pump(now);
        Ok(id)
    }

    /// The address as it can stand in a request line: a telephone number belongs to the account's domain.
    pub(in crate::endpoint) fn callable(&self, account: AccountId, target: Uri) -> Result<Uri, Refused> {
        let account = self.accounts.get(&account).ok_or(Refused::NoSuchAccount)?;
        match target {
            Uri::Sip(mut uri) => {
                uri.headers.clear();
                uri.params.remove("method");
                Ok(Uri::Sip(uri))
            }
            Uri::Tel(tel) => {
                let home = account.config.address.sip().ok_or(Refused::BadTarget)?;
                let number: String = tel
                    .number
                    .chars()
                    .filter(|c| !matches!(c, '-' | '.' | '(' | ')' | ' '))
                    .collect();
                let mut uri = SipUri::new(home.host.clone())
                    .with_user(&number)
                    .with_param("user", Some("phone"));
                uri.port = home.port;
                uri.secure = home.secure;
                Ok(Uri::Sip(uri))
            }
            Uri::Absolute(_) => Err(Refused::BadTarget),
        }
    }

    pub(in crate::endpoint) fn way_of_call(&self, account: AccountId, target: &Uri) -> Way {
        let known = self.accounts.get(&account);
        let first = known.and_then(|known| known.routes().first().map(|route| route.uri.clone()));
        let home = known.map(|known| (known.hop(), known.flow, is_home(&known.config.address, target)));
        match (home, first, target.sip()) {
            (Some((_, Some(flow), _)), Some(_), _) | (Some((_, Some(flow), true)), None, _) => Way::Flow(flow),
            (Some((hop, None, _)), Some(_), _) | (Some((hop, None, true)), None, _) => Way::Open(hop, None),
            (_, _, Some(uri)) => {
                let mut hop = NextHop::of(uri);
                hop.transport = hop.transport.or(known.and_then(|known| known.config.transport));
                if let Some(known) = known {
                    hop = known.trusting(hop);
                }
                match self.way_to(account, target, None) {
                    Some(Way::Flow(flow)) => Way::Flow(flow),
                    _ => Way::Open(hop, None),
                }
            }
            (Some((hop, ..)), ..) => Way::Open(hop, None),
            (None, ..) => Way::Open(NextHop::new(crate::Host::Name("invalid".into())), None),
        }
    }

    pub(in crate::endpoint) fn reached(&mut self, now: Instant, id: SessionId, flow: Flow) {
        let contact = self.contact_for(id, &flow);
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        session.state = match std::mem::replace(&mut session.state, State::Reaching(Wish::nothing())) {
            State::Reaching(wish) => State::OfferDue(wish),
            other => other,
        };
        session.flow = Some(flow);
        session.contact = contact;
        session.local = Some(flow.local.ip());
        if matches!(&session.state, State::OfferDue(wish) if wish.options.late_offer) {
            return self.send_invite(now, id, None);
        }
        self.event(Event::OfferWanted {
            session: id,
            local: flow.local.ip(),
        });
    }

    pub(in crate::endpoint) fn unreachable(&mut self, now: Instant, id: SessionId, why: TransportError) {
        self.finish(now, id, EndCause::TransportFailed(why));
    }

    /// The offer that [`Event::OfferWanted`] asked for: sends the INVITE, or the re-INVITE inside a call.
    pub fn offer(&mut self, now: Instant, session: SessionId, sdp: Vec<u8>) {
        match self.sessions.get(&session).map(|session| &session.state) {
            Some(State::OfferDue(_)) => self.send_invite(now, session, Some(sdp)),
            Some(State::Calling(calling)) if calling.elsewhere.is_some() => self.offer_elsewhere(now, session, sdp),
            Some(_) => self.offer_again(now, session, sdp),
            None => {}
        }
        self.pump(now);
    }

    fn send_invite(&mut self, now: Instant, id: SessionId, sdp: Option<Vec<u8>>) {
        let Some(session) = self.sessions.get(&id) else { return };
        let (State::OfferDue(wish), Some(account)) = (&session.state, self.accounts.get(&session.account)) else {
            return;
        };
        let mut request = Request::new(Method::Invite, wish.target.clone());
        let headers = &mut request.headers;
        headers.push("Max-Forwards", 70);
        for route in account.routes() {
            headers.push("Route", route);
        }
        let anonymous = wish.options.anonymous;
        let identity = if anonymous {
            privacy::nobody()
        } else {
            account.identity()
        };
        headers.push("From", identity.with_tag(&session.local_tag));
        headers.push("To", NameAddr::new(wish.target.clone()));
        headers.push("Call-ID", &session.call_id);
        headers.push("CSeq", CSeq::new(1, Method::Invite));
        if let Some(contact) = &session.contact {
            headers.push("Contact", contact);
        }
        self.capabilities(headers);
        if let Some(interval) = self.config.session_expires {
            headers.push("Session-Expires", interval.as_secs());
            headers.push("Min-SE", super::refresh::SHORTEST.as_secs());
        }
        self.introduce(headers);
        if anonymous {
            let known = session.flow.filter(|flow| account.is_home(flow.remote.ip()));
            privacy::withhold(headers, known.map(|_| account.identity()));
        }
        if let Some(replaces) = &wish.options.replaces {
            headers.push("Require", "replaces");
            headers.push("Replaces", replaces);
        }
        if let Some(referred_by) = &wish.options.referred_by {
            headers.push("Referred-By", referred_by);
        }
        for (name, value) in &wish.options.extra {
            headers.push(name.clone(), value);
        }
        if let Some(sdp) = sdp {
            request.set_body("application/sdp", sdp);
        }
        let (account, flow) = (session.account, session.flow);
        self.call_with(now, id, account, flow, request);
    }

    pub(super) fn call_with(
        &mut self,
        now: Instant,
        id: SessionId,
        account: AccountId,
        flow: Option<Flow>,
        request: Request,
    ) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        session.state = State::Calling(Calling {
            invite: None,
            request: request.clone(),
            early: Vec::new(),
            elsewhere: None,
        });
        match flow {
            Some(flow) => self.send_on(now, flow, Outgoing::new(Purpose::Invite(id), account, request)),
            None => self.finish(now, id, EndCause::TransportFailed(TransportError::Closed)),
        }
    }

    pub(in crate::endpoint) fn invite_sent(&mut self, now: Instant, id: SessionId, key: ClientKey, request: &Request) {
        if let Some(Session {
            state: State::Calling(calling),
            ..
        }) = self.sessions.get_mut(&id)
        {
            calling.invite = Some(key);
            calling.request = request.clone();
            self.alarms.set(Alarm::NoFinal(id), now + NO_FINAL);
        }
    }
}

impl Wish {
    fn nothing() -> Self {
        Self {
            target: SipUri::new(crate::Host::Name("invalid".into())).into(),
            options: InviteOptions::default(),
        }
    }
}

fn is_sendable(name: &str, value: &str) -> bool {
    is_token(name)
        && !OWN.iter().any(|own| crate::headers::same_name(own, name))
        && !value.chars().any(char::is_control)
}

/// Whether a target is at the account's own server. Another port of the same machine is another server.
fn is_home(address: &Uri, target: &Uri) -> bool {
    let port = |uri: &Uri| uri.sip().and_then(|uri| uri.port);
    address.host() == target.host() && (port(target).is_none() || port(target) == port(address))
}
