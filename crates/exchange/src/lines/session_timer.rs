//! Session timers at a line (RFC 4028).
use super::kind::Line;
use parley_sip::{Headers, Request, Response};
use std::time::{Duration, Instant};

/// The shortest interval there may be (section 4), in seconds.
const SHORTEST: u32 = 90;
/// The longest that is agreed on.
const LONGEST: u32 = 1800;

/// The far end refreshes; if not, the call ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Watch {
    /// When it counts as gone (section 10).
    pub(super) until: Instant,
}

impl Watch {
    /// Writes what is agreed into the 2xx. `None`: nobody watches, or this line refreshes itself.
    pub(super) fn agree(now: Instant, line: Line, request: &Request, answer: &mut Headers) -> Option<Self> {
        let asked = asked(&request.headers);
        let we_refresh = line == Line::Refresher;
        if !request.headers.supports("timer") || (asked.is_none() && !we_refresh) {
            return None;
        }
        let (seconds, refresher) = asked.unwrap_or((SHORTEST, None));
        let seconds = seconds.clamp(SHORTEST, LONGEST);
        let refresher = refresher.unwrap_or_else(|| if we_refresh { "uas" } else { "uac" }.to_owned());
        answer.push("Session-Expires", format!("{seconds};refresher={refresher}"));
        answer.push("Require", "timer");
        let early = (seconds / 3).min(32);
        (refresher == "uac").then(|| Self {
            until: now + Duration::from_secs(u64::from(seconds - early)),
        })
    }
}

/// 422 for an interval that is too brief (section 9).
pub(super) fn too_brief(request: &Request, tag: &str) -> Option<Response> {
    let (seconds, _) = asked(&request.headers)?;
    (seconds < SHORTEST && request.headers.supports("timer")).then(|| {
        let mut refusal = request.respond(422, Some(tag));
        refusal.headers.push("Min-SE", SHORTEST);
        refusal
    })
}

fn asked(headers: &Headers) -> Option<(u32, Option<String>)> {
    let value = headers.get("Session-Expires")?;
    let mut pieces = value.split(';').map(str::trim);
    let seconds = pieces.next()?.parse().ok()?;
    let refresher = pieces
        .filter_map(|piece| piece.split_once('='))
        .find(|(name, _)| name.eq_ignore_ascii_case("refresher"))
        .map(|(_, who)| who.to_ascii_lowercase());
    Some((seconds, refresher.filter(|who| who == "uac" || who == "uas")))
}
