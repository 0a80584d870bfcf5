//! Digest authentication: the vectors of the RFCs, the client against the server side, and what each refuses.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use parley_sip::auth::{
    Algorithm, Attempt, ChallengeRefused, DigestChallenge, DigestClient, DigestSession, Proof, Qop,
};
use parley_sip::headers::Challenge;
use parley_sip::{Headers, Response};

fn challenge(text: &str) -> DigestChallenge {
    DigestChallenge::read(&Challenge::parse_list(&text.replace('\n', " "))[0]).unwrap()
}

fn response_to(text: &str, credentials: (&str, &str), uri: &str, cnonce: &str) -> String {
    let answer = DigestSession::new(challenge(text)).authorize(credentials, ("GET", uri, b""), cnonce);
    answer.params.get("response").unwrap().to_owned()
}

#[test]
fn the_vector_of_rfc_2617_comes_out() {
    let text = r#"Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",
        opaque="5ccc069c403ebaf9f0171e9517f40e41""#;
    let response = response_to(text, ("Mufasa", "Circle Of Life"), "/dir/index.html", "0a4f113b");
    assert_eq!(response, "6629fae49393a05397450978507c4ef1");
}

#[test]
fn the_vectors_of_rfc_7616_come_out() {
    let ask = |algorithm: &str| {
        let text = format!(
            r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm},
            nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#
        );
        let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        response_to(&text, ("Mufasa", "Circle of Life"), "/dir/index.html", cnonce)
    };
    assert_eq!(ask("MD5"), "8ca523f5e9506fed4657c9700eebdbec");
    assert_eq!(
        ask("SHA-256"),
        "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
    );
}

#[test]
fn the_sha_512_256_vector_of_rfc_7616_comes_out_as_its_erratum_4897_has_it() {
    let text = r#"Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256,
        nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS""#;
    let cnonce = "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v";
    let response = response_to(text, ("Jäsøn Doe", "Secret, or not?"), "/doe.json", cnonce);
    assert_eq!(
        response,
        "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"
    );
}

