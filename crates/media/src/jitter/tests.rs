//! A seeded network in virtual time in front of the buffer.

use std::time::{Duration, Instant};

use super::*;

/// Every sample of a packet says which packet it was, so order and completeness can be read from the sound.
struct Numbers;

impl Decode for Numbers {
    fn decode(&mut self, payload: &[u8], sound: &mut Vec<i16>) {
        let number = i16::from_be_bytes([payload[0], payload[1]]);
        sound.extend(std::iter::repeat_n(number, 160));
    }
}

/// A tone in G.711-like packets: the payload is the first sample number.
struct Tone;

impl Decode for Tone {
    fn decode(&mut self, payload: &[u8], sound: &mut Vec<i16>) {
        let first = u32::from_be_bytes([payload[0], payload[1], payload[2], payload[3]]);
        sound.extend((first..first + 160).map(|n| {
            let turn = f64::from(n % 8) / 8.0;
            ((turn * std::f64::consts::TAU).sin() * 8000.0) as i16
        }));
    }
}

pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// What a network does to packets of 20 ms.
#[derive(Clone, Copy, Default)]
struct Network {
    loss: f64,
    jitter_ms: f64,
    duplicates: f64,
    /// The sender's clock is faster than ours by this many millionths.
    skew_ppm: f64,
}

struct Heard {
    sound: Vec<i16>,
    buffer: JitterBuffer,
    deepest_ms: f32,
}

fn through(network: Network, seconds: usize, decoder: &mut dyn Decode, payload: impl Fn(u32) -> Vec<u8>) -> Heard {
    let mut dice = Dice(88_172_645_463_325_252);
    let mut arrivals = Vec::new();
    for number in 0..(seconds * 50) as u32 {
        let sent = f64::from(number) * 20.0 / (1.0 + network.skew_ppm / 1e6);
        let copies = usize::from(dice.roll() >= network.loss) + usize::from(dice.roll() < network.duplicates);
        for _ in 0..copies {
            arrivals.push((sent + dice.roll() * network.jitter_ms, number));
        }
    }
    arrivals.sort_by(|a, b| a.0.total_cmp(&b.0));
    let start = Instant::now();
    let mut heard = Heard {
        sound: Vec::new(),
        buffer: JitterBuffer::new(8000),
        deepest_ms: 0.0,
    };
    let mut arrivals = arrivals.into_iter().peekable();
    let mut frame = [0; 80];
    for tick in 0..seconds * 100 + 50 {
        let now = tick as f64 * 10.0;
        while let Some((at, number)) = arrivals.next_if(|(at, _)| *at <= now) {
            let arrival = Arrival {
                sequence: (number as u16).wrapping_add(65_000),
                timestamp: (number * 160).wrapping_sub(4000),
                payload: &payload(number),
            };
            heard
                .buffer
                .insert(start + Duration::from_secs_f64(at / 1000.0), &arrival);
        }
        heard
            .buffer
            .pull(start + Duration::from_millis(tick as u64 * 10), decoder, &mut frame);
        if tick > 200 {
            heard.deepest_ms = heard.deepest_ms.max(heard.buffer.buffered_ms());
        }
        heard.sound.extend_from_slice(&frame);
    }
    heard
}

fn number(number: u32) -> Vec<u8> {
    (number as u16 + 1).to_be_bytes().to_vec()
}

fn tone(number: u32) -> Vec<u8> {
    (number * 160).to_be_bytes().to_vec()
}

fn packets_heard(sound: &[i16]) -> Vec<i16> {
    let mut numbers: Vec<i16> = sound.to_vec();
    numbers.dedup();
    numbers.retain(|number| *number != 0);
    numbers
}

#[test]
fn without_loss_or_jitter_every_sample_comes_once_and_in_order() {
    let heard = through(Network::default(), 10, &mut Numbers, number);
    let stats = heard.buffer.stats();
    assert_eq!(
        (stats.late, stats.duplicates, stats.concealed.min(1700)),
        (0, 0, stats.concealed)
    );
    assert_eq!(packets_heard(&heard.sound[..79_000]), (1..=492).collect::<Vec<i16>>());
}

