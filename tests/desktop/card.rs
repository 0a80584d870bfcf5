//! The card of an incoming call: a window of its own, above all others.
use crate::{CARD, dial, open, pictures};
use parley_tests::desk::{Desk, Parts};

/// The window's title.
const TITLE: &str = "Incoming call";

#[test]
fn the_card_says_who_calls_on_which_line_and_its_button_answers() {
    let mut desk = Desk::start(Parts::ALL);
    let window = open(&mut desk);
    dial(&window, "601");
    window.switch_to_card();
    window.wait_text(CARD, "Maria Keller");
    window.wait_text(CARD, "+441632960042");
    window.wait_text(CARD, "Practice");
    let button = window.middle_of(".btn.call");
    let card = desk.wait_seen(TITLE);
    let answer = (card.x + button.0, card.y + button.1);
    desk.wait_colour(answer, "the green button", |[red, green, blue]| {
        green > red + 40 && green > blue + 20
    });
    desk.picture(&pictures().join("card.png"));
    desk.click_in(&card, button);
    window.switch_to_main();
    window.wait_text(".callcard.active", "Maria Keller");
    window.wait_text("body", "Hang up");
    desk.wait_unseen(TITLE);
    window.press("Hang up");
    window.close();
}

#[test]
fn the_card_does_not_take_the_keyboard() {
    let mut desk = Desk::start(Parts::ALL);
    let window = open(&mut desk);
    dial(&window, "601");
    desk.run("xterm", &["-T", "crm", "-geometry", "60x12+700+500"]);
    let other = desk.wait_seen("crm");
    desk.activate(&other);
    desk.wait_seen(TITLE);
    assert_eq!(desk.active(), other.id, "the card took the keyboard");
    window.close();
}

#[test]
fn the_card_keeps_clear_of_the_notification_and_goes_with_the_call() {
    let mut desk = Desk::start(Parts::ALL);
    let window = open(&mut desk);
    dial(&window, "601");
    window.wait_text(CARD, "Maria Keller");
    let card = desk.wait_seen(TITLE);
    assert!(card.y > 450, "notifications are above here, the card is not: {card:?}");
    assert_eq!((card.x + card.width, card.y + card.height), (1400 - 16, 900 - 16));
    window.press("Decline");
    desk.wait_unseen(TITLE);
    window.close();
}
