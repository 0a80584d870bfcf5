//! A scripted SIP peer: it sends what the script says and nothing else; it repeats and acknowledges nothing by itself.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use parley_sip::dialog::Dialog;
use parley_sip::endpoint::{Flow, FlowId, Input, NextHop, Output, RouteId};
use parley_sip::{
    CSeq, Host, HostPort, Message, Method, NameAddr, Request, Response, SipUri, Transport, Uri, Via, parse,
};

use crate::{Network, Station, sdp};

/// How long a script waits for what it expects.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long it makes sure that nothing comes.
const QUIET: Duration = Duration::from_secs(40);

/// A scripted peer on the network. Clones are the same peer.
#[derive(Clone)]
pub struct Peer {
    network: Network,
    address: SocketAddr,
    station: Rc<RefCell<Inner>>,
}

#[derive(Default)]
struct Inner {
    inbox: VecDeque<(Flow, Message)>,
    keep_alives: usize,
    closed: usize,
    opened: Vec<(RouteId, Flow)>,
    out: VecDeque<Output>,
    last_id: u64,
    flow: Option<Flow>,
    /// Requests with these methods are answered 200 without being shown.
    polite: Vec<Method>,
    /// The bindings it confirmed last, as it wrote them; REGISTER without Contact is answered with them.
    bindings: Vec<String>,
    read: usize,
    reads_by_hand: bool,
    tag: String,
}

/// A call between a peer and a phone, from the peer's point of view.
#[derive(Debug, Clone)]
pub struct Call {
    /// The INVITE that made it.
    pub invite: Request,
    /// The dialog.
    pub dialog: Dialog,
}

impl Station for Inner {
    fn handle(&mut self, _now: Instant, input: Input) {
        match input {
            Input::Opened { route, flow } => {
                self.opened.push((route, flow));
                self.flow = Some(flow);
            }
            Input::OpenFailed { .. } | Input::Candidates { .. } => {}
            Input::Closed { flow, .. } => {
                self.closed += 1;
                if self.flow.is_some_and(|own| own.id == flow) {
                    self.flow = None;
                }
            }
            Input::Received { flow, bytes } => {
                self.flow = Some(flow);
                match parse(&bytes) {
                    Ok(Message::Request(request))
                        if request.method == Method::Register
                            && !request.headers.has("Contact")
                            && !self.reads_by_hand =>
                    {
                        self.read += 1;
                        let mut response = request.respond(200, Some(&self.tag));
                        for binding in &self.bindings {
                            response.headers.push("Contact", binding);
                        }
                        self.out.push_back(Output::Send {
                            flow: flow.id,
                            bytes: response.to_bytes(),
                        });
                    }
                    Ok(Message::Request(request)) if self.polite.contains(&request.method) => {
                        let mut response = request.respond(200, Some(&self.tag));
                        if request.method == Method::Register {
                            // A registrar tells back what it holds.
                            for contact in request.headers.get_all("Contact") {
                                response.headers.push("Contact", contact);
                            }
                            self.bindings = texts(&response);
                        }
                        self.out.push_back(Output::Send {
                            flow: flow.id,
                            bytes: response.to_bytes(),
                        });
                    }
                    Ok(message) => self.inbox.push_back((flow, message)),
                    Err(_) => self.keep_alives += 1,
                }
            }
        }
    }

    fn wake(&mut self, _now: Instant) {}

    fn next_wake(&self) -> Option<Instant> {
        None
    }

    fn poll(&mut self, _now: Instant) -> Option<Output> {
        self.out.pop_front()
    }
}

impl Peer {
    /// A peer at an address; it takes datagrams and connections.
    pub fn new(network: &Network, address: &str) -> Self {
        let address: SocketAddr = address.parse().unwrap();
        let station = Rc::new(RefCell::new(Inner {
            tag: format!("peer{}", address.port()),
            ..Inner::default()
        }));
        network.attach(address, station.clone());
        Self {
            network: network.clone(),
            address,
            station,
        }
    }

    /// From now on answers this method with 200 by itself.
    pub fn accepts(&self, method: Method) {
        self.station.borrow_mut().polite.push(method);
    }

    /// It has no bindings any more, as after a restart.
    pub fn forgets(&self) {
        self.station.borrow_mut().bindings.clear();
    }

    /// Whether the script answers REGISTER without Contact.
    pub fn reads_by_hand(&self, by_hand: bool) {
        self.station.borrow_mut().reads_by_hand = by_hand;
    }

    /// How often its bindings were read back.
    pub fn read_back(&self) -> usize {
        self.network.settle();
        self.station.borrow().read
    }

    /// Changes the tag of its answers: it speaks as another phone behind the same proxy.
    pub fn speaks_as(&self, tag: &str) {
        self.station.borrow_mut().tag = tag.to_owned();
    }

