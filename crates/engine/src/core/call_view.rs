//! A call as a front sees it: the call machine's view and what the engine knows beside it.
use super::account::Account;
use super::{Core, convert, words};
use crate::{CallState, CallView, ConsultView, EndView, Party, ReferralView, TransferState, TransferView};
use parley_call::{CallId, TransferState as Transfer};

impl Core {
    pub(super) fn call_view(&self, id: CallId) -> Option<CallView> {
        let seen = self.board.call(id)?;
        let call = self.calls.get(&id)?;
        Some(CallView {
            id: id.0,
            account: call.account.0,
            direction: call.direction.into(),
            state: state(seen.state),
            remote: Party {
                name: call.facts.name.clone(),
                number: call.facts.number.clone(),
                address: call.facts.address.clone(),
                company: call.facts.company.clone(),
            },
            number: seen.reached,
            called: seen.called,
            started_at: call.began,
            answered_at: seen
                .answered
                .map(|at| call.answered.unwrap_or_else(|| self.now.unix_of(at))),
            held_by_us: seen.held_by_us,
            held_by_them: seen.held_by_them,
            hold_pending: seen.hold_pending,
            muted: seen.muted,
            silenced: seen.silenced,
            ring: seen.ring.into(),
            digits: seen.digits,
            digits_heard: call.digits_heard.clone(),
            transfer: seen.transfer.map(|transfer| TransferView {
                text: transfer_text(&transfer.state, &transfer.target, &call.shown_name()),
                state: match transfer.state {
                    Transfer::Pending => TransferState::Pending,
                    Transfer::Ringing => TransferState::Ringing,
                    Transfer::Done => TransferState::Done,
                    Transfer::Failed(_) => TransferState::Failed,
                },
                target: transfer.target,
                with: transfer.with.map(|other| other.0),
            }),
            media: call.media.clone(),
            silent_seconds: seen.silent_since.map(|since| {
                u32::try_from(self.now.instant.saturating_duration_since(since).as_secs()).unwrap_or(u32::MAX)
            }),
            pop: call.pop.clone(),
            can_pop: self.account(call.account).is_some_and(Account::has_rule),
            variables: self.variables(call),
            timeline: call.story.clone(),
            consult: seen.consult.map(|consult| ConsultView {
                with: consult.with.0,
                role: consult.role.into(),
            }),
            conference: seen.conference,
            referral: seen.referral.map(|referral| ReferralView {
                target: referral.target,
                by: referral.by,
            }),
            emergency: seen.emergency,
            anonymous: call.anonymous,
            auto_answered: seen.auto_answered,
            follows: seen.follows.map(|before| before.0),
            redirects: call.redirects.iter().map(|(redirect, _)| redirect.clone()).collect(),
            encryption: call.encryption.clone(),
            end: seen.end.map(|end| EndView {
                reason: convert::end_reason(&end.cause),
                text: words::end(&end.cause),
                at: self.now.unix_of(end.at),
            }),
        })
    }
}

impl super::Call {
    /// Name, else number, else a word for nobody known.
    pub(super) fn shown_name(&self) -> String {
        match (&self.facts.name, self.facts.number.as_str()) {
            (Some(name), _) => name.clone(),
            (None, "") => "The caller".to_owned(),
            (None, number) => number.to_owned(),
        }
    }
}

pub(super) fn transfer_text(state: &Transfer, target: &str, who: &str) -> String {
    match state {
        Transfer::Pending => format!("Transferring {who} to {target}"),
        Transfer::Ringing => format!("{target} rings"),
        Transfer::Done => format!("{who} was transferred to {target}"),
        Transfer::Failed(why) if why.is_empty() => format!("{target} was not reached. {who} is back with you."),
        Transfer::Failed(why) => format!("{target} was not reached: {why}. {who} is back with you."),
    }
}

fn state(state: parley_call::CallState) -> CallState {
    use parley_call::CallState as Seen;
    match state {
        Seen::Calling => CallState::Calling,
        Seen::Ringing => CallState::Ringing,
        Seen::EarlyMedia => CallState::EarlyMedia,
        Seen::Incoming => CallState::Incoming,
        Seen::Answering => CallState::Answering,
        Seen::Active => CallState::Active,
        Seen::Ended => CallState::Ended,
    }
}
