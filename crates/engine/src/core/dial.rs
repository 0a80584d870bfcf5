//! Reads what people type, paste and click: numbers in any dress, addresses, links.
use crate::{Refusal, RefusalCode};
use parley_sip::{Host, HostPort, SipUri, Transport, Uri};

/// Digits in a number, at most; E.164 has 15, internal prefixes add some.
const DIGITS: usize = 40;
/// Bytes in a text, at most.
const LENGTH: usize = 512;

/// Whom a text means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A number, or a name at the account's own server.
    User(String),
    /// An address of its own.
    Address(Address),
}

/// `user@host`, with what a SIP link may add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    user: Option<String>,
    host: HostPort,
    secure: bool,
    transport: Option<&'static str>,
}

impl Target {
    /// To dial later: reading it again gives the same target.
    pub fn text(&self) -> String {
        match self {
            Self::User(user) => user.clone(),
            Self::Address(address) => format!(
                "{}:{}{}",
                if address.secure { "sips" } else { "sip" },
                address.shown(),
                address
                    .transport
                    .map(|name| format!(";transport={name}"))
                    .unwrap_or_default()
            ),
        }
    }

    /// To show.
    pub fn shown(&self) -> String {
        match self {
            Self::User(user) => user.clone(),
            Self::Address(address) => address.shown(),
        }
    }

    /// The number or user part.
    pub fn number(&self) -> String {
        match self {
            Self::User(user) => user.clone(),
            Self::Address(address) => address.user.clone().unwrap_or_else(|| address.host.host.to_string()),
        }
    }

    /// The address to invite, numbers at this server.
    pub fn uri(&self, server: &HostPort) -> Uri {
        match self {
            Self::User(user) => at(server).with_user(user).into(),
            Self::Address(address) => {
                let mut uri = at(&address.host);
                uri.secure = address.secure;
                if let Some(user) = &address.user {
                    uri = uri.with_user(user);
                }
                if let Some(transport) = address.transport {
                    uri = uri.with_param("transport", Some(transport));
                }
                uri.into()
            }
        }
    }
}

impl Address {
    fn shown(&self) -> String {
        match &self.user {
            Some(user) => format!("{user}@{}", self.host),
            None => self.host.to_string(),
        }
    }
}

/// `sip:host:port`.
pub(crate) fn at(server: &HostPort) -> SipUri {
    let uri = SipUri::new(server.host.clone());
    match server.port {
        Some(port) => uri.with_port(port),
        None => uri,
    }
}

/// Reads text as a number or address.
///
/// # Errors
/// With `NotDialable` and a sentence that says what is wrong.
pub fn read(text: &str) -> Result<Target, Refusal> {
    let text: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    // Whole header values get pasted too: "Bob" <sip:bob@example.com>.
    let text = text
        .split_once('<')
        .and_then(|(_, rest)| rest.split('>').next())
        .filter(|inner| !inner.is_empty())
        .unwrap_or(&text);
    let text = text.trim().trim_matches(['<', '>', '"']).trim();
    if text.is_empty() {
        return Err(not_dialable("Enter a number or an address."));
    }
    if text.len() > LENGTH {
        return Err(not_dialable("This is too long for a number or an address."));
    }
    match scheme(text) {
        Some(("tel", rest)) => number(&unescape(rest.split(';').next().unwrap_or(rest))),
        Some(("callto", rest)) => {
            let rest = unescape(rest.trim_start_matches('/'));
            let rest = rest.split('?').next().unwrap_or_default();
            if rest.contains('@') {
                address(rest, false)
            } else {
                number(rest)
            }
        }
        Some((scheme @ ("sip" | "sips"), rest)) => {
            let rest = rest.trim_start_matches('/');
            if rest.contains('@') || has_host(rest) {
                address(rest, scheme == "sips")
            } else {
                number(&unescape(rest.split([';', '?']).next().unwrap_or(rest)))
            }
        }
        Some((other, _)) => Err(not_dialable(format!("A {other}: link cannot be called."))),
        None if text.contains('@') => address(text, false),
        None => number(text),
    }
}

/// `user@host:port;transport=tcp`, anything else of a link dropped: header fields in a link are nobody's business.
fn address(text: &str, secure: bool) -> Result<Target, Refusal> {
    let text = text.split('?').next().unwrap_or(text);
    let (user, rest) = match text.rsplit_once('@') {
        Some((user, rest)) => (Some(user), rest),
        None => (None, text),
    };
    let user = user.map(|user| unescape(user.split([';', ':']).next().unwrap_or(user)));
    if user
        .as_deref()
        .is_some_and(|user| user.is_empty() || user.chars().any(|c| c.is_whitespace() || "<>\"@".contains(c)))
    {
        return Err(not_dialable(
            "There is no name before the @. Write it like name@example.com.",
        ));
    }
    let mut parts = rest.split(';');
    let host = HostPort::parse(parts.next().unwrap_or_default().trim())
        .ok_or_else(|| not_dialable("There is no server name after the @. Write it like name@example.com."))?;
    let transport = parts.find_map(|part| {
        let value = part.trim().to_ascii_lowercase();
        ["udp", "tcp", "tls"]
            .into_iter()
            .find(|name| value == format!("transport={name}"))
    });
    Ok(Target::Address(Address {
        user,
        host,
        secure,
        transport,
    }))
}

