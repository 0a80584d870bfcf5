//! Where sound comes from and goes to: real devices, files, or nothing. The mixing desk knows only [`Sound`].

mod callback;
mod devices;
mod file;
mod host;
mod line;
mod list;
mod loopback;
mod null;
mod worker;

use std::sync::Arc;
use std::sync::mpsc::Sender;

pub(crate) use line::{Capture, Playback};

use crate::desk::Command;
use crate::event::MediaEvent;
use crate::params::{AudioBackend, AudioRole, Device, DeviceChoice, DeviceId};
use crate::resample::FRAME;

/// 10 ms of mono sound at 48 kHz, full scale being 1.0.
pub(crate) type Frame = [f32; FRAME];

/// The sound of this machine as the mixing desk uses it. No method blocks.
pub(crate) trait Sound: Send {
    /// A role is needed from now on, or no longer.
    fn want(&mut self, role: AudioRole, wanted: bool);
    /// Other devices are to be used.
    fn choose(&mut self, choice: DeviceChoice);
    /// The last 10 ms of the microphone.
    fn record(&mut self, frame: &mut Frame);
    /// The last 10 ms of the microphone are not needed.
    fn skip(&mut self);
    /// The next 10 ms for a role that plays.
    fn play(&mut self, role: AudioRole, frame: &Frame);
    /// A device thread has something to say.
    fn noticed(&mut self, notice: Notice, events: &mut Vec<MediaEvent>);
    /// What there is to tell besides.
    fn told(&mut self, _events: &mut Vec<MediaEvent>) {}
    /// How the microphone fares.
    fn microphone(&self) -> Microphone {
        Microphone::Virtual
    }
}

/// How a microphone fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Microphone {
    /// A file or nothing: its silence is meant.
    Virtual,
    /// There is none, or not yet.
    Absent,
    /// It is open and gives no sound at all, not even silence.
    GivesNothing,
    /// Sound comes.
    Flows,
}

/// What the device threads tell the mixing desk.
pub(crate) enum Notice {
    /// A stream runs.
    Opened {
        role: AudioRole,
        generation: u64,
        end: End,
        device: Used,
    },
    /// The device asked for could not be opened; whether another one follows is told next.
    Failed {
        role: AudioRole,
        generation: u64,
        why: String,
    },
    /// There is no device that could be opened.
    Absent { role: AudioRole, generation: u64 },
    /// A running stream broke.
    Lost {
        role: AudioRole,
        generation: u64,
        why: String,
    },
    /// The devices of the machine, when they changed.
    Devices(Vec<Device>),
}

/// The device of a running stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Used {
    pub(crate) id: DeviceId,
    pub(crate) name: String,
    /// Its place in the order that was asked for; `None` for the default.
    pub(crate) place: Option<usize>,
}

/// Our end of a running stream.
pub(crate) enum End {
    /// A microphone.
    Capture(Box<Capture>),
    /// A loudspeaker.
    Playback(Box<Playback>),
}

/// How device threads reach the mixing desk.
#[derive(Clone)]
pub(crate) struct Reporter {
    pub(crate) desk: Sender<Command>,
    pub(crate) waker: Arc<mio::Waker>,
}

impl Reporter {
    /// Tells the desk; `false` when there is no desk any more.
    pub(crate) fn tell(&self, notice: Notice) -> bool {
        let told = self.desk.send(Command::Noticed(notice)).is_ok();
        if let Err(error) = self.waker.wake() {
            log::debug!("waking the mixing desk: {error}");
        }
        told
    }
}

/// The sound of the chosen kind. What fails at once is reported and replaced by silence.
pub(crate) fn open(
    backend: AudioBackend,
    choice: DeviceChoice,
    reporter: &Reporter,
    events: &mut Vec<MediaEvent>,
) -> Box<dyn Sound> {
    match backend {
        AudioBackend::Null => Box::new(null::Null),
        AudioBackend::Loop => Box::new(loopback::Loopback::new()),
        AudioBackend::File { input, output, looped } => Box::new(file::Files::open(input, output, looped, events)),
        AudioBackend::Devices => Box::new(devices::Devices::start(choice, reporter)),
    }
}
