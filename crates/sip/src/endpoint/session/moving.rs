//! Calls whose address on our side changed: another network, another connection, another mapping of a translator.
//!
//! ```text
//! the call                             our address changed    only the Contact did
//! is up, settled                       wants an offer         UPDATE, or re-INVITE with the same description
//! rings, has a description, UPDATE     wants an offer         as soon as it is up
//! anything else                        as soon as it is       as soon as it is
//! ```

use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::super::flow::Waiting;
use super::super::timers::Alarm;
use super::super::{AccountId, Endpoint, Event, Flow, NextHop, SessionId};
use super::State;
use super::leg::{Change, Leg};
use crate::NameAddr;

/// How often it is looked whether a call can be moved that could not.
const AGAIN: Duration = Duration::from_millis(500);
/// The pause after the far end refused to follow; it doubles each time.
const REFUSED: Duration = Duration::from_secs(4);
/// So often it may.
const MOST_REFUSALS: u32 = 6;

/// A move that the far end has not agreed to.
#[derive(Debug)]
pub(super) struct Moving {
    /// What the far end knows.
    contact: Option<NameAddr>,
    local: Option<IpAddr>,
    refusals: u32,
}

impl Endpoint {
    /// An account is registered on a flow: its calls that lost theirs, or whose address of ours is no more, go by it.
    pub(in crate::endpoint) fn sessions_follow(&mut self, now: Instant, account: AccountId, flow: Flow, moved: bool) {
        let mut following = Vec::new();
        for (id, session) in self
            .sessions
            .iter_mut()
            .filter(|(_, session)| session.account == account)
        {
            let elsewhere = session.flow.is_some_and(|own| own.remote.ip() != flow.remote.ip());
            let there = session.flow.is_some_and(|own| own.local == flow.local);
            if !elsewhere && (session.flow.is_none() || moved || !there) {
                session.flow = Some(flow);
                following.push(*id);
            }
        }
        for id in following {
            self.follow(now, id);
        }
    }

    /// The network changed: calls that do not follow a registration look for a way of their own.
    pub(in crate::endpoint) fn sessions_move(&mut self) {
        let mut homeless = Vec::new();
        for (id, session) in &self.sessions {
            let (State::Up(up), Some(account)) = (&session.state, self.accounts.get(&session.account)) else {
                continue;
            };
            let at_home = session.flow.is_none_or(|flow| account.is_home(flow.remote.ip()));
            if account.config.register && at_home {
                continue;
            }
            if let Some(uri) = up.leg.dialog.next_hop().sip() {
                homeless.push((*id, account.trusting(NextHop::of(uri))));
            }
        }
        for (id, hop) in homeless {
            self.open(hop, Waiting::Move(id));
        }
    }

    /// The way to the far end of a call, looked for anew.
    pub(in crate::endpoint) fn moved(&mut self, now: Instant, id: SessionId, flow: Flow) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.flow = Some(flow);
            self.follow(now, id);
        }
    }

    /// Tells the far end of a call where we are now, unless it knows.
    pub(in crate::endpoint) fn follow(&mut self, now: Instant, id: SessionId) {
        self.alarms.cancel(Alarm::Move(id));
        let Some(flow) = self.sessions.get(&id).and_then(|session| session.flow) else {
            return;
        };
        let contact = self.contact_for(id, &flow);
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let moved = session.local.is_some_and(|local| local != flow.local.ip());
        if !moved && session.contact == contact {
            return;
        }
        let up = match &session.state {
            State::Up(_) => true,
            // Our answer will name the new Contact; its description may have been made before.
            State::Invited(_) => {
                session.contact.clone_from(&contact);
                false
            }
            State::Calling(_) => false,
            State::Reaching(_) | State::OfferDue(_) | State::Leaving(_) => return,
        };
        let ready = |leg: &Leg| leg.is_settled() && leg.glare.is_none() && (up || leg.updates);
        let Some(leg) = session.find_leg(ready).filter(|_| moved || up) else {
            return self.alarms.set(Alarm::Move(id), now + AGAIN);
        };
        if moved {
            leg.change = Change::OfferDue;
        }
        if up {
            let refusals = session.moving.as_ref().map_or(0, |moving| moving.refusals);
            session.moving = Some(Moving {
                contact: session.contact.clone(),
                local: session.local,
                refusals,
            });
        }
        if moved {
            session.contact = contact;
            session.local = Some(flow.local.ip());
            let local = flow.local.ip();
            self.event(Event::OfferWanted { session: id, local });
        } else {
            session.contact = contact;
            self.show_ourselves(now, id);
        }
    }

    /// The far end took an offer or a refresh, and with it our address.
    pub(super) fn follows(&mut self, id: SessionId) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.moving = None;
        }
    }

    /// The far end did not: it still knows the address before, and hears of the new one again later.
    pub(super) fn stays(&mut self, now: Instant, id: SessionId) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let Some(moving) = session.moving.as_mut().filter(|moving| moving.refusals < MOST_REFUSALS) else {
            return;
        };
        let pause = REFUSED * 2_u32.pow(moving.refusals);
        moving.refusals += 1;
        session.contact.clone_from(&moving.contact);
        session.local = moving.local;
        self.alarms.set(Alarm::Move(id), now + pause);
    }

    /// Our Contact in a call that travels by this flow.
    pub(in crate::endpoint) fn contact_for(&self, id: SessionId, flow: &Flow) -> Option<crate::NameAddr> {
        let session = self.sessions.get(&id)?;
        Some(self.shown_contact(session.account, flow, session.hidden))
    }
}
