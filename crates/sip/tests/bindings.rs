//! What the registrar says about our binding, and where else it sends us.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::auth::{Algorithm, DigestChallenge};
use parley_sip::endpoint::{AccountId, Event, RegistrationFailure, RegistrationState};
use parley_sip::{Method, Request};
use parley_testkit::{Network, Peer, Phone};

fn desk() -> (Network, Phone, Peer) {
    let network = Network::new(3);
    let pbx = Peer::new(&network, BOB);
    pbx.accepts(Method::Options);
    network.name("pbx.example", BOB);
    let alice = Phone::registering(&network, ALICE, "sip:alice@pbx.example");
    (network, alice, pbx)
}

fn answer(pbx: &Peer, register: &Request, contacts: &[String]) {
    pbx.reply_with(register, 200, |response| {
        response.headers.remove("Contact");
        contacts
            .iter()
            .for_each(|contact| response.headers.push("Contact", contact));
    });
}

#[test]
fn a_yes_without_our_contact_is_a_no() {
    let others = "<sip:alice@10.0.0.8>;expires=3600".to_owned();
    let third = "<sip:alice@10.0.0.9>;expires=3600".to_owned();
    for contacts in [vec![], vec![others, third]] {
        let (_network, alice, pbx) = desk();
        answer(&pbx, &pbx.expect("REGISTER"), &contacts);
        let (why, retry_in) = failure(&alice);
        assert_eq!(why, RegistrationFailure::NotBound);
        assert!(retry_in.is_some());
    }
}

#[test]
fn a_binding_that_holds_for_no_time_is_none() {
    let (_network, alice, pbx) = desk();
    grant(&pbx, &pbx.expect("REGISTER"), 0);
    assert_eq!(failure(&alice).0, RegistrationFailure::NotBound);
}

#[test]
fn a_binding_that_disappears_at_a_refresh_is_noticed() {
    let (_network, alice, pbx) = registered();
    let refresh = pbx.expect_within("REGISTER", seconds(300));
    answer(
        &pbx,
        &refresh,
        &[
            "<sip:alice@10.0.0.8>;expires=3600".into(),
            "<sip:alice@10.0.0.9>;expires=9".into(),
        ],
    );
    assert_eq!(failure(&alice).0, RegistrationFailure::NotBound);
}

