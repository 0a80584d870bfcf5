//! Accounts between the person, the disk, the keyring and the SIP endpoint.
use super::account::{Account, PRESET_IDS, check, fingerprint, tag};
use super::link_history::storage;
use super::pending::Pending;
use super::reach::{Reach, outages_key};
use super::{AskId, Core, Effect, Loaded, SecretAnswer, SecretCommand, StoreCommand, sip_account};
use crate::{
    AccountDraft, NoticeLevel, PasswordState, PresetAccount, Refusal, RefusalCode, RegistrationView, Reply, ViewRef,
};
use parley_sip::endpoint::Secret;
use parley_store::AccountId;

impl Core {
    /// Accounts of this run. With an address to listen on and no account at all, one is made up: calls need a line.
    pub(super) fn start_presets(&mut self) {
        let mut presets = self.config.presets.clone();
        if presets.is_empty()
            && let Some(listen) = self.config.listen
        {
            let account = AccountDraft {
                name: "Direct".to_owned(),
                user: "parley".to_owned(),
                domain: listen.to_string(),
                enabled: false,
                ..AccountDraft::default()
            };
            presets.push(PresetAccount::new(account));
        }
        for (id, preset) in (PRESET_IDS + 1..).zip(presets) {
            let data = match check(&preset.account, None) {
                Ok(data) => data,
                Err(why) => {
                    self.notice(
                        "account",
                        NoticeLevel::Error,
                        format!("{}: {}", preset.account.name, why.message),
                    );
                    continue;
                }
            };
            let colour = u8::try_from((id - PRESET_IDS - 1) % 4).unwrap_or(0) + 1;
            let mut account = Account::new(AccountId(id), data, tag(&preset.account.name), colour);
            account.rule.mode = preset.pop_mode;
            account.rule.target = preset.pop_target;
            if let Some(password) = preset.account.password {
                account.password = Some(Secret::new(password));
                account.password_state = PasswordState::ThisRun;
            }
            self.chosen.get_or_insert(account.id);
            self.accounts.push(account);
            self.configure(AccountId(id));
        }
    }

    /// What the disk knew at the start.
    pub(super) fn loaded(&mut self, loaded: Loaded) {
        if let Some(text) = loaded.trouble {
            self.notice("storage", NoticeLevel::Error, text);
        }
        if self.config.settings.is_none() {
            self.use_settings(loaded.settings.into());
        } else {
            self.tell_sounds();
            self.tell_voice();
        }
        if self.config.devices.is_none() {
            self.devices_loaded(loaded.devices);
        }
        let (stored, now) = (loaded.accounts.clone(), self.now.unix_ms);
        self.accounts_listed(loaded.accounts);
        for rule in loaded.rules {
            if let Some(account) = self.account_mut(rule.account) {
                account.rule = rule.into();
            }
        }
        for (id, text) in loaded.outages {
            if let Some(account) = self.account_mut(id) {
                account.reach = Reach::read(&text);
            }
        }
        for account in stored {
            let Some(account) = self.account_mut(account.id) else {
                continue;
            };
            account.password_state = PasswordState::Asking;
            if account.data.enabled {
                account.registration = RegistrationView::Registering { since: now };
            }
            let (id, name) = (account.id, account.keyring_name());
            self.out.push_back(Effect::Secret(SecretCommand::Get(id, name)));
            self.follow_reach(id);
        }
        self.show_loaded_history(loaded.history, loaded.pops);
        self.unseen = loaded.unseen;
        self.messages.unseen = loaded.unseen_messages;
        for message in loaded.messages.into_iter().rev() {
            self.message_changed(message.into());
        }
        self.watches_loaded(loaded.watches);
        (self.changes.sound, self.changes.unseen) = (true, true);
    }

    /// The stored accounts as they are now, in their order; those of this run stay before them.
    pub(super) fn accounts_listed(&mut self, listed: Vec<parley_store::Account>) {
        let mut kept: Vec<Account> = Vec::new();
        let mut before: Vec<Account> = std::mem::take(&mut self.accounts);
        let mut chosen = None;
        let presets = before.iter().take_while(|account| account.is_preset()).count();
        kept.extend(before.drain(..presets));
        for stored in listed {
            if stored.chosen {
                chosen = Some(stored.id);
            }
            let account = match before.iter().position(|account| account.id == stored.id) {
                Some(at) => Account {
                    data: stored.data,
                    tag: stored.tag,
                    colour: stored.colour,
                    ..before.swap_remove(at)
                },
                None => Account::new(stored.id, stored.data, stored.tag, stored.colour),
            };
            self.changes.accounts.insert(account.id);
            kept.push(account);
        }
        self.accounts = kept;
        // A real line is used rather than the practice line; the headless phone's own lines come first.
        let preset_chosen = self.chosen.is_some_and(|id| id.0 > PRESET_IDS);
        if let Some(id) = chosen.filter(|_| !preset_chosen || self.config.practice) {
            self.choose(id);
        } else if self.chosen.is_none_or(|id| self.account(id).is_none()) {
            self.chosen = self.accounts.first().map(|account| account.id);
        }
    }

