//! Recording, what those on hold hear, and tones that are for our own ear only.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::{End, connect, files, folder, params, read, share_of_tone, tone_file};
use parley_media::{
    AudioBackend, Codec, HoldSound, MediaEvent, Playback, Recording, RecordingFault, RingLevel, SessionId,
    StreamDirection,
};

/// A call in which we say 500 Hz and hear 1200 Hz.
fn call(name: &str) -> (PathBuf, End, End, SessionId, SessionId) {
    let folder = folder(name);
    tone_file(&folder.join("a.wav"), 500.0, 1);
    tone_file(&folder.join("b.wav"), 1200.0, 1);
    let a = End::start(files(Some(folder.join("a.wav")), Some(folder.join("a-heard.wav"))));
    let mut b = End::start(files(Some(folder.join("b.wav")), Some(folder.join("b-heard.wav"))));
    let (on_a, on_b) = connect(&a, &b, Codec::Pcma);
    b.wait_for_stats("voice", |stats| stats.level_out > 0.4);
    (folder, a, b, on_a, on_b)
}

fn record(end: &End, session: SessionId, file: &Path, announce: bool) {
    drop(std::fs::remove_file(file));
    let file = file.to_owned();
    end.media.record(session, Recording { file, announce });
}

fn recorded(end: &mut End) -> u64 {
    end.wait_for("recording", |event| match event {
        MediaEvent::Recorded { millis, .. } => Some(*millis),
        _ => None,
    })
}

/// Left and right, at 16 kHz, as far as the file's head says.
fn sides(file: &Path) -> (Vec<f64>, Vec<f64>) {
    let mut reader = hound::WavReader::open(file).unwrap();
    assert_eq!((reader.spec().channels, reader.spec().sample_rate), (2, 16_000));
    let all: Vec<f64> = reader
        .samples::<i16>()
        .map(|sample| f64::from(sample.unwrap()) / 32768.0)
        .collect();
    (
        all.iter().step_by(2).copied().collect(),
        all.iter().skip(1).step_by(2).copied().collect(),
    )
}

/// The share of the energy at this frequency, at 16 kHz.
fn share(sound: &[f64], hertz: f64) -> f64 {
    let step = hertz * std::f64::consts::TAU / 16_000.0;
    let (mut sine, mut cosine, mut energy) = (0.0, 0.0, 1e-12);
    for (n, sample) in sound.iter().enumerate() {
        sine += sample * (n as f64 * step).sin();
        cosine += sample * (n as f64 * step).cos();
        energy += sample * sample;
    }
    2.0 * (sine * sine + cosine * cosine) / (sound.len() as f64 * energy)
}

#[test]
fn what_we_say_is_recorded_on_the_left_and_what_we_hear_on_the_right_and_a_pause_is_left_out() {
    let (folder, mut a, _b, on_a, _) = call("record");
    let file = folder.join("recordings/call.wav");
    record(&a, on_a, &file, false);
    a.wait_seconds(2);
    a.media.pause_recording(on_a, true);
    a.wait_seconds(3);
    a.media.pause_recording(on_a, false);
    a.wait_seconds(2);
    a.media.stop_recording(on_a);
    let millis = recorded(&mut a);
    let (left, right) = sides(&file);
    assert!(
        (2500..6000).contains(&millis),
        "the pause of three seconds is not in {millis} ms"
    );
    assert_eq!(left.len() as u64 * 1000 / 16_000, millis);
    let middle = 8000..left.len() - 8000;
    assert!(
        share(&left[middle.clone()], 500.0) > 0.9,
        "{}",
        share(&left[middle.clone()], 500.0)
    );
    assert!(share(&left[middle.clone()], 1200.0) < 0.01);
    assert!(
        share(&right[middle.clone()], 1200.0) > 0.8,
        "{}",
        share(&right[middle.clone()], 1200.0)
    );
    assert!(share(&right[middle], 500.0) < 0.01);
}

