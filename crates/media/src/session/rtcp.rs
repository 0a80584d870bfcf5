//! RTCP (RFC 3550 section 6): our reports about what we send and hear, and what the far end says about ours.

use std::time::{Duration, Instant};

use bytes::Bytes;
use rtc_rtcp::goodbye::Goodbye;
use rtc_rtcp::packet::{Packet, marshal, unmarshal};
use rtc_rtcp::receiver_report::ReceiverReport;
use rtc_rtcp::reception_report::ReceptionReport;
use rtc_rtcp::sender_report::SenderReport;
use rtc_rtcp::source_description::{SdesType, SourceDescription, SourceDescriptionChunk, SourceDescriptionItem};

use super::source::Interval;

/// Reports come this far apart on average (RFC 3550 section 6.2).
const INTERVAL: Duration = Duration::from_secs(5);
/// A round trip longer than this is a mistake of somebody's clock.
const ABSURD_ROUND_TRIP: f64 = 60.0;

/// What we sent so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sent {
    /// RTP packets.
    pub packets: u64,
    /// Payload octets.
    pub octets: u64,
    /// The timestamp a packet sent now would carry.
    pub timestamp: u32,
}

/// What a compound packet told us.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Heard {
    /// Who spoke.
    pub ssrc: u32,
    /// The far end left.
    pub bye: bool,
}

/// The control channel of one stream.
#[derive(Debug)]
pub(crate) struct Rtcp {
    ssrc: u32,
    cname: String,
    /// NTP time (RFC 5905, 32.32 fixed point) at `epoch`.
    ntp_epoch: u64,
    epoch: Instant,
    due: Instant,
    dice: u64,
    last_sender_report: Option<(u32, Instant)>,
    round_trip: Option<Duration>,
    remote_loss: Option<f32>,
}

impl Rtcp {
    /// `ntp` is the wall clock at `now` as NTP time; `seed` spreads the reports.
    pub(crate) fn new(now: Instant, ntp: u64, ssrc: u32, cname: String, seed: u64) -> Self {
        let mut rtcp = Rtcp {
            ssrc,
            cname,
            ntp_epoch: ntp,
            epoch: now,
            due: now,
            dice: seed | 1,
            last_sender_report: None,
            round_trip: None,
            remote_loss: None,
        };
        // The first one comes earlier (RFC 3550 section 6.2).
        rtcp.due = now + rtcp.spread(INTERVAL / 2);
        rtcp
    }

