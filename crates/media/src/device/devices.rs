//! The sound devices of the machine: who is open for what, and what takes the place of one that fails.

#[cfg(test)]
mod tests;

use std::sync::mpsc::Sender;

use super::list::{self, Pace};
use super::worker::{self, Work};
use super::{End, Frame, Microphone, Notice, Reporter, Sound, Used};
use crate::event::MediaEvent;
use crate::params::{AudioRole, Device, DeviceChoice, DeviceDirection, DeviceId};

const ROLES: [AudioRole; 4] = [
    AudioRole::Microphone,
    AudioRole::Speaker,
    AudioRole::Ring,
    AudioRole::SecondRing,
];

/// One role: its worker thread and what has come of it.
struct Post {
    role: AudioRole,
    worker: Option<Sender<Work>>,
    generation: u64,
    wanted: bool,
    state: State,
    /// The order that was asked of the worker last.
    asked: Vec<DeviceId>,
    /// The default device at that time.
    default_then: Option<DeviceId>,
    /// Broke as soon as it was open: left alone until the devices change.
    avoided: Vec<DeviceId>,
    /// The absence of any device has been told; it is not told again at each new try.
    absence_told: bool,
    /// Frames since the stream was opened, or of silence since the last try.
    frames: u32,
}

/// With nothing to be opened, the next try comes after this many frames: 5 s.
const TRY_AGAIN: u32 = 500;
/// A stream that breaks before this many frames, 2 s, was no good to begin with.
const LASTING: u32 = 200;

enum State {
    Closed,
    Opening,
    Open(End, Used),
    /// Nothing could be opened: silence until the devices change.
    Silent,
}

/// All roles.
pub(crate) struct Devices {
    choice: DeviceChoice,
    posts: [Post; 4],
    list: Vec<Device>,
    listed: bool,
    events: Vec<MediaEvent>,
    /// Ends the watch when dropped.
    watch: Option<Sender<Pace>>,
}

impl Devices {
    /// Starts the threads; opens nothing.
    pub(crate) fn start(choice: DeviceChoice, reporter: &Reporter) -> Devices {
        let worker = |role| started("a sound device thread", worker::start(role, reporter.clone()));
        let mut devices = Devices::new(choice, ROLES.map(worker));
        devices.watch = started("the sound device watch", list::watch(reporter.clone()));
        devices
    }

    fn new(choice: DeviceChoice, workers: [Option<Sender<Work>>; 4]) -> Devices {
        let mut workers = workers.into_iter();
        let posts = ROLES.map(|role| Post {
            role,
            worker: workers.next().flatten(),
            generation: 0,
            wanted: false,
            state: State::Closed,
            asked: Vec::new(),
            default_then: None,
            avoided: Vec::new(),
            absence_told: false,
            frames: 0,
        });
        Devices {
            choice,
            posts,
            list: Vec::new(),
            listed: false,
            events: Vec::new(),
            watch: None,
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

    fn open(&mut self, role: AudioRole, pause: bool) {
        let default = self.default_for(role);
        let mut order = self.choice.of(role).to_vec();
        let Some(post) = self.post(role) else { return };
        order.retain(|device| !post.avoided.contains(device));
        if order.is_empty() && role == AudioRole::SecondRing {
            return post.close();
        }
        post.default_then = default;
        post.open(order, pause);
    }

    /// A frame passed for a role.
    fn pass(&mut self, role: AudioRole) {
        let Some(post) = self.post(role) else { return };
        post.frames = post.frames.saturating_add(1);
        let stuck = match &post.state {
            State::Open(End::Capture(capture), _) => capture.is_stuck(),
            State::Open(End::Playback(playback), _) => playback.is_stuck(),
            State::Silent if post.frames >= TRY_AGAIN => return self.open(role, false),
            _ => false,
        };
        if stuck {
            self.lost(role, "the device stopped without a word".to_owned());
        }
    }

    /// A running stream broke. The device may be there still, as a headset is that goes from music to speech: it is tried
    /// again, but not for ever.
    fn lost(&mut self, role: AudioRole, why: String) {
        let Some(post) = self.post(role) else { return };
        let brief = post.frames < LASTING;
        let mut pause = false;
        if let State::Open(_, used) = &post.state {
            match used.place.and_then(|place| post.asked.get(place)) {
                Some(device) if brief => post.avoided.push(device.clone()),
                Some(_) => {}
                // The sound server gets a moment to recover.
                None => pause = true,
            }
        }
        self.events.push(MediaEvent::DeviceFailed { role, why });
        self.open(role, pause);
    }

    /// The device of the list that this entry of an order means.
    fn named<'a>(list: &'a [Device], device: &DeviceId, role: AudioRole) -> Option<&'a Device> {
        let direction = worker::direction(role);
        let bare = |id: &DeviceId| id.0.split_once(':').map(|(_, bare)| bare.to_owned());
        list.iter().find(|known| {
            known.direction == direction
                && (known.id == *device
                    || known.name == device.0
                    || bare(&known.id).is_some_and(|bare| bare == device.0))
        })
    }

