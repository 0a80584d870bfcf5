//! What the switchboard wants done: each effect becomes a word of SIP, media, history or screen pops.
use super::call::{Change, Then};
use super::timers::Timer;
use super::{Core, Effect, convert};
use crate::ViewRef;
use parley_call::{CallId, Cause, Rejection, Send, Signal};

impl Core {
    pub(super) fn board_effect(&mut self, effect: parley_call::Effect) {
        use parley_call::Effect as Board;
        match effect {
            Board::Send(call, send) => self.send(call, send),
            Board::Media(call, action) => self.media_action(call, action),
            Board::Focus(calls) => self.set_focus(calls),
            Board::Ring(level) => {
                self.calls_take_sound();
                self.out.push_back(Effect::Ring(convert::ring_for_media(level)));
            }
            Board::Tone(tone) => {
                self.calls_take_sound();
                self.out.push_back(Effect::Tone(convert::tone_for_media(tone)));
            }
            Board::Pop(call, moment) => self.pop_moment(call, moment),
            Board::Note(call, note) => self.note(call, note),
            Board::OnCall(on_call) => {
                self.calls_take_sound();
                self.on_call = on_call;
                self.changes.presence = true;
            }
            Board::Changed(call) => {
                self.mind_transfer(call);
                self.mind_auto_answer(call);
                self.changes.calls.insert(call);
            }
            Board::Removed(call) => self.forget(call),
        }
    }

    /// A message to the far end.
    fn send(&mut self, id: CallId, send: Send) {
        let now = self.now.instant;
        match send {
            Send::Invite => return self.invite(id),
            Send::AcceptReferral | Send::RefuseReferral | Send::ReferralProgress(_) => {
                return self.answer_referral(id, &send);
            }
            _ => {}
        }
        let Some(session) = self.calls.get(&id).and_then(|call| call.session) else {
            return;
        };
        match send {
            Send::Invite => {}
            Send::Ring => {
                self.sip.ring(now, session);
                self.prepare_sound(id, Then::Wait);
                if let Some(wait) = self.config.auto_answer {
                    self.timers.set(Timer::AutoAnswer(id), now + wait);
                }
            }
            Send::Accept => self.prepare_sound(id, Then::Accept),
            Send::Reject(Rejection::Busy) => self.sip.reject(now, session, 486, None),
            Send::Reject(Rejection::Decline) => self.sip.reject(now, session, 603, None),
            Send::Reject(Rejection::Unavailable) => self.sip.reject(now, session, 480, None),
            Send::Reject(Rejection::NotAcceptable) => self.sip.reject(now, session, 488, None),
            Send::HangUp => self.sip.hang_up(now, session, None),
            Send::Hold => self.reoffer(id, Change::Hold),
            Send::Resume => self.reoffer(id, Change::Resume),
            Send::AnswerReoffer => self.answer_reoffer(id),
            Send::Transfer(target) => self.refer(id, &target),
            Send::Join(other) => self.join(id, other),
            Send::Redirect(target) => self.redirect(id, &target),
            Send::AcceptReferral | Send::RefuseReferral | Send::ReferralProgress(_) => {}
        }
    }

    /// The end of a call for a reason of our own.
    pub(super) fn fail(&mut self, call: CallId, why: impl Into<String>) {
        self.board.signal(
            self.now.instant,
            call,
            Signal::Ended {
                cause: Cause::Other(why.into()),
            },
        );
    }

    /// A line in a call's story.
    pub(super) fn tell(&mut self, call: CallId, text: impl Into<String>) {
        let at = self.now.unix_ms;
        if let Some(call) = self.calls.get_mut(&call) {
            call.tell(at, text);
        }
        self.changes.calls.insert(call);
    }

    fn forget(&mut self, id: CallId) {
        self.timers.cancel(Timer::AutoAnswer(id));
        if let Some(call) = self.calls.remove(&id) {
            if let Some(reserved) = call.sound.reserved {
                self.out.push_back(Effect::StopMedia(reserved.id));
            }
            if let Some(session) = call.session {
                self.sessions.remove(&session);
            }
        }
        self.media.retain(|_, call| *call != id);
        self.changes.calls.remove(&id);
        if self.shown.remove(&super::publish::call_key(id)).is_some() {
            self.changes.removals.push(ViewRef::Call(id.0));
        }
    }
}
