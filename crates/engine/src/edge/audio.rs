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
        Audio::File { input, output, .. } => AudioBackend::File {
            input: input.clone(),
            output: output.clone(),
            looped: true,
        },
    };
    Media::start(backend, devices(audio).unwrap_or_default(), events)
}
