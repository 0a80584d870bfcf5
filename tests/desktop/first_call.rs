//! The first minute: dial the practice customer, be called back, answer, hear, hang up, find it in the history.
use crate::{CARD, dial, open, pictures};
use parley_tests::desk::{Desk, Parts};
use parley_tests::web::{Web, browser};
use parley_tests::{eventually, sound};
use std::time::Duration;

#[test]
fn the_customer_calls_back_the_page_opens_and_the_call_is_in_the_history() {
    let mut desk = Desk::start(Parts::ALL);
    let web = Web::listen("127.0.0.1");
    let browser = browser(desk.folder.path());
    desk.set("BROWSER", &browser.to_string_lossy());
    let window = open(&mut desk);
    window.picture(&pictures().join("first-run-compact.png"));

    // The rule, entered as a person does.
    window.click(".me");
    window.press("Pop studio");
    window.click(".modes .mode:nth-child(1)");
    window.type_into(
        "#pop-target",
        &format!(
            "http://{}/c?calling=$caller$&name=$caller_name$&called=$called$&ticket=[sip.X-Ticket]",
            web.address
        ),
    );
    window.press("Save");
    window.picture(&pictures().join("pop-studio-compact.png"));
    window.press("Back");

    dial(&window, "601");
    window.wait_text(CARD, "Maria Keller");
    window.wait_text(CARD, "+441632960042");
    window.picture(&pictures().join("incoming-compact.png"));
    desk.picture(&pictures().join("incoming-desk.png"));
    assert_eq!(
        web.first(),
        "/c?calling=%2B441632960042&name=Maria%20Keller&called=02079460100&ticket=20418"
    );

    let (_recording, heard) = desk.record("spk");
    window.press("Answer");
    window.wait_text("body", "Hang up");
    eventually("the customer is heard", Duration::from_secs(20), || {
        (sound::loud_seconds(&heard) >= 1.0).then_some(())
    });
    window.picture(&pictures().join("in-call-compact.png"));
    window.press("Hang up");
    window.wait_gone(CARD);
    eventually("the row", Duration::from_secs(20), || {
        window.text(".list").filter(|text| text.contains("Maria Keller"))
    });
    window.close();

    let window = open(&mut desk);
    window.wait_text(".list", "Maria Keller");
    window.picture(&pictures().join("history-compact.png"));
    window.close();
}

#[test]
fn the_card_does_not_take_the_keyboard() {
    let mut desk = Desk::start(Parts::ALL);
    let window = open(&mut desk);
    dial(&window, "601");
    desk.run("xterm", &["-T", "crm", "-geometry", "60x12+700+500"]);
    let other = eventually("another program's window", Duration::from_secs(20), || {
        Some(desk.output("xdotool", &["search", "--name", "^crm$"]).trim().to_owned()).filter(|id| !id.is_empty())
    });
    desk.output("xdotool", &["windowactivate", "--sync", &other]);
    let card = eventually("the card on the screen", Duration::from_secs(30), || {
        Some(
            desk.output("xdotool", &["search", "--onlyvisible", "--name", "^Incoming call$"])
                .trim()
                .to_owned(),
        )
        .filter(|id| !id.is_empty())
    });
    desk.picture(&pictures().join("card-over-another-program.png"));
    assert_eq!(
        desk.output("xdotool", &["getactivewindow"]).trim(),
        other,
        "the card {card} took the keyboard"
    );
    window.close();
}

#[test]
fn a_second_start_fills_the_dial_field_and_calls_nobody() {
    let mut desk = Desk::start(Parts::ALL);
    let window = open(&mut desk);
    let second = desk
        .command(parley_tests::window::app())
        .arg("tel:+44-20-7946-0102")
        .status()
        .unwrap();
    assert!(second.success());
    eventually("the number in the dial field", Duration::from_secs(20), || {
        Some(window.value(crate::DIAL)).filter(|value| value.replace([' ', '-'], "").contains("+442079460102"))
    });
    assert!(!window.is_there(".callcard"), "a link must not dial by itself");
    window.close();
}
