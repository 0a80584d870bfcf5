//! Opens screen pops: on a thread of its own, without a shell, without waiting for what was opened.
use crate::config::{Launched, LauncherKind};
use crate::core::PopKey;
use parley_screenpop::{Filled, Pop};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Instant;

/// What the thread reports.
pub(crate) type Outcome = Result<Instant, String>;

/// Starts the thread; it ends when the sender is dropped.
///
/// # Errors
/// When the system gives no thread.
pub(crate) fn start(
    kind: LauncherKind,
    say: impl Fn(PopKey, Outcome) + Send + 'static,
) -> std::io::Result<mpsc::Sender<(PopKey, Filled)>> {
    let (pops, waiting) = mpsc::channel::<(PopKey, Filled)>();
    std::thread::Builder::new()
        .name("parley-launch".to_owned())
        .spawn(move || {
            while let Ok((key, filled)) = waiting.recv() {
                say(key, open(&kind, &filled));
            }
        })?;
    Ok(pops)
}

fn open(kind: &LauncherKind, filled: &Filled) -> Outcome {
    match kind {
        LauncherKind::Nothing => Ok(Instant::now()),
        LauncherKind::Told(listener) => {
            let launched = match filled.resolve(&|_| true).map_err(|why| why.to_string())? {
                Pop::Web(url) => Launched::Web(url),
                Pop::Program { path, arguments } => Launched::Program { path, arguments },
            };
            let _ = listener.send(launched);
            Ok(Instant::now())
        }
        LauncherKind::System => match filled.resolve(&is_program).map_err(|why| why.to_string())? {
            Pop::Web(url) => browse(&url),
            Pop::Program { path, arguments } => run(&path, &arguments),
        },
    }
}

/// The system's program for this scheme.
fn browse(url: &str) -> Outcome {
    let mut why = "The system names no browser. Choose a default browser in its settings.".to_owned();
    for mut command in open::commands(url) {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match spawn(command) {
            Ok(at) => return Ok(at),
            Err(error) => {
                why = format!("The browser did not start: {error}. Choose a default browser in the system's settings.")
            }
        }
    }
    Err(why)
}

fn run(path: &str, arguments: &[String]) -> Outcome {
    let mut command = Command::new(path);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(folder) = Path::new(path).parent().filter(|folder| folder.is_dir()) {
        command.current_dir(folder);
    }
    spawn(command).map_err(|why| format!("“{path}” did not start: {why}. Check the file and its permissions."))
}

/// Starts it; a small thread waits for its end, so that no dead process is left behind.
fn spawn(mut command: Command) -> std::io::Result<Instant> {
    let mut child = command.spawn()?;
    let started = Instant::now();
    let waiter = std::thread::Builder::new().name("parley-launched".to_owned());
    let _ = waiter.stack_size(64 * 1024).spawn(move || child.wait());
    Ok(started)
}

/// A file that the system would start.
fn is_program(path: &str) -> bool {
    let Ok(about) = std::fs::metadata(path) else {
        return false;
    };
    about.is_file() && may_run(&about)
}

#[cfg(unix)]
fn may_run(about: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    about.permissions().mode() & 0o111 != 0
}

/// The template has made sure of `.exe` or `.com`.
#[cfg(not(unix))]
fn may_run(_: &std::fs::Metadata) -> bool {
    true
}
