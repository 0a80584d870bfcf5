//! A desk: the core with a virtual clock, ports that always exist, a front that follows the updates, and a far end that does
//! only what its script says.
#![allow(dead_code, reason = "each test file uses its part")]

mod far;
mod notifier;

#[allow(unused_imports, reason = "each test file uses its part")]
pub use far::{AGENT, FAR, Far, INVITE, sdp, text};
#[allow(unused_imports, reason = "each test file uses its part")]
pub use notifier::Notifier;

use parley_call::CallId;
use parley_engine::core::{
    AskId, Core, CoreConfig, Effect, Now, PopKey, SecretCommand, StoreAnswer, StoreCommand, Wake,
};
use parley_engine::{
    AccountDraft, CallView, Event, LauncherKind, PopMode, PresetAccount, Refusal, Reply, Request, Snapshot, View,
    ViewRef,
};
use parley_media::{Reserved, SessionId, StreamParams};
use parley_sip::Message;
use parley_sip::endpoint::{Flow, FlowId, Input};
use parley_store::AccountId;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What the core wanted of the edge, but for SIP.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "a few in a test")]
pub enum Did {
    Stream(SessionId, StreamParams),
    Mute(SessionId, bool),
    Focus(Vec<SessionId>),
    Digits(String),
    StopMedia(SessionId),
    Record(SessionId, parley_media::Recording),
    PauseRecording(SessionId, bool),
    StopRecording(SessionId),
    Play(std::path::PathBuf, u64),
    StopPlayback,
    Ring(parley_media::RingLevel),
    Alert(parley_media::Alert),
    Tone(parley_media::Tone),
    Store(StoreCommand),
    Secret(SecretCommand),
    Launch(PopKey, String),
    Closed,
}

pub struct Desk {
    pub core: Core,
    start: Instant,
    elapsed: Duration,
    pub flow: Flow,
    sent: Vec<Message>,
    /// What its server told of its bindings last; it is read back all the time.
    bindings: Vec<String>,
    pub did: Vec<Did>,
    replies: BTreeMap<AskId, Result<Reply, Refusal>>,
    views: BTreeMap<String, View>,
    seq: u64,
    next: u64,
    /// How long the computer slept: the calendar is ahead so much.
    /// Nobody answers OPTIONS.
    pub unplugged: bool,
    pub slept_ms: i64,
    /// Ports cannot be had.
    pub no_ports: bool,
    /// Screen pops fail, with this text.
    pub pops_fail: Option<String>,
}

/// A line that calls reach directly.
pub fn direct() -> AccountDraft {
    AccountDraft {
        name: "Sales".into(),
        user: "204".into(),
        domain: "10.0.0.2".into(),
        enabled: false,
        ..AccountDraft::default()
    }
}

/// A configuration with that line.
pub fn config() -> CoreConfig {
    CoreConfig {
        presets: vec![PresetAccount::new(direct())],
        listen: Some("10.0.0.1:5060".parse().unwrap()),
        accept_from_anyone: true,
        version: "1.2.3".into(),
        ..CoreConfig::default()
    }
}

/// With a screen pop.
pub fn with_pop(mode: PopMode, target: &str) -> CoreConfig {
    let mut config = config();
    config.presets[0].pop_mode = mode;
    config.presets[0].pop_target = target.to_owned();
    config
}

impl Desk {
    pub fn new() -> Self {
        Self::with(config())
    }

    pub fn with(config: CoreConfig) -> Self {
        let start = Instant::now();
        let now = Now {
            instant: start,
            unix_ms: 1_700_000_000_000,
        };
        let flow = Flow {
            id: FlowId(7),
            transport: parley_sip::Transport::Udp,
            local: "10.0.0.1:5060".parse().unwrap(),
            remote: "10.0.0.2:5060".parse().unwrap(),
        };
        let mut desk = Self {
            core: Core::new(config, [7; 32], now),
            start,
            elapsed: Duration::ZERO,
            flow,
            sent: Vec::new(),
            bindings: Vec::new(),
            did: Vec::new(),
            replies: BTreeMap::new(),
            views: BTreeMap::new(),
            seq: 0,
            next: 1,
            slept_ms: 0,
            unplugged: false,
            no_ports: false,
            pops_fail: None,
        };
        desk.drain();
        desk
    }

