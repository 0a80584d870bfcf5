//! The steps of a check or a test, run one after the other, each timed and named.
use crate::{fuzz, lab};
use std::ffi::OsString;
use std::process::{Command, ExitCode};
use std::time::Instant;

/// One step: a name and a command.
pub struct Step {
    name: &'static str,
    command: Option<Command>,
    lacking: &'static str,
}

fn step(name: &'static str, program: &str, arguments: &[&str]) -> Step {
    let mut command = Command::new(program);
    command.args(arguments);
    Step {
        name,
        command: Some(command),
        lacking: "",
    }
}

fn npm(name: &'static str, script: &str) -> Step {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    step(name, program, &["--prefix", "ui", "run", "--silent", script])
}

/// What must hold before a commit.
pub fn check() -> Vec<Step> {
    vec![
        step("format", "cargo", &["fmt", "--all", "--check"]),
        step(
            "architecture",
            "cargo",
            &[
                "test",
                "--quiet",
                "--package",
                "parley-tests",
                "--test",
                "architecture",
                "--test",
                "rfcs",
            ],
        ),
        npm("interface: build", "build"),
        step(
            "lints",
            "cargo",
            &[
                "clippy",
                "--quiet",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ],
        ),
        step(
            "bindings are fresh",
            "cargo",
            &["test", "--quiet", "--package", "parley-api"],
        ),
        npm("interface: types", "check"),
        npm("interface: lints", "lint"),
        npm("interface: units", "test"),
    ]
}

/// Writes the TypeScript side of the contract.
pub fn bindings() -> Vec<Step> {
    let mut write = step("bindings", "cargo", &["test", "--quiet", "--package", "parley-api"]);
    if let Some(command) = &mut write.command {
        command.env("PARLEY_WRITE_BINDINGS", "1");
    }
    vec![write]
}

/// All that needs no other program.
pub fn quick() -> Vec<Step> {
    let mut steps = check();
    steps.push(step(
        "unit tests",
        "cargo",
        &["test", "--workspace", "--exclude", "parley-tests", "--no-fail-fast"],
    ));
    steps.push(step(
        "documentation",
        "cargo",
        &["doc", "--quiet", "--workspace", "--no-deps"],
    ));
    steps
}

/// Everything.
pub fn everything() -> Vec<Step> {
    let mut steps = quick();
    steps.push(licences());
    steps.extend(fuzz::steps(&[]));
    steps.push(npm("interface in Chromium", "e2e"));
    steps.extend(interop(&[]));
    steps.extend(desktop(&[]));
    steps
}

/// Licences and sources, with cargo-deny.
fn licences() -> Step {
    let fetch = cached_tool("cargo-deny", "it checks licences and sources", "--no-default-features");
    let script = format!("{fetch}\ncargo deny --log-level error check licenses bans sources");
    shell("licences", &script, &[])
}

/// Shell words that put a tool of cargo's into the path; it is built once into the cache when it is not there.
pub fn cached_tool(tool: &str, purpose: &str, options: &str) -> String {
    format!(
        "PATH=\"$ROOT/bin:$PATH\"
        command -v {tool} >/dev/null || {{
            echo '{tool} is missing ({purpose}): building it once into '$ROOT
            CARGO_TARGET_DIR=\"$ROOT/target-tools\" cargo install --quiet --locked {options} --root \"$ROOT\" {tool}
        }}"
    )
}

/// A step of several shell words; `$ROOT` is the cache of tools.
pub fn shell(name: &'static str, script: &str, environment: &[(&str, OsString)]) -> Step {
    let mut step = step(name, "bash", &["-ec", script]);
    if let Some(command) = &mut step.command {
        if let Some(home) = std::env::var_os("HOME") {
            command.env("ROOT", std::path::Path::new(&home).join(".cache/parley"));
        }
        command.envs(environment.iter().map(|(name, value)| (name, value)));
    }
    step
}

/// Calls with real SIP programs.
pub fn interop(filter: &[String]) -> Vec<Step> {
    let build = step(
        "headless phone",
        "cargo",
        &["build", "--quiet", "--package", "parley-headless"],
    );
    let mut words: Vec<OsString> = [
        "cargo",
        "test",
        "--package",
        "parley-tests",
        "--test",
        "interop",
        "--",
        "--test-threads=4",
    ]
    .iter()
    .map(OsString::from)
    .collect();
    words.extend(filter.iter().map(OsString::from));
    let command = lab::in_private_network(&words);
    let lacking = "this machine allows no private network (unshare --net): run it as root or allow user namespaces";
    vec![
        build,
        Step {
            name: "calls with real programs",
            command,
            lacking,
        },
    ]
}

/// The real window.
pub fn desktop(filter: &[String]) -> Vec<Step> {
    let mut words = vec![
        "test",
        "--package",
        "parley-tests",
        "--test",
        "desktop",
        "--",
        "--test-threads=1",
    ];
    words.extend(filter.iter().map(String::as_str));
    vec![
        step("the app", "cargo", &["build", "--quiet"]),
        step("the real window", "cargo", &words),
    ]
}

/// Runs the steps; all of them, also after a failure, and says at the end what failed.
pub fn run(steps: Vec<Step>) -> ExitCode {
    let start = Instant::now();
    let mut failed = Vec::new();
    let count = steps.len();
    for (number, Step { name, command, lacking }) in steps.into_iter().enumerate() {
        println!("\n=== {} of {count}: {name}", number + 1);
        let begin = Instant::now();
        let ok = match command {
            Some(mut command) => command.status().is_ok_and(|status| status.success()),
            None => {
                println!("{lacking}");
                false
            }
        };
        println!(
            "=== {name}: {} in {:.0} s",
            if ok { "ok" } else { "FAILED" },
            begin.elapsed().as_secs_f32()
        );
        if !ok {
            failed.push(name);
        }
    }
    println!(
        "\n{} steps in {:.0} s. Failed: {}",
        count,
        start.elapsed().as_secs_f32(),
        if failed.is_empty() {
            "none".to_owned()
        } else {
            failed.join(", ")
        }
    );
    println!("{} passed, {} failed", count - failed.len(), failed.len());
    if failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
