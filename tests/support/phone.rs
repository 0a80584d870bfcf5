//! The headless phone as a child process, spoken to in JSON lines.
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub const PATIENCE: Duration = Duration::from_secs(15);

/// What the phone has said so far.
#[derive(Default)]
pub struct Heard {
    pub lines: Vec<(Instant, Value)>,
    pub accounts: BTreeMap<u64, Value>,
    pub calls: BTreeMap<u64, Value>,
    pub history: BTreeMap<u64, Value>,
    pub pops: BTreeMap<u64, Value>,
    pub watches: BTreeMap<u64, Value>,
    pub messages: BTreeMap<u64, Value>,
    replies: BTreeMap<u64, Value>,
    ended: bool,
}

pub struct Phone {
    child: Child,
    stdin: Option<ChildStdin>,
    heard: Arc<(Mutex<Heard>, Condvar)>,
    next: u64,
    pub folder: TempDir,
}

/// Where `cargo build -p parley-headless` put it.
pub fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("PARLEY_HEADLESS") {
        return path.into();
    }
    let mut folder = std::env::current_exe().unwrap();
    while folder.pop() {
        let path = folder.join("parley-headless");
        if path.is_file() {
            return path;
        }
    }
    panic!("parley-headless is not built: cargo build -p parley-headless");
}

impl Phone {
    pub fn start(config: Value) -> Phone {
        Phone::start_with(config, |_| {})
    }

    /// Starts it; `prepare` may set environment variables.
    pub fn start_with(config: Value, prepare: impl FnOnce(&mut Command)) -> Phone {
        Phone::start_in(tempfile::tempdir().unwrap(), config, prepare)
    }

