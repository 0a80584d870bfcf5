//! Values with a structure of their own: challenges, reasons, warnings.

use std::fmt;

use crate::parse::tokens::{is_token, is_ws, number, quoted, split_outside, trim};
use crate::{Param, Params, limits, print};

/// A challenge or credentials: a scheme and its parameters (RFC 3261 section 20.44, RFC 7235).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// `Digest`, as received.
    pub scheme: String,
    /// `realm`, `nonce`, …; values without quotes.
    pub params: Params,
}

impl Challenge {
    /// A challenge or credentials without parameters.
    pub fn new(scheme: &str) -> Challenge {
        Challenge {
            scheme: scheme.to_owned(),
            params: Params::new(),
        }
    }

    /// With a parameter printed in quotes.
    pub fn with_quoted(mut self, name: &str, value: &str) -> Challenge {
        self.params.0.push(Param {
            name: name.to_owned(),
            value: Some(value.to_owned()),
            quoted: true,
        });
        self
    }

    /// With a parameter printed as a token.
    pub fn with_token(mut self, name: &str, value: &str) -> Challenge {
        self.params.0.push(Param {
            name: name.to_owned(),
            value: Some(value.to_owned()),
            quoted: false,
        });
        self
    }

    /// Reads one header line, which may hold several challenges; unreadable parameters are left out.
    pub fn parse_list(text: &str) -> Vec<Challenge> {
        let mut challenges: Vec<Challenge> = Vec::new();
        for piece in split_outside(text, ',')
            .into_iter()
            .take(limits::LIST)
            .filter(|piece| !piece.is_empty())
        {
            let (scheme, param) = split_scheme(piece);
            if let Some(scheme) = scheme {
                challenges.push(Challenge::new(scheme));
            }
            if let (Some(challenge), Some(param)) = (challenges.last_mut(), Param::parse(param)) {
                challenge.params.0.push(param);
            }
        }
        challenges
    }

    /// Whether the scheme is Digest.
    pub fn is_digest(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("Digest")
    }
}

/// `Digest realm="x"` starts a new challenge, `realm="x"` and `realm = "x"` do not, `Negotiate` does.
fn split_scheme(piece: &str) -> (Option<&str>, &str) {
    let before_value = trim(piece.split('=').next().unwrap_or(piece));
    match before_value.split_once(is_ws) {
        Some((scheme, _)) if is_token(scheme) => (Some(scheme), trim(piece.get(scheme.len()..).unwrap_or_default())),
        None if !piece.contains('=') && is_token(piece) => (Some(piece), ""),
        _ => (None, piece),
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print::token(f, &self.scheme)?;
        for (at, param) in self.params.iter().enumerate() {
            f.write_str(if at == 0 { " " } else { ", " })?;
            param.print(f)?;
        }
        Ok(())
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

    /// Reads one value; unreadable parameters are left out.
    pub fn parse(text: &str) -> Option<Reason> {
        let mut pieces = split_outside(text, ';').into_iter().take(limits::PARAMS);
        let protocol = pieces.next().filter(|protocol| is_token(protocol))?.to_owned();
        let params = Params(pieces.filter_map(Param::parse).collect());
        Some(Reason {
            protocol,
            cause: params.get("cause").and_then(number),
            text: params.get("text").map(str::to_owned),
        })
    }

    /// Whether the call was taken somewhere else: `SIP;cause=200` in a CANCEL (RFC 3326 section 3.1).
    pub fn is_completed_elsewhere(&self) -> bool {
        self.protocol.eq_ignore_ascii_case("SIP") && self.cause == Some(200)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print::token(f, &self.protocol)?;
        if let Some(cause) = self.cause {
            write!(f, ";cause={cause}")?;
        }
        if let Some(text) = &self.text {
            f.write_str(";text=")?;
            print::quoted(f, text)?;
        }
        Ok(())
    }
}

/// A warning (RFC 3261 section 20.43).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The three digits.
    pub code: u16,
    /// Who warns: a host or a pseudonym.
    pub agent: String,
    /// The text for people.
    pub text: String,
}

impl Warning {
    /// Reads one value.
    pub fn parse(text: &str) -> Option<Warning> {
        let (code, rest) = trim(text).split_once(is_ws)?;
        let (agent, rest) = trim(rest).split_once(is_ws)?;
        let code = number(code).filter(|code| (100..1000).contains(code))?;
        Some(Warning {
            code,
            agent: agent.to_owned(),
            text: quoted(trim(rest))?.0,
        })
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.code.clamp(100, 999))?;
        let agent: String = self
            .agent
            .chars()
            .filter(|c| !c.is_whitespace() && !c.is_control())
            .collect();
        f.write_str(if agent.is_empty() { "-" } else { &agent })?;
        f.write_str(" ")?;
        print::quoted(f, &self.text)
    }
}
