//! The far end: writes what phones write, answers when told.
use super::Desk;
use parley_sip::{Message, Request as SipRequest};

/// Where the far end is.
pub const FAR: &str = "10.0.0.2:5060";
/// Where the desk is.
pub const AGENT: &str = "sip:204@10.0.0.1:5060";
/// More header fields of an invitation from a telephone system.
pub const INVITE: &str = "X-Ticket: 4711\r\nX-Subject: Delivery & returns\r\n";

/// One dialog, from the far end's side.
pub struct Far {
    call_id: String,
    cseq: u32,
    from: String,
    /// The desk's tag, once it is known.
    to_tag: String,
    branch: u32,
}

/// The start line for `expect`: `INVITE …` or `180 INVITE`.
pub fn text(message: &Message) -> String {
    match message {
        Message::Request(request) => format!("{} {}", request.method, request.uri),
        Message::Response(response) => {
            format!(
                "{} {}",
                response.code(),
                response
                    .headers
                    .cseq()
                    .map(|cseq| cseq.method.to_string())
                    .unwrap_or_default()
            )
        }
    }
}

pub fn sdp(port: u16, direction: &str) -> String {
    format!(
        "v=0\r\no=far 1 1 IN IP4 10.0.0.2\r\ns=-\r\nc=IN IP4 10.0.0.2\r\nt=0 0\r\nm=audio {port} RTP/AVP 8 0 101\r\n\
         a=rtpmap:101 telephone-event/8000\r\na={direction}\r\n"
    )
}

impl Far {
    /// A caller.
    pub fn new(call_id: &str) -> Self {
        Self::from(call_id, "\"Zoë Baker\" <sip:+441632960123@10.0.0.2>")
    }

    /// A caller of this name.
    pub fn from(call_id: &str, from: &str) -> Self {
        Self {
            call_id: call_id.into(),
            cseq: 0,
            from: format!("{from};tag=far-{call_id}"),
            to_tag: String::new(),
            branch: 0,
        }
    }

    /// Invites the desk.
    pub fn invite(&mut self, desk: &mut Desk, headers: &str) {
        let message = self.request("INVITE", headers, &sdp(5004, "sendrecv"));
        desk.hear(message);
    }

    /// Takes the desk's 180 or 200 to the invitation.
    pub fn took(&mut self, response: &Message) {
        self.to_tag = format!(
            ";tag={}",
            response
                .headers()
                .to()
                .and_then(|to| to.tag().map(str::to_owned))
                .unwrap_or_default()
        );
    }

    pub fn ack(&mut self, desk: &mut Desk) {
        self.ack_with(desk, "");
    }

    /// ACK with the answer to the desk's offer.
    pub fn ack_with(&mut self, desk: &mut Desk, body: &str) {
        self.cseq -= 1;
        let message = self.request("ACK", "", body);
        desk.hear(message);
    }

    pub fn bye(&mut self, desk: &mut Desk) {
        let message = self.request("BYE", "", "");
        desk.hear(message);
    }

    /// CANCEL goes with the branch of the invitation.
    pub fn cancel(&mut self, desk: &mut Desk, headers: &str) {
        self.cseq -= 1;
        self.branch -= 1;
        let tag = std::mem::take(&mut self.to_tag);
        let message = self.request("CANCEL", headers, "");
        self.to_tag = tag;
        desk.hear(message);
    }

    /// A new offer inside the call.
    pub fn reinvite(&mut self, desk: &mut Desk, port: u16, direction: &str) {
        let message = self.request("INVITE", "", &sdp(port, direction));
        desk.hear(message);
    }

    pub fn request(&mut self, method: &str, headers: &str, body: &str) -> String {
        self.cseq += 1;
        self.branch += 1;
        let (call_id, from, to_tag) = (&self.call_id, &self.from, &self.to_tag);
        let (cseq, branch, length) = (self.cseq, self.branch, body.len());
        let content = if body.is_empty() {
            ""
        } else {
            "Content-Type: application/sdp\r\n"
        };
        format!(
            "{method} {AGENT} SIP/2.0\r\nVia: SIP/2.0/UDP {FAR};branch=z9hG4bK{call_id}{branch};rport\r\nMax-Forwards: 70\r\n\
             From: {from}\r\nTo: <sip:+441632960000@10.0.0.1>{to_tag}\r\nCall-ID: {call_id}\r\nCSeq: {cseq} {method}\r\n\
             Contact: <sip:far@{FAR}>\r\n{headers}{content}Content-Length: {length}\r\n\r\n{body}"
        )
    }

