//! Requests of ours outside the transaction layer: how they get a flow, credentials, and to whom their answers matter.

use std::time::Instant;

use crate::auth::{ChallengeRefused, DigestClient};
use crate::dialog::Dialog;
use crate::transaction::ClientKey;
use crate::{CSeq, Headers, Method, Request, Response, Transport};

use super::flow::{Waiting, Way};
use super::registration::Account;
use super::{AccountId, Endpoint, Flow, FlowId, NextHop, Reason, SessionId, TransportError};

/// Above this many octets a request goes by TCP first (RFC 3261 section 18.1.1).
const LARGEST_DATAGRAM: usize = 1300;
/// What the topmost Via adds.
const VIA: usize = 110;
/// How often one request is sent again with credentials: a proxy, a server, and a nonce that went stale.
const CHALLENGES: u8 = 4;

/// Whom the answer matters to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Purpose {
    Register(AccountId),
    Unregister,
    Invite(SessionId),
    /// An INVITE nobody waits for any more: it is cancelled as soon as that is allowed, and if it is answered
    /// nevertheless the answer gets ACK and BYE.
    Abandoned {
        cancelled: bool,
        reason: Option<Reason>,
    },
    Reinvite(SessionId),
    Refer(SessionId),
    /// CANCEL, BYE: whatever the answer is, it changes nothing.
    Farewell,
    /// The ACK to the 2xx with this tag.
    Ack {
        invite: ClientKey,
        tag: String,
    },
}

/// A request on its way to a flow.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    pub(super) purpose: Purpose,
    pub(super) account: AccountId,
    /// Without our Via.
    pub(super) request: Request,
    /// For an account that is gone already.
    pub(super) digest: Option<DigestClient>,
    challenged: u8,
    /// It was sent by TCP for its size, or that failed: no more of it.
    settled: bool,
    /// It was sent on a flow that broke, and goes by another one.
    reopened: bool,
}

impl Outgoing {
    pub(super) fn new(purpose: Purpose, account: AccountId, request: Request) -> Self {
        Self {
            purpose,
            account,
            request,
            digest: None,
            challenged: 0,
            settled: false,
            reopened: false,
        }
    }
}

/// A request that has a transaction.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) outgoing: Outgoing,
    pub(super) flow: Flow,
    acks: Vec<Acked>,
}

/// The ACK to the 2xx with this tag, to be repeated with each repetition of it (RFC 3261 section 13.2.2.4).
#[derive(Debug)]
struct Acked {
    tag: String,
    /// `None` while it waits for its flow.
    sent: Option<(FlowId, Vec<u8>)>,
}

impl Endpoint {
    pub(super) fn dispatch(&mut self, now: Instant, way: Option<Way>, outgoing: Outgoing) {
        match way {
            Some(Way::Flow(flow)) => self.send_on(now, flow, outgoing),
            Some(Way::Open(hop, otherwise)) => {
                self.open(
                    hop,
                    Waiting::Request {
                        outgoing: Box::new(outgoing),
                        otherwise,
                    },
                );
            }
            None => self.failed(now, outgoing, Some(TransportError::Unreachable)),
        }
    }

    pub(super) fn send_on(&mut self, now: Instant, flow: Flow, mut outgoing: Outgoing) {
        if self.is_stale(&outgoing.purpose) {
            return;
        }
        if let Purpose::Ack { invite, tag } = outgoing.purpose {
            let branch = self.branch();
            let bytes = self.layer.send_alone(&flow, outgoing.request, &branch);
            let acks = self.sent.get_mut(&invite).map(|sent| &mut sent.acks);
            if let Some(ack) = acks.and_then(|acks| acks.iter_mut().find(|ack| ack.tag == tag)) {
                ack.sent = Some((flow.id, bytes));
            }
            return;
        }
        if outgoing.challenged == 0 {
            self.authorise_at_once(&flow, &mut outgoing);
        }
        let size = outgoing.request.to_bytes().len() + VIA;
        if flow.transport == Transport::Udp && size > LARGEST_DATAGRAM && !outgoing.settled {
            outgoing.settled = true;
            let hop = NextHop {
                host: flow.remote.ip().into(),
                port: Some(flow.remote.port()),
                transport: Some(Transport::Tcp),
                secure: false,
            };
            self.open(
                hop,
                Waiting::Request {
                    outgoing: Box::new(outgoing),
                    otherwise: Some(flow),
                },
            );
            return;
        }
        let branch = self.branch();
        let key = self.layer.send_request(now, &flow, outgoing.request.clone(), branch);
        match outgoing.purpose {
            Purpose::Register(account) => self.register_sent(account, key),
            Purpose::Invite(session) => self.invite_sent(now, session, key, &outgoing.request),
            _ => {}
        }
        self.sent.insert(
            key,
            Sent {
                outgoing,
                flow,
                acks: Vec::new(),
            },
        );
    }

