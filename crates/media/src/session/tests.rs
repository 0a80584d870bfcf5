//! Two streams face to face in virtual time, with a script for what the network does in between.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::incoming::Rtp;
use super::{Identity, Stream, StreamEvent};
use crate::params::{Codec, StreamDirection, StreamParams};
use crate::resample::{FRAME, RATE};
use crate::testing::{share_of_tone, tone};

fn params(codec: Codec, direction: StreamDirection) -> StreamParams {
    StreamParams {
        direction,
        ..StreamParams::both_ways(codec, SocketAddr::from(([192, 0, 2, 1], 4000)))
    }
}

fn identity(ssrc: u32) -> Identity {
    let cname = "test".to_owned();
    Identity {
        ssrc,
        sequence: 65_530,
        timestamp: u32::MAX - 400,
        ntp: 0,
        seed: 5,
        cname,
    }
}

struct Line {
    now: Instant,
    ours: Stream,
    theirs: Stream,
    heard: Vec<f32>,
    events: Vec<StreamEvent>,
    packets: usize,
    said: usize,
    speech: Vec<f32>,
}

impl Line {
    fn new(codec: Codec) -> Line {
        let now = Instant::now();
        let stream = |ssrc| Stream::new(now, params(codec, StreamDirection::SendRecv), identity(ssrc));
        Line {
            now,
            ours: stream(1),
            theirs: stream(2),
            heard: Vec::new(),
            events: Vec::new(),
            packets: 0,
            said: 0,
            speech: tone(1000.0, RATE, RATE as usize),
        }
    }

    /// Time passes; what we say goes through `network`, which may drop or change it.
    fn run(&mut self, ms: usize, mut network: impl FnMut(usize, Vec<u8>) -> Option<Vec<u8>>) {
        for _ in 0..ms / 10 {
            let mut frame = [0.0; FRAME];
            frame.copy_from_slice(&self.speech[self.said % 100 * FRAME..][..FRAME]);
            self.said += 1;
            if let Some(datagram) = self.ours.speak(&frame) {
                self.packets += 1;
                if let Some(rtp) = network(self.packets, datagram).as_deref().and_then(Rtp::parse) {
                    self.theirs.rtp_arrived(self.now, &rtp, &mut self.events);
                }
            }
            self.theirs.hear(self.now, &mut frame);
            self.heard.extend_from_slice(&frame);
            // What we notice ourselves is of interest only as far as our keys go.
            let mut noticed = Vec::new();
            if let Some(report) = self.ours.tick(self.now, &mut noticed) {
                self.theirs.rtcp_arrived(self.now, &report, &mut Vec::new());
            }
            self.events.extend(
                noticed
                    .into_iter()
                    .filter(|event| matches!(event, StreamEvent::DigitsSent(_))),
            );
            if let Some(report) = self.theirs.tick(self.now, &mut self.events) {
                self.ours.rtcp_arrived(self.now, &report, &mut Vec::new());
            }
            self.now += Duration::from_millis(10);
        }
    }
}

#[test]
fn a_tone_arrives_whole_with_each_codec() {
    for codec in Codec::ALL {
        let mut line = Line::new(codec);
        line.run(4000, |_, datagram| Some(datagram));
        let steady = &line.heard[RATE as usize..];
        let wanted = if codec == Codec::G729 { 0.85 } else { 0.99 };
        let share = share_of_tone(steady, 1000.0, RATE);
        assert!(share > wanted, "{codec:?}: {share}");
        assert_eq!(line.events, [StreamEvent::FirstPacket]);
        let stats = line.theirs.stats();
        assert_eq!((stats.received, stats.lost, stats.late), (line.packets as u64, 0, 0));
        assert!((0.45..0.55).contains(&stats.level_out), "{}", stats.level_out);
    }
}

#[test]
fn loss_is_counted_here_and_told_to_the_sender() {
    let mut line = Line::new(Codec::Pcma);
    line.run(20_000, |n, datagram| (n % 10 != 0).then_some(datagram));
    let theirs = line.theirs.stats();
    assert!((9.0..11.0).contains(&theirs.loss_percent), "{}", theirs.loss_percent);
    let told = line.ours.stats().remote_loss_percent.unwrap();
    assert!((7.0..13.0).contains(&told), "{told}");
    assert!(line.ours.stats().round_trip_ms.unwrap() < 15.0);
}

