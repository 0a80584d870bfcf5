//! The state agents: presence (RFC 3856), the calls of users and lines (RFC 4235), waiting messages (RFC 3842).
//!
//! | What comes in | The answer |
//! |---|---|
//! | SUBSCRIBE for another package | 489 |
//! | for somebody nobody knows | 404 |
//! | for somebody else's mailbox | 403 |
//! | for a document that is not accepted | 406 |
//! | for less than ten seconds | 423 |
//! | too many already | 503 |
//! | in a dialog nobody knows | 481 |
//! | any other | 200, and NOTIFY at once |

mod mailbox;
mod publication;
mod subscription;
mod tracker;

use crate::Peer;
use crate::lines::{Line, Shown};
use crate::proxy::Target;
use crate::registrar::Registrar;
use crate::wire::{Seen, Wire};
use mailbox::Mailboxes;
use parley_sip::bodies::{Activity, DialogInfo, PresenceDocument};
use parley_sip::dialog::{Dialog, DialogId};
use parley_sip::endpoint::Package;
use parley_sip::headers::ReplacesTarget;
use parley_sip::transaction::{ClientKey, ServerKey};
use parley_sip::{Request, Response};
use publication::Publications;
use std::time::{Duration, Instant};
use subscription::{State, Subscription};
use tracker::Tracker;

/// Subscriptions at once.
const MOST: usize = 128;
/// Seconds.
const SHORTEST: u32 = 10;
const LONGEST: u32 = 3600;

/// Where a mailbox is heard.
const VOICEMAIL: &str = "613";

/// All that can be subscribed to, and who did.
#[derive(Debug, Default)]
pub(crate) struct Events {
    subscriptions: Vec<Subscription>,
    tracker: Tracker,
    publications: Publications,
    mailboxes: Mailboxes,
}

/// `Allow-Events`.
pub(crate) fn packages() -> String {
    Package::ALL.map(Package::name).join(", ")
}

impl Events {
    /// A SUBSCRIBE outside of any dialog, from this user.
    pub(crate) fn subscribe(
        &mut self,
        now: Instant,
        wire: &mut Wire,
        registrar: &Registrar,
        (key, from): (ServerKey, Peer),
        request: &Request,
        user: &str,
    ) {
        let tag = wire.token();
        let resource = request.uri.user().unwrap_or_default();
        let refusal = |code: u16| request.respond(code, Some(&tag));
        let package = match self.check(registrar, request, (user, &resource)) {
            Ok(package) => package,
            Err(code) => {
                let mut response = refusal(code);
                match code {
                    489 => response.headers.push("Allow-Events", packages()),
                    423 => response.headers.push("Min-Expires", SHORTEST),
                    _ => {}
                }
                return wire.respond(now, key, &response);
            }
        };
        let Some(dialog) = Dialog::from_request(request, &tag) else {
            return wire.respond(now, key, &refusal(400));
        };
        let seconds = seconds(request);
        self.accept(now, wire, (key, from), request, (&tag, seconds));
        let mut subscription = Subscription {
            dialog,
            far: from,
            package,
            resource,
            event: request.headers.get("Event").unwrap_or_default().to_owned(),
            until: now + Duration::from_secs(u64::from(seconds)),
            version: 0,
            state: State::Due { always: true },
            told: None,
        };
        if seconds == 0 {
            // Asked once (RFC 6665 section 4.4.3).
            return self.tell(now, wire, registrar, &mut subscription, Some("timeout"));
        }
        self.subscriptions.push(subscription);
    }

    /// What is asked for; the status to refuse it with.
    fn check(&self, registrar: &Registrar, request: &Request, (user, resource): (&str, &str)) -> Result<Package, u16> {
        let event = request.headers.event().unwrap_or_default();
        let package = Package::named(&event).ok_or(489_u16)?;
        let line = Line::with_number(resource).filter(|line| line.is_watchable());
        let is_known = match package {
            Package::MessageSummary => registrar.has(resource),
            Package::Presence | Package::Dialog => registrar.has(resource) || line.is_some(),
        };
        if !is_known {
            return Err(404);
        }
        if package == Package::MessageSummary && user != resource {
            return Err(403);
        }
        let accepted: Vec<&str> = request.headers.list("Accept").collect();
        let takes = |accepted: &&str| {
            let bare = accepted.split(';').next().unwrap_or_default().trim();
            bare.eq_ignore_ascii_case(package.media_type()) || bare == "*/*" || bare == "application/*"
        };
        if !accepted.is_empty() && !accepted.iter().any(takes) {
            return Err(406);
        }
        match seconds(request) {
            1..SHORTEST => Err(423),
            _ if self.subscriptions.len() >= MOST => Err(503),
            _ => Ok(package),
        }
    }

