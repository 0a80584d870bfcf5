//! Two media engines that talk over loopback, and ears for what they say.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use parley_media::{AudioBackend, Codec, DeviceChoice, Media, MediaEvent, Reserved, SessionId, Stats, StreamParams};

pub const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// No condition takes longer than this, also on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A media engine and what it told.
pub struct End {
    pub media: Media,
    events: Receiver<MediaEvent>,
    pub told: Vec<MediaEvent>,
}

impl End {
    pub fn start(backend: AudioBackend) -> End {
        End::start_with(backend, DeviceChoice::default())
    }

    pub fn start_with(backend: AudioBackend, choice: DeviceChoice) -> End {
        let (sender, events) = channel();
        let sink = move |event| drop(sender.send(event));
        End {
            media: Media::start(backend, choice, Box::new(sink)).unwrap(),
            events,
            told: Vec::new(),
        }
    }

    /// Waits for an event that fits; everything on the way is kept in `told`.
    pub fn wait_for<T>(&mut self, what: &str, mut fits: impl FnMut(&MediaEvent) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let event = self
                .events
                .recv_timeout(left)
                .unwrap_or_else(|_| panic!("no {what}; told: {:?}", self.told));
            let found = fits(&event);
            self.told.push(event);
            if let Some(found) = found {
                return found;
            }
        }
    }

    /// Waits for the figures to say so.
    pub fn wait_for_stats(&mut self, what: &str, fits: impl Fn(&Stats) -> bool) -> Stats {
        self.wait_for(what, |event| match event {
            MediaEvent::Stats { stats, .. } if fits(stats) => Some(stats.clone()),
            _ => None,
        })
    }

    /// Waits for this many further reports of figures, which come once a second.
    pub fn wait_seconds(&mut self, seconds: usize) {
        for _ in 0..seconds {
            self.wait_for_stats("stats", |_| true);
        }
    }
}

/// What both ends of a plain call agree on.
pub fn params(codec: Codec, to: SocketAddr) -> StreamParams {
    StreamParams::both_ways(codec, to)
}

/// A call between two ends, each with its focus on it.
pub fn connect(a: &End, b: &End, codec: Codec) -> (SessionId, SessionId) {
    let (ours, theirs) = reserve(a, b);
    a.media.focus(vec![ours.id]);
    b.media.focus(vec![theirs.id]);
    a.media.start_stream(ours.id, params(codec, theirs.rtp));
    b.media.start_stream(theirs.id, params(codec, ours.rtp));
    (ours.id, theirs.id)
}

pub fn reserve(a: &End, b: &End) -> (Reserved, Reserved) {
    (a.media.reserve(LOOPBACK).unwrap(), b.media.reserve(LOOPBACK).unwrap())
}

/// A folder of this test's own, where cargo keeps such things.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("media-{name}"));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A file with a tone at half of full scale, 16 bit mono at 8 kHz.
pub fn tone_file(path: &Path, hertz: f64, seconds: u32) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for n in 0..8000 * seconds {
        let wave = (f64::from(n) * hertz * std::f64::consts::TAU / 8000.0).sin();
        writer.write_sample((wave * 16_000.0) as i16).unwrap();
    }
    writer.finalize().unwrap();
}

/// A speaker file read back, full scale being 1.0.
pub fn read(path: &Path) -> Vec<f32> {
    let mut reader = hound::WavReader::open(path).unwrap();
    assert_eq!(reader.spec().sample_rate, 48_000);
    reader
        .samples::<i16>()
        .map(|sample| f32::from(sample.unwrap()) / 32768.0)
        .collect()
}

/// The share of the energy of 48 kHz sound that is at this frequency, 0.0 to 1.0.
pub fn share_of_tone(sound: &[f32], hertz: f64) -> f64 {
    let step = hertz * std::f64::consts::TAU / 48_000.0;
    let (mut sine, mut cosine, mut energy) = (0.0, 0.0, 1e-12);
    for (n, sample) in sound.iter().enumerate() {
        let (sample, angle) = (f64::from(*sample), n as f64 * step);
        sine += sample * angle.sin();
        cosine += sample * angle.cos();
        energy += sample * sample;
    }
    2.0 * (sine * sine + cosine * cosine) / (sound.len() as f64 * energy)
}

pub fn rms(sound: &[f32]) -> f32 {
    (sound.iter().map(|sample| sample * sample).sum::<f32>() / sound.len().max(1) as f32).sqrt()
}

/// Pieces of 10 ms without sound.
pub fn gaps(sound: &[f32]) -> usize {
    sound.chunks_exact(480).filter(|piece| rms(piece) < 0.05).count()
}

/// From the first to the last piece of 10 ms with sound.
pub fn sounding(sound: &[f32]) -> &[f32] {
    let first = sound.chunks(480).position(|piece| rms(piece) > 0.1).unwrap_or(0);
    let last = sound.chunks(480).rposition(|piece| rms(piece) > 0.1).unwrap_or(0);
    &sound[first * 480..(last * 480).max(first * 480)]
}

/// A file for a microphone, a file for a speaker.
pub fn files(input: Option<PathBuf>, output: Option<PathBuf>) -> AudioBackend {
    AudioBackend::File {
        input,
        output,
        looped: true,
    }
}