#[test]
fn keys_arrive_once_each_although_packets_are_lost() {
    let mut line = Line::new(Codec::Pcmu);
    line.run(500, |_, datagram| Some(datagram));
    line.ours.outgoing().push_digits("0123456789*#ABCD");
    line.run(8000, |n, datagram| (n % 5 != 0).then_some(datagram));
    let keys: String = line
        .events
        .iter()
        .filter_map(|event| {
            if let StreamEvent::Digit(key) = event {
                Some(*key)
            } else {
                None
            }
        })
        .collect();
    assert_eq!(keys, "0123456789*#ABCD");
    assert!(line.events.contains(&StreamEvent::DigitsSent(16)));
}

#[test]
fn a_stream_that_may_not_send_sends_nothing_and_goes_on_with_a_marker() {
    let mut line = Line::new(Codec::Pcmu);
    line.run(200, |_, datagram| Some(datagram));
    let before = line.packets;
    line.ours
        .renegotiate(line.now, params(Codec::Pcmu, StreamDirection::Inactive));
    line.run(1000, |_, datagram| Some(datagram));
    assert_eq!(line.packets, before);
    line.ours
        .renegotiate(line.now, params(Codec::Pcmu, StreamDirection::SendRecv));
    let mut markers = Vec::new();
    line.run(200, |_, datagram| {
        markers.push(datagram[1] & 0x80 != 0);
        Some(datagram)
    });
    assert_eq!(markers.iter().filter(|marker| **marker).count(), 1);
    assert!(markers[0]);
}

#[test]
fn control_packets_go_on_while_a_stream_is_inactive() {
    let mut line = Line::new(Codec::Pcmu);
    line.run(1000, |_, datagram| Some(datagram));
    line.ours
        .renegotiate(line.now, params(Codec::Pcmu, StreamDirection::Inactive));
    let mut reports = 0;
    for _ in 0..3000 {
        line.now += Duration::from_millis(10);
        reports += usize::from(line.ours.tick(line.now, &mut line.events).is_some());
    }
    assert!((4..=12).contains(&reports), "{reports}");
    assert!(!line.events.iter().any(|event| matches!(event, StreamEvent::Stalled(_))));
}

#[test]
fn silence_of_the_network_is_told_once_and_its_end_too() {
    let mut line = Line::new(Codec::Pcmu);
    line.run(1000, |_, datagram| Some(datagram));
    let ours = std::mem::replace(&mut line.ours, Line::new(Codec::Pcmu).ours);
    line.ours
        .renegotiate(line.now, params(Codec::Pcmu, StreamDirection::SendOnly));
    for _ in 0..800 {
        line.now += Duration::from_millis(10);
        line.theirs.tick(line.now, &mut line.events);
    }
    line.ours = ours;
    line.run(200, |_, datagram| Some(datagram));
    let told: Vec<_> = line
        .events
        .iter()
        .filter(|event| **event != StreamEvent::FirstPacket)
        .collect();
    assert!(
        matches!(told[..], [StreamEvent::Stalled(silent), StreamEvent::Resumed] if silent.as_secs() == 3),
        "{told:?}"
    );
}

#[test]
fn a_new_source_takes_over_after_its_second_packet() {
    let mut line = Line::new(Codec::Pcmu);
    line.run(1000, |_, datagram| Some(datagram));
    line.run(2000, |_, mut datagram| {
        datagram[8] = 0x99;
        Some(datagram)
    });
    let stats = line.theirs.stats();
    assert_eq!(stats.received, line.packets as u64 - 1);
    let steady = &line.heard[RATE as usize * 2..];
    assert!(share_of_tone(steady, 1000.0, RATE) > 0.98);
}

#[test]
fn unknown_payload_types_and_rubbish_are_not_heard_and_comfort_noise_is_known() {
    let mut line = Line::new(Codec::Pcmu);
    for kind in [13u8, 77, 9] {
        line.run(300, |_, mut datagram| {
            datagram[1] = kind;
            let rtp = Rtp::parse(&datagram)?;
            assert_eq!(line_knows(&rtp), kind == 13);
            None
        });
    }
    assert!(Rtp::parse(b"").is_none());
    assert!(Rtp::parse(&[0x40; 40]).is_none());
    let mut dice = 1u64;
    for _ in 0..50_000 {
        let mut rubbish = [0u8; 40];
        for octet in &mut rubbish {
            dice = dice
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *octet = (dice >> 56) as u8;
        }
        rubbish[0] = 0x80 | (rubbish[0] & 0x3f);
        if let Some(rtp) = Rtp::parse(&rubbish[..(dice >> 40) as usize % 41]) {
            line.theirs.rtp_arrived(line.now, &rtp, &mut line.events);
        }
    }
}

fn line_knows(rtp: &Rtp) -> bool {
    Line::new(Codec::Pcmu).theirs.knows(rtp)
}
