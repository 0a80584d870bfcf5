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
//! | 605 | an announcement before the answer (183, reliable where the caller knows how) |
//! | 606 | nobody: 302 to 600 |
//! | 607 | somebody who transfers the caller to 602 after three seconds |
//! | 608 | an intercom: greets, hangs up, and calls back asking to be answered at once |
//! | 609 | somebody who holds the caller for five seconds, again and again |
//! | 610 | Robin Lee, a colleague who can be watched |
//! | 611 | somebody who lets 610 ring for twenty seconds |
//! | 612 | the caller's own mailbox, to leave a message |
//! | 613 | the same, to hear the messages |
//! | 614 | an echo that refreshes the session every three seconds, by turns with re-INVITE and UPDATE |
//! | 700-709 | park orbits: a call transferred there waits; who dials the number fetches it |
//! | `*8` and a number | whoever rings that user or line |
//! | any other | nobody by that number |
//!
//! A line can be transferred: to a user, who is then really called, or to another line, which is only reported. It takes
//! INVITE and REFER with Replaces. A text to a line's number is answered with one: 600 sends the same back, the others say
//! what they are there for. Users, 610 and the orbits have presence and calls to subscribe to, users a mailbox.
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