    /// Waits for a request with this method; other messages before it are passed over.
    pub fn expect(&self, method: &str) -> Request {
        self.expect_within(method, PATIENCE)
    }

    /// As [`Peer::expect`], for what takes longer.
    pub fn expect_within(&self, method: &str, patience: Duration) -> Request {
        self.expect_where(method, patience, |message| match message {
            Message::Request(request) if request.method.as_str() == method => Some(request.clone()),
            _ => None,
        })
    }

    /// Waits for an answer with this status code.
    pub fn expect_status(&self, code: u16) -> Response {
        self.expect_where(&code.to_string(), PATIENCE, |message| match message {
            Message::Response(response) if response.code() == code => Some(response.clone()),
            _ => None,
        })
    }

    /// Waits for the final answer to anything.
    pub fn expect_final(&self) -> Response {
        self.expect_where("a final answer", PATIENCE, |message| match message {
            Message::Response(response) if response.code() >= 200 => Some(response.clone()),
            _ => None,
        })
    }

    fn expect_where<T>(&self, what: &str, patience: Duration, wanted: impl Fn(&Message) -> Option<T>) -> T {
        let station = self.station.clone();
        let found = self.network.run_until(patience, || {
            loop {
                let (_, message) = station.borrow_mut().inbox.pop_front()?;
                if let Some(found) = wanted(&message) {
                    return Some(found);
                }
            }
        });
        found.unwrap_or_else(|| panic!("{} waits for {what} in vain\n{}", self.address, self.network.trace()))
    }

    /// Makes sure that no request with this method comes for a while.
    pub fn expect_no(&self, method: &str) {
        self.network.run_for(QUIET);
        let inbox = self.station.borrow();
        let came = inbox
            .inbox
            .iter()
            .any(|(_, m)| matches!(m, Message::Request(r) if r.method.as_str() == method));
        assert!(!came, "{method} came\n{}", self.network.trace());
    }

    /// How many messages with this method, or answers with this code, wait in the inbox; all are thrown away.
    pub fn count(&self, what: &str) -> usize {
        self.network.settle();
        let inbox: Vec<_> = self.station.borrow_mut().inbox.drain(..).collect();
        inbox
            .iter()
            .filter(|(_, message)| match message {
                Message::Request(request) => request.method.as_str() == what,
                Message::Response(response) => response.code().to_string() == what,
            })
            .count()
    }

    /// How many messages wait in the inbox.
    pub fn waiting(&self) -> usize {
        self.network.settle();
        self.station.borrow().inbox.len()
    }

    /// How many datagrams came that are no message: keep-alives.
    pub fn keep_alives(&self) -> usize {
        self.station.borrow().keep_alives
    }

    /// How many of its connections ended.
    pub fn closed(&self) -> usize {
        self.station.borrow().closed
    }

    /// Answers a request plainly: with Contact, and with a session description in 2xx to INVITE.
    pub fn reply(&self, request: &Request, code: u16) -> Response {
        self.reply_with(request, code, |_| {})
    }

    /// Answers a request with something more.
    pub fn reply_with(&self, request: &Request, code: u16, more: impl FnOnce(&mut Response)) -> Response {
        let tag = self.station.borrow().tag.clone();
        let mut response = request.respond(code, (code > 100).then_some(&tag));
        if request.method == Method::Invite && (101..300).contains(&code) {
            response.headers.push("Contact", self.contact());
            if code >= 200 {
                response.set_body("application/sdp", sdp(&self.address.ip().to_string(), 5000));
            }
        }
        more(&mut response);
        if request.method == Method::Register && request.headers.has("Contact") && (200..300).contains(&code) {
            self.station.borrow_mut().bindings = texts(&response);
        }
        self.send(response.to_bytes());
        response
    }

    /// Takes a call that was answered with this.
    pub fn call_from(&self, invite: &Request, response: &Response) -> Call {
        let tag = response
            .headers
            .to()
            .and_then(|to| to.tag().map(str::to_owned))
            .unwrap();
        Call {
            invite: invite.clone(),
            dialog: Dialog::from_request(invite, &tag).unwrap(),
        }
    }

    /// Calls a phone.
    pub fn invite(&self, phone: &str, more: impl FnOnce(&mut Request)) -> Request {
        self.request("INVITE", phone, |request| {
            request.set_body("application/sdp", sdp(&self.address.ip().to_string(), 5000));
            more(request);
        })
    }