    /// A whole incoming call up to the conversation.
    pub fn talk(call_id: &str, desk: &mut Desk) -> Self {
        let mut far = Self::new(call_id);
        far.invite(desk, "");
        let ringing = desk.expect("180 INVITE");
        far.took(&ringing);
        let call = desk.calls().last().unwrap().id;
        desk.ask(parley_engine::Request::Answer {
            call,
            others: parley_engine::Others::Hold,
        })
        .unwrap();
        let ok = desk.expect("200 INVITE");
        far.took(&ok);
        far.ack(desk);
        far
    }

    /// The far end of a call the desk made with this invitation and that was answered with [`Far::response`].
    pub fn called(invite: &Message) -> Self {
        let headers = invite.headers();
        let from = headers.from().unwrap();
        Self {
            call_id: headers.call_id().unwrap().into(),
            cseq: 0,
            from: "<sip:far@10.0.0.2>;tag=fartag".into(),
            to_tag: format!(";tag={}", from.tag().unwrap()),
            branch: 0,
        }
    }

    /// News of a transfer: a status line, after which there may come more.
    pub fn notify(&mut self, desk: &mut Desk, line: &str, more: bool) {
        let state = if more {
            "active;expires=60"
        } else {
            "terminated;reason=noresource"
        };
        let headers = format!("Event: refer\r\nSubscription-State: {state}\r\n");
        let message = self.request("NOTIFY", &headers, &format!("SIP/2.0 {line}\r\n"));
        desk.hear(message.replace("application/sdp", "message/sipfrag"));
        desk.expect("200 NOTIFY");
    }

    /// Asks the desk to call somebody.
    pub fn refer(&mut self, desk: &mut Desk, target: &str) {
        let headers = format!("Refer-To: <{target}>\r\nReferred-By: \"Ann\" <sip:ann@10.0.0.2>\r\n");
        let message = self.request("REFER", &headers, "");
        desk.hear(message);
    }

    /// The desk's names for this call, for a `Replaces` sent to the desk.
    pub fn replaces(&self) -> String {
        let far_tag = self.from.rsplit_once("tag=").unwrap().1;
        let desk_tag = self.to_tag.trim_start_matches(";tag=");
        format!("Replaces: {};to-tag={desk_tag};from-tag={far_tag}\r\n", self.call_id)
    }

    /// A call of the desk's that talks, with its far end.
    pub fn reached(desk: &mut Desk, target: &str) -> (u64, Self) {
        let call = desk.dial(target);
        let invite = desk.expect("INVITE");
        Self::reply(desk, &invite, 200, &sdp(5004, "sendrecv"));
        desk.expect("ACK");
        (call, Self::called(&invite))
    }

    /// Agrees to the desk's hold or resume.
    pub fn agrees(desk: &mut Desk) {
        let offer = desk.expect("INVITE sip:far@");
        let held = String::from_utf8_lossy(offer.sdp().unwrap()).contains("a=sendonly");
        let direction = if held { "recvonly" } else { "sendrecv" };
        Self::reply(desk, &offer, 200, &sdp(5004, direction));
        desk.expect("ACK");
    }

    /// Answers a request of the desk.
    pub fn reply(desk: &mut Desk, request: &Message, code: u16, body: &str) {
        let Message::Request(request) = request else {
            panic!("not a request")
        };
        desk.hear(Self::response(request, code, body));
    }

    pub fn response(request: &SipRequest, code: u16, body: &str) -> Vec<u8> {
        let mut response = request.respond(code, Some("fartag"));
        response.headers.push("Contact", format!("<sip:far@{FAR}>"));
        if !body.is_empty() {
            response.set_body("application/sdp", body.as_bytes().to_vec());
        }
        response.to_bytes()
    }

    /// A whole outgoing call up to the conversation.
    pub fn pick_up(desk: &mut Desk, target: &str) -> u64 {
        let call = desk.dial(target);
        let invite = desk.expect("INVITE");
        Self::reply(desk, &invite, 180, "");
        Self::reply(desk, &invite, 200, &sdp(5004, "sendrecv"));
        desk.expect("ACK");
        call
    }
}
