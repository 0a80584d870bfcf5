//! The strict writer: every line that must be there, in the order of RFC 8866 section 5, with CRLF.

use std::fmt;

use super::{Attribute, MediaDescription, Sdp};
use crate::{Host, print};

impl Sdp {
    /// The octets for a message body.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_string().into_bytes()
    }
}

impl fmt::Display for Sdp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = &self.origin;
        let session_id: String = origin.session_id.chars().filter(char::is_ascii_digit).collect();
        f.write_str("v=0\r\no=")?;
        word(f, &origin.username)?;
        f.write_str(" ")?;
        word(f, if session_id.is_empty() { "0" } else { &session_id })?;
        write!(f, " {} ", origin.version)?;
        address(f, &origin.address)?;
        f.write_str("\r\ns=")?;
        print::text(f, if self.name.is_empty() { "-" } else { &self.name })?;
        f.write_str("\r\n")?;
        connection(f, &self.connection)?;
        bandwidth(f, &self.bandwidth)?;
        f.write_str("t=0 0\r\n")?;
        attributes(f, &self.attributes)?;
        self.media.iter().try_for_each(|media| media.fmt(f))
    }
}

impl fmt::Display for MediaDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("m=")?;
        word(f, &self.kind)?;
        write!(f, " {} ", self.port)?;
        word(f, &self.protocol)?;
        for format in &self.formats {
            f.write_str(" ")?;
            word(f, format)?;
        }
        if self.formats.is_empty() {
            // A media line names at least one format, though it be refused.
            f.write_str(" 0")?;
        }
        f.write_str("\r\n")?;
        connection(f, &self.connection)?;
        bandwidth(f, &self.bandwidth)?;
        attributes(f, &self.attributes)
    }
}

fn connection(f: &mut fmt::Formatter<'_>, host: &Option<Host>) -> fmt::Result {
    let Some(host) = host else { return Ok(()) };
    f.write_str("c=")?;
    address(f, host)?;
    f.write_str("\r\n")
}

/// `IN IP6 2001:db8::1`: no brackets here.
fn address(f: &mut fmt::Formatter<'_>, host: &Host) -> fmt::Result {
    match host {
        Host::V6(v6) => write!(f, "IN IP6 {v6}"),
        other => write!(f, "IN IP4 {other}"),
    }
}

fn bandwidth(f: &mut fmt::Formatter<'_>, lines: &[String]) -> fmt::Result {
    lines.iter().try_for_each(|line| {
        f.write_str("b=")?;
        print::text(f, line)?;
        f.write_str("\r\n")
    })
}

fn attributes(f: &mut fmt::Formatter<'_>, attributes: &[Attribute]) -> fmt::Result {
    attributes.iter().try_for_each(|attribute| {
        f.write_str("a=")?;
        print::token(f, &attribute.name)?;
        if let Some(value) = &attribute.value {
            f.write_str(":")?;
            print::text(f, value)?;
        }
        f.write_str("\r\n")
    })
}

/// Text without white space; an empty one becomes `-`.
fn word(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let clean: String = text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    f.write_str(if clean.is_empty() { "-" } else { &clean })
}
