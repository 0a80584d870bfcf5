//! The first SUBSCRIBE, and the end of a subscription. The table stands in [`events`](super).

use std::time::{Duration, Instant};

use crate::transaction::GIVE_UP;
use crate::{CSeq, Headers, Method, NameAddr, Request, Response};

use super::super::request::{Outgoing, Purpose};
use super::super::timers::Alarm;
use super::super::{AccountId, Endpoint, Flow, TransportError};
use super::{
    Asked, LONGEST, LONGEST_PAUSE, Notifier, Package, Phase, SubscriptionEnd, SubscriptionId, SubscriptionState,
};

/// A subscription that lasted this long had no trouble.
const LASTED: Duration = Duration::from_secs(60);

/// When to ask again.
pub(super) enum Again {
    /// At once, unless that was tried just before.
    AtOnce,
    BackOff,
    /// The notifier named a time; a shorter one than our own pause does not count.
    NotBefore(Duration),
    Never,
}

impl Endpoint {
    /// Asks outside of any dialog; whatever was before is forgotten.
    pub(in crate::endpoint) fn ask(&mut self, now: Instant, id: SubscriptionId) {
        self.cancel_subscription_alarms(id);
        let (call_id, local_tag) = (self.token() + &self.token(), self.token());
        let Some(known) = self.events.subscriptions.get_mut(&id) else {
            return;
        };
        self.events.by_dialog.remove(&known.dialog_key());
        known.notifiers.clear();
        known.attempt = known.attempt.wrapping_add(1);
        known.phase = Phase::Waiting;
        known.since = None;
        (known.call_id, known.local_tag) = (call_id, local_tag);
        let (account, key) = (known.account, known.dialog_key());
        if !self.may_ask(account) {
            return self.tell_subscription(id, SubscriptionState::Asking);
        }
        self.events.by_dialog.insert(key, id);
        let Some(request) = self.first_subscribe(id) else {
            return;
        };
        let Some(known) = self.events.subscriptions.get_mut(&id) else {
            return;
        };
        known.phase = Phase::Asking;
        let asked = Asked {
            subscription: id,
            attempt: known.attempt,
            notifier: None,
        };
        self.alarms.set(Alarm::NoNotify(id), now + GIVE_UP);
        self.tell_subscription(id, SubscriptionState::Asking);
        let way = self.way_of_call(account, &request.uri.clone());
        let outgoing = Outgoing::new(Purpose::Subscribe(asked), account, request);
        self.dispatch(now, Some(way), outgoing);
    }

    fn first_subscribe(&self, id: SubscriptionId) -> Option<Request> {
        let known = self.events.subscriptions.get(&id)?;
        let account = self.accounts.get(&known.account)?;
        let mut request = Request::new(Method::Subscribe, known.target.clone());
        let headers = &mut request.headers;
        headers.push("Max-Forwards", 70);
        for route in account.routes() {
            headers.push("Route", route);
        }
        headers.push("From", account.identity().with_tag(&known.local_tag));
        headers.push("To", NameAddr::new(known.target.clone()));
        headers.push("Call-ID", &known.call_id);
        headers.push("CSeq", CSeq::new(1, Method::Subscribe));
        describe(headers, known.package, known.expires);
        self.introduce(headers);
        Some(request)
    }

    /// A SUBSCRIBE is on its way on this flow: timer N runs from now on (RFC 6665 section 4.1.2.4).
    pub(in crate::endpoint) fn subscribe_sent(&mut self, now: Instant, asked: Asked, flow: Flow, request: &Request) {
        let Some(known) = self.events.subscriptions.get_mut(&asked.subscription) else {
            return;
        };
        let home = self.accounts.get(&known.account).and_then(|account| account.flow);
        let home = home.map(|flow| flow.id);
        known.flow = Some(flow);
        known.home = home;
        let number = request.headers.cseq().map_or(1, |cseq| cseq.number);
        match asked.notifier {
            None => {
                known.cseq = number;
                known.asked_at = Some(now);
                if known.phase == Phase::Asking {
                    self.alarms.set(Alarm::NoNotify(asked.subscription), now + GIVE_UP);
                }
            }
            Some(notifier) => {
                if let Some(notifier) = known.notifier(notifier) {
                    notifier.dialog.local_cseq = notifier.dialog.local_cseq.max(number);
                }
            }
        }
    }

