//! What is fuzzed. Each target takes any octets, panics when something does not hold that must hold for all input, and says whether
//! the octets got past the first gate, so that a run whose input never does can be told.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod bodies;
mod descriptions;
mod live;
mod wire;

pub use bodies::bodies;
pub use descriptions::sdp;
pub use live::endpoint;
pub use wire::{datagram, framing, headers, message, uri};

/// A target.
pub type Target = fn(&[u8]) -> bool;

/// All of them, by the name of their folder in `corpus`.
pub const TARGETS: [(&str, Target); 8] = [
    ("message", message),
    ("uri", uri),
    ("headers", headers),
    ("sdp", sdp),
    ("framing", framing),
    ("datagram", datagram),
    ("bodies", bodies),
    ("endpoint", endpoint),
];
