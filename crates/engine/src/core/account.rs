//! The accounts: what is kept of each, whether callers reach it, where its password is.
use super::io::Now;
use super::reach::Reach;
use super::words;
use crate::{AccountDraft, AccountView, PasswordState, PopMode, PopRule, Refusal, RefusedView, RegistrationView};
use parley_sip::bodies::MessageSummary;
use parley_sip::endpoint::{AccountConfig, Credentials, RegistrationState, Secret};
use parley_sip::{HostPort, Uri};
use parley_store::{AccountData, AccountId};

/// Accounts of this run only have numbers from here on; the disk never gets there.
pub(crate) const PRESET_IDS: u64 = 1_000_000;
/// Longest text in a field of an account.
const FIELD: usize = 255;

/// One account.
#[derive(Debug)]
pub(crate) struct Account {
    pub id: AccountId,
    pub data: AccountData,
    pub tag: String,
    pub colour: u8,
    pub password: Option<Secret>,
    pub password_state: PasswordState,
    pub registration: RegistrationView,
    /// What the server told of its mailbox.
    pub mailbox: Option<MessageSummary>,
    pub rule: PopRule,
    /// Since when callers do not reach it.
    pub reach: Reach,
    /// The keyring did not tell the password; it may later.
    pub untold: bool,
    /// What the SIP endpoint was told last.
    pub configured: Option<AccountConfig>,
}

impl Account {
    pub fn new(id: AccountId, data: AccountData, tag: String, colour: u8) -> Self {
        let rule = PopRule {
            account: id.0,
            mode: PopMode::Disabled,
            target: String::new(),
        };
        let (password, password_state, registration) = (None, PasswordState::None, RegistrationView::Off);
        Self {
            id,
            data,
            tag,
            colour,
            password,
            password_state,
            registration,
            mailbox: None,
            rule,
            reach: Reach::default(),
            untold: false,
            configured: None,
        }
    }

    /// It lives for this run only.
    pub fn is_preset(&self) -> bool {
        self.id.0 > PRESET_IDS
    }

    /// The server of its domain. The domain was checked when it was saved.
    pub fn server(&self) -> Option<HostPort> {
        HostPort::parse(&self.data.domain)
    }

    /// Under which name the keyring has its password. The address is part of it: a password never goes to another server
    /// because a number was given again.
    pub fn keyring_name(&self) -> String {
        format!("{}@{} ({})", self.data.user, self.data.domain, self.id.0)
    }

    /// What is dialled before a number to take the call that rings there.
    pub fn pick_up_code(&self) -> Option<&str> {
        self.data.options.codes.pick_up.as_deref()
    }

    /// What is dialled to hear the mailbox.
    pub fn voicemail_code(&self) -> Option<&str> {
        self.data.options.codes.voicemail.as_deref()
    }

    pub fn view(&self, chosen: Option<AccountId>, refused: RefusedView) -> AccountView {
        let data = self.data.clone();
        AccountView {
            id: self.id.0,
            name: data.name,
            tag: self.tag.clone(),
            colour: self.colour,
            display_name: data.display_name,
            user: data.user,
            domain: data.domain,
            auth_user: data.auth_user,
            outbound_proxy: data.outbound_proxy,
            transport: data.transport.into(),
            ws_path: data.ws_path,
            pinned_certificate: data.pinned_certificate,
            enabled: data.enabled,
            chosen: chosen == Some(self.id),
            password: self.password_state,
            registration: self.registration.clone(),
            voicemail: super::link_events::voicemail(self.mailbox.as_ref(), self.voicemail_code()),
            options: data.options.into(),
            outages: self.reach.outages(),
            refused,
        }
    }

    /// For the SIP endpoint; `anyone` may call it directly.
    pub fn sip_config(&self, anyone: bool) -> Option<AccountConfig> {
        let server = self.server()?;
        let transport = super::dial::transport(self.data.transport.into());
        let address: Uri = super::dial::at(&server).with_user(&self.data.user).into();
        let proxy = self.data.outbound_proxy.as_deref().and_then(HostPort::parse);
        let user = self.data.auth_user.clone().unwrap_or_else(|| self.data.user.clone());
        let credentials = self.password.clone().map(|password| Credentials { user, password });
        Some(AccountConfig {
            display_name: self.data.display_name.clone(),
            credentials,
            outbound_proxy: proxy.map(|proxy| super::dial::at(&proxy).with_param("lr", None).into()),
            transport,
            ws_path: self.data.ws_path.clone(),
            pinned_certificate: self.data.pinned_certificate.clone(),
            register: self.data.enabled,
            accept_from_anyone: anyone || self.data.options.call_from_anyone,
            trust_identity: self.data.options.trusted_identity,
            gruu: self.data.options.gruu,
            ..AccountConfig::new(address)
        })
    }

    /// Follows what the endpoint says; what was shown before decides since when it is so.
    pub fn registration_changed(&mut self, now: Now, state: RegistrationState) {
        use RegistrationView as View;
        let after = |wait: std::time::Duration| {
            now.unix_ms
                .saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX))
        };
        self.registration = match (state, &self.registration) {
            (RegistrationState::Off, _) => View::Off,
            // A refresh under way changes nothing for callers, and a retry keeps its reason until it has succeeded.
            (
                RegistrationState::Registering,
                View::Registered { .. } | View::Failed { .. } | View::Registering { .. },
            ) => return,
            (RegistrationState::Registering, View::Off) => View::Registering { since: now.unix_ms },
            (
                RegistrationState::Registered {
                    flow, expires, server, ..
                },
                before,
            ) => View::Registered {
                since: if let View::Registered { since, .. } = before {
                    *since
                } else {
                    now.unix_ms
                },
                proven_at: now.unix_ms,
                expires_at: after(expires),
                server: if server.is_empty() {
                    flow.remote.to_string()
                } else {
                    format!("{} ({})", flow.remote, words::clean(&server))
                },
            },
            (RegistrationState::Failed { why, retry_in }, before) => {
                let (reason, text) =
                    words::registration(&why, &self.data.name, &self.data.domain, self.password.is_some());
                let since = if let View::Failed { since, .. } = before {
                    *since
                } else {
                    now.unix_ms
                };
                View::Failed {
                    since,
                    reason,
                    text,
                    retry_at: retry_in.map(after),
                    certificate: words::certificate(&why),
                }
            }
        };
    }
}

