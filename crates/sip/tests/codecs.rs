//! Which codec a call uses, with which payload types: lists, orders, formats, and changes in the middle of a call.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::net::{IpAddr, Ipv4Addr};

use parley_sip::sdp::{
    Codec, Direction, LocalAudio, NotAgreed, OpusFormat, Order, Sdp, accept, answer, offer, reoffer,
};

/// All we can do, as a phone offers it.
fn local() -> LocalAudio {
    let opus = OpusFormat {
        redundancy: true,
        ..OpusFormat::default()
    };
    LocalAudio {
        address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)),
        port: 40000,
        codecs: vec![
            Codec::opus(107, &opus),
            Codec::g722(),
            Codec::pcma(),
            Codec::pcmu(),
            Codec::g729(false),
        ],
        order: Order::Theirs,
        events: vec![Codec::telephone_event(101), Codec::telephone_event_at(48_000, 106)],
        noise: None,
        ptime_ms: 20,
        direction: Direction::SendRecv,
        session_id: 77,
        version: 1,
    }
}

fn read(media: &str) -> Sdp {
    let basic = "v=0\r\no=- 1 2 IN IP4 198.51.100.1\r\ns=-\r\nc=IN IP4 198.51.100.1\r\nt=0 0\r\n";
    Sdp::parse(format!("{basic}{media}").as_bytes()).unwrap()
}

/// What is answered to this media: the codec, its payload type, and our media line.
fn answered(local: &LocalAudio, media: &str) -> (String, u8, String) {
    let (sdp, agreed) = answer(&read(media), local).unwrap();
    (agreed.codec.name, agreed.codec.payload_type, sdp.media[0].to_string())
}

#[test]
fn an_offer_of_everything_is_written_to_the_letter() {
    let pausing = LocalAudio {
        noise: Some(Codec::comfort_noise()),
        ..local()
    };
    assert_eq!(
        offer(&pausing).media[0].to_string(),
        "m=audio 40000 RTP/AVP 107 9 8 0 18 13 101 106\r\na=rtpmap:107 opus/48000/2\r\na=fmtp:107 useinbandfec=1\r\n\
         a=rtpmap:9 G722/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:18 G729/8000\r\n\
         a=fmtp:18 annexb=no\r\na=rtpmap:13 CN/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n\
         a=rtpmap:106 telephone-event/48000\r\na=fmtp:106 0-16\r\na=ptime:20\r\na=sendrecv\r\n"
    );
}

#[test]
fn the_order_that_counts_is_the_callers_or_ours() {
    let media = "m=audio 6000 RTP/AVP 0 9 111\r\na=rtpmap:111 opus/48000/2\r\n";
    assert_eq!(answered(&local(), media).0, "PCMU");
    let ours = LocalAudio {
        order: Order::Ours,
        ..local()
    };
    let (name, payload_type, line) = answered(&ours, media);
    assert_eq!((name.as_str(), payload_type), ("opus", 111));
    assert!(line.starts_with("m=audio 40000 RTP/AVP 111\r\n"), "{line}");
    assert!(line.contains("a=fmtp:111 useinbandfec=1"), "{line}");
    // What is switched off is not taken, whoever likes it.
    let narrow = LocalAudio {
        codecs: vec![Codec::pcma()],
        order: Order::Ours,
        ..local()
    };
    assert_eq!(answer(&read(media), &narrow).unwrap_err(), NotAgreed::NoCodec);
}

