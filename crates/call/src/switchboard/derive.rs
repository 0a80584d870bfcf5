//! What follows from all calls together.
use super::Switchboard;
use crate::call::Call;
use crate::call::state::{Alerting, Ringer, State};
use crate::effect::{Effect, RingLevel, Tone};
use crate::{CallId, CallView};

/// What was told last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Told {
    focus: Vec<CallId>,
    ring: RingLevel,
    tone: Tone,
    on_call: bool,
}

impl Switchboard {
    /// Who has the microphone and the speaker, oldest first: the calls in front that are connected or send early media and
    /// that we do not hold.
    pub fn focus(&self) -> Vec<CallId> {
        let calls = self.lines.iter().map(|entry| &entry.call);
        calls
            .filter(|call| call.may_talk() && self.in_front(call.id))
            .map(|call| call.id)
            .collect()
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
        if !self.focus().is_empty() {
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
        let focused = call.may_talk() && self.in_front(call.id);
        let mut view = call.view(focused, self.ring_of(call));
        view.consult = self.consult_view(call.id);
        view.conference = self.conference.contains(&call.id);
        view
    }

    /// Emits what differs from what was told last.
    pub(super) fn tell(&mut self) {
        let told = Told {
            focus: self.focus(),
            ring: self.ring(),
            tone: self.tone(),
            on_call: self.on_call(),
        };
        let before = std::mem::replace(&mut self.told, told.clone());
        let (ring, tone, on_call) = (told.ring, told.tone, told.on_call);
        if before.focus != told.focus {
            self.effects.push_back(Effect::Focus(told.focus));
        }
        if before.ring != ring {
            self.effects.push_back(Effect::Ring(ring));
        }
        if before.tone != tone {
            self.effects.push_back(Effect::Tone(tone));
        }
        if before.on_call != on_call {
            self.effects.push_back(Effect::OnCall(on_call));
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
            State::Alerting(Alerting { ringer: Ringer::On, .. }) if !self.on_call() => RingLevel::Normal,
            State::Alerting(Alerting { ringer: Ringer::On, .. }) if !self.policy.mute_second_ring => RingLevel::Subtle,
            _ => RingLevel::Off,
        }
    }
}
