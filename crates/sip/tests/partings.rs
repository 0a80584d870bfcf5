//! The last words of an account that is removed, logged out or set up anew: they are proven where its server asks for it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::auth::{Algorithm, Attempt, DigestChallenge, Proof};
use parley_sip::endpoint::SessionId;
use parley_sip::{Method, Request};
use parley_testkit::{LINE, Network, Peer, Phone};

fn ask(pbx: &Peer, request: &Request, nonce: &str) {
    let mut challenge = DigestChallenge::new("pbx.example", nonce, Algorithm::Sha256);
    challenge.stale = true;
    pbx.reply_with(request, 407, |response| {
        response.headers.push("Proxy-Authenticate", challenge.to_challenge())
    });
}

fn is_proven(request: &Request, nonce: &str) -> bool {
    let given = request.headers.proxy_authorization();
    let Some(attempt) = given.iter().find(|given| given.params.get("nonce") == Some(nonce)) else {
        return false;
    };
    let attempt = Attempt::read(attempt).unwrap();
    attempt.is_proven(request.method.as_str(), &request.body, Proof::Password("secret"))
}

/// A call through the server, which asks for the password once.
fn in_call() -> (Network, Phone, Peer, SessionId) {
    let (network, alice, pbx) = registered();
    let call = alice.call("sip:600@pbx.example");
    ask(&pbx, &pbx.expect("INVITE"), "n1");
    pbx.expect("ACK");
    pbx.reply(&pbx.expect("INVITE"), 200);
    alice.expect_answered(call);
    pbx.expect("ACK");
    (network, alice, pbx, call)
}

#[test]
fn the_goodbye_of_a_removed_account_is_proven_again_when_its_nonce_is_stale() {
    let (_network, alice, pbx, _call) = in_call();
    alice.with(|endpoint, now| endpoint.remove_account(now, LINE));
    let bye = pbx.expect("BYE");
    assert!(is_proven(&bye, "n1"), "and it carried what was good before");
    ask(&pbx, &bye, "n2");
    let again = pbx.expect("BYE");
    assert!(is_proven(&again, "n2"));
    assert!(again.headers.cseq().unwrap().number > bye.headers.cseq().unwrap().number);
    pbx.reply(&again, 200);
}

#[test]
fn a_call_answered_after_its_account_was_removed_is_hung_up_with_proof() {
    let (_network, alice, pbx) = registered();
    alice.call("sip:600@pbx.example");
    ask(&pbx, &pbx.expect("INVITE"), "n1");
    pbx.expect("ACK");
    let invite = pbx.expect("INVITE");
    pbx.reply(&invite, 180);
    alice.with(|endpoint, now| endpoint.remove_account(now, LINE));
    let cancel = pbx.expect("CANCEL");
    assert!(
        !cancel.headers.has("Proxy-Authorization"),
        "a CANCEL is never challenged"
    );
    // Somebody answered at that very moment.
    pbx.reply(&invite, 200);
    pbx.expect("ACK");
    ask(&pbx, &pbx.expect("BYE"), "n2");
    assert!(is_proven(&pbx.expect("BYE"), "n2"));
}

#[test]
fn a_call_of_a_line_that_logged_out_can_be_hung_up() {
    let (network, alice, pbx, call) = in_call();
    let mut off = Phone::account("sip:alice@pbx.example");
    off.register = false;
    off.credentials = None;
    alice.set_account(off);
    pbx.accepts(Method::Register);
    // Long after: the call keeps what it needs.
    network.run_for(seconds(600));
    pbx.count("");
    alice.hang_up(call);
    ask(&pbx, &pbx.expect("BYE"), "n2");
    assert!(is_proven(&pbx.expect("BYE"), "n2"));
}

#[test]
fn credentials_of_a_removed_account_are_forgotten_after_some_minutes() {
    let (network, alice, pbx, _call) = in_call();
    alice.with(|endpoint, now| endpoint.remove_account(now, LINE));
    pbx.reply(&pbx.expect("BYE"), 200);
    network.run_for(seconds(400));
    assert_eq!(alice.with(|endpoint, _| endpoint.next_wake()), None, "nothing is left");
}

#[test]
fn a_server_that_the_account_left_teaches_the_new_one_nothing_and_gets_its_own_goodbye() {
    let (network, alice, pbx, call) = in_call();
    let other = Peer::new(&network, "10.0.0.9:5060");
    network.name("new.example", "10.0.0.9:5060");
    let mut moved = Phone::account("sip:alice@new.example");
    moved.credentials.as_mut().unwrap().password = parley_sip::endpoint::Secret::new("other");
    alice.set_account(moved);
    grant(&other, &other.expect("REGISTER"), 300);
    pbx.accepts(Method::Register);
    alice.hang_up(call);
    ask(&pbx, &pbx.expect("BYE"), "n2");
    assert!(
        is_proven(&pbx.expect("BYE"), "n2"),
        "with the password of the old server"
    );
    assert_eq!(other.count("BYE"), 0);
}
