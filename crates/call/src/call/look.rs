//! The call as it is shown.
use super::Call;
use super::hold::OurHold;
use super::state::{OutStage, Ringer, State, TheirHold};
use crate::{CallState, CallView, End, RingLevel, Tone};

impl Call {
    pub(crate) fn view(&self, focused: bool, ring: RingLevel) -> CallView {
        let mut view = CallView {
            id: self.id,
            line: self.line,
            direction: self.direction,
            party: self.party.clone(),
            reached: self.reached.clone(),
            called: self.called.clone(),
            state: self.state_shown(),
            began: self.began,
            answered: None,
            focused,
            held_by_us: false,
            held_by_them: false,
            hold_pending: false,
            muted: self.muted,
            silenced: matches!(&self.state, State::Alerting(alerting) if alerting.ringer == Ringer::Silenced),
            ring,
            digits: String::new(),
            transfer: None,
            silent_since: None,
            hold_refused: None,
            consult: None,
            conference: false,
            referral: self.referral.view(),
            emergency: self.emergency,
            auto_answered: self.auto_answered,
            follows: self.follows.map(|follows| follows.call),
            end: None,
        };
        match &self.state {
            State::Active(active) => {
                view.answered = Some(active.answered);
                view.held_by_us = !active.is_talking();
                view.held_by_them = active.theirs == TheirHold::On;
                view.hold_pending = matches!(active.ours, OurHold::Wanted | OurHold::Asked(_) | OurHold::Resuming(_));
                view.digits.clone_from(&active.digits);
                view.transfer = active.transfer.view();
                view.silent_since = active.silent_since();
                view.hold_refused.clone_from(&active.hold_refused);
            }
            State::Ended(ended) => {
                view.answered = ended.answered;
                view.digits.clone_from(&ended.digits);
                view.transfer.clone_from(&ended.transfer);
                view.end = Some(End {
                    at: ended.at,
                    cause: ended.cause.clone(),
                    outcome: ended.outcome,
                });
            }
            State::Out { .. } | State::Alerting(_) | State::Answering { .. } => {}
        }
        view
    }

    /// The tone one hears because of this call, if it is the one to listen to.
    pub(crate) fn tone(&self) -> Tone {
        match &self.state {
            State::Out {
                stage: OutStage::Ringing,
                ..
            } => Tone::Ringback,
            State::Ended(ended) => ended.tone,
            _ => Tone::None,
        }
    }

    fn state_shown(&self) -> CallState {
        match &self.state {
            State::Out {
                stage: OutStage::Calling,
                ..
            } => CallState::Calling,
            State::Out {
                stage: OutStage::Ringing,
                ..
            } => CallState::Ringing,
            State::Out {
                stage: OutStage::EarlyMedia,
                ..
            } => CallState::EarlyMedia,
            State::Alerting(_) => CallState::Incoming,
            State::Answering { .. } => CallState::Answering,
            State::Active(_) => CallState::Active,
            State::Ended(_) => CallState::Ended,
        }
    }
}
