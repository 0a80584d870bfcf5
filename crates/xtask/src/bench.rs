//! `cargo xtask bench`: builds what is measured and runs the measuring program in a private network.
use crate::{lab, steps};
use std::ffi::OsString;
use std::process::{Command, ExitCode};

/// Builds in release mode and measures; `window` measures the start and the memory of the real window instead.
pub fn run(rest: &[String]) -> ExitCode {
    if rest.first().is_some_and(|word| word == "window") {
        let figures = ["figures", "--ignored", "--nocapture"].map(str::to_owned);
        return steps::run(steps::desktop(&figures));
    }
    let built = Command::new("cargo")
        .args(["build", "--release", "--package", "parley-headless"])
        .status();
    if !built.is_ok_and(|status| status.success()) {
        return ExitCode::FAILURE;
    }
    let mut words: Vec<OsString> = [
        "cargo",
        "run",
        "--quiet",
        "--release",
        "--package",
        "parley-tests",
        "--bin",
        "bench",
        "--",
    ]
    .iter()
    .map(OsString::from)
    .collect();
    words.extend(rest.iter().map(OsString::from));
    let Some(mut command) = lab::in_private_network(&words) else {
        eprintln!("This machine allows no private network (unshare --net): run it as root or allow user namespaces.");
        return ExitCode::FAILURE;
    };
    if rest.first().is_some_and(|word| word == "media") {
        let Some(cache) = speech() else {
            eprintln!(
                "The speech and its judge could not be made: run scripts/setup.sh's test part first (espeak-ng, sox, python3-venv)."
            );
            return ExitCode::FAILURE;
        };
        command.env("PARLEY_SPEECH", cache.join("speech"));
        command.env("PARLEY_JUDGE", cache.join("python/bin/python"));
    }
    command.env("PARLEY_HEADLESS", lab::target_dir().join("release/parley-headless"));
    if command.status().is_ok_and(|status| status.success()) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Makes speech and judge once; where they are kept.
fn speech() -> Option<std::path::PathBuf> {
    let script = ". scripts/speech.sh && make_speech >&2 && need_judge >&2 && echo $CACHE";
    let output = Command::new("bash").args(["-euc", script]).output().ok()?;
    let cache = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| cache.trim().into())
}
