//! One call of a practice line.
//!
//! | Stage | What happens | Becomes |
//! |---|---|---|
//! | Ringing | `Answer`, sound is there | Talking; 200, sound runs |
//! | Ringing | `Answer`, nobody is there | Gone; 480 |
//! | Ringing | `Answer`, early sound not acknowledged yet | Ringing; a little later |
//! | Ringing | CANCEL, BYE | Gone; 487 |
//! | Ringing | no PRACK for 64*T1 | Gone; 504 |
//! | Talking | `Act` | Talking, or as BYE; see [`kind`](super::kind) |
//! | Talking | REFER | Talking; see [`transfer`](super::transfer) |
//! | Talking | INVITE with Replaces | Gone; BYE: another call goes on in its place |
//! | Talking | BYE | Gone, or Resting when it will call back |
//! | Talking | `NoAck`, `Unrefreshed` | the same; BYE |
//! | Resting | `CallBack` | Preparing; sockets asked for |
//! | Preparing | the sockets | Calling; INVITE |
//! | Calling | 2xx | Talking; ACK, sound runs |
//! | Calling | refused | Gone |
//! | Calling | `Patience` | Calling, without patience; CANCEL |
use super::early::Early;
use super::kind::{After, Line};
use super::outgoing::Errand;
use super::reoffer::Reoffer;
use super::session_timer::Watch;
use super::transfer::Transfer;
use super::{CallKey, MediaId, MediaOrder, Play, Wish, audible};
use crate::Peer;
use crate::config::LineTimes;
use crate::sdp::{Audio, Session};
use crate::wire::Wire;
use parley_sip::dialog::{Dialog, DialogId};
use parley_sip::transaction::{GIVE_UP, ServerKey, T1};
use parley_sip::{Method, NameAddr, Request};
use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

/// How soon an answer that had to wait is tried again.
pub(super) const SOON: Duration = Duration::from_millis(500);

/// A call of a line.
#[derive(Debug)]
pub(super) struct LineCall {
    pub(super) key: CallKey,
    pub(super) line: Line,
    /// The user at the other side, by his From or by whom it calls.
    pub(super) caller: String,
    pub(super) stage: Stage,
    pub(super) media: Media,
    pub(super) play: Play,
    pub(super) after: After,
    /// A 2xx that waits for its ACK.
    pub(super) unacked: Option<Unacked>,
    /// A re-INVITE or UPDATE of ours that waits for its answer.
    pub(super) reoffer: Option<Reoffer>,
    /// Until when the far end has to refresh the session.
    pub(super) watch: Option<Watch>,
    /// Whether it is being passed on to somebody else.
    pub(super) transfer: Transfer,
    /// What it calls for; calls that came in have none.
    pub(super) errand: Option<Errand>,
}

/// Where it stands.
#[derive(Debug)]
pub(super) enum Stage {
    /// It rings until `until`; then it is taken, or nobody was there.
    Ringing {
        invite: Box<Request>,
        key: ServerKey,
        from: Peer,
        dialog: Box<Dialog>,
        early: Early,
        until: Instant,
    },
    /// Connected.
    Talking {
        dialog: Box<Dialog>,
        far: Peer,
        /// What it has done by itself so far.
        step: usize,
        until: Option<Instant>,
    },
    /// It will call back.
    Resting { until: Instant },
    /// Sockets for a call of its own are asked for.
    Preparing,
    /// That call is out.
    Calling {
        invite: Box<Request>,
        patience: Option<Instant>,
    },
    /// To be forgotten.
    Gone,
}

/// The sound of the call.
#[derive(Debug)]
pub(super) enum Media {
    Reserving(MediaId),
    Reserved { id: MediaId, session: Box<Session> },
}

impl Media {
    pub(super) fn id(&self) -> MediaId {
        match self {
            Self::Reserving(id) | Self::Reserved { id, .. } => *id,
        }
    }

    pub(super) fn session(&mut self) -> Option<&mut Session> {
        match self {
            Self::Reserving(_) => None,
            Self::Reserved { session, .. } => Some(session),
        }
    }
}

