//! The mixing desk: the one thread that owns every session and all sound, in steps of ten milliseconds.
//!
//! Between two steps it sleeps on its sockets, so packets are stamped when they come. With no session, tone or ring
//! there are no steps at all.

mod quiet;
mod random;
mod recording;
mod rehearsal;
mod step;

use std::collections::BTreeMap;
use std::io;
use std::net::UdpSocket;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mio::{Events, Poll, Token};

use crate::device::{self, Notice, Reporter, Sound};
use crate::event::MediaEvent;
use crate::params::{
    Alert, AudioBackend, AudioRole, Device, DeviceChoice, HoldSound, Recording, Rehearsal, RingLevel, RingStyle,
    SessionId, StreamParams, Tone, VoiceSettings,
};
use crate::record::{Player, Records};
use crate::session::{Channel, MediaSession, PlainRtp, StreamEvent};
use crate::tone::{AlertPlayer, Beep, HoldTune, Ringtone, TonePlayer};
use crate::voice::Voice;
use quiet::{OwnQuiet, Quiet};
use rehearsal::Rehearsing;

pub(crate) use random::{identity, random_u32};

/// The length of a step.
const STEP: Duration = Duration::from_millis(10);
/// Further behind than this (the machine slept), steps are left out instead of made up for.
const TOO_FAR_BEHIND: Duration = Duration::from_millis(200);
/// A device stays open this long after its last use, so that the next call finds it warm.
const LINGER: Duration = Duration::from_secs(2);
const WAKE: Token = Token(usize::MAX);

/// What the handle and the device threads ask of the desk.
pub(crate) enum Command {
    /// Two bound sockets for a new session.
    Reserve(SessionId, (UdpSocket, UdpSocket)),
    /// Start or renegotiate.
    Start(SessionId, StreamParams),
    /// Microphone or silence.
    Mute(SessionId, bool),
    /// Who has microphone and speaker.
    Focus(Vec<SessionId>),
    /// Keys to send.
    Digits(SessionId, String),
    /// A network tone.
    Tone(Tone),
    /// The ringtone.
    Ring(RingLevel),
    /// A short figure on the ring device.
    Alert(Alert),
    /// The volume of both, 0 to 100.
    RingVolume(u8),
    /// How the ringtone sounds.
    RingStyle(RingStyle),
    /// Network tones as in this country.
    ToneCountry(String),
    /// What those on hold hear.
    HoldSound(HoldSound),
    /// Record a session.
    Record(SessionId, Recording),
    /// Leave out what is said and heard.
    PauseRecording(SessionId, bool),
    /// The end of a recording.
    StopRecording(SessionId),
    /// Play a recording from here on.
    Play(PathBuf, u64),
    /// Let it wait.
    PausePlayback(bool),
    /// Another position in it.
    SeekPlayback(u64),
    /// Play it no more.
    StopPlayback,
    /// The end of a session.
    Stop(SessionId),
    /// Other devices.
    Choose(DeviceChoice),
    /// What is done to voices.
    Voice(VoiceSettings),
    /// The level of the microphone is looked at.
    Meter(bool),
    /// A test of the microphone.
    Rehearse(bool),
    /// A device thread has something to say.
    Noticed(Notice),
    /// The end; the sender is told when everything is closed.
    Shutdown(Sender<()>),
}

/// How the ringtone is played now.
enum Ring {
    Off,
    Normal(Ringtone),
    Subtle(Beep),
}

/// A role and since when it is no longer needed.
struct Need {
    role: AudioRole,
    open: bool,
    unused_since: Option<Instant>,
}

/// See the module.
pub(crate) struct Desk {
    poll: Poll,
    commands: Receiver<Command>,
    events: Sender<MediaEvent>,
    devices: Arc<Mutex<Vec<Device>>>,
    sound: Box<dyn Sound>,
    sessions: BTreeMap<SessionId, MediaSession>,
    focus: Vec<SessionId>,
    tone: TonePlayer,
    ring: Ring,
    ring_volume: u8,
    ring_style: RingStyle,
    hold: Option<HoldTune>,
    records: Records,
    player: Option<Player>,
    alert: Option<AlertPlayer>,
    key: Option<(char, Beep)>,
    needs: [Need; 4],
    voice: Voice,
    own_quiet: OwnQuiet,
    far_quiet: BTreeMap<SessionId, Quiet>,
    metered: bool,
    rehearsing: Option<Rehearsing>,
    rehearsal_told: Option<Rehearsal>,
    next_step: Option<Instant>,
    meters: step::Meters,
    told: Vec<StreamEvent>,
}

