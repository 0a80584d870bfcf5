//! One step of the desk: ten milliseconds of everything.

use std::time::{Duration, Instant};

use super::quiet::OwnQuiet;
use super::{Desk, Ring, STEP, TOO_FAR_BEHIND};
use crate::device::Frame;
use crate::event::MediaEvent;
use crate::params::{AudioRole, SessionId, StreamDirection};
use crate::resample::FRAME;
use crate::session::peak;
use crate::tone;

const LEVELS_EVERY: Duration = Duration::from_millis(100);
const STATS_EVERY: Duration = Duration::from_secs(1);
/// Each of the two frequencies of a key, to our own ear.
const KEY_TO_EAR: f32 = 0.06;

/// What is measured over several steps.
pub(super) struct Meters {
    microphone: f32,
    speaker: f32,
    levels_due: Instant,
    stats_due: Instant,
}

impl Meters {
    pub(super) fn new(now: Instant) -> Self {
        Meters {
            microphone: 0.0,
            speaker: 0.0,
            levels_due: now + LEVELS_EVERY,
            stats_due: now + STATS_EVERY,
        }
    }
}

impl Desk {
    /// Makes all steps whose time has come.
    pub(super) fn step_as_due(&mut self) {
        while let Some(due) = self.next_step {
            let now = Instant::now();
            if now < due {
                return;
            }
            if now.saturating_duration_since(due) > TOO_FAR_BEHIND {
                self.leave_out(now.saturating_duration_since(due));
                self.next_step = Some(now);
                continue;
            }
            self.step(due);
            self.next_step = Some(due + STEP);
        }
    }

    /// The machine slept: time has passed for the senders too.
    fn leave_out(&mut self, gap: Duration) {
        log::debug!("leaving out {gap:?} of sound");
        let ms = u32::try_from(gap.as_millis()).unwrap_or(u32::MAX / 100) / 10 * 10;
        for session in self.sessions.values_mut() {
            if let Some(stream) = &mut session.stream {
                stream.outgoing().pause(ms);
            }
        }
    }

    fn step(&mut self, at: Instant) {
        let said = self.listen_to_microphone();
        let (mut heard, voices) = self.listen(at);
        let beep = self.records.announcement(&self.focus);
        let hold = self.hold_sound();
        let focus = std::mem::take(&mut self.focus);
        let ids: Vec<SessionId> = self.sessions.keys().copied().collect();
        for id in ids {
            let Some(session) = self.sessions.get_mut(&id) else {
                continue;
            };
            let in_focus = focus.contains(&id);
            let mut frame = if in_focus { said } else { [0.0; FRAME] };
            if session.muted {
                frame.fill(0.0);
            }
            let mut ours = frame;
            if in_focus {
                self.meters.microphone = peak(&frame).max(self.meters.microphone);
                // Of a conference each hears all but itself.
                let others = voices.iter().filter(|(other, _)| *other != id);
                others.for_each(|(_, voice)| mix(&mut frame, voice));
                if let Some(beep) = &beep {
                    mix(&mut frame, beep);
                }
            }
            if let Some(stream) = &mut session.stream {
                if stream.params().direction != StreamDirection::SendRecv {
                    // On hold, whoever holds: nobody is to hear what is said in the room.
                    ours.fill(0.0);
                    frame.fill(0.0);
                }
                // A far end that only listens, without being held, is in focus still.
                if stream.params().direction == StreamDirection::SendOnly && !in_focus {
                    frame = hold;
                }
                stream.outgoing().key_into_speech(&mut frame);
            }
            session.speak(&frame);
            session.tick(at, &mut self.told);
            self.pass_on(id);
            let theirs = if in_focus { heard } else { [0.0; FRAME] };
            self.record(id, &ours, &theirs);
        }
        self.focus = focus;
        if let Some(beep) = &beep {
            mix(&mut heard, beep);
        }
        self.play(heard);
        self.hear_of_sound();
        self.report(at);
    }

    /// Takes what has come from all far ends: what is to be heard here, and the voices in focus one by one.
    fn listen(&mut self, at: Instant) -> (Frame, Vec<(SessionId, Frame)>) {
        let mut heard: Frame = [0.0; FRAME];
        let mut voices = Vec::with_capacity(self.focus.len());
        let mut silences = Vec::new();
        for (id, session) in &mut self.sessions {
            let Some(stream) = &mut session.stream else { continue };
            let mut theirs = [0.0; FRAME];
            stream.hear(at, &mut theirs);
            if self.focus.contains(id) {
                if stream.params().direction != StreamDirection::SendRecv {
                    self.far_quiet.entry(*id).or_default().pause();
                } else if let Some(silent) = self.far_quiet.entry(*id).or_default().news(peak(&theirs)) {
                    silences.push(MediaEvent::FarSilent { session: *id, silent });
                }
                self.voice.caller(*id, &mut theirs);
                mix(&mut heard, &theirs);
                voices.push((*id, theirs));
            }
        }
        silences.into_iter().for_each(|event| self.tell(event));
        self.voice.callers(&mut heard);
        (heard, voices)
    }

