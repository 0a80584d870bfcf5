//! One RTP stream of a line (RFC 3550, RFC 3551): what to send back, what to send by itself.
use crate::sound::{to_alaw, to_ulaw};
use crate::{Play, Sound};

/// Samples in a packet: 20 ms.
pub(crate) const FRAME: usize = 160;
/// Length of the fixed header.
const HEADER: usize = 12;
/// Longest packet taken in.
const LONGEST: usize = 1500;
/// A-law's payload type; anything else is sent as µ-law.
const PCMA: u8 = 8;
/// µ-law's payload type.
const PCMU: u8 = 0;

/// The sending side of one stream.
#[derive(Debug)]
pub(crate) struct Stream {
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    /// Difference from the timestamps of the stream that is sent back.
    offset: Option<u32>,
    payload: u8,
    play: Play,
    place: u64,
    fresh: bool,
}

impl Stream {
    /// A stream that does nothing yet; `seed` makes its numbers hard to guess (RFC 3550 section 5.1).
    pub(crate) fn new(seed: u64) -> Self {
        let [a, b, c, d, e, f, g, h] = seed.to_be_bytes();
        Self {
            ssrc: u32::from_be_bytes([a, b, c, d]),
            sequence: u16::from_be_bytes([e, f]),
            timestamp: u32::from_be_bytes([g, h, a, b]),
            offset: None,
            payload: 0,
            play: Play::Nothing,
            place: 0,
            fresh: true,
        }
    }

    /// Goes on differently; a sound goes on from where it was.
    pub(crate) fn set(&mut self, payload: u8, play: Play) {
        (self.payload, self.play) = (payload, play);
        self.fresh = true;
    }

    /// What to send back for a packet that came in. Anything that is no RTP is ignored.
    pub(crate) fn received(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        if self.play != Play::Echo || !is_rtp(packet) {
            return None;
        }
        let &[_, kind, _, _, t0, t1, t2, t3, ..] = packet else {
            return None;
        };
        let came = u32::from_be_bytes([t0, t1, t2, t3]);
        let offset = *self.offset.get_or_insert(self.timestamp.wrapping_sub(came));
        // Marker and payload type stay: keys come back as keys.
        let mut back = self.head(kind, came.wrapping_add(offset));
        back.extend_from_slice(payload_of(packet)?);
        Some(back)
    }

    /// The next 20 ms, if there is a sound to play. Called every 20 ms whether or not: time goes on.
    pub(crate) fn tick(&mut self) -> Option<Vec<u8>> {
        self.timestamp = self.timestamp.wrapping_add(FRAME as u32);
        let Play::Sound(sound) = self.play else { return None };
        if ![PCMU, PCMA].contains(&self.payload) {
            // Our own sounds are G.711; silence is better than noise.
            return None;
        }
        let marker = if self.fresh { 0x80 } else { 0 };
        self.fresh = false;
        let mut packet = self.head(marker | self.payload, self.timestamp);
        packet.extend(self.frame(sound));
        self.place += FRAME as u64;
        Some(packet)
    }

    fn frame(&self, sound: Sound) -> impl Iterator<Item = u8> + use<> {
        let encode = if self.payload == PCMA { to_alaw } else { to_ulaw };
        (self.place..self.place + FRAME as u64).map(move |at| encode(sound.sample(at)))
    }

    fn head(&mut self, kind: u8, timestamp: u32) -> Vec<u8> {
        self.sequence = self.sequence.wrapping_add(1);
        let mut packet = Vec::with_capacity(HEADER + FRAME);
        packet.extend([0x80, kind]);
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(timestamp.to_be_bytes());
        packet.extend(self.ssrc.to_be_bytes());
        packet
    }
}

/// Version 2, whole, and not RTCP that went astray (RFC 5761 section 4).
pub(crate) fn is_rtp(packet: &[u8]) -> bool {
    let &[first, kind, ..] = packet else { return false };
    first >> 6 == 2 && !(192..=223).contains(&kind) && (HEADER..=LONGEST).contains(&packet.len())
}

