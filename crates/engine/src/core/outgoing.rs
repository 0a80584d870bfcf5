//! Calls of ours: whom, on which line, and why.
use super::account::Account;
use super::call::Call;
use super::dial::{self, Target};
use super::encryption::Keys;
use super::facts::CallFacts;
use super::link_accounts::no_account;
use super::{Core, line, words};
use crate::{Direction, Refusal, RefusalCode, RegistrationView, Reply};
use parley_call::{CallId, Outgoing, Party, Refused, Switchboard};
use parley_sip::Uri;
use parley_sip::endpoint::InviteOptions;
use parley_store::AccountId;
use std::time::Instant;

/// How a call is to be made.
#[derive(Debug, Default)]
pub(super) struct How {
    /// Without telling who calls; `None`: as the line has it.
    pub anonymous: Option<bool>,
    /// The name of whom it is for, where it is known.
    pub name: Option<String>,
    /// The address to invite, where it is known better than by the target's text.
    pub uri: Option<Uri>,
    /// What else the invitation says.
    pub options: InviteOptions,
    /// The call that was sent on.
    pub follows: Option<CallId>,
    /// It is an emergency call whatever its number is: one was sent on.
    pub emergency: bool,
    /// The first line of its story; empty for the usual one.
    pub story: String,
}

impl Core {
    /// Calls a number or address from a line, or from the chosen one.
    pub(super) fn dial(
        &mut self,
        target: &str,
        account: Option<u64>,
        anonymous: Option<bool>,
    ) -> Result<Reply, Refusal> {
        let target = dial::read(target)?;
        let line = match self.line_or_chosen(account)? {
            line if account.is_none() && self.is_emergency(&target.number()) => self.line_that_works(line),
            line => line,
        };
        let how = How {
            anonymous,
            ..How::default()
        };
        self.call_out(line, &target, how, Switchboard::dial)
    }

    /// This line, unless its server is not there and that of another one is.
    fn line_that_works(&self, line: AccountId) -> AccountId {
        let registered = |account: &&Account| matches!(account.registration, RegistrationView::Registered { .. });
        let off = |account: &Account| account.registration == RegistrationView::Off;
        let works = self
            .account(line)
            .is_some_and(|account| registered(&account) || off(account));
        match self.accounts.iter().find(registered) {
            Some(other) if !works => other.id,
            _ => line,
        }
    }

    /// Calls where an ended call was sent on to. Only the places it named: a person confirmed one of these.
    pub(super) fn follow_redirect(&mut self, id: CallId, target: &str) -> Result<Reply, Refusal> {
        let before = self.calls.get(&id).ok_or_else(|| words::refused(Refused::NoSuchCall))?;
        if before.redirects.is_empty() {
            return Err(words::refused(Refused::NotRedirected));
        }
        let mut places = before.redirects.iter();
        let (to, uri) = places
            .find(|(to, _)| to.target == target)
            .ok_or_else(|| Refusal::invalid("target", "The call was not sent on to there."))?;
        let how = How {
            anonymous: Some(before.anonymous),
            uri: Some(uri.clone()),
            follows: Some(id),
            emergency: self.board.call(id).is_some_and(|call| call.emergency),
            story: format!("Sent on to {}", to.shown),
            ..How::default()
        };
        let (target, account) = (dial::read(&to.target)?, before.account);
        self.call_out(account, &target, how, |board, now, outgoing| {
            board.follow(now, id, outgoing)
        })
    }

    /// Nobody is asked where an emergency call is to go on: it follows the best place at once.
    pub(super) fn follow_emergency(&mut self, id: CallId) {
        if !self.board.call(id).is_some_and(|call| call.emergency) {
            return;
        }
        let first = self.calls.get(&id).and_then(|call| call.redirects.first());
        if let Some(target) = first.map(|(to, _)| to.target.clone())
            && let Err(why) = self.follow_redirect(id, &target)
        {
            log::warn!("an emergency call that was sent on could not follow: {}", why.message);
        }
    }

    /// Takes a call that rings elsewhere, by the line's code for it.
    pub(super) fn pick_up_number(&mut self, number: Option<&str>, account: Option<u64>) -> Result<Reply, Refusal> {
        let line = self.line_or_chosen(account)?;
        let code = self
            .account(line)
            .and_then(|account| account.data.options.codes.pick_up.clone());
        let code = code.ok_or_else(|| no_code("pick-up"))?;
        let target = with_code(&code, number)?;
        self.call_out(line, &target, How::default(), Switchboard::dial)
    }

