//! Sending a call on to another address (RFC 3261 sections 8.1.3.4 and 21.3), both ways.

use std::time::Instant;

use crate::{NameAddr, Response, Uri};

use super::super::{EndCause, Endpoint, SessionId};

/// Addresses of one redirection that are told.
const MOST_TARGETS: usize = 16;

impl Endpoint {
    /// Sends a call that rings here on to other addresses, best first: 302 with their `q`. [`EndCause::Declined`] follows.
    pub fn redirect(&mut self, now: Instant, session: SessionId, targets: Vec<NameAddr>) {
        let targets: Vec<_> = targets.into_iter().take(MOST_TARGETS).collect();
        let last = targets.len();
        let contacts = targets.into_iter().enumerate().map(|(at, target)| {
            // Only an order is meant: 1, 0.9, … never 0, which would forbid the address.
            let q = (1.0 - 0.9 * at as f64 / last.max(2) as f64).max(0.1);
            target.with_param("q", Some(&format!("{q:.2}")))
        });
        let contacts: Vec<_> = contacts.map(|contact| ("Contact", contact.to_string())).collect();
        self.refuse_invite(now, session, 302, None, &contacts);
        self.pump(now);
    }
}

/// How a call ends that was refused with this; `rang`: somewhere, before.
pub(super) fn cause_of(response: &Response, rang: bool) -> EndCause {
    let code = response.code();
    let mut targets = response.headers.contacts();
    targets.retain(|target| matches!(target.uri, Uri::Sip(_) | Uri::Tel(_)) && target.q() > 0);
    targets.sort_by_key(|target| std::cmp::Reverse(target.q()));
    targets.truncate(MOST_TARGETS);
    match code {
        // The proxy's patience is over (RFC 3261 section 16.8); else nobody answered it.
        408 if rang => EndCause::Timeout,
        408 => EndCause::NoAnswer,
        // 305 names a proxy to go through, which nobody from outside may choose for us.
        300..=399 if code != 305 && !targets.is_empty() => EndCause::Redirected { code, targets },
        _ => EndCause::Rejected {
            code,
            reason: response.reason.clone(),
            warning: response
                .headers
                .warnings()
                .into_iter()
                .next()
                .map(|warning| warning.text),
        },
    }
}
