//! Calls through a server that is several machines, and the ways requests in a call take.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::Transport;
use parley_sip::auth::{Algorithm, DigestChallenge};
use parley_sip::endpoint::{Event, SessionId};
use parley_testkit::{Network, Peer, Phone, sdp};

const NODE: &str = "10.0.0.22:5060";

fn challenge(realm: &str) -> String {
    DigestChallenge::new(realm, "n1", Algorithm::Md5)
        .to_challenge()
        .to_string()
}

/// A call set up through the registered server that goes on by another machine.
fn handed_over(route: &str) -> (Network, Phone, Peer, Peer, SessionId) {
    let (network, alice, pbx) = registered();
    let node = Peer::new(&network, NODE);
    network.name("node2.pbx.example", NODE);
    let call = alice.call("sip:600@pbx.example");
    pbx.reply_with(&pbx.expect("INVITE"), 407, |response| {
        response.headers.push("Proxy-Authenticate", challenge("pbx.example"))
    });
    pbx.expect("ACK");
    pbx.reply_with(&pbx.expect("INVITE"), 200, |response| {
        response.headers.push("Record-Route", route);
    });
    alice.expect_answered(call);
    node.expect("ACK");
    (network, alice, pbx, node, call)
}

#[test]
fn a_node_of_the_own_server_gets_credentials_in_a_call() {
    let (_network, alice, _pbx, node, call) = handed_over("<sip:node2.pbx.example;lr>");
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    let hold = node.expect("INVITE");
    node.reply_with(&hold, 407, |response| {
        response.headers.push("Proxy-Authenticate", challenge("pbx.example"))
    });
    node.expect("ACK");
    let again = node.expect("INVITE");
    assert!(again.headers.has("Proxy-Authorization"));
    node.reply(&again, 200);
    alice.expect("the hold", |event| {
        matches!(event, Event::ReofferAccepted { .. }).then_some(())
    });
    alice.hang_up(call);
    let bye = node.expect("BYE");
    assert_eq!(
        bye.headers.cseq().unwrap().number,
        again.headers.cseq().unwrap().number + 1
    );
}

#[test]
fn a_node_gets_no_credentials_for_the_realm_of_somebody_else() {
    let (_network, alice, _pbx, node, call) = handed_over("<sip:node2.pbx.example;lr>");
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    node.reply_with(&node.expect("INVITE"), 407, |response| {
        response.headers.push("Proxy-Authenticate", challenge("bank.example"))
    });
    let code = alice.expect("the refusal", |event| match event {
        Event::ReofferRefused { code, .. } => Some(*code),
        _ => None,
    });
    assert_eq!(code, 407);
    assert_eq!(node.count("INVITE"), 0);
}

#[test]
fn a_goodbye_that_an_unknown_machine_wants_proven_goes_through_the_own_server() {
    let (_network, alice, pbx, node, call) = handed_over("<sip:10.0.0.22;lr>");
    alice.hang_up(call);
    let bye = node.expect("BYE");
    assert!(!bye.headers.has("Proxy-Authorization"));
    node.reply_with(&bye, 407, |response| {
        response.headers.push("Proxy-Authenticate", challenge("pbx.example"))
    });
    let again = pbx.expect("BYE");
    assert_eq!(again.headers.route(), bye.headers.route());
    assert!(again.headers.cseq().unwrap().number > bye.headers.cseq().unwrap().number);
    pbx.reply(&again, 200);
}

#[test]
fn both_routes_of_a_proxy_between_two_networks_are_kept_in_order() {
    let (_network, alice, pbx) = registered();
    let call = alice.call("sip:600@pbx.example");
    pbx.reply_with(&pbx.expect("INVITE"), 200, |response| {
        response.headers.push(
            "Record-Route",
            "<sip:192.0.2.7:5061;transport=tls;r2=on;lr>, <sip:10.0.0.2:5060;r2=on;lr>",
        );
        response.headers.set("Contact", "<sip:600@192.0.2.99;transport=tls>");
    });
    alice.expect_answered(call);
    let ack = pbx.expect("ACK");
    let routes: Vec<_> = ack.headers.route().iter().map(|route| route.uri.to_string()).collect();
    assert_eq!(
        routes,
        [
            "sip:10.0.0.2:5060;r2=on;lr",
            "sip:192.0.2.7:5061;transport=tls;r2=on;lr"
        ]
    );
    assert_eq!(ack.uri.to_string(), "sip:600@192.0.2.99;transport=tls");
}

