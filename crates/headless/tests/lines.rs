//! The program itself, spoken to as a script does.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Un-registering and hanging up are bounded; a script must not wait longer.
const GOODBYE: Duration = Duration::from_secs(5);

struct Phone {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Phone {
    fn start(name: &str, config: Value, options: &[&str]) -> Self {
        let path: PathBuf = [env!("CARGO_TARGET_TMPDIR"), &format!("{name}.json")].iter().collect();
        std::fs::write(&path, config.to_string()).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_parley-headless"))
            .arg("--config")
            .arg(&path)
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdin, stdout }
    }

    fn write(&mut self, line: &str) {
        writeln!(self.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        assert_ne!(self.stdout.read_line(&mut line).unwrap(), 0, "it says no more");
        serde_json::from_str(&line).unwrap_or_else(|why| panic!("{why}: {line}"))
    }

    /// The next line with this key, events and others skipped.
    fn line_with(&mut self, key: &str) -> Value {
        loop {
            let line = self.line();
            if line.get(key).is_some() {
                return line;
            }
        }
    }

    /// Waits until its line is registered.
    fn registered(&mut self) {
        while !self.line_with("event").to_string().contains(r#""type":"registered""#) {}
    }

    /// Waits for its end.
    fn end(mut self) -> ExitStatus {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begin.elapsed() < GOODBYE, "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn silent() -> Value {
    json!({"audio": "null", "listen": "127.0.0.1:0"})
}

#[test]
fn the_first_line_is_ready_and_a_snapshot_is_answered() {
    let mut phone = Phone::start("snapshot", silent(), &[]);
    assert_eq!(
        phone.line(),
        json!({"ready": {"version": env!("CARGO_PKG_VERSION"), "practice": false}})
    );
    phone.write(r#"{"id": "s", "request": {"type": "snapshot"}}"#);
    let answer = phone.line_with("id");
    assert_eq!(answer["id"], "s");
    assert_eq!(answer["reply"]["snapshot"]["practice"], false);
    assert_eq!(answer["reply"]["snapshot"]["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn a_malformed_line_is_answered_and_the_next_is_heard() {
    let mut phone = Phone::start("malformed", silent(), &[]);
    phone.write("{nonsense");
    assert_eq!(phone.line_with("error")["error"]["code"], "invalid");
    phone.write(r#"{"id": 2, "request": {"type": "hang_up", "call": 99}}"#);
    let refused = phone.line_with("error");
    assert_eq!(
        (&refused["id"], &refused["error"]["code"]),
        (&json!(2), &json!("no_such_call"))
    );
}

#[test]
fn the_end_of_input_is_the_end() {
    let mut phone = Phone::start("end", silent(), &[]);
    phone.line_with("ready");
    phone.stdin.take();
    assert!(phone.end().success());
}

#[test]
fn quit_is_answered_before_the_end() {
    let mut phone = Phone::start("quit", silent(), &[]);
    phone.write(r#"{"id": 1, "request": {"type": "quit"}}"#);
    assert_eq!(phone.line_with("id"), json!({"id": 1, "reply": {"type": "done"}}));
    assert!(phone.end().success());
}

#[test]
fn one_that_stays_outlives_its_input_but_not_a_signal() {
    let mut phone = Phone::start("stay", json!({"audio": "null"}), &["--practice", "--stay"]);
    phone.stdin.take();
    phone.registered();
    if Command::new("kill")
        .arg(phone.child.id().to_string())
        .status()
        .is_ok_and(|status| status.success())
    {
        assert!(phone.end().success());
    }
}

#[test]
fn the_practice_line_registers_and_says_goodbye() {
    let mut phone = Phone::start("practice", json!({"audio": "null"}), &["--practice"]);
    assert_eq!(phone.line()["ready"]["practice"], true);
    phone.registered();
    phone.stdin.take();
    assert!(phone.end().success());
}

#[test]
fn the_end_of_a_call_is_told_before_the_end_of_the_phone() {
    let mut phone = Phone::start("goodbye", json!({"audio": "null"}), &["--practice"]);
    phone.registered();
    phone.write(r#"{"id": 1, "request": {"type": "dial", "target": "600"}}"#);
    while !phone.line_with("event").to_string().contains(r#""state":"active""#) {}
    phone.write(r#"{"type": "quit"}"#);
    while !phone.line_with("event").to_string().contains(r#""state":"ended""#) {}
    assert!(phone.end().success());
}

#[test]
fn a_wrong_configuration_ends_with_code_two() {
    let phone = Phone::start("wrong", json!({"audoi": "null"}), &[]);
    assert_eq!(phone.end().code(), Some(2));
}
