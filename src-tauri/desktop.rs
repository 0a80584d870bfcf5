//! What the parts of the shell share: the engine, the settings as they stand, and the way out.
use crate::links::Links;
use crate::notices::Notices;
use crate::phone::Phone;
use crate::{platform, windows};
use parley_api::{Event, Settings, Snapshot};
use parley_engine::Engine;
use parley_exchange::Exchange;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tauri::async_runtime::JoinHandle;
use tauri::{AppHandle, Manager};
use tokio::sync::{broadcast, watch};

/// Un-registering waits for servers; nobody waits longer than this for a window to go.
const LONGEST_GOODBYE: Duration = Duration::from_secs(3);

/// Managed by Tauri, one in the process.
pub struct Desktop {
    /// The engine.
    pub engine: Engine,
    /// The settings; only `follow` writes them.
    pub settings: watch::Sender<Settings>,
    /// Standing notices of the desktop itself.
    pub notices: Notices,
    /// Events of the desktop itself.
    pub events: broadcast::Sender<Event>,
    /// Links that came before the window listened.
    pub links: Links,
    /// The task that feeds each window; a reloaded page replaces its own.
    pub fronts: Mutex<HashMap<String, JoinHandle<()>>>,
    leaving: AtomicBool,
    _exchange: Option<Exchange>,
}

/// Puts the phone where every part of the shell finds it.
pub fn manage(app: &AppHandle, phone: Phone) -> Snapshot {
    let Phone {
        engine,
        exchange,
        snapshot,
    } = phone;
    app.manage(Desktop {
        engine,
        settings: watch::Sender::new(snapshot.settings.clone()),
        notices: Notices::default(),
        events: broadcast::Sender::new(8),
        links: Links::default(),
        fronts: Mutex::default(),
        leaving: AtomicBool::new(false),
        _exchange: exchange,
    });
    snapshot
}

/// Hides everything at once, ends calls, un-registers, and ends the process. Asking again changes nothing.
pub fn quit(app: &AppHandle) {
    if app.state::<Desktop>().leaving.swap(true, Ordering::AcqRel) {
        return;
    }
    windows::hide_all(app);
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let engine = app.state::<Desktop>().engine.clone();
        if tokio::time::timeout(LONGEST_GOODBYE, engine.shutdown()).await.is_err() {
            log::warn!("the engine did not stop in time");
        }
        app.exit(0);
    });
}

/// The end of a session is a quit like any other.
pub fn quit_when_asked(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        platform::asked_to_end().await;
        quit(&app);
    });
}