    /// Whether nobody wants this request sent any more.
    fn is_stale(&self, purpose: &Purpose) -> bool {
        match purpose {
            Purpose::Invite(session) | Purpose::Reinvite(session) | Purpose::Refer(session) => {
                !self.sessions.contains_key(session)
            }
            _ => false,
        }
    }

    pub(super) fn response(&mut self, now: Instant, key: ClientKey, flow: Flow, response: Response) {
        let Some(sent) = self.sent.get(&key) else { return };
        let code = response.code();
        if sent.outgoing.request.method == Method::Invite
            && (200..300).contains(&code)
            && let Some(ack) = sent.acks.iter().find(|ack| ack.tag == tag_of(&response))
        {
            if let Some((flow, bytes)) = ack.sent.clone() {
                self.out.push_back(super::Output::Send { flow, bytes });
            }
            return;
        }
        if matches!(code, 401 | 407) && sent.outgoing.request.method != Method::Cancel {
            return self.challenged(now, key, &response);
        }
        match sent.outgoing.purpose.clone() {
            Purpose::Register(account) => {
                if code >= 200 && self.is_asking(account, key) {
                    self.register_answer(now, account, flow, &response);
                }
            }
            Purpose::Invite(session) => self.invite_answer(now, session, key, &response),
            Purpose::Reinvite(session) => self.reinvite_answer(now, session, key, &response),
            Purpose::Refer(session) => self.refer_answer(now, session, &response),
            Purpose::Abandoned { cancelled, reason } => self.abandoned_answer(now, key, cancelled, reason, &response),
            Purpose::Unregister | Purpose::Farewell | Purpose::Ack { .. } => {}
        }
    }

    /// No final answer: in time, or because the flow broke.
    pub(super) fn unanswered(&mut self, now: Instant, key: ClientKey, broken: Option<TransportError>) {
        let Some(sent) = self.sent.get(&key) else { return };
        if let Purpose::Register(account) = sent.outgoing.purpose
            && !self.is_asking(account, key)
        {
            return;
        }
        let mut outgoing = sent.outgoing.clone();
        let again = matches!(
            outgoing.purpose,
            Purpose::Reinvite(_) | Purpose::Refer(_) | Purpose::Farewell
        ) && outgoing.request.method != Method::Cancel;
        if broken.is_some() && again && !outgoing.reopened {
            // The connection of a call may have ended unnoticed; the far end can still be reached by another one.
            outgoing.reopened = true;
            let hop = outgoing
                .request
                .headers
                .route()
                .first()
                .map_or(outgoing.request.uri.clone(), |r| r.uri.clone());
            let way = self.way_to(outgoing.account, &hop, None);
            return self.dispatch(now, way, outgoing);
        }
        self.failed(now, outgoing, broken);
    }

    /// A request could not be sent, or was not answered.
    pub(super) fn failed(&mut self, now: Instant, outgoing: Outgoing, why: Option<TransportError>) {
        match outgoing.purpose {
            Purpose::Register(account) => match why {
                None => self.register_unanswered(now, account),
                Some(why) => self.registration_broken(now, account, super::RegistrationFailure::Unreachable(why)),
            },
            Purpose::Invite(session) => self.invite_failed(session, why),
            Purpose::Reinvite(session) => self.reinvite_failed(now, session, why),
            Purpose::Refer(session) => self.refer_failed(now, session, why),
            Purpose::Unregister | Purpose::Farewell | Purpose::Abandoned { .. } | Purpose::Ack { .. } => {}
        }
    }

    fn challenged(&mut self, now: Instant, key: ClientKey, response: &Response) {
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
        let answered = if outgoing.challenged > 1 { &outgoing.request.headers } else { &Headers::new() };
        digest.challenged(response, answered)?;
        authorise(digest, &mut outgoing.request, &cnonce);
        Ok(())
    }

