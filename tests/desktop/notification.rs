//! The buttons of the notification, pressed in the notification daemon.
use crate::{CARD, dial, open};
use parley_tests::desk::{Desk, Parts};

#[test]
fn answer_in_the_notification_answers() {
    let mut desk = Desk::start(Parts::ALL);
    let window = open(&mut desk);
    dial(&window, "601");
    window.wait_text(CARD, "Maria Keller");
    desk.press_notification("Answer");
    window.wait_text("body", "Hang up");
    window.press("Hang up");
    window.close();
}

#[test]
fn decline_in_the_notification_declines() {
    let mut desk = Desk::start(Parts::ALL);
    let window = open(&mut desk);
    dial(&window, "601");
    window.wait_text(CARD, "Maria Keller");
    desk.press_notification("Decline");
    window.wait_gone(CARD);
    window.wait_text(".list", "Declined");
    window.close();
}
