//! INVITE with Replaces at a line (RFC 3891), and what else comes in place of another call.
//!
//! | The call it names | What happens |
//! |---|---|
//! | somebody rings 610 for practice | the caller answers |
//! | a line that talks | the line goes on talking here; the other call gets its BYE |
//! | a line that talks, `early-only` | 486 |
//! | a line that calls somebody | the line answers; the call it makes is cancelled |
//! | any other | not for here |
use super::call::{LineCall, Stage};
use super::kind::{After, Line};
use super::{Lines, Play, Wish};
use crate::Peer;
use crate::wire::Wire;
use parley_sip::Request;
use parley_sip::dialog::DialogId;
use parley_sip::headers::ReplacesTarget;
use parley_sip::transaction::ServerKey;
use std::time::Instant;

impl Lines {
    /// Takes the INVITE if it names a call of a line; gives it back if not. `None`: it is dealt with.
    pub(crate) fn take_over(
        &mut self,
        now: Instant,
        wire: &mut Wire,
        (key, from): (ServerKey, Peer),
        invite: Request,
        target: &ReplacesTarget,
    ) -> Option<Request> {
        if let Some(shown) = self.stirred.take_if(|stirred| stirred.shown.is(target)) {
            self.wishes.push(Wish::Hide(shown.shown.call_id));
            self.answer_as(now, wire, Line::PassedOn, Line::PassedOn.play(), (key, from), invite);
            return None;
        }
        let id = DialogId {
            call_id: target.call_id.clone(),
            local_tag: target.to_tag.clone(),
            remote_tag: target.from_tag.clone(),
        };
        let named = self.calls.iter_mut().find(|call| call.is(&id) || call.calls_as(&id));
        let Some(call) = named else { return Some(invite) };
        let (line, play) = (call.line, call.play);
        match call.stage {
            Stage::Talking { .. } if target.early_only => wire.refuse(now, key, &invite, 486),
            Stage::Talking { .. } => {
                call.after = After::Nothing;
                let times = self.times;
                let wish = call.leave(now, wire, &times);
                self.wishes.extend(wish);
                self.answer_as(now, wire, line, play, (key, from), invite);
            }
            Stage::Calling { .. } => {
                call.after = After::Nothing;
                let wish = Wish::GiveUp(call.key);
                self.wishes.push(wish);
                self.answer_as(now, wire, line, play, (key, from), invite);
            }
            // Only who called may be reached another way while it rings (section 3).
            _ => return Some(invite),
        }
        self.sweep();
        None
    }

    /// A line answers at once, whatever it would do otherwise.
    pub(super) fn answer_as(
        &mut self,
        now: Instant,
        wire: &mut Wire,
        line: Line,
        play: Play,
        (key, from): (ServerKey, Peer),
        invite: Request,
    ) {
        let Some(number) = self.room(now, wire, key, &invite) else {
            return;
        };
        let call = LineCall::ringing(now, wire, (number, Line::PassedOn), (key, from), invite, &self.times);
        self.calls.extend(call.map(|call| LineCall { line, play, ..call }));
    }
}

impl LineCall {
    /// Whether it is calling somebody in this dialog; of the other side's tag nothing is known yet.
    fn calls_as(&self, id: &DialogId) -> bool {
        let Stage::Calling { invite, .. } = &self.stage else {
            return false;
        };
        let from = invite.headers.from();
        invite.headers.call_id() == Some(id.call_id.as_str())
            && from.is_some_and(|from| from.tag() == Some(id.local_tag.as_str()))
    }
}