#[test]
fn events_go_at_the_clock_of_the_codec_and_else_at_eight_kilohertz() {
    let opus = "a=rtpmap:96 opus/48000/2\r\na=rtpmap:97 telephone-event/8000\r\n";
    let both = format!("m=audio 6000 RTP/AVP 96 97 98\r\n{opus}a=rtpmap:98 telephone-event/48000\r\n");
    let (sdp, agreed) = answer(&read(&both), &local()).unwrap();
    assert_eq!(
        (agreed.events, agreed.events_clock, agreed.receive_events),
        (Some(98), 48_000, vec![98])
    );
    assert!(
        sdp.media[0]
            .to_string()
            .contains("a=rtpmap:98 telephone-event/48000\r\na=fmtp:98 0-16")
    );
    let one = format!("m=audio 6000 RTP/AVP 96 97\r\n{opus}");
    let (sdp, agreed) = answer(&read(&one), &local()).unwrap();
    assert_eq!((agreed.events, agreed.events_clock), (Some(97), 8000));
    assert_eq!(sdp.media[0].formats, ["96", "97"]);
    // A narrow codec beside events of both clocks takes the narrow ones.
    let narrow = format!("m=audio 6000 RTP/AVP 8 98 97\r\n{opus}a=rtpmap:98 telephone-event/48000\r\n");
    assert_eq!(answer(&read(&narrow), &local()).unwrap().1.events, Some(97));
    // As answers to our own offer, which has both.
    let sent = offer(&local());
    let agreed = accept(&sent, &read(&one), &local()).unwrap();
    assert_eq!((agreed.events, agreed.events_clock), (Some(97), 8000));
    assert_eq!(agreed.receive_events, [101, 106]);
}

#[test]
fn each_side_may_number_a_codec_its_own_way() {
    let sent = offer(&local());
    let media =
        "m=audio 6000 RTP/AVP 96 8\r\na=rtpmap:96 OPUS/48000/2\r\na=fmtp:96 maxplaybackrate=16000;useinbandfec=1\r\n";
    let agreed = accept(&sent, &read(media), &local()).unwrap();
    assert_eq!((agreed.codec.payload_type, agreed.receive_payload_type), (96, 107));
    let format = OpusFormat::read(agreed.codec.fmtp.as_deref().unwrap());
    assert!(format.redundancy);
    assert_eq!(format.most_hertz, 16_000);
    // Whatever we offered may come, the likeliest first.
    let receive: Vec<u8> = agreed.receive.iter().map(|codec| codec.payload_type).collect();
    assert_eq!(receive, [107, 9, 8, 0, 18]);
}

#[test]
fn careless_names_of_codecs_are_understood() {
    // One channel, though it must be two; static types without rtpmap; spaces and case.
    assert_eq!(
        answered(&local(), "m=audio 6000 RTP/AVP 96\r\na=rtpmap:96 opus/48000\r\n").0,
        "opus"
    );
    assert_eq!(answered(&local(), "m=audio 6000 RTP/AVP 9\r\n").0, "G722");
    assert_eq!(
        answered(&local(), "m=audio 6000 RTP/AVP 18\r\na=rtpmap:18  g729/8000\r\n").0,
        "g729"
    );
    // A static type that means something else here, and one that is nothing we know.
    let odd = "m=audio 6000 RTP/AVP 9 97 0\r\na=rtpmap:9 G722/16000\r\na=rtpmap:97 speex/16000\r\n";
    assert_eq!(answered(&local(), odd).0, "PCMU");
    // The same codec twice: the first one counts.
    let twice = "m=audio 6000 RTP/AVP 96 97\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:97 opus/48000/2\r\n";
    assert_eq!(answered(&local(), twice).1, 96);
}

#[test]
fn comfort_noise_is_agreed_only_where_both_have_it_and_the_codec_needs_it() {
    let pausing = LocalAudio {
        noise: Some(Codec::comfort_noise()),
        ..local()
    };
    let noise = |local: &LocalAudio, media: &str| answer(&read(media), local).unwrap().1.noise;
    assert_eq!(noise(&pausing, "m=audio 6000 RTP/AVP 8 13\r\n"), Some(13));
    assert_eq!(noise(&pausing, "m=audio 6000 RTP/AVP 8\r\n"), None);
    assert_eq!(noise(&local(), "m=audio 6000 RTP/AVP 8 13\r\n"), None);
    assert_eq!(noise(&pausing, "m=audio 6000 RTP/AVP 18 13\r\n"), None);
    let opus = "m=audio 6000 RTP/AVP 96 13\r\na=rtpmap:96 opus/48000/2\r\n";
    assert_eq!(noise(&pausing, opus), None);
    // Comfort noise alone is no codec.
    assert_eq!(
        answer(&read("m=audio 6000 RTP/AVP 13 101\r\n"), &pausing).unwrap_err(),
        NotAgreed::NoCodec
    );
    let sent = offer(&pausing);
    assert_eq!(
        accept(&sent, &read("m=audio 6000 RTP/AVP 9 13\r\n"), &pausing)
            .unwrap()
            .noise,
        Some(13)
    );
    assert_eq!(
        accept(&sent, &read("m=audio 6000 RTP/AVP 9\r\n"), &pausing)
            .unwrap()
            .noise,
        None
    );
}

