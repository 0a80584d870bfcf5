//! Pictures for the docs, of the real window: `cargo xtask desktop gallery --ignored`, after
//! `cargo build -p parley-exchange --example practice`. They land in `ui/test-results/desktop/gallery`; look at them, then choose.
use crate::{CARD, dial, open, pictures};
use parley_tests::desk::{Desk, Parts};
use parley_tests::window::{Window, app};
use std::net::UdpSocket;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

const POP: &str =
    "https://crm.northgate.example/c?calling=$caller$&name=$caller_name$&called=$called$&ticket=[sip.X-Ticket]";

/// Some days of an office: account, line, direction, outcome, name, number, minutes ago, rang, talked.
const HISTORY: &str = "WITH calls(account, line, direction, outcome, name, number, ago, rang, talked, reason) AS (VALUES
    (2, 'Support', 'incoming', 'missed', '', '01632960118', 37, 22, NULL, 'The caller gave up'),
    (1, 'Sales', 'incoming', 'answered', 'Ben Adeyemi', '01632960511', 51, 6, 400, 'They hung up'),
    (1, 'Sales', 'outgoing', 'answered', 'Tom Okafor', '214', 82, 4, 182, 'You hung up'),
    (1, 'Sales', 'incoming', 'missed', 'Hannah Lindqvist', '+4684105500', 1500, 31, NULL, 'The caller gave up'),
    (2, 'Support', 'incoming', 'answered', 'Luca Ferri', '221', 1580, 5, 58, 'They hung up'),
    (1, 'Sales', 'outgoing', 'answered', 'Priya Raman', '01632960871', 1605, 9, 495, 'You hung up'),
    (2, 'Support', 'outgoing', 'failed', 'Omar Haddad', '207', 2890, 0, NULL, 'Busy'),
    (2, 'Support', 'incoming', 'answered_elsewhere', 'Sara Nunes', '203', 3000, 8, NULL, 'Answered on another phone'))
    INSERT INTO history (account, line, direction, outcome, name, number, address, reached, called, started_at, answered_at,
        ended_at, last_known_at, reason, unseen)
    SELECT account, line, direction, outcome, name, number, 'sip:' || number || '@northgate.example', '100', '02079460100', began,
        CASE WHEN talked IS NULL THEN NULL ELSE began + rang * 1000 END, began + (rang + coalesce(talked, 0)) * 1000, began, reason,
        outcome = 'missed'
    FROM (SELECT *, (unixepoch() - ago * 60) * 1000 AS began FROM calls) ORDER BY began;";

/// Practice lines for two lines of one's own; it ends with its input.
struct Exchange(Child, u16);

impl Exchange {
    fn start() -> Exchange {
        let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let program = app().parent().unwrap().join("examples/practice");
        let mut command = Command::new(program);
        command
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null());
        Exchange(command.spawn().unwrap(), port)
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn add_line(window: &Window, name: &str, user: &str, port: u16) {
    window.press("Add account");
    window.type_into("[name=name]", name);
    window.type_into("[name=user]", user);
    window.type_into("[name=domain]", &format!("127.0.0.1:{port}"));
    window.type_into("[name=password]", &format!("practice-{user}"));
    window.click("button[type=submit]");
    window.wait_text("body", "Kept in the keyring.");
    window.press("Back");
}

fn theme(window: &Window, name: &str) {
    window.click(".me");
    window.press("Settings");
    window.press("General");
    window.press(name);
    window.wait_for(&format!("[data-theme={}]", name.to_lowercase()));
}

/// A time zone in which it is between ten and noon now.
fn office_hours() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    match 11 - (seconds / 3600 % 24) as i64 {
        east @ 0.. => format!("Etc/GMT-{east}"),
        west => format!("Etc/GMT+{}", -west),
    }
}

fn gallery(name: &str) -> PathBuf {
    pictures().join("gallery").join(name)
}

#[test]
#[ignore = "makes pictures for people to look at"]
fn the_pictures_of_the_docs() {
    let mut desk = Desk::start(Parts::ALL);
    desk.set("TZ", &office_hours());
    let stub = desk.folder.path().join("stub");
    std::fs::copy("/bin/true", &stub).unwrap();
    desk.choose_browser(&stub);
    let exchange = Exchange::start();
    let window = open(&mut desk);
    window.picture(&gallery("first-run.png"));
    window.click(".me");
    window.press("Accounts");
    add_line(&window, "Sales", "100", exchange.1);
    add_line(&window, "Support", "200", exchange.1);
    window.close();
    let data = desk
        .folder
        .path()
        .join("home/.local/share/org.parley.desktop/parley.db");
    desk.output("sqlite3", &[&data.to_string_lossy(), HISTORY]);

    let window = open(&mut desk);
    window.wait_text(".list", "Priya Raman");
    for look in ["Light", "Dark"] {
        window.resize(360, 640);
        theme(&window, look);
        let look = look.to_lowercase();
        window.picture(&gallery(&format!("settings-compact-{look}.png")));
        window.press("Back");
        window.wait_text(".list", "Priya Raman");
        window.picture(&gallery(&format!("main-compact-{look}.png")));
        window.press("Keypad");
        window.picture(&gallery(&format!("keypad-{look}.png")));
        window.click(".tab:first-child");

        window.resize(1000, 680);
        window.click(".me");
        window.wait_text(".menu.account", "Do not disturb");
        window.picture(&gallery(&format!("account-panel-{look}.png")));
        window.press("Accounts");
        window.wait_text(".right", "Support");
        window.picture(&gallery(&format!("accounts-{look}.png")));
        window.click(".right [aria-label=Close]");
        window.click(".me");
        window.press("Pop studio");
        window.click(".modes .mode:nth-child(1)");
        window.wait_for("#pop-target");
        if window.value("#pop-target").is_empty() {
            window.type_into("#pop-target", POP);
            window.press("Save");
        }
        window.wait_text(".studio", "&ticket=4711");
        window.wait_for(".studiohead .btn.primary[disabled]");
        window.picture(&gallery(&format!("pop-studio-{look}.png")));
        window.press("Back");

        dial(&window, "601");
        window.wait_text(".callcard", "hung up");
        window.press("To the calls");
        window.wait_text(CARD, "Maria Keller");
        window.picture(&gallery(&format!("incoming-{look}.png")));
        window.switch_to_card();
        window.wait_text(CARD, "Maria Keller");
        window.picture(&gallery(&format!("card-{look}.png")));
        window.switch_to_main();
        window.press("Answer");
        window.wait_text(".callcard.active", "0:08");
        window.picture(&gallery(&format!("in-call-wide-{look}.png")));
        window.resize(360, 640);
        window.wait_gone(".right");
        window.picture(&gallery(&format!("in-call-compact-{look}.png")));
        window.press("Hang up");
        window.press("To the calls");
        window.resize(1000, 680);
        window.wait_for(".right");
        window.click(".list .row");
        window.wait_text(".right", "you answered");
        window.click(".right"); // the pointer leaves the row
        window.picture(&gallery(&format!("main-wide-{look}.png")));
        window.resize(360, 640);
        window.click(".subhead [aria-label=Back]");
    }
    window.close();
}