    pub fn now(&self) -> Now {
        Now {
            instant: self.start + self.elapsed,
            unix_ms: 1_700_000_000_000 + self.elapsed.as_millis() as i64 + self.slept_ms,
        }
    }

    /// One turn and everything that follows at once.
    pub fn wake(&mut self, wake: Wake) {
        self.core.handle(self.now(), wake);
        self.drain();
    }

    /// Lets time pass, timer by timer.
    pub fn wait(&mut self, time: Duration) {
        let until = self.elapsed + time;
        while let Some(at) = self.core.next_wake().filter(|at| *at <= self.start + until) {
            self.elapsed = self.elapsed.max(at.saturating_duration_since(self.start));
            self.wake(Wake::Timer);
        }
        self.elapsed = until;
    }

    pub fn wait_s(&mut self, seconds: u64) {
        self.wait(Duration::from_secs(seconds));
    }

    /// Lets time pass until a message like this is sent, at most so long.
    pub fn wait_for(&mut self, what: &str, seconds: u64) {
        for _ in 0..seconds {
            if self.sent.iter().any(|message| text(message).starts_with(what)) {
                return;
            }
            self.wait_s(1);
        }
    }

    /// The far end says this.
    pub fn hear(&mut self, message: impl Into<Vec<u8>>) {
        let bytes = message.into();
        if let Ok(Message::Response(response)) = parley_sip::parse(&bytes)
            && response.code() == 200
            && response
                .headers
                .cseq()
                .is_some_and(|cseq| cseq.method == parley_sip::Method::Register)
        {
            let told = response.headers.get_all("Contact");
            self.bindings = told.map(str::to_owned).collect();
        }
        self.wake(Wake::Network(Input::Received { flow: self.flow, bytes }));
    }

    /// A person asks, and is answered at once.
    pub fn ask(&mut self, request: Request) -> Result<Reply, Refusal> {
        let id = self.ask_later(request);
        self.answer(id).expect("the request was not answered")
    }

    pub fn ask_later(&mut self, request: Request) -> AskId {
        let id = AskId(self.next);
        self.next += 1;
        self.wake(Wake::Request { id, request });
        id
    }

    pub fn answer(&mut self, id: AskId) -> Option<Result<Reply, Refusal>> {
        self.replies.remove(&id)
    }

    pub fn dial(&mut self, target: &str) -> u64 {
        match self.ask(Request::Dial {
            target: target.into(),
            account: None,
            anonymous: None,
        }) {
            Ok(Reply::Call { call }) => call,
            other => panic!("{other:?}"),
        }
    }

    /// The next message the far end gets; it must begin like this: `INVITE`, `180`, `200 BYE`.
    pub fn expect(&mut self, what: &str) -> Message {
        let matches = |message: &Message| text(message).starts_with(what);
        let Some(at) = self.sent.iter().position(matches) else {
            panic!("no {what} among {:?}", self.sent.iter().map(text).collect::<Vec<_>>());
        };
        self.sent.remove(at)
    }

    /// Nothing like this was sent.
    pub fn expect_no(&mut self, what: &str) {
        let found: Vec<String> = self
            .sent
            .iter()
            .map(text)
            .filter(|sent| sent.starts_with(what))
            .collect();
        assert!(found.is_empty(), "{found:?}");
    }

    /// Forgets what was sent so far.
    pub fn forget_sent(&mut self) {
        self.sent.clear();
    }

    /// The only call, as a front sees it.
    pub fn call(&self) -> CallView {
        let calls = self.calls();
        assert_eq!(calls.len(), 1, "{calls:?}");
        calls[0].clone()
    }

    /// One of several.
    pub fn call_of(&self, id: u64) -> CallView {
        let mut calls = self.calls().into_iter();
        calls.find(|call| call.id == id).expect("the call is shown")
    }

    /// Who has the microphone, as media was told last.
    pub fn focus(&self) -> Vec<u64> {
        let told = self.did.iter().rev().find_map(|did| match did {
            Did::Focus(sessions) => Some(sessions.iter().map(|session| session.0 - 100).collect()),
            _ => None,
        });
        told.unwrap_or_default()
    }

    /// The line of these tests with other options.
    pub fn line(options: parley_engine::AccountOptions) -> Self {
        let mut config = config();
        config.presets[0].account.options = Some(options);
        Self::with(config)
    }

