//! What the registrar is told about us: Contact, Outbound (RFC 5626) and GRUU (RFC 5627).

use std::time::Instant;

use crate::auth::DigestClient;
use crate::{CSeq, Method, NameAddr, Request, Transport, Uri};

use super::flow::Way;
use super::registration::{Account, Phase};
use super::request::{Outgoing, Purpose};
use super::timers::Alarm;
use super::{AccountId, Endpoint, Flow};

impl Endpoint {
    /// REGISTER with our Contact, and without the one we had before.
    pub(super) fn register_request(&mut self, id: AccountId, flow: &Flow) -> Option<Request> {
        let mut request = self.bare_register(id)?;
        let account = self.accounts.get(&id)?;
        let contact = account.registered_contact(flow);
        let stale = account.bound.clone().filter(|bound| !bound.equivalent(&contact.uri));
        let (expires, by_instance) = (account.expires.as_secs(), account.outbound == Some(true));
        let headers = &mut request.headers;
        headers.push("Contact", contact.with_param("expires", Some(&expires.to_string())));
        if let Some(stale) = stale.filter(|_| !by_instance) {
            // The binding to the address we had before would ring into the void. With Outbound the new one takes its place.
            headers.push("Contact", NameAddr::new(stale).with_param("expires", Some("0")));
        }
        headers.push("Expires", expires);
        Some(request)
    }

    pub(super) fn bare_register(&mut self, id: AccountId) -> Option<Request> {
        let account = self.accounts.get_mut(&id)?;
        let number = account.next_cseq();
        let mut request = Request::new(Method::Register, account.register_uri());
        let headers = &mut request.headers;
        headers.push("Max-Forwards", 70);
        if let Some(route) = account.proxy_route() {
            headers.push("Route", route);
        }
        headers.push("From", account.identity().with_tag(&account.tag));
        headers.push("To", account.identity());
        headers.push("Call-ID", &account.call_id);
        headers.push("CSeq", CSeq::new(number, Method::Register));
        let outbound = account.config.instance_id.is_some() && account.outbound != Some(false);
        headers.push(
            "Supported",
            match (account.asks_for_gruu(), outbound) {
                (false, false) => "path",
                (false, true) => "path, outbound",
                (true, false) => "path, gruu",
                (true, true) => "path, outbound, gruu",
            },
        );
        self.introduce(&mut request.headers);
        Some(request)
    }

    /// Takes the account's binding out of the registrar, and nobody else's; whoever removes the account does not wait for the
    /// answer.
    pub(super) fn unregister(&mut self, now: Instant, id: AccountId) {
        self.alarms.cancel(Alarm::Register(id));
        self.alarms.cancel(Alarm::KeepAlive(id));
        self.stop_probing(id);
        // A REGISTER without its answer may have made a binding, or be about to.
        let pending = self.pending_contact(id);
        self.end_round(id);
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        let (bound, flow, hop) = (account.bound.take(), account.flow, account.hop());
        let mut bindings: Vec<Uri> = bound.into_iter().collect();
        bindings.extend(pending.filter(|pending| bindings.iter().all(|bound| !bound.equivalent(pending))));
        if !bindings.is_empty() {
            let way = flow.map_or(Way::Open(hop, None), Way::Flow);
            let digest = self.accounts.get(&id).and_then(|account| account.digest.clone());
            self.unbind(now, id, bindings, way, digest);
        }
    }

    /// The Contact in a REGISTER that waits for its answer.
    fn pending_contact(&self, id: AccountId) -> Option<Uri> {
        let Phase::Asking(key) = self.accounts.get(&id)?.phase else {
            return None;
        };
        let contact = self.sent.get(&key)?.outgoing.request.headers.contact()?;
        Some(contact.uri)
    }

    /// Takes bindings that are ours out of the registrar.
    /// An account that goes gives its `digest` along.
    pub(super) fn unbind(
        &mut self,
        now: Instant,
        id: AccountId,
        bindings: Vec<Uri>,
        way: Way,
        digest: Option<DigestClient>,
    ) {
        let Some(mut request) = self.bare_register(id) else {
            return;
        };
        for binding in bindings {
            let contact = NameAddr::new(binding).with_param("expires", Some("0"));
            request.headers.push("Contact", contact);
        }
        request.headers.push("Expires", 0);
        let mut outgoing = Outgoing::new(Purpose::Unregister, id, request);
        outgoing.digest = digest;
        self.dispatch(now, Some(way), outgoing);
    }

    /// The Contact for a call that travels on `flow`: where the account has a GRUU, that one. Else the flow the account is
    /// registered on is where we can be found, if it leads to the same server.
    pub(super) fn call_contact(&self, account: AccountId, flow: &Flow) -> NameAddr {
        self.contact_in_call(account, flow, |account| account.gruu.as_ref())
    }

