//! What the tests of the whole product share: the headless phone as a child, real SIP programs, a web listener, measuring sound.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

pub mod baresip;
pub mod child;
#[cfg(target_os = "linux")]
pub mod desk;
pub mod kamailio;
pub mod phone;
#[cfg(target_os = "linux")]
pub mod screen;
pub mod sipp;
pub mod sound;
pub mod web;
#[cfg(target_os = "linux")]
pub mod window;

use std::time::{Duration, Instant};

/// The address of the private network; `cargo xtask interop` sets it up.
pub fn lab() -> String {
    std::env::var("PARLEY_LAB").expect("run these through `cargo xtask interop`: they need a private network")
}

/// Asks again and again until there is an answer; says what was waited for when there is none in time.
pub fn eventually<T>(what: &str, within: Duration, ask: impl FnMut() -> Option<T>) -> T {
    eventually_or(within, ask, || what.to_owned())
}

/// The same; what was waited for, and how it stands instead, is asked at the end.
pub fn eventually_or<T>(within: Duration, mut ask: impl FnMut() -> Option<T>, what: impl FnOnce() -> String) -> T {
    let end = Instant::now() + within;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        if Instant::now() >= end {
            panic!("not within {within:?}: {}", what());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