    /// Sends a request outside of any call. The destination is the address in the URI, unless the peer has a flow.
    pub fn request(&self, method: &str, uri: &str, more: impl FnOnce(&mut Request)) -> Request {
        let uri: Uri = uri.parse().unwrap();
        let method = Method::parse(method).unwrap();
        let id = self.new_id();
        let mut request = Request::new(method.clone(), uri.clone());
        let headers = &mut request.headers;
        headers.push("Via", self.via());
        headers.push("Max-Forwards", 70);
        headers.push("From", self.contact().with_name("Bob").with_tag(&format!("from{id}")));
        headers.push("To", NameAddr::new(uri.clone()));
        headers.push("Call-ID", format!("call-{id}@{}", self.address.ip()));
        headers.push("CSeq", CSeq::new(1, method));
        headers.push("Contact", self.contact());
        more(&mut request);
        if self.station.borrow().flow.is_none() {
            self.reach(&uri, Transport::Udp);
        }
        self.send(request.to_bytes());
        request
    }

    /// Opens a way to the address in the URI; what the peer sends from now on goes there.
    pub fn reach(&self, uri: &Uri, transport: Transport) {
        let uri = uri.sip().unwrap();
        let route = RouteId(self.new_id());
        let hop = NextHop {
            port: uri.port,
            transport: Some(transport),
            ..NextHop::new(uri.host.clone())
        };
        self.station.borrow_mut().out.push_back(Output::Open { route, hop });
        let station = self.station.clone();
        let opened = self.network.run_until(PATIENCE, || {
            station
                .borrow()
                .opened
                .iter()
                .find(|(known, _)| *known == route)
                .map(|(_, flow)| *flow)
        });
        self.station.borrow_mut().flow = Some(opened.expect("the phone cannot be reached"));
    }

    /// The call that an INVITE of ours and its 2xx made; sends no ACK yet.
    pub fn call_to(&self, invite: &Request, response: &Response) -> Call {
        Call {
            invite: invite.clone(),
            dialog: Dialog::from_response(invite, response).unwrap(),
        }
    }

    /// Acknowledges a 2xx.
    pub fn ack(&self, call: &Call, more: impl FnOnce(&mut Request)) {
        let number = call.invite.headers.cseq().unwrap().number;
        let mut ack = call.dialog.ack(number);
        ack.headers.push_front("Via", self.via());
        more(&mut ack);
        self.send(ack.to_bytes());
    }

    /// Acknowledges an answer other than 2xx, in the transaction of the INVITE.
    pub fn ack_failure(&self, invite: &Request, response: &Response) {
        let mut ack = self.echo(invite, Method::Ack);
        ack.headers.set("To", response.headers.get("To").unwrap());
        self.send(ack.to_bytes());
    }

    /// Cancels an INVITE.
    pub fn cancel(&self, invite: &Request, more: impl FnOnce(&mut Request)) {
        let mut cancel = self.echo(invite, Method::Cancel);
        more(&mut cancel);
        self.send(cancel.to_bytes());
    }

    fn echo(&self, invite: &Request, method: Method) -> Request {
        let mut echo = Request::new(method.clone(), invite.uri.clone());
        for name in ["Via", "From", "To", "Call-ID"] {
            echo.headers.push(name, invite.headers.get(name).unwrap());
        }
        echo.headers.push("Max-Forwards", 70);
        echo.headers
            .push("CSeq", CSeq::new(invite.headers.cseq().unwrap().number, method));
        echo
    }

    /// Sends a request inside a call.
    pub fn within(&self, call: &mut Call, method: &str, more: impl FnOnce(&mut Request)) -> Request {
        let mut request = call.dialog.request(Method::parse(method).unwrap());
        request.headers.push_front("Via", self.via());
        if matches!(method, "INVITE" | "NOTIFY" | "REFER") {
            request.headers.push("Contact", self.contact());
        }
        more(&mut request);
        if method == "INVITE" {
            call.invite = request.clone();
        }
        self.send(request.to_bytes());
        request
    }

    /// Sends bytes on the flow used last.
    pub fn send(&self, bytes: Vec<u8>) {
        let flow = self.station.borrow().flow.map_or(FlowId(0), |flow| flow.id);
        self.station.borrow_mut().out.push_back(Output::Send { flow, bytes });
        self.network.settle();
    }

    /// The flow something came in on last.
    pub fn flow(&self) -> Option<Flow> {
        self.station.borrow().flow
    }

    fn contact(&self) -> NameAddr {
        let uri = SipUri::new(Host::from(self.address.ip()))
            .with_user("bob")
            .with_port(self.address.port());
        NameAddr::new(uri)
    }

    fn via(&self) -> Via {
        let transport = self.station.borrow().flow.map_or(Transport::Udp, |flow| flow.transport);
        Via::new(
            transport,
            HostPort::from(self.address),
            &format!("z9hG4bKpeer{}", self.new_id()),
        )
    }

    fn new_id(&self) -> u64 {
        let mut inner = self.station.borrow_mut();
        inner.last_id += 1;
        inner.last_id
    }
}

fn texts(response: &Response) -> Vec<String> {
    response.headers.get_all("Contact").map(str::to_owned).collect()
}
