//! Who calls whom.

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
}