impl Desk {
    /// Sets everything up; [`Desk::run`] does the rest on a thread of its own.
    pub(crate) fn new(
        poll: Poll,
        commands: Receiver<Command>,
        events: Sender<MediaEvent>,
        devices: Arc<Mutex<Vec<Device>>>,
        (backend, choice): (AudioBackend, DeviceChoice),
        reporter: &Reporter,
    ) -> Desk {
        let mut first = Vec::new();
        let voice = Voice::new(backend == AudioBackend::Devices);
        let sound = device::open(backend, choice, reporter, &mut first);
        let need = |role| Need {
            role,
            open: false,
            unused_since: None,
        };
        let desk = Desk {
            poll,
            commands,
            records: Records::new(events.clone()),
            events,
            devices,
            sound,
            sessions: BTreeMap::new(),
            focus: Vec::new(),
            tone: TonePlayer::new(),
            ring: Ring::Off,
            ring_volume: 80,
            ring_style: RingStyle::default(),
            hold: None,
            player: None,
            alert: None,
            key: None,
            needs: [
                need(AudioRole::Microphone),
                need(AudioRole::Speaker),
                need(AudioRole::Ring),
                need(AudioRole::SecondRing),
            ],
            voice,
            own_quiet: OwnQuiet::default(),
            far_quiet: BTreeMap::new(),
            metered: false,
            rehearsing: None,
            rehearsal_told: None,
            next_step: None,
            meters: step::Meters::new(Instant::now()),
            told: Vec::new(),
        };
        first.into_iter().for_each(|event| desk.tell(event));
        desk
    }

    /// Runs until the handle is gone.
    pub(crate) fn run(mut self) {
        let mut ready = Events::with_capacity(64);
        let mut buffer = vec![0; 2048];
        loop {
            let wait = self
                .next_step
                .map(|next| next.saturating_duration_since(Instant::now()));
            if let Err(error) = self.poll.poll(&mut ready, wait)
                && error.kind() != io::ErrorKind::Interrupted
            {
                log::error!("waiting for packets: {error}");
                std::thread::sleep(STEP);
            }
            for event in &ready {
                if event.token() != WAKE {
                    self.receive(event.token(), &mut buffer);
                }
            }
            loop {
                match self.commands.try_recv() {
                    Ok(Command::Shutdown(done)) => {
                        self.shut_down();
                        // Files are complete and ports closed before the end is told.
                        drop(self);
                        let _ = done.send(());
                        return;
                    }
                    Ok(command) => self.perform(command),
                    Err(std::sync::mpsc::TryRecvError::Empty) => break,
                    Err(std::sync::mpsc::TryRecvError::Disconnected) => return self.shut_down(),
                }
            }
            self.arrange_devices(Instant::now());
            self.step_as_due();
        }
    }

    /// The token of the waker of this desk's poll.
    pub(crate) fn waker_token() -> Token {
        WAKE
    }

    fn tell(&self, event: MediaEvent) {
        if let MediaEvent::Devices { devices } = &event
            && let Ok(mut known) = self.devices.lock()
        {
            known.clone_from(devices);
        }
        // Nobody listens any more while everything is being taken down.
        drop(self.events.send(event));
    }

    fn receive(&mut self, token: Token, buffer: &mut [u8]) {
        let id = SessionId((token.0 / 2) as u64);
        let channel = if token.0.is_multiple_of(2) {
            Channel::Rtp
        } else {
            Channel::Rtcp
        };
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        // The poll tells once: everything there has to be taken. A flood is cut off; its rest comes with the next packet.
        for _ in 0..8 {
            if !session.receive(Instant::now(), channel, buffer, &mut self.told) {
                break;
            }
        }
        self.pass_on(id);
    }

    fn perform(&mut self, command: Command) {
        let now = Instant::now();
        match command {
            Command::Reserve(id, sockets) => self.reserve(id, sockets),
            Command::Start(id, params) => {
                if let Some(session) = self.sessions.get_mut(&id) {
                    session.start(now, params);
                }
            }
            Command::Mute(id, muted) => {
                if let Some(session) = self.sessions.get_mut(&id) {
                    session.muted = muted;
                }
            }
            Command::Focus(focus) => self.focus = focus,
            Command::Digits(id, digits) => {
                if let Some(session) = self.sessions.get_mut(&id) {
                    session.send_digits(&digits);
                }
            }
            Command::Tone(tone) => self.tone.set(tone),
            Command::Ring(level) => self.ring(level),
            Command::Alert(alert) => self.alert = Some(AlertPlayer::new(alert, self.ring_volume)),
            Command::RingVolume(percent) => {
                self.ring_volume = percent;
                if let Ring::Normal(ringtone) = &mut self.ring {
                    ringtone.set_volume(percent);
                }
            }
            Command::RingStyle(style) => self.ring_style = style,
            Command::ToneCountry(country) => self.tone.set_country(country),
            Command::HoldSound(sound) => self.set_hold_sound(sound),
            Command::Record(id, wish) => self.records.start(id, wish),
            Command::PauseRecording(id, paused) => self.records.pause(id, paused),
            Command::StopRecording(id) => self.records.stop(id),
            Command::Play(file, at_ms) => self.player = Some(Player::start(file, at_ms)),
            Command::PausePlayback(paused) => self.pause_playback(paused),
            Command::SeekPlayback(at_ms) => self.seek_playback(at_ms),
            Command::StopPlayback => self.stop_playback(),
            Command::Stop(id) => self.stop(now, id),
            Command::Choose(choice) => {
                self.sound.choose(choice);
                self.hear_of_sound();
            }
            Command::Noticed(notice) => {
                let mut events = Vec::new();
                self.sound.noticed(notice, &mut events);
                self.pass_on_sound(events);
            }
            Command::Voice(settings) => self.voice.set(settings),
            Command::Meter(on) => self.metered = on,
            Command::Rehearse(on) => self.rehearsing = on.then(Rehearsing::new),
            Command::Shutdown(_) => {}
        }
    }

