//! What is done to voices: echo, noise and loudness of our own, loudness and shocks of what is heard.
//!
//! The mixing desk gives each frame to this module at three points: a caller's before the mix, the mix before the
//! loudspeaker, and the microphone's before anybody hears it. Far end and near end come in the desk's own time, as both
//! devices' clocks are followed by their resamplers: the delay between them is steady while the devices are the same.

mod level;
mod limit;
mod process;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::device::Frame;
use crate::params::{SessionId, VoiceSettings};
use level::Leveller;
use limit::Limiter;
use process::{Cleaner, Outgoing};

/// All processing of one desk.
pub(crate) struct Voice {
    settings: VoiceSettings,
    /// Files and silence are left alone unless the settings say so.
    devices: bool,
    outgoing: Option<Outgoing>,
    /// The microphone's frame of this step was processed: the loudspeaker's belongs to it.
    paired: bool,
    cleaner: Option<Cleaner>,
    levellers: BTreeMap<SessionId, Leveller>,
    limiter: Limiter,
}

impl Voice {
    /// Nothing is built before the first frame needs it. `devices` tells real devices from files.
    pub(crate) fn new(devices: bool) -> Voice {
        Voice {
            settings: VoiceSettings::default(),
            devices,
            outgoing: None,
            paired: false,
            cleaner: None,
            levellers: BTreeMap::new(),
            limiter: Limiter::new(),
        }
    }

    /// Other settings, from the next frame on.
    pub(crate) fn set(&mut self, settings: VoiceSettings) {
        let before = std::mem::replace(&mut self.settings, settings);
        if Outgoing::wants(&before) != Outgoing::wants(&self.settings) {
            self.outgoing = None;
        }
        if !self.settings.clean_callers {
            self.cleaner = None;
        }
        if !self.settings.level_callers {
            self.levellers.clear();
        }
    }

    /// Another microphone or loudspeaker: its echo has nothing in common with the last one's.
    pub(crate) fn device_changed(&mut self) {
        self.outgoing = None;
    }

    /// No call any more: nothing is remembered.
    pub(crate) fn rest(&mut self) {
        self.outgoing = None;
        self.cleaner = None;
        self.limiter = Limiter::new();
    }

    /// The session is over.
    pub(crate) fn forget(&mut self, session: SessionId) {
        self.levellers.remove(&session);
    }

    /// A caller's frame, before it is mixed with others.
    pub(crate) fn caller(&mut self, session: SessionId, frame: &mut Frame) {
        if self.is_on() && self.settings.level_callers {
            self.levellers.entry(session).or_insert_with(Leveller::new).apply(frame);
        }
    }

    /// What all callers together say, before our own tones come to it.
    pub(crate) fn callers(&mut self, frame: &mut Frame) {
        if self.is_on() && self.settings.clean_callers {
            self.cleaner.get_or_insert_with(Cleaner::new).apply(frame);
        }
    }

    /// All that is to be heard, as the loudspeaker will play it.
    pub(crate) fn for_the_ear(&mut self, frame: &mut Frame) {
        if !self.is_on() {
            return;
        }
        if self.settings.limit_shocks {
            self.limiter.apply(frame);
        }
        if let Some(outgoing) = &mut self.outgoing
            && std::mem::take(&mut self.paired)
        {
            outgoing.heard(frame);
        }
    }

    /// The microphone's frame.
    pub(crate) fn captured(&mut self, frame: &mut Frame) {
        if !self.is_on() || !Outgoing::wants(&self.settings).any() {
            return;
        }
        let settings = &self.settings;
        self.paired = true;
        self.outgoing.get_or_insert_with(|| Outgoing::new(settings)).said(frame);
    }

    fn is_on(&self) -> bool {
        self.devices || self.settings.also_files
    }
}
