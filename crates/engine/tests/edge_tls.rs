//! TLS on real sockets: whom the phone believes, what it says when it does not, and how a person decides.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod servers;
use parley_engine::{
    AccountDraft, CertificateView, Config, RefusalCode, RegistrationReason, RegistrationView, Request, Transport,
};
use parley_sip::Method;
use parley_testkit::DnsServer;
use servers::{Authority, Front, Registrar, self_signed};
use std::process::Command;

fn line(domain: &str, port: u16) -> AccountDraft {
    AccountDraft {
        user: "204".into(),
        domain: format!("{domain}:{port}"),
        transport: Transport::Tls,
        ..AccountDraft::default()
    }
}

fn dns(names: &[&str]) -> DnsServer {
    let dns = DnsServer::start();
    for name in names {
        dns.host(name, "127.0.0.1".parse().unwrap());
    }
    dns
}

fn asking(dns: &DnsServer) -> Config {
    Config {
        dns: Some(dns.address()),
        ..Config::default()
    }
}

/// Why it failed, and for which certificate.
async fn refused(front: &mut Front) -> (RegistrationReason, String, CertificateView) {
    let RegistrationView::Failed {
        reason,
        text,
        certificate,
        ..
    } = front.failed().await.registration
    else {
        panic!()
    };
    (reason, text, certificate.expect("there was a certificate"))
}

#[tokio::test]
async fn a_certificate_nobody_vouches_for_is_shown_and_trusted_from_the_error() {
    let dns = dns(&["pbx.example"]);
    let own = self_signed(&["pbx.example"]);
    let mut registrar = Registrar::tls(&own).await;
    let mut front = Front::with(line("pbx.example", registrar.address.port()), asking(&dns));
    let (reason, text, shown) = refused(&mut front).await;
    assert_eq!(reason, RegistrationReason::UntrustedCertificate);
    assert!(text.contains("issued by the server itself"), "{text}");
    assert_eq!(
        (shown.sha256.as_str(), shown.names.as_slice()),
        (own.sha256.as_str(), &["pbx.example".to_owned()][..])
    );
    assert!(
        shown.subject.contains("CN=pbx.example") && shown.issuer == shown.subject,
        "{shown:?}"
    );
    assert!(shown.valid_from < shown.valid_to);
    assert!(!shown.fault.contains("not for"), "{}", shown.fault);
    assert!(
        registrar.heard.try_recv().is_err(),
        "nothing was told to a server nobody knows"
    );

    let account = front.engine.clone();
    let other = Request::TrustCertificate {
        account: 1_000_001,
        sha256: "00".repeat(32),
    };
    assert_eq!(account.request(other).await.unwrap_err().code, RefusalCode::NotNow);
    let trust = Request::TrustCertificate {
        account: 1_000_001,
        sha256: shown.sha256.clone(),
    };
    front.ask(trust).await.unwrap();
    let account = front.registered_at_last().await;
    assert_eq!(account.pinned_certificate, Some(own.sha256));
    let heard = registrar.hears(&Method::Register).await.request;
    assert!(heard.headers.get("Via").unwrap().starts_with("SIP/2.0/TLS 127.0.0.1:"));
    assert!(heard.headers.get("Contact").unwrap().contains(";transport=tls"));
}

#[tokio::test]
async fn a_certificate_for_another_name_says_so_and_the_name_of_the_srv_record_does_not_count() {
    let dns = dns(&["edge.provider.example"]);
    // Signed for the host that the SRV record leads to, not for the domain that was entered.
    let registrar = Registrar::tls(&self_signed(&["edge.provider.example", "alt.provider.example"])).await;
    dns.srv(
        "_sips._tcp.sip.example",
        1,
        1,
        registrar.address.port(),
        "edge.provider.example",
    );
    let entered = AccountDraft {
        domain: "sip.example".into(),
        ..line("", 0)
    };
    let mut front = Front::with(entered, asking(&dns));
    let (reason, text, shown) = refused(&mut front).await;
    assert_eq!(reason, RegistrationReason::UntrustedCertificate);
    let said = "The certificate is for edge.provider.example, alt.provider.example, not for sip.example.";
    assert!(text.contains(said) && shown.fault.contains(said), "{text}");
}

