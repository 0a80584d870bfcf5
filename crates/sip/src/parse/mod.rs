//! Reading a message: one datagram, or one message cut out of a stream by [`crate::framing`].

pub(crate) mod check;
pub(crate) mod lines;
pub(crate) mod tokens;

use crate::uri::Uri;
use crate::{Fault, Message, Method, ParseError, Rejected, Request, Response, limits, status};

/// Reads one message. Octets after Content-Length are ignored (RFC 3261 section 18.3); without one the body is the rest.
///
/// What is returned has a readable Via, From, To, Call-ID and CSeq, so the getters of [`crate::Headers`] for them give a value.
pub fn parse(bytes: &[u8]) -> Result<Message, ParseError> {
    if lines::skip_line_ends(bytes).is_empty() {
        return Err(ParseError::KeepAlive);
    }
    let too_large = bytes.len() > limits::MESSAGE;
    let mut head = lines::head(bytes.get(..limits::MESSAGE).unwrap_or(bytes));
    if too_large {
        head.fault = Some(Fault::MessageTooLarge);
    }
    // A sender that forgot the empty line but announced no body is understood all the same.
    if head.fault == Some(Fault::Unterminated) && !head.headers.is_empty() && bytes.ends_with(b"\n") {
        head.fault = head
            .headers
            .content_length()
            .filter(|length| *length > 0)
            .map(|_| Fault::Unterminated);
    }
    if head
        .start
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("SIP/"))
    {
        response(head)
    } else {
        request(head)
    }
}

fn response(head: lines::Head) -> Result<Message, ParseError> {
    let (code, reason) = status_line(&head.start).map_err(ParseError::Response)?;
    if let Some(fault) = head.fault {
        return Err(ParseError::Response(fault));
    }
    let body = check::common(&head.headers, head.rest).map_err(ParseError::Response)?;
    Ok(Message::Response(Response {
        status: status(code),
        reason: reason.to_owned(),
        headers: head.headers,
        body: body.to_vec(),
    }))
}

fn request(head: lines::Head) -> Result<Message, ParseError> {
    let line = request_line(&head.start)?;
    let outcome = match (line.uri, head.fault) {
        (Err(Fault::Version), _) => Err(Fault::Version),
        (_, Some(fault)) | (Err(fault), None) => Err(fault),
        (Ok((method, uri)), None) => check::common(&head.headers, head.rest)
            .and_then(|body| check::request(&head.headers, &method).map(|()| (method, uri, body.to_vec()))),
    };
    match outcome {
        Ok((method, uri, body)) => Ok(Message::Request(Request {
            method,
            uri,
            headers: head.headers,
            body,
        })),
        Err(fault) => Err(ParseError::Request(Box::new(Rejected {
            status: status(fault.code()),
            fault,
            method: line.method,
            headers: head.headers,
        }))),
    }
}

/// `SIP/2.0 SP code SP reason`; the last space may be missing with an empty reason.
fn status_line(line: &str) -> Result<(u16, &str), Fault> {
    let (version, rest) = line.split_once(' ').ok_or(Fault::StatusLine)?;
    if !version.eq_ignore_ascii_case("SIP/2.0") {
        return Err(Fault::Version);
    }
    let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    let number = tokens::number(code)
        .filter(|code| (100..700).contains(code))
        .ok_or(Fault::StatusLine)?;
    if code.len() != 3 {
        return Err(Fault::StatusLine);
    }
    Ok((number, reason))
}

struct RequestLine {
    /// As far as it could be read.
    method: Option<Method>,
    uri: Result<(Method, Uri), Fault>,
}

/// `METHOD SP uri SP SIP/2.0`. Anything that does not look like SIP at all is an error of its own.
fn request_line(line: &str) -> Result<RequestLine, ParseError> {
    let mut words = line.split(' ').filter(|word| !word.is_empty());
    let method = words.next().and_then(Method::parse);
    let version = words.next_back().unwrap_or_default();
    let is_sip = version.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("SIP/"));
    match &method {
        Some(known) if known.is_known() || is_sip => {}
        _ => return Err(ParseError::NotSip(Fault::RequestLine)),
    }
    if is_sip && !version.eq_ignore_ascii_case("SIP/2.0") {
        return Ok(RequestLine {
            method,
            uri: Err(Fault::Version),
        });
    }
    let mut parts = line.split(' ');
    let uri = match (method.clone(), parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(method), Some(_), Some(uri), Some(_), None) if is_sip => {
            Uri::parse(uri).and_then(|uri| match uri.sip() {
                Some(sip) if !sip.headers.is_empty() => Err(Fault::HeadersInRequestUri),
                _ => Ok((method, uri)),
            })
        }
        _ => Err(Fault::RequestLine),
    };
    Ok(RequestLine { method, uri })
}
