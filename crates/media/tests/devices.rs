//! Real streams through a PulseAudio with null sinks: what is played where, and what happens when a device goes away.
//! Skipped, and saying so, where PulseAudio is not installed.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod common;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::*;
use parley_media::{
    AudioBackend, AudioRole, Codec, DeviceChoice, DeviceDirection, DeviceId, MediaEvent, NoiseReduction, RingLevel,
    Unheard, VoiceSettings,
};

/// A sound server of our own; it ends with the test.
struct Server {
    child: Child,
    folder: PathBuf,
}

impl Server {
    /// The variables of the environment are set by the outer run of this test, see [`in_own_environment`].
    fn start() -> Server {
        let folder = PathBuf::from(std::env::var_os("XDG_RUNTIME_DIR").unwrap());
        let child = Command::new("pulseaudio")
            .args([
                "-n",
                "--daemonize=no",
                "--exit-idle-time=-1",
                "--use-pid-file=no",
                "--log-level=error",
            ])
            .args(["-L", "module-native-protocol-unix"])
            .args(["-L", "module-null-sink sink_name=spk rate=48000 channels=2"])
            .args(["-L", "module-null-sink sink_name=micsrc rate=48000 channels=2"])
            .args(["-L", "module-remap-source master=micsrc.monitor source_name=mic"])
            .args(["-L", "module-null-sink sink_name=ring rate=48000"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Server { child, folder };
        let until = Instant::now() + PATIENCE;
        while !server.control(&["info"]) {
            assert!(Instant::now() < until, "PulseAudio does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(server.control(&["set-default-sink", "spk"]));
        assert!(server.control(&["set-default-source", "mic"]));
        server
    }

    fn control(&self, arguments: &[&str]) -> bool {
        let status = Command::new("pactl")
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.is_ok_and(|status| status.success())
    }

    /// Records what a sink plays from now on.
    fn record(&self, sink: &str) -> Recording {
        let file = self.folder.join(format!("{sink}.raw"));
        let child = Command::new("parec")
            .args([
                "--raw",
                "--format=s16le",
                "--rate=48000",
                "--channels=1",
                "--latency-msec=20",
            ])
            .arg(format!("--device={sink}.monitor"))
            .stdout(std::fs::File::create(&file).unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Recording { child, file }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Recording {
    child: Child,
    file: PathBuf,
}

impl Recording {
    /// Waits until something in the recording fits.
    fn wait_for(&self, what: &str, fits: impl Fn(&[f32]) -> bool) -> Vec<f32> {
        let until = Instant::now() + PATIENCE;
        loop {
            let sound = samples(&self.file);
            if fits(&sound) {
                return sound;
            }
            let second = |part: &[f32]| format!("rms {:.2} of {} gaps", rms(part), gaps(part));
            let seconds: Vec<String> = sound.chunks_exact(48_000).map(second).collect();
            assert!(Instant::now() < until, "{what} is not in {seconds:?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn samples(file: &Path) -> Vec<f32> {
    let bytes = std::fs::read(file).unwrap_or_default();
    bytes
        .chunks_exact(2)
        .map(|pair| f32::from(i16::from_le_bytes([pair[0], pair[1]])) / 32768.0)
        .collect()
}

/// Whether the last second is mostly this tone. A busy machine starves the sound server itself now and then, and while
/// the clock is followed the pitch is off by up to half a percent: so it is looked at in pieces of 50 ms.
fn ends_with_tone(sound: &[f32], hertz: f64) -> bool {
    sound.len() > 48_000 && {
        let pieces = sound[sound.len() - 48_000..].chunks_exact(2400);
        pieces
            .filter(|piece| rms(piece) > 0.2 && share_of_tone(piece, hertz) > 0.75)
            .count()
            >= 12
    }
}

/// Runs the named test again in a process whose environment leads to a sound server of its own; `true` in there.
fn in_own_environment(test: &str) -> bool {
    if std::env::var_os("PARLEY_TEST_PULSE").is_some() {
        return true;
    }
    let installed = |program| {
        Command::new(program)
            .arg("--version")
            .stdout(Stdio::null())
            .status()
            .is_ok()
    };
    if !["pulseaudio", "pactl", "parec", "paplay"].into_iter().all(installed) {
        eprintln!("skipped: PulseAudio is not installed");
        return false;
    }
    // Short, as the path of a socket must be.
    let number = test
        .bytes()
        .fold(7u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let folder = std::env::temp_dir().join(format!("parley-{}-{number:x}", std::process::id()));
    for part in ["run", "home"] {
        std::fs::create_dir_all(folder.join(part)).unwrap();
    }
    let run = folder.join("run");
    std::fs::set_permissions(&run, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env("PARLEY_TEST_PULSE", "1")
        .env("XDG_RUNTIME_DIR", &run)
        .env("HOME", folder.join("home"))
        .env_remove("PULSE_SERVER")
        .env_remove("PULSE_RUNTIME_PATH")
        .status()
        .unwrap();
    if status.success() {
        let _ = std::fs::remove_dir_all(&folder);
    }
    assert!(status.success(), "{test} failed in its own environment");
    false
}

/// These tests listen to steady tones, which voice processing would take for noise or bring to the loudness of speech.
fn leave_voices_alone(end: &End) {
    end.media.process_voice(VoiceSettings {
        cancel_echo: false,
        noise: NoiseReduction::Off,
        gain: false,
        limit_shocks: false,
        level_callers: false,
        clean_callers: false,
        also_files: false,
    });
}

fn wait_for_devices(end: &mut End) -> Vec<parley_media::Device> {
    leave_voices_alone(end);
    end.wait_for("devices", |event| match event {
        MediaEvent::Devices { devices } if devices.len() >= 3 => Some(devices.clone()),
        _ => None,
    })
}

#[test]
fn speech_goes_to_the_speaker_the_ringtone_to_the_ring_device_and_the_microphone_is_heard() {
    if !in_own_environment("speech_goes_to_the_speaker_the_ringtone_to_the_ring_device_and_the_microphone_is_heard") {
        return;
    }
    let server = Server::start();
    let folder = folder("pulse-speech");
    tone_file(&folder.join("b.wav"), 1000.0, 1);
    let ring = vec![DeviceId("pulseaudio:ring".to_owned())];
    let mut a = End::start_with(
        AudioBackend::Devices,
        DeviceChoice {
            ring,
            ..DeviceChoice::default()
        },
    );
    let devices = wait_for_devices(&mut a);
    let named = |name: &str| {
        devices
            .iter()
            .find(|device| device.id.0 == format!("pulseaudio:{name}"))
    };
    assert!(named("spk").is_some_and(|device| device.default && device.direction == DeviceDirection::Output));
    assert!(named("mic").is_some_and(|device| device.default && device.direction == DeviceDirection::Input));
    assert!(named("spk.monitor").is_none());
    assert_eq!(a.media.devices(), devices);

    let speaker = server.record("spk");
    let bell = server.record("ring");
    a.media.ring(RingLevel::Normal);
    bell.wait_for("the ringtone", |sound| sounding(sound).len() > 24_000);
    assert!(
        samples(&speaker.file).iter().all(|sample| sample.abs() < 0.01),
        "the ringtone is not on the speaker"
    );
    a.media.ring(RingLevel::Off);

    let mut b = End::start(files(Some(folder.join("b.wav")), None));
    let (on_a, _) = connect(&a, &b, Codec::Pcmu);
    speaker.wait_for("speech", |sound| ends_with_tone(sound, 1000.0));

    // The room speaks: a tone is played into what the microphone hears.
    tone_file(&folder.join("room.wav"), 600.0, 30);
    let mut room = Command::new("paplay")
        .arg("--device=micsrc")
        .arg(folder.join("room.wav"))
        .spawn()
        .unwrap();
    b.wait_for_stats("the microphone", |stats| stats.level_out > 0.3);
    a.media.set_muted(on_a, true);
    b.wait_for_stats("silence", |stats| stats.level_out < 0.01);
    let _ = room.kill();
    let _ = room.wait();
    let failed = |event: &MediaEvent| matches!(event, MediaEvent::DeviceFailed { .. } | MediaEvent::NoDevice { .. });
    assert!(!a.told.iter().any(failed), "{:?}", a.told);
}

/// When, in seconds from the beginning of the recording, its first tenth of a second of this tone begins.
fn first_tone(sound: &[f32], hertz: f64) -> Option<f64> {
    let mut pieces = sound.chunks_exact(4800);
    let found = pieces.position(|piece| rms(piece) > 0.1 && share_of_tone(piece, hertz) > 0.6)?;
    Some(found as f64 / 10.0)
}

const BACK_IN_TIME: f64 = 1.3;

#[test]
fn a_device_unplugged_in_a_call_is_replaced_by_the_next_within_a_second_and_used_again_when_it_is_back() {
    if !in_own_environment(
        "a_device_unplugged_in_a_call_is_replaced_by_the_next_within_a_second_and_used_again_when_it_is_back",
    ) {
        return;
    }
    let server = Server::start();
    let folder = folder("pulse-unplug");
    tone_file(&folder.join("b.wav"), 1000.0, 1);
    let headset = ["load-module", "module-null-sink", "sink_name=headset", "rate=44100"];
    assert!(server.control(&headset));
    let speaker = vec![DeviceId("headset".to_owned()), DeviceId("pulseaudio:ring".to_owned())];
    let mut a = End::start_with(
        AudioBackend::Devices,
        DeviceChoice {
            speaker,
            ..DeviceChoice::default()
        },
    );
    wait_for_devices(&mut a);
    let b = End::start(files(Some(folder.join("b.wav")), None));
    connect(&a, &b, Codec::Pcma);
    let recording = server.record("headset");
    recording.wait_for("speech in the headset", |sound| ends_with_tone(sound, 1000.0));
    drop(recording);

    // The next of the order, not the default; both recordings run before the headset goes.
    let (next, default) = (server.record("ring"), server.record("spk"));
    next.wait_for("silence", |sound| sound.len() > 4800);
    let silence = samples(&next.file).len() as f64 / 48_000.0;
    assert!(unload(&server, "headset"));
    let sound = next.wait_for("speech from the next device", |sound| {
        first_tone(sound, 1000.0).is_some()
    });
    let gap = first_tone(&sound, 1000.0).unwrap() - silence;
    println!("the next device sounds {gap:.1} s after the headset was unplugged");
    assert!(gap < BACK_IN_TIME, "{gap} s");
    // The sound server itself moves an orphaned stream to its default, until ours is opened on the next of the order.
    let strayed = samples(&default.file)
        .iter()
        .filter(|sample| sample.abs() > 0.01)
        .count();
    assert!(strayed < 48_000, "{strayed} samples on the default");
    let used = |name: &'static str| {
        move |event: &MediaEvent| match event {
            MediaEvent::DeviceInUse {
                role: AudioRole::Speaker,
                device,
                place,
                ..
            } if device.0 == name => Some(*place),
            _ => None,
        }
    };
    assert_eq!(a.wait_for("the next device", used("pulseaudio:ring")), Some(1));

    // Again plugged in, with the rate of a telephone, as a headset of the wireless kind comes back.
    assert!(server.control(&["load-module", "module-null-sink", "sink_name=headset", "rate=16000"]));
    let back = server.record("headset");
    let sound = back.wait_for("speech in the headset again", |sound| {
        first_tone(sound, 1000.0).is_some()
    });
    let gap = first_tone(&sound, 1000.0).unwrap();
    println!("the headset sounds again {gap:.1} s after it was plugged in");
    assert!(gap < BACK_IN_TIME, "{gap} s");
    assert_eq!(a.wait_for("the headset", used("pulseaudio:headset")), Some(0));
}

#[test]
fn another_default_of_the_system_is_followed_in_the_middle_of_a_call() {
    if !in_own_environment("another_default_of_the_system_is_followed_in_the_middle_of_a_call") {
        return;
    }
    let server = Server::start();
    let folder = folder("pulse-default");
    tone_file(&folder.join("b.wav"), 1000.0, 1);
    let mut a = End::start(AudioBackend::Devices);
    wait_for_devices(&mut a);
    let b = End::start(files(Some(folder.join("b.wav")), None));
    connect(&a, &b, Codec::Pcmu);
    server
        .record("spk")
        .wait_for("speech from the default", |sound| ends_with_tone(sound, 1000.0));
    let next = server.record("ring");
    next.wait_for("silence", |sound| sound.len() > 4800);
    let silence = samples(&next.file).len() as f64 / 48_000.0;
    assert!(server.control(&["set-default-sink", "ring"]));
    let sound = next.wait_for("speech from the new default", |sound| {
        first_tone(sound, 1000.0).is_some()
    });
    let gap = first_tone(&sound, 1000.0).unwrap() - silence;
    println!("the new default sounds after {gap:.1} s");
    assert!(gap < BACK_IN_TIME, "{gap} s");
}

#[test]
fn a_microphone_that_the_system_mutes_is_told_of_within_seconds() {
    if !in_own_environment("a_microphone_that_the_system_mutes_is_told_of_within_seconds") {
        return;
    }
    let server = Server::start();
    let folder = folder("pulse-muted");
    tone_file(&folder.join("room.wav"), 600.0, 60);
    let mut a = End::start(AudioBackend::Devices);
    wait_for_devices(&mut a);
    let mut b = End::start(AudioBackend::Null);
    let mut room = Command::new("paplay")
        .arg("--device=micsrc")
        .arg(folder.join("room.wav"))
        .spawn()
        .unwrap();
    connect(&a, &b, Codec::Pcmu);
    b.wait_for_stats("the microphone", |stats| stats.level_out > 0.05);
    let told = |a: &mut End| {
        a.wait_for("whether we are heard", |event| match event {
            MediaEvent::Unheard { why } => Some(*why),
            _ => None,
        })
    };
    assert!(server.control(&["set-source-mute", "mic", "1"]));
    assert_eq!(told(&mut a), Some(Unheard::Muted));
    assert!(server.control(&["set-source-mute", "mic", "0"]));
    assert_eq!(told(&mut a), None);
    let _ = room.kill();
    let _ = room.wait();
}

/// Removes one sink by its name.
fn unload(server: &Server, sink: &str) -> bool {
    let list = Command::new("pactl")
        .args(["list", "short", "modules"])
        .output()
        .unwrap()
        .stdout;
    let list = String::from_utf8(list).unwrap();
    let line = list
        .lines()
        .find(|line| line.contains(&format!("sink_name={sink}")))
        .unwrap();
    server.control(&["unload-module", line.split_whitespace().next().unwrap()])
}

#[test]
fn without_any_sound_server_or_card_it_says_so_and_calls_go_on() {
    if !in_own_environment("without_any_sound_server_or_card_it_says_so_and_calls_go_on") {
        return;
    }
    if std::fs::read_to_string("/proc/asound/pcm").is_ok_and(|streams| !streams.trim().is_empty()) {
        eprintln!("skipped: this machine has a sound card");
        return;
    }
    let mut a = End::start(AudioBackend::Devices);
    let mut b = End::start(AudioBackend::Devices);
    connect(&a, &b, Codec::Pcmu);
    for end in [&mut a, &mut b] {
        end.wait_for_stats("packets", |stats| stats.received > 50);
        if !end
            .told
            .iter()
            .any(|event| matches!(event, MediaEvent::NoDevice { .. }))
        {
            end.wait_for("the absence", |event| {
                matches!(event, MediaEvent::NoDevice { .. }).then_some(())
            });
        }
    }
}
