//! The embedded practice exchange: registrar, forking proxy and practice lines on loopback.
//!
//! [`Core`] is pure: datagrams, framed messages and time go in, datagrams, messages and media orders come out; it is
//! tested in virtual time. [`Exchange`] puts it on sockets, on a thread of its own.
//!
//! | Number | Who answers |
//! |---|---|
//! | a user's name | every phone registered under it rings; the first to answer has the call |
//! | 600 | an echo |
//! | 601 | a customer: greets for two seconds, hangs up, and calls back three seconds later |
//! | 602 | an announcement that ends by itself |
//! | 603 | nobody: busy |
//! | 604 | nobody: rings for three minutes |
//! | any other | nobody by that number |
//!
//! A line can be transferred: to a user, who is then really called, or to another line, which is only reported.
//!
//! Meant for one machine: it speaks IPv4 with peers on loopback and passes nothing on to anywhere else.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod config;
mod core;
mod edge;
mod events;
mod gate;
mod lines;
mod pager;
mod peer;
mod proxy;
mod registrar;
mod rtp;
mod sdp;
mod sound;
mod wire;

pub use config::{ExchangeConfig, LineTimes, User};
pub use core::{Core, Input, Output};
pub use edge::Exchange;
pub use lines::{MediaId, MediaOrder, Play};
pub use parley_sip::auth::Algorithm;
pub use peer::{Peer, PeerTransport};
pub use sound::Sound;
