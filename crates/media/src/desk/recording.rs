//! The desk's part in recordings, in playing them, and in what those on hold hear.

use super::Desk;
use crate::device::Frame;
use crate::event::{MediaEvent, Playback};
use crate::params::{HoldSound, SessionId, StreamDirection};
use crate::resample::FRAME;
use crate::tone::HoldTune;

impl Desk {
    pub(super) fn set_hold_sound(&mut self, sound: HoldSound) {
        match sound {
            HoldSound::Silence => self.hold = None,
            HoldSound::Tune if self.hold.is_some() => {}
            HoldSound::Tune => self.hold = Some(HoldTune::new()),
        }
    }

    /// What those on hold hear in this step: the same for all of them.
    pub(super) fn hold_sound(&mut self) -> Frame {
        let held = self.sessions.values().any(|session| {
            let stream = session.stream.as_ref();
            stream.is_some_and(|stream| stream.params().direction == StreamDirection::SendOnly)
        });
        match &mut self.hold {
            Some(tune) if held => tune.next(),
            _ => [0.0; FRAME],
        }
    }

    /// A step of a session's recording. On hold, or with another call in front, nothing is said to it and nothing heard.
    pub(super) fn record(&mut self, session: SessionId, said: &Frame, heard: &Frame) {
        self.records.take(session, said, heard);
    }

    pub(super) fn pause_playback(&mut self, paused: bool) {
        if let Some(player) = &mut self.player {
            let told = player.pause(paused);
            self.tell(MediaEvent::Playback(told));
        }
    }

    pub(super) fn seek_playback(&mut self, at_ms: u64) {
        self.player = self.player.take().map(|player| player.seek(at_ms));
    }

    pub(super) fn stop_playback(&mut self) {
        if self.player.take().is_some() {
            self.tell(MediaEvent::Playback(Playback::Ended));
        }
    }

    /// The recording that is played, in this step.
    pub(super) fn play_recording(&mut self, heard: &mut Frame) {
        let Some(player) = &mut self.player else { return };
        let (told, goes_on) = player.mix(heard);
        if !goes_on {
            self.player = None;
        }
        if let Some(told) = told {
            self.tell(MediaEvent::Playback(told));
        }
    }
}