    pub fn calls(&self) -> Vec<CallView> {
        let calls = self.views.values().filter_map(|view| {
            if let View::Call(call) = view {
                Some(call.clone())
            } else {
                None
            }
        });
        calls.collect()
    }

    pub fn view(&self, name: &str) -> Option<&View> {
        self.views.get(name)
    }

    pub fn snapshot(&mut self) -> Snapshot {
        match self.ask(Request::Snapshot) {
            Ok(Reply::Snapshot { snapshot }) => *snapshot,
            other => panic!("{other:?}"),
        }
    }

    pub fn streams(&self) -> Vec<&StreamParams> {
        self.did
            .iter()
            .filter_map(|did| {
                if let Did::Stream(_, params) = did {
                    Some(params)
                } else {
                    None
                }
            })
            .collect()
    }

    pub fn launched(&self) -> Vec<&str> {
        self.did
            .iter()
            .filter_map(|did| {
                if let Did::Launch(_, url) = did {
                    Some(url.as_str())
                } else {
                    None
                }
            })
            .collect()
    }

    pub fn rings(&self) -> Vec<parley_media::RingLevel> {
        self.did
            .iter()
            .filter_map(|did| if let Did::Ring(level) = did { Some(*level) } else { None })
            .collect()
    }

    /// Begun entries, and how ended ones ended.
    pub fn history(&self) -> Vec<String> {
        let lines = self.did.iter().filter_map(|did| match did {
            Did::Store(StoreCommand::Begin { new, .. }) => Some(format!("begin {:?} {}", new.direction, new.number)),
            Did::Store(StoreCommand::Answered(..)) => Some("answered".into()),
            Did::Store(StoreCommand::Ended(_, end)) => Some(format!("ended {:?}: {}", end.outcome, end.reason)),
            _ => None,
        });
        lines.collect()
    }

    pub fn tell_store(&mut self, answer: StoreAnswer) {
        self.wake(Wake::Store(answer));
    }

    fn drain(&mut self) {
        let mut follow = Vec::new();
        loop {
            while let Some(effect) = self.core.poll() {
                follow.extend(self.perform(effect));
            }
            if follow.is_empty() {
                break;
            }
            let wake = follow.remove(0);
            self.core.handle(self.now(), wake);
        }
        for event in self.core.take_changes() {
            if let Event::Update { seq, upserts, removals } = event {
                assert_eq!(seq, self.seq + 1, "updates are numbered without a gap");
                self.seq = seq;
                upserts
                    .into_iter()
                    .for_each(|view| drop(self.views.insert(name(&view), view)));
                for gone in removals {
                    self.views.remove(&match gone {
                        ViewRef::Account(id) => format!("account {id}"),
                        ViewRef::Call(id) => format!("call {id:05}"),
                        ViewRef::History(id) => format!("history {id}"),
                        ViewRef::AllHistory => "history".into(),
                        ViewRef::Watch(id) => format!("watch {id}"),
                        ViewRef::Notice(key) => format!("notice {key}"),
                    });
                }
            }
        }
    }

