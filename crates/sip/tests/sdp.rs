//! Session descriptions: what real devices send is read, what is written is strict, and both sides agree on one stream.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use parley_sip::Host;
use parley_sip::sdp::{
    Attribute, Codec, Direction, LocalAudio, NotAgreed, Order, Sdp, SdpError, accept, answer, offer, reoffer,
};

fn local() -> LocalAudio {
    LocalAudio {
        address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)),
        port: 40000,
        codecs: vec![Codec::pcmu(), Codec::pcma()],
        order: Order::Theirs,
        events: vec![Codec::telephone_event(101)],
        noise: None,
        ptime_ms: 20,
        direction: Direction::SendRecv,
        session_id: 77,
        version: 1,
    }
}

fn read(text: &str) -> Sdp {
    Sdp::parse(text.as_bytes()).unwrap()
}

const BASIC: &str = "v=0\r\no=- 1 2 IN IP4 198.51.100.1\r\ns=-\r\nc=IN IP4 198.51.100.1\r\nt=0 0\r\n";

#[test]
fn an_offer_is_written_to_the_letter() {
    assert_eq!(
        offer(&local()).to_string(),
        "v=0\r\no=- 77 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 8 101\r\n\
         a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n\
         a=ptime:20\r\na=sendrecv\r\n"
    );
    let v6 = LocalAudio {
        address: IpAddr::V6(Ipv6Addr::LOCALHOST),
        ..local()
    };
    assert!(offer(&v6).to_string().contains("c=IN IP6 ::1\r\n"));
}

#[test]
fn the_answer_keeps_the_offers_payload_types_and_line_count() {
    let offered = read(&format!(
        "{BASIC}m=video 5000 RTP/AVP 31\r\nm=audio 6000 RTP/AVP 96 8 0 97\r\na=rtpmap:96 opus/48000/2\r\n\
         a=rtpmap:8 PCMA/8000\r\na=rtpmap:97 telephone-event/8000\r\na=ptime:30\r\nm=application 7000 UDP/BFCP *\r\n"
    ));
    let (sdp, agreed) = answer(&offered, &local()).unwrap();
    assert_eq!(
        sdp.to_string(),
        "v=0\r\no=- 77 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=video 0 RTP/AVP 31\r\n\
         m=audio 40000 RTP/AVP 8 97\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:97 telephone-event/8000\r\na=fmtp:97 0-16\r\n\
         a=ptime:20\r\na=sendrecv\r\nm=application 0 UDP/BFCP *\r\n"
    );
    assert_eq!(
        (agreed.codec.name.as_str(), agreed.codec.payload_type, agreed.events),
        ("PCMA", 8, Some(97))
    );
    assert_eq!(agreed.remote().unwrap().to_string(), "198.51.100.1:6000");
    assert_eq!(agreed.remote_rtcp().unwrap().port(), 6001);
    assert_eq!(
        (agreed.ptime_ms, agreed.index, agreed.direction),
        (30, 1, Direction::SendRecv)
    );
}

#[test]
fn an_answer_to_our_offer_is_understood() {
    let sent = offer(&local());
    let text = format!(
        "{BASIC}m=audio 6000 RTP/AVP 13 8 0 96\r\na=rtpmap:96 telephone-event/8000\r\na=rtcp:7001 IN IP4 198.51.100.1\r\n"
    );
    let agreed = accept(&sent, &read(&text), &local()).unwrap();
    assert_eq!((agreed.codec.name.as_str(), agreed.receive_payload_type), ("PCMA", 8));
    // Each side receives events with the number it wrote itself.
    assert_eq!((agreed.events, agreed.receive_events), (Some(96), vec![101]));
    assert_eq!(agreed.rtcp_port, 7001);

    let agreed = accept(&sent, &read(&format!("{BASIC}m=audio 6000 RTP/AVP 0\r\n")), &local()).unwrap();
    assert_eq!((agreed.events, agreed.receive_events), (None, vec![]));
}