    /// The answer to a SUBSCRIBE.
    pub(in crate::endpoint) fn subscribe_answer(&mut self, now: Instant, asked: Asked, response: &Response) {
        if response.code() < 200 || !self.is_asked(asked) {
            return;
        }
        match asked.notifier {
            Some(notifier) => self.refresh_answer(now, asked.subscription, notifier, response),
            None => self.first_answer(now, asked.subscription, response),
        }
    }

    fn first_answer(&mut self, now: Instant, id: SubscriptionId, response: &Response) {
        let Some(known) = self.events.subscriptions.get_mut(&id) else {
            return;
        };
        let code = response.code();
        let granted = response
            .headers
            .expires()
            .map(|seconds| Duration::from_secs(seconds.into()).min(LONGEST));
        if (200..300).contains(&code) {
            known.granted = granted.unwrap_or(known.expires);
            // A NOTIFY that came first, and did not say how long, goes by this.
            let tag = super::super::request::tag_of(response);
            let telling = known
                .notifiers
                .iter()
                .find(|telling| telling.dialog.id.remote_tag == tag);
            let (telling, lasts) = (telling.map(|telling| (telling.id, telling.until)), known.granted);
            if let Some((telling, until)) = telling
                && now + lasts < until
            {
                self.notifier_lasts(now, id, telling, lasts);
            }
            return;
        }
        if known.phase != Phase::Asking {
            // A notifier told already: whatever went wrong on another branch, the news arrive.
            return;
        }
        if code == 423
            && let Some(wanted) = response.headers.min_expires().map(|s| Duration::from_secs(s.into()))
            && wanted > known.expires
            && wanted <= LONGEST
        {
            known.expires = wanted;
            return self.ask(now, id);
        }
        let patience = response.headers.retry_after().map(|s| Duration::from_secs(s.into()));
        let again = match code {
            // What the server cannot do, or will not do for us, another attempt does not change (RFC 6665 section 4.1.2.1).
            403 | 405 | 415 | 416 | 420 | 485 | 489 | 501 | 505 | 603 | 606 => Again::Never,
            404 | 410 | 423 | 604 => Again::NotBefore(LONGEST_PAUSE),
            _ => patience.map_or(Again::BackOff, Again::NotBefore),
        };
        let why = match code {
            408 => SubscriptionEnd::NoAnswer,
            code => SubscriptionEnd::Refused {
                code,
                reason: response.reason.clone(),
            },
        };
        self.subscription_off(now, id, why, again);
    }

    /// A SUBSCRIBE was not answered, or could not be sent.
    pub(in crate::endpoint) fn subscribe_failed(&mut self, now: Instant, asked: Asked, why: Option<TransportError>) {
        if !self.is_asked(asked) {
            return;
        }
        if let Some(notifier) = asked.notifier {
            return self.refresh_failed(now, asked.subscription, notifier, why.is_none());
        }
        let asking = self.events.subscriptions.get(&asked.subscription);
        if asking.is_some_and(|known| known.phase == Phase::Asking) {
            let why = why.map_or(SubscriptionEnd::NoAnswer, SubscriptionEnd::Unreachable);
            self.subscription_off(now, asked.subscription, why, Again::BackOff);
        }
    }

    /// The server did not take our name and password.
    pub(in crate::endpoint) fn subscribe_denied(&mut self, now: Instant, asked: Asked) {
        if !self.is_asked(asked) {
            return;
        }
        if let Some(notifier) = asked.notifier {
            return self.refresh_failed(now, asked.subscription, notifier, false);
        }
        let why = SubscriptionEnd::NotAuthorised;
        self.subscription_off(now, asked.subscription, why, Again::NotBefore(LONGEST_PAUSE));
    }

    /// Timer N: a 2xx and then no NOTIFY. Or the last NOTIFY of a subscription that we ended.
    pub(in crate::endpoint) fn no_notify(&mut self, now: Instant, id: SubscriptionId) {
        match self.events.subscriptions.get(&id).map(|known| known.phase) {
            Some(Phase::Asking) => self.subscription_off(now, id, SubscriptionEnd::NoAnswer, Again::BackOff),
            Some(Phase::Leaving) => self.forget_subscription(id),
            _ => {}
        }
    }

