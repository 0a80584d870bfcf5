//! What follows from all calls together.
use super::Switchboard;
use crate::call::Call;
use crate::call::state::{Ringer, State};
use crate::effect::{Effect, RingLevel, Tone};
use crate::{CallId, CallView};

/// What was told last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Told {
    focus: Option<CallId>,
    ring: RingLevel,
    tone: Tone,
    on_call: bool,
}

impl Switchboard {
    /// Who has the microphone and the speaker: the foreground call, while it is connected or sends early media and we do
    /// not hold it.
    pub fn focus(&self) -> Option<CallId> {
        let id = self.foreground?;
        self.lines
            .iter()
            .any(|entry| entry.call.id == id && entry.call.may_talk())
            .then_some(id)
    }

    /// How it rings, all ringing calls together.
    pub fn ring(&self) -> RingLevel {
        self.lines
            .iter()
            .map(|entry| self.ring_of(&entry.call))
            .max()
            .unwrap_or_default()
    }

    /// The tone in the ear. What is left of an ended call is heard only when there is nothing else to listen to.
    pub fn tone(&self) -> Tone {
        if self.focus().is_some() {
            return Tone::None;
        }
        let dialled = self
            .lines
            .iter()
            .find(|entry| matches!(entry.call.state, State::Out { .. }));
        match dialled {
            Some(entry) => entry.call.tone(),
            None => self.lines.last().map(|entry| entry.call.tone()).unwrap_or_default(),
        }
    }

    /// Whether a call is connected, held or being dialled.
    pub fn on_call(&self) -> bool {
        self.lines.iter().any(|entry| entry.call.is_engaged())
    }

    pub(super) fn view(&self, call: &Call) -> CallView {
        call.view(self.focus() == Some(call.id), self.ring_of(call))
    }

    /// Emits what differs from what was told last.
    pub(super) fn tell(&mut self) {
        let told = Told {
            focus: self.focus(),
            ring: self.ring(),
            tone: self.tone(),
            on_call: self.on_call(),
        };
        let before = std::mem::replace(&mut self.told, told);
        if before.focus != told.focus {
            self.effects.push_back(Effect::Focus(told.focus));
        }
        if before.ring != told.ring {
            self.effects.push_back(Effect::Ring(told.ring));
        }
        if before.tone != told.tone {
            self.effects.push_back(Effect::Tone(told.tone));
        }
        if before.on_call != told.on_call {
            self.effects.push_back(Effect::OnCall(told.on_call));
        }
        let views: Vec<CallView> = self.calls().collect();
        for (entry, view) in self.lines.iter_mut().zip(views) {
            if entry.shown.as_ref() != Some(&view) {
                self.effects.push_back(Effect::Changed(view.id));
                entry.shown = Some(view);
            }
        }
    }

    fn ring_of(&self, call: &Call) -> RingLevel {
        match call.state {
            State::Alerting { ringer: Ringer::On, .. } if !self.on_call() => RingLevel::Normal,
            State::Alerting { ringer: Ringer::On, .. } if !self.policy.mute_second_ring => RingLevel::Subtle,
            _ => RingLevel::Off,
        }
    }
}
