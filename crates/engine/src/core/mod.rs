//! The phone without IO: wishes, network input, sound events and answers of the edge go in; effects and whole views come out.
//!
//! **Invariants.** Nothing here reads a clock, a file or a socket. A turn is one [`Core::handle`]: afterwards every leaf has been heard
//! to the end, so what an invitation sets off (180, ringing, the screen pop) is in the queue of that very turn. The leaves do not
//! know each other: `link_*` is the only place where a word of one becomes a word of another.
mod account;
mod call;
mod call_view;
mod changes;
mod codecs;
mod consult;
mod convert;
pub mod dial;
mod encryption;
pub mod facts;
mod io;
mod link_accounts;
mod link_board;
mod link_call;
mod link_events;
mod link_history;
mod link_media;
mod link_pop;
mod link_presence;
mod link_sip;
mod link_sound;
mod messages;
mod options;
mod outgoing;
mod pending;
mod picking_up;
mod publish;
mod reach;
mod referral;
mod requests;
mod session;
mod timers;
mod watching;
pub mod words;

pub use io::*;
pub(crate) use reach::outages_key;

use crate::{Event, HistoryEntry, Notice, NoticeLevel, PopLogEntry, PresenceState, PresetAccount, Settings, View};
use account::Account;
use call::Call;
use changes::Changes;
use messages::Messages;
use parley_call::{CallId, Policy, Switchboard};
use parley_media::{Device, DeviceChoice};
use parley_sip::endpoint::{Endpoint, EndpointConfig, Output, SessionId};
use parley_store::AccountId;
use pending::Pending;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use timers::Timers;
use watching::Watching;

/// The calendar went on so much farther than the clock of time-outs: the computer slept. Keep-alives wake us within less.
const ASLEEP_MS: i64 = 30_000;

/// What a core is told at its start.
#[derive(Debug, Clone, Default)]
pub struct CoreConfig {
    /// Accounts of this run only.
    pub presets: Vec<PresetAccount>,
    /// Settings of this run only.
    pub settings: Option<Settings>,
    /// Devices of this run only.
    pub devices: Option<DeviceChoice>,
    /// The address calls reach directly, if there is one.
    pub listen: Option<SocketAddr>,
    /// Takes calls from anyone, not only from the server of the line that is called.
    pub accept_from_anyone: bool,
    /// How often a registered line asks whether its server still answers; `None` is the usual.
    pub reachability: Option<Duration>,
    /// This installation's name at registrars; `None` registers without Outbound and GRUU.
    pub instance: Option<String>,
    /// Answers each incoming call after this long.
    pub auto_answer: Option<Duration>,
    /// Version of the product.
    pub version: String,
    /// Whether the practice exchange runs in this process.
    pub practice: bool,
}

/// The one owner of all calls.
pub struct Core {
    config: CoreConfig,
    now: Now,
    sip: Endpoint,
    board: Switchboard,
    accounts: Vec<Account>,
    chosen: Option<AccountId>,
    calls: BTreeMap<CallId, Call>,
    sessions: HashMap<SessionId, CallId>,
    media: HashMap<parley_media::SessionId, CallId>,
    focus: Vec<CallId>,
    /// When an emergency service was called last: it may call back.
    emergency: Option<Instant>,
    on_call: bool,
    settings: Settings,
    presence: PresenceState,
    /// The person's words for others.
    note: Option<String>,
    /// What was published last.
    published: Option<parley_sip::bodies::PresenceDocument>,
    watching: Watching,
    messages: Messages,
    devices: Vec<Device>,
    choice: DeviceChoice,
    silent: bool,
    history: VecDeque<HistoryEntry>,
    unseen: u32,
    pops: VecDeque<PopLogEntry>,
    opening: HashMap<PopKey, link_pop::Opening>,
    next_pop: u64,
    notices: BTreeMap<String, Notice>,
    asks: HashMap<AskId, Pending>,
    /// The alert heard last, and when.
    alerted: Option<(parley_media::Alert, Instant)>,
    timers: Timers,
    changes: Changes,
    shown: HashMap<String, View>,
    seq: u64,
    closing: bool,
    out: VecDeque<Effect>,
    /// Makes the keys of media, and nothing anybody sees.
    keys: ChaCha20Rng,
}

impl Core {
    /// A core that asks the disk for what it knows and starts the accounts of this run.
    pub fn new(config: CoreConfig, seed: [u8; 32], now: Now) -> Self {
        let endpoint = EndpointConfig {
            user_agent: format!("Parley/{}", config.version),
            ..EndpointConfig::default()
        };
        let settings = config.settings.clone().unwrap_or_default();
        let mut keys = ChaCha20Rng::from_seed(seed);
        keys.set_stream(1);
        let mut core = Self {
            now,
            sip: Endpoint::new(endpoint, Box::new(ChaCha20Rng::from_seed(seed))),
            board: Switchboard::new(Policy {
                mute_second_ring: settings.mute_calls_during_call,
                ..Policy::default()
            }),
            accounts: Vec::new(),
            chosen: None,
            calls: BTreeMap::new(),
            sessions: HashMap::new(),
            media: HashMap::new(),
            focus: Vec::new(),
            emergency: None,
            on_call: false,
            settings,
            presence: PresenceState::Online,
            note: None,
            published: None,
            watching: Watching::default(),
            messages: Messages::default(),
            devices: Vec::new(),
            choice: config.devices.clone().unwrap_or_default(),
            silent: false,
            history: VecDeque::new(),
            unseen: 0,
            pops: VecDeque::new(),
            opening: HashMap::new(),
            next_pop: 1,
            notices: BTreeMap::new(),
            asks: HashMap::new(),
            alerted: None,
            timers: Timers::default(),
            changes: Changes::default(),
            shown: HashMap::new(),
            seq: 0,
            closing: false,
            out: VecDeque::new(),
            keys,
            config,
        };
        core.out.push_back(Effect::Store(StoreCommand::Load));
        core.start_presets();
        core.settle();
        core
    }

