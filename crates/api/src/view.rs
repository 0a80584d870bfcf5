//! What a front shows. Every view is whole: it replaces the one with the same `id`.
use serde::{Deserialize, Serialize};
use ts_rs::TS;

mod account;
mod call;
mod history;
mod options;
mod pop;
mod settings;
mod watch;

pub use account::*;
pub use call::*;
pub use history::*;
pub use options::*;
pub use pop::*;
pub use settings::*;
pub use watch::*;

/// Own presence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PresenceView {
    /// What the person chose.
    pub state: PresenceState,
    /// Whether a call is connected, held or ringing out.
    pub on_call: bool,
    /// The person's own words for others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub note: Option<String>,
}

/// States a person chooses from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PresenceState {
    /// Reachable.
    #[default]
    Online,
    /// Not at the desk.
    Away,
    /// Busy; calls still ring.
    Busy,
    /// Calls are refused with 486 and do not ring; calling out works.
    DoNotDisturb,
    /// Shown as offline; calls still ring.
    Invisible,
}

/// A standing notice: what happened and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// Stable name: `no_keyring`, `no_sound_card`, `device_lost`, `device_lost_speaker`, `device_lost_ring`,
    /// `device_lost_second_ring`, `unheard`, `far_silent`, `storage`, `pop_failed`, `transfer_failed`,
    /// `auto_answered`, `message`.
    pub key: String,
    /// How loud.
    pub level: NoticeLevel,
    /// One sentence.
    pub text: String,
}

/// How loud a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NoticeLevel {
    /// Good to know.
    Info,
    /// Something works less well.
    Warning,
    /// Calls are affected.
    Error,
}
