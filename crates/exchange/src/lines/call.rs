//! One call of a practice line.
//!
//! | Stage | What happens | Becomes |
//! |---|---|---|
//! | Ringing | `Answer`, sound is there | Talking; 200, sound runs |
//! | Ringing | `Answer`, nobody is there | Gone; 480 |
//! | Ringing | CANCEL | Gone; 487 |
//! | Talking | REFER | Talking; see [`transfer`](super::transfer) |
//! | Talking | BYE | Gone, or Resting when the customer will call back |
//! | Talking | `HangUp`, `NoAck` | the same; BYE |
//! | Resting | `CallBack` | Preparing; sockets asked for |
//! | Preparing | the sockets | Calling; INVITE |
//! | Calling | 2xx | Talking; ACK, sound runs |
//! | Calling | refused | Gone |
//! | Calling | `Patience` | Calling, without patience; CANCEL |
use super::transfer::Transfer;
use super::{CallKey, Line, MediaId, MediaOrder, Wish, audible};
use crate::Peer;
use crate::config::LineTimes;
use crate::sdp::{self, Audio, Session};
use crate::wire::Wire;
use parley_sip::dialog::{Dialog, DialogId};
use parley_sip::transaction::{ServerKey, T1};
use parley_sip::{Method, NameAddr, Request};
use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

/// A call of a line.
#[derive(Debug)]
pub(super) struct LineCall {
    pub(super) key: CallKey,
    pub(super) line: Line,
    /// Whom to call back.
    pub(super) caller: String,
    pub(super) stage: Stage,
    pub(super) media: Media,
    /// A 2xx that waits for its ACK.
    pub(super) unacked: Option<Unacked>,
    /// Whether it is being passed on to somebody else.
    pub(super) transfer: Transfer,
    /// The call that is told how this one goes, as this one is its transfer.
    pub(super) parent: Option<CallKey>,
    /// Who wished for that.
    pub(super) referred_by: Option<String>,
}

/// Where it stands.
#[derive(Debug)]
pub(super) enum Stage {
    /// It rings until `until`; then it is taken, or nobody was there.
    Ringing {
        invite: Box<Request>,
        key: ServerKey,
        from: Peer,
        tag: String,
        until: Instant,
    },
    /// Connected.
    Talking {
        dialog: Box<Dialog>,
        far: Peer,
        until: Option<Instant>,
    },
    /// The customer will call back.
    Resting { until: Instant },
    /// Sockets for the call back are asked for.
    Preparing,
    /// The call back is out.
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
    /// A phone calls a line. `None` if it was refused at once.
    pub(super) fn ringing(
        now: Instant,
        wire: &mut Wire,
        (call, line): (CallKey, Line),
        key: ServerKey,
        from: Peer,
        invite: Request,
        times: &LineTimes,
    ) -> Option<Self> {
        if invite.headers.contact().is_none() {
            wire.refuse(now, key, &invite, 400);
            return None;
        }
        if !invite.body.is_empty() && !sdp::is_acceptable(&invite.body) {
            wire.refuse(now, key, &invite, 488);
            return None;
        }
        let tag = wire.token();
        let mut ringing = invite.respond(180, Some(&tag));
        ringing.headers.push("Contact", contact(wire, &invite, from));
        wire.respond(now, key, &ringing);
        let media = MediaId(call.0);
        wire.media(MediaOrder::Reserve(media));
        let caller = invite
            .headers
            .from()
            .and_then(|from| from.uri.user())
            .unwrap_or_default();
        let until = now
            + if line == Line::NoAnswer {
                times.nobody
            } else {
                times.ring
            };
        let stage = Stage::Ringing {
            invite: Box::new(invite),
            key,
            from,
            tag,
            until,
        };
        Some(Self {
            key: call,
            line,
            caller,
            stage,
            media: Media::Reserving(media),
            unacked: None,
            transfer: Transfer::None,
            parent: None,
            referred_by: None,
        })
    }

    pub(super) fn waits_on(&self, invite: ServerKey) -> bool {
        matches!(self.stage, Stage::Ringing { key, .. } if key == invite)
    }

    pub(super) fn is(&self, dialog: &DialogId) -> bool {
        matches!(&self.stage, Stage::Talking { dialog: own, .. } if own.id == *dialog)
    }

    pub(super) fn cancelled(&mut self, now: Instant, wire: &mut Wire) {
        if let Stage::Ringing { invite, key, tag, .. } = &self.stage {
            wire.respond(now, *key, &invite.respond(487, Some(tag)));
            self.gone(wire);
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
            session: Box::new(Session::new(here, id.0)),
        };
        if matches!(self.stage, Stage::Preparing) {
            self.call_back(now, wire, times)
        } else {
            None
        }
    }

