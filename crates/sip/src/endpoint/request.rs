//! Requests of ours above the transaction layer: how they get a flow, and to whom their answers matter.

use std::time::{Duration, Instant};

use crate::auth::DigestClient;
use crate::dialog::Dialog;
use crate::transaction::ClientKey;
use crate::{Method, Request, Response, SipUri, Transport, Uri};

use super::elsewhere::{Search, Verdict};
use super::events::{Asked, MessageId};
use super::flow::{Waiting, Way};
use super::registration::AVOIDED;
use super::session::MOST_EARLY;
use super::timers::Alarm;
use super::turns::Ticket;
use super::{AccountId, Endpoint, Flow, FlowId, NextHop, Reason, SessionId, TransportError};

/// Above this many octets a request goes by TCP first (RFC 3261 section 18.1.1).
const LARGEST_DATAGRAM: usize = 1300;
/// How long a server that takes no connection is not asked for one again.
const DATAGRAMS_ONLY: Duration = Duration::from_secs(3600);
/// How many such servers are remembered.
const MOST_DATAGRAMS_ONLY: usize = 64;
/// What the topmost Via adds.
const VIA: usize = 110;

/// Whom the answer matters to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Purpose {
    Register(AccountId),
    Unregister,
    /// Is the server there? Any answer says so.
    Probe(AccountId),
    /// What does the registrar have of us?
    ReadBack(AccountId),
    /// Is the server back that was left? Any answer of it says so.
    Trial(AccountId),
    Invite(SessionId),
    /// An INVITE nobody waits for any more: it is cancelled as soon as that is allowed, and if it is answered
    /// nevertheless the answer gets ACK and BYE.
    Abandoned {
        cancelled: bool,
        reason: Option<Reason>,
    },
    Reinvite(SessionId),
    /// A re-INVITE that was cancelled; if it is accepted nevertheless, that gets its ACK.
    Withdrawn(SessionId),
    /// The acknowledgement of a provisional answer, to the far end of this tag.
    Prack {
        session: SessionId,
        tag: String,
    },
    /// UPDATE with an offer, to the far end of this tag.
    Update {
        session: SessionId,
        tag: String,
    },
    /// UPDATE without an offer.
    Refresh(SessionId),
    Refer(SessionId),
    /// INFO with a key.
    Info(SessionId),
    /// NOTIFY about a REFER of the far end.
    Report {
        session: SessionId,
        last: bool,
    },
    Subscribe(Asked),
    Publish {
        account: AccountId,
        attempt: u32,
    },
    Message(MessageId),
    /// The end of a subscription or publication, whatever the answer is; `home`: at the account's own server.
    Parting {
        home: bool,
    },
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
    /// How often it was challenged.
    pub(super) challenged: u8,
    /// It was sent by TCP for its size, or that failed: no more of it.
    pub(super) settled: bool,
    /// Where else it may go.
    pub(super) search: Option<Search>,
    /// It was sent on a flow that broke, and goes by another one.
    reopened: bool,
    /// It was turned away where it went, and goes by the account's own server.
    pub(super) detoured: bool,
    /// It belongs to a call that the account's own server set up.
    pub(super) in_home_call: bool,
    /// Its place among the requests of its dialog.
    pub(super) turn: Option<Ticket>,
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
            search: None,
            reopened: false,
            detoured: false,
            in_home_call: false,
            turn: None,
        }
    }
}

/// A request that has a transaction.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) outgoing: Outgoing,
    pub(super) flow: Flow,
    pub(super) acks: Vec<Acked>,
    /// The last CSeq used in early dialogs of this INVITE, by the far end's tag.
    early: Vec<(String, u32)>,
}

impl Sent {
    /// A request was sent in an early dialog.
    pub(super) fn used(&mut self, tag: &str, cseq: u32) {
        if let Some((_, last)) = self.early.iter_mut().find(|(known, _)| known == tag) {
            *last = cseq;
        } else if self.early.len() < MOST_EARLY {
            self.early.push((tag.to_owned(), cseq));
        }
    }

    /// The dialog that an answer to this INVITE makes, counting on where its early dialog stopped.
    pub(super) fn dialog_of(&self, response: &Response) -> Option<Dialog> {
        let mut dialog = Dialog::from_response(&self.outgoing.request, response)?;
        let early = self.early.iter().find(|(tag, _)| *tag == dialog.id.remote_tag);
        dialog.local_cseq = early.map_or(dialog.local_cseq, |(_, last)| dialog.local_cseq.max(*last));
        Some(dialog)
    }
}

