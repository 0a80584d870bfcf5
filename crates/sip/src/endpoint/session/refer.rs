//! Transfers we ask for: REFER and the NOTIFYs of its implicit subscription (RFC 3515).

use std::time::{Duration, Instant};

use crate::transaction::{GIVE_UP, ServerKey};
use crate::{Method, NameAddr, Request, Response, SipUri, Uri};

use super::super::request::{Outgoing, Purpose};
use super::super::timers::Alarm;
use super::super::{EndCause, Endpoint, Event, Refused, ReplacesTarget, SessionId, TransferProgress, TransportError};

/// How long a transfer may go without news.
const SILENCE: Duration = Duration::from_secs(180);
/// So much of a report is looked at: its status line.
const LONGEST_LINE: usize = 512;

impl Endpoint {
    /// Asks the far end to call `target` instead (blind transfer, RFC 3515). [`Event::Transfer`] follows.
    pub fn refer(&mut self, now: Instant, session: SessionId, target: Uri) -> Result<(), Refused> {
        let account = self.sessions.get(&session).ok_or(Refused::NoSuchSession)?.account;
        let target = self.callable(account, target)?;
        self.send_refer(now, session, NameAddr::new(target))
    }

    /// Asks the far end to take the place of ours in the call `other` (attended transfer, RFC 5589 section 7):
    /// [`Event::Transfer`] follows, and when it succeeds both calls end by the far ends' BYE.
    pub fn refer_replacing(&mut self, now: Instant, session: SessionId, other: SessionId) -> Result<(), Refused> {
        self.up_or_refused(session)?;
        let up = self.up_or_refused(other)?;
        let id = &up.leg.dialog.id;
        let replaces = ReplacesTarget {
            call_id: id.call_id.clone(),
            to_tag: id.remote_tag.clone(),
            from_tag: id.local_tag.clone(),
            early_only: false,
        };
        if session == other || !replaces.is_sendable() {
            return Err(Refused::WrongState);
        }
        let Some(target) = up.leg.dialog.remote_target.sip().cloned() else {
            return Err(Refused::BadTarget);
        };
        let target = SipUri {
            headers: Vec::new(),
            ..target
        };
        let target = target.with_header("Replaces", &replaces.to_string());
        self.send_refer(now, session, NameAddr::new(target))
    }

    fn send_refer(&mut self, now: Instant, session: SessionId, target: NameAddr) -> Result<(), Refused> {
        let up = self.up_or_refused(session)?;
        if up.refer.is_some() {
            return Err(Refused::Pending);
        }
        let mut request = up.leg.dialog.request(Method::Refer);
        up.refer = Some(up.leg.dialog.local_cseq);
        let hop = up.leg.dialog.next_hop().clone();
        let Some(known) = self.sessions.get(&session) else {
            return Err(Refused::NoSuchSession);
        };
        let (account, flow) = (known.account, known.flow);
        let headers = &mut request.headers;
        headers.push("Refer-To", target);
        if let Some(account) = self.accounts.get(&account).filter(|_| !known.hidden) {
            headers.push("Referred-By", NameAddr::new(account.config.address.clone()));
        }
        self.capabilities(headers);
        self.introduce(headers);
        if let Some(contact) = &known.contact {
            headers.push("Contact", contact);
        }
        let way = self.way_to(account, &hop, flow);
        self.dispatch_in_turn(now, way, Outgoing::new(Purpose::Refer(session), account, request));
        self.pump(now);
        Ok(())
    }

    pub(in crate::endpoint) fn refer_answer(&mut self, now: Instant, id: SessionId, response: &Response) {
        let Some(up) = self.up_mut(id).filter(|up| up.refer.is_some()) else {
            return;
        };
        match response.code() {
            100..=199 => {}
            200..=299 => {
                // A NOTIFY may have come first; then its own patience counts.
                if self.alarms.when(Alarm::ReferSilent(id)).is_none() {
                    self.alarms.set(Alarm::ReferSilent(id), now + GIVE_UP);
                    self.transfer(id, TransferProgress::Accepted);
                }
                // The far end makes no reports (RFC 4488 section 4).
                let sub = response.headers.get("Refer-Sub").unwrap_or_default();
                if sub
                    .split(';')
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .eq_ignore_ascii_case("false")
                {
                    self.refer_silent(id);
                }
            }
            code => {
                up.refer = None;
                self.transfer(
                    id,
                    TransferProgress::Failed {
                        code,
                        reason: response.reason.clone(),
                    },
                );
                if matches!(code, 408 | 481) {
                    self.end_by_us(now, id, None, EndCause::Lost);
                }
            }
        }
    }

