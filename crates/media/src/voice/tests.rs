//! Rooms, callers and noise made by arithmetic: no clock, no device, the same in every run.

#![allow(clippy::print_stdout)] // the figures are worth reading

use super::level::{TARGET_DB, to_db};
use super::limit::CEILING;
use super::*;
use crate::params::NoiseReduction;
use crate::resample::{FRAME, RATE};

const SECOND: usize = RATE as usize;

/// Marsaglia's xorshift: -0.5 to 0.5.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    }
}

/// Something like speech: syllables of voiced sound with hissing between them, and pauses.
fn speech(seed: u64, seconds: usize, level: f32) -> Vec<f32> {
    let mut random = Random(seed);
    let (mut phase, mut smooth) = (0.0f32, 0.0f32);
    let pitch = 110.0 + (seed % 7) as f32 * 15.0;
    let mut made = Vec::with_capacity(seconds * SECOND);
    let (mut strength, mut voiced) = (0.0, true);
    for n in 0..seconds * SECOND {
        let syllable = n % (SECOND / 4);
        if syllable == 0 {
            strength = if random.next() > 0.25 { 0.0 } else { 0.6 + random.next() };
            voiced = random.next() < 0.3;
        }
        let at = syllable as f32 / (SECOND / 4) as f32;
        let envelope = (at * std::f32::consts::PI).sin().powi(2) * strength;
        phase += (pitch + 20.0 * (n as f32 / 9000.0).sin()) / RATE as f32;
        let harmonics: f32 = (1..12)
            .map(|k| (phase.fract() * k as f32 * std::f32::consts::TAU).sin() / k as f32)
            .sum();
        smooth += (random.next() - smooth) * 0.3;
        let sound = if voiced {
            harmonics * 0.5 + smooth * 0.2
        } else {
            smooth * 2.0
        };
        made.push(sound * envelope * level);
    }
    made
}

/// A room: the loudspeaker is heard after a delay and from many walls.
fn echo(far: &[f32], delay_ms: usize, seed: u64) -> Vec<f32> {
    let mut random = Random(seed);
    let delay = delay_ms * SECOND / 1000;
    let walls: Vec<(usize, f32)> = (0..30)
        .map(|k| {
            (
                delay + k * 100 + (k * k * 7) % 90,
                random.next() * (-(k as f32) / 6.0).exp(),
            )
        })
        .collect();
    let sum: f32 = walls.iter().map(|(_, gain)| gain * gain).sum();
    let scale = 0.5 / sum.sqrt();
    let heard = |n: usize| -> f32 {
        let wall = |(at, gain): &(usize, f32)| n.checked_sub(*at).map_or(0.0, |n| far[n] * gain * scale);
        walls.iter().map(wall).sum()
    };
    (0..far.len()).map(|n| heard(n) + random.next() * 0.0003).collect()
}

fn energy(sound: &[f32]) -> f32 {
    sound.iter().map(|sample| sample * sample).sum::<f32>() / sound.len() as f32
}

fn only(change: impl Fn(&mut VoiceSettings)) -> Voice {
    let mut settings = VoiceSettings {
        cancel_echo: false,
        noise: NoiseReduction::Off,
        gain: false,
        limit_shocks: false,
        level_callers: false,
        clean_callers: false,
        also_files: false,
    };
    change(&mut settings);
    let mut voice = Voice::new(true);
    voice.set(settings);
    voice
}

fn frames(sound: &[f32]) -> impl Iterator<Item = Frame> {
    sound.chunks_exact(FRAME).map(|piece| {
        let mut frame = [0.0; FRAME];
        frame.copy_from_slice(piece);
        frame
    })
}

/// A desk's steps: the microphone first, then the loudspeaker.
fn talk(voice: &mut Voice, far: &[f32], near: &[f32]) -> Vec<f32> {
    let mut out = Vec::with_capacity(near.len());
    for (mut heard, mut said) in frames(far).zip(frames(near)) {
        voice.captured(&mut said);
        voice.for_the_ear(&mut heard);
        out.extend_from_slice(&said);
    }
    out
}

/// How much less of the echo is left, in dB.
fn erle(echo: &[f32], left: &[f32]) -> f32 {
    to_db(energy(echo)) - to_db(energy(left))
}

