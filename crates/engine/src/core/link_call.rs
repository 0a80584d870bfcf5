//! A call comes in or is sent on: what the invitation says, and what the line's rules make of it.
use super::account::Account;
use super::call::Call;
use super::encryption::{self, Keys};
use super::facts::{self, CallFacts};
use super::session::{Session, Wishes};
use super::{Core, dial, line, options};
use crate::NoticeLevel;
use parley_call::{CallId, Cause, Direction, Forwarding, Invitation, Party};
use parley_sip::NameAddr;
use parley_sip::endpoint::{IncomingInvite, SessionId};
use parley_store::{AccountId, Referrals};
use std::time::Duration;

/// How long after an emergency call all calls to its line ring, whatever the rules: the service may call back from anywhere.
const CALL_BACK: Duration = Duration::from_secs(30 * 60);
/// The standing notice of a call answered without a person.
const AUTO: &str = "auto_answered";
/// A call that was sent on so often already is not sent on once more.
const MOST_DIVERSIONS: usize = 5;
/// Places of one redirection that are shown.
const MOST_PLACES: usize = 8;

impl Core {
    pub(super) fn incoming(&mut self, session: SessionId, account_id: AccountId, invite: &IncomingInvite) {
        let now = self.now.instant;
        let mut random = self.key_source();
        let Some(account) = self.account(account_id) else {
            return self.sip.reject(now, session, 404, None);
        };
        let replaces = invite.replaces.map(|other| self.sessions.get(&other).copied());
        if let Some(other) = replaces
            && !self.may_replace(account, other)
        {
            log::info!("a call that wants to take the place of another one is refused");
            return self.sip.reject(now, session, 403, None);
        }
        // Without an offer the caller wants ours. An offer we cannot meet is refused before anything rings.
        let wishes = Wishes::of(&account.data.options);
        let server = account.data.enabled.then(|| account.server()).flatten();
        let facts = CallFacts::of(invite, &account.data.user, server.as_ref().map(|server| &server.host));
        let insists = self.insists(&facts, invite);
        let wanted = account.data.options.encryption;
        let before = Session::new(wishes.clone(), Keys::new(wanted, insists, &mut random));
        let offered = invite.sdp.as_deref().map(|sdp| before.read_offer(sdp)).transpose();
        if let Err(why) = &offered {
            log::info!("a call is refused: {why}");
        }
        let (forwarding, circles) = self.forwarding(account, &facts, invite);
        let invitation = Invitation {
            party: Party {
                name: facts.name.clone(),
                number: facts.number.clone(),
                address: facts.address.clone(),
            },
            reached: facts.reached.clone(),
            called: facts.called.clone(),
            forwarding,
            auto_answer: invite.auto_answer.filter(|_| account.data.options.auto_answer),
            replaces: replaces.flatten(),
            insists,
        };
        let mut call = Call::new(account_id, wishes, Direction::Incoming, facts, self.now.unix_ms);
        call.session = Some(session);
        call.sound.asked_on = Some(invite.local);
        call.sound.session = before;
        call.tell(self.now.unix_ms, "Call came in");
        for target in circles {
            call.tell(
                self.now.unix_ms,
                format!("Not forwarded to {target}: that would be a circle"),
            );
        }
        let id = match offered {
            Ok(offered) => {
                call.sound.offered = offered;
                self.board.invited(now, line(account_id), invitation)
            }
            Err(why) => self.board.misfit(now, encryption::cause(why, true)),
        };
        self.calls.insert(id, call);
        self.sessions.insert(session, id);
    }

    /// A call that was answered without a person is said aloud for as long as it lasts: somebody hears what is said here.
    pub(super) fn mind_auto_answer(&mut self, id: CallId) {
        let by_itself = self
            .board
            .call(id)
            .is_some_and(|call| call.auto_answered && call.end.is_none());
        let Some(call) = self.calls.get_mut(&id) else { return };
        if by_itself == std::mem::replace(&mut call.noticed, by_itself) {
            return;
        }
        if !by_itself {
            return self.no_notice(AUTO);
        }
        let text = format!(
            "A call from {} was answered by itself, as this line allows. You are heard.",
            call.shown_name()
        );
        self.tell(id, "Answered by itself, at the caller's wish");
        self.notice(AUTO, NoticeLevel::Info, text);
    }

