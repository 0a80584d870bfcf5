//! A certificate in words, and what is wrong with it.
use parley_sip::endpoint::{Certificate, CertificateFault};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, Error};
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::X509Certificate;

/// Names shown, at most.
const NAMES: usize = 20;
/// Longest text shown, in characters.
const TEXT: usize = 200;

/// Why a certificate is not taken.
pub(super) enum Verdict<'a> {
    /// The account trusts this other one.
    Changed(&'a str),
    /// The judgement of the system or the library.
    Refused {
        /// The first thing wrong.
        error: &'a Error,
        /// What is wrong if only the time were right.
        besides: Option<Error>,
    },
}

/// SHA-256 of a certificate, upper-case octets with colons.
pub(super) fn sha256(der: &CertificateDer<'_>) -> String {
    let octets: Vec<String> = Sha256::digest(der).iter().map(|octet| format!("{octet:02X}")).collect();
    octets.join(":")
}

/// All a person can judge a certificate by; `wanted` is the name that was asked for.
pub(super) fn read(der: &CertificateDer<'_>, wanted: &str, now: UnixTime, verdict: Verdict<'_>) -> Certificate {
    let parsed = x509_parser::parse_x509_certificate(der).ok().map(|(_, parsed)| parsed);
    let (valid_from, valid_to) = parsed.as_ref().map_or((0, 0), |parsed| {
        let validity = parsed.validity();
        (validity.not_before.timestamp(), validity.not_after.timestamp())
    });
    let self_signed = parsed
        .as_ref()
        .is_some_and(|parsed| parsed.subject() == parsed.issuer());
    let mut also = Vec::new();
    let why = match verdict {
        Verdict::Changed(pinned) => CertificateFault::Changed {
            pinned: pinned.to_owned(),
        },
        Verdict::Refused { error, besides } => {
            also.extend(besides.map(|besides| fault(&besides, wanted, self_signed)));
            fault(error, wanted, self_signed)
        }
    };
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    if parsed.is_some() && valid_to < now {
        also.push(CertificateFault::Expired);
    } else if valid_from > now {
        also.push(CertificateFault::NotYetValid);
    }
    if !is_for(der, wanted) {
        also.push(CertificateFault::WrongName {
            wanted: wanted.to_owned(),
        });
    }
    also.retain(|fault| *fault != why);
    also.dedup();
    Certificate {
        sha256: sha256(der),
        subject: parsed
            .as_ref()
            .map(|parsed| short(parsed.subject().to_string()))
            .unwrap_or_default(),
        issuer: parsed
            .as_ref()
            .map(|parsed| short(parsed.issuer().to_string()))
            .unwrap_or_default(),
        names: parsed.as_ref().map(names).unwrap_or_default(),
        valid_from,
        valid_to,
        why,
        also,
    }
}

/// A moment at which the certificate counts, when it is refused for its time.
pub(super) fn in_time(der: &CertificateDer<'_>, error: &Error) -> Option<UnixTime> {
    let out_of_time = matches!(
        error,
        Error::InvalidCertificate(
            CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. }
        )
    );
    let (_, parsed) = x509_parser::parse_x509_certificate(der).ok().filter(|_| out_of_time)?;
    let validity = parsed.validity();
    let (from, to) = (validity.not_before.timestamp(), validity.not_after.timestamp());
    let middle = from.saturating_add(to.saturating_sub(from) / 2);
    let since = std::time::Duration::from_secs(u64::try_from(middle).ok()?);
    Some(UnixTime::since_unix_epoch(since))
}

/// A host name of the certificate, when the certificate is for this SIP domain by a URI (RFC 5922 section 7.1).
pub(super) fn sip_domain_and_host(der: &CertificateDer<'_>, domain: &str) -> Option<String> {
    let (_, parsed) = x509_parser::parse_x509_certificate(der).ok()?;
    let alternatives = parsed.subject_alternative_name().ok()??;
    let named = |name: &GeneralName<'_>| {
        let GeneralName::URI(uri) = name else { return false };
        // A user part would make it the identity of a person.
        uri.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("sip:"))
            && uri.get(4..).is_some_and(|host| host.eq_ignore_ascii_case(domain))
    };
    if !alternatives.value.general_names.iter().any(named) {
        return None;
    }
    let host = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) if !name.contains('*') => Some((*name).to_owned()),
        _ => None,
    };
    alternatives.value.general_names.iter().find_map(host)
}

fn fault(error: &Error, wanted: &str, self_signed: bool) -> CertificateFault {
    let Error::InvalidCertificate(why) = error else {
        return CertificateFault::Other(short(error.to_string()));
    };
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => CertificateFault::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => CertificateFault::NotYetValid,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            CertificateFault::WrongName {
                wanted: wanted.to_owned(),
            }
        }
        // The library has its own words for an authority that serves by itself.
        _ if self_signed => CertificateFault::SelfSigned,
        CertificateError::UnknownIssuer => CertificateFault::UnknownIssuer,
        CertificateError::Revoked => CertificateFault::Other("its issuer took it back".to_owned()),
        CertificateError::BadSignature => CertificateFault::Other("its signature is wrong".to_owned()),
        other => CertificateFault::Other(short(other.to_string())),
    }
}

fn is_for(der: &CertificateDer<'_>, wanted: &str) -> bool {
    let name = match wanted.parse::<IpAddr>() {
        Ok(ip) => Some(ServerName::IpAddress(ip.into())),
        Err(_) => ServerName::try_from(wanted).ok(),
    };
    let entity = webpki::EndEntityCert::try_from(der);
    match (entity, name) {
        (Ok(entity), Some(name)) => {
            entity.verify_is_valid_for_subject_name(&name).is_ok() || sip_domain_and_host(der, wanted).is_some()
        }
        _ => false,
    }
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(alternatives)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    let text = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) | GeneralName::URI(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(octets) => match octets.len() {
            4 => <[u8; 4]>::try_from(*octets)
                .ok()
                .map(|octets| IpAddr::from(octets).to_string()),
            _ => <[u8; 16]>::try_from(*octets)
                .ok()
                .map(|octets| IpAddr::from(octets).to_string()),
        },
        _ => None,
    };
    let named = alternatives.value.general_names.iter().filter_map(text);
    named.take(NAMES).map(short).collect()
}

fn short(text: String) -> String {
    if text.chars().count() > TEXT {
        text.chars().take(TEXT).chain(['…']).collect()
    } else {
        text
    }
}
