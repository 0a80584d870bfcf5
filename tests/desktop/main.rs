//! The real window in a private desktop (`cargo xtask desktop`): what an agent sees and presses.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod accounts;
mod card;
mod colleagues;
mod figures;
mod first_call;
mod gallery;
mod leaving;
mod links;
mod looks;
mod notification;
mod presence;
mod second_call;
mod without;

use parley_tests::desk::Desk;
use parley_tests::window::Window;
use std::path::PathBuf;

/// The dial field.
pub const DIAL: &str = ".search input";
/// The card of an incoming call in the main window.
pub const CARD: &str = ".toast";

/// Opens Parley and waits until callers reach its practice line.
pub fn open(desk: &mut Desk) -> Window {
    let window = Window::open(desk, &[]);
    reachable(&window);
    window
}

/// Waits until callers reach the line.
pub fn reachable(window: &Window) {
    window.switch_to_main();
    window.wait_text(".proof", "Reachable");
}

pub fn dial(window: &Window, number: &str) {
    window.clear(DIAL);
    window.type_into(DIAL, number);
    window.click(".btn.call.dial");
}

/// Where pictures of a run are kept.
pub fn pictures() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../ui/test-results/desktop");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
