//! What goes into the [`Core`](super::Core) and what comes out of it.
use crate::{PasswordState, Refusal, Reply, Request};
use parley_call::CallId;
use parley_media::{DeviceChoice, MediaEvent, Reserved, RingLevel, SessionId, StreamParams, Tone};
use parley_screenpop::Filled;
use parley_sip::endpoint::{self, FlowId, NextHop, RouteId};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

/// A moment on both clocks: one that never jumps, and the calendar's.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// For time-outs and durations.
    pub instant: Instant,
    /// For people and the disk: milliseconds since the Unix epoch.
    pub unix_ms: i64,
}

impl Now {
    /// The calendar's time of another moment.
    pub fn unix_of(&self, then: Instant) -> i64 {
        let ahead = then.saturating_duration_since(self.instant).as_millis();
        let behind = self.instant.saturating_duration_since(then).as_millis();
        self.unix_ms
            .saturating_add(i64::try_from(ahead).unwrap_or(0))
            .saturating_sub(i64::try_from(behind).unwrap_or(0))
    }
}

/// A front's request, to be answered with [`Effect::Reply`] exactly once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AskId(pub u64);

/// One screen pop on its way; the disk gives it its lasting number later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PopKey(pub u64);

/// One message on its way to the disk, which gives it its lasting number later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageKey(pub u64);

/// What wakes the core.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "moved once")]
pub enum Wake {
    /// A person or script asks.
    Request {
        /// Whose answer it is.
        id: AskId,
        /// The wish.
        request: Request,
    },
    /// The sockets.
    Network(endpoint::Input),
    /// Another network, other addresses of ours, or a cable that is back.
    NetworkChanged,
    /// Sound.
    Media(MediaEvent),
    /// The answer to [`Effect::Reserve`].
    Reserved {
        /// For whom.
        call: CallId,
        /// Ports, or why there are none.
        result: Result<Reserved, String>,
    },
    /// The disk.
    Store(StoreAnswer),
    /// The keyring.
    Secret(SecretAnswer),
    /// A screen pop was opened, or not.
    Popped {
        /// Which.
        pop: PopKey,
        /// When the browser was asked or the program started, or why not and what to do.
        outcome: Result<Instant, String>,
    },
    /// Text for the dial field.
    Prefill(String),
    /// The product is closing: end calls, un-register.
    Closing,
    /// Time has passed.
    Timer,
}

/// What the edge must do, in this order.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "moved once")]
pub enum Effect {
    /// Find a way to a server.
    Open(RouteId, NextHop),
    /// Send a message.
    Send(FlowId, Vec<u8>),
    /// This connection may be dead: give it to nobody who asks for a way, until something is heard by it.
    Doubt(FlowId),
    /// This way is dead: close it.
    Close(FlowId),
    /// This server failed: for so long, rather open a way to another one of the same name (RFC 3263 section 4.3).
    Avoid(SocketAddr, parley_sip::Transport, Duration),
    /// Bind RTP ports on this address; answer with [`Wake::Reserved`] before anything else.
    Reserve {
        /// For whom.
        call: CallId,
        /// Our address towards the far end.
        local: IpAddr,
    },
    /// Run sound as agreed.
    Stream(SessionId, StreamParams),
    /// Microphone off or on.
    Mute(SessionId, bool),
    /// Who has microphone and speaker; several in a conference.
    Focus(Vec<SessionId>),
    /// Send telephone events.
    Digits(SessionId, String),
    /// Record a session.
    Record(SessionId, parley_media::Recording),
    /// Leave out what is said, or take it again.
    PauseRecording(SessionId, bool),
    /// The end of a recording.
    StopRecording(SessionId),
    /// Play a recording from here on, in milliseconds.
    Play(std::path::PathBuf, u64),
    /// Let it wait, or go on.
    PausePlayback(bool),
    /// Play it no more.
    StopPlayback,
    /// What those on hold hear.
    HoldSound(parley_media::HoldSound),
    /// How the ringtone sounds.
    RingStyle(parley_media::RingStyle),
    /// As in which country tones sound; empty follows the system.
    ToneCountry(String),
    /// Close the ports.
    StopMedia(SessionId),
    /// The ringtone.
    Ring(RingLevel),
    /// How loud it is, per cent.
    RingVolume(u8),
    /// A short figure on the ring device.
    Alert(parley_media::Alert),
    /// The tone in the ear.
    Tone(Tone),
    /// Which devices to use.
    Choose(DeviceChoice),
    /// What is done to voices.
    Voice(parley_media::VoiceSettings),
    /// The level of the microphone is looked at, or no longer.
    Meter(bool),
    /// A test of the microphone begins or ends.
    Rehearse(bool),
    /// Something for the disk.
    Store(StoreCommand),
    /// Something for the keyring.
    Secret(SecretCommand),
    /// Open a screen pop.
    Launch {
        /// Which.
        pop: PopKey,
        /// What; its last step asks the disk which program is meant.
        filled: Filled,
    },
    /// Answer a front.
    Reply(AskId, Result<Reply, Refusal>),
    /// Everything is said; the product may stop.
    Closed,
}

