//! The practice lines: the exchange's own ends of calls.

mod call;
mod early;
mod kind;
mod outgoing;
mod park;
mod referred;
mod reoffer;
mod respond;
mod session_timer;
mod shown;
mod takeover;
mod timer;
mod transfer;

use crate::config::LineTimes;
use crate::proxy::{Target, Up};
use crate::sdp::Audio;
use crate::wire::Wire;
use crate::{Peer, Sound};
use call::{LineCall, Stage};
use park::{Parked, Parking};
use parley_sip::dialog::DialogId;
use parley_sip::headers::ReplacesTarget;
use parley_sip::transaction::{ClientKey, ServerKey};
use parley_sip::{Method, Request, Response, Uri};
use std::net::SocketAddrV4;
use std::time::Instant;

pub(crate) use kind::Line;
pub(crate) use shown::Shown;

/// Calls of the lines at once; more are turned away.
const MAX_CALLS: usize = 64;

/// A call of a practice line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CallKey(u64);

/// The sound of one call of a practice line. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MediaId(pub u64);

/// What the lines want of the sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaOrder {
    /// Get sockets; the answer is [`Input::Reserved`](crate::Input::Reserved).
    Reserve(MediaId),
    /// Begin, or go on differently.
    Run {
        /// Which.
        media: MediaId,
        /// Where to, until something comes from elsewhere.
        remote: SocketAddrV4,
        /// 0 for PCMU, 8 for PCMA.
        payload: u8,
        /// What to do.
        play: Play,
    },
    /// The end.
    Close(MediaId),
}

/// What a line does with its sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Play {
    /// Nothing: on hold.
    Nothing,
    /// Sends back what comes.
    Echo,
    /// Plays this once.
    Sound(Sound),
}

/// What the lines want of the rest of the exchange.
#[derive(Debug)]
pub(crate) enum Wish {
    /// Call a user, or a phone by its address.
    Call {
        key: CallKey,
        target: Uri,
        request: Box<Request>,
    },
    /// Give that call up.
    GiveUp(CallKey),
    /// This INVITE is not for a line after all: it goes on to the target, in place of that call of its.
    PassOn {
        key: ServerKey,
        from: Peer,
        request: Box<Request>,
        target: Box<Target>,
        replaces: ReplacesTarget,
    },
    /// A message is in this user's mailbox.
    Recorded(String),
    /// This user heard the messages.
    Heard(String),
    /// Somebody calls the colleague.
    Stir,
    /// Those who watch a line see this call.
    Show(Box<Shown>),
    /// No more, by its Call-ID.
    Hide(String),
}

/// Somebody calls the colleague, for practice.
#[derive(Debug)]
struct Stirred {
    shown: Shown,
    until: Instant,
}

/// All calls of the lines.
#[derive(Debug)]
pub(crate) struct Lines {
    times: LineTimes,
    last: u64,
    calls: Vec<LineCall>,
    parking: Parking,
    stirred: Option<Stirred>,
    wishes: Vec<Wish>,
}

impl Lines {
    pub(crate) fn new(times: LineTimes) -> Self {
        Self {
            times,
            last: 0,
            calls: Vec::new(),
            parking: Parking::default(),
            stirred: None,
            wishes: Vec::new(),
        }
    }

    /// What the lines want since this was last asked.
    pub(crate) fn wishes(&mut self) -> Vec<Wish> {
        std::mem::take(&mut self.wishes)
    }

    /// A line is called.
    pub(crate) fn invited(
        &mut self,
        now: Instant,
        wire: &mut Wire,
        line: Line,
        (key, from): (ServerKey, Peer),
        invite: Request,
    ) {
        if let Line::Orbit(orbit) = line {
            return self.orbit_called(now, wire, orbit, (key, from), invite);
        }
        let Some(number) = self.room(now, wire, key, &invite) else {
            return;
        };
        let call = LineCall::ringing(now, wire, (number, line), (key, from), invite, &self.times);
        self.calls.extend(call);
    }

    /// The number of a new call, if there is room for one.
    fn room(&mut self, now: Instant, wire: &mut Wire, key: ServerKey, invite: &Request) -> Option<CallKey> {
        if self.calls.len() >= MAX_CALLS {
            wire.refuse(now, key, invite, 486);
            return None;
        }
        self.last += 1;
        Some(CallKey(self.last))
    }

    /// The CANCEL of an INVITE; it was answered already.
    pub(crate) fn cancelled(&mut self, now: Instant, wire: &mut Wire, invite: ServerKey) {
        if let Some(call) = self.calls.iter_mut().find(|call| call.waits_on(invite)) {
            call.cancelled(now, wire);
        }
        self.sweep();
    }

    pub(crate) fn open(&self) -> usize {
        self.calls.len()
    }

    pub(crate) fn owns(&self, dialog: &DialogId) -> bool {
        self.calls.iter().any(|call| call.is(dialog))
    }