    pub(in crate::endpoint) fn refer_failed(&mut self, now: Instant, id: SessionId, why: Option<TransportError>) {
        let Some(up) = self.up_mut(id).filter(|up| up.refer.is_some()) else {
            return;
        };
        up.refer = None;
        let code = if why.is_some() { 503 } else { 408 };
        self.transfer(
            id,
            TransferProgress::Failed {
                code,
                reason: crate::reason_phrase(code).to_owned(),
            },
        );
        if why.is_none() {
            self.end_by_us(now, id, None, EndCause::Lost);
        }
    }

    /// A NOTIFY inside the call: news of the transfer, or of something nobody subscribed to.
    pub(super) fn notified(&mut self, now: Instant, id: SessionId, key: ServerKey, request: &Request) {
        if request.headers.event().as_deref() != Some("refer") {
            return self.answer(now, key, request, 489);
        }
        let asked = self.up_mut(id).and_then(|up| up.refer);
        if asked.is_none_or(|asked| is_about_earlier(request, asked)) {
            return self.answer(now, key, request, 481);
        }
        self.answer(now, key, request, 200);
        let state = request
            .headers
            .get("Subscription-State")
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let ended = state.starts_with("terminated");
        let progress = match status_of(request) {
            Some((code, _)) if code < 200 && !ended => TransferProgress::Calling { code },
            Some((code, _)) if (200..300).contains(&code) => TransferProgress::Succeeded,
            Some((code, reason)) if code >= 300 => TransferProgress::Failed { code, reason },
            _ if ended => TransferProgress::Unknown,
            _ => TransferProgress::Calling { code: 100 },
        };
        if matches!(progress, TransferProgress::Calling { .. }) {
            self.alarms.set(Alarm::ReferSilent(id), now + SILENCE);
        } else {
            self.refer_over(id);
        }
        self.transfer(id, progress);
    }

    pub(in crate::endpoint) fn refer_silent(&mut self, id: SessionId) {
        self.refer_over(id);
        self.transfer(id, TransferProgress::Unknown);
    }

    fn refer_over(&mut self, id: SessionId) {
        self.alarms.cancel(Alarm::ReferSilent(id));
        if let Some(up) = self.up_mut(id) {
            up.refer = None;
        }
    }

    fn transfer(&mut self, session: SessionId, progress: TransferProgress) {
        self.event(Event::Transfer { session, progress });
    }
}

/// Whether a report names a REFER before the one with this CSeq (RFC 3515 section 2.4.6). One sent again with credentials
/// has a higher number.
fn is_about_earlier(request: &Request, asked: u32) -> bool {
    let params = request.headers.get("Event").unwrap_or_default().split(';').skip(1);
    let named = params.filter_map(|param| param.split_once('='));
    let id = named
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("id"))
        .find_map(|(_, value)| value.trim().parse::<u32>().ok());
    id.is_some_and(|id| id < asked)
}

/// The status line in a `message/sipfrag` body (RFC 3420).
fn status_of(request: &Request) -> Option<(u16, String)> {
    if !request.headers.is_content("message/sipfrag") {
        return None;
    }
    let start = request.body.get(..LONGEST_LINE).unwrap_or(&request.body);
    let text = String::from_utf8_lossy(start);
    let mut words = text.trim_start().lines().next()?.splitn(3, ' ');
    if !words.next()?.eq_ignore_ascii_case("SIP/2.0") {
        return None;
    }
    let code: u16 = words
        .next()?
        .trim()
        .parse()
        .ok()
        .filter(|code| (100..700).contains(code))?;
    Some((code, words.next().unwrap_or_default().trim().to_owned()))
}