    /// When the next report goes out.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        now >= self.due
    }

    /// The network round trip, once known.
    pub(crate) fn round_trip(&self) -> Option<Duration> {
        self.round_trip
    }

    /// The share of our packets the far end missed lately, 0 to 100.
    pub(crate) fn remote_loss_percent(&self) -> Option<f32> {
        self.remote_loss
    }

    /// A compound report; `sent` when we sent RTP since the last one, `heard` when we heard the far end.
    pub(crate) fn report(&mut self, now: Instant, sent: Option<Sent>, heard: Option<(u32, Interval)>) -> Vec<u8> {
        self.due = now + self.spread(INTERVAL);
        let packets = self.packets(now, sent, heard);
        to_bytes(&packets)
    }

    /// The last words: a report and BYE (RFC 3550 section 6.6).
    pub(crate) fn goodbye(&mut self, now: Instant, sent: Option<Sent>, heard: Option<(u32, Interval)>) -> Vec<u8> {
        let mut packets = self.packets(now, sent, heard);
        packets.push(Box::new(Goodbye {
            sources: vec![self.ssrc],
            reason: Bytes::new(),
        }));
        to_bytes(&packets)
    }

    fn packets(&self, now: Instant, sent: Option<Sent>, heard: Option<(u32, Interval)>) -> Vec<Box<dyn Packet>> {
        let reports: Vec<ReceptionReport> = heard
            .iter()
            .map(|(ssrc, interval)| self.block(now, *ssrc, interval))
            .collect();
        let report: Box<dyn Packet> = match sent {
            Some(sent) => Box::new(SenderReport {
                ssrc: self.ssrc,
                ntp_time: self.ntp(now),
                rtp_time: sent.timestamp,
                packet_count: sent.packets as u32,
                octet_count: sent.octets as u32,
                reports,
                profile_extensions: Bytes::new(),
            }),
            None => Box::new(ReceiverReport {
                ssrc: self.ssrc,
                reports,
                profile_extensions: Bytes::new(),
            }),
        };
        let name = SourceDescriptionItem {
            sdes_type: SdesType::SdesCname,
            text: Bytes::from(self.cname.clone().into_bytes()),
        };
        let description = SourceDescription {
            chunks: vec![SourceDescriptionChunk {
                source: self.ssrc,
                items: vec![name],
            }],
        };
        vec![report, Box::new(description)]
    }

    fn block(&self, now: Instant, ssrc: u32, interval: &Interval) -> ReceptionReport {
        let (last_sender_report, delay) = match self.last_sender_report {
            Some((report, at)) => {
                let since = now.saturating_duration_since(at).as_secs_f64() * 65536.0;
                (report, since as u32)
            }
            None => (0, 0),
        };
        ReceptionReport {
            ssrc,
            fraction_lost: interval.fraction_lost,
            // A signed number of 24 bits; below zero when packets come twice.
            total_lost: (interval.lost.clamp(-0x80_0000, 0x7f_ffff) as u32) & 0xff_ffff,
            last_sequence_number: interval.highest,
            jitter: interval.jitter,
            last_sender_report,
            delay,
        }
    }

    /// A datagram came; `None` when it is no RTCP.
    pub(crate) fn arrived(&mut self, now: Instant, datagram: &[u8]) -> Option<Heard> {
        if !is_rtcp(datagram) {
            return None;
        }
        let packets = unmarshal(&mut Bytes::copy_from_slice(datagram)).ok()?;
        let mut heard = Heard::default();
        for packet in &packets {
            let any = packet.as_any();
            if let Some(report) = any.downcast_ref::<SenderReport>() {
                heard.ssrc = report.ssrc;
                self.last_sender_report = Some(((report.ntp_time >> 16) as u32, now));
                report.reports.iter().for_each(|block| self.about_us(now, block));
            } else if let Some(report) = any.downcast_ref::<ReceiverReport>() {
                heard.ssrc = report.ssrc;
                report.reports.iter().for_each(|block| self.about_us(now, block));
            } else if any.is::<Goodbye>() {
                heard.bye = true;
            }
        }
        Some(heard)
    }

    /// RFC 3550 section 6.4.1: round trip = arrival - last SR - delay since last SR.
    fn about_us(&mut self, now: Instant, block: &ReceptionReport) {
        if block.ssrc != self.ssrc {
            return;
        }
        self.remote_loss = Some(f32::from(block.fraction_lost) * 100.0 / 256.0);
        if block.last_sender_report == 0 {
            return;
        }
        let middle = (self.ntp(now) >> 16) as u32;
        let units = middle.wrapping_sub(block.last_sender_report).wrapping_sub(block.delay);
        // Rounding can make it a hair less than nothing.
        let seconds = f64::from((units as i32).max(0)) / 65536.0;
        if seconds < ABSURD_ROUND_TRIP {
            self.round_trip = Some(Duration::from_secs_f64(seconds));
        }
    }

    fn ntp(&self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.epoch);
        let fraction = (u64::from(since.subsec_nanos()) << 32) / 1_000_000_000;
        self.ntp_epoch.wrapping_add((since.as_secs() << 32) + fraction)
    }

    /// Half to one and a half times `around`, so that reports of many do not come together.
    fn spread(&mut self, around: Duration) -> Duration {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        around.mul_f64(0.5 + (self.dice >> 11) as f64 / (1u64 << 53) as f64)
    }
}

