//! Short messages outside of calls (RFC 3428).

use std::time::{Duration, Instant};

use crate::transaction::ServerKey;
use crate::{CSeq, Method, NameAddr, Request, Response, Uri};

use super::super::request::{Outgoing, Purpose};
use super::super::{AccountId, Endpoint, Event, Refused, TransportError};
use super::{MessageId, MessageOutcome};

/// The media type, and the only one.
pub(in crate::endpoint) const PLAIN: &str = "text/plain";
/// A MESSAGE is at most so many octets, all told (RFC 3428 section 8).
const LARGEST: usize = 1300;
/// What Via adds on the way out, and credentials where the account has any.
const VIA: usize = 110;
const CREDENTIALS: usize = 300;
/// Longest text taken, in octets.
const LARGEST_TEXT: usize = 8 * 1024;
/// Most messages of ours that wait for their turn or their answer.
const PAGES: usize = 64;
/// How many messages are remembered, so that one that comes again by another way is told once.
const HEARD: usize = 256;
/// So many messages of one account may come at once, and one more each pause.
const BURST: u32 = 20;
const PAUSE: Duration = Duration::from_secs(2);

/// How many more messages an account takes now.
#[derive(Debug)]
pub(super) struct Allowance {
    left: u32,
    since: Instant,
}

/// A message of ours. To one address they go one after the other: in order, and without making congestion worse (RFC 3428
/// section 8).
#[derive(Debug)]
pub(super) struct Page {
    id: MessageId,
    account: AccountId,
    /// `None` once it is on its way.
    request: Option<Request>,
    target: Uri,
}

impl Allowance {
    fn full(now: Instant) -> Self {
        Self {
            left: BURST,
            since: now,
        }
    }

    /// Takes one, if there is one.
    fn take(&mut self, now: Instant) -> bool {
        while self.left < BURST && now.saturating_duration_since(self.since) >= PAUSE {
            self.left += 1;
            self.since += PAUSE;
        }
        if self.left == BURST {
            self.since = now;
        }
        let taken = self.left > 0;
        self.left = self.left.saturating_sub(1);
        taken
    }
}

impl Endpoint {
    /// Sends a short text. [`Event::MessageSent`] follows once.
    pub fn message(&mut self, now: Instant, account: AccountId, target: Uri, text: &str) -> Result<MessageId, Refused> {
        let target = self.callable(account, target)?;
        let text = text.trim();
        if text.is_empty() {
            return Err(Refused::Empty);
        }
        if self.events.pages.len() >= PAGES {
            return Err(Refused::TooMany);
        }
        let (tag, call_id) = (self.token(), self.token() + &self.token());
        let Some(known) = self.accounts.get(&account) else {
            return Err(Refused::NoSuchAccount);
        };
        let mut request = Request::new(Method::Message, target.clone());
        let headers = &mut request.headers;
        headers.push("Max-Forwards", 70);
        for route in known.routes() {
            headers.push("Route", route);
        }
        headers.push("From", known.identity().with_tag(&tag));
        headers.push("To", NameAddr::new(target.clone()));
        headers.push("Call-ID", call_id);
        headers.push("CSeq", CSeq::new(1, Method::Message));
        let proof = if known.config.credentials.is_some() {
            CREDENTIALS
        } else {
            0
        };
        self.introduce(headers);
        request.set_body("text/plain;charset=UTF-8", text.as_bytes().to_vec());
        if request.to_bytes().len() + VIA + proof > LARGEST {
            return Err(Refused::TooLong);
        }
        let id = MessageId(self.new_id());
        self.events.pages.push(Page {
            id,
            account,
            request: Some(request),
            target,
        });
        self.next_pages(now);
        self.pump(now);
        Ok(id)
    }

    /// Sends the oldest message to each address to which none is on its way.
    fn next_pages(&mut self, now: Instant) {
        let mut busy: Vec<(AccountId, Uri)> = Vec::new();
        let mut due = Vec::new();
        for page in &mut self.events.pages {
            let place = (page.account, page.target.clone());
            if busy.contains(&place) {
                continue;
            }
            busy.push(place);
            if let Some(request) = page.request.take() {
                due.push((page.id, page.account, page.target.clone(), request));
            }
        }
        for (id, account, target, request) in due {
            let way = self.way_of_call(account, &target);
            self.dispatch(now, Some(way), Outgoing::new(Purpose::Message(id), account, request));
        }
    }

    /// The account is about to be removed: what waits for its turn is not sent.
    pub(super) fn pages_part(&mut self, account: AccountId) {
        let waits = |page: &&Page| page.account == account && page.request.is_some();
        let waiting: Vec<_> = self.events.pages.iter().filter(waits).map(|page| page.id).collect();
        for id in waiting {
            self.message_over(id, MessageOutcome::Unreachable(TransportError::Closed));
        }
    }