#[test]
fn a_recording_goes_on_in_its_file() {
    let (folder, mut a, _b, on_a, _) = call("record-on");
    let file = folder.join("call.wav");
    record(&a, on_a, &file, false);
    a.wait_seconds(2);
    a.media.stop_recording(on_a);
    let announce = false;
    a.media.record(
        on_a,
        Recording {
            file: file.clone(),
            announce,
        },
    );
    let first = recorded(&mut a);
    a.wait_seconds(2);
    a.media.stop_recording(on_a);
    let both = recorded(&mut a);
    assert!(both > first + 500, "{first} {both}");
    assert_eq!(sides(&file).0.len() as u64 * 1000 / 16_000, both);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_and_the_call_goes_on() {
    let (_, mut a, mut b, on_a, _) = call("record-full");
    let file = PathBuf::from("/dev/full");
    a.media.record(on_a, Recording { file, announce: false });
    let why = a.wait_for("failure", |event| match event {
        MediaEvent::RecordingFailed { why, .. } => Some(why.clone()),
        _ => None,
    });
    assert_eq!(why, RecordingFault::DiskFull);
    let before = b.wait_for_stats("stats", |_| true);
    b.wait_for_stats("the voice goes on", |stats| {
        stats.received > before.received + 60 && stats.level_out > 0.4
    });
}

#[test]
fn the_announcement_is_heard_at_both_ends() {
    let (folder, mut a, b, on_a, _) = call("record-beep");
    record(&a, on_a, &folder.join("call.wav"), true);
    a.wait_seconds(2);
    a.media.stop_recording(on_a);
    recorded(&mut a);
    drop((a, b));
    for heard in ["a-heard.wav", "b-heard.wav"] {
        let sound = read(&folder.join(heard));
        let loudest = sound
            .windows(4800)
            .step_by(480)
            .map(|part| share_of_tone(part, 1400.0))
            .fold(0.0, f64::max);
        assert!(loudest > 0.03, "{heard}: {loudest}");
    }
}

#[test]
fn a_recording_is_played_to_the_speaker() {
    let (folder, mut a, b, on_a, _) = call("record-play");
    let file = folder.join("call.wav");
    record(&a, on_a, &file, false);
    a.wait_seconds(3);
    a.media.stop(on_a);
    let millis = recorded(&mut a);
    drop(b);
    a.media.play(&file, 1000);
    let length = a.wait_for("position", |event| match event {
        MediaEvent::Playback(Playback::At { at_ms, length_ms, .. }) if *at_ms > 1000 => Some(*length_ms),
        _ => None,
    });
    assert_eq!(length, millis);
    a.media.pause_playback(true);
    a.wait_for("pause", |event| {
        matches!(event, MediaEvent::Playback(Playback::At { paused: true, .. })).then_some(())
    });
    a.media.pause_playback(false);
    a.wait_for("end", |event| {
        matches!(event, MediaEvent::Playback(Playback::Ended)).then_some(())
    });
    a.media.play(folder.join("gone.wav"), 0);
    a.wait_for("fault", |event| {
        matches!(event, MediaEvent::Playback(Playback::Failed { .. })).then_some(())
    });
}

#[test]
fn who_is_held_hears_the_tune_or_silence_and_never_the_room() {
    let (folder, a, mut b, on_a, on_b) = call("hold-tune");
    let (at_a, at_b) = (
        a.media.reserve(common::LOOPBACK).unwrap(),
        b.media.reserve(common::LOOPBACK).unwrap(),
    );
    a.media.stop(on_a);
    b.media.stop(on_b);
    let mut holding = params(Codec::Pcma, at_b.rtp);
    holding.direction = StreamDirection::SendOnly;
    let mut held = params(Codec::Pcma, at_a.rtp);
    held.direction = StreamDirection::RecvOnly;
    a.media.focus(Vec::new());
    b.media.focus(vec![at_b.id]);
    a.media.start_stream(at_a.id, holding);
    b.media.start_stream(at_b.id, held);
    b.wait_for_stats("silence", |stats| stats.received > 60 && stats.level_out < 0.001);
    a.media.set_hold_sound(HoldSound::Tune);
    b.wait_for_stats("the tune", |stats| (0.02..0.35).contains(&stats.level_out));
    a.media.set_hold_sound(HoldSound::Silence);
    b.wait_for_stats("silence again", |stats| stats.level_out < 0.001);
    drop((a, b));
    let sound = read(&folder.join("b-heard.wav"));
    assert!(
        share_of_tone(&sound[sound.len() * 3 / 4..], 500.0) < 0.05,
        "not the room"
    );
}

/// Checklist 0-12: a second call rings softly in our ear, and the far end of the first one does not hear it; 0-13: once
/// the first one is over it rings fully.
#[test]
fn the_subtle_ring_is_softer_than_the_normal_one_and_never_reaches_the_far_end() {
    let folder = folder("subtle");
    let heard = folder.join("a-heard.wav");
    let a = End::start(files(None, Some(heard.clone())));
    let mut b = End::start(AudioBackend::Null);
    let (on_a, _) = connect(&a, &b, Codec::Pcma);
    b.wait_for_stats("a call", |stats| stats.received > 20);
    a.media.ring(RingLevel::Subtle);
    for _ in 0..5 {
        // A beep comes every four seconds.
        let stats = b.wait_for_stats("stats", |_| true);
        assert!(stats.level_out < 0.001, "the far end hears {}", stats.level_out);
    }
    a.media.stop(on_a);
    a.media.ring(RingLevel::Normal);
    b.wait_seconds(2);
    drop(a);
    let sound = read(&heard);
    let peak = sound.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
    assert!(
        (0.03..0.2).contains(&peak),
        "softly in the ear, and the normal ring is on the ring device: {peak}"
    );
}

const FILE: &str = "PARLEY_RECORDING_KILL_TEST_FILE";

/// `kill -9` in a recording: what was said up to the last second is there.
#[test]
fn a_recording_survives_a_kill_up_to_its_last_second() {
    let folder = folder("record-kill");
    let file = folder.join("call.wav");
    drop(std::fs::remove_file(&file));
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored", "--nocapture", "--test-threads=1"])
        .env(FILE, &file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let said = lines.find_map(|line| line.unwrap().strip_prefix("recorded ")?.parse::<u64>().ok());
    child.kill().unwrap();
    child.wait().unwrap();
    let (left, right) = sides(&file);
    let millis = left.len() as u64 * 1000 / 16_000;
    assert!(millis + 1000 >= said.unwrap(), "{millis} of {said:?} ms");
    assert!(share(&left[8000..left.len() - 1600], 500.0) > 0.9);
    assert!(share(&right[8000..right.len() - 1600], 1200.0) > 0.8);
}

/// The part that is killed. It only runs as the child.
#[test]
#[ignore = "runs in a process of its own"]
fn child() {
    let file = PathBuf::from(std::env::var(FILE).expect("started by the test above"));
    let (_, mut a, _b, on_a, _) = call("record-killed");
    let begun = std::time::Instant::now();
    a.media.record(on_a, Recording { file, announce: false });
    a.wait_seconds(4);
    // Steps that were due are made before the figures are told.
    let mut out = std::io::stdout();
    writeln!(out, "\nrecorded {}", begun.elapsed().as_millis()).unwrap();
    out.flush().unwrap();
    loop {
        a.wait_seconds(1);
    }
}
