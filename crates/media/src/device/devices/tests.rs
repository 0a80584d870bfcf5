//! Notices in, requests to a worker out: no device is touched.

use std::sync::mpsc::{Receiver, channel};

use super::*;
use crate::device::Playback;

/// The speaker's post with its worker played by the test.
struct Script {
    devices: Devices,
    work: Receiver<Work>,
    told: Vec<MediaEvent>,
}

const SPEAKER: AudioRole = AudioRole::Speaker;

fn id(name: &str) -> DeviceId {
    DeviceId(format!("pulseaudio:{name}"))
}

impl Script {
    fn new(chosen: Option<&str>) -> Script {
        let (speaker, work) = channel();
        let choice = DeviceChoice {
            speaker: chosen.map(id),
            ..DeviceChoice::default()
        };
        let mut script = Script {
            devices: Devices::new(choice, [None, Some(speaker), None]),
            work,
            told: Vec::new(),
        };
        script.list(&["desk", "headset"]);
        script.told.clear();
        script
    }

    /// The first one is the default.
    fn list(&mut self, names: &[&str]) {
        let device = |(n, name): (usize, &&str)| Device {
            id: id(name),
            name: (*name).to_owned(),
            direction: DeviceDirection::Output,
            default: n == 0,
        };
        let list = names.iter().enumerate().map(device).collect();
        self.devices.noticed(Notice::Devices(list), &mut self.told);
    }

    /// The device the worker is asked for; `None` is the default one.
    fn asked(&self) -> (u64, Option<DeviceId>) {
        match self.work.try_recv() {
            Ok(Work::Open { generation, device, .. }) => (generation, device),
            _ => panic!("no device was asked for"),
        }
    }

    fn opened(&mut self, generation: u64) {
        let (_, playback) = Playback::new(48_000, 1).unwrap();
        let end = End::Playback(Box::new(playback));
        self.devices.noticed(
            Notice::Opened {
                role: SPEAKER,
                generation,
                end,
            },
            &mut self.told,
        );
    }

    /// Wants the speaker and gets it.
    fn open(&mut self) -> u64 {
        self.devices.want(SPEAKER, true);
        let (generation, _) = self.asked();
        self.opened(generation);
        generation
    }

    fn failures(&self) -> usize {
        self.told
            .iter()
            .filter(|event| matches!(event, MediaEvent::DeviceFailed { .. }))
            .count()
    }

    fn is_idle(&self) -> bool {
        self.work.try_recv().is_err()
    }
}

#[test]
fn a_stream_that_breaks_is_replaced_by_the_default_and_told() {
    let mut script = Script::new(Some("headset"));
    let generation = script.open();
    let lost = |generation| Notice::Lost {
        role: SPEAKER,
        generation,
        why: "gone".to_owned(),
    };
    script.devices.noticed(lost(generation), &mut script.told);
    assert_eq!(script.asked().1, None);
    assert_eq!(script.failures(), 1);
    // The old stream has nothing to say any more.
    script.devices.noticed(lost(generation), &mut script.told);
    assert_eq!(script.failures(), 1);
    assert!(script.is_idle());
}

#[test]
fn a_chosen_device_that_is_unplugged_is_replaced_and_used_again_when_it_is_back() {
    let mut script = Script::new(Some("headset"));
    script.open();
    script.list(&["desk"]);
    let (generation, device) = script.asked();
    assert_eq!((device, script.failures()), (None, 1));
    script.opened(generation);
    script.list(&["desk", "headset"]);
    assert_eq!(script.asked().1, Some(id("headset")));
}

#[test]
fn another_default_is_followed_only_when_nothing_is_chosen() {
    let mut script = Script::new(None);
    script.open();
    script.list(&["headset", "desk"]);
    assert_eq!(script.asked().1, None);
    let mut script = Script::new(Some("desk"));
    script.open();
    script.list(&["headset", "desk"]);
    assert!(script.is_idle());
}

#[test]
fn another_choice_is_opened_at_once_in_a_call_and_only_then() {
    let mut script = Script::new(None);
    let choose = |name| DeviceChoice {
        speaker: Some(id(name)),
        ..DeviceChoice::default()
    };
    script.devices.choose(choose("headset"));
    assert!(script.is_idle());
    script.open();
    script.devices.choose(choose("desk"));
    assert_eq!(script.asked().1, Some(id("desk")));
}

#[test]
fn without_any_device_it_is_told_once_and_tried_again_quietly() {
    let mut script = Script::new(None);
    script.devices.want(SPEAKER, true);
    for _ in 0..3 {
        let (generation, _) = script.asked();
        script.devices.noticed(
            Notice::Absent {
                role: SPEAKER,
                generation,
            },
            &mut script.told,
        );
        (0..TRY_AGAIN).for_each(|_| script.devices.play(SPEAKER, &[0.0; crate::resample::FRAME]));
    }
    assert_eq!(script.told, [MediaEvent::NoDevice { role: SPEAKER }]);
}

#[test]
fn a_role_that_is_no_longer_needed_is_closed_and_a_late_stream_is_not_taken() {
    let mut script = Script::new(None);
    script.devices.want(SPEAKER, true);
    let (generation, _) = script.asked();
    script.devices.want(SPEAKER, false);
    assert!(matches!(script.work.try_recv(), Ok(Work::Close)));
    script.opened(generation);
    assert!(
        script
            .devices
            .posts
            .iter()
            .all(|post| matches!(post.state, State::Closed))
    );
}
