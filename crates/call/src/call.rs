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
//! | Out/*, no emergency | `DialGiveUp` | Ended: no answer | send hang up |
//! | - | invited | Alerting | send ring, pop incoming, note began |
//! | Alerting | answer | Answering | send accept |
//! | - | invited in place of another call | Answering | note began, send accept; pop, if somebody else calls |
//! | Alerting | decline, hang up | Ended: declined | send reject |
//! | Alerting | forward, `ForwardNoAnswer` | Ended: forwarded | send redirect |
//! | Alerting | `AutoAnswer`, nobody talks | Answering | send accept |
//! | Alerting | `AutoAnswer`, somebody talks | Alerting | nothing, then or later |
//! | Alerting | silence | Alerting, silenced | |
//! | Alerting, Answering | cancelled | Ended: gave up, or answered elsewhere | |
//! | Alerting | `RingGiveUp` | Ended: gave up | send reject |
//! | Answering | answered | Active, unconfirmed | media start, note answered, pop answered; not in the foreground: media hold |
//! | Answering | hang up | Ended: declined | send hang up |
//! | Answering | `AnswerGiveUp` | Ended: lost | send hang up |
//! | Active, unconfirmed | confirmed | Active, confirmed | a hold that was wanted is asked for now |
//! | Active, unconfirmed | confirm time-out, `AnswerGiveUp` | Ended: lost | send hang up |
//! | Active | cancelled | Active | nothing: the answer was first |
//! | Active | hold, resume, … | Active | see [`hold`] |
//! | Active | reoffered | Active | send the answer to it |
//! | Active | transfer … | Active or Ended: transferred | see [`transfer`] |
//! | Active, Ended | referred … | the same | see [`referral`] |
//! | Out/*, Active | the call in its place is answered | Ended: replaced | |
//! | Active, heard | media lost | Active, silent | |
//! | Active, silent, not on hold, no emergency | `Dead` | Ended: lost | send hang up |
//! | Active | hang up, ended | Ended | |
//! | Ended | anything | Ended | refused or ignored |
//! | Ended | `EndTone` | Ended | the tone stops |
//! | Ended | `Forget` | gone | removed |
//!
//! Each way into Ended stops the media (unless it only rang here) and writes the one `Ended` note.

mod ending;
pub(crate) mod hold;
mod look;
pub(crate) mod referral;
mod signals;
pub(crate) mod state;
mod timer;
pub(crate) mod transfer;

use crate::effect::{Effect, HistoryNote, MediaAction, Moment, Rejection, Send};
use crate::{By, CallId, Cause, Direction, Invitation, LineId, Outgoing, Party, Refused};
use referral::Referral;
use state::{Active, Alerting, OutStage, Ringer, State};
use std::time::Instant;
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
    emergency: bool,
    auto_answered: bool,
    /// Screen pops are due: the same caller on another way has had its own.
    pops: bool,
    follows: Option<Follows>,
    /// It takes the place of this call once it is answered.
    pub(crate) replaces: Option<CallId>,
    /// Outlives the call: who asks for another call often leaves at once.
    pub(crate) referral: Referral,
    pub(crate) state: State,
}

/// The call that was sent on, and how often that happened in a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Follows {
    call: CallId,
    hops: u8,
}

impl Call {
    /// We call somebody.
    pub(crate) fn dialled(now: Instant, id: CallId, outgoing: Outgoing, out: &mut Vec<Effect>) -> Self {
        out.push(Effect::Note(id, HistoryNote::Began));
        out.push(Effect::Send(id, Send::Invite));
        let state = State::Out {
            stage: OutStage::Calling,
            since: now,
        };
        let Outgoing { line, party, emergency } = outgoing;
        let invitation = Invitation {
            party,
            ..Invitation::default()
        };
        Self {
            emergency,
            ..Self::new(now, id, line, Direction::Outgoing, invitation, state)
        }
    }

    /// Somebody calls us, and it may ring.
    pub(crate) fn alerting(
        now: Instant,
        id: CallId,
        line: LineId,
        invitation: Invitation,
        auto_answer: Option<Instant>,
        out: &mut Vec<Effect>,
    ) -> Self {
        // The far end and the screen pop first: nobody waits for the history.
        out.push(Effect::Send(id, Send::Ring));
        out.push(Effect::Pop(id, Moment::Incoming));
        out.push(Effect::Note(id, HistoryNote::Began));
        let state = State::Alerting(Alerting {
            ringer: Ringer::On,
            since: now,
            auto_answer,
            forward: invitation.forwarding.no_answer.clone().filter(|_| !invitation.insists),
        });
        Self::new(now, id, line, Direction::Incoming, invitation, state)
    }

    /// Somebody takes the place of the far end of another call of ours: nothing rings.
    pub(crate) fn taking_over(
        now: Instant,
        id: CallId,
        line: LineId,
        invitation: Invitation,
        other: &Self,
        out: &mut Vec<Effect>,
    ) -> Self {
        out.push(Effect::Send(id, Send::Accept));
        let mut call = Self::new(
            now,
            id,
            line,
            Direction::Incoming,
            invitation,
            State::Answering { since: now },
        );
        call.replaces = Some(other.id);
        call.muted = other.muted;
        call.emergency = other.emergency;
        call.pops = call.party.number.is_empty() || call.party.number != other.party.number;
        if call.pops {
            out.push(Effect::Pop(id, Moment::Incoming));
        }
        out.push(Effect::Note(id, HistoryNote::Began));
        call
    }

