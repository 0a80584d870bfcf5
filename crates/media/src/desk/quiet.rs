//! Notices that one side cannot be heard although the network does its work.

use crate::device::Microphone;
use crate::params::Unheard;

/// Frames of digital silence until it is told: 3 s.
const SOON: u32 = 300;
/// For a source that is known to fall quite silent between two words: 15 s.
const LATER: u32 = 1500;
/// A pause of this many frames, 0.5 s, between words shows such a source.
const A_PAUSE: u32 = 50;
/// Frames until a microphone that gives next to nothing is told of: 10 s.
const FAINT_FOR: u32 = 1000;
/// Digital silence; the least step of G.711 A-law is below it.
const SILENCE: f32 = 0.0004;
/// No room is so quiet with somebody in it.
const FAINT: f32 = 0.0015;

/// One source of sound.
#[derive(Debug, Default)]
pub(super) struct Quiet {
    silent: u32,
    faint: u32,
    /// It was heard once.
    heard: bool,
    /// It falls silent between words, so that silence means little.
    gates: bool,
    told: bool,
}

impl Quiet {
    /// A frame with this peak; `true` while it has been silent for too long.
    pub(super) fn step(&mut self, peak: f32) -> bool {
        if peak > SILENCE {
            self.gates |= self.heard && self.silent >= A_PAUSE;
            self.heard = true;
            self.silent = 0;
        } else {
            self.silent = self.silent.saturating_add(1);
        }
        self.silent >= if self.gates { LATER } else { SOON }
    }

    /// The same, as news: only when it begins or ends.
    pub(super) fn news(&mut self, peak: f32) -> Option<bool> {
        let silent = self.step(peak);
        (std::mem::replace(&mut self.told, silent) != silent).then_some(silent)
    }

    /// What is heard or not does not count now.
    pub(super) fn pause(&mut self) {
        self.silent = 0;
        self.faint = 0;
    }
}

/// Our own microphone.
#[derive(Debug, Default)]
pub(super) struct OwnQuiet {
    source: Quiet,
    /// Frames in which the device gave nothing.
    dead: u32,
    told: Option<Unheard>,
}

impl OwnQuiet {
    /// A frame of the microphone with this peak, as the device gave it; `wanted` tells whether somebody is to hear it.
    /// What has changed, if anything.
    pub(super) fn step(&mut self, microphone: Microphone, peak: f32, wanted: bool) -> Option<Option<Unheard>> {
        let why = match microphone {
            // An absent device is told of by itself.
            _ if !wanted => self.rest(),
            Microphone::Virtual | Microphone::Absent => self.rest(),
            Microphone::GivesNothing => {
                self.dead = self.dead.saturating_add(1);
                // The desk calls it so after one second.
                (self.dead >= SOON - 100).then_some(Unheard::GivesNothing)
            }
            Microphone::Flows => {
                self.dead = 0;
                self.flows(peak)
            }
        };
        (std::mem::replace(&mut self.told, why) != why).then_some(why)
    }

    fn flows(&mut self, peak: f32) -> Option<Unheard> {
        if self.source.step(peak) {
            return Some(Unheard::Muted);
        }
        self.source.faint = if peak > FAINT {
            0
        } else {
            self.source.faint.saturating_add(1)
        };
        (self.source.faint >= FAINT_FOR && self.source.silent < A_PAUSE).then_some(Unheard::Faint)
    }

    fn rest(&mut self) -> Option<Unheard> {
        self.source.pause();
        self.dead = 0;
        None
    }

    /// Another device: what is known of the old one does not count.
    pub(super) fn device_changed(&mut self) {
        self.source = Quiet::default();
        self.dead = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(own: &mut OwnQuiet, frames: u32, peak: f32) -> Vec<Option<Unheard>> {
        let step = |_| own.step(Microphone::Flows, peak, true);
        (0..frames).filter_map(step).collect()
    }

    #[test]
    fn a_microphone_that_is_muted_is_told_of_after_three_seconds_and_when_it_is_back() {
        let mut own = OwnQuiet::default();
        assert!(said(&mut own, 500, 0.02).is_empty());
        assert!(said(&mut own, 299, 0.0).is_empty());
        assert_eq!(said(&mut own, 1, 0.0), [Some(Unheard::Muted)]);
        assert!(said(&mut own, 3000, 0.0).is_empty(), "it is told once");
        assert_eq!(said(&mut own, 1, 0.02), [None]);
    }

    #[test]
    fn a_headset_that_is_silent_between_words_is_no_fault() {
        let mut own = OwnQuiet::default();
        said(&mut own, 200, 0.1);
        said(&mut own, 100, 0.0);
        said(&mut own, 200, 0.1);
        assert!(said(&mut own, 1000, 0.0).is_empty(), "its user listens for ten seconds");
        assert_eq!(said(&mut own, 600, 0.0), [Some(Unheard::Muted)]);
    }

    #[test]
    fn a_microphone_in_another_room_and_one_that_gives_nothing_are_told_apart() {
        let mut own = OwnQuiet::default();
        assert_eq!(said(&mut own, 1000, 0.0008), [Some(Unheard::Faint)]);
        let dead: Vec<_> = (0..300)
            .filter_map(|_| own.step(Microphone::GivesNothing, 0.0, true))
            .collect();
        assert_eq!(dead.last(), Some(&Some(Unheard::GivesNothing)));
    }

    #[test]
    fn who_muted_himself_or_has_files_for_sound_is_not_bothered() {
        let mut own = OwnQuiet::default();
        assert!((0..1000).all(|_| own.step(Microphone::Flows, 0.0, false).is_none()));
        assert!((0..1000).all(|_| own.step(Microphone::Virtual, 0.0, true).is_none()));
    }
}
