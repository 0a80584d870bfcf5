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
    fn new(chosen: &[&str]) -> Script {
        let (speaker, work) = channel();
        let choice = DeviceChoice {
            speaker: chosen.iter().map(|name| id(name)).collect(),
            ..DeviceChoice::default()
        };
        let mut script = Script {
            devices: Devices::new(choice, [None, Some(speaker), None, None]),
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

    /// The order the worker is asked for; the default one comes after it.
    fn asked(&self) -> (u64, Vec<DeviceId>) {
        match self.work.try_recv() {
            Ok(Work::Open { generation, order, .. }) => (generation, order),
            _ => panic!("no device was asked for"),
        }
    }

    /// The worker has opened this one: at a place of the order, or as the default.
    fn opened(&mut self, generation: u64, name: &str, place: Option<usize>) {
        let (_, playback) = Playback::new(48_000, 1).unwrap();
        let end = End::Playback(Box::new(playback));
        let device = Used {
            id: id(name),
            name: name.to_owned(),
            place,
        };
        let notice = Notice::Opened {
            role: SPEAKER,
            generation,
            end,
            device,
        };
        self.devices.noticed(notice, &mut self.told);
    }

    /// Wants the speaker and gets it.
    fn open(&mut self, name: &str, place: Option<usize>) -> u64 {
        self.devices.want(SPEAKER, true);
        let (generation, _) = self.asked();
        self.opened(generation, name, place);
        generation
    }

    fn breaks(&mut self, generation: u64) {
        let lost = Notice::Lost {
            role: SPEAKER,
            generation,
            why: "gone".to_owned(),
        };
        self.devices.noticed(lost, &mut self.told);
    }

    /// Time passes.
    fn frames(&mut self, count: u32) {
        let idle = [0.0; crate::resample::FRAME];
        // Without its card the ring fills; so that it does not count as stuck, nothing is played into it.
        for _ in 0..count {
            match self.devices.post(SPEAKER).map(|post| &post.state) {
                Some(State::Open(..)) => self.devices.pass(SPEAKER),
                _ => self.devices.play(SPEAKER, &idle),
            }
        }
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
fn a_stream_that_breaks_is_opened_again_and_given_up_when_that_does_not_last() {
    let mut script = Script::new(&["headset", "desk"]);
    let generation = script.open("headset", Some(0));
    script.frames(LASTING);
    script.breaks(generation);
    let (second, order) = script.asked();
    assert_eq!(
        order,
        [id("headset"), id("desk")],
        "a headset that changes its rate is there still"
    );
    assert_eq!(script.failures(), 1);
    // The old stream has nothing to say any more.
    script.breaks(generation);
    assert_eq!(script.failures(), 1);
    assert!(script.is_idle());
    script.opened(second, "headset", Some(0));
    script.breaks(second);
    let (third, order) = script.asked();
    assert_eq!(order, [id("desk")]);
    script.opened(third, "desk", Some(0));
    let told = script.told.last().cloned();
    assert!(
        matches!(told, Some(MediaEvent::DeviceInUse { place: Some(1), .. })),
        "{told:?}"
    );
    // Whatever changes on the machine, it gets another chance.
    script.list(&["desk", "headset", "other"]);
    assert_eq!(script.asked().1, [id("headset"), id("desk")]);
}

#[test]
fn a_device_that_is_unplugged_is_replaced_by_the_next_and_used_again_when_it_is_back() {
    let mut script = Script::new(&["headset", "dock"]);
    script.list(&["desk", "headset", "dock"]);
    script.open("headset", Some(0));
    script.list(&["desk", "dock"]);
    let (generation, order) = script.asked();
    assert_eq!((order, script.failures()), (vec![id("headset"), id("dock")], 1));
    script.opened(generation, "dock", Some(1));
    script.list(&["desk"]);
    let (generation, _) = script.asked();
    script.opened(generation, "desk", None);
    script.list(&["desk", "dock"]);
    let (generation, _) = script.asked();
    script.opened(generation, "dock", Some(1));
    script.list(&["desk", "dock", "other"]);
    assert!(script.is_idle(), "nothing better has come");
    script.list(&["desk", "dock", "headset"]);
    assert_eq!(script.asked().1, [id("headset"), id("dock")]);
}

#[test]
fn another_default_is_followed_only_when_nothing_is_chosen() {
    let mut script = Script::new(&[]);
    script.open("desk", None);
    script.list(&["headset", "desk"]);
    assert!(script.asked().1.is_empty());
    let mut script = Script::new(&["desk"]);
    script.open("desk", Some(0));
    script.list(&["headset", "desk"]);
    assert!(script.is_idle());
}

#[test]
fn another_choice_is_opened_at_once_in_a_call_and_only_then() {
    let mut script = Script::new(&[]);
    let choose = |names: &[&str]| DeviceChoice {
        speaker: names.iter().map(|name| id(name)).collect(),
        ..DeviceChoice::default()
    };
    script.devices.choose(choose(&["headset"]));
    assert!(script.is_idle());
    script.open("headset", Some(0));
    script.devices.choose(choose(&["desk", "headset"]));
    let (generation, order) = script.asked();
    assert_eq!(order, [id("desk"), id("headset")]);
    script.opened(generation, "desk", Some(0));
    script.devices.choose(choose(&["desk"]));
    assert!(script.is_idle(), "what is in use already is not opened again");
}

#[test]
fn a_second_device_for_ringing_is_opened_only_where_one_is_chosen() {
    let (second, work) = channel();
    let ring = |name: &str| DeviceChoice {
        second_ring: vec![id(name)],
        ..DeviceChoice::default()
    };
    let mut devices = Devices::new(DeviceChoice::default(), [None, None, None, Some(second)]);
    devices.want(AudioRole::SecondRing, true);
    assert!(matches!(work.try_recv(), Ok(Work::Close)));
    devices.choose(ring("desk"));
    assert!(matches!(work.try_recv(), Ok(Work::Open { or_default: false, .. })));
}

#[test]
fn without_any_device_it_is_told_once_and_tried_again_quietly() {
    let mut script = Script::new(&[]);
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
    let mut script = Script::new(&[]);
    script.devices.want(SPEAKER, true);
    let (generation, _) = script.asked();
    script.devices.want(SPEAKER, false);
    assert!(matches!(script.work.try_recv(), Ok(Work::Close)));
    script.opened(generation, "desk", None);
    assert!(
        script
            .devices
            .posts
            .iter()
            .all(|post| matches!(post.state, State::Closed))
    );
}
