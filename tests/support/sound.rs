//! Making and measuring sound.
use std::f64::consts::TAU;
use std::path::Path;

/// Octets before the samples of a plain WAV file.
const WAV_HEADER: usize = 44;

/// Writes a sine tone, 8 kHz mono 16 bit.
pub fn write_tone(path: &Path, hertz: f64, seconds: f64) {
    write_tone_at(8000, path, hertz, seconds);
}

/// The same at another sampling rate, for tones a telephone cannot carry.
pub fn write_tone_at(rate: u32, path: &Path, hertz: f64, seconds: f64) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    let rate = f64::from(rate);
    for n in 0..(seconds * rate) as usize {
        writer
            .write_sample(((n as f64 * hertz * TAU / rate).sin() * 12_000.0) as i16)
            .unwrap();
    }
    writer.finalize().unwrap();
}

/// How many seconds of a recording are louder than a whisper. It is bare samples, 16 bit, 8 kHz, mono, and may still grow.
pub fn loud_seconds(path: &Path) -> f64 {
    let bytes = std::fs::read(path).unwrap_or_default();
    let samples: Vec<f64> = bytes
        .chunks_exact(2)
        .map(|sample| f64::from(i16::from_le_bytes([sample[0], sample[1]])))
        .collect();
    let pieces = samples.chunks_exact(400);
    pieces
        .filter(|piece| piece.iter().map(|sample| sample * sample).sum::<f64>() / piece.len() as f64 > 300.0 * 300.0)
        .count() as f64
        / 20.0
}

/// Writes the same tone as raw µ-law bytes, as sipp plays them.
pub fn write_ulaw_tone(path: &Path, hertz: f64, seconds: f64) {
    let bytes: Vec<u8> = (0..(seconds * 8000.0) as usize)
        .map(|n| ulaw(((n as f64 * hertz * TAU / 8000.0).sin() * 12_000.0) as i16))
        .collect();
    std::fs::write(path, bytes).unwrap();
}

/// G.711 µ-law of one sample.
fn ulaw(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = (i32::from(sample).abs() + 132).min(32_635);
    let exponent = (magnitude >> 7).ilog2() as i32;
    let mantissa = (magnitude >> (exponent + 3)) & 0x0f;
    !(sign | (exponent << 4) as u8 | mantissa as u8)
}

/// The longest stretch, in seconds, in which more than `share` of each 100 ms piece's power is at `hertz`.
pub fn seconds_of_tone(path: &Path, hertz: f64, share: f64) -> f64 {
    seconds_of_tone_after(path, 0.0, hertz, share)
}

/// The same, without the first `start` seconds of the recording.
pub fn seconds_of_tone_after(path: &Path, start: f64, hertz: f64, share: f64) -> f64 {
    let (rate, samples) = samples(path);
    let piece = (rate / 10.0) as usize;
    let (mut longest, mut current) = (0, 0);
    for chunk in samples[samples.len().min((start * rate) as usize)..].chunks_exact(piece) {
        let has_tone = tone_share(chunk, hertz, rate) > share;
        current = if has_tone { current + 1 } else { 0 };
        longest = longest.max(current);
    }
    longest as f64 / 10.0
}

/// How long a recording is, in seconds.
pub fn seconds(path: &Path) -> f64 {
    let (rate, samples) = samples(path);
    samples.len() as f64 / rate
}

/// The sample rate and the samples of a recording with one channel that may still grow. Some programs write its header at the end
/// only, or go on behind what it says: what counts is what is there. Without a header it is taken for 8 kHz.
fn samples(path: &Path) -> (f64, Vec<f64>) {
    let rate = hound::WavReader::open(path).map_or(8000, |reader| {
        assert_eq!(
            (reader.spec().channels, reader.spec().bits_per_sample),
            (1, 16),
            "{path:?}"
        );
        reader.spec().sample_rate
    });
    let bytes = std::fs::read(path).unwrap_or_default();
    let words = bytes.get(WAV_HEADER..).unwrap_or_default().chunks_exact(2);
    let samples = words.map(|word| f64::from(i16::from_le_bytes([word[0], word[1]])));
    (f64::from(rate), samples.collect())
}

fn tone_share(chunk: &[f64], hertz: f64, rate: f64) -> f64 {
    let (mut sine, mut cosine, mut energy) = (0.0, 0.0, 0.0);
    for (n, sample) in chunk.iter().enumerate() {
        let angle = TAU * hertz * n as f64 / rate;
        sine += sample * angle.sin();
        cosine += sample * angle.cos();
        energy += sample * sample;
    }
    let loud = energy / chunk.len() as f64 > 200.0 * 200.0;
    if loud {
        2.0 * (sine * sine + cosine * cosine) / chunk.len() as f64 / energy
    } else {
        0.0
    }
}