#[test]
fn the_echo_of_any_room_is_gone_after_some_seconds() {
    for delay in [20, 120, 350] {
        let far = speech(12, 10, 0.5);
        let near = echo(&far, delay, 99);
        let left = talk(&mut only(|settings| settings.cancel_echo = true), &far, &near);
        let late = 5 * SECOND..10 * SECOND;
        let erle = erle(&near[late.clone()], &left[late]);
        println!("delay {delay} ms: ERLE {erle:.1} dB");
        assert!(erle > 20.0, "delay {delay} ms: {erle} dB");
    }
}

#[test]
fn another_device_in_the_middle_of_a_call_is_learned_anew() {
    let far = speech(5, 12, 0.5);
    let (first, second) = (echo(&far, 40, 3), echo(&far, 230, 17));
    let change = 6 * SECOND;
    let mut voice = only(|settings| settings.cancel_echo = true);
    talk(&mut voice, &far[..change], &first[..change]);
    voice.device_changed();
    let left = talk(&mut voice, &far[change..], &second[change..]);
    let erle = erle(&second[change + 3 * SECOND..], &left[3 * SECOND..]);
    println!("after the change: ERLE {erle:.1} dB");
    assert!(erle > 20.0, "{erle} dB");
}

#[test]
fn both_may_talk_at_once_and_the_near_voice_is_kept() {
    let far = speech(12, 12, 0.5);
    let own = speech(4, 12, 0.4);
    let room = echo(&far, 60, 99);
    let start = 6 * SECOND;
    let near: Vec<f32> = (0..far.len())
        .map(|n| room[n] + if n < start { 0.0 } else { own[n] })
        .collect();
    let left = talk(&mut only(|settings| settings.cancel_echo = true), &far, &near);
    let levels = |sound: &[f32]| -> Vec<f32> { sound[start..].chunks_exact(2400).map(energy).collect() };
    let (wanted, got) = (levels(&own), levels(&left));
    let kept = 10.0 * (got.iter().sum::<f32>() / wanted.iter().sum::<f32>()).log10();
    let likeness = correlation(&wanted, &got);
    println!("double talk: {kept:.1} dB of the near voice, likeness {likeness:.2}");
    assert!((-6.0..3.0).contains(&kept), "{kept} dB");
    assert!(likeness > 0.8, "{likeness}");
}

fn correlation(a: &[f32], b: &[f32]) -> f32 {
    let mean = |v: &[f32]| v.iter().sum::<f32>() / v.len() as f32;
    let (ma, mb) = (mean(a), mean(b));
    let cross: f32 = a.iter().zip(b).map(|(a, b)| (a - ma) * (b - mb)).sum();
    let spread = |v: &[f32], m: f32| v.iter().map(|x| (x - m) * (x - m)).sum::<f32>();
    cross / (spread(a, ma) * spread(b, mb)).sqrt()
}

#[test]
fn steady_noise_is_taken_out_and_strong_takes_more() {
    let mut random = Random(777);
    let noise: Vec<f32> = (0..5 * SECOND).map(|_| random.next() * 0.05).collect();
    let silence = vec![0.0; noise.len()];
    let reduction = |noise_reduction| {
        let mut voice = only(|settings| settings.noise = noise_reduction);
        let left = talk(&mut voice, &silence, &noise);
        erle(&noise[3 * SECOND..], &left[3 * SECOND..])
    };
    let [off, normal, strong] = [NoiseReduction::Off, NoiseReduction::Normal, NoiseReduction::Strong].map(reduction);
    println!("noise: off {off:.1} dB, normal {normal:.1} dB, strong {strong:.1} dB");
    assert!(
        off.abs() < 0.1 && normal > 9.0 && strong > normal + 3.0,
        "{off} {normal} {strong}"
    );
}

#[test]
fn a_quiet_voice_is_raised_by_the_gain_control() {
    let quiet = speech(9, 12, 0.03);
    let silence = vec![0.0; quiet.len()];
    let made = talk(&mut only(|settings| settings.gain = true), &silence, &quiet);
    let raised = -erle(&quiet[8 * SECOND..], &made[8 * SECOND..]);
    println!("gain control: {raised:.1} dB");
    assert!((6.0..26.0).contains(&raised), "{raised} dB");
}

