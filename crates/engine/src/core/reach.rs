//! Since when callers do not reach a line, and that somebody is told: nothing is worse than a phone that is silent because it is
//! deaf.
//!
//! ```text
//! a line that is switched on        does
//! is out of reach                   begins to count
//!   …for ten seconds                says so, once, in words and on the ring device
//! is reached again                  notes from when to when; if it was said, says this too
//! ```
use super::io::Now;
use super::timers::Timer;
use super::{Core, Effect, StoreCommand, words};
use crate::{NoticeLevel, OutageView, PresenceState, RefusedView, RegistrationReason, RegistrationView};
use parley_media::Alert;
use parley_store::AccountId;
use std::collections::VecDeque;
use std::time::Duration;

/// How long a line is out of reach before somebody is told.
const TOLD_AFTER: Duration = Duration::from_secs(10);
/// What is shorter is no outage: a connection made anew.
const SHORTEST_MS: i64 = 1000;
/// How far outages are remembered: yesterday, in whatever time zone.
const REMEMBERED_MS: i64 = 48 * 3600 * 1000;
/// And how many of them.
const REMEMBERED: usize = 50;
/// Several lines that are lost or back together are heard once.
const TOGETHER: Duration = Duration::from_secs(5);

/// What is known of a line's reach.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reach {
    lost: Option<i64>,
    told: bool,
    /// It was reached at all in this run.
    proven: bool,
    /// From when to when, oldest first.
    past: VecDeque<(i64, i64)>,
}

impl Reach {
    /// As it was written down.
    pub fn read(text: &str) -> Self {
        let pair = |pair: &str| {
            let (from, to) = pair.split_once('-')?;
            Some((from.parse().ok()?, to.parse().ok()?))
        };
        Self {
            past: text.split_whitespace().filter_map(pair).take(REMEMBERED).collect(),
            ..Self::default()
        }
    }

    fn written(&self) -> String {
        let pairs: Vec<String> = self.past.iter().map(|(from, to)| format!("{from}-{to}")).collect();
        pairs.join(" ")
    }

    /// For fronts, oldest first; the last one may go on.
    pub fn outages(&self) -> Vec<OutageView> {
        let past = self.past.iter().map(|(from, to)| OutageView {
            from: *from,
            to: Some(*to),
        });
        let now = self.lost.map(|from| OutageView { from, to: None });
        past.chain(now).collect()
    }

    /// The end of an outage: how long it was, and whether it is worth keeping.
    fn found(&mut self, now: Now) -> Option<i64> {
        let from = self.lost.take()?;
        let lasted = now.unix_ms.saturating_sub(from);
        self.past
            .retain(|(_, to)| now.unix_ms.saturating_sub(*to) < REMEMBERED_MS);
        if lasted >= SHORTEST_MS {
            self.past.push_back((from, now.unix_ms));
            while self.past.len() > REMEMBERED {
                self.past.pop_front();
            }
        }
        Some(lasted)
    }
}

impl Core {
    /// Follows a line's registration.
    pub(super) fn follow_reach(&mut self, id: AccountId) {
        let now = self.now;
        let Some(account) = self.account_mut(id) else { return };
        match account.registration {
            RegistrationView::Off => {
                account.reach.told = false;
                self.line_found(id);
                self.no_notice(&notice_key(id));
            }
            RegistrationView::Registered { .. } => {
                account.reach.proven = true;
                let told = std::mem::take(&mut account.reach.told);
                if let Some(lasted) = self.line_found(id).filter(|_| told) {
                    self.say_back(id, lasted);
                }
            }
            RegistrationView::Registering { .. } | RegistrationView::Failed { .. } => {
                if account.reach.lost.is_none() {
                    account.reach.lost = Some(now.unix_ms);
                    self.timers.set(Timer::OutOfReach(id), now.instant + TOLD_AFTER);
                }
            }
        }
    }

    /// How long a line was out of reach that is no more.
    fn line_found(&mut self, id: AccountId) -> Option<i64> {
        self.timers.cancel(Timer::OutOfReach(id));
        let now = self.now;
        let account = self.account_mut(id)?;
        let lasted = account.reach.found(now)?;
        let (preset, written) = (account.is_preset(), account.reach.written());
        if !preset && lasted >= SHORTEST_MS {
            self.store(StoreCommand::Remember(outages_key(id), Some(written)));
        }
        Some(lasted)
    }

    /// Ten seconds are over.
    pub(super) fn out_of_reach(&mut self, id: AccountId) {
        let Some(account) = self.account_mut(id) else { return };
        let text = match &account.registration {
            RegistrationView::Failed { text, reason, .. } => {
                // Somebody is just setting it up, and looks at what is wrong.
                let entering = matches!(
                    reason,
                    RegistrationReason::WrongPassword
                        | RegistrationReason::NoPassword
                        | RegistrationReason::UnknownUser
                        | RegistrationReason::UnknownDomain
                        | RegistrationReason::UntrustedCertificate
                );
                if entering && !account.reach.proven {
                    return;
                }
                text.clone()
            }
            RegistrationView::Registering { .. } => words::no_answer_yet(&account.data.name, &account.data.domain),
            RegistrationView::Off | RegistrationView::Registered { .. } => return,
        };
        account.reach.told = true;
        self.notice(&notice_key(id), NoticeLevel::Warning, text);
        self.sound_reach(Alert::Unreachable);
    }

    fn say_back(&mut self, id: AccountId, lasted: i64) {
        let Some(account) = self.account(id) else { return };
        let text = words::reached_again(&account.data.name, lasted);
        self.notice(&notice_key(id), NoticeLevel::Info, text);
        self.sound_reach(Alert::Reachable);
    }

    /// Heard once for several lines, and never where somebody does not want to be disturbed.
    fn sound_reach(&mut self, alert: Alert) {
        let now = self.now.instant;
        let just_heard = self
            .alerted
            .is_some_and(|(what, at)| what == alert && now.saturating_duration_since(at) < TOGETHER);
        if !self.settings.alert_unreachable || self.presence == PresenceState::DoNotDisturb || just_heard {
            return;
        }
        self.alerted = Some((alert, now));
        self.out.push_back(Effect::Alert(alert));
    }

    /// The line is no more.
    pub(super) fn forget_reach(&mut self, id: AccountId) {
        self.timers.cancel(Timer::OutOfReach(id));
        self.no_notice(&notice_key(id));
    }

    /// The product is closing: what goes on is written down until now.
    pub(super) fn close_reach(&mut self) {
        let lines: Vec<AccountId> = self.accounts.iter().map(|account| account.id).collect();
        for id in lines {
            self.line_found(id);
        }
    }

    /// What was refused so far, for people who wonder.
    pub(super) fn refused(&self) -> RefusedView {
        let counts = self.sip.counts();
        RefusedView {
            ghost_calls: counts.ghost_calls,
            strangers: counts.strangers,
            flooding: counts.flooding,
            malformed: counts.malformed,
            false_proofs: counts.false_proofs,
        }
    }
}

/// Under which name the disk keeps a line's outages.
pub(crate) fn outages_key(id: AccountId) -> String {
    format!("outages.{}", id.0)
}

fn notice_key(id: AccountId) -> String {
    format!("reach.{}", id.0)
}