    fn accept(
        &self,
        now: Instant,
        wire: &mut Wire,
        (key, from): (ServerKey, Peer),
        request: &Request,
        (tag, seconds): (&str, u32),
    ) {
        let mut ok = request.respond(200, Some(tag));
        let mut contact = wire.uri(&request.uri.user().unwrap_or_default());
        if from.transport == crate::PeerTransport::Tcp {
            contact = contact.with_param("transport", Some("tcp"));
        }
        ok.headers.push("Contact", parley_sip::NameAddr::new(contact));
        ok.headers.push("Expires", seconds);
        wire.respond(now, key, &ok);
    }

    /// Whether this is the dialog of a subscription.
    pub(crate) fn owns(&self, dialog: &DialogId) -> bool {
        self.subscriptions.iter().any(|one| one.dialog.id == *dialog)
    }

    /// A request inside the dialog of a subscription.
    pub(crate) fn inside(
        &mut self,
        now: Instant,
        wire: &mut Wire,
        registrar: &Registrar,
        (key, from): (ServerKey, Peer),
        request: &Request,
    ) {
        let id = DialogId::of_request(request);
        let at = self
            .subscriptions
            .iter()
            .position(|one| Some(&one.dialog.id) == id.as_ref());
        let Some(at) = at else {
            return wire.refuse(now, key, request, 481);
        };
        let mut subscription = self.subscriptions.remove(at);
        let seconds = seconds(request);
        let refusal = if subscription.dialog.accept(request).is_err() {
            Some(500)
        } else if request.method != parley_sip::Method::Subscribe {
            Some(405)
        } else if request.headers.event().as_deref() != Some(subscription.package.name()) {
            Some(489)
        } else {
            (1..SHORTEST).contains(&seconds).then_some(423)
        };
        if let Some(code) = refusal {
            let mut response = request.respond(code, None);
            if code == 423 {
                response.headers.push("Min-Expires", SHORTEST);
            }
            self.subscriptions.push(subscription);
            return wire.respond(now, key, &response);
        }
        subscription.far = from;
        subscription.dialog.refresh_target(&request.headers);
        subscription.until = now + Duration::from_secs(u64::from(seconds));
        let tag = subscription.dialog.id.local_tag.clone();
        self.accept(now, wire, (key, from), request, (&tag, seconds));
        if seconds == 0 {
            return self.tell(now, wire, registrar, &mut subscription, Some("timeout"));
        }
        subscription.state = match subscription.state {
            State::Sent { client, .. } => State::Sent { client, due: true },
            State::Quiet | State::Due { .. } => State::Due { always: true },
        };
        // A subscriber who asks again has lost what he knew.
        subscription.told = None;
        self.subscriptions.push(subscription);
    }

    /// The answer to a NOTIFY; `408` if none came.
    pub(crate) fn answered(&mut self, client: ClientKey, code: u16) {
        self.subscriptions.retain_mut(|one| one.answered(client, code));
    }

    /// Answers a PUBLISH of this user about himself.
    pub(crate) fn publish(&mut self, now: Instant, wire: &mut Wire, user: &str, request: &Request) -> Response {
        let tag = wire.token();
        let (response, changed) = self.publications.publish(now, user, request, (&tag, &mut *wire.rng));
        if changed {
            self.touch(Package::Presence, user);
        }
        response
    }

    /// An INVITE begins something; users and lines by their names.
    pub(crate) fn invited(&mut self, now: Instant, invite: &Request, way: Option<Peer>, names: [Option<String>; 2]) {
        self.tracker.invited(now, invite, way, names);
    }

    /// What was seen of calls.
    pub(crate) fn seen(&mut self, now: Instant, seen: Vec<Seen>) {
        for one in seen {
            match one {
                Seen::Answered(response) => self.tracker.answered(now, &response),
                Seen::Ended(bye) => self.tracker.ended(now, &bye),
            }
        }
    }

    /// An answer to the INVITE of a line.
    pub(crate) fn line_answered(&mut self, now: Instant, response: &Response) {
        self.tracker.answered(now, response);
    }

    /// A BYE came in.
    pub(crate) fn ended(&mut self, now: Instant, bye: &Request) {
        self.tracker.ended(now, bye);
    }

    /// A re-INVITE or UPDATE came in.
    pub(crate) fn reoffered(&mut self, request: &Request) {
        self.tracker.reoffered(request);
    }

    pub(crate) fn show(&mut self, now: Instant, shown: Shown) {
        self.tracker.show(now, shown);
    }

