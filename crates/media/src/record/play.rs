//! Plays a recording on the speaker. A thread reads ahead; the desk takes what is there and never waits.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;

use crate::device::Frame;
use crate::event::Playback;
use crate::resample::{FRAME, RATE, Resampler};

/// Frames read ahead: half a second.
const AHEAD: usize = 50;
/// Frames between two reports of the position: a quarter of a second.
const REPORT_EVERY: u32 = 25;
/// Both sides in one ear, without clipping when both speak.
const EACH_SIDE: f32 = 0.7;

enum Read {
    Length(u64),
    Sound(Box<Frame>),
    Fault(String),
}

/// A recording that is being played.
pub(crate) struct Player {
    file: PathBuf,
    read: Receiver<Read>,
    began_ms: u64,
    frames: u32,
    length_ms: u64,
    paused: bool,
}

impl Player {
    /// From this position on.
    pub(crate) fn start(file: PathBuf, at_ms: u64) -> Player {
        let (to_play, read) = sync_channel(AHEAD);
        let path = file.clone();
        let spawned = thread::Builder::new().name("parley-play".to_owned()).spawn(move || {
            if let Err(error) = read_ahead(&path, at_ms, &to_play) {
                drop(to_play.send(Read::Fault(error.to_string())));
            }
        });
        if let Err(error) = spawned {
            log::error!("no thread to play a recording: {error}");
        }
        Player {
            file,
            read,
            began_ms: at_ms,
            frames: 0,
            length_ms: 0,
            paused: false,
        }
    }

    /// Stops for a while, or goes on.
    pub(crate) fn pause(&mut self, paused: bool) -> Playback {
        self.paused = paused;
        self.state()
    }

    /// The same recording from another position on.
    pub(crate) fn seek(&self, at_ms: u64) -> Player {
        let mut player = Player::start(self.file.clone(), at_ms);
        player.paused = self.paused;
        player.length_ms = self.length_ms;
        player
    }

    /// Adds the sound of a step; what there is to tell, and whether it goes on.
    pub(crate) fn mix(&mut self, frame: &mut Frame) -> (Option<Playback>, bool) {
        if self.paused {
            return (None, true);
        }
        match self.read.try_recv() {
            Ok(Read::Length(length_ms)) => {
                self.length_ms = length_ms;
                (Some(self.state()), true)
            }
            Ok(Read::Sound(sound)) => {
                frame
                    .iter_mut()
                    .zip(sound.iter())
                    .for_each(|(sum, sample)| *sum += sample);
                self.frames += 1;
                let told = self.frames.is_multiple_of(REPORT_EVERY).then(|| self.state());
                (told, true)
            }
            Ok(Read::Fault(why)) => (Some(Playback::Failed { why }), false),
            Err(TryRecvError::Empty) => (None, true),
            Err(TryRecvError::Disconnected) => (Some(Playback::Ended), false),
        }
    }

    fn state(&self) -> Playback {
        let at_ms = self.began_ms + u64::from(self.frames) * 10;
        Playback::At {
            at_ms: at_ms.min(self.length_ms),
            length_ms: self.length_ms,
            paused: self.paused,
        }
    }
}

/// Reads until the end, or until nobody listens any more.
fn read_ahead(path: &Path, at_ms: u64, to_play: &SyncSender<Read>) -> Result<(), hound::Error> {
    let mut reader = hound::WavReader::open(path)?;
    let spec = reader.spec();
    let channels = usize::from(spec.channels.max(1));
    let rate = u64::from(spec.sample_rate.max(1));
    let length = u64::from(reader.duration());
    if to_play.send(Read::Length(length * 1000 / rate)).is_err() {
        return Ok(());
    }
    let from = (at_ms * rate / 1000).min(length);
    reader.seek(u32::try_from(from).unwrap_or(u32::MAX))?;
    let mut resampler =
        Resampler::new(spec.sample_rate, RATE).ok_or(hound::Error::FormatError("no such sampling rate"))?;
    let mut made = VecDeque::new();
    let mut samples = reader.samples::<i16>();
    loop {
        let mut mixed = Vec::with_capacity(160);
        for _ in 0..160 {
            let mut sum = 0.0;
            let mut some = false;
            for sample in samples.by_ref().take(channels) {
                sum += f32::from(sample?) / 32768.0 * EACH_SIDE;
                some = true;
            }
            if !some {
                break;
            }
            mixed.push(sum.clamp(-1.0, 1.0));
        }
        let over = mixed.is_empty();
        resampler.process(&mixed, &mut made);
        while made.len() >= FRAME || (over && !made.is_empty()) {
            let mut frame = Box::new([0.0; FRAME]);
            frame
                .iter_mut()
                .zip(made.drain(..FRAME.min(made.len())))
                .for_each(|(into, sample)| *into = sample);
            if to_play.send(Read::Sound(frame)).is_err() {
                return Ok(());
            }
        }
        if over {
            return Ok(());
        }
    }
}