    pub fn start_in(folder: TempDir, config: Value, prepare: impl FnOnce(&mut Command)) -> Phone {
        let path = folder.path().join("config.json");
        std::fs::write(&path, config.to_string()).unwrap();
        let mut command = Command::new(binary());
        command
            .arg("--config")
            .arg(&path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        command.stderr(std::fs::File::create(folder.path().join("log")).unwrap());
        prepare(&mut command);
        let mut child = command.spawn().unwrap();
        let heard: Arc<(Mutex<Heard>, Condvar)> = Arc::default();
        let (lines, ears) = (BufReader::new(child.stdout.take().unwrap()), heard.clone());
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                let value: Value = serde_json::from_str(&line).unwrap_or_else(|_| json!({ "garbage": line }));
                let mut heard = ears.0.lock().unwrap();
                heard.take(value);
                ears.1.notify_all();
            }
            ears.0.lock().unwrap().ended = true;
            ears.1.notify_all();
        });
        let stdin = child.stdin.take();
        let mut phone = Phone {
            child,
            stdin,
            heard,
            next: 1,
            folder,
        };
        phone.wait("ready", |heard| {
            heard
                .lines
                .iter()
                .any(|(_, line)| line.get("ready").is_some())
                .then_some(())
        });
        let snapshot = phone.ask(json!({ "type": "snapshot" }));
        phone.heard.0.lock().unwrap().take_snapshot(&snapshot["snapshot"]);
        phone
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a request without waiting; gives its number.
    pub fn send(&mut self, request: Value) -> u64 {
        let id = self.next;
        self.next += 1;
        let line = json!({ "id": id, "request": request });
        writeln!(self.stdin.as_mut().unwrap(), "{line}").unwrap();
        id
    }

    /// Sends a request and gives the reply or the error.
    pub fn try_ask(&mut self, request: Value) -> Result<Value, Value> {
        let what = format!("a reply to {request}");
        let id = self.send(request);
        let line = self.wait(&what, |heard| heard.replies.remove(&id));
        match line.get("reply") {
            Some(reply) => Ok(reply.clone()),
            None => Err(line["error"].clone()),
        }
    }

    pub fn ask(&mut self, request: Value) -> Value {
        let what = request.to_string();
        self.try_ask(request)
            .unwrap_or_else(|error| panic!("{what} was refused: {error}"))
    }

    /// Waits until what was heard holds; the whole state is in the message when it never does.
    pub fn wait<T>(&self, what: &str, ask: impl FnMut(&mut Heard) -> Option<T>) -> T {
        self.wait_for(what, PATIENCE, ask)
    }

    pub fn wait_for<T>(&self, what: &str, patience: Duration, mut ask: impl FnMut(&mut Heard) -> Option<T>) -> T {
        let end = Instant::now() + patience;
        let mut heard = self.heard.0.lock().unwrap();
        loop {
            if let Some(answer) = ask(&mut heard) {
                return answer;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || heard.ended {
                let (calls, accounts, history) = (&heard.calls, &heard.accounts, &heard.history);
                let (watches, messages) = (&heard.watches, &heard.messages);
                let state = format!(
                    "calls {calls:#?}\naccounts {accounts:#?}\nhistory {history:#?}\nwatches {watches:#?}\nmessages {messages:#?}"
                );
                // Let go first: the thread that listens would find the lock poisoned.
                drop(heard);
                panic!("waited for: {what}\n{state}\nlog:\n{}", self.log());
            }
            heard = self
                .heard
                .1
                .wait_timeout(heard, left.min(Duration::from_millis(200)))
                .unwrap()
                .0;
        }
    }

    /// Waits for a call in this state; gives it.
    pub fn call_in(&self, state: &str) -> Value {
        self.wait(&format!("a call that is {state}"), |heard| {
            heard.calls.values().find(|call| call["state"] == state).cloned()
        })
    }

    pub fn no_live_call(&self) {
        self.wait("no live call", |heard| {
            heard.calls.values().all(|call| call["state"] == "ended").then_some(())
        });
    }

    /// Waits for a call that we hold, or no longer hold, with the far end's word on it.
    pub fn held_by_us(&self, held: bool) {
        self.wait(&format!("a call with heldByUs {held}"), |heard| {
            let mut calls = heard.calls.values();
            calls
                .any(|call| call["heldByUs"] == held && call["holdPending"] == false)
                .then_some(())
        });
    }

    /// Waits for a call that the far end holds, or no longer holds.
    pub fn held_by_them(&self, held: bool) {
        self.wait(&format!("a call with heldByThem {held}"), |heard| {
            heard
                .calls
                .values()
                .any(|call| call["heldByThem"] == held)
                .then_some(())
        });
    }

    /// Waits until every account is registered.
    pub fn registered(&self) {
        self.wait("every account registered", |heard| {
            let all = heard
                .accounts
                .values()
                .all(|account| account["registration"]["type"] == "registered");
            (all && !heard.accounts.is_empty()).then_some(())
        });
    }

    /// Waits for a history entry with this outcome.
    pub fn entry(&self, outcome: &str) -> Value {
        self.wait(&format!("a history entry that is {outcome}"), |heard| {
            heard
                .history
                .values()
                .rev()
                .find(|entry| entry["outcome"] == outcome)
                .cloned()
        })
    }

    pub fn heard<T>(&self, look: impl FnOnce(&Heard) -> T) -> T {
        look(&self.heard.0.lock().unwrap())
    }

    pub fn output_wav(&self) -> PathBuf {
        self.folder.path().join("out.wav")
    }

    /// Ends it as a script would: no more input.
    pub fn quit(mut self) -> TempDir {
        drop(self.stdin.take());
        let status = crate::eventually("the phone ends by itself", PATIENCE, || self.child.try_wait().unwrap());
        assert!(status.success(), "it ended with {status}:\n{}", self.log());
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }

    /// Ends it as a crash would.
    pub fn kill(mut self) -> TempDir {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Heard {
    fn take(&mut self, line: Value) {
        if let Some(id) = line.get("id").and_then(Value::as_u64) {
            self.replies.insert(id, line.clone());
        }
        if line["event"]["type"] == "update" {
            for view in line["event"]["upserts"].as_array().into_iter().flatten() {
                self.take_view(view["type"].as_str().unwrap_or_default(), &view["value"]);
            }
        }
        self.lines.push((Instant::now(), line));
    }

    fn take_view(&mut self, kind: &str, value: &Value) {
        let id = value["id"].as_u64().unwrap_or_default();
        if let Some(known) = self.known(kind) {
            known.insert(id, value.clone());
        }
    }

    fn known(&mut self, kind: &str) -> Option<&mut BTreeMap<u64, Value>> {
        match kind {
            "account" => Some(&mut self.accounts),
            "call" => Some(&mut self.calls),
            "history" => Some(&mut self.history),
            "pop" => Some(&mut self.pops),
            "watch" => Some(&mut self.watches),
            "message" => Some(&mut self.messages),
            _ => None,
        }
    }

    fn take_snapshot(&mut self, snapshot: &Value) {
        for (kind, list) in [
            ("account", "accounts"),
            ("call", "calls"),
            ("history", "history"),
            ("pop", "pops"),
            ("watch", "watches"),
            ("message", "messages"),
        ] {
            for value in snapshot[list].as_array().into_iter().flatten() {
                // What came by event since is newer than the snapshot's copy only when it is there already.
                let id = value["id"].as_u64().unwrap_or_default();
                if let Some(known) = self.known(kind) {
                    known.entry(id).or_insert_with(|| value.clone());
                }
            }
        }
    }
}

/// A configuration with one account; passwords come by environment in real use, here by `PARLEY_TEST_PASSWORD`.
pub fn config(folder: &Path, listen: &str) -> Value {
    json!({ "listen": listen, "audio": "null", "dataFolder": folder, "accounts": [] })
}