#[test]
fn a_challenge_without_qop_is_answered_the_old_way() {
    let mut session = DigestSession::new(challenge(r#"Digest realm="r", nonce="n""#));
    let answer = session.authorize(("u", "p"), ("REGISTER", "sip:r", b""), "c");
    assert!(!answer.params.has("nc") && !answer.params.has("qop") && !answer.params.has("cnonce"));
    let (a1, a2) = (Algorithm::Md5.hash(b"u:r:p"), Algorithm::Md5.hash(b"REGISTER:sip:r"));
    assert_eq!(
        answer.params.get("response"),
        Some(Algorithm::Md5.hash(format!("{a1}:n:{a2}").as_bytes()).as_str())
    );
}

#[test]
fn every_algorithm_and_protection_is_proven_by_the_right_password_only() {
    for algorithm in Algorithm::ALL {
        for qop in [
            vec![],
            vec![Qop::Auth],
            vec![Qop::AuthInt],
            vec![Qop::AuthInt, Qop::Auth],
        ] {
            let mut asked = DigestChallenge::new("a \"quoted\" realm", "n1", algorithm);
            asked.qop = qop.clone();
            // Through the wire in both directions.
            let mut session = DigestSession::new(challenge(&asked.to_string()));
            assert_eq!(session.challenge(), &asked);
            for cnonce in ["c1", "c2"] {
                let answer = session
                    .authorize(("bob", "s3cret"), ("INVITE", "sip:x@y", b"body"), cnonce)
                    .to_string();
                let attempt = Attempt::read(&Challenge::parse_list(&answer)[0]).unwrap();
                let proven = |method: &str, body: &[u8], password: &str| {
                    attempt.is_proven(method, body, Proof::Password(password))
                };
                assert!(proven("INVITE", b"body", "s3cret"), "{algorithm} {qop:?}");
                assert!(!proven("INVITE", b"body", "wrong"), "{algorithm} {qop:?}");
                assert!(!proven("BYE", b"body", "s3cret"), "{algorithm} {qop:?}");
                let binds_body = qop == [Qop::AuthInt];
                assert_eq!(proven("INVITE", b"other", "s3cret"), !binds_body, "{algorithm} {qop:?}");
                let hash = algorithm.user_hash("bob", "a \"quoted\" realm", "s3cret");
                assert!(attempt.is_proven("INVITE", b"body", Proof::UserHash(&hash)));
            }
        }
    }
}

#[test]
fn the_nonce_count_grows_with_each_use() {
    let mut session = DigestSession::new(challenge(r#"Digest realm="r", nonce="n", qop="auth""#));
    let mut count = || {
        let answer = session.authorize(("u", "p"), ("REGISTER", "sip:r", b""), "c");
        (
            answer.params.get("nc").unwrap().to_owned(),
            Attempt::read(&answer).unwrap().count,
        )
    };
    assert_eq!(count(), ("00000001".to_owned(), 1));
    assert_eq!(count(), ("00000002".to_owned(), 2));
}

fn refused_with(challenges: &[&str]) -> Response {
    let mut response = Response::new(401);
    challenges
        .iter()
        .for_each(|text| response.headers.push("WWW-Authenticate", text));
    response
}

fn authorized(client: &mut DigestClient) -> Headers {
    let mut headers = Headers::new();
    client.authorize(&mut headers, ("REGISTER", "sip:r", b""), "c");
    headers
}

#[test]
fn the_strongest_known_algorithm_of_a_realm_is_answered() {
    let mut client = DigestClient::new("u", "p");
    let response = refused_with(&[
        r#"Digest realm="r", nonce="1", algorithm=MD5"#,
        r#"Digest realm="r", nonce="2", algorithm=SHA3-1024, Digest realm="r", nonce="3", algorithm="SHA-256""#,
        r#"Digest realm="other", nonce="4""#,
        "Bearer authz_server=\"https://x\"",
    ]);
    client.challenged(&response, &Headers::new()).unwrap();
    assert_eq!(client.algorithms(), [Algorithm::Sha256, Algorithm::Md5]);
    let answers = authorized(&mut client).authorization();
    assert_eq!(
        answers
            .iter()
            .filter_map(|answer| answer.params.get("nonce"))
            .collect::<Vec<_>>(),
        ["3", "4"]
    );
}

#[test]
fn a_second_challenge_with_a_fresh_nonce_means_wrong_credentials() {
    let mut client = DigestClient::new("u", "p");
    let ask = |nonce: &str| refused_with(&[&format!(r#"Digest realm="r", nonce="{nonce}", qop="auth""#)]);
    client.challenged(&ask("1"), &Headers::new()).unwrap();
    let sent = authorized(&mut client);
    assert_eq!(
        client.challenged(&ask("2"), &sent),
        Err(ChallengeRefused::WrongCredentials)
    );
    assert!(!client.is_ready());
}

#[test]
fn a_stale_or_forgotten_nonce_is_tried_again() {
    let mut client = DigestClient::new("u", "p");
    let ask =
        |nonce: &str, more: &str| refused_with(&[&format!(r#"Digest realm="r", nonce="{nonce}", qop="auth"{more}"#)]);
    client.challenged(&ask("1", ""), &Headers::new()).unwrap();
    let first = authorized(&mut client);
    assert_eq!(client.challenged(&ask("2", ", stale=TRUE"), &first), Ok(()));
    authorized(&mut client);
    let second_use = authorized(&mut client);
    assert_eq!(client.challenged(&ask("3", ""), &second_use), Ok(()));
    assert_eq!(
        authorized(&mut client).authorization()[0].params.get("nc"),
        Some("00000001")
    );
    authorized(&mut client);
    let third_use = authorized(&mut client);
    assert_eq!(
        client.challenged(&ask("3", ""), &third_use),
        Err(ChallengeRefused::WrongCredentials)
    );
}

#[test]
fn what_cannot_be_answered_is_said() {
    let mut client = DigestClient::new("u", "p");
    assert_eq!(
        client.challenged(&Response::new(401), &Headers::new()),
        Err(ChallengeRefused::NoChallenge)
    );
    for unknown in [
        r#"Basic realm="r""#,
        r#"Digest realm="r", nonce="1", algorithm=X"#,
        r#"Digest realm="r", nonce="1", qop="x""#,
    ] {
        let refused = client.challenged(&refused_with(&[unknown]), &Headers::new());
        assert_eq!(refused, Err(ChallengeRefused::Unsupported), "{unknown}");
    }
}

#[test]
fn a_proxy_is_answered_in_its_own_header() {
    let mut client = DigestClient::new("u", "p");
    let mut response = Response::new(407);
    response
        .headers
        .push("Proxy-Authenticate", r#"Digest realm="r", nonce="1", qop="auth""#);
    client.challenged(&response, &Headers::new()).unwrap();
    let headers = authorized(&mut client);
    assert_eq!(
        (headers.proxy_authorization().len(), headers.authorization().len()),
        (1, 0)
    );
}

#[test]
fn the_password_does_not_show_in_debug_output() {
    assert!(!format!("{:?}", DigestClient::new("u", "topsecret")).contains("topsecret"));
}

#[test]
fn incomplete_credentials_are_no_attempt() {
    let whole =
        r#"Digest username="u", realm="r", nonce="n", uri="sip:r", response="0", qop=auth, nc=00000001, cnonce="c""#;
    assert!(Attempt::read(&Challenge::parse_list(whole)[0]).is_some());
    for (part, by) in [
        ("username=\"u\", ", ""),
        ("nc=00000001", "nc=1"),
        (", cnonce=\"c\"", ""),
        ("Digest", "Basic"),
        ("qop=auth", "qop=x"),
    ] {
        let broken = whole.replace(part, by);
        assert_ne!(broken, whole);
        assert_eq!(Attempt::read(&Challenge::parse_list(&broken)[0]), None, "{broken}");
    }
}

#[test]
fn challenges_of_realms_without_number_do_not_make_later_requests_grow() {
    let mut client = DigestClient::new("alice", "secret");
    for call in 0..50 {
        let mut response = Response::new(407);
        for realm in 0..50 {
            let challenge = DigestChallenge::new(&format!("realm {call} {realm}"), "n", Algorithm::Md5);
            response.headers.push("Proxy-Authenticate", challenge);
        }
        client.challenged(&response, &Headers::new()).unwrap();
    }
    let mut headers = Headers::new();
    client.authorize(&mut headers, ("INVITE", "sip:bob@pbx.example", b""), "c");
    assert!(headers.len() <= 8, "{}", headers.len());
    assert!(headers.get("Proxy-Authorization").unwrap().contains("realm 49 "));
}