    /// Another list: what is gone is replaced, what has come (back) is used.
    fn listed(&mut self, list: Vec<Device>) {
        self.list = list;
        self.events.push(MediaEvent::Devices {
            devices: self.list.clone(),
        });
        let first = !std::mem::replace(&mut self.listed, true);
        let missing = |direction| !self.list.iter().any(|device| device.direction == direction);
        for (role, direction) in [
            (AudioRole::Microphone, DeviceDirection::Input),
            (AudioRole::Speaker, DeviceDirection::Output),
        ] {
            if first && missing(direction) {
                self.events.push(MediaEvent::NoDevice { role });
            }
        }
        for role in ROLES {
            self.look_again(role);
        }
    }

    fn look_again(&mut self, role: AudioRole) {
        let default = self.default_for(role);
        let best = self.best(role);
        let Some(post) = self.posts.iter_mut().find(|post| post.role == role && post.wanted) else {
            return;
        };
        post.avoided.clear();
        let used = match &post.state {
            State::Opening => return,
            State::Closed | State::Silent => return self.open(role, false),
            State::Open(_, used) => used,
        };
        let default_moved = post.default_then.is_some() && post.default_then != default && default.is_some();
        let better = match (&best, used.place) {
            (Some((place, device)), Some(now)) => *place < now && *device != used.id,
            (Some((_, device)), None) => *device != used.id,
            (None, Some(_)) => false,
            (None, None) => default_moved,
        };
        // A monitor or an alias is not in the list, and so cannot be missed.
        let here = is_unlisted(used) || self.list.iter().any(|device| device.id == used.id);
        if !here && used.place.is_some() {
            self.events.push(MediaEvent::DeviceFailed {
                role,
                why: "the device was unplugged".to_owned(),
            });
        }
        if better || !here {
            self.open(role, false);
        }
    }

    /// The first device of the order that is there.
    fn best(&self, role: AudioRole) -> Option<(usize, DeviceId)> {
        let mut order = self.choice.of(role).iter().enumerate();
        order.find_map(|(place, device)| Some((place, Self::named(&self.list, device, role)?.id.clone())))
    }

    /// Goes over to another order; a stream on the device that is wanted now goes on.
    fn reorder(&mut self, role: AudioRole) {
        let best = self.best(role);
        let order = self.choice.of(role).to_vec();
        let Some(post) = self.post(role).filter(|post| post.wanted) else {
            return;
        };
        post.avoided.clear();
        if let (State::Open(_, used), Some((place, device))) = (&mut post.state, best)
            && used.id == device
        {
            used.place = Some(place);
            post.asked = order;
            let told = in_use(role, used);
            return self.events.push(told);
        }
        self.open(role, false);
    }

    fn set_pace(&self) {
        let in_use = self.posts.iter().any(|post| post.wanted);
        let pace = if in_use { Pace::InUse } else { Pace::Idle };
        if let Some(watch) = &self.watch
            && watch.send(pace).is_err()
        {
            log::debug!("nobody watches the sound devices");
        }
    }
}

