//! Everything the user agent core does by itself; the transactions below it have their own [`Timer`](crate::transaction::Timer).

use std::time::{Duration, Instant};

use super::events::NotifierId;
use super::{AccountId, Endpoint, SessionId, SubscriptionId};

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Alarm {
    /// Refresh the registration, or try again after a failure (RFC 3261 section 10.2.4, RFC 5626 section 4.5).
    Register(AccountId),
    /// Keep the registered flow open (RFC 5626 section 3.5).
    KeepAlive(AccountId),
    /// REGISTER goes unanswered (RFC 3263 section 4.3).
    Patience(AccountId),
    /// Ask whether the registered flow still leads to the server, or see that nobody answered.
    Probe(AccountId),
    /// The last words of an account that was removed or set up anew have been said.
    Parted(AccountId),
    /// Send our 2xx again: T1, doubling up to T2 (RFC 3261 section 13.3.1.4).
    Repeat2xx(SessionId),
    /// No ACK for our 2xx within 64*T1 (RFC 3261 section 13.3.1.4).
    NoAck(SessionId),
    /// Send a reliable provisional answer again: T1, doubling (RFC 3262 section 3).
    RepeatReliable(SessionId),
    /// No PRACK within 64*T1 (RFC 3262 section 3).
    NoPrack(SessionId),
    /// Send our provisional answer again, each minute (RFC 3261 section 13.3.1.1).
    RingAgain(SessionId),
    /// The caller's patience (`Expires` of the INVITE, RFC 3261 section 13.3.1) or ours is over.
    RingEnd(SessionId),
    /// Nothing at all was heard of our INVITE: another server may be better (RFC 3263 section 4.3).
    Silent(SessionId),
    /// Nothing was heard of our INVITE for much longer than its far end has to say something (RFC 3261 section 13.3.1.1).
    NoFinal(SessionId),
    /// Nobody answered an offer that came in a request which must be answered at once (RFC 3311 section 5.2).
    AnswerDue(SessionId),
    /// A call has another address on our side, and cannot say so yet.
    Move(SessionId),
    /// Offer again after glare (RFC 3261 section 14.1).
    Glare(SessionId),
    /// A re-INVITE of ours got a provisional answer, and nothing after it.
    Undecided(SessionId),
    /// Refresh the session (RFC 4028 section 7.2).
    SessionRefresh(SessionId),
    /// The far end did not refresh the session (RFC 4028 section 10).
    SessionExpired(SessionId),
    /// A far end keeps the next request in a dialog waiting by answering nothing.
    TurnOver(SessionId),
    /// A REFER of the far end is not decided, or its reports have gone on for long enough (RFC 3515 section 2.4.4).
    ReferralWaits(SessionId),
    /// No news of a transfer; before the first NOTIFY this is timer N (RFC 6665 section 4.1.2.4).
    ReferSilent(SessionId),
    /// Ask for a subscription again after a failure (RFC 6665 section 4.1.3).
    Resubscribe(SubscriptionId),
    /// Timer N: no NOTIFY came (RFC 6665 section 4.1.2.4); or the last one of a subscription that we ended.
    NoNotify(SubscriptionId),
    /// Refresh a subscription, or give its notifier up (RFC 6665 section 4.1.2.2).
    RefreshSubscription(SubscriptionId, NotifierId),
    /// Refresh a publication, or try again after a failure (RFC 3903 section 4.1).
    Republish(AccountId),
}

/// Each minute, as RFC 3261 section 13.3.1.1 asks for.
pub(super) const RING_AGAIN: Duration = Duration::from_secs(60);
/// The longest an incoming call may ring, whatever its caller says.
pub(super) const RING_LIMIT: Duration = Duration::from_secs(600);
/// Whoever rings says so each minute. Proxies give up after three (timer C): a caller who wants to wait may wait longer.
pub(super) const NO_FINAL: Duration = Duration::from_secs(600);
/// How long a far end may think about a re-INVITE: nobody is asked about most of them, and all other changes wait.
pub(super) const UNDECIDED: Duration = Duration::from_secs(32);
/// An UPDATE or PRACK waits 32 seconds for its answer: nobody shall think that long.
pub(super) const ANSWER_DUE: Duration = Duration::from_secs(10);

impl Endpoint {
    pub(super) fn ring_alarm(&mut self, now: Instant, alarm: Alarm) {
        match alarm {
            Alarm::Register(account) => {
                self.register(now, account);
                self.look_back(account);
            }
            Alarm::KeepAlive(account) => self.keep_alive(now, account),
            Alarm::Patience(account) => self.impatient(now, account),
            Alarm::Probe(account) => self.look_alive(now, account),
            Alarm::Parted(account) => self.parted(now, account),
            Alarm::Repeat2xx(session) => self.repeat_2xx(now, session),
            Alarm::NoAck(session) => self.no_ack(now, session),
            Alarm::RepeatReliable(session) => self.repeat_reliable(now, session),
            Alarm::NoPrack(session) => self.no_prack(now, session),
            Alarm::AnswerDue(session) => self.answer_due(now, session),
            Alarm::RingAgain(session) => self.ring_again(now, session),
            Alarm::RingEnd(session) => self.ring_end(now, session),
            Alarm::Silent(session) => self.silent(now, session),
            Alarm::NoFinal(session) => self.no_final(now, session),
            Alarm::Move(session) => self.follow(now, session),
            Alarm::Glare(session) => self.after_glare(now, session),
            Alarm::Undecided(session) => self.reinvite_undecided(now, session),
            Alarm::SessionRefresh(session) => self.refresh_session(now, session),
            Alarm::SessionExpired(session) => self.session_expired(now, session),
            Alarm::TurnOver(session) => self.turns_over(now, session),
            Alarm::ReferralWaits(session) => self.referral_waits(now, session),
            Alarm::ReferSilent(session) => self.refer_silent(session),
            Alarm::Resubscribe(subscription) => self.ask(now, subscription),
            Alarm::NoNotify(subscription) => self.no_notify(now, subscription),
            Alarm::RefreshSubscription(subscription, notifier) => {
                self.refresh_subscription(now, subscription, notifier)
            }
            Alarm::Republish(account) => self.republish(now, account),
        }
    }

    pub(super) fn cancel_session_alarms(&mut self, id: SessionId) {
        for alarm in [
            Alarm::Repeat2xx(id),
            Alarm::NoAck(id),
            Alarm::RepeatReliable(id),
            Alarm::NoPrack(id),
            Alarm::AnswerDue(id),
            Alarm::RingAgain(id),
            Alarm::RingEnd(id),
            Alarm::Silent(id),
            Alarm::NoFinal(id),
            Alarm::Glare(id),
            Alarm::Move(id),
            Alarm::Undecided(id),
            Alarm::SessionRefresh(id),
            Alarm::SessionExpired(id),
            Alarm::ReferSilent(id),
        ] {
            self.alarms.cancel(alarm);
        }
    }
}
