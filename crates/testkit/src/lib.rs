//! Development only: a virtual clock, an in-memory network that delays and loses by seed, a phone made of a
//! [`parley_sip::endpoint::Endpoint`] and a SIP peer that does only what its script says.
//!
//! A test reads as the conversation it is about:
//!
//! ```
//! use parley_testkit::{Network, Phone, Peer};
//!
//! let network = Network::new(1);
//! let alice = Phone::direct(&network, "10.0.0.1:5060", "sip:alice@10.0.0.1");
//! let bob = Peer::new(&network, "10.0.0.2:5060");
//!
//! let call = alice.call("sip:bob@10.0.0.2");
//! let invite = bob.expect("INVITE");
//! bob.reply(&invite, 180);
//! alice.expect_progress(call, 180);
//! bob.reply(&invite, 200);
//! alice.expect_answered(call);
//! bob.expect("ACK");
//! ```
//!
//! Nothing here but the name server of the feature `dns` sleeps or opens a socket; a minute of virtual time costs microseconds. What does not happen as the
//! script says panics with the trace of all messages so far.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a script that fails must stop its test"
)]

mod conditions;
#[cfg(feature = "dns")]
mod dns;
mod network;
mod peer;
mod phone;
mod station;

pub use conditions::Conditions;
#[cfg(feature = "dns")]
pub use dns::DnsServer;
pub use network::Network;
pub use peer::{Call, Peer};
pub use phone::{LINE, Phone};
pub use station::Station;

/// A session description of one G.711 stream, as a phone at `ip` offers it.
pub fn sdp(ip: &str, port: u16) -> Vec<u8> {
    let family = if ip.contains(':') { "IP6" } else { "IP4" };
    format!(
        "v=0\r\no=- 1 1 IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
    )
    .into_bytes()
}
