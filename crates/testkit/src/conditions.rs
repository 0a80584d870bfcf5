//! How bad the network is.

use std::time::Duration;

/// What happens to datagrams. Streams keep their order and lose nothing, but take as long.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conditions {
    /// The least time on the way.
    pub delay: Duration,
    /// Up to this much more, drawn by lot for each datagram: they overtake each other.
    pub jitter: Duration,
    /// The part that gets lost, 0 to 1.
    pub loss: f64,
    /// The part that arrives twice, 0 to 1.
    pub duplication: f64,
}

impl Conditions {
    /// A local network: 5 ms, nothing lost.
    pub const fn good() -> Self {
        Self {
            delay: Duration::from_millis(5),
            jitter: Duration::ZERO,
            loss: 0.0,
            duplication: 0.0,
        }
    }

    /// A part of all datagrams is lost, some come twice, some overtake others.
    pub const fn lossy(loss: f64) -> Self {
        Self {
            delay: Duration::from_millis(20),
            jitter: Duration::from_millis(60),
            loss,
            duplication: 0.05,
        }
    }
}

impl Default for Conditions {
    fn default() -> Self {
        Self::good()
    }
}
