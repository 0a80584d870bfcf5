//! An account at its registrar (RFC 3261 section 10).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::Transport;
use parley_sip::auth::{Algorithm, Attempt, DigestChallenge, Proof};
use parley_sip::endpoint::{
    Credentials, Endpoint, EndpointConfig, Flow, FlowId, Input, Output, RegistrationFailure, RegistrationState, Secret,
    TransportError,
};
use parley_sip::{Method, Request};
use parley_testkit::{LINE, Network, Peer, Phone};

fn desk() -> (Network, Phone, Peer) {
    let network = Network::new(3);
    let pbx = Peer::new(&network, BOB);
    pbx.accepts(Method::Options);
    network.name("pbx.example", BOB);
    let alice = Phone::registering(&network, ALICE, "sip:alice@pbx.example");
    (network, alice, pbx)
}

fn challenge(pbx: &Peer, register: &Request, nonce: &str, stale: bool) {
    let mut challenge = DigestChallenge::new("pbx.example", nonce, Algorithm::Sha256);
    challenge.stale = stale;
    pbx.reply_with(register, 401, |response| {
        response.headers.push("WWW-Authenticate", challenge.to_challenge())
    });
}

fn proves(register: &Request, password: &str) -> bool {
    let authorization = register.headers.authorization();
    let attempt = Attempt::read(authorization.first().expect("credentials")).expect("a digest");
    attempt.is_proven("REGISTER", b"", Proof::Password(password))
}

