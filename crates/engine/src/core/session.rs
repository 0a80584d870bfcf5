//! Session descriptions of one call: what was sent, what was agreed, and the stream that follows from it (RFC 3264).
use parley_media::{Codec as MediaCodec, StreamDirection, StreamParams};
use parley_sip::sdp::{self, Agreed, Codec, Direction, LocalAudio, Sdp};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Milliseconds of speech in a packet.
const PTIME_MS: u16 = 20;
/// The usual payload type of telephone events.
const EVENTS: u8 = 101;

/// Offer and answer of one call, from our side.
#[derive(Debug, Clone, Default)]
pub(crate) struct Session {
    /// `o=`: one more with each description that is sent.
    version: u64,
    /// Our last description, and what it was made from.
    sent: Option<(Sdp, LocalAudio)>,
    /// What holds now.
    agreed: Option<Agreed>,
    /// Our description says that we hold the far end.
    pub holding: bool,
}

impl Session {
    /// Reads an offer and makes sure that it can be met.
    ///
    /// # Errors
    /// With the reason, for the log: there is no common codec, or it cannot be read.
    pub fn read_offer(bytes: &[u8]) -> Result<Sdp, String> {
        let offer = Sdp::parse(bytes).map_err(|why| why.to_string())?;
        let anywhere = local((Ipv4Addr::LOCALHOST, 0).into(), Direction::SendRecv, 0, 0);
        let (_, agreed) = sdp::answer(&offer, &anywhere).map_err(|why| why.to_string())?;
        // A name instead of an address would need a look-up in the middle of a call; nobody sends one.
        agreed
            .remote()
            .map(|_| offer)
            .ok_or_else(|| "the address of the far end is a name".to_owned())
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
        let description = match &self.sent {
            None => sdp::offer(&local),
            Some((last, _)) => sdp::reoffer(&local, last),
        };
        let bytes = description.to_bytes();
        self.sent = Some((description, local));
        bytes
    }

    /// Our answer; what was agreed holds from now on.
    pub fn answer(&mut self, offer: &Sdp, rtp: SocketAddr, id: u64) -> Option<Vec<u8>> {
        let local = self.local(rtp, id, Self::holds(offer));
        let (description, agreed) = sdp::answer(offer, &local).ok()?;
        let bytes = description.to_bytes();
        self.sent = Some((description, local));
        self.agreed = Some(agreed);
        Some(bytes)
    }

    /// Takes the answer to our offer.
    ///
    /// # Errors
    /// With the reason, for the log. What held before still holds.
    pub fn answered(&mut self, bytes: &[u8]) -> Result<(), String> {
        let (sent, local) = self.sent.as_ref().ok_or("an answer came without an offer")?;
        let answer = Sdp::parse(bytes).map_err(|why| why.to_string())?;
        let agreed = sdp::accept(sent, &answer, local).map_err(|why| why.to_string())?;
        agreed.remote().ok_or("the address of the far end is a name")?;
        self.agreed = Some(agreed);
        Ok(())
    }

    /// The stream that was agreed on; `quiet` keeps the far end from being heard.
    pub fn stream(&self, quiet: bool) -> Option<StreamParams> {
        let agreed = self.agreed.as_ref()?;
        let codec = if agreed.codec.is_same_format(&Codec::pcma()) {
            MediaCodec::Pcma
        } else {
            MediaCodec::Pcmu
        };
        let heard = agreed.direction.receives() && !quiet && !self.holding;
        Some(StreamParams {
            remote: agreed.remote()?,
            remote_rtcp: agreed.remote_rtcp()?,
            codec,
            payload_type: agreed.codec.payload_type,
            dtmf_payload: agreed.events,
            direction: match (agreed.direction.sends(), heard) {
                (true, true) => StreamDirection::SendRecv,
                (true, false) => StreamDirection::SendOnly,
                (false, true) => StreamDirection::RecvOnly,
                (false, false) => StreamDirection::Inactive,
            },
            ptime_ms: agreed.ptime_ms,
        })
    }

    fn local(&mut self, rtp: SocketAddr, id: u64, held: bool) -> LocalAudio {
        self.version += 1;
        let direction = match (self.holding, held) {
            (false, _) => Direction::SendRecv,
            (true, false) => Direction::SendOnly,
            (true, true) => Direction::Inactive,
        };
        local(rtp, direction, id, self.version)
    }
}

fn local(rtp: SocketAddr, direction: Direction, session_id: u64, version: u64) -> LocalAudio {
    let address: IpAddr = rtp.ip();
    LocalAudio {
        address,
        port: rtp.port(),
        codecs: vec![Codec::pcma(), Codec::pcmu()],
        events: Some(Codec::telephone_event(EVENTS)),
        ptime_ms: PTIME_MS,
        direction,
        session_id,
        version,
    }
}
