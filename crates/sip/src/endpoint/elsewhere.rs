//! Requests that begin something, at the next server when one fails (RFC 3263 section 4.3): a person who calls shall not
//! notice that a server of several is down. Requests within a dialog go where its route leads, and nowhere else.
//!
//! ```text
//! on                                  does
//! 503, no way, no answer in time      avoids the server, asks for a way to the next one
//! INVITE without any answer for 4 s   the same, while the first server may still answer
//! another server                      the request goes there, with the next CSeq number
//! the same one again, no way          what happened counts
//! ```

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::transaction::ClientKey;
use crate::{Response, Transport};

use super::flow::Waiting;
use super::registration::AVOIDED;
use super::request::{Outgoing, Purpose, first_step};
use super::timers::Alarm;
use super::{Endpoint, Flow, NextHop, Output, SessionId, TransportError};

/// So many servers are tried for one request.
const MOST_SERVERS: usize = 4;
/// How long an INVITE may go without any answer before another server is looked for.
pub(super) const SILENCE: Duration = Duration::from_secs(4);
/// The longest a server that said 503 is avoided.
const LONGEST_AVOIDED: Duration = Duration::from_secs(3600);

/// Where the servers for a request are found, and which of them failed.
#[derive(Debug, Clone)]
pub(super) struct Search {
    hop: NextHop,
    tried: Vec<SocketAddr>,
}

/// What happened at the last server.
#[derive(Debug)]
pub(super) enum Verdict {
    Answer(ClientKey, Flow, Box<Response>),
    Nothing(Option<TransportError>),
    /// It has not said anything yet.
    Silent(ClientKey),
}

impl Endpoint {
    /// Where else a request may go that is about to be sent by this flow.
    pub(super) fn search_for(&self, flow: &Flow, outgoing: &Outgoing) -> Option<Search> {
        let begins = matches!(
            outgoing.purpose,
            Purpose::Invite(_) | Purpose::Subscribe(_) | Purpose::Publish { .. } | Purpose::Message(_)
        );
        if !begins || outgoing.request.headers.to().is_none_or(|to| to.tag().is_some()) {
            return None;
        }
        let account = self.accounts.get(&outgoing.account)?;
        let hop = if account.is_on(flow.id) {
            account.register_hop()
        } else {
            let mut hop = NextHop::of(first_step(&outgoing.request).sip()?);
            hop.transport = hop.transport.or(account.config.transport);
            account.trusting(hop)
        };
        let tried = Vec::new();
        hop.host.ip().is_none().then_some(Search { hop, tried })
    }

    /// Takes the request to the next server, if there is one; else gives it back.
    pub(super) fn try_elsewhere(
        &mut self,
        mut outgoing: Outgoing,
        flow: &Flow,
        verdict: Verdict,
        avoided: Duration,
    ) -> Option<(Outgoing, Verdict)> {
        if matches!(outgoing.purpose, Purpose::Abandoned { .. }) {
            return Some((outgoing, verdict));
        }
        let Some(search) = &mut outgoing.search else {
            return Some((outgoing, verdict));
        };
        if search.tried.len() >= MOST_SERVERS || search.tried.contains(&flow.remote) {
            return Some((outgoing, verdict));
        }
        search.tried.push(flow.remote);
        let hop = search.hop.clone();
        self.out.push_back(Output::Avoid {
            remote: flow.remote,
            // A large request went by TCP only for its size.
            transport: if outgoing.settled {
                Transport::Udp
            } else {
                flow.transport
            },
            lasting: avoided.min(LONGEST_AVOIDED),
        });
        let outgoing = Box::new(outgoing);
        self.open(hop, Waiting::Next { outgoing, verdict });
        None
    }

    /// A way to the next server, or to the same one again.
    pub(super) fn next_server(&mut self, now: Instant, flow: Flow, mut outgoing: Outgoing, verdict: Verdict) {
        let tried = outgoing
            .search
            .as_ref()
            .is_none_or(|search| search.tried.contains(&flow.remote));
        if tried || self.is_stale(&outgoing.purpose) {
            return self.no_next_server(now, outgoing, verdict);
        }
        if let Verdict::Silent(key) = verdict {
            if !self.is_silent(&outgoing.purpose, key) {
                return;
            }
            // Whatever it says later, somebody else has the call by then.
            self.abandon(now, key, None);
        }
        (outgoing.challenged, outgoing.settled) = (0, false);
        for name in ["Authorization", "Proxy-Authorization"] {
            outgoing.request.headers.remove(name);
        }
        self.renumber(&mut outgoing);
        match outgoing.purpose {
            Purpose::Invite(session) => self.call_elsewhere(now, session, flow, outgoing),
            _ => self.send_on(now, flow, outgoing),
        }
    }

    /// There is no other server: what happened at the last one counts.
    pub(super) fn no_next_server(&mut self, now: Instant, outgoing: Outgoing, verdict: Verdict) {
        match verdict {
            Verdict::Answer(key, flow, response) => self.tell_answer(now, key, flow, &outgoing.purpose, &response),
            Verdict::Nothing(why) => self.failed(now, outgoing, why),
            Verdict::Silent(_) => {}
        }
    }

    /// No answer of any kind to an INVITE so far.
    pub(super) fn silent(&mut self, now: Instant, id: SessionId) {
        let purpose = Purpose::Invite(id);
        let mut sent = self
            .sent
            .iter()
            .filter(|(key, sent)| sent.outgoing.purpose == purpose && self.is_silent(&purpose, **key));
        let Some((key, sent)) = sent.next() else { return };
        let (key, flow, outgoing) = (*key, sent.flow, sent.outgoing.clone());
        // The way to the registrar is as doubtful.
        let account = outgoing.account;
        if self
            .accounts
            .get(&account)
            .is_some_and(|account| account.is_registered() && account.is_on(flow.id))
        {
            self.probe(now, account);
        }
        let _ = self.try_elsewhere(outgoing, &flow, Verdict::Silent(key), AVOIDED);
    }

    /// Whether nothing was heard of this INVITE, and it still is the one its call waits for.
    fn is_silent(&self, purpose: &Purpose, key: ClientKey) -> bool {
        matches!(purpose, Purpose::Invite(session) if self.waits_for(*session, key)) && self.layer.is_unanswered(key)
    }

    /// When another server is looked for.
    pub(super) fn await_first_word(&mut self, now: Instant, purpose: &Purpose, search: bool) {
        if let (Purpose::Invite(session), true) = (purpose, search) {
            self.alarms.set(Alarm::Silent(*session), now + SILENCE);
        }
    }
}
