//! Who may say something here without being asked. Scanners call every address there is, at night too, and look for what
//! answers: a stranger gets no answer at all, so that there is nothing to find and nobody else is shot at through us.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::time::Instant;

use crate::dialog::DialogId;
use crate::transaction::ServerKey;
use crate::{Message, Method, Request, parse};

use super::{Endpoint, Flow};

/// Requests outside of calls that an account's own server may send: so many at once, and so many a second.
const HOME: Rate = Rate {
    burst: 2000.0,
    a_second: 1000.0,
};
/// What others may, where an account takes calls from anyone.
const OTHERS: Rate = Rate {
    burst: 200.0,
    a_second: 20.0,
};
/// Sources whose rate is known; of more, those that kept silent longest are forgotten.
const MOST_SOURCES: usize = 1024;
/// Refused requests that are recognised when they are sent again, so that each counts once.
const REMEMBERED: usize = 64;

/// How much a source may send.
#[derive(Debug, Clone, Copy)]
struct Rate {
    burst: f64,
    a_second: f64,
}

/// What a source has left of it.
#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

/// What is remembered of those who knock.
#[derive(Debug, Default)]
pub(super) struct Doorkeeper {
    sources: HashMap<IpAddr, Bucket>,
    refused: VecDeque<(String, Method)>,
}

impl Doorkeeper {
    /// Takes a request of this source off what it may send; `false` when nothing is left.
    fn admits(&mut self, now: Instant, source: IpAddr, rate: Rate) -> bool {
        if self.sources.len() >= MOST_SOURCES && !self.sources.contains_key(&source) {
            let oldest = self.sources.iter().min_by_key(|(_, bucket)| bucket.at);
            if let Some(oldest) = oldest.map(|(ip, _)| *ip) {
                self.sources.remove(&oldest);
            }
        }
        let bucket = self.sources.entry(source).or_insert(Bucket {
            tokens: rate.burst,
            at: now,
        });
        let since = now.saturating_duration_since(bucket.at).as_secs_f64();
        bucket.tokens = (bucket.tokens + since * rate.a_second).min(rate.burst);
        bucket.at = now;
        let admitted = bucket.tokens >= 1.0;
        if admitted {
            bucket.tokens -= 1.0;
        }
        admitted
    }

    /// Whether this request was not refused a moment ago.
    fn is_news(&mut self, request: &Request) -> bool {
        let name = (
            request.headers.call_id().unwrap_or_default().to_owned(),
            request.method.clone(),
        );
        if self.refused.contains(&name) {
            return false;
        }
        if self.refused.len() >= REMEMBERED {
            self.refused.pop_front();
        }
        self.refused.push_back(name);
        true
    }
}

impl Endpoint {
    /// Takes one message in, if whoever sent it may send it.
    pub(super) fn received(&mut self, now: Instant, flow: Flow, bytes: &[u8]) {
        match parse(bytes) {
            Ok(Message::Request(request)) => {
                if self.is_wanted(now, &flow, &request) {
                    self.layer.receive_message(now, flow, Message::Request(request));
                }
            }
            Ok(response) => self.layer.receive_message(now, flow, response),
            Err(error) => {
                if error.fault().is_some() {
                    self.counts.malformed += 1;
                }
                // What cannot be read is answered to those who would be answered otherwise.
                if self.is_acquainted(&flow) {
                    self.layer.refuse(&flow, &error);
                }
            }
        }
    }

    /// Whether a request may come in: those of calls and subscriptions may, as their names are secrets, and those of our own
    /// servers.
    fn is_wanted(&mut self, now: Instant, flow: &Flow, request: &Request) -> bool {
        let known = match request.method {
            Method::Ack => true,
            Method::Cancel => self.layer.has_cancelled(request),
            _ => DialogId::of_request(request).is_some_and(|dialog| self.knows(&dialog)),
        };
        // What was taken in may come again when its dialog is over: our answer was lost.
        if known
            || (request.method == Method::Cancel || DialogId::of_request(request).is_some()) && self.layer.has(request)
        {
            return true;
        }
        let home = self
            .accounts
            .values()
            .any(|account| account.is_on(flow.id) || account.is_home(flow.remote.ip()));
        let rate = match self.account_for(flow, request) {
            Some(_) if home => HOME,
            Some(_) => OTHERS,
            None => {
                self.stranger(request);
                return false;
            }
        };
        let admitted = self.doorkeeper.admits(now, flow.remote.ip(), rate);
        if !admitted {
            self.counts.flooding += 1;
        }
        admitted
    }

    /// Whether a dialog is one of a call or subscription here.
    fn knows(&self, dialog: &DialogId) -> bool {
        self.subscription_of(dialog).is_some() || self.session_of(dialog).is_some()
    }

    /// Refuses what belongs to nothing here. A stranger's request is not even answered.
    pub(super) fn turn_away(&mut self, now: Instant, key: ServerKey, flow: &Flow, request: &Request, code: u16) {
        if self.account_for(flow, request).is_some() {
            if code == 481 {
                // Whoever made a dialog up may have made its own address up too: no transaction repeats this one.
                let response = self.answer_to(request, code);
                return self.layer.respond_once(key, &response);
            }
            return self.answer(now, key, request, code);
        }
        self.stranger(request);
        self.layer.ignore(key);
    }

    fn stranger(&mut self, request: &Request) {
        if !self.doorkeeper.is_news(request) {
            return;
        }
        match request.method {
            Method::Invite => self.counts.ghost_calls += 1,
            _ => self.counts.strangers += 1,
        }
    }

    /// Whether anything that comes from there could be for us.
    fn is_acquainted(&self, flow: &Flow) -> bool {
        self.accounts.values().any(|account| {
            account.config.accept_from_anyone || account.is_on(flow.id) || account.is_home(flow.remote.ip())
        })
    }
}