/// The ACK to the 2xx with this tag, to be repeated with each repetition of it (RFC 3261 section 13.2.2.4).
#[derive(Debug)]
pub(super) struct Acked {
    pub(super) tag: String,
    /// `None` while it waits for its flow.
    pub(super) sent: Option<(FlowId, Vec<u8>)>,
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
            return self.turn_over(now, outgoing.turn);
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
        if outgoing.search.is_none() {
            outgoing.search = self.search_for(&flow, &outgoing);
        }
        self.give_contact(outgoing.account, &flow, &mut outgoing.request);
        if outgoing.challenged == 0 {
            self.authorise_at_once(&flow, &mut outgoing);
        }
        let size = outgoing.request.to_bytes().len() + VIA;
        let large = flow.transport == Transport::Udp && size > LARGEST_DATAGRAM;
        if large && !outgoing.settled && !self.takes_datagrams_only(now, &flow) {
            outgoing.settled = true;
            let hop = NextHop {
                port: Some(flow.remote.port()),
                transport: Some(Transport::Tcp),
                ..NextHop::new(flow.remote.ip().into())
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
            Purpose::Register(account) => self.register_sent(now, account, key),
            Purpose::Probe(account) => self.probe_sent(account, key),
            Purpose::ReadBack(account) => self.reading_sent(account, key),
            Purpose::Invite(session) => self.invite_sent(now, session, key, &outgoing.request),
            Purpose::Subscribe(asked) => self.subscribe_sent(now, asked, flow, &outgoing.request),
            _ => {}
        }
        self.await_first_word(now, &outgoing.purpose, outgoing.search.is_some());
        self.sent.insert(
            key,
            Sent {
                outgoing,
                flow,
                acks: Vec::new(),
                early: Vec::new(),
            },
        );
    }

    /// Whether the server refused a connection lately: trying one for each large request would cost a person seconds.
    fn takes_datagrams_only(&self, now: Instant, flow: &Flow) -> bool {
        let refused = self.datagrams_only.get(&flow.remote);
        refused.is_some_and(|at| now.saturating_duration_since(*at) < DATAGRAMS_ONLY)
    }

    /// A large request found no connection and goes as a datagram after all.
    pub(super) fn no_connection(&mut self, now: Instant, flow: &Flow) {
        if self.datagrams_only.len() >= MOST_DATAGRAMS_ONLY {
            self.datagrams_only.clear();
        }
        self.datagrams_only.insert(flow.remote, now);
    }

