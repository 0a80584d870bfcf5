//! Values with a structure of their own: challenges, reasons, warnings.

use std::fmt;

use crate::Params;

/// A challenge or credentials: a scheme and its parameters (RFC 3261 section 20.44, RFC 7235).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// `Digest`, as received.
    pub scheme: String,
    /// `realm`, `nonce`, …; values without quotes.
    pub params: Params,
}

impl Challenge {
    /// Reads one header line, which may hold several challenges.
    pub fn parse_list(text: &str) -> Vec<Challenge> {
        let _ = text;
        Vec::new()
    }

    /// Whether the scheme is Digest.
    pub fn is_digest(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("Digest")
    }
}

/// Why a request was sent (RFC 3326).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// `SIP` or `Q.850`.
    pub protocol: String,
    /// The status code or Q.850 cause.
    pub cause: Option<u16>,
    /// A text for people.
    pub text: Option<String>,
}

impl Reason {
    /// A SIP reason.
    pub fn sip(cause: u16, text: &str) -> Reason {
        Reason {
            protocol: "SIP".to_owned(),
            cause: Some(cause),
            text: Some(text.to_owned()),
        }
    }

    /// Reads one value.
    pub fn parse(text: &str) -> Option<Reason> {
        let _ = text;
        None
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::print::token(f, &self.protocol)?;
        if let Some(cause) = self.cause {
            write!(f, " ;cause={cause}")?;
        }
        if let Some(text) = &self.text {
            f.write_str(" ;text=")?;
            crate::print::quoted(f, text)?;
        }
        Ok(())
    }
}

/// A warning (RFC 3261 section 20.43).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The three digits.
    pub code: u16,
    /// Who warns.
    pub agent: String,
    /// The text for people.
    pub text: String,
}

impl Warning {
    /// Reads one value.
    pub fn parse(text: &str) -> Option<Warning> {
        let _ = text;
        None
    }
}
