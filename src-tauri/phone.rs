//! The engine and, where it is wanted, the practice exchange beside it.
use parley_api::{Reply, Request, Snapshot};
use parley_engine::{AccountDraft, Audio, Config, Engine, LauncherKind, PresetAccount, SecretsKind};
use parley_exchange::{Exchange, ExchangeConfig, User};
use std::path::PathBuf;
use tauri::{AppHandle, Manager};

/// The running phone.
pub struct Phone {
    /// The engine.
    pub engine: Engine,
    /// The practice exchange; it stops with this value.
    pub exchange: Option<Exchange>,
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
    let phone = begin(config.clone(), None).await?;
    if !phone.snapshot.accounts.is_empty() {
        return Ok(phone);
    }
    // Nothing is registered yet, so there is nothing to take leave of: start again, this time with someone to call.
    phone.engine.shutdown().await;
    with_practice(config).await
}

async fn begin(config: Config, exchange: Option<Exchange>) -> Result<Phone, String> {
    let engine = Engine::start(config).map_err(|why| why.to_string())?;
    match engine.request(Request::Snapshot.into()).await.map(Reply::from) {
        Ok(Reply::Snapshot { snapshot }) => Ok(Phone {
            engine,
            exchange,
            snapshot: *snapshot,
        }),
        Ok(_) => Err("the engine answered something else than it was asked".to_owned()),
        Err(refusal) => Err(refusal.message),
    }
}

/// A practice exchange that cannot start is no reason not to be a phone.
async fn with_practice(mut config: Config) -> Result<Phone, String> {
    let exchange = Exchange::start(ExchangeConfig::default())
        .inspect_err(|why| log::warn!("no practice exchange: {why}"))
        .ok();
    if let Some(exchange) = &exchange {
        config
            .accounts
            .extend(exchange.users().first().map(|user| line_of(exchange, user)));
        config.practice = true;
    }
    begin(config, exchange).await
}

fn line_of(exchange: &Exchange, user: &User) -> PresetAccount {
    PresetAccount::new(AccountDraft {
        name: "Practice".to_owned(),
        user: user.name.clone(),
        domain: exchange.address().to_string(),
        password: Some(user.password.clone()),
        ..AccountDraft::default()
    })
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
