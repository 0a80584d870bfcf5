//! The sound system of this machine and its devices, in our words.

use cpal::traits::{DeviceTrait, HostTrait};

use crate::params::{Device, DeviceDirection, DeviceId};

/// Devices of the ALSA plug-in kind that lead nowhere or to another entry of the list.
#[cfg(target_os = "linux")]
const PSEUDO_DEVICES: [&str; 9] = [
    "null",
    "lavrate",
    "samplerate",
    "speexrate",
    "jack",
    "oss",
    "speex",
    "upmix",
    "vdownmix",
];

/// PulseAudio (or PipeWire in its clothes) where it runs: through ALSA's detour sound was lost. ALSA where there is at
/// least one card: without one it only complains, on standard error, at every look.
#[cfg(target_os = "linux")]
pub(super) fn open() -> Option<cpal::Host> {
    match cpal::host_from_id(cpal::HostId::PulseAudio) {
        Ok(host) => Some(host),
        Err(error) => {
            log::debug!("no PulseAudio: {error}");
            has_card().then(cpal::default_host)
        }
    }
}

/// The kernel lists one line for each stream of each card.
#[cfg(target_os = "linux")]
fn has_card() -> bool {
    std::fs::read_to_string("/proc/asound/pcm").is_ok_and(|streams| !streams.trim().is_empty())
}

/// The system's own sound interface.
#[cfg(not(target_os = "linux"))]
pub(super) fn open() -> Option<cpal::Host> {
    Some(cpal::default_host())
}

/// Whether a person would choose this device.
#[cfg(target_os = "linux")]
fn is_of_interest(id: &cpal::DeviceId) -> bool {
    let name = id.id();
    !name.ends_with(".monitor") && !PSEUDO_DEVICES.contains(&name)
}

#[cfg(not(target_os = "linux"))]
fn is_of_interest(_id: &cpal::DeviceId) -> bool {
    true
}

/// All devices a person would choose from.
pub(super) fn list(host: &cpal::Host) -> Result<Vec<Device>, cpal::Error> {
    let id_of = |device: Option<cpal::Device>| device.and_then(|device| device.id().ok());
    let default_input = id_of(host.default_input_device());
    let default_output = id_of(host.default_output_device());
    let mut devices = Vec::new();
    for device in host.devices()? {
        let Ok(id) = device.id() else { continue };
        if !is_of_interest(&id) {
            continue;
        }
        let name = name(&device);
        let entry = |direction, default: &Option<cpal::DeviceId>| Device {
            id: DeviceId(id.to_string()),
            name: name.clone(),
            direction,
            default: default.as_ref() == Some(&id),
        };
        if device.supports_input() {
            devices.push(entry(DeviceDirection::Input, &default_input));
        }
        if device.supports_output() {
            devices.push(entry(DeviceDirection::Output, &default_output));
        }
    }
    Ok(devices)
}

/// The devices of this order that are there, each with its place. An entry is an id, or a name as a person types it into
/// a configuration file.
pub(super) fn find(host: &cpal::Host, wanted: &[DeviceId], direction: DeviceDirection) -> Vec<(usize, cpal::Device)> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let fits = |device: &cpal::Device| match direction {
        DeviceDirection::Input => device.supports_input(),
        DeviceDirection::Output => device.supports_output(),
    };
    let place = |device: &cpal::Device| {
        let id = device.id().ok();
        let named = |wanted: &DeviceId| {
            let by_id = |id: &cpal::DeviceId| id.to_string() == wanted.0 || id.id() == wanted.0;
            id.as_ref().is_some_and(by_id) || name(device) == wanted.0
        };
        wanted.iter().position(named)
    };
    let devices = host.devices().map(Iterator::collect::<Vec<_>>).unwrap_or_default();
    let mut found: Vec<_> = devices
        .into_iter()
        .filter_map(|device| Some((place(&device)?, device)))
        .filter(|(_, device)| fits(device))
        .collect();
    found.sort_by_key(|(place, _)| *place);
    found
}

/// What a person calls it.
pub(super) fn name(device: &cpal::Device) -> String {
    match (device.description(), device.id()) {
        (Ok(description), _) => description.name().to_owned(),
        (Err(_), Ok(id)) => id.id().to_owned(),
        (Err(_), Err(_)) => String::new(),
    }
}

/// The system's default.
pub(super) fn default(host: &cpal::Host, direction: DeviceDirection) -> Option<cpal::Device> {
    match direction {
        DeviceDirection::Input => host.default_input_device(),
        DeviceDirection::Output => host.default_output_device(),
    }
}
