//! What is known of one call beyond the call machine: its session, its sound, its facts, its story.
use super::facts::CallFacts;
use super::io::StoreCommand;
use super::session::{Session, Wishes};
use crate::{EncryptionView, MediaView, PopLogEntry, Redirect, TimelineItem};
use parley_call::{CallId, Direction};
use parley_media::{Reserved, StreamParams};
use parley_screenpop::Facts;
use parley_sip::Uri;
use parley_sip::endpoint::{InviteOptions, Referral, SessionId};
use parley_sip::sdp::{NotAgreed, Sdp};
use parley_store::AccountId;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

/// Lines of a story kept, at most.
const STORY: usize = 200;
/// Keys of the far end kept, at most.
const SHOWN_DIGITS: usize = 64;

/// One call.
#[derive(Debug)]
pub(crate) struct Call {
    pub account: AccountId,
    pub direction: Direction,
    pub facts: CallFacts,
    /// Whom an outgoing call invites.
    pub target: Option<Uri>,
    /// How it invites.
    pub options: InviteOptions,
    /// We do not tell who calls.
    pub anonymous: bool,
    /// The call that was sent on, because of which this one was made.
    pub follows: Option<CallId>,
    /// Where it was sent on to, and the addresses to invite there.
    pub redirects: Vec<(Redirect, Uri)>,
    /// Whom the far end asks us to call, and the session that is answered: it may outlive the call's own.
    pub referral: Option<(SessionId, Referral)>,
    /// A transfer of it is under way.
    pub transferring: bool,
    /// A standing notice says that it was answered by itself.
    pub noticed: bool,
    /// `None` before the invitation and after the end.
    pub session: Option<SessionId>,
    pub began: i64,
    pub answered: Option<i64>,
    pub sound: Sound,
    /// A change of the session that the far end wants and that is not answered yet.
    pub reoffer: Option<Reoffer>,
    /// A change of the session that we want and that is not answered yet.
    pub change: Option<Change>,
    pub pop: Option<PopLogEntry>,
    /// Lines for the disk that have to follow the one of the call's beginning; `None` once that is written.
    pub unwritten: Option<Vec<StoreCommand>>,
    pub story: Vec<TimelineItem>,
    pub media: Option<MediaView>,
    /// The keys the far end pressed, the latest last.
    pub digits_heard: String,
    /// How its sound is encrypted.
    pub encryption: Option<EncryptionView>,
}

/// What the far end wants changed.
#[derive(Debug)]
pub(crate) enum Reoffer {
    /// This is its offer.
    Offer(Sdp),
    /// It wants an offer from us.
    Ours,
}

/// What we want changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// The far end shall be held.
    Hold,
    /// It shall be held no more.
    Resume,
    /// Our address is another one now.
    Moved,
}

/// What waits for the ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// Nothing yet.
    Wait,
    /// Our offer, the first or one because our address changed.
    Offer,
    /// Our answer to the invitation.
    Accept,
}

/// The sound of a call, from our side.
#[derive(Debug)]
pub(crate) struct Sound {
    /// Our ports, once there are some.
    pub reserved: Option<Reserved>,
    /// The address they were asked for.
    pub asked_on: Option<IpAddr>,
    /// They are being opened.
    pub asking: bool,
    /// What waits for them.
    pub then: Then,
    /// Offer and answer.
    pub session: Session,
    /// Why the last answer of the far end could not be used.
    pub unmet: Option<NotAgreed>,
    /// The initial offer of an incoming call, until it is answered.
    pub offered: Option<Sdp>,
    /// Neither voice out nor in: on hold here, whatever the far end has been told.
    pub quiet: bool,
    /// The call machine wants sound to run.
    pub wanted: bool,
    /// What media runs now.
    pub running: Option<StreamParams>,
    /// The microphone is off.
    pub muted: bool,
}

impl Call {
    pub fn new(account: AccountId, wishes: Wishes, direction: Direction, facts: CallFacts, began: i64) -> Self {
        Self {
            account,
            direction,
            facts,
            target: None,
            options: InviteOptions::default(),
            anonymous: false,
            follows: None,
            redirects: Vec::new(),
            referral: None,
            transferring: false,
            noticed: false,
            session: None,
            began,
            answered: None,
            sound: Sound::new(wishes),
            reoffer: None,
            change: None,
            pop: None,
            unwritten: Some(Vec::new()),
            story: Vec::new(),
            media: None,
            digits_heard: String::new(),
            encryption: None,
        }
    }

    /// Adds a line to the story.
    pub fn tell(&mut self, at: i64, text: impl Into<String>) {
        if self.story.len() < STORY {
            self.story.push(TimelineItem { at, text: text.into() });
        }
    }

    /// The far end pressed a key.
    pub fn heard(&mut self, digit: char) {
        self.digits_heard.push(digit);
        if self.digits_heard.len() > SHOWN_DIGITS {
            self.digits_heard.remove(0);
        }
    }

    /// For screen pops.
    pub fn pop_facts(&self, custom: &BTreeMap<String, String>) -> Facts {
        Facts {
            caller: self.facts.number.clone(),
            caller_name: self.facts.name.clone().unwrap_or_default(),
            number: self.facts.reached.clone(),
            called: self.facts.called.clone(),
            headers: self.facts.headers.clone(),
            custom: custom.clone(),
        }
    }
}

impl Sound {
    fn new(wishes: Wishes) -> Self {
        Self {
            reserved: None,
            asked_on: None,
            asking: false,
            then: Then::Wait,
            session: Session::new(wishes, super::encryption::Keys::default()),
            unmet: None,
            offered: None,
            quiet: false,
            wanted: false,
            running: None,
            muted: false,
        }
    }

    /// Our RTP address.
    pub fn rtp(&self) -> Option<SocketAddr> {
        self.reserved.map(|reserved| reserved.rtp)
    }
}
