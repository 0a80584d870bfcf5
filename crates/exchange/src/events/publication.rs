//! What users publish about themselves (RFC 3903).
//!
//! | SIP-If-Match | Body | Expires | What happens |
//! |---|---|---|---|
//! | none | presence | > 0 | a new publication |
//! | known | none | > 0 | it stays longer |
//! | known | presence | > 0 | it says this now |
//! | known | any | 0 | it is gone |
//! | unknown | any | any | 412 |
use parley_sip::bodies::{Pidf, pidf};
use parley_sip::{Request, Response};
use rand_core::RngCore;
use std::time::{Duration, Instant};

/// Publications of all users at once; the oldest makes room.
const MOST: usize = 64;
/// Seconds.
const SHORTEST: u32 = 10;
const LONGEST: u32 = 3600;

#[derive(Debug, Default)]
pub(super) struct Publications {
    all: Vec<Publication>,
}

#[derive(Debug)]
struct Publication {
    user: String,
    etag: String,
    said: Pidf,
    until: Instant,
}

impl Publications {
    /// Answers a PUBLISH of this user. `true` if something changed.
    pub(super) fn publish(
        &mut self,
        now: Instant,
        user: &str,
        request: &Request,
        (tag, rng): (&str, &mut dyn RngCore),
    ) -> (Response, bool) {
        let answer = |code| request.respond(code, Some(tag));
        let headers = &request.headers;
        if headers.event().as_deref() != Some("presence") {
            let mut response = answer(489);
            response.headers.push("Allow-Events", "presence");
            return (response, false);
        }
        let known = headers.get("SIP-If-Match").map(|etag| {
            let of_it = |known: &Publication| known.user == user && known.etag == etag.trim() && known.until > now;
            self.all.iter().position(of_it)
        });
        let seconds = headers.expires().unwrap_or(LONGEST).min(LONGEST);
        if (1..SHORTEST).contains(&seconds) {
            let mut response = answer(423);
            response.headers.push("Min-Expires", SHORTEST);
            return (response, false);
        }
        let said = match request.body.as_slice() {
            [] => None,
            _ if !headers.is_content(pidf::CONTENT_TYPE) => {
                let mut response = answer(415);
                response.headers.push("Accept", pidf::CONTENT_TYPE);
                return (response, false);
            }
            body => match Pidf::read(body) {
                Ok(said) => Some(said),
                Err(_) => return (answer(400), false),
            },
        };
        let before = match (known, &said) {
            (Some(None), _) => return (answer(412), false),
            (None, None) => return (answer(400), false),
            (Some(Some(at)), _) => Some(self.all.remove(at)),
            (None, Some(_)) => None,
        };
        let changed = said.is_some() || seconds == 0;
        let mut response = answer(200);
        response.headers.push("Expires", seconds);
        let etag = format!("{:016x}", rng.next_u64());
        response.headers.push("SIP-ETag", &etag);
        if let Some(said) = said.or(before.map(|before| before.said))
            && seconds > 0
        {
            if self.all.len() >= MOST {
                self.all.remove(0);
            }
            self.all.push(Publication {
                user: user.to_owned(),
                etag,
                said,
                until: now + Duration::from_secs(u64::from(seconds)),
            });
        }
        (response, changed)
    }

    /// What counts of a user's publications: the latest that is open, else the latest.
    pub(super) fn of(&self, now: Instant, user: &str) -> Option<&Pidf> {
        let mut of_user = self.all.iter().rev().filter(|one| one.user == user && one.until > now);
        let latest = of_user.clone().next();
        of_user
            .find(|one| one.said.open == Some(true))
            .or(latest)
            .map(|one| &one.said)
    }

    pub(super) fn next_wake(&self) -> Option<Instant> {
        self.all.iter().map(|one| one.until).min()
    }

    /// Those whose publications ran out.
    pub(super) fn wake(&mut self, now: Instant) -> Vec<String> {
        let out = |one: &Publication| one.until <= now;
        let users = self
            .all
            .iter()
            .filter(|one| out(one))
            .map(|one| one.user.clone())
            .collect();
        self.all.retain(|one| !out(one));
        users
    }
}
