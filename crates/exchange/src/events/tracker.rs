//! Who is in which call: learned from the INVITEs that pass and their answers, for dialog-info (RFC 4235) and pick-up.
//!
//! | What passes | The call is then |
//! |---|---|
//! | INVITE outside a dialog | trying |
//! | 101-199 with a tag | early; one for each tag |
//! | 2xx | confirmed; what else that INVITE made is terminated |
//! | 300-699 | terminated, unless confirmed |
//! | BYE | terminated |
use crate::Peer;
use crate::lines::Shown;
use crate::proxy::Target;
use parley_sip::bodies::{self, DialogDirection, DialogState};
use parley_sip::headers::ReplacesTarget;
use parley_sip::sdp::Sdp;
use parley_sip::{NameAddr, Request, Response, Uri};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Calls remembered; the oldest makes room.
const MOST: usize = 256;
/// How long it is told that a call is over.
const ECHO: Duration = Duration::from_secs(5);
/// A call whose end nobody saw is over after this.
const LONGEST: Duration = Duration::from_secs(4 * 3600);

/// All calls that pass.
#[derive(Debug, Default)]
pub(super) struct Tracker {
    legs: Vec<Leg>,
    last: u64,
    /// Those whose calls changed since this was last looked at.
    changed: BTreeSet<String>,
}

/// One dialog between two ends.
#[derive(Debug, Clone)]
struct Leg {
    number: u64,
    call_id: String,
    caller: Side,
    callee: Side,
    state: DialogState,
    until: Instant,
}

/// One end.
#[derive(Debug, Clone)]
struct Side {
    /// The user or line, if it is one of ours.
    name: Option<String>,
    tag: Option<String>,
    who: NameAddr,
    target: Option<Uri>,
    way: Option<Peer>,
    /// It does not listen now.
    holds: bool,
}

/// Which end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Caller,
    Callee,
}

impl Tracker {
    /// An INVITE begins something between these two.
    pub(super) fn invited(&mut self, now: Instant, invite: &Request, way: Option<Peer>, names: [Option<String>; 2]) {
        let headers = &invite.headers;
        let (Some(from), Some(to), Some(call_id)) = (headers.from(), headers.to(), headers.call_id()) else {
            return;
        };
        let [caller, callee] = names;
        if caller.is_none() && callee.is_none() {
            return;
        }
        let tag = from.tag().map(str::to_owned);
        let caller = Side {
            tag,
            target: headers.contact().map(|contact| contact.uri),
            way,
            ..Side::new(caller, from)
        };
        let callee = Side::new(callee, to);
        self.insert(now, call_id, caller, callee, DialogState::Trying);
    }

    /// A call that only watchers know.
    pub(super) fn show(&mut self, now: Instant, shown: Shown) {
        let side = |name, who: NameAddr, tag| Side {
            tag: Some(tag),
            target: Some(who.uri.clone()),
            ..Side::new(name, who)
        };
        let caller = side(None, shown.caller, shown.caller_tag);
        let callee = side(Some(shown.number), shown.callee, shown.callee_tag);
        let state = if shown.up {
            DialogState::Confirmed
        } else {
            DialogState::Early
        };
        self.insert(now, &shown.call_id, caller, callee, state);
    }

    /// It is over.
    pub(super) fn hide(&mut self, now: Instant, call_id: &str) {
        self.over(now, |leg| leg.call_id == call_id);
    }

