//! The sound devices of the machine: who is open for what, and what takes the place of one that fails.

#[cfg(test)]
mod tests;

use std::sync::mpsc::Sender;

use super::worker::{self, Work};
use super::{End, Frame, Notice, Reporter, Sound, list};
use crate::event::MediaEvent;
use crate::params::{AudioRole, Device, DeviceChoice, DeviceDirection, DeviceId};

const ROLES: [AudioRole; 3] = [AudioRole::Microphone, AudioRole::Speaker, AudioRole::Ring];

/// One role: its worker thread and what has come of it.
struct Post {
    role: AudioRole,
    worker: Option<Sender<Work>>,
    generation: u64,
    wanted: bool,
    state: State,
    /// What was asked of the worker last.
    asked: Option<DeviceId>,
    /// The default device at that time.
    default_then: Option<DeviceId>,
    /// The absence of any device has been told; it is not told again at each new try.
    absence_told: bool,
    /// Frames of silence since the last try.
    silent_frames: u32,
}

/// With nothing to be opened, the next try comes after this many frames: 5 s.
const TRY_AGAIN: u32 = 500;

enum State {
    Closed,
    Opening,
    Open(End),
    /// Nothing could be opened: silence until the devices change.
    Silent,
}

/// All roles.
pub(crate) struct Devices {
    choice: DeviceChoice,
    posts: [Post; 3],
    list: Vec<Device>,
    listed: bool,
    /// Ends the watch when dropped.
    _watch: Option<Sender<()>>,
}

impl Devices {
    /// Starts the threads; opens nothing.
    pub(crate) fn start(choice: DeviceChoice, reporter: &Reporter) -> Devices {
        let worker = |role| started("a sound device thread", worker::start(role, reporter.clone()));
        let mut devices = Devices::new(choice, ROLES.map(worker));
        devices._watch = started("the sound device watch", list::watch(reporter.clone()));
        devices
    }

    fn new(choice: DeviceChoice, workers: [Option<Sender<Work>>; 3]) -> Devices {
        let mut workers = workers.into_iter();
        let posts = ROLES.map(|role| Post {
            role,
            worker: workers.next().flatten(),
            generation: 0,
            wanted: false,
            state: State::Closed,
            asked: None,
            default_then: None,
            absence_told: false,
            silent_frames: 0,
        });
        Devices {
            choice,
            posts,
            list: Vec::new(),
            listed: false,
            _watch: None,
        }
    }

    fn chosen(&self, role: AudioRole) -> Option<DeviceId> {
        match role {
            AudioRole::Microphone => self.choice.microphone.clone(),
            AudioRole::Speaker => self.choice.speaker.clone(),
            AudioRole::Ring => self.choice.ring.clone(),
        }
    }

    fn post(&mut self, role: AudioRole) -> Option<&mut Post> {
        self.posts.iter_mut().find(|post| post.role == role)
    }

    /// The post this notice is for, unless it speaks of a stream that has been given up.
    fn current(&mut self, role: AudioRole, generation: u64) -> Option<&mut Post> {
        self.post(role)
            .filter(|post| post.generation == generation && post.wanted)
    }

    fn default_for(&self, role: AudioRole) -> Option<DeviceId> {
        let direction = worker::direction(role);
        let default = self
            .list
            .iter()
            .find(|device| device.default && device.direction == direction);
        default.map(|device| device.id.clone())
    }

    fn open(&mut self, role: AudioRole, device: Option<DeviceId>) {
        self.open_after(role, device, false);
    }

    fn open_after(&mut self, role: AudioRole, device: Option<DeviceId>, pause: bool) {
        let default = self.default_for(role);
        if let Some(post) = self.post(role) {
            post.default_then = default;
            post.open(device, pause);
        }
    }

    /// A frame passed for a role without a device.
    fn silent(&mut self, role: AudioRole) {
        let chosen = self.chosen(role);
        let Some(post) = self.post(role).filter(|post| matches!(post.state, State::Silent)) else {
            return;
        };
        post.silent_frames += 1;
        if post.silent_frames >= TRY_AGAIN {
            self.open(role, chosen);
        }
    }

    fn is_listed(&self, device: &DeviceId) -> bool {
        let bare = |id: &DeviceId| id.0.split_once(':').map(|(_, bare)| bare.to_owned());
        self.list.iter().any(|known| {
            known.id == *device || known.name == device.0 || bare(&known.id).is_some_and(|bare| bare == device.0)
        })
    }

    /// Another list: what is gone is replaced, what has come (back) is used.
    fn listed(&mut self, list: Vec<Device>, events: &mut Vec<MediaEvent>) {
        self.list = list;
        events.push(MediaEvent::Devices {
            devices: self.list.clone(),
        });
        let first = !std::mem::replace(&mut self.listed, true);
        let missing = |direction| !self.list.iter().any(|device| device.direction == direction);
        for (role, direction) in [
            (AudioRole::Microphone, DeviceDirection::Input),
            (AudioRole::Speaker, DeviceDirection::Output),
        ] {
            if first && missing(direction) {
                events.push(MediaEvent::NoDevice { role });
            }
        }
        for role in ROLES {
            self.look_again(role, events);
        }
    }