/// What the disk knows at the start.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// Accounts in the user's order.
    pub accounts: Vec<parley_store::Account>,
    /// Screen-pop rules.
    pub rules: Vec<parley_store::PopRule>,
    /// Settings.
    pub settings: parley_store::Settings,
    /// Chosen devices.
    pub devices: parley_store::SoundChoice,
    /// The newest entries, newest first.
    pub history: Vec<parley_store::Entry>,
    /// Missed calls not yet seen.
    pub unseen: u32,
    /// The newest screen pops, newest first.
    pub pops: Vec<parley_store::PopEntry>,
    /// Outages of accounts, as they were written down.
    pub outages: Vec<(parley_store::AccountId, String)>,
    /// Whom the person watches.
    pub watches: Vec<parley_store::Watch>,
    /// The newest messages, newest first.
    pub messages: Vec<parley_store::Message>,
    /// Messages not yet seen.
    pub unseen_messages: u32,
    /// Why nothing is kept on disk, if so; for people.
    pub trouble: Option<String>,
}

/// Of what an old call's values are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recall {
    /// Of the call of this logged pop.
    Pop(parley_store::PopId),
    /// Of this entry.
    Entry(parley_store::HistoryId),
}

/// An old call, with what a screen pop may use of it.
#[derive(Debug, Clone)]
pub struct Recalled {
    /// Its entry.
    pub entry: parley_store::Entry,
    /// Headers of its invitation.
    pub headers: Vec<(String, String)>,
}

/// Which history entry a screen pop belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PopOf {
    /// That of a call of this run.
    Call(CallId),
    /// An old one.
    Entry(parley_store::HistoryId),
}

/// Something for the disk; commands are carried out in order.
#[derive(Debug, Clone)]
pub enum StoreCommand {
    /// Tell everything. Answer: `Loaded`.
    Load,
    /// Keep an account. Answer: `AccountSaved`.
    SaveAccount(AskId, Option<parley_store::AccountId>, parley_store::AccountData),
    /// Forget an account and its rule.
    DeleteAccount(parley_store::AccountId),
    /// The line outgoing calls use.
    ChooseLine(parley_store::AccountId),
    /// Keep a rule.
    SaveRule(parley_store::PopRule),
    /// Keep the settings.
    SaveSettings(parley_store::Settings),
    /// Keep a small thing under a name; nothing forgets it.
    Remember(String, Option<String>),
    /// Keep the order of devices for a role.
    ChooseDevices(parley_store::SoundRole, Vec<parley_store::KnownDevice>),
    /// A call began; its `follows` is filled in by the disk, from the call that was sent on.
    Begin {
        /// Which.
        call: CallId,
        /// Because of which one of this run.
        follows: Option<CallId>,
        /// What to write.
        new: parley_store::NewCall,
    },
    /// It was answered, at this time.
    Answered(CallId, i64),
    /// How it sounded.
    Sounded(CallId, parley_store::Quality),
    /// It ended.
    Ended(CallId, parley_store::End),
    /// It is recorded in this file; an empty name takes that back.
    Recorded(CallId, String),
    /// These calls still go on, at this time.
    Touch(Vec<CallId>, i64),
    /// A screen pop is being opened. Answer: `Pop`.
    PopBegan {
        /// Which.
        key: PopKey,
        /// Of which call.
        of: PopOf,
        /// Who called, when, what and why. Its `entry` is filled in by the disk.
        pop: parley_store::NewPop,
    },
    /// How it went. Answer: `Pop`.
    PopEnded(PopKey, parley_store::PopOutcome),
    /// A page of history. Answer: `Page`.
    Search(AskId, parley_store::Query),
    /// An old call's values. Answer: `Recalled`.
    Recall(AskId, Recall),
    /// Delete entries. Answer: `Deleted`.
    Delete(AskId, Vec<parley_store::HistoryId>),
    /// Delete all entries of ended calls. Answer: `Cleared`.
    Clear(AskId),
    /// Missed calls were looked at.
    MarkSeen,
    /// Keep a watch. Answer: `WatchSaved`.
    SaveWatch(AskId, Option<parley_store::WatchId>, parley_store::WatchData),
    /// Forget a watch.
    DeleteWatch(parley_store::WatchId),
    /// A message came in, or is on its way. Answer: `Message`.
    AddMessage(MessageKey, parley_store::NewMessage),
    /// What became of it, and why. Answer: `Message`.
    MessageOutcome(MessageKey, parley_store::MessageOutcome, String),
    /// A page of messages: of whom, older than which, how many. Answer: `Messages`.
    Messages(AskId, Option<String>, Option<parley_store::MessageId>, u32),
    /// The messages of this conversation, or all, were looked at.
    MarkMessagesSeen(Option<String>),
}

