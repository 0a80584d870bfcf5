//! The words in which a media session, a device and a tone are asked for.

use std::net::SocketAddr;
use std::path::PathBuf;

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
    /// G.711 µ-law, static payload type 0 (RFC 3551).
    Pcmu,
    /// G.711 A-law, static payload type 8 (RFC 3551).
    Pcma,
}

impl Codec {
    /// The encoding name of RFC 3551, as in `a=rtpmap`.
    pub fn name(self) -> &'static str {
        match self {
            Codec::Pcmu => "PCMU",
            Codec::Pcma => "PCMA",
        }
    }

    /// The RTP timestamp rate in hertz.
    pub fn clock_rate(self) -> u32 {
        8000
    }

    /// The static payload type of RFC 3551.
    pub fn static_payload_type(self) -> u8 {
        match self {
            Codec::Pcmu => 0,
            Codec::Pcma => 8,
        }
    }
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
    /// How speech is coded.
    pub codec: Codec,
    /// The payload type of speech, ours and theirs.
    pub payload_type: u8,
    /// The payload type of telephone events (RFC 4733) when agreed; without it keys are sent as tones in the speech.
    pub dtmf_payload: Option<u8>,
    /// Which way audio flows.
    pub direction: StreamDirection,
    /// Milliseconds of speech in a packet we send: a multiple of 10 from 10 to 60, usually 20.
    pub ptime_ms: u16,
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
