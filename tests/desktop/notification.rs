//! The buttons of the notification, pressed in the notification daemon.
use crate::{CARD, dial, open, pictures};
use parley_tests::desk::{Desk, Parts};
use parley_tests::window::Window;

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

/// Writes to the colleague of the practice exchange, who writes back at once, from a conversation that is then left.
fn write_to_610(window: &Window, text: &str) {
    window.press("Contacts");
    window.press("Add a favourite");
    window.wait_for("[name=target]");
    window.type_into("[name=target]", "610");
    window.press("Save");
    window.click(".tile .dots");
    window.press("Write");
    window.type_into(".composer textarea", text);
    window.press("Send");
}

#[test]
fn a_message_is_told_as_it_is_written_and_a_click_opens_the_conversation() {
    let mut desk = Desk::start(Parts::ALL);
    let window = open(&mut desk);
    desk.run("xterm", &["-T", "crm", "-geometry", "60x12+700+500"]);
    let other = desk.wait_seen("crm");
    desk.activate(&other);
    write_to_610(&window, "<b>lunch</b> & <sip:a@b>?");
    desk.wait_notification();
    desk.picture(&pictures().join("message-notification.png"));
    window.press("Back");
    window.wait_gone(".composer");
    desk.press_notification("Show");
    window.wait_text(".talk", "Got it: <b>lunch</b> & <sip:a@b>?");
    let told = desk.notifications_gone();
    assert!(told.contains("Got it: <b>lunch</b> & <sip:a@b>?"), "{told}");
    assert_ne!(desk.active(), other.id, "the window did not come up");
    window.picture(&pictures().join("message-opened.png"));
    window.close();
}

#[test]
fn a_message_disturbs_nobody_who_does_not_want_to_be() {
    let mut desk = Desk::start(Parts::ALL);
    let window = open(&mut desk);
    window.click(".me");
    window.press("Do not disturb");
    desk.run("xterm", &["-T", "crm", "-geometry", "60x12+700+500"]);
    let other = desk.wait_seen("crm");
    desk.activate(&other);
    write_to_610(&window, "lunch?");
    window.wait_text(".talk", "Got it: lunch?");
    for place in ["displayed", "waiting", "history"] {
        assert_eq!(desk.output("dunstctl", &["count", place]).trim(), "0", "{place}");
    }
    window.close();
}
