//! A microphone that is a WAV file and a speaker that is one, for automation and tests.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};

use super::{Frame, Notice, Sound};
use crate::event::MediaEvent;
use crate::params::{AudioRole, DeviceChoice};
use crate::resample::{FRAME, RATE, Resampler};

/// Frames between two updates of the header on disk: a kill loses at most this much.
const FLUSH_EVERY: u32 = 20;

/// The two files.
pub(crate) struct Files {
    input: Option<Input>,
    output: Option<Output>,
    speaking: bool,
}

impl Files {
    /// Opens what can be opened; the rest is silence and a [`MediaEvent::DeviceFailed`].
    pub(crate) fn open(
        input: Option<PathBuf>,
        output: Option<PathBuf>,
        looped: bool,
        events: &mut Vec<MediaEvent>,
    ) -> Files {
        let mut failed = |role, path: &Path, error: hound::Error| {
            events.push(MediaEvent::DeviceFailed {
                role,
                why: format!("{}: {error}", path.display()),
            });
        };
        let input = input.and_then(|path| {
            Input::open(&path, looped)
                .map_err(|error| failed(AudioRole::Microphone, &path, error))
                .ok()
        });
        let output = output.and_then(|path| {
            Output::create(&path)
                .map_err(|error| failed(AudioRole::Speaker, &path, error))
                .ok()
        });
        Files {
            input,
            output,
            speaking: false,
        }
    }
}

impl Sound for Files {
    /// A call that comes after a pause hears the input from its beginning.
    fn want(&mut self, role: AudioRole, wanted: bool) {
        if role == AudioRole::Microphone && wanted && !std::mem::replace(&mut self.speaking, wanted) {
            if let Some(input) = &mut self.input {
                input.rewind();
            }
        } else if role == AudioRole::Microphone {
            self.speaking = wanted;
        } else if role == AudioRole::Speaker
            && !wanted
            && let Some(output) = &mut self.output
        {
            output.flush();
        }
    }

    fn choose(&mut self, _choice: DeviceChoice) {}

    fn record(&mut self, frame: &mut Frame) {
        match &mut self.input {
            Some(input) => input.read(frame),
            None => frame.fill(0.0),
        }
    }

    fn skip(&mut self) {}

    fn play(&mut self, role: AudioRole, frame: &Frame) {
        if role == AudioRole::Speaker
            && let Some(output) = &mut self.output
        {
            output.write(frame);
        }
    }

    fn noticed(&mut self, _notice: Notice, _events: &mut Vec<MediaEvent>) {}
}

struct Input {
    reader: WavReader<BufReader<File>>,
    spec: WavSpec,
    looped: bool,
    ended: bool,
    resampler: Resampler,
    piece: Vec<f32>,
    ready: VecDeque<f32>,
}

impl Input {
    fn open(path: &Path, looped: bool) -> Result<Input, hound::Error> {
        let reader = WavReader::open(path)?;
        let spec = reader.spec();
        let resampler = Resampler::new(spec.sample_rate, RATE)
            .filter(|_| spec.channels > 0 && reader.duration() > 0)
            .ok_or(hound::Error::Unsupported)?;
        let (piece, ready) = (Vec::new(), VecDeque::new());
        Ok(Input {
            reader,
            spec,
            looped,
            ended: false,
            resampler,
            piece,
            ready,
        })
    }

    fn rewind(&mut self) {
        self.ended = self.reader.seek(0).is_err();
        self.ready.clear();
    }

    fn read(&mut self, frame: &mut Frame) {
        while self.ready.len() < FRAME {
            let wanted = (self.spec.sample_rate / 100) as usize;
            self.piece.clear();
            while self.piece.len() < wanted && !self.ended {
                let got = self.piece.len();
                self.read_piece(wanted - got);
                if self.piece.len() < wanted {
                    let nothing = self.piece.len() == got && self.reader.duration() == 0;
                    self.ended = !self.looped || nothing || self.reader.seek(0).is_err();
                }
            }
            self.piece.resize(wanted, 0.0);
            self.resampler.process(&self.piece, &mut self.ready);
        }
        for (slot, sample) in frame.iter_mut().zip(self.ready.drain(..FRAME)) {
            *slot = sample;
        }
    }

