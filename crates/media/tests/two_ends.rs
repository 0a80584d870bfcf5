//! Two engines over loopback in real time: what one says, the other hears.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::net::UdpSocket;

use common::*;
use parley_media::{AudioBackend, AudioRole, Codec, MediaEvent, RingLevel, StreamDirection, Tone};

#[test]
fn each_end_hears_the_tone_of_the_other_without_gaps_with_either_codec() {
    for codec in [Codec::Pcmu, Codec::Pcma] {
        let folder = folder(codec.name());
        let file = |name: &str| folder.join(name);
        tone_file(&file("a.wav"), 1000.0, 1);
        tone_file(&file("b.wav"), 700.0, 1);
        let mut a = End::start(files(Some(file("a.wav")), Some(file("heard-by-a.wav"))));
        let mut b = End::start(files(Some(file("b.wav")), Some(file("heard-by-b.wav"))));
        let (on_a, on_b) = connect(&a, &b, codec);
        a.wait_for_stats("150 packets", |stats| stats.received > 150);
        b.wait_for_stats("150 packets", |stats| stats.received > 150);
        a.media.stop(on_a);
        b.media.stop(on_b);
        let last = |end: &mut End| {
            end.wait_for("last figures", |event| match event {
                MediaEvent::Stats { stats, last: true, .. } => Some(stats.clone()),
                _ => None,
            })
        };
        for (mut end, heard, hertz) in [(b, "heard-by-b.wav", 1000.0), (a, "heard-by-a.wav", 700.0)] {
            let stats = last(&mut end);
            assert_eq!(stats.lost, 0, "{stats:?}");
            assert!(
                end.told
                    .iter()
                    .any(|event| matches!(event, MediaEvent::FirstPacket { .. }))
            );
            drop(end);
            let sound = read(&file(heard));
            let tone = sounding(&sound);
            assert!(tone.len() > 48_000 * 2, "{codec:?} {heard}: {} samples", tone.len());
            assert!((0.3..0.4).contains(&rms(tone)), "{codec:?} {heard}: {}", rms(tone));
            // A busy machine may deliver late now and then; what is heard stays the tone.
            let best = tone
                .windows(24_000)
                .step_by(4800)
                .map(|part| share_of_tone(part, hertz))
                .fold(0.0, f64::max);
            assert!(best > 0.98, "{codec:?} {heard}: {best}");
            assert!(gaps(tone) <= 3, "{codec:?} {heard}: {} gaps", gaps(tone));
        }
    }
}

#[test]
fn keys_arrive_once_each_and_in_order() {
    let a = &mut End::start(AudioBackend::Null);
    let b = &mut End::start(AudioBackend::Null);
    let (on_a, _) = connect(a, b, Codec::Pcmu);
    a.media.send_digits(on_a, "0123456789*#ABCD");
    let count = a.wait_for("keys sent", |event| match event {
        MediaEvent::DigitsSent { count, .. } => Some(*count),
        _ => None,
    });
    assert_eq!(count, 16);
    let mut keys = String::new();
    while keys.len() < 16 {
        keys.push(b.wait_for("key", |event| match event {
            MediaEvent::Digit { digit, .. } => Some(*digit),
            _ => None,
        }));
    }
    assert_eq!(keys, "0123456789*#ABCD");
    b.wait_seconds(1);
    let heard = b
        .told
        .iter()
        .filter(|event| matches!(event, MediaEvent::Digit { .. }))
        .count();
    assert_eq!(heard, 16);
}

#[test]
fn a_far_end_without_telephone_events_hears_the_key_itself() {
    let folder = folder("inband");
    let output = folder.join("heard.wav");
    let a = End::start(AudioBackend::Null);
    let mut b = End::start(files(None, Some(output.clone())));
    let (ours, theirs) = reserve(&a, &b);
    let without = |mut params: parley_media::StreamParams| {
        params.keys = parley_media::Keys::Speech;
        params
    };
    b.media.focus(vec![theirs.id]);
    a.media.start_stream(ours.id, without(params(Codec::Pcma, theirs.rtp)));
    b.media.start_stream(theirs.id, without(params(Codec::Pcma, ours.rtp)));
    a.media.send_digits(ours.id, "5555");
    b.wait_for_stats("keys", |stats| stats.level_out > 0.1);
    b.wait_for_stats("quiet after the keys", |stats| stats.level_out < 0.01);
    drop(b);
    let sound = read(&output);
    let key = sound
        .windows(4800)
        .step_by(480)
        .map(|part| (share_of_tone(part, 770.0), share_of_tone(part, 1336.0)));
    assert!(
        key.clone().any(|(low, high)| low > 0.4 && high > 0.4),
        "{:?}",
        key.fold((0.0, 0.0), |a, b| (f64::max(a.0, b.0), f64::max(a.1, b.1)))
    );
}