/// What the disk says. An `Err` is a sentence for people.
#[derive(Debug)]
pub enum StoreAnswer {
    /// To `Load`.
    Loaded(Box<Loaded>),
    /// To `SaveAccount`; tags of other accounts may have changed too.
    AccountSaved(
        AskId,
        Result<(parley_store::AccountId, Vec<parley_store::Account>), String>,
    ),
    /// The accounts changed on the disk (one was forgotten or chosen).
    Accounts(Vec<parley_store::Account>),
    /// An entry that is new or changed.
    Entry(parley_store::Entry),
    /// Missed calls not yet seen.
    Unseen(u32),
    /// A screen pop that is new or changed.
    Pop(PopKey, parley_store::PopEntry),
    /// A page.
    Page(AskId, Result<parley_store::Page, String>),
    /// An old call; `None` when there is none.
    Recalled(AskId, Option<Box<Recalled>>),
    /// These are gone.
    Deleted(AskId, Result<Vec<parley_store::HistoryId>, String>),
    /// All are gone but these newest, which belong to calls in progress.
    Cleared(AskId, Result<Vec<parley_store::Entry>, String>),
    /// To `SaveWatch`.
    WatchSaved(AskId, Result<parley_store::WatchId, String>),
    /// A message that is new or changed.
    Message(parley_store::Message),
    /// A page of messages, and whether older ones follow.
    Messages(AskId, Result<(Vec<parley_store::Message>, bool), String>),
    /// Messages not yet seen.
    UnseenMessages(u32),
    /// The disk refused something.
    Trouble(String),
}

/// Something for the keyring.
pub enum SecretCommand {
    /// Tell a password.
    Get(parley_store::AccountId, String),
    /// Keep a password.
    Set(parley_store::AccountId, String, endpoint::Secret),
    /// Forget a password.
    Delete(parley_store::AccountId, String),
}

impl std::fmt::Debug for SecretCommand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (word, account) = match self {
            Self::Get(account, _) => ("Get", account),
            Self::Set(account, ..) => ("Set", account),
            Self::Delete(account, _) => ("Delete", account),
        };
        f.debug_tuple(word).field(&account.0).finish_non_exhaustive()
    }
}

/// What the keyring says. Every `Get` and `Set` is answered, at the latest by a deadline; a password may follow even then.
#[derive(Debug)]
pub enum SecretAnswer {
    /// To `Get`: the password, if there is one; `Err` when there is no usable keyring.
    Got(parley_store::AccountId, Result<Option<endpoint::Secret>, String>),
    /// To `Set`: where it is now.
    Kept(parley_store::AccountId, PasswordState),
}
