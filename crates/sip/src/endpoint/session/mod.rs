//! Calls: INVITE sessions from their first word to their last (RFC 3261 sections 13 to 15).
//!
//! ```text
//! State      on                         does                                   becomes
//! Reaching   flow open                  wants an offer                         OfferDue
//!            no way                     TransportFailed                        gone
//! OfferDue   offer                      INVITE                                 Calling
//! Calling    101-199                    an early leg, Progress                 Calling
//!            101-199 with 100rel        as above, PRACK                        Calling
//!            UPDATE                     by the leg's table                     Calling
//!            2xx                        ACK, Answered                          Up
//!            2xx to an INVITE without   wants an answer; with it ACK, Answered Up (Change::Asked)
//!            offer
//!            3xx with Contact           Redirected                             gone
//!            300-699, none              Rejected, NoAnswer, …                  gone
//!            hang up, replaced          CANCEL, now or with the first 1xx      gone (what is left: `request`)
//! Invited    ring, progress             180, 183; with 100rel until PRACK      Invited
//!            no PRACK                   504, Timeout                           gone
//!            UPDATE                     by the leg's table                     Invited
//!            accept                     200, again until ACK                   Up (unacked)
//!            accept, description not    nothing yet; with the PRACK as above   Invited (accepting)
//!            acknowledged
//!            reject, redirect, hang up  that code, 302, 480                    gone
//!            CANCEL, BYE, patience over 487 (480 when it was our patience)     gone
//! Up         BYE                        200, HungUpByThem                      gone
//!            hang up, replaced          BYE                                    gone
//!            hang up before the ACK     nothing yet                            Leaving
//!            408 or 481 inside, no ACK  BYE, Lost                              gone
//! Leaving    ACK, no ACK                BYE                                    gone
//! ```
//!
//! `Ended` is told exactly once, at the step to "gone" or to "Leaving". What happens to the session description stands
//! above [`Change`](leg::Change).

mod answers;
mod confirming;
mod describe;
mod elsewhere;
mod ending;
mod incoming;
mod keys;
mod leg;
mod moving;
mod naming;
mod outgoing;
mod prack;
mod privacy;
mod redirect;
mod refer;
mod referral;
mod refresh;
mod reinvite;
mod reliable;
mod reoffer;
mod replaces;
mod update;
mod within;

use std::net::IpAddr;
use std::time::Duration;

use crate::dialog::{Dialog, DialogId};
use crate::transaction::{ClientKey, ServerKey};
use crate::{NameAddr, Request, Response, Uri};

use super::request::Outgoing;
use super::{AccountId, Endpoint, Flow, FlowId, InviteOptions, Reason, Refused, SessionId};

use leg::Leg;
use reliable::Reliable;

pub(super) use answers::MOST_EARLY;
pub(super) use referral::Referred;
pub(super) use refresh::SessionTimer;

/// One call.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) account: AccountId,
    call_id: String,
    local_tag: String,
    /// The flow the call was set up on, while it is open.
    flow: Option<Flow>,
    /// Our Contact in this call.
    contact: Option<NameAddr>,
    /// The address of ours that our last description was made for.
    local: Option<IpAddr>,
    /// The far end is being told another address of ours.
    moving: Option<moving::Moving>,
    /// The far end shall not learn who calls.
    hidden: bool,
    state: State,
}

#[derive(Debug)]
enum State {
    Reaching(Wish),
    OfferDue(Wish),
    Calling(Calling),
    Invited(Box<Invited>),
    Up(Box<Up>),
    Leaving(Box<Leaving>),
}

/// A call wanted.
#[derive(Debug)]
struct Wish {
    target: Uri,
    options: InviteOptions,
}

/// An INVITE of ours on its way.
#[derive(Debug)]
struct Calling {
    /// `None` until it has a flow (a large one may have to wait for TCP).
    invite: Option<ClientKey>,
    request: Request,
    /// The phones that ring for us.
    early: Vec<Leg>,
    /// Where it goes when there is an offer for there.
    elsewhere: Option<Box<(Flow, Outgoing)>>,
}

/// A call that rings here.
#[derive(Debug)]
struct Invited {
    invite: ServerKey,
    request: Request,
    leg: Leg,
    /// The provisional answer to repeat each minute.
    rung: Option<Response>,
    /// Those of them that must arrive.
    reliable: Reliable,
    /// It was accepted with this description; the 2xx waits until the one before has arrived (RFC 3262 section 3).
    accepting: Option<Vec<u8>>,
    /// The call of ours that this one takes over (RFC 3891).
    replaces: Option<SessionId>,
}