/// The payload without contributing sources, extension and padding.
fn payload_of(packet: &[u8]) -> Option<&[u8]> {
    let first = *packet.first()?;
    let mut at = HEADER + usize::from(first & 0x0f) * 4;
    if first & 0x10 != 0 {
        let &[_, _, high, low] = packet.get(at..at + 4)? else {
            return None;
        };
        at += 4 + usize::from(u16::from_be_bytes([high, low])) * 4;
    }
    let padding = if first & 0x20 != 0 {
        usize::from(*packet.last()?)
    } else {
        0
    };
    packet.get(at..packet.len().checked_sub(padding)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::from_ulaw;

    fn packet(first: u8, kind: u8, sequence: u16, timestamp: u32, rest: &[u8]) -> Vec<u8> {
        let mut packet = vec![first, kind];
        packet.extend(sequence.to_be_bytes());
        packet.extend(timestamp.to_be_bytes());
        packet.extend(7u32.to_be_bytes());
        packet.extend(rest);
        packet
    }

    fn timestamp(packet: &[u8]) -> u32 {
        u32::from_be_bytes(packet[4..8].try_into().unwrap())
    }

    #[test]
    fn the_echo_has_its_own_source_and_sequence_and_the_same_payload_and_spacing() {
        let mut stream = Stream::new(0x0123_4567_89ab_cdef);
        stream.set(0, Play::Echo);
        let first = stream.received(&packet(0x80, 0x80, 1, u32::MAX - 100, b"abc")).unwrap();
        let second = stream.received(&packet(0x80, 0, 2, 59, b"def")).unwrap();
        assert_eq!(&first[12..], b"abc");
        assert_eq!(&first[8..12], &[0x01, 0x23, 0x45, 0x67]);
        assert_eq!(first[1], 0x80);
        assert_eq!(timestamp(&second).wrapping_sub(timestamp(&first)), 160);
        let sequence = |packet: &[u8]| u16::from_be_bytes([packet[2], packet[3]]);
        assert_eq!(sequence(&second), sequence(&first) + 1);
    }

    #[test]
    fn extensions_sources_and_padding_are_left_out_of_the_echo() {
        let mut stream = Stream::new(1);
        stream.set(0, Play::Echo);
        let rest = [0, 0, 0, 9, 0xbe, 0xde, 0, 1, 1, 2, 3, 4, b'h', b'i', 0, 2];
        let back = stream
            .received(&packet(0x80 | 0x20 | 0x10 | 1, 0, 1, 0, &rest))
            .unwrap();
        assert_eq!((back[0], &back[12..]), (0x80, b"hi".as_slice()));
    }

    #[test]
    fn hostile_packets_are_ignored() {
        let mut stream = Stream::new(1);
        stream.set(0, Play::Echo);
        for bad in [
            vec![],
            vec![0x80],
            vec![0; 172],
            packet(0x80, 200, 1, 0, &[0; 20]),
            packet(0x8f, 0, 1, 0, b"short"),
            packet(0x90, 0, 1, 0, &[0, 0, 0xff, 0xff]),
            packet(0xa0, 0, 1, 0, &[255]),
            packet(0x80, 0, 1, 0, &[0; 1600]),
        ] {
            assert_eq!(stream.received(&bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_sound_is_sent_in_pieces_of_20_ms_and_goes_on_after_a_hold() {
        let mut stream = Stream::new(1);
        assert_eq!(stream.tick(), None);
        stream.set(0, Play::Sound(Sound::Melody));
        let first = stream.tick().unwrap();
        assert_eq!((first[1], first.len()), (0x80, 172));
        stream.set(0, Play::Nothing);
        assert_eq!(stream.tick(), None);
        stream.set(8, Play::Sound(Sound::Melody));
        let second = stream.tick().unwrap();
        assert_eq!(second[1], 0x88);
        assert_eq!(
            timestamp(&second) - timestamp(&first),
            320,
            "time went on while nothing was sent"
        );
        let expected: Vec<u8> = (160..320).map(|at| to_alaw(Sound::Melody.sample(at))).collect();
        assert_eq!(&second[12..], &expected[..], "the melody did not");
    }

    #[test]
    fn the_melody_is_mostly_440_hertz() {
        let mut stream = Stream::new(1);
        stream.set(0, Play::Sound(Sound::Melody));
        let samples: Vec<f64> = (0..150)
            .flat_map(|_| stream.tick().unwrap()[12..].to_vec())
            .map(|byte| f64::from(from_ulaw(byte)))
            .collect();
        let power = |frequency: f64| {
            let turn = std::f64::consts::TAU * frequency / 8000.0;
            let (re, im) = samples.iter().enumerate().fold((0.0, 0.0), |(re, im), (at, sample)| {
                (
                    re + sample * (turn * at as f64).cos(),
                    im + sample * (turn * at as f64).sin(),
                )
            });
            re * re + im * im
        };
        let loudest = (200..1000)
            .step_by(4)
            .max_by(|a, b| power(f64::from(*a)).total_cmp(&power(f64::from(*b))))
            .unwrap();
        assert!((436..=444).contains(&loudest), "{loudest}");
    }
}
