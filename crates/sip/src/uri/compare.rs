//! Whether two URIs mean the same (RFC 3261 section 19.1.4, RFC 3966 section 4).

use super::escape::{ANY, HEADER, PARAM, PASSWORD, USER, normal};
use super::{SipUri, TelUri, Uri};
use crate::Params;

/// Parameters that make a difference even if only one of the URIs has them.
const SIGNIFICANT: [&str; 5] = ["user", "ttl", "method", "maddr", "transport"];

pub(super) fn uris(a: &Uri, b: &Uri) -> bool {
    match (a, b) {
        (Uri::Sip(a), Uri::Sip(b)) => sip(a, b),
        (Uri::Tel(a), Uri::Tel(b)) => tel(a, b),
        (Uri::Absolute(a), Uri::Absolute(b)) => {
            a.scheme.eq_ignore_ascii_case(&b.scheme) && normal(&a.rest, ANY) == normal(&b.rest, ANY)
        }
        _ => false,
    }
}

fn sip(a: &SipUri, b: &SipUri) -> bool {
    let part = |part: &Option<String>, allowed| part.as_deref().map(|part| normal(part, allowed));
    a.secure == b.secure
        && part(&a.user, USER) == part(&b.user, USER)
        && part(&a.password, PASSWORD) == part(&b.password, PASSWORD)
        && a.host == b.host
        && a.port == b.port
        && shared_params(&a.params, &b.params)
        && SIGNIFICANT.iter().all(|name| a.params.has(name) == b.params.has(name))
        && headers(a, b)
}

/// A parameter in both must have the same value; one in only one of them does not count. Of a parameter that is there more than
/// once (which it must not be) the first one counts.
fn shared_params(a: &Params, b: &Params) -> bool {
    a.iter()
        .all(|param| match (find(a, &param.name), find(b, &param.name)) {
            (Some(own), Some(other)) => any_case(own, other),
            _ => true,
        })
}

/// Header fields never are ignored; their order is.
fn headers(a: &SipUri, b: &SipUri) -> bool {
    let sorted = |uri: &SipUri| {
        let mut fields: Vec<_> = uri
            .headers
            .iter()
            .map(|(name, value)| (normal(name, HEADER).to_ascii_lowercase(), normal(value, HEADER)))
            .collect();
        fields.sort();
        fields
    };
    sorted(a) == sorted(b)
}

fn tel(a: &TelUri, b: &TelUri) -> bool {
    let digits = |tel: &TelUri| {
        let digits: String = tel.number.chars().filter(|c| !"-.()".contains(*c)).collect();
        digits.to_ascii_lowercase()
    };
    digits(a) == digits(b)
        && a.params.iter().count() == b.params.iter().count()
        && a.params.iter().all(|param| find(&b.params, &param.name).is_some())
        && shared_params(&a.params, &b.params)
}

fn find<'a>(params: &'a Params, name: &str) -> Option<&'a str> {
    let wanted = normal(name, PARAM);
    let param = params
        .iter()
        .find(|param| normal(&param.name, PARAM).eq_ignore_ascii_case(&wanted))?;
    Some(param.value.as_deref().unwrap_or(""))
}

fn any_case(a: &str, b: &str) -> bool {
    normal(a, PARAM).eq_ignore_ascii_case(&normal(b, PARAM))
}
