//! A loudspeaker in front of the microphone: what is heard is said again. The far end measures with it how long sound is on its way.

use super::{Frame, Notice, Sound};
use crate::event::MediaEvent;
use crate::params::{AudioRole, DeviceChoice};
use crate::resample::FRAME;

/// What was played last.
pub(crate) struct Loopback(Frame);

impl Loopback {
    pub(crate) fn new() -> Self {
        Loopback([0.0; FRAME])
    }
}

impl Sound for Loopback {
    fn want(&mut self, _role: AudioRole, _wanted: bool) {}

    fn choose(&mut self, _choice: DeviceChoice) {}

    fn record(&mut self, frame: &mut Frame) {
        *frame = self.0;
    }

    fn skip(&mut self) {}

    fn play(&mut self, role: AudioRole, frame: &Frame) {
        if role == AudioRole::Speaker {
            self.0 = *frame;
        }
    }

    fn noticed(&mut self, _notice: Notice, _events: &mut Vec<MediaEvent>) {}
}
