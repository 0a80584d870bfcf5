//! Accounts, without their passwords.
use crate::word::{number, words};
use crate::{AccountOptions, Store, StoreError, badge, options, settings};
use rusqlite::{Row, params};

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
    /// Path of the server's WebSocket address, when another one than `/`.
    pub ws_path: Option<String>,
    /// SHA-256 of the one certificate this account trusts.
    pub pinned_certificate: Option<String>,
    /// Register, or only keep.
    pub enabled: bool,
    /// How it handles calls.
    pub options: AccountOptions,
}

/// How a SIP server is reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Transport {
    /// What the server's domain says (RFC 3263); UDP when it says nothing.
    #[default]
    Auto,
    /// UDP, large requests over TCP.
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
words!(Transport { Auto = "auto", Udp = "udp", Tcp = "tcp", Tls = "tls", Ws = "ws", Wss = "wss" });

/// Key of the setting that names the account for outgoing calls.
const CHOSEN: &str = "chosen_line";

impl Store {
    /// All accounts in their order. The chosen one is the one last chosen, or else the first that is enabled, or else
    /// the first.
    pub fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let mut find = self.db.prepare_cached(
            "SELECT id, name, tag, colour, display_name, user, domain, auth_user, outbound_proxy, transport, enabled,
                    ws_path, pinned_certificate
             FROM account ORDER BY position, id",
        )?;
        let rows = find.query_map([], Account::from_row)?;
        let mut accounts = rows.collect::<Result<Vec<_>, _>>()?;
        for account in &mut accounts {
            account.data.options = self.account_options(account.id)?;
        }
        let chosen = self.value(CHOSEN)?.and_then(|id| id.parse().ok()).map(AccountId);
        let chosen = (accounts.iter().position(|account| Some(account.id) == chosen))
            .or_else(|| accounts.iter().position(|account| account.data.enabled))
            .unwrap_or(0);
        if let Some(account) = accounts.get_mut(chosen) {
            account.chosen = true;
        }
        Ok(accounts)
    }

    /// Adds an account (`id` is `None`, it comes last) or changes one. Gives tag and colour.
    pub fn save_account(&mut self, id: Option<AccountId>, data: &AccountData) -> Result<AccountId, StoreError> {
        let mut others = self.accounts()?;
        let before = id
            .map(|id| others.iter().position(|a| a.id == id).ok_or(StoreError::NotFound))
            .transpose()?;
        let before = before.map(|index| others.remove(index));
        let tag = match &before {
            Some(before) if before.data.name == data.name => before.tag.clone(),
            _ => badge::tag(data, &others),
        };
        let colour = before.map_or_else(|| badge::colour(&others), |before| before.colour);
        let change = self.db.transaction()?;
        change.execute(
            "INSERT INTO account (id, position, name, tag, colour, display_name, user, domain, auth_user,
                                  outbound_proxy, transport, enabled, ws_path, pinned_certificate)
             VALUES (?1, (SELECT coalesce(max(position), 0) + 1 FROM account), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,
                     ?12, ?13)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, tag = excluded.tag,
                 display_name = excluded.display_name, user = excluded.user, domain = excluded.domain,
                 auth_user = excluded.auth_user, outbound_proxy = excluded.outbound_proxy,
                 transport = excluded.transport, enabled = excluded.enabled, ws_path = excluded.ws_path,
                 pinned_certificate = excluded.pinned_certificate",
            params![
                id,
                data.name,
                tag,
                colour,
                data.display_name,
                data.user,
                data.domain,
                data.auth_user,
                data.outbound_proxy,
                data.transport,
                data.enabled,
                data.ws_path,
                data.pinned_certificate,
            ],
        )?;
        let id = id.unwrap_or_else(|| AccountId(u64::try_from(change.last_insert_rowid()).unwrap_or_default()));
        options::save(&change, id, &data.options)?;
        change.commit()?;
        Ok(id)
    }

    /// Forgets an account and its screen-pop rule. Its history stays.
    pub fn delete_account(&mut self, id: AccountId) -> Result<(), StoreError> {
        let gone = self.db.execute("DELETE FROM account WHERE id = ?1", [id])?;
        if gone == 0 { Err(StoreError::NotFound) } else { Ok(()) }
    }

    /// Puts the accounts in this order; those not named come after, as they were.
    pub fn order_accounts(&mut self, ids: &[AccountId]) -> Result<(), StoreError> {
        let mut order = self.accounts()?;
        let place = |account: &Account| ids.iter().position(|id| *id == account.id).unwrap_or(ids.len());
        order.sort_by_key(place);
        let change = self.db.transaction()?;
        for (position, account) in (1_i64..).zip(&order) {
            change.execute(
                "UPDATE account SET position = ?2 WHERE id = ?1",
                params![account.id, position],
            )?;
        }
        change.commit()?;
        Ok(())
    }

    /// Makes an account the one outgoing calls use.
    pub fn choose_line(&mut self, id: AccountId) -> Result<(), StoreError> {
        self.db
            .query_row("SELECT 1 FROM account WHERE id = ?1", [id], |_| Ok(()))?;
        settings::set(&self.db, CHOSEN, Some(&id.0.to_string()))
    }
}

impl Account {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            tag: row.get(2)?,
            colour: row.get(3)?,
            chosen: false,
            data: AccountData {
                name: row.get(1)?,
                display_name: row.get(4)?,
                user: row.get(5)?,
                domain: row.get(6)?,
                auth_user: row.get(7)?,
                outbound_proxy: row.get(8)?,
                transport: row.get(9)?,
                enabled: row.get(10)?,
                ws_path: row.get(11)?,
                pinned_certificate: row.get(12)?,
                // In a table of their own.
                options: AccountOptions::default(),
            },
        })
    }
}