    /// An answer to an INVITE.
    pub(super) fn answered(&mut self, now: Instant, response: &Response) {
        let headers = &response.headers;
        let (Some(call_id), Some(from), Some(to)) = (headers.call_id(), headers.from(), headers.to()) else {
            return;
        };
        let (call_id, from, tag) = (call_id.to_owned(), from.tag().map(str::to_owned), to.tag());
        let of_it = move |leg: &Leg| leg.call_id == call_id && leg.caller.tag == from;
        let pending = |leg: &Leg| !matches!(leg.state, DialogState::Confirmed | DialogState::Terminated);
        let code = response.code();
        if code >= 300 {
            return self.over(now, |leg| of_it(leg) && pending(leg));
        }
        let state = match (code, tag) {
            (..=100, _) => return,
            (101..=199, None) => DialogState::Proceeding,
            (101..=199, Some(_)) => DialogState::Early,
            _ => DialogState::Confirmed,
        };
        let known = |leg: &&mut Leg| of_it(leg) && leg.callee.tag.as_deref() == tag && pending(leg);
        let number = match self.legs.iter_mut().find(known) {
            Some(leg) => leg.number,
            None => match self.untagged(now, &of_it, tag) {
                Some(number) => number,
                None => return,
            },
        };
        let contact = headers.contact().map(|contact| contact.uri);
        if let Some(leg) = self.legs.iter_mut().find(|leg| leg.number == number) {
            leg.state = state;
            leg.callee.target = contact.or(leg.callee.target.take());
            self.changed.extend(leg.names());
        }
        if state == DialogState::Confirmed {
            self.over(now, |leg| of_it(leg) && pending(leg) && leg.number != number);
        }
    }

    /// The leg that gets this tag: the one without a tag yet, else another one for another phone.
    fn untagged(&mut self, now: Instant, of_it: impl Fn(&Leg) -> bool, tag: Option<&str>) -> Option<u64> {
        let tag = tag.map(str::to_owned);
        // A repeated answer, or one in a call that is up: nothing new.
        if self
            .legs
            .iter()
            .any(|leg| of_it(leg) && leg.callee.tag == tag && tag.is_some())
        {
            return None;
        }
        if let Some(leg) = self
            .legs
            .iter_mut()
            .find(|leg| of_it(leg) && leg.callee.tag.is_none() && leg.state != DialogState::Terminated)
        {
            leg.callee.tag = tag;
            return Some(leg.number);
        }
        let like = self
            .legs
            .iter()
            .find(|leg| of_it(leg) && leg.state == DialogState::Early)?
            .clone();
        let callee = Side { tag, ..like.callee };
        Some(self.insert(now, &like.call_id, like.caller, callee, DialogState::Trying))
    }

    /// A BYE, from either end.
    pub(super) fn ended(&mut self, now: Instant, bye: &Request) {
        let headers = &bye.headers;
        let (Some(call_id), Some(from), Some(to)) = (headers.call_id(), headers.from(), headers.to()) else {
            return;
        };
        self.over(now, |leg| {
            leg.call_id == call_id && leg.end(from.tag(), to.tag()).is_some()
        });
    }

    /// A re-INVITE or UPDATE: its sender holds, or does so no more.
    pub(super) fn reoffered(&mut self, request: &Request) {
        let headers = &request.headers;
        let (Some(call_id), Some(from), Some(to)) = (headers.call_id(), headers.from(), headers.to()) else {
            return;
        };
        let Some(sdp) = request.sdp().and_then(|body| Sdp::parse(body).ok()) else {
            return;
        };
        let Some(media) = sdp.media.first() else { return };
        let holds = !sdp.direction_of(media).receives();
        for leg in self.legs.iter_mut().filter(|leg| leg.call_id == call_id) {
            let side = match leg.end(from.tag(), to.tag()) {
                Some(End::Caller) => &mut leg.caller,
                Some(End::Callee) => &mut leg.callee,
                None => continue,
            };
            side.holds = holds;
            self.changed.extend(leg.names());
        }
    }

    pub(super) fn changed(&mut self) -> BTreeSet<String> {
        std::mem::take(&mut self.changed)
    }

    /// Whether this user talks.
    pub(super) fn is_on_the_phone(&self, name: &str) -> bool {
        let mut confirmed = self.legs.iter().filter(|leg| leg.state == DialogState::Confirmed);
        confirmed.any(|leg| leg.is_of(name))
    }

    /// The call that rings at this user or line, as an INVITE to its caller names it.
    pub(super) fn ringing_at(&self, name: &str) -> Option<ReplacesTarget> {
        let mut ringing = self.legs.iter().filter(|leg| leg.state == DialogState::Early);
        ringing
            .find(|leg| leg.callee.name.as_deref() == Some(name))
            .and_then(Leg::replaceable)
    }

