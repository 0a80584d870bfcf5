//! Events: subscriptions (RFC 6665), publication (RFC 3903) and messages (RFC 3428).
//!
//! A subscription outlives its dialogs: whatever ends one of them, the subscription asks again by itself unless it was told
//! not to.
//!
//! ```text
//! Phase    on                                 does                                    becomes
//! Waiting  alarm Resubscribe, registered      SUBSCRIBE in a dialog of its own        Asking
//! Asking   NOTIFY active, pending             a notifier; Active or Pending told      Live
//!          NOTIFY terminated                  as below                                Waiting
//!          2xx                                its Expires is noted                    Asking
//!          423                                SUBSCRIBE for longer                    Asking
//!          other answers, none                Off told, alarm after a back-off        Waiting
//!          alarm NoNotify (timer N)           Off told, alarm after a back-off        Waiting
//! Live     NOTIFY of another notifier         one more; 481 by the package's rule,    Live
//!                                             and when timer N would be over
//!          alarm RefreshSubscription          SUBSCRIBE in the notifier's dialog      Live
//!          2xx to it                          alarm well before the new expiry        Live
//!          481, 404, 489, … to it             the notifier is gone                    Live, or Waiting
//!          other answers to it, none          again soon, while the notifier lives    Live
//!          expiry                             the notifier is gone                    Live, or Waiting
//!          NOTIFY terminated                  the notifier is gone, by its reason     Live, or Waiting
//!          registered on another flow         SUBSCRIBE to each notifier at once      Live
//! any      unsubscribe, log out               SUBSCRIBE for no time to each notifier  Leaving
//! Leaving  NOTIFY                             200                                     Leaving
//!          alarm NoNotify                                                             gone
//! ```
//!
//! The dialog is made by the NOTIFY, not by the 2xx (RFC 6665 section 4.4.1), so that a NOTIFY before the 2xx is nothing special.

mod asking;
mod merging;
mod notified;
mod page;
mod publication;
mod refreshing;
mod word;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::{Duration, Instant};

use crate::dialog::Dialog;
use crate::{Method, Request, Uri};

use super::timers::Alarm;
use super::{AccountId, Endpoint, Event, Flow, FlowId, Refused};

use merging::Told;
use page::{Allowance, Page};
use publication::Publication;

pub use word::{
    MessageId, MessageOutcome, Notice, Package, PublicationState, SubscriptionEnd, SubscriptionId, SubscriptionState,
};

/// How long a subscription is asked for. Short enough to notice a server that forgot it.
const EXPIRES: Duration = Duration::from_secs(600);
/// The longest time a server may make us ask for, or grant.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// Most subscriptions, those that are being ended included.
const SUBSCRIPTIONS: usize = 1024;
/// The first pause after a failure; the second is twice as long, and so on.
const FIRST_PAUSE: Duration = Duration::from_secs(4);
/// The longest pause between attempts of our own.
const LONGEST_PAUSE: Duration = Duration::from_secs(1800);

/// All that is not about calls.
#[derive(Debug, Default)]
pub(super) struct Events {
    subscriptions: BTreeMap<SubscriptionId, Subscription>,
    /// Call-ID and our tag name a subscription; the notifiers' tags differ.
    by_dialog: HashMap<(String, String), SubscriptionId>,
    publications: BTreeMap<AccountId, Publication>,
    /// Messages that wait for their turn or their answer, oldest first.
    pages: Vec<Page>,
    /// The last messages taken, so that one that comes again by another way is told once: Call-ID, tag and CSeq number.
    heard: VecDeque<(String, String, u32)>,
    allowances: BTreeMap<AccountId, Allowance>,
}

