//! Calls: INVITE sessions from their first word to their last (RFC 3261 sections 13 to 15).
//!
//! ```text
//! State      on                         does                                   becomes
//! Reaching   flow open                  wants an offer                         OfferDue
//!            no way                     TransportFailed                        gone
//! OfferDue   offer                      INVITE                                 Calling
//! Calling    101-199                    an early dialog, Progress              Calling
//!            2xx                        ACK, Answered                          Up
//!            300-699, none              Rejected, NoAnswer, …                  gone
//!            hang up                    CANCEL, now or with the first 1xx      gone (what is left: `request`)
//! Invited    ring, progress             180, 183                               Invited
//!            accept                     200, again until ACK                   Up (Change::Unacked)
//!            reject, hang up            that code, 480                         gone
//!            CANCEL, BYE, patience over 487                                    gone
//! Up         BYE                        200, HungUpByThem                      gone
//!            hang up                    BYE                                    gone
//!            hang up before the ACK     nothing yet                            Leaving
//!            408 or 481 inside, no ACK  BYE, Lost                              gone
//! Leaving    ACK, no ACK                BYE                                    gone
//! ```
//!
//! `Ended` is told exactly once, at the step to "gone" or to "Leaving". What happens to the session description while
//! the call is up stands above [`Change`].

mod answers;
mod confirming;
mod describe;
mod incoming;
mod naming;
mod outgoing;
mod privacy;
mod redirect;
mod refer;
mod referral;
mod refresh;
mod reinvite;
mod within;

use std::time::{Duration, Instant};

use crate::dialog::{Dialog, DialogId};
use crate::transaction::{ClientKey, ServerKey};
use crate::{NameAddr, Request, Response, Uri};

use super::{AccountId, EndCause, Endpoint, Event, Flow, FlowId, InviteOptions, Reason, Refused, SessionId};

pub(super) use answers::MOST_EARLY;
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
    early: Vec<Early>,
}

/// A phone that rings for us.
#[derive(Debug)]
struct Early {
    dialog: Dialog,
    sdp: Option<Vec<u8>>,
}

/// A call that rings here.
#[derive(Debug)]
struct Invited {
    invite: ServerKey,
    request: Request,
    dialog: Dialog,
    /// The provisional answer to repeat.
    rung: Option<Response>,
}

/// A call that is up.
#[derive(Debug)]
struct Up {
    dialog: Dialog,
    change: Change,
    glare: Option<Glare>,
    /// The last description we sent.
    local_sdp: Vec<u8>,
    /// The last description they sent.
    remote_sdp: Option<Vec<u8>>,
    timer: Option<SessionTimer>,
    /// A transfer under way.
    refer: bool,
}

/// What is under way about the session description (RFC 3264, RFC 3261 section 14).
///
/// ```text
/// Change    on                            does                                becomes
/// Settled   reoffer                       re-INVITE                           Sent
///           re-INVITE                     Reoffered                           Asked
///           our address changed           wants an offer                      OfferDue
/// OfferDue  offer                         re-INVITE                           Sent
///           re-INVITE                     491                                 OfferDue
/// Sent      2xx                           ACK, ReofferAccepted                Settled
///           491                           alarm Glare, then again             Settled
///           408, 481, none                BYE, Lost                           (call gone)
///           300-699                       ReofferRefused                      Settled
///           re-INVITE                     491                                 Sent
/// Asked     answer_reoffer                200, again until ACK                Unacked
///           refuse_reoffer                that code                           Settled
///           re-INVITE                     500 with Retry-After                Asked
/// Unacked   ACK                           Confirmed, ReofferAccepted          Settled
///           no ACK                        BYE, Lost                           (call gone)
///           re-INVITE                     counts as the ACK unless that owes us an answer (491)
/// ```
#[derive(Debug)]
enum Change {
    Settled,
    OfferDue,
    Sent(Offer),
    Asked { invite: ServerKey, request: Box<Request> },
    Unacked(Unacked),
}

