//! Starts sound as the configuration wants it.
use crate::config::Audio;
use parley_media::{AudioBackend, DeviceChoice, DeviceId, EventSink, Media};

/// The devices of this run, if the configuration names them.
pub(crate) fn devices(audio: &Audio) -> Option<DeviceChoice> {
    let Audio::Devices {
        microphone,
        speaker,
        ring,
    } = audio
    else {
        return None;
    };
    if microphone.is_none() && speaker.is_none() && ring.is_none() {
        return None;
    }
    let id = |name: &Option<String>| name.iter().cloned().map(DeviceId).collect();
    Some(DeviceChoice {
        microphone: id(microphone),
        speaker: id(speaker),
        ring: id(ring),
        second_ring: Vec::new(),
    })
}

/// Whether files are processed as devices are.
pub(crate) fn process_files(audio: &Audio) -> bool {
    matches!(audio, Audio::File { process: true, .. })
}

/// Starts the media engine.
///
/// # Errors
/// When the system gives no thread.
pub(crate) fn start(audio: &Audio, events: EventSink) -> std::io::Result<Media> {
    let backend = match audio {
        Audio::Devices { .. } => AudioBackend::Devices,
        Audio::Null => AudioBackend::Null,
        Audio::Loop => AudioBackend::Loop,
        Audio::File { input, output, .. } => AudioBackend::File {
            input: input.clone(),
            output: output.clone(),
            looped: true,
        },
    };
    Media::start(backend, devices(audio).unwrap_or_default(), events)
}

/// The country of the system's locale (ISO 3166-1 alpha-2), or nothing.
pub(crate) fn country() -> String {
    let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
    let locale = names
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|locale| !locale.is_empty());
    country_of(&locale.unwrap_or_default())
}

/// Of `de_AT.UTF-8` it is `AT`.
fn country_of(locale: &str) -> String {
    let name = locale.split(['.', '@']).next().unwrap_or_default();
    let country = name.split(['_', '-']).nth(1).unwrap_or_default();
    if country.len() == 2 {
        country.to_ascii_uppercase()
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::country_of;

    #[test]
    fn the_country_is_read_from_a_locale() {
        for (locale, country) in [
            ("de_AT.UTF-8", "AT"),
            ("en-gb", "GB"),
            ("C.UTF-8", ""),
            ("", ""),
            ("de@euro", ""),
        ] {
            assert_eq!(country_of(locale), country, "{locale}");
        }
    }
}
