//! NOTIFY: inside a subscription, and the one that an exchange sends unasked (RFC 6665 section 4.1.3).

use std::time::{Duration, Instant};

use crate::bodies::{Applied, MessageSummary};
use crate::dialog::{Dialog, DialogId};
use crate::transaction::{GIVE_UP, ServerKey};
use crate::{Headers, Method, NameAddr, Params, Request};

use super::super::timers::Alarm;
use super::super::{AccountId, Endpoint, Event};
use super::asking::Again;
use super::{
    LONGEST, LONGEST_PAUSE, Notifier, NotifierId, Package, Phase, SubscriptionEnd, SubscriptionId, SubscriptionState,
    Told,
};

/// The least time between two requests for what was missed.
const MAKE_UP: Duration = Duration::from_secs(5);

/// `Subscription-State` (RFC 6665 section 8.2.3).
struct Standing {
    word: Word,
    expires: Option<Duration>,
    reason: Option<String>,
    retry_after: Option<Duration>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Active,
    Pending,
    Terminated,
}

impl Endpoint {
    /// The subscription a request belongs to, if it is in a dialog of one, or would make one.
    pub(in crate::endpoint) fn subscription_of(&self, dialog: &DialogId) -> Option<SubscriptionId> {
        let key = (dialog.call_id.clone(), dialog.local_tag.clone());
        self.events.by_dialog.get(&key).copied()
    }

    /// A request in the dialog of a subscription.
    pub(in crate::endpoint) fn within_subscription(
        &mut self,
        now: Instant,
        id: SubscriptionId,
        key: ServerKey,
        dialog: &DialogId,
        request: &Request,
    ) {
        if request.method != Method::Notify {
            return self.answer(now, key, request, 405);
        }
        let Some(known) = self.events.subscriptions.get(&id) else {
            return self.answer(now, key, request, 481);
        };
        match request.headers.event() {
            None => return self.answer(now, key, request, 400),
            Some(name) if name == known.package.name() => {}
            Some(name) if Package::named(&name).is_some() => return self.answer(now, key, request, 481),
            Some(_) => return self.answer(now, key, request, 489),
        }
        if known.phase == Phase::Leaving {
            return self.answer(now, key, request, 200);
        }
        if self.refuse_extensions(now, key, request) {
            return;
        }
        let Some(notifier) = self.notifier_of(now, id, dialog, request) else {
            return self.answer(now, key, request, 481);
        };
        self.notified_by(now, id, notifier, key, request);
    }

    /// The notifier that speaks; one that speaks first is taken in, if the package allows one more.
    fn notifier_of(
        &mut self,
        now: Instant,
        id: SubscriptionId,
        dialog: &DialogId,
        request: &Request,
    ) -> Option<NotifierId> {
        let fresh = self.new_id();
        let known = self.events.subscriptions.get_mut(&id)?;
        let speaks = |telling: &&Notifier| telling.dialog.id.remote_tag == dialog.remote_tag;
        if let Some(telling) = known.notifiers.iter().find(speaks) {
            return Some(telling.id);
        }
        // All branches of a forked SUBSCRIBE have answered by then (RFC 6665 section 4.1.2.4).
        let late = known
            .asked_at
            .is_some_and(|asked| now.saturating_duration_since(asked) > GIVE_UP);
        if known.notifiers.len() >= known.package.most_notifiers() || late {
            return None;
        }
        let mut seen = request.clone();
        if !seen.headers.has("Contact") {
            // Without its Contact the notifier is sought where it was asked: better than no news.
            seen.headers.push("Contact", NameAddr::new(known.target.clone()));
        }
        let mut dialog = Dialog::from_request(&seen, &known.local_tag)?;
        // Our numbers go on from the SUBSCRIBE that made the dialog.
        dialog.local_cseq = known.cseq;
        dialog.remote_cseq = None;
        known.notifiers.push(Notifier {
            id: fresh,
            dialog,
            pending: false,
            until: now + known.granted,
            asking: false,
            made_up: None,
            told: Told::nothing(known.package),
        });
        known.phase = Phase::Live;
        known.since = known.since.or(Some(now));
        let granted = known.granted;
        self.alarms.cancel(Alarm::NoNotify(id));
        self.notifier_lasts(now, id, fresh, granted);
        Some(fresh)
    }

    fn notified_by(
        &mut self,
        now: Instant,
        id: SubscriptionId,
        notifier: NotifierId,
        key: ServerKey,
        request: &Request,
    ) {
        let Some(known) = self.events.subscriptions.get_mut(&id) else {
            return;
        };
        let package = known.package;
        let Some(telling) = known.notifier(notifier) else {
            return;
        };
        let last = telling.dialog.remote_cseq;
        if telling.dialog.accept(request).is_err() {
            // The same one once more, by another way, was taken before.
            let number = request.headers.cseq().map(|cseq| cseq.number);
            return self.answer(now, key, request, if number == last { 200 } else { 500 });
        }
        telling.dialog.refresh_target(&request.headers);
        let standing = Standing::read(&request.headers);
        let mut news = false;
        let mut code = 200;
        if !request.body.is_empty() {
            match request.part(package.media_type()) {
                None => code = 415,
                Some(body) => match telling.told.take(body) {
                    Ok(Applied::Taken) => news = true,
                    Ok(Applied::Old) => {}
                    Ok(Applied::Missed) => {
                        news = true;
                        if !telling.asking && standing.word != Word::Terminated {
                            // Only a full document puts the table right (RFC 4235 section 4.3).
                            let due = telling.made_up.map_or(now, |last| last + MAKE_UP);
                            if due > now {
                                // A notifier that counts in leaps of its own is not asked after each of them.
                                let alarm = Alarm::RefreshSubscription(id, notifier);
                                self.alarms.set(alarm, due.min(telling.until));
                            } else {
                                telling.made_up = Some(now);
                                self.refresh(now, id, notifier);
                            }
                        }
                    }
                    Err(_) => {
                        self.counts.malformed += 1;
                        code = 400;
                    }
                },
            }
        }
        let mut response = self.answer_to(request, code);
        if code == 415 {
            response.headers.push("Accept", package.media_type());
        }
        self.layer.respond(now, key, &response);
        self.stands(now, id, notifier, &standing);
        if news {
            self.tell_news(id);
        }
        if standing.word == Word::Terminated {
            let (why, again) = standing.end();
            self.drop_notifier(now, id, notifier, why, again);
        }
    }