/// A description to offer in a re-INVITE.
#[derive(Debug, Clone)]
struct Offer {
    sdp: Vec<u8>,
    /// Only to show that we are still there: nobody above asked for it.
    refresh: bool,
}

/// A re-INVITE to send when the pause after glare is over.
#[derive(Debug)]
struct Glare {
    offer: Offer,
    /// The far end changed the session meanwhile: the offer has to be made anew.
    overtaken: bool,
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

    fn up(&mut self) -> Option<&mut Up> {
        match &mut self.state {
            State::Up(up) => Some(up),
            _ => None,
        }
    }
}

impl Endpoint {
    /// Ends a call in whatever way its state asks for. [`Event::Ended`] follows at once; what must still be said to
    /// the far end (CANCEL when a provisional answer allows it, ACK and BYE when a 200 crosses it) is said in silence.
    pub fn hang_up(&mut self, now: Instant, session: SessionId, cause: Option<Reason>) {
        self.end_by_us(now, session, cause, EndCause::HungUpByUs);
        self.pump(now);
    }

    /// Ends a call with the words its state asks for.
    pub(super) fn end_by_us(&mut self, now: Instant, id: SessionId, reason: Option<Reason>, cause: EndCause) {
        let Some(session) = self.sessions.remove(&id) else {
            return;
        };
        let (account, flow) = (session.account, session.flow);
        match session.state {
            State::Reaching(_) | State::OfferDue(_) => {}
            State::Calling(calling) => {
                if let Some(invite) = calling.invite {
                    self.abandon(now, invite, reason);
                }
            }
            State::Invited(invited) => {
                self.answer_invite(now, &session.local_tag, &invited, 480, None);
            }
            State::Up(up) => match up.change {
                Change::Unacked(unacked) if unacked.first => {
                    let leaving = Leaving {
                        dialog: up.dialog,
                        unacked,
                        reason,
                    };
                    let state = State::Leaving(Box::new(leaving));
                    self.sessions.insert(id, Session { state, ..session });
                    self.event(Event::Ended { session: id, cause });
                    return;
                }
                Change::Asked { invite, request } => {
                    self.answer(now, invite, &request, 487);
                    self.send_bye(now, account, up.dialog, flow, reason.as_ref());
                }
                _ => self.send_bye(now, account, up.dialog, flow, reason.as_ref()),
            },
            State::Leaving(_) => {
                self.sessions.insert(id, session);
                return;
            }
        }
        self.by_dialog.remove(&(session.call_id, session.local_tag));
        self.cancel_session_alarms(id);
        self.event(Event::Ended { session: id, cause });
    }

    /// Forgets a call that needs no more words.
    fn finish(&mut self, id: SessionId, cause: EndCause) {
        let Some(session) = self.sessions.remove(&id) else {
            return;
        };
        let told = session.is_leaving();
        self.by_dialog.remove(&(session.call_id, session.local_tag));
        self.cancel_session_alarms(id);
        if !told {
            self.event(Event::Ended { session: id, cause });
        }
    }

    pub(super) fn session_of(&self, dialog: &DialogId) -> Option<SessionId> {
        let id = *self
            .by_dialog
            .get(&(dialog.call_id.clone(), dialog.local_tag.clone()))?;
        let remote = match &self.sessions.get(&id)?.state {
            State::Up(up) => &up.dialog.id.remote_tag,
            State::Invited(invited) => &invited.dialog.id.remote_tag,
            State::Leaving(leaving) => &leaving.dialog.id.remote_tag,
            State::Calling(calling) => {
                let known = calling
                    .early
                    .iter()
                    .any(|early| early.dialog.id.remote_tag == dialog.remote_tag);
                return known.then_some(id);
            }
            State::Reaching(_) | State::OfferDue(_) => return None,
        };
        (*remote == dialog.remote_tag).then_some(id)
    }

    pub(super) fn dialog_mut(&mut self, id: SessionId) -> Option<&mut Dialog> {
        self.up_mut(id).map(|up| &mut up.dialog)
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
