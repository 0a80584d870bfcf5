//! RTP sessions, codecs, jitter buffer, tones, devices.
//!
//! The engine talks to this crate by messages: [`Media`] is a handle whose methods return at once, and everything
//! that happens comes back as a [`MediaEvent`]. Sound and network run on threads of their own.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod codec;
mod desk;
mod device;
mod encryption;
mod estimate;
mod event;
mod handle;
mod jitter;
mod params;
mod resample;
mod session;
#[cfg(test)]
mod testing;
mod tone;

pub use encryption::{SrtpKey, SrtpSuite, StreamEncryption};
pub use event::{MediaEvent, Stats};
pub use handle::{EventSink, Media};
pub use params::{
    Alert, AudioBackend, AudioRole, Codec, Coding, Device, DeviceChoice, DeviceDirection, DeviceId, Keys, Reserved,
    RingLevel, SessionId, StreamDirection, StreamParams, Tone,
};
