//! Keys as telephone events (RFC 4733): sending one after the other, and hearing each once.

use std::collections::VecDeque;

/// How long a key sounds, in milliseconds.
const KEY_MS: u32 = 160;
/// Quiet between two keys, in milliseconds.
const GAP_MS: u32 = 80;
/// What a comma stands for, in milliseconds.
const PAUSE_MS: u32 = 2000;
/// The last packet is sent this often, as it may be lost (RFC 4733 section 2.5.1.4).
const END_PACKETS: u8 = 3;
/// Loudness in dBm0, sign dropped.
const VOLUME: u8 = 10;
/// Keys waiting to be sent; more are dropped.
const MOST_WAITING: usize = 256;

const KEYS: [char; 16] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D',
];

/// One event packet to send instead of speech.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EventPacket {
    /// Set on the first packet of a key.
    pub marker: bool,
    /// The time at which the key was pressed: the same in all its packets.
    pub timestamp: u32,
    /// Event, end bit with volume, duration.
    pub payload: [u8; 4],
}

#[derive(Debug, Clone, Copy)]
enum State {
    Idle,
    Sounding {
        code: u8,
        from: u32,
        duration: u32,
        first: bool,
    },
    Ending {
        code: u8,
        from: u32,
        duration: u32,
        left: u8,
    },
    Quiet {
        left: u32,
    },
}

/// The keys to send.
#[derive(Debug)]
pub(crate) struct DigitSender {
    waiting: VecDeque<Option<u8>>,
    state: State,
    /// The key that began to sound last, until somebody asks.
    begun: Option<u8>,
    sent: usize,
}

impl DigitSender {
    pub(crate) fn new() -> Self {
        DigitSender {
            waiting: VecDeque::new(),
            state: State::Idle,
            begun: None,
            sent: 0,
        }
    }

    /// Queues keys; what is neither a key nor a comma is skipped.
    pub(crate) fn push(&mut self, digits: &str) {
        for digit in digits.chars() {
            let key = KEYS.iter().position(|key| *key == digit.to_ascii_uppercase());
            match (digit, key.and_then(|code| u8::try_from(code).ok())) {
                _ if self.waiting.len() >= MOST_WAITING => return,
                (',', _) => self.waiting.push_back(None),
                (_, Some(code)) => self.waiting.push_back(Some(code)),
                _ => {}
            }
        }
    }

    /// The key that sounds now, for the ear of the person who pressed it.
    pub(crate) fn sounding(&self) -> Option<char> {
        match self.state {
            State::Sounding { code, .. } => KEYS.get(usize::from(code)).copied(),
            _ => None,
        }
    }

    /// The key that began to sound since the last call.
    pub(crate) fn begun(&mut self) -> Option<char> {
        KEYS.get(usize::from(self.begun.take()?)).copied()
    }

    /// How many keys went out since the last call, once all are out.
    pub(crate) fn finished(&mut self) -> Option<usize> {
        let idle = matches!(self.state, State::Idle) && self.waiting.is_empty();
        (idle && self.sent > 0).then(|| std::mem::take(&mut self.sent))
    }

    /// A packet time of `step` milliseconds begins at `timestamp`; `Some` replaces speech. Durations are told in units of
    /// `rate` a second, and kept in milliseconds: the packet time and the rate may change while a key sounds.
    pub(crate) fn step(&mut self, timestamp: u32, step: u32, rate: u32) -> Option<EventPacket> {
        let ms = rate / 1000;
        if matches!(self.state, State::Idle) {
            self.state = match self.waiting.pop_front()? {
                Some(code) => State::Sounding {
                    code,
                    from: timestamp,
                    duration: 0,
                    first: true,
                },
                None => State::Quiet { left: PAUSE_MS },
            };
            if let State::Sounding { code, .. } = self.state {
                self.begun = Some(code);
            }
        }
        match self.state {
            State::Idle => None,
            State::Sounding {
                code,
                from,
                duration,
                first,
            } => {
                let duration = duration + step;
                self.state = if duration >= KEY_MS {
                    State::Ending {
                        code,
                        from,
                        duration,
                        left: END_PACKETS,
                    }
                } else {
                    State::Sounding {
                        code,
                        from,
                        duration,
                        first: false,
                    }
                };
                Some(packet(first, from, code, false, duration * ms))
            }
            State::Ending {
                code,
                from,
                duration,
                left,
            } => {
                self.state = if left > 1 {
                    State::Ending {
                        code,
                        from,
                        duration,
                        left: left - 1,
                    }
                } else {
                    self.sent += 1;
                    State::Quiet { left: GAP_MS }
                };
                Some(packet(false, from, code, true, duration * ms))
            }
            State::Quiet { left } => {
                self.state = if left > step {
                    State::Quiet { left: left - step }
                } else {
                    State::Idle
                };
                None
            }
        }
    }
}

fn packet(marker: bool, timestamp: u32, code: u8, end: bool, duration: u32) -> EventPacket {
    let [high, low] = u16::try_from(duration).unwrap_or(u16::MAX).to_be_bytes();
    EventPacket {
        marker,
        timestamp,
        payload: [code, u8::from(end) << 7 | VOLUME, high, low],
    }
}

/// The keys the far end presses.
#[derive(Debug, Default)]
pub(crate) struct DigitReceiver {
    last: Option<(u32, u8)>,
}

impl DigitReceiver {
    /// The key, when this packet is the first to tell of it.
    pub(crate) fn arrived(&mut self, timestamp: u32, payload: &[u8]) -> Option<char> {
        let (&code, _) = payload.split_first().filter(|(_, rest)| rest.len() >= 3)?;
        let key = KEYS.get(usize::from(code)).copied()?;
        if let Some((last, _)) = self.last {
            let ahead = timestamp.wrapping_sub(last);
            // The same key again, or a packet of an earlier one that was overtaken on the way.
            if ahead == 0 || ahead > u32::MAX - 80_000 {
                return None;
            }
        }
        self.last = Some((timestamp, code));
        Some(key)
    }

