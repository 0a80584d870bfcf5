//! REFER at a line, and calls to the park orbits: who goes where.
use super::call::{LineCall, Stage};
use super::kind::{After, Meeting};
use super::outgoing::Errand;
use super::{CallKey, Line, Lines, MAX_CALLS, Parked, Shown, Wish};
use crate::Peer;
use crate::proxy::Target;
use crate::wire::Wire;
use parley_sip::Request;
use parley_sip::dialog::DialogId;
use parley_sip::headers::ReplacesTarget;
use parley_sip::transaction::ServerKey;
use std::time::Instant;

impl Lines {
    /// A line is asked to call somebody else.
    pub(super) fn refer(&mut self, now: Instant, wire: &mut Wire, (key, from): (ServerKey, Peer), request: &Request) {
        let room = self.calls.len() < MAX_CALLS;
        let Some(call) = self.find(request) else {
            return wire.refuse(now, key, request, 481);
        };
        let (asked, play) = (call.key, call.play);
        let Some(errand) = call.refer(now, wire, (key, from), request) else {
            return;
        };
        let known = errand.target.user().and_then(|user| Line::with_number(&user));
        let code = match (errand.replaces.as_deref().map(ReplacesTarget::parse), known) {
            (Some(None), _) => Some(400),
            (Some(Some(named)), _) if self.joins(now, wire, asked, &named) => Some(200),
            (Some(Some(_)), _) | (None, None) => None,
            (None, Some(Line::Orbit(orbit))) => {
                let shown = Shown::call_to(wire, Line::Orbit(orbit), true);
                let until = Some(now + self.times.park);
                let parked = self.parking.park(orbit, Parked::Line(play), Some(shown.clone()), until);
                if parked {
                    self.wishes.push(Wish::Show(Box::new(shown)));
                }
                Some(if parked { 200 } else { 486 })
            }
            (None, Some(line)) => Some(match line.meeting(&self.times) {
                Meeting::Refuse(code) => code,
                Meeting::Nobody(_) => 180,
                Meeting::Elsewhere(_) => 302,
                Meeting::Ring(_) | Meeting::Early(_) => 200,
            }),
        };
        match code {
            Some(code) => self.report(now, wire, Some(asked), code),
            None if !room => self.report(now, wire, Some(asked), 503),
            None => self.send_out(wire, errand),
        }
    }

    fn send_out(&mut self, wire: &mut Wire, errand: Errand) {
        self.last += 1;
        let call = LineCall::passed_on(wire, CallKey(self.last), errand);
        self.calls.push(call);
    }

    /// An attended transfer between two lines: both talk in here from now on, and the second call is over.
    fn joins(&mut self, now: Instant, wire: &mut Wire, asked: CallKey, named: &ReplacesTarget) -> bool {
        let id = DialogId {
            call_id: named.call_id.clone(),
            local_tag: named.to_tag.clone(),
            remote_tag: named.from_tag.clone(),
        };
        let times = self.times;
        let other = self.calls.iter_mut().find(|call| call.is(&id) && call.key != asked);
        let Some(other) = other.filter(|other| matches!(other.stage, Stage::Talking { .. })) else {
            return false;
        };
        other.after = After::Nothing;
        let wish = other.leave(now, wire, &times);
        self.wishes.extend(wish);
        true
    }

    /// A phone calls a park orbit: because it was transferred there, or to fetch whoever is there.
    pub(super) fn orbit_called(
        &mut self,
        now: Instant,
        wire: &mut Wire,
        orbit: u8,
        (key, from): (ServerKey, Peer),
        invite: Request,
    ) {
        let sent = invite.headers.has("Referred-By");
        match self.parking.at(orbit) {
            None if sent => {
                let Some(number) = self.room(now, wire, key, &invite) else {
                    return;
                };
                let line = (number, Line::Orbit(orbit));
                let call = LineCall::ringing(now, wire, line, (key, from), invite, &self.times);
                if call.is_some() {
                    self.parking.park(orbit, Parked::Phone(number), None, None);
                }
                self.calls.extend(call);
            }
            None => wire.refuse(now, key, &invite, 480),
            Some(_) if sent => wire.refuse(now, key, &invite, 486),
            Some(Parked::Line(play)) => {
                let place = self.parking.fetch(orbit);
                let shown = place.and_then(|place| place.shown);
                self.wishes.extend(shown.map(|shown| Wish::Hide(shown.call_id)));
                self.answer_as(now, wire, Line::PassedOn, play, (key, from), invite);
            }
            Some(Parked::Phone(parked)) => {
                let parked = self.calls.iter().find(|call| call.key == parked);
                let Some(Stage::Talking { dialog, far, .. }) = parked.map(|call| &call.stage) else {
                    return wire.refuse(now, key, &invite, 480);
                };
                let target = Target::at(dialog.remote_target.clone(), *far);
                let replaces = ReplacesTarget {
                    call_id: dialog.id.call_id.clone(),
                    to_tag: dialog.id.remote_tag.clone(),
                    from_tag: dialog.id.local_tag.clone(),
                    early_only: false,
                };
                self.wishes.push(Wish::PassOn {
                    key,
                    from,
                    request: Box::new(invite),
                    target: Box::new(target),
                    replaces,
                });
            }
        }
    }
}
