//! The words in which a media session, a device and a tone are asked for.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::encryption::StreamEncryption;

/// One media session: a pair of RTP and RTCP ports and what flows through them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u64);

/// A session that has its ports but does not send yet; the address goes into the offer or answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reserved {
    /// The name of the session in every later request and event.
    pub id: SessionId,
    /// Our RTP address; RTCP is on the next port (RFC 3550 section 11).
    pub rtp: SocketAddr,
}

/// Where sound comes from and goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AudioBackend {
    /// The sound devices of this machine.
    Devices,
    /// Silence in, nothing out: a machine without sound, or a kiosk that only watches.
    Null,
    /// What is heard is said again: the far end measures with it.
    Loop,
    /// A microphone read from a WAV file and a speaker written to one.
    File {
        /// What the microphone hears (any WAV rate; the first channel is taken). `None` is silence.
        input: Option<PathBuf>,
        /// Where what the speaker plays is written (mono, 16 bit, 48 kHz), readable at any moment.
        output: Option<PathBuf>,
        /// Start the input again at its end; otherwise silence follows it.
        looped: bool,
    },
}

/// The name of a sound device, stable between runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeviceId(pub String);

/// Whether a device records or plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeviceDirection {
    /// A microphone.
    Input,
    /// A loudspeaker or headphones.
    Output,
}

/// A sound device of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// To be remembered and given back in a [`DeviceChoice`].
    pub id: DeviceId,
    /// To be shown to a person.
    pub name: String,
    /// Whether it records or plays; a headset appears once for each.
    pub direction: DeviceDirection,
    /// Whether the system uses it when nothing is chosen.
    pub default: bool,
}

/// Which device serves which purpose; `None` is the system's default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceChoice {
    /// What we say.
    pub microphone: Option<DeviceId>,
    /// What we hear in a call, and call tones.
    pub speaker: Option<DeviceId>,
    /// The ringtone of a new call.
    pub ring: Option<DeviceId>,
}

/// The purposes a device can serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AudioRole {
    /// What we say.
    Microphone,
    /// What we hear in a call, and call tones.
    Speaker,
    /// The ringtone of a new call.
    Ring,
}

/// A speech codec of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// Opus (RFC 6716, RFC 7587), mono here.
    Opus,
    /// G.722 at 64 kbit/s (RFC 3551 section 4.5.2).
    G722,
    /// G.711 A-law (RFC 3551 section 4.5.14).
    Pcma,
    /// G.711 µ-law (RFC 3551 section 4.5.14).
    Pcmu,
    /// G.729 with annex A (RFC 3551 section 4.5.6).
    G729,
}

impl Codec {
    /// All of them, the best first.
    pub const ALL: [Codec; 5] = [Codec::Opus, Codec::G722, Codec::Pcma, Codec::Pcmu, Codec::G729];

    /// The encoding name, as in `a=rtpmap`.
    pub fn name(self) -> &'static str {
        match self {
            Codec::Opus => "opus",
            Codec::G722 => "G722",
            Codec::Pcma => "PCMA",
            Codec::Pcmu => "PCMU",
            Codec::G729 => "G729",
        }
    }

    /// How fast RTP timestamps run, in hertz. G.722 says 8000 by an old mistake that stays (RFC 3551 section 4.5.2).
    pub fn clock_rate(self) -> u32 {
        match self {
            Codec::Opus => 48_000,
            Codec::G722 | Codec::Pcma | Codec::Pcmu | Codec::G729 => 8000,
        }
    }

    /// Samples of sound a second.
    pub fn sampling_rate(self) -> u32 {
        match self {
            Codec::Opus => 48_000,
            Codec::G722 => 16_000,
            Codec::Pcma | Codec::Pcmu | Codec::G729 => 8000,
        }
    }

    /// The static payload type (RFC 3551 section 6), or for Opus the dynamic one we ask for.
    pub fn payload_type(self) -> u8 {
        match self {
            Codec::Opus => 107,
            Codec::G722 => 9,
            Codec::Pcma => 8,
            Codec::Pcmu => 0,
            Codec::G729 => 18,
        }
    }

    /// Milliseconds of speech a packet of ours can hold: the longest possible up to what is wished.
    pub(crate) fn packet_ms(self, wished: u16) -> u32 {
        let whole = (u32::from(wished) / 10 * 10).clamp(10, 60);
        match (self, whole) {
            // Opus has frames of 10, 20, 40 and 60 ms (RFC 6716 section 2.1.4).
            (Codec::Opus, 30) => 20,
            (Codec::Opus, 50) => 40,
            (_, whole) => whole,
        }
    }
}

