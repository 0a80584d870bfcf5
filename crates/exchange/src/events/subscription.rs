//! One subscription, seen from the notifier (RFC 6665 section 4.2).
//!
//! | State | What happens | Becomes |
//! |---|---|---|
//! | Quiet | something changed | Due |
//! | Due | `news` | Sent; NOTIFY |
//! | Sent | something changed | Sent, due again |
//! | Sent | 2xx | Quiet, or Due |
//! | Sent | any other answer, none | gone |
//! | any | SUBSCRIBE | Due, for longer; gone with its last NOTIFY if for 0 seconds |
//! | any | it ran out | gone, with its last NOTIFY |
use crate::Peer;
use crate::wire::Wire;
use parley_sip::dialog::Dialog;
use parley_sip::endpoint::Package;
use parley_sip::transaction::ClientKey;
use parley_sip::{Method, NameAddr};
use std::time::Instant;

#[derive(Debug)]
pub(super) struct Subscription {
    pub(super) dialog: Dialog,
    /// The way to the subscriber.
    pub(super) far: Peer,
    pub(super) package: Package,
    /// Whose presence, calls or messages.
    pub(super) resource: String,
    /// `Event` as the subscriber wrote it, with its `id`.
    pub(super) event: String,
    pub(super) until: Instant,
    pub(super) version: u32,
    pub(super) state: State,
    /// The body sent last, version aside.
    pub(super) told: Option<Vec<u8>>,
}

/// Whether it is up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Quiet,
    /// To be told. `always`: even if it knows already.
    Due {
        always: bool,
    },
    Sent {
        client: ClientKey,
        due: bool,
    },
}

impl Subscription {
    pub(super) fn touch(&mut self) {
        match &mut self.state {
            State::Quiet => self.state = State::Due { always: false },
            State::Sent { due, .. } => *due = true,
            State::Due { .. } => {}
        }
    }

    pub(super) fn is_due(&self) -> bool {
        matches!(self.state, State::Due { .. })
    }

    /// Tells the news. `body` writes them with that version; `last`: it is the last time, and why.
    pub(super) fn tell(&mut self, now: Instant, wire: &mut Wire, body: impl Fn(u32) -> Vec<u8>, last: Option<&str>) {
        let plain = body(0);
        let always = last.is_some() || matches!(self.state, State::Due { always: true });
        if !always && self.told.as_ref() == Some(&plain) {
            self.state = State::Quiet;
            return;
        }
        let left = self.until.saturating_duration_since(now).as_secs();
        let state = match last {
            Some(why) => format!("terminated;reason={why}"),
            None => format!("active;expires={left}"),
        };
        let mut contact = wire.uri(&self.resource);
        if self.far.transport == crate::PeerTransport::Tcp {
            contact = contact.with_param("transport", Some("tcp"));
        }
        let mut notify = self.dialog.request(Method::Notify);
        notify.headers.push("Contact", NameAddr::new(contact));
        notify.headers.push("Event", &self.event);
        notify.headers.push("Subscription-State", state);
        notify.set_body(self.package.media_type(), body(self.version));
        self.version += 1;
        self.told = Some(plain);
        let client = wire.request(now, self.far, notify);
        self.state = State::Sent { client, due: false };
    }

    /// The answer to the NOTIFY came; `false` if that was the end.
    pub(super) fn answered(&mut self, client: ClientKey, code: u16) -> bool {
        let State::Sent { client: sent, due } = self.state else {
            return true;
        };
        if sent != client || code < 200 {
            return true;
        }
        self.state = if due {
            State::Due { always: false }
        } else {
            State::Quiet
        };
        code < 300
    }
}
