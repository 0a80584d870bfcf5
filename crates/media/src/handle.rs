//! The handle: every method returns at once, whatever devices and network do.

use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;

use thread_priority::ThreadPriority;

use crate::desk::{Command, Desk, random_u32};
use crate::device::Reporter;
use crate::event::MediaEvent;
use crate::params::{
    Alert, AudioBackend, Device, DeviceChoice, HoldSound, Recording, Reserved, RingLevel, RingStyle, SessionId,
    StreamParams, Tone, VoiceSettings,
};
use crate::session::bind_pair;

/// A receiver of events; called on a thread of its own, never on an audio thread, one event after the other.
pub type EventSink = Box<dyn Fn(MediaEvent) + Send + Sync>;

/// How long the end waits for goodbyes to be sent and files to be written.
const FAREWELL: Duration = Duration::from_millis(500);
/// Of 0 to 99: before all ordinary work, behind the system's own sound server.
#[cfg(unix)]
const URGENCY: u8 = 10;

/// The media engine. Clones are the same engine; it ends when the last clone is dropped.
#[derive(Clone)]
pub struct Media {
    inner: Arc<Inner>,
}

struct Inner {
    desk: Reporter,
    devices: Arc<Mutex<Vec<Device>>>,
    next_session: AtomicU64,
    own_threads: [ThreadId; 2],
}

impl Media {
    /// Starts the threads. No device is opened before a call or a ring needs it.
    ///
    /// # Errors
    /// When the system gives us no thread or no poll handle.
    pub fn start(backend: AudioBackend, choice: DeviceChoice, events: EventSink) -> io::Result<Media> {
        let poll = mio::Poll::new()?;
        let waker = Arc::new(mio::Waker::new(poll.registry(), Desk::waker_token())?);
        let (desk, commands) = channel();
        let (to_events, told) = channel();
        let devices = Arc::new(Mutex::new(Vec::new()));
        let reporter = Reporter { desk, waker };
        let herald = thread::Builder::new()
            .name("parley-media-events".to_owned())
            .spawn(move || told.into_iter().for_each(events))?;
        let (known, report) = (Arc::clone(&devices), reporter.clone());
        let desk = thread::Builder::new().name("parley-media".to_owned()).spawn(move || {
            let desk = Desk::new(poll, commands, to_events, known, (backend, choice), &report);
            // The threads that open devices have been started and stay as they are.
            urgent();
            desk.run();
        })?;
        let own_threads = [herald.thread().id(), desk.thread().id()];
        let inner = Inner {
            desk: reporter,
            devices,
            next_session: AtomicU64::new(1),
            own_threads,
        };
        Ok(Media { inner: Arc::new(inner) })
    }

    /// Binds an RTP (even) and an RTCP (next) port on exactly this address and warms up the devices.
    ///
    /// # Errors
    /// When the address is not ours or no pair of ports is free.
    pub fn reserve(&self, local: IpAddr) -> io::Result<Reserved> {
        let sockets = bind_pair(local, random_u32)?;
        let rtp = sockets.0.local_addr()?;
        let id = SessionId(self.inner.next_session.fetch_add(1, Ordering::Relaxed));
        self.ask(Command::Reserve(id, sockets));
        Ok(Reserved { id, rtp })
    }

    /// Starts to send and listen as agreed; again with other parameters after a renegotiation.
    pub fn start_stream(&self, session: SessionId, params: StreamParams) {
        self.ask(Command::Start(session, params));
    }

    /// Sends silence instead of the microphone, or the microphone again. RTP keeps flowing.
    pub fn set_muted(&self, session: SessionId, muted: bool) {
        self.ask(Command::Mute(session, muted));
    }

    /// Gives microphone and speaker to these sessions; the others send silence and are not heard. Of several, each also
    /// hears the others: a conference.
    pub fn focus(&self, sessions: Vec<SessionId>) {
        self.ask(Command::Focus(sessions));
    }

    /// Sends keys as telephone events, queued: `0`-`9`, `*`, `#`, `A`-`D`; `,` pauses two seconds; others are skipped.
    pub fn send_digits(&self, session: SessionId, digits: impl Into<String>) {
        self.ask(Command::Digits(session, digits.into()));
    }

    /// Plays a network tone to the speaker until another is asked for.
    pub fn tone(&self, tone: Tone) {
        self.ask(Command::Tone(tone));
    }

    /// Rings until told otherwise.
    pub fn ring(&self, level: RingLevel) {
        self.ask(Command::Ring(level));
    }

    /// Plays an alert once, as loudly as the ringtone, beside whatever else is heard.
    pub fn alert(&self, alert: Alert) {
        self.ask(Command::Alert(alert));
    }

    /// How loud the ringtone is, 0 to 100; 80 at first.
    pub fn set_ring_volume(&self, percent: u8) {
        self.ask(Command::RingVolume(percent));
    }