/// Whether a datagram is RTCP rather than RTP (RFC 5761 section 4).
pub(crate) fn is_rtcp(datagram: &[u8]) -> bool {
    matches!(datagram, [first, kind, _, _, _, _, _, _, ..] if first >> 6 == 2 && (192..=223).contains(kind))
}

fn to_bytes(packets: &[Box<dyn Packet>]) -> Vec<u8> {
    match marshal(packets) {
        Ok(bytes) => bytes.to_vec(),
        Err(error) => {
            log::error!("RTCP could not be written: {error}");
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NTP: u64 = 0xe000_0000_0000_0000;

    fn pair(now: Instant) -> (Rtcp, Rtcp) {
        let end = |ssrc| {
            Rtcp::new(
                now,
                NTP + u64::from(ssrc),
                ssrc,
                format!("{ssrc}@parley"),
                u64::from(ssrc),
            )
        };
        (end(1), end(2))
    }

    fn interval(fraction_lost: u8) -> Interval {
        Interval {
            fraction_lost,
            lost: -3,
            highest: 70_000,
            jitter: 12,
        }
    }

    #[test]
    fn the_round_trip_comes_out_of_two_reports() {
        let start = Instant::now();
        let (mut ours, mut theirs) = pair(start);
        let at = |ms| start + Duration::from_millis(ms);
        let report = ours.report(
            at(1000),
            Some(Sent {
                packets: 5,
                octets: 800,
                timestamp: 9,
            }),
            None,
        );
        assert!(
            theirs
                .arrived(at(1040), &report)
                .is_some_and(|heard| heard.ssrc == 1 && !heard.bye)
        );
        let answer = theirs.report(at(3040), None, Some((1, interval(64))));
        assert!(ours.arrived(at(3080), &answer).is_some());
        let round_trip = ours.round_trip().unwrap().as_secs_f64();
        assert!((round_trip - 0.080).abs() < 0.001, "{round_trip}");
        assert_eq!(ours.remote_loss_percent(), Some(25.0));
        assert_eq!(theirs.round_trip(), None);
    }

    #[test]
    fn reports_are_spread_around_five_seconds() {
        let mut now = Instant::now();
        let (mut ours, _) = pair(now);
        let mut waits = Vec::new();
        for _ in 0..200 {
            let before = now;
            while !ours.is_due(now) {
                now += Duration::from_millis(10);
            }
            ours.report(now, None, None);
            waits.push((now - before).as_secs_f64());
        }
        assert!(waits[1..].iter().all(|wait| (2.4..7.6).contains(wait)));
        let mean = waits[1..].iter().sum::<f64>() / 199.0;
        assert!((4.5..5.5).contains(&mean), "{mean}");
    }

    #[test]
    fn a_goodbye_is_understood() {
        let now = Instant::now();
        let (mut ours, mut theirs) = pair(now);
        let bye = ours.goodbye(now, Some(Sent::default()), Some((2, interval(0))));
        assert!(theirs.arrived(now, &bye).unwrap().bye);
    }

    #[test]
    fn rubbish_is_no_report_and_never_a_failure() {
        let now = Instant::now();
        let (mut ours, mut theirs) = pair(now);
        let good = theirs.goodbye(now, Some(Sent::default()), Some((1, interval(0))));
        let mut dice = 12_345u64;
        for _ in 0..100_000 {
            dice = dice
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let mut broken = good.clone();
            broken.truncate((dice >> 33) as usize % (good.len() + 1));
            for shift in [8, 24, 40] {
                let place = (dice >> shift) as usize % good.len();
                if let Some(octet) = broken.get_mut(place) {
                    *octet = (dice >> 50) as u8;
                }
            }
            ours.arrived(now, &broken);
        }
        assert_eq!(ours.arrived(now, b"hello, hello"), None);
    }
}