    pub(in crate::endpoint) fn message_answer(&mut self, now: Instant, id: MessageId, response: &Response) {
        let outcome = match response.code() {
            100..=199 => return,
            202 => MessageOutcome::Accepted,
            200..=299 => MessageOutcome::Delivered,
            408 => MessageOutcome::NoAnswer,
            code => MessageOutcome::Refused {
                code,
                reason: response.reason.clone(),
            },
        };
        self.message_over(id, outcome);
        self.next_pages(now);
    }

    pub(in crate::endpoint) fn message_failed(&mut self, now: Instant, id: MessageId, why: Option<TransportError>) {
        self.message_over(id, why.map_or(MessageOutcome::NoAnswer, MessageOutcome::Unreachable));
        self.next_pages(now);
    }

    pub(in crate::endpoint) fn message_denied(&mut self, now: Instant, id: MessageId) {
        self.message_over(id, MessageOutcome::NotAuthorised);
        self.next_pages(now);
    }

    fn message_over(&mut self, id: MessageId, outcome: MessageOutcome) {
        self.events.pages.retain(|page| page.id != id);
        self.event(Event::MessageSent { id, outcome });
    }

    /// A MESSAGE from outside. `trusted`: from the account's own server, or from within a call.
    pub(in crate::endpoint) fn messaged(
        &mut self,
        now: Instant,
        key: ServerKey,
        request: &Request,
        account: AccountId,
        trusted: bool,
    ) {
        if !trusted {
            self.counts.strangers += 1;
            let response = self.answer_to(request, 403);
            return self.layer.respond_once(key, &response);
        }
        let headers = &request.headers;
        let (Some(from), Some(call_id), Some(cseq)) = (headers.from(), headers.call_id(), headers.cseq()) else {
            return self.answer(now, key, request, 400);
        };
        let name = (
            call_id.to_owned(),
            from.tag().unwrap_or_default().to_owned(),
            cseq.number,
        );
        if self.events.heard.contains(&name) {
            return self.answer(now, key, request, 200);
        }
        if request.body.len() > LARGEST_TEXT {
            return self.answer(now, key, request, 413);
        }
        let Some(text) = text_of(request) else {
            return self.not_plain(now, key, request);
        };
        let allowance = self.events.allowances.entry(account);
        if !allowance.or_insert_with(|| Allowance::full(now)).take(now) {
            self.counts.flooding += 1;
            let mut response = self.answer_to(request, 480);
            response.headers.push("Retry-After", PAUSE.as_secs());
            self.layer.respond(now, key, &response);
            return;
        }
        if self.events.heard.len() >= HEARD {
            self.events.heard.pop_front();
        }
        self.events.heard.push_back(name);
        self.answer(now, key, request, 200);
        if !text.is_empty() {
            self.event(Event::MessageReceived { account, from, text });
        }
    }

    fn not_plain(&mut self, now: Instant, key: ServerKey, request: &Request) {
        let mut response = self.answer_to(request, 415);
        response.headers.push("Accept", PLAIN);
        if request.headers.has("Content-Encoding") {
            response.headers.push("Accept-Encoding", "identity");
        }
        self.layer.respond(now, key, &response);
    }
}

/// The text of a message, its lines ended by line feeds; `None` when it is anything but plain text.
fn text_of(request: &Request) -> Option<String> {
    let encoding = request.headers.get("Content-Encoding").unwrap_or("identity");
    if !encoding.trim().eq_ignore_ascii_case("identity") {
        return None;
    }
    let body = request.part(PLAIN)?;
    let charset = request.headers.content_type().and_then(charset_of);
    let text = match charset.as_deref() {
        None | Some("utf-8" | "us-ascii") => match std::str::from_utf8(body) {
            Ok(text) => text.to_owned(),
            // Old devices say nothing and mean Latin-1.
            Err(_) => latin1(body),
        },
        Some("iso-8859-1" | "windows-1252" | "latin1") => latin1(body),
        Some(_) => return None,
    };
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text: String = text
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect();
    Some(text.trim().to_owned())
}

fn latin1(body: &[u8]) -> String {
    body.iter().map(|byte| char::from(*byte)).collect()
}

fn charset_of(content_type: &str) -> Option<String> {
    let (media_type, params) = content_type.split_once(';')?;
    let params =
        crate::Params::parse(&format!(";{params}")).filter(|_| media_type.trim().eq_ignore_ascii_case(PLAIN))?;
    Some(params.get("charset")?.to_ascii_lowercase())
}
