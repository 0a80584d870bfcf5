//! Others: watched lines and their lamps, the mailbox, short messages.
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Somebody whose lamp is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WatchView {
    /// Its number.
    pub id: u64,
    /// The line that watches.
    pub account: u64,
    /// The number or address watched; it can be dialled.
    pub target: String,
    /// The name to show.
    pub label: String,
    /// What they tell of themselves; absent while nothing is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub presence: Option<WatchPresence>,
    /// What their phone does.
    pub lamp: Lamp,
    /// Their ringing call can be picked up.
    pub pick_up: bool,
}

/// What a person enters about a watch. Absent `id` adds one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WatchDraft {
    /// The watch to change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub id: Option<u64>,
    /// The line that watches; absent is the chosen line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub account: Option<u64>,
    /// Number or address.
    pub target: String,
    /// The name to show; empty takes the number.
    #[serde(default)]
    #[ts(as = "Option<String>", optional)]
    pub label: String,
}

/// What somebody tells of themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WatchPresence {
    /// Whether they can be reached.
    pub state: WatchState,
    /// Their own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub note: Option<String>,
    /// They talk.
    pub on_the_phone: bool,
}

/// Whether somebody can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WatchState {
    /// No phone of theirs is there, or they do not show it.
    Offline,
    /// Reachable.
    Online,
    /// Not at the desk.
    Away,
    /// Busy; calls may ring.
    Busy,
    /// Wants no calls.
    DoNotDisturb,
}

/// What a watched phone does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Lamp {
    /// Nobody tells.
    Unknown,
    /// No call.
    Idle,
    /// It rings.
    Ringing {
        /// Name or number of who calls, if it is told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        caller: Option<String>,
    },
    /// It calls or talks.
    Busy,
    /// All its calls are held.
    Held,
}

/// A mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Voicemail {
    /// Something new is in it.
    pub waiting: bool,
    /// Messages not heard yet, if the server counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub new: Option<u32>,
    /// Messages heard and kept, if the server counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub old: Option<u32>,
    /// Whom `call_voicemail` calls; absent: it cannot be called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub target: Option<String>,
}

/// A short message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MessageView {
    /// Its number; a newer message has a greater one.
    pub id: u64,
    /// The line.
    pub account: u64,
    /// The line's name then.
    pub line: String,
    /// The other: a number or address that can be dialled and written to. One conversation each.
    pub peer: String,
    /// The other's name, or empty.
    pub name: String,
    /// The other's number, or the user part of the address.
    pub number: String,
    /// It came in.
    pub incoming: bool,
    /// The text. From the network: show it as text and nothing else.
    pub text: String,
    /// When; milliseconds.
    pub at: i64,
    /// What became of it.
    pub outcome: MessageOutcome,
    /// Why it was not delivered, for people; may be empty.
    pub reason: String,
    /// It came in and nobody has looked at it.
    pub unseen: bool,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MessageOutcome {
    /// It came in.
    Received,
    /// It is on its way.
    Sending,
    /// It is at its destination.
    Delivered,
    /// A server keeps it and will try.
    Accepted,
    /// It was not taken.
    Failed,
    /// Nobody knows: no answer came, or Parley stopped before it.
    Unknown,
}