/// One subscription.
#[derive(Debug)]
struct Subscription {
    account: AccountId,
    target: Uri,
    package: Package,
    call_id: String,
    local_tag: String,
    /// The number of the last SUBSCRIBE outside of any dialog.
    cseq: u32,
    /// Answers to an earlier attempt no longer count.
    attempt: u32,
    phase: Phase,
    notifiers: Vec<Notifier>,
    /// How long it is asked for: more than usual after 423.
    expires: Duration,
    /// What the 2xx granted.
    granted: Duration,
    /// When it was asked for last, outside of any dialog.
    asked_at: Option<Instant>,
    /// The flow the last SUBSCRIBE took.
    flow: Option<Flow>,
    /// The flow its account was registered on then.
    home: Option<FlowId>,
    failures: u32,
    /// Since when news arrive.
    since: Option<Instant>,
    /// As told last.
    state: SubscriptionState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Waiting,
    Asking,
    Live,
    Leaving,
}

/// Names a notifier among those of its subscription.
pub(super) type NotifierId = u64;

/// One of those who tell; a forked SUBSCRIBE may reach several (RFC 6665 section 4.1.4).
#[derive(Debug)]
struct Notifier {
    id: NotifierId,
    dialog: Dialog,
    pending: bool,
    until: Instant,
    /// A SUBSCRIBE of ours waits for its answer.
    asking: bool,
    /// When it was last asked for what was missed.
    made_up: Option<Instant>,
    told: Told,
}

/// A SUBSCRIBE on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) subscription: SubscriptionId,
    attempt: u32,
    /// `None`: the first one, outside of any dialog.
    pub(super) notifier: Option<NotifierId>,
}

impl Subscription {
    fn notifier(&mut self, id: NotifierId) -> Option<&mut Notifier> {
        self.notifiers.iter_mut().find(|notifier| notifier.id == id)
    }

    fn dialog_key(&self) -> (String, String) {
        (self.call_id.clone(), self.local_tag.clone())
    }
}

impl Endpoint {
    /// Subscribes to news about `target`. [`Event::Subscription`] and [`Event::Notified`] follow, until
    /// [`unsubscribe`](Self::unsubscribe) or the end of the account. An account that registers is registered first.
    pub fn subscribe(
        &mut self,
        now: Instant,
        account: AccountId,
        target: Uri,
        package: Package,
    ) -> Result<SubscriptionId, Refused> {
        let target = self.callable(account, target)?;
        if self.events.subscriptions.len() >= SUBSCRIPTIONS {
            return Err(Refused::TooMany);
        }
        let id = SubscriptionId(self.new_id());
        let subscription = Subscription {
            account,
            target,
            package,
            call_id: String::new(),
            local_tag: String::new(),
            cseq: 0,
            attempt: 0,
            phase: Phase::Waiting,
            notifiers: Vec::new(),
            expires: EXPIRES,
            granted: EXPIRES,
            asked_at: None,
            flow: None,
            home: None,
            failures: 0,
            since: None,
            state: SubscriptionState::Asking,
        };
        self.events.subscriptions.insert(id, subscription);
        self.event(Event::Subscription {
            subscription: id,
            state: SubscriptionState::Asking,
        });
        self.ask(now, id);
        self.pump(now);
        Ok(id)
    }

    /// Ends a subscription; nothing more is told about it.
    pub fn unsubscribe(&mut self, now: Instant, subscription: SubscriptionId) {
        self.end_subscription(now, subscription);
        self.pump(now);
    }

    /// Whether the account may ask already: one that registers waits until it has.
    fn may_ask(&self, account: AccountId) -> bool {
        self.accounts
            .get(&account)
            .is_some_and(|account| !account.config.register || account.is_registered())
    }

