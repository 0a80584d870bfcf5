//! A line of one's own, and where its password goes.
use crate::{open, pictures};
use parley_tests::desk::{Desk, Parts};
use parley_tests::window::Window;

const SECRET: &str = "correct horse battery";

fn add_line(window: &Window) {
    window.click(".me");
    window.press("Accounts");
    window.press("Add account");
    window.type_into("[name=name]", "Sales");
    window.type_into("[name=user]", "1001");
    window.type_into("[name=domain]", "127.0.0.1:9");
    window.type_into("[name=password]", SECRET);
    window.click("button[type=submit]");
}

/// No file below the folder holds the password.
fn is_nowhere_below(folder: &std::path::Path) -> bool {
    std::fs::read_dir(folder).unwrap().flatten().all(|entry| {
        let path = entry.path();
        if path.is_dir() {
            // The keyring's own store is where it belongs, encrypted.
            return path.ends_with("keyrings") || is_nowhere_below(&path);
        }
        let bytes = std::fs::read(&path).unwrap_or_default();
        !bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes())
    })
}

#[test]
fn a_password_goes_to_the_keyring_and_nowhere_else() {
    let mut desk = Desk::start(Parts::ALL);
    let window = open(&mut desk);
    add_line(&window);
    window.wait_text("body", "Kept in the keyring.");
    window.picture(&pictures().join("account-compact.png"));
    window.close();
    assert!(is_nowhere_below(&desk.folder.path().join("home")));
    let window = Window::open(&mut desk, &[]);
    window.switch_to_main();
    window.click(".me");
    window.press("Accounts");
    assert!(
        !window.text("body").unwrap().contains("Practice"),
        "the practice line is for those without a line"
    );
    window.press("Sales");
    window.wait_text("body", "Kept in the keyring.");
    window.close();
}

#[test]
fn without_a_keyring_the_password_is_kept_for_this_run_and_that_is_said() {
    let mut desk = Desk::start(Parts {
        keyring: false,
        ..Parts::ALL
    });
    let window = open(&mut desk);
    add_line(&window);
    window.wait_text("body", "Not in the keyring: kept until Parley is closed.");
    window.press("Back");
    window.press("Back");
    window.wait_text(".notice", "Your system has no keyring that answers.");
    window.close();
    assert!(is_nowhere_below(&desk.folder.path().join("home")));
}
