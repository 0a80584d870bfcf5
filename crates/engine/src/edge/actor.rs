//! The one actor: waits for the next thing to happen, lets the core think, does what it says, publishes what changed.
use super::net::{Net, Raw, Told};
use super::secrets::{DEADLINE, Secrets, counts_late, overdue};
use super::{audio, clock, instance, launch, store_thread, trace};
use crate::config::{Config, StartError};
use crate::core::{
    AskId, Core, CoreConfig, Effect, PopKey, SecretAnswer, SecretCommand, StoreAnswer, StoreCommand, Wake,
};
use crate::handle::Ask;
use crate::{Event, Refusal, Reply};
use parley_media::{Media, MediaEvent};
use parley_screenpop::Filled;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::mpsc as threads;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{broadcast, mpsc, oneshot};

/// How long goodbyes may take at the end.
const GOODBYES: Duration = Duration::from_secs(2);
/// After the last call ended, REGISTER with an expiry of zero needs a challenge and an answer.
const UNREGISTER: Duration = Duration::from_millis(600);

/// What threads report.
#[allow(clippy::large_enum_variant)] // each is read once, in the next turn
enum Report {
    Media(MediaEvent),
    Store(StoreAnswer),
    Secret(u64, SecretAnswer),
    Popped(PopKey, launch::Outcome),
}

/// Requests of the handles.
pub(crate) type Inbox = mpsc::UnboundedReceiver<Ask>;

/// Owns the core and everything it works with.
pub(crate) struct Actor {
    core: Core,
    net: Net,
    media: Media,
    store: Option<(threads::Sender<StoreCommand>, JoinHandle<()>)>,
    secrets: Secrets,
    launcher: threads::Sender<(PopKey, Filled)>,
    reports: mpsc::UnboundedReceiver<Report>,
    later: mpsc::UnboundedSender<Report>,
    events: broadcast::Sender<Event>,
    replies: HashMap<AskId, oneshot::Sender<Result<Reply, Refusal>>>,
    /// Questions to the keyring that are not answered yet.
    questions: HashSet<u64>,
    next: u64,
    trace: bool,
    closed: bool,
    /// The disk has told what it knows; before that a snapshot would lack the accounts.
    loaded: bool,
}

