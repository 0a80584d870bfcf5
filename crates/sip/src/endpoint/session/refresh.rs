//! Session timers (RFC 4028): a call whose far end died without a word ends by itself.

use std::time::{Duration, Instant};

use crate::transaction::ServerKey;
use crate::{Headers, Request, Response};

use super::super::timers::Alarm;
use super::super::{EndCause, Endpoint, SessionId};
use super::leg::Offer;

/// The shortest interval the RFC allows (section 4).
pub(super) const SHORTEST: Duration = Duration::from_secs(90);
/// The longest interval that is taken as meant.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// Who shows how often that it is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::endpoint) struct SessionTimer {
    pub(super) interval: Duration,
    /// We refresh; else the far end does.
    pub(super) ours: bool,
    /// The least interval anybody on the path asked for (section 5).
    pub(super) least: Duration,
}

impl SessionTimer {
    /// What a re-INVITE of ours asks for: that it stays as it is.
    pub(super) fn ask(&self, headers: &mut Headers) {
        let refresher = if self.ours { "uac" } else { "uas" };
        headers.push(
            "Session-Expires",
            format!("{};refresher={refresher}", self.interval.as_secs()),
        );
        headers.push("Min-SE", self.least.as_secs());
    }
}

/// The delta-seconds at the start of a header field.
pub(super) fn seconds(headers: &Headers, name: &str) -> Option<u64> {
    headers.get(name)?.split(';').next()?.trim().parse().ok()
}

fn refresher(headers: &Headers) -> Option<String> {
    let value = headers.get("Session-Expires")?;
    let params = value.split(';').skip(1).filter_map(|param| param.split_once('='));
    params
        .map(|(name, value)| (name.trim(), value.trim()))
        .find(|(name, _)| name.eq_ignore_ascii_case("refresher"))
        .map(|(_, value)| value.to_ascii_lowercase())
}

fn interval(headers: &Headers) -> Option<Duration> {
    seconds(headers, "Session-Expires").map(|s| Duration::from_secs(s).clamp(SHORTEST, LONGEST))
}

/// The least interval the path allows (section 5).
fn least(headers: &Headers) -> Duration {
    let least = seconds(headers, "Min-SE").map_or(SHORTEST, Duration::from_secs);
    least.clamp(SHORTEST, LONGEST)
}

impl Endpoint {
    /// 422 for an interval below the least (section 6), if the caller can understand that.
    pub(super) fn refuse_short_session(&mut self, now: Instant, key: ServerKey, request: &Request) -> bool {
        let short = seconds(&request.headers, "Session-Expires").is_some_and(|s| s < SHORTEST.as_secs());
        if !short || !request.headers.supports("timer") {
            return false;
        }
        let mut response = self.answer_to(request, 422);
        response.headers.push("Min-SE", SHORTEST.as_secs());
        self.layer.respond(now, key, &response);
        true
    }

    /// Decides as the one who answers an INVITE or UPDATE (section 9) and says so in the 2xx.
    pub(super) fn agree_on_refresh(&self, request: &Request, response: &mut Response) -> Option<SessionTimer> {
        let able = request.headers.supports("timer");
        let asked = interval(&request.headers);
        let least = least(&request.headers);
        let timer = match (asked, refresher(&request.headers).as_deref()) {
            (Some(interval), None | Some("uac")) if able => SessionTimer {
                interval,
                ours: false,
                least,
            },
            (Some(interval), _) => SessionTimer {
                interval,
                ours: true,
                least,
            },
            (None, _) => SessionTimer {
                interval: self.config.session_expires?.clamp(least, LONGEST),
                ours: true,
                least,
            },
        };
        if able || asked.is_some() {
            let refresher = if timer.ours { "uas" } else { "uac" };
            response.headers.push(
                "Session-Expires",
                format!("{};refresher={refresher}", timer.interval.as_secs()),
            );
        }
        if able && !timer.ours {
            response.headers.push("Require", "timer");
        }
        Some(timer)
    }

