//! The tray icon and its menu.
use crate::desk::{TrayIcon, TrayView};
use crate::desktop::{self, Desktop};
use crate::{platform, windows};
use parley_api::{PresenceState, Request};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use tauri::image::Image;
use tauri::menu::{CheckMenuItem, Menu, MenuEvent, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager, Wry};

const ID: &str = "parley";

/// What of the tray is changed later.
struct Tray {
    do_not_disturb: CheckMenuItem<Wry>,
    shown: Mutex<Option<TrayView>>,
}

/// Puts the icon into the tray. A desktop without one is no error: closing the window then asks.
pub fn create(app: &AppHandle) {
    // The indicator library is loaded by name and panics where it is not installed.
    match catch_unwind(AssertUnwindSafe(|| build(app))) {
        Ok(Ok(())) => {}
        Ok(Err(why)) => log::warn!("no tray icon: {why}"),
        Err(_) => log::warn!("no tray icon: the indicator library is missing"),
    }
}

/// Shows the state; does nothing when nothing changed.
pub fn show(app: &AppHandle, view: TrayView) {
    let Some(tray) = app.try_state::<Tray>() else { return };
    {
        let mut shown = tray.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.as_ref() == Some(&view) {
            return;
        }
        *shown = Some(view.clone());
    }
    let done = tray
        .do_not_disturb
        .set_checked(view.do_not_disturb)
        .and_then(|()| match app.tray_by_id(ID) {
            Some(icon) => icon
                .set_icon(Some(picture(view.icon)))
                .and_then(|()| icon.set_tooltip(Some(&view.tooltip))),
            None => Ok(()),
        });
    if let Err(why) = done {
        log::warn!("the tray icon did not change: {why}");
    }
}

fn build(app: &AppHandle) -> tauri::Result<()> {
    let open = MenuItem::with_id(app, "show", "Show Parley", true, None::<&str>)?;
    let do_not_disturb = CheckMenuItem::with_id(app, "do_not_disturb", "Do not disturb", true, false, None::<&str>)?;
    let quit = MenuItem::with_id(app, "quit", "Quit", true, None::<&str>)?;
    let line = PredefinedMenuItem::separator(app)?;
    let menu = Menu::with_items(app, &[&open, &do_not_disturb, &line, &quit])?;
    TrayIconBuilder::with_id(ID)
        .icon(picture(TrayIcon::Online))
        .tooltip("Parley")
        .menu(&menu)
        .show_menu_on_left_click(platform::MENU_ON_CLICK)
        .on_menu_event(chosen)
        .on_tray_icon_event(|icon, event| {
            let clicked = matches!(
                event,
                TrayIconEvent::Click {
                    button: MouseButton::Left,
                    button_state: MouseButtonState::Up,
                    ..
                }
            );
            if clicked && !platform::MENU_ON_CLICK {
                windows::show_main(icon.app_handle());
            }
        })
        .build(app)?;
    app.manage(Tray {
        do_not_disturb,
        shown: Mutex::new(None),
    });
    Ok(())
}

fn chosen(app: &AppHandle, event: MenuEvent) {
    match event.id().as_ref() {
        "show" => windows::show_main(app),
        "do_not_disturb" => {
            let Some(tray) = app.try_state::<Tray>() else { return };
            let on = tray.do_not_disturb.is_checked().unwrap_or(false);
            let state = if on {
                PresenceState::DoNotDisturb
            } else {
                PresenceState::Online
            };
            let asked = app
                .state::<Desktop>()
                .engine
                .request(Request::SetPresence { state, note: None }.into());
            tauri::async_runtime::spawn(async move {
                if let Err(refusal) = asked.await {
                    log::warn!("{refusal}");
                }
            });
        }
        "quit" => desktop::quit(app),
        _ => {}
    }
}

fn picture(icon: TrayIcon) -> Image<'static> {
    match icon {
        TrayIcon::Online => tauri::include_image!("icons/tray/online.png"),
        TrayIcon::DoNotDisturb => tauri::include_image!("icons/tray/dnd.png"),
        TrayIcon::Ringing => tauri::include_image!("icons/tray/ringing.png"),
        TrayIcon::Lost => tauri::include_image!("icons/tray/lost.png"),
    }
}
