//! What the media engine reports.

use std::time::Duration;

use crate::params::{AudioRole, Codec, Device, DeviceId, Rehearsal, SessionId, Unheard};

/// Something that happened to sound or to the network under it.
#[derive(Debug, Clone, PartialEq)]
pub enum MediaEvent {
    /// The first valid RTP packet of the session came in.
    FirstPacket {
        /// Which session.
        session: SessionId,
    },
    /// Nothing, RTP or RTCP, came for a while although we should hear the far end.
    Stalled {
        /// Which session.
        session: SessionId,
        /// How long nothing came; 3 s at the first report.
        silent_for: Duration,
    },
    /// Packets came again after [`MediaEvent::Stalled`].
    Resumed {
        /// Which session.
        session: SessionId,
    },
    /// The far end pressed a key (RFC 4733); reported once, at its beginning.
    Digit {
        /// Which session.
        session: SessionId,
        /// `0`-`9`, `*`, `#`, `A`-`D`.
        digit: char,
    },
    /// The time of a key has come that signalling carries ([`crate::Keys::Signalling`]).
    KeyDue {
        /// Which session.
        session: SessionId,
        /// `0`-`9`, `*`, `#`, `A`-`D`.
        digit: char,
    },
    /// Every key given to `send_digits` so far is out.
    DigitsSent {
        /// Which session.
        session: SessionId,
        /// How many keys went out since the last such event.
        count: usize,
    },
    /// How the session fares: each second, and once more when it stops.
    Stats {
        /// Which session.
        session: SessionId,
        /// The figures.
        stats: Stats,
        /// Whether this is the last report of the session.
        last: bool,
    },
    /// How loud the microphone (after mute) and the speaker are, 0.0 to 1.0 (peak, linear); at most ten a second.
    Levels {
        /// What we send.
        microphone: f32,
        /// What we hear.
        speaker: f32,
    },
    /// The sound devices changed, or are known for the first time.
    Devices {
        /// All of them.
        devices: Vec<Device>,
    },
    /// Nothing of what is said here can be heard, for 3 s or longer; `None` when it can be again.
    Unheard {
        /// The likely cause.
        why: Option<Unheard>,
    },
    /// Packets of the far end come, but they have been silent for 3 s or longer; or no longer.
    FarSilent {
        /// Which session.
        session: SessionId,
        /// Whether they are.
        silent: bool,
    },
    /// A test of the microphone goes on; `None` at its end.
    Rehearsal {
        /// How far it is.
        now: Option<Rehearsal>,
    },
    /// A device is in use from now on.
    DeviceInUse {
        /// For what.
        role: AudioRole,
        /// Which one.
        device: DeviceId,
        /// Its name for people.
        name: String,
        /// Its place in the order of the choice, 0 being the most wanted; `None` for the system's default.
        place: Option<usize>,
    },
    /// A chosen device could not be opened or went away; the next one of the order, the default device,
    /// or silence takes its place.
    DeviceFailed {
        /// What it was used for.
        role: AudioRole,
        /// What the system said.
        why: String,
    },
    /// A recording is complete.
    Recorded {
        /// Of which session.
        session: SessionId,
        /// How long its file is now.
        millis: u64,
    },
    /// A recording ended early; what was written until then stays readable. The call goes on.
    RecordingFailed {
        /// Of which session.
        session: SessionId,
        /// What was wrong.
        why: RecordingFault,
    },
    /// How the playing of a recording goes; four times a second.
    Playback(Playback),
    /// There is no device at all for this purpose; calls go on in silence.
    NoDevice {
        /// What is missing.
        role: AudioRole,
    },
}

/// Why a call is not recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordingFault {
    /// There is no room left.
    DiskFull,
    /// What the system said.
    Other(String),
}

/// A recording being played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Playback {
    /// It is here.
    At {
        /// The position in milliseconds.
        at_ms: u64,
        /// The whole in milliseconds.
        length_ms: u64,
        /// It waits.
        paused: bool,
    },
    /// It is over.
    Ended,
    /// It cannot be played.
    Failed {
        /// What the system said.
        why: String,
    },
}

/// The figures of one session.
#[derive(Debug, Clone, PartialEq)]
pub struct Stats {
    /// How our speech is coded.
    pub codec: Codec,
    /// RTP packets sent.
    pub sent: u64,
    /// Valid RTP packets received.
    pub received: u64,
    /// Packets of the far end that never came (RFC 3550 appendix A.3; never below zero).
    pub lost: u64,
    /// Packets that came too late to be heard.
    pub late: u64,
    /// Share of packets lost on the way to us in the last interval, 0 to 100.
    pub loss_percent: f32,
    /// Share of our packets the far end missed, from its last report, 0 to 100.
    pub remote_loss_percent: Option<f32>,
    /// Interarrival jitter in milliseconds (RFC 3550 section 6.4.1).
    pub jitter_ms: f32,
    /// Network round trip in milliseconds, from the far end's reports.
    pub round_trip_ms: Option<f32>,
    /// Speech waiting in the jitter buffer, in milliseconds.
    pub buffer_ms: f32,
    /// Share of what was heard that had to be made up, 0 to 100, in the last second.
    pub concealed_percent: f32,
    /// The same since the beginning.
    pub made_up_percent: f32,
    /// How people would rate the call so far, 1.0 (bad) to 4.4 (as good as a telephone can be): the E-model of ITU-T G.107.
    pub mos: f32,
    /// Peak level of what we sent in the last second, 0.0 to 1.0.
    pub level_in: f32,
    /// Peak level of what we received in the last second, 0.0 to 1.0.
    pub level_out: f32,
}
