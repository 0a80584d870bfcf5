//! The user agent core: all accounts, registrations and calls of one application on all its transports.
//!
//! It does no IO. Feed it with [`Endpoint::handle`] and [`Endpoint::wake`] (when [`Endpoint::next_wake`] says so), and
//! after every call, of whatever method, drain [`Endpoint::poll`] until it is empty.

mod account;
mod event;
mod io;

use std::time::Instant;

use rand_core::RngCore;

use crate::Uri;

pub use account::{AccountConfig, AccountId, Credentials, EndpointConfig, Secret};
pub use crate::headers::Reason;
pub use event::{EndCause, Event, RegistrationFailure, RegistrationState, TransferProgress};
pub use io::{
    EarlyDialog, Flow, FlowId, IncomingInvite, Input, NextHop, Output, Refused, RouteId, SessionId,
    TransportError,
};

/// The user agent core.
pub struct Endpoint {
    _config: EndpointConfig,
    _rng: Box<dyn RngCore + Send>,
}

#[allow(unused_variables)]
impl Endpoint {
    /// An endpoint without accounts. `rng` makes tags, branches and jitter: seed it from the system in the product.
    pub fn new(config: EndpointConfig, rng: Box<dyn RngCore + Send>) -> Self {
        Self {
            _config: config,
            _rng: rng,
        }
    }
    /// Takes what the network says.
    pub fn handle(&mut self, now: Instant, input: Input) {}
    /// The next thing to do; `None` when all is done for now.
    pub fn poll(&mut self) -> Option<Output> {
        None
    }
    /// When to call [`wake`](Self::wake) at the latest.
    pub fn next_wake(&self) -> Option<Instant> {
        None
    }
    /// Does what is due by `now`.
    pub fn wake(&mut self, now: Instant) {}
    /// Adds or changes an account, and registers it if it wants to be. An unchanged configuration changes nothing.
    pub fn set_account(&mut self, now: Instant, account: AccountId, config: AccountConfig) {}
    /// Removes an account: un-REGISTERs and ends its calls.
    pub fn remove_account(&mut self, now: Instant, account: AccountId) {}
    /// Registers now, whatever was planned: after the network changed, or because a person wants it.
    pub fn register_now(&mut self, now: Instant, account: AccountId) {}
    /// Gives an account another name and password, and registers with them.
    pub fn set_credentials(&mut self, now: Instant, account: AccountId, credentials: Option<Credentials>) {}
    /// Begins a call. [`Event::OfferWanted`] follows, or [`Event::Ended`]. `extra` are header fields for the INVITE.
    pub fn invite(
        &mut self,
        now: Instant,
        account: AccountId,
        target: Uri,
        extra: Vec<(String, String)>,
    ) -> Result<SessionId, Refused> {
        Err(Refused::NoSuchAccount)
    }
    /// The offer that [`Event::OfferWanted`] asked for: sends the INVITE, or the re-INVITE inside a call.
    pub fn offer(&mut self, now: Instant, session: SessionId, sdp: Vec<u8>) {}
    /// Sends 180 Ringing.
    pub fn ring(&mut self, now: Instant, session: SessionId) {}
    /// Sends 183 Session Progress with early media.
    pub fn progress(&mut self, now: Instant, session: SessionId, sdp: Vec<u8>) {}
    /// Answers an incoming call: 200 with the answer (or the offer, if the INVITE had none).
    pub fn accept(&mut self, now: Instant, session: SessionId, sdp: Vec<u8>) {}
    /// Declines an incoming call with a status code from 300 to 699. [`Event::Ended`] follows.
    pub fn reject(&mut self, now: Instant, session: SessionId, code: u16, reason: Option<&str>) {}
    /// Ends a call in whatever way its state asks for. [`Event::Ended`] follows at once; what must still be said to
    /// the far end (CANCEL when a provisional answer allows it, ACK and BYE when a 200 crosses it) is said in silence.
    pub fn hang_up(&mut self, now: Instant, session: SessionId, cause: Option<Reason>) {}
    /// Offers a change of the session (hold, resume, new address) with a re-INVITE. [`Event::ReofferAccepted`] or
    /// [`Event::ReofferRefused`] follows; glare (491) is retried within (RFC 3261 section 14.1).
    pub fn reoffer(&mut self, now: Instant, session: SessionId, sdp: Vec<u8>) -> Result<(), Refused> {
        Err(Refused::NoSuchSession)
    }
    /// Answers [`Event::Reoffered`].
    pub fn answer_reoffer(&mut self, now: Instant, session: SessionId, sdp: Vec<u8>) {}
    /// Refuses [`Event::Reoffered`]: the session stays as it was.
    pub fn refuse_reoffer(&mut self, now: Instant, session: SessionId, code: u16) {}
    /// Asks the far end to call `target` instead (blind transfer, RFC 3515). [`Event::Transfer`] follows.
    pub fn refer(&mut self, now: Instant, session: SessionId, target: Uri) -> Result<(), Refused> {
        Err(Refused::NoSuchSession)
    }
}