    pub(crate) fn hide(&mut self, now: Instant, call_id: &str) {
        self.tracker.hide(now, call_id);
    }

    /// The call that rings at a user or line.
    pub(crate) fn ringing_at(&self, name: &str) -> Option<ReplacesTarget> {
        self.tracker.ringing_at(name)
    }

    /// The ringing call an INVITE with Replaces means, as its caller knows it, and where the caller is.
    pub(crate) fn early(&self, named: &ReplacesTarget) -> Option<(ReplacesTarget, Option<Target>)> {
        self.tracker.early(named)
    }

    pub(crate) fn recorded(&mut self, user: &str) {
        self.mailboxes.record(user);
        self.touch(Package::MessageSummary, user);
    }

    pub(crate) fn heard(&mut self, user: &str) {
        self.mailboxes.hear(user);
        self.touch(Package::MessageSummary, user);
    }

    /// A phone of this user came or went.
    pub(crate) fn registered(&mut self, user: &str) {
        self.touch(Package::Presence, user);
    }

    /// How many are subscribed.
    pub(crate) fn open(&self) -> usize {
        self.subscriptions.len()
    }

    pub(crate) fn next_wake(&self) -> Option<Instant> {
        let subscriptions = self.subscriptions.iter().map(|one| one.until);
        subscriptions.chain(self.publications.next_wake()).min()
    }

    pub(crate) fn wake(&mut self, now: Instant, wire: &mut Wire, registrar: &Registrar) {
        for user in self.publications.wake(now) {
            self.touch(Package::Presence, &user);
        }
        while let Some(at) = self.subscriptions.iter().position(|one| one.until <= now) {
            let mut over = self.subscriptions.remove(at);
            self.tell(now, wire, registrar, &mut over, Some("timeout"));
        }
    }

    /// Tells everybody who wants to know what changed. One NOTIFY at a time a subscription: they arrive in order.
    pub(crate) fn tell_all(&mut self, now: Instant, wire: &mut Wire, registrar: &Registrar) {
        for name in self.tracker.changed() {
            self.touch(Package::Dialog, &name);
            self.touch(Package::Presence, &name);
        }
        let mut subscriptions = std::mem::take(&mut self.subscriptions);
        for one in subscriptions.iter_mut().filter(|one| one.is_due()) {
            self.tell(now, wire, registrar, one, None);
        }
        self.subscriptions = subscriptions;
    }

    fn touch(&mut self, package: Package, resource: &str) {
        let meant = |one: &&mut Subscription| one.package == package && one.resource == resource;
        self.subscriptions
            .iter_mut()
            .filter(meant)
            .for_each(Subscription::touch);
    }

    fn tell(
        &self,
        now: Instant,
        wire: &mut Wire,
        registrar: &Registrar,
        subscription: &mut Subscription,
        last: Option<&str>,
    ) {
        let resource = subscription.resource.clone();
        let entity = wire.uri(&resource).to_string();
        match subscription.package {
            Package::Presence => {
                let body = self.presence(now, registrar, &resource).write(&entity, &resource);
                subscription.tell(now, wire, |_| body.clone(), last);
            }
            Package::Dialog => {
                let dialogs = self.tracker.dialogs(now, &resource);
                let body = |version| {
                    let document = DialogInfo {
                        version,
                        full: true,
                        entity: entity.clone(),
                        dialogs: dialogs.clone(),
                    };
                    document.write()
                };
                subscription.tell(now, wire, body, last);
            }
            Package::MessageSummary => {
                let account = wire.uri(VOICEMAIL).into();
                let body = self.mailboxes.summary(&resource, account).write();
                subscription.tell(now, wire, |_| body.clone(), last);
            }
        }
    }

    /// What a user published; else whether a phone is there. That he talks is seen here.
    fn presence(&self, now: Instant, registrar: &Registrar, resource: &str) -> PresenceDocument {
        let mut document = match self.publications.of(now, resource) {
            Some(said) => PresenceDocument {
                open: said.open.unwrap_or(true),
                activities: said.activities.clone(),
                note: said.note.clone(),
            },
            None => PresenceDocument {
                open: match Line::with_number(resource) {
                    Some(_) => true,
                    None => registrar.phones(now, resource).is_some_and(|phones| !phones.is_empty()),
                },
                activities: Vec::new(),
                note: None,
            },
        };
        let on_the_phone = document.open && self.tracker.is_on_the_phone(resource);
        if on_the_phone && !document.activities.contains(&Activity::OnThePhone) {
            document.activities.insert(0, Activity::OnThePhone);
        }
        document
    }
}

fn seconds(request: &Request) -> u32 {
    request.headers.expires().unwrap_or(LONGEST).min(LONGEST)
}