/// A 2xx to an INVITE is repeated until the ACK comes (RFC 3261 section 13.3.1.4).
#[derive(Debug)]
pub(super) struct Unacked {
    pub(super) cseq: u32,
    pub(super) bytes: Vec<u8>,
    pub(super) peer: Peer,
    pub(super) again: Instant,
    pub(super) interval: Duration,
    pub(super) give_up: Instant,
    /// We made the offer: the ACK has the answer.
    pub(super) offered: bool,
}

impl LineCall {
    /// A call that is nowhere yet.
    pub(super) fn new(key: CallKey, line: Line, caller: String, stage: Stage) -> Self {
        Self {
            key,
            line,
            caller,
            stage,
            media: Media::Reserving(MediaId(key.0)),
            play: line.play(),
            after: line.after(),
            unacked: None,
            reoffer: None,
            watch: None,
            transfer: Transfer::None,
            errand: None,
        }
    }

    pub(super) fn waits_on(&self, invite: ServerKey) -> bool {
        matches!(self.stage, Stage::Ringing { key, .. } if key == invite)
    }

    /// Whether this is its dialog, early ones included.
    pub(super) fn is(&self, id: &DialogId) -> bool {
        self.dialog().is_some_and(|dialog| dialog.id == *id)
    }

    pub(super) fn dialog(&self) -> Option<&Dialog> {
        match &self.stage {
            Stage::Ringing { dialog, .. } | Stage::Talking { dialog, .. } => Some(dialog),
            _ => None,
        }
    }

    pub(super) fn reserved(
        &mut self,
        now: Instant,
        wire: &mut Wire,
        port: Option<u16>,
        times: &LineTimes,
    ) -> Option<Wish> {
        let Some(port) = port else {
            if let Stage::Ringing { invite, key, .. } = &self.stage {
                wire.refuse(now, *key, invite, 503);
            }
            self.gone(wire);
            return None;
        };
        let here = SocketAddrV4::new(*wire.here.ip(), port);
        let id = self.media.id();
        self.media = Media::Reserved {
            id,
            session: Box::new(Session::new(here, id.0, self.line == Line::Echo)),
        };
        match self.stage {
            Stage::Preparing => self.call_out(now, wire, times),
            Stage::Ringing { .. } => {
                self.play_early(now, wire);
                None
            }
            _ => None,
        }
    }

    /// Takes the call, or gives it up where nobody is.
    pub(super) fn take(&mut self, now: Instant, wire: &mut Wire, times: &LineTimes) {
        let Stage::Ringing {
            invite,
            key,
            from,
            dialog,
            early,
            until,
        } = &mut self.stage
        else {
            return;
        };
        if early.must_wait() {
            *until = now + SOON;
            return;
        }
        let told = early.told();
        let (invite, key, from, dialog) = (invite.clone(), *key, *from, dialog.clone());
        let tag = dialog.id.local_tag.clone();
        if self.line == Line::NoAnswer {
            wire.respond(now, key, &invite.respond(480, Some(&tag)));
            return self.gone(wire);
        }
        let first = self.line.act(0, times);
        self.stage = Stage::Talking {
            dialog,
            far: from,
            step: 0,
            until: first.map(|(after, _)| now + after),
        };
        self.accept(now, wire, (key, from), &invite, Some(&tag), told);
    }

