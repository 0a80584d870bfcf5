//! What the tests of the whole product share: the headless phone as a child, real SIP programs, a web listener, measuring sound.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[cfg(target_os = "linux")]
pub mod baresip;
#[cfg(target_os = "linux")]
pub mod certificates;
pub mod child;
#[cfg(target_os = "linux")]
pub mod desk;
pub mod g711;
#[cfg(target_os = "linux")]
pub mod kamailio;
#[cfg(target_os = "linux")]
pub mod linphone;
#[cfg(target_os = "linux")]
pub mod net;
pub mod phone;
#[cfg(target_os = "linux")]
pub mod screen;
#[cfg(target_os = "linux")]
pub mod script;
#[cfg(target_os = "linux")]
pub mod sipp;
pub mod sound;
pub mod web;
#[cfg(target_os = "linux")]
pub mod window;

use std::time::{Duration, Instant};

/// The private network: 10.77.0.1 to 10.77.0.9 and fd00:77::1 to fd00:77::9, cut off from everything. Each test that asks gets one of its own, so that tests run
/// side by side and every program has the port it wants; asking again in the same test changes nothing. `cargo xtask interop` sets up
/// the one around them all, which a program without tests uses as it is.
#[cfg(target_os = "linux")]
pub fn lab() {
    std::env::var("PARLEY_LAB").expect("run these through `cargo xtask interop`: they need a private network");
    let network = |who: &str| std::fs::read_link(format!("/proc/{who}/ns/net")).unwrap();
    if std::thread::current().name() == Some("main") || network("self") != network("thread-self") {
        return;
    }
    nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET).expect("a private network for this test");
    let addresses =
        (1..=9).map(|n| format!("addr add 10.77.0.{n}/24 dev lab0\naddr add fd00:77::{n}/64 dev lab0 nodad\n"));
    let addresses: String = addresses.collect();
    net::ip(&format!(
        "link set lo up\nlink add lab0 type veth peer name lab1\n{addresses}link set lab0 up\nlink set lab1 up\n\
         route add default dev lab0 src 10.77.0.1"
    ));
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
