//! Who calls whom.
use crate::Forwarding;
use std::time::Duration;

/// A call. Never reused while the switchboard lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u64);

/// A line: one account of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineId(pub u32);

/// In or out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// They call us.
    Incoming,
    /// We call them.
    Outgoing,
}

/// The other end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Party {
    /// Display name; `None` when none was sent.
    pub name: Option<String>,
    /// Number or user part; empty when withheld.
    pub number: String,
    /// Address to call back; empty when withheld.
    pub address: String,
}

impl Party {
    /// A party of whom only the number is known; it is also the address.
    pub fn number(number: impl Into<String>) -> Self {
        let number = number.into();
        Self {
            name: None,
            address: number.clone(),
            number,
        }
    }

    /// Name, else number, else a word for nobody known.
    pub fn shown(&self) -> &str {
        match (&self.name, self.number.as_str()) {
            (Some(name), _) => name,
            (None, "") => "the other end",
            (None, number) => number,
        }
    }
}

/// A call of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The line to call from.
    pub line: LineId,
    /// Whom.
    pub party: Party,
    /// No rule of the switchboard stands in its way: other calls make room, and it never ends by itself.
    pub emergency: bool,
}

impl Outgoing {
    /// An ordinary call.
    pub fn new(line: LineId, party: Party) -> Self {
        Self {
            line,
            party,
            emergency: false,
        }
    }
}

/// What is known of a call that comes in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invitation {
    /// The caller.
    pub party: Party,
    /// Own number that was reached.
    pub reached: String,
    /// Number the caller first dialled, before diversions; often the same as `reached`.
    pub called: String,
    /// Where the called line sends its calls on to.
    pub forwarding: Forwarding,
    /// The caller asks to be answered without a person, after this long; `None` where the line does not allow it.
    pub auto_answer: Option<Duration>,
    /// It takes the place of this call of ours, without ringing: only where that was decided to be trusted.
    pub replaces: Option<CallId>,
    /// No rule turns it away or sends it on: an emergency service calls back.
    pub insists: bool,
}
