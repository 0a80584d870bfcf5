//! The desktop shell: a thin frame around the engine, and the only code that names Tauri.
//!
//! This file is the composition root and is read from top to bottom; each concern of the desktop has a file of its own.
//! Nothing here decides anything about a call: it shows the engine's views and hands wishes on.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod commands;
mod desk;
mod desktop;
mod follow;
mod letters;
mod links;
mod notices;
mod notify;
mod options;
mod phone;
mod platform;
mod tray;
mod windows;

use std::process::ExitCode;
use tauri::{App, RunEvent};

/// Exit code of a start that could not open a window.
const NO_DISPLAY: u8 = 2;

/// Runs Parley until it is quit.
pub fn run() -> ExitCode {
    let options = options::Options::from_command_line();
    if options.version {
        eprintln!("Parley {}", env!("CARGO_PKG_VERSION"));
        return ExitCode::SUCCESS;
    }
    if let Some(sentence) = platform::no_display() {
        eprintln!("{sentence}");
        return ExitCode::from(NO_DISPLAY);
    }
    start_log();
    let built = tauri::Builder::default()
        // First of all: a second start hands its link to the one that runs, and ends here.
        .plugin(tauri_plugin_single_instance::init(|app, arguments, _folder| {
            links::second_start(app, &arguments)
        }))
        .plugin(tauri_plugin_deep_link::init())
        .plugin(windows::remembered_places())
        .invoke_handler(tauri::generate_handler![
            commands::request,
            commands::subscribe,
            commands::show_window,
            commands::hide_window,
            commands::quit,
            commands::card_height,
        ])
        .on_window_event(windows::on_event)
        .setup(move |app| set_up(app, options))
        .build(tauri::generate_context!());
    match built {
        Ok(app) => {
            app.run(|app, event| match event {
                RunEvent::ExitRequested { api, code: None, .. } => {
                    api.prevent_exit();
                    desktop::quit(app);
                }
                #[cfg(target_os = "macos")]
                RunEvent::Reopen { .. } => windows::show_main(app),
                _ => {}
            });
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("Parley could not start: {why}");
            ExitCode::FAILURE
        }
    }
}

/// The engine, then what a person sees, then what follows the engine.
fn set_up(app: &mut App, options: options::Options) -> Result<(), Box<dyn std::error::Error>> {
    let app = app.handle();
    let phone = match tauri::async_runtime::block_on(phone::start(phone::data_folder(app)?, options.practice)) {
        Ok(phone) => phone,
        Err(why) => {
            eprintln!("Parley could not start: {why}");
            std::process::exit(1);
        }
    };
    let snapshot = desktop::manage(app, phone);
    windows::create_main(app)?;
    windows::create_card(app)?;
    tray::create(app);
    links::listen(app, options.text, options.register_links);
    follow::start(app, snapshot);
    desktop::quit_when_asked(app);
    Ok(())
}

/// To stderr; `PARLEY_LOG` chooses (`info`, `parley_sip=debug`, …).
fn start_log() {
    let filter = std::env::var("PARLEY_LOG").unwrap_or_else(|_| "warn,parley=info".to_owned());
    env_logger::Builder::new().parse_filters(&filter).init();
}