/// Digits, without what people put between them; a word is a name at the account's server.
fn number(text: &str) -> Result<Target, Refusal> {
    let text: String = text.chars().map(western_digit).collect();
    let text = text.trim();
    let starts_as_number = text.starts_with(|c: char| c.is_ascii_digit() || "+(*#".contains(c));
    if !starts_as_number {
        return name(text);
    }
    let lower = text.to_ascii_lowercase();
    if let Some(at) = ["ext", " x", ";", ","]
        .iter()
        .find_map(|mark| lower.find(mark))
        .filter(|at| *at > 0)
        && lower
            .get(at..)
            .is_some_and(|rest| rest.contains(|c: char| c.is_ascii_digit()))
    {
        return Err(not_dialable(
            "Call the number without its extension, then send the extension with the keypad.",
        ));
    }
    // "+44 (0)20 …": the zero is dialled inside the country only.
    let text = if text.starts_with('+') {
        text.replacen("(0)", "", 1)
    } else {
        text.to_owned()
    };
    let mut digits = String::new();
    for (place, c) in text.chars().enumerate() {
        match c {
            '0'..='9' | '*' | '#' => digits.push(c),
            '+' if place == 0 || digits.is_empty() => digits.push('+'),
            c if c.is_whitespace() || "-.()/\u{2010}\u{2011}\u{2012}\u{2013}\u{2212}[]_".contains(c) => {}
            c if c.is_ascii_alphabetic() => digits.push(keypad(c)),
            c => return Err(not_dialable(format!("“{c}” cannot be part of a number."))),
        }
    }
    if !digits.contains(|c: char| c != '+') {
        return Err(not_dialable("There are no digits in this number."));
    }
    if digits.len() > DIGITS {
        return Err(not_dialable("This number is too long."));
    }
    Ok(Target::User(digits))
}

fn name(text: &str) -> Result<Target, Refusal> {
    match text
        .chars()
        .find(|c| !c.is_alphanumeric() && !"-_.~!*'&=$/".contains(*c))
    {
        None if !text.is_empty() && text.len() <= 128 => Ok(Target::User(text.to_owned())),
        Some(c) if c.is_whitespace() => Err(not_dialable("This is neither a number nor an address.")),
        Some(c) => Err(not_dialable(format!("“{c}” cannot be part of a number or an address."))),
        None => Err(not_dialable("Enter a number or an address.")),
    }
}

/// The scheme of a link. `host:5060` has none.
fn scheme(text: &str) -> Option<(&'static str, &str)> {
    const KNOWN: [&str; 9] = [
        "tel",
        "callto",
        "sips",
        "sip",
        "http",
        "https",
        "mailto",
        "javascript",
        "file",
    ];
    let (before, rest) = text.split_once(':')?;
    KNOWN
        .into_iter()
        .find(|known| before.eq_ignore_ascii_case(known))
        .map(|known| (known, rest))
}

/// `sip:192.0.2.1:5060` and `sip:pbx.example.com` name a server; `sip:600` names a number.
fn has_host(text: &str) -> bool {
    let host = text.split([';', '?']).next().unwrap_or(text);
    HostPort::parse(host).is_some_and(|host| match &host.host {
        Host::Name(name) => name.contains('.') && name.contains(|c: char| c.is_ascii_alphabetic()),
        Host::V4(_) | Host::V6(_) => true,
    })
}

/// `1-800-FLOWERS`, by ITU-T E.161.
fn keypad(letter: char) -> char {
    match letter.to_ascii_lowercase() {
        'a'..='c' => '2',
        'd'..='f' => '3',
        'g'..='i' => '4',
        'j'..='l' => '5',
        'm'..='o' => '6',
        'p'..='s' => '7',
        't'..='v' => '8',
        _ => '9',
    }
}

/// Full-width, Arabic and Persian digits as Western ones; the full-width plus too.
fn western_digit(c: char) -> char {
    let zero = match c {
        '\u{ff10}'..='\u{ff19}' => 0xff10,
        '\u{660}'..='\u{669}' => 0x660,
        '\u{6f0}'..='\u{6f9}' => 0x6f0,
        '\u{ff0b}' => return '+',
        other => return other,
    };
    char::from_digit(u32::from(c).saturating_sub(zero), 10).unwrap_or(c)
}

fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// `%2B44` as `+44`; what is no escape stays.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        match (first, after) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                let digit = |c: u8| char::from(c).to_digit(16).unwrap_or_default();
                bytes.push(u8::try_from(digit(*high) * 16 + digit(*low)).unwrap_or_default());
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes)
        .chars()
        .filter(|c| !is_invisible(*c))
        .collect()
}

fn not_dialable(why: impl Into<String>) -> Refusal {
    Refusal::new(RefusalCode::NotDialable, why).about("target")
}

/// The transport a person chose, in SIP's word; `None` lets the DNS decide.
pub(crate) fn transport(choice: crate::Transport) -> Option<Transport> {
    Some(match choice {
        crate::Transport::Auto => return None,
        crate::Transport::Udp => Transport::Udp,
        crate::Transport::Tcp => Transport::Tcp,
        crate::Transport::Tls => Transport::Tls,
        crate::Transport::Ws => Transport::Ws,
        crate::Transport::Wss => Transport::Wss,
    })
}
