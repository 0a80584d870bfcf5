//! Who calls, by what the invitation says.
use super::words::clean;
use parley_screenpop::header_allowed;
use parley_sip::endpoint::IncomingInvite;
use parley_sip::{Host, NameAddr, Uri};
use std::net::IpAddr;

/// Letters of a company's name shown, at most.
const COMPANY: usize = 80;

/// What an invitation tells of a call. Withheld things are empty.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CallFacts {
    /// Display name; `None` when none was sent or it is withheld.
    pub name: Option<String>,
    /// Number or user part of the caller.
    pub number: String,
    /// Address to call back.
    pub address: String,
    /// Whom the caller works for, by its own word (RFC 3261 section 20.25).
    pub company: Option<String>,
    /// Own number reached.
    pub reached: String,
    /// Number first dialled.
    pub called: String,
    /// All header fields, in order.
    pub headers: Vec<(String, String)>,
}

/// Personal data: only its shape is shown.
impl std::fmt::Debug for CallFacts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallFacts")
            .field("number", &crate::Private(&self.number))
            .field("headers", &self.headers.len())
            .finish_non_exhaustive()
    }
}

impl CallFacts {
    /// Reads an invitation to an account whose user is `own`, registered at `server`.
    pub fn of(invite: &IncomingInvite, own: &str, server: Option<&Host>) -> Self {
        let (caller, withheld) = caller(invite);
        let reached = own.to_owned();
        let called = first_dialled(invite)
            .filter(|number| !number.is_empty())
            .unwrap_or_else(|| reached.clone());
        let facts = Self {
            reached,
            called,
            headers: invite.headers.clone(),
            ..Self::default()
        };
        if withheld {
            return facts;
        }
        let number = number(caller);
        let name = name(caller)
            .or_else(|| name(&invite.from))
            .filter(|name| *name != number);
        Self {
            address: address(&caller.uri, &number, server),
            name,
            number,
            company: company(invite),
            ..facts
        }
    }

    /// The header fields a screen pop may use, for the history.
    pub fn kept_headers(&self) -> Vec<(String, String)> {
        self.headers
            .iter()
            .filter(|(name, _)| header_allowed(name).is_ok())
            .cloned()
            .collect()
    }
}

/// The asserted identity where the account's own server gave one (RFC 3325), else `From`; and whether it is withheld.
fn caller(invite: &IncomingInvite) -> (&NameAddr, bool) {
    let who = invite.asserted.as_ref().unwrap_or(&invite.from);
    (who, invite.privacy || is_anonymous(who))
}

/// RFC 3323 section 4.1.1.3, and what telephone systems send instead.
fn is_anonymous(who: &NameAddr) -> bool {
    let host = matches!(who.uri.host(), Some(Host::Name(name)) if name.eq_ignore_ascii_case("anonymous.invalid"));
    let user = who.uri.user().is_some_and(|user| {
        ["anonymous", "restricted", "unavailable", "unknown", "withheld"]
            .iter()
            .any(|word| user.eq_ignore_ascii_case(word))
    });
    host || user
}

/// The oldest diversion, else the oldest history entry, else `To`.
fn first_dialled(invite: &IncomingInvite) -> Option<String> {
    let first = invite.diversion.last().or(invite.history.first()).unwrap_or(&invite.to);
    Some(number(first))
}

pub(super) fn number(who: &NameAddr) -> String {
    let user = who
        .uri
        .user()
        .or_else(|| who.uri.host().map(ToString::to_string))
        .unwrap_or_default();
    let user = clean(user.split(';').next().unwrap_or(&user));
    // Visual separators of a `tel:` URI, RFC 3966 section 5.1.1.
    if matches!(who.uri, Uri::Tel(_)) {
        user.chars().filter(|c| !"-.() ".contains(*c)).collect()
    } else {
        user
    }
}

pub(super) fn name(who: &NameAddr) -> Option<String> {
    let name = clean(who.name.as_deref()?);
    (!name.is_empty() && !name.eq_ignore_ascii_case("anonymous")).then_some(name)
}

/// The caller's `Organization`: no control characters, and not endless. A proxy may put its own name there, but then it is at
/// least the one the caller called through.
fn company(invite: &IncomingInvite) -> Option<String> {
    let mut fields = invite.headers.iter();
    let (_, value) = fields.find(|(name, _)| name.eq_ignore_ascii_case("Organization"))?;
    let shown: String = clean(value).chars().take(COMPANY).collect();
    Some(shown.trim().to_owned()).filter(|company| !company.is_empty())
}

/// Where a call was sent on to: to dial, and to show.
pub fn redirect(to: &NameAddr, server: Option<&Host>) -> crate::Redirect {
    let number = number(to);
    let target = address(&to.uri, &number, server);
    let shown = match name(to) {
        Some(name) if name != number => format!("{name} ({number})"),
        _ => target.trim_start_matches("sips:").trim_start_matches("sip:").to_owned(),
    };
    crate::Redirect { target, shown }
}

/// Somebody, for people.
pub fn shown(who: &NameAddr) -> String {
    name(who).unwrap_or_else(|| number(who))
}

/// All the numbers a call was sent on from, or was meant for first.
pub fn came_by(invite: &IncomingInvite) -> Vec<String> {
    invite.diversion.iter().chain(&invite.history).map(number).collect()
}

/// A telephone number is called through our own server; anything else by its full address.
pub(super) fn address(uri: &Uri, number: &str, server: Option<&Host>) -> String {
    let Some(sip) = uri.sip() else { return number.to_owned() };
    let is_number = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit() || "+*#".contains(c));
    let at_server = server.is_some_and(|server| *server == sip.host);
    let host_is_address = matches!(sip.host.ip(), Some(IpAddr::V4(_) | IpAddr::V6(_)));
    if at_server || (is_number && host_is_address && server.is_some()) {
        return number.to_owned();
    }
    match super::dial::read(&format!(
        "sip:{}@{}",
        sip.user.as_deref().unwrap_or_default(),
        sip.host_port()
    )) {
        Ok(target) => target.text(),
        Err(_) => number.to_owned(),
    }
}
