//! Links: they come through a second start, fill the dial field and call nobody.
use crate::{DIAL, open, reachable};
use parley_tests::desk::{Desk, Parts};
use parley_tests::eventually;
use parley_tests::window::{Window, app};
use std::time::Duration;

fn wait_prefilled(window: &Window, number: &str) {
    eventually("the number in the dial field", Duration::from_secs(20), || {
        Some(window.value(DIAL)).filter(|value| value.replace([' ', '-'], "").contains(number))
    });
    assert!(!window.is_there(".callcard"), "a link must not dial by itself");
}

#[test]
fn a_second_start_fills_the_dial_field_and_calls_nobody() {
    let mut desk = Desk::start(Parts::ALL);
    let window = open(&mut desk);
    let second = desk.command(app()).arg("tel:+44-20-7946-0102").status().unwrap();
    assert!(second.success());
    wait_prefilled(&window, "+442079460102");
    window.close();
}

#[test]
fn a_link_opened_by_the_desktop_arrives_in_the_app_that_runs() {
    let mut desk = Desk::start(Parts::ALL);
    let window = Window::open(&mut desk, &["--register-links"]);
    reachable(&window);
    for (link, number) in [
        ("tel:+442079460103", "+442079460103"),
        ("sip:maria@crm.example", "maria@crm.example"),
    ] {
        eventually("a program for links", Duration::from_secs(20), || {
            let opened = desk.command("gio").args(["open", link]).output().unwrap();
            opened.status.success().then_some(())
        });
        wait_prefilled(&window, number);
    }
    window.close();
}
