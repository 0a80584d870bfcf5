//! What the engine says by itself.
use crate::view::*;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One message of the event stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Event {
    /// Views that changed. `seq` grows by one each time; after a gap take a new snapshot.
    Update {
        /// Sequence number of this update.
        seq: u64,
        /// Whole views, new or changed.
        upserts: Vec<View>,
        /// Views that are gone.
        removals: Vec<ViewRef>,
    },
    /// Sound levels, at most ten a second, 0 to 1, only while a call is up.
    Levels {
        /// Microphone after mute.
        microphone: f32,
        /// What the speaker plays.
        speaker: f32,
    },
    /// How the playing of a recording goes, four times a second.
    Playback {
        /// Of which entry; absent when nothing is played any more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        entry: Option<u64>,
        /// The position in milliseconds.
        at_ms: u64,
        /// The whole in milliseconds.
        length_ms: u64,
        /// It waits.
        paused: bool,
    },
    /// A link or a second start asks for this in the dial field. Nothing is dialled.
    Prefill {
        /// Text for the dial field.
        target: String,
    },
    /// The window's close button was pressed and the person has not said yet what that means here: ask, then call
    /// `hide_window` or `quit`. Only the desktop app says it.
    CloseAsked {
        /// Whether there is a tray to come back from; without one a hidden window comes back by a second start.
        tray: bool,
    },
    /// All standing notices of the desktop itself (no notifications, …), shown beside the engine's and dismissed like
    /// them with `dismiss_notice`. Said at once to a new subscriber, and whenever one comes or goes.
    DesktopNotices {
        /// They replace the ones said before.
        notices: Vec<Notice>,
    },
    /// The notification of a message was pressed: show the conversation. Only the desktop app says it.
    ShowMessages {
        /// Whose conversation, as its messages name it.
        peer: String,
        /// What to call it.
        name: String,
    },
}

/// A whole view.
#[allow(clippy::large_enum_variant)] // views are made to be written out, one after the other
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum View {
    /// An account and its registration.
    Account(AccountView),
    /// A call that lives, or ended less than ten seconds ago.
    Call(CallView),
    /// Own presence.
    Presence(PresenceView),
    /// The settings.
    Settings(Settings),
    /// Sound devices and what is chosen.
    Sound(SoundView),
    /// A history entry that is new or changed.
    History(HistoryEntry),
    /// Numbers of missed calls and messages not yet seen.
    Unseen(UnseenView),
    /// A screen-pop rule that was saved; its identity is its account.
    PopRule(PopRule),
    /// A screen pop that was tried.
    Pop(PopLogEntry),
    /// Somebody watched.
    Watch(WatchView),
    /// A message that is new or changed.
    Message(MessageView),
    /// A standing notice (no keyring, no sound card, disk full, …).
    Notice(Notice),
}

/// A view that is gone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", content = "id", rename_all = "snake_case")]
pub enum ViewRef {
    /// By account number.
    Account(u64),
    /// By call number.
    Call(u64),
    /// By history number.
    History(u64),
    /// All history.
    AllHistory,
    /// By the watch's number.
    Watch(u64),
    /// By the notice's key.
    Notice(String),
}

/// Everything a front needs to draw itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// The update this state includes; the next one has `seq + 1`.
    pub seq: u64,
    /// Accounts in the user's order.
    pub accounts: Vec<AccountView>,
    /// Calls, newest first.
    pub calls: Vec<CallView>,
    /// Own presence.
    pub presence: PresenceView,
    /// The settings.
    pub settings: Settings,
    /// Sound devices.
    pub sound: SoundView,
    /// The newest hundred history entries, newest first.
    pub history: Vec<HistoryEntry>,
    /// Missed calls and messages not yet seen.
    pub unseen: UnseenView,
    /// The newest twenty screen pops, newest first.
    pub pops: Vec<PopLogEntry>,
    /// Screen-pop rules, one an account.
    pub pop_rules: Vec<PopRule>,
    /// Whom this person watches, in the person's order.
    pub watches: Vec<WatchView>,
    /// The newest hundred messages, newest first.
    pub messages: Vec<MessageView>,
    /// Standing notices.
    pub notices: Vec<Notice>,
    /// Version of the product.
    pub version: String,
    /// Whether the practice exchange runs in this process.
    pub practice: bool,
}
