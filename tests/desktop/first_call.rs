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
    desk.choose_browser(&browser(desk.folder.path()));
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
