//! A town: an exchange in virtual time and phones that say exactly what a test wants.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]
use parley_exchange::*;
use parley_sip::auth::{Algorithm, DigestChallenge};
use parley_sip::headers::Challenge;
use parley_sip::{Message, Method, Request, Response, parse};
use rand_chacha::ChaCha12Rng;
use rand_core::SeedableRng;
use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

pub const HERE: &str = "127.0.0.1:5060";

pub struct Town {
    pub core: Core,
    pub now: Instant,
    pub orders: Vec<MediaOrder>,
    pub mail: Vec<(Peer, Message)>,
    number: u32,
    /// Answers to what was broken may be broken too: they repeat it.
    pub lenient: bool,
}

pub fn town() -> Town {
    town_with(ExchangeConfig::default())
}

pub fn town_with(config: ExchangeConfig) -> Town {
    let core = Core::new(&config, HERE.parse().unwrap(), Box::new(ChaCha12Rng::seed_from_u64(7)));
    Town {
        core,
        now: Instant::now(),
        orders: Vec::new(),
        mail: Vec::new(),
        number: 0,
        lenient: false,
    }
}

pub fn udp(port: u16) -> Peer {
    Peer {
        transport: PeerTransport::Udp,
        remote: address(port),
    }
}

pub fn tcp(port: u16) -> Peer {
    Peer {
        transport: PeerTransport::Tcp,
        remote: address(port),
    }
}

fn address(port: u16) -> SocketAddrV4 {
    format!("127.0.0.1:{port}").parse().unwrap()
}

/// How a phone writes its own address.
pub fn contact(user: &str, phone: Peer) -> String {
    match phone.transport {
        PeerTransport::Udp => format!("<sip:{user}@{}>", phone.remote),
        PeerTransport::Tcp => format!("<sip:{user}@{};transport=tcp>", phone.remote),
    }
}

pub const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
    m=audio 30000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n";

impl Town {
    /// A request outside of any dialog, with a Via and a Call-ID of its own.
    pub fn request(&mut self, method: Method, user: &str, to: &str, from: Peer) -> Request {
        self.number += 1;
        let number = self.number;
        let transport = if from.transport == PeerTransport::Tcp {
            "TCP"
        } else {
            "UDP"
        };
        let mut body = String::new();
        let mut extra = String::new();
        if method == Method::Invite {
            body = OFFER.to_owned();
            extra = "Content-Type: application/sdp\r\n".to_owned();
        }
        let text = format!(
            "{method} sip:{to}@{HERE} SIP/2.0\r\nVia: SIP/2.0/{transport} {};branch=z9hG4bKt{number};rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:{user}@{HERE}>;tag=f{number}\r\nTo: <sip:{to}@{HERE}>\r\n\
             Call-ID: c{number}\r\nCSeq: 1 {method}\r\nContact: {}\r\n{extra}Content-Length: {}\r\n\r\n{body}",
            from.remote,
            contact(user, from),
            body.len(),
        );
        match parse(text.as_bytes()).unwrap() {
            Message::Request(request) => request,
            Message::Response(_) => unreachable!(),
        }
    }

    pub fn send(&mut self, from: Peer, message: impl Into<Message>) {
        let bytes = message.into().to_bytes();
        self.core.handle(self.now, Input::Received { peer: from, bytes });
        self.collect();
    }

    /// Everything the core wants done; sockets for sound are there at once.
    pub fn collect(&mut self) {
        while let Some(output) = self.core.poll() {
            match output {
                Output::Send { peer, bytes } => match parse(&bytes) {
                    Ok(message) => self.mail.push((peer, message)),
                    Err(error) => assert!(self.lenient, "{error}"),
                },
                Output::Media(order) => {
                    if let MediaOrder::Reserve(media) = order {
                        self.core.handle(
                            self.now,
                            Input::Reserved {
                                media,
                                port: Some(40_000),
                            },
                        );
                    }
                    self.orders.push(order);
                }
            }
        }
    }

    pub fn wait(&mut self, seconds: f64) {
        let end = self.now + Duration::from_secs_f64(seconds);
        while let Some(at) = self.core.next_wake().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.core.wake(self.now);
            self.collect();
        }
        self.now = end;
    }

    /// The requests this phone got since one last asked, repetitions left out.
    pub fn requests(&mut self, phone: Peer) -> Vec<Request> {
        let mut found = Vec::new();
        self.mail.retain(|(peer, message)| match message {
            Message::Request(request) if *peer == phone => {
                found.push(request.clone());
                false
            }
            _ => true,
        });
        found.dedup();
        found
    }

    /// The one request of this method this phone got.
    pub fn one_request(&mut self, phone: Peer, method: Method) -> Request {
        let mut found = self.requests(phone);
        assert_eq!(found.iter().map(|r| r.method.clone()).collect::<Vec<_>>(), [method]);
        found.remove(0)
    }

    /// The answers this phone got since one last asked, without 100.
    pub fn responses(&mut self, phone: Peer) -> Vec<Response> {
        let mut found = Vec::new();
        self.mail.retain(|(peer, message)| match message {
            Message::Response(response) if *peer == phone => {
                found.push(response.clone());
                false
            }
            _ => true,
        });
        found.retain(|response| response.code() != 100);
        found
    }

    pub fn codes(&mut self, phone: Peer) -> Vec<u16> {
        self.responses(phone).iter().map(Response::code).collect()
    }

    /// REGISTER, its challenge, and its proof. The last answer.
    pub fn try_register(&mut self, user: &str, password: &str, phone: Peer, expires: u32) -> Response {
        let mut request = self.request(Method::Register, user, user, phone);
        request.headers.push("Expires", expires);
        self.send(phone, request.clone());
        let challenged = self.responses(phone).remove(0);
        if challenged.code() != 401 {
            return challenged;
        }
        let again = authorized(
            &request,
            &challenged,
            user,
            password,
            "Authorization",
            "WWW-Authenticate",
        );
        self.send(phone, again);
        self.responses(phone).remove(0)
    }

    /// SUBSCRIBE for five minutes, and the answer.
    pub fn subscribe(&mut self, user: &str, event: &str, to: &str, phone: Peer) -> (Request, Response) {
        let mut request = self.request(Method::Subscribe, user, to, phone);
        request.headers.push("Event", event);
        request.headers.push("Expires", 300);
        self.send(phone, request.clone());
        let response = self.responses(phone).remove(0);
        (request, response)
    }

    /// The NOTIFYs this phone got since one last asked; it takes each of them.
    pub fn news(&mut self, phone: Peer) -> Vec<Request> {
        let mut news = Vec::new();
        let is_notify = |(peer, message): &(Peer, Message)| match message {
            Message::Request(request) => *peer == phone && request.method == Method::Notify,
            Message::Response(_) => false,
        };
        while let Some(at) = self.mail.iter().position(is_notify) {
            let (_, message) = self.mail.remove(at);
            let Message::Request(notify) = message else {
                unreachable!()
            };
            if !news.contains(&notify) {
                self.send(phone, notify.respond(200, None));
                news.push(notify);
            }
        }
        news
    }

    pub fn register(&mut self, user: &str, phone: Peer) {
        let answer = self.try_register(user, &format!("practice-{user}"), phone, 300);
        assert_eq!(answer.code(), 200);
    }
}