    fn new(now: Instant, id: CallId, line: LineId, direction: Direction, invitation: Invitation, state: State) -> Self {
        let Invitation {
            party, reached, called, ..
        } = invitation;
        Self {
            id,
            line,
            direction,
            party,
            reached,
            called,
            began: now,
            muted: false,
            emergency: false,
            auto_answered: false,
            pops: true,
            follows: None,
            replaces: None,
            referral: Referral::None,
            state,
        }
    }

    pub(crate) fn answer(&mut self, now: Instant, out: &mut Vec<Effect>) -> Result<(), Refused> {
        match self.state {
            State::Alerting(_) => {
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
            State::Alerting(_) => {
                self.send(Send::Reject(how), out);
                self.end(now, Cause::DeclinedHere, out);
                Ok(())
            }
            State::Ended(_) => Err(Refused::Ended),
            _ => Err(Refused::NotRinging),
        }
    }

    /// Sends a ringing call on.
    pub(crate) fn forward(&mut self, now: Instant, target: &str, out: &mut Vec<Effect>) -> Result<(), Refused> {
        let to = target.trim().to_owned();
        match self.state {
            State::Alerting(_) if to.is_empty() => Err(Refused::NoTarget),
            State::Alerting(_) => {
                self.send(Send::Redirect(to.clone()), out);
                self.end(now, Cause::Forwarded { to }, out);
                Ok(())
            }
            State::Ended(_) => Err(Refused::Ended),
            _ => Err(Refused::NotRinging),
        }
    }

    /// Only a person answers it from here on.
    pub(crate) fn no_auto_answer(&mut self) {
        if let State::Alerting(alerting) = &mut self.state {
            alerting.auto_answer = None;
        }
    }

    /// It is being answered without a person.
    pub(crate) fn answers_itself(&mut self) {
        self.auto_answered = true;
    }

    /// It ended by being sent on.
    pub(crate) fn was_sent_on(&self) -> bool {
        matches!(&self.state, State::Ended(ended) if matches!(ended.cause, Cause::Redirected { .. }))
    }

    /// For the call that is dialled because this one was sent on.
    pub(crate) fn followed(&self) -> Follows {
        Follows {
            call: self.id,
            hops: self.hops().saturating_add(1),
        }
    }

    pub(crate) fn follow(&mut self, follows: Follows) {
        self.follows = Some(follows);
    }

    /// How often the call it goes back to was sent on.
    pub(crate) fn hops(&self) -> u8 {
        self.follows.map_or(0, |follows| follows.hops)
    }

    pub(crate) fn silence(&mut self) -> Result<(), Refused> {
        match &mut self.state {
            State::Alerting(alerting) => {
                alerting.ringer = Ringer::Silenced;
                Ok(())
            }
            State::Ended(_) => Err(Refused::Ended),
            _ => Err(Refused::NotRinging),
        }
    }

    /// Ends the call in any state; a ringing one is turned away with `how`.
    pub(crate) fn hang_up(&mut self, now: Instant, how: Rejection, out: &mut Vec<Effect>) -> Result<(), Refused> {
        let cause = match self.state {
            State::Alerting(_) => return self.decline(now, how, out),
            State::Ended(_) => return Err(Refused::Ended),
            State::Out { .. } => Cause::Cancelled,
            State::Answering { .. } => Cause::DeclinedHere,
            State::Active(_) => Cause::HungUp(By::Us),
        };
        // Whoever hangs up does not call whom this far end wanted to be called either.
        let _ = self.refuse_referral(out);
        self.send(Send::HangUp, out);
        self.end(now, cause, out);
        Ok(())
    }

    /// Nobody declined a call that rings: this phone is not there any more, and it is missed.
    pub(crate) fn leave(&mut self, now: Instant, out: &mut Vec<Effect>) -> Result<(), Refused> {
        if !self.is_alerting() {
            return self.hang_up(now, Rejection::Unavailable, out);
        }
        self.send(Send::Reject(Rejection::Unavailable), out);
        self.end(now, Cause::GaveUp, out);
        Ok(())
    }

    pub(crate) fn mute(&mut self, on: bool, out: &mut Vec<Effect>) -> Result<(), Refused> {
        match self.state {
            State::Ended(_) => return Err(Refused::Ended),
            State::Alerting(_) => return Err(Refused::NotConnected),
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
        matches!(self.state, State::Alerting(_))
    }

    pub(crate) fn is_ended(&self) -> bool {
        matches!(self.state, State::Ended(_))
    }

    pub(crate) fn is_answering(&self) -> bool {
        matches!(self.state, State::Answering { .. })
    }

    pub(crate) fn is_dialling(&self) -> bool {
        matches!(self.state, State::Out { .. })
    }

    pub(crate) fn is_emergency(&self) -> bool {
        self.emergency
    }

    pub(crate) fn party(&self) -> &Party {
        &self.party
    }

    /// The person is engaged with this call: dialled, answered, connected or held.
    pub(crate) fn is_engaged(&self) -> bool {
        matches!(
            self.state,
            State::Out { .. } | State::Answering { .. } | State::Active(_)
        )
    }

    /// The connected call, if it is one.
    pub(crate) fn active(&self) -> Option<&Active> {
        match &self.state {
            State::Active(active) => Some(active),
            _ => None,
        }
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
}
