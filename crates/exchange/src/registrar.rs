//! Who is reachable where (RFC 3261 section 10.3).
use crate::gate::{Gate, Verdict};
use crate::{Peer, User};
use parley_sip::{NameAddr, Request, Response, Uri};
use rand_core::RngCore;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Phones a user may have at once; the one that registered longest ago makes room.
const MAX_PHONES: usize = 8;
/// Longest and shortest time a phone stays registered without saying so again.
const LONGEST: u32 = 600;
const SHORTEST: u32 = 10;
const DEFAULT: u32 = 300;

/// The registrar.
#[derive(Debug)]
pub(crate) struct Registrar {
    users: Vec<User>,
    phones: HashMap<String, Vec<Phone>>,
}

/// One registered phone.
#[derive(Debug, Clone)]
pub(crate) struct Phone {
    /// Where its requests shall be addressed to.
    pub(crate) contact: Uri,
    /// The way it registered by. Requests go back the same way, so a phone behind a connection or a translator is reached.
    pub(crate) peer: Peer,
    instance: Option<String>,
    call_id: String,
    cseq: u32,
    until: Instant,
}

impl Registrar {
    pub(crate) fn new(users: Vec<User>) -> Self {
        Self {
            users,
            phones: HashMap::new(),
        }
    }

    pub(crate) fn users(&self) -> &[User] {
        &self.users
    }

    /// The phones of a user, newest first. `None` for somebody unknown.
    pub(crate) fn phones(&self, now: Instant, user: &str) -> Option<Vec<Phone>> {
        self.users.iter().find(|known| known.name == user)?;
        let phones = self.phones.get(user).map(Vec::as_slice).unwrap_or_default();
        Some(phones.iter().rev().filter(|phone| phone.until > now).cloned().collect())
    }

    /// Whether somebody registered from there.
    pub(crate) fn knows(&self, now: Instant, peer: Peer) -> bool {
        self.phones
            .values()
            .flatten()
            .any(|phone| phone.peer == peer && phone.until > now)
    }

    /// The way to the phone with exactly this contact.
    pub(crate) fn way_to(&self, now: Instant, contact: &Uri) -> Option<Peer> {
        let mut phones = self.phones.values().flatten();
        phones
            .find(|phone| phone.until > now && phone.contact.equivalent(contact))
            .map(|phone| phone.peer)
    }

    /// Answers a REGISTER.
    pub(crate) fn register(
        &mut self,
        now: Instant,
        gate: &mut Gate,
        peer: Peer,
        request: &Request,
        rng: &mut dyn RngCore,
    ) -> Response {
        let tag = format!("{:08x}", rng.next_u32());
        let answer = |code| request.respond(code, Some(&tag));
        let Some(user) = request.headers.to().and_then(|to| to.uri.user()) else {
            return answer(404);
        };
        if !self.users.iter().any(|known| known.name == user) {
            return answer(404);
        }
        match gate.judge(now, request, &request.headers.authorization(), &self.users, rng) {
            Verdict::Passed(name) if name == user => {}
            Verdict::Passed(_) | Verdict::Wrong => return answer(403),
            Verdict::Challenge(values) => {
                let mut response = answer(401);
                values
                    .iter()
                    .for_each(|value| response.headers.push("WWW-Authenticate", value));
                return response;
            }
        }
        match self.update(now, &user, peer, request) {
            Ok(()) => self.listing(now, &user, answer(200)),
            Err(code) => {
                let mut response = answer(code);
                if code == 423 {
                    response.headers.push("Min-Expires", SHORTEST);
                }
                response
            }
        }
    }

    /// All or nothing (step 7): checks first, changes then.
    fn update(&mut self, now: Instant, user: &str, peer: Peer, request: &Request) -> Result<(), u16> {
        let headers = &request.headers;
        let (Some(call_id), Some(cseq)) = (headers.call_id(), headers.cseq()) else {
            return Err(400);
        };
        let default = headers.expires().unwrap_or(DEFAULT);
        let contacts = headers.contacts();
        let phones = self.phones.entry(user.to_owned()).or_default();
        phones.retain(|phone| phone.until > now);
        if headers.is_contact_star() {
            if default != 0 || !contacts.is_empty() {
                return Err(400);
            }
            phones.clear();
            return Ok(());
        }
        let asked = |contact: &NameAddr| contact.expires().unwrap_or(default);
        if contacts
            .iter()
            .map(asked)
            .any(|seconds| (1..SHORTEST).contains(&seconds))
        {
            return Err(423);
        }
        let late = |phone: &Phone| phone.call_id == call_id && cseq.number <= phone.cseq;
        if contacts
            .iter()
            .any(|contact| phones.iter().any(|phone| phone.is(contact) && late(phone)))
        {
            return Err(500);
        }
        for contact in &contacts {
            phones.retain(|phone| !phone.is(contact));
            let seconds = asked(contact).min(LONGEST);
            if seconds == 0 {
                continue;
            }
            if phones.len() >= MAX_PHONES {
                phones.remove(0);
            }
            phones.push(Phone {
                contact: contact.uri.clone(),
                peer,
                instance: contact.params.get("+sip.instance").map(str::to_owned),
                call_id: call_id.to_owned(),
                cseq: cseq.number,
                until: now + Duration::from_secs(u64::from(seconds)),
            });
        }
        Ok(())
    }

    fn listing(&self, now: Instant, user: &str, mut response: Response) -> Response {
        for phone in self.phones(now, user).unwrap_or_default() {
            let left = phone.until.saturating_duration_since(now).as_secs();
            let contact = NameAddr::new(phone.contact).with_param("expires", Some(&left.to_string()));
            response.headers.push("Contact", contact);
        }
        response
    }
}

impl Phone {
    /// The same phone: the same address, or the same instance on a new one (RFC 5626 section 6).
    fn is(&self, contact: &NameAddr) -> bool {
        let instance = contact.params.get("+sip.instance");
        self.contact.equivalent(&contact.uri) || (instance.is_some() && instance == self.instance.as_deref())
    }
}
