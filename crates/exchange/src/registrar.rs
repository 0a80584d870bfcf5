//! Who is reachable where (RFC 3261 section 10.3), with Path (RFC 3327), GRUU (RFC 5627) and what of outbound (RFC 5626) a
//! registrar needs that answers by the way a phone came.
use crate::gate::{Gate, Verdict};
use crate::proxy::Target;
use crate::{Peer, User};
use parley_sip::{NameAddr, Param, Request, Response, Uri};
use rand_core::RngCore;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Phones a user may have at once; the one that registered longest ago makes room.
const MAX_PHONES: usize = 8;
/// Longest and shortest time a phone stays registered without saying so again.
const LONGEST: u32 = 600;
const SHORTEST: u32 = 10;
const DEFAULT: u32 = 300;
/// Proxies on the way to a phone.
const MAX_PATH: usize = 4;
/// How long a flow may be silent, in seconds (RFC 5626 section 4.4).
const FLOW_TIMER: u32 = 120;

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
    path: Vec<NameAddr>,
    q: u16,
    instance: Option<String>,
    /// The flow of the instance (RFC 5626); each has a binding of its own.
    reg_id: Option<String>,
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

    /// Whether there is such a user.
    pub(crate) fn has(&self, user: &str) -> bool {
        self.users.iter().any(|known| known.name == user)
    }

    /// The phones of a user as targets of a request to this URI; with `gr` only that one (RFC 5627 section 5.1).
    pub(crate) fn targets(&self, now: Instant, uri: &Uri) -> Option<Vec<Target>> {
        let phones = self.phones(now, &uri.user()?)?;
        let one = uri.sip().and_then(|sip| sip.params.get("gr")).map(unquoted);
        let meant = phones
            .into_iter()
            .filter(|phone| one.is_none() || phone.instance.as_deref().map(unquoted) == one);
        Some(meant.map(Phone::target).collect())
    }

    /// Who registered from there; the one named, if several did.
    pub(crate) fn user_at(&self, now: Instant, peer: Peer, named: &str) -> Option<String> {
        let is_there = |phones: &Vec<Phone>| phones.iter().any(|phone| phone.peer == peer && phone.until > now);
        if self.phones.get(named).is_some_and(is_there) {
            return Some(named.to_owned());
        }
        let mut users = self.phones.iter().filter(|(_, phones)| is_there(phones));
        users.next().map(|(user, _)| user.clone())
    }

    /// When the next registration runs out.
    pub(crate) fn next_wake(&self) -> Option<Instant> {
        self.phones.values().flatten().map(|phone| phone.until).min()
    }

    /// Forgets what ran out; those users whose phones did.
    pub(crate) fn wake(&mut self, now: Instant) -> Vec<String> {
        let mut left = Vec::new();
        for (user, phones) in &mut self.phones {
            let before = phones.len();
            phones.retain(|phone| phone.until > now);
            if phones.len() < before {
                left.push(user.clone());
            }
        }
        left
    }

    /// The way to the phone with exactly this contact.
    pub(crate) fn way_to(&self, now: Instant, contact: &Uri) -> Option<Peer> {
        let mut phones = self.phones.values().flatten();
        phones
            .find(|phone| phone.until > now && phone.contact.equivalent(contact))
            .map(|phone| phone.peer)
    }

    /// The phone with this GRUU.
    pub(crate) fn instance(&self, now: Instant, uri: &Uri) -> Option<Target> {
        uri.sip().filter(|sip| sip.params.has("gr"))?;
        self.targets(now, uri)?.into_iter().next()
    }

    /// Answers a REGISTER; whose phones changed, if they did.
    pub(crate) fn register(
        &mut self,
        now: Instant,
        gate: &mut Gate,
        peer: Peer,
        request: &Request,
        rng: &mut dyn RngCore,
    ) -> (Response, Option<String>) {
        let tag = format!("{:08x}", rng.next_u32());
        let answer = |code| request.respond(code, Some(&tag));
        let Some(user) = request.headers.to().and_then(|to| to.uri.user()) else {
            return (answer(404), None);
        };
        if !self.users.iter().any(|known| known.name == user) {
            return (answer(404), None);
        }
        match gate.judge(now, request, &request.headers.authorization(), &self.users, rng) {
            Verdict::Passed(name) if name == user => {}
            Verdict::Passed(_) | Verdict::Wrong => return (answer(403), None),
            Verdict::Challenge(values) => {
                let mut response = answer(401);
                values
                    .iter()
                    .for_each(|value| response.headers.push("WWW-Authenticate", value));
                return (response, None);
            }
        }
        match self.update(now, &user, peer, request) {
            Ok(()) => (self.listing(now, &user, request, answer(200)), Some(user)),
            Err(420) => {
                let mut response = answer(420);
                response.headers.push("Unsupported", unknown(request).join(", "));
                (response, None)
            }
            Err(code) => {
                let mut response = answer(code);
                if code == 423 {
                    response.headers.push("Min-Expires", SHORTEST);
                }
                (response, None)
            }
        }
    }

    /// All or nothing (step 7): checks first, changes then.
    fn update(&mut self, now: Instant, user: &str, peer: Peer, request: &Request) -> Result<(), u16> {
        let headers = &request.headers;
        let (Some(call_id), Some(cseq)) = (headers.call_id(), headers.cseq()) else {
            return Err(400);
        };
        if !unknown(request).is_empty() {
            return Err(420);
        }
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
        let path = headers.path();
        let flows = contacts.iter().filter(|contact| contact.params.has("reg-id")).count();
        if path.len() > MAX_PATH || (flows > 0 && contacts.len() > 1) {
            // One flow a request (RFC 5626 section 6).
            return Err(400);
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
                path: path.clone(),
                q: contact.q(),
                instance: contact.params.get("+sip.instance").map(str::to_owned),
                reg_id: contact.params.get("reg-id").map(str::to_owned),
                call_id: call_id.to_owned(),
                cseq: cseq.number,
                until: now + Duration::from_secs(u64::from(seconds)),
            });
        }
        Ok(())
    }

    /// All bindings, with what the phone asked for beside them.
    fn listing(&self, now: Instant, user: &str, request: &Request, mut response: Response) -> Response {
        let asked = |option| request.headers.supports(option) || request.headers.require().contains(&option);
        let aor = request.headers.to().map(|to| to.uri);
        for phone in self.phones(now, user).unwrap_or_default() {
            let left = phone.until.saturating_duration_since(now).as_secs();
            let mut contact = NameAddr::new(phone.contact).with_param("expires", Some(&left.to_string()));
            if let Some(instance) = &phone.instance {
                contact.params.0.push(quoted("+sip.instance", instance));
                if asked("gruu")
                    && let Some(Uri::Sip(aor)) = aor.clone()
                {
                    let gruu = aor.with_param("gr", Some(unquoted(instance)));
                    contact.params.0.push(quoted("pub-gruu", &gruu.to_string()));
                }
            }
            if let Some(reg_id) = &phone.reg_id {
                contact = contact.with_param("reg-id", Some(reg_id));
            }
            response.headers.push("Contact", contact);
        }
        for hop in request.headers.path() {
            response.headers.push("Path", hop);
        }
        let flow = request
            .headers
            .contacts()
            .iter()
            .any(|contact| contact.params.has("reg-id"));
        if flow && asked("outbound") {
            response.headers.push("Require", "outbound");
            response.headers.push("Flow-Timer", FLOW_TIMER);
        }
        response.headers.push("Supported", KNOWN.join(", "));
        response
    }
}

