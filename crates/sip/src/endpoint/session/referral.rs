//! The far end asks us to call somebody (REFER, RFC 3515), in a call or outside of any.
//!
//! ```text
//! Stage      on                        does                                    becomes
//! -          REFER                     Referred                                Asked
//! Asked      accept                    202, NOTIFY "100 Trying"                Reporting
//!            refuse                    that code                               gone
//!            a person thinks           202, NOTIFY pending                     Pending
//!            the far end hangs up      goes on in a dialog of its own          Asked
//!            we hang up                603                                     gone
//! Pending    accept                    NOTIFY "100 Trying"                     Reporting
//!            refuse, much later        NOTIFY terminated "603"                 gone
//! Reporting  progress                  NOTIFY active                           Reporting
//!            final progress            NOTIFY terminated                       Told
//!            491 to NOTIFY             -                                       Reporting
//!            other error to NOTIFY     -                                       gone
//!            SUBSCRIBE                 200, NOTIFY                             Reporting, gone with Expires: 0
//!            much later                NOTIFY terminated;reason=timeout        gone
//! Told       491 to NOTIFY             the same again a little later           Told, a few times
//!            any other answer, none    -                                       gone
//! ```
//!
//! Whoever says that it wants no reports (`Refer-Sub: false`, RFC 4488) gets none.

use std::time::{Duration, Instant};

use crate::dialog::Dialog;
use crate::transaction::ServerKey;
use crate::{Method, NameAddr, Request, Response, Uri, print};

use super::super::request::{Outgoing, Purpose};
use super::super::timers::Alarm;
use super::super::{AccountId, Endpoint, Event, Flow, Referral, Refused, SessionId};
use super::Session;

/// A REFER waits 32 seconds for its answer; long before that it hears that somebody is thinking.
const THINKING: Duration = Duration::from_secs(3);
/// How long the reports go on: as long as a phone may ring.
const REPORTS: Duration = Duration::from_secs(600);
/// The last report decides whether the far end lets go of the call, so 491 is not the end of it: it crossed something else.
const AGAIN: Duration = Duration::from_millis(400);
const TRIES: u8 = 5;
/// Referrals without a call, at a time.
const MOST_OUTSIDE: usize = 8;

/// A REFER of the far end that is not dealt with.
#[derive(Debug)]
pub(in crate::endpoint) struct Referred {
    account: AccountId,
    key: ServerKey,
    request: Request,
    stage: Stage,
    /// The dialog of the reports, when it is not that of a call.
    own: Option<Own>,
    /// The `id` the reports name, for all but the first REFER of a call.
    event_id: Option<u32>,
    /// The far end wants no reports.
    silent: bool,
}

#[derive(Debug)]
struct Own {
    dialog: Dialog,
    flow: Option<Flow>,
    contact: Option<NameAddr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Asked,
    Pending,
    Reporting { told: u16 },
    Told { code: u16, tries: u8 },
}

impl Endpoint {
    /// A REFER in a call.
    pub(super) fn referred(&mut self, now: Instant, id: SessionId, key: ServerKey, request: Request) {
        let Some(up) = self.up_mut(id) else {
            return self.answer(now, key, &request, 603);
        };
        let again = up.referrals > 0;
        match self.referrals.get(&id).map(|referred| referred.stage) {
            Some(Stage::Told { .. }) => self.forget_referral(id),
            Some(_) => return self.answer(now, key, &request, 491),
            None => {}
        }
        let referral = match read(&request) {
            Ok(referral) => referral,
            Err(code) => return self.answer(now, key, &request, code),
        };
        if let Some(up) = self.up_mut(id) {
            up.referrals = up.referrals.saturating_add(1);
        }
        let Some(account) = self.sessions.get(&id).map(|session| session.account) else {
            return;
        };
        let event_id = request.headers.cseq().map(|cseq| cseq.number).filter(|_| again);
        self.consider(now, id, account, (key, request), None, event_id, referral);
    }

