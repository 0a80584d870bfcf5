//! Screen pops: when a call's moment comes, what its line's rule opens, how it went.
use super::account::Account;
use super::pending::Pending;
use super::{AskId, Core, Effect, PopKey, PopOf, Recall, Recalled, StoreCommand};
use crate::{
    NoticeLevel, PopKind, PopLogEntry, PopMode, PopPiece, PopPreview, PopRule, PopTrigger, Refusal, RefusalCode, Reply,
    UnknownVariable, Variable, VariableSource,
};
use parley_call::{CallId, Moment};
use parley_screenpop::{Facts, Filled, Kind, Policy, Source, Template, variables};
use parley_store::{AccountId, NewPop, PopOutcome};
use std::time::Instant;

/// A screen pop under way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Opening {
    call: Option<CallId>,
    /// When it was set off.
    at: Instant,
}

impl Core {
    /// A moment of a call: opens what its line's rule wants then.
    pub(super) fn pop_moment(&mut self, id: CallId, moment: Moment) {
        let Some(account) = self.calls.get(&id).and_then(|call| self.account(call.account)) else {
            return;
        };
        let trigger = match (account.rule.mode, moment) {
            (PopMode::OnIncoming, Moment::Incoming) => PopTrigger::Incoming,
            (PopMode::AfterAnswer, Moment::Answered) => PopTrigger::Answered,
            _ => return,
        };
        self.open_for_call(id, trigger);
    }

    /// The button.
    pub(super) fn open_by_hand(&mut self, id: CallId) -> Result<Reply, Refusal> {
        let account = self.calls.get(&id).map(|call| call.account).ok_or_else(gone)?;
        if !self.account(account).is_some_and(Account::has_rule) {
            return Err(no_rule());
        }
        self.open_for_call(id, PopTrigger::Manual);
        Ok(Reply::Done)
    }

    /// Opens a logged one again, by the rule as it is now: a corrected rule is what a retry is for.
    pub(super) fn retry(&mut self, ask: AskId, pop: u64) {
        self.asks.insert(ask, Pending::Retry);
        self.store(StoreCommand::Recall(ask, Recall::Pop(parley_store::PopId(pop))));
    }

    /// What a rule would open.
    pub(super) fn preview(&mut self, ask: AskId, rule: PopRule, entry: Option<u64>) {
        match entry {
            Some(entry) => {
                self.asks.insert(ask, Pending::Preview(rule));
                self.store(StoreCommand::Recall(ask, Recall::Entry(parley_store::HistoryId(entry))));
            }
            None => {
                let answer = self.parse(&rule.target).and_then(|template| {
                    let facts = Facts {
                        custom: self.settings.custom_parameters.clone(),
                        ..template.sample()
                    };
                    preview_of(&template, &facts)
                });
                self.reply(ask, answer);
            }
        }
    }

    pub(super) fn recalled(&mut self, ask: AskId, recalled: Option<Recalled>) {
        let pending = self.asks.remove(&ask);
        if let Some(Pending::Play(at_ms)) = pending {
            return self.play_recalled(ask, recalled.map(|recalled| recalled.entry), at_ms);
        }
        let Some(recalled) = recalled else {
            return self.reply(
                ask,
                Err(Refusal::new(
                    RefusalCode::NoSuchEntry,
                    "This call is no longer in the history.",
                )),
            );
        };
        let facts = Facts {
            caller: recalled.entry.number.clone(),
            caller_name: recalled.entry.name.clone(),
            number: recalled.entry.reached.clone(),
            called: recalled.entry.called.clone(),
            headers: recalled.headers,
            custom: self.settings.custom_parameters.clone(),
        };
        let answer = match pending {
            Some(Pending::Preview(rule)) => self
                .parse(&rule.target)
                .and_then(|template| preview_of(&template, &facts)),
            Some(Pending::Retry) => {
                let account = recalled.entry.account;
                if self.account(account).is_some_and(Account::has_rule) {
                    self.open(account, PopOf::Entry(recalled.entry.id), PopTrigger::Manual, &facts);
                    Ok(Reply::Done)
                } else {
                    Err(no_rule())
                }
            }
            _ => return,
        };
        self.reply(ask, answer);
    }

    /// Checks and keeps a rule.
    pub(super) fn save_rule(&mut self, rule: PopRule) -> Result<Reply, Refusal> {
        let rule = PopRule {
            target: rule.target.trim().to_owned(),
            ..rule
        };
        if rule.mode != PopMode::Disabled || !rule.target.is_empty() {
            self.parse(&rule.target)?;
        }
        let id = AccountId(rule.account);
        let account = self.account_mut(id).ok_or_else(super::link_accounts::no_account)?;
        account.rule = rule.clone();
        let preset = account.is_preset();
        self.changes.rules.insert(id);
        if !preset {
            self.store(StoreCommand::SaveRule(rule.into()));
        }
        let on_line = self
            .calls
            .iter()
            .filter(|(_, call)| call.account == id)
            .map(|(id, _)| *id);
        self.changes.calls.extend(on_line);
        Ok(Reply::Done)
    }

