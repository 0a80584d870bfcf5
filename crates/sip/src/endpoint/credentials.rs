//! Challenges to our requests, and credentials for them (RFC 3261 section 22).

use std::time::Instant;

use crate::auth::{ChallengeRefused, DigestClient, ServerProof};
use crate::transaction::ClientKey;
use crate::{CSeq, Headers, Host, Method, Request, Response, Uri};

use super::registration::Account;
use super::request::{Outgoing, Purpose, first_step};
use super::{AccountId, Endpoint, Flow};

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
        if let Purpose::ReadBack(account) = outgoing.purpose
            && !self.is_reading(account, key)
        {
            return;
        }
        if matches!(outgoing.purpose, Purpose::Abandoned { .. }) || self.is_stale(&outgoing.purpose) {
            return self.turn_over(now, outgoing.turn);
        }
        outgoing.challenged += 1;
        let verdict = if outgoing.challenged > CHALLENGES {
            Err(ChallengeRefused::EndlessChallenges)
        } else {
            match self.trust_in(&outgoing, &flow) {
                Some(trust) => self.answer_challenge(trust, &mut outgoing, response),
                None => Err(ChallengeRefused::ForeignRealm),
            }
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
            Purpose::ReadBack(account) => self.read_denied(now, account, &flow, response),
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

    fn answer_challenge(
        &mut self,
        trust: Trusted,
        outgoing: &mut Outgoing,
        response: &Response,
    ) -> Result<(), ChallengeRefused> {
        let cnonce = self.token();
        let account = self.keeper_mut(trust.keeper, outgoing.account);
        // The account's own registrar may name its realm as it likes, and thereby tells whose password it is. Where a
        // redirection led, and in a call, a realm must be known or at least sound like ours: the challenge may have come from
        // whoever is called.
        let registering = matches!(
            outgoing.purpose,
            Purpose::Register(_) | Purpose::ReadBack(_) | Purpose::Unregister
        );
        let redirected = account.as_ref().is_some_and(|account| account.redirect.is_some());
        let any = registering && !redirected;
        // An un-REGISTER may be one of a configuration that is no more: its server teaches the present one nothing.
        let teaches = any && matches!(outgoing.purpose, Purpose::Register(_)) && outgoing.digest.is_none();
        let names = account
            .as_ref()
            .map(|account| (account.realms.clone(), account.own_hosts()));
        let own = |realm: &str| match (&names, trust.reach) {
            _ if any => true,
            (Some((known, _)), Reach::ProvenRealms) => known.iter().any(|known| known == realm),
            (Some((known, hosts)), Reach::Home) => is_own_realm(realm, known, hosts, redirected),
            (None, reach) => reach == Reach::Home,
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
        let Some(sent) = self.sent.get(&key) else { return };
        let keeper = self.trust_in(&sent.outgoing, &sent.flow).map(|trust| trust.keeper);
        let Some(sent) = self.sent.get_mut(&key) else { return };
        let account = match keeper {
            Some(Keeper::Former(at)) => self.former.get_mut(at).map(|former| &mut former.account),
            Some(Keeper::Present) => self.accounts.get_mut(&sent.outgoing.account),
            None => None,
        };
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
        if matches!(outgoing.request.method, Method::Cancel | Method::Options) {
            return;
        }
        let trust = self.trust_in(outgoing, flow);
        let Some(trust) = trust.filter(|trust| trust.reach == Reach::Home) else {
            return;
        };
        let cnonce = self.token();
        let own = self.keeper_mut(trust.keeper, outgoing.account);
        let digest = match (&mut outgoing.digest, own) {
            (Some(digest), _) => Some(digest),
            (None, own) => own.and_then(|account| account.digest.as_mut()),
        };
        if let Some(digest) = digest.filter(|digest| digest.is_ready() && digest.covers(&outgoing.request.uri)) {
            authorise(digest, &mut outgoing.request, &cnonce);
        }
    }

    /// Whether a request may prove who we are where it goes, and by whose credentials. Nobody but the account's own servers gets
    /// to see even a digest of the password.
    fn trust_in(&self, outgoing: &Outgoing, flow: &Flow) -> Option<Trusted> {
        let home = |keeper| Trusted {
            keeper,
            reach: Reach::Home,
        };
        if matches!(
            outgoing.purpose,
            Purpose::Register(_) | Purpose::ReadBack(_) | Purpose::Unregister | Purpose::Parting { home: true }
        ) {
            return Some(home(Keeper::Present));
        }
        let former = self.former.iter().enumerate().rev();
        let former = former.filter(|(_, former)| former.id == outgoing.account);
        let former = former.map(|(at, former)| (Keeper::Former(at), &former.account));
        let present = self.accounts.get(&outgoing.account);
        let mut keepers: Vec<_> = present.map(|account| (Keeper::Present, account)).into_iter().collect();
        keepers.extend(former);
        if let Some((keeper, _)) = keepers.iter().find(|(_, account)| account.serves(outgoing, flow)) {
            return Some(home(*keeper));
        }
        // A call that the own server set up may go on by another of its machines, one that is known by no name: where that asks
        // for a realm which this very password has opened before, it is answered.
        let proven = |account: &Account| account.password_right && !account.realms.is_empty();
        let (keeper, _) = keepers
            .iter()
            .find(|(_, account)| outgoing.in_home_call && proven(account))?;
        Some(Trusted {
            keeper: *keeper,
            reach: Reach::ProvenRealms,
        })
    }

    fn keeper_mut(&mut self, keeper: Keeper, id: AccountId) -> Option<&mut Account> {
        match keeper {
            Keeper::Present => self.accounts.get_mut(&id),
            Keeper::Former(at) => Some(&mut self.former.get_mut(at)?.account),
        }
    }

    /// Whether a call on this flow goes by the account's own server.
    pub(super) fn leads_home(&self, account: AccountId, flow: Option<Flow>) -> bool {
        let (Some(account), Some(flow)) = (self.account_or_former(account), flow) else {
            return false;
        };
        account.is_home(flow.remote.ip())
    }

    /// A goodbye that a server wants proven to which nothing is proven: the account's own server takes it on, so that the far
    /// end is not left with a call nobody is in.
    fn say_goodbye_through_home(&mut self, now: Instant, mut outgoing: Outgoing, flow: Flow) {
        let home = self.account_or_former(outgoing.account);
        if let Some(home) = home
            .and_then(|account| account.flow)
            .filter(|home| home.id != flow.id && !outgoing.detoured)
        {
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
            Purpose::Register(account) | Purpose::ReadBack(account) => self
                .accounts
                .get_mut(&account)
                .map_or(cseq.number + 1, Account::next_cseq),
            _ => cseq.number.saturating_add(1),
        };
        outgoing.request.headers.set("CSeq", CSeq::new(number, cseq.method));
    }
}

/// Whose credentials answer, and how far they reach.
#[derive(Debug, Clone, Copy)]
struct Trusted {
    keeper: Keeper,
    reach: Reach,
}

/// The account as it is, or as it was: its place among the former ones.
#[derive(Debug, Clone, Copy)]
enum Keeper {
    Present,
    Former(usize),
}

/// Which realms may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// The account's own server asks: its realms, and what sounds like them.
    Home,
    /// Somebody else does, for the own server perhaps: only realms that took the password before.
    ProvenRealms,
}

impl Account {
    /// Whether the request goes to the account's own servers.
    fn serves(&self, outgoing: &Outgoing, flow: &Flow) -> bool {
        let home = self.hop();
        // Where a call within a dialog goes is the far end's word; where one outside goes, the person's.
        let uri = outgoing.request.uri.sip();
        let outside = match outgoing.purpose {
            Purpose::Invite(_) | Purpose::Publish { .. } | Purpose::Message(_) => true,
            Purpose::Subscribe(asked) => asked.notifier.is_none(),
            _ => false,
        };
        let ours = outside && uri.is_some_and(|uri| uri.host == home.host && !uri.params.has("maddr"));
        self.is_home(flow.remote.ip()) || ours || self.is_node(&first_step(&outgoing.request))
    }

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