    /// The account is registered. `afresh`: it was not before, or by another way, or with another Contact.
    pub(super) fn events_follow(&mut self, now: Instant, account: AccountId, flow: Flow, afresh: bool) {
        let of_account = self.events.subscriptions.iter().filter(|(_, s)| s.account == account);
        let ids: Vec<_> = of_account.map(|(id, _)| *id).collect();
        for id in ids {
            let Some(known) = self.events.subscriptions.get(&id) else {
                continue;
            };
            let moved = afresh || known.home.is_some_and(|before| before != flow.id);
            // What a server that was away refused it may take now; what a person there refused it stays refused.
            let off = matches!(
                known.state,
                SubscriptionState::Off {
                    why: SubscriptionEnd::Rejected | SubscriptionEnd::NoResource | SubscriptionEnd::Invariant,
                    ..
                }
            );
            match known.phase {
                Phase::Waiting if known.state == SubscriptionState::Asking => self.ask(now, id),
                Phase::Waiting if moved && !off => self.ask(now, id),
                Phase::Asking if moved => self.ask(now, id),
                Phase::Live if moved => self.refresh_all(now, id),
                _ => {}
            }
        }
        self.publication_follows(now, account, afresh);
    }

    /// The account is about to be removed, or to become another one: nothing of it stays at its server. What shall go on
    /// under its new name waits until that is registered.
    pub(super) fn events_part(&mut self, now: Instant, account: AccountId, for_good: bool) {
        let of_account = self.events.subscriptions.iter().filter(|(_, s)| s.account == account);
        let ids: Vec<_> = of_account.map(|(id, _)| *id).collect();
        for id in ids {
            if for_good {
                self.end_subscription(now, id);
            } else {
                self.begin_anew(now, id);
            }
        }
        self.publication_parts(now, account, for_good);
        if for_good {
            self.events.allowances.remove(&account);
            self.pages_part(account);
        }
    }

    /// The account is another one now and does not register: what waited goes on at once.
    pub(super) fn events_resume(&mut self, now: Instant, account: AccountId) {
        if !self.may_ask(account) {
            return;
        }
        let waiting = |s: &Subscription| s.account == account && s.state == SubscriptionState::Asking;
        let ids: Vec<_> = self
            .events
            .subscriptions
            .iter()
            .filter(|(_, s)| s.phase == Phase::Waiting && waiting(s))
            .map(|(id, _)| *id)
            .collect();
        for id in ids {
            self.ask(now, id);
        }
        self.publication_follows(now, account, true);
    }

    fn tell_subscription(&mut self, id: SubscriptionId, state: SubscriptionState) {
        let Some(known) = self.events.subscriptions.get_mut(&id) else {
            return;
        };
        if known.state != state && known.phase != Phase::Leaving {
            known.state = state.clone();
            self.event(Event::Subscription {
                subscription: id,
                state,
            });
        }
    }

    /// The pause after so many failures in a row.
    fn pause(&mut self, failures: u32) -> Duration {
        let lot = self.chance();
        FIRST_PAUSE
            .saturating_mul(1 << failures.min(16))
            .min(LONGEST_PAUSE)
            .mul_f64(0.5 + 0.5 * lot)
    }

    /// When to refresh what lasts so long: well before, and not more often than each few seconds.
    fn refresh_after(&mut self, lasts: Duration) -> Duration {
        let lot = self.chance();
        lasts.max(Duration::from_secs(8)).mul_f64(0.6 + 0.15 * lot)
    }

    fn cancel_subscription_alarms(&mut self, id: SubscriptionId) {
        self.alarms.cancel(Alarm::Resubscribe(id));
        self.alarms.cancel(Alarm::NoNotify(id));
        if let Some(known) = self.events.subscriptions.get(&id) {
            for notifier in &known.notifiers {
                self.alarms.cancel(Alarm::RefreshSubscription(id, notifier.id));
            }
        }
    }

    /// Whether somebody still waits for the answer to this SUBSCRIBE.
    pub(super) fn is_asked(&self, asked: Asked) -> bool {
        let known = self.events.subscriptions.get(&asked.subscription);
        known.is_some_and(|known| known.attempt == asked.attempt && known.phase != Phase::Leaving)
    }

    /// SUBSCRIBE carries a Contact for the flow it takes in the end, whatever way it was meant to go.
    pub(super) fn give_contact(&self, account: AccountId, flow: &Flow, request: &mut Request) {
        if request.method == Method::Subscribe {
            request.headers.set("Contact", self.call_contact(account, flow));
        }
    }
}
