//! Which SIP headers a template may name.
use std::fmt;

/// Why `[sip.Name]` is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderRefused {
    /// The name is empty or has characters no header name has (RFC 3261 section 25.1, `token`).
    NotAName(String),
    /// RFC 3261 defines this header. The name is its long form.
    Defined(&'static str),
}

/// Whether a template may use the header `name`, in any case: all but those RFC 3261 section 20 defines, in long or
/// compact form.
pub fn header_allowed(name: &str) -> Result<(), HeaderRefused> {
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(HeaderRefused::NotAName(name.to_owned()));
    }
    let long = DEFINED.iter().find(|known| known.eq_ignore_ascii_case(name)).copied();
    let compact = || {
        COMPACT_DEFINED
            .iter()
            .find(|(short, _)| short.eq_ignore_ascii_case(name))
            .map(|(_, long)| *long)
    };
    match long.or_else(compact) {
        Some(known) => Err(HeaderRefused::Defined(known)),
        None => Ok(()),
    }
}

/// Whether two names mean the same header: any case, long or compact form.
pub(crate) fn same_header(one: &str, other: &str) -> bool {
    long_form(one).eq_ignore_ascii_case(long_form(other))
}

/// A character of a header name: RFC 3261 section 25.1, `token`.
pub(crate) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte)
}

fn long_form(name: &str) -> &str {
    COMPACT_OTHER
        .iter()
        .find(|(short, _)| short.eq_ignore_ascii_case(name))
        .map_or(name, |(_, long)| long)
}

/// RFC 3261 section 20.
const DEFINED: [&str; 44] = [
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Alert-Info",
    "Allow",
    "Authentication-Info",
    "Authorization",
    "Call-ID",
    "Call-Info",
    "Contact",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Type",
    "CSeq",
    "Date",
    "Error-Info",
    "Expires",
    "From",
    "In-Reply-To",
    "Max-Forwards",
    "MIME-Version",
    "Min-Expires",
    "Organization",
    "Priority",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Require",
    "Record-Route",
    "Reply-To",
    "Require",
    "Retry-After",
    "Route",
    "Server",
    "Subject",
    "Supported",
    "Timestamp",
    "To",
    "Unsupported",
    "User-Agent",
    "Via",
    "WWW-Authenticate",
    "Warning",
];

/// RFC 3261 section 7.3.3.
const COMPACT_DEFINED: [(&str, &str); 10] = [
    ("c", "Content-Type"),
    ("e", "Content-Encoding"),
    ("f", "From"),
    ("i", "Call-ID"),
    ("k", "Supported"),
    ("l", "Content-Length"),
    ("m", "Contact"),
    ("s", "Subject"),
    ("t", "To"),
    ("v", "Via"),
];

/// Compact forms of later RFCs, from IANA's list of SIP header fields.
const COMPACT_OTHER: [(&str, &str); 10] = [
    ("a", "Accept-Contact"),
    ("b", "Referred-By"),
    ("d", "Request-Disposition"),
    ("j", "Reject-Contact"),
    ("n", "Identity-Info"),
    ("o", "Event"),
    ("r", "Refer-To"),
    ("u", "Allow-Events"),
    ("x", "Session-Expires"),
    ("y", "Identity"),
];

impl fmt::Display for HeaderRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAName(name) => write!(f, "“{name}” is not the name of a header. Write it like [sip.X-Ticket]."),
            Self::Defined(name) => {
                write!(
                    f,
                    "{name} is a header of SIP itself (RFC 3261); templates can use all others. "
                )?;
                match *name {
                    "From" | "Contact" | "Reply-To" => f.write_str("For the caller, write $caller$ or $caller_name$."),
                    "To" => f.write_str("For the number called, write $number$ or $called$."),
                    "Subject" => f.write_str("Let the telephone system send it as X-Subject."),
                    _ => f.write_str("Let the telephone system send the value in a header of its own, like X-Ticket."),
                }
            }
        }
    }
}

impl std::error::Error for HeaderRefused {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_rfc_3261_are_refused_in_any_case_and_form() {
        for (name, long) in [
            ("From", "From"),
            ("fROM", "From"),
            ("f", "From"),
            ("T", "To"),
            ("via", "Via"),
            ("m", "Contact"),
        ] {
            assert_eq!(header_allowed(name), Err(HeaderRefused::Defined(long)), "{name}");
        }
        for name in [
            "Subject",
            "user-agent",
            "WWW-Authenticate",
            "l",
            "Warning",
            "i",
            "authorization",
        ] {
            assert!(matches!(header_allowed(name), Err(HeaderRefused::Defined(_))), "{name}");
        }
    }

    #[test]
    fn all_other_headers_are_allowed() {
        for name in [
            "X-Subject",
            "Diversion",
            "P-Asserted-Identity",
            "History-Info",
            "Referred-By",
            "b",
            "x",
        ] {
            assert_eq!(header_allowed(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn what_no_header_is_called_is_refused() {
        for name in ["", "X Subject", "X:Y", "Größe", "X|e164"] {
            assert!(
                matches!(header_allowed(name), Err(HeaderRefused::NotAName(_))),
                "{name}"
            );
        }
    }

    #[test]
    fn the_reason_says_what_to_write_instead() {
        let text = header_allowed("From").unwrap_err().to_string();
        assert!(text.contains("RFC 3261") && text.contains("$caller$"), "{text}");
    }

    #[test]
    fn a_compact_form_is_the_same_header() {
        assert!(same_header("Referred-By", "B") && same_header("x-ticket", "X-Ticket"));
        assert!(!same_header("X-Ticket", "X-Tickets"));
    }
}