    /// The Contact for a call that shall not tell who calls (RFC 5627 section 3.1.2).
    pub(super) fn anonymous_contact(&self, account: AccountId, flow: &Flow) -> NameAddr {
        let mut contact = self.contact_in_call(account, flow, |account| account.anonymous_gruu.as_ref());
        let given = self.accounts.get(&account);
        let given = given.and_then(|account| account.anonymous_gruu.as_ref());
        if given != Some(&contact.uri)
            && let Some(uri) = contact.uri.sip_mut()
        {
            uri.user = Some("anonymous".to_owned());
        }
        contact
    }

    fn contact_in_call(&self, account: AccountId, flow: &Flow, gruu: impl Fn(&Account) -> Option<&Uri>) -> NameAddr {
        let Some(account) = self.accounts.get(&account) else {
            return NameAddr::new(super::accounts::address_of(flow));
        };
        let home = account.flow.filter(|home| home.remote.ip() == flow.remote.ip());
        let at_home = home.is_some() || account.is_home(flow.remote.ip());
        if let Some(gruu) = gruu(account).filter(|_| at_home && account.is_registered()) {
            return NameAddr::new(gruu.clone());
        }
        let mut contact = account.contact_uri(&home.unwrap_or(*flow));
        if home.is_some() && account.outbound == Some(true) {
            // RFC 5626 section 4.3: requests to this Contact shall come by the flow the call was made on.
            contact.params.set("ob", None);
        }
        NameAddr::new(contact)
    }
}

impl Account {
    /// The Contact to register: the only one that carries the account's `line`, so that a request that names it has been
    /// sent by the registrar, or by somebody the registrar told.
    pub(super) fn registered_contact(&self, flow: &Flow) -> NameAddr {
        let mut uri = self.contact_uri(flow);
        uri.params.set("line", Some(&self.line));
        let contact = NameAddr::new(uri);
        match &self.config.instance_id {
            Some(instance) => {
                let contact = contact.with_param("+sip.instance", Some(&format!("<{instance}>")));
                if self.outbound == Some(false) {
                    return contact;
                }
                contact.with_param("reg-id", Some(&self.reg_id.to_string()))
            }
            None => contact,
        }
    }

    /// Which of the bindings the registrar told about is the one just made.
    pub(super) fn own_binding<'a>(&self, bindings: &'a [NameAddr], contact: &Uri) -> Option<&'a NameAddr> {
        let asked = u32::try_from(self.expires.as_secs()).ok();
        let strange = |binding: &&NameAddr| !self.is_left_over(binding, contact);
        let find = |wanted: &dyn Fn(&NameAddr) -> bool| bindings.iter().filter(strange).find(|binding| wanted(binding));
        find(&|binding| binding.uri.equivalent(contact))
            .or_else(|| find(&|binding| self.is_ours(binding)))
            // One that a border controller wrote anew is still ours when it is the only one, or the only one that holds for as
            // long as we just asked for.
            .or_else(|| find(&|_| bindings.len() == 1))
            .or_else(|| {
                let mut fresh = bindings
                    .iter()
                    .filter(strange)
                    .filter(|binding| binding.expires() == asked);
                fresh.next().filter(|_| fresh.next().is_none())
            })
    }

    /// Whether a binding was made by this account of this installation, now or before.
    pub(super) fn is_ours(&self, binding: &NameAddr) -> bool {
        let line = binding.uri.sip().and_then(|uri| uri.params.get("line"));
        let instance = self.config.instance_id.as_ref().map(|instance| format!("<{instance}>"));
        let same_instance = instance.is_some()
            && binding.params.get("+sip.instance") == instance.as_deref()
            && binding
                .params
                .get("reg-id")
                .is_none_or(|id| id == self.reg_id.to_string());
        line == Some(self.line.as_str()) || same_instance
    }

    /// Whether it is one of ours that leads to where we no longer are.
    pub(super) fn is_left_over(&self, binding: &NameAddr, contact: &Uri) -> bool {
        if !self.is_ours(binding) || binding.uri.equivalent(contact) {
            return false;
        }
        let line = |uri: &Uri| uri.sip().and_then(|uri| uri.params.get("line").map(str::to_owned));
        // One of an earlier run has another line. Whatever has this run's and another address was either there before, or a
        // border controller wrote it anew.
        let earlier = line(&binding.uri).is_some_and(|other| other != self.line);
        earlier || self.bound.as_ref().is_some_and(|bound| bound.equivalent(&binding.uri))
    }

    fn contact_uri(&self, flow: &Flow) -> crate::SipUri {
        let seen = self.learned.filter(|_| self.is_on(flow.id));
        let mut uri = super::accounts::address_of(&Flow {
            local: seen.unwrap_or(flow.local),
            ..*flow
        });
        uri.user = self.config.address.sip().and_then(|address| address.user.clone());
        if self.config.address.sip().is_some_and(|address| address.secure) && flow.transport == Transport::Tls {
            uri.secure = true;
            uri.params.remove("transport");
        }
        uri
    }
}