    /// Appends the first channel of up to `count` samples.
    fn read_piece(&mut self, count: usize) {
        let channels = usize::from(self.spec.channels);
        let values = count * channels;
        match self.spec.sample_format {
            SampleFormat::Float => {
                let samples = self.reader.samples::<f32>().take(values).map_while(Result::ok);
                self.piece.extend(samples.step_by(channels));
            }
            SampleFormat::Int => {
                let full = 2f32.powi(i32::from(self.spec.bits_per_sample) - 1);
                let samples = self.reader.samples::<i32>().take(values).map_while(Result::ok);
                self.piece
                    .extend(samples.step_by(channels).map(|sample| sample as f32 / full));
            }
        }
    }
}

struct Output {
    writer: WavWriter<BufWriter<File>>,
    since_flush: u32,
    broken: bool,
}

impl Output {
    fn create(path: &Path) -> Result<Output, hound::Error> {
        let spec = WavSpec {
            channels: 1,
            sample_rate: RATE,
            bits_per_sample: 16,
            sample_format: SampleFormat::Int,
        };
        let mut writer = WavWriter::create(path, spec)?;
        writer.flush()?;
        Ok(Output {
            writer,
            since_flush: 0,
            broken: false,
        })
    }

    fn write(&mut self, frame: &Frame) {
        for sample in frame {
            let sample = (sample * 32767.0).clamp(-32767.0, 32767.0) as i16;
            if let Err(error) = self.writer.write_sample(sample) {
                self.complain(&error);
                return;
            }
        }
        self.since_flush += 1;
        if self.since_flush >= FLUSH_EVERY {
            self.flush();
        }
    }

    fn flush(&mut self) {
        self.since_flush = 0;
        if let Err(error) = self.writer.flush() {
            self.complain(&error);
        }
    }

    fn complain(&mut self, error: &hound::Error) {
        if !std::mem::replace(&mut self.broken, true) {
            log::warn!("the speaker's file cannot be written: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{share_of_tone, tone};

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("parley-media-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_stereo_file_of_another_rate_is_heard_once_or_again_and_again() {
        let path = folder("input").join("in.wav");
        let spec = WavSpec {
            channels: 2,
            sample_rate: 16_000,
            bits_per_sample: 16,
            sample_format: SampleFormat::Int,
        };
        let mut writer = WavWriter::create(&path, spec).unwrap();
        for sample in tone(500.0, 16_000, 16_000) {
            writer.write_sample((sample * 32767.0) as i16).unwrap();
            writer.write_sample(0i16).unwrap();
        }
        writer.finalize().unwrap();
        for looped in [false, true] {
            let mut events = Vec::new();
            let mut files = Files::open(Some(path.clone()), None, looped, &mut events);
            let mut heard = Vec::new();
            for _ in 0..250 {
                let mut frame = [0.0; FRAME];
                files.record(&mut frame);
                heard.extend_from_slice(&frame);
            }
            assert!(events.is_empty());
            assert!(share_of_tone(&heard[4800..43_200], 500.0, RATE) > 0.99);
            let late = heard[60_000..90_000].iter().any(|sample| sample.abs() > 0.4);
            assert_eq!(late, looped);
        }
        std::fs::remove_dir_all(folder("input")).unwrap();
    }

    #[test]
    fn the_output_can_be_read_while_it_is_still_being_written() {
        let path = folder("output").join("out.wav");
        let mut files = Files::open(None, Some(path.clone()), false, &mut Vec::new());
        (0..100).for_each(|_| files.play(AudioRole::Speaker, &[0.25; FRAME]));
        files.play(AudioRole::Ring, &[0.9; FRAME]);
        let mut reader = WavReader::open(&path).unwrap();
        let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
        assert_eq!(samples.len(), 48_000);
        assert!(samples.iter().all(|sample| (8190..8193).contains(sample)));
        drop(files);
        std::fs::remove_dir_all(folder("output")).unwrap();
    }

    #[test]
    fn a_file_that_is_not_there_is_reported_and_silence() {
        let mut events = Vec::new();
        let mut files = Files::open(Some("/nowhere/in.wav".into()), None, false, &mut events);
        assert!(matches!(
            &events[..],
            [MediaEvent::DeviceFailed {
                role: AudioRole::Microphone,
                ..
            }]
        ));
        let mut frame = [1.0; FRAME];
        files.record(&mut frame);
        assert_eq!(frame, [0.0; FRAME]);
    }
}