/// How the far end wants its speech coded, beyond the name of the codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coding {
    /// It makes use of redundancy against loss (Opus `useinbandfec`).
    pub redundancy: bool,
    /// It likes pauses not to be sent (Opus `usedtx`, G.729 `annexb`).
    pub pauses: bool,
    /// Packets shall all be of one size (Opus `cbr`).
    pub constant_bitrate: bool,
    /// Bits a second at most (Opus `maxaveragebitrate`).
    pub most_bits: Option<u32>,
    /// The sampling rate beyond which it hears nothing (Opus `maxplaybackrate`).
    pub most_hertz: u32,
}

impl Default for Coding {
    fn default() -> Self {
        Coding {
            redundancy: true,
            pauses: false,
            constant_bitrate: false,
            most_bits: None,
            most_hertz: 48_000,
        }
    }
}

/// How keys go to the far end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// As telephone events (RFC 4733).
    Events {
        /// Their payload type.
        payload_type: u8,
        /// The rate their duration counts in, in hertz.
        rate: u32,
    },
    /// As tones in the speech.
    Speech,
    /// Not by media: each is reported at its time with [`crate::MediaEvent::KeyDue`], and signalling carries it.
    Signalling,
}

/// Which way audio flows, seen from us (RFC 3264).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StreamDirection {
    /// Both ways.
    SendRecv,
    /// We send and hear nothing: we hold the far end, and what we send is silence, never the microphone.
    SendOnly,
    /// We hear and send nothing.
    RecvOnly,
    /// Neither; RTCP goes on (RFC 3264 section 5.1).
    Inactive,
}

impl StreamDirection {
    /// Whether we send RTP.
    pub fn sends(self) -> bool {
        matches!(self, StreamDirection::SendRecv | StreamDirection::SendOnly)
    }

    /// Whether we listen to RTP.
    pub fn receives(self) -> bool {
        matches!(self, StreamDirection::SendRecv | StreamDirection::RecvOnly)
    }
}

/// What offer and answer agreed on for one audio stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamParams {
    /// Where the far end wants RTP.
    pub remote: SocketAddr,
    /// Where the far end wants RTCP; usually the next port (`a=rtcp`, RFC 3605).
    pub remote_rtcp: SocketAddr,
    /// How our speech is coded.
    pub codec: Codec,
    /// The payload type our speech is sent with: theirs.
    pub payload_type: u8,
    /// How the far end wants it.
    pub coding: Coding,
    /// The payload types of speech the far end may send: ours, the codec it most likely uses first.
    pub receive: Vec<(u8, Codec)>,
    /// Comfort noise (RFC 3389), when agreed: the payload type to send it with. Pauses are not sent then.
    pub noise: Option<u8>,
    /// How keys are sent.
    pub keys: Keys,
    /// The payload types with which the far end may send telephone events.
    pub events: Vec<u8>,
    /// Which way audio flows.
    pub direction: StreamDirection,
    /// Milliseconds of speech in a packet we send: a multiple of 10 from 10 to 60, usually 20.
    pub ptime_ms: u16,
    /// The keys, when the stream is encrypted.
    pub encryption: Option<StreamEncryption>,
}

impl StreamParams {
    /// A stream both ways in one codec, with its usual payload type, keys as telephone events of payload type 101.
    pub fn both_ways(codec: Codec, remote: SocketAddr) -> StreamParams {
        StreamParams {
            remote,
            remote_rtcp: SocketAddr::new(remote.ip(), remote.port().saturating_add(1)),
            codec,
            payload_type: codec.payload_type(),
            coding: Coding::default(),
            receive: vec![(codec.payload_type(), codec)],
            noise: None,
            keys: Keys::Events {
                payload_type: 101,
                rate: codec.clock_rate(),
            },
            events: vec![101],
            direction: StreamDirection::SendRecv,
            ptime_ms: 20,
            encryption: None,
        }
    }
}

/// A tone of the telephone network, played to the speaker only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Tone {
    /// Quiet.
    #[default]
    None,
    /// The far end is alerted.
    Ringback,
    /// The far end is engaged.
    Busy,
    /// The call could not be set up.
    Congestion,
}

/// A short figure on the ring device, heard once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Alert {
    /// Callers do not reach a line any more.
    Unreachable,
    /// They do again.
    Reachable,
}

/// How loudly a new call makes itself known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RingLevel {
    /// Not at all.
    #[default]
    Off,
    /// The ringtone on the ring device.
    Normal,
    /// A soft call-waiting beep on the speaker, while another call goes on.
    Subtle,
}
