//! Which call, or which calls together, the person has turned to.
use super::Switchboard;
use crate::call::hold::Place;
use crate::call::state::State;
use crate::effect::Effect;
use crate::{CallId, Refused};
use std::time::Instant;

/// What is in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Front {
    /// One call.
    Call(CallId),
    /// All calls of the conference.
    Conference,
}

impl Switchboard {
    pub(super) fn in_front(&self, id: CallId) -> bool {
        match self.front {
            None => false,
            Some(Front::Call(front)) => front == id,
            Some(Front::Conference) => self.conference.contains(&id),
        }
    }

    /// Where a call stands; one that takes the place of another will stand where that one does.
    pub(super) fn place(&self, id: CallId) -> Place {
        let other = self
            .seen(id)
            .filter(|call| call.is_answering())
            .and_then(|call| call.replaces)
            .and_then(|other| self.seen(other));
        let in_front = match other.map(|call| (&call.state, call.id)) {
            Some((State::Active(active), other)) => self.in_front(other) && active.wants_to_talk(),
            Some((State::Out { .. }, other)) => self.in_front(other),
            _ => self.in_front(id),
        };
        if in_front { Place::Foreground } else { Place::Background }
    }

    /// Takes a held call back. A conference that was put aside comes back as a whole.
    pub(super) fn resume(&mut self, now: Instant, id: CallId, out: &mut Vec<Effect>) -> Result<(), Refused> {
        self.find(id)?.check_resume()?;
        self.nothing_half_done(Some(id))?;
        let conference = self.conference.contains(&id);
        let aside = conference && self.front != Some(Front::Conference);
        let member = |other: CallId| conference && self.conference.contains(&other);
        for entry in &mut self.lines {
            if entry.call.id != id && !member(entry.call.id) {
                entry.call.make_room(out);
            }
        }
        for entry in &mut self.lines {
            let call = &mut entry.call;
            // Members that talk or are being transferred stay as they are.
            if (call.id == id || (aside && member(call.id))) && call.check_resume().is_ok() {
                call.resume(now, out)?;
            }
        }
        self.front = Some(if conference { Front::Conference } else { Front::Call(id) });
        Ok(())
    }

    /// Turns from the call that talks to the one held beside it, and back.
    pub(super) fn swap(&mut self, now: Instant, id: CallId, out: &mut Vec<Effect>) -> Result<(), Refused> {
        let call = self.find(id)?;
        match call.active_mut()?.wants_to_talk() {
            false => self.resume(now, id, out),
            true => {
                let other = self.beside(id).ok_or(Refused::NoOtherCall)?;
                self.resume(now, other, out)
            }
        }
    }

    /// The held call to turn to from this one: that of the same consultation, else the newest.
    fn beside(&self, id: CallId) -> Option<CallId> {
        let held = |other: &CallId| {
            let active = self.seen(*other).and_then(|call| call.active());
            active.is_some_and(|active| !active.wants_to_talk() && !active.transfer.is_pending())
        };
        let partner = self.partner(id).filter(held);
        let mut others = self.lines.iter().rev().map(|entry| entry.call.id);
        partner.or_else(|| others.find(|other| *other != id && !self.same_conference(id, *other) && held(other)))
    }

    fn same_conference(&self, one: CallId, other: CallId) -> bool {
        self.conference.contains(&one) && self.conference.contains(&other)
    }

    /// What ended is not in front any more, and one call alone is no conference.
    pub(super) fn mind_front(&mut self) {
        let over: Vec<CallId> = self.conference.iter().copied().filter(|id| self.is_over(*id)).collect();
        self.conference.retain(|id| !over.contains(id));
        if self.conference.len() < 2 {
            let last = self.conference.pop_first();
            if self.front == Some(Front::Conference) {
                self.front = last.map(Front::Call);
            }
        }
        if let Some(Front::Call(id)) = self.front
            && self.is_over(id)
        {
            // Somebody may be about to take its place.
            let mut calls = self.lines.iter().map(|entry| &entry.call);
            let heir = calls.rfind(|call| call.is_answering() && call.replaces == Some(id));
            self.front = heir.map(|call| Front::Call(call.id));
        }
    }

    pub(super) fn is_over(&self, id: CallId) -> bool {
        self.seen(id).is_none_or(|call| call.is_ended())
    }
}