#[test]
fn reordered_and_doubled_packets_are_heard_once_in_order() {
    let network = Network {
        jitter_ms: 70.0,
        duplicates: 0.3,
        ..Network::default()
    };
    let heard = through(network, 20, &mut Numbers, number);
    let stats = heard.buffer.stats();
    assert!(stats.duplicates + stats.late > 200, "{stats:?}");
    // After the depth has been learnt, nothing is missing any more and nothing comes twice.
    let numbers = packets_heard(&heard.sound[40_000..150_000]);
    let backwards = numbers.windows(2).filter(|pair| pair[1] < pair[0]).count();
    assert_eq!(backwards, 0);
    let missing = i32::from(numbers[numbers.len() - 1] - numbers[0]) + 1 - numbers.len() as i32;
    assert!(missing <= 30, "{missing} of {}", numbers.len());
}

#[test]
fn lost_packets_are_made_up_and_never_silence() {
    let heard = through(
        Network {
            loss: 0.1,
            ..Network::default()
        },
        20,
        &mut Tone,
        tone,
    );
    let steady = &heard.sound[8000..150_000];
    let quiet = steady
        .chunks(80)
        .filter(|chunk| chunk.iter().all(|sample| sample.abs() < 500))
        .count();
    assert_eq!(quiet, 0);
    let stats = heard.buffer.stats();
    let share = stats.concealed as f64 / stats.played as f64;
    assert!((0.07..0.14).contains(&share), "{share}");
}

#[test]
fn a_tone_through_jitter_has_no_gap_and_little_delay() {
    for jitter_ms in [0.0, 15.0, 40.0, 80.0] {
        let heard = through(
            Network {
                jitter_ms,
                ..Network::default()
            },
            30,
            &mut Tone,
            tone,
        );
        let steady = &heard.sound[40_000..230_000];
        let quiet = steady
            .chunks(80)
            .filter(|chunk| chunk.iter().all(|sample| sample.abs() < 500))
            .count();
        assert_eq!(quiet, 0, "{jitter_ms}");
        let concealed = heard.buffer.stats().concealed as f64 / heard.buffer.stats().played as f64;
        assert!(concealed < 0.04, "{jitter_ms}: {concealed}");
        assert!(
            f64::from(heard.buffer.target_ms()) <= jitter_ms + 30.0,
            "{}",
            heard.buffer.target_ms()
        );
    }
}

#[test]
fn an_hour_with_a_clock_off_by_a_hundred_millionths_neither_starves_nor_grows() {
    for skew_ppm in [-100.0, 100.0] {
        let heard = through(
            Network {
                skew_ppm,
                jitter_ms: 5.0,
                ..Network::default()
            },
            3600,
            &mut Tone,
            tone,
        );
        assert!(heard.deepest_ms < 100.0, "{}", heard.deepest_ms);
        let stats = heard.buffer.stats();
        assert!(stats.stretched >= 5, "{stats:?}");
        assert!(stats.concealed < 8000, "{stats:?}");
        assert!(stats.late < 20, "{stats:?}");
    }
}

#[test]
fn a_pause_of_the_sender_is_silence_and_then_sound_again() {
    let start = Instant::now();
    let mut buffer = JitterBuffer::new(8000);
    let mut sound = Vec::new();
    let mut frame = [0; 80];
    for tick in 0..1000u32 {
        let now = start + Duration::from_millis(u64::from(tick) * 10);
        if tick % 2 == 0 && !(200..600).contains(&tick) {
            let sent = if tick < 200 { tick / 2 } else { tick / 2 - 200 };
            let arrival = Arrival {
                sequence: sent as u16,
                timestamp: tick * 80,
                payload: &tone(tick / 2),
            };
            assert_eq!(buffer.insert(now, &arrival), Inserted::Held);
        }
        buffer.pull(now, &mut Tone, &mut frame);
        sound.extend_from_slice(&frame);
    }
    let quiet = |range: std::ops::Range<usize>| sound[range].iter().all(|sample| sample.abs() < 10);
    assert!(!quiet(14_000..14_800));
    assert!(quiet(20_000..47_000));
    assert!(!quiet(50_000..50_800));
}

