//! Which devices are wanted and used, and what is said when one goes away.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod support;

use parley_engine::core::Wake;
use parley_engine::{Request, SoundRole};
use parley_media::{AudioRole, Device, DeviceDirection, DeviceId, MediaEvent, SessionId, Unheard};
use support::{Desk, Far};

fn device(id: &str, name: &str) -> Device {
    Device {
        id: DeviceId(id.to_owned()),
        name: name.to_owned(),
        direction: DeviceDirection::Input,
        default: id == "laptop",
    }
}

fn in_use(id: &str, name: &str, place: Option<usize>) -> Wake {
    Wake::Media(MediaEvent::DeviceInUse {
        role: AudioRole::Microphone,
        device: DeviceId(id.to_owned()),
        name: name.to_owned(),
        place,
    })
}

fn listed(devices: &[Device]) -> Wake {
    Wake::Media(MediaEvent::Devices {
        devices: devices.to_vec(),
    })
}

fn notice(desk: &mut Desk, key: &str) -> Option<String> {
    let notices = desk.snapshot().notices;
    notices
        .into_iter()
        .find(|notice| notice.key == key)
        .map(|notice| notice.text)
}

#[test]
fn a_headset_that_goes_in_a_call_is_told_in_words_and_kept_in_the_order() {
    let mut desk = Desk::new();
    let (headset, laptop) = (device("headset", "Jabra"), device("laptop", "Laptop microphone"));
    desk.wake(listed(&[laptop.clone(), headset.clone()]));
    let choose = |device: &str| Request::ChooseDevice {
        role: SoundRole::Microphone,
        device: Some(device.to_owned()),
    };
    desk.ask(choose("laptop")).unwrap();
    desk.ask(choose("headset")).unwrap();
    Far::pick_up(&mut desk, "600");
    desk.wake(in_use("headset", "Jabra", Some(0)));
    assert_eq!(notice(&mut desk, "device_lost"), None);

    desk.wake(listed(std::slice::from_ref(&laptop)));
    desk.wake(in_use("laptop", "Laptop microphone", Some(1)));
    let text = notice(&mut desk, "device_lost").unwrap();
    assert_eq!(
        text,
        "Jabra is not connected. You speak into Laptop microphone until it is back."
    );
    let last = desk.call().timeline.last().unwrap().text.clone();
    assert_eq!(last, "You speak into Laptop microphone now");
    let sound = desk.snapshot().sound;
    let order: Vec<&str> = sound.orders[0]
        .devices
        .iter()
        .map(|device| device.name.as_str())
        .collect();
    assert_eq!(order, ["Jabra", "Laptop microphone"]);
    assert!(sound.in_use[0].instead);

    desk.wake(listed(&[laptop, headset]));
    desk.wake(in_use("headset", "Jabra", Some(0)));
    assert_eq!(notice(&mut desk, "device_lost"), None);
    assert_eq!(desk.call().timeline.last().unwrap().text, "You speak into Jabra now");
}

#[test]
fn silence_on_either_side_is_told_with_its_likely_cause() {
    let mut desk = Desk::new();
    let call = Far::pick_up(&mut desk, "600");
    desk.wake(in_use("laptop", "Laptop microphone", None));
    desk.wake(Wake::Media(MediaEvent::Unheard {
        why: Some(Unheard::Muted),
    }));
    let text = notice(&mut desk, "unheard").unwrap();
    assert!(
        text.starts_with("Nobody can hear you. Laptop microphone gives only silence"),
        "{text}"
    );
    desk.wake(Wake::Media(MediaEvent::Unheard { why: None }));
    assert_eq!(notice(&mut desk, "unheard"), None);
    let session = SessionId(call + 100);
    desk.wake(Wake::Media(MediaEvent::FarSilent { session, silent: true }));
    assert!(notice(&mut desk, "far_silent").is_some());
    desk.wake(Wake::Media(MediaEvent::FarSilent { session, silent: false }));
    assert_eq!(notice(&mut desk, "far_silent"), None);
}

#[test]
fn an_order_may_be_changed_and_forgotten() {
    let mut desk = Desk::new();
    desk.wake(listed(&[device("laptop", "Laptop"), device("headset", "Jabra")]));
    let prefer = |devices: &[&str]| Request::PreferDevices {
        role: SoundRole::Microphone,
        devices: devices.iter().map(|id| (*id).to_owned()).collect(),
    };
    desk.ask(prefer(&["headset", "laptop", "headset"])).unwrap();
    assert_eq!(desk.snapshot().sound.microphone.as_deref(), Some("headset"));
    assert_eq!(desk.snapshot().sound.orders[0].devices.len(), 2);
    desk.ask(prefer(&[])).unwrap();
    assert_eq!(desk.snapshot().sound.microphone, None);
    assert!(desk.ask(prefer(&["x"; 30])).is_err());
}
