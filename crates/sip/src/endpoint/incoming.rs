//! Requests from outside, in the order of RFC 3261 section 8.2.

use std::time::Instant;

use crate::dialog::DialogId;
use crate::transaction::ServerKey;
use crate::{Method, Request, Uri};

use super::options::is_allowed;
use super::{Endpoint, Flow};

impl Endpoint {
    pub(super) fn request(
        &mut self,
        now: Instant,
        key: ServerKey,
        flow: Flow,
        request: Request,
        cancels: Option<ServerKey>,
    ) {
        if request.method == Method::Cancel {
            return self.cancelled(now, key, &flow, &request, cancels);
        }
        if let Some(dialog) = DialogId::of_request(&request) {
            if let Some(subscription) = self.subscription_of(&dialog) {
                return self.within_subscription(now, subscription, key, &dialog, &request);
            }
            let session = self.session_of(&dialog);
            return match session {
                Some(session) => self.within(now, session, key, flow, request),
                // RFC 3261 section 12.2.2: a dialog that was, or that somebody else had.
                None => self.turn_away(now, key, &flow, &request, 481),
            };
        }
        if self.layer.is_merged(key) {
            return self.answer(now, key, &request, 482);
        }
        if !is_allowed(&request.method) {
            let code = if request.method == Method::Subscribe { 489 } else { 405 };
            return self.turn_away(now, key, &flow, &request, code);
        }
        let Some((account, trusted)) = self.account_for(&flow, &request) else {
            return self.turn_away(now, key, &flow, &request, 403);
        };
        if matches!(request.uri, Uri::Absolute(_)) {
            return self.answer(now, key, &request, 416);
        }
        if self.refuse_extensions(now, key, &request) {
            return;
        }
        match request.method {
            Method::Invite => self.invited(now, key, flow, request, account, trusted),
            Method::Options => self.answer_options(now, key, &request),
            Method::Refer => self.referred_from_outside(now, key, flow, request, account, trusted),
            Method::Notify => self.notified_unasked(now, key, &request, account, trusted),
            Method::Message => self.messaged(now, key, &request, account, trusted),
            _ => self.answer(now, key, &request, 481),
        }
    }

    /// 420 for what is required and unknown. `true` when that was the answer.
    pub(super) fn refuse_extensions(&mut self, now: Instant, key: ServerKey, request: &Request) -> bool {
        let unknown = Self::unknown_extensions(request);
        if unknown.is_empty() {
            return false;
        }
        let mut response = self.answer_to(request, 420);
        response.headers.push("Unsupported", unknown.join(", "));
        self.layer.respond(now, key, &response);
        true
    }

    /// CANCEL: 200 for itself, 487 for the INVITE unless that was answered before (RFC 3261 section 9.2).
    fn cancelled(&mut self, now: Instant, key: ServerKey, flow: &Flow, request: &Request, cancels: Option<ServerKey>) {
        let Some(invite) = cancels else {
            return self.turn_away(now, key, flow, request, 481);
        };
        // The same tag as in the answer to the INVITE (RFC 3261 section 9.2).
        let mut response = self.answer_to(request, 200);
        if let Some(tag) = self.tag_for(invite)
            && let Some(to) = request.headers.to()
        {
            response.headers.set("To", to.with_tag(&tag));
        }
        self.layer.respond(now, key, &response);
        if self.layer.is_open(invite) {
            let elsewhere = answered_elsewhere(request);
            self.invite_cancelled(now, invite, elsewhere);
        }
    }
}

/// Whether a CANCEL or BYE says that another phone took the call: `SIP;cause=200` (RFC 3326 section 3.1), the Q.850 cause
/// 26 "non-selected user clearing", or, from those who leave the number out, the words.
pub(super) fn answered_elsewhere(request: &Request) -> bool {
    request.headers.reason().iter().any(|reason| {
        let protocol = reason.protocol.to_ascii_lowercase();
        let text = reason.text.as_deref().unwrap_or_default().to_ascii_lowercase();
        match (protocol.as_str(), reason.cause) {
            ("sip", Some(200)) | ("q.850", Some(26)) => true,
            ("sip", None) => ["completed elsewhere", "answered elsewhere"]
                .iter()
                .any(|word| text.contains(word)),
            _ => false,
        }
    })
}