    /// The microphone, when somebody is to hear it.
    fn listen_to_microphone(&mut self) -> Frame {
        let mut frame = [0.0; FRAME];
        let heard_by = |id: &SessionId| {
            let session = self.sessions.get(id)?;
            let direction = session.stream.as_ref()?.params().direction;
            (direction == StreamDirection::SendRecv).then_some(!session.muted)
        };
        let to_somebody = self.focus.iter().any(|id| heard_by(id) == Some(true));
        if self.focus.is_empty() {
            // The next call begins anew.
            self.own_quiet = OwnQuiet::default();
        }
        let called = to_somebody || self.focus.iter().any(|id| heard_by(id).is_some());
        if !self
            .needs
            .iter()
            .any(|need| need.role == AudioRole::Microphone && need.open)
        {
            return frame;
        }
        if !called && !self.metered && self.rehearsing.is_none() {
            self.sound.skip();
            return frame;
        }
        self.sound.record(&mut frame);
        let raw = frame;
        if let Some(why) = self.own_quiet.step(self.sound.microphone(), peak(&raw), to_somebody) {
            self.tell(MediaEvent::Unheard { why });
        }
        // While it is muted too: the echo canceller has to know the room when the voice comes back.
        self.voice.captured(&mut frame);
        if let Some(rehearsing) = &mut self.rehearsing {
            rehearsing.record(&raw, &frame);
        }
        if self.metered && !called {
            self.meters.microphone = peak(&frame).max(self.meters.microphone);
        }
        frame
    }

    /// The test of the microphone, while no call needs the sound.
    fn rehearse(&mut self, heard: &mut Frame) {
        if !self.focus.is_empty() {
            self.rehearsing = None;
        }
        let now = self.rehearsing.as_mut().and_then(|rehearsing| rehearsing.play(heard));
        if now.is_none() {
            self.rehearsing = None;
        }
        if std::mem::replace(&mut self.rehearsal_told, now) != now {
            self.tell(MediaEvent::Rehearsal { now });
        }
    }

    /// What is heard, with what is made here, to speaker and ring device.
    fn play(&mut self, mut heard: Frame) {
        self.meters.speaker = peak(&heard).max(self.meters.speaker);
        self.play_recording(&mut heard);
        self.rehearse(&mut heard);
        self.tone.mix(&mut heard);
        let sessions = &mut self.sessions;
        let key = self.focus.iter().find_map(|focus| {
            let stream = sessions.get_mut(focus)?.stream.as_mut()?;
            stream.outgoing().key()
        });
        if key != self.key.as_ref().map(|(key, _)| *key) {
            self.key = key.and_then(|key| Some((key, tone::key(key)?.at_loudness(KEY_TO_EAR))));
        }
        if let Some((_, beep)) = &mut self.key {
            beep.mix(&mut heard);
        }
        let mut ring = [0.0; FRAME];
        match &mut self.ring {
            Ring::Off => {}
            Ring::Normal(ringtone) => ringtone.mix(&mut ring),
            Ring::Subtle(beep) => beep.mix(&mut heard),
        }
        if let Some(alert) = &mut self.alert {
            alert.mix(&mut ring);
        }
        self.alert.take_if(|alert| !alert.is_on());
        ring.iter_mut().for_each(|sample| *sample = sample.clamp(-1.0, 1.0));
        heard.iter_mut().for_each(|sample| *sample = sample.clamp(-1.0, 1.0));
        self.voice.for_the_ear(&mut heard);
        for need in &self.needs {
            match need.role {
                AudioRole::Speaker if need.open => self.sound.play(AudioRole::Speaker, &heard),
                role @ (AudioRole::Ring | AudioRole::SecondRing) if need.open => self.sound.play(role, &ring),
                _ => {}
            }
        }
    }

    fn report(&mut self, at: Instant) {
        if at >= self.meters.levels_due {
            let microphone = std::mem::take(&mut self.meters.microphone);
            let speaker = std::mem::take(&mut self.meters.speaker);
            self.meters.levels_due = at + LEVELS_EVERY;
            if !self.focus.is_empty() || self.metered {
                self.tell(MediaEvent::Levels { microphone, speaker });
            }
        }
        if at >= self.meters.stats_due {
            self.meters.stats_due = at + STATS_EVERY;
            let mut all = Vec::new();
            for (id, session) in &mut self.sessions {
                all.extend(session.stream.as_mut().map(|stream| (*id, stream.stats())));
            }
            for (session, stats) in all {
                self.tell(MediaEvent::Stats {
                    session,
                    stats,
                    last: false,
                });
            }
        }
    }
}

fn mix(sum: &mut Frame, voice: &Frame) {
    sum.iter_mut().zip(voice).for_each(|(sum, sample)| *sum += sample);
}
