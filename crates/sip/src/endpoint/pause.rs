//! When a registration that failed is tried again.
//!
//! ```text
//! failed because                             again
//! the server said so (5xx, 480, 404, …)      after a pause that grows from 4 s to 10 min, but not before `Retry-After`
//! it does not answer, cannot be reached      the same
//!   …and the registration stood before, or   0.5, 1, 2 and then every 3 s after the attempt before, for two minutes;
//!   the network changed                      then a pause that grows from 4 s to 1 min
//! a password refused that was right before   after a minute, then after 10 min
//! a password refused                         never by itself
//! ```
//!
//! All pauses are drawn by lot between half and the whole (RFC 5626 section 4.5), so that a thousand phones do not fall upon
//! a server that comes back. The hurry is deliberately longer than that section wants: a phone that is out of reach without
//! telling is worse than a server that is asked once in three seconds, and one that is overloaded says 503 and is obeyed.

use std::time::{Duration, Instant};

use super::timers::Alarm;
use super::{AccountId, Endpoint, RegistrationFailure, RegistrationState};

/// The first pause after a failure; the second is twice as long, and so on.
const FIRST_PAUSE: Duration = Duration::from_secs(4);
/// The longest pause between attempts of our own.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(600);
/// The longest for a registration that stood before: it is missed.
const LONGEST_MISSED: Duration = Duration::from_secs(60);
/// The pause after the first refusal of a password that was right before.
const SECOND_CHANCE: Duration = Duration::from_secs(60);
/// From the beginning of an attempt to the next one, while there is hurry.
const PACE: [Duration; 4] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(3),
];
/// How long there is hurry.
const HURRY: Duration = Duration::from_secs(120);

/// When to try again after a failure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Again {
    /// There was no way, or nobody there: at the pace of the hurry if there is any.
    Soon,
    BackOff,
    /// The server named a time; a shorter one than our own pause does not count.
    NotBefore(Duration),
    After(Duration),
    Never,
}

/// A registration that stood was lost, or the network changed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Haste {
    since: Instant,
    attempts: u32,
}

impl Endpoint {
    /// From now on it is tried again quickly.
    pub(super) fn hurry(&mut self, now: Instant, id: AccountId) {
        if let Some(account) = self.accounts.get_mut(&id) {
            account.failures = 0;
            account.haste = Some(Haste {
                since: now,
                attempts: 0,
            });
        }
    }

    pub(super) fn register_failed(&mut self, now: Instant, id: AccountId, why: RegistrationFailure, again: Again) {
        let lot = 0.5 + 0.5 * self.chance();
        let began = self.accounts.get(&id).and_then(|account| account.round.began);
        self.end_round(id);
        let Some(account) = self.accounts.get_mut(&id) else {
            return;
        };
        account.redirect = None;
        let longest = if account.password_right {
            LONGEST_MISSED
        } else {
            LONGEST_PAUSE
        };
        let back_off = |failures: u32, longest: Duration| {
            FIRST_PAUSE
                .saturating_mul(1 << failures.min(16))
                .min(longest)
                .mul_f64(lot)
        };
        let hurry = account
            .haste
            .filter(|haste| now.saturating_duration_since(haste.since) < HURRY);
        let pause = match (again, hurry) {
            (Again::Soon, Some(Haste { since, attempts })) => {
                let pace = PACE
                    .get(attempts as usize)
                    .or(PACE.last())
                    .copied()
                    .unwrap_or(FIRST_PAUSE);
                account.haste = Some(Haste {
                    since,
                    attempts: attempts.saturating_add(1),
                });
                let spent = began.map_or(Duration::ZERO, |began| now.saturating_duration_since(began));
                Some(pace.mul_f64(lot).saturating_sub(spent).max(Duration::from_millis(100)))
            }
            (Again::Soon, None) => Some(back_off(account.failures, longest)),
            (Again::BackOff, _) => Some(back_off(account.failures, LONGEST_PAUSE)),
            (Again::NotBefore(pause), _) => {
                let own = back_off(account.failures, LONGEST_PAUSE);
                account.not_before = Some(now + pause);
                Some(pause.mul_f64(0.9 + 0.2 * lot).max(own))
            }
            (Again::After(pause), _) => Some(pause.mul_f64(0.9 + 0.2 * lot)),
            (Again::Never, _) => None,
        };
        if !(again == Again::Soon && hurry.is_some()) {
            account.haste = None;
            account.failures += 1;
        }
        self.alarms.cancel(Alarm::KeepAlive(id));
        self.alarms.cancel(Alarm::Probe(id));
        match pause {
            Some(pause) => self.alarms.set(Alarm::Register(id), now + pause),
            None => self.alarms.cancel(Alarm::Register(id)),
        }
        self.tell_registration(id, RegistrationState::Failed { why, retry_in: pause });
    }

    /// Trying a wrong password again and again gets an account locked: wait for a person. One that was right before may be
    /// refused only because the server is just starting and knows nobody yet: try it again, seldom.
    pub(super) fn after_denial(&self, id: AccountId) -> Again {
        match self.accounts.get(&id) {
            Some(account) if account.password_right && account.failures == 0 => Again::After(SECOND_CHANCE),
            Some(account) if account.password_right => Again::After(LONGEST_PAUSE),
            _ => Again::Never,
        }
    }

    /// A new name or password: what failed for ever may work now.
    pub(super) fn forget_failures(&mut self, id: AccountId) {
        if let Some(account) = self.accounts.get_mut(&id) {
            account.failures = 0;
            account.haste = None;
        }
    }
}
