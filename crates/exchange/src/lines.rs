//! The practice lines: the exchange's own ends of calls.

mod call;
mod respond;
mod timer;
mod transfer;

use crate::config::LineTimes;
use crate::proxy::Up;
use crate::sdp::Audio;
use crate::wire::Wire;
use crate::{Peer, Sound};
use call::{LineCall, Stage};
use parley_sip::dialog::DialogId;
use parley_sip::transaction::ServerKey;
use parley_sip::{Method, Request};
use std::net::SocketAddrV4;
use std::time::Instant;

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

/// Who a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    Echo,
    Customer,
    Announcement,
    Busy,
    NoAnswer,
    /// The customer of 601, calling back.
    CallBack,
    /// Somebody who was transferred.
    PassedOn,
}

impl Line {
    /// The line with this number.
    pub(crate) fn with_number(number: &str) -> Option<Self> {
        Some(match number {
            "600" => Self::Echo,
            "601" => Self::Customer,
            "602" => Self::Announcement,
            "603" => Self::Busy,
            "604" => Self::NoAnswer,
            _ => return None,
        })
    }

    fn play(self) -> Play {
        match self {
            Self::Echo | Self::Busy | Self::NoAnswer => Play::Echo,
            Self::Customer => Play::Sound(Sound::Greeting),
            Self::Announcement => Play::Sound(Sound::Announcement),
            Self::CallBack | Self::PassedOn => Play::Sound(Sound::Melody),
        }
    }
}

/// What the lines want of the proxy.
#[derive(Debug)]
pub(crate) enum Wish {
    /// Call a user.
    Call {
        key: CallKey,
        user: String,
        request: Box<Request>,
    },
    /// Give that call up.
    GiveUp(CallKey),
}

/// All calls of the lines.
#[derive(Debug)]
pub(crate) struct Lines {
    times: LineTimes,
    last: u64,
    calls: Vec<LineCall>,
}

impl Lines {
    pub(crate) fn new(times: LineTimes) -> Self {
        Self {
            times,
            last: 0,
            calls: Vec::new(),
        }
    }

    /// A line is called.
    pub(crate) fn invited(
        &mut self,
        now: Instant,
        wire: &mut Wire,
        line: Line,
        key: ServerKey,
        from: Peer,
        invite: Request,
    ) {
        if line == Line::Busy || self.calls.len() >= MAX_CALLS {
            return wire.refuse(now, key, &invite, 486);
        }
        self.last += 1;
        let call = LineCall::ringing(now, wire, (CallKey(self.last), line), key, from, invite, &self.times);
        self.calls.extend(call);
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
    pub(crate) fn inside(&mut self, now: Instant, wire: &mut Wire, key: ServerKey, from: Peer, request: &Request) {
        let times = self.times;
        if request.method == Method::Refer {
            return self.refer(now, wire, key, from, request);
        }
        match self.find(request) {
            Some(call) => call.request(now, wire, key, from, request, &times),
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
            let parent = call.parent;
            call.answer(now, wire, up, &times);
            self.report(now, wire, parent, up.response.code());
        }
        self.sweep();
    }

    fn refer(&mut self, now: Instant, wire: &mut Wire, key: ServerKey, from: Peer, request: &Request) {
        let room = self.calls.len() < MAX_CALLS;
        let Some(call) = self.find(request) else {
            return wire.refuse(now, key, request, 481);
        };
        let Some(referred) = call.refer(now, wire, key, from, request) else {
            return;
        };
        match Line::with_number(&referred.target) {
            Some(Line::Busy) => call.report(now, wire, 486),
            Some(Line::NoAnswer) => call.report(now, wire, 180),
            Some(_) => call.report(now, wire, 200),
            None if !room => call.report(now, wire, 503),
            None => {
                let parent = call.key;
                self.last += 1;
                let call = LineCall::passed_on(wire, CallKey(self.last), parent, referred);
                self.calls.push(call);
            }
        }
    }

    fn report(&mut self, now: Instant, wire: &mut Wire, parent: Option<CallKey>, code: u16) {
        if let Some(call) = parent.and_then(|key| self.calls.iter_mut().find(|call| call.key == key)) {
            call.report(now, wire, code);
        }
    }

    /// The sockets asked for; `None` if there are none.
    pub(crate) fn reserved(
        &mut self,
        now: Instant,
        wire: &mut Wire,
        media: MediaId,
        port: Option<u16>,
    ) -> Option<Wish> {
        let times = self.times;
        let call = self.calls.iter_mut().find(|call| call.media.id() == media);
        let wish = match call {
            Some(call) => {
                let parent = call.parent.filter(|_| port.is_none());
                let wish = call.reserved(now, wire, port, &times);
                self.report(now, wire, parent, 503);
                wish
            }
            None => {
                wire.media(MediaOrder::Close(media));
                None
            }
        };
        self.sweep();
        wish
    }

    pub(crate) fn next_wake(&self) -> Option<Instant> {
        self.calls.iter().filter_map(LineCall::timer).map(|(at, _)| at).min()
    }

    pub(crate) fn wake(&mut self, now: Instant, wire: &mut Wire) -> Vec<Wish> {
        let times = self.times;
        let mut wishes = Vec::new();
        for call in &mut self.calls {
            while let Some((at, timer)) = call.timer()
                && at <= now
            {
                wishes.extend(call.expire(now, wire, timer, &times));
            }
        }
        self.sweep();
        wishes
    }

    fn find(&mut self, request: &Request) -> Option<&mut LineCall> {
        let dialog = DialogId::of_request(request)?;
        self.calls.iter_mut().find(|call| call.is(&dialog))
    }

    fn sweep(&mut self) {
        self.calls.retain(|call| !matches!(call.stage, Stage::Gone));
    }
}

/// Whether the far end of this audio may hear `play` now.
fn audible(audio: &Audio, play: Play) -> Play {
    if audio.listens { play } else { Play::Nothing }
}

/// The methods a line answers.
pub(crate) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, REFER";

/// What a line does not do is refused with this (RFC 3261 section 8.2.1).
fn is_allowed(method: &Method) -> bool {
    ALLOW.split(", ").any(|name| name == method.as_str())
}
