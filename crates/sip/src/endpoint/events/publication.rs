//! Our own presence at the server (RFC 3903).
//!
//! ```text
//! on                          does
//! publish, registered         PUBLISH with the document; SIP-If-Match when the server holds one of ours
//! 2xx                         Published or Removed told once, alarm well before the expiry
//! alarm Republish             PUBLISH without a document: a refresh
//! 412                         the server forgot it: PUBLISH with the document and without SIP-If-Match
//! 423                         PUBLISH for longer
//! other answers, none         Failed told, alarm after a back-off where that can help
//! publish while it asks       the newest document follows the answer
//! log out, publish nothing    PUBLISH for no time
//! ```

use std::time::{Duration, Instant};

use crate::bodies::{PresenceDocument, pidf};
use crate::{CSeq, Method, Request, Response};

use super::super::registration::Account;
use super::super::request::{Outgoing, Purpose};
use super::super::timers::Alarm;
use super::super::{AccountId, Endpoint, Event, Refused, TransportError};
use super::asking::Again;
use super::{EXPIRES, LONGEST, LONGEST_PAUSE, PublicationState, SubscriptionEnd};

/// What is shown of one account.
#[derive(Debug)]
pub(super) struct Publication {
    document: Option<PresenceDocument>,
    /// Names what the server holds.
    entity_tag: Option<String>,
    /// What is on its way.
    asked: Option<Sort>,
    /// Something changed while it was.
    again: bool,
    attempt: u32,
    expires: Duration,
    call_id: String,
    tag: String,
    cseq: u32,
    failures: u32,
    told: Option<PublicationState>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// The document, for the first time or changed.
    Document,
    Refresh,
    Removal,
}

impl Publication {
    fn request(&mut self, account: &Account, expires: Duration) -> Request {
        self.cseq += 1;
        let mut request = Request::new(Method::Publish, account.config.address.clone());
        let headers = &mut request.headers;
        headers.push("Max-Forwards", 70);
        for route in account.routes() {
            headers.push("Route", route);
        }
        headers.push("From", account.identity().with_tag(&self.tag));
        headers.push("To", account.identity());
        headers.push("Call-ID", &self.call_id);
        headers.push("CSeq", CSeq::new(self.cseq, Method::Publish));
        headers.push("Event", "presence");
        headers.push("Expires", expires.as_secs());
        if let Some(entity_tag) = &self.entity_tag {
            headers.push("SIP-If-Match", entity_tag);
        }
        request
    }
}

impl Endpoint {
    /// Shows the owner of the account to others as the document says, until something else is published; `None` takes the
    /// presence away. [`Event::Published`] follows. An account that registers is registered first.
    pub fn publish(
        &mut self,
        now: Instant,
        account: AccountId,
        document: Option<PresenceDocument>,
    ) -> Result<(), Refused> {
        if !self.accounts.contains_key(&account) {
            return Err(Refused::NoSuchAccount);
        }
        let (call_id, tag) = (self.token() + &self.token(), self.token());
        let known = self.events.publications.entry(account);
        let known = known.or_insert_with(|| Publication {
            document: None,
            entity_tag: None,
            asked: None,
            again: false,
            attempt: 0,
            expires: EXPIRES,
            call_id,
            tag,
            cseq: 0,
            failures: 0,
            told: None,
        });
        if known.document == document && matches!(known.told, Some(PublicationState::Published)) {
            return Ok(());
        }
        known.document = document;
        known.failures = 0;
        if known.asked.is_some() {
            known.again = true;
        } else {
            self.publish_now(now, account, Sort::Document);
        }
        self.pump(now);
        Ok(())
    }

    /// The alarm of a publication: refresh it, or try again after a failure.
    pub(in crate::endpoint) fn republish(&mut self, now: Instant, account: AccountId) {
        let known = self.events.publications.get(&account);
        let stands = known.is_some_and(|known| known.entity_tag.is_some() && known.failures == 0);
        self.publish_now(now, account, if stands { Sort::Refresh } else { Sort::Document });
    }

