//! Packets protected and opened: known octets, tampering, replay, change of keys, identifiers.

use std::io;
use std::net::SocketAddr;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use super::Channel::{self, Rtcp, Rtp};
use super::srtp::Srtp;
use super::{Identity, MediaSession, Wire};
use crate::encryption::{SrtpKey, SrtpSuite, StreamEncryption};
use crate::params::{Codec, StreamParams};
use crate::resample::FRAME;

const SUITES: [SrtpSuite; 4] = [
    SrtpSuite::AesCm128HmacSha1With80,
    SrtpSuite::AesCm128HmacSha1With32,
    SrtpSuite::AeadAes128Gcm,
    SrtpSuite::AeadAes256Gcm,
];

fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pairs = digits.chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn key(suite: SrtpSuite, seed: u8) -> SrtpKey {
    let length = match suite {
        SrtpSuite::AesCm128HmacSha1With80 | SrtpSuite::AesCm128HmacSha1With32 => 30,
        SrtpSuite::AeadAes128Gcm => 28,
        SrtpSuite::AeadAes256Gcm => 44,
    };
    SrtpKey {
        suite,
        master: (0..length).map(|at| seed.wrapping_add(at)).collect(),
        mki: Vec::new(),
    }
}

fn ends(suite: SrtpSuite) -> (Srtp, Srtp) {
    (
        Srtp::new(StreamEncryption {
            send: key(suite, 1),
            receive: key(suite, 99),
        }),
        Srtp::new(StreamEncryption {
            send: key(suite, 99),
            receive: key(suite, 1),
        }),
    )
}

fn speech(sequence: u16) -> Vec<u8> {
    let mut packet = vec![0x80, 0x08];
    packet.extend(sequence.to_be_bytes());
    packet.extend([0, 0, 1, 0, 0xca, 0xfe, 0xba, 0xbe]);
    packet.extend([0x5a; 160]);
    packet
}

fn report() -> Vec<u8> {
    octets("80c90001 cafebabe")
}

/// Protects with one key both ways; a stream to itself.
fn alone(key: SrtpKey) -> Srtp {
    Srtp::new(StreamEncryption {
        send: key.clone(),
        receive: key,
    })
}

#[track_caller]
fn is_written_as(suite: SrtpSuite, master: &str, channel: Channel, plain: &str, protected: &str) {
    let key = SrtpKey {
        suite,
        master: octets(master),
        mki: Vec::new(),
    };
    let mut stream = alone(key);
    assert_eq!(stream.protect(channel, &octets(plain)).unwrap(), octets(protected));
    assert_eq!(stream.unprotect(channel, &octets(protected)).unwrap(), octets(plain));
}

/// The master key and salt of RFC 3711 appendix B.3.
const RFC_3711: &str = "E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6";
const GCM_128: &str = "000102030405060708090a0b0c0d0e0f a0a1a2a3a4a5a6a7a8a9aaab";
const PLAIN_RTP: &str = "800f1234decafbadcafebabe abababababababababababababababab";
const PLAIN_RTCP: &str = "81c8000bcafebabe abababababababababababababababab";

#[test]
fn the_octets_are_those_of_other_implementations() {
    let sha = SrtpSuite::AesCm128HmacSha1With80;
    is_written_as(
        sha,
        RFC_3711,
        Rtp,
        PLAIN_RTP,
        "800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb",
    );
    is_written_as(
        sha,
        RFC_3711,
        Rtcp,
        PLAIN_RTCP,
        "81c8000bcafebabe 7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798",
    );
    is_written_as(
        SrtpSuite::AeadAes128Gcm,
        GCM_128,
        Rtp,
        PLAIN_RTP,
        "800f1234decafbadcafebabe c5002ede04cfdd2eb91159e0880aa06e d2976826f796b201df3131a127e8a392",
    );
    is_written_as(
        SrtpSuite::AeadAes128Gcm,
        GCM_128,
        Rtcp,
        PLAIN_RTCP,
        "81c8000bcafebabe c98b8b5df0392a55852b6c21ac8e7025 c52c6fbea2b3b446ea31123ba88ce61e 80000001",
    );
}

