//! TLS to a server, and the judgement of its certificate (RFC 5922): by the name the person entered and whom the system trusts, or
//! by the one certificate that was trusted for the account.
use super::certificate;
use super::transport_error;
use parley_sip::Host;
use parley_sip::endpoint::{Certificate, NextHop, TransportError};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Whom a server must prove to be: one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Names {
    /// What is asked for first, and said to the server.
    wanted: Host,
    /// The bare address the person entered for a server of the domain.
    or: Option<Host>,
}

impl Names {
    /// The name that was looked up, never a name the DNS made of it. For a bare address it is the account's domain, or the address.
    pub fn of(hop: &NextHop) -> Self {
        match (&hop.host, &hop.trust.domain) {
            (Host::V4(_) | Host::V6(_), Some(domain @ Host::Name(_))) => Self {
                wanted: domain.clone(),
                or: Some(hop.host.clone()),
            },
            (host, _) => Self {
                wanted: host.clone(),
                or: None,
            },
        }
    }

    /// The name in words.
    pub fn shown(&self) -> String {
        bare(&self.wanted)
    }

    fn all(&self) -> impl Iterator<Item = ServerName<'static>> {
        [Some(&self.wanted), self.or.as_ref()]
            .into_iter()
            .flatten()
            .filter_map(server_name)
            .collect::<Vec<_>>()
            .into_iter()
    }
}

/// A host without the brackets and the last dot that a certificate does not have.
fn bare(host: &Host) -> String {
    match host {
        Host::V6(ip) => ip.to_string(),
        other => other.to_string().trim_end_matches('.').to_ascii_lowercase(),
    }
}

fn server_name(host: &Host) -> Option<ServerName<'static>> {
    match host.ip() {
        Some(ip) => Some(ServerName::IpAddress(ip.into())),
        None => ServerName::try_from(bare(host)).ok(),
    }
}

/// Makes a connection secure, or says why it cannot be.
pub(super) async fn secure(
    tcp: TcpStream,
    hop: &NextHop,
    protocol: Option<&[u8]>,
) -> Result<TlsStream<TcpStream>, TransportError> {
    let names = Names::of(hop);
    let Some(name) = names.all().next() else {
        return Err(TransportError::Tls(format!(
            "{} is no name a certificate can have",
            names.shown()
        )));
    };
    let provider = Arc::new(ring::default_provider());
    let judge = Arc::new(Judge {
        names,
        pinned: hop.trust.pinned.clone(),
        system: system(Arc::clone(&provider)).await,
        provider: Arc::clone(&provider),
        found: Mutex::new(None),
    });
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|why| TransportError::Tls(why.to_string()))?;
    let mut config = config
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&judge) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    config.alpn_protocols = protocol.map(<[u8]>::to_vec).into_iter().collect();
    let connected = TlsConnector::from(Arc::new(config)).connect(name, tcp).await;
    connected.map_err(|error| judge.take_fault().unwrap_or_else(|| meaning(&error)))
}

/// Whom the system trusts, read anew each time: an authority added a moment ago counts. `None` where the system trusts nobody.
async fn system(provider: Arc<CryptoProvider>) -> Option<rustls_platform_verifier::Verifier> {
    let reading = tokio::task::spawn_blocking(move || rustls_platform_verifier::Verifier::new(provider));
    match reading.await {
        Ok(Ok(verifier)) => Some(verifier),
        Ok(Err(why)) => {
            log::warn!("the system names nobody to trust: {why}");
            None
        }
        Err(_) => None,
    }
}

fn meaning(error: &std::io::Error) -> TransportError {
    let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else {
        return match transport_error(error) {
            TransportError::Closed => TransportError::Tls("the server ended the connection".to_owned()),
            other => other,
        };
    };
    TransportError::Tls(match tls {
        Error::InvalidMessage(_) | Error::InappropriateMessage { .. } => "the server does not speak TLS".to_owned(),
        Error::PeerIncompatible(_) | Error::AlertReceived(rustls::AlertDescription::ProtocolVersion) => {
            "the server knows no TLS that is still safe; 1.2 is the oldest".to_owned()
        }
        other => other.to_string(),
    })
}

/// Decides about the server's certificate and remembers what was wrong with it.
#[derive(Debug)]
struct Judge {
    names: Names,
    pinned: Option<String>,
    system: Option<rustls_platform_verifier::Verifier>,
    provider: Arc<CryptoProvider>,
    found: Mutex<Option<TransportError>>,
}

impl Judge {
    fn take_fault(&self) -> Option<TransportError> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn by_the_system(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(system) = &self.system else {
            return Err(CertificateError::UnknownIssuer.into());
        };
        let judge = |name: &ServerName<'_>| system.verify_server_cert(end_entity, intermediates, name, ocsp, now);
        let mut first = None;
        for name in self.names.all() {
            match judge(&name) {
                Ok(verified) => return Ok(verified),
                Err(why) => first = first.or(Some(why)),
            }
        }
        let why = first.unwrap_or_else(|| CertificateError::UnknownIssuer.into());
        // RFC 5922 section 7.1: the domain may stand as a SIP URI. Then everything else must hold for a name that is in there too.
        if is_wrong_name(&why)
            && let Some(name) = certificate::sip_domain_and_host(end_entity, &self.names.shown())
            && let Ok(name) = ServerName::try_from(name)
            && let Ok(verified) = judge(&name)
        {
            return Ok(verified);
        }
        Err(why)
    }

    fn remember(&self, fault: TransportError) {
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
    }
}

fn is_wrong_name(why: &Error) -> bool {
    matches!(
        why,
        Error::InvalidCertificate(CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. })
    )
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let read =
            |why: certificate::Verdict<'_>| Box::new(certificate::read(end_entity, &self.names.shown(), now, why));
        if let Some(pinned) = &self.pinned {
            if certificate::sha256(end_entity) == *pinned {
                return Ok(ServerCertVerified::assertion());
            }
            let shown: Box<Certificate> = read(certificate::Verdict::Changed(pinned));
            self.remember(TransportError::CertificateChanged(shown));
            return Err(CertificateError::ApplicationVerificationFailure.into());
        }
        let judged = self.by_the_system(end_entity, intermediates, ocsp, now);
        if let Err(error) = &judged {
            // Of a certificate out of its time nothing else is looked at; a person must know all of it.
            let in_time = certificate::in_time(end_entity, error);
            let besides = in_time.and_then(|then| self.by_the_system(end_entity, intermediates, ocsp, then).err());
            let verdict = certificate::Verdict::Refused { error, besides };
            self.remember(TransportError::Untrusted(read(verdict)));
        }
        judged
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            certificate,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            certificate,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
