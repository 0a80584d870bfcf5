//! A wide window, and the colours.
use crate::{CARD, dial, open, pictures};
use parley_tests::desk::{Desk, Parts};
use parley_tests::web::{Web, browser};

#[test]
fn a_wide_window_shows_the_call_and_beside_it_what_the_screen_pop_did() {
    let mut desk = Desk::start(Parts::ALL);
    let web = Web::listen("127.0.0.1");
    desk.choose_browser(&browser(desk.folder.path()));
    let window = open(&mut desk);
    window.resize(1000, 700);
    window.wait_text(".right", "601");
    window.click(".me");
    window.press("Pop studio");
    window.click(".modes .mode:nth-child(2)");
    window.type_into(
        "#pop-target",
        &format!("http://{}/c?ticket=[sip.X-Ticket]", web.address),
    );
    window.wait_text(".studio", "/c?ticket=4711");
    window.press("Save");
    window.press("Back");
    dial(&window, "601");
    window.wait_text(CARD, "Maria Keller");
    assert!(web.asked().is_empty(), "it opens after answering, not before");
    window.press("Answer");
    window.wait_text(".left .callcard.active", "Maria Keller");
    window.wait_text(".right", "Opened");
    assert_eq!(web.first(), "/c?ticket=20418");
    window.picture(&pictures().join("in-call-wide.png"));
    window.press("Hang up");
    window.close();
}

#[test]
fn dark_is_chosen_in_the_settings_and_kept() {
    let mut desk = Desk::start(Parts::ALL);
    let window = open(&mut desk);
    assert!(lightness(&window) > 200.0);
    window.click(".me");
    window.press("Settings");
    window.press("General");
    window.press("Dark");
    window.wait_for("[data-theme=dark]");
    assert!(lightness(&window) < 80.0);
    window.picture(&pictures().join("settings-dark.png"));
    window.close();
    let window = open(&mut desk);
    window.wait_for("[data-theme=dark]");
    window.close();
}

/// Of the page's ground, 0 to 255.
fn lightness(window: &parley_tests::window::Window) -> f64 {
    let code = "const c = getComputedStyle(document.querySelector('.window')).backgroundColor.match(/[0-9.]+/g).map(Number);\
                return (c[0] + c[1] + c[2]) / 3";
    window.script(code).as_f64().unwrap()
}
