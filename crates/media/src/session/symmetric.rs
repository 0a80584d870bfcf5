//! Symmetric RTP (RFC 4961): packets go back to where they really come from, which is how they pass a NAT.
//!
//! An attacker who guesses our port must not be able to take a call over, so the choice is made once, early, and
//! moves later only when the chosen source has fallen silent.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// A chosen source that was silent for this long may be replaced.
const MOVES_AFTER: Duration = Duration::from_secs(2);
/// Valid packets in a row, from one place and one synchronisation source, that make an unannounced place believed.
const BELIEVED_AFTER: u8 = 2;

/// Where packets come from, and so where ours go.
#[derive(Debug)]
pub(crate) struct Latch {
    announced: SocketAddr,
    chosen: Option<Chosen>,
    candidate: Option<(SocketAddr, u32, u8)>,
}

#[derive(Debug, Clone, Copy)]
struct Chosen {
    from: SocketAddr,
    last: Instant,
}

impl Latch {
    /// Nothing heard yet: packets go to the announced address.
    pub(crate) fn new(announced: SocketAddr) -> Self {
        Latch {
            announced,
            chosen: None,
            candidate: None,
        }
    }

    /// A renegotiation announced an address; a changed one makes the choice open again.
    pub(crate) fn announce(&mut self, announced: SocketAddr) {
        if announced != self.announced {
            *self = Latch::new(announced);
        }
    }

    /// Where to send; `None` when the far end announced no usable address and was not heard.
    pub(crate) fn destination(&self) -> Option<SocketAddr> {
        let to = self.chosen.map_or(self.announced, |chosen| chosen.from);
        (to.port() != 0 && !to.ip().is_unspecified()).then_some(to)
    }

    /// Whether a valid packet from there, of this synchronisation source, belongs to the session.
    pub(crate) fn accepts(&mut self, now: Instant, from: SocketAddr, ssrc: u32) -> bool {
        if let Some(chosen) = &mut self.chosen {
            if chosen.from == from {
                chosen.last = now;
                self.candidate = None;
                return true;
            }
            if now.saturating_duration_since(chosen.last) < MOVES_AFTER {
                return false;
            }
        }
        if from != self.announced {
            let seen = match self.candidate {
                Some((place, source, seen)) if place == from && source == ssrc => seen + 1,
                _ => 1,
            };
            self.candidate = Some((from, ssrc, seen));
            if seen < BELIEVED_AFTER {
                return false;
            }
        }
        if from != self.announced {
            log::info!("media comes from another place than announced; answering there");
        }
        self.chosen = Some(Chosen { from, last: now });
        self.candidate = None;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 7], port))
    }

    #[test]
    fn the_announced_place_is_believed_at_once() {
        let mut latch = Latch::new(place(4000));
        assert!(latch.accepts(Instant::now(), place(4000), 1));
        assert_eq!(latch.destination(), Some(place(4000)));
    }

    #[test]
    fn another_place_is_believed_after_two_packets_and_answered_there() {
        let now = Instant::now();
        let mut latch = Latch::new(place(4000));
        assert!(!latch.accepts(now, place(5000), 1));
        assert_eq!(latch.destination(), Some(place(4000)));
        assert!(latch.accepts(now, place(5000), 1));
        assert_eq!(latch.destination(), Some(place(5000)));
    }

    #[test]
    fn a_running_stream_cannot_be_taken_over_but_one_that_fell_silent_may_move() {
        let start = Instant::now();
        let mut latch = Latch::new(place(4000));
        for n in 0..50 {
            let now = start + Duration::from_millis(n * 20);
            assert!(latch.accepts(now, place(4000), 1));
            assert!(!latch.accepts(now, place(6666), 1));
        }
        let later = start + Duration::from_secs(4);
        assert!(!latch.accepts(later, place(5000), 1));
        assert!(latch.accepts(later, place(5000), 1));
        assert_eq!(latch.destination(), Some(place(5000)));
    }

    #[test]
    fn nothing_is_sent_to_an_address_that_is_none_and_a_new_announcement_counts() {
        let mut latch = Latch::new(SocketAddr::from(([0, 0, 0, 0], 4000)));
        assert_eq!(latch.destination(), None);
        latch.announce(place(4002));
        assert_eq!(latch.destination(), Some(place(4002)));
    }
}
