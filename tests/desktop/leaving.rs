//! Closing the window, hiding it, quitting.
use crate::{open, pictures};
use parley_tests::desk::{Desk, Parts};
use parley_tests::eventually;
use parley_tests::window::Window;
use std::time::Duration;

#[test]
fn where_there_is_no_tray_closing_asks_and_hiding_stays_reachable() {
    let mut desk = Desk::start(Parts::ALL);
    let window = open(&mut desk);
    desk.close_window(&desk.wait_seen("Parley"));
    window.wait_text("[role=dialog]", "There is no tray here.");
    window.picture(&pictures().join("closing-compact.png"));
    click(&desk, &window, "[role=dialog] .btn.primary");
    desk.wait_unseen("Parley");
    assert!(desk.runs());

    // A second start brings it back.
    let second = desk.command(parley_tests::window::app()).status().unwrap();
    assert!(second.success());
    desk.wait_seen("Parley");
    window.close();
}

#[test]
fn quitting_from_the_question_ends_it() {
    let mut desk = Desk::start(Parts::ALL);
    let window = open(&mut desk);
    desk.close_window(&desk.wait_seen("Parley"));
    window.wait_text("[role=dialog]", "callers no longer reach you");
    click(&desk, &window, "[role=dialog] .btn:not(.primary)");
    desk.wait_unseen("Parley");
    eventually("the end of the process", Duration::from_secs(10), || {
        (!desk.runs()).then_some(())
    });
    window.close();
}

/// With the real pointer: the driver would wait for the page, which goes.
fn click(desk: &Desk, window: &Window, css: &str) {
    desk.click_in(&desk.wait_seen("Parley"), window.middle_of(css));
}