#[test]
fn each_suite_carries_speech_and_reports_over_the_turn_of_the_numbers() {
    for suite in SUITES {
        let (mut ours, mut theirs) = ends(suite);
        for sequence in [65_534, 65_535, 0, 1, 2u16] {
            let sent = ours.protect(Rtp, &speech(sequence)).unwrap();
            assert!(
                !sent.windows(8).any(|piece| piece == [0x5a; 8]),
                "{suite:?}: nothing of the speech is seen"
            );
            assert_eq!(theirs.unprotect(Rtp, &sent), Some(speech(sequence)), "{suite:?}");
        }
        let sent = ours.protect(Rtcp, &report()).unwrap();
        assert_eq!(theirs.unprotect(Rtcp, &sent), Some(report()), "{suite:?}");
    }
}

#[test]
fn what_was_tampered_with_is_dropped_wherever_it_was() {
    for suite in SUITES {
        for (channel, packet) in [(Rtp, speech(7)), (Rtcp, report())] {
            let (mut ours, mut theirs) = ends(suite);
            let sent = ours.protect(channel, &packet).unwrap();
            for at in 0..sent.len() {
                let mut wrong = sent.clone();
                wrong[at] ^= 1;
                assert_eq!(theirs.unprotect(channel, &wrong), None, "{suite:?} octet {at}");
            }
            for length in 0..sent.len() {
                assert_eq!(
                    theirs.unprotect(channel, &sent[..length]),
                    None,
                    "{suite:?} cut to {length}"
                );
            }
            assert_eq!(
                theirs.unprotect(channel, &sent),
                Some(packet),
                "{suite:?}: the true one still counts"
            );
        }
    }
}

#[test]
fn a_packet_counts_once() {
    for suite in SUITES {
        let (mut ours, mut theirs) = ends(suite);
        let sent: Vec<_> = (100..200).map(|n| ours.protect(Rtp, &speech(n)).unwrap()).collect();
        // Late is not twice.
        for packet in [&sent[0], &sent[5], &sent[3], &sent[99], &sent[50]] {
            assert!(theirs.unprotect(Rtp, packet).is_some(), "{suite:?}");
            assert!(theirs.unprotect(Rtp, packet).is_none(), "{suite:?}");
        }
        let report = ours.protect(Rtcp, &report()).unwrap();
        assert!(theirs.unprotect(Rtcp, &report).is_some(), "{suite:?}");
        assert!(theirs.unprotect(Rtcp, &report).is_none(), "{suite:?}");
    }
}

#[test]
fn plain_packets_are_dropped() {
    for suite in SUITES {
        let (_, mut theirs) = ends(suite);
        assert_eq!(theirs.unprotect(Rtp, &speech(1)), None, "{suite:?}");
        assert_eq!(theirs.unprotect(Rtcp, &report()), None, "{suite:?}");
    }
}

#[test]
fn made_up_sources_keep_nobody_out() {
    let (mut ours, mut theirs) = ends(SrtpSuite::AesCm128HmacSha1With80);
    for source in 0..2_000u32 {
        let mut forged = speech(1);
        forged[8..12].copy_from_slice(&source.to_be_bytes());
        forged.extend([0; 10]);
        assert_eq!(theirs.unprotect(Rtp, &forged), None);
    }
    let sent = ours.protect(Rtp, &speech(1)).unwrap();
    assert!(theirs.unprotect(Rtp, &sent).is_some());
}

#[test]
fn the_same_keys_once_more_change_nothing_and_a_new_one_overlaps_the_old() {
    let suite = SrtpSuite::AeadAes256Gcm;
    let (mut ours, mut theirs) = ends(suite);
    let first = ours.protect(Rtp, &speech(1)).unwrap();
    let late = ours.protect(Rtp, &speech(2)).unwrap();
    assert!(theirs.unprotect(Rtp, &first).is_some());
    let held = StreamEncryption {
        send: key(suite, 99),
        receive: key(suite, 1),
    };
    theirs.follow(held.clone());
    assert!(theirs.unprotect(Rtp, &first).is_none(), "a replay stays one");
    theirs.follow(StreamEncryption {
        receive: key(suite, 2),
        ..held
    });
    assert!(theirs.unprotect(Rtp, &late).is_some(), "it was under way");
    ours.follow(StreamEncryption {
        send: key(suite, 2),
        receive: key(suite, 99),
    });
    let new = ours.protect(Rtp, &speech(3)).unwrap();
    assert!(theirs.unprotect(Rtp, &new).is_some());
    assert!(theirs.unprotect(Rtp, &late).is_none(), "the old key is gone");
}

