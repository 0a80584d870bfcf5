//! The two phones under the hand.
use crate::wire::REGISTRAR;
use parley_tests::child::Owned;
use serde_json::json;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Instant;
use tempfile::TempDir;

/// Whether the phone answers by itself.
#[derive(Clone, Copy, PartialEq)]
pub enum Answers {
    Never,
    AtOnce,
}

pub struct Peer {
    process: Owned,
    /// Held open: the headless phone ends with its input.
    _stdin: Option<std::process::ChildStdin>,
    _folder: TempDir,
    pub started: Instant,
    pops: bool,
}

impl Peer {
    pub fn parley(answers: Answers) -> Peer {
        let folder = tempfile::tempdir().unwrap();
        let program = std::env::current_exe().unwrap();
        let mut config = json!({
            "listen": "10.77.0.2:5060", "audio": "null", "dataFolder": folder.path().join("data"), "acceptFromAnyone": true,
            "accounts": [{ "name": "Bench", "user": "bench", "domain": REGISTRAR, "passwordEnv": "PARLEY_TEST_PASSWORD" }],
            "popRules": [{ "account": 1, "mode": "on_incoming", "target": format!("\"{}\" --popped $caller$", program.display()) }],
        });
        if answers == Answers::AtOnce {
            config["autoAnswerMs"] = json!(0);
            config["popRules"] = json!([]);
        }
        let path = folder.path().join("config.json");
        std::fs::write(&path, config.to_string()).unwrap();
        let mut command = Command::new(parley_tests::phone::binary());
        command
            .arg("--config")
            .arg(path)
            .env("PARLEY_TEST_PASSWORD", "secret")
            .stdin(Stdio::piped());
        Peer::start(command, folder, true)
    }

    /// The phone that answers, with this sound: see docs/headless.md.
    pub fn parley_with_sound(audio: &serde_json::Value) -> Peer {
        let folder = tempfile::tempdir().unwrap();
        let config = json!({
            "listen": "10.77.0.2:5060", "audio": audio, "dataFolder": folder.path().join("data"), "acceptFromAnyone": true,
            "autoAnswerMs": 0,
            "accounts": [{ "name": "Bench", "user": "bench", "domain": REGISTRAR, "passwordEnv": "PARLEY_TEST_PASSWORD" }],
        });
        let path = folder.path().join("config.json");
        std::fs::write(&path, config.to_string()).unwrap();
        let mut command = Command::new(parley_tests::phone::binary());
        command
            .arg("--config")
            .arg(path)
            .env("PARLEY_TEST_PASSWORD", "secret")
            .stdin(Stdio::piped());
        Peer::start(command, folder, true)
    }

    pub fn baresip(answers: Answers) -> Peer {
        let folder = tempfile::tempdir().unwrap();
        parley_tests::baresip::write_config(folder.path(), "10.77.0.2");
        let mode = if answers == Answers::AtOnce { "auto" } else { "manual" };
        let account =
            format!("<sip:bench@{REGISTRAR}>;auth_pass=secret;answermode={mode};regint=3600;audio_codecs=PCMU\n");
        std::fs::write(folder.path().join("accounts"), account).unwrap();
        let mut command = Command::new("baresip");
        command.arg("-f").arg(folder.path()).stdin(Stdio::null());
        Peer::start(command, folder, false)
    }

    fn start(command: Command, folder: TempDir, pops: bool) -> Peer {
        let log = folder.path().join("peer.log");
        let started = Instant::now();
        let mut process = Owned::start_keeping_stdin(command, &log);
        let mut stdin = process.child.stdin.take();
        if let Some(stdin) = &mut stdin {
            stdin.flush().unwrap();
        }
        Peer {
            process,
            _stdin: stdin,
            _folder: folder,
            started,
            pops,
        }
    }

    pub fn pid(&self) -> u32 {
        self.process.child.id()
    }

    pub fn pops(&self) -> bool {
        self.pops
    }
}
