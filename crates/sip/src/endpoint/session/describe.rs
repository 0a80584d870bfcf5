//! What those above get to know of an INVITE: who calls, what for, and how it wants to be announced.

use std::time::Duration;

use crate::dialog::is_nobody;
use crate::parse::tokens::{number, split_outside, trim};
use crate::{Headers, Params, Request};

use super::super::{Flow, IncomingInvite};

/// The longest pause before an answer by itself that is taken as meant.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The longest address of a picture, and the longest wish for a ringing.
const LONGEST: usize = 2048;

/// `asserts`: it came from a server that may say who calls.
pub(super) fn describe(request: &Request, flow: &Flow, asserts: bool) -> Option<IncomingInvite> {
    let headers = &request.headers;
    let from = headers.from()?;
    let asserted = headers.p_asserted_identity().filter(|_| asserts);
    Some(IncomingInvite {
        privacy: wants_privacy(headers) || is_nobody(asserted.as_ref().unwrap_or(&from)),
        from,
        to: headers.to()?,
        request_uri: request.uri.clone(),
        asserted,
        diversion: headers.diversion(),
        history: headers.history_info(),
        referred_by: headers.referred_by(),
        replaces: None,
        auto_answer: auto_answer(headers),
        alert_info: headers
            .get("Alert-Info")
            .filter(|value| !value.is_empty() && value.len() <= LONGEST)
            .map(str::to_owned),
        icon: icon(headers),
        headers: headers.pairs(),
        sdp: request.sdp().map(<[u8]>::to_vec),
        local: flow.local.ip(),
        call_id: headers.call_id()?.to_owned(),
    })
}

/// `Privacy` with a word that hides the caller (RFC 3323 section 4.2, RFC 3325 section 9.3).
fn wants_privacy(headers: &Headers) -> bool {
    let words = headers.get_all("Privacy").flat_map(|value| value.split([';', ',']));
    words.map(trim).any(|word| {
        ["id", "user", "header"]
            .iter()
            .any(|hidden| word.eq_ignore_ascii_case(hidden))
    })
}

/// The ways phones are asked to answer by themselves: `answer-after` in Call-Info or Alert-Info, `info=alert-autoanswer`
/// with a `delay`, the words `Auto Answer` or `Ring Answer`, and `Answer-Mode: Auto` (RFC 5373).
fn auto_answer(headers: &Headers) -> Option<Duration> {
    let told = ["Call-Info", "Alert-Info"]
        .into_iter()
        .flat_map(|name| headers.list(name));
    let pause = told.into_iter().find_map(|value| {
        let params = params_of(value);
        if let Some(after) = params.get("answer-after") {
            return number::<u64>(after);
        }
        let asked = params
            .get("info")
            .is_some_and(|info| info.eq_ignore_ascii_case("alert-autoanswer"));
        asked.then(|| params.get("delay").and_then(number).unwrap_or(0))
    });
    let by_word = || {
        let alert = headers.get_all("Alert-Info").map(|value| value.to_ascii_lowercase());
        let word = alert.into_iter().any(|value| {
            let plain = value.replace(['<', '>', '"', '-', '_'], " ");
            let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
            ["auto answer", "autoanswer", "ring answer", "alert autoanswer"]
                .iter()
                .any(|word| plain.starts_with(word) || plain.ends_with(&format!("info={word}")))
        });
        let mode = ["Answer-Mode", "Priv-Answer-Mode"]
            .iter()
            .filter_map(|name| headers.get(name))
            .any(|value| trim(value.split(';').next().unwrap_or_default()).eq_ignore_ascii_case("auto"));
        (word || mode).then_some(0)
    };
    let pause = pause.or_else(by_word)?;
    Some(Duration::from_secs(pause).min(LONGEST_PAUSE))
}

/// A picture of the caller (RFC 3261 section 20.9). Only by https: nobody on the way learns or changes what is shown.
fn icon(headers: &Headers) -> Option<String> {
    let values = headers.list("Call-Info");
    values
        .into_iter()
        .filter(|value| {
            params_of(value)
                .get("purpose")
                .is_some_and(|what| what.eq_ignore_ascii_case("icon"))
        })
        .filter_map(|value| Some(trim(value.split_once('<')?.1.split_once('>')?.0).to_owned()))
        .find(|uri| {
            let scheme = uri.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"));
            scheme && uri.len() <= LONGEST && uri.chars().all(|c| c.is_ascii_graphic())
        })
}

/// The parameters after the `<uri>` of a value (or after a value without one).
fn params_of(value: &str) -> Params {
    let mut pieces = split_outside(value, ';').into_iter();
    let first = pieces.next().unwrap_or_default();
    // `Alert-Info: info=alert-autoanswer;delay=0`, without any address.
    let bare = (!first.starts_with('<') && first.contains('=')).then_some(first);
    let mut params = Params::new();
    for piece in bare.into_iter().chain(pieces).take(crate::limits::PARAMS) {
        if let Some(Params(mut one)) = Params::parse(&format!(";{piece}")) {
            params.0.append(&mut one);
        }
    }
    params
}
