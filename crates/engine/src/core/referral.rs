//! The far end asks us to call somebody (REFER): by the line's policy, and with reports on how it goes.
use super::dial::Target;
use super::facts;
use super::outgoing::How;
use super::{Core, words};
use crate::{Refusal, Reply};
use parley_call::{CallId, ReferralProgress, Refused, Send, Signal};
use parley_sip::endpoint::{InviteOptions, Referral, ReplacesTarget, SessionId};
use parley_store::Referrals;

/// What a referral is refused with.
const DECLINED: u16 = 603;

impl Core {
    /// The far end asks.
    pub(super) fn referred(&mut self, session: SessionId, referral: Referral) {
        let call = self.sessions.get(&session).copied();
        // Nobody makes this phone call somebody by a word from outside of a call.
        let Some((id, call)) = call.and_then(|id| Some((id, self.calls.get_mut(&id)?))) else {
            return self.refuse(session);
        };
        let account = call.account;
        let to = facts::shown(&parley_sip::NameAddr::new(referral.target.clone()));
        let by = referral.referred_by.as_ref().map(facts::shown).unwrap_or_default();
        let number = referral.target.user().unwrap_or_default();
        let policy = self
            .account(account)
            .map_or(Referrals::Never, |account| account.data.options.referrals);
        if policy == Referrals::Never {
            return self.refuse(session);
        }
        if self.board.call(id).is_none_or(|call| call.referral.is_some()) {
            return self.refuse(session);
        }
        if let Some(call) = self.calls.get_mut(&id) {
            call.referral = Some((session, referral));
        }
        self.tell(id, format!("The far end asks you to call {to}"));
        self.signal(id, Signal::Referred { target: to, by });
        // An emergency service is called by a person, never at somebody's wish.
        if policy == Referrals::Always && !self.is_emergency(&number) && self.accept_referral(id).is_err() {
            let _ = self
                .board
                .command(self.now.instant, id, parley_call::Command::RefuseReferral);
        }
    }

    /// Calls whom the far end asks to be called, on the same line.
    pub(super) fn accept_referral(&mut self, id: CallId) -> Result<Reply, Refusal> {
        let call = self.calls.get(&id).ok_or_else(|| words::refused(Refused::NoSuchCall))?;
        let referral = call.referral.clone();
        let (_, referral) = referral.ok_or_else(|| words::refused(Refused::NotReferred))?;
        let account = call.account;
        let server = self.account(account).and_then(super::account::Account::server);
        let to = facts::redirect(
            &parley_sip::NameAddr::new(referral.target.clone()),
            server.as_ref().map(|server| &server.host),
        );
        let target = super::dial::read(&to.target).unwrap_or(Target::User(to.shown.clone()));
        let how = How {
            uri: Some(referral.target),
            options: InviteOptions {
                replaces: referral.replaces.as_deref().and_then(ReplacesTarget::parse),
                referred_by: referral.referred_by,
                ..InviteOptions::default()
            },
            story: format!("The far end asked you to call {}", to.shown),
            ..How::default()
        };
        self.call_out(account, &target, how, |board, now, outgoing| {
            board.accept_referral(now, id, outgoing)
        })
    }

    /// What the switchboard says to the far end about its wish.
    pub(super) fn answer_referral(&mut self, id: CallId, send: &Send) {
        let now = self.now.instant;
        let referral = self.calls.get(&id).and_then(|call| call.referral.as_ref());
        let Some((session, _)) = referral.cloned() else { return };
        match send {
            Send::AcceptReferral => {
                if let Err(why) = self.sip.accept_referral(now, session) {
                    log::info!("a referral could not be accepted: {why}");
                }
            }
            Send::RefuseReferral => self.refuse(session),
            Send::ReferralProgress(progress) => {
                let (code, reason) = match progress {
                    ReferralProgress::Ringing => (180, "Ringing"),
                    ReferralProgress::Answered => (200, "OK"),
                    ReferralProgress::Failed(cause) => words::status_of(cause),
                };
                self.sip.referral_progress(now, session, code, reason);
            }
            _ => {}
        }
    }

    fn refuse(&mut self, session: SessionId) {
        if let Err(why) = self.sip.refuse_referral(self.now.instant, session, DECLINED) {
            log::info!("a referral could not be refused: {why}");
        }
    }
}
