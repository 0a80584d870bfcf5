//! The engine and, where it is wanted, the practice exchange beside it.
use parley_api::{Reply, Request, Snapshot};
use parley_engine::{Audio, Config, Engine, LauncherKind, SecretsKind};
use std::path::PathBuf;
use tauri::{AppHandle, Manager};

/// The running phone.
pub struct Phone {
    /// The engine.
    pub engine: Engine,
    /// How it stood right after its start.
    pub snapshot: Snapshot,
}

/// Where the database is; `PARLEY_DATA` moves it (tests, portable sticks).
///
/// # Errors
/// When the system names no folder for an app's data.
pub fn data_folder(app: &AppHandle) -> tauri::Result<PathBuf> {
    match std::env::var_os("PARLEY_DATA") {
        Some(folder) if !folder.is_empty() => Ok(folder.into()),
        _ => app.path().app_data_dir(),
    }
}

/// Starts the engine; with the practice exchange when asked for, or when there is no account of one's own yet.
///
/// # Errors
/// A sentence for people.
pub async fn start(data_folder: PathBuf, practice: bool) -> Result<Phone, String> {
    let config = config(data_folder);
    if practice {
        return with_practice(config).await;
    }
    let phone = without_practice(config.clone()).await?;
    if !phone.snapshot.accounts.is_empty() {
        return Ok(phone);
    }
    // Nothing is registered yet, so there is nothing to take leave of: start again, this time with someone to call.
    phone.engine.shutdown().await;
    with_practice(config).await
}

async fn without_practice(config: Config) -> Result<Phone, String> {
    let engine = Engine::start(config).map_err(|why| why.to_string())?;
    match engine.request(Request::Snapshot.into()).await.map(Reply::from) {
        Ok(Reply::Snapshot { snapshot }) => Ok(Phone {
            engine,
            snapshot: *snapshot,
        }),
        Ok(_) => Err("the engine answered something else than it was asked".to_owned()),
        Err(refusal) => Err(refusal.message),
    }
}

async fn with_practice(config: Config) -> Result<Phone, String> {
    without_practice(config).await
}

fn config(data_folder: PathBuf) -> Config {
    Config {
        data_dir: Some(data_folder),
        audio: Audio::Devices {
            microphone: None,
            speaker: None,
            ring: None,
        },
        secrets: SecretsKind::Keyring,
        launcher: LauncherKind::System,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..Config::default()
    }
}
