//! A child process that ends with its owner.
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Killed and reaped when dropped; only ever the process it started.
pub struct Owned {
    pub child: Child,
    pub log: std::path::PathBuf,
}

impl Owned {
    /// Starts `command` without input, with its output in `log`.
    pub fn start(mut command: Command, log: &Path) -> Owned {
        command.stdin(Stdio::null());
        Owned::start_keeping_stdin(command, log)
    }

    /// The same with the input the command has been given.
    pub fn start_keeping_stdin(mut command: Command, log: &Path) -> Owned {
        let out = std::fs::File::create(log).unwrap();
        command.stdout(out.try_clone().unwrap()).stderr(out);
        let child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{:?}: {error}", command.get_program()));
        Owned {
            child,
            log: log.to_owned(),
        }
    }

    /// What it has printed so far.
    pub fn printed(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Waits for its end.
    pub fn succeeds_within(&mut self, limit: std::time::Duration) {
        let status = crate::eventually("the program ends", limit, || self.child.try_wait().unwrap());
        assert!(status.success(), "it ended with {status}:\n{}", self.printed());
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            // What a test that fails wants to know, and how the program fared at its end.
            let printed = self.printed();
            let end: Vec<&str> = printed.lines().rev().take(50).collect();
            let end: Vec<&str> = end.into_iter().rev().collect();
            eprintln!("--- {}\n{}", self.log.display(), end.join("\n"));
        }
    }
}
