//! The two windows: the main one, and the card of an incoming call, which never takes the keyboard.
use crate::desktop::{self, Desktop};
use crate::platform::{self, Corner};
use parley_api::{Event, OnClose};
use std::sync::atomic::{AtomicBool, Ordering};
use tauri::plugin::TauriPlugin;
use tauri::{
    AppHandle, LogicalSize, Manager, Monitor, PhysicalPosition, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
    Window, WindowEvent, Wry,
};
use tauri_plugin_window_state::StateFlags;

/// Label of the main window.
pub const MAIN: &str = "main";
/// Label of the card.
pub const CARD: &str = "card";

/// Of the card, in CSS pixels.
const CARD_WIDTH: f64 = 360.0;
const CARD_HEIGHT: f64 = 190.0;
/// Whatever a page says, a card stays a card.
const CARD_HEIGHTS: std::ops::RangeInclusive<f64> = 120.0..=480.0;
/// Between the card and the edges of the screen.
const MARGIN: f64 = 16.0;

/// Whether the card is meant to be on the screen.
static CARD_UP: AtomicBool = AtomicBool::new(false);

/// Windows come back where they were; the card has no place of its own.
pub fn remembered_places() -> TauriPlugin<Wry> {
    tauri_plugin_window_state::Builder::new()
        .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED)
        .with_denylist(&[CARD])
        .build()
}

/// Opens the main window.
///
/// # Errors
/// When the system gives no window.
pub fn create_main(app: &AppHandle) -> tauri::Result<()> {
    WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App("index.html".into()))
        .title("Parley")
        .inner_size(360.0, 640.0)
        .min_inner_size(360.0, 640.0)
        .build()?;
    Ok(())
}

/// Makes the card, hidden, so that it is there at once when a call comes in.
///
/// # Errors
/// When the system gives no window.
pub fn create_card(app: &AppHandle) -> tauri::Result<()> {
    WebviewWindowBuilder::new(app, CARD, WebviewUrl::App("index.html#card".into()))
        .title("Incoming call")
        .inner_size(CARD_WIDTH, CARD_HEIGHT)
        .min_inner_size(CARD_WIDTH, *CARD_HEIGHTS.start())
        .decorations(false)
        .always_on_top(true)
        .visible_on_all_workspaces(true)
        .skip_taskbar(true)
        .focusable(false)
        .focused(false)
        .maximizable(false)
        .visible(false)
        .build()?;
    Ok(())
}

/// Brings the main window up and gives it the keyboard.
pub fn show_main(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(MAIN) {
        said(
            window
                .show()
                .and_then(|()| window.unminimize())
                .and_then(|()| window.set_focus()),
        );
    }
}

/// Hides the main window.
pub fn hide_main(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(MAIN) {
        said(window.hide());
    }
}

/// Hides all windows.
pub fn hide_all(app: &AppHandle) {
    for window in app.webview_windows().values() {
        said(window.hide());
    }
}

/// Shows or hides the card, on the screen where the pointer is.
pub fn show_card(app: &AppHandle, wanted: bool) {
    if CARD_UP.swap(wanted, Ordering::AcqRel) == wanted {
        return;
    }
    let Some(card) = app.get_webview_window(CARD) else {
        return;
    };
    if wanted {
        place(app, &card);
        said(card.show().and_then(|()| card.set_always_on_top(true)));
        // Some window managers place a window anew when it appears.
        place(app, &card);
    } else {
        said(card.hide());
    }
}

/// The page knows how much it has to show.
pub fn card_height(app: &AppHandle, height: f64) {
    let Some(card) = app.get_webview_window(CARD) else {
        return;
    };
    if height.is_finite() {
        said(card.set_size(LogicalSize::new(
            CARD_WIDTH,
            height.clamp(*CARD_HEIGHTS.start(), *CARD_HEIGHTS.end()),
        )));
        place(app, &card);
    }
}

/// Closing the main window does what the person has set; the card is only ever hidden.
pub fn on_event(window: &Window, event: &WindowEvent) {
    let WindowEvent::CloseRequested { api, .. } = event else {
        return;
    };
    api.prevent_close();
    if window.label() != MAIN {
        return;
    }
    let app = window.app_handle().clone();
    let wish = app.state::<Desktop>().settings.borrow().on_close;
    match wish {
        OnClose::Quit => desktop::quit(&app),
        OnClose::Hide => hide_main(&app),
        OnClose::Ask => {
            // Asking D-Bus may take a moment, and this is the main thread.
            tauri::async_runtime::spawn_blocking(move || {
                if platform::has_tray() {
                    hide_main(&app);
                } else {
                    let _ = app.state::<Desktop>().events.send(Event::CloseAsked { tray: false });
                }
            });
        }
    }
}

fn place(app: &AppHandle, card: &WebviewWindow) {
    if let Some(monitor) = screen_with_pointer(app) {
        said(card.set_position(corner(&monitor, card)));
    }
}

fn screen_with_pointer(app: &AppHandle) -> Option<Monitor> {
    let under = app
        .cursor_position()
        .ok()
        .and_then(|pointer| app.monitor_from_point(pointer.x, pointer.y).ok().flatten());
    under.or_else(|| app.primary_monitor().ok().flatten())
}

fn corner(monitor: &Monitor, card: &WebviewWindow) -> PhysicalPosition<i32> {
    let area = monitor.work_area();
    let size = card.outer_size().unwrap_or_default();
    let pixels = |length: u32| i32::try_from(length).unwrap_or(i32::MAX);
    let margin = (MARGIN * monitor.scale_factor()).round() as i32;
    let right = area.position.x.saturating_add(pixels(area.size.width));
    let bottom = area.position.y.saturating_add(pixels(area.size.height));
    let x = right.saturating_sub(pixels(size.width)).saturating_sub(margin);
    let y = match platform::CARD_CORNER {
        Corner::TopRight => area.position.y.saturating_add(margin),
        Corner::BottomRight => bottom.saturating_sub(pixels(size.height)).saturating_sub(margin),
    };
    PhysicalPosition::new(x, y)
}

fn said(done: tauri::Result<()>) {
    if let Err(why) = done {
        log::warn!("a window did not do as told: {why}");
    }
}
