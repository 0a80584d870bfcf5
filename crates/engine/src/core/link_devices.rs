//! Which devices are wanted, which are in use, and the words for what changes.
use super::timers::Timer;
use super::{Core, Effect, StoreCommand};
use crate::{NoticeLevel, Refusal, Reply, SoundDevice, SoundInUse, SoundOrder, SoundRole, SoundTest, SoundView};
use parley_media::{AudioRole, DeviceChoice, DeviceDirection, DeviceId, Rehearsal, Unheard};
use std::collections::BTreeMap;
use std::time::Duration;

/// More devices than this have never been seen on one desk.
const MOST_DEVICES: usize = 20;
/// A microphone is watched without a call for so long, unless it is asked for again.
const METER: Duration = Duration::from_secs(120);

const ROLES: [SoundRole; 4] = [
    SoundRole::Microphone,
    SoundRole::Speaker,
    SoundRole::Ring,
    SoundRole::SecondRing,
];

/// What is known of devices beyond the list of those that are there.
#[derive(Debug, Default)]
pub(super) struct Desk {
    /// Names of all devices ever seen or chosen.
    names: BTreeMap<DeviceId, String>,
    /// What is in use, with its place in the order.
    in_use: BTreeMap<AudioRole, (DeviceId, Option<usize>)>,
    pub(super) test: Option<SoundTest>,
}

impl Core {
    /// Puts a device before all others of a role; without one the role follows the system.
    pub(super) fn choose_device(&mut self, role: SoundRole, device: Option<String>) -> Result<Reply, Refusal> {
        let order = match device {
            Some(device) => {
                let device = DeviceId(device);
                let mut order = self.choice.of(media(role)).to_vec();
                order.retain(|other| *other != device);
                order.insert(0, device);
                order.truncate(MOST_DEVICES);
                order
            }
            None => Vec::new(),
        };
        self.order_devices(role, order)
    }

    /// The whole order of a role.
    pub(super) fn prefer_devices(&mut self, role: SoundRole, devices: Vec<String>) -> Result<Reply, Refusal> {
        if devices.len() > MOST_DEVICES {
            return Err(Refusal::invalid("devices", "These are too many devices."));
        }
        let mut order: Vec<DeviceId> = Vec::new();
        for device in devices.into_iter().map(DeviceId) {
            if !order.contains(&device) {
                order.push(device);
            }
        }
        self.order_devices(role, order)
    }

    fn order_devices(&mut self, role: SoundRole, order: Vec<DeviceId>) -> Result<Reply, Refusal> {
        // One that is taken out of the order is no longer missed.
        self.no_notice(lacking(media(role)));
        *self.choice.of_mut(media(role)) = order;
        self.changes.sound = true;
        self.out.push_back(Effect::Choose(self.choice.clone()));
        if self.config.devices.is_none() {
            let known = |device: &SoundDevice| parley_store::KnownDevice {
                id: device.id.clone(),
                name: device.name.clone(),
            };
            let devices = self.order_of(role).iter().map(known).collect();
            self.store(StoreCommand::ChooseDevices(role.into(), devices));
        }
        Ok(Reply::Done)
    }

    /// What was chosen in earlier runs.
    pub(super) fn devices_loaded(&mut self, stored: parley_store::SoundChoice) {
        let mut order = |known: Vec<parley_store::KnownDevice>| -> Vec<DeviceId> {
            let mut ids = Vec::new();
            for device in known {
                let id = DeviceId(device.id);
                self.desk.names.entry(id.clone()).or_insert(device.name);
                ids.push(id);
            }
            ids
        };
        self.choice = DeviceChoice {
            microphone: order(stored.microphone),
            speaker: order(stored.speaker),
            ring: order(stored.ring),
            second_ring: order(stored.second_ring),
        };
        self.changes.sound = true;
        self.out.push_back(Effect::Choose(self.choice.clone()));
    }

    /// The list of devices that are there has changed.
    pub(super) fn devices_listed(&mut self, devices: Vec<parley_media::Device>) {
        for device in &devices {
            self.desk.names.insert(device.id.clone(), device.name.clone());
        }
        self.devices = devices;
        self.changes.sound = true;
        let (input, output) = (self.has(DeviceDirection::Input), self.has(DeviceDirection::Output));
        if input && output {
            self.silent = false;
            self.no_notice("no_sound_card");
        }
        for role in ROLES.map(media) {
            let first = self.choice.of(role).first();
            if first.is_some_and(|first| self.devices.iter().any(|device| device.id == *first)) {
                self.no_notice(lacking(role));
            }
        }
    }

    /// Sound goes through this device from now on.
    pub(super) fn device_in_use(&mut self, role: AudioRole, device: DeviceId, name: String, place: Option<usize>) {
        self.desk.names.insert(device.clone(), name);
        let before = self.desk.in_use.insert(role, (device.clone(), place));
        self.changes.sound = true;
        let name = self.device_name(&device);
        if before.is_some_and(|(before, _)| before != device) {
            let text = match role {
                AudioRole::Microphone => Some(format!("You speak into {name} now")),
                AudioRole::Speaker => Some(format!("You hear the call in {name} now")),
                AudioRole::Ring | AudioRole::SecondRing => None,
            };
            for call in self.focus.clone() {
                text.iter().for_each(|text| self.tell(call, text.clone()));
            }
        }
        let wanted = self.choice.of(role).first().filter(|_| place != Some(0));
        let Some(wanted) = wanted.map(|wanted| self.device_name(wanted)) else {
            return self.no_notice(lacking(role));
        };
        let instead = match role {
            AudioRole::Microphone => format!("You speak into {name} until it is back."),
            AudioRole::Speaker => format!("You hear calls in {name} until it is back."),
            AudioRole::Ring | AudioRole::SecondRing => format!("Calls ring on {name} until it is back."),
        };
        let text = format!("{wanted} is not connected. {instead}");
        self.notice(lacking(role), NoticeLevel::Warning, text);
    }

