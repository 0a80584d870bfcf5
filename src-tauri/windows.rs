//! The two windows: the main one, and the card of an incoming call, which never takes the keyboard.
use crate::desktop::{self, Desktop};
use crate::platform::{self, Corner};
use parley_api::{Event, OnClose};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use tauri::plugin::TauriPlugin;
use tauri::{
    AppHandle, LogicalSize, Manager, Monitor, PhysicalPosition, PhysicalRect, WebviewUrl, WebviewWindow,
    WebviewWindowBuilder, Window, WindowEvent, Wry,
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
/// How tall the card is, in CSS pixels. A hidden window does not know its own size yet.
static CARD_TALL: AtomicU32 = AtomicU32::new(CARD_HEIGHT as u32);

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

/// Whether what is typed goes to the main window.
pub fn main_has_keyboard(app: &AppHandle) -> bool {
    let window = app.get_webview_window(MAIN);
    window.is_some_and(|window| window.is_focused().unwrap_or(false))
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
        let height = height.clamp(*CARD_HEIGHTS.start(), *CARD_HEIGHTS.end());
        CARD_TALL.store(height.ceil() as u32, Ordering::Release);
        said(card.set_size(LogicalSize::new(CARD_WIDTH, height)));
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
        let (area, scale) = (monitor.work_area(), monitor.scale_factor());
        said(card.set_position(corner(
            area,
            scale,
            CARD_TALL.load(Ordering::Acquire),
            platform::card_corner(),
        )));
    }
}

fn screen_with_pointer(app: &AppHandle) -> Option<Monitor> {
    let under = app
        .cursor_position()
        .ok()
        .and_then(|pointer| app.monitor_from_point(pointer.x, pointer.y).ok().flatten());
    under.or_else(|| app.primary_monitor().ok().flatten())
}

/// Where the card's upper left goes, for a card this tall in CSS pixels.
fn corner(area: &PhysicalRect<i32, u32>, scale: f64, height: u32, corner: Corner) -> PhysicalPosition<i32> {
    let pixels = |length: f64| (length * scale).round() as i32;
    let far = |start: i32, length: u32| start.saturating_add(i32::try_from(length).unwrap_or(i32::MAX));
    let x = far(area.position.x, area.size.width) - pixels(CARD_WIDTH + MARGIN);
    let y = match corner {
        Corner::TopRight => area.position.y + pixels(MARGIN),
        Corner::BottomRight => far(area.position.y, area.size.height) - pixels(f64::from(height) + MARGIN),
    };
    PhysicalPosition::new(x, y)
}

fn said(done: tauri::Result<()>) {
    if let Err(why) = done {
        log::warn!("a window did not do as told: {why}");
    }
}

#[cfg(test)]
mod tests {
    use super::{Corner, corner};
    use tauri::{PhysicalPosition, PhysicalRect, PhysicalSize};

    #[test]
    fn the_card_keeps_clear_of_the_edges_on_any_screen() {
        let second_screen = PhysicalRect {
            position: PhysicalPosition::new(1920, 30),
            size: PhysicalSize::new(1400, 870),
        };
        let at = |scale, place| corner(&second_screen, scale, 180, place);
        assert_eq!(at(1.0, Corner::TopRight), PhysicalPosition::new(2944, 46));
        assert_eq!(at(1.0, Corner::BottomRight), PhysicalPosition::new(2944, 704));
        assert_eq!(at(2.0, Corner::BottomRight), PhysicalPosition::new(2568, 508));
    }
}
