//! What the pages may ask of the shell. The words are those of `parley_api`; each window's rights are in tauri.conf.json.
use crate::desktop::{self, Desktop};
use crate::windows::{self, CARD, MAIN};
use parley_api::{ApiError, Event, Reply, Request};
use std::sync::PoisonError;
use tauri::ipc::Channel;
use tauri::{AppHandle, State, WebviewWindow};
use tokio::sync::broadcast::error::RecvError;

/// Asks the engine.
#[tauri::command]
pub async fn request(desktop: State<'_, Desktop>, request: Request) -> Result<Reply, ApiError> {
    if let Request::DismissNotice { key } = &request
        && desktop.notices.dismiss(key)
    {
        return Ok(Reply::Done);
    }
    desktop
        .engine
        .request(request.into())
        .await
        .map(Into::into)
        .map_err(Into::into)
}

/// Sends every event to the page from now on. A page asks first for this, then for a snapshot.
#[tauri::command]
pub async fn subscribe(window: WebviewWindow, desktop: State<'_, Desktop>, channel: Channel<Event>) -> Result<(), ()> {
    let label = window.label().to_owned();
    let front = Front {
        meters: label != CARD,
        own_events: label == MAIN,
    };
    let feeding = tauri::async_runtime::spawn(feed(channel, front, Sources::of(&desktop)));
    let before = desktop
        .fronts
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(label.clone(), feeding);
    if let Some(before) = before {
        before.abort();
    }
    if label == MAIN
        && let Some(text) = desktop.links.listening()
    {
        desktop.engine.prefill(text);
    }
    Ok(())
}

/// Brings the main window up.
#[tauri::command]
pub fn show_window(app: AppHandle) {
    windows::show_main(&app);
}

/// Hides the main window; Parley goes on.
#[tauri::command]
pub fn hide_window(app: AppHandle) {
    windows::hide_main(&app);
}

/// Ends Parley.
#[tauri::command]
pub fn quit(app: AppHandle) {
    desktop::quit(&app);
}

/// How tall the card of an incoming call wants to be, in CSS pixels.
#[tauri::command]
pub fn card_height(app: AppHandle, height: f64) {
    windows::card_height(&app, height);
}

/// What a window is told.
struct Front {
    /// Sound levels, many times a second.
    meters: bool,
    /// Events of the desktop itself.
    own_events: bool,
}

/// Where events come from. Subscribed to before `subscribe` returns, so that no update is missed.
struct Sources {
    engine: tokio::sync::broadcast::Receiver<parley_engine::Event>,
    own: tokio::sync::broadcast::Receiver<Event>,
    notices: tokio::sync::watch::Receiver<Vec<parley_api::Notice>>,
}

impl Sources {
    fn of(desktop: &Desktop) -> Self {
        let mut notices = desktop.notices.subscribe();
        notices.mark_changed();
        Self {
            engine: desktop.engine.subscribe(),
            own: desktop.events.subscribe(),
            notices,
        }
    }
}

/// Ends with the page's channel or the engine.
async fn feed(channel: Channel<Event>, front: Front, mut sources: Sources) {
    loop {
        let event = tokio::select! {
            event = sources.engine.recv() => match event {
                Ok(event) => Event::from(event),
                // The page sees the gap in `seq` and takes a new snapshot.
                Err(RecvError::Lagged(missed)) => {
                    log::warn!("a window fell {missed} events behind");
                    continue;
                }
                Err(RecvError::Closed) => return,
            },
            Ok(event) = sources.own.recv(), if front.own_events => event,
            Ok(()) = sources.notices.changed(), if front.own_events => {
                Event::DesktopNotices { notices: sources.notices.borrow_and_update().clone() }
            }
        };
        if matches!(event, Event::Levels { .. }) && !front.meters {
            continue;
        }
        if channel.send(event).is_err() {
            return;
        }
    }
}
