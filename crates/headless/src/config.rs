//! The configuration file, and what the engine makes of it.
use crate::options::Options;
use parley_api::{AccountOptions, PopMode, Settings, Transport};
use parley_engine as engine;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What to start.
#[derive(Debug)]
pub struct Start {
    /// The engine, without the practice line.
    pub engine: engine::Config,
    /// Whether the practice exchange is started too.
    pub practice: bool,
}

/// The file. Unknown keys are refused: a misspelt one would be silently without effect.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct File {
    accounts: Vec<Account>,
    listen: Option<SocketAddr>,
    /// The name server to ask instead of the system's.
    dns: Option<SocketAddr>,
    accept_from_anyone: bool,
    /// How often the servers are asked whether they still answer.
    reachability_seconds: Option<u64>,
    audio: Audio,
    auto_answer_ms: Option<u64>,
    pop_rules: Vec<Rule>,
    settings: Option<Settings>,
    data_folder: Option<PathBuf>,
    practice: bool,
    trace: bool,
}

/// An account. There is no place for a password: a file is copied, backed up and read by others.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Account {
    name: String,
    #[serde(default)]
    display_name: String,
    user: String,
    domain: String,
    auth_user: Option<String>,
    outbound_proxy: Option<String>,
    #[serde(default)]
    transport: Transport,
    ws_path: Option<String>,
    /// SHA-256 of the one certificate the server may show.
    pinned_certificate: Option<String>,
    #[serde(default = "yes")]
    enabled: bool,
    /// The environment variable that holds the password; without it the system's keyring is asked.
    password_env: Option<String>,
    /// How it handles calls.
    options: Option<AccountOptions>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Audio {
    Null,
    Loop,
    File(Files),
    Devices(Devices),
}

impl Default for Audio {
    fn default() -> Self {
        Self::Devices(Devices::default())
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Files {
    input: Option<PathBuf>,
    output: Option<PathBuf>,
    process: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Devices {
    microphone: Option<String>,
    speaker: Option<String>,
    ring: Option<String>,
}

/// A screen-pop rule; `account` counts the accounts of this file from 1.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Rule {
    account: usize,
    mode: PopMode,
    #[serde(default)]
    target: String,
}

fn yes() -> bool {
    true
}

/// Reads the file the command line names; `environment` gives the value of a variable.
///
/// # Errors
/// A sentence that says what is wrong and where.
pub fn read(options: &Options, environment: impl Fn(&str) -> Option<String>) -> Result<Start, String> {
    let mut start = match &options.config {
        Some(path) => understand(&text_of(path)?, environment).map_err(|why| format!("{}: {why}", path.display()))?,
        None => understand("{}", environment)?,
    };
    start.practice |= options.practice;
    Ok(start)
}

fn text_of(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|why| format!("{} cannot be read: {why}.", path.display()))
}

fn understand(text: &str, environment: impl Fn(&str) -> Option<String>) -> Result<Start, String> {
    let file: File = serde_json::from_str(text).map_err(|why| explain(&why.to_string()))?;
    let mut accounts = file
        .accounts
        .into_iter()
        .map(|account| preset(account, &environment))
        .collect::<Result<Vec<_>, _>>()?;
    for rule in file.pop_rules {
        let count = accounts.len();
        let account = rule.account.checked_sub(1).and_then(|index| accounts.get_mut(index));
        let account = account.ok_or_else(|| {
            format!(
                "popRules names account {}, but there are {count}; they count from 1.",
                rule.account
            )
        })?;
        account.pop_mode = rule.mode.into();
        account.pop_target = rule.target;
    }
    let engine = engine::Config {
        data_dir: file.data_folder,
        audio: file.audio.into(),
        listen: file.listen,
        dns: file.dns,
        accept_from_anyone: file.accept_from_anyone,
        reachability: file.reachability_seconds.map(Duration::from_secs),
        accounts,
        settings: file.settings.map(Into::into),
        secrets: engine::SecretsKind::Keyring,
        launcher: engine::LauncherKind::System,
        auto_answer: file.auto_answer_ms.map(Duration::from_millis),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        trace: file.trace,
        ..engine::Config::default()
    };
    Ok(Start {
        engine,
        practice: file.practice,
    })
}

fn preset(account: Account, environment: impl Fn(&str) -> Option<String>) -> Result<engine::PresetAccount, String> {
    let password = match &account.password_env {
        Some(name) => {
            let value = environment(name).filter(|value| !value.is_empty());
            Some(value.ok_or_else(|| format!("the environment variable {name} for {} is not set.", account.name))?)
        }
        None => None,
    };
    Ok(engine::PresetAccount::new(engine::AccountDraft {
        id: None,
        name: account.name,
        display_name: account.display_name,
        user: account.user,
        domain: account.domain,
        auth_user: account.auth_user,
        outbound_proxy: account.outbound_proxy,
        transport: account.transport.into(),
        ws_path: account.ws_path,
        pinned_certificate: account.pinned_certificate,
        enabled: account.enabled,
        password,
        options: account.options.map(Into::into),
    }))
}

fn explain(why: &str) -> String {
    if why.contains("unknown field `password`") {
        return "a password does not belong in a file: name an environment variable in passwordEnv, or leave it to the keyring."
            .to_owned();
    }
    format!("{why}.")
}

impl From<Audio> for engine::Audio {
    fn from(audio: Audio) -> Self {
        match audio {
            Audio::Null => Self::Null,
            Audio::Loop => Self::Loop,
            Audio::Devices(Devices {
                microphone,
                speaker,
                ring,
            }) => Self::Devices {
                microphone,
                speaker,
                ring,
            },
            Audio::File(Files { input, output, process }) => Self::File { input, output, process },
        }
    }
}

#[cfg(test)]
#[path = "config/tests.rs"]
mod tests;