fn is_unlisted(used: &Used) -> bool {
    used.id.0.ends_with(".monitor")
        || (used.place.is_none() && (used.id.0.is_empty() || used.id.0.ends_with(":default")))
}

fn in_use(role: AudioRole, used: &Used) -> MediaEvent {
    MediaEvent::DeviceInUse {
        role,
        device: used.id.clone(),
        name: used.name.clone(),
        place: used.place,
    }
}

impl Sound for Devices {
    fn want(&mut self, role: AudioRole, wanted: bool) {
        let Some(post) = self.post(role) else { return };
        if std::mem::replace(&mut post.wanted, wanted) == wanted {
            return;
        }
        if wanted {
            self.open(role, false);
        } else {
            post.close();
        }
        self.set_pace();
    }

    fn choose(&mut self, choice: DeviceChoice) {
        let before = std::mem::replace(&mut self.choice, choice);
        for role in ROLES {
            if before.of(role) != self.choice.of(role) {
                self.reorder(role);
            }
        }
    }

    fn record(&mut self, frame: &mut Frame) {
        match self.post(AudioRole::Microphone).map(|post| &mut post.state) {
            Some(State::Open(End::Capture(capture), _)) => capture.record(frame),
            _ => frame.fill(0.0),
        }
        self.pass(AudioRole::Microphone);
    }

    fn skip(&mut self) {
        self.record(&mut [0.0; crate::resample::FRAME]);
    }

    fn play(&mut self, role: AudioRole, frame: &Frame) {
        if let Some(State::Open(End::Playback(playback), _)) = self.post(role).map(|post| &mut post.state) {
            playback.play(frame);
        }
        self.pass(role);
    }

    fn microphone(&self) -> Microphone {
        let post = self.posts.iter().find(|post| post.role == AudioRole::Microphone);
        match post.map(|post| &post.state) {
            Some(State::Open(End::Capture(capture), _)) if capture.still_for() < 100 => Microphone::Flows,
            Some(State::Open(..)) => Microphone::GivesNothing,
            _ => Microphone::Absent,
        }
    }

    fn noticed(&mut self, notice: Notice, events: &mut Vec<MediaEvent>) {
        match notice {
            Notice::Opened {
                role,
                generation,
                end,
                mut device,
            } => {
                // What is left out of the order for a while still has its place in it.
                let order = self.choice.of(role).to_vec();
                if let Some(post) = self.current(role, generation) {
                    let asked = device.place.and_then(|place| post.asked.get(place));
                    device.place = asked.and_then(|asked| order.iter().position(|device| device == asked));
                    post.asked = order;
                    let told = in_use(role, &device);
                    post.state = State::Open(end, device);
                    post.absence_told = false;
                    post.frames = 0;
                    self.events.push(told);
                }
            }
            Notice::Failed { role, generation, why } => {
                if let Some(post) = self.current(role, generation)
                    && !post.absence_told
                {
                    self.events.push(MediaEvent::DeviceFailed { role, why });
                }
            }
            Notice::Absent { role, generation } => {
                if let Some(post) = self.current(role, generation) {
                    post.state = State::Silent;
                    post.frames = 0;
                    let told = std::mem::replace(&mut post.absence_told, true);
                    // A second device for ringing is an extra: its absence is no trouble.
                    if !told && role != AudioRole::SecondRing {
                        self.events.push(MediaEvent::NoDevice { role });
                    }
                }
            }
            Notice::Lost { role, generation, why } => {
                if self.current(role, generation).is_some() {
                    self.lost(role, why);
                }
            }
            Notice::Devices(list) => self.listed(list),
        }
        events.append(&mut self.events);
    }

    fn told(&mut self, events: &mut Vec<MediaEvent>) {
        events.append(&mut self.events);
    }
}

impl Post {
    fn open(&mut self, order: Vec<DeviceId>, pause: bool) {
        self.generation += 1;
        self.frames = 0;
        self.asked = order.clone();
        self.state = State::Opening;
        self.ask(Work::Open {
            generation: self.generation,
            order,
            or_default: self.role != AudioRole::SecondRing,
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
