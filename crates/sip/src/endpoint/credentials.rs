//! Challenges to our requests, and credentials for them (RFC 3261 section 22).

use std::time::Instant;

use crate::auth::{ChallengeRefused, DigestClient};
use crate::transaction::ClientKey;
use crate::{CSeq, Headers, Method, Request, Response};

use super::registration::Account;
use super::request::{Outgoing, Purpose};
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
            return;
        }
        outgoing.challenged += 1;
        let verdict = if outgoing.challenged > CHALLENGES || !self.is_home(&outgoing, &flow) {
            Err(ChallengeRefused::WrongCredentials)
        } else {
            self.answer_challenge(&mut outgoing, response)
        };
        match verdict {
            Ok(()) => {
                self.renumber(&mut outgoing);
                self.send_on(now, flow, outgoing);
            }
            Err(why) => match outgoing.purpose {
                Purpose::Register(account) => self.register_denied(now, account, why),
                Purpose::Invite(session) => self.invite_denied(session),
                Purpose::Reinvite(session) => self.reinvite_answer(now, session, key, response),
                Purpose::Refer(session) => self.refer_answer(now, session, response),
                _ => {}
            },
        }
    }

    fn answer_challenge(&mut self, outgoing: &mut Outgoing, response: &Response) -> Result<(), ChallengeRefused> {
        let cnonce = self.token();
        let own = self
            .accounts
            .get_mut(&outgoing.account)
            .and_then(|account| account.digest.as_mut());
        let digest = outgoing.digest.as_mut().or(own).ok_or(ChallengeRefused::NoChallenge)?;
        // Credentials sent before anyone asked may rest on a nonce that a restarted server no longer knows: only an answer to a
        // challenge can be refused by the next.
        let answered = if outgoing.challenged > 1 {
            &outgoing.request.headers
        } else {
            &Headers::new()
        };
        digest.challenged(response, answered)?;
        authorise(digest, &mut outgoing.request, &cnonce);
        Ok(())
    }

    /// Credentials for a challenge met before, so that the request need not be sent twice.
    pub(super) fn authorise_at_once(&mut self, flow: &Flow, outgoing: &mut Outgoing) {
        if matches!(outgoing.request.method, Method::Cancel) || !self.is_home(outgoing, flow) {
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
        if let Some(digest) = digest.filter(|digest| digest.is_ready()) {
            authorise(digest, &mut outgoing.request, &cnonce);
        }
    }

    /// Whether the request goes to the account's own servers. Nobody else gets to see even a digest of the password.
    fn is_home(&self, outgoing: &Outgoing, flow: &Flow) -> bool {
        if matches!(outgoing.purpose, Purpose::Register(_) | Purpose::Unregister) {
            return true;
        }
        let Some(account) = self.accounts.get(&outgoing.account) else {
            return false;
        };
        let home = account.hop();
        // Where a call within a dialog goes is the far end's word; where one outside goes, the person's.
        let uri = outgoing.request.uri.sip();
        let ours = matches!(outgoing.purpose, Purpose::Invite(_))
            && uri.is_some_and(|uri| uri.host == home.host && !uri.params.has("maddr"));
        account.flow.is_some_and(|own| own.remote.ip() == flow.remote.ip())
            || home.host.ip() == Some(flow.remote.ip())
            || ours
    }

    /// A request sent again is a new one: the next CSeq number (RFC 3261 section 22.2), of the dialog if there is one.
    fn renumber(&mut self, outgoing: &mut Outgoing) {
        let Some(cseq) = outgoing.request.headers.cseq() else {
            return;
        };
        let number = match outgoing.purpose {
            Purpose::Reinvite(session) | Purpose::Refer(session) => {
                self.dialog_mut(session).map_or(cseq.number + 1, |dialog| {
                    dialog.local_cseq += 1;
                    dialog.local_cseq
                })
            }
            Purpose::Register(account) => self
                .accounts
                .get_mut(&account)
                .map_or(cseq.number + 1, Account::next_cseq),
            _ => cseq.number.saturating_add(1),
        };
        outgoing.request.headers.set("CSeq", CSeq::new(number, cseq.method));
    }
}

fn authorise(digest: &mut DigestClient, request: &mut Request, cnonce: &str) {
    let (method, uri) = (request.method.to_string(), request.uri.to_string());
    digest.authorize(&mut request.headers, (&method, &uri, &request.body), cnonce);
}
