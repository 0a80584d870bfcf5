//! `kill -9` at any moment loses no call that has ended.
//!
//! A child process, this very executable, writes calls and says each step after the store returned `Ok`. It is killed
//! after a random number of steps, while it goes on with the next ones.
#![allow(clippy::unwrap_used, clippy::expect_used)]
mod common;
use common::{call, end, text};
use parley_store::{HistoryId, NewPop, Outcome, PopTrigger, Query, Store};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

const FILE: &str = "PARLEY_STORE_KILL_TEST_FILE";
const ROUNDS: u64 = 20;

#[test]
fn every_ended_call_is_there_after_a_kill_and_the_running_one_is_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("parley.db");
    let mut ended: BTreeMap<HistoryId, i64> = BTreeMap::new();
    let mut interrupted = 0;
    for round in 0..ROUNDS {
        let steps = 1 + (round * 7 + round * round * 3) % 41;
        let (last_begun, new) = run_and_kill(&file, steps);
        ended.extend(new);

        let store = Store::open(&file).expect("the file opens after a kill");
        for (id, at) in &ended {
            let entry = store.entry(*id).expect("an ended call is there");
            assert_eq!(
                (entry.outcome, entry.ended_at),
                (Outcome::Answered, Some(*at)),
                "round {round}"
            );
        }
        assert!(
            all(&store).iter().all(|(_, outcome)| *outcome != Outcome::InProgress),
            "round {round}"
        );
        if let Some(id) = last_begun.filter(|id| !ended.contains_key(id)) {
            let entry = store.entry(id).expect("a begun call is there");
            // It may have ended after the last word that was read.
            assert!(
                matches!(entry.outcome, Outcome::Interrupted | Outcome::Answered),
                "round {round}"
            );
            assert!(entry.ended_at >= Some(entry.started_at), "round {round}");
            interrupted += u32::from(entry.outcome == Outcome::Interrupted);
        }
    }
    assert!(ended.len() > 20, "only {} calls ended", ended.len());
    assert!(interrupted > 0, "no kill hit a running call");
}

/// The child's part. It only runs as the child.
#[test]
#[ignore = "runs in a process of its own"]
fn child() {
    let file = PathBuf::from(std::env::var(FILE).expect("started by the test above"));
    let mut store = Store::open(&file).unwrap();
    let mut out = std::io::stdout().lock();
    let mut say = |step: &str, id: HistoryId, at: i64| {
        writeln!(out, "\nstep {step} {} {at}", id.0)
            .and_then(|()| out.flush())
            .expect("the parent listens");
    };
    for now in (1000..).step_by(1000) {
        let id = store.begin(&call("Anna", "+4930123", now)).unwrap();
        say("begun", id, now);
        store.answered(id, now + 100).unwrap();
        say("answered", id, now);
        let pop = NewPop {
            entry: id,
            caller: "Anna".into(),
            at: now,
            trigger: PopTrigger::Answered,
            target: "x".into(),
        };
        store.log_pop(&pop).unwrap();
        store.touch(id, now + 500).unwrap();
        say("touched", id, now);
        store.ended(id, &end(Outcome::Answered, now + 900)).unwrap();
        say("ended", id, now + 900);
    }
}

/// Lets a child write until it has said so many steps. Returns the last call that began, and those that ended with
/// the instant.
fn run_and_kill(file: &PathBuf, steps: u64) -> (Option<HistoryId>, Vec<(HistoryId, i64)>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored", "--nocapture", "--test-threads=1"])
        .env(FILE, file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (mut begun, mut ended, mut said) = (None, Vec::new(), 0);
    let mut note = |line: &str| -> bool {
        let words: Vec<&str> = line.split(' ').collect();
        let ["step", step, id, at] = words[..] else {
            return false;
        };
        // The pipe may end in the middle of a line.
        let (Ok(id), Ok(at)) = (id.parse().map(HistoryId), at.parse()) else {
            return false;
        };
        match step {
            "begun" => begun = Some(id),
            "ended" => ended.push((id, at)),
            _ => {}
        }
        true
    };
    while said < steps {
        let line = lines.next().expect("the child goes on until it is killed").unwrap();
        said += u64::from(note(&line));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What the child still said is true as well; a line without its end may have lost digits and is left out.
    let mut rest: Vec<String> = lines.map_while(Result::ok).collect();
    rest.pop();
    rest.iter().for_each(|line| _ = note(line));
    (begun, ended)
}

fn all(store: &Store) -> Vec<(HistoryId, Outcome)> {
    let mut found = Vec::new();
    let mut before = None;
    loop {
        let page = store
            .search(&Query {
                before,
                limit: 500,
                ..text("")
            })
            .unwrap();
        found.extend(page.entries.iter().map(|entry| (entry.id, entry.outcome)));
        before = found.last().map(|(id, _)| *id);
        if !page.more {
            return found;
        }
    }
}