    fn perform(&mut self, effect: Effect) -> Option<Wake> {
        match effect {
            Effect::Open(route, _) => return Some(Wake::Network(Input::Opened { route, flow: self.flow })),
            Effect::Send(flow, bytes) => {
                let message = parley_sip::parse(&bytes).ok()?;
                // Whether the server is there is asked all the time.
                let asks = |request: &parley_sip::Request| match request.method {
                    parley_sip::Method::Options => true,
                    parley_sip::Method::Register => !request.headers.has("Contact"),
                    _ => false,
                };
                if let Message::Request(request) = &message
                    && asks(request)
                    && flow == self.flow.id
                {
                    if self.unplugged {
                        return None;
                    }
                    let mut response = request.respond(200, Some("here"));
                    if request.method == parley_sip::Method::Register {
                        for binding in &self.bindings {
                            response.headers.push("Contact", binding);
                        }
                    }
                    let (flow, bytes) = (self.flow, response.to_bytes());
                    return Some(Wake::Network(Input::Received { flow, bytes }));
                }
                self.sent.push(message);
            }
            Effect::Reserve { call, local } => {
                let result = if self.no_ports {
                    Err("none left".into())
                } else {
                    Ok(ports(call, local))
                };
                return Some(Wake::Reserved { call, result });
            }
            Effect::Stream(session, params) => self.did.push(Did::Stream(session, params)),
            Effect::Mute(session, on) => self.did.push(Did::Mute(session, on)),
            Effect::Focus(session) => self.did.push(Did::Focus(session)),
            Effect::Digits(_, digits) => self.did.push(Did::Digits(digits)),
            Effect::StopMedia(session) => self.did.push(Did::StopMedia(session)),
            Effect::Record(session, wish) => self.did.push(Did::Record(session, wish)),
            Effect::PauseRecording(session, on) => self.did.push(Did::PauseRecording(session, on)),
            Effect::StopRecording(session) => self.did.push(Did::StopRecording(session)),
            Effect::Play(file, at_ms) => self.did.push(Did::Play(file, at_ms)),
            Effect::StopPlayback => self.did.push(Did::StopPlayback),
            Effect::PausePlayback(_) | Effect::HoldSound(_) | Effect::RingStyle(_) | Effect::ToneCountry(_) => {}
            Effect::Ring(level) => self.did.push(Did::Ring(level)),
            Effect::Alert(alert) => self.did.push(Did::Alert(alert)),
            Effect::Tone(tone) => self.did.push(Did::Tone(tone)),
            Effect::Store(command) => self.did.push(Did::Store(command)),
            Effect::Secret(command) => self.did.push(Did::Secret(command)),
            Effect::Launch { pop, filled } => {
                let opened = match filled.resolve(&|_| true).unwrap() {
                    parley_screenpop::Pop::Web(url) => url,
                    parley_screenpop::Pop::Program { path, arguments } => format!("{path} {arguments:?}"),
                };
                self.did.push(Did::Launch(pop, opened));
                let outcome = self.pops_fail.clone().map_or(Ok(self.now().instant), Err);
                return Some(Wake::Popped { pop, outcome });
            }
            Effect::Reply(id, reply) => assert!(self.replies.insert(id, reply).is_none(), "answered twice"),
            Effect::Closed => self.did.push(Did::Closed),
            Effect::RingVolume(_)
            | Effect::Choose(_)
            | Effect::Voice(_)
            | Effect::Meter(_)
            | Effect::Rehearse(_)
            | Effect::Avoid(..)
            | Effect::Close(_)
            | Effect::Doubt(_) => {}
        }
        None
    }
}

fn ports(call: CallId, local: std::net::IpAddr) -> Reserved {
    Reserved {
        id: SessionId(call.0 + 100),
        rtp: (local, 40_000 + 2 * call.0 as u16).into(),
    }
}

fn name(view: &View) -> String {
    match view {
        View::Account(view) => format!("account {}", view.id),
        View::Call(view) => format!("call {:05}", view.id),
        View::Presence(_) => "presence".into(),
        View::Settings(_) => "settings".into(),
        View::Sound(_) => "sound".into(),
        View::History(view) => format!("history {}", view.id),
        View::Unseen(_) => "unseen".into(),
        View::PopRule(view) => format!("rule {}", view.account),
        View::Pop(view) => format!("pop {}", view.id),
        View::Watch(view) => format!("watch {}", view.id),
        View::Message(view) => format!("message {}", view.id),
        View::Notice(view) => format!("notice {}", view.key),
    }
}

/// An entry of a call that we made.
pub fn entry(id: u64, account: u64, number: &str) -> parley_store::Entry {
    parley_store::Entry {
        id: parley_store::HistoryId(id),
        account: AccountId(account),
        line: "Sales".into(),
        direction: parley_store::Direction::Outgoing,
        outcome: parley_store::Outcome::Answered,
        name: String::new(),
        number: number.into(),
        address: number.into(),
        reached: String::new(),
        called: number.into(),
        started_at: 0,
        answered_at: None,
        ended_at: Some(1),
        talk_seconds: 0,
        ring_seconds: 0,
        reason: String::new(),
        pop: String::new(),
        unseen: false,
        can_call_back: true,
        follows: None,
        quality: None,
        recording: String::new(),
    }
}

/// So that the whole configuration is used by every test file.
pub fn quiet() -> LauncherKind {
    LauncherKind::Nothing
}