#[test]
fn nothing_is_ever_heard_above_the_ceiling_and_speech_below_it_is_left_alone() {
    let mut voice = only(|settings| settings.limit_shocks = true);
    let calm = speech(8, 4, 0.3);
    let mut sum = (0.0, 0.0);
    for frame in frames(&calm) {
        let mut made = frame;
        voice.for_the_ear(&mut made);
        sum = (sum.0 + energy(&frame), sum.1 + energy(&made));
    }
    let change = 10.0 * (sum.1 / sum.0).log10();
    assert!(change.abs() < 0.5, "{change} dB");
    // Bangs, full-scale shrieks, and what no converter should ever give.
    let mut random = Random(42);
    for n in 0..2000usize {
        let loud = [0.2, 1.0, 40.0][n % 3];
        let mut frame = [0.0; FRAME];
        frame.iter_mut().for_each(|sample| *sample = random.next() * 2.0 * loud);
        frame[n % FRAME] = loud;
        voice.for_the_ear(&mut frame);
        assert!(frame.iter().all(|sample| sample.abs() <= CEILING), "step {n}");
    }
}

#[test]
fn a_shriek_after_quiet_speech_is_cut_to_what_an_ear_bears() {
    let mut voice = only(|settings| settings.limit_shocks = true);
    for mut frame in frames(&speech(8, 4, 0.06)) {
        voice.for_the_ear(&mut frame);
    }
    let mut frame = [0.0; FRAME];
    for (n, sample) in frame.iter_mut().enumerate() {
        *sample = (n as f32 * 0.3).sin();
    }
    voice.for_the_ear(&mut frame);
    let peak = frame.iter().fold(0.0f32, |peak, sample| peak.max(sample.abs()));
    assert!(peak < 0.25, "{peak}");
}

#[test]
fn callers_of_any_loudness_come_to_the_same() {
    let mut voice = only(|settings| settings.level_callers = true);
    let mut levels = Vec::new();
    for (number, level) in [(1, 0.08), (2, 0.3), (3, 1.0)] {
        let mut made = Vec::new();
        for mut frame in frames(&speech(6, 14, level)) {
            voice.caller(SessionId(number), &mut frame);
            made.extend_from_slice(&frame);
        }
        levels.push(to_db(energy(&made[10 * SECOND..])));
    }
    println!("callers 22 dB apart are heard at {levels:.1?} dB; aimed at {TARGET_DB} while they speak");
    let (least, most) = (
        levels.iter().copied().fold(0.0, f32::min),
        levels.iter().copied().fold(-90.0, f32::max),
    );
    assert!(most - least < 3.0, "{levels:?}");
}

#[test]
fn the_noise_of_a_silent_line_is_not_raised() {
    let mut voice = only(|settings| settings.level_callers = true);
    let mut random = Random(5);
    for _ in 0..2000 {
        let mut frame = [0.0; FRAME];
        frame.iter_mut().for_each(|sample| *sample = random.next() * 0.004);
        let before = energy(&frame);
        voice.caller(SessionId(1), &mut frame);
        assert!((energy(&frame) / before - 1.0).abs() < 0.01);
    }
}

#[test]
fn files_are_left_alone_unless_asked_for() {
    let mut voice = Voice::new(false);
    let original: Vec<Frame> = frames(&speech(3, 1, 1.5)).collect();
    for frame in &original {
        let (mut said, mut heard, mut caller) = (*frame, *frame, *frame);
        voice.captured(&mut said);
        voice.for_the_ear(&mut heard);
        voice.caller(SessionId(1), &mut caller);
        assert!(said == *frame && heard == *frame && caller == *frame);
    }
    voice.set(VoiceSettings {
        also_files: true,
        ..VoiceSettings::default()
    });
    let changed = original.iter().any(|frame| {
        let mut heard = *frame;
        voice.for_the_ear(&mut heard);
        heard != *frame
    });
    assert!(changed);
}

/// A measurement, not a test: `cargo test --release -p parley-media -- --ignored --nocapture everything_on`.
#[test]
#[ignore = "a measurement"]
fn everything_on_takes_little_of_a_core() {
    let mut voice = Voice::new(true);
    voice.set(VoiceSettings {
        noise: NoiseReduction::Strong,
        clean_callers: true,
        ..VoiceSettings::default()
    });
    let far = speech(12, 20, 0.5);
    let near = echo(&far, 60, 99);
    // Nanoseconds this thread has had a core, whatever else the machine does.
    let busy = || -> f64 {
        let known = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
        known.split(' ').next().unwrap().parse().unwrap()
    };
    let begun = busy();
    for (mut heard, mut said) in frames(&far).zip(frames(&near)) {
        voice.captured(&mut said);
        voice.caller(SessionId(1), &mut heard);
        voice.callers(&mut heard);
        voice.for_the_ear(&mut heard);
    }
    let share = (busy() - begun) / 20e9 * 100.0;
    println!("all voice processing takes {share:.2} % of a core");
}
