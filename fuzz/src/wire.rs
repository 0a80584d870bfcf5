//! The wire codec.

use parley_sip::auth::DigestClient;
use parley_sip::framing::{Frame, StreamDecoder};
use parley_sip::headers::{Challenge, Reason, Warning};
use parley_sip::stun::{self, Stun};
use parley_sip::{CSeq, Headers, Message, Method, NameAddr, ParseError, Request, Response, Uri, Via, parse};

/// One datagram: what is accepted prints and reads the same, what is refused can be answered.
pub fn message(data: &[u8]) -> bool {
    match parse(data) {
        Ok(message) => {
            read_everything(message.headers());
            let _ = message.sdp();
            let printed = message.to_bytes();
            let again =
                parse(&printed).unwrap_or_else(|error| panic!("{error}\n{}", String::from_utf8_lossy(&printed)));
            assert_eq!(again.body(), message.body());
            // What was printed once is stable: a control character at the end of a value became a space, and that is gone now.
            let twice = again.to_bytes();
            assert_eq!(parse(&twice).expect("printed").to_bytes(), twice);
            assert_clean_head(&printed);
            if let Message::Request(request) = &message {
                let answer = request.respond(200, Some("tag"));
                assert_clean_head(&answer.to_bytes());
                assert!(parse(&answer.to_bytes()).is_ok(), "{answer:?}");
            }
            true
        }
        Err(ParseError::Request(rejected)) => {
            read_everything(&rejected.headers);
            if let Some(reply) = rejected.reply("tag") {
                assert!(reply.to_bytes().starts_with(b"SIP/2.0 "));
                assert_clean_head(&reply.to_bytes());
            }
            true
        }
        Err(_) => false,
    }
}

/// Nothing breaks out of a line: no control character but the line ends, and those in pairs.
fn assert_clean_head(printed: &[u8]) {
    let end = printed.windows(4).position(|window| window == b"\r\n\r\n");
    let head = &printed[..end.expect("an end of the head")];
    for line in head.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        assert!(
            line.iter().all(|byte| !byte.is_ascii_control()),
            "{}",
            String::from_utf8_lossy(line)
        );
    }
}

/// A URI, and an address around it.
pub fn uri(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    let address = NameAddr::parse(&text);
    if let Ok(address) = &address {
        let again = NameAddr::parse(&address.to_string()).unwrap_or_else(|fault| panic!("{address}: {fault}"));
        assert_eq!(again.to_string(), address.to_string());
        let _ = (address.tag(), address.expires(), address.q());
    }
    let Ok(uri) = Uri::parse(&text) else {
        return address.is_ok();
    };
    let printed = uri.to_string();
    let again = Uri::parse(&printed).unwrap_or_else(|fault| panic!("{printed}: {fault}"));
    assert_eq!(again.to_string(), printed, "printing is stable");
    assert!(uri.equivalent(&again), "{printed}");
    assert!(
        !printed.chars().any(|c| c.is_ascii_control() || " <>\"".contains(c)),
        "{printed}"
    );
    let _ = (uri.scheme(), uri.user(), uri.host());
    if let Some(sip) = uri.sip() {
        let _ = (sip.user_text(), sip.host_port(), sip.transport());
        let _ = (sip.decoded_headers(), sip.is_loose_router());
    }
    true
}

/// Values as they come behind any name: lines of `Name: value`.
pub fn headers(data: &[u8]) -> bool {
    let mut headers = Headers::new();
    for line in String::from_utf8_lossy(data).lines().take(40) {
        if let Some((name, value)) = line.split_once(':') {
            headers.push(name.trim(), value.trim());
        }
    }
    read_everything(&headers);
    answer_challenges(&headers);
    let _ = headers.pairs();
    !headers.is_empty()
}

fn answer_challenges(headers: &Headers) {
    for code in [401, 407] {
        let mut response = Response::new(code);
        response.headers = headers.clone();
        let mut client = DigestClient::new("bob", "zanzibar");
        if client.challenged(&response, &Headers::new()).is_ok() {
            let mut sent = Request::new(Method::Invite, Uri::parse("sip:a@example.com").unwrap());
            sent.headers.push("CSeq", CSeq::new(1, Method::Invite));
            client.authorize(&mut sent.headers, ("INVITE", "sip:a@example.com", b"v=0"), "cnonce");
            assert_clean_head(&sent.to_bytes());
            // The same challenge again means that the password is wrong: nothing may go round in circles.
            let _ = client.challenged(&response, &sent.headers);
        }
    }
}

