//! Several calls that talk together. They stay a conference while another call is in front: all are held then, and come
//! back together.
//!
//! | What happens | What becomes of the conference |
//! |---|---|
//! | confer | these calls, in front: the held ones are resumed, all others held |
//! | hold one | that one is held and stays a member; the others talk on |
//! | resume a held one, conference in front | it is with the others again |
//! | dial, answer, resume another call | all are held, the conference is not in front |
//! | resume one, conference not in front | all are resumed, it is in front again |
//! | one ends or is transferred | the others go on; the last one goes on alone |
//! | leave conference | over: the named one talks, the others are held |
//! | complete transfer, of two | both are connected and we leave, see [`consult`](super::consult) |
use super::Switchboard;
use super::front::Front;
use crate::effect::Effect;
use crate::{CallId, Refused};
use std::collections::BTreeSet;
use std::time::Instant;

impl Switchboard {
    pub(super) fn begin_conference(
        &mut self,
        now: Instant,
        calls: &[CallId],
        out: &mut Vec<Effect>,
    ) -> Result<(), Refused> {
        let members: BTreeSet<CallId> = calls.iter().copied().collect();
        for id in &members {
            self.find(*id)?.check_transfer()?;
        }
        if members.len() < 2 {
            return Err(Refused::TooFewCalls);
        }
        self.nothing_half_done(None)?;
        self.turn_to(now, &members, out)?;
        self.conference = members;
        self.front = Some(Front::Conference);
        Ok(())
    }

    /// Holds all but these, and resumes these.
    fn turn_to(&mut self, now: Instant, calls: &BTreeSet<CallId>, out: &mut Vec<Effect>) -> Result<(), Refused> {
        for entry in &mut self.lines {
            if !calls.contains(&entry.call.id) {
                entry.call.make_room(out);
            }
        }
        for entry in &mut self.lines {
            if calls.contains(&entry.call.id) && entry.call.check_resume().is_ok() {
                entry.call.resume(now, out)?;
            }
        }
        Ok(())
    }

    pub(super) fn leave_conference(&mut self, now: Instant, id: CallId, out: &mut Vec<Effect>) -> Result<(), Refused> {
        self.find(id)?.active_mut()?;
        if !self.conference.contains(&id) {
            return Err(Refused::NotInConference);
        }
        self.nothing_half_done(None)?;
        self.turn_to(now, &BTreeSet::from([id]), out)?;
        self.conference.clear();
        self.front = Some(Front::Call(id));
        Ok(())
    }

    /// The other one of a conference of two.
    pub(super) fn other_of_two(&self, id: CallId) -> Option<CallId> {
        let two = self.conference.len() == 2 && self.conference.contains(&id);
        self.conference.iter().copied().find(|other| two && *other != id)
    }
}
