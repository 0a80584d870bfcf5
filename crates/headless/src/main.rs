//! `parley-headless`: the phone without a window.
//!
//! Requests come as JSON lines on stdin, replies and events go as JSON lines to stdout, in the words of `parley_api`; the log
//! goes to stderr. `docs/headless.md` is the whole contract.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod config;
mod input;
mod line;
mod options;
mod output;
mod practice;
mod session;

use options::{Options, Wish};
use std::process::ExitCode;

/// The engine did not start.
const FAILED: u8 = 1;
/// The command line or the configuration is wrong.
const MISTAKEN: u8 = 2;

fn main() -> ExitCode {
    let options = match Options::read(std::env::args_os().skip(1)) {
        Ok(Wish::Run(options)) => options,
        Ok(Wish::Say(text)) => {
            eprintln!("{text}");
            return ExitCode::SUCCESS;
        }
        Err(why) => return end(MISTAKEN, &why),
    };
    start_log();
    let config = match config::read(&options, |name| std::env::var(name).ok()) {
        Ok(config) => config,
        Err(why) => return end(MISTAKEN, &why),
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(why) => return end(FAILED, &format!("The system refused to start a thread: {why}.")),
    };
    let ended = runtime.block_on(session::run(config, options.stay));
    // A thread may still wait for a line on stdin.
    runtime.shutdown_background();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => end(FAILED, &why),
    }
}

fn end(code: u8, why: &str) -> ExitCode {
    eprintln!("parley-headless: {why}");
    ExitCode::from(code)
}

/// To stderr; `PARLEY_LOG` chooses (`info`, `parley_sip=debug`, …).
fn start_log() {
    let filter = std::env::var("PARLEY_LOG").unwrap_or_else(|_| "warn,parley=info".to_owned());
    env_logger::Builder::new().parse_filters(&filter).init();
}