#[test]
fn nothing_in_common_is_said_precisely() {
    let refused = |media: &str| answer(&read(&format!("{BASIC}{media}")), &local()).unwrap_err();
    assert_eq!(refused("m=video 5000 RTP/AVP 31\r\n"), NotAgreed::NoAudio);
    assert_eq!(refused("m=audio 0 RTP/AVP 0\r\n"), NotAgreed::NoAudio);
    assert_eq!(refused("m=audio 5000 RTP/SAVP 0\r\n"), NotAgreed::NoAudio);
    assert_eq!(
        refused("m=audio 5000 RTP/AVP 18 101\r\na=rtpmap:101 telephone-event/8000\r\n"),
        NotAgreed::NoCodec
    );
    assert_eq!(
        refused("m=audio 5000 RTP/AVP 0\r\na=rtpmap:0 PCMU/16000\r\n"),
        NotAgreed::NoCodec
    );
    let no_address = answer(&read("v=0\r\nm=audio 5000 RTP/AVP 0\r\n"), &local());
    assert_eq!(no_address.unwrap_err(), NotAgreed::NoAddress);
    let sent = offer(&local());
    for (media, why) in [
        ("m=audio 0 RTP/AVP 0\r\n", NotAgreed::NoAudio),
        ("", NotAgreed::NoAudio),
        ("m=audio 9 RTP/AVP 9\r\n", NotAgreed::NoCodec),
    ] {
        assert_eq!(
            accept(&sent, &read(&format!("{BASIC}{media}")), &local()).unwrap_err(),
            why
        );
    }
}

#[test]
fn directions_are_mirrored_and_limited_by_both_sides() {
    use Direction::{Inactive, RecvOnly, SendOnly, SendRecv};
    for (remote, wish, result) in [
        ("sendrecv", SendRecv, SendRecv),
        ("sendonly", SendRecv, RecvOnly),
        ("recvonly", SendRecv, SendOnly),
        ("inactive", SendRecv, Inactive),
        ("sendrecv", SendOnly, SendOnly),
        ("sendonly", SendOnly, Inactive),
        ("recvonly", SendOnly, SendOnly),
    ] {
        let offered = read(&format!("{BASIC}m=audio 6000 RTP/AVP 0\r\na={remote}\r\n"));
        let (sdp, agreed) = answer(
            &offered,
            &LocalAudio {
                direction: wish,
                ..local()
            },
        )
        .unwrap();
        assert_eq!(agreed.direction, result, "{remote} {wish}");
        assert_eq!(sdp.media[0].attribute(result.as_str()), Some(""), "{remote} {wish}");
        assert_eq!(agreed.is_held_by_remote(), remote == "sendonly" || remote == "inactive");
    }
}

#[test]
fn hold_is_seen_at_every_level_and_the_old_way() {
    let direction = |text: String| {
        let sdp = read(&text);
        sdp.direction_of(&sdp.media[0])
    };
    let audio = "m=audio 6000 RTP/AVP 0\r\n";
    assert_eq!(direction(format!("{BASIC}{audio}")), Direction::SendRecv);
    assert_eq!(direction(format!("{BASIC}a=sendonly\r\n{audio}")), Direction::SendOnly);
    assert_eq!(
        direction(format!("{BASIC}a=sendonly\r\n{audio}a=sendrecv\r\n")),
        Direction::SendRecv
    );
    assert_eq!(
        direction(format!("{BASIC}{audio}c=IN IP4 0.0.0.0\r\n")),
        Direction::SendOnly
    );
    assert_eq!(
        direction(format!("{BASIC}{audio}c=IN IP6 ::\r\na=inactive\r\n")),
        Direction::Inactive
    );
    // The address of the media is the one that counts.
    let held_session = BASIC.replace("c=IN IP4 198.51.100.1", "c=IN IP4 0.0.0.0");
    assert_eq!(
        direction(format!("{held_session}{audio}c=IN IP4 198.51.100.1\r\n")),
        Direction::SendRecv
    );
}

