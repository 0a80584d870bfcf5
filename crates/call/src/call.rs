//! One call: its table of transitions and its outward verbs.
//!
//! | From | What happens | To | What the engine does |
//! |---|---|---|---|
//! | - | dial | Out/Calling | note began, send invite |
//! | Out/Calling | trying | Out/Calling | |
//! | Out/Calling | ringing | Out/Ringing | |
//! | Out/* | early media | Out/EarlyMedia | media start (again: another branch speaks) |
//! | Out/* | answered | Active, confirmed | media start, note answered |
//! | Out/* | hang up | Ended: cancelled | send hang up. A later answer is ignored here; the wire says goodbye |
//! | Out/* | ended | Ended: its cause | |
//! | Out/* | `DialGiveUp` | Ended: no answer | send hang up |
//! | - | invited | Alerting | send ring, pop incoming, note began |
//! | Alerting | answer | Answering | send accept |
//! | Alerting | decline, hang up | Ended: declined | send reject |
//! | Alerting | silence | Alerting, silenced | |
//! | Alerting, Answering | cancelled | Ended: gave up, or answered elsewhere | |
//! | Alerting | `RingGiveUp` | Ended: gave up | send reject |
//! | Answering | answered | Active, unconfirmed | media start, note answered, pop answered |
//! | Answering | hang up | Ended: declined | send hang up |
//! | Answering | `AnswerGiveUp` | Ended: lost | send hang up |
//! | Active, unconfirmed | confirmed | Active, confirmed | a hold that was wanted is asked for now |
//! | Active, unconfirmed | confirm time-out, `AnswerGiveUp` | Ended: lost | send hang up |
//! | Active | cancelled | Active | nothing: the answer was first |
//! | Active | hold, resume, … | Active | see [`hold`] |
//! | Active | reoffered | Active | send the answer to it |
//! | Active | transfer … | Active or Ended: transferred | see [`transfer`] |
//! | Active, heard | media lost | Active, silent | |
//! | Active, silent, not on hold | `Dead` | Ended: lost | send hang up |
//! | Active | hang up, ended | Ended | |
//! | Ended | anything | Ended | refused or ignored |
//! | Ended | `EndTone` | Ended | the tone stops |
//! | Ended | `Forget` | gone | removed |
//!
//! Each way into Ended stops the media (unless it only rang here) and writes the one `Ended` note.

pub(crate) mod hold;
mod look;
mod signals;
pub(crate) mod state;
mod timer;
mod transfer;

use crate::effect::{Effect, HistoryNote, MediaAction, Moment, Outcome, Rejection, Send, Tone};
use crate::{By, CallId, Cause, Direction, Invitation, LineId, Party, Refused};
use state::{Active, Ended, OutStage, Ringer, State};
use std::time::{Duration, Instant};
pub(crate) use timer::Timer;

/// Digits sent at once, at most.
const MAX_DIGITS: usize = 64;
/// Digits remembered for the view, at most.
const SHOWN_DIGITS: usize = 128;

/// One call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) id: CallId,
    line: LineId,
    direction: Direction,
    party: Party,
    reached: String,
    called: String,
    began: Instant,
    muted: bool,
    pub(crate) state: State,
}

impl Call {
    /// We call somebody.
    pub(crate) fn dialled(now: Instant, id: CallId, line: LineId, party: Party, out: &mut Vec<Effect>) -> Self {
        out.push(Effect::Note(id, HistoryNote::Began));
        out.push(Effect::Send(id, Send::Invite));
        let state = State::Out {
            stage: OutStage::Calling,
            since: now,
        };
        let invitation = Invitation {
            party,
            ..Invitation::default()
        };
        Self::new(now, id, line, Direction::Outgoing, invitation, state)
    }

