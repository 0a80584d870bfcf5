//! What we can do, and the plain answers to requests that are not about a call.

use std::time::Instant;

use crate::transaction::ServerKey;
use crate::{Headers, Method, Request, Response};

use super::Endpoint;

/// The methods we take.
pub(super) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, OPTIONS, INFO, NOTIFY, REFER, MESSAGE";
/// What a SUBSCRIBE or REFER could make us tell about (RFC 6665 section 8.2.2). What we listen to is not among it.
const ALLOW_EVENTS: &str = "refer";
/// The extensions a far end may ask for in `Require`.
pub(super) const EXTENSIONS: [&str; 4] = ["100rel", "timer", "replaces", "norefersub"];

/// The bodies we take.
const ACCEPT: &str = "application/sdp, text/plain, message/sipfrag, application/simple-message-summary, \
                      application/dialog-info+xml, application/pidf+xml, application/dtmf-relay";

impl Endpoint {
    /// Says who we are in a request.
    pub(super) fn introduce(&self, headers: &mut Headers) {
        if !self.config.user_agent.is_empty() {
            headers.push("User-Agent", &self.config.user_agent);
        }
    }

    /// Says what we can do: in INVITE, its 2xx, and the answer to OPTIONS.
    pub(super) fn capabilities(&self, headers: &mut Headers) {
        headers.push("Allow", ALLOW);
        headers.push("Allow-Events", ALLOW_EVENTS);
        headers.push("Supported", EXTENSIONS.join(", "));
    }

    /// An answer with our tag, ready for header fields of its own.
    pub(super) fn answer_to(&mut self, request: &Request, code: u16) -> Response {
        let tag = self.token();
        let mut response = request.respond(code, Some(&tag));
        if !self.config.user_agent.is_empty() {
            response.headers.push("Server", &self.config.user_agent);
        }
        response
    }

    /// Answers with a status and nothing else.
    pub(super) fn answer(&mut self, now: Instant, key: ServerKey, request: &Request, code: u16) {
        let mut response = self.answer_to(request, code);
        if code == 405 {
            response.headers.push("Allow", ALLOW);
        }
        if code == 489 {
            response.headers.push("Allow-Events", ALLOW_EVENTS);
        }
        self.layer.respond(now, key, &response);
    }

    /// OPTIONS: what we would answer an INVITE with (RFC 3261 section 11.2).
    pub(super) fn answer_options(&mut self, now: Instant, key: ServerKey, request: &Request) {
        let mut response = self.answer_to(request, 200);
        self.capabilities(&mut response.headers);
        response.headers.push("Accept", ACCEPT);
        self.layer.respond(now, key, &response);
    }

    /// The extensions asked for that we do not have (RFC 3261 section 8.2.2.3).
    pub(super) fn unknown_extensions(request: &Request) -> Vec<String> {
        let asked = request.headers.require().into_iter();
        asked
            .filter(|tag| !EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(tag)))
            .map(str::to_owned)
            .collect()
    }
}

/// Whether we take the method at all.
pub(super) fn is_allowed(method: &Method) -> bool {
    ALLOW.split(", ").any(|allowed| allowed == method.as_str())
}