#[test]
fn a_stream_that_jumps_in_time_is_followed_but_a_single_stray_is_not() {
    let start = Instant::now();
    let mut buffer = JitterBuffer::new(8000);
    let mut frame = [0; 80];
    let mut results = Vec::new();
    for n in 0..200u32 {
        let now = start + Duration::from_millis(u64::from(n) * 20);
        let jump = if n == 50 || n >= 100 { 0x4000_0000 } else { 0 };
        let arrival = Arrival {
            sequence: n as u16,
            timestamp: n * 160 + jump,
            payload: &number(n),
        };
        results.push(buffer.insert(now, &arrival));
        buffer.pull(now, &mut Numbers, &mut frame);
        buffer.pull(now + Duration::from_millis(10), &mut Numbers, &mut frame);
    }
    let strays: Vec<_> = (0..200).filter(|n| results[*n] == Inserted::Stray).collect();
    assert_eq!(strays, [50, 100, 101]);
    assert!((195..=199).contains(&frame[0]), "{}", frame[0]);
}

#[test]
fn whatever_comes_it_never_fails_and_stays_small() {
    let mut dice = Dice(7);
    let start = Instant::now();
    let mut buffer = JitterBuffer::new(8000);
    let mut frame = [0; 80];
    let mut now = start;
    for step in 0..200_000u32 {
        if dice.roll() < 0.3 {
            now += Duration::from_millis((dice.roll() * 40.0) as u64);
            buffer.pull(now, &mut Tone, &mut frame);
        }
        let wild = dice.roll();
        let timestamp = if wild < 0.2 {
            (dice.roll() * 4e9) as u32
        } else {
            step * (wild * 200.0) as u32
        };
        let arrival = Arrival {
            sequence: (dice.roll() * 65e3) as u16,
            timestamp,
            payload: &tone(step),
        };
        buffer.insert(now, &arrival);
        if dice.roll() < 0.001 {
            buffer.reset();
        }
        assert!(buffer.packets.len() <= MOST_PACKETS);
        assert!(buffer.sound.len() < 4000);
    }
}

/// A codec whose packets carry the one before them, and which otherwise says 7.
struct Redundant;

impl Decode for Redundant {
    fn decode(&mut self, payload: &[u8], sound: &mut Vec<i16>) {
        Numbers.decode(payload, sound);
    }

    fn recover(&mut self, next_payload: &[u8], samples: usize, sound: &mut Vec<i16>) -> bool {
        let number = i16::from_be_bytes([next_payload[0], next_payload[1]]) - 1;
        sound.extend(std::iter::repeat_n(number, samples));
        true
    }

    fn conceal(&mut self, samples: usize, sound: &mut Vec<i16>) -> bool {
        sound.extend(std::iter::repeat_n(7, samples));
        true
    }
}

#[test]
fn a_lost_packet_is_heard_from_the_one_after_it_and_what_that_does_not_hold_from_the_codec() {
    let start = Instant::now();
    let mut buffer = JitterBuffer::new(8000);
    let (mut sound, mut frame) = (Vec::new(), [0; 80]);
    for tick in 0..200u32 {
        let (now, packet) = (start + Duration::from_millis(u64::from(tick) * 10), tick / 2);
        if tick % 2 == 0 && ![50, 70, 71].contains(&packet) {
            let arrival = Arrival {
                sequence: packet as u16,
                timestamp: packet * 160,
                payload: &number(1000 + packet),
            };
            buffer.insert(now, &arrival);
        }
        buffer.pull(now, &mut Redundant, &mut frame);
        sound.extend_from_slice(&frame);
    }
    let count = |wanted: i16| sound.iter().filter(|sample| **sample == wanted).count();
    // Numbers begin at 1.
    assert_eq!((count(1051), count(1072), count(1071), count(7)), (160, 160, 0, 160));
    assert_eq!((buffer.stats().recovered, buffer.stats().concealed), (320, 160));
}
