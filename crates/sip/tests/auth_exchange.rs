//! What server and client say beside the challenge: the next nonce, who answered, hashed names, foreign realms.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use parley_sip::auth::{Algorithm, Attempt, ChallengeRefused, DigestChallenge, DigestClient, Proof, Qop, ServerProof};
use parley_sip::headers::Challenge;
use parley_sip::{Headers, Response};

const URI: &str = "sip:pbx.example";

fn challenge(text: &str) -> Response {
    let mut response = Response::new(401);
    response.headers.push("WWW-Authenticate", text);
    response
}

fn client(text: &str) -> DigestClient {
    let mut client = DigestClient::new("alice", "secret");
    client.challenged(&challenge(text), &Headers::new()).unwrap();
    client
}

fn sent(client: &mut DigestClient, cnonce: &str) -> Headers {
    let mut headers = Headers::new();
    client.authorize(&mut headers, ("REGISTER", URI, b""), cnonce);
    headers
}

fn param(headers: &Headers, name: &str) -> Option<String> {
    headers.authorization()[0].params.get(name).map(str::to_owned)
}

fn answer(info: &str, body: &[u8]) -> Response {
    let mut response = Response::new(200);
    response.headers.push("Authentication-Info", info);
    response.body = body.to_vec();
    response
}

/// `rspauth` as the server makes it, from the parameters of our credentials.
fn rspauth(sent: &Headers, algorithm: Algorithm, password: &str, body: Option<&[u8]>) -> String {
    let get = |name: &str| param(sent, name).unwrap();
    let hash = |text: String| algorithm.hash(text.as_bytes());
    let key = algorithm.user_hash("alice", "r", password);
    let (a2, qop) = match body {
        Some(body) => (format!(":{URI}:{}", algorithm.hash(body)), "auth-int"),
        None => (format!(":{URI}"), "auth"),
    };
    let (nonce, nc, cnonce) = (get("nonce"), get("nc"), get("cnonce"));
    hash(format!("{key}:{nonce}:{nc}:{cnonce}:{qop}:{}", hash(a2)))
}

