//! What is missing is said, and nothing is lost by it.
use crate::{CARD, dial, open, pictures};
use parley_tests::desk::{Desk, Parts};
use std::process::Command;

#[test]
fn without_a_sound_card_it_says_so_and_calls_go_on() {
    let mut desk = Desk::start(Parts {
        sound: false,
        ..Parts::ALL
    });
    let window = open(&mut desk);
    window.wait_text(
        ".notice",
        "There is no sound device. Calls go on without sound; plug one in and it is used at once.",
    );
    window.picture(&pictures().join("no-sound-compact.png"));
    dial(&window, "601");
    window.wait_text(CARD, "Maria Keller");
    window.press("Answer");
    window.wait_text("body", "Hang up");
    window.wait_text("body", "There is no sound device. Plug one in; it is used at once.");
    window.press("Hang up");
    window.close();
}

#[test]
fn without_a_notification_daemon_the_card_still_comes() {
    let mut desk = Desk::start(Parts {
        notifications: false,
        ..Parts::ALL
    });
    let window = open(&mut desk);
    dial(&window, "601");
    window.wait_text(CARD, "Maria Keller");
    window.press("Decline");
    window.wait_text(".list", "Declined");
    window.close();
}

#[test]
fn without_a_screen_it_names_the_headless_phone() {
    let output = Command::new(parley_tests::window::app())
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("parley-headless"));
}
