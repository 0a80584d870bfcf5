//! What the call scripts share.
#![allow(dead_code, reason = "each script uses a part")]

pub mod events;

use std::time::Duration;

use parley_sip::endpoint::{Event, RegistrationFailure, RegistrationState, SessionId};
use parley_sip::{Method, NameAddr, Request};
use parley_testkit::{Call, Network, Peer, Phone};

pub const ALICE: &str = "10.0.0.1:5060";
pub const BOB: &str = "10.0.0.2:5060";
pub const BOB_URI: &str = "sip:bob@10.0.0.2";
pub const ALICE_URI: &str = "sip:alice@10.0.0.1";

pub fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A phone without a server, and a peer.
pub fn two() -> (Network, Phone, Peer) {
    let network = Network::new(7);
    let alice = Phone::direct(&network, ALICE, ALICE_URI);
    let bob = Peer::new(&network, BOB);
    (network, alice, bob)
}

/// A call from the phone to the peer that is up.
pub fn outgoing_call(alice: &Phone, bob: &Peer) -> (SessionId, Call) {
    let session = alice.call(BOB_URI);
    let invite = bob.expect("INVITE");
    bob.reply(&invite, 180);
    let answer = bob.reply(&invite, 200);
    alice.expect_answered(session);
    bob.expect("ACK");
    (session, bob.call_from(&invite, &answer))
}

/// A call from the peer to the phone that is up.
pub fn incoming_call(alice: &Phone, bob: &Peer) -> (SessionId, Call) {
    let invite = bob.invite(ALICE_URI, |_| {});
    let (session, _) = alice.expect_call();
    alice.accept(session);
    let answer = bob.expect_status(200);
    let call = bob.call_to(&invite, &answer);
    bob.ack(&call, |_| {});
    alice.expect_confirmed(session);
    (session, call)
}

/// A phone that is registered at the peer `pbx.example`.
pub fn registered() -> (Network, Phone, Peer) {
    let network = Network::new(7);
    let pbx = Peer::new(&network, BOB);
    pbx.accepts(Method::Options);
    network.name("pbx.example", BOB);
    let alice = Phone::registering(&network, ALICE, "sip:alice@pbx.example");
    let register = pbx.expect("REGISTER");
    grant(&pbx, &register, 300);
    assert!(matches!(
        alice.expect_registration(),
        RegistrationState::Registered { .. }
    ));
    (network, alice, pbx)
}

/// Answers a REGISTER with 200 and its own Contact for so many seconds.
pub fn grant(pbx: &Peer, register: &Request, seconds: u32) {
    let contact = contact_of(register).with_param("expires", Some(&seconds.to_string()));
    pbx.reply_with(register, 200, |response| {
        response.headers.push("Contact", contact);
        response.headers.push("Server", "Exchange 1");
    });
}

pub fn contact_of(request: &Request) -> NameAddr {
    request.headers.contact().expect("a Contact")
}

/// Waits until a registration fails, and gives why and when it is tried again.
pub fn failure(phone: &Phone) -> (RegistrationFailure, Option<Duration>) {
    phone.expect("a failed registration", |event| match event {
        Event::Registration {
            state: RegistrationState::Failed { why, retry_in },
            ..
        } => Some((why.clone(), *retry_in)),
        _ => None,
    })
}

/// Waits until the phone is registered again.
pub fn back(phone: &Phone) -> RegistrationState {
    phone.expect("a registration", |event| match event {
        Event::Registration {
            state: state @ RegistrationState::Registered { .. },
            ..
        } => Some(state.clone()),
        _ => None,
    })
}
