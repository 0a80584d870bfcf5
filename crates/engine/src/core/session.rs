//! Session descriptions of one call: what was sent, what was agreed, and the stream that follows from it (RFC 3264).
use super::encryption::Keys as SrtpKeys;
use parley_media::{Codec as MediaCodec, Coding, Keys, StreamDirection, StreamParams};
use parley_sip::sdp::{self, Agreed, Codec, Direction, LocalAudio, NotAgreed, OpusFormat, Order, Sdp};
use parley_store::{AccountOptions, KeyMethod};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Milliseconds of speech in a packet.
const PTIME_MS: u16 = 20;
/// The usual payload type of telephone events.
const EVENTS: u8 = 101;
/// Our payload type for telephone events at the clock of Opus.
const OPUS_EVENTS: u8 = 106;

/// What a line wants of the sound of its calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wishes {
    /// The codecs, best first.
    codecs: Vec<MediaCodec>,
    /// How keys are sent.
    keys: KeyMethod,
    /// Ours, or else the far end's order counts when an offer is answered.
    own_order: bool,
    /// Pauses need not be sent.
    pauses: bool,
}

impl Wishes {
    /// As chosen for the line.
    pub fn of(options: &AccountOptions) -> Self {
        Self {
            codecs: options
                .codecs
                .iter()
                .map(|codec| super::codecs::for_media(*codec))
                .collect(),
            keys: options.keys,
            own_order: options.own_codec_order,
            pauses: options.pauses,
        }
    }
}

/// Offer and answer of one call, from our side.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    wishes: Wishes,
    /// `o=`: one more with each description that is sent.
    version: u64,
    /// Our last description, and what it was made from.
    sent: Option<(Sdp, LocalAudio)>,
    /// What holds now.
    agreed: Option<Agreed>,
    /// Our description says that we hold the far end.
    pub holding: bool,
    /// Encryption.
    pub keys: SrtpKeys,
}

impl Session {
    /// Before anything was said, with the keys of the call.
    pub fn new(wishes: Wishes, keys: SrtpKeys) -> Self {
        Self {
            wishes,
            version: 0,
            sent: None,
            agreed: None,
            holding: false,
            keys,
        }
    }

    /// Reads an offer and makes sure that it can be met.
    ///
    /// # Errors
    /// With the reason: there is no common codec, no common encryption, or it cannot be read.
    pub fn read_offer(&self, bytes: &[u8]) -> Result<Sdp, NotAgreed> {
        let offer = Sdp::parse(bytes).map_err(|why| {
            log::info!("an offer cannot be read: {why}");
            NotAgreed::NoAudio
        })?;
        let anywhere = local(&self.wishes, (Ipv4Addr::LOCALHOST, 0).into(), Direction::SendRecv, 0, 0);
        let (_, agreed, _) = self.keys.answer(&offer, &anywhere)?;
        // A name instead of an address would need a look-up in the middle of a call; nobody sends one.
        agreed.remote().map(|_| offer).ok_or(NotAgreed::NoAddress)
    }

    /// Whether an offer holds us.
    pub fn holds(offer: &Sdp) -> bool {
        let audio = offer
            .media
            .iter()
            .find(|media| media.kind == "audio" && media.port != 0);
        audio.is_some_and(|audio| !offer.direction_of(audio).receives())
    }

    /// Whether the far end holds us now.
    pub fn is_held(&self) -> bool {
        self.agreed.as_ref().is_some_and(Agreed::is_held_by_remote)
    }

    /// Whether anything was agreed.
    pub fn is_agreed(&self) -> bool {
        self.agreed.is_some()
    }

    /// Our next offer.
    pub fn offer(&mut self, rtp: SocketAddr, id: u64) -> Vec<u8> {
        let local = self.local(rtp, id, self.is_held());
        let mut description = match &self.sent {
            None => sdp::offer(&local),
            Some((last, _)) => sdp::reoffer(&local, last),
        };
        self.keys.word_offer(&mut description, self.is_agreed());
        let bytes = description.to_bytes();
        self.sent = Some((description, local));
        bytes
    }

    /// Our answer; what was agreed holds from now on.
    pub fn answer(&mut self, offer: &Sdp, rtp: SocketAddr, id: u64) -> Option<Vec<u8>> {
        let local = self.local(rtp, id, Self::holds(offer));
        let (description, agreed, keys) = self.keys.answer(offer, &local).ok()?;
        self.keys = keys;
        let bytes = description.to_bytes();
        self.sent = Some((description, local));
        self.agreed = Some(agreed);
        Some(bytes)
    }

    /// Takes the answer to our offer.
    ///
    /// # Errors
    /// With the reason. What held before still holds.
    pub fn answered(&mut self, bytes: &[u8]) -> Result<(), NotAgreed> {
        let (sent, local) = self.sent.as_ref().ok_or(NotAgreed::NoAudio)?;
        let answer = Sdp::parse(bytes).map_err(|why| {
            log::info!("an answer cannot be read: {why}");
            NotAgreed::NoAudio
        })?;
        let agreed = sdp::accept(sent, &answer, local)?;
        agreed.remote().ok_or(NotAgreed::NoAddress)?;
        self.keys.accepted(sent, &answer, agreed.index)?;
        self.agreed = Some(agreed);
        Ok(())
    }