#[test]
fn careless_descriptions_are_read() {
    // No s= and t=, c= after a=, b= before c=, unknown lines, bare LF, spaces, no last line end.
    let sdp = read(
        "v=0\no=x 1 IN IP6 2001:db8::9\nfoo\nz=0 0\ny=1\nm=audio 6000/2 rtp/avp 0\na=ptime:20\nb=AS:64\nc=IN IP6 2001:db8::1\nm =video 1 RTP/AVP 31\nm=video 2 RTP/AVP 31",
    );
    assert_eq!(sdp.media.len(), 3);
    assert_eq!(sdp.media[0].connection, Some(Host::V6("2001:db8::1".parse().unwrap())));
    assert_eq!((sdp.media[0].port, sdp.media[0].protocol.as_str()), (6000, "RTP/AVP"));
    assert_eq!(sdp.media[0].bandwidth, ["AS:64"]);
    let (answered, agreed) = answer(&sdp, &local()).unwrap();
    assert_eq!(agreed.remote().unwrap().to_string(), "[2001:db8::1]:6000");
    assert_eq!(answered.media.len(), 3);
    let name = read("v=0\r\nc=IN IP4 media.example.com\r\nm=audio 6000 RTP/AVP 0\r\n");
    let (_, agreed) = answer(&name, &local()).unwrap();
    assert_eq!(
        (agreed.remote(), agreed.host.to_string()),
        (None, "media.example.com".to_owned())
    );
}

#[test]
fn what_is_no_description_is_refused() {
    assert_eq!(Sdp::parse(b""), Err(SdpError::NotSdp));
    assert_eq!(Sdp::parse(b"<html>"), Err(SdpError::NotSdp));
    assert_eq!(Sdp::parse(b"v=0\r\nm=audio\r\n"), Err(SdpError::Media));
    assert_eq!(Sdp::parse(b"v=0\r\nm=audio 99999 RTP/AVP 0\r\n"), Err(SdpError::Media));
    assert_eq!(Sdp::parse(&vec![b'v'; 70_000]), Err(SdpError::TooLarge));
    assert_eq!(
        Sdp::parse("m=audio 1 RTP/AVP 0\n".repeat(65).as_bytes()),
        Err(SdpError::TooLarge)
    );
    assert_eq!(Sdp::parse("a=x\n".repeat(3000).as_bytes()), Err(SdpError::TooLarge));
}

#[test]
fn what_is_written_reads_the_same_and_nothing_breaks_out_of_a_line() {
    let mut sdp = offer(&local());
    sdp.bandwidth.push("AS:64".to_owned());
    assert_eq!(read(&sdp.to_string()), sdp);
    sdp.name = "a\r\nm=video 1 RTP/AVP 0".to_owned();
    sdp.media[0].formats.push("5\r\na=evil".to_owned());
    sdp.media[0].attributes.push(Attribute::new("x", "y\na=evil"));
    sdp.origin.username = "a b\r\n".to_owned();
    let again = read(&sdp.to_string());
    assert_eq!((again.media.len(), again.media[0].attribute("evil")), (1, None));
}

#[test]
fn a_later_offer_keeps_lines_and_payload_types() {
    let offered = read(&format!(
        "{BASIC}m=audio 6000 RTP/AVP 0 96\r\na=rtpmap:96 telephone-event/8000\r\nm=video 5000 RTP/AVP 101\r\n"
    ));
    let (sent, _) = answer(&offered, &local()).unwrap();
    let held = reoffer(
        &LocalAudio {
            direction: Direction::SendOnly,
            version: 2,
            ..local()
        },
        &sent,
    );
    assert_eq!(held.media.len(), 2);
    assert_eq!(
        (held.media[0].formats.join(" "), held.media[1].port),
        ("0 8 96".to_owned(), 0)
    );
    assert_eq!(
        (held.origin.version, held.media[0].attribute("sendonly")),
        (2, Some(""))
    );

    // 101 was opus in this call: events get another number.
    let opus = Codec {
        channels: 2,
        ..Codec::new("opus", 48000, 101)
    };
    let sent = offer(&LocalAudio {
        codecs: vec![opus],
        events: Vec::new(),
        ..local()
    });
    let later = reoffer(&local(), &sent);
    assert_eq!(later.media[0].formats, ["0", "8", "96"]);
}
