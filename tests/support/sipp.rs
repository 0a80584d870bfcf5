//! sipp with the scenarios in tests/interop/peers.
use crate::child::Owned;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a scenario once, as `ip`, with extra arguments; `{key}` values go into `[key]` of the scenario.
pub fn sipp(folder: &Path, scenario: &str, ip: &str, keys: &[(&str, &str)], arguments: &[&str]) -> Owned {
    crate::lab();
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("interop/peers")
        .join(format!("{scenario}.xml"));
    let log = folder.join(format!("{scenario}.log"));
    let mut command = Command::new("sipp");
    command
        .current_dir(folder)
        .arg("-sf")
        .arg(source)
        .args(["-i", ip, "-mi", ip, "-m", "1", "-nostdin"]);
    command.args([
        "-timeout",
        "40",
        "-timeout_error",
        "-trace_err",
        "-trace_msg",
        "-message_file",
        "sipp.msg",
    ]);
    for (key, value) in keys {
        command.args(["-key", key, value]);
    }
    command.args(arguments);
    Owned::start(command, &log)
}
