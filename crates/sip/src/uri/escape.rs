//! `%` escapes and the characters each part of a URI may hold besides the unreserved ones (RFC 3261 section 25.1).

/// User part: `user-unreserved`, and `#` which phones send in service codes.
pub(super) const USER: &str = "&=+$,;?/#";
/// Password.
pub(super) const PASSWORD: &str = "&=+$,";
/// Parameter names and values: `param-unreserved`.
pub(super) const PARAM: &str = "[]/:&+$";
/// Header names and values: `hnv-unreserved`.
pub(super) const HEADER: &str = "[]/?:+$";
/// The part after the scheme of a URI that is not interpreted.
pub(super) const ANY: &str = ";/?:@&=+$,#[]";
/// Characters that mean something else escaped than plain, when URIs are compared.
const RESERVED: &str = ";/?:@&=+$,%";

/// Whether every `%` starts an escape.
pub(super) fn is_well_formed(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes
        .iter()
        .enumerate()
        .all(|(at, byte)| *byte != b'%' || octet(bytes, at).is_some())
}

/// The text without escapes; octets that are no UTF-8 become U+FFFD.
pub(super) fn decode(text: &str) -> String {
    String::from_utf8_lossy(&decode_where(text, |_| true)).into_owned()
}

/// Escapes plain text: all but unreserved and `allowed` characters.
pub(super) fn encode(text: &str, allowed: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Writing into a String cannot fail.
    let _ = crate::print::uri_part(&mut out, &text.replace('%', "%25"), allowed);
    out
}

/// The form in which equal parts are equal: escapes decoded but for reserved characters (RFC 3261 section 19.1.4). What should
/// have been escaped, being none of `allowed`, equals its escape: that is how it goes out again.
pub(super) fn normal(text: &str, allowed: &str) -> Vec<u8> {
    let mut printed = String::with_capacity(text.len());
    // Writing into a String cannot fail.
    let _ = crate::print::uri_part(&mut printed, text, allowed);
    decode_where(&printed, |octet| !RESERVED.contains(octet as char))
}

fn decode_where(text: &str, wanted: impl Fn(u8) -> bool) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match octet(bytes, at) {
            Some(octet) if *byte == b'%' => {
                if wanted(octet) {
                    out.push(octet);
                } else {
                    out.extend_from_slice(format!("%{octet:02X}").as_bytes());
                }
                at += 3;
            }
            _ => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    out
}

/// The octet of the escape at this place.
fn octet(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| bytes.get(at).and_then(|b| (*b as char).to_digit(16));
    let (high, low) = (digit(at + 1)?, digit(at + 2)?);
    u8::try_from(high * 16 + low).ok()
}
