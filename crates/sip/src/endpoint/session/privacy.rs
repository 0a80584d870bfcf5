//! Calling without saying who calls (RFC 3323 section 4.1, RFC 3325 section 9.3).

use crate::{Headers, Host, NameAddr, SipUri};

use super::super::{AccountId, Endpoint, Flow};

impl Endpoint {
    /// Our Contact in a call on this flow.
    pub(super) fn shown_contact(&self, account: AccountId, flow: &Flow, hidden: bool) -> NameAddr {
        if hidden {
            self.anonymous_contact(account, flow)
        } else {
            self.call_contact(account, flow)
        }
    }
}

/// `From` of a caller who stays unknown (RFC 3323 section 4.1.1.3).
pub(super) fn nobody() -> NameAddr {
    let host = Host::Name("anonymous.invalid".to_owned());
    NameAddr::new(SipUri::new(host).with_user("anonymous")).with_name("Anonymous")
}

/// Asks the network to keep it so. Only the account's own server is told who calls: it takes the identity out again
/// before the call leaves the network it trusts.
pub(super) fn withhold(headers: &mut Headers, told: Option<NameAddr>) {
    headers.push("Privacy", "id");
    if let Some(identity) = told {
        headers.push("P-Preferred-Identity", identity);
    }
}
