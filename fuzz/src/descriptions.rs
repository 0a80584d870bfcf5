//! Session descriptions.

use parley_sip::sdp::{
    self as sdp_of, Codec, Crypto, Direction, Encryption, LocalAudio, OpusFormat, Order, PayloadMap, Sdp,
};

/// Read, written, read again: the same. An answer lines up with its offer, whatever was offered.
pub fn sdp(data: &[u8]) -> bool {
    let Ok(theirs) = Sdp::parse(data) else { return false };
    let written = theirs.to_bytes();
    let again = Sdp::parse(&written).unwrap_or_else(|error| panic!("{error}\n{}", String::from_utf8_lossy(&written)));
    // As with messages: what was written once is stable.
    let twice = again.to_bytes();
    assert_eq!(Sdp::parse(&twice).expect("written").to_bytes(), twice);
    assert_eq!(again.media.len(), theirs.media.len());
    for media in &theirs.media {
        let _ = (
            theirs.connection_of(media),
            theirs.direction_of(media),
            PayloadMap::read(media),
        );
    }
    let local = LocalAudio {
        address: [192, 0, 2, 7].into(),
        port: 40000,
        codecs: vec![
            Codec::opus(107, &OpusFormat::default()),
            Codec::g722(),
            Codec::pcmu(),
            Codec::pcma(),
            Codec::g729(false),
        ],
        order: Order::Ours,
        events: vec![Codec::telephone_event(101), Codec::telephone_event_at(48_000, 106)],
        noise: Some(Codec::comfort_noise()),
        ptime_ms: 20,
        direction: Direction::SendRecv,
        session_id: 1,
        version: 1,
    };
    for wanted in [Encryption::Off, Encryption::Preferred, Encryption::Required] {
        for candidate in sdp_of::candidates(&theirs, wanted).unwrap_or_default() {
            if let Some(crypto) = candidate.crypto {
                let written = crypto.attribute().value.expect("written with a value");
                assert_eq!(
                    Crypto::parse(&written).as_ref(),
                    Some(&crypto),
                    "a line is read as it was written"
                );
            }
        }
    }
    let ours = sdp_of::offer(&local);
    let _ = sdp_of::accept(&ours, &theirs, &local).map(|agreed| {
        (
            agreed.remote(),
            agreed.remote_rtcp(),
            agreed.codec.fmtp.map(|fmtp| OpusFormat::read(&fmtp)),
        )
    });
    if let Ok((answer, agreed)) = sdp_of::answer(&theirs, &local) {
        let read = Sdp::parse(&answer.to_bytes()).expect("our own answer");
        assert_eq!(read.media.len(), theirs.media.len());
        assert!(
            read.media
                .iter()
                .zip(&theirs.media)
                .all(|(ours, theirs)| theirs.port != 0 || ours.port == 0)
        );
        let _ = (agreed.remote(), agreed.is_held_by_remote());
        let next = sdp_of::reoffer(&local, &answer);
        assert_eq!(
            next.media.len(),
            answer.media.len(),
            "a later offer keeps its lines (RFC 3264 section 8)"
        );
    }
    true
}