/// The request again, with the next CSeq and the answer to the challenge (RFC 2617, MD5, qop=auth), computed here by hand.
pub fn authorized(
    request: &Request,
    challenged: &Response,
    user: &str,
    password: &str,
    ours: &str,
    theirs: &str,
) -> Request {
    let challenges: Vec<Challenge> = challenged
        .headers
        .get_all(theirs)
        .flat_map(Challenge::parse_list)
        .collect();
    let challenge = challenges
        .iter()
        .filter_map(DigestChallenge::read)
        .find(|c| c.algorithm == Algorithm::Md5)
        .unwrap();
    let md5 = |text: String| Algorithm::Md5.hash(text.as_bytes());
    let uri = request.uri.to_string();
    let (realm, nonce) = (&challenge.realm, &challenge.nonce);
    let a1 = md5(format!("{user}:{realm}:{password}"));
    let a2 = md5(format!("{}:{uri}", request.method));
    let response = md5(format!("{a1}:{nonce}:00000001:xyz:auth:{a2}"));
    let mut again = next(request);
    again.headers.push(
        ours,
        format!(
            "Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", algorithm=MD5, \
             response=\"{response}\", qop=auth, nc=00000001, cnonce=\"xyz\""
        ),
    );
    again
}

/// The same request as a new transaction.
pub fn next(request: &Request) -> Request {
    let mut again = request.clone();
    let cseq = request.headers.cseq().unwrap();
    again
        .headers
        .set("CSeq", format!("{} {}", cseq.number + 1, cseq.method));
    let via = request.headers.get("Via").unwrap().replace("z9hG4bK", "z9hG4bKn");
    again.headers.set("Via", via);
    again
}

/// A phone's answer, with a Contact and, for 2xx, a session.
pub fn answer(request: &Request, code: u16, user: &str, phone: Peer) -> Response {
    let mut response = request.respond(code, Some(&format!("p{}", phone.remote.port())));
    response.headers.push("Contact", contact(user, phone));
    if code == 200 && request.method == Method::Invite {
        response.set_body("application/sdp", OFFER.as_bytes().to_vec());
    }
    response
}

/// A caller's request inside the dialog this answer made: to its Contact, by its Record-Routes, turned round.
pub fn inside(invite: &Request, answer: &Response, method: Method, cseq: u32) -> Request {
    let mut request = Request::new(method.clone(), answer.headers.contact().unwrap().uri);
    let via = invite
        .headers
        .get("Via")
        .unwrap()
        .replace("z9hG4bK", &format!("z9hG4bK{cseq}{method}"));
    request.headers.push("Via", via);
    request.headers.push("Max-Forwards", 70);
    for route in answer.headers.record_route().iter().rev() {
        request.headers.push("Route", route);
    }
    for name in ["From", "Call-ID", "Contact"] {
        request.headers.push(name, invite.headers.get(name).unwrap());
    }
    request.headers.push("To", answer.headers.get("To").unwrap());
    request.headers.push("CSeq", format!("{cseq} {method}"));
    request
}

/// A callee's request inside the dialog this answer of his made.
pub fn inside_callee(invite: &Request, answer: &Response, method: Method, phone: Peer) -> Request {
    let mut request = Request::new(method.clone(), invite.headers.contact().unwrap().uri);
    let transport = if phone.transport == PeerTransport::Tcp {
        "TCP"
    } else {
        "UDP"
    };
    request.headers.push(
        "Via",
        format!(
            "SIP/2.0/{transport} {};branch=z9hG4bKcallee{method};rport",
            phone.remote
        ),
    );
    request.headers.push("Max-Forwards", 70);
    for route in invite.headers.record_route() {
        request.headers.push("Route", route);
    }
    request.headers.push("From", answer.headers.get("To").unwrap());
    request.headers.push("To", answer.headers.get("From").unwrap());
    request.headers.push("Call-ID", answer.headers.get("Call-ID").unwrap());
    request.headers.push("CSeq", format!("1 {method}"));
    request.headers.push("Contact", contact("callee", phone));
    request
}