    /// Somebody calls us, and it may ring.
    pub(crate) fn alerting(
        now: Instant,
        id: CallId,
        line: LineId,
        invitation: Invitation,
        out: &mut Vec<Effect>,
    ) -> Self {
        // The far end and the screen pop first: nobody waits for the history.
        out.push(Effect::Send(id, Send::Ring));
        out.push(Effect::Pop(id, Moment::Incoming));
        out.push(Effect::Note(id, HistoryNote::Began));
        let state = State::Alerting {
            ringer: Ringer::On,
            since: now,
        };
        Self::new(now, id, line, Direction::Incoming, invitation, state)
    }

    fn new(now: Instant, id: CallId, line: LineId, direction: Direction, invitation: Invitation, state: State) -> Self {
        let Invitation { party, reached, called } = invitation;
        Self {
            id,
            line,
            direction,
            party,
            reached,
            called,
            began: now,
            muted: false,
            state,
        }
    }

    pub(crate) fn answer(&mut self, now: Instant, out: &mut Vec<Effect>) -> Result<(), Refused> {
        match self.state {
            State::Alerting { .. } => {
                self.state = State::Answering { since: now };
                self.send(Send::Accept, out);
                Ok(())
            }
            State::Ended(_) => Err(Refused::Ended),
            _ => Err(Refused::NotRinging),
        }
    }

    pub(crate) fn decline(&mut self, now: Instant, how: Rejection, out: &mut Vec<Effect>) -> Result<(), Refused> {
        match self.state {
            State::Alerting { .. } => {
                self.send(Send::Reject(how), out);
                self.end(now, Cause::DeclinedHere, out);
                Ok(())
            }
            State::Ended(_) => Err(Refused::Ended),
            _ => Err(Refused::NotRinging),
        }
    }

    pub(crate) fn silence(&mut self) -> Result<(), Refused> {
        match &mut self.state {
            State::Alerting { ringer, .. } => {
                *ringer = Ringer::Silenced;
                Ok(())
            }
            State::Ended(_) => Err(Refused::Ended),
            _ => Err(Refused::NotRinging),
        }
    }

    /// Ends the call in any state; a ringing one is turned away with `how`.
    pub(crate) fn hang_up(&mut self, now: Instant, how: Rejection, out: &mut Vec<Effect>) -> Result<(), Refused> {
        let cause = match self.state {
            State::Alerting { .. } => return self.decline(now, how, out),
            State::Ended(_) => return Err(Refused::Ended),
            State::Out { .. } => Cause::Cancelled,
            State::Answering { .. } => Cause::DeclinedHere,
            State::Active(_) => Cause::HungUp(By::Us),
        };
        self.send(Send::HangUp, out);
        self.end(now, cause, out);
        Ok(())
    }

    pub(crate) fn mute(&mut self, on: bool, out: &mut Vec<Effect>) -> Result<(), Refused> {
        match self.state {
            State::Ended(_) => return Err(Refused::Ended),
            State::Alerting { .. } => return Err(Refused::NotConnected),
            // Sound runs: now. Else it is remembered for the start.
            State::Active(_)
            | State::Out {
                stage: OutStage::EarlyMedia,
                ..
            } => {
                out.push(Effect::Media(self.id, MediaAction::Mute(on)));
            }
            State::Out { .. } | State::Answering { .. } => {}
        }
        self.muted = on;
        Ok(())
    }

    pub(crate) fn send_digits(&mut self, digits: &str, out: &mut Vec<Effect>) -> Result<(), Refused> {
        let digits = digits.to_ascii_uppercase();
        let known = |c: char| matches!(c, '0'..='9' | '*' | '#' | 'A'..='D' | ',');
        let id = self.id;
        let active = self.active_mut()?;
        if !active.is_talking() {
            return Err(Refused::OnHold);
        }
        if digits.is_empty() || digits.len() > MAX_DIGITS || !digits.chars().all(known) {
            return Err(Refused::BadDigits);
        }
        active.digits.push_str(&digits);
        // All ASCII by the check above, so bytes are characters.
        let surplus = active.digits.len().saturating_sub(SHOWN_DIGITS);
        active.digits.drain(..surplus);
        out.push(Effect::Media(id, MediaAction::Digits(digits)));
        Ok(())
    }

