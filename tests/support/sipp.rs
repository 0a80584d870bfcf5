//! sipp with the scenarios in tests/interop/peers.
use crate::child::Owned;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a scenario once, as `ip`, with extra arguments; `{key}` values go into `[key]` of the scenario.
pub fn sipp(folder: &Path, scenario: &str, ip: &str, keys: &[(&str, &str)], arguments: &[&str]) -> Owned {
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("interop/peers")
        .join(format!("{scenario}.xml"));
    play(folder, &source, ip, keys, arguments)
}

/// The same with a scenario anywhere.
pub fn play(folder: &Path, scenario: &Path, ip: &str, keys: &[(&str, &str)], arguments: &[&str]) -> Owned {
    crate::lab();
    let name = scenario.file_stem().unwrap().to_string_lossy();
    let log = folder.join(format!("{name}.log"));
    let mut command = Command::new("sipp");
    command
        .current_dir(folder)
        .arg("-sf")
        .arg(scenario)
        .args(["-i", ip, "-mi", ip, "-m", "1", "-nostdin"]);
    command.args([
        "-timeout",
        "90",
        "-timeout_error",
        "-trace_err",
        "-trace_msg",
        "-message_file",
        &format!("{name}.msg"),
    ]);
    for (key, value) in keys {
        command.args(["-key", key, value]);
    }
    command.args(arguments);
    Owned::start(command, &log)
}
