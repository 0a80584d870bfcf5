//! From offer and answer to a running stream: ports, descriptions, and the order in which they become ready.
use super::call::{Change, Reoffer, Then};
use super::{Core, Effect};
use parley_call::{CallId, Cause, Signal};
use parley_media::Reserved;

impl Core {
    /// Invites the far end of an outgoing call.
    pub(super) fn invite(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Some(target) = call.target.clone() else { return };
        let options = call.options.clone();
        match self
            .sip
            .invite(self.now.instant, super::sip_account(call.account), target, options)
        {
            Ok(session) => {
                call.session = Some(session);
                self.sessions.insert(session, id);
            }
            Err(why) => {
                log::warn!("a call cannot be made: {why}");
                self.fail(id, "This number or address cannot be called");
            }
        }
    }

    /// Gets ports, or goes on at once when there are some.
    pub(super) fn prepare_sound(&mut self, id: CallId, then: Then) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        if then != Then::Wait || call.sound.then == Then::Wait {
            call.sound.then = then;
        }
        if call.sound.reserved.is_some() {
            return self.go_on(id);
        }
        let Some(local) = call.sound.asked_on else { return };
        if !call.sound.asking {
            call.sound.asking = true;
            self.out.push_back(Effect::Reserve { call: id, local });
        }
    }

    /// The ports are there, or cannot be had.
    pub(super) fn reserved(&mut self, id: CallId, result: Result<Reserved, String>) {
        let alive = self.board.call(id).is_some_and(|call| call.end.is_none());
        let Some(call) = self.calls.get_mut(&id).filter(|_| alive) else {
            // The call ended while its ports were being opened.
            if let Ok(reserved) = result {
                self.out.push_back(Effect::StopMedia(reserved.id));
            }
            return;
        };
        call.sound.asking = false;
        match result {
            Ok(reserved) => {
                call.sound.reserved = Some(reserved);
                self.media.insert(reserved.id, id);
                if self.focus.contains(&id) {
                    self.tell_focus();
                }
                self.go_on(id);
            }
            Err(why) => {
                log::warn!("no ports for sound: {why}");
                let session = call.session;
                match (session, call.sound.then) {
                    // It rings; a later answer asks again.
                    (_, Then::Wait) => return,
                    (Some(session), Then::Accept) => self.sip.reject(self.now.instant, session, 500, None),
                    (Some(session), Then::Offer) => self.sip.hang_up(self.now.instant, session, None),
                    (None, _) => {}
                }
                self.fail(id, "The computer has no network port left for sound");
            }
        }
    }

    /// What waited for the ports.
    fn go_on(&mut self, id: CallId) {
        let now = self.now.instant;
        let Some(call) = self.calls.get_mut(&id) else { return };
        let then = std::mem::replace(&mut call.sound.then, Then::Wait);
        let (Some(session), Some(rtp)) = (call.session, call.sound.rtp()) else {
            return;
        };
        match then {
            Then::Wait => {}
            Then::Offer => {
                let offer = call.sound.session.offer(rtp, id.0);
                self.sip.offer(now, session, offer);
            }
            Then::Accept => {
                let description = match call.sound.offered.take() {
                    Some(offer) => call.sound.session.answer(&offer, rtp, id.0),
                    None => Some(call.sound.session.offer(rtp, id.0)),
                };
                let Some(description) = description else {
                    self.sip.reject(now, session, 488, None);
                    return self.signal(
                        id,
                        Signal::Ended {
                            cause: Cause::NotAcceptable,
                        },
                    );
                };
                call.answered = Some(self.now.unix_ms);
                self.sip.accept(now, session, description);
                self.tell(id, "You answered");
                self.signal(id, Signal::Answered);
            }
        }
    }

    /// Asks the far end to hold or to resume.
    pub(super) fn reoffer(&mut self, id: CallId, change: Change) {
        let now = self.now.instant;
        let Some(call) = self.calls.get_mut(&id) else { return };
        // What is never sent was never said: neither its number nor its content counts.
        let before = call.sound.session.clone();
        call.sound.session.holding = change == Change::Hold;
        let asked = match (call.session, call.sound.rtp()) {
            (Some(session), Some(rtp)) => {
                let offer = call.sound.session.offer(rtp, id.0);
                self.sip.reoffer(now, session, offer).map_err(|why| why.to_string())
            }
            _ => Err("there is no sound yet".to_owned()),
        };
        match asked {
            Ok(()) => call.change = Some(change),
            Err(why) => {
                log::info!("hold or resume was not possible: {why}");
                call.sound.session = before;
                self.signal(
                    id,
                    Signal::HoldRefused {
                        reason: "Try again in a moment".to_owned(),
                    },
                );
            }
        }
    }

    /// Answers the far end's change of the session and lets sound follow it.
    pub(super) fn answer_reoffer(&mut self, id: CallId) {
        let now = self.now.instant;
        let Some(call) = self.calls.get_mut(&id) else { return };
        let (Some(reoffer), Some(session)) = (call.reoffer.take(), call.session) else {
            return;
        };
        let rtp = call.sound.rtp();
        let description = match (reoffer, rtp) {
            (Reoffer::Ours, Some(rtp)) => Some(call.sound.session.offer(rtp, id.0)),
            (Reoffer::Offer(offer), Some(rtp)) => call.sound.session.answer(&offer, rtp, id.0),
            (_, None) => None,
        };
        match description {
            Some(description) => self.sip.answer_reoffer(now, session, description),
            None => self.sip.refuse_reoffer(now, session, 488),
        }
        self.run_sound(id);
    }

    /// Takes the answer to our offer and lets sound follow it; whether it could be used.
    pub(super) fn take_answer(&mut self, id: CallId, sdp: &[u8]) -> bool {
        let Some(call) = self.calls.get_mut(&id) else {
            return false;
        };
        let taken = call.sound.session.answered(sdp);
        if let Err(why) = &taken {
            log::info!("an answer cannot be used: {why}");
        }
        call.sound.unmet = taken.err();
        self.run_sound(id);
        taken.is_ok()
    }

    /// Runs the stream as both descriptions want it, if the call machine wants one and something changed.
    pub(super) fn run_sound(&mut self, id: CallId) {
        self.tell_encryption(id);
        let Some(call) = self.calls.get_mut(&id) else { return };
        let sound = &mut call.sound;
        let (true, Some(reserved)) = (sound.wanted, sound.reserved) else {
            return;
        };
        let Some(params) = sound.session.stream(sound.quiet) else {
            return;
        };
        if sound.running.as_ref() != Some(&params) {
            sound.running = Some(params.clone());
            self.out.push_back(Effect::Stream(reserved.id, params));
            if sound.muted {
                self.out.push_back(Effect::Mute(reserved.id, true));
            }
        }
    }

    /// Gives the ports back: the call is over, or has to move to another address.
    pub(super) fn release_ports(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.sound.running = None;
        if let Some(reserved) = call.sound.reserved.take() {
            self.out.push_back(Effect::StopMedia(reserved.id));
        }
    }

    /// Asks the far end to call somebody else.
    pub(super) fn refer(&mut self, id: CallId, target: &str) {
        let now = self.now.instant;
        let Some(call) = self.calls.get(&id) else { return };
        let server = self.account(call.account).and_then(super::account::Account::server);
        let asked = match (call.session, super::dial::read(target), server) {
            (Some(session), Ok(target), Some(server)) => self
                .sip
                .refer(now, session, target.uri(&server))
                .map_err(|why| why.to_string()),
            _ => Err(Cause::Lost.to_string()),
        };
        match asked {
            Ok(()) => self.tell(id, "Asked the far end to transfer"),
            Err(why) => {
                log::info!("a transfer was not possible: {why}");
                let reason = "The call cannot be transferred now".to_owned();
                self.signal(id, Signal::Transfer(parley_call::TransferProgress::Failed { reason }));
            }
        }
    }
}
