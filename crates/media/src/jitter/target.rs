//! How deep the jitter buffer should be: a high percentile of how much later than the fastest packet packets come.
//!
//! The window is short (about five seconds), so a clock that drifts against ours moves the fastest packet with it and
//! never looks like jitter.

use std::collections::VecDeque;

/// Packets in the window.
const WINDOW: usize = 256;
/// The share of packets that should come in time.
const PERCENTILE: usize = 97;
/// Packets before the window is trusted to say *less* than the start value.
const TRUSTED: usize = 50;
/// Milliseconds, always added: playing goes in steps of ten milliseconds.
const MARGIN_MS: i64 = 10;
const START_MS: i64 = 40;
const LEAST_MS: i64 = 20;
const MOST_MS: i64 = 200;

/// The adaptive depth, in timestamp units.
#[derive(Debug)]
pub(super) struct Target {
    rate: i64,
    /// Arrival time minus timestamp of the last packets.
    lags: VecDeque<i64>,
    fastest: i64,
    depth: i64,
    since_measured: usize,
    scratch: Vec<i64>,
}

impl Target {
    pub(super) fn new(rate: u32) -> Self {
        let rate = i64::from(rate);
        Target {
            rate,
            lags: VecDeque::with_capacity(WINDOW),
            fastest: 0,
            depth: START_MS * rate / 1000,
            since_measured: 0,
            scratch: Vec::with_capacity(WINDOW),
        }
    }

    /// Forgets when packets came, not how deep the buffer was: the stream went on elsewhere in time.
    pub(super) fn restart(&mut self) {
        self.lags.clear();
    }

    /// A packet came: `lag` is its arrival time minus its timestamp.
    pub(super) fn arrived(&mut self, lag: i64) {
        if self.lags.is_empty() {
            self.fastest = lag;
        }
        if self.lags.len() == WINDOW
            && let Some(gone) = self.lags.pop_front()
            && gone == self.fastest
        {
            self.fastest = self.lags.iter().copied().min().unwrap_or(lag);
        }
        self.lags.push_back(lag);
        self.fastest = self.fastest.min(lag);
        self.since_measured += 1;
        if self.since_measured >= 8 || lag - self.fastest > self.depth {
            self.measure();
        }
    }

    /// The lag of the fastest packet of the window.
    pub(super) fn fastest(&self) -> i64 {
        self.fastest
    }

    /// How much later than the fastest packet sound should be played.
    pub(super) fn depth(&self) -> i64 {
        self.depth
    }

    /// Deeper at once, shallower slowly: at most 20 ms a second.
    fn measure(&mut self) {
        let steps = i64::try_from(self.since_measured).unwrap_or(1);
        self.since_measured = 0;
        self.scratch.clear();
        self.scratch.extend(self.lags.iter().map(|lag| lag - self.fastest));
        let rank = (self.scratch.len() * PERCENTILE / 100).min(self.scratch.len().saturating_sub(1));
        let spread = match self.scratch.get(..) {
            Some([]) | None => 0,
            Some(_) => *self.scratch.select_nth_unstable(rank).1,
        };
        let trusted = self.lags.len() >= TRUSTED;
        let least = if trusted { LEAST_MS } else { START_MS };
        let wanted = (spread + self.ms(MARGIN_MS)).clamp(self.ms(least), self.ms(MOST_MS));
        let slower = self.depth - steps * self.rate * 4 / 10_000;
        self.depth = if trusted {
            wanted.max(slower)
        } else {
            wanted.max(self.depth)
        };
    }

    fn ms(&self, ms: i64) -> i64 {
        ms * self.rate / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_network_needs_the_least_depth_after_a_while() {
        let mut target = Target::new(8000);
        assert_eq!(target.depth(), 320);
        (0..400).for_each(|_| target.arrived(5));
        assert_eq!(target.depth(), 160);
    }

    #[test]
    fn jitter_deepens_the_buffer_at_once_and_never_beyond_the_most() {
        let mut target = Target::new(8000);
        (0..100).for_each(|n| target.arrived(if n % 4 == 0 { 800 } else { 0 }));
        assert!(target.depth() >= 800, "{}", target.depth());
        (0..100).for_each(|n| target.arrived(if n % 4 == 0 { 80_000 } else { 0 }));
        assert_eq!(target.depth(), 1600);
    }
}
