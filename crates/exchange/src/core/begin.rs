//! Requests that begin something: who sent them, and who is meant.
use super::{Core, abilities};
use crate::Peer;
use crate::gate::Verdict;
use crate::lines::Line;
use crate::pager;
use crate::proxy::{Target, Upstream};
use parley_sip::headers::ReplacesTarget;
use parley_sip::transaction::ServerKey;
use parley_sip::{Method, Request};
use std::time::Instant;

/// Dialled before a number, it takes the call that rings there.
const PICK_UP: &str = "*8";

impl Core {
    /// A request outside of any dialog.
    pub(super) fn outside(&mut self, now: Instant, (key, peer): (ServerKey, Peer), request: Request) {
        let called = request.uri.user().unwrap_or_default();
        let line = Line::with_number(&called);
        let mut answer = |code| {
            let tag = self.wire.token();
            let mut response = request.respond(code, Some(&tag));
            abilities(&mut response);
            self.wire.respond(now, key, &response);
        };
        match request.method {
            Method::Options if called.is_empty() || line.is_some() => return answer(200),
            Method::Invite | Method::Message | Method::Options | Method::Info => {}
            Method::Subscribe | Method::Publish | Method::Refer => {}
            // News nobody asked for here (RFC 6665 section 4.1.3), an early BYE, and so on.
            Method::Notify | Method::Bye | Method::Prack | Method::Update => return answer(481),
            _ => return answer(405),
        }
        let Some(user) = self.sender(now, (key, peer), &request) else {
            return;
        };
        match request.method {
            Method::Subscribe => {
                self.events
                    .subscribe(now, &mut self.wire, &self.registrar, (key, peer), &request, &user);
            }
            Method::Publish if called == user => {
                let response = self.events.publish(now, &mut self.wire, &user, &request);
                self.wire.respond(now, key, &response);
            }
            Method::Publish => self.wire.refuse(now, key, &request, 403),
            Method::Invite => self.invite(now, (key, peer), request, (&user, &called)),
            Method::Message if line.is_some() => self.written(now, (key, peer), &request, line),
            _ => self.pass_to_user(now, (key, peer), request),
        }
    }

    /// Who sent it: whoever registered from there, else who proves to be. `None`: it was answered.
    fn sender(&mut self, now: Instant, (key, peer): (ServerKey, Peer), request: &Request) -> Option<String> {
        let from = request.headers.from().and_then(|from| from.uri.user());
        if let Some(user) = self.registrar.user_at(now, peer, &from.unwrap_or_default()) {
            return Some(user);
        }
        let credentials = request.headers.proxy_authorization();
        let verdict = self
            .gate
            .judge(now, request, &credentials, self.registrar.users(), &mut *self.wire.rng);
        match verdict {
            Verdict::Passed(user) => return Some(user),
            Verdict::Wrong => self.wire.refuse(now, key, request, 403),
            Verdict::Challenge(values) => {
                let tag = self.wire.token();
                let mut response = request.respond(407, Some(&tag));
                values
                    .iter()
                    .for_each(|value| response.headers.push("Proxy-Authenticate", value));
                self.wire.respond(now, key, &response);
            }
        }
        None
    }

    fn invite(&mut self, now: Instant, (key, peer): (ServerKey, Peer), request: Request, (user, called): (&str, &str)) {
        self.wire.respond(now, key, &request.respond(100, None));
        let caller = Some(user.to_owned());
        if let Some(number) = called.strip_prefix(PICK_UP).filter(|number| !number.is_empty()) {
            let Some(ringing) = self.events.ringing_at(number) else {
                return self.wire.refuse(now, key, &request, 480);
            };
            self.events.invited(now, &request, Some(peer), [caller, None]);
            return self.instead(now, (key, peer), request, &ringing);
        }
        if request.headers.has("Replaces") {
            let Some(named) = request.headers.replaces() else {
                return self.wire.refuse(now, key, &request, 400);
            };
            self.events.invited(now, &request, Some(peer), [caller, None]);
            return self.instead(now, (key, peer), request, &named);
        }
        let line = Line::with_number(called);
        // Who fetches a call from an orbit is not in the orbit.
        let fetches = matches!(line, Some(Line::Orbit(_))) && !request.headers.has("Referred-By");
        let watchable = line
            .filter(|line| line.is_watchable() && !fetches)
            .and_then(Line::number);
        let callee = watchable.or_else(|| self.registrar.has(called).then(|| called.to_owned()));
        self.events.invited(now, &request, Some(peer), [caller, callee]);
        match line {
            Some(line) => self.lines.invited(now, &mut self.wire, line, (key, peer), request),
            None => self.pass_to_user(now, (key, peer), request),
        }
    }

    /// An INVITE that comes in place of another call (RFC 3891): that of a line, one that rings somewhere, else one that
    /// only the phones know.
    fn instead(&mut self, now: Instant, from: (ServerKey, Peer), request: Request, named: &ReplacesTarget) {
        let ringing = self.events.early(named);
        let named = ringing.as_ref().map_or(named, |(as_caller, _)| as_caller).clone();
        let Some(request) = self.lines.take_over(now, &mut self.wire, from, request, &named) else {
            return;
        };
        match ringing {
            Some((named, Some(caller))) => self.pass_to_caller(now, from, request, &named, caller),
            _ if Line::with_number(&request.uri.user().unwrap_or_default()).is_some() => {
                self.wire.refuse(now, from.0, &request, 481);
            }
            _ => self.pass_to_user(now, from, request),
        }
    }

    /// Passes the INVITE on to the one who calls, in place of the call he makes: only he may be reached another way while
    /// it rings (RFC 3891 section 3).
    pub(super) fn pass_to_caller(
        &mut self,
        now: Instant,
        (key, peer): (ServerKey, Peer),
        mut request: Request,
        named: &ReplacesTarget,
        caller: Target,
    ) {
        request.headers.set("Replaces", named);
        if !request.headers.require().contains(&"replaces") {
            request.headers.push("Require", "replaces");
        }
        self.fork(now, Upstream::Phone { key, peer }, request, vec![caller]);
    }

    /// Passes it on to all phones of the user, or to the one address that is meant.
    fn pass_to_user(&mut self, now: Instant, (key, peer): (ServerKey, Peer), request: Request) {
        match self.targets(now, &request.uri) {
            Some(targets) => self.fork(now, Upstream::Phone { key, peer }, request, targets),
            None => self.wire.refuse(now, key, &request, 404),
        }
    }

    /// A text for a line, which writes back.
    fn written(&mut self, now: Instant, (key, peer): (ServerKey, Peer), request: &Request, line: Option<Line>) {
        let tag = self.wire.token();
        let response = pager::answer(request, &tag);
        self.wire.respond(now, key, &response);
        let reply = line
            .filter(|_| response.code() == 200)
            .and_then(|line| pager::reply(&mut self.wire, line, request));
        let Some(reply) = reply else { return };
        // Back to the phones of the writer; a writer who never registered is reached where he wrote from.
        let writer = reply.uri.clone();
        let phones = self.registrar.targets(now, &writer).filter(|phones| !phones.is_empty());
        let targets = phones.unwrap_or_else(|| vec![Target::at(writer, peer)]);
        self.fork(now, Upstream::Nobody, reply, targets);
    }
}