    fn publish_now(&mut self, now: Instant, id: AccountId, sort: Sort) {
        self.alarms.cancel(Alarm::Republish(id));
        let may_ask = self.may_ask(id);
        let (Some(known), Some(account)) = (self.events.publications.get_mut(&id), self.accounts.get(&id)) else {
            return;
        };
        let sort = match (&known.document, &known.entity_tag) {
            (None, None) => {
                // The server holds nothing of ours.
                self.events.publications.remove(&id);
                return self.event(Event::Published {
                    account: id,
                    state: PublicationState::Removed,
                });
            }
            (None, Some(_)) => Sort::Removal,
            (Some(_), None) => Sort::Document,
            (Some(_), Some(_)) => sort,
        };
        if !may_ask || known.asked.is_some() {
            return;
        }
        known.attempt = known.attempt.wrapping_add(1);
        known.asked = Some(sort);
        let expires = if sort == Sort::Removal {
            Duration::ZERO
        } else {
            known.expires
        };
        let mut request = known.request(account, expires);
        if let (Sort::Document, Some(document)) = (sort, &known.document) {
            let entity = account.config.address.to_string();
            request.set_body(pidf::CONTENT_TYPE, document.write(&entity, &account.line));
        }
        let attempt = known.attempt;
        self.introduce(&mut request.headers);
        let way = self.way_of_call(id, &request.uri.clone());
        let outgoing = Outgoing::new(Purpose::Publish { account: id, attempt }, id, request);
        self.dispatch(now, Some(way), outgoing);
    }

    /// The number of a PUBLISH that is sent again with credentials.
    pub(in crate::endpoint) fn next_publish(&mut self, account: AccountId) -> Option<u32> {
        let known = self.events.publications.get_mut(&account)?;
        known.cseq += 1;
        Some(known.cseq)
    }

    pub(in crate::endpoint) fn is_publishing(&self, account: AccountId, attempt: u32) -> bool {
        let known = self.events.publications.get(&account);
        known.is_some_and(|known| known.attempt == attempt && known.asked.is_some())
    }

    pub(in crate::endpoint) fn publish_answer(
        &mut self,
        now: Instant,
        id: AccountId,
        attempt: u32,
        response: &Response,
    ) {
        if response.code() < 200 || !self.is_publishing(id, attempt) {
            return;
        }
        let Some(known) = self.events.publications.get_mut(&id) else {
            return;
        };
        let Some(sort) = known.asked.take() else { return };
        let patience = response.headers.retry_after().map(|s| Duration::from_secs(s.into()));
        match response.code() {
            200..=299 => self.publication_taken(now, id, sort, response),
            412 if known.entity_tag.take().is_some() => self.publish_now(now, id, Sort::Document),
            423 => {
                let wanted = response.headers.min_expires().map(|s| Duration::from_secs(s.into()));
                match wanted.filter(|wanted| *wanted > known.expires && *wanted <= LONGEST) {
                    Some(wanted) => {
                        known.expires = wanted;
                        self.publish_now(now, id, sort);
                    }
                    None => self.publication_refused(now, id, response, Again::NotBefore(LONGEST_PAUSE)),
                }
            }
            // What the server cannot do, or will not do for us, another attempt does not change.
            403 | 405 | 415 | 416 | 420 | 489 | 501 | 505 | 603 => {
                self.publication_refused(now, id, response, Again::Never);
            }
            404 | 410 | 604 => self.publication_refused(now, id, response, Again::NotBefore(LONGEST_PAUSE)),
            _ => {
                let again = patience.map_or(Again::BackOff, Again::NotBefore);
                self.publication_refused(now, id, response, again);
            }
        }
    }

    fn publication_taken(&mut self, now: Instant, id: AccountId, sort: Sort, response: &Response) {
        let Some(known) = self.events.publications.get_mut(&id) else {
            return;
        };
        known.failures = 0;
        let again = std::mem::take(&mut known.again);
        if sort == Sort::Removal {
            known.entity_tag = None;
            if again && known.document.is_some() {
                return self.publish_now(now, id, Sort::Document);
            }
            self.events.publications.remove(&id);
            return self.event(Event::Published {
                account: id,
                state: PublicationState::Removed,
            });
        }
        known.entity_tag = response.headers.get("SIP-ETag").map(|tag| tag.trim().to_owned());
        let granted = response.headers.expires().map(|s| Duration::from_secs(s.into()));
        let lasts = granted.unwrap_or(known.expires).min(LONGEST);
        let after = self.refresh_after(lasts);
        self.alarms.set(Alarm::Republish(id), now + after);
        if again {
            return self.publish_now(now, id, Sort::Document);
        }
        self.tell_publication(id, PublicationState::Published);
    }