    /// How the ringtone sounds, from its next beginning on.
    pub fn set_ring_style(&self, style: RingStyle) {
        self.ask(Command::RingStyle(style));
    }

    /// As in which country network tones sound (ISO 3166-1 alpha-2), from the next tone on.
    pub fn set_tone_country(&self, country: impl Into<String>) {
        self.ask(Command::ToneCountry(country.into()));
    }

    /// What those hear whom we hold; also those who are held now.
    pub fn set_hold_sound(&self, sound: HoldSound) {
        self.ask(Command::HoldSound(sound));
    }

    /// Records a session: what we say on the left channel, what we hear on the right one. It ends with the session.
    pub fn record(&self, session: SessionId, recording: Recording) {
        self.ask(Command::Record(session, recording));
    }

    /// Leaves out of the recording what is said and heard, or takes it again.
    pub fn pause_recording(&self, session: SessionId, paused: bool) {
        self.ask(Command::PauseRecording(session, paused));
    }

    /// Ends a recording.
    pub fn stop_recording(&self, session: SessionId) {
        self.ask(Command::StopRecording(session));
    }

    /// Plays a recording on the speaker, from this position in milliseconds on; another one stops.
    pub fn play(&self, file: impl Into<PathBuf>, at_ms: u64) {
        self.ask(Command::Play(file.into(), at_ms));
    }

    /// Lets the recording that is played wait, or go on.
    pub fn pause_playback(&self, paused: bool) {
        self.ask(Command::PausePlayback(paused));
    }

    /// Goes to another position of the recording that is played.
    pub fn seek_playback(&self, at_ms: u64) {
        self.ask(Command::SeekPlayback(at_ms));
    }

    /// Plays no recording any more.
    pub fn stop_playback(&self) {
        self.ask(Command::StopPlayback);
    }

    /// Says goodbye (RTCP BYE), reports the last figures and closes the ports.
    pub fn stop(&self, session: SessionId) {
        self.ask(Command::Stop(session));
    }

    /// The devices as last seen; a change is reported with [`MediaEvent::Devices`].
    pub fn devices(&self) -> Vec<Device> {
        self.inner
            .devices
            .lock()
            .map(|devices| devices.clone())
            .unwrap_or_default()
    }

    /// Uses other devices, at once and also in a running call.
    pub fn choose(&self, choice: DeviceChoice) {
        self.ask(Command::Choose(choice));
    }

    /// What is done to voices, from the next 10 ms on.
    pub fn process_voice(&self, settings: VoiceSettings) {
        self.ask(Command::Voice(settings));
    }

    /// Opens the microphone, without a call too, and reports its level; or no longer.
    pub fn meter(&self, on: bool) {
        self.ask(Command::Meter(on));
    }

    /// Records some seconds, then plays them as the microphone heard them and as callers would hear them; or ends that.
    /// A call that has the focus ends it too.
    pub fn rehearse(&self, on: bool) {
        self.ask(Command::Rehearse(on));
    }

    fn ask(&self, command: Command) {
        self.inner.desk.ask(command);
    }
}

/// Makes the calling thread one that the system lets run before ordinary work, where it allows that. It rests nearly all the time.
fn urgent() {
    #[cfg(unix)]
    let asked = {
        use thread_priority::unix::{
            RealtimeThreadSchedulePolicy, ThreadSchedulePolicy, set_thread_priority_and_policy, thread_native_id,
        };
        let priority = thread_priority::ThreadPriorityValue::try_from(URGENCY).map(ThreadPriority::Crossplatform);
        let policy = ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::RoundRobin);
        priority.and_then(|priority| {
            set_thread_priority_and_policy(thread_native_id(), priority, policy).map_err(|error| error.to_string())
        })
    };
    #[cfg(not(unix))]
    let asked = thread_priority::set_current_thread_priority(ThreadPriority::Max).map_err(|error| error.to_string());
    match asked {
        Ok(()) => log::debug!("the media thread runs at real-time priority"),
        Err(error) => log::debug!("the media thread runs at ordinary priority: {error}"),
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let (done, finished) = channel();
        self.desk.ask(Command::Shutdown(done));
        if !self.own_threads.contains(&thread::current().id()) {
            // Gone already or too slow: either way there is nothing more to wait for.
            let _ = finished.recv_timeout(FAREWELL);
        }
    }
}

/// The desk is reached the same way by the handle and by the device threads.
impl Reporter {
    fn ask(&self, command: Command) {
        let sender: &Sender<Command> = &self.desk;
        if sender.send(command).is_err() {
            log::error!("the media thread is gone");
        }
        if let Err(error) = self.waker.wake() {
            log::error!("waking the media thread: {error}");
        }
    }
}
