//! The far end asks us to call somebody (REFER, RFC 3515).

use std::time::Instant;

use super::super::{Endpoint, Refused, SessionId};

impl Endpoint {
    /// Agrees to [`Event::Referred`](super::super::Event): 202, and the first report "100 Trying". Tell how it goes with
    /// [`referral_progress`](Self::referral_progress).
    pub fn accept_referral(&mut self, _now: Instant, _session: SessionId) -> Result<(), Refused> {
        Err(Refused::WrongState)
    }

    /// Tells the far end what the target of its REFER answered; a final status code ends the reports.
    pub fn referral_progress(&mut self, _now: Instant, _session: SessionId, _code: u16, _reason: &str) {}

    /// Declines [`Event::Referred`](super::super::Event) with a status code from 400 to 699.
    pub fn refuse_referral(&mut self, _now: Instant, _session: SessionId, _code: u16) -> Result<(), Refused> {
        Err(Refused::WrongState)
    }
}