#[test]
fn the_next_nonce_the_server_names_is_used_and_counted_from_one() {
    let mut client = client(r#"Digest realm="r", nonce="n1", qop="auth""#);
    sent(&mut client, "c1");
    let second = sent(&mut client, "c2");
    assert_eq!(param(&second, "nc").as_deref(), Some("00000002"));
    assert_eq!(
        client.answered(&answer(r#"nextnonce="n2""#, b""), &second),
        ServerProof::None
    );
    let third = sent(&mut client, "c3");
    assert_eq!(
        (
            param(&third, "nonce").unwrap().as_str(),
            param(&third, "nc").unwrap().as_str()
        ),
        ("n2", "00000001")
    );
    // The same nonce once more is no new one.
    client.answered(&answer(r#"nextnonce="n2""#, b""), &third);
    assert_eq!(param(&sent(&mut client, "c4"), "nc").as_deref(), Some("00000002"));
}

#[test]
fn a_server_that_knows_the_password_is_told_from_one_that_does_not() {
    for algorithm in [Algorithm::Md5, Algorithm::Sha256, Algorithm::Sha512_256] {
        let mut client = client(&format!(
            r#"Digest realm="r", nonce="n1", qop="auth", algorithm={algorithm}"#
        ));
        let sent = sent(&mut client, "c1");
        let right = rspauth(&sent, algorithm, "secret", None);
        let wrong = rspauth(&sent, algorithm, "guess", None);
        let say = |proof: &str, more: &str| answer(&format!(r#"qop=auth, rspauth="{proof}"{more}"#), b"");
        assert_eq!(client.answered(&say(&right, ""), &sent), ServerProof::Right);
        assert_eq!(
            client.answered(&say(&right, r#", cnonce="c1", nc=00000001"#), &sent),
            ServerProof::Right
        );
        assert_eq!(
            client.answered(&say(&right, r#", cnonce="other""#), &sent),
            ServerProof::Wrong
        );
        let nextnonce = say(&wrong, r#", nextnonce="evil""#);
        assert_eq!(client.answered(&nextnonce, &sent), ServerProof::Wrong);
        assert_eq!(
            param(&self::sent(&mut client, "c2"), "nonce").as_deref(),
            Some("n1"),
            "a false server does not choose the nonce"
        );
    }
}

#[test]
fn the_proof_of_a_protected_body_covers_the_body_of_the_answer() {
    let mut client = client(r#"Digest realm="r", nonce="n1", qop="auth-int""#);
    let sent = sent(&mut client, "c1");
    let proof = rspauth(&sent, Algorithm::Md5, "secret", Some(b"news"));
    let info = format!(r#"qop=auth-int, rspauth="{proof}""#);
    assert_eq!(client.answered(&answer(&info, b"news"), &sent), ServerProof::Right);
    assert_eq!(client.answered(&answer(&info, b"lies"), &sent), ServerProof::Wrong);
}

#[test]
fn a_session_key_stays_bound_to_its_first_nonces() {
    let mut client = client(r#"Digest realm="r", nonce="n1", qop="auth", algorithm=SHA-256-sess"#);
    let first = sent(&mut client, "c1");
    client.answered(&answer(r#"nextnonce="n2""#, b""), &first);
    let second = sent(&mut client, "c2");
    assert_eq!(param(&second, "cnonce").as_deref(), Some("c1"));
    let algorithm = Algorithm::Sha256Sess;
    let hash = |text: String| algorithm.hash(text.as_bytes());
    let key = hash(format!("{}:n1:c1", algorithm.user_hash("alice", "r", "secret")));
    let a2 = hash(format!("REGISTER:{URI}"));
    assert_eq!(
        param(&second, "response"),
        Some(hash(format!("{key}:n2:00000001:c1:auth:{a2}")))
    );
}

#[test]
fn a_name_is_hashed_where_the_server_asks_for_it() {
    let mut client =
        client(r#"Digest realm="r", nonce="n1", qop="auth", algorithm=SHA-256, userhash=true, charset=UTF-8"#);
    let headers = sent(&mut client, "c1");
    assert_eq!(
        param(&headers, "username"),
        Some(Algorithm::Sha256.hash(b"alice:r")),
        "the name itself is not on the wire"
    );
    assert_eq!(param(&headers, "userhash").as_deref(), Some("true"));
    // The response itself is made with the name.
    let key = Algorithm::Sha256.user_hash("alice", "r", "secret");
    let attempt = Attempt::read(&headers.authorization()[0]).unwrap();
    assert!(attempt.is_proven("REGISTER", b"", Proof::UserHash(&key)));
}

#[test]
fn an_unknown_protection_beside_a_known_one_does_no_harm() {
    let read = |qop: &str| {
        DigestChallenge::read(&Challenge::parse_list(&format!(r#"Digest realm="r", nonce="n", qop="{qop}""#))[0])
    };
    assert_eq!(
        read("auth-conf, auth-int,token").unwrap().chosen_qop(),
        Some(Qop::AuthInt)
    );
    assert_eq!(read("auth-int, auth").unwrap().chosen_qop(), Some(Qop::Auth));
    assert_eq!(read("auth-conf"), None);
}

#[test]
fn realms_that_are_not_our_own_get_nothing() {
    let mut client = DigestClient::new("alice", "secret");
    let foreign = challenge(r#"Digest realm="evil.example", nonce="n1", qop="auth""#);
    let refused = client.challenged_within(&foreign, &Headers::new(), |realm| realm == "r");
    assert_eq!(refused, Err(ChallengeRefused::ForeignRealm));
    assert!(!client.is_ready());
    let mut both = foreign;
    both.headers
        .push("WWW-Authenticate", r#"Digest realm="r", nonce="n2", qop="auth""#);
    client
        .challenged_within(&both, &Headers::new(), |realm| realm == "r")
        .unwrap();
    assert_eq!(client.realms().collect::<Vec<_>>(), ["r"]);
}

#[test]
fn a_protection_space_says_where_credentials_may_go_unasked() {
    let client = client(r#"Digest realm="r", nonce="n", domain="sip:pbx.example sips:gate.example:5061""#);
    let covers = |uri: &str| client.covers(&uri.parse().unwrap());
    assert!(covers("sip:bob@pbx.example") && covers("sip:gate.example"));
    assert!(!covers("sip:bob@elsewhere.example"));
    let everything = DigestChallenge::new("r", "n", Algorithm::Md5);
    assert!(everything.covers(&"sip:bob@elsewhere.example".parse().unwrap()));
    // A web server's path is no SIP address.
    let mut web = everything;
    web.domain = vec!["/".to_owned()];
    assert!(web.covers(&"sip:bob@elsewhere.example".parse().unwrap()));
}

#[test]
fn an_answer_to_what_carried_no_credentials_proves_nothing() {
    let mut client = client(r#"Digest realm="r", nonce="n1", qop="auth""#);
    let info = answer(r#"rspauth="0123", nextnonce="n2""#, b"");
    assert_eq!(client.answered(&info, &Headers::new()), ServerProof::None);
    assert_eq!(param(&sent(&mut client, "c"), "nonce").as_deref(), Some("n1"));
}