#[test]
fn a_packet_holds_what_the_far_end_wants_and_can() {
    let ms = |attributes: &str| {
        let media = format!("m=audio 6000 RTP/AVP 8\r\n{attributes}");
        answer(&read(&media), &local()).unwrap().1.ptime_ms
    };
    assert_eq!(ms(""), 20);
    assert_eq!(ms("a=ptime:30\r\n"), 30);
    assert_eq!(ms("a=ptime:60\r\na=maxptime:40\r\n"), 40);
    assert_eq!(ms("a=maxptime:10\r\n"), 10);
    assert_eq!(ms("a=ptime:0\r\na=maxptime:0\r\n"), 20);
    assert_eq!(ms("a=ptime:240\r\na=maxptime:240\r\n"), 20);
    assert_eq!(ms("a=ptime:x\r\na=maxptime:-1\r\n"), 20);
}

#[test]
fn the_codec_may_change_in_mid_call_from_either_side_and_numbers_keep_their_meaning() {
    // We called, and the far end took A-law.
    let first = offer(&local());
    let agreed = accept(
        &first,
        &read("m=audio 6000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"),
        &local(),
    );
    assert_eq!(agreed.unwrap().codec.name, "PCMA");
    // It changes to Opus, with numbers of its own.
    let theirs =
        read("m=audio 6000 RTP/AVP 120 121\r\na=rtpmap:120 opus/48000/2\r\na=rtpmap:121 telephone-event/48000\r\n");
    let (second, agreed) = answer(&theirs, &local()).unwrap();
    assert_eq!(
        (agreed.codec.payload_type, agreed.receive_payload_type, agreed.events),
        (120, 120, Some(121))
    );
    // Then we make an offer: what has a number keeps it, the rest comes back.
    let later = reoffer(&local(), &second);
    assert_eq!(later.media[0].formats, ["120", "9", "8", "0", "18", "101", "121"]);
    let agreed = accept(&later, &read("m=audio 6000 RTP/AVP 9\r\n"), &local()).unwrap();
    assert_eq!((agreed.codec.name.as_str(), agreed.receive_payload_type), ("G722", 9));
    // A number that means something else in this call is not given twice.
    let taken = read("m=audio 6000 RTP/AVP 8 107\r\na=rtpmap:107 telephone-event/8000\r\n");
    let (answered, _) = answer(&taken, &local()).unwrap();
    let later = reoffer(&local(), &answered);
    assert_eq!(later.media[0].formats[0], "96", "Opus makes room for the events");
    assert!(later.media[0].formats.contains(&"107".to_owned()));
}

#[test]
fn several_answers_to_one_offer_each_count_by_themselves() {
    let sent = offer(&local());
    for (media, name) in [
        ("m=audio 6000 RTP/AVP 0\r\n", "PCMU"),
        ("m=audio 7000 RTP/AVP 107\r\na=rtpmap:107 opus/48000/2\r\n", "opus"),
        ("m=audio 8000 RTP/AVP 9 8\r\n", "G722"),
    ] {
        assert_eq!(accept(&sent, &read(media), &local()).unwrap().codec.name, name);
    }
    // An answer with a codec that was never offered is none.
    let never = read("m=audio 6000 RTP/AVP 97\r\na=rtpmap:97 speex/16000\r\n");
    assert_eq!(accept(&sent, &never, &local()).unwrap_err(), NotAgreed::NoCodec);
}