#[test]
fn a_key_with_an_identifier_is_met() {
    for suite in SUITES {
        let named = SrtpKey {
            mki: vec![0, 0, 0, 1],
            ..key(suite, 1)
        };
        let mut stream = alone(named);
        let mut plain = alone(key(suite, 1));
        for (channel, packet) in [(Rtp, speech(1)), (Rtcp, report())] {
            let sent = stream.protect(channel, &packet).unwrap();
            assert_eq!(sent.len(), plain.protect(channel, &packet).unwrap().len() + 4);
            let mut other = sent.clone();
            let tag = match (suite, channel) {
                (SrtpSuite::AesCm128HmacSha1With32, Rtp) => 4,
                (SrtpSuite::AesCm128HmacSha1With80 | SrtpSuite::AesCm128HmacSha1With32, _) => 10,
                _ => 0,
            };
            let last = sent.len() - tag - 1;
            other[last] = 2;
            assert_eq!(stream.unprotect(channel, &other), None, "{suite:?}: another key");
            assert_eq!(stream.unprotect(channel, &sent), Some(packet), "{suite:?}");
        }
    }
}

#[test]
fn a_key_is_never_shown() {
    let shown = format!("{:?}", key(SrtpSuite::AeadAes128Gcm, 77));
    assert!(!shown.contains("77") && shown.contains("Gcm"), "{shown}");
}

/// A wire that hands on what is sent over it.
struct Tap(Sender<(Channel, Vec<u8>)>);

impl Wire for Tap {
    fn announce(&mut self, _: &StreamParams) {}
    fn accepts(&mut self, _: Instant, _: Channel, _: SocketAddr, _: u32) -> bool {
        true
    }
    fn send(&mut self, channel: Channel, datagram: &[u8]) {
        self.0.send((channel, datagram.to_vec())).unwrap();
    }
    fn receive(&mut self, _: Channel, _: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        Err(io::ErrorKind::WouldBlock.into())
    }
    fn close(&mut self, _: &mio::Registry) {}
}

#[test]
fn every_packet_of_an_encrypted_session_is_encrypted_from_the_first_one_on() {
    let suite = SrtpSuite::AesCm128HmacSha1With80;
    let identity = Identity {
        ssrc: 7,
        sequence: 65_534,
        timestamp: 1,
        ntp: 0,
        seed: 5,
        cname: "test".to_owned(),
    };
    let (tap, sent) = channel();
    let mut session = MediaSession::new(Box::new(Tap(tap)), identity);
    let mut params = StreamParams::both_ways(Codec::Pcma, SocketAddr::from(([192, 0, 2, 1], 4000)));
    params.encryption = Some(StreamEncryption {
        send: key(suite, 1),
        receive: key(suite, 99),
    });
    let start = Instant::now();
    session.start(start, params);
    let (_, mut theirs) = ends(suite);
    let (channel, first) = sent.try_recv().unwrap();
    assert!(theirs.unprotect(channel, &first).is_some(), "{first:x?}");
    for step in 1..=1000 {
        session.speak(&[0.1; FRAME]);
        session.tick(start + Duration::from_millis(10 * step), &mut Vec::new());
    }
    drop(session);
    let sent: Vec<_> = sent.into_iter().collect();
    for (channel, packet) in &sent {
        assert!(theirs.unprotect(*channel, packet).is_some(), "{channel:?}: {packet:x?}");
    }
    assert!(sent.iter().filter(|(channel, _)| *channel == Rtp).count() > 490);
    assert!(sent.iter().any(|(channel, _)| *channel == Rtcp));
}
