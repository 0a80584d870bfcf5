//! What the switchboard wants of sound, and what sound reports.
use super::timers::Timer;
use super::{Core, Effect, convert};
use crate::{Event, MediaView, NoticeLevel, SoundRole};
use parley_call::{CallId, MediaAction, Signal};
use parley_media::{AudioRole, MediaEvent, Stats, Tone};
use std::time::Duration;

/// How long a test sound is heard.
const TEST_SOUND: Duration = Duration::from_secs(2);
/// How long a key is said to be pressed; media leaves it this time.
const KEY: Duration = Duration::from_millis(160);
/// A test of the microphone has ended by itself before.
const TEST_MICROPHONE: Duration = Duration::from_secs(20);

impl Core {
    pub(super) fn media_action(&mut self, id: CallId, action: MediaAction) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let sound = &mut call.sound;
        match action {
            MediaAction::Start => sound.wanted = true,
            MediaAction::Hold => sound.quiet = true,
            MediaAction::Resume => sound.quiet = false,
            MediaAction::Mute(on) => {
                sound.muted = on;
                if let Some(reserved) = sound.reserved {
                    self.out.push_back(Effect::Mute(reserved.id, on));
                }
                return;
            }
            MediaAction::Digits(digits) => {
                if let Some(reserved) = sound.reserved {
                    self.out.push_back(Effect::Digits(reserved.id, digits));
                }
                return;
            }
            MediaAction::Stop => {
                sound.wanted = false;
                return self.release_ports(id);
            }
        }
        self.run_sound(id);
    }

    pub(super) fn set_focus(&mut self, calls: Vec<CallId>) {
        // What one call lacks is no news of the next.
        self.no_notice("far_silent");
        if calls.is_empty() {
            self.no_notice("unheard");
        }
        self.focus = calls;
        self.tell_focus();
    }

    /// Without ports yet, the focus is given when they are there.
    pub(super) fn tell_focus(&mut self) {
        let ports = |call| Some(self.calls.get(call)?.sound.reserved?.id);
        let sessions = self.focus.iter().filter_map(ports).collect();
        self.out.push_back(Effect::Focus(sessions));
    }

    pub(super) fn media_event(&mut self, event: MediaEvent) {
        match event {
            MediaEvent::FirstPacket { session } => {
                self.of_session(session, |core, call| core.tell(call, "Sound from the far end"))
            }
            MediaEvent::Stalled { session, silent_for } => {
                self.of_session(session, |core, call| {
                    core.no_notice("far_silent");
                    core.tell(call, "Nothing is heard from the far end");
                    core.signal(call, Signal::MediaLost { silent_for });
                });
            }
            MediaEvent::Resumed { session } => {
                self.of_session(session, |core, call| {
                    core.tell(call, "The far end is heard again");
                    core.signal(call, Signal::MediaBack);
                });
            }
            MediaEvent::Digit { session, digit } => self.of_session(session, |core, call| core.key_heard(call, digit)),
            MediaEvent::KeyDue { session, digit } => self.of_session(session, |core, call| core.key_due(call, digit)),
            MediaEvent::DigitsSent { .. } => {}
            MediaEvent::Stats { session, stats, .. } => self.of_session(session, |core, id| {
                if let Some(call) = core.calls.get_mut(&id) {
                    call.media = Some(media_view(&stats));
                    core.changes.calls.insert(id);
                }
            }),
            MediaEvent::Recorded { .. } => {}
            MediaEvent::RecordingFailed { session, why } => {
                self.of_session(session, |core, call| core.recording_failed(call, &why));
            }
            MediaEvent::Playback(state) => self.played(state),
            MediaEvent::Levels { microphone, speaker } => {
                self.changes.said.push(Event::Levels { microphone, speaker });
            }
            MediaEvent::Devices { devices } => self.devices_listed(devices),
            MediaEvent::DeviceInUse {
                role,
                device,
                name,
                place,
            } => self.device_in_use(role, device, name, place),
            // What is used instead is told next.
            MediaEvent::DeviceFailed { role, why } => log::warn!("a sound device failed for {role:?}: {why}"),
            MediaEvent::Unheard { why } => self.unheard(why),
            MediaEvent::FarSilent { session, silent } => self.far_silent(session, silent),
            MediaEvent::Rehearsal { now } => self.rehearsed(now),
            MediaEvent::NoDevice { role } => {
                self.silent = true;
                self.changes.sound = true;
                let text = match role {
                    _ if self.devices.is_empty() => {
                        "There is no sound device. Calls go on without sound; plug one in and it is used at once."
                    }
                    AudioRole::Microphone => "No microphone was found: the far end cannot hear you. Connect a headset.",
                    AudioRole::Speaker | AudioRole::Ring | AudioRole::SecondRing => {
                        "No loudspeaker was found: you cannot hear calls. Connect a headset."
                    }
                };
                self.notice("no_sound_card", NoticeLevel::Error, text);
            }
        }
    }

    /// The far end pressed a key.
    pub(super) fn key_heard(&mut self, id: CallId, digit: char) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.heard(digit);
            self.changes.calls.insert(id);
        }
    }

    /// The time has come for a key that signalling carries.
    fn key_due(&mut self, id: CallId, digit: char) {
        let session = self.calls.get(&id).and_then(|call| call.session);
        if let Some(session) = session
            && let Err(why) = self.sip.send_key(self.now.instant, session, digit, KEY)
        {
            log::info!("a key was not sent: {why}");
        }
    }

    /// Two seconds of sound on a chosen device, or a test of the microphone.
    pub(super) fn test_sound(&mut self, role: SoundRole) -> bool {
        if self.board.calls().any(|call| call.end.is_none()) {
            return false;
        }
        self.end_test_sound();
        let lasts = match role {
            SoundRole::Ring | SoundRole::SecondRing => {
                self.out.push_back(Effect::Ring(parley_media::RingLevel::Normal));
                TEST_SOUND
            }
            SoundRole::Speaker => {
                self.out.push_back(Effect::Tone(Tone::Ringback));
                TEST_SOUND
            }
            SoundRole::Microphone => {
                self.out.push_back(Effect::Rehearse(true));
                TEST_MICROPHONE
            }
        };
        self.timers.set(Timer::TestSoundEnds, self.now.instant + lasts);
        true
    }

    /// Leaves what calls want to be heard: an ended one may still have its tone.
    pub(super) fn end_test_sound(&mut self) {
        self.timers.cancel(Timer::TestSoundEnds);
        if self.desk.test.is_some() {
            self.out.push_back(Effect::Rehearse(false));
        }
        let (ring, tone) = (self.board.ring(), self.board.tone());
        self.out.push_back(Effect::Ring(convert::ring_for_media(ring)));
        self.out.push_back(Effect::Tone(convert::tone_for_media(tone)));
    }

    /// A call is to be heard: a test sound ends first.
    pub(super) fn calls_take_sound(&mut self) {
        self.stop_playback();
        if self.timers.cancel(Timer::TestSoundEnds) {
            self.out.push_back(Effect::Rehearse(false));
            self.out.push_back(Effect::Ring(parley_media::RingLevel::Off));
            self.out.push_back(Effect::Tone(Tone::None));
        }
    }

    fn of_session(&mut self, session: parley_media::SessionId, act: impl FnOnce(&mut Self, CallId)) {
        if let Some(call) = self.media.get(&session).copied() {
            act(self, call);
        }
    }
}

fn media_view(stats: &Stats) -> MediaView {
    MediaView {
        codec: super::words::codec(stats.codec).to_owned(),
        sent: stats.sent,
        received: stats.received,
        lost_percent: stats.loss_percent,
        jitter_ms: stats.jitter_ms,
        round_trip_ms: stats.round_trip_ms,
        buffer_ms: stats.buffer_ms,
        late: stats.late,
        made_up_percent: stats.made_up_percent,
        remote_lost_percent: stats.remote_loss_percent,
        level_in: stats.level_in,
        level_out: stats.level_out,
        mos: stats.mos,
        bars: bars(stats),
    }
}

/// 1 (poor) to 4 (good): what is heard as missing counts most, then delay.
fn bars(stats: &Stats) -> u8 {
    let missing = stats.loss_percent.max(stats.concealed_percent);
    let delay = stats.buffer_ms + stats.round_trip_ms.unwrap_or_default() / 2.0;
    match (missing, delay) {
        (missing, delay) if missing < 1.0 && delay < 150.0 => 4,
        (missing, delay) if missing < 3.0 && delay < 250.0 => 3,
        (missing, delay) if missing < 8.0 && delay < 400.0 => 2,
        _ => 1,
    }
}