    /// Takes what the far end decided in its 2xx to our INVITE or UPDATE (section 7.2). When it knows nothing of session
    /// timers we refresh alone.
    pub(super) fn refreshed_by_us(&mut self, now: Instant, id: SessionId, response: &Response) {
        let before = self.up_mut(id).and_then(|up| up.timer);
        let least = before.map_or(SHORTEST, |timer| timer.least);
        let decided = interval(&response.headers).map(|interval| SessionTimer {
            interval,
            ours: refresher(&response.headers).as_deref() != Some("uas"),
            least,
        });
        let alone = self.config.session_expires.map(|interval| SessionTimer {
            interval: interval.clamp(least, LONGEST),
            ours: true,
            least,
        });
        self.set_session_timer(now, id, decided.or(alone));
    }

    pub(super) fn set_session_timer(&mut self, now: Instant, id: SessionId, timer: Option<SessionTimer>) {
        self.alarms.cancel(Alarm::SessionRefresh(id));
        self.alarms.cancel(Alarm::SessionExpired(id));
        let Some(up) = self.up_mut(id) else { return };
        up.timer = timer;
        match timer {
            Some(SessionTimer {
                interval, ours: true, ..
            }) => self.alarms.set(Alarm::SessionRefresh(id), now + interval / 2),
            Some(SessionTimer {
                interval, ours: false, ..
            }) => {
                // Section 10: the BYE goes out a little before the interval ends.
                let margin = (interval / 3).min(Duration::from_secs(32));
                self.alarms.set(Alarm::SessionExpired(id), now + interval - margin);
            }
            None => {}
        }
    }

    pub(in crate::endpoint) fn refresh_session(&mut self, now: Instant, id: SessionId) {
        let Some(up) = self.up_mut(id) else { return };
        if up.unacked.is_none() && up.leg.is_settled() && up.leg.glare.is_none() {
            self.show_ourselves(now, id);
        } else {
            self.refresh_soon(now, id);
        }
    }

    pub(super) fn refresh_soon(&mut self, now: Instant, id: SessionId) {
        self.alarms
            .set(Alarm::SessionRefresh(id), now + Duration::from_secs(10));
    }

    /// Refreshes the session without changing it: with UPDATE if the far end takes it (section 7.4), else with a re-INVITE.
    pub(super) fn show_ourselves(&mut self, now: Instant, id: SessionId) {
        let Some(up) = self.up_mut(id) else { return };
        let tag = up.leg.dialog.id.remote_tag.clone();
        if up.leg.updates {
            self.send_update(now, id, &tag, None);
        } else if up.unacked.is_none() && up.leg.is_settled() {
            let offer = Offer::refreshing(up.leg.local_sdp.clone());
            self.send_reinvite(now, id, offer);
        } else {
            self.refresh_soon(now, id);
        }
    }

    /// The far end answered our refresh with an error that does not end the call, or there was no way to it: it is tried
    /// again well before the far end takes the session for expired.
    pub(super) fn refresh_refused(&mut self, now: Instant, id: SessionId) {
        self.stays(now, id);
        let timer = self.up_mut(id).and_then(|up| up.timer);
        self.set_session_timer(now, id, timer);
        if let Some(timer) = timer.filter(|timer| timer.ours) {
            self.alarms.set(Alarm::SessionRefresh(id), now + timer.interval / 8);
        }
    }

    /// 422: takes the interval the far end wants. `false` if it does not say one that helps.
    pub(super) fn refresh_for_longer(&mut self, _now: Instant, id: SessionId, response: &Response) -> bool {
        let Some(least) = seconds(&response.headers, "Min-SE").map(Duration::from_secs) else {
            return false;
        };
        let Some(timer) = self.up_mut(id).and_then(|up| up.timer.as_mut()) else {
            return false;
        };
        if least <= timer.interval || least > LONGEST {
            return false;
        }
        timer.interval = least;
        timer.least = least;
        true
    }

    pub(in crate::endpoint) fn session_expired(&mut self, now: Instant, id: SessionId) {
        self.end_by_us(now, id, None, EndCause::Lost);
    }
}
