//! Challenges to our requests, and credentials for them (RFC 3261 section 22).

use std::time::Instant;

use crate::auth::{ChallengeRefused, DigestClient, ServerProof};
use crate::transaction::ClientKey;
use crate::{CSeq, Headers, Host, Method, Request, Response, Uri};

use super::registration::Account;
use super::request::{Outgoing, Purpose, first_step};
use super::{Endpoint, Flow};

/// How often one request is sent again with credentials: a proxy, a server, and a nonce that went stale.
const CHALLENGES: u8 = 4;

impl Endpoint {
    /// A 401 or 407: the request again with credentials, or its end.
    pub(super) fn challenged(&mut self, now: Instant, key: ClientKey, response: &Response) {
        let Some(sent) = self.sent.get(&key) else { return };
        let (mut outgoing, flow) = (sent.outgoing.clone(), sent.flow);
        if let Purpose::Register(account) = outgoing.purpose
            && !self.is_asking(account, key)
        {
            return;
        }
        if matches!(outgoing.purpose, Purpose::Abandoned { .. }) || self.is_stale(&outgoing.purpose) {
            return self.turn_over(now, outgoing.turn);
        }
        outgoing.challenged += 1;
        let verdict = if outgoing.challenged > CHALLENGES {
            Err(ChallengeRefused::EndlessChallenges)
        } else if !self.is_home(&outgoing, &flow) {
            Err(ChallengeRefused::ForeignRealm)
        } else {
            self.answer_challenge(&mut outgoing, response)
        };
        match verdict {
            Ok(()) => {
                self.renumber(&mut outgoing);
                self.send_on(now, flow, outgoing);
            }
            Err(why) => self.turned_away(now, key, outgoing, flow, why, response),
        }
    }

    /// A request that is not sent again.
    fn turned_away(
        &mut self,
        now: Instant,
        key: ClientKey,
        mut outgoing: Outgoing,
        flow: Flow,
        why: ChallengeRefused,
        response: &Response,
    ) {
        self.turn_over(now, outgoing.turn.take());
        match outgoing.purpose {
            Purpose::Register(account) => self.register_denied(now, account, why),
            Purpose::Invite(session) => self.invite_denied(now, session),
            Purpose::Reinvite(session) => self.reinvite_answer(now, session, key, response),
            Purpose::Refer(session) => self.refer_answer(now, session, response),
            Purpose::Subscribe(asked) => self.subscribe_denied(now, asked),
            Purpose::Publish { account, attempt } => self.publish_denied(now, account, attempt),
            Purpose::Message(id) => self.message_denied(now, id),
            Purpose::Update { session, tag } => self.update_answer(now, session, &tag, response),
            Purpose::Refresh(session) => self.session_refreshed(now, session, response),
            Purpose::Report { session, last } => self.report_answer(now, session, last, Some(response)),
            Purpose::Farewell => self.say_goodbye_through_home(now, outgoing, flow),
            _ => {}
        }
    }

    fn answer_challenge(&mut self, outgoing: &mut Outgoing, response: &Response) -> Result<(), ChallengeRefused> {
        let cnonce = self.token();
        let account = self.accounts.get_mut(&outgoing.account);
        // The account's own registrar may name its realm as it likes, and thereby tells whose password it is. Where a
        // redirection led, and in a call, a realm must be known or at least sound like ours: the challenge may have come from
        // whoever is called.
        let registering = matches!(outgoing.purpose, Purpose::Register(_) | Purpose::Unregister);
        let redirected = account.as_ref().is_some_and(|account| account.redirect.is_some());
        let any = registering && !redirected;
        // An un-REGISTER may be one of a configuration that is no more: its server teaches the present one nothing.
        let teaches = any && matches!(outgoing.purpose, Purpose::Register(_)) && outgoing.digest.is_none();
        let names = account
            .as_ref()
            .map(|account| (account.realms.clone(), account.own_hosts()));
        let own = |realm: &str| {
            any || names
                .as_ref()
                .is_none_or(|(known, hosts)| is_own_realm(realm, known, hosts, redirected))
        };
        let own_digest = match account {
            Some(account) => account.digest.as_mut(),
            None => None,
        };
        let digest = outgoing
            .digest
            .as_mut()
            .or(own_digest)
            .ok_or(ChallengeRefused::NoChallenge)?;
        // Credentials sent before anyone asked may rest on a nonce that a restarted server no longer knows: only an answer to a
        // challenge can be refused by the next.
        let answered = if outgoing.challenged > 1 {
            &outgoing.request.headers
        } else {
            &Headers::new()
        };
        digest.challenged_within(response, answered, own)?;
        authorise(digest, &mut outgoing.request, &cnonce);
        let realms: Vec<String> = digest.realms().map(str::to_owned).collect();
        if teaches && let Some(account) = self.accounts.get_mut(&outgoing.account) {
            account.realms = realms;
        }
        Ok(())
    }

