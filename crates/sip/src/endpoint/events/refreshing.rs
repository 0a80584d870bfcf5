//! SUBSCRIBE within the dialog of a notifier. The table stands in [`events`](super).

use std::time::{Duration, Instant};

use crate::{Method, Response};

use super::super::Endpoint;
use super::super::request::{Outgoing, Purpose};
use super::super::timers::Alarm;
use super::asking::{Again, describe};
use super::{Asked, LONGEST, NotifierId, SubscriptionEnd, SubscriptionId};

impl Endpoint {
    /// The alarm of a notifier: it is refreshed, or it is too late for that.
    pub(in crate::endpoint) fn refresh_subscription(&mut self, now: Instant, id: SubscriptionId, notifier: NotifierId) {
        let known = self.events.subscriptions.get_mut(&id);
        let Some(until) = known.and_then(|known| Some(known.notifier(notifier)?.until)) else {
            return;
        };
        if now >= until {
            return self.drop_notifier(now, id, notifier, SubscriptionEnd::Timeout, Again::AtOnce);
        }
        self.refresh(now, id, notifier);
    }

    /// Refreshes all notifiers: our address changed, or the server may have forgotten us.
    pub(super) fn refresh_all(&mut self, now: Instant, id: SubscriptionId) {
        let known = self.events.subscriptions.get(&id);
        let notifiers: Vec<_> = known.map_or_else(Vec::new, |known| known.notifiers.iter().map(|n| n.id).collect());
        for notifier in notifiers {
            self.refresh(now, id, notifier);
        }
    }

    pub(super) fn refresh(&mut self, now: Instant, id: SubscriptionId, notifier: NotifierId) {
        let Some(known) = self.events.subscriptions.get_mut(&id) else {
            return;
        };
        let (account, attempt, package, expires) = (known.account, known.attempt, known.package, known.expires);
        let Some(telling) = known.notifier(notifier) else {
            return;
        };
        telling.asking = true;
        let mut request = telling.dialog.request(Method::Subscribe);
        let (hop, until) = (telling.dialog.next_hop().clone(), telling.until);
        describe(&mut request.headers, package, expires);
        self.introduce(&mut request.headers);
        self.alarms.set(Alarm::RefreshSubscription(id, notifier), until);
        let asked = Asked {
            subscription: id,
            attempt,
            notifier: Some(notifier),
        };
        let way = self.way_to(account, &hop, None);
        self.dispatch(now, way, Outgoing::new(Purpose::Subscribe(asked), account, request));
    }

    /// The number of a SUBSCRIBE that is sent again with credentials; `None`: outside of any dialog.
    pub(in crate::endpoint) fn next_subscribe(&mut self, asked: Asked) -> Option<u32> {
        let known = self.events.subscriptions.get_mut(&asked.subscription)?;
        let dialog = &mut known.notifier(asked.notifier?)?.dialog;
        dialog.local_cseq += 1;
        Some(dialog.local_cseq)
    }

    pub(super) fn refresh_answer(
        &mut self,
        now: Instant,
        id: SubscriptionId,
        notifier: NotifierId,
        response: &Response,
    ) {
        let Some(known) = self.events.subscriptions.get_mut(&id) else {
            return;
        };
        let asked_for = known.expires;
        let Some(telling) = known.notifier(notifier) else {
            return;
        };
        telling.asking = false;
        let patience = response.headers.retry_after().map(|s| Duration::from_secs(s.into()));
        match response.code() {
            200..=299 => {
                telling.dialog.refresh_target(&response.headers);
                let granted = response.headers.expires().map(|s| Duration::from_secs(s.into()));
                let lasts = granted.unwrap_or(asked_for).min(LONGEST);
                known.failures = 0;
                self.notifier_lasts(now, id, notifier, lasts);
            }
            423 => {
                let wanted = response.headers.min_expires().map(|s| Duration::from_secs(s.into()));
                match wanted.filter(|wanted| *wanted > asked_for && *wanted <= LONGEST) {
                    Some(wanted) => {
                        known.expires = wanted;
                        self.refresh(now, id, notifier);
                    }
                    None => self.refresh_later(now, id, notifier, patience),
                }
            }
            // The dialog is gone, but not what it was about (RFC 6665 section 4.1.2.2).
            481 => self.drop_notifier(now, id, notifier, SubscriptionEnd::Timeout, Again::AtOnce),
            // These end the usage as well (RFC 5057 section 5.1).
            code @ (404 | 405 | 410 | 416 | 480 | 482..=485 | 489 | 501 | 604) => {
                let reason = response.reason.clone();
                let again = if matches!(code, 405 | 416 | 489 | 501) {
                    Again::Never
                } else {
                    Again::BackOff
                };
                self.drop_notifier(now, id, notifier, SubscriptionEnd::Refused { code, reason }, again);
            }
            _ => self.refresh_later(now, id, notifier, patience),
        }
    }

    /// A refresh was not answered (`silent`), or could not be sent or was not allowed.
    pub(super) fn refresh_failed(&mut self, now: Instant, id: SubscriptionId, notifier: NotifierId, silent: bool) {
        let known = self.events.subscriptions.get_mut(&id);
        if let Some(telling) = known.and_then(|known| known.notifier(notifier)) {
            telling.asking = false;
        }
        if silent {
            // Whoever does not answer in a dialog is gone from it (RFC 5057 section 5.1, 408).
            self.drop_notifier(now, id, notifier, SubscriptionEnd::NoAnswer, Again::AtOnce);
        } else {
            self.refresh_later(now, id, notifier, None);
        }
    }

    /// The subscription stands until it expires (RFC 6665 section 4.1.2.2): another try before that.
    fn refresh_later(&mut self, now: Instant, id: SubscriptionId, notifier: NotifierId, patience: Option<Duration>) {
        let Some(known) = self.events.subscriptions.get_mut(&id) else {
            return;
        };
        let failures = known.failures;
        known.failures += 1;
        let Some(until) = known.notifier(notifier).map(|telling| telling.until) else {
            return;
        };
        let pause = self.pause(failures).max(patience.unwrap_or_default().min(LONGEST));
        self.alarms
            .set(Alarm::RefreshSubscription(id, notifier), (now + pause).min(until));
    }

    /// News arrive from this notifier for so long.
    pub(super) fn notifier_lasts(&mut self, now: Instant, id: SubscriptionId, notifier: NotifierId, lasts: Duration) {
        let after = self.refresh_after(lasts);
        let Some(known) = self.events.subscriptions.get_mut(&id) else {
            return;
        };
        if let Some(telling) = known.notifier(notifier) {
            telling.until = now + lasts.max(after + Duration::from_secs(1));
            self.alarms.set(Alarm::RefreshSubscription(id, notifier), now + after);
        }
    }

    /// A notifier tells nothing more; with the last one the subscription is off.
    pub(super) fn drop_notifier(
        &mut self,
        now: Instant,
        id: SubscriptionId,
        notifier: NotifierId,
        why: SubscriptionEnd,
        again: Again,
    ) {
        self.alarms.cancel(Alarm::RefreshSubscription(id, notifier));
        let Some(known) = self.events.subscriptions.get_mut(&id) else {
            return;
        };
        known.notifiers.retain(|telling| telling.id != notifier);
        if known.notifiers.is_empty() {
            self.subscription_off(now, id, why, again);
        } else {
            self.tell_liveness(id);
        }
    }
}
