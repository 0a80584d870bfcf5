//! What an engine is started with.
use crate::view::{AccountDraft, PopMode, Settings};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Everything an engine is told at its start. `Config::default()` keeps nothing and touches no device: right for tests.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folder of the database; `None` keeps everything in memory.
    pub data_dir: Option<PathBuf>,
    /// Where sound comes from and goes to.
    pub audio: Audio,
    /// A fixed address for SIP over UDP and TCP.
    pub listen: Option<SocketAddr>,
    /// The name server to ask instead of the system's.
    pub dns: Option<SocketAddr>,
    /// Takes calls from anyone, not only from the server of the line that is called. With `listen` and no account at all this is so
    /// anyway: there is no server.
    pub accept_from_anyone: bool,
    /// How often a registered line asks whether its server still answers; `None` is the usual, zero never asks.
    pub reachability: Option<Duration>,
    /// Accounts that live for this run only (headless phone, practice line). They come before the stored ones.
    pub accounts: Vec<PresetAccount>,
    /// Settings used instead of the stored ones, for this run.
    pub settings: Option<Settings>,
    /// Where passwords are kept.
    pub secrets: SecretsKind,
    /// How screen pops are opened.
    pub launcher: LauncherKind,
    /// Answers each incoming call after this long.
    pub auto_answer: Option<Duration>,
    /// Version of the product, for fronts and the User-Agent header.
    pub version: String,
    /// Whether the practice exchange runs in this process; fronts show it.
    pub practice: bool,
    /// Writes every SIP message to the log at debug level, credentials and names blotted out.
    pub trace: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: None,
            audio: Audio::Null,
            listen: None,
            dns: None,
            accept_from_anyone: false,
            reachability: None,
            accounts: Vec::new(),
            settings: None,
            secrets: SecretsKind::Memory,
            launcher: LauncherKind::Nothing,
            auto_answer: None,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            practice: false,
            trace: false,
        }
    }
}

/// An account given at the start; it is never written to disk.
#[derive(Debug, Clone)]
pub struct PresetAccount {
    /// The account. Its `id` is ignored; its password is used for this run.
    pub account: AccountDraft,
    /// When its screen pop opens.
    pub pop_mode: PopMode,
    /// What its screen pop opens.
    pub pop_target: String,
}

impl PresetAccount {
    /// An account without a screen pop.
    pub fn new(account: AccountDraft) -> Self {
        Self {
            account,
            pop_mode: PopMode::Disabled,
            pop_target: String::new(),
        }
    }
}

/// Where sound comes from and goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audio {
    /// Sound cards; absent names follow the stored choice, then the system.
    Devices {
        /// Microphone.
        microphone: Option<String>,
        /// Speaker.
        speaker: Option<String>,
        /// Device for ringing.
        ring: Option<String>,
    },
    /// Silence in, nothing out.
    Null,
    /// What is heard is said again: the far end measures with it.
    Loop,
    /// WAV files: `input` is spoken, what is heard is written to `output`.
    File {
        /// Spoken into each call.
        input: Option<PathBuf>,
        /// Written until the end.
        output: Option<PathBuf>,
        /// Echo, noise and loudness are treated as with devices.
        process: bool,
    },
}

/// Where passwords are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretsKind {
    /// In the system's keyring; for this run only where there is none.
    Keyring,
    /// In memory, for this run.
    Memory,
}

/// How screen pops are opened.
#[derive(Debug, Clone)]
pub enum LauncherKind {
    /// The system's browser, or the program itself.
    System,
    /// Not at all; each is reported as opened.
    Nothing,
    /// Told to this channel instead, and reported as opened.
    Told(std::sync::mpsc::Sender<Launched>),
}

/// A screen pop that would have been opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Launched {
    /// This address in the browser.
    Web(String),
    /// This program with these arguments.
    Program {
        /// Absolute path.
        path: String,
        /// One by one, never joined.
        arguments: Vec<String>,
    },
}

/// Why an engine did not start.
#[derive(Debug)]
pub enum StartError {
    /// The `listen` address cannot be bound.
    Listen(SocketAddr, std::io::Error),
    /// The system gave no threads.
    Threads(std::io::Error),
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Listen(address, why) => write!(f, "Nothing can listen on {address}: {why}. Choose another address."),
            Self::Threads(why) => write!(f, "The system refused to start another thread: {why}."),
        }
    }
}

impl std::error::Error for StartError {}
