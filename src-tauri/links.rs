//! Links (`tel:`, `sip:`, `sips:`, `callto:`) and second starts: they fill the dial field and raise the window.
//!
//! A link dials by itself only when the person has set that, and never an emergency number. Any page can carry a link; a page must
//! not place calls.
use crate::desktop::Desktop;
use crate::options::Options;
use crate::windows;
use parley_api::Request;
use std::sync::{Mutex, PoisonError};
use tauri::{AppHandle, Manager};
use tauri_plugin_deep_link::DeepLinkExt;

/// Schemes that name someone to call; the same as in `tauri.conf.json`.
const SCHEMES: [&str; 4] = ["tel", "sip", "sips", "callto"];

/// Holds a link until the window listens.
#[derive(Default)]
pub struct Links(Mutex<Door>);

#[derive(Default)]
enum Door {
    /// The window is not there yet; the last link waits.
    #[default]
    Closed,
    Waiting(String),
    Open,
}

impl Links {
    /// The window listens from now on; what waited for it is returned.
    pub fn listening(&self) -> Option<String> {
        match std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), Door::Open) {
            Door::Waiting(text) => Some(text),
            Door::Closed | Door::Open => None,
        }
    }

    /// The text to hand on now, or nothing when it has to wait.
    fn arrive(&self, text: String) -> Option<String> {
        let mut door = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*door, Door::Open) {
            return Some(text);
        }
        *door = Door::Waiting(text);
        None
    }
}

/// Takes the link of this very start, and those that come later.
pub fn listen(app: &AppHandle, text: Option<String>, register: bool) {
    if register && let Err(why) = app.deep_link().register_all() {
        log::warn!("links are not registered: {why}");
    }
    if let Some(text) = text {
        open(app, text);
    }
    // Links reach a running app through a second start, except where the system hands them over itself.
    if cfg!(target_os = "macos") {
        let handle = app.clone();
        app.deep_link().on_open_url(move |event| {
            for url in event.urls() {
                open(&handle, url.to_string());
            }
        });
    }
}

/// Parley was started again while it runs.
pub fn second_start(app: &AppHandle, arguments: &[String]) {
    windows::show_main(app);
    if let Some(text) = Options::read(arguments).text {
        open(app, text);
    }
}

fn open(app: &AppHandle, text: String) {
    windows::show_main(app);
    let desktop = app.state::<Desktop>();
    let at_once = {
        let settings = desktop.settings.borrow();
        settings.dial_links_at_once && is_link(&text) && !is_emergency(&text, &settings.emergency_numbers)
    };
    if at_once {
        let app = app.clone();
        tauri::async_runtime::spawn(async move {
            let dialled = app
                .state::<Desktop>()
                .engine
                .request(
                    Request::Dial {
                        target: text.clone(),
                        account: None,
                        anonymous: None,
                    }
                    .into(),
                )
                .await;
            if dialled.is_err() {
                prefill(&app, text);
            }
        });
    } else {
        prefill(app, text);
    }
}

fn prefill(app: &AppHandle, text: String) {
    let desktop = app.state::<Desktop>();
    if let Some(text) = desktop.links.arrive(text) {
        desktop.engine.prefill(text);
    }
}

fn is_link(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(scheme, _)| SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)))
}

/// A person calls an emergency service, never a page.
fn is_emergency(text: &str, numbers: &[String]) -> bool {
    parley_engine::core::dial::read(text).is_ok_and(|target| numbers.contains(&target.number()))
}

#[cfg(test)]
mod tests {
    use super::{Links, is_emergency, is_link};

    #[test]
    fn no_link_calls_an_emergency_service() {
        let numbers = ["112".to_owned()];
        for link in ["tel:112", "tel:1-1-2", "sip:112@pbx.example", "callto:%3112"] {
            assert!(is_emergency(link, &numbers), "{link}");
        }
        assert!(!is_emergency("tel:1120", &numbers) && !is_emergency("tel:600", &numbers));
    }

    #[test]
    fn only_our_schemes_are_links() {
        assert!(is_link("tel:+441") && is_link("SIP:ann@x") && is_link("sips:a@b") && is_link("callto:600"));
        assert!(!is_link("https://x") && !is_link("600") && !is_link("file:///etc/passwd"));
    }

    #[test]
    fn a_link_waits_for_the_window_and_the_last_one_counts() {
        let links = Links::default();
        assert_eq!(links.arrive("tel:1".into()), None);
        assert_eq!(links.arrive("tel:2".into()), None);
        assert_eq!(links.listening(), Some("tel:2".into()));
        assert_eq!(links.arrive("tel:3".into()), Some("tel:3".into()));
        assert_eq!(links.listening(), None, "a reloaded page does not get an old link");
    }
}
