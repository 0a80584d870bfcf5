//! What a front may ask, and what it gets back.
use crate::event::Snapshot;
use crate::view::*;

/// A wish of a person or a script. It may be refused.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // the fields are said in the variant's line
#[allow(clippy::large_enum_variant, reason = "moved once")]
pub enum Request {
    /// The whole state. Reply: `snapshot`.
    Snapshot,
    /// Reads text as a number or address, cleaned ("+44 (0)20 …", "tel:…", "sip:…"). Reply: `target`.
    ReadTarget { text: String },
    /// Calls a number or address from an account (or the chosen line). Reply: `call`.
    Dial {
        target: String,
        account: Option<u64>,
        /// Without telling who calls; absent: as the line has it.
        anonymous: Option<bool>,
    },
    /// Answers; other calls are held or ended.
    Answer { call: u64, others: Others },
    /// Declines a ringing call (603, or 486 when busy).
    Decline { call: u64 },
    /// Stops the ringtone of this call only.
    Silence { call: u64 },
    /// Ends a call in any state.
    HangUp { call: u64 },
    /// Puts the far end on hold.
    Hold { call: u64 },
    /// Takes it back; the active call is held.
    Resume { call: u64 },
    /// Mutes the microphone for this call.
    Mute { call: u64, on: bool },
    /// Sends DTMF (RFC 4733): 0-9 * # A-D, `,` pauses for 2 s.
    SendDigits { call: u64, digits: String },
    /// Blind transfer to a number or address ("transfer now").
    Transfer { call: u64, target: String },
    /// Turns from this call to the one held beside it, or back to this one.
    Swap { call: u64 },
    /// Sends a ringing call on to a number or address (302).
    Forward { call: u64, target: String },
    /// Holds this call and calls a colleague about it ("ask first"). Reply: `call`.
    Consult { call: u64, target: String },
    /// Connects the two calls of a consultation, or of a conference of two, and leaves; `with` names any other call.
    CompleteTransfer { call: u64, with: Option<u64> },
    /// Ends the call to the colleague and goes back to the first one.
    CancelConsult { call: u64 },
    /// Brings connected calls together; they replace the ones of a conference there is.
    Conference { calls: Vec<u64> },
    /// Ends the conference: this call goes on, the others are held.
    LeaveConference { call: u64 },
    /// Calls where an ended call was sent on to, on the same line. Reply: `call`.
    FollowRedirect { call: u64, target: String },
    /// Calls whom the far end asks to be called (reply: `call`), or does not.
    AnswerReferral { call: u64, accept: bool },
    /// Transfers the call to the line's park code; `place` is dialled after it.
    Park { call: u64, place: Option<String> },
    /// Takes a call that rings at this number, or in the group, by the line's pick-up code. Reply: `call`.
    PickUpNumber {
        number: Option<String>,
        account: Option<u64>,
    },
    /// Calls the number last called, on the line it was called from. Reply: `call`.
    Redial,
    /// Records a connected call, or records it no more.
    Record { call: u64, on: bool },
    /// Leaves out of the recording what is said now (a card number), or takes it again.
    PauseRecording { call: u64, on: bool },
    /// Plays the recording of a history entry on the speaker, from this position on; not during a call.
    PlayRecording { entry: u64, at_ms: u64 },
    /// Lets the recording that is played wait, or go on.
    PausePlayback { on: bool },
    /// Plays it no more.
    StopPlayback,
    /// Opens the screen pop by hand.
    OpenPop { call: u64 },
    /// Opens a logged screen pop again, or retries a failed one.
    RetryPop { pop: u64 },
    /// Own state, for this phone and for others. `note` absent keeps the words shown beside it, empty takes them away.
    SetPresence { state: PresenceState, note: Option<String> },
    /// Adds (`id` absent) or changes a watch. Reply: `watch`.
    SaveWatch { watch: WatchDraft },
    /// Watches somebody no longer.
    RemoveWatch { watch: u64 },
    /// Takes the ringing call of a watched line. Reply: `call`.
    PickUp { watch: u64 },
    /// Calls the mailbox of an account (or of the chosen line). Reply: `call`.
    CallVoicemail { account: Option<u64> },
    /// Sends a short text from an account (or the chosen line); a message view tells what became of it.
    SendMessage {
        account: Option<u64>,
        target: String,
        text: String,
    },
    /// Messages, newest first, of one conversation or of all. Reply: `messages`.
    Messages {
        peer: Option<String>,
        before: Option<u64>,
        limit: Option<u32>,
    },
    /// The messages of a conversation, or all, have been looked at.
    MarkMessagesSeen { peer: Option<String> },
    /// Adds (`id` absent) or changes an account. `password` absent keeps the old one. Reply: `account`.
    SaveAccount { account: AccountDraft },
    /// Un-registers and forgets an account and its password.
    RemoveAccount { account: u64 },
    /// Registers at once.
    RegisterNow { account: u64 },
    /// Trusts the certificate the account's registration failed for: it alone, for this account alone.
    TrustCertificate { account: u64, sha256: String },
    /// The line outgoing calls use.
    ChooseLine { account: u64 },
    /// History, newest first. Reply: `history`.
    SearchHistory {
        text: String,
        filter: HistoryFilter,
        before: Option<u64>,
        limit: Option<u32>,
    },
    /// Deletes entries.
    DeleteHistory { entries: Vec<u64> },
    /// Deletes all entries of ended calls.
    ClearHistory,
    /// The missed calls have been looked at.
    MarkSeen,
    /// Saves an account's screen-pop rule. Refused with `field: "target"` when the template is wrong.
    SavePopRule { rule: PopRule },
    /// What a rule would open for a history entry, or for a sample call. Reply: `pop_preview`.
    PreviewPop { rule: PopRule, entry: Option<u64> },
    /// Puts a device before all others of a role, which are kept for when it is not there; `device` absent forgets them
    /// and follows the system (`second_ring`: rings nowhere else).
    ChooseDevice { role: SoundRole, device: Option<String> },
    /// The whole order of a role, the most wanted first; a device that is not connected keeps its place.
    PreferDevices { role: SoundRole, devices: Vec<String> },
    /// Opens the microphone for its level, also without a call; ends by itself after two minutes unless asked again.
    MeterSound { on: bool },
    /// Plays two seconds of the ringtone, or of speech-band tone, on the chosen device. The microphone: records four
    /// seconds and plays them as they were and as callers would hear them.
    TestSound { role: SoundRole },
    /// Replaces the settings.
    SaveSettings { settings: Settings },
    /// Dismisses a notice.
    DismissNotice { key: String },
}

/// What happens to the other calls when one is answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Others {
    /// They are held.
    #[default]
    Hold,
    /// They are ended.
    End,
}

/// Which history entries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HistoryFilter {
    /// All of them.
    #[default]
    All,
    /// Missed calls only.
    Missed,
}

/// An answer to a request.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // the fields are said in the variant's line
pub enum Reply {
    /// It is done, or under way; events tell the rest.
    Done,
    /// The whole state.
    Snapshot { snapshot: Box<Snapshot> },
    /// What the text means: `target` to dial and `shown` to show.
    Target { target: String, shown: String },
    /// The new call.
    Call { call: u64 },
    /// The account's number, and whether the keyring took the password.
    Account { account: u64, password: PasswordState },
    /// A page of history; `more` when older entries follow.
    History { entries: Vec<HistoryEntry>, more: bool },
    /// The watch's number.
    Watch { watch: u64 },
    /// A page of messages; `more` when older ones follow.
    Messages { messages: Vec<MessageView>, more: bool },
    /// What would be opened.
    PopPreview { preview: PopPreview },
}