    /// Parks a call: a blind transfer to the line's code for it.
    pub(super) fn park(&mut self, id: CallId, place: Option<&str>) -> Result<Reply, Refusal> {
        let call = self.calls.get(&id).ok_or_else(|| words::refused(Refused::NoSuchCall))?;
        let account = self.account(call.account);
        let code = account.and_then(|account| account.data.options.codes.park.clone());
        let code = code.ok_or_else(|| no_code("park"))?;
        let target = with_code(&code, place)?.text();
        self.command(id.0, parley_call::Command::Transfer { target })
    }

    /// Calls the number called last, on its line; on the chosen one, if that line is gone.
    pub(super) fn redial(&mut self) -> Result<Reply, Refusal> {
        let dialled = |entry: &&crate::HistoryEntry| entry.direction == Direction::Outgoing && entry.can_call_back;
        let last = self.history.iter().find(dialled);
        let last = last.ok_or_else(|| Refusal::new(RefusalCode::NotNow, "No number has been called yet."))?;
        let (address, account) = (last.address.clone(), AccountId(last.account));
        let account = self.account(account).map(|account| account.id.0);
        self.dial(&address, account, None)
    }

    /// Makes a call on a line; `begin` says to the switchboard what kind of call it is.
    pub(super) fn call_out(
        &mut self,
        id: AccountId,
        target: &Target,
        how: How,
        begin: impl FnOnce(&mut Switchboard, Instant, Outgoing) -> Result<CallId, Refused>,
    ) -> Result<Reply, Refusal> {
        let mut random = self.key_source();
        let account = self.account(id).ok_or_else(no_account)?;
        let server = account.server().ok_or_else(no_account)?;
        let encryption = account.data.options.encryption;
        let emergency = how.emergency || self.is_emergency(&target.number());
        let anonymous = how.anonymous.unwrap_or(account.data.options.anonymous) && !emergency;
        let wishes = super::session::Wishes::of(&account.data.options);
        let facts = CallFacts {
            name: how.name,
            number: target.number(),
            address: target.text(),
            reached: account.data.user.clone(),
            called: target.number(),
            ..CallFacts::default()
        };
        let outgoing = Outgoing {
            line: line(id),
            party: Party {
                name: facts.name.clone(),
                number: facts.number.clone(),
                address: facts.address.clone(),
            },
            emergency,
        };
        let call = begin(&mut self.board, self.now.instant, outgoing).map_err(words::refused)?;
        let mut record = Call::new(id, wishes, parley_call::Direction::Outgoing, facts, self.now.unix_ms);
        record.sound.session.keys = Keys::new(encryption, emergency, &mut random);
        record.target = Some(how.uri.unwrap_or_else(|| target.uri(&server)));
        record.options = InviteOptions {
            anonymous,
            ..how.options
        };
        record.anonymous = anonymous;
        record.follows = how.follows;
        let story = match how.story {
            usual if usual.is_empty() => format!("You called {}", target.shown()),
            story => story,
        };
        record.tell(self.now.unix_ms, story);
        self.calls.insert(call, record);
        if emergency {
            self.emergency = Some(self.now.instant);
        }
        Ok(Reply::Call { call: call.0 })
    }

    /// Whether an emergency service answers this number.
    pub(super) fn is_emergency(&self, number: &str) -> bool {
        self.settings.emergency_numbers.iter().any(|known| known == number)
    }

    fn line_or_chosen(&self, account: Option<u64>) -> Result<AccountId, Refusal> {
        match account {
            Some(id) => Ok(AccountId(id)),
            None => self.chosen.ok_or_else(|| {
                Refusal::new(
                    RefusalCode::NoAccount,
                    "There is no line to call from. Add an account first.",
                )
            }),
        }
    }
}

/// A code with what is dialled after it.
fn with_code(code: &str, rest: Option<&str>) -> Result<Target, Refusal> {
    let code = dial::read(code)?;
    match (rest.map(str::trim).filter(|rest| !rest.is_empty()), &code) {
        (Some(rest), Target::User(code)) => dial::read(&format!("{code}{}", dial::read(rest)?.number())),
        _ => Ok(code),
    }
}

fn no_code(what: &str) -> Refusal {
    Refusal::new(
        RefusalCode::NotNow,
        format!("This line has no {what} code. Enter it in the line's settings first."),
    )
}