    /// Adds or changes an account.
    pub(super) fn save_account(&mut self, ask: AskId, draft: AccountDraft) -> Option<Result<Reply, Refusal>> {
        let id = draft.id.map(AccountId);
        let before = id.and_then(|id| self.account(id)).map(|account| &account.data);
        let data = match check(&draft, before) {
            Ok(data) => data,
            Err(why) => return Some(Err(why)),
        };
        if id.is_some_and(|id| self.account(id).is_none()) {
            return Some(Err(no_account()));
        }
        let password = draft.password.filter(|password| !password.is_empty()).map(Secret::new);
        if let Some(account) = id
            .and_then(|id| self.account_mut(id))
            .filter(|account| account.is_preset())
        {
            account.data = data;
            if password.is_some() {
                (account.password, account.password_state) = (password, PasswordState::ThisRun);
            }
            let (id, password) = (account.id, account.password_state);
            self.configure(id);
            return Some(Ok(Reply::Account {
                account: id.0,
                password,
            }));
        }
        self.asks.insert(ask, Pending::Saving(password));
        self.store(StoreCommand::SaveAccount(ask, id, data));
        None
    }

    /// Trusts the certificate a registration failed for: the one the person saw, and no other.
    pub(super) fn trust_certificate(
        &mut self,
        ask: AskId,
        id: AccountId,
        sha256: &str,
    ) -> Option<Result<Reply, Refusal>> {
        let Some(account) = self.account_mut(id) else {
            return Some(Err(no_account()));
        };
        let shown = match &account.registration {
            RegistrationView::Failed { certificate, .. } => certificate.as_ref(),
            _ => None,
        };
        let seen = fingerprint(sha256);
        if seen.is_none() || shown.map(|shown| &shown.sha256) != seen.as_ref() {
            return Some(Err(Refusal::new(
                RefusalCode::NotNow,
                "The server no longer shows this certificate. Look at what it shows now.",
            )));
        }
        let data = parley_store::AccountData {
            pinned_certificate: seen,
            ..account.data.clone()
        };
        if account.is_preset() {
            account.data = data;
            self.configure(id);
            return Some(Ok(Reply::Done));
        }
        self.asks.insert(ask, Pending::Trusting);
        self.store(StoreCommand::SaveAccount(ask, Some(id), data));
        None
    }

    /// The disk has it; now the keyring's turn, while the line registers already.
    pub(super) fn account_saved(
        &mut self,
        ask: AskId,
        result: Result<(AccountId, Vec<parley_store::Account>), String>,
    ) {
        let password = match self.asks.remove(&ask) {
            Some(Pending::Saving(password)) => password,
            Some(Pending::Trusting) => {
                match result {
                    Ok((id, listed)) => {
                        self.accounts_listed(listed);
                        self.configure(id);
                        self.reply(ask, Ok(Reply::Done));
                    }
                    Err(why) => self.reply(ask, Err(storage(why))),
                }
                return;
            }
            _ => return,
        };
        let (id, listed) = match result {
            Ok(saved) => saved,
            Err(why) => return self.reply(ask, Err(storage(why))),
        };
        let name_before = self.account(id).map(Account::keyring_name);
        self.accounts_listed(listed);
        let Some(account) = self.account_mut(id) else { return };
        let name = account.keyring_name();
        let moved = name_before.as_ref().is_some_and(|before| *before != name);
        let keep = password.clone().or_else(|| account.password.clone().filter(|_| moved));
        if password.is_some() || moved {
            account.untold = false;
        }
        if password.is_some() {
            account.password = password;
        }
        if keep.is_none() && moved {
            account.password_state = PasswordState::None;
        }
        match keep {
            Some(secret) => {
                account.password_state = PasswordState::Asking;
                self.asks.insert(ask, Pending::Keeping(id));
                self.out.push_back(Effect::Secret(SecretCommand::Set(id, name, secret)));
            }
            None => {
                let password = account.password_state;
                self.reply(
                    ask,
                    Ok(Reply::Account {
                        account: id.0,
                        password,
                    }),
                );
            }
        }
        if let Some(before) = name_before.filter(|_| moved) {
            self.out.push_back(Effect::Secret(SecretCommand::Delete(id, before)));
        }
        self.configure(id);
    }