/// Calls everything that reads text from a header field.
fn read_everything(headers: &Headers) {
    let _ = (
        headers.vias(),
        headers.from(),
        headers.to(),
        headers.contacts(),
        headers.is_contact_star(),
    );
    let _ = (
        headers.record_route(),
        headers.route(),
        headers.path(),
        headers.service_route(),
    );
    let _ = (
        headers.call_id(),
        headers.cseq(),
        headers.expires(),
        headers.min_expires(),
    );
    let _ = (
        headers.retry_after(),
        headers.max_forwards(),
        headers.content_length(),
        headers.content_type(),
    );
    let _ = (
        headers.is_content("application/sdp"),
        headers.www_authenticate(),
        headers.proxy_authenticate(),
    );
    let _ = (
        headers.authorization(),
        headers.proxy_authorization(),
        headers.reason(),
        headers.diversion(),
    );
    let _ = (
        headers.history_info(),
        headers.p_asserted_identity(),
        headers.refer_to(),
        headers.referred_by(),
    );
    let _ = (
        headers.event(),
        headers.supported(),
        headers.require(),
        headers.allow(),
        headers.supports("timer"),
    );
    let _ = (headers.user_agent(), headers.warnings());
    for header in headers.iter() {
        if let Ok(via) = Via::parse(&header.value) {
            let again = Via::parse(&via.to_string()).unwrap_or_else(|fault| panic!("{via}: {fault}"));
            assert_eq!(again.to_string(), via.to_string());
            let _ = (
                via.transaction_branch(),
                via.wants_rport(),
                via.received(),
                via.response_target(),
                via.ttl(),
            );
        }
        let _ = (
            Uri::parse(&header.value),
            NameAddr::parse(&header.value),
            CSeq::parse(&header.value),
        );
        let _ = (
            Challenge::parse_list(&header.value),
            Reason::parse(&header.value),
            Warning::parse(&header.value),
        );
    }
}

/// A stream: the same messages come out whatever the pieces it comes in. The first two octets choose the pieces.
pub fn framing(data: &[u8]) -> bool {
    let ([first, second, ..], Some(stream)) = (data, data.get(2..)) else {
        return false;
    };
    let whole = frames(&[stream]);
    let (size, other) = (usize::from(*first) + 1, usize::from(*second) + 1);
    let mut pieces = Vec::new();
    let mut rest = stream;
    while !rest.is_empty() {
        let size = if pieces.len() % 2 == 0 { size } else { other };
        let (piece, left) = rest.split_at(size.min(rest.len()));
        pieces.push(piece);
        rest = left;
    }
    let cut = frames(&pieces);
    assert_eq!(cut, whole);
    !whole.0.is_empty()
}

/// The messages, and whether the stream held no SIP any more. Keep-alives are left out: a ping cut in two is heard as a pong first.
fn frames(pieces: &[&[u8]]) -> (Vec<Vec<u8>>, bool) {
    let (mut decoder, mut messages) = (StreamDecoder::new(), Vec::new());
    for piece in pieces {
        decoder.push(piece);
        loop {
            match decoder.next() {
                Ok(Some(Frame::Message(bytes))) => messages.push(bytes),
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(error) => {
                    let _ = error.head.map(|head| message(&head));
                    return (messages, true);
                }
            }
        }
    }
    (messages, false)
}

/// A datagram as the sockets take it apart: STUN, keep-alive or SIP, never two of them.
pub fn datagram(data: &[u8]) -> bool {
    let read = stun::parse(data);
    if read.is_some() || stun::is_stun(data) {
        assert!(stun::is_stun(data) && parse(data).is_err());
    }
    match read {
        Some(Stun::BindingSuccess { id, mapped }) => {
            let again = stun::parse(&stun::binding_success(&id, mapped));
            assert_eq!(again, Some(Stun::BindingSuccess { id, mapped }));
            true
        }
        Some(Stun::BindingRequest { id }) => {
            assert!(stun::binding_success(&id, ([192, 0, 2, 1], 9).into()).len() <= stun::LARGEST);
            assert_eq!(
                stun::parse(&stun::binding_request(&id)),
                Some(Stun::BindingRequest { id })
            );
            true
        }
        Some(Stun::BindingError { code, .. }) => {
            assert!((300..700).contains(&code));
            true
        }
        None => stun::is_stun(data) || parse(data).is_ok(),
    }
}
