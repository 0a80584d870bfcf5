//! A WAV file that is readable at any moment: the lengths in its head are right again after each half second.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use crate::device::Frame;
use crate::resample::{RATE, Resampler};

/// Speech keeps all that matters at 16 kHz (the band of G.722), and a minute is below 4 MB.
pub(super) const FILE_RATE: u32 = 16_000;
/// Octets of an instant: two channels of 16 bit.
const BLOCK: u32 = 4;
const HEAD: u32 = 44;
/// Octets written at once: half a second.
const BATCH: usize = (FILE_RATE / 2 * BLOCK) as usize;
/// Half seconds between two requests to the disk to keep what it was given.
const SYNC_EVERY: u32 = 2;

/// A recording being written.
pub(super) struct WavFile {
    file: File,
    written: u32,
    batches: u32,
    waiting: Vec<u8>,
    left: Channel,
    right: Channel,
}

struct Channel {
    resampler: Resampler,
    made: VecDeque<f32>,
}

impl Channel {
    fn new() -> io::Result<Self> {
        let resampler = Resampler::new(RATE, FILE_RATE).ok_or_else(|| io::Error::other("no resampler"))?;
        Ok(Channel {
            resampler,
            made: VecDeque::new(),
        })
    }
}

impl WavFile {
    /// A new file, or the end of one that [`WavFile`] wrote.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        {
            // Nobody else on the machine is to listen to calls.
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let mut file = options.open(path)?;
        let length = u32::try_from(file.metadata()?.len()).map_err(|_| full_length())?;
        // A torn last block of an earlier run is written over.
        let written = length.saturating_sub(HEAD) / BLOCK * BLOCK;
        head(&mut file, written)?;
        Ok(WavFile {
            file,
            written,
            batches: 0,
            waiting: Vec::with_capacity(2 * BATCH),
            left: Channel::new()?,
            right: Channel::new()?,
        })
    }

    /// Ten milliseconds of both channels at [`RATE`].
    pub(super) fn push(&mut self, left: &Frame, right: &Frame) -> io::Result<()> {
        self.left.resampler.process(left, &mut self.left.made);
        self.right.resampler.process(right, &mut self.right.made);
        let ready = self.left.made.len().min(self.right.made.len());
        for (left, right) in self.left.made.drain(..ready).zip(self.right.made.drain(..ready)) {
            for sample in [left, right] {
                let sample = (sample * 32768.0).clamp(-32768.0, 32767.0) as i16;
                self.waiting.extend_from_slice(&sample.to_le_bytes());
            }
        }
        if self.waiting.len() >= BATCH {
            self.flush()?;
        }
        Ok(())
    }

    /// The rest; how long the file is, in milliseconds.
    pub(super) fn complete(mut self) -> io::Result<u64> {
        self.flush()?;
        self.file.sync_data()?;
        Ok(u64::from(self.written / BLOCK) * 1000 / u64::from(FILE_RATE))
    }

    fn flush(&mut self) -> io::Result<()> {
        let more = u32::try_from(self.waiting.len()).map_err(|_| full_length())?;
        let written = self
            .written
            .checked_add(more)
            .filter(|written| *written < u32::MAX - HEAD)
            .ok_or_else(full_length)?;
        self.file.seek(SeekFrom::Start(u64::from(HEAD + self.written)))?;
        self.file.write_all(&self.waiting)?;
        self.waiting.clear();
        self.written = written;
        // First what it counts, then the count.
        head(&mut self.file, written)?;
        self.batches += 1;
        if self.batches.is_multiple_of(SYNC_EVERY) {
            self.file.sync_data()?;
        }
        Ok(())
    }
}

fn full_length() -> io::Error {
    io::Error::other("the file has reached the length that its format allows")
}

/// RIFF WAVE, PCM, two channels, 16 bit.
fn head(file: &mut File, data: u32) -> io::Result<()> {
    let mut head = Vec::with_capacity(HEAD as usize);
    head.extend_from_slice(b"RIFF");
    head.extend_from_slice(&(HEAD - 8 + data).to_le_bytes());
    head.extend_from_slice(b"WAVEfmt ");
    head.extend_from_slice(&16u32.to_le_bytes());
    head.extend_from_slice(&1u16.to_le_bytes());
    head.extend_from_slice(&2u16.to_le_bytes());
    head.extend_from_slice(&FILE_RATE.to_le_bytes());
    head.extend_from_slice(&(FILE_RATE * BLOCK).to_le_bytes());
    head.extend_from_slice(&(BLOCK as u16).to_le_bytes());
    head.extend_from_slice(&16u16.to_le_bytes());
    head.extend_from_slice(b"data");
    head.extend_from_slice(&data.to_le_bytes());
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&head)
}
