//! Typed getters. What does not follow its grammar is left out: a getter never fails, and [`crate::parse`] has already
//! refused a message whose Via, From, To, Call-ID, CSeq, Contact or route set cannot be read.

use std::time::Duration;

use crate::parse::tokens::{number, split_outside, trim};
use crate::{CSeq, NameAddr, Param, Params, Via, limits};

use super::{Challenge, Headers, Reason, ReplacesTarget, Warning};

impl Headers {
    /// The topmost Via.
    pub fn via(&self) -> Option<Via> {
        self.vias().into_iter().next()
    }

    /// All Via values, topmost first.
    pub fn vias(&self) -> Vec<Via> {
        self.list("Via").filter_map(|text| Via::parse(text).ok()).collect()
    }

    /// From.
    pub fn from(&self) -> Option<NameAddr> {
        self.address("From")
    }

    /// To.
    pub fn to(&self) -> Option<NameAddr> {
        self.address("To")
    }

    /// The first Contact.
    pub fn contact(&self) -> Option<NameAddr> {
        self.contacts().into_iter().next()
    }

    /// All Contact addresses; `*` is not among them (see [`Headers::is_contact_star`]).
    pub fn contacts(&self) -> Vec<NameAddr> {
        self.addresses("Contact")
    }

    /// Whether Contact is `*` (RFC 3261 section 10.2.2).
    pub fn is_contact_star(&self) -> bool {
        self.list("Contact").any(|value| value == "*")
    }

    /// Record-Route, topmost first.
    pub fn record_route(&self) -> Vec<NameAddr> {
        self.addresses("Record-Route")
    }

    /// Route, topmost first.
    pub fn route(&self) -> Vec<NameAddr> {
        self.addresses("Route")
    }

    /// Path (RFC 3327).
    pub fn path(&self) -> Vec<NameAddr> {
        self.addresses("Path")
    }

    /// Service-Route (RFC 3608).
    pub fn service_route(&self) -> Vec<NameAddr> {
        self.addresses("Service-Route")
    }

    /// Call-ID.
    pub fn call_id(&self) -> Option<&str> {
        self.get("Call-ID")
    }

    /// CSeq.
    pub fn cseq(&self) -> Option<CSeq> {
        self.get("CSeq").and_then(CSeq::parse)
    }

    /// Expires, in seconds.
    pub fn expires(&self) -> Option<u32> {
        self.seconds("Expires")
    }

    /// Min-Expires, in seconds (RFC 3261 section 20.23).
    pub fn min_expires(&self) -> Option<u32> {
        self.seconds("Min-Expires")
    }

    /// Retry-After, in seconds; comment and parameters left out (RFC 3261 section 20.33).
    pub fn retry_after(&self) -> Option<u32> {
        self.seconds("Retry-After")
    }

    /// Flow-Timer: how often a flow wants a keep-alive (RFC 5626 section 4.4). Zero says nothing.
    pub fn flow_timer(&self) -> Option<Duration> {
        let seconds = self.seconds("Flow-Timer").filter(|seconds| *seconds > 0)?;
        Some(Duration::from_secs(seconds.into()))
    }

    /// Max-Forwards.
    pub fn max_forwards(&self) -> Option<u8> {
        self.number("Max-Forwards")
    }

    /// Content-Length.
    pub fn content_length(&self) -> Option<usize> {
        self.number("Content-Length")
    }

    /// Content-Type, as received.
    pub fn content_type(&self) -> Option<&str> {
        self.get("Content-Type")
    }

    /// Whether Content-Type is this media type, parameters aside: `is_content("application/sdp")`.
    pub fn is_content(&self, media_type: &str) -> bool {
        self.content_type()
            .and_then(|value| value.split(';').next())
            .is_some_and(|value| value.trim().eq_ignore_ascii_case(media_type))
    }

    /// WWW-Authenticate challenges.
    pub fn www_authenticate(&self) -> Vec<Challenge> {
        self.get_all("WWW-Authenticate")
            .flat_map(Challenge::parse_list)
            .collect()
    }

    /// Proxy-Authenticate challenges.
    pub fn proxy_authenticate(&self) -> Vec<Challenge> {
        self.get_all("Proxy-Authenticate")
            .flat_map(Challenge::parse_list)
            .collect()
    }