    /// It has the right to the microphone and the speaker, if it is the foreground call.
    pub(crate) fn may_talk(&self) -> bool {
        match &self.state {
            State::Out { stage, .. } => *stage == OutStage::EarlyMedia,
            State::Active(active) => active.is_talking(),
            _ => false,
        }
    }

    pub(crate) fn is_alerting(&self) -> bool {
        matches!(self.state, State::Alerting { .. })
    }

    pub(crate) fn is_ended(&self) -> bool {
        matches!(self.state, State::Ended(_))
    }

    /// The person is engaged with this call: dialled, answered, connected or held.
    pub(crate) fn is_engaged(&self) -> bool {
        matches!(
            self.state,
            State::Out { .. } | State::Answering { .. } | State::Active(_)
        )
    }

    pub(crate) fn active_mut(&mut self) -> Result<&mut Active, Refused> {
        match &mut self.state {
            State::Active(active) => Ok(active),
            State::Ended(_) => Err(Refused::Ended),
            _ => Err(Refused::NotConnected),
        }
    }

    fn send(&self, what: Send, out: &mut Vec<Effect>) {
        out.push(Effect::Send(self.id, what));
    }

    fn start_media(&self, out: &mut Vec<Effect>) {
        out.push(Effect::Media(self.id, MediaAction::Start));
        if self.muted {
            out.push(Effect::Media(self.id, MediaAction::Mute(true)));
        }
    }

    /// The one way into `Ended`. What has to be told to the far end was told by the caller.
    fn end(&mut self, now: Instant, cause: Cause, out: &mut Vec<Effect>) {
        let (answered, digits, transfer) = match &mut self.state {
            State::Ended(_) => return,
            State::Active(active) => {
                let transfer = active.transfer.view_at_end(&cause);
                (Some(active.answered), std::mem::take(&mut active.digits), transfer)
            }
            _ => (None, String::new(), None),
        };
        let outcome = self.outcome(&cause);
        if !self.is_alerting() {
            out.push(Effect::Media(self.id, MediaAction::Stop));
        }
        let connected = answered.unwrap_or(now);
        let note = HistoryNote::Ended {
            outcome,
            cause: cause.clone(),
            ring: connected.saturating_duration_since(self.began),
            talk: answered.map_or(Duration::ZERO, |at| now.saturating_duration_since(at)),
        };
        out.push(Effect::Note(self.id, note));
        let tone = match (self.direction, answered) {
            (Direction::Outgoing, None) => end_tone(&cause),
            _ => Tone::None,
        };
        self.state = State::Ended(Box::new(Ended {
            at: now,
            cause,
            outcome,
            answered,
            digits,
            transfer,
            tone,
        }));
    }

    fn outcome(&self, cause: &Cause) -> Outcome {
        match (&self.state, cause) {
            (State::Active(_), _) => Outcome::Answered,
            (State::Out { .. }, Cause::Cancelled) => Outcome::Cancelled,
            (State::Out { .. }, _) => Outcome::Failed,
            (_, Cause::AnsweredElsewhere) => Outcome::AnsweredElsewhere,
            (_, Cause::DeclinedHere) => Outcome::Declined,
            (_, Cause::GaveUp) | (State::Alerting { .. }, _) => Outcome::Missed { quiet: false },
            _ => Outcome::Failed,
        }
    }
}

/// What one hears after a call that did not come about.
fn end_tone(cause: &Cause) -> Tone {
    match cause {
        Cause::Cancelled | Cause::HungUp(_) | Cause::Transferred | Cause::AnsweredElsewhere => Tone::None,
        Cause::Busy | Cause::Declined | Cause::NoAnswer => Tone::Busy,
        _ => Tone::Congestion,
    }
}
