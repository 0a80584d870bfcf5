//! Calls between more than two: ask first, hand over, all three, parked, sent on, passed on.
use crate::{dial, open, pictures};
use parley_tests::desk::{Desk, Parts};
use parley_tests::window::Window;

/// Talks to the echo line and asks `target` about it.
fn ask_about_the_echo(desk: &mut Desk, target: &str) -> Window {
    let window = open(desk);
    dial(&window, "600");
    window.wait_text("body", "Hang up");
    window.press("Transfer");
    window.type_into("[role=combobox]", target);
    window.press("Ask first");
    window.wait_text(".subhead", "Asking");
    window.wait_text(".callcard.held", "On hold");
    window
}

#[test]
fn a_colleague_is_asked_first_and_takes_the_call() {
    let mut desk = Desk::start(Parts::ALL);
    let window = ask_about_the_echo(&mut desk, "602");
    window.wait_text(".callcard.active", "0:0");
    window.picture(&pictures().join("asking-compact.png"));
    window.press("Hand 600 over to 602");
    window.wait_text(".callcard", "Transferred to");
    window.close();
}

#[test]
fn the_question_ends_and_the_caller_is_back() {
    let mut desk = Desk::start(Parts::ALL);
    let window = ask_about_the_echo(&mut desk, "602");
    window.press("Back to 600");
    window.wait_text(".callcard.active", "600");
    window.wait_gone(".callcard.held");
    window.press("Hang up");
    window.close();
}

#[test]
fn three_talk_and_two_go_on() {
    let mut desk = Desk::start(Parts::ALL);
    let window = ask_about_the_echo(&mut desk, "602");
    window.wait_text(".callcard.active", "0:0");
    window.press("All three");
    window.wait_text(".subhead", "Conference of 3");
    window.picture(&pictures().join("conference-compact.png"));
    window.press("Talk to one");
    window.wait_text(".callcard.held", "On hold");
    window.close();
}

#[test]
fn a_transfer_to_somebody_busy_gives_the_caller_back() {
    let mut desk = Desk::start(Parts::ALL);
    let window = open(&mut desk);
    dial(&window, "600");
    window.wait_text("body", "Hang up");
    window.press("Transfer");
    window.type_into("[role=combobox]", "603");
    window.press("Transfer now");
    window.wait_text(".alarm", "Busy");
    window.wait_text(".callcard.active", "600");
    window.press("Hang up");
    window.close();
}

#[test]
fn a_call_that_is_sent_on_is_followed_by_a_click_only() {
    let mut desk = Desk::start(Parts::ALL);
    let window = open(&mut desk);
    dial(&window, "606");
    window.wait_text(".alarm", "Nothing was dialled");
    window.picture(&pictures().join("redirected-compact.png"));
    window.press("Call 600");
    window.wait_text("body", "Hang up");
    window.wait_text(".callcard.active", "600");
    window.close();
}

#[test]
fn to_be_passed_on_is_asked() {
    let mut desk = Desk::start(Parts::ALL);
    let window = open(&mut desk);
    dial(&window, "607");
    window.wait_text(".alarm", "602");
    window.click(".alarm .btn.primary");
    window.wait_text(".callcard.active", "602");
    window.close();
}
