//! Short texts to the practice lines (RFC 3428), which write back.
use crate::lines::Line;
use crate::wire::Wire;
use parley_sip::{Method, NameAddr, Request, Response};

/// What can be read.
const PLAIN: &str = "text/plain";
/// Longest text sent back, in characters.
const LONGEST: usize = 500;

/// The answer to the text itself.
pub(crate) fn answer(request: &Request, tag: &str) -> Response {
    if request.headers.is_content(PLAIN) {
        return request.respond(200, Some(tag));
    }
    let mut response = request.respond(415, Some(tag));
    response.headers.push("Accept", PLAIN);
    response
}

/// What the line writes back: 600 the same, the others what they are there for.
pub(crate) fn reply(wire: &mut Wire, line: Line, request: &Request) -> Option<Request> {
    let writer = request.headers.from()?;
    let said: String = String::from_utf8_lossy(&request.body).chars().take(LONGEST).collect();
    let number = line.number()?;
    let text = match line {
        Line::Echo => said,
        Line::Colleague => format!("Got it: {said}"),
        _ => format!("{number}: {}", line.purpose()),
    };
    let mut from = NameAddr::new(wire.uri(&number)).with_tag(&wire.token());
    if let Some(name) = line.name() {
        from = from.with_name(name);
    }
    let mut reply = Request::new(Method::Message, writer.uri.clone());
    reply.headers.push("Max-Forwards", 70);
    reply.headers.push("From", from);
    reply.headers.push("To", NameAddr::new(writer.uri));
    reply.headers.push("Call-ID", wire.token());
    reply.headers.push("CSeq", "1 MESSAGE");
    reply.set_body(PLAIN, text.into_bytes());
    Some(reply)
}