    /// Sends a ringing call on.
    pub(super) fn redirect(&mut self, id: CallId, target: &str) {
        let now = self.now.instant;
        let Some(call) = self.calls.get(&id) else { return };
        let Some(session) = call.session else { return };
        let server = self.account(call.account).and_then(Account::server);
        match (dial::read(target), server) {
            (Ok(target), Some(server)) => {
                let to = NameAddr::new(target.uri(&server));
                self.sip.redirect(now, session, vec![to]);
            }
            _ => self.sip.reject(now, session, 480, None),
        }
    }

    /// An outgoing call was sent on: to where, as it can be dialled. A person confirms one of these, but for an emergency call.
    pub(super) fn redirected(&mut self, id: CallId, targets: &[NameAddr]) -> Cause {
        let account = self.calls.get(&id).map(|call| call.account);
        let server = account
            .and_then(|account| self.account(account))
            .and_then(Account::server);
        let Some(call) = self.calls.get_mut(&id) else {
            return Cause::Redirected { targets: Vec::new() };
        };
        for to in targets.iter().take(MOST_PLACES) {
            let place = facts::redirect(to, server.as_ref().map(|server| &server.host));
            // What cannot be dialled is not offered, and nothing twice.
            if dial::read(&place.target).is_ok() && call.redirects.iter().all(|(known, _)| known.target != place.target)
            {
                call.redirects.push((place, to.uri.clone()));
            }
        }
        Cause::Redirected {
            targets: call.redirects.iter().map(|(place, _)| place.shown.clone()).collect(),
        }
    }

    /// Whether a call may take the place of one of ours: on the same line only, and where the line lets others decide whom it
    /// talks to. That the caller knows the secret names of the call was checked by the wire (RFC 3891 section 3).
    fn may_replace(&self, account: &Account, other: Option<CallId>) -> bool {
        let other = other.and_then(|other| self.calls.get(&other));
        other.is_some_and(|other| other.account == account.id) && account.data.options.referrals != Referrals::Never
    }

    /// Whether no rule may turn the caller away: an emergency service calls, or may call back (RFC 7090).
    fn insists(&self, facts: &CallFacts, invite: &IncomingInvite) -> bool {
        let called_lately = self
            .emergency
            .is_some_and(|at| self.now.instant.saturating_duration_since(at) < CALL_BACK);
        let says_so = invite.headers.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("Priority") && value.trim().eq_ignore_ascii_case("psap-callback")
        });
        called_lately || (says_so && invite.asserted.is_some()) || self.is_emergency(&facts.number)
    }

    /// The line's forwarding for this caller, without the targets that would send it in a circle; and those.
    fn forwarding(&self, account: &Account, facts: &CallFacts, invite: &IncomingInvite) -> (Forwarding, Vec<String>) {
        let mut forwarding = options::for_board(&account.data.options.forwarding);
        let came_by = facts::came_by(invite);
        let own: Vec<&str> = self.accounts.iter().map(|account| account.data.user.as_str()).collect();
        let mut circles = Vec::new();
        let mut fits = |target: &str| {
            let number = dial::read(target).map(|target| target.number()).unwrap_or_default();
            let same = |other: &str| other.eq_ignore_ascii_case(&number);
            let circle = came_by.len() >= MOST_DIVERSIONS
                || came_by.iter().any(|number| same(number))
                || own.iter().any(|number| same(number))
                || same(&facts.number);
            if circle {
                circles.push(target.to_owned());
            }
            !circle
        };
        forwarding.always = forwarding.always.filter(|target| fits(target));
        forwarding.busy = forwarding.busy.filter(|busy| fits(&busy.target));
        forwarding.no_answer = forwarding.no_answer.filter(|late| fits(&late.target));
        (forwarding, circles)
    }
}
