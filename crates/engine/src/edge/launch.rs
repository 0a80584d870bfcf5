//! Opens screen pops: on a thread of its own, without a shell, without waiting for what was opened.
use crate::config::{Launched, LauncherKind};
use crate::core::PopKey;
use parley_screenpop::{Filled, Pop};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

/// A browser that has nothing to open with says so within this time; one that still runs has taken the page.
const EARLY: Duration = Duration::from_secs(1);

/// What the thread reports.
pub(crate) type Outcome = Result<Instant, String>;

/// Starts the thread; it ends when the sender is dropped.
///
/// # Errors
/// When the system gives no thread.
pub(crate) fn start(
    kind: LauncherKind,
    say: impl Fn(PopKey, Outcome) + Send + Sync + 'static,
) -> std::io::Result<mpsc::Sender<(PopKey, Filled)>> {
    let (pops, waiting) = mpsc::channel::<(PopKey, Filled)>();
    std::thread::Builder::new()
        .name("parley-launch".to_owned())
        .spawn(move || {
            let say = Arc::new(say);
            while let Ok((key, filled)) = waiting.recv() {
                // A page that is slow to fail does not keep the next one waiting.
                let (kind, say) = (kind.clone(), say.clone());
                let one = std::thread::Builder::new().name("parley-pop".to_owned());
                if let Err(why) = one.spawn(move || say(key, open(&kind, &filled))) {
                    log::error!("no thread for a screen pop: {why}");
                }
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

/// The system's program for this scheme; the next one when one fails at once, as `xdg-open` does where there is no browser.
fn browse(url: &str) -> Outcome {
    let asked = Instant::now();
    open::that_detached_with_timeout(url, EARLY)
        .map(|()| asked)
        .map_err(|why| format!("No browser answered: {why}. Choose a default browser in the system's settings."))
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
    let mut child = command
        .spawn()
        .map_err(|why| format!("“{path}” did not start: {why}. Check the file and its permissions."))?;
    let started = Instant::now();
    // A small thread waits for its end, so that no dead process is left behind.
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