impl Actor {
    /// Opens everything. Must be called inside the runtime.
    pub fn new(config: Config, events: broadcast::Sender<Event>) -> Result<Self, StartError> {
        let (later, reports) = mpsc::unbounded_channel();
        let net = Net::start(config.listen, config.dns).map_err(|why| match config.listen {
            Some(address) => StartError::Listen(address, why),
            None => StartError::Threads(why),
        })?;
        let say = later.clone();
        let media = audio::start(
            &config.audio,
            Box::new(move |event| {
                let _ = say.send(Report::Media(event));
            }),
        );
        let say = later.clone();
        let store = store_thread::start(config.data_dir.clone(), move |answer| {
            drop(say.send(Report::Store(answer)))
        });
        let say = later.clone();
        let secrets = Secrets::start(config.secrets, move |number, answer| {
            drop(say.send(Report::Secret(number, answer)))
        });
        let say = later.clone();
        let launcher = launch::start(config.launcher.clone(), move |pop, outcome| {
            drop(say.send(Report::Popped(pop, outcome)))
        });
        let core_config = CoreConfig {
            devices: audio::devices(&config.audio),
            process_files: audio::process_files(&config.audio),
            presets: config.accounts,
            settings: config.settings,
            listen: config.listen,
            accept_from_anyone: config.accept_from_anyone,
            reachability: config.reachability,
            instance: instance::name(config.data_dir.as_deref()),
            recordings: config.data_dir.as_deref().map(store_thread::recordings),
            auto_answer: config.auto_answer,
            version: config.version,
            practice: config.practice,
        };
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|why| StartError::Threads(std::io::Error::other(why.to_string())))?;
        Ok(Self {
            core: Core::new(core_config, seed, clock::now()),
            net,
            media: media.map_err(StartError::Threads)?,
            store: Some(store.map_err(StartError::Threads)?),
            secrets: secrets.map_err(StartError::Threads)?,
            launcher: launcher.map_err(StartError::Threads)?,
            reports,
            later,
            events,
            replies: HashMap::new(),
            questions: HashSet::new(),
            next: 1,
            trace: config.trace,
            closed: false,
            loaded: false,
        })
    }

    /// Runs until a shutdown, or until the last handle is gone.
    pub async fn run(mut self, mut inbox: Inbox) {
        self.work(VecDeque::new());
        let mut leaving = Vec::new();
        let mut deadline: Option<Instant> = None;
        loop {
            let wake_at = [self.core.next_wake(), deadline].into_iter().flatten().min();
            // In no fixed order: a flood of datagrams shall not keep a person from hanging up.
            let wake: VecDeque<Wake> = tokio::select! {
                raw = self.net.next() => match raw {
                    Some(raw) => self.network(raw),
                    None => continue,
                },
                report = self.reports.recv() => report.and_then(|report| self.report(report)).into_iter().collect(),
                ask = inbox.recv(), if deadline.is_none() && self.loaded => {
                    if matches!(ask, None | Some(Ask::Shutdown(_))) {
                        deadline = Some(Instant::now() + GOODBYES);
                    }
                    VecDeque::from([self.asked(ask, &mut leaving)])
                },
                () = sleep_until(wake_at) => VecDeque::from([Wake::Timer]),
            };
            self.work(wake);
            if self.closed {
                let soon = Instant::now() + UNREGISTER;
                deadline = deadline.map(|deadline| deadline.min(soon));
                self.closed = false;
            }
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                break;
            }
        }
        self.stop();
        for done in leaving {
            let _ = done.send(());
        }
        while let Ok(ask) = inbox.try_recv() {
            if let Ask::Shutdown(done) = ask {
                let _ = done.send(());
            }
        }
    }

    /// One turn: what happened, what follows at once from it, and one batch of views. What goes to the network goes first: the far
    /// end waits for it, and the threads that the rest wakes would contend for the processor.
    fn work(&mut self, mut wakes: VecDeque<Wake>) {
        loop {
            let effects: Vec<Effect> = std::iter::from_fn(|| self.core.poll()).collect();
            let (sends, rest): (Vec<_>, Vec<_>) = effects
                .into_iter()
                .partition(|effect| matches!(effect, Effect::Send(..)));
            for effect in sends.into_iter().chain(rest) {
                wakes.extend(self.perform(effect));
            }
            let Some(wake) = wakes.pop_front() else { break };
            self.core.handle(clock::now(), wake);
        }
        for event in self.core.take_changes() {
            // Nobody listening is fine: the next front takes a snapshot.
            let _ = self.events.send(event);
        }
    }

    fn asked(&mut self, ask: Option<Ask>, leaving: &mut Vec<oneshot::Sender<()>>) -> Wake {
        match ask {
            Some(Ask::Wish(request, answer)) => {
                let id = AskId(self.number());
                self.replies.insert(id, answer);
                Wake::Request { id, request }
            }
            Some(Ask::Prefill(target)) => Wake::Prefill(target),
            Some(Ask::Shutdown(done)) => {
                leaving.push(done);
                Wake::Closing
            }
            None => Wake::Closing,
        }
    }

    fn network(&mut self, raw: Raw) -> VecDeque<Wake> {
        let told = self.net.translate(raw).into_iter();
        told.map(|told| match told {
            Told::NetworkChanged => Wake::NetworkChanged,
            Told::Input(input) => {
                if self.trace
                    && let parley_sip::endpoint::Input::Received { flow, bytes } = &input
                {
                    log::debug!("from {}: {}", flow.remote, trace::redacted(bytes));
                }
                Wake::Network(input)
            }
        })
        .collect()
    }

    fn report(&mut self, report: Report) -> Option<Wake> {
        Some(match report {
            Report::Media(event) => Wake::Media(event),
            Report::Store(answer) => {
                self.loaded |= matches!(answer, StoreAnswer::Loaded(_) | StoreAnswer::Trouble(_));
                Wake::Store(answer)
            }
            Report::Popped(pop, outcome) => Wake::Popped { pop, outcome },
            Report::Secret(number, answer) => {
                // After the deadline the core has its answer already; but a password counts whenever the keyring is unlocked.
                if !self.questions.remove(&number) && !counts_late(&answer) {
                    return None;
                }
                Wake::Secret(answer)
            }
        })
    }

    /// Does one thing; what is known at once comes back.
    fn perform(&mut self, effect: Effect) -> Option<Wake> {
        match effect {
            Effect::Open(route, hop) => self.net.open(route, hop),
            Effect::Send(flow, bytes) => {
                if self.trace {
                    log::debug!("to flow {}: {}", flow.0, trace::redacted(&bytes));
                }
                return self.net.send(flow, bytes).map(Wake::Network);
            }
            Effect::Doubt(flow) => self.net.doubt(flow),
            Effect::Close(flow) => self.net.close(flow),
            Effect::Avoid(remote, transport, lasting) => self.net.avoid(remote, transport, lasting),
            Effect::Reserve { call, local } => {
                let result = self.media.reserve(local).map_err(|why| why.to_string());
                return Some(Wake::Reserved { call, result });
            }
            Effect::Stream(session, params) => self.media.start_stream(session, params),
            Effect::Mute(session, on) => self.media.set_muted(session, on),
            Effect::Focus(sessions) => self.media.focus(sessions),
            Effect::Digits(session, digits) => self.media.send_digits(session, digits),
            Effect::Record(session, recording) => self.media.record(session, recording),
            Effect::PauseRecording(session, on) => self.media.pause_recording(session, on),
            Effect::StopRecording(session) => self.media.stop_recording(session),
            Effect::Play(file, at_ms) => self.media.play(file, at_ms),
            Effect::PausePlayback(on) => self.media.pause_playback(on),
            Effect::StopPlayback => self.media.stop_playback(),
            Effect::HoldSound(sound) => self.media.set_hold_sound(sound),
            Effect::RingStyle(style) => self.media.set_ring_style(style),
            Effect::ToneCountry(country) if country.is_empty() => self.media.set_tone_country(audio::country()),
            Effect::ToneCountry(country) => self.media.set_tone_country(country),
            Effect::StopMedia(session) => self.media.stop(session),
            Effect::Ring(level) => self.media.ring(level),
            Effect::Alert(alert) => self.media.alert(alert),
            Effect::RingVolume(percent) => self.media.set_ring_volume(percent),
            Effect::Tone(tone) => self.media.tone(tone),
            Effect::Choose(choice) => self.media.choose(choice),
            Effect::Voice(settings) => self.media.process_voice(settings),
            Effect::Meter(on) => self.media.meter(on),
            Effect::Rehearse(on) => self.media.rehearse(on),
            Effect::Store(command) => {
                if let Some((store, _)) = &self.store {
                    let _ = store.send(command);
                }
            }
            Effect::Secret(command) => return self.ask_keyring(command),
            Effect::Launch { pop, filled } => {
                let _ = self.launcher.send((pop, filled));
            }
            Effect::Reply(ask, answer) => {
                if let Some(waiting) = self.replies.remove(&ask) {
                    let _ = waiting.send(answer);
                }
            }
            Effect::Closed => self.closed = true,
        }
        None
    }

    fn ask_keyring(&mut self, command: SecretCommand) -> Option<Wake> {
        let number = self.number();
        let late = overdue(&command);
        if let Some(answer) = self.secrets.ask(number, command) {
            return Some(Wake::Secret(answer));
        }
        if let Some(answer) = late {
            self.questions.insert(number);
            let later = self.later.clone();
            tokio::spawn(async move {
                tokio::time::sleep(DEADLINE).await;
                let _ = later.send(Report::Secret(number, answer));
            });
        }
        None
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// The last lines of the history are written before the end.
    fn stop(&mut self) {
        if let Some((commands, thread)) = self.store.take() {
            drop(commands);
            let _ = thread.join();
        }
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}
