//! The handle: every method returns at once, whatever devices and network do.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use crate::event::MediaEvent;
use crate::params::{AudioBackend, Device, DeviceChoice, Reserved, RingLevel, SessionId, StreamParams, Tone};

/// A receiver of events; called on a thread of its own, never on an audio thread, one event after the other.
pub type EventSink = Box<dyn Fn(MediaEvent) + Send + Sync>;

/// The media engine. Clones are the same engine; it ends when the last clone is dropped.
#[derive(Clone)]
pub struct Media {
    inner: Arc<Inner>,
}

struct Inner {
    _events: EventSink,
}

impl Media {
    /// Starts the threads. No device is opened before a call or a ring needs it.
    ///
    /// # Errors
    /// When the system gives us no thread or no poll handle.
    pub fn start(backend: AudioBackend, choice: DeviceChoice, events: EventSink) -> io::Result<Media> {
        let _ = (backend, choice);
        Ok(Media {
            inner: Arc::new(Inner { _events: events }),
        })
    }

    /// Binds an RTP (even) and an RTCP (next) port on exactly this address and warms up the devices.
    ///
    /// # Errors
    /// When the address is not ours or no pair of ports is free.
    pub fn reserve(&self, local: IpAddr) -> io::Result<Reserved> {
        let _ = (local, &self.inner);
        Err(io::Error::other("not ready"))
    }

    /// Starts to send and listen as agreed; again with other parameters after a renegotiation.
    pub fn start_stream(&self, session: SessionId, params: StreamParams) {
        let _ = (session, params);
    }

    /// Sends silence instead of the microphone, or the microphone again. RTP keeps flowing.
    pub fn set_muted(&self, session: SessionId, muted: bool) {
        let _ = (session, muted);
    }

    /// Gives microphone and speaker to this session; the others send silence and are not heard.
    pub fn focus(&self, session: Option<SessionId>) {
        let _ = session;
    }

    /// Sends keys as telephone events, queued: `0`-`9`, `*`, `#`, `A`-`D`; `,` pauses two seconds; others are skipped.
    pub fn send_digits(&self, session: SessionId, digits: impl Into<String>) {
        let _ = (session, digits.into());
    }

    /// Plays a network tone to the speaker until another is asked for.
    pub fn tone(&self, tone: Tone) {
        let _ = tone;
    }

    /// Rings until told otherwise.
    pub fn ring(&self, level: RingLevel) {
        let _ = level;
    }

    /// How loud the ringtone is, 0 to 100.
    pub fn set_ring_volume(&self, percent: u8) {
        let _ = percent;
    }

    /// Says goodbye (RTCP BYE), reports the last figures and closes the ports.
    pub fn stop(&self, session: SessionId) {
        let _ = session;
    }

    /// The devices as last seen; a change is reported with [`MediaEvent::Devices`].
    pub fn devices(&self) -> Vec<Device> {
        Vec::new()
    }

    /// Uses other devices, at once and also in a running call.
    pub fn choose(&self, choice: DeviceChoice) {
        let _ = choice;
    }
}