#[test]
fn mute_makes_silence_while_packets_flow_on_and_its_end_brings_the_voice_back() {
    let folder = folder("mute");
    tone_file(&folder.join("a.wav"), 1000.0, 1);
    let a = End::start(files(Some(folder.join("a.wav")), None));
    let mut b = End::start(AudioBackend::Null);
    let (on_a, _) = connect(&a, &b, Codec::Pcmu);
    b.wait_for_stats("voice", |stats| stats.level_out > 0.4);
    a.media.set_muted(on_a, true);
    let quiet = b.wait_for_stats("silence", |stats| stats.level_out < 0.01);
    let later = b.wait_for_stats("more packets of silence", |stats| stats.received > quiet.received + 40);
    assert!(later.level_out < 0.01);
    a.media.set_muted(on_a, false);
    b.wait_for_stats("voice again", |stats| stats.level_out > 0.4);
}

#[test]
fn only_the_session_in_focus_has_the_microphone() {
    let folder = folder("focus");
    tone_file(&folder.join("a.wav"), 1000.0, 1);
    let a = End::start(files(Some(folder.join("a.wav")), None));
    let (mut b, mut c) = (End::start(AudioBackend::Null), End::start(AudioBackend::Null));
    let (to_b, _) = connect(&a, &b, Codec::Pcmu);
    let (to_c, _) = connect(&a, &c, Codec::Pcmu);
    c.wait_for_stats("voice", |stats| stats.level_out > 0.4);
    b.wait_for_stats("silence", |stats| stats.received > 20 && stats.level_out < 0.01);
    a.media.focus(vec![to_b]);
    b.wait_for_stats("voice", |stats| stats.level_out > 0.4);
    c.wait_for_stats("silence", |stats| stats.level_out < 0.01);
    a.media.focus(Vec::new());
    b.wait_for_stats("silence", |stats| stats.level_out < 0.01);
    let _ = to_c;
}

#[test]
fn of_a_conference_each_hears_the_others_and_nobody_hears_itself() {
    let folder = folder("conference");
    tone_file(&folder.join("b.wav"), 1000.0, 1);
    let a = End::start(AudioBackend::Null);
    let mut b = End::start(files(Some(folder.join("b.wav")), None));
    let mut c = End::start(AudioBackend::Null);
    let (to_b, _) = connect(&a, &b, Codec::Pcmu);
    let (to_c, _) = connect(&a, &c, Codec::Pcma);
    c.wait_for_stats("silence", |stats| stats.received > 20 && stats.level_out < 0.01);
    a.media.focus(vec![to_b, to_c]);
    c.wait_for_stats("the voice of b", |stats| stats.level_out > 0.4);
    let quiet = b.wait_for_stats("silence", |stats| stats.level_out < 0.01);
    b.wait_for_stats("more silence", |stats| {
        stats.received > quiet.received + 40 && stats.level_out < 0.01
    });
    a.media.set_muted(to_c, true);
    a.media.set_muted(to_b, true);
    c.wait_for_stats("the voice of b all the same", |stats| stats.level_out > 0.4);
    a.media.focus(vec![to_c]);
    c.wait_for_stats("silence again", |stats| stats.level_out < 0.01);
}

#[test]
fn hold_stops_packets_or_sends_silence_and_resume_brings_them_back() {
    let folder = folder("hold");
    tone_file(&folder.join("a.wav"), 1000.0, 1);
    let a = End::start(files(Some(folder.join("a.wav")), None));
    let mut b = End::start(AudioBackend::Null);
    let (ours, theirs) = reserve(&a, &b);
    let mut wanted = params(Codec::Pcmu, theirs.rtp);
    a.media.focus(vec![ours.id]);
    a.media.start_stream(ours.id, wanted.clone());
    b.media.focus(vec![theirs.id]);
    b.media.start_stream(theirs.id, params(Codec::Pcmu, ours.rtp));
    b.wait_for_stats("voice", |stats| stats.level_out > 0.4);

    wanted.direction = StreamDirection::SendOnly;
    a.media.start_stream(ours.id, wanted.clone());
    let held = b.wait_for_stats("silence", |stats| stats.level_out < 0.01);
    b.wait_for_stats("packets", |stats| stats.received > held.received + 20);

    wanted.direction = StreamDirection::Inactive;
    a.media.start_stream(ours.id, wanted.clone());
    b.wait_seconds(1);
    let before = b.wait_for_stats("figures", |_| true).received;
    let after = b.wait_for_stats("figures", |_| true).received;
    assert_eq!(after, before);

    wanted.direction = StreamDirection::SendRecv;
    a.media.start_stream(ours.id, wanted);
    b.wait_for_stats("voice again", |stats| stats.level_out > 0.4);
}

#[test]
fn a_far_end_that_dies_is_told_once_and_so_is_its_return() {
    let a = &mut End::start(AudioBackend::Null);
    let b = End::start(AudioBackend::Null);
    let (ours, theirs) = reserve(a, &b);
    a.media.start_stream(ours.id, params(Codec::Pcmu, theirs.rtp));
    let silent_for = a.wait_for("stall", |event| match event {
        MediaEvent::Stalled { silent_for, .. } => Some(*silent_for),
        _ => None,
    });
    assert!((3.0..5.0).contains(&silent_for.as_secs_f64()), "{silent_for:?}");
    b.media.start_stream(theirs.id, params(Codec::Pcmu, ours.rtp));
    a.wait_for("return", |event| {
        matches!(event, MediaEvent::Resumed { .. }).then_some(())
    });
    let stalls = a
        .told
        .iter()
        .filter(|event| matches!(event, MediaEvent::Stalled { .. }))
        .count();
    assert_eq!(stalls, 1);
}