    /// A request inside a dialog of a line.
    pub(crate) fn inside(&mut self, now: Instant, wire: &mut Wire, (key, from): (ServerKey, Peer), request: &Request) {
        if request.method == Method::Refer {
            return self.refer(now, wire, (key, from), request);
        }
        let times = self.times;
        match self.find(request) {
            Some(call) => {
                let wish = call.request(now, wire, (key, from), request, &times);
                self.wishes.extend(wish);
            }
            None => wire.refuse(now, key, request, 481),
        }
        self.sweep();
    }

    /// The ACK to a 2xx of a line.
    pub(crate) fn acknowledged(&mut self, wire: &mut Wire, ack: &Request) {
        if let Some(call) = self.find(ack) {
            call.acknowledged(wire, ack);
        }
    }

    /// An answer to a call that a line makes.
    pub(crate) fn answered(&mut self, now: Instant, wire: &mut Wire, key: CallKey, up: &Up) {
        let times = self.times;
        if let Some(call) = self.calls.iter_mut().find(|call| call.key == key) {
            let parent = call.parent();
            let wish = call.answer(now, wire, up, &times);
            self.wishes.extend(wish);
            self.report(now, wire, parent, up.response.code());
        }
        self.sweep();
    }

    /// An answer to a request of a line inside its call; `None` if none came.
    pub(crate) fn reanswered(&mut self, now: Instant, wire: &mut Wire, client: ClientKey, response: Option<&Response>) {
        let times = self.times;
        for call in &mut self.calls {
            let wish = call.reanswered(now, wire, client, response, &times);
            self.wishes.extend(wish);
        }
        self.sweep();
    }

    /// Somebody calls the colleague for a while.
    pub(crate) fn stir(&mut self, now: Instant, wire: &mut Wire) {
        if let Some(before) = self.stirred.take() {
            self.wishes.push(Wish::Hide(before.shown.call_id));
        }
        let shown = Shown::call_to(wire, Line::Colleague, false);
        self.wishes.push(Wish::Show(Box::new(shown.clone())));
        let until = now + self.times.colleague;
        self.stirred = Some(Stirred { shown, until });
    }

    fn report(&mut self, now: Instant, wire: &mut Wire, parent: Option<CallKey>, code: u16) {
        if let Some(call) = parent.and_then(|key| self.calls.iter_mut().find(|call| call.key == key)) {
            call.report(now, wire, code);
        }
    }

    /// The sockets asked for; `None` if there are none.
    pub(crate) fn reserved(&mut self, now: Instant, wire: &mut Wire, media: MediaId, port: Option<u16>) {
        let times = self.times;
        match self.calls.iter_mut().find(|call| call.media.id() == media) {
            Some(call) => {
                let parent = call.parent().filter(|_| port.is_none());
                let wish = call.reserved(now, wire, port, &times);
                self.wishes.extend(wish);
                self.report(now, wire, parent, 503);
            }
            None => wire.media(MediaOrder::Close(media)),
        }
        self.sweep();
    }

    pub(crate) fn next_wake(&self) -> Option<Instant> {
        let calls = self.calls.iter().filter_map(LineCall::timer).map(|(at, _)| at);
        let stirred = self.stirred.as_ref().map(|stirred| stirred.until);
        calls.chain(self.parking.next_wake()).chain(stirred).min()
    }

    pub(crate) fn wake(&mut self, now: Instant, wire: &mut Wire) {
        let times = self.times;
        for call in &mut self.calls {
            while let Some((at, timer)) = call.timer()
                && at <= now
            {
                let wish = call.expire(now, wire, timer, &times);
                self.wishes.extend(wish);
            }
        }
        let tired = self.parking.wake(now).into_iter().filter_map(|place| place.shown);
        let unanswered = self.stirred.take_if(|stirred| stirred.until <= now);
        let over = tired.chain(unanswered.map(|stirred| stirred.shown));
        self.wishes.extend(over.map(|shown| Wish::Hide(shown.call_id)));
        self.sweep();
    }

    fn find(&mut self, request: &Request) -> Option<&mut LineCall> {
        let dialog = DialogId::of_request(request)?;
        self.calls.iter_mut().find(|call| call.is(&dialog))
    }

    fn sweep(&mut self) {
        self.calls.retain(|call| !matches!(call.stage, Stage::Gone));
        let calls = &self.calls;
        self.parking.keep(|key| calls.iter().any(|call| call.key == key));
    }
}

/// Whether the far end of this audio may hear `play` now.
fn audible(audio: &Audio, play: Play) -> Play {
    if audio.listens { play } else { Play::Nothing }
}

/// The methods a line answers.
pub(crate) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, REFER, NOTIFY, UPDATE, PRACK, MESSAGE";
/// The extensions a line knows.
pub(crate) const SUPPORTED: &str = "100rel, timer, replaces, norefersub";

/// What a line does not do is refused with this (RFC 3261 section 8.2.1).
fn is_allowed(method: &Method) -> bool {
    ALLOW.split(", ").any(|name| name == method.as_str())
}