/// A call that is up.
#[derive(Debug)]
struct Up {
    leg: Leg,
    /// Our 2xx that waits for its ACK.
    unacked: Option<Unacked>,
    /// A reliable provisional answer that was overtaken by our 2xx and may still be acknowledged: its RSeq.
    unpracked: Option<u32>,
    timer: Option<SessionTimer>,
    /// A transfer under way: the CSeq of its REFER.
    refer: Option<u32>,
    /// How often the far end asked for one.
    referrals: u32,
}

/// A 2xx of ours without its ACK.
#[derive(Debug)]
struct Unacked {
    invite: ServerKey,
    response: Response,
    cseq: u32,
    interval: Duration,
    /// The call's first; else that of a re-INVITE.
    first: bool,
    /// We made the offer, the ACK carries the answer.
    owes_answer: bool,
}

/// A call that was answered and hung up by us before the ACK: BYE has to wait for it (RFC 3261 section 15).
#[derive(Debug)]
struct Leaving {
    dialog: Dialog,
    unacked: Unacked,
    reason: Option<Reason>,
}

impl Session {
    pub(super) fn is_leaving(&self) -> bool {
        matches!(self.state, State::Leaving(_))
    }

    pub(super) fn flow_closed(&mut self, flow: FlowId) {
        if self.flow.is_some_and(|own| own.id == flow) {
            self.flow = None;
        }
    }

    /// The flow of the call, while it is open.
    pub(super) fn flow(&self) -> Option<Flow> {
        self.flow
    }

    fn up(&mut self) -> Option<&mut Up> {
        match &mut self.state {
            State::Up(up) => Some(up),
            _ => None,
        }
    }

    /// The dialog with the far end of this tag.
    fn dialog(&mut self, remote_tag: &str) -> Option<&mut Dialog> {
        let is_it = |dialog: &&mut Dialog| dialog.id.remote_tag == remote_tag;
        match &mut self.state {
            State::Leaving(leaving) => Some(&mut leaving.dialog).filter(is_it),
            State::Up(up) => Some(&mut up.leg.dialog).filter(is_it),
            State::Invited(invited) => Some(&mut invited.leg.dialog).filter(is_it),
            State::Calling(calling) => calling.early.iter_mut().map(|leg| &mut leg.dialog).find(is_it),
            State::Reaching(_) | State::OfferDue(_) => None,
        }
    }

    fn leg(&mut self, remote_tag: &str) -> Option<&mut Leg> {
        self.find_leg(|leg| leg.dialog.id.remote_tag == remote_tag)
    }

    fn find_leg(&mut self, wanted: impl Fn(&Leg) -> bool) -> Option<&mut Leg> {
        match &mut self.state {
            State::Up(up) => Some(&mut up.leg).filter(|leg| wanted(leg)),
            State::Invited(invited) => Some(&mut invited.leg).filter(|leg| wanted(leg)),
            State::Calling(calling) => calling.early.iter_mut().rev().find(|leg| wanted(leg)),
            State::Reaching(_) | State::OfferDue(_) | State::Leaving(_) => None,
        }
    }
}

impl Endpoint {
    pub(super) fn session_of(&self, dialog: &DialogId) -> Option<SessionId> {
        let id = *self
            .by_dialog
            .get(&(dialog.call_id.clone(), dialog.local_tag.clone()))?;
        let remote = match &self.sessions.get(&id)?.state {
            State::Up(up) => &up.leg.dialog.id.remote_tag,
            State::Invited(invited) => &invited.leg.dialog.id.remote_tag,
            State::Leaving(leaving) => &leaving.dialog.id.remote_tag,
            State::Calling(calling) => {
                let known = calling
                    .early
                    .iter()
                    .any(|leg| leg.dialog.id.remote_tag == dialog.remote_tag);
                return known.then_some(id);
            }
            State::Reaching(_) | State::OfferDue(_) => return None,
        };
        (*remote == dialog.remote_tag).then_some(id)
    }

    /// The dialog of a request of ours.
    pub(super) fn dialog_of_request(&mut self, id: SessionId, remote_tag: &str) -> Option<&mut Dialog> {
        if self.sessions.contains_key(&id) {
            return self.sessions.get_mut(&id)?.dialog(remote_tag);
        }
        self.referral_dialog(id)
    }

    fn leg_mut(&mut self, id: SessionId, remote_tag: &str) -> Option<&mut Leg> {
        self.sessions.get_mut(&id)?.leg(remote_tag)
    }

    fn up_mut(&mut self, id: SessionId) -> Option<&mut Up> {
        self.sessions.get_mut(&id)?.up()
    }

    fn up_or_refused(&mut self, id: SessionId) -> Result<&mut Up, Refused> {
        let session = self.sessions.get_mut(&id).ok_or(Refused::NoSuchSession)?;
        if session.is_leaving() {
            return Err(Refused::NoSuchSession);
        }
        session.up().ok_or(Refused::WrongState)
    }
}
