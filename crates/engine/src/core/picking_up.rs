//! Calls that begin with a lamp: somebody else's ringing call, and one's own mailbox.
use super::Core;
use super::dial;
use super::facts;
use super::link_accounts::no_account;
use super::link_events::voicemail;
use super::outgoing::How;
use super::watching::{no_watch, replaces};
use super::words::clean;
use crate::{Refusal, RefusalCode, Reply};
use parley_call::Switchboard;
use parley_sip::bodies::Dialog;
use parley_sip::endpoint::InviteOptions;
use parley_sip::{Host, Uri};
use parley_store::{AccountId, WatchId};

impl Core {
    /// Takes the ringing call of a watched line: by its name (RFC 3891), else with the account's code.
    pub(super) fn pick_up(&mut self, id: WatchId) -> Result<Reply, Refusal> {
        let watch = self.watching.watch(id).ok_or_else(no_watch)?;
        let account = self.account(watch.data.account).ok_or_else(no_account)?;
        let server = account.server().ok_or_else(no_account)?;
        let ringing = watch
            .ringing()
            .ok_or_else(|| Refusal::new(RefusalCode::NotNow, "Nothing rings there any more."))?;
        let account = watch.data.account;
        if let (Some(replaces), Some(uri)) = (replaces(ringing), caller(ringing, &server.host)) {
            let number = uri.user().map(|user| clean(&user)).unwrap_or_default();
            let target = dial::read(&facts::address(&uri, &number, Some(&server.host)))?;
            let name = ringing.remote.display.as_deref().map(clean);
            let how = How {
                name: name.filter(|name| !name.is_empty()),
                uri: Some(uri),
                story: format!("You picked up the call of {} at {}", target.shown(), watch.data.label),
                options: InviteOptions {
                    replaces: Some(replaces),
                    ..InviteOptions::default()
                },
                ..How::default()
            };
            return self.call_out(account, &target, how, Switchboard::dial);
        }
        let number = dial::read(&watch.data.target)?.number();
        self.pick_up_number(Some(&number), Some(account.0))
    }

    /// Calls the mailbox of an account, or of the chosen line.
    pub(super) fn call_voicemail(&mut self, account: Option<u64>) -> Result<Reply, Refusal> {
        let id = account.map(AccountId).or(self.chosen).ok_or_else(no_account)?;
        let account = self.account(id).ok_or_else(no_account)?;
        let target = voicemail(account.mailbox.as_ref(), account.voicemail_code()).and_then(|mailbox| mailbox.target);
        match target {
            Some(target) => self.dial(&target, Some(id.0), None),
            None => Err(Refusal::new(
                RefusalCode::NotNow,
                "The server does not say how to call the mailbox. Dial its number, or enter it in the account.",
            )),
        }
    }
}

/// Where the INVITE that takes a call goes: to the caller by way of the own server where that knows the address, else to the
/// phone itself.
fn caller(ringing: &Dialog, server: &Host) -> Option<Uri> {
    let read = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<Uri>().ok());
    let identity = read(&ringing.remote.identity).filter(|uri| uri.sip().is_some());
    let target = read(&ringing.remote.target).filter(|uri| uri.sip().is_some());
    let at_home = identity.clone().filter(|uri| uri.host() == Some(server));
    at_home.or(target).or(identity)
}
