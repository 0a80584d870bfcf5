//! One incoming RTP source: which packets to believe and how well they come (RFC 3550 appendix A.1, A.3, A.8).

use std::time::Instant;

/// A jump forward of up to this many packets is loss, more is a restart.
const MAX_DROPOUT: u16 = 3000;
/// A packet this much behind is late, more is a restart.
const MAX_MISORDER: u16 = 100;

/// What a sequence number says about its packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It belongs to the stream.
    Good,
    /// The sender started over; what is buffered belongs to the past.
    Restarted,
    /// A wild number, ignored unless the next packet follows it.
    Wild,
}

/// The figures for a reception report block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interval {
    /// Share lost since the last report, in 256ths.
    pub fraction_lost: u8,
    /// Packets lost since the beginning; negative when duplicates outnumber losses.
    pub lost: i64,
    /// Extended highest sequence number.
    pub highest: u32,
    /// Interarrival jitter in timestamp units.
    pub jitter: u32,
}

/// State for one synchronisation source.
#[derive(Debug)]
pub(crate) struct Source {
    rate: u32,
    epoch: Instant,
    base: u32,
    highest: u16,
    cycles: u32,
    received: u64,
    wild: Option<u16>,
    transit: Option<i64>,
    jitter: f64,
    expected_before: u64,
    received_before: u64,
}

impl Source {
    /// The first packet of a source at `rate` timestamp units a second.
    pub(crate) fn new(now: Instant, rate: u32, first_sequence: u16) -> Self {
        Source {
            rate,
            epoch: now,
            base: u32::from(first_sequence),
            highest: first_sequence.wrapping_sub(1),
            cycles: if first_sequence == 0 {
                u32::MAX.wrapping_shl(16)
            } else {
                0
            },
            received: 0,
            wild: None,
            transit: None,
            jitter: 0.0,
            expected_before: 0,
            received_before: 0,
        }
    }

    /// A packet with this sequence number and timestamp came.
    pub(crate) fn arrived(&mut self, now: Instant, sequence: u16, timestamp: u32) -> Verdict {
        let verdict = self.sequence(now, sequence);
        if verdict != Verdict::Wild {
            self.received += 1;
            self.measure(now, timestamp);
        }
        verdict
    }

    fn sequence(&mut self, now: Instant, sequence: u16) -> Verdict {
        let ahead = sequence.wrapping_sub(self.highest);
        if ahead < MAX_DROPOUT {
            if sequence < self.highest {
                self.cycles = self.cycles.wrapping_add(1 << 16);
            }
            self.highest = sequence;
            self.wild = None;
            return Verdict::Good;
        }
        if ahead > u16::MAX - MAX_MISORDER {
            return Verdict::Good;
        }
        if self.wild == Some(sequence) {
            *self = Source::new(now, self.rate, sequence);
            self.highest = sequence;
            if sequence == 0 {
                self.cycles = 0;
            }
            return Verdict::Restarted;
        }
        self.wild = Some(sequence.wrapping_add(1));
        Verdict::Wild
    }

    /// RFC 3550 appendix A.8.
    fn measure(&mut self, now: Instant, timestamp: u32) {
        let since = now.saturating_duration_since(self.epoch).as_secs_f64();
        let arrival = (since * f64::from(self.rate)) as i64;
        let transit = (arrival as u32).wrapping_sub(timestamp);
        if let Some(before) = self.transit {
            let change = f64::from(transit.wrapping_sub(before as u32) as i32).abs();
            // A jump of the timestamps is not jitter.
            if change < f64::from(self.rate) {
                self.jitter += (change - self.jitter) / 16.0;
            }
        }
        self.transit = Some(i64::from(transit));
    }

    /// Whether this is the number furthest ahead so far.
    pub(crate) fn is_newest(&self, sequence: u16) -> bool {
        self.highest == sequence
    }

    /// The timestamps run at another rate from now on (RFC 7160).
    pub(crate) fn set_rate(&mut self, rate: u32) {
        if rate != self.rate {
            self.jitter *= f64::from(rate) / f64::from(self.rate);
            self.rate = rate;
            self.transit = None;
        }
    }