    /// No news any more: tells so, and asks again when the reason allows.
    pub(super) fn subscription_off(&mut self, now: Instant, id: SubscriptionId, why: SubscriptionEnd, again: Again) {
        self.cancel_subscription_alarms(id);
        let Some(known) = self.events.subscriptions.get_mut(&id) else {
            return;
        };
        if known
            .since
            .take()
            .is_some_and(|since| now.saturating_duration_since(since) >= LASTED)
        {
            known.failures = 0;
        }
        let failures = known.failures;
        known.failures += 1;
        known.phase = Phase::Waiting;
        known.notifiers.clear();
        (known.flow, known.home) = (None, None);
        let key = known.dialog_key();
        self.events.by_dialog.remove(&key);
        let back_off = self.pause(failures);
        let pause = match again {
            Again::AtOnce if failures == 0 => Some(Duration::ZERO),
            Again::AtOnce | Again::BackOff => Some(back_off),
            Again::NotBefore(pause) => Some(pause.min(LONGEST).max(back_off)),
            Again::Never => None,
        };
        match pause {
            Some(Duration::ZERO) => return self.ask(now, id),
            Some(pause) => self.alarms.set(Alarm::Resubscribe(id), now + pause),
            None => {}
        }
        self.tell_subscription(id, SubscriptionState::Off { why, retry_in: pause });
    }

    /// Ends a subscription in whatever way its phase asks for.
    pub(super) fn end_subscription(&mut self, now: Instant, id: SubscriptionId) {
        self.cancel_subscription_alarms(id);
        let Some(known) = self.events.subscriptions.get_mut(&id) else {
            return;
        };
        match known.phase {
            // A NOTIFY that still comes finds nothing and gets 481, which ends it at the notifier.
            Phase::Waiting | Phase::Asking => self.forget_subscription(id),
            Phase::Leaving => self.alarms.set(Alarm::NoNotify(id), now + GIVE_UP),
            Phase::Live => {
                known.phase = Phase::Leaving;
                let notifiers = std::mem::take(&mut known.notifiers);
                let (account, package, flow) = (known.account, known.package, known.flow);
                for notifier in notifiers {
                    self.end_notifier(now, account, package, flow, notifier);
                }
                self.alarms.set(Alarm::NoNotify(id), now + GIVE_UP);
            }
        }
    }

    /// Ends what there is and waits for the account to be registered under its new name.
    pub(super) fn begin_anew(&mut self, now: Instant, id: SubscriptionId) {
        self.cancel_subscription_alarms(id);
        let Some(known) = self.events.subscriptions.get_mut(&id) else {
            return;
        };
        if known.phase == Phase::Leaving {
            self.alarms.set(Alarm::NoNotify(id), now + GIVE_UP);
            return;
        }
        known.phase = Phase::Waiting;
        known.failures = 0;
        known.attempt = known.attempt.wrapping_add(1);
        let notifiers = std::mem::take(&mut known.notifiers);
        let (account, package, flow, key) = (known.account, known.package, known.flow.take(), known.dialog_key());
        self.events.by_dialog.remove(&key);
        for notifier in notifiers {
            self.end_notifier(now, account, package, flow, notifier);
        }
        self.tell_subscription(id, SubscriptionState::Asking);
    }

    fn end_notifier(
        &mut self,
        now: Instant,
        account: AccountId,
        package: Package,
        flow: Option<Flow>,
        mut notifier: Notifier,
    ) {
        let mut request = notifier.dialog.request(Method::Subscribe);
        describe(&mut request.headers, package, Duration::ZERO);
        self.introduce(&mut request.headers);
        let way = self.way_to(account, notifier.dialog.next_hop(), flow);
        let outgoing = self.parting(account, flow, request);
        self.dispatch(now, way, outgoing);
    }

    /// A request that ends something at a server; the account may be gone when it is challenged.
    pub(super) fn parting(&self, account: AccountId, flow: Option<Flow>, request: Request) -> Outgoing {
        let known = self.accounts.get(&account);
        let own = known.and_then(|known| known.flow);
        let home = flow.is_none_or(|flow| own.is_some_and(|own| own.remote.ip() == flow.remote.ip()));
        let mut outgoing = Outgoing::new(Purpose::Parting { home }, account, request);
        outgoing.digest = known.and_then(|known| known.digest.clone());
        outgoing
    }

    fn forget_subscription(&mut self, id: SubscriptionId) {
        if let Some(known) = self.events.subscriptions.remove(&id) {
            self.events.by_dialog.remove(&known.dialog_key());
        }
    }
}

/// The header fields of every SUBSCRIBE but those of its dialog.
pub(super) fn describe(headers: &mut Headers, package: Package, expires: Duration) {
    headers.push("Event", package.name());
    headers.push("Accept", package.media_type());
    headers.push("Expires", expires.as_secs());
}