    /// Whether nobody wants this request sent any more.
    pub(super) fn is_stale(&self, purpose: &Purpose) -> bool {
        match purpose {
            Purpose::Invite(session)
            | Purpose::Reinvite(session)
            | Purpose::Refer(session)
            | Purpose::Info(session)
            | Purpose::Refresh(session)
            | Purpose::Prack { session, .. }
            | Purpose::Update { session, .. } => !self.sessions.contains_key(session),
            Purpose::Subscribe(asked) => !self.is_asked(*asked),
            Purpose::Publish { account, attempt } => !self.is_publishing(*account, *attempt),
            Purpose::Abandoned { .. } | Purpose::Withdrawn(_) => true,
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
        let (account, purpose) = (sent.outgoing.account, sent.outgoing.purpose.clone());
        let turn = sent.outgoing.turn.clone();
        let heard_of = code >= 200 || matches!(purpose, Purpose::Reinvite(_));
        if sent.flow.id == flow.id {
            self.answered_by(now, account, flow.id);
        }
        if let Purpose::Probe(account) = purpose {
            return self.probe_answered(now, account, &flow, &response);
        }
        if let Purpose::Trial(account) = purpose {
            return self.trial_answer(now, account, flow, Some(code));
        }
        let Some(sent) = self.sent.get(&key) else { return };
        if matches!(code, 401 | 407) && sent.outgoing.request.method != Method::Cancel {
            return self.challenged(now, key, &response);
        }
        if (200..300).contains(&code) {
            self.server_proof(key, &response);
        }
        if let Purpose::Invite(session) = purpose {
            self.alarms.cancel(Alarm::Silent(session));
        }
        if code == 503 && self.sent.get(&key).is_some_and(|sent| sent.outgoing.search.is_some()) {
            let patience = response
                .headers
                .retry_after()
                .map_or(AVOIDED, |s| Duration::from_secs(s.into()));
            let Some(sent) = self.sent.get(&key) else { return };
            let (outgoing, server) = (sent.outgoing.clone(), sent.flow);
            let verdict = Verdict::Answer(key, flow, Box::new(response));
            if let Some((outgoing, verdict)) = self.try_elsewhere(outgoing, &server, verdict, patience) {
                self.no_next_server(now, outgoing, verdict);
            }
            return;
        }
        if heard_of {
            self.turn_over(now, turn);
        }
        self.tell_answer(now, key, flow, &purpose, &response);
    }

    /// Tells an answer to whom it matters.
    pub(super) fn tell_answer(
        &mut self,
        now: Instant,
        key: ClientKey,
        flow: Flow,
        purpose: &Purpose,
        response: &Response,
    ) {
        let code = response.code();
        match purpose.clone() {
            Purpose::Register(account) => {
                if self.is_asking(account, key) {
                    self.alarms.cancel(Alarm::Patience(account));
                    if code >= 200 {
                        let sent = self.sent.get(&key).map(|sent| &sent.outgoing.request.headers);
                        let proven =
                            sent.is_some_and(|sent| sent.has("Authorization") || sent.has("Proxy-Authorization"));
                        self.register_answer(now, account, flow, response, proven);
                    }
                }
            }
            Purpose::ReadBack(account) => self.read_answer(now, account, key, &flow, response),
            Purpose::Invite(session) => self.invite_answer(now, session, key, response),
            Purpose::Reinvite(session) => self.reinvite_answer(now, session, key, response),
            Purpose::Withdrawn(session) => self.withdrawn_answer(now, session, key, response),
            Purpose::Refer(session) => self.refer_answer(now, session, response),
            Purpose::Update { session, tag } => self.update_answer(now, session, &tag, response),
            Purpose::Refresh(session) => self.session_refreshed(now, session, response),
            Purpose::Report { session, last } => self.report_answer(now, session, last, Some(response)),
            Purpose::Subscribe(asked) => self.subscribe_answer(now, asked, response),
            Purpose::Publish { account, attempt } => self.publish_answer(now, account, attempt, response),
            Purpose::Message(id) => self.message_answer(now, id, response),
            Purpose::Abandoned { cancelled, reason } => self.abandoned_answer(now, key, cancelled, reason, response),
            Purpose::Unregister
            | Purpose::Probe(_)
            | Purpose::Trial(_)
            | Purpose::Farewell
            | Purpose::Info(_)
            | Purpose::Prack { .. }
            | Purpose::Parting { .. }
            | Purpose::Ack { .. } => {}
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
        if let Purpose::ReadBack(account) = sent.outgoing.purpose
            && !self.is_reading(account, key)
        {
            return;
        }
        let (mut outgoing, flow) = (sent.outgoing.clone(), sent.flow);
        if let Purpose::Trial(account) = outgoing.purpose {
            return self.trial_answer(now, account, flow, None);
        }
        let again = matches!(
            outgoing.purpose,
            Purpose::Reinvite(_)
                | Purpose::Subscribe(_)
                | Purpose::Refer(_)
                | Purpose::Refresh(_)
                | Purpose::Report { .. }
                | Purpose::Prack { .. }
                | Purpose::Update { .. }
                | Purpose::Farewell
        ) && outgoing.request.method != Method::Cancel;
        if broken.is_some() && again && !outgoing.reopened {
            // The connection of a call may have ended unnoticed; the far end can still be reached by another one.
            outgoing.reopened = true;
            let hop = first_step(&outgoing.request);
            let way = self.way_to(outgoing.account, &hop, None);
            return self.dispatch(now, way, outgoing);
        }
        self.unanswered_by(now, outgoing, &flow, broken);
    }

    /// A request could not be sent, or was not answered: it may go elsewhere.
    fn unanswered_by(&mut self, now: Instant, outgoing: Outgoing, flow: &Flow, why: Option<TransportError>) {
        // A message that was not answered may have arrived: it is not sent twice.
        if why.is_none() && matches!(outgoing.purpose, Purpose::Message(_)) {
            return self.failed(now, outgoing, why);
        }
        if let Some((outgoing, verdict)) = self.try_elsewhere(outgoing, flow, Verdict::Nothing(why), AVOIDED) {
            self.no_next_server(now, outgoing, verdict);
        }
    }

    /// A request could not be sent, or was not answered.
    pub(super) fn failed(&mut self, now: Instant, mut outgoing: Outgoing, why: Option<TransportError>) {
        self.turn_over(now, outgoing.turn.take());
        match outgoing.purpose {
            Purpose::Register(account) => self.register_unanswered(now, account, why),
            Purpose::ReadBack(account) => self.read_unanswered(now, account, why),
            Purpose::Invite(session) => self.invite_failed(now, session, why),
            Purpose::Reinvite(session) => self.reinvite_failed(now, session, why),
            Purpose::Refer(session) => self.refer_failed(now, session, why),
            Purpose::Subscribe(asked) => self.subscribe_failed(now, asked, why),
            Purpose::Publish { account, attempt } => self.publish_failed(now, account, attempt, why),
            Purpose::Message(id) => self.message_failed(now, id, why),
            Purpose::Update { session, tag } => self.update_failed(now, session, &tag, why),
            Purpose::Refresh(session) => self.session_not_refreshed(now, session, why),
            Purpose::Report { session, last } => self.report_answer(now, session, last, None),
            Purpose::Unregister
            | Purpose::Probe(_)
            | Purpose::Trial(_)
            | Purpose::Farewell
            | Purpose::Info(_)
            | Purpose::Prack { .. }
            | Purpose::Parting { .. }
            | Purpose::Abandoned { .. }
            | Purpose::Withdrawn(_)
            | Purpose::Ack { .. } => {}
        }
    }
}

/// Where a request goes first: its first Route, unless a strict router stands in the request line instead (RFC 3261
/// section 8.1.2).
pub(super) fn first_step(request: &Request) -> Uri {
    let first = request.headers.route().into_iter().next().map(|route| route.uri);
    first
        .filter(|uri| uri.sip().is_some_and(SipUri::is_loose_router))
        .unwrap_or_else(|| request.uri.clone())
}

/// The far end's tag; empty when it gave none.
pub(super) fn tag_of(response: &Response) -> String {
    response
        .headers
        .to()
        .and_then(|to| to.tag().map(str::to_owned))
        .unwrap_or_default()
}