    /// Packets that should have come.
    pub(crate) fn expected(&self) -> u64 {
        let highest = self.cycles.wrapping_add(u32::from(self.highest));
        u64::from(highest.wrapping_sub(self.base).wrapping_add(1))
    }

    /// Packets that came, duplicates included.
    pub(crate) fn received(&self) -> u64 {
        self.received
    }

    /// Packets that never came.
    pub(crate) fn lost(&self) -> u64 {
        self.expected().saturating_sub(self.received)
    }

    /// Interarrival jitter in milliseconds.
    pub(crate) fn jitter_ms(&self) -> f32 {
        (self.jitter * 1000.0 / f64::from(self.rate)) as f32
    }

    /// The figures since the last call, for a report block.
    pub(crate) fn interval(&mut self) -> Interval {
        let expected = self.expected() - self.expected_before.min(self.expected());
        let received = self.received - self.received_before.min(self.received);
        self.expected_before = self.expected();
        self.received_before = self.received;
        let lost = expected.saturating_sub(received);
        let fraction = (lost * 256).checked_div(expected).unwrap_or(0);
        Interval {
            fraction_lost: u8::try_from(fraction).unwrap_or(u8::MAX),
            lost: i64::try_from(self.expected()).unwrap_or(i64::MAX) - i64::try_from(self.received).unwrap_or(i64::MAX),
            highest: self.cycles.wrapping_add(u32::from(self.highest)),
            jitter: self.jitter as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn feed(sequences: impl IntoIterator<Item = u16>) -> (Source, Vec<Verdict>) {
        let start = Instant::now();
        let mut sequences = sequences.into_iter().peekable();
        let mut source = Source::new(start, 8000, sequences.peek().copied().unwrap());
        let arrived = |(n, sequence): (usize, u16)| {
            let at = start + Duration::from_millis(n as u64 * 20);
            source.arrived(at, sequence, n as u32 * 160)
        };
        let verdicts = sequences.enumerate().map(arrived).collect();
        (source, verdicts)
    }

    #[test]
    fn a_whole_stream_has_no_loss_also_across_the_wrap() {
        for first in [0, 1, 65_530] {
            let (mut source, verdicts) = feed((0..20u16).map(|n| n.wrapping_add(first)));
            assert!(verdicts.iter().all(|verdict| *verdict == Verdict::Good));
            assert_eq!((source.expected(), source.lost()), (20, 0), "from {first}");
            assert_eq!(source.interval().highest, u32::from(first) + 19);
            assert!(source.jitter_ms() < 0.5);
        }
    }

    #[test]
    fn loss_is_counted_and_reported_once_as_a_fraction() {
        let (mut source, _) = feed((100..200).filter(|n| n % 4 != 2));
        assert_eq!(source.lost(), 25);
        assert_eq!(
            source.interval(),
            Interval {
                fraction_lost: 64,
                lost: 25,
                highest: 199,
                jitter: source.jitter as u32
            }
        );
        assert_eq!(source.interval().fraction_lost, 0);
    }

    #[test]
    fn reordering_is_no_loss_and_one_wild_number_is_ignored() {
        let (source, verdicts) = feed([10, 12, 11, 40_000, 13, 14]);
        assert_eq!(verdicts[3], Verdict::Wild);
        assert_eq!((source.lost(), source.received()), (0, 5));
    }

    #[test]
    fn two_wild_numbers_in_a_row_are_a_sender_that_started_over() {
        let (source, verdicts) = feed([10, 11, 40_000, 40_001, 40_002]);
        assert_eq!(verdicts[2..], [Verdict::Wild, Verdict::Restarted, Verdict::Good]);
        assert_eq!(source.lost(), 0);
    }

    #[test]
    fn jitter_follows_the_arrivals() {
        let start = Instant::now();
        let mut source = Source::new(start, 8000, 0);
        for n in 0..500u32 {
            let wobble = if n % 2 == 0 { 0 } else { 10 };
            source.arrived(
                start + Duration::from_millis(u64::from(n) * 20 + wobble),
                n as u16,
                n * 160,
            );
        }
        assert!((9.0..11.0).contains(&source.jitter_ms()), "{}", source.jitter_ms());
    }
}
