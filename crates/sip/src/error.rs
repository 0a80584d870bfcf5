//! What can be wrong with a message, precise enough to assert on and to answer from.

use std::fmt;

use crate::{Headers, Response, StatusCode};

/// The one thing that is wrong (the first one found).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Larger than [`crate::limits::MESSAGE`].
    MessageTooLarge,
    /// More header fields than [`crate::limits::HEADERS`].
    TooManyHeaders,
    /// A header field above [`crate::limits::HEADER`].
    HeaderTooLong,
    /// The start line is above [`crate::limits::START_LINE`].
    StartLineTooLong,
    /// A URI above [`crate::limits::URI`].
    UriTooLong,
    /// Not `METHOD uri SIP/2.0` with exactly one space between.
    RequestLine,
    /// Not `SIP/2.0 200 reason`, or a code outside 100 to 699.
    StatusLine,
    /// A SIP version other than 2.0.
    Version,
    /// The Request-URI carries `?headers` (RFC 3261 section 19.1.1).
    HeadersInRequestUri,
    /// A line that is no header field.
    HeaderLine,
    /// The header section does not end.
    Unterminated,
    /// A header field that must be there is missing.
    Missing(&'static str),
    /// A header field that may stand once stands several times, with different values.
    Repeated(&'static str),
    /// The value of a header field does not follow its grammar.
    Malformed(&'static str),
    /// The method of CSeq is not the one of the request line.
    CSeqMethod,
    /// Content-Length announces more octets than there are.
    BodyTooShort,
    /// Not a URI.
    Uri,
    /// Not a `name-addr` or `addr-spec`.
    NameAddr,
    /// Not a Via value.
    Via,
}

impl Fault {
    /// The status code a server answers this with (RFC 3261 section 21.4).
    pub fn code(&self) -> u16 {
        match self {
            Fault::MessageTooLarge => 513,
            Fault::UriTooLong | Fault::StartLineTooLong => 414,
            Fault::Version => 505,
            _ => 400,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::MessageTooLarge => f.write_str("the message is too large"),
            Fault::TooManyHeaders => f.write_str("too many header fields"),
            Fault::HeaderTooLong => f.write_str("a header field is too long"),
            Fault::StartLineTooLong => f.write_str("the start line is too long"),
            Fault::UriTooLong => f.write_str("a URI is too long"),
            Fault::RequestLine => f.write_str("the request line is malformed"),
            Fault::StatusLine => f.write_str("the status line is malformed"),
            Fault::Version => f.write_str("the SIP version is not 2.0"),
            Fault::HeadersInRequestUri => f.write_str("the Request-URI carries header fields"),
            Fault::HeaderLine => f.write_str("a line is no header field"),
            Fault::Unterminated => f.write_str("the header section does not end"),
            Fault::Missing(name) => write!(f, "{name} is missing"),
            Fault::Repeated(name) => write!(f, "{name} is repeated"),
            Fault::Malformed(name) => write!(f, "{name} is malformed"),
            Fault::CSeqMethod => f.write_str("the method of CSeq is not the one of the request"),
            Fault::BodyTooShort => f.write_str("the body is shorter than Content-Length"),
            Fault::Uri => f.write_str("not a URI"),
            Fault::NameAddr => f.write_str("not an address"),
            Fault::Via => f.write_str("not a Via value"),
        }
    }
}

impl std::error::Error for Fault {}

/// Why bytes are no acceptable message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParseError {
    /// Nothing but line ends: a keep-alive (RFC 5626 section 3.5.1). Not anybody's fault.
    KeepAlive,
    /// Not SIP at all, or too broken to tell: drop.
    NotSip(Fault),
    /// A request with something wrong; it can be answered.
    Request(Box<Rejected>),
    /// A response with something wrong: drop it (RFC 3261 section 8.1.3: retransmissions and timers go on).
    Response(Fault),
}

/// A request that must be refused, with what is needed to do so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// What is wrong.
    pub fault: Fault,
    /// The status to answer with.
    pub status: StatusCode,
    /// The method as far as it was read. An ACK is never answered.
    pub method: Option<crate::Method>,
    /// Every header field that could be read, raw.
    pub headers: Headers,
}

impl Rejected {
    /// The answer, or `None` where none may be sent (an ACK, no readable Via). `to_tag` is added if To has none. The Via of
    /// another version of SIP goes back as it came.
    pub fn reply(&self, to_tag: &str) -> Option<Response> {
        let has_via = self.headers.via().is_some() || (self.fault == Fault::Version && self.headers.has("Via"));
        if self.method == Some(crate::Method::Ack) || !has_via {
            return None;
        }
        let mut response = Response::new(self.status.code());
        response.headers = crate::message::echo(&self.headers, Some(to_tag));
        Some(response)
    }
}

impl ParseError {
    /// What is wrong; `None` for a keep-alive.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            ParseError::KeepAlive => None,
            ParseError::NotSip(fault) | ParseError::Response(fault) => Some(fault),
            ParseError::Request(rejected) => Some(&rejected.fault),
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParseError::KeepAlive => f.write_str("a keep-alive, no message"),
            ParseError::NotSip(fault) => write!(f, "not SIP: {fault}"),
            ParseError::Request(rejected) => write!(f, "bad request: {}", rejected.fault),
            ParseError::Response(fault) => write!(f, "bad response: {fault}"),
        }
    }
}

impl std::error::Error for ParseError {}
