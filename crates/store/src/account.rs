//! Accounts, without their passwords.
use crate::word::{number, words};
use crate::{Store, StoreError};

/// An account's number. Never used twice, so that history and keyring entries never fall to another account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub u64);
number!(AccountId);

/// An account as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its number.
    pub id: AccountId,
    /// What the person entered.
    pub data: AccountData,
    /// Two letters to show, given here: from the name, different from the other accounts' where possible.
    pub tag: String,
    /// Colour 1 to 4, given here when the account is made: the least used one. It stays.
    pub colour: u8,
    /// Outgoing calls use it. Exactly one of all accounts, if there are any.
    pub chosen: bool,
}

/// What a person enters about an account, but for the password.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountData {
    /// The line's name ("Sales").
    pub name: String,
    /// Name shown to the called; empty for none.
    pub display_name: String,
    /// User part of the address.
    pub user: String,
    /// Domain or server, `host[:port]`.
    pub domain: String,
    /// User name for authentication, when another one.
    pub auth_user: Option<String>,
    /// `host[:port]` every request goes through first.
    pub outbound_proxy: Option<String>,
    /// How the server is reached.
    pub transport: Transport,
    /// Register, or only keep.
    pub enabled: bool,
}

/// How a SIP server is reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Transport {
    /// UDP, large requests over TCP.
    #[default]
    Udp,
    /// TCP.
    Tcp,
    /// TLS.
    Tls,
    /// WebSocket.
    Ws,
    /// WebSocket over TLS.
    Wss,
}
words!(Transport { Udp = "udp", Tcp = "tcp", Tls = "tls", Ws = "ws", Wss = "wss" });

impl Store {
    /// All accounts in their order.
    pub fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        Ok(Vec::new())
    }

    /// Adds an account (`id` is `None`, it comes last) or changes one. Gives tag and colour.
    pub fn save_account(&mut self, id: Option<AccountId>, data: &AccountData) -> Result<AccountId, StoreError> {
        let _ = (id, data);
        Err(StoreError::NotFound)
    }

    /// Forgets an account and its screen-pop rule. Its history stays.
    pub fn delete_account(&mut self, id: AccountId) -> Result<(), StoreError> {
        let _ = id;
        Ok(())
    }

    /// Puts the accounts in this order; those not named come after, as they were.
    pub fn order_accounts(&mut self, ids: &[AccountId]) -> Result<(), StoreError> {
        let _ = ids;
        Ok(())
    }

    /// Makes an account the one outgoing calls use.
    pub fn choose_line(&mut self, id: AccountId) -> Result<(), StoreError> {
        let _ = id;
        Ok(())
    }
}