    /// A REFER outside of any call: declined, unless the account takes such words from its own server.
    pub(in crate::endpoint) fn referred_from_outside(
        &mut self,
        now: Instant,
        key: ServerKey,
        flow: Flow,
        request: Request,
        account: AccountId,
        trusted: bool,
    ) {
        let allowed = self
            .accounts
            .get(&account)
            .is_some_and(|account| account.config.take_referrals);
        if !(allowed && trusted) {
            return self.answer(now, key, &request, 603);
        }
        let outside = self
            .referrals
            .values()
            .filter(|referred| referred.own.is_some())
            .count();
        if outside >= MOST_OUTSIDE {
            return self.answer(now, key, &request, 486);
        }
        let tag = self.token();
        let dialog = Dialog::from_request(&request, &tag);
        let (dialog, referral) = match (dialog, read(&request)) {
            (Some(dialog), Ok(referral)) => (dialog, referral),
            (None, _) => return self.answer(now, key, &request, 400),
            (_, Err(code)) => return self.answer(now, key, &request, code),
        };
        let id = SessionId(self.new_id());
        let own = Own {
            dialog,
            flow: Some(flow),
            contact: Some(self.call_contact(account, &flow)),
        };
        self.consider(now, id, account, (key, request), Some(own), None, referral);
    }

    #[allow(clippy::too_many_arguments, reason = "all of them are parts of one REFER")]
    fn consider(
        &mut self,
        now: Instant,
        id: SessionId,
        account: AccountId,
        (key, request): (ServerKey, Request),
        own: Option<Own>,
        event_id: Option<u32>,
        referral: Referral,
    ) {
        let silent = request.headers.get("Refer-Sub").is_some_and(|value| {
            value
                .split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .eq_ignore_ascii_case("false")
        });
        self.referrals.insert(
            id,
            Referred {
                account,
                key,
                request,
                stage: Stage::Asked,
                own,
                event_id,
                silent,
            },
        );
        self.alarms.set(Alarm::ReferralWaits(id), now + THINKING);
        self.event(Event::Referred {
            session: id,
            account,
            referral,
        });
    }

    /// Agrees to [`Event::Referred`]: 202, and the first report "100 Trying". Tell how it goes with
    /// [`referral_progress`](Self::referral_progress); the call itself is made by whoever agreed.
    pub fn accept_referral(&mut self, now: Instant, session: SessionId) -> Result<(), Refused> {
        let referred = self.referrals.get_mut(&session).ok_or(Refused::WrongState)?;
        match referred.stage {
            Stage::Asked => self.answer_refer(now, session, 202),
            Stage::Pending => {}
            Stage::Reporting { .. } | Stage::Told { .. } => return Err(Refused::WrongState),
        }
        if let Some(referred) = self.referrals.get_mut(&session) {
            referred.stage = Stage::Reporting { told: 100 };
        }
        self.report(now, session, &active(), 100, "Trying");
        self.pump(now);
        Ok(())
    }

    /// Tells the far end what the target of its REFER answered; a final status code ends the reports.
    pub fn referral_progress(&mut self, now: Instant, session: SessionId, code: u16, reason: &str) {
        let Some(referred) = self.referrals.get_mut(&session) else {
            return;
        };
        let Stage::Reporting { told } = &mut referred.stage else {
            return;
        };
        if !(100..700).contains(&code) || *told == code {
            return;
        }
        *told = code;
        if code < 200 {
            self.report(now, session, &active(), code, reason);
        } else {
            referred.stage = Stage::Told { code, tries: 0 };
            self.alarms.cancel(Alarm::ReferralWaits(session));
            let within = self
                .sessions
                .get_mut(&session)
                .is_some_and(|session| session.up().is_some());
            if referred.silent || !(referred.own.is_some() || within) {
                self.forget_referral(session);
            }
            self.report(now, session, OVER, code, reason);
        }
        self.pump(now);
    }

    /// Declines [`Event::Referred`] with a status code from 400 to 699.
    pub fn refuse_referral(&mut self, now: Instant, session: SessionId, code: u16) -> Result<(), Refused> {
        let done = self.decline_referral(now, session, code);
        self.pump(now);
        done
    }

    /// Whoever hangs up has decided what the far end asked for.
    pub(super) fn drop_undecided(&mut self, now: Instant, id: SessionId) {
        if self.sessions.contains_key(&id) {
            let _ = self.decline_referral(now, id, 603);
        }
    }