#[test]
fn a_register_names_the_account_and_a_contact_that_reaches_it() {
    let (_network, alice, pbx) = desk();
    let register = pbx.expect("REGISTER");
    assert_eq!(register.uri.to_string(), "sip:pbx.example");
    assert_eq!(register.headers.to().unwrap().uri.to_string(), "sip:alice@pbx.example");
    let contact = contact_of(&register).uri;
    let contact = contact.sip().unwrap();
    assert_eq!(
        (
            contact.user_text().unwrap().as_str(),
            contact.host_port().to_string().as_str()
        ),
        ("alice", ALICE)
    );
    assert!(contact.params.get("line").is_some_and(|line| line.len() >= 16));
    grant(&pbx, &register, 300);
    match alice.expect_registration() {
        RegistrationState::Registered { expires, server, .. } => {
            assert_eq!((expires, server.as_str()), (seconds(300), "Exchange 1"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_challenge_is_answered_with_a_higher_cseq_in_the_same_call_id() {
    let (_network, alice, pbx) = desk();
    let first = pbx.expect("REGISTER");
    challenge(&pbx, &first, "n1", false);
    let second = pbx.expect("REGISTER");
    assert!(proves(&second, "secret"));
    assert_eq!(first.headers.call_id(), second.headers.call_id());
    assert!(second.headers.cseq().unwrap().number > first.headers.cseq().unwrap().number);
    grant(&pbx, &second, 300);
    assert!(matches!(
        alice.expect_registration(),
        RegistrationState::Registered { .. }
    ));
}

#[test]
fn a_stale_nonce_is_no_wrong_password() {
    let (_network, alice, pbx) = desk();
    challenge(&pbx, &pbx.expect("REGISTER"), "n1", false);
    challenge(&pbx, &pbx.expect("REGISTER"), "n2", true);
    let third = pbx.expect("REGISTER");
    assert!(proves(&third, "secret"));
    grant(&pbx, &third, 300);
    assert!(matches!(
        alice.expect_registration(),
        RegistrationState::Registered { .. }
    ));
}

#[test]
fn a_second_challenge_after_our_credentials_means_a_wrong_password_and_is_not_tried_again() {
    let (network, alice, pbx) = desk();
    challenge(&pbx, &pbx.expect("REGISTER"), "n1", false);
    challenge(&pbx, &pbx.expect("REGISTER"), "n2", false);
    assert_eq!(failure(&alice), (RegistrationFailure::WrongPassword, None));
    network.run_for(seconds(3600));
    assert_eq!(pbx.count("REGISTER"), 0);

    let credentials = Credentials {
        user: "alice".into(),
        password: Secret::new("better"),
    };
    alice.with(|endpoint, now| endpoint.set_credentials(now, LINE, Some(credentials)));
    challenge(&pbx, &pbx.expect("REGISTER"), "n3", false);
    assert!(proves(&pbx.expect("REGISTER"), "better"));
}

fn forbidden_with_credentials(reason: &str) -> (RegistrationFailure, Option<std::time::Duration>) {
    let (_network, alice, pbx) = desk();
    challenge(&pbx, &pbx.expect("REGISTER"), "n1", false);
    pbx.reply_with(&pbx.expect("REGISTER"), 403, |response| response.reason = reason.into());
    failure(&alice)
}

#[test]
fn a_forbidden_is_a_wrong_password_only_where_one_was_sent_and_is_blamed() {
    for reason in ["Wrong password", "Forbidden (Bad auth)", "Authentication failed"] {
        let failed = forbidden_with_credentials(reason);
        assert_eq!(failed, (RegistrationFailure::WrongPassword, None), "{reason}");
    }
    for reason in ["Forbidden", "Not authorized from this address", "Unauthorised device"] {
        let (why, retry_in) = forbidden_with_credentials(reason);
        assert_eq!(why, RegistrationFailure::Forbidden { reason: reason.into() });
        assert!(retry_in.is_some(), "an administrator may change it");
    }
}

#[test]
fn a_forbidden_without_a_password_sent_says_nothing_about_it() {
    for reason in ["Line closed", "Wrong password", "Unauthorised"] {
        let (_network, alice, pbx) = desk();
        pbx.reply_with(&pbx.expect("REGISTER"), 403, |response| response.reason = reason.into());
        let refused = RegistrationFailure::Refused {
            code: 403,
            reason: reason.into(),
        };
        assert_eq!(failure(&alice).0, refused);
    }
}

#[test]
fn a_forbidden_after_the_password_was_right_is_no_wrong_password() {
    let (_network, alice, pbx) = desk();
    challenge(&pbx, &pbx.expect("REGISTER"), "n1", false);
    grant(&pbx, &pbx.expect("REGISTER"), 60);
    back(&alice);
    let refresh = pbx.expect("REGISTER");
    assert!(refresh.headers.has("Authorization"));
    pbx.reply_with(&refresh, 403, |response| response.reason = "Bad auth".into());
    let (why, retry_in) = failure(&alice);
    assert!(matches!(why, RegistrationFailure::Refused { code: 403, .. }), "{why:?}");
    assert!(retry_in.is_some());
}

#[test]
fn an_unknown_user_is_told() {
    let (_network, alice, pbx) = desk();
    pbx.reply(&pbx.expect("REGISTER"), 404);
    assert_eq!(failure(&alice).0, RegistrationFailure::NoSuchUser);
}

#[test]
fn an_unknown_domain_is_told_and_tried_again_with_growing_pauses() {
    let network = Network::new(3);
    let alice = Phone::registering(&network, ALICE, "sip:alice@nowhere.example");
    let mut last = seconds(1);
    for _ in 0..5 {
        let (why, retry_in) = failure(&alice);
        assert_eq!(why, RegistrationFailure::UnknownDomain);
        let pause = retry_in.unwrap();
        assert!(pause >= last.mul_f64(0.9), "{pause:?} after {last:?}");
        last = pause;
    }
    assert!(last >= seconds(30));
}

#[test]
fn a_server_that_does_not_answer_is_told_after_32_seconds_and_not_hammered() {
    let (network, alice, pbx) = desk();
    network.unplug(BOB);
    assert_eq!(failure(&alice).0, RegistrationFailure::NoAnswer);
    assert!(network.elapsed() >= seconds(32) && network.elapsed() < seconds(33));
    network.run_for(seconds(3600));
    network.plug_in(BOB);
    pbx.count("REGISTER");
    // However long it was away, it is found again within the longest pause.
    let before = network.elapsed();
    let register = pbx.expect_within("REGISTER", seconds(700));
    assert!(network.elapsed() - before < seconds(640));
    grant(&pbx, &register, 300);
    assert!(matches!(
        alice.expect("registered again", |event| match event {
            parley_sip::endpoint::Event::Registration {
                state: state @ RegistrationState::Registered { .. },
                ..
            } => Some(state.clone()),
            _ => None,
        }),
        RegistrationState::Registered { .. }
    ));
}

#[test]
fn a_busy_server_is_left_alone_as_long_as_it_says() {
    let (network, alice, pbx) = desk();
    pbx.reply_with(&pbx.expect("REGISTER"), 503, |response| {
        response.headers.push("Retry-After", 90)
    });
    let (why, retry_in) = failure(&alice);
    assert!(matches!(why, RegistrationFailure::ServerTrouble { code: 503, .. }));
    assert!(retry_in.unwrap() >= seconds(90));
    network.run_for(seconds(89));
    assert_eq!(pbx.count("REGISTER"), 0);
    network.run_for(seconds(12));
    assert!(pbx.count("REGISTER") > 0);
}

#[test]
fn too_short_an_interval_is_raised_to_what_the_server_wants() {
    let (_network, alice, pbx) = desk();
    pbx.reply_with(&pbx.expect("REGISTER"), 423, |response| {
        response.headers.push("Min-Expires", 1200)
    });
    let register = pbx.expect("REGISTER");
    assert_eq!(register.headers.expires(), Some(1200));
    grant(&pbx, &register, 1200);
    assert!(
        matches!(alice.expect_registration(), RegistrationState::Registered { expires, .. } if expires == seconds(1200))
    );
}

#[test]
fn the_registration_is_refreshed_well_before_what_the_server_granted() {
    let (network, alice, pbx) = registered();
    let before = network.elapsed();
    for _ in 0..3 {
        let register = pbx.expect_within("REGISTER", seconds(300));
        grant(&pbx, &register, 60);
        network.run_for(seconds(1));
    }
    assert!(network.elapsed() - before < seconds(240 + 50 + 50));
    let states = alice.events();
    assert!(
        !format!("{states:?}").contains("Registering"),
        "a refresh is no news: {states:?}"
    );
}

#[test]
fn a_flow_is_kept_alive() {
    let (network, _alice, pbx) = registered();
    network.run_for(seconds(105));
    assert_eq!(pbx.keep_alives(), 4);
}

#[test]
fn removing_the_account_takes_the_binding_away() {
    let (_network, alice, pbx) = registered();
    alice.with(|endpoint, now| endpoint.remove_account(now, LINE));
    let register = pbx.expect("REGISTER");
    assert_eq!(
        (register.headers.expires(), contact_of(&register).expires()),
        (Some(0), Some(0))
    );
    assert_eq!(alice.expect_registration(), RegistrationState::Off);
    challenge(&pbx, &register, "n9", false);
    assert!(
        proves(&pbx.expect("REGISTER"), "secret"),
        "a challenge to the farewell is answered too"
    );
}

#[test]
fn behind_a_translator_the_address_learned_is_registered_once_and_the_other_removed() {
    let network = Network::new(3);
    let pbx = Peer::new(&network, BOB);
    pbx.accepts(Method::Options);
    network.name("pbx.example", BOB);
    let alice = Phone::registering(&network, ALICE, "sip:alice@pbx.example");
    network.translate(ALICE, "192.0.2.7:33000");
    let mut register = pbx.expect("REGISTER");
    note_source(&mut register);
    grant(&pbx, &register, 300);
    let mut again = pbx.expect("REGISTER");
    let contacts = again.headers.contacts();
    assert_eq!(
        contacts[0].uri.sip().unwrap().host_port().to_string(),
        "192.0.2.7:33000"
    );
    assert_eq!(contacts[1].uri.sip().unwrap().host_port().to_string(), ALICE);
    assert_eq!(contacts[1].expires(), Some(0));
    note_source(&mut again);
    grant(&pbx, &again, 300);
    assert!(matches!(
        alice.expect_registration(),
        RegistrationState::Registered { .. }
    ));
    network.run_for(seconds(60));
    assert_eq!(pbx.count("REGISTER"), 0);
}

fn note_source(register: &mut Request) {
    note(register, "192.0.2.7:33000");
}

fn note(request: &mut Request, source: &str) {
    let mut via = request.headers.via().unwrap();
    via.note_source(source.parse().unwrap());
    request.headers.set("Via", via);
}

#[test]
fn a_translator_that_forgot_its_mapping_is_noticed_by_the_next_question() {
    let network = Network::new(3);
    let pbx = Peer::new(&network, BOB);
    network.name("pbx.example", BOB);
    let alice = Phone::registering(&network, ALICE, "sip:alice@pbx.example");
    network.translate(ALICE, "192.0.2.7:33000");
    for _ in 0..2 {
        let mut register = pbx.expect("REGISTER");
        note_source(&mut register);
        grant(&pbx, &register, 3600);
    }
    back(&alice);
    // The same as before: nothing to do.
    let mut options = pbx.expect_within("OPTIONS", seconds(40));
    note_source(&mut options);
    pbx.reply(&options, 200);
    network.run_for(seconds(5));
    assert_eq!(pbx.count("REGISTER"), 0);
    network.translate(ALICE, "192.0.2.7:44000");
    let mut options = pbx.expect_within("OPTIONS", seconds(80));
    note(&mut options, "192.0.2.7:44000");
    pbx.reply(&options, 200);
    let contacts = pbx.expect("REGISTER").headers.contacts();
    let bound: Vec<_> = contacts
        .iter()
        .map(|contact| (contact.uri.sip().unwrap().host_port().to_string(), contact.expires()))
        .collect();
    assert_eq!(bound[0].0, "192.0.2.7:44000");
    assert!(bound.contains(&("192.0.2.7:33000".to_owned(), Some(0))), "{bound:?}");
}

fn tcp_desk() -> (Network, Phone, Peer) {
    let network = Network::new(3);
    let pbx = Peer::new(&network, BOB);
    pbx.accepts(Method::Options);
    network.name("pbx.example", BOB);
    let alice = Phone::new(&network, ALICE);
    let mut account = Phone::account("sip:alice@pbx.example");
    account.transport = Some(Transport::Tcp);
    alice.set_account(account);
    (network, alice, pbx)
}

#[test]
fn a_contact_over_tcp_says_so() {
    let (_network, _alice, pbx) = tcp_desk();
    let register = pbx.expect("REGISTER");
    let contact = contact_of(&register).uri;
    assert_eq!(contact.sip().unwrap().transport(), Some(Transport::Tcp));
    assert_eq!(
        contact.sip().unwrap().port,
        Some(register.headers.via().unwrap().sent_by.port.unwrap())
    );
}

#[test]
fn a_broken_connection_is_told_and_registered_anew_within_seconds() {
    let (network, alice, pbx) = tcp_desk();
    let first = pbx.expect("REGISTER");
    grant(&pbx, &first, 300);
    alice.expect_registration();
    network.break_connections(BOB);
    let (why, retry_in) = failure(&alice);
    assert_eq!(why, RegistrationFailure::Unreachable(TransportError::Closed));
    assert!(retry_in.unwrap() < seconds(3));
    let again = pbx.expect("REGISTER");
    let contacts = again.headers.contacts();
    assert_eq!(
        contacts.len(),
        2,
        "the dead connection's binding is removed: {contacts:?}"
    );
    grant(&pbx, &again, 300);
    assert!(matches!(
        alice.expect_registration(),
        RegistrationState::Registered { .. }
    ));
}

#[test]
fn a_refused_connection_is_told() {
    let network = Network::new(3);
    let _pbx = Peer::new(&network, BOB);
    network.name("pbx.example", BOB);
    network.refuse_tcp(BOB);
    let alice = Phone::new(&network, ALICE);
    let mut account = Phone::account("sip:alice@pbx.example");
    account.transport = Some(Transport::Tcp);
    alice.set_account(account);
    assert_eq!(
        failure(&alice).0,
        RegistrationFailure::Unreachable(TransportError::Refused)
    );
}

#[test]
fn an_outbound_proxy_is_a_loose_route_and_the_way() {
    let network = Network::new(3);
    let proxy = Peer::new(&network, "10.0.0.9:5080");
    let alice = Phone::new(&network, ALICE);
    let mut account = Phone::account("sip:alice@pbx.example");
    account.outbound_proxy = Some("sip:10.0.0.9:5080".parse().unwrap());
    alice.set_account(account);
    let register = proxy.expect("REGISTER");
    assert_eq!(register.uri.to_string(), "sip:pbx.example");
    assert!(register.headers.route()[0].uri.sip().unwrap().is_loose_router());
    grant(&proxy, &register, 300);
    alice.expect_registration();
    alice.call("sip:bob@elsewhere.example");
    let invite = proxy.expect("INVITE");
    assert_eq!(invite.uri.to_string(), "sip:bob@elsewhere.example");
    assert_eq!(invite.headers.route().len(), 1);
    assert_eq!(invite.method, Method::Invite);
}

#[test]
fn a_contact_that_was_rewritten_on_the_way_still_tells_how_long_it_holds() {
    let (_network, alice, pbx) = desk();
    pbx.reply_with(&pbx.expect("REGISTER"), 200, |response| {
        response
            .headers
            .push("Contact", "<sip:alice@192.0.2.7:33000>;expires=60")
    });
    let state = alice.expect_registration();
    assert!(
        matches!(state, RegistrationState::Registered { expires, .. } if expires == seconds(60)),
        "{state:?}"
    );
}

#[test]
fn a_busy_server_that_asks_to_come_back_at_once_is_not_hammered() {
    let (network, _alice, pbx) = desk();
    for _ in 0..6 {
        pbx.reply_with(&pbx.expect("REGISTER"), 503, |response| {
            response.headers.push("Retry-After", 0)
        });
    }
    assert!(network.elapsed() > seconds(30), "{:?}", network.elapsed());
}

#[test]
fn a_password_that_was_right_before_is_tried_again_after_a_while() {
    let (network, alice, pbx) = registered();
    // A server that is just starting knows nobody yet, and asks whoever comes for a password again and again.
    for nonce in ["n1", "n2"] {
        challenge(&pbx, &pbx.expect_within("REGISTER", seconds(300)), nonce, false);
    }
    let (why, retry_in) = failure(&alice);
    assert_eq!(why, RegistrationFailure::WrongPassword);
    assert!(retry_in.is_some_and(|pause| (seconds(60)..seconds(70)).contains(&pause)));
    for nonce in ["n3", "n4"] {
        challenge(&pbx, &pbx.expect("REGISTER"), nonce, false);
    }
    assert!(
        failure(&alice).1.unwrap() >= seconds(600),
        "an account shall not be locked for it"
    );
    grant(&pbx, &pbx.expect_within("REGISTER", seconds(700)), 300);
    assert!(matches!(
        alice.expect_registration(),
        RegistrationState::Registered { .. }
    ));
    // A new password has to prove itself.
    let credentials = Credentials {
        user: "alice".into(),
        password: Secret::new("other"),
    };
    alice.with(|endpoint, now| endpoint.set_credentials(now, LINE, Some(credentials)));
    for nonce in ["n5", "n6"] {
        challenge(&pbx, &pbx.expect("REGISTER"), nonce, false);
    }
    assert_eq!(failure(&alice).1, None);
    network.run_for(seconds(1));
}

/// Not random at all, which does no harm here.
struct Lots(u64);

impl rand_core::RngCore for Lots {
    fn next_u32(&mut self) -> u32 {
        self.next_u64() as u32
    }

    fn next_u64(&mut self) -> u64 {
        self.0 += 0x1234_5678_9abc;
        self.0
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

#[test]
fn a_large_register_without_any_way_left_is_tried_again() {
    let now = std::time::Instant::now();
    let mut endpoint = Endpoint::new(EndpointConfig::default(), Box::new(Lots(1)));
    let mut account = Phone::account("sip:alice@10.0.0.2");
    account.display_name = "x".repeat(1300);
    endpoint.set_account(now, LINE, account);
    let opened = |endpoint: &mut Endpoint| {
        std::iter::from_fn(|| endpoint.poll()).find_map(|output| match output {
            Output::Open { route, .. } => Some(route),
            _ => None,
        })
    };
    let route = opened(&mut endpoint).unwrap();
    let flow = Flow {
        id: FlowId(1),
        transport: Transport::Udp,
        local: ALICE.parse().unwrap(),
        remote: BOB.parse().unwrap(),
    };
    endpoint.handle(now, Input::Opened { route, flow });
    let by_tcp = opened(&mut endpoint).unwrap();
    let why = TransportError::Unreachable;
    let closed = Input::Closed {
        flow: flow.id,
        why: why.clone(),
    };
    endpoint.handle(now, closed);
    endpoint.handle(now, Input::OpenFailed { route: by_tcp, why });
    endpoint.wake(now + seconds(20));
    assert!(opened(&mut endpoint).is_some(), "it asks for a way again");
}
