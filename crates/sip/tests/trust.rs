//! What an account says about connections goes with the way to its own server, and with no other.
#![allow(clippy::unwrap_used, clippy::expect_used)]
use parley_sip::endpoint::{
    AccountConfig, AccountId, Endpoint, EndpointConfig, Input, InviteOptions, NextHop, Output, RouteId, Trust,
};
use parley_sip::{Host, SipUri, Transport, Uri};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::time::Instant;

const LINE: AccountId = AccountId(1);

fn uri(text: &str) -> Uri {
    Uri::parse(text).unwrap()
}

fn endpoint(change: impl FnOnce(&mut AccountConfig)) -> Endpoint {
    let rng = Box::new(ChaCha20Rng::seed_from_u64(1));
    let mut endpoint = Endpoint::new(EndpointConfig::default(), rng);
    let mut account = AccountConfig::new(uri("sip:alice@pbx.example"));
    account.transport = Some(Transport::Wss);
    account.pinned_certificate = Some("AB:CD".into());
    account.ws_path = Some("/ws".into());
    change(&mut account);
    endpoint.set_account(Instant::now(), LINE, account);
    endpoint
}

fn asked(endpoint: &mut Endpoint) -> (RouteId, NextHop) {
    let mut outputs = std::iter::from_fn(|| endpoint.poll());
    let found = outputs.find_map(|output| match output {
        Output::Open { route, hop } => Some((route, hop)),
        _ => None,
    });
    found.expect("no way is asked for")
}

fn called(endpoint: &mut Endpoint, target: &str) -> NextHop {
    endpoint
        .invite(Instant::now(), LINE, uri(target), InviteOptions::default())
        .unwrap();
    asked(endpoint).1
}

fn own() -> Trust {
    Trust {
        pinned: Some("AB:CD".into()),
        domain: Some(Host::Name("pbx.example".into())),
        path: Some("/ws".into()),
    }
}

#[test]
fn the_way_to_the_server_carries_certificate_domain_and_path() {
    let (_, hop) = asked(&mut endpoint(|_| {}));
    assert_eq!((hop.transport, hop.trust), (Some(Transport::Wss), own()));
    let proxied = |account: &mut AccountConfig| {
        let mut proxy = SipUri::new(Host::parse("192.0.2.7").unwrap());
        proxy.port = Some(8443);
        account.outbound_proxy = Some(Uri::Sip(proxy));
    };
    let (_, hop) = asked(&mut endpoint(proxied));
    assert_eq!(hop.trust, own(), "a proxy entered as an address is the account's own");
}

#[test]
fn a_call_to_another_server_knows_nothing_of_it() {
    for target in [
        "sip:bob@elsewhere.example;transport=tls",
        "sip:bob@203.0.113.9;transport=tls",
    ] {
        let mut endpoint = endpoint(|_| {});
        let (route, _) = asked(&mut endpoint);
        endpoint.handle(
            Instant::now(),
            Input::OpenFailed {
                route,
                why: parley_sip::endpoint::TransportError::Refused,
            },
        );
        while endpoint.poll().is_some() {}
        assert_eq!(called(&mut endpoint, target).trust, Trust::default(), "{target}");
    }
}

#[test]
fn ws_in_an_address_of_the_own_server_stays_secure_for_a_line_that_chose_so() {
    let mut endpoint = endpoint(|account| account.register = false);
    let hop = called(&mut endpoint, "sip:600@pbx.example;transport=ws");
    assert_eq!((hop.transport, hop.trust), (Some(Transport::Wss), own()));
}