    /// The ringing call that is meant, whichever end the INVITE was addressed to: as its caller knows it, and where he is.
    pub(super) fn early(&self, named: &ReplacesTarget) -> Option<(ReplacesTarget, Option<Target>)> {
        let leg = self.legs.iter().find(|leg| {
            leg.state == DialogState::Early
                && leg.call_id == named.call_id
                && leg.end(Some(&named.to_tag), Some(&named.from_tag)).is_some()
        })?;
        let target = leg.caller.target.clone().zip(leg.caller.way);
        let target = target.map(|(uri, way)| Target::at(uri, way));
        Some((leg.replaceable()?, target))
    }

    /// The calls of this user or line, for those who watch.
    pub(super) fn dialogs(&self, now: Instant, name: &str) -> Vec<bodies::Dialog> {
        let mut dialogs = Vec::new();
        for leg in self.legs.iter().filter(|leg| leg.until > now) {
            if leg.caller.name.as_deref() == Some(name) {
                dialogs.push(leg.seen_by(End::Caller));
            }
            if leg.callee.name.as_deref() == Some(name) {
                dialogs.push(leg.seen_by(End::Callee));
            }
        }
        dialogs
    }

    fn insert(&mut self, now: Instant, call_id: &str, caller: Side, callee: Side, state: DialogState) -> u64 {
        self.legs.retain(|leg| leg.until > now);
        if self.legs.len() >= MOST {
            self.legs.remove(0);
        }
        self.last += 1;
        let leg = Leg {
            number: self.last,
            call_id: call_id.to_owned(),
            caller,
            callee,
            state,
            until: now + LONGEST,
        };
        self.changed.extend(leg.names());
        self.legs.push(leg);
        self.last
    }

    fn over(&mut self, now: Instant, is_meant: impl Fn(&Leg) -> bool) {
        for leg in &mut self.legs {
            if leg.state != DialogState::Terminated && is_meant(leg) {
                leg.state = DialogState::Terminated;
                leg.until = now + ECHO;
                self.changed.extend(leg.names());
            }
        }
    }
}

impl Leg {
    fn names(&self) -> impl Iterator<Item = String> + use<> {
        [self.caller.name.clone(), self.callee.name.clone()]
            .into_iter()
            .flatten()
    }

    fn is_of(&self, name: &str) -> bool {
        self.names().any(|known| known == name)
    }

    /// The end with the first tag, if the other has the second.
    fn end(&self, own: Option<&str>, other: Option<&str>) -> Option<End> {
        let tags = (self.caller.tag.as_deref(), self.callee.tag.as_deref());
        if tags == (own, other) {
            Some(End::Caller)
        } else {
            (tags == (other, own)).then_some(End::Callee)
        }
    }

    /// As an INVITE to the caller names it.
    fn replaceable(&self) -> Option<ReplacesTarget> {
        Some(ReplacesTarget {
            call_id: self.call_id.clone(),
            to_tag: self.caller.tag.clone()?,
            from_tag: self.callee.tag.clone()?,
            early_only: true,
        })
    }

    fn seen_by(&self, end: End) -> bodies::Dialog {
        let (local, remote, direction) = match end {
            End::Caller => (&self.caller, &self.callee, DialogDirection::Initiator),
            End::Callee => (&self.callee, &self.caller, DialogDirection::Recipient),
        };
        bodies::Dialog {
            call_id: Some(self.call_id.clone()),
            local_tag: local.tag.clone(),
            remote_tag: remote.tag.clone(),
            direction: Some(direction),
            local: local.party(),
            remote: remote.party(),
            ..bodies::Dialog::new(&self.number.to_string(), self.state)
        }
    }
}

impl Side {
    fn new(name: Option<String>, who: NameAddr) -> Self {
        Self {
            name,
            tag: None,
            who,
            target: None,
            way: None,
            holds: false,
        }
    }

    fn party(&self) -> bodies::Party {
        let rendering = self.holds.then(|| ("+sip.rendering".to_owned(), "no".to_owned()));
        bodies::Party {
            identity: Some(self.who.uri.to_string()),
            display: self.who.name.clone(),
            target: Some(self.target.as_ref().unwrap_or(&self.who.uri).to_string()),
            target_params: rendering.into_iter().collect(),
        }
    }
}