    fn decline_referral(&mut self, now: Instant, session: SessionId, code: u16) -> Result<(), Refused> {
        let code = if (400..700).contains(&code) { code } else { 603 };
        let stage = self.referrals.get(&session).map(|referred| referred.stage);
        match stage {
            Some(Stage::Asked) => self.answer_refer(now, session, code),
            Some(Stage::Pending) => self.report(
                now,
                session,
                "terminated;reason=rejected",
                code,
                crate::reason_phrase(code),
            ),
            Some(Stage::Reporting { .. } | Stage::Told { .. }) | None => return Err(Refused::WrongState),
        }
        self.forget_referral(session);
        Ok(())
    }

    /// Somebody is still thinking: the far end hears that, before it takes us for dead; but not for ever.
    pub(in crate::endpoint) fn referral_waits(&mut self, now: Instant, id: SessionId) {
        match self.referrals.get_mut(&id).map(|referred| &mut referred.stage) {
            Some(stage @ Stage::Asked) => {
                *stage = Stage::Pending;
                self.answer_refer(now, id, 202);
                let state = format!("pending;expires={}", REPORTS.as_secs());
                self.report(now, id, &state, 100, "Trying");
            }
            Some(Stage::Pending) => {
                self.report(now, id, "terminated;reason=rejected", 603, crate::reason_phrase(603));
                self.forget_referral(id);
            }
            Some(Stage::Reporting { told }) => {
                let told = *told;
                self.report(now, id, "terminated;reason=timeout", told, crate::reason_phrase(told));
                self.forget_referral(id);
            }
            Some(Stage::Told { code, .. }) => {
                let code = *code;
                self.report(now, id, OVER, code, crate::reason_phrase(code));
            }
            None => {}
        }
    }

    fn answer_refer(&mut self, now: Instant, id: SessionId, code: u16) {
        let Some(referred) = self.referrals.get(&id) else {
            return;
        };
        let (key, tag) = match &referred.own {
            Some(own) => (referred.key, own.dialog.id.local_tag.clone()),
            None => (referred.key, String::new()),
        };
        let mut response = referred
            .request
            .respond(code, Some(&tag).filter(|tag| !tag.is_empty()).map(String::as_str));
        let silent = referred.silent;
        let contact = match &referred.own {
            Some(own) => own.contact.clone(),
            None => self.sessions.get(&id).and_then(|session| session.contact.clone()),
        };
        if code < 300 {
            if let Some(contact) = contact {
                response.headers.push("Contact", contact);
            }
            if silent {
                response.headers.push("Refer-Sub", "false");
            }
            self.capabilities(&mut response.headers);
            self.alarms.set(Alarm::ReferralWaits(id), now + REPORTS);
        }
        self.layer.respond(now, key, &response);
    }

    /// One NOTIFY with the status line of the call that is made for the far end (RFC 3420).
    fn report(&mut self, now: Instant, id: SessionId, state: &str, code: u16, reason: &str) {
        let Some(referred) = self.referrals.get_mut(&id).filter(|referred| !referred.silent) else {
            return;
        };
        let (account, event_id) = (referred.account, referred.event_id);
        let (dialog, flow, contact) = match &mut referred.own {
            Some(own) => (&mut own.dialog, own.flow, own.contact.clone()),
            None => match self.sessions.get_mut(&id) {
                Some(session) => {
                    let (flow, contact) = (session.flow, session.contact.clone());
                    let Some(up) = session.up() else { return };
                    (&mut up.leg.dialog, flow, contact)
                }
                None => return,
            },
        };
        let mut request = dialog.request(Method::Notify);
        let hop = dialog.next_hop().clone();
        let headers = &mut request.headers;
        headers.push(
            "Event",
            event_id.map_or_else(|| "refer".to_owned(), |id| format!("refer;id={id}")),
        );
        headers.push("Subscription-State", state);
        if let Some(contact) = contact {
            headers.push("Contact", contact);
        }
        self.introduce(headers);
        let mut line = format!("SIP/2.0 {code} ");
        let reason = if reason.is_empty() {
            crate::reason_phrase(code)
        } else {
            reason
        };
        // Writing into a String cannot fail.
        let _ = print::text(&mut line, reason);
        line.push_str("\r\n");
        request.set_body("message/sipfrag;version=2.0", line.into_bytes());
        let way = self.way_to(account, &hop, flow);
        let last = matches!(self.referrals.get(&id), Some(referred) if matches!(referred.stage, Stage::Told { .. }));
        let purpose = Purpose::Report { session: id, last };
        self.dispatch_in_turn(now, way, Outgoing::new(purpose, account, request));
    }