    /// The source changed; its timestamps have nothing to do with the former ones.
    pub(crate) fn reset(&mut self) {
        self.last = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All packets of 20 ms for these keys, with the packet time in which they go out.
    fn send(digits: &str) -> Vec<(u32, EventPacket)> {
        let mut sender = DigitSender::new();
        sender.push(digits);
        let mut packets = Vec::new();
        for time in 0..1000 {
            packets.extend(sender.step(5000 + time * 160, 20, 8000).map(|packet| (time, packet)));
        }
        packets
    }

    #[test]
    fn a_key_grows_keeps_its_timestamp_and_ends_three_times() {
        let packets: Vec<EventPacket> = send("5").into_iter().map(|(_, packet)| packet).collect();
        assert_eq!(packets.len(), 11);
        assert!(
            packets
                .iter()
                .all(|packet| packet.timestamp == 5000 && packet.payload[0] == 5)
        );
        let durations: Vec<u16> = packets
            .iter()
            .map(|packet| u16::from_be_bytes([packet.payload[2], packet.payload[3]]))
            .collect();
        assert_eq!(durations, [160, 320, 480, 640, 800, 960, 1120, 1280, 1280, 1280, 1280]);
        let ends: Vec<bool> = packets.iter().map(|packet| packet.payload[1] & 0x80 != 0).collect();
        assert_eq!(
            ends,
            [false, false, false, false, false, false, false, false, true, true, true]
        );
        let markers: Vec<bool> = packets.iter().map(|packet| packet.marker).collect();
        assert_eq!(markers.iter().filter(|marker| **marker).count(), 1);
        assert!(markers[0]);
    }

    #[test]
    fn a_key_sounds_as_long_at_another_clock_and_across_a_change_of_the_packet_time() {
        let durations = |steps: &mut dyn FnMut(u32) -> (u32, u32)| {
            let mut sender = DigitSender::new();
            sender.push("9");
            let mut packets = Vec::new();
            for n in 0..40 {
                let (step, rate) = steps(n);
                packets.extend(sender.step(777, step, rate));
            }
            packets
        };
        let duration = |packet: &EventPacket| u16::from_be_bytes([packet.payload[2], packet.payload[3]]);
        let ends = |packets: &[EventPacket]| packets.iter().filter(|packet| packet.payload[1] & 0x80 != 0).count();
        // With Opus: 160 ms are 7680 units, and fit.
        let opus = durations(&mut |_| (20, 48_000));
        assert_eq!(
            (duration(&opus[0]), duration(opus.last().unwrap()), ends(&opus)),
            (960, 7680, 3)
        );
        // 20 ms a packet at first, then 60.
        let changed = durations(&mut |n| (if n < 4 { 20 } else { 60 }, 8000));
        let told: Vec<u16> = changed.iter().map(duration).collect();
        assert_eq!(told, [160, 320, 480, 640, 1120, 1600, 1600, 1600, 1600]);
        assert_eq!(ends(&changed), 3);
        assert!(changed.iter().all(|packet| packet.timestamp == 777));
        // From 8 kHz to 48 kHz in the middle: a receiver that reads the last packets knows the whole length.
        let codec = durations(&mut |n| (20, if n < 4 { 8000 } else { 48_000 }));
        assert_eq!((duration(codec.last().unwrap()), ends(&codec)), (7680, 3));
    }

    #[test]
    fn keys_are_apart_and_a_comma_waits_two_seconds() {
        let starts: Vec<u32> = send("1x2,3")
            .into_iter()
            .filter(|(_, packet)| packet.marker)
            .map(|(time, _)| time)
            .collect();
        assert_eq!(starts.len(), 3);
        assert_eq!((starts[1] - starts[0]) * 20, 160 + 60 + 80);
        assert!((2300..2400).contains(&((starts[2] - starts[1]) * 20)), "{starts:?}");
    }

    #[test]
    fn the_end_of_the_queue_is_told_once_with_the_count() {
        let mut sender = DigitSender::new();
        sender.push("12");
        let told: Vec<usize> = (0..100)
            .filter_map(|time| {
                sender.step(time * 160, 20, 8000);
                sender.finished()
            })
            .collect();
        assert_eq!(told, [2]);
    }

    #[test]
    fn each_key_is_heard_once_in_order_even_with_repeats_and_overtaking() {
        let mut packets: Vec<EventPacket> = send("0123456789*#abcd55")
            .into_iter()
            .map(|(_, packet)| packet)
            .collect();
        // The last end packet of each key arrives after the next key has begun.
        for n in (10..packets.len() - 1).step_by(11) {
            packets.swap(n, n + 1);
        }
        let mut receiver = DigitReceiver::default();
        let heard: String = packets
            .iter()
            .filter_map(|packet| receiver.arrived(packet.timestamp, &packet.payload))
            .collect();
        assert_eq!(heard, "0123456789*#ABCD55");
    }

    #[test]
    fn a_key_whose_first_packets_are_lost_is_still_heard_and_rubbish_is_not() {
        let mut receiver = DigitReceiver::default();
        let end = send("7").pop().unwrap().1;
        assert_eq!(receiver.arrived(end.timestamp, &end.payload), Some('7'));
        assert_eq!(receiver.arrived(1 << 20, &[200, 0, 0, 0]), None);
        assert_eq!(receiver.arrived(1 << 20, &[1, 0]), None);
        assert_eq!(receiver.arrived(1 << 20, &[]), None);
    }
}