    /// Credentials for a challenge met before, so that the request need not be sent twice.
    fn authorise_at_once(&mut self, flow: &Flow, outgoing: &mut Outgoing) {
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
        account.flow.is_some_and(|own| own.remote.ip() == flow.remote.ip())
            || home.host.ip() == Some(flow.remote.ip())
            || outgoing.request.uri.host() == Some(&home.host)
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

    /// Sends the ACK to a 2xx along the dialog, with the credentials of the INVITE (RFC 3261 section 13.2.2.4).
    pub(super) fn send_ack(&mut self, now: Instant, invite: ClientKey, dialog: &Dialog) {
        let Some(sent) = self.sent.get_mut(&invite) else { return };
        let Some(cseq) = sent.outgoing.request.headers.cseq() else {
            return;
        };
        sent.acks.push(Acked {
            tag: dialog.id.remote_tag.clone(),
            sent: None,
        });
        let mut ack = dialog.ack(cseq.number);
        for name in ["Authorization", "Proxy-Authorization"] {
            for value in sent.outgoing.request.headers.get_all(name) {
                ack.headers.push(name, value);
            }
        }
        let (account, flow) = (sent.outgoing.account, sent.flow);
        let way = self.way_to(account, dialog.next_hop(), Some(flow));
        let purpose = Purpose::Ack {
            invite,
            tag: dialog.id.remote_tag.clone(),
        };
        self.dispatch(now, way, Outgoing::new(purpose, account, ack));
    }

    /// Ends a dialog with BYE and forgets it.
    pub(super) fn send_bye(
        &mut self,
        now: Instant,
        account: AccountId,
        mut dialog: Dialog,
        flow: Option<Flow>,
        reason: Option<&Reason>,
    ) {
        let mut bye = dialog.request(Method::Bye);
        if let Some(reason) = reason {
            bye.headers.push("Reason", reason);
        }
        self.introduce(&mut bye.headers);
        let way = self.way_to(account, dialog.next_hop(), flow);
        self.dispatch(now, way, Outgoing::new(Purpose::Farewell, account, bye));
    }

    /// Gives up an INVITE that nobody waits for any more.
    pub(super) fn abandon(&mut self, now: Instant, invite: ClientKey, reason: Option<Reason>) {
        let cancelled = self.layer.may_cancel(invite);
        if let Some(sent) = self.sent.get_mut(&invite) {
            sent.outgoing.purpose = Purpose::Abandoned {
                cancelled,
                reason: reason.clone(),
            };
        }
        if cancelled {
            self.send_cancel(now, invite, reason);
        }
    }

    fn send_cancel(&mut self, now: Instant, invite: ClientKey, reason: Option<Reason>) {
        let extra: Vec<_> = reason
            .map(|reason| ("Reason", reason.to_string()))
            .into_iter()
            .collect();
        self.layer.cancel(now, invite, &extra);
    }

    fn abandoned_answer(
        &mut self,
        now: Instant,
        key: ClientKey,
        cancelled: bool,
        reason: Option<Reason>,
        response: &Response,
    ) {
        let Some(sent) = self.sent.get_mut(&key) else { return };
        match response.code() {
            100..=199 if !cancelled => {
                sent.outgoing.purpose = Purpose::Abandoned {
                    cancelled: true,
                    reason: reason.clone(),
                };
                self.send_cancel(now, key, reason);
            }
            200..=299 => {
                let (account, flow) = (sent.outgoing.account, sent.flow);
                let Some(dialog) = Dialog::from_response(&sent.outgoing.request, response) else {
                    return;
                };
                self.send_ack(now, key, &dialog);
                self.send_bye(now, account, dialog, Some(flow), reason.as_ref());
            }
            _ => {}
        }
    }
}

fn authorise(digest: &mut DigestClient, request: &mut Request, cnonce: &str) {
    let (method, uri) = (request.method.to_string(), request.uri.to_string());
    digest.authorize(&mut request.headers, (&method, &uri, &request.body), cnonce);
}

/// The far end's tag; empty when it gave none.
pub(super) fn tag_of(response: &Response) -> String {
    response
        .headers
        .to()
        .and_then(|to| to.tag().map(str::to_owned))
        .unwrap_or_default()
}
