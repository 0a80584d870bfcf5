//! What the scripts about events share.

use parley_sip::bodies::{Activity, Pidf, PresenceDocument};
use parley_sip::endpoint::{Event, Notice, Package, SubscriptionId, SubscriptionState};
use parley_sip::{Method, Request, Response};
use parley_testkit::{Call, LINE, Network, Peer, Phone};

use super::registered;

pub const COLLEAGUE: &str = "sip:bob@pbx.example";

/// A registered phone whose exchange keeps answering REGISTER and OPTIONS by itself.
pub fn at_the_exchange() -> (Network, Phone, Peer) {
    let (network, alice, pbx) = registered();
    pbx.accepts(Method::Register);
    pbx.accepts(Method::Options);
    (network, alice, pbx)
}

pub fn subscribe(alice: &Phone, package: Package) -> SubscriptionId {
    alice
        .with(|endpoint, now| endpoint.subscribe(now, LINE, COLLEAGUE.parse().unwrap(), package))
        .unwrap()
}

/// A subscription that tells, and the SUBSCRIBE that made it.
pub fn subscribed(alice: &Phone, pbx: &Peer, package: Package) -> (SubscriptionId, Call, Request) {
    let id = subscribe(alice, package);
    let request = pbx.expect("SUBSCRIBE");
    let answer = agree(pbx, &request, 600);
    let mut dialog = pbx.call_from(&request, &answer);
    notify(pbx, &mut dialog, package, "active;expires=600", b"");
    pbx.expect_status(200);
    assert_eq!(expect_state(alice, id), SubscriptionState::Active);
    (id, dialog, request)
}

/// Answers a SUBSCRIBE or PUBLISH with 200 for so many seconds.
pub fn agree(pbx: &Peer, request: &Request, seconds: u32) -> Response {
    pbx.reply_with(request, 200, |response| {
        response.headers.push("Expires", seconds);
    })
}

/// Sends a NOTIFY.
pub fn notify(pbx: &Peer, dialog: &mut Call, package: Package, state: &str, body: &[u8]) -> Request {
    pbx.within(dialog, "NOTIFY", |notify| {
        notify.headers.push("Event", package.name());
        notify.headers.push("Subscription-State", state);
        if !body.is_empty() {
            notify.set_body(package.media_type(), body.to_vec());
        }
    })
}

/// Waits for the next state other than `Asking`.
pub fn expect_state(alice: &Phone, id: SubscriptionId) -> SubscriptionState {
    alice.expect("a state of the subscription", |event| match event {
        Event::Subscription { subscription, state } if *subscription == id && *state != SubscriptionState::Asking => {
            Some(state.clone())
        }
        _ => None,
    })
}

pub fn expect_notice(alice: &Phone, id: SubscriptionId) -> Notice {
    alice.expect("news", |event| match event {
        Event::Notified { subscription, notice } if *subscription == id => Some(notice.clone()),
        _ => None,
    })
}

pub fn expect_presence(alice: &Phone, id: SubscriptionId) -> Pidf {
    match expect_notice(alice, id) {
        Notice::Presence(pidf) => pidf,
        other => panic!("{other:?}"),
    }
}

/// A document that says that somebody is there, with a note.
pub fn there(note: &str) -> Vec<u8> {
    document(note).write(COLLEAGUE, "1")
}

pub fn document(note: &str) -> PresenceDocument {
    PresenceDocument {
        open: true,
        activities: vec![Activity::OnThePhone],
        note: Some(note.into()),
    }
}

pub fn expires(request: &Request) -> u32 {
    request.headers.expires().expect("Expires")
}