    /// The answer to a report: whoever does not want any more of them says so with an error (RFC 6665 section 4.2.2).
    pub(in crate::endpoint) fn report_answer(
        &mut self,
        now: Instant,
        id: SessionId,
        last: bool,
        response: Option<&Response>,
    ) {
        let Some(referred) = self.referrals.get_mut(&id) else {
            return;
        };
        let code = response.map_or(408, Response::code);
        match &mut referred.stage {
            Stage::Told { tries, .. } if last && code == 491 && *tries < TRIES => {
                *tries += 1;
                self.alarms.set(Alarm::ReferralWaits(id), now + AGAIN);
            }
            Stage::Told { .. } if last => self.forget_referral(id),
            _ if code >= 300 && code != 491 => self.forget_referral(id),
            _ => {}
        }
    }

    /// SUBSCRIBE to the reports: longer, or no more of them (RFC 3515 section 2.4.4).
    pub(super) fn resubscribed(&mut self, now: Instant, id: SessionId, key: ServerKey, request: &Request) {
        let stage = self.referrals.get(&id).map(|referred| referred.stage);
        let Some(Stage::Reporting { told }) = stage else {
            return self.answer(now, key, request, 481);
        };
        let wanted = request
            .headers
            .expires()
            .map_or(REPORTS, |s| Duration::from_secs(s.into()).min(REPORTS));
        let mut response = self.answer_to(request, 200);
        response.headers.push("Expires", wanted.as_secs());
        if let Some(contact) = self.sessions.get(&id).and_then(|session| session.contact.clone()) {
            response.headers.push("Contact", contact);
        }
        self.layer.respond(now, key, &response);
        if wanted.is_zero() {
            self.report(now, id, "terminated;reason=timeout", told, "");
            return self.forget_referral(id);
        }
        self.alarms.set(Alarm::ReferralWaits(id), now + wanted);
        self.report(now, id, &format!("active;expires={}", wanted.as_secs()), told, "");
    }

    fn forget_referral(&mut self, id: SessionId) {
        self.referrals.remove(&id);
        self.alarms.cancel(Alarm::ReferralWaits(id));
    }

    /// The dialog of the reports, when it is not that of a call.
    pub(in crate::endpoint) fn referral_dialog(&mut self, id: SessionId) -> Option<&mut Dialog> {
        Some(&mut self.referrals.get_mut(&id)?.own.as_mut()?.dialog)
    }

    /// The call is over, but not what was asked in it: the reports go on (RFC 5057 section 4.2).
    pub(super) fn referral_survives(&mut self, id: SessionId, session: &Session) {
        if let Some(referred) = self.referrals.get_mut(&id)
            && let super::State::Up(up) = &session.state
        {
            referred.own = Some(Own {
                dialog: up.leg.dialog.clone(),
                flow: session.flow,
                contact: session.contact.clone(),
            });
        }
    }
}

/// What the last report says of the subscription (RFC 3515 section 2.4.7).
const OVER: &str = "terminated;reason=noresource";

fn active() -> String {
    format!("active;expires={}", REPORTS.as_secs())
}

/// What a REFER asks; the code to refuse it with when that cannot be done.
fn read(request: &Request) -> Result<Referral, u16> {
    if request.headers.get_all("Refer-To").count() != 1 {
        return Err(400);
    }
    let mut target = request.headers.refer_to().ok_or(400_u16)?.uri;
    let mut replaces = None;
    match &mut target {
        Uri::Sip(uri) => {
            let method = uri.params.get("method");
            if method.is_some_and(|method| !method.eq_ignore_ascii_case("INVITE")) {
                return Err(603);
            }
            replaces = uri
                .decoded_headers()
                .into_iter()
                .find(|(name, _)| name.eq_ignore_ascii_case("Replaces"))
                .map(|(_, value)| value);
            uri.params.remove("method");
            uri.headers.clear();
        }
        Uri::Tel(_) => {}
        Uri::Absolute(_) => return Err(416),
    }
    Ok(Referral {
        target,
        replaces,
        referred_by: request.headers.referred_by(),
    })
}
