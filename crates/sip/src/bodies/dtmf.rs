//! Keys in the body of INFO: `application/dtmf-relay` with signal and duration, and the shorter `application/dtmf`. Neither
//! has an RFC; both are what telephone systems send and take.

use std::time::Duration;

/// The body with signal and duration.
pub const DTMF_RELAY: &str = "application/dtmf-relay";
/// The body with the key alone.
pub const DTMF: &str = "application/dtmf";

/// Longer is no key that a person pressed.
const LONGEST: usize = 256;
/// How long a key is pressed when the body does not say.
const USUAL: Duration = Duration::from_millis(250);

/// A key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// `0`-`9`, `*`, `#`, `A`-`D`.
    pub signal: char,
    /// How long it is pressed.
    pub duration: Duration,
}

impl Key {
    /// Reads a body of either type.
    pub fn read(content_type: &str, body: &[u8]) -> Option<Key> {
        let text = std::str::from_utf8(body.get(..body.len().min(LONGEST))?).ok()?;
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        if kind.eq_ignore_ascii_case(DTMF) && !text.contains('=') {
            return Some(Key {
                signal: signal(text)?,
                duration: USUAL,
            });
        }
        if !kind.eq_ignore_ascii_case(DTMF) && !kind.eq_ignore_ascii_case(DTMF_RELAY) {
            return None;
        }
        let value = |name: &str| {
            text.lines().find_map(|line| {
                let (key, value) = line.split_once('=')?;
                key.trim().eq_ignore_ascii_case(name).then_some(value.trim())
            })
        };
        let duration = value("Duration").and_then(|value| value.parse().ok());
        Some(Key {
            signal: signal(value("Signal")?)?,
            duration: duration.map_or(USUAL, |ms: u16| Duration::from_millis(ms.into())),
        })
    }

    /// As `application/dtmf-relay`.
    pub fn write(&self) -> Vec<u8> {
        let ms = self.duration.as_millis();
        format!("Signal={}\r\nDuration={ms}\r\n", self.signal).into_bytes()
    }
}

/// One of the sixteen keys, also by the number of its event (RFC 4733 section 3.2) as some write `*` and `#`.
fn signal(text: &str) -> Option<char> {
    let text = text.trim();
    match text {
        "10" => return Some('*'),
        "11" => return Some('#'),
        _ => {}
    }
    let mut signs = text.chars();
    let sign = signs.next()?.to_ascii_uppercase();
    let is_key = sign.is_ascii_digit() || matches!(sign, '*' | '#' | 'A'..='D');
    (is_key && signs.next().is_none()).then_some(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_telephone_systems_send_is_read() {
        let read =
            |kind: &str, body: &str| Key::read(kind, body.as_bytes()).map(|key| (key.signal, key.duration.as_millis()));
        assert_eq!(read(DTMF_RELAY, "Signal=5\r\nDuration=160\r\n"), Some(('5', 160)));
        assert_eq!(read(DTMF_RELAY, "Signal= 5\nDuration= 160\n"), Some(('5', 160)));
        assert_eq!(read("Application/DTMF-Relay ; x=1", "signal=d"), Some(('D', 250)));
        assert_eq!(read(DTMF_RELAY, "Signal=11\r\nDuration=99999\r\n"), Some(('#', 250)));
        assert_eq!(read(DTMF, "7"), Some(('7', 250)));
        assert_eq!(read(DTMF, "*\r\n"), Some(('*', 250)));
        assert_eq!(read(DTMF, "Signal=3"), Some(('3', 250)));
    }

    #[test]
    fn what_is_no_key_is_none() {
        let read = |kind: &str, body: &[u8]| Key::read(kind, body);
        for body in [
            &b""[..],
            b"Signal=",
            b"Signal=55",
            b"Signal=16",
            b"Duration=5",
            b"\xff\xfe",
            b"Signal=E",
        ] {
            assert_eq!(read(DTMF_RELAY, body), None, "{body:?}");
        }
        assert_eq!(read("text/plain", b"Signal=5"), None);
        assert_eq!(read(DTMF, b"hello"), None);
        assert_eq!(read(DTMF_RELAY, &[b'x'; 5000]), None);
    }

    #[test]
    fn what_is_written_reads_the_same() {
        for signal in "0123456789*#ABCD".chars() {
            let key = Key {
                signal,
                duration: Duration::from_millis(160),
            };
            assert_eq!(Key::read(DTMF_RELAY, &key.write()), Some(key));
        }
    }
}