#[test]
fn stopping_says_goodbye_on_the_control_port_after_a_report() {
    let a = End::start(AudioBackend::Null);
    let far = loop {
        let rtp = UdpSocket::bind((LOOPBACK, 0)).unwrap();
        let address = rtp.local_addr().unwrap();
        if let Ok(rtcp) = UdpSocket::bind((LOOPBACK, address.port().saturating_add(1))) {
            break (rtp, rtcp);
        }
    };
    let ours = a.media.reserve(LOOPBACK).unwrap();
    assert_eq!(ours.rtp.port() % 2, 0);
    a.media
        .start_stream(ours.id, params(Codec::Pcmu, far.0.local_addr().unwrap()));
    far.0.set_read_timeout(Some(PATIENCE)).unwrap();
    far.1.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut datagram = [0; 1500];
    let (length, from) = far.0.recv_from(&mut datagram).unwrap();
    assert_eq!((length, from, datagram[0], datagram[1]), (172, ours.rtp, 0x80, 0x80));
    a.media.stop(ours.id);
    loop {
        let (length, from) = far.1.recv_from(&mut datagram).unwrap();
        assert_eq!(from.port(), ours.rtp.port() + 1);
        let kinds = packet_types(&datagram[..length]);
        assert_eq!(kinds[..2], [200, 202], "a sender report and a description come first");
        if kinds.ends_with(&[203]) {
            break;
        }
    }
}

/// The packet types of a compound RTCP packet.
fn packet_types(mut compound: &[u8]) -> Vec<u8> {
    let mut types = Vec::new();
    while let [_, kind, high, low, ..] = compound {
        types.push(*kind);
        compound = &compound[4 * (usize::from(u16::from_be_bytes([*high, *low])) + 1)..];
    }
    types
}

#[test]
fn packets_from_another_port_than_announced_are_heard_and_answered_there() {
    let mut a = End::start(AudioBackend::Null);
    let b = End::start(AudioBackend::Null);
    let (ours, theirs) = reserve(&a, &b);
    let nobody = UdpSocket::bind((LOOPBACK, 0)).unwrap().local_addr().unwrap();
    a.media.start_stream(ours.id, params(Codec::Pcmu, nobody));
    b.media.start_stream(theirs.id, params(Codec::Pcmu, ours.rtp));
    a.wait_for_stats("packets", |stats| stats.received > 20);
    let mut b = b;
    b.wait_for_stats("answers", |stats| stats.received > 20);
}

#[test]
fn ringback_and_call_waiting_are_heard_on_the_speaker_and_never_by_the_far_end() {
    let folder = folder("tones");
    let (mine, theirs) = (folder.join("mine.wav"), folder.join("theirs.wav"));
    let mut a = End::start(files(None, Some(mine.clone())));
    let mut b = End::start(files(None, Some(theirs.clone())));
    a.media.tone(Tone::Ringback);
    a.media.ring(RingLevel::Subtle);
    let (_, _) = connect(&a, &b, Codec::Pcmu);
    b.wait_for_stats("packets", |stats| stats.received > 60);
    a.wait_seconds(2);
    a.media.tone(Tone::None);
    a.media.ring(RingLevel::Off);
    drop((a, b));
    let heard = read(&mine);
    let ringback = heard
        .windows(9600)
        .step_by(4800)
        .map(|part| share_of_tone(part, 425.0))
        .fold(0.0, f64::max);
    assert!(ringback > 0.95, "{ringback}");
    assert!(heard.iter().any(|sample| sample.abs() > 0.1));
    assert!(read(&theirs).iter().all(|sample| sample.abs() < 0.005));
}

#[test]
fn a_microphone_file_that_is_missing_is_told_and_the_call_goes_on() {
    let mut a = End::start(files(Some("/nowhere/a.wav".into()), None));
    let mut b = End::start(AudioBackend::Null);
    connect(&a, &b, Codec::Pcmu);
    a.wait_for("failure", |event| {
        matches!(
            event,
            MediaEvent::DeviceFailed {
                role: AudioRole::Microphone,
                ..
            }
        )
        .then_some(())
    });
    b.wait_for_stats("packets", |stats| stats.received > 20);
}

#[test]
fn an_address_that_is_not_ours_cannot_be_reserved() {
    let a = End::start(AudioBackend::Null);
    assert!(a.media.reserve("192.0.2.1".parse().unwrap()).is_err());
    let here = a.media.reserve("::1".parse().unwrap());
    assert!(here.is_err() || here.unwrap().rtp.is_ipv6());
}
