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

/// REGISTER with these header fields, its challenge, its proof, and the last answer.
fn register_with(town: &mut Town, contact: &str, extra: &[(&str, &str)]) -> parley_sip::Response {
    let mut request = town.request(Method::Register, "100", "100", udp(6000));
    request.headers.set("Contact", contact);
    extra
        .iter()
        .for_each(|(name, value)| request.headers.push(*name, value));
    town.send(udp(6000), request.clone());
    let challenged = town.responses(udp(6000)).remove(0);
    let again = authorized(
        &request,
        &challenged,
        "100",
        "practice-100",
        "Authorization",
        "WWW-Authenticate",
    );
    town.send(udp(6000), again);
    town.responses(udp(6000)).remove(0)
}

const INSTANCE: &str = "<sip:100@127.0.0.1:6000>;+sip.instance=\"<urn:uuid:1-2-3>\"";

#[test]
fn an_instance_that_asks_for_it_gets_an_address_of_its_own() {
    let mut town = town();
    let ok = register_with(&mut town, INSTANCE, &[("Supported", "gruu, outbound, path")]);
    assert_eq!(ok.code(), 200);
    let contact = ok.headers.contact().unwrap();
    assert_eq!(contact.params.get("+sip.instance"), Some("<urn:uuid:1-2-3>"));
    let gruu = contact.params.get("pub-gruu").unwrap().to_owned();
    assert_eq!(gruu, format!("sip:100@{HERE};gr=urn:uuid:1-2-3"));
    town.register("100", tcp(7000));
    for (uri, phones) in [(gruu.as_str(), 1), ("sip:100@127.0.0.1:5060", 2)] {
        let mut invite = town.request(Method::Invite, "100", "100", udp(6000));
        invite.uri = uri.parse().unwrap();
        town.send(udp(6000), invite);
        let rung = town.requests(udp(6000)).len() + town.requests(tcp(7000)).len();
        assert_eq!(rung, phones, "{uri}");
        town.responses(udp(6000));
    }
}

#[test]
fn each_flow_of_an_instance_has_a_binding_and_a_new_address_replaces_the_old_one() {
    let mut town = town();
    let flow = |port: u16, id: u8| {
        INSTANCE
            .replace("6000", &port.to_string())
            .replace(";+sip", &format!(";reg-id={id};+sip"))
    };
    let outbound = [("Supported", "outbound")];
    let ok = register_with(&mut town, &flow(6000, 1), &outbound);
    assert_eq!(
        (ok.headers.require(), ok.headers.get("Flow-Timer")),
        (vec!["outbound"], Some("120"))
    );
    assert_eq!(
        register_with(&mut town, &flow(6001, 2), &outbound)
            .headers
            .contacts()
            .len(),
        2
    );
    let moved = register_with(&mut town, &flow(6002, 1), &outbound);
    let contacts: Vec<String> = moved
        .headers
        .contacts()
        .iter()
        .map(|contact| contact.uri.to_string())
        .collect();
    assert_eq!(contacts, ["sip:100@127.0.0.1:6002", "sip:100@127.0.0.1:6001"]);
    let both = format!("{}, {}", flow(6003, 1), flow(6004, 2));
    assert_eq!(register_with(&mut town, &both, &outbound).code(), 400);
}

#[test]
fn a_path_is_kept_and_used() {
    let mut town = town();
    let path = "<sip:127.0.0.1:9000;lr>";
    let ok = register_with(
        &mut town,
        &contact("100", udp(6000)),
        &[("Path", path), ("Supported", "path")],
    );
    assert_eq!((ok.code(), ok.headers.get("Path")), (200, Some(path)));
    let invite = town.request(Method::Invite, "100", "100", udp(6000));
    town.send(udp(6000), invite);
    let copy = town.one_request(udp(6000), Method::Invite);
    assert_eq!(copy.headers.get("Route"), Some(path));
}

#[test]
fn an_extension_nobody_knows_is_refused_by_name() {
    let mut town = town();
    let refused = register_with(&mut town, &contact("100", udp(6000)), &[("Require", "path, teleport")]);
    assert_eq!(
        (refused.code(), refused.headers.get("Unsupported")),
        (420, Some("teleport"))
    );
}
