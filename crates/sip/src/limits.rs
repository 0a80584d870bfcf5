//! The bounds of everything that comes from the network. What is larger is refused with a typed error.

/// Largest message in octets, start line to end of body (what one UDP datagram can carry).
pub const MESSAGE: usize = 65_535;
/// Largest start line in octets.
pub const START_LINE: usize = 8_192;
/// Largest header field in octets, name and folded lines included.
pub const HEADER: usize = 16_384;
/// Most header fields in one message.
pub const HEADERS: usize = 256;
/// Largest URI in octets.
pub const URI: usize = 4_096;
/// Most values in one comma separated list.
pub const LIST: usize = 128;
/// Most parameters of one URI or header value.
pub const PARAMS: usize = 64;
