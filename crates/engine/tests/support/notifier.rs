//! The state agent of a server: it tells what its script says about what was subscribed to.
use super::{Desk, FAR};
use parley_sip::{Message, Request};

/// One subscription, from the server's side.
pub struct Notifier {
    subscribe: Request,
    cseq: u32,
}

impl Notifier {
    /// Takes the next SUBSCRIBE of this package and grants it.
    pub fn grant(desk: &mut Desk, package: &str) -> Self {
        let subscribe = loop {
            let Message::Request(request) = desk.expect("SUBSCRIBE") else {
                panic!("not a request")
            };
            if request.headers.event().as_deref() == Some(package) {
                break request;
            }
            // Others are left for later: they are not what this script is about.
            let later = request.respond(200, Some("later"));
            desk.hear(later.to_bytes());
        };
        let mut response = subscribe.respond(200, Some("agent"));
        response.headers.push("Expires", 600);
        response.headers.push("Contact", format!("<sip:agent@{FAR}>"));
        desk.hear(response.to_bytes());
        Self { subscribe, cseq: 0 }
    }

    /// Whom it is about.
    pub fn about(&self) -> String {
        self.subscribe.uri.to_string()
    }

    /// Tells.
    pub fn tell(&mut self, desk: &mut Desk, content_type: &str, body: &[u8]) {
        self.notify(desk, "active;expires=600", content_type, body);
    }

    /// Tells no more.
    pub fn end(&mut self, desk: &mut Desk, reason: &str) {
        self.notify(desk, &format!("terminated;reason={reason}"), "", b"");
    }

    fn notify(&mut self, desk: &mut Desk, state: &str, content_type: &str, body: &[u8]) {
        self.cseq += 1;
        let headers = &self.subscribe.headers;
        let (to, from) = (headers.get("From").unwrap(), headers.get("To").unwrap());
        let (call_id, contact) = (headers.call_id().unwrap(), headers.contact().unwrap().uri);
        let event = headers.get("Event").unwrap();
        let content = match content_type {
            "" => String::new(),
            kind => format!("Content-Type: {kind}\r\n"),
        };
        let (cseq, length) = (self.cseq, body.len());
        let mut message = format!(
            "NOTIFY {contact} SIP/2.0\r\nVia: SIP/2.0/UDP {FAR};branch=z9hG4bK{call_id}{cseq};rport\r\nMax-Forwards: 70\r\n\
             From: {from};tag=agent\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: {cseq} NOTIFY\r\nContact: <sip:agent@{FAR}>\r\n\
             Event: {event}\r\nSubscription-State: {state}\r\n{content}Content-Length: {length}\r\n\r\n"
        )
        .into_bytes();
        message.extend_from_slice(body);
        desk.hear(message);
        desk.expect("200 NOTIFY");
    }
}