    fn publication_refused(&mut self, now: Instant, id: AccountId, response: &Response, again: Again) {
        let why = match response.code() {
            408 => SubscriptionEnd::NoAnswer,
            code => SubscriptionEnd::Refused {
                code,
                reason: response.reason.clone(),
            },
        };
        self.publication_fails(now, id, why, again);
    }

    fn publication_fails(&mut self, now: Instant, id: AccountId, why: SubscriptionEnd, again: Again) {
        let failures = self.events.publications.get(&id).map_or(0, |known| known.failures);
        let back_off = self.pause(failures);
        let Some(known) = self.events.publications.get_mut(&id) else {
            return;
        };
        known.asked = None;
        known.failures += 1;
        if std::mem::take(&mut known.again) {
            return self.publish_now(now, id, Sort::Document);
        }
        if known.document.is_none() {
            // What could not be taken out runs out by itself.
            self.events.publications.remove(&id);
            return self.event(Event::Published {
                account: id,
                state: PublicationState::Removed,
            });
        }
        let pause = match again {
            Again::AtOnce | Again::BackOff => Some(back_off),
            Again::NotBefore(pause) => Some(pause.min(LONGEST).max(back_off)),
            Again::Never => None,
        };
        if let Some(pause) = pause {
            self.alarms.set(Alarm::Republish(id), now + pause);
        }
        self.tell_publication(id, PublicationState::Failed { why, retry_in: pause });
    }

    pub(in crate::endpoint) fn publish_failed(
        &mut self,
        now: Instant,
        id: AccountId,
        attempt: u32,
        why: Option<TransportError>,
    ) {
        if self.is_publishing(id, attempt) {
            let why = why.map_or(SubscriptionEnd::NoAnswer, SubscriptionEnd::Unreachable);
            self.publication_fails(now, id, why, Again::BackOff);
        }
    }

    pub(in crate::endpoint) fn publish_denied(&mut self, now: Instant, id: AccountId, attempt: u32) {
        if self.is_publishing(id, attempt) {
            self.publication_fails(now, id, SubscriptionEnd::NotAuthorised, Again::NotBefore(LONGEST_PAUSE));
        }
    }

    /// The account is registered. `afresh`: the server may have forgotten what it held.
    pub(super) fn publication_follows(&mut self, now: Instant, id: AccountId, afresh: bool) {
        let Some(known) = self.events.publications.get_mut(&id) else {
            return;
        };
        if known.asked.is_some() {
            return;
        }
        if known.told.is_none() || afresh {
            known.failures = 0;
            let sort = if known.told == Some(PublicationState::Published) {
                Sort::Refresh
            } else {
                Sort::Document
            };
            self.publish_now(now, id, sort);
        }
    }

    /// Takes the presence away while the account can still be named.
    pub(super) fn publication_parts(&mut self, now: Instant, id: AccountId, for_good: bool) {
        self.alarms.cancel(Alarm::Republish(id));
        let (call_id, tag) = (self.token() + &self.token(), self.token());
        let (Some(known), Some(account)) = (self.events.publications.get_mut(&id), self.accounts.get(&id)) else {
            return;
        };
        let held = known.entity_tag.is_some();
        let request = held.then(|| known.request(account, Duration::ZERO));
        known.entity_tag = None;
        (known.asked, known.again, known.told, known.failures) = (None, false, None, 0);
        known.attempt = known.attempt.wrapping_add(1);
        (known.call_id, known.tag, known.cseq) = (call_id, tag, 0);
        if for_good || known.document.is_none() {
            self.events.publications.remove(&id);
        }
        if let Some(mut request) = request {
            self.introduce(&mut request.headers);
            let way = self.way_of_call(id, &request.uri.clone());
            let outgoing = self.parting(id, None, request);
            self.dispatch(now, Some(way), outgoing);
        }
    }

    fn tell_publication(&mut self, id: AccountId, state: PublicationState) {
        let Some(known) = self.events.publications.get_mut(&id) else {
            return;
        };
        if known.told.as_ref() != Some(&state) {
            known.told = Some(state.clone());
            self.event(Event::Published { account: id, state });
        }
    }
}
