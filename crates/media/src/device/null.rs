//! No sound at all; calls run as usual.

use super::{Frame, Notice, Sound};
use crate::event::MediaEvent;
use crate::params::{AudioRole, DeviceChoice};

/// Silence in, nothing out.
pub(crate) struct Null;

impl Sound for Null {
    fn want(&mut self, _role: AudioRole, _wanted: bool) {}

    fn choose(&mut self, _choice: DeviceChoice) {}

    fn record(&mut self, frame: &mut Frame) {
        frame.fill(0.0);
    }

    fn skip(&mut self) {}

    fn play(&mut self, _role: AudioRole, _frame: &Frame) {}

    fn noticed(&mut self, _notice: Notice, _events: &mut Vec<MediaEvent>) {}
}