#[test]
fn the_contact_of_a_call_names_the_transport_it_is_reached_by() {
    for (transport, named, via) in [
        (Transport::Udp, None, "UDP"),
        (Transport::Tcp, Some("tcp"), "TCP"),
        (Transport::Tls, Some("tls"), "TLS"),
        (Transport::Ws, Some("ws"), "WS"),
        (Transport::Wss, Some("ws"), "WSS"),
    ] {
        let network = Network::new(7);
        let pbx = Peer::new(&network, BOB);
        network.name("pbx.example", BOB);
        let alice = Phone::new(&network, ALICE);
        let mut config = Phone::account("sip:alice@pbx.example");
        config.transport = Some(transport);
        alice.set_account(config);
        grant(&pbx, &pbx.expect("REGISTER"), 300);
        alice.expect_registration();
        let call = alice.call("sip:600@pbx.example");
        let invite = pbx.expect("INVITE");
        let contact = contact_of(&invite);
        assert_eq!(contact.uri.sip().unwrap().params.get("transport"), named);
        assert_eq!(invite.headers.via().unwrap().transport.to_string(), via);
        pbx.reply_with(&invite, 200, |response| {
            let route = match named {
                Some("ws") => "<sip:172.16.0.9:8080;transport=ws;lr>".to_owned(),
                Some(named) => format!("<sip:10.0.0.2:5060;transport={named};lr>"),
                None => "<sip:10.0.0.2;lr>".to_owned(),
            };
            response.headers.push("Record-Route", route);
            response.headers.set("Contact", "<sip:600@192.0.2.99>");
        });
        alice.expect_answered(call);
        let ack = pbx.expect("ACK");
        assert_eq!(
            pbx.flow().unwrap().transport,
            transport,
            "the call goes on where it began: {}",
            ack.headers.via().unwrap()
        );
        alice.hang_up(call);
        assert_eq!(pbx.expect("BYE").headers.via().unwrap().transport.to_string(), via);
    }
}

/// As [`handed_over`] to a machine known by its address alone, by a registrar that asked for the password.
fn proven_and_handed_over() -> (Network, Phone, Peer, Peer, SessionId) {
    let network = Network::new(7);
    let (pbx, node) = (Peer::new(&network, BOB), Peer::new(&network, NODE));
    network.name("pbx.example", BOB);
    let alice = Phone::registering(&network, ALICE, "sip:alice@pbx.example");
    pbx.reply_with(&pbx.expect("REGISTER"), 401, |response| {
        response.headers.push("WWW-Authenticate", challenge("cluster"))
    });
    grant(&pbx, &pbx.expect("REGISTER"), 300);
    alice.expect_registration();
    let call = alice.call("sip:600@pbx.example");
    pbx.reply_with(&pbx.expect("INVITE"), 200, |response| {
        response.headers.set("Contact", "<sip:600@10.0.0.22>");
    });
    alice.expect_answered(call);
    node.expect("ACK");
    (network, alice, pbx, node, call)
}

#[test]
fn an_unknown_machine_gets_the_goodbye_proven_for_a_realm_that_took_the_password_before() {
    let (_network, alice, pbx, node, call) = proven_and_handed_over();
    alice.hang_up(call);
    let bye = node.expect("BYE");
    assert!(!bye.headers.has("Authorization"), "nothing unasked");
    node.reply_with(&bye, 401, |response| {
        response.headers.push("WWW-Authenticate", challenge("cluster"))
    });
    let again = node.expect("BYE");
    assert!(again.headers.has("Authorization"));
    node.reply(&again, 200);
    assert_eq!(pbx.count("BYE"), 0);
}

#[test]
fn a_hold_that_an_unknown_machine_wants_proven_is_proven() {
    let (_network, alice, _pbx, node, call) = proven_and_handed_over();
    alice.reoffer(call, sdp("10.0.0.1", 4002));
    node.reply_with(&node.expect("INVITE"), 407, |response| {
        response.headers.push("Proxy-Authenticate", challenge("cluster"))
    });
    node.expect("ACK");
    let again = node.expect("INVITE");
    assert!(again.headers.has("Proxy-Authorization"));
    node.reply(&again, 200);
    alice.expect("the hold", |event| {
        matches!(event, Event::ReofferAccepted { .. }).then_some(())
    });
}

#[test]
fn an_unknown_machine_gets_nothing_for_a_realm_that_only_sounds_like_ours() {
    let (_network, alice, pbx, node, call) = proven_and_handed_over();
    alice.hang_up(call);
    let bye = node.expect("BYE");
    node.reply_with(&bye, 401, |response| {
        response.headers.push("WWW-Authenticate", challenge("pbx.example"))
    });
    // It goes through the own server instead.
    pbx.expect("BYE");
    assert_eq!(node.count("BYE"), 0);
}

#[test]
fn whoever_is_called_without_the_own_server_gets_nothing_for_its_realm() {
    let (network, alice, pbx, _node, call) = proven_and_handed_over();
    alice.hang_up(call);
    let stranger = Peer::new(&network, "10.0.0.66:5060");
    let call = alice.call("sip:eve@10.0.0.66");
    stranger.reply(&stranger.expect("INVITE"), 200);
    alice.expect_answered(call);
    stranger.expect("ACK");
    pbx.count("");
    alice.hang_up(call);
    let bye = stranger.expect("BYE");
    stranger.reply_with(&bye, 401, |response| {
        response.headers.push("WWW-Authenticate", challenge("cluster"))
    });
    network.run_for(seconds(5));
    assert_eq!(stranger.count("BYE"), 0);
}