impl Phone {
    /// The same phone: the same address, or the same instance and flow on a new one (RFC 5626 section 6).
    fn is(&self, contact: &NameAddr) -> bool {
        let instance = contact.params.get("+sip.instance");
        let reg_id = contact.params.get("reg-id");
        let same = instance.is_some() && instance == self.instance.as_deref() && reg_id == self.reg_id.as_deref();
        self.contact.equivalent(&contact.uri) || same
    }

    fn target(self) -> Target {
        Target {
            uri: self.contact,
            peer: self.peer,
            path: self.path,
            q: self.q,
        }
    }
}

/// The extensions a REGISTER may require.
const KNOWN: [&str; 3] = ["path", "gruu", "outbound"];

fn unknown(request: &Request) -> Vec<&str> {
    let required = request.headers.require().into_iter();
    required
        .filter(|option| KNOWN.iter().all(|known| !known.eq_ignore_ascii_case(option)))
        .collect()
}

fn quoted(name: &str, value: &str) -> Param {
    Param {
        name: name.to_owned(),
        value: Some(value.to_owned()),
        quoted: true,
    }
}

/// `<urn:uuid:…>` without its brackets.
fn unquoted(instance: &str) -> &str {
    instance.trim_start_matches('<').trim_end_matches('>')
}
