//! Session timers (RFC 4028): a call whose far end died without a word ends by itself.

use std::time::{Duration, Instant};

use crate::transaction::ServerKey;
use crate::{Headers, Request, Response};

use super::super::timers::Alarm;
use super::super::{EndCause, Endpoint, SessionId};
use super::{Change, Offer};

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
}

impl SessionTimer {
    /// What a re-INVITE of ours asks for: that it stays as it is.
    pub(super) fn ask(&self, headers: &mut Headers) {
        let refresher = if self.ours { "uac" } else { "uas" };
        headers.push(
            "Session-Expires",
            format!("{};refresher={refresher}", self.interval.as_secs()),
        );
        headers.push("Min-SE", SHORTEST.as_secs());
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

    /// Decides as the one who answers an INVITE (section 9) and says so in the 2xx.
    pub(super) fn agree_on_refresh(&self, request: &Request, response: &mut Response) -> Option<SessionTimer> {
        let able = request.headers.supports("timer");
        let asked = interval(&request.headers);
        let timer = match (asked, refresher(&request.headers).as_deref()) {
            (Some(interval), None | Some("uac")) if able => SessionTimer { interval, ours: false },
            (Some(interval), _) => SessionTimer { interval, ours: true },
            (None, _) => SessionTimer {
                interval: self.config.session_expires?.clamp(SHORTEST, LONGEST),
                ours: true,
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

    /// Takes what the far end decided in its 2xx to our INVITE (section 7.2). When it knows nothing of session timers we
    /// refresh alone.
    pub(super) fn refreshed_by_us(&mut self, now: Instant, id: SessionId, response: &Response) {
        let decided = interval(&response.headers).map(|interval| {
            let ours = refresher(&response.headers).as_deref() != Some("uas");
            SessionTimer { interval, ours }
        });
        let alone = self.config.session_expires.map(|interval| SessionTimer {
            interval: interval.clamp(SHORTEST, LONGEST),
            ours: true,
        });
        self.set_session_timer(now, id, decided.or(alone));
    }

    pub(super) fn set_session_timer(&mut self, now: Instant, id: SessionId, timer: Option<SessionTimer>) {
        self.alarms.cancel(Alarm::SessionRefresh(id));
        self.alarms.cancel(Alarm::SessionExpired(id));
        let Some(up) = self.up_mut(id) else { return };
        up.timer = timer;
        match timer {
            Some(SessionTimer { interval, ours: true }) => {
                self.alarms.set(Alarm::SessionRefresh(id), now + interval / 2)
            }
            Some(SessionTimer { interval, ours: false }) => {
                // Section 10: the BYE goes out a little before the interval ends.
                let margin = (interval / 3).min(Duration::from_secs(32));
                self.alarms.set(Alarm::SessionExpired(id), now + interval - margin);
            }
            None => {}
        }
    }

    pub(in crate::endpoint) fn refresh_session(&mut self, now: Instant, id: SessionId) {
        let Some(up) = self.up_mut(id) else { return };
        if matches!(up.change, Change::Settled) && up.glare.is_none() {
            let sdp = up.local_sdp.clone();
            self.send_reinvite(now, id, Offer { sdp, refresh: true });
        } else {
            self.alarms
                .set(Alarm::SessionRefresh(id), now + Duration::from_secs(10));
        }
    }

    /// The far end answered our refresh with an error that does not end the call: it is there, which was the question.
    pub(super) fn refresh_refused(&mut self, now: Instant, id: SessionId) {
        let timer = self.up_mut(id).and_then(|up| up.timer);
        self.set_session_timer(now, id, timer);
    }

    /// 422 to a re-INVITE: again with the interval the far end wants. `false` if it does not say one that helps.
    pub(super) fn refresh_for_longer(
        &mut self,
        now: Instant,
        id: SessionId,
        response: &Response,
        offer: &Offer,
    ) -> bool {
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
        self.send_reinvite(now, id, offer.clone());
        true
    }

    pub(in crate::endpoint) fn session_expired(&mut self, now: Instant, id: SessionId) {
        self.end_by_us(now, id, None, EndCause::Lost);
    }
}