    /// Authorization values (scheme and parameters).
    pub fn authorization(&self) -> Vec<Challenge> {
        self.get_all("Authorization").flat_map(Challenge::parse_list).collect()
    }

    /// Proxy-Authorization values (scheme and parameters).
    pub fn proxy_authorization(&self) -> Vec<Challenge> {
        self.get_all("Proxy-Authorization")
            .flat_map(Challenge::parse_list)
            .collect()
    }

    /// The parameters of Authentication-Info or Proxy-Authentication-Info (RFC 7615); empty without the field.
    pub fn authentication_info(&self, name: &str) -> Params {
        Params(self.list(name).take(limits::LIST).filter_map(Param::parse).collect())
    }

    /// Reason values (RFC 3326).
    pub fn reason(&self) -> Vec<Reason> {
        self.list("Reason").filter_map(Reason::parse).collect()
    }

    /// Diversion, most recent first (RFC 5806).
    pub fn diversion(&self) -> Vec<NameAddr> {
        self.addresses("Diversion")
    }

    /// History-Info, oldest first (RFC 7044).
    pub fn history_info(&self) -> Vec<NameAddr> {
        self.addresses("History-Info")
    }

    /// P-Asserted-Identity, the first one (RFC 3325).
    pub fn p_asserted_identity(&self) -> Option<NameAddr> {
        self.addresses("P-Asserted-Identity").into_iter().next()
    }

    /// Refer-To (RFC 3515).
    pub fn refer_to(&self) -> Option<NameAddr> {
        self.address("Refer-To")
    }

    /// Referred-By (RFC 3892).
    pub fn referred_by(&self) -> Option<NameAddr> {
        self.address("Referred-By")
    }

    /// Replaces (RFC 3891), when there is exactly one and it can be read.
    pub fn replaces(&self) -> Option<ReplacesTarget> {
        let mut all = self.get_all("Replaces");
        let value = all.next().filter(|_| all.next().is_none())?;
        ReplacesTarget::parse(value)
    }

    /// Event: the package, in lower case, without parameters (RFC 6665).
    pub fn event(&self) -> Option<String> {
        Some(self.get("Event")?.split(';').next()?.trim().to_ascii_lowercase())
    }

    /// Supported option tags.
    pub fn supported(&self) -> Vec<&str> {
        self.tokens("Supported")
    }

    /// Required option tags.
    pub fn require(&self) -> Vec<&str> {
        self.tokens("Require")
    }

    /// Allowed methods.
    pub fn allow(&self) -> Vec<&str> {
        self.tokens("Allow")
    }

    /// Whether Supported names the option tag.
    pub fn supports(&self, option: &str) -> bool {
        self.supported().iter().any(|tag| tag.eq_ignore_ascii_case(option))
    }

    /// User-Agent.
    pub fn user_agent(&self) -> Option<&str> {
        self.get("User-Agent")
    }

    /// Warning values (RFC 3261 section 20.43).
    pub fn warnings(&self) -> Vec<Warning> {
        self.list("Warning").filter_map(Warning::parse).collect()
    }

    /// The values of a list header across lines and commas, those within quotes and `<>` respected; empty ones left out.
    pub fn list<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.get_all(name)
            .flat_map(|value| split_outside(value, ','))
            .filter(|value| !value.is_empty())
    }

    /// The addresses of a list header.
    pub fn addresses(&self, name: &str) -> Vec<NameAddr> {
        self.list(name)
            .filter(|value| *value != "*")
            .filter_map(|value| NameAddr::parse(value).ok())
            .collect()
    }

    fn address(&self, name: &str) -> Option<NameAddr> {
        NameAddr::parse(self.get(name)?).ok()
    }

    /// Accept: media ranges with their parameters. RFC 3261 section 20.1 tells a missing field from an empty one.
    pub fn accept(&self) -> Vec<&str> {
        self.tokens("Accept")
    }

    fn tokens<'a>(&'a self, name: &'static str) -> Vec<&'a str> {
        self.list(name).collect()
    }

    /// Seconds; more than 32 bits hold count as the most they hold (RFC 3261 section 20.19).
    fn seconds(&self, name: &str) -> Option<u32> {
        let value = trim(self.get(name)?.split([';', '(']).next()?);
        let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| value.parse().unwrap_or(u32::MAX))
    }

    fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        number(self.get(name)?.split(';').next()?)
    }
}
