//! Messages that wait in a mailbox: `application/simple-message-summary` (RFC 3842 section 5).

use std::fmt;

use super::BodyError;
use crate::Uri;
use crate::parse::tokens::{number, trim};

/// The media type.
pub const CONTENT_TYPE: &str = "application/simple-message-summary";

/// Largest document in octets.
const SIZE: usize = 16 * 1024;
/// Most lines read; message headers may follow the summary.
const LINES: usize = 64;

/// What kind of messages (RFC 3842 section 5.2, RFC 3458).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageClass {
    /// `Voice-Message`.
    Voice,
    /// `Fax-Message`.
    Fax,
    /// `Pager-Message`.
    Pager,
    /// `Multimedia-Message`.
    Multimedia,
    /// `Text-Message`.
    Text,
    /// `None`.
    None,
}

impl MessageClass {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Voice, "Voice-Message"),
        (Self::Fax, "Fax-Message"),
        (Self::Pager, "Pager-Message"),
        (Self::Multimedia, "Multimedia-Message"),
        (Self::Text, "Text-Message"),
        (Self::None, "None"),
    ];

    fn named(name: &str) -> Option<Self> {
        let known = Self::ALL.iter().find(|(_, known)| known.eq_ignore_ascii_case(name));
        known.map(|(class, _)| *class)
    }
}

/// How many messages of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageCount {
    /// The class.
    pub class: MessageClass,
    /// Not heard yet, urgent ones included.
    pub new: u32,
    /// Heard and kept, urgent ones included.
    pub old: u32,
    /// New and urgent.
    pub new_urgent: u32,
    /// Old and urgent.
    pub old_urgent: u32,
}

/// One document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessageSummary {
    /// `Messages-Waiting`: whether a lamp shall shine.
    pub waiting: bool,
    /// `Message-Account`: where to call to hear them.
    pub account: Option<Uri>,
    /// The counts, where the server tells them.
    pub counts: Vec<MessageCount>,
}

impl MessageSummary {
    /// Reads a body.
    pub fn read(body: &[u8]) -> Result<Self, BodyError> {
        if body.len() > SIZE {
            return Err(BodyError::TooLarge);
        }
        let text = std::str::from_utf8(body).map_err(|_| BodyError::NotUtf8)?;
        let mut read = Self::default();
        let mut waiting = None;
        // An empty line ends the summary; the headers of single messages may follow.
        let lines = text.lines().skip_while(|line| trim(line).is_empty()).take(LINES);
        for line in lines.take_while(|line| !trim(line).is_empty()) {
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            let (name, value) = (trim(name), trim(value));
            if name.eq_ignore_ascii_case("Messages-Waiting") {
                waiting = Some(value.eq_ignore_ascii_case("yes"));
            } else if name.eq_ignore_ascii_case("Message-Account") {
                let bare = value.trim_start_matches('<').trim_end_matches('>');
                read.account = Uri::parse(bare).ok();
            } else if let (Some(class), Some(count)) = (MessageClass::named(name), counts(value))
                && read.counts.iter().all(|known| known.class != class)
            {
                read.counts.push(MessageCount { class, ..count });
            }
        }
        read.waiting = waiting.ok_or(BodyError::NotThis)?;
        Ok(read)
    }

    /// The counts of the voice messages.
    pub fn voice(&self) -> Option<MessageCount> {
        self.counts
            .iter()
            .find(|count| count.class == MessageClass::Voice)
            .copied()
    }

    /// The document for the wire.
    pub fn write(&self) -> Vec<u8> {
        self.to_string().into_bytes()
    }
}

impl fmt::Display for MessageSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting = if self.waiting { "yes" } else { "no" };
        write!(f, "Messages-Waiting: {waiting}\r\n")?;
        if let Some(account) = &self.account {
            write!(f, "Message-Account: {account}\r\n")?;
        }
        for count in &self.counts {
            let named = MessageClass::ALL.iter().find(|(class, _)| *class == count.class);
            let name = named.map_or("None", |(_, name)| name);
            let MessageCount {
                new,
                old,
                new_urgent,
                old_urgent,
                ..
            } = count;
            write!(f, "{name}: {new}/{old} ({new_urgent}/{old_urgent})\r\n")?;
        }
        Ok(())
    }
}

/// `2/8 (0/2)`, or without the urgent ones.
fn counts(value: &str) -> Option<MessageCount> {
    let (plain, urgent) = match value.split_once('(') {
        Some((plain, urgent)) => (plain, urgent.split(')').next()),
        None => (value, None),
    };
    let pair = |text: &str| {
        let (new, old) = text.split_once('/')?;
        Some((number(trim(new))?, number(trim(old))?))
    };
    let (new, old) = pair(plain)?;
    let (new_urgent, old_urgent) = urgent.and_then(pair).unwrap_or_default();
    Some(MessageCount {
        class: MessageClass::None,
        new,
        old,
        new_urgent,
        old_urgent,
    })
}