    /// Callers hear nothing from us, or do again.
    pub(super) fn unheard(&mut self, why: Option<Unheard>) {
        let Some(why) = why else {
            return self.no_notice("unheard");
        };
        let used = self.desk.in_use.get(&AudioRole::Microphone);
        let name = used.map_or_else(|| "Your microphone".to_owned(), |(device, _)| self.device_name(device));
        let likely = match why {
            Unheard::Muted => format!(
                "{name} gives only silence: it is muted at the headset or in the system’s sound settings. Unmute it, or choose another microphone."
            ),
            Unheard::GivesNothing => {
                format!("{name} gives no sound at all. Plug it in again, or choose another microphone.")
            }
            Unheard::Faint => {
                format!("{name} hears next to nothing. It may be the wrong microphone: choose another one under Sound.")
            }
        };
        for call in self.focus.clone() {
            self.tell(call, "Nothing is heard from you");
        }
        self.notice(
            "unheard",
            NoticeLevel::Warning,
            format!("Nobody can hear you. {likely}"),
        );
    }

    /// The far end sends silence, or sound again.
    pub(super) fn far_silent(&mut self, session: parley_media::SessionId, silent: bool) {
        let Some(call) = self
            .media
            .get(&session)
            .copied()
            .filter(|call| self.calls.contains_key(call))
        else {
            return;
        };
        if silent {
            self.tell(call, "The far end sends silence");
            let text =
                "The far end sends only silence. It may have muted its microphone; your own sound is not the cause.";
            self.notice("far_silent", NoticeLevel::Info, text);
        } else {
            self.no_notice("far_silent");
        }
    }

    /// Opens the microphone for its level, or no longer.
    pub(super) fn meter(&mut self, on: bool) {
        if on {
            self.timers.set(Timer::MeterEnds, self.now.instant + METER);
        } else {
            self.timers.cancel(Timer::MeterEnds);
        }
        self.out.push_back(Effect::Meter(on));
    }

    /// The test of the microphone goes on or is over.
    pub(super) fn rehearsed(&mut self, now: Option<Rehearsal>) {
        self.desk.test = now.map(|now| match now {
            Rehearsal::Recording => SoundTest::Recording,
            Rehearsal::Before => SoundTest::Before,
            Rehearsal::After => SoundTest::After,
        });
        self.changes.sound = true;
    }

    pub(super) fn sound_view(&self) -> SoundView {
        let list = |direction| {
            let fitting = self.devices.iter().filter(move |device| device.direction == direction);
            fitting
                .map(|device| SoundDevice {
                    id: device.id.0.clone(),
                    name: device.name.clone(),
                })
                .collect()
        };
        let first = |role| self.choice.of(role).first().map(|id| id.0.clone());
        let order = |role| SoundOrder {
            role,
            devices: self.order_of(role),
        };
        let in_use = |role| {
            let (device, place) = self.desk.in_use.get(&media(role))?;
            Some(SoundInUse {
                role,
                device: SoundDevice {
                    id: device.0.clone(),
                    name: self.device_name(device),
                },
                instead: *place != Some(0) && !self.choice.of(media(role)).is_empty(),
            })
        };
        SoundView {
            inputs: list(DeviceDirection::Input),
            outputs: list(DeviceDirection::Output),
            microphone: first(AudioRole::Microphone),
            speaker: first(AudioRole::Speaker),
            ring: first(AudioRole::Ring),
            second_ring: first(AudioRole::SecondRing),
            orders: ROLES.map(order).to_vec(),
            in_use: ROLES.into_iter().filter_map(in_use).collect(),
            test: self.desk.test,
            silent: self.silent,
        }
    }

    fn order_of(&self, role: SoundRole) -> Vec<SoundDevice> {
        let known = |id: &DeviceId| SoundDevice {
            id: id.0.clone(),
            name: self.device_name(id),
        };
        self.choice.of(media(role)).iter().map(known).collect()
    }

    fn device_name(&self, id: &DeviceId) -> String {
        self.desk.names.get(id).unwrap_or(&id.0).clone()
    }

    fn has(&self, direction: DeviceDirection) -> bool {
        self.devices.iter().any(|device| device.direction == direction)
    }
}

/// The notice that the wanted device of a role is not there.
fn lacking(role: AudioRole) -> &'static str {
    match role {
        AudioRole::Microphone => "device_lost",
        AudioRole::Speaker => "device_lost_speaker",
        AudioRole::Ring => "device_lost_ring",
        AudioRole::SecondRing => "device_lost_second_ring",
    }
}

fn media(role: SoundRole) -> AudioRole {
    match role {
        SoundRole::Microphone => AudioRole::Microphone,
        SoundRole::Speaker => AudioRole::Speaker,
        SoundRole::Ring => AudioRole::Ring,
        SoundRole::SecondRing => AudioRole::SecondRing,
    }
}

impl From<SoundRole> for parley_store::SoundRole {
    fn from(role: SoundRole) -> Self {
        match role {
            SoundRole::Microphone => Self::Microphone,
            SoundRole::Speaker => Self::Speaker,
            SoundRole::Ring => Self::Ring,
            SoundRole::SecondRing => Self::SecondRing,
        }
    }
}
