//! The system's keyring, which may ask its user first and never answer: on a thread of its own, with a deadline.
use crate::PasswordState;
use crate::config::SecretsKind;
use crate::core::{SecretAnswer, SecretCommand};
use keyring::Entry;
use parley_sip::endpoint::Secret;
use parley_store::AccountId;
use std::sync::mpsc;
use std::time::Duration;

/// Under which name the system shows our passwords.
const SERVICE: &str = "parley";
/// How long the keyring may take before the answer is "none", until it has another one.
pub(crate) const DEADLINE: Duration = Duration::from_secs(5);

/// What to answer when the keyring has not until the deadline.
pub(crate) fn overdue(command: &SecretCommand) -> Option<SecretAnswer> {
    match command {
        SecretCommand::Get(id, _) => Some(SecretAnswer::Got(*id, Err("it does not answer".to_owned()))),
        SecretCommand::Set(id, ..) => Some(SecretAnswer::Kept(*id, PasswordState::ThisRun)),
        SecretCommand::Delete(..) => None,
    }
}

/// Whether an answer is worth having after the deadline: a password that was waited for. What the deadline itself says is not.
pub(crate) fn counts_late(answer: &SecretAnswer) -> bool {
    matches!(answer, SecretAnswer::Got(_, Ok(Some(_))))
}

/// Passwords, wherever they are.
pub(crate) enum Secrets {
    /// In the system's keyring.
    Keyring(mpsc::Sender<(u64, SecretCommand)>),
    /// Nowhere: the core has them for this run.
    Memory,
}

impl Secrets {
    /// Starts the thread, if one is needed. `say` is called on it with the question's number.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(kind: SecretsKind, say: impl Fn(u64, SecretAnswer) + Send + 'static) -> std::io::Result<Self> {
        if kind == SecretsKind::Memory {
            return Ok(Self::Memory);
        }
        let (commands, waiting) = mpsc::channel::<(u64, SecretCommand)>();
        std::thread::Builder::new()
            .name("parley-secrets".to_owned())
            .spawn(move || {
                while let Ok((number, command)) = waiting.recv() {
                    if let Some(answer) = ask(command) {
                        say(number, answer);
                    }
                }
            })?;
        Ok(Self::Keyring(commands))
    }

    /// Asks. Without a keyring the answer is there at once.
    pub fn ask(&self, number: u64, command: SecretCommand) -> Option<SecretAnswer> {
        match self {
            Self::Keyring(thread) => {
                let _ = thread.send((number, command));
                None
            }
            Self::Memory => match command {
                SecretCommand::Get(id, _) => Some(SecretAnswer::Got(id, Ok(None))),
                SecretCommand::Set(id, ..) => Some(SecretAnswer::Kept(id, PasswordState::ThisRun)),
                SecretCommand::Delete(..) => None,
            },
        }
    }
}

fn ask(command: SecretCommand) -> Option<SecretAnswer> {
    match command {
        SecretCommand::Get(id, name) => Some(SecretAnswer::Got(id, get(&name))),
        SecretCommand::Set(id, name, secret) => Some(kept(
            id,
            Entry::new(SERVICE, &name).and_then(|entry| entry.set_password(secret.expose())),
        )),
        SecretCommand::Delete(_, name) => {
            match Entry::new(SERVICE, &name).and_then(|entry| entry.delete_credential()) {
                Ok(()) | Err(keyring::Error::NoEntry) => {}
                Err(why) => log::warn!("a password could not be forgotten: {why}"),
            }
            None
        }
    }
}

fn get(name: &str) -> Result<Option<Secret>, String> {
    match Entry::new(SERVICE, name).and_then(|entry| entry.get_password()) {
        Ok(password) => Ok(Some(Secret::new(password))),
        Err(keyring::Error::NoEntry) => Ok(None),
        Err(why) => Err(why.to_string()),
    }
}

fn kept(id: AccountId, result: keyring::Result<()>) -> SecretAnswer {
    match result {
        Ok(()) => SecretAnswer::Kept(id, PasswordState::Keyring),
        Err(why) => {
            log::warn!("the keyring did not take a password: {why}");
            SecretAnswer::Kept(id, PasswordState::ThisRun)
        }
    }
}
