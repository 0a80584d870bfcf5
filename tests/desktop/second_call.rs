//! A call comes in while talking.
use crate::{CARD, dial, open, pictures};
use parley_tests::desk::{Desk, Parts};

#[test]
fn a_second_call_is_answered_and_the_first_one_held() {
    let mut desk = Desk::start(Parts::ALL);
    let window = open(&mut desk);
    dial(&window, "600");
    window.wait_text("body", "Hang up");
    window.press("New call");
    dial(&window, "601");
    window.wait_text(CARD, "Hold & answer");
    window.picture(&pictures().join("second-call-compact.png"));
    window.press("Hold & answer");
    window.wait_text(".callcard.active", "Maria Keller");
    window.wait_text(".callcard.held", "600");
    window.picture(&pictures().join("two-calls-compact.png"));
    window.press("Hang up");
    window.wait_text(".callcard", "600");
    window.close();
}
