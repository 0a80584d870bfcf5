//! A real call is recorded: both sides measured, and what a `kill -9` leaves.
use crate::line::{REGISTRAR, Trust};
use parley_tests::kamailio::Kamailio;
use parley_tests::phone::Phone;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The only file in the folder of recordings.
fn recording(folder: &Path) -> PathBuf {
    let mut files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let file = files.next().expect("a recording");
    assert_eq!(files.next(), None);
    file
}

/// The share of one channel's energy at a frequency, without its first and last half second.
fn share(file: &Path, channel: usize, hertz: f64) -> f64 {
    let mut reader = hound::WavReader::open(file).unwrap();
    let rate = f64::from(reader.spec().sample_rate);
    let all: Vec<f64> = reader
        .samples::<i16>()
        .skip(channel)
        .step_by(2)
        .map(|sample| f64::from(sample.unwrap()))
        .collect();
    let half = (rate / 2.0) as usize;
    let middle = all.get(half..all.len().saturating_sub(half)).unwrap_or_default();
    let step = hertz * std::f64::consts::TAU / rate;
    let (mut sine, mut cosine, mut energy) = (0.0, 0.0, 1e-12);
    for (n, sample) in middle.iter().enumerate() {
        sine += sample * (n as f64 * step).sin();
        cosine += sample * (n as f64 * step).cos();
        energy += sample * sample;
    }
    2.0 * (sine * sine + cosine * cosine) / (middle.len() as f64 * energy)
}

/// How long a recording is by its head, in seconds.
fn seconds(file: &Path) -> f64 {
    hound::WavReader::open(file).map_or(0.0, |reader| {
        f64::from(reader.duration()) / f64::from(reader.spec().sample_rate)
    })
}

fn entry(phone: &Phone, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
    phone.wait(what, |heard| heard.history.values().find(|entry| fits(entry)).cloned())
}

#[test]
fn both_sides_of_a_call_are_recorded_and_a_kill_leaves_what_was_said() {
    let trust = Trust::new();
    let _kamailio: Kamailio = Kamailio::at(REGISTRAR).start();
    let line = trust.line("1001", "udp").listening("10.77.0.2").speaking(1000.0);
    let mut anna = line
        .config("settings", json!({ "announceRecording": false }))
        .registered();
    let mut ben = trust
        .line("1002", "udp")
        .listening("10.77.0.3")
        .speaking(600.0)
        .registered();
    let call = anna.ask(json!({ "type": "dial", "target": "1002" }))["call"].clone();
    let ringing = ben.call_in("incoming");
    ben.ask(json!({ "type": "answer", "call": ringing["id"] }));
    anna.call_in("active");
    anna.ask(json!({ "type": "record", "call": call, "on": true }));
    let folder = anna.folder.path().join("data/recordings");
    anna.wait("four seconds recorded", |_| {
        (folder.is_dir() && seconds(&recording(&folder)) > 4.0).then_some(())
    });
    anna.ask(json!({ "type": "hang_up", "call": call }));
    let done = entry(&anna, "the entry", |entry| entry["outcome"] == "answered");
    assert_eq!(done["recorded"], true);
    let file = recording(&folder);
    assert!(
        share(&file, 0, 1000.0) > 0.9,
        "our voice on the left: {}",
        share(&file, 0, 1000.0)
    );
    assert!(
        share(&file, 1, 600.0) > 0.8,
        "theirs on the right: {}",
        share(&file, 1, 600.0)
    );
    assert!(share(&file, 1, 1000.0) < 0.01);
    anna.ask(json!({ "type": "play_recording", "entry": done["id"], "atMs": 0 }));
    anna.ask(json!({ "type": "delete_history", "entries": [done["id"]] }));
    anna.wait("the file goes with the entry", |_| (!file.exists()).then_some(()));

    ben.no_live_call();
    let call = anna.ask(json!({ "type": "dial", "target": "1002" }))["call"].clone();
    let ringing = ben.call_in("incoming");
    ben.ask(json!({ "type": "answer", "call": ringing["id"] }));
    anna.wait("the second call", |heard| {
        heard
            .calls
            .values()
            .find(|view| view["id"] == call && view["state"] == "active")
            .map(|_| ())
    });
    anna.ask(json!({ "type": "record", "call": call, "on": true }));
    anna.wait("three seconds recorded", |_| {
        let one = std::fs::read_dir(&folder).is_ok_and(|mut files| files.next().is_some());
        (one && seconds(&recording(&folder)) > 3.0).then_some(())
    });
    let kept = anna.kill();
    let file = recording(&folder);
    assert!(seconds(&file) > 3.0);
    assert!(share(&file, 0, 1000.0) > 0.9 && share(&file, 1, 600.0) > 0.8);
    let config = std::fs::read_to_string(kept.path().join("config.json")).unwrap();
    let again = Phone::start_in(kept, serde_json::from_str(&config).unwrap(), |command| {
        command.env("PARLEY_TEST_PASSWORD", "pw1001");
    });
    let left = entry(&again, "the interrupted call", |entry| {
        entry["outcome"] == "interrupted"
    });
    assert_eq!(left["recorded"], true);
    again.quit();
    ben.quit();
}
