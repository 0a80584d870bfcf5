//! What the engine says by itself.
use crate::view::*;

/// One message of the event stream.
#[derive(Debug, Clone, PartialEq)]
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
}

/// A whole view.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "views are few, and moved once")]
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
#[derive(Debug, Clone, PartialEq)]
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
#[derive(Debug, Clone, PartialEq)]
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
