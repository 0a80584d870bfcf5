//! Ways to servers on real sockets: WebSocket, the DNS with its fail-over, one connection for several lines.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod servers;
use parley_engine::{AccountDraft, Config, PresetAccount, RegistrationReason, RegistrationView, Transport};
use parley_sip::Method;
use parley_testkit::DnsServer;
use servers::{Front, Registrar, self_signed};
use std::net::IpAddr;

fn line(domain: &str, transport: Transport) -> AccountDraft {
    AccountDraft {
        user: "204".into(),
        domain: domain.into(),
        transport,
        ..AccountDraft::default()
    }
}

fn asking(dns: &DnsServer) -> Config {
    Config {
        dns: Some(dns.address()),
        ..Config::default()
    }
}

fn home() -> IpAddr {
    "127.0.0.1".parse().unwrap()
}

#[tokio::test]
async fn a_line_registers_over_websocket_at_its_path() {
    let mut registrar = Registrar::ws("/phones").await;
    let draft = AccountDraft {
        ws_path: Some("phones".into()),
        ..line(&registrar.address.to_string(), Transport::Ws)
    };
    let mut front = Front::with(draft, Config::default());
    assert_eq!(front.registered().await.ws_path.as_deref(), Some("/phones"));
    let heard = registrar.hears(&Method::Register).await.request;
    assert!(heard.headers.get("Via").unwrap().starts_with("SIP/2.0/WS 127.0.0.1:"));
    assert!(heard.headers.get("Contact").unwrap().contains(";transport=ws"));
}

#[tokio::test]
async fn a_server_without_sip_at_that_path_says_what_it_said() {
    let registrar = Registrar::ws("/phones").await;
    let mut front = Front::with(line(&registrar.address.to_string(), Transport::Ws), Config::default());
    let RegistrationView::Failed { reason, text, .. } = front.failed().await.registration else {
        panic!()
    };
    assert_eq!(reason, RegistrationReason::Unreachable);
    assert!(text.contains("HTTP 404") && text.contains("path"), "{text}");
}

#[tokio::test]
async fn a_websocket_that_does_not_promise_sip_is_not_used() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Takes any upgrade and names no subprotocol.
            let _ = tokio_tungstenite::accept_async(stream).await;
        }
    });
    let mut front = Front::with(line(&address.to_string(), Transport::Ws), Config::default());
    let RegistrationView::Failed { text, .. } = front.failed().await.registration else {
        panic!()
    };
    assert!(text.contains("does not speak SIP over WebSocket"), "{text}");
    server.abort();
}

#[tokio::test]
async fn secure_websocket_judges_the_certificate_as_tls_does() {
    let dns = DnsServer::start();
    dns.host("pbx.example", home());
    let own = self_signed(&["pbx.example"]);
    let mut registrar = Registrar::wss(&own, "/").await;
    let draft = line(&format!("pbx.example:{}", registrar.address.port()), Transport::Wss);
    let mut front = Front::with(draft, asking(&dns));
    let RegistrationView::Failed {
        reason, certificate, ..
    } = front.failed().await.registration
    else {
        panic!()
    };
    assert_eq!(reason, RegistrationReason::UntrustedCertificate);
    let trust = parley_engine::Request::TrustCertificate {
        account: 1_000_001,
        sha256: certificate.unwrap().sha256,
    };
    front.ask(trust).await.unwrap();
    front.registered_at_last().await;
    let via = registrar.hears(&Method::Register).await.request;
    assert!(via.headers.get("Via").unwrap().starts_with("SIP/2.0/WSS "));
}

