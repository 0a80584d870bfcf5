//! Recordings: which calls are recorded, and how they are heard again.
use super::pending::Pending;
use super::{AskId, Call, Core, Effect, Recall, StoreCommand};
use crate::{Event, NoticeLevel, RecordPolicy, RecordingView, Refusal, RefusalCode, Reply, Ringtone};
use parley_call::{CallId, CallState};
use parley_media::{HoldSound, Playback, Recording, RecordingFault, RingStyle, SessionId};
use parley_store::HistoryId;

/// A call's recording. There is one file for a call, however often it is stopped and begun again.
#[derive(Debug)]
pub(crate) struct Record {
    file: String,
    state: RecordingView,
    /// The session media records; none while the call has no ports.
    pub on: Option<SessionId>,
}

impl Call {
    pub(super) fn recording_view(&self) -> RecordingView {
        self.recording
            .as_ref()
            .map_or(RecordingView::Off, |record| record.state)
    }
}

impl Core {
    /// How Parley sounds, as the settings have it.
    pub(super) fn tell_sounds(&mut self) {
        let settings = &self.settings;
        let hold = if settings.hold_tune {
            HoldSound::Tune
        } else {
            HoldSound::Silence
        };
        self.out.extend([
            Effect::RingStyle(ring_style(settings.ringtone)),
            Effect::ToneCountry(settings.tone_country.clone()),
            Effect::HoldSound(hold),
        ]);
    }

    /// Begins to record, or records no more.
    pub(super) fn set_recording(&mut self, id: CallId, on: bool) -> Result<Reply, Refusal> {
        let active = self.board.call(id).is_some_and(|call| call.state == CallState::Active);
        if !active {
            return Err(not_now("Only a connected call can be recorded."));
        }
        if on && self.settings.record_calls == RecordPolicy::Never {
            return Err(not_now("Calls are never recorded on this phone. The settings say so."));
        }
        if on && self.config.recordings.is_none() {
            return Err(not_now("Nothing is kept in this run, so calls cannot be recorded."));
        }
        if on {
            self.begin_recording(id);
        } else {
            self.end_recording(id);
        }
        Ok(Reply::Done)
    }

    /// Leaves out what is said now, or takes it again.
    pub(super) fn pause_recording(&mut self, id: CallId, on: bool) -> Result<Reply, Refusal> {
        let record = self.calls.get_mut(&id).and_then(|call| call.recording.as_mut());
        let Some(record) = record.filter(|record| record.state != RecordingView::Off) else {
            return Err(not_now("This call is not being recorded."));
        };
        record.state = if on {
            RecordingView::Paused
        } else {
            RecordingView::Running
        };
        if let Some(session) = record.on {
            self.out.push_back(Effect::PauseRecording(session, on));
        }
        self.tell(id, if on { "Recording paused" } else { "Recording goes on" });
        Ok(Reply::Done)
    }

    /// An answered call is recorded when all are.
    pub(super) fn record_by_rule(&mut self, id: CallId) {
        if self.settings.record_calls == RecordPolicy::Always && self.config.recordings.is_some() {
            self.begin_recording(id);
        }
    }

    fn begin_recording(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        if call.recording_view() != RecordingView::Off {
            return;
        }
        // Nothing that a caller chose is part of the name.
        let file = format!("call-{}-{}.wav", call.began, id.0);
        call.recording = Some(Record {
            file: file.clone(),
            state: RecordingView::Running,
            on: None,
        });
        self.store(StoreCommand::Recorded(id, file));
        self.tell(id, "Recording");
        self.run_recording(id);
    }

    fn end_recording(&mut self, id: CallId) {
        let Some(record) = self.calls.get_mut(&id).and_then(|call| call.recording.as_mut()) else {
            return;
        };
        record.state = RecordingView::Off;
        if let Some(session) = record.on.take() {
            self.out.push_back(Effect::StopRecording(session));
        }
        self.tell(id, "Recording stopped");
    }