    fn tell_news(&mut self, id: SubscriptionId) {
        let known = self.events.subscriptions.get(&id);
        if let Some(notice) = known.and_then(super::Subscription::notice) {
            self.event(Event::Notified {
                subscription: id,
                notice,
            });
        }
    }

    /// What `Subscription-State` says of a notifier that goes on.
    fn stands(&mut self, now: Instant, id: SubscriptionId, notifier: NotifierId, standing: &Standing) {
        if standing.word == Word::Terminated {
            return;
        }
        let known = self.events.subscriptions.get_mut(&id);
        let Some(telling) = known.and_then(|known| known.notifier(notifier)) else {
            return;
        };
        telling.pending = standing.word == Word::Pending;
        let left = telling.until.saturating_duration_since(now);
        // The notifier may shorten what it granted, and what it says counts; a second more or less does not.
        if let Some(lasts) = standing.expires
            && (lasts + Duration::from_secs(2) < left || left + Duration::from_secs(2) < lasts)
            && !telling.asking
        {
            self.notifier_lasts(now, id, notifier, lasts);
        }
        self.tell_liveness(id);
    }

    /// Tells whether news arrive, by the notifier that is furthest.
    pub(super) fn tell_liveness(&mut self, id: SubscriptionId) {
        let Some(known) = self.events.subscriptions.get(&id) else {
            return;
        };
        let pending = known.notifiers.iter().all(|telling| telling.pending);
        let state = if pending {
            SubscriptionState::Pending
        } else {
            SubscriptionState::Active
        };
        self.tell_subscription(id, state);
    }

    /// A NOTIFY outside of any dialog: the waiting messages of many exchanges, and nothing else.
    pub(in crate::endpoint) fn notified_unasked(
        &mut self,
        now: Instant,
        key: ServerKey,
        request: &Request,
        account: AccountId,
        trusted: bool,
    ) {
        let Some(name) = request.headers.event() else {
            return self.answer(now, key, request, 400);
        };
        match Package::named(&name) {
            Some(Package::MessageSummary) if trusted => {}
            Some(_) => return self.answer(now, key, request, 481),
            None => return self.answer(now, key, request, 489),
        }
        if request.body.is_empty() {
            return self.answer(now, key, request, 200);
        }
        let media_type = Package::MessageSummary.media_type();
        let Some(body) = request.part(media_type) else {
            let mut response = self.answer_to(request, 415);
            response.headers.push("Accept", media_type);
            self.layer.respond(now, key, &response);
            return;
        };
        match MessageSummary::read(body) {
            Ok(summary) => {
                self.answer(now, key, request, 200);
                self.event(Event::MessagesWaiting { account, summary });
            }
            Err(_) => {
                self.counts.malformed += 1;
                self.answer(now, key, request, 400);
            }
        }
    }
}

impl Standing {
    /// Reads the header field. One that is missing says "active": some exchanges forget it.
    fn read(headers: &Headers) -> Self {
        let value = headers.get("Subscription-State").unwrap_or("active");
        let (word, params) = value.split_at(value.find(';').unwrap_or(value.len()));
        let params = Params::parse(params).unwrap_or_default();
        let seconds = |name| {
            let seconds: u32 = crate::parse::tokens::number(params.get(name)?)?;
            Some(Duration::from_secs(seconds.into()).min(LONGEST))
        };
        let word = match word.trim().to_ascii_lowercase().as_str() {
            "terminated" => Word::Terminated,
            "pending" => Word::Pending,
            _ => Word::Active,
        };
        Self {
            word,
            expires: seconds("expires"),
            reason: params.get("reason").map(str::to_ascii_lowercase),
            retry_after: seconds("retry-after"),
        }
    }

    /// What the reason asks for (RFC 6665 section 4.1.3).
    fn end(&self) -> (SubscriptionEnd, Again) {
        let later = |otherwise| self.retry_after.map_or(otherwise, Again::NotBefore);
        match self.reason.as_deref() {
            Some("deactivated") => (SubscriptionEnd::Deactivated, Again::AtOnce),
            Some("probation") => (SubscriptionEnd::Probation, later(Again::BackOff)),
            Some("rejected") => (SubscriptionEnd::Rejected, Again::Never),
            Some("timeout") => (SubscriptionEnd::Timeout, Again::AtOnce),
            Some("giveup") => (SubscriptionEnd::GiveUp, later(Again::NotBefore(LONGEST_PAUSE))),
            Some("noresource") => (SubscriptionEnd::NoResource, Again::Never),
            Some("invariant") => (SubscriptionEnd::Invariant, Again::Never),
            _ => (SubscriptionEnd::Ended, later(Again::BackOff)),
        }
    }
}