#[tokio::test]
async fn the_domain_says_transport_and_port() {
    let (dns, mut registrar) = (DnsServer::start(), Registrar::tcp().await);
    dns.naptr("sip.example", 10, 1, "SIP+D2T", "_sip._tcp.sip.example")
        .naptr("sip.example", 20, 1, "SIP+D2U", "_sip._udp.sip.example")
        .srv(
            "_sip._tcp.sip.example",
            1,
            1,
            registrar.address.port(),
            "one.sip.example",
        )
        .host("one.sip.example", home());
    let mut front = Front::with(line("sip.example", Transport::Auto), asking(&dns));
    front.registered().await;
    let heard = registrar.hears(&Method::Register).await.request;
    assert!(heard.headers.get("Via").unwrap().starts_with("SIP/2.0/TCP "));
    assert_eq!(heard.uri.to_string(), "sip:sip.example");
}

#[tokio::test]
async fn a_server_that_takes_no_connection_is_passed_over() {
    let (dns, mut registrar) = (DnsServer::start(), Registrar::tcp().await);
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    dns.srv("_sip._tcp.sip.example", 1, 1, closed.port(), "main.sip.example")
        .srv(
            "_sip._tcp.sip.example",
            2,
            1,
            registrar.address.port(),
            "spare.sip.example",
        )
        .host("main.sip.example", home())
        .host("spare.sip.example", home());
    let mut front = Front::with(line("sip.example", Transport::Tcp), asking(&dns));
    front.registered().await;
    registrar.hears(&Method::Register).await;
}

#[tokio::test]
async fn a_server_that_is_overloaded_is_passed_over_by_the_next_attempt() {
    let (dns, mut main, mut spare) = (DnsServer::start(), Registrar::udp().await, Registrar::udp().await);
    main.says(503);
    dns.srv("_sip._udp.sip.example", 1, 1, main.address.port(), "main.sip.example")
        .srv("_sip._udp.sip.example", 2, 1, spare.address.port(), "spare.sip.example")
        .host("main.sip.example", home())
        .host("spare.sip.example", home());
    let mut front = Front::with(line("sip.example", Transport::Udp), asking(&dns));
    front.registered_at_last().await;
    main.hears(&Method::Register).await;
    spare.hears(&Method::Register).await;
}

#[tokio::test]
async fn both_families_are_tried() {
    let dns = DnsServer::start();
    let Ok(probe) = std::net::TcpListener::bind("[::1]:0") else {
        return; // No IPv6 here.
    };
    drop(probe);
    let mut registrar = Registrar::start("[::1]:0", None, None).await;
    dns.host("pbx.example", home())
        .host("pbx.example", "::1".parse().unwrap());
    let draft = line(&format!("pbx.example:{}", registrar.address.port()), Transport::Tcp);
    let mut front = Front::with(draft, asking(&dns));
    front.registered().await;
    let heard = registrar.hears(&Method::Register).await;
    assert!(heard.from.is_ipv6());
    assert!(heard.request.headers.get("Contact").unwrap().contains("@[::1]:"));
}

#[tokio::test]
async fn a_domain_without_servers_is_said_to_be_unknown() {
    let dns = DnsServer::start();
    let mut front = Front::with(line("nowhere.example", Transport::Auto), asking(&dns));
    let RegistrationView::Failed { reason, text, .. } = front.failed().await.registration else {
        panic!()
    };
    assert_eq!(reason, RegistrationReason::UnknownDomain, "{text}");
}

#[tokio::test]
async fn several_lines_on_one_server_share_a_connection() {
    let mut registrar = Registrar::tcp().await;
    let accounts = ["201", "202", "203"].map(|user| {
        PresetAccount::new(AccountDraft {
            user: user.into(),
            ..line(&registrar.address.to_string(), Transport::Tcp)
        })
    });
    let mut front = Front::start(Config {
        accounts: accounts.into(),
        ..Config::default()
    });
    let mut users = std::collections::BTreeSet::new();
    let mut from = std::collections::BTreeSet::new();
    while users.len() < 3 {
        let heard = registrar.hears(&Method::Register).await;
        users.insert(heard.request.headers.to().unwrap().uri.user().unwrap().to_owned());
        from.insert(heard.from);
    }
    front.registered_at_last().await;
    assert_eq!(from.len(), 1, "{from:?}");
}