    /// What a 2xx says about the next nonce, and about who gave it.
    pub(super) fn server_proof(&mut self, key: ClientKey, response: &Response) {
        let Some(sent) = self.sent.get_mut(&key) else { return };
        let account = self.accounts.get_mut(&sent.outgoing.account);
        let own = account.and_then(|account| account.digest.as_mut());
        let Some(digest) = sent.outgoing.digest.as_mut().or(own) else {
            return;
        };
        if digest.answered(response, &sent.outgoing.request.headers) == ServerProof::Wrong {
            self.counts.false_proofs += 1;
        }
    }

    /// Credentials for a challenge met before, so that the request need not be sent twice.
    pub(super) fn authorise_at_once(&mut self, flow: &Flow, outgoing: &mut Outgoing) {
        let unasked = matches!(outgoing.request.method, Method::Cancel | Method::Options);
        if unasked || !self.is_home(outgoing, flow) {
            return;
        }
        let cnonce = self.token();
        let digest = match &mut outgoing.digest {
            Some(digest) => Some(digest),
            None => self
                .accounts
                .get_mut(&outgoing.account)
                .and_then(|account| account.digest.as_mut()),
        };
        if let Some(digest) = digest.filter(|digest| digest.is_ready() && digest.covers(&outgoing.request.uri)) {
            authorise(digest, &mut outgoing.request, &cnonce);
        }
    }

    /// Whether the request goes to the account's own servers. Nobody else gets to see even a digest of the password.
    fn is_home(&self, outgoing: &Outgoing, flow: &Flow) -> bool {
        if matches!(
            outgoing.purpose,
            Purpose::Register(_) | Purpose::Unregister | Purpose::Parting { home: true }
        ) {
            return true;
        }
        let Some(account) = self.accounts.get(&outgoing.account) else {
            return false;
        };
        let home = account.hop();
        // Where a call within a dialog goes is the far end's word; where one outside goes, the person's.
        let uri = outgoing.request.uri.sip();
        let outside = match outgoing.purpose {
            Purpose::Invite(_) | Purpose::Publish { .. } | Purpose::Message(_) => true,
            Purpose::Subscribe(asked) => asked.notifier.is_none(),
            _ => false,
        };
        let ours = outside && uri.is_some_and(|uri| uri.host == home.host && !uri.params.has("maddr"));
        account.is_home(flow.remote.ip()) || ours || account.is_node(&first_step(&outgoing.request))
    }

    /// A goodbye that a server wants proven to which nothing is proven: the account's own server takes it on, so that the far
    /// end is not left with a call nobody is in.
    fn say_goodbye_through_home(&mut self, now: Instant, mut outgoing: Outgoing, flow: Flow) {
        let home = self.accounts.get(&outgoing.account).and_then(|account| account.flow);
        if let Some(home) = home.filter(|home| home.id != flow.id && !outgoing.detoured) {
            outgoing.detoured = true;
            self.renumber(&mut outgoing);
            self.send_on(now, home, outgoing);
        }
    }

