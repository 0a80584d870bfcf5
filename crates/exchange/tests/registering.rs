//! The registrar.
#![allow(clippy::unwrap_used, missing_docs)]
mod town;
use parley_exchange::{Algorithm, ExchangeConfig};
use parley_sip::Method;
use town::*;

#[test]
fn a_user_is_challenged_and_let_in_with_the_password() {
    let algorithms = vec![Algorithm::Sha256, Algorithm::Md5];
    let mut town = town_with(ExchangeConfig {
        algorithms,
        ..ExchangeConfig::default()
    });
    let request = town.request(Method::Register, "100", "100", udp(6000));
    town.send(udp(6000), request);
    let challenged = town.responses(udp(6000)).remove(0);
    assert_eq!(challenged.code(), 401);
    let algorithms: Vec<_> = challenged
        .headers
        .www_authenticate()
        .iter()
        .map(|c| c.params.get("algorithm").unwrap().to_owned())
        .collect();
    assert_eq!(algorithms, ["SHA-256", "MD5"]);
    assert_eq!(
        challenged.headers.www_authenticate()[0].params.get("realm"),
        Some("practice.parley")
    );
    let accepted = town.try_register("100", "practice-100", udp(6000), 300);
    assert_eq!(accepted.code(), 200);
    let contact = accepted.headers.contact().unwrap();
    assert_eq!(
        (contact.uri.to_string().as_str(), contact.expires()),
        ("sip:100@127.0.0.1:6000", Some(300))
    );
}

#[test]
fn an_algorithm_that_was_not_offered_is_refused() {
    let mut town = town_with(ExchangeConfig {
        algorithms: vec![Algorithm::Sha256],
        ..ExchangeConfig::default()
    });
    let request = town.request(Method::Register, "100", "100", udp(6000));
    town.send(udp(6000), request.clone());
    let mut challenged = town.responses(udp(6000)).remove(0);
    let pretended = challenged
        .headers
        .get("WWW-Authenticate")
        .unwrap()
        .replace("SHA-256", "MD5");
    challenged.headers.set("WWW-Authenticate", pretended);
    let answer = authorized(
        &request,
        &challenged,
        "100",
        "practice-100",
        "Authorization",
        "WWW-Authenticate",
    );
    town.send(udp(6000), answer);
    assert_eq!(town.codes(udp(6000)), [403]);
}

#[test]
fn a_wrong_password_and_an_unknown_user_are_told_apart() {
    let mut town = town();
    assert_eq!(town.try_register("100", "wrong", udp(6000), 300).code(), 403);
    assert_eq!(town.try_register("999", "any", udp(6000), 300).code(), 404);
}

#[test]
fn nobody_registers_for_somebody_else() {
    let mut town = town();
    let request = town.request(Method::Register, "100", "100", udp(6000));
    town.send(udp(6000), request.clone());
    let challenged = town.responses(udp(6000)).remove(0);
    let as_200 = authorized(
        &request,
        &challenged,
        "200",
        "practice-200",
        "Authorization",
        "WWW-Authenticate",
    );
    town.send(udp(6000), as_200);
    assert_eq!(town.codes(udp(6000)), [403]);
}

#[test]
fn a_replayed_answer_and_an_old_nonce_are_challenged_as_stale() {
    let mut town = town();
    let request = town.request(Method::Register, "100", "100", udp(6000));
    town.send(udp(6000), request.clone());
    let challenged = town.responses(udp(6000)).remove(0);
    let answer = authorized(
        &request,
        &challenged,
        "100",
        "practice-100",
        "Authorization",
        "WWW-Authenticate",
    );
    town.send(udp(6000), answer.clone());
    assert_eq!(town.codes(udp(6000)), [200]);
    town.send(udp(6000), next(&answer));
    let replayed = town.responses(udp(6000)).remove(0);
    assert_eq!(replayed.code(), 401);
    assert_eq!(replayed.headers.www_authenticate()[0].params.get("stale"), Some("true"));
    town.wait(301.0);
    let late = authorized(
        &next(&request),
        &replayed,
        "100",
        "practice-100",
        "Authorization",
        "WWW-Authenticate",
    );
    town.send(udp(6000), late);
    assert_eq!(town.codes(udp(6000)), [401]);
}

#[test]
fn a_registration_ends_by_itself_or_when_taken_back() {
    let mut town = town();
    town.register("200", udp(7000));
    town.register("100", udp(6000));
    town.wait(299.0);
    town.register("100", udp(6000));
    let calls = |town: &mut Town| {
        let invite = town.request(Method::Invite, "100", "200", udp(6000));
        town.send(udp(6000), invite);
        let rings = !town.requests(udp(7000)).is_empty();
        (rings, town.codes(udp(6000)))
    };
    assert_eq!(calls(&mut town), (true, vec![]));
    town.wait(2.0);
    town.responses(udp(6000));
    town.requests(udp(7000));
    assert_eq!(calls(&mut town), (false, vec![480]));
    town.register("200", udp(7000));
    assert_eq!(
        town.try_register("200", "practice-200", udp(7000), 0)
            .headers
            .contacts(),
        []
    );
    assert_eq!(calls(&mut town), (false, vec![480]));
}

#[test]
fn times_are_bounded_on_both_sides() {
    let mut town = town();
    let short = town.try_register("100", "practice-100", udp(6000), 3);
    assert_eq!((short.code(), short.headers.min_expires()), (423, Some(10)));
    let long = town.try_register("100", "practice-100", udp(6000), 1_000_000);
    assert_eq!(long.headers.contact().unwrap().expires(), Some(600));
}

#[test]
fn only_eight_phones_fit_and_the_oldest_makes_room() {
    let mut town = town();
    for port in 6000..6009 {
        town.register("100", udp(port));
    }
    let listed = town
        .try_register("100", "practice-100", udp(6008), 300)
        .headers
        .contacts();
    assert_eq!(listed.len(), 8);
    assert!(!listed.iter().any(|contact| contact.uri.to_string().contains(":6000")));
}

#[test]
fn noise_is_ignored() {
    let mut town = town();
    for bytes in [
        &b""[..],
        b"\r\n\r\n",
        b"\0\xff\xfe",
        b"GET / HTTP/1.1\r\n\r\n",
        b"SIP/2.0 200 OK\r\n\r\n",
    ] {
        town.core.handle(
            town.now,
            parley_exchange::Input::Received {
                peer: udp(1),
                bytes: bytes.to_vec(),
            },
        );
        town.collect();
        assert!(town.mail.is_empty(), "{bytes:?}");
    }
}
