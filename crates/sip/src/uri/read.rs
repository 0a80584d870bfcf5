//! Reading URIs.

use super::escape::is_well_formed;
use super::{AbsoluteUri, SipUri, TelUri, Uri};
use crate::{Fault, HostPort, Param, Params, limits};

pub(super) fn uri(text: &str) -> Result<Uri, Fault> {
    // What has to be escaped counts as it goes out, or we could not read what we print.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"%-_.!~*'();/?:@&=+$,#[]".contains(&byte);
    let length: usize = text.bytes().map(|byte| if plain(byte) { 1 } else { 3 }).sum();
    if length > limits::URI {
        return Err(Fault::UriTooLong);
    }
    read(text).ok_or(Fault::Uri)
}

fn read(text: &str) -> Option<Uri> {
    if text.contains(|c: char| c.is_control() || c.is_whitespace() || "<>\"".contains(c)) {
        return None;
    }
    let (scheme, rest) = text.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    match scheme.to_ascii_lowercase().as_str() {
        "sip" => sip(rest, false).map(Uri::Sip),
        "sips" => sip(rest, true).map(Uri::Sip),
        "tel" => tel(rest).map(Uri::Tel),
        _ if is_scheme && !rest.is_empty() => Some(Uri::Absolute(AbsoluteUri {
            scheme: scheme.to_owned(),
            rest: rest.to_owned(),
        })),
        _ => None,
    }
}

fn sip(rest: &str, secure: bool) -> Option<SipUri> {
    // `@` stands escaped everywhere else, so the first one ends the user part, whatever `;?/` the user part holds.
    let (user_info, rest) = match rest.split_once('@') {
        Some((user_info, rest)) => (Some(user_info), rest),
        None => (None, rest),
    };
    let (user, password) = match user_info.map(|info| info.split_once(':').unwrap_or((info, "\0"))) {
        None => (None, None),
        Some((user, password)) if !user.is_empty() && is_well_formed(user) && is_well_formed(password) => (
            Some(user.to_owned()),
            Some(password.to_owned()).filter(|password| password != "\0"),
        ),
        Some(_) => return None,
    };
    let (rest, header_part) = match rest.split_once('?') {
        Some((rest, headers)) => (rest, Some(headers)),
        None => (rest, None),
    };
    let (host_port, param_part) = rest.split_at(rest.find(';').unwrap_or(rest.len()));
    let HostPort { host, port } = HostPort::parse(host_port)?;
    Some(SipUri {
        secure,
        user,
        password,
        host,
        port,
        params: params(param_part)?,
        headers: header_part.map_or(Some(Vec::new()), headers)?,
    })
}

fn headers(text: &str) -> Option<Vec<(String, String)>> {
    text.split('&')
        .map(|piece| {
            let (name, value) = piece.split_once('=')?;
            let fine = !name.is_empty() && is_well_formed(name) && is_well_formed(value);
            fine.then(|| (name.to_owned(), value.to_owned()))
        })
        .collect()
}

fn tel(rest: &str) -> Option<TelUri> {
    let (number, param_part) = rest.split_at(rest.find(';').unwrap_or(rest.len()));
    let digits = number.strip_prefix('+').unwrap_or(number);
    let fine =
        digits.chars().all(is_phone_char) && digits.contains(|c: char| !"-.()+".contains(c)) && !digits.contains('+');
    fine.then_some(())?;
    Some(TelUri {
        number: number.to_owned(),
        params: params(param_part)?,
    })
}

/// What a number of RFC 3966 may hold, global or local.
pub(super) fn is_phone_char(c: char) -> bool {
    c.is_ascii_hexdigit() || "+*#-.()".contains(c)
}

/// URI parameters: no quotes, a wider set of characters than tokens; a stray `;` is passed over.
fn params(text: &str) -> Option<Params> {
    let pieces: Vec<&str> = text.split(';').filter(|piece| !piece.is_empty()).collect();
    if pieces.len() > limits::PARAMS {
        return None;
    }
    let params = pieces.into_iter().map(|piece| {
        let (name, value) = match piece.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (piece, None),
        };
        let fine = !name.is_empty() && is_well_formed(piece);
        fine.then(|| Param {
            name: name.to_owned(),
            value: value.map(str::to_owned),
            quoted: false,
        })
    });
    params.collect::<Option<Vec<_>>>().map(Params)
}
