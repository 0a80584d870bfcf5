//! Calls with programs we did not write, in a private network (`cargo xtask interop`).
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod baresip;
mod calls_in;
mod calls_lost;
mod calls_out;
mod certificates;
mod codecs;
mod encryption;
mod events;
mod failover;
mod line;
mod outages;
mod phones;
mod registration;
mod signalling_in;
mod signalling_out;
mod transfers;