    /// It was opened, or not.
    pub(super) fn popped(&mut self, key: PopKey, outcome: Result<Instant, String>) {
        let Some(Opening { call, at: began }) = self.opening.get(&key).copied() else {
            return;
        };
        let outcome = match outcome {
            Ok(at) => {
                self.no_notice("pop_failed");
                let millis = at.saturating_duration_since(began).as_millis();
                PopOutcome::Opened {
                    millis: u32::try_from(millis).unwrap_or(u32::MAX),
                }
            }
            Err(text) => {
                self.notice(
                    "pop_failed",
                    NoticeLevel::Warning,
                    format!("The screen pop did not open. {text}"),
                );
                if let Some(call) = call {
                    self.tell(call, "Screen pop failed");
                }
                PopOutcome::Failed { text }
            }
        };
        self.store_of(call, StoreCommand::PopEnded(key, outcome));
    }

    /// The disk has given it its number, or its outcome.
    pub(super) fn pop_logged(&mut self, key: PopKey, entry: &PopLogEntry) {
        let call = self.opening.get(&key).and_then(|opening| opening.call);
        if entry.outcome != crate::PopOutcome::Opening {
            self.opening.remove(&key);
        }
        if let Some((id, call)) = call.and_then(|id| self.calls.get_mut(&id).map(|call| (id, call))) {
            call.pop = Some(entry.clone());
            self.changes.calls.insert(id);
        }
    }

    /// Values of a call for templates, secrets masked.
    pub(super) fn variables(&self, call: &super::Call) -> Vec<Variable> {
        let rows = variables(&call.pop_facts(&self.settings.custom_parameters));
        rows.into_iter()
            .map(|row| Variable {
                name: row.name,
                source: source(row.source),
                value: row.value,
            })
            .collect()
    }

    fn open_for_call(&mut self, id: CallId, trigger: PopTrigger) {
        let Some(call) = self.calls.get(&id) else { return };
        let (account, facts) = (call.account, call.pop_facts(&self.settings.custom_parameters));
        self.open(account, PopOf::Call(id), trigger, &facts);
    }

    fn open(&mut self, account: AccountId, of: PopOf, trigger: PopTrigger, facts: &Facts) {
        let Some(rule) = self.account(account).map(|account| account.rule.clone()) else {
            return;
        };
        let key = PopKey(self.next_pop);
        self.next_pop += 1;
        let call = if let PopOf::Call(call) = of { Some(call) } else { None };
        self.opening.insert(
            key,
            Opening {
                call,
                at: self.now.instant,
            },
        );
        let filled: Result<Filled, String> = self
            .parse(&rule.target)
            .map_err(|why| why.message)
            .and_then(|template| template.fill(facts).map_err(|why| why.to_string()));
        let target = filled.as_ref().map_or_else(|_| rule.target.clone(), Filled::masked);
        let caller = if facts.caller_name.is_empty() {
            facts.caller.clone()
        } else {
            facts.caller_name.clone()
        };
        let pop = NewPop {
            entry: parley_store::HistoryId(0),
            caller,
            at: self.now.unix_ms,
            trigger: trigger.into(),
            target,
        };
        // First the person's page, then the disk's line about it.
        match filled {
            Ok(filled) => {
                self.out.push_back(Effect::Launch { pop: key, filled });
                self.store_of(call, StoreCommand::PopBegan { key, of, pop });
                if let Some(call) = call {
                    self.tell(call, "Screen pop opened");
                }
            }
            Err(why) => {
                self.store_of(call, StoreCommand::PopBegan { key, of, pop });
                self.popped(key, Err(why));
            }
        }
    }

    fn parse(&self, target: &str) -> Result<Template, Refusal> {
        let policy = Policy {
            allowed_schemes: self.settings.allowed_schemes.clone(),
        };
        Template::parse(target, &policy).map_err(|why| Refusal::invalid("target", why.to_string()))
    }
}

impl Account {
    /// Its rule opens something, if only by hand.
    pub(super) fn has_rule(&self) -> bool {
        self.rule.mode != PopMode::Disabled && !self.rule.target.is_empty()
    }
}

fn preview_of(template: &Template, facts: &Facts) -> Result<Reply, Refusal> {
    let filled = template
        .fill(facts)
        .map_err(|why| Refusal::invalid("target", why.to_string()))?;
    let kind = match filled.kind() {
        Kind::Web => PopKind::Web,
        Kind::Program => PopKind::Program,
    };
    let pieces = filled.pieces.iter().map(|piece| PopPiece {
        text: piece.shown().to_owned(),
        source: piece.source.map(source),
    });
    let unknown = filled.unknown.iter().map(|unknown| UnknownVariable {
        name: unknown.name.clone(),
        suggestion: unknown.suggestion.clone(),
    });
    Ok(Reply::PopPreview {
        preview: PopPreview {
            kind,
            pieces: pieces.collect(),
            unknown: unknown.collect(),
        },
    })
}

fn source(source: Source) -> VariableSource {
    match source {
        Source::Call => VariableSource::Call,
        Source::Header => VariableSource::Header,
        Source::Custom => VariableSource::Custom,
    }
}

fn gone() -> Refusal {
    Refusal::new(RefusalCode::NoSuchCall, "That call is gone.")
}

fn no_rule() -> Refusal {
    Refusal::new(
        RefusalCode::NotNow,
        "This line has no screen pop. Set one up in the screen-pop settings.",
    )
}
