//! Do not disturb.
use crate::{CARD, dial, open};
use parley_tests::desk::{Desk, Parts};

#[test]
fn do_not_disturb_leaves_a_quiet_missed_call_and_one_can_still_call() {
    let mut desk = Desk::start(Parts::ALL);
    let window = open(&mut desk);
    window.click(".me");
    window.press("Do not disturb");
    dial(&window, "601");
    window.wait_text(".callcard", "hung up");
    window.press("To the calls");
    window.watch(CARD);
    window.wait_text(".list", "Maria Keller");
    window.wait_text(".list", "Missed");
    assert!(!window.was_seen(CARD), "the card came up");
    assert_eq!(desk.seen("Incoming call"), None);
    assert_eq!(desk.output("dunstctl", &["count", "history"]).trim(), "0");
    window.close();
}