    /// Words the next first offer in another way, because the last one was refused; `false` when there is none.
    pub fn word_anew(&mut self) -> bool {
        let another = self.keys.word_anew();
        if another {
            self.sent = None;
        }
        another
    }

    /// The stream that was agreed on; `quiet` keeps the far end from being heard.
    pub fn stream(&self, quiet: bool) -> Option<StreamParams> {
        let agreed = self.agreed.as_ref()?;
        let receive = agreed.receive.iter();
        let heard = agreed.direction.receives() && !quiet && !self.holding;
        Some(StreamParams {
            remote: agreed.remote()?,
            remote_rtcp: agreed.remote_rtcp()?,
            codec: media_codec(&agreed.codec)?,
            payload_type: agreed.codec.payload_type,
            coding: self.coding(&agreed.codec),
            receive: receive
                .filter_map(|codec| Some((codec.payload_type, media_codec(codec)?)))
                .collect(),
            noise: agreed.noise,
            keys: match (self.wishes.keys, agreed.events) {
                (KeyMethod::Info, _) => Keys::Signalling,
                (KeyMethod::Events, Some(payload_type)) => Keys::Events {
                    payload_type,
                    rate: agreed.events_clock,
                },
                // What the far end does not understand as an event it may hear.
                (KeyMethod::Events, None) | (KeyMethod::Tones, _) => Keys::Speech,
            },
            events: agreed.receive_events.clone(),
            direction: match (agreed.direction.sends(), heard) {
                (true, true) => StreamDirection::SendRecv,
                (true, false) => StreamDirection::SendOnly,
                (false, true) => StreamDirection::RecvOnly,
                (false, false) => StreamDirection::Inactive,
            },
            ptime_ms: agreed.ptime_ms,
            encryption: self.keys.stream(),
        })
    }

    /// How the far end wants this codec.
    fn coding(&self, codec: &Codec) -> Coding {
        let fmtp = codec.fmtp.as_deref();
        match media_codec(codec) {
            Some(MediaCodec::Opus) => {
                let wanted = OpusFormat::read(fmtp.unwrap_or_default());
                Coding {
                    redundancy: wanted.redundancy,
                    pauses: wanted.pauses,
                    constant_bitrate: wanted.constant_bitrate,
                    most_bits: wanted.most_bits,
                    most_hertz: wanted.most_hertz,
                }
            }
            Some(MediaCodec::G729) => Coding {
                pauses: self.wishes.pauses && sdp::takes_annex_b(fmtp),
                ..Coding::default()
            },
            _ => Coding::default(),
        }
    }

    fn local(&mut self, rtp: SocketAddr, id: u64, held: bool) -> LocalAudio {
        self.version += 1;
        let direction = match (self.holding, held) {
            (false, _) => Direction::SendRecv,
            (true, false) => Direction::SendOnly,
            (true, true) => Direction::Inactive,
        };
        local(&self.wishes, rtp, direction, id, self.version)
    }
}

fn local(wishes: &Wishes, rtp: SocketAddr, direction: Direction, session_id: u64, version: u64) -> LocalAudio {
    let address: IpAddr = rtp.ip();
    let narrow = wishes.codecs.iter().any(|codec| codec.clock_rate() == 8000);
    let opus = wishes.codecs.contains(&MediaCodec::Opus);
    let mut events = Vec::new();
    // Many phones know events at 8 kHz alone, whatever the codec.
    if narrow || opus {
        events.push(Codec::telephone_event(EVENTS));
    }
    if opus {
        events.push(Codec::telephone_event_at(48_000, OPUS_EVENTS));
    }
    LocalAudio {
        address,
        port: rtp.port(),
        codecs: wishes
            .codecs
            .iter()
            .map(|codec| described(*codec, wishes.pauses))
            .collect(),
        order: if wishes.own_order { Order::Ours } else { Order::Theirs },
        events,
        noise: (wishes.pauses && narrow).then(Codec::comfort_noise),
        ptime_ms: PTIME_MS,
        direction,
        session_id,
        version,
    }
}

/// A codec as we describe it: what we like to receive.
fn described(codec: MediaCodec, pauses: bool) -> Codec {
    match codec {
        MediaCodec::Opus => Codec::opus(
            codec.payload_type(),
            &OpusFormat {
                redundancy: true,
                pauses,
                ..OpusFormat::default()
            },
        ),
        MediaCodec::G722 => Codec::g722(),
        MediaCodec::Pcma => Codec::pcma(),
        MediaCodec::Pcmu => Codec::pcmu(),
        MediaCodec::G729 => Codec::g729(pauses),
    }
}

/// The codec of a description, if media has it.
fn media_codec(codec: &Codec) -> Option<MediaCodec> {
    let is_it = |known: &MediaCodec| described(*known, false).is_same_format(codec);
    MediaCodec::ALL.into_iter().find(is_it)
}
