//! Recordings of calls: what we said on the left channel, what we heard on the right one.
//!
//! The desk gives two frames a step and never waits: a thread of each recording's own writes them. When the disk
//! stalls for seconds, what did not fit becomes silence in the file, so that its time still runs with the call's; when
//! the disk is full the recording ends and the call goes on.

mod play;
mod wav;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

pub(crate) use play::Player;

use crate::device::Frame;
use crate::event::{MediaEvent, RecordingFault};
use crate::params::{Recording, SessionId};
use crate::resample::FRAME;
use crate::tone::{self, Beep};
use wav::WavFile;

/// Steps that may wait for the disk: three seconds.
const WAITING: usize = 300;

/// Ten milliseconds of both sides.
struct Piece {
    /// Steps before this one that found no room.
    missed: usize,
    said: Frame,
    heard: Frame,
}

/// One running recording.
struct Recorder {
    file: PathBuf,
    pieces: SyncSender<Piece>,
    writer: JoinHandle<()>,
    missed: usize,
    paused: bool,
    announced: bool,
}

/// All recordings of the desk.
pub(crate) struct Records {
    events: Sender<MediaEvent>,
    running: BTreeMap<SessionId, Recorder>,
    /// Files that are being completed.
    finishing: Vec<(PathBuf, JoinHandle<()>)>,
    announcement: Option<Beep>,
}

impl Records {
    pub(crate) fn new(events: Sender<MediaEvent>) -> Self {
        Records {
            events,
            running: BTreeMap::new(),
            finishing: Vec::new(),
            announcement: None,
        }
    }

    /// Begins to record a session, or goes on in a file that is there already. Another recording of it ends.
    pub(crate) fn start(&mut self, session: SessionId, wish: Recording) {
        self.stop(session);
        let (pieces, to_write) = sync_channel(WAITING);
        let (same, others) = std::mem::take(&mut self.finishing)
            .into_iter()
            .partition::<Vec<_>, _>(|(file, _)| *file == wish.file);
        self.finishing = others;
        let (events, file) = (self.events.clone(), wish.file.clone());
        let writer = thread::Builder::new().name("parley-record".to_owned()).spawn(move || {
            // The file is completed before it goes on.
            for (_, before) in same {
                drop(before.join());
            }
            let event = match write(&file, &to_write) {
                Ok(millis) => MediaEvent::Recorded { session, millis },
                Err(error) => MediaEvent::RecordingFailed {
                    session,
                    why: fault(&error),
                },
            };
            drop(events.send(event));
        });
        match writer {
            Ok(writer) => {
                let recorder = Recorder {
                    file: wish.file,
                    pieces,
                    writer,
                    missed: 0,
                    paused: false,
                    announced: wish.announce,
                };
                self.running.insert(session, recorder);
            }
            Err(error) => drop(self.events.send(MediaEvent::RecordingFailed {
                session,
                why: fault(&error),
            })),
        }
    }

    /// Leaves out what is said and heard, or takes it again.
    pub(crate) fn pause(&mut self, session: SessionId, paused: bool) {
        if let Some(recorder) = self.running.get_mut(&session) {
            recorder.paused = paused;
        }
    }

    /// Ends a recording; its file is completed by its own thread.
    pub(crate) fn stop(&mut self, session: SessionId) {
        self.finishing.retain(|(_, writer)| !writer.is_finished());
        if let Some(recorder) = self.running.remove(&session) {
            self.finishing.push((recorder.file, recorder.writer));
        }
    }

    /// Completes all files.
    pub(crate) fn finish(&mut self) {
        let sessions: Vec<SessionId> = self.running.keys().copied().collect();
        sessions.into_iter().for_each(|session| self.stop(session));
        for (_, writer) in self.finishing.drain(..) {
            drop(writer.join());
        }
    }

    /// The beep that tells both ends of a recording, for this step: when one of these sessions is being recorded and it
    /// is to be announced.
    pub(crate) fn announcement(&mut self, focus: &[SessionId]) -> Option<Frame> {
        let announced = |session: &SessionId| {
            self.running
                .get(session)
                .is_some_and(|recorder| recorder.announced && !recorder.paused)
        };
        if !focus.iter().any(announced) {
            self.announcement = None;
            return None;
        }
        let mut frame = [0.0; FRAME];
        self.announcement.get_or_insert_with(tone::recording).mix(&mut frame);
        Some(frame)
    }

    /// One step of a session.
    pub(crate) fn take(&mut self, session: SessionId, said: &Frame, heard: &Frame) {
        let Some(recorder) = self.running.get_mut(&session).filter(|recorder| !recorder.paused) else {
            return;
        };
        let piece = Piece {
            missed: std::mem::take(&mut recorder.missed),
            said: *said,
            heard: *heard,
        };
        match recorder.pieces.try_send(piece) {
            Ok(()) => {}
            Err(TrySendError::Full(piece)) => recorder.missed = piece.missed + 1,
            // Its thread has told why.
            Err(TrySendError::Disconnected(_)) => self.stop(session),
        }
    }
}

/// Writes until the recording ends; how long the file is then, in milliseconds.
fn write(file: &std::path::Path, pieces: &Receiver<Piece>) -> std::io::Result<u64> {
    let mut wav = WavFile::open(file)?;
    let silence = [0.0; FRAME];
    for piece in pieces {
        for _ in 0..piece.missed {
            wav.push(&silence, &silence)?;
        }
        wav.push(&piece.said, &piece.heard)?;
    }
    wav.complete()
}

fn fault(error: &std::io::Error) -> RecordingFault {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => RecordingFault::DiskFull,
        _ => RecordingFault::Other(error.to_string()),
    }
}

#[cfg(test)]
mod tests;