    /// What the keyring says.
    pub(super) fn secret_answer(&mut self, answer: SecretAnswer) {
        match answer {
            SecretAnswer::Got(id, result) => {
                let Some(account) = self.account_mut(id) else { return };
                // An answer about an address the line has left is nobody's: a password never goes to another server.
                if !account.untold && account.password_state != PasswordState::Asking {
                    return;
                }
                let late = std::mem::replace(&mut account.untold, result.is_err()) && result.is_ok();
                // A password entered meanwhile is the newer one.
                if account.password.is_none() {
                    account.password_state = match &result {
                        Ok(Some(_)) => PasswordState::Keyring,
                        Ok(None) | Err(_) => PasswordState::None,
                    };
                    account.password = result.as_ref().ok().cloned().flatten();
                }
                if late && !self.accounts.iter().any(|account| account.untold) {
                    self.no_notice("no_keyring");
                }
                if let Err(why) = result {
                    log::warn!("the keyring did not give a password: {why}");
                    self.no_keyring("Your system's keyring does not answer, so saved passwords cannot be read. Unlock it, or enter the password again.");
                }
                self.configure(id);
            }
            SecretAnswer::Kept(id, state) => {
                if let Some(account) = self.account_mut(id) {
                    account.password_state = state;
                }
                self.changes.accounts.insert(id);
                if state == PasswordState::ThisRun {
                    self.no_keyring(
                        "Your system has no keyring that answers. Passwords are kept until you close Parley.",
                    );
                } else {
                    self.no_notice("no_keyring");
                }
                let waiting: Vec<AskId> = self
                    .asks
                    .iter()
                    .filter(|(_, why)| matches!(why, Pending::Keeping(of) if *of == id))
                    .map(|(ask, _)| *ask)
                    .collect();
                for ask in waiting {
                    self.asks.remove(&ask);
                    self.reply(
                        ask,
                        Ok(Reply::Account {
                            account: id.0,
                            password: state,
                        }),
                    );
                }
            }
        }
    }

    /// Forgets an account and its password.
    pub(super) fn remove_account(&mut self, id: AccountId) -> Result<Reply, Refusal> {
        let account = self.account(id).ok_or_else(no_account)?;
        let (name, preset) = (account.keyring_name(), account.is_preset());
        self.forget_watches_of(id);
        self.sip.remove_account(self.now.instant, sip_account(id));
        self.forget_reach(id);
        self.accounts.retain(|account| account.id != id);
        self.changes.accounts.remove(&id);
        self.changes.removals.push(ViewRef::Account(id.0));
        if !preset {
            self.out.push_back(Effect::Secret(SecretCommand::Delete(id, name)));
            self.store(StoreCommand::DeleteAccount(id));
            self.store(StoreCommand::Remember(outages_key(id), None));
        }
        if self.chosen == Some(id) {
            self.chosen = None;
            if let Some(next) = self.accounts.first().map(|account| account.id) {
                self.choose(next);
            }
        }
        Ok(Reply::Done)
    }

    /// Registers at once.
    pub(super) fn register_now(&mut self, id: AccountId) -> Result<Reply, Refusal> {
        let now = self.now.unix_ms;
        let account = self.account_mut(id).ok_or_else(no_account)?;
        if !account.data.enabled {
            return Err(Refusal::new(
                RefusalCode::NotNow,
                "This line is switched off. Switch it on in its settings first.",
            ));
        }
        if let RegistrationView::Failed { retry_at, .. } = &mut account.registration {
            *retry_at = Some(now);
        }
        self.changes.accounts.insert(id);
        self.sip.register_now(self.now.instant, sip_account(id));
        Ok(Reply::Done)
    }

    /// Every way is suspect: the computer slept, or is in another network now.
    pub(super) fn network_changed(&mut self) {
        self.sip.network_changed(self.now.instant);
    }

    /// The line outgoing calls use, as a person chooses it.
    pub(super) fn choose_line(&mut self, id: AccountId) -> Result<Reply, Refusal> {
        let preset = self.account(id).ok_or_else(no_account)?.is_preset();
        self.choose(id);
        if !preset {
            self.store(StoreCommand::ChooseLine(id));
        }
        Ok(Reply::Done)
    }

    fn choose(&mut self, id: AccountId) {
        let before = self.chosen.replace(id);
        self.changes.accounts.extend(before);
        self.changes.accounts.insert(id);
    }

    /// Tells the endpoint, and shows the account.
    fn configure(&mut self, id: AccountId) {
        let alone = self.config.listen.is_some() && self.config.presets.is_empty() && id.0 > PRESET_IDS;
        let anyone = self.config.accept_from_anyone || alone;
        let (now, reachability) = (self.now, self.config.reachability);
        let instance = self.config.instance.clone();
        self.changes.accounts.insert(id);
        let Some(account) = self.account_mut(id) else { return };
        let Some(mut config) = account.sip_config(anyone) else {
            return;
        };
        config.reachability = reachability.unwrap_or(config.reachability);
        config.instance_id = instance;
        if account.configured.as_ref() == Some(&config) {
            return;
        }
        account.registration = match (&account.registration, account.data.enabled) {
            (RegistrationView::Registering { since }, true) => RegistrationView::Registering { since: *since },
            (_, true) => RegistrationView::Registering { since: now.unix_ms },
            (_, false) => RegistrationView::Off,
        };
        account.configured = Some(config.clone());
        self.unsubscribe_for(id);
        self.sip.set_account(now.instant, sip_account(id), config);
        self.subscribe_for(id);
        self.publish_for(id);
        self.follow_reach(id);
    }

    fn no_keyring(&mut self, text: &str) {
        self.notice("no_keyring", NoticeLevel::Warning, text);
    }
}

pub(super) fn no_account() -> Refusal {
    Refusal::new(RefusalCode::NoSuchAccount, "There is no such line any more.")
}