    fn reserve(&mut self, id: SessionId, sockets: (UdpSocket, UdpSocket)) {
        let Ok(number) = usize::try_from(id.0) else { return };
        let tokens = (Token(number * 2), Token(number * 2 + 1));
        match PlainRtp::new(sockets, self.poll.registry(), tokens) {
            Ok(wire) => {
                self.sessions.insert(id, MediaSession::new(Box::new(wire), identity()));
            }
            Err(error) => log::error!("media ports could not be watched: {error}"),
        }
    }

    fn ring(&mut self, level: RingLevel) {
        self.ring = match (level, std::mem::replace(&mut self.ring, Ring::Off)) {
            (RingLevel::Normal, Ring::Normal(same)) => Ring::Normal(same),
            (RingLevel::Subtle, Ring::Subtle(same)) => Ring::Subtle(same),
            (RingLevel::Off, _) => Ring::Off,
            (RingLevel::Normal, _) => Ring::Normal(Ringtone::new(self.ring_style, self.ring_volume)),
            (RingLevel::Subtle, _) => Ring::Subtle(crate::tone::call_waiting()),
        };
    }

    fn stop(&mut self, now: Instant, id: SessionId) {
        self.records.stop(id);
        if let Some(mut session) = self.sessions.remove(&id) {
            session.stop(now, self.poll.registry());
            if let Some(stream) = &mut session.stream {
                let stats = stream.stats();
                self.tell(MediaEvent::Stats {
                    session: id,
                    stats,
                    last: true,
                });
            }
        }
        self.focus.retain(|focus| *focus != id);
        self.far_quiet.remove(&id);
        self.voice.forget(id);
    }

    /// Passes on what the devices have to tell of themselves.
    fn hear_of_sound(&mut self) {
        let mut events = Vec::new();
        self.sound.told(&mut events);
        if !events.is_empty() {
            self.pass_on_sound(events);
        }
    }

    fn pass_on_sound(&mut self, events: Vec<MediaEvent>) {
        for event in events {
            if let MediaEvent::DeviceInUse { role, .. } = &event {
                match role {
                    AudioRole::Microphone => {
                        self.own_quiet.device_changed();
                        self.voice.device_changed();
                    }
                    AudioRole::Speaker => self.voice.device_changed(),
                    AudioRole::Ring | AudioRole::SecondRing => {}
                }
            }
            self.tell(event);
        }
    }

    fn shut_down(&mut self) {
        let ids: Vec<SessionId> = self.sessions.keys().copied().collect();
        ids.into_iter().for_each(|id| self.stop(Instant::now(), id));
        self.records.finish();
        for need in &mut self.needs {
            self.sound.want(need.role, false);
        }
    }

    /// Opens what is needed, closes what has not been needed for a while.
    fn arrange_devices(&mut self, now: Instant) {
        let calls = !self.sessions.is_empty();
        // The speaker is warm when a ringing call is answered; the microphone opens no earlier than a call's ports.
        let tested = self.rehearsing.is_some() || self.player.is_some();
        let speaker = calls || self.tone.is_on() || !matches!(self.ring, Ring::Off) || tested;
        let ring = matches!(self.ring, Ring::Normal(_)) || self.alert.is_some();
        for need in &mut self.needs {
            let needed = match need.role {
                AudioRole::Microphone => calls || self.metered || tested,
                AudioRole::Speaker => speaker,
                AudioRole::Ring | AudioRole::SecondRing => ring,
            };
            if needed {
                need.unused_since = None;
                if !std::mem::replace(&mut need.open, true) {
                    self.sound.want(need.role, true);
                }
            } else if need.open && now.saturating_duration_since(*need.unused_since.get_or_insert(now)) >= LINGER {
                need.open = false;
                self.sound.want(need.role, false);
            }
        }
        match (self.needs.iter().any(|need| need.open), self.next_step) {
            (true, None) => self.next_step = Some(now),
            (false, Some(_)) => {
                self.next_step = None;
                self.voice.rest();
            }
            _ => {}
        }
    }

    /// Passes on what a session had to tell.
    fn pass_on(&mut self, session: SessionId) {
        for event in std::mem::take(&mut self.told) {
            let event = match event {
                StreamEvent::FirstPacket => MediaEvent::FirstPacket { session },
                StreamEvent::Digit(digit) => MediaEvent::Digit { session, digit },
                StreamEvent::KeyDue(digit) => MediaEvent::KeyDue { session, digit },
                StreamEvent::DigitsSent(count) => MediaEvent::DigitsSent { session, count },
                StreamEvent::Stalled(silent_for) => MediaEvent::Stalled { session, silent_for },
                StreamEvent::Resumed => MediaEvent::Resumed { session },
            };
            self.tell(event);
        }
    }
}