#[tokio::test]
async fn an_expired_certificate_and_one_of_tomorrow_are_told_apart() {
    let dns = dns(&["pbx.example"]);
    let authority = Authority::new("Somebody");
    for (from, to, word) in [(2001, 2011, "no longer valid"), (3001, 3011, "not valid yet")] {
        let identity = authority.signs_as(&["pbx.example"], |params| {
            params.not_before = rcgen::date_time_ymd(from, 1, 1);
            params.not_after = rcgen::date_time_ymd(to, 1, 1);
        });
        let registrar = Registrar::tls(&identity).await;
        let mut front = Front::with(line("pbx.example", registrar.address.port()), asking(&dns));
        let (_, text, shown) = refused(&mut front).await;
        assert!(text.contains(word), "{text}");
        assert!(
            text.contains("issued by Somebody, whom this computer does not know"),
            "{text}"
        );
        assert!(shown.issuer.contains("CN=Somebody"));
    }
}

#[tokio::test]
async fn a_trusted_certificate_that_changes_is_never_taken_silently() {
    let dns = dns(&["pbx.example"]);
    let (before, after) = (self_signed(&["pbx.example"]), self_signed(&["pbx.example"]));
    let mut registrar = Registrar::tls(&before).await;
    let pinned = AccountDraft {
        pinned_certificate: Some(before.sha256.to_lowercase().replace(':', "")),
        ..line("pbx.example", registrar.address.port())
    };
    let mut front = Front::with(pinned, asking(&dns));
    front.registered().await;
    registrar.hears(&Method::Register).await;
    registrar.show(&after);
    registrar.hang_up();
    let changed = front
        .account("changed", |account| {
            matches!(
                account.registration,
                RegistrationView::Failed {
                    reason: RegistrationReason::CertificateChanged,
                    ..
                }
            )
        })
        .await;
    let RegistrationView::Failed {
        certificate: Some(shown),
        text,
        ..
    } = changed.registration
    else {
        panic!("no certificate")
    };
    assert_eq!(shown.trusted_before.as_deref(), Some(before.sha256.as_str()));
    assert_eq!(shown.sha256, after.sha256);
    assert!(text.contains("another certificate than the one you trusted"), "{text}");
    assert!(
        registrar.heard.try_recv().is_err(),
        "nothing was told to the other server"
    );
    let trust = Request::TrustCertificate {
        account: changed.id,
        sha256: after.sha256.clone(),
    };
    front.ask(trust).await.unwrap();
    front.registered_at_last().await;
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_told_from_a_bad_certificate() {
    let dns = dns(&["pbx.example"]);
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        while let Ok((mut stream, _)) = silent.accept().await {
            let mut hello = [0; 512];
            let _ = stream.read(&mut hello).await;
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let mut front = Front::with(line("pbx.example", port), asking(&dns));
    let RegistrationView::Failed {
        reason,
        text,
        certificate,
        ..
    } = front.failed().await.registration
    else {
        panic!()
    };
    assert_eq!((reason, certificate), (RegistrationReason::Unreachable, None));
    assert!(text.contains("does not speak TLS"), "{text}");
    server.abort();
}

#[tokio::test]
async fn keep_alives_travel_on_tls_and_a_connection_that_ends_is_made_again() {
    let dns = dns(&["pbx.example"]);
    let own = self_signed(&["pbx.example"]);
    let mut registrar = Registrar::tls(&own).await;
    let pinned = AccountDraft {
        pinned_certificate: Some(own.sha256.clone()),
        ..line("pbx.example", registrar.address.port())
    };
    let mut front = Front::with(pinned, asking(&dns));
    front.registered().await;
    let first = registrar.hears(&Method::Register).await.from;
    registrar.hang_up();
    front.failed().await;
    front.registered_at_last().await;
    assert_ne!(registrar.hears(&Method::Register).await.from, first);
}

/// The system's own authorities come from a file named in the environment, which belongs to a process.
#[tokio::test]
async fn an_authority_the_system_trusts_is_enough() {
    let authority = Authority::new("The office");
    let mut registrar = Registrar::tls(&authority.signs(&["localhost"])).await;
    let uri = Registrar::tls(&authority.signs(&["edge.office.example", "sip:localhost"])).await;
    let folder = std::env::temp_dir().join(format!("parley-authority-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("office.pem");
    std::fs::write(&file, &authority.pem).unwrap();
    for port in [registrar.address.port(), uri.address.port()] {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--ignored", "--nocapture"])
            .env("SSL_CERT_FILE", &file)
            .env("PARLEY_TEST_PORT", port.to_string())
            .spawn()
            .unwrap();
        let status = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap().status);
        assert!(status.await.unwrap().success(), "port {port}");
    }
    registrar.hears(&Method::Register).await;
    let _ = std::fs::remove_dir_all(folder);
}

#[tokio::test]
#[ignore = "runs in a process of its own"]
async fn child() {
    let port: u16 = std::env::var("PARLEY_TEST_PORT").unwrap().parse().unwrap();
    let mut front = Front::with(line("localhost", port), Config::default());
    front.registered().await;
    front.engine.shutdown().await;
    // A proxy that is entered as an address proves to be the domain.
    let by_address = AccountDraft {
        domain: "localhost".into(),
        outbound_proxy: Some(format!("127.0.0.1:{port}")),
        ..line("", port)
    };
    let mut front = Front::with(by_address, Config::default());
    let account = front.registered().await;
    assert_eq!(account.pinned_certificate, None);
    front.engine.shutdown().await;
}

#[tokio::test]
async fn a_wildcard_stands_for_one_label_of_a_host_and_for_no_sip_domain() {
    let dns = dns(&["sip.office.example", "office.example", "a.b.office.example"]);
    let authority = Authority::new("The office");
    let hosts = Registrar::tls(&authority.signs(&["*.office.example"])).await;
    let domains = Registrar::tls(&authority.signs(&["edge.office.example", "sip:*.office.example"])).await;
    let folder = std::env::temp_dir().join(format!("parley-wildcard-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("office.pem");
    std::fs::write(&file, &authority.pem).unwrap();
    for (domain, port, believed) in [
        ("sip.office.example", hosts.address.port(), true),
        ("office.example", hosts.address.port(), false),
        ("a.b.office.example", hosts.address.port(), false),
        ("sip.office.example", domains.address.port(), false),
    ] {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "wildcard_child", "--ignored", "--nocapture"])
            .env("SSL_CERT_FILE", &file)
            .env(
                "PARLEY_TEST_LINE",
                format!("{domain} {port} {believed} {}", dns.address()),
            )
            .spawn()
            .unwrap();
        let status = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap().status);
        assert!(status.await.unwrap().success(), "{domain}");
    }
    let _ = std::fs::remove_dir_all(folder);
}

#[tokio::test]
#[ignore = "runs in a process of its own"]
async fn wildcard_child() {
    let told = std::env::var("PARLEY_TEST_LINE").unwrap();
    let told: Vec<&str> = told.split(' ').collect();
    let config = Config {
        dns: Some(told[3].parse().unwrap()),
        ..Config::default()
    };
    let mut front = Front::with(line(told[0], told[1].parse().unwrap()), config);
    if told[2] == "true" {
        front.registered().await;
    } else {
        let (reason, text, _) = refused(&mut front).await;
        assert_eq!(reason, RegistrationReason::UntrustedCertificate);
        assert!(text.contains(&format!("not for {}", told[0])), "{text}");
    }
    front.engine.shutdown().await;
}