    fn look_again(&mut self, role: AudioRole, events: &mut Vec<MediaEvent>) {
        let chosen = self.chosen(role);
        let chosen_is_here = chosen.as_ref().is_some_and(|device| self.is_listed(device));
        let default = self.default_for(role);
        let Some(post) = self.posts.iter().find(|post| post.role == role && post.wanted) else {
            return;
        };
        let was_here = post.asked.is_some();
        let default_moved = post.default_then.is_some() && post.default_then != default && default.is_some();
        match post.state {
            State::Closed | State::Opening => {}
            State::Silent => self.open(role, chosen),
            // A monitor or an alias is not in the list, and so cannot be missed.
            State::Open(_) if was_here && !chosen_is_here && self.is_real(chosen.as_ref()) => {
                let why = "the device was unplugged".to_owned();
                events.push(MediaEvent::DeviceFailed { role, why });
                self.open(role, None);
            }
            State::Open(_) if !was_here && chosen_is_here => self.open(role, chosen),
            State::Open(_) if !was_here && default_moved => self.open(role, None),
            State::Open(_) => {}
        }
    }

    /// Whether a device would be in the list if it were there.
    fn is_real(&self, device: Option<&DeviceId>) -> bool {
        device.is_some_and(|device| !device.0.ends_with(".monitor"))
    }
}

impl Sound for Devices {
    fn want(&mut self, role: AudioRole, wanted: bool) {
        let chosen = self.chosen(role);
        let Some(post) = self.post(role) else { return };
        if std::mem::replace(&mut post.wanted, wanted) == wanted {
            return;
        }
        if wanted {
            self.open(role, chosen);
        } else {
            post.close();
        }
    }

    fn choose(&mut self, choice: DeviceChoice) {
        let before = std::mem::replace(&mut self.choice, choice);
        let changed = [
            (AudioRole::Microphone, before.microphone != self.choice.microphone),
            (AudioRole::Speaker, before.speaker != self.choice.speaker),
            (AudioRole::Ring, before.ring != self.choice.ring),
        ];
        for (role, changed) in changed {
            if changed && self.post(role).is_some_and(|post| post.wanted) {
                self.open(role, self.chosen(role));
            }
        }
    }

    fn record(&mut self, frame: &mut Frame) {
        match self.post(AudioRole::Microphone).map(|post| &mut post.state) {
            Some(State::Open(End::Capture(capture))) => capture.record(frame),
            _ => {
                frame.fill(0.0);
                self.silent(AudioRole::Microphone);
            }
        }
    }

    fn skip(&mut self) {
        self.record(&mut [0.0; crate::resample::FRAME]);
    }

    fn play(&mut self, role: AudioRole, frame: &Frame) {
        match self.post(role).map(|post| &mut post.state) {
            Some(State::Open(End::Playback(playback))) => playback.play(frame),
            _ => self.silent(role),
        }
    }

    fn noticed(&mut self, notice: Notice, events: &mut Vec<MediaEvent>) {
        match notice {
            Notice::Opened { role, generation, end } => {
                if let Some(post) = self.current(role, generation) {
                    post.state = State::Open(end);
                    post.absence_told = false;
                }
            }
            Notice::Failed { role, generation, why } => {
                if let Some(post) = self.current(role, generation) {
                    post.asked = None;
                    if !post.absence_told {
                        events.push(MediaEvent::DeviceFailed { role, why });
                    }
                }
            }
            Notice::Absent { role, generation } => {
                if let Some(post) = self.current(role, generation) {
                    post.state = State::Silent;
                    if !std::mem::replace(&mut post.absence_told, true) {
                        events.push(MediaEvent::NoDevice { role });
                    }
                }
            }
            Notice::Lost { role, generation, why } => {
                if let Some(post) = self.current(role, generation) {
                    // When it was the default already, the sound server gets a moment to recover.
                    let pause = post.asked.is_none();
                    events.push(MediaEvent::DeviceFailed { role, why });
                    self.open_after(role, None, pause);
                }
            }
            Notice::Devices(list) => self.listed(list, events),
        }
    }
}

impl Post {
    fn open(&mut self, device: Option<DeviceId>, pause: bool) {
        self.generation += 1;
        self.silent_frames = 0;
        self.asked = device.clone();
        self.state = State::Opening;
        self.ask(Work::Open {
            generation: self.generation,
            device,
            pause,
        });
    }

    fn close(&mut self) {
        self.generation += 1;
        self.state = State::Closed;
        self.ask(Work::Close);
    }

    fn ask(&mut self, work: Work) {
        let taken = self.worker.as_ref().is_some_and(|worker| worker.send(work).is_ok());
        if !taken {
            self.state = State::Silent;
        }
    }
}

fn started<T>(what: &str, result: std::io::Result<T>) -> Option<T> {
    result
        .map_err(|error| log::error!("{what} could not be started: {error}"))
        .ok()
}
