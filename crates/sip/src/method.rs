//! Request methods and the CSeq value.

use std::fmt;

use crate::parse::tokens::is_token;
use crate::print;

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// A request method (RFC 3261 section 7.1). Method names are case-sensitive: `invite` is an extension.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum Method {
            $($(#[$doc])* $name,)*
            /// Any other token.
            Extension(String),
        }

        impl Method {
            /// Every method this crate knows by name.
            pub const KNOWN: &'static [Method] = &[$(Method::$name),*];

            /// The name as it stands on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Method::$name => $text,)*
                    Method::Extension(name) => name,
                }
            }

            /// Reads a method name; `None` if it is not a token.
            pub fn parse(text: &str) -> Option<Method> {
                match text {
                    $($text => Some(Method::$name),)*
                    other if is_token(other) => Some(Method::Extension(other.to_owned())),
                    _ => None,
                }
            }
        }
    };
}

methods! {
    /// RFC 3261.
    Invite = "INVITE",
    /// RFC 3261.
    Ack = "ACK",
    /// RFC 3261.
    Bye = "BYE",
    /// RFC 3261.
    Cancel = "CANCEL",
    /// RFC 3261.
    Register = "REGISTER",
    /// RFC 3261.
    Options = "OPTIONS",
    /// RFC 6086.
    Info = "INFO",
    /// RFC 3428.
    Message = "MESSAGE",
    /// RFC 6665.
    Notify = "NOTIFY",
    /// RFC 6665.
    Subscribe = "SUBSCRIBE",
    /// RFC 3903.
    Publish = "PUBLISH",
    /// RFC 3515.
    Refer = "REFER",
    /// RFC 3311.
    Update = "UPDATE",
    /// RFC 3262.
    Prack = "PRACK",
}

impl Method {
    /// Whether [`Method::parse`] gave a method of [`Method::KNOWN`].
    pub fn is_known(&self) -> bool {
        !matches!(self, Method::Extension(_))
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print::token(f, self.as_str())
    }
}

/// The value of a CSeq header field (RFC 3261 section 20.16).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CSeq {
    /// The sequence number.
    pub number: u32,
    /// The method of the request.
    pub method: Method,
}

impl CSeq {
    /// A CSeq value.
    pub fn new(number: u32, method: Method) -> CSeq {
        CSeq { number, method }
    }

    /// Reads `314159 INVITE`; numbers beyond 32 bits are refused.
    pub fn parse(text: &str) -> Option<CSeq> {
        let text = text.trim();
        let at = text.find([' ', '\t'])?;
        let (digits, method) = text.split_at(at);
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        Some(CSeq {
            number: digits.parse().ok()?,
            method: Method::parse(method.trim_start())?,
        })
    }
}

impl fmt::Display for CSeq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.method)
    }
}