#[test]
fn how_long_our_own_contact_holds_counts_and_the_others_are_counted() {
    let (_network, alice, pbx) = desk();
    let register = pbx.expect("REGISTER");
    let own = contact_of(&register).with_param("expires", Some("77")).to_string();
    let others = [
        "<sip:alice@10.0.0.8>;expires=3600".to_owned(),
        "<sip:alice@10.0.0.9>;expires=5".to_owned(),
    ];
    answer(&pbx, &register, &[others[0].clone(), own, others[1].clone()]);
    match back(&alice) {
        RegistrationState::Registered { expires, others, .. } => assert_eq!((expires, others), (seconds(77), 2)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_very_short_binding_is_refreshed_before_it_ends() {
    let (network, alice, pbx) = desk();
    let mut last = network.elapsed();
    for _ in 0..4 {
        grant(&pbx, &pbx.expect("REGISTER"), 4);
        back(&alice);
        let took = network.elapsed() - last;
        last = network.elapsed();
        assert!(took < seconds(4), "{took:?}");
    }
}

#[test]
fn an_interval_that_is_raised_again_and_again_comes_to_an_end() {
    let (network, alice, pbx) = desk();
    for least in [400, 500, 600, 700] {
        let register = pbx.expect("REGISTER");
        pbx.reply_with(&register, 423, |response| response.headers.push("Min-Expires", least));
    }
    assert!(matches!(
        failure(&alice).0,
        RegistrationFailure::Refused { code: 423, .. }
    ));
    network.run_for(seconds(60));
    assert_eq!(pbx.count("REGISTER"), 0);
}

#[test]
fn a_redirection_is_followed_and_the_refresh_stays_there() {
    let (network, alice, pbx) = desk();
    let other = Peer::new(&network, "10.0.0.5:5070");
    other.accepts(Method::Options);
    let register = pbx.expect("REGISTER");
    pbx.reply_with(&register, 302, |response| {
        response.headers.remove("Contact");
        response
            .headers
            .push("Contact", "<sip:10.0.0.6>;q=0.2, <sip:10.0.0.5:5070>;q=0.9");
    });
    for _ in 0..2 {
        let there = other.expect_within("REGISTER", seconds(300));
        assert_eq!(there.uri.to_string(), "sip:10.0.0.5:5070");
        assert_eq!(there.headers.to().unwrap().uri.to_string(), "sip:alice@pbx.example");
        grant(&other, &there, 300);
        back(&alice);
    }
    assert_eq!(pbx.count("REGISTER"), 0);
}

#[test]
fn redirections_in_a_circle_come_to_an_end() {
    let (network, alice, pbx) = desk();
    let other = Peer::new(&network, "10.0.0.5:5070");
    for round in 0..6 {
        let (peer, to) = if round % 2 == 0 {
            (&pbx, "<sip:10.0.0.5:5070>")
        } else {
            (&other, "<sip:10.0.0.2:5060>")
        };
        let register = peer.expect("REGISTER");
        peer.reply_with(&register, 301, |response| {
            response.headers.remove("Contact");
            response.headers.push("Contact", to);
        });
    }
    assert!(matches!(
        failure(&alice).0,
        RegistrationFailure::Refused { code: 301, .. }
    ));
    network.run_for(seconds(60));
    assert_eq!(pbx.count("REGISTER") + other.count("REGISTER"), 0);
}

#[test]
fn where_a_redirection_leads_the_password_is_proven_to_our_own_realm_only() {
    for (realm, answered) in [("evil.example", false), ("pbx.example", true)] {
        let (network, alice, pbx) = desk();
        let other = Peer::new(&network, "10.0.0.5:5070");
        pbx.reply_with(&pbx.expect("REGISTER"), 302, |response| {
            response.headers.remove("Contact");
            response.headers.push("Contact", "<sip:10.0.0.5:5070>");
        });
        other.reply_with(&other.expect("REGISTER"), 401, |response| {
            let challenge = DigestChallenge::new(realm, "n", Algorithm::Md5);
            response.headers.push("WWW-Authenticate", challenge);
        });
        if answered {
            assert!(other.expect("REGISTER").headers.has("Authorization"));
        } else {
            assert_eq!(failure(&alice).0, RegistrationFailure::UnknownAuthentication);
        }
    }
}

#[test]
fn a_server_that_calls_each_of_its_nonces_stale_is_in_trouble_and_the_password_is_not_wrong() {
    let (_network, alice, pbx) = desk();
    for nonce in 0..6 {
        let register = pbx.expect("REGISTER");
        pbx.reply_with(&register, 401, |response| {
            let mut challenge = DigestChallenge::new("pbx.example", &format!("n{nonce}"), Algorithm::Md5);
            challenge.stale = nonce > 0;
            response.headers.push("WWW-Authenticate", challenge);
        });
        if nonce == 4 {
            break;
        }
    }
    let (why, retry_in) = failure(&alice);
    assert!(
        matches!(why, RegistrationFailure::ServerTrouble { code: 401, .. }),
        "{why:?}"
    );
    assert!(retry_in.is_some());
}

#[test]
fn a_proxy_and_a_registrar_that_both_ask_are_both_answered() {
    let (_network, alice, pbx) = desk();
    let register = pbx.expect("REGISTER");
    pbx.reply_with(&register, 407, |response| {
        let challenge = DigestChallenge::new("proxy.example", "n1", Algorithm::Md5);
        response.headers.push("Proxy-Authenticate", challenge);
    });
    let register = pbx.expect("REGISTER");
    pbx.reply_with(&register, 401, |response| {
        let challenge = DigestChallenge::new("pbx.example", "n2", Algorithm::Sha256);
        response.headers.push("WWW-Authenticate", challenge);
    });
    let register = pbx.expect("REGISTER");
    assert_eq!(
        (
            register.headers.proxy_authorization().len(),
            register.headers.authorization().len()
        ),
        (1, 1)
    );
    grant(&pbx, &register, 300);
    back(&alice);
    // The next one carries both at once, counted.
    let refresh = pbx.expect_within("REGISTER", seconds(300));
    let read = pbx.read_back();
    let count = |uses: usize| format!("{:08x}", uses + read);
    let (server, proxy) = (refresh.headers.authorization(), refresh.headers.proxy_authorization());
    assert_eq!(server[0].params.get("nc"), Some(count(2).as_str()));
    assert_eq!(proxy[0].params.get("nc"), Some(count(3).as_str()));
}

#[test]
fn the_next_nonce_of_the_registrar_is_used_and_a_false_proof_counted() {
    let (network, alice, pbx) = desk();
    pbx.reply_with(&pbx.expect("REGISTER"), 401, |response| {
        let challenge = DigestChallenge::new("pbx.example", "n1", Algorithm::Md5);
        response.headers.push("WWW-Authenticate", challenge);
    });
    let register = pbx.expect("REGISTER");
    let contact = contact_of(&register).with_param("expires", Some("60"));
    pbx.reply_with(&register, 200, |response| {
        response.headers.push("Contact", &contact);
        response.headers.push("Authentication-Info", r#"nextnonce="n2""#);
    });
    back(&alice);
    let refresh = pbx.expect("REGISTER");
    let sent = refresh.headers.authorization();
    assert_eq!(
        (sent[0].params.get("nonce"), sent[0].params.get("nc")),
        (Some("n2"), Some(format!("{:08x}", 1 + pbx.read_back()).as_str()))
    );
    pbx.reply_with(&refresh, 200, |response| {
        response.headers.push("Contact", &contact);
        response
            .headers
            .push("Authentication-Info", r#"qop=auth, rspauth="00""#);
    });
    network.run_for(seconds(1));
    assert_eq!(alice.with(|endpoint, _| endpoint.counts().false_proofs), 1);
}

#[test]
fn a_challenge_from_whoever_is_called_gets_no_proof_of_the_password() {
    for (realm, answered) in [
        ("evil.example", false),
        ("sip.pbx.example", true),
        ("pbx.example", true),
    ] {
        let (_network, alice, pbx) = desk();
        pbx.reply_with(&pbx.expect("REGISTER"), 401, |response| {
            let challenge = DigestChallenge::new("pbx.example", "n1", Algorithm::Md5);
            response.headers.push("WWW-Authenticate", challenge);
        });
        grant(&pbx, &pbx.expect("REGISTER"), 300);
        back(&alice);
        let call = alice.call("sip:mallory@pbx.example");
        pbx.reply_with(&pbx.expect("INVITE"), 407, |response| {
            let challenge = DigestChallenge::new(realm, "n2", Algorithm::Md5);
            response.headers.push("Proxy-Authenticate", challenge);
        });
        if answered {
            pbx.expect("ACK");
            assert!(pbx.expect("INVITE").headers.has("Proxy-Authorization"), "{realm}");
        } else {
            assert_eq!(alice.expect_ended(call), parley_sip::endpoint::EndCause::NotAuthorised);
            assert_eq!(pbx.count("INVITE"), 0);
        }
    }
}

#[test]
fn a_line_that_was_never_asked_for_its_password_takes_the_realm_of_its_server() {
    let (_network, alice, pbx) = registered();
    alice.call("sip:bob@pbx.example");
    pbx.reply_with(&pbx.expect("INVITE"), 407, |response| {
        let challenge = DigestChallenge::new("asterisk", "n2", Algorithm::Md5);
        response.headers.push("Proxy-Authenticate", challenge);
    });
    pbx.expect("ACK");
    assert!(pbx.expect("INVITE").headers.has("Proxy-Authorization"));
}

#[test]
fn several_lines_register_beside_each_other_and_fail_alone() {
    let (_network, alice, pbx) = desk();
    for (id, user) in [(2, "bob"), (3, "carol")] {
        let account = Phone::account(&format!("sip:{user}@pbx.example"));
        alice.with(|endpoint, now| endpoint.set_account(now, AccountId(id), account));
    }
    for _ in 0..3 {
        let register = pbx.expect("REGISTER");
        match register.headers.to().unwrap().uri.user().as_deref() {
            Some("bob") => drop(pbx.reply(&register, 404)),
            _ => grant(&pbx, &register, 300),
        }
    }
    let mut states = Vec::new();
    alice.expect("three outcomes", |event| {
        if let Event::Registration { account, state } = event
            && *state != RegistrationState::Registering
        {
            states.push((account.0, matches!(state, RegistrationState::Registered { .. })));
        }
        (states.len() == 3).then_some(())
    });
    states.sort_unstable();
    assert_eq!(states, [(1, true), (2, false), (3, true)]);
}

#[test]
fn an_account_removed_while_it_registers_for_the_first_time_leaves_no_binding() {
    let (network, alice, pbx) = desk();
    let register = pbx.expect("REGISTER");
    alice.with(|endpoint, now| endpoint.remove_account(now, parley_testkit::LINE));
    let last = pbx.expect("REGISTER");
    assert_eq!(contact_of(&last).uri, contact_of(&register).uri);
    assert_eq!(contact_of(&last).expires(), Some(0));
    assert!(last.headers.cseq().unwrap().number > register.headers.cseq().unwrap().number);
    pbx.reply(&last, 200);
    network.run_for(seconds(40));
    assert!(alice.with(|endpoint, _| endpoint.is_idle()));
}

#[test]
fn a_late_challenge_of_the_server_before_teaches_no_realm() {
    let (network, alice, pbx) = registered();
    let new = Peer::new(&network, "10.0.0.7:5060");
    new.accepts(Method::Options);
    network.name("sip.new.test", "10.0.0.7:5060");
    alice.set_account(Phone::account("sip:alice@sip.new.test"));
    let goodbye = pbx.expect("REGISTER");
    grant(&new, &new.expect("REGISTER"), 300);
    back(&alice);
    pbx.reply_with(&goodbye, 401, |response| {
        let challenge = DigestChallenge::new("pbx.example", "n1", Algorithm::Md5);
        response.headers.push("WWW-Authenticate", challenge);
    });
    assert!(pbx.expect("REGISTER").headers.has("Authorization"));
    let call = alice.call("sip:bob@sip.new.test");
    new.reply_with(&new.expect("INVITE"), 407, |response| {
        let challenge = DigestChallenge::new("pbx.example", "n2", Algorithm::Md5);
        response.headers.push("Proxy-Authenticate", challenge);
    });
    assert_eq!(alice.expect_ended(call), parley_sip::endpoint::EndCause::NotAuthorised);
}