    /// Takes the call, or gives it up where nobody is.
    pub(super) fn take(&mut self, now: Instant, wire: &mut Wire, times: &LineTimes) {
        let Stage::Ringing {
            invite, key, from, tag, ..
        } = &self.stage
        else {
            return;
        };
        let (invite, key, from, tag) = (invite.clone(), *key, *from, tag.clone());
        if self.line == Line::NoAnswer {
            wire.respond(now, key, &invite.respond(480, Some(&tag)));
            return self.gone(wire);
        }
        let Some(dialog) = Dialog::from_request(&invite, &tag) else {
            return self.gone(wire);
        };
        let until = match self.line {
            Line::Customer => Some(now + times.greeting),
            Line::Announcement => Some(now + crate::Sound::Announcement.length() + Duration::from_millis(300)),
            _ => None,
        };
        self.stage = Stage::Talking {
            dialog: Box::new(dialog),
            far: from,
            until,
        };
        self.accept(now, wire, key, from, &invite, Some(&tag));
    }

    /// Sends 2xx to an INVITE or re-INVITE and lets the sound follow.
    pub(super) fn accept(
        &mut self,
        now: Instant,
        wire: &mut Wire,
        key: ServerKey,
        from: Peer,
        invite: &Request,
        tag: Option<&str>,
    ) {
        let Some(session) = self.media.session() else { return };
        let (description, audio) = match invite.body.as_slice() {
            [] => (session.offer(), None),
            offer => match session.answer(offer) {
                Some((answer, audio)) => (answer, Some(audio)),
                None => return wire.refuse(now, key, invite, 488),
            },
        };
        let mut ok = invite.respond(200, tag);
        ok.headers.push("Contact", contact(wire, invite, from));
        ok.headers.push("Allow", super::ALLOW);
        ok.set_body("application/sdp", description);
        wire.respond(now, key, &ok);
        if let Some(audio) = audio {
            self.run(wire, &audio);
        }
        self.unacked = Some(Unacked {
            cseq: invite.headers.cseq().map_or(0, |cseq| cseq.number),
            bytes: ok.to_bytes(),
            peer: from,
            again: now + T1,
            interval: T1,
            give_up: now + parley_sip::transaction::GIVE_UP,
            offered: audio.is_none(),
        });
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
        let play = audible(audio, self.line.play());
        wire.media(MediaOrder::Run {
            media: self.media.id(),
            remote: audio.remote,
            payload: audio.payload,
            play,
        });
    }

    /// Hangs up from this side.
    pub(super) fn leave(&mut self, now: Instant, wire: &mut Wire, times: &LineTimes) {
        if let Stage::Talking { dialog, far, .. } = &mut self.stage {
            let bye = dialog.request(Method::Bye);
            wire.request(now, *far, bye);
        }
        self.over(now, wire, times);
    }

    /// The conversation is over; the customer may call back.
    pub(super) fn over(&mut self, now: Instant, wire: &mut Wire, times: &LineTimes) {
        self.gone(wire);
        if self.line == Line::Customer {
            self.stage = Stage::Resting {
                until: now + times.call_back,
            };
        }
    }

    pub(super) fn gone(&mut self, wire: &mut Wire) {
        if !matches!(self.stage, Stage::Gone) {
            wire.media(MediaOrder::Close(self.media.id()));
        }
        self.unacked = None;
        self.stage = Stage::Gone;
    }

    /// Asks for sockets first: the invitation has to name them.
    pub(super) fn prepare_call_back(&mut self, wire: &mut Wire) {
        // A number of its own: the sound of the first call was closed.
        let media = MediaId(self.key.0 + (1 << 32));
        self.line = Line::CallBack;
        self.media = Media::Reserving(media);
        self.stage = Stage::Preparing;
        wire.media(MediaOrder::Reserve(media));
    }

    fn call_back(&mut self, now: Instant, wire: &mut Wire, times: &LineTimes) -> Option<Wish> {
        let customer = wire.uri("+441632960042");
        let agent = wire.uri(&self.caller);
        let mut request = Request::new(Method::Invite, agent.clone());
        let (tag, call_id) = (wire.token(), wire.token());
        let headers = &mut request.headers;
        headers.push("Max-Forwards", 70);
        headers.push(
            "From",
            NameAddr::new(customer.clone()).with_name("Maria Keller").with_tag(&tag),
        );
        headers.push("To", NameAddr::new(agent));
        headers.push("Call-ID", call_id);
        headers.push("CSeq", "1 INVITE");
        headers.push("Contact", NameAddr::new(customer));
        if self.line == Line::CallBack {
            headers.push(
                "Diversion",
                NameAddr::new(wire.uri("02079460100")).with_param("reason", Some("unconditional")),
            );
            headers.push("X-Subject", "Order 20418");
            headers.push("X-Ticket", "20418");
        }
        if let Some(by) = &self.referred_by {
            headers.push("Referred-By", by);
        }
        headers.push("Allow", super::ALLOW);
        request.set_body("application/sdp", self.media.session()?.offer());
        self.stage = Stage::Calling {
            invite: Box::new(request.clone()),
            patience: Some(now + times.patience),
        };
        Some(Wish::Call {
            key: self.key,
            user: self.caller.clone(),
            request: Box::new(request),
        })
    }
}

/// Where requests to a line go: by the transport the far end uses.
pub(super) fn contact(wire: &Wire, invite: &Request, far: Peer) -> NameAddr {
    let mut uri = wire.uri(&invite.uri.user().unwrap_or_default());
    if far.transport == crate::PeerTransport::Tcp {
        uri = uri.with_param("transport", Some("tcp"));
    }
    NameAddr::new(uri)
}