    /// A request sent again is a new one: the next CSeq number (RFC 3261 section 22.2), of the dialog if there is one.
    pub(super) fn renumber(&mut self, outgoing: &mut Outgoing) {
        let Some(cseq) = outgoing.request.headers.cseq() else {
            return;
        };
        let number = match outgoing.purpose {
            Purpose::Reinvite(session)
            | Purpose::Refer(session)
            | Purpose::Info(session)
            | Purpose::Refresh(session)
            | Purpose::Report { session, .. }
            | Purpose::Prack { session, .. }
            | Purpose::Update { session, .. } => {
                let to = outgoing.request.headers.to();
                let tag = to.as_ref().and_then(|to| to.tag()).unwrap_or_default();
                let number = self.dialog_of_request(session, tag).map_or(cseq.number + 1, |dialog| {
                    dialog.local_cseq += 1;
                    dialog.local_cseq
                });
                self.remember_cseq(session, tag);
                number
            }
            Purpose::Publish { account, .. } => self.next_publish(account).unwrap_or(cseq.number + 1),
            Purpose::Subscribe(asked) => self.next_subscribe(asked).unwrap_or(cseq.number + 1),
            Purpose::Register(account) => self
                .accounts
                .get_mut(&account)
                .map_or(cseq.number + 1, Account::next_cseq),
            _ => cseq.number.saturating_add(1),
        };
        outgoing.request.headers.set("CSeq", CSeq::new(number, cseq.method));
    }
}

impl Account {
    /// Whether a hop is a node of the account's own servers by its name: only who runs the domain can give a node a name in it.
    fn is_node(&self, hop: &Uri) -> bool {
        let Some(hop) = hop.sip().filter(|hop| !hop.params.has("maddr")) else {
            return false;
        };
        let name = |host: &Host| Some(host.to_string().to_ascii_lowercase()).filter(|_| host.ip().is_none());
        let Some(node) = name(&hop.host) else { return false };
        self.own_hosts()
            .iter()
            .filter_map(name)
            .any(|own| node == own || node.ends_with(&format!(".{own}")))
    }

    /// The names of its own servers.
    fn own_hosts(&self) -> Vec<Host> {
        let config = &self.config;
        let named = [
            Some(&config.address),
            config.registrar.as_ref(),
            config.outbound_proxy.as_ref(),
        ];
        named.into_iter().flatten().filter_map(Uri::host).cloned().collect()
    }
}

/// Whether a realm is the account's own: its registrar named it, or it is of the same organisation as one of its servers.
fn is_own_realm(realm: &str, known: &[String], hosts: &[Host], redirected: bool) -> bool {
    if known.iter().any(|known| known == realm) {
        return true;
    }
    let domain = realm.rsplit(['@', ' ']).next().unwrap_or(realm).to_ascii_lowercase();
    let domain = domain.trim_start_matches("sip:");
    // An account that never was asked for a password at its registrar knows no realm yet: one that names no domain, or has no
    // domain to be compared with, is taken for the server's.
    let nameless = !domain.contains('.') || hosts.iter().all(|host| host.ip().is_some());
    if known.is_empty() && nameless && !redirected {
        return true;
    }
    hosts
        .iter()
        .any(|host| organisation(&host.to_string()) == organisation(domain))
}

/// The last two labels of a host name, or three where the last two are as general as `co.uk`; an address as it is.
fn organisation(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    if Host::parse(&host).is_some_and(|host| host.ip().is_some()) {
        return host;
    }
    let labels: Vec<&str> = host.trim_end_matches('.').split('.').collect();
    let general = |label: &&str| label.len() <= 3;
    let keep = match labels.as_slice() {
        [.., second, last] if general(second) && last.len() == 2 => 3,
        _ => 2,
    };
    labels
        .get(labels.len().saturating_sub(keep)..)
        .unwrap_or_default()
        .join(".")
}

fn authorise(digest: &mut DigestClient, request: &mut Request, cnonce: &str) {
    let (method, uri) = (request.method.to_string(), request.uri.to_string());
    digest.authorize(&mut request.headers, (&method, &uri, &request.body), cnonce);
}
