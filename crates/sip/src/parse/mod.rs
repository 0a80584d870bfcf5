//! Reading a message: one datagram, or one message cut out of a stream by [`crate::framing`].

pub(crate) mod tokens;

use crate::{Fault, Message, ParseError};

/// Reads one message. Octets after Content-Length are ignored (RFC 3261 section 18.3); without one the body is the rest.
///
/// What is returned has a readable Via, From, To, Call-ID and CSeq, so the getters of [`crate::Headers`] for them give a value.
pub fn parse(bytes: &[u8]) -> Result<Message, ParseError> {
    let _ = bytes;
    Err(ParseError::NotSip(Fault::RequestLine))
}