    /// One turn.
    pub fn handle(&mut self, now: Now, wake: Wake) {
        let slept = now.unix_ms.saturating_sub(self.now.unix_of(now.instant));
        self.now = now;
        // The edge tells it too; both together are one change.
        if slept > ASLEEP_MS && !matches!(wake, Wake::NetworkChanged) {
            log::info!("the computer slept; lines register again");
            self.network_changed();
        }
        match wake {
            Wake::Request { id, request } => self.request(id, request),
            Wake::Network(input) => self.sip.handle(now.instant, input),
            Wake::NetworkChanged => self.network_changed(),
            Wake::Media(event) => self.media_event(event),
            Wake::Reserved { call, result } => self.reserved(call, result),
            Wake::Store(answer) => self.store_answer(answer),
            Wake::Secret(answer) => self.secret_answer(answer),
            Wake::Popped { pop, outcome } => self.popped(pop, outcome),
            Wake::Prefill(target) => self.changes.said.push(Event::Prefill { target }),
            Wake::Closing => self.close(),
            Wake::Timer => {}
        }
        self.wake_what_is_due();
        self.settle();
        self.show_presence();
        self.settle();
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<Effect> {
        self.out.pop_front()
    }

    /// When [`Wake::Timer`] is wanted.
    pub fn next_wake(&self) -> Option<Instant> {
        [self.sip.next_wake(), self.board.next_wake(), self.timers.next()]
            .into_iter()
            .flatten()
            .min()
    }

    /// Listens to the leaves until they have nothing more to say.
    fn settle(&mut self) {
        loop {
            if let Some(output) = self.sip.poll() {
                match output {
                    Output::Open { route, hop } => self.out.push_back(Effect::Open(route, hop)),
                    Output::Send { flow, bytes } => self.out.push_back(Effect::Send(flow, bytes)),
                    Output::Doubt { flow } => self.out.push_back(Effect::Doubt(flow)),
                    Output::Close { flow } => self.out.push_back(Effect::Close(flow)),
                    Output::Avoid {
                        remote,
                        transport,
                        lasting,
                    } => self.out.push_back(Effect::Avoid(remote, transport, lasting)),
                    Output::Event(event) => self.sip_event(event),
                }
            } else if let Some(effect) = self.board.poll() {
                self.board_effect(effect);
            } else {
                break;
            }
        }
        if self.closing && self.calls.values().all(|call| call.session.is_none()) {
            self.closing = false;
            self.out.push_back(Effect::Closed);
        }
    }

    fn wake_what_is_due(&mut self) {
        let now = self.now.instant;
        let due = |when: Option<Instant>| when.is_some_and(|when| when <= now);
        if due(self.sip.next_wake()) {
            self.sip.wake(now);
        }
        if due(self.board.next_wake()) {
            self.board.wake(now);
        }
        while let Some(timer) = self.timers.due(now) {
            self.timer(timer);
        }
    }

    /// Ends calls and un-registers; the edge gives the goodbyes a moment to leave.
    fn close(&mut self) {
        self.closing = true;
        let calls: Vec<CallId> = self.calls.keys().copied().collect();
        for call in calls {
            let _ = self.board.command(self.now.instant, call, parley_call::Command::Leave);
        }
        self.settle();
        self.close_reach();
        let accounts: Vec<AccountId> = self.accounts.iter().map(|account| account.id).collect();
        for account in accounts {
            self.sip.remove_account(self.now.instant, sip_account(account));
        }
    }

    /// Shows a notice until it is dismissed or taken back.
    fn notice(&mut self, key: &str, level: NoticeLevel, text: impl Into<String>) {
        let notice = Notice {
            key: key.to_owned(),
            level,
            text: text.into(),
        };
        self.notices.insert(key.to_owned(), notice);
        self.changes.notices.insert(key.to_owned());
    }

    /// Takes a notice back.
    fn no_notice(&mut self, key: &str) {
        if self.notices.remove(key).is_some() {
            self.changes.notices.insert(key.to_owned());
        }
    }

    fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    fn account_mut(&mut self, id: AccountId) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|account| account.id == id)
    }

    fn store(&mut self, command: StoreCommand) {
        self.out.push_back(Effect::Store(command));
    }
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core")
            .field("accounts", &self.accounts.len())
            .field("calls", &self.calls.len())
            .finish_non_exhaustive()
    }
}

/// The endpoint's number of an account: the same.
fn sip_account(account: AccountId) -> parley_sip::endpoint::AccountId {
    parley_sip::endpoint::AccountId(account.0)
}

/// The switchboard's number of an account: the same, as long as nobody makes four thousand million accounts.
fn line(account: AccountId) -> parley_call::LineId {
    parley_call::LineId(u32::try_from(account.0).unwrap_or(u32::MAX))
}