    /// Lets media record as soon as there is sound, and again when the call has moved to other ports.
    pub(super) fn run_recording(&mut self, id: CallId) {
        let announce = self.settings.announce_recording;
        let (Some(call), Some(folder)) = (self.calls.get_mut(&id), &self.config.recordings) else {
            return;
        };
        let (Some(record), Some(reserved)) = (&mut call.recording, call.sound.reserved) else {
            return;
        };
        if call.sound.running.is_none() || record.state == RecordingView::Off || record.on == Some(reserved.id) {
            return;
        }
        record.on = Some(reserved.id);
        let file = folder.join(&record.file);
        self.out
            .push_back(Effect::Record(reserved.id, Recording { file, announce }));
        if record.state == RecordingView::Paused {
            self.out.push_back(Effect::PauseRecording(reserved.id, true));
        }
    }

    /// It ended early. The call goes on; what was written stays.
    pub(super) fn recording_failed(&mut self, id: CallId, why: &RecordingFault) {
        if let Some(record) = self.calls.get_mut(&id).and_then(|call| call.recording.as_mut()) {
            record.state = RecordingView::Off;
            record.on = None;
        }
        let text = match why {
            RecordingFault::DiskFull => {
                "The disk is full: the call is not recorded any more. Make room, then record again.".to_owned()
            }
            RecordingFault::Other(why) => {
                log::warn!("a recording failed: {why}");
                "The call is not recorded any more: its file cannot be written.".to_owned()
            }
        };
        self.tell(id, "Recording failed");
        self.notice("recording", NoticeLevel::Error, text);
    }

    /// Plays the recording of an entry.
    pub(super) fn play_recording(
        &mut self,
        ask: AskId,
        entry: HistoryId,
        at_ms: u64,
    ) -> Option<Result<Reply, Refusal>> {
        if self.board.calls().any(|call| call.end.is_none()) {
            return Some(Err(not_now("Sound is in use by a call. Play the recording after it.")));
        }
        self.asks.insert(ask, Pending::Play(at_ms));
        self.store(StoreCommand::Recall(ask, Recall::Entry(entry)));
        None
    }

    /// The entry whose recording is to be played has been read.
    pub(super) fn play_recalled(&mut self, ask: AskId, entry: Option<parley_store::Entry>, at_ms: u64) {
        let found = entry.filter(|entry| !entry.recording.is_empty());
        let answer = match (found, &self.config.recordings) {
            (Some(entry), Some(folder)) => {
                self.out.push_back(Effect::Play(folder.join(&entry.recording), at_ms));
                self.playing = Some(entry.id.0);
                Ok(Reply::Done)
            }
            _ => Err(Refusal::new(
                RefusalCode::NoSuchEntry,
                "There is no recording of this call.",
            )),
        };
        self.reply(ask, answer);
    }

    pub(super) fn stop_playback(&mut self) {
        if self.playing.is_some() {
            self.out.push_back(Effect::StopPlayback);
        }
    }

    /// How the playing goes.
    pub(super) fn played(&mut self, state: Playback) {
        let (at_ms, length_ms, paused) = match state {
            Playback::At {
                at_ms,
                length_ms,
                paused,
            } => (at_ms, length_ms, paused),
            Playback::Ended => {
                self.playing = None;
                (0, 0, false)
            }
            Playback::Failed { why } => {
                log::warn!("a recording cannot be played: {why}");
                self.playing = None;
                let text = "This recording cannot be played: its file is gone or damaged.";
                self.notice("playback", NoticeLevel::Warning, text);
                (0, 0, false)
            }
        };
        self.changes.said.push(Event::Playback {
            entry: self.playing,
            at_ms,
            length_ms,
            paused,
        });
    }
}

fn not_now(why: &str) -> Refusal {
    Refusal::new(RefusalCode::NotNow, why)
}

/// What media is told.
fn ring_style(ringtone: Ringtone) -> RingStyle {
    match ringtone {
        Ringtone::Marimba => RingStyle::Marimba,
        Ringtone::Bell => RingStyle::Bell,
        Ringtone::Chime => RingStyle::Chime,
        Ringtone::Warble => RingStyle::Warble,
    }
}
