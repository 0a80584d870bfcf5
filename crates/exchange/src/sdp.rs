//! The audio of a practice line: G.711 in either law and telephone events; the echo, which sends back what it gets, takes
//! every codec.
use parley_sip::sdp::{self, Agreed, Codec, Direction, LocalAudio, OpusFormat, Sdp};
use std::net::{IpAddr, SocketAddr, SocketAddrV4};

/// What a line has agreed on with the far end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Audio {
    /// Where it wants RTP.
    pub(crate) remote: SocketAddrV4,
    /// 0 for PCMU, 8 for PCMA, something else for what is only sent back.
    pub(crate) payload: u8,
    /// It wants to hear us.
    pub(crate) listens: bool,
}

/// The line's side of a session.
#[derive(Debug)]
pub(crate) struct Session {
    here: SocketAddrV4,
    number: u64,
    /// It only sends back what it gets, in whatever codec.
    echoes: bool,
    version: u64,
    offered: Option<Sdp>,
    /// What was described last; later offers keep to its payload types.
    sent: Option<Sdp>,
    /// The line's own wish; `SendOnly` holds the far end.
    pub(crate) direction: Direction,
}

impl Session {
    pub(crate) fn new(here: SocketAddrV4, number: u64, echoes: bool) -> Self {
        Self {
            here,
            number,
            echoes,
            version: 0,
            offered: None,
            sent: None,
            direction: Direction::SendRecv,
        }
    }

    pub(crate) fn offer(&mut self) -> Vec<u8> {
        let offer = sdp::offer(&self.local());
        self.offering(offer)
    }

    /// A later offer in the same call.
    pub(crate) fn reoffer(&mut self) -> Vec<u8> {
        let local = self.local();
        let offer = match &self.sent {
            Some(sent) => sdp::reoffer(&local, sent),
            None => sdp::offer(&local),
        };
        self.offering(offer)
    }

    fn offering(&mut self, offer: Sdp) -> Vec<u8> {
        let bytes = offer.to_bytes();
        self.sent = Some(offer.clone());
        self.offered = Some(offer);
        bytes
    }

    /// `None` if the offer cannot be read or has nothing for us.
    pub(crate) fn answer(&mut self, offer: &[u8]) -> Option<(Vec<u8>, Audio)> {
        let (answer, agreed) = sdp::answer(&Sdp::parse(offer).ok()?, &self.local()).ok()?;
        let bytes = answer.to_bytes();
        self.sent = Some(answer);
        Some((bytes, audio(&agreed)?))
    }

    /// The answer to our last offer.
    pub(crate) fn accept(&mut self, answer: &[u8]) -> Option<Audio> {
        let offered = self.offered.take()?;
        audio(&sdp::accept(&offered, &Sdp::parse(answer).ok()?, &self.local()).ok()?)
    }

    fn local(&mut self) -> LocalAudio {
        self.version += 1;
        let mut codecs = vec![Codec::pcmu(), Codec::pcma()];
        let mut events = vec![Codec::telephone_event(101)];
        if self.echoes {
            let opus = OpusFormat {
                redundancy: true,
                ..OpusFormat::default()
            };
            codecs.extend([Codec::opus(107, &opus), Codec::g722(), Codec::g729(false)]);
            events.push(Codec::telephone_event_at(48_000, 106));
        }
        LocalAudio {
            address: IpAddr::V4(*self.here.ip()),
            port: self.here.port(),
            codecs,
            order: sdp::Order::Theirs,
            events,
            noise: None,
            ptime_ms: 20,
            direction: self.direction,
            session_id: self.number,
            version: self.version,
        }
    }
}

/// Whether an offer has anything for us; asked before it rings.
pub(crate) fn is_acceptable(offer: &[u8], echoes: bool) -> bool {
    let nowhere = SocketAddrV4::new(std::net::Ipv4Addr::LOCALHOST, 9);
    Session::new(nowhere, 0, echoes).answer(offer).is_some()
}

fn audio(agreed: &Agreed) -> Option<Audio> {
    let SocketAddr::V4(remote) = agreed.remote()? else {
        return None;
    };
    let payload = agreed.codec.payload_type;
    // A hold the old way names no address; nothing is sent then.
    let listens = !agreed.is_held_by_remote() && !remote.ip().is_unspecified();
    Some(Audio {
        remote,
        payload,
        listens,
    })
}