/// Checks what a person entered and brings it into shape; `before`: what there is of it already.
///
/// # Errors
/// With the field that has to be changed.
pub(crate) fn check(draft: &AccountDraft, before: Option<&AccountData>) -> Result<AccountData, Refusal> {
    let (mut user, mut domain) = (trimmed(&draft.user), trimmed(&draft.domain));
    for scheme in ["sip:", "sips:"] {
        user = user.strip_prefix(scheme).unwrap_or(&user).to_owned();
        domain = domain.strip_prefix(scheme).unwrap_or(&domain).to_owned();
    }
    // A whole address pasted into the first field.
    if let Some((name, host)) = user.clone().split_once('@') {
        if domain.is_empty() || domain == host {
            domain = host.to_owned();
        }
        user = name.to_owned();
    }
    if user.is_empty() {
        return Err(Refusal::invalid(
            "user",
            "Enter the user name or extension of this line.",
        ));
    }
    if user
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || "<>\"@:;".contains(c))
    {
        return Err(Refusal::invalid(
            "user",
            "A user name has no spaces and none of < > \" @ : ;",
        ));
    }
    if domain.is_empty() {
        return Err(Refusal::invalid("domain", "Enter the domain or server of this line."));
    }
    if HostPort::parse(&domain).is_none() {
        return Err(Refusal::invalid(
            "domain",
            "This is not the name of a server. Write it like pbx.example.com or 192.0.2.10:5060.",
        ));
    }
    let outbound_proxy = draft
        .outbound_proxy
        .as_deref()
        .map(trimmed)
        .filter(|proxy| !proxy.is_empty());
    if outbound_proxy
        .as_deref()
        .is_some_and(|proxy| HostPort::parse(proxy).is_none())
    {
        return Err(Refusal::invalid(
            "outboundProxy",
            "This is not the name of a server. Write it like proxy.example.com:5060.",
        ));
    }
    let ws_path = draft.ws_path.as_deref().map(path).filter(|path| path != "/");
    if ws_path.as_deref().is_some_and(|path| !is_path(path)) {
        return Err(Refusal::invalid(
            "wsPath",
            "This is no path of a web address. Write it like /ws, without spaces.",
        ));
    }
    let pinned_certificate = match draft.pinned_certificate.as_deref().map(trimmed) {
        None => None,
        Some(text) if text.is_empty() => None,
        Some(text) => Some(fingerprint(&text).ok_or_else(|| {
            Refusal::invalid(
                "pinnedCertificate",
                "This is no SHA-256 fingerprint: it has 64 hexadecimal digits, with or without colons.",
            )
        })?),
    };
    let (name, display_name) = (trimmed(&draft.name), trimmed(&draft.display_name));
    for (field, text) in [
        ("name", &name),
        ("displayName", &display_name),
        ("user", &user),
        ("domain", &domain),
    ] {
        if text.len() > FIELD || text.chars().any(char::is_control) {
            return Err(Refusal::invalid(
                field,
                "This is too long, or holds characters that cannot be shown.",
            ));
        }
    }
    Ok(AccountData {
        name: if name.is_empty() { user.clone() } else { name },
        display_name,
        auth_user: draft
            .auth_user
            .as_deref()
            .map(trimmed)
            .filter(|other| !other.is_empty() && *other != user),
        user,
        domain,
        outbound_proxy,
        transport: draft.transport.into(),
        ws_path,
        pinned_certificate,
        enabled: draft.enabled,
        options: match (&draft.options, before) {
            (Some(options), _) => super::options::check(options)?,
            (None, Some(before)) => before.options.clone(),
            (None, None) => parley_store::AccountOptions::default(),
        },
    })
}

/// Two letters for a line of this run: of its two first words, or of its first one.
pub(crate) fn tag(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let initials: String = words.by_ref().take(2).collect();
    let letters = if initials.chars().count() == 2 {
        initials
    } else {
        name.chars().filter(|c| !c.is_whitespace()).take(2).collect()
    };
    letters.to_uppercase()
}

fn path(text: &str) -> String {
    let text = text.trim();
    if text.starts_with('/') {
        text.to_owned()
    } else {
        format!("/{text}")
    }
}

/// RFC 3986 `path-absolute`, with a query if need be.
fn is_path(text: &str) -> bool {
    text.len() <= FIELD
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@%/?".contains(&b))
}

/// A SHA-256 as certificates are named by: upper-case octets with colons.
pub(crate) fn fingerprint(text: &str) -> Option<String> {
    let digits: Vec<char> = text.chars().filter(|c| !matches!(c, ':' | ' ')).collect();
    let fits = digits.len() == 64 && digits.iter().all(char::is_ascii_hexdigit);
    let octets = digits
        .chunks(2)
        .map(|octet| octet.iter().collect::<String>().to_uppercase());
    fits.then(|| octets.collect::<Vec<_>>().join(":"))
}

fn trimmed(text: &str) -> String {
    text.trim().to_owned()
}
