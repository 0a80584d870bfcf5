//! `cargo xtask …`: one word to check, one to test, one to measure. No dependencies, so that it builds in a second.
#![forbid(unsafe_code)]

mod bench;
mod fuzz;
mod lab;
mod steps;

use std::process::ExitCode;

const HELP: &str = "cargo xtask check      format, lints, types, bindings: what must hold before a commit
cargo xtask test       everything (quick: without real programs, browser and window)
cargo xtask interop    calls with real SIP programs, in a private network
cargo xtask fuzz       octets at random into everything that reads them, where there is a nightly compiler
cargo xtask desktop    the real window, in a private desktop
cargo xtask bench      figures, as ratios to baresip measured in the same run (signalling, media: more of each; window: the window)
cargo xtask bindings   writes the TypeScript side of the contract";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rest = arguments.get(1..).unwrap_or_default();
    if let Err(error) = lab::go_to_root() {
        eprintln!("xtask: cannot find the repository: {error}");
        return ExitCode::FAILURE;
    }
    let steps = match arguments.first().map(String::as_str) {
        Some("check") => steps::check(),
        Some("test") if rest.first().is_some_and(|word| word == "quick") => steps::quick(),
        Some("test") => steps::everything(),
        Some("interop") => steps::interop(rest),
        Some("fuzz") => fuzz::steps(rest),
        Some("desktop") => steps::desktop(rest),
        Some("bindings") => steps::bindings(),
        Some("bench") => return bench::run(rest),
        _ => {
            eprintln!("{HELP}");
            return ExitCode::from(2);
        }
    };
    steps::run(steps)
}