    /// Sends 2xx to an INVITE or re-INVITE and lets the sound follow. `told`: the description that went out early.
    pub(super) fn accept(
        &mut self,
        now: Instant,
        wire: &mut Wire,
        (key, from): (ServerKey, Peer),
        invite: &Request,
        tag: Option<&str>,
        told: Option<Told>,
    ) {
        let mut ok = invite.respond(200, tag);
        ok.headers.push("Contact", contact(wire, invite, from));
        ok.headers.push("Allow", super::ALLOW);
        ok.headers.push("Supported", super::SUPPORTED);
        self.watch = Watch::agree(now, self.line, invite, &mut ok.headers);
        let mut offered = false;
        match told {
            // Offer and answer are done: nothing more to say (RFC 6337 section 3.1.1).
            Some(Told::Agreed) => {}
            Some(Told::Only(description)) => ok.set_body("application/sdp", description),
            None => {
                let Some((description, audio)) = self.describe(&invite.body) else {
                    return wire.refuse(now, key, invite, 488);
                };
                ok.set_body("application/sdp", description);
                offered = audio.is_none();
                if let Some(audio) = audio {
                    self.run(wire, &audio);
                }
            }
        }
        wire.respond(now, key, &ok);
        self.unacked = Some(Unacked {
            cseq: invite.headers.cseq().map_or(0, |cseq| cseq.number),
            bytes: ok.to_bytes(),
            peer: from,
            again: now + T1,
            interval: T1,
            give_up: now + GIVE_UP,
            offered,
        });
    }

    /// The answer to an offer, or an offer where there was none. `None`: there is nothing in common.
    pub(super) fn describe(&mut self, offer: &[u8]) -> Option<(Vec<u8>, Option<Audio>)> {
        let session = self.media.session()?;
        if offer.is_empty() {
            return Some((session.offer(), None));
        }
        let (answer, audio) = session.answer(offer)?;
        Some((answer, Some(audio)))
    }

    pub(super) fn acknowledged(&mut self, wire: &mut Wire, ack: &Request) {
        let number = ack.headers.cseq().map_or(0, |cseq| cseq.number);
        let Some(unacked) = self.unacked.take_if(|unacked| unacked.cseq == number) else {
            return;
        };
        if unacked.offered
            && let Some(audio) = self.media.session().and_then(|session| session.accept(&ack.body))
        {
            self.run(wire, &audio);
        }
    }

    pub(super) fn run(&self, wire: &mut Wire, audio: &Audio) {
        wire.media(MediaOrder::Run {
            media: self.media.id(),
            remote: audio.remote,
            payload: audio.payload,
            play: audible(audio, self.play),
        });
    }

    /// Hangs up from this side.
    pub(super) fn leave(&mut self, now: Instant, wire: &mut Wire, times: &LineTimes) -> Option<Wish> {
        if let Stage::Talking { dialog, far, .. } = &mut self.stage {
            let bye = dialog.request(Method::Bye);
            wire.request(now, *far, bye);
        }
        self.over(now, wire, times)
    }

    /// The conversation is over; the customer may call back.
    pub(super) fn over(&mut self, now: Instant, wire: &mut Wire, times: &LineTimes) -> Option<Wish> {
        self.gone(wire);
        match self.after {
            After::Nothing => None,
            After::CallBack(line) => {
                (self.line, self.play, self.after) = (line, line.play(), line.after());
                self.stage = Stage::Resting {
                    until: now + times.call_back,
                };
                None
            }
            After::Message => Some(Wish::Recorded(self.caller.clone())),
        }
    }

    pub(super) fn gone(&mut self, wire: &mut Wire) {
        if !matches!(self.stage, Stage::Gone) {
            wire.media(MediaOrder::Close(self.media.id()));
        }
        self.unacked = None;
        self.reoffer = None;
        self.watch = None;
        self.stage = Stage::Gone;
    }
}

/// What the far end was told of the session before the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// All, reliably.
    Agreed,
    /// This, and perhaps it was lost: the answer has to say it again (RFC 3261 section 13.2.1).
    Only(Vec<u8>),
}

/// Where requests to a line go: by the transport the far end uses.
pub(super) fn contact(wire: &Wire, invite: &Request, far: Peer) -> NameAddr {
    own_contact(wire, &invite.uri.user().unwrap_or_default(), far)
}

pub(super) fn own_contact(wire: &Wire, user: &str, far: Peer) -> NameAddr {
    let mut uri = wire.uri(user);
    if far.transport == crate::PeerTransport::Tcp {
        uri = uri.with_param("transport", Some("tcp"));
    }
    NameAddr::new(uri)
}
