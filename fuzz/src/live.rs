//! A phone with one account and one call that is up: nothing the network says makes it panic, spin or shout.
//!
//! The octets are a script: datagrams and acts, parted by lines of `---`. A datagram begins with the sign of who sends it: `>` our
//! server, `<` our server on a stream, `?` a stranger. An act is a word of [`Live::act`]. In datagrams `%CALL%`, `%OURS%`, `%THEIRS%`
//! and `%URI%` stand for the call that is up, `%LAST%` for what an answer to the phone's last request repeats.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use parley_sip::endpoint::{
    AccountConfig, AccountId, Endpoint, EndpointConfig, Event, Flow, FlowId, Input, Output, SessionId,
};
use parley_sip::{Message, Request, Transport, Uri, parse};
use rand_core::RngCore;

const SDP: &[u8] = b"v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";
const LINE: AccountId = AccountId(1);
/// Most datagrams that one thing said or done may set off at once.
const AT_ONCE: usize = 24;
/// Most steps of one script.
const STEPS: usize = 24;

struct Lots(u64);

impl RngCore for Lots {
    fn next_u32(&mut self) -> u32 {
        self.next_u64() as u32
    }

    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        (self.0 ^ (self.0 >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.next_u64() as u8;
        }
    }
}

struct Live {
    endpoint: Endpoint,
    now: Instant,
    /// The call that is up: Call-ID, our tag.
    call: Option<(String, String)>,
    session: Option<SessionId>,
    last: Option<Request>,
    sent: usize,
    accepting: bool,
}

/// Plays the script.
pub fn endpoint(data: &[u8]) -> bool {
    let mut live = Live::with_a_call();
    let mut deep = false;
    for step in split(data).into_iter().take(STEPS) {
        let before = live.sent;
        let (sign, rest) = step.split_first().map_or((b' ', step), |(sign, rest)| (*sign, rest));
        match sign {
            b'>' => live.receive(flow(1), rest),
            b'<' => live.receive(flow(2), rest),
            b'?' => live.receive(flow(3), rest),
            b'!' => live.act(rest),
            _ => live.receive(flow(1), step),
        }
        deep |= live.sent > before;
    }
    live.let_time_pass(Duration::from_secs(900));
    deep
}

/// The steps between lines of `---`.
fn split(data: &[u8]) -> Vec<&[u8]> {
    let mut steps = Vec::new();
    let mut rest = data;
    while let Some(at) = rest.windows(5).position(|window| window == b"\n---\n") {
        steps.push(&rest[..at]);
        rest = &rest[at + 5..];
    }
    steps.push(rest);
    steps
}

fn flow(number: u64) -> Flow {
    let remote: SocketAddr = match number {
        3 => ([203, 0, 113, 9], 5060).into(),
        _ => ([10, 0, 0, 2], 5060).into(),
    };
    let transport = if number == 2 { Transport::Tcp } else { Transport::Udp };
    Flow {
        id: FlowId(number),
        transport,
        local: ([10, 0, 0, 1], 5060).into(),
        remote,
    }
}

impl Live {
    fn with_a_call() -> Live {
        let mut live = Live {
            endpoint: Endpoint::new(EndpointConfig::default(), Box::new(Lots(1))),
            now: Instant::now(),
            call: None,
            session: None,
            last: None,
            sent: 0,
            accepting: true,
        };
        let mut account = AccountConfig::new("sip:alice@10.0.0.2".parse().unwrap());
        account.accept_from_anyone = false;
        live.endpoint.set_account(live.now, LINE, account);
        live.drain();
        live.receive(
            flow(1),
            b"SIP/2.0 200 OK\n%LAST%\nContact: <sip:alice@10.0.0.1:5060>;expires=300\nContent-Length: 0\n\n",
        );
        let invite = format!(
            "INVITE sip:alice@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKup1\r\nMax-Forwards: 70\r\n\
             From: <sip:bob@10.0.0.2>;tag=theirs\r\nTo: <sip:alice@10.0.0.2>\r\nCall-ID: up\r\nCSeq: 1 INVITE\r\n\
             Contact: <sip:bob@10.0.0.2>\r\nSupported: timer\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{}",
            SDP.len(),
            String::from_utf8_lossy(SDP)
        );
        live.receive(flow(1), invite.as_bytes());
        assert!(live.call.is_some(), "no call");
        live.receive(
            flow(1),
            b"ACK %URI% SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKup2\nMax-Forwards: 70\nFrom: <sip:bob@10.0.0.2>;tag=theirs\n\
              To: <sip:alice@10.0.0.2>;tag=%OURS%\nCall-ID: up\nCSeq: 1 ACK\nContent-Length: 0\n\n",
        );
        live
    }

    /// What the person does.
    fn act(&mut self, word: &[u8]) {
        let (now, session) = (self.now, self.session);
        match (word, session) {
            (b"hold", Some(session)) => drop(self.endpoint.reoffer(now, session, SDP.to_vec())),
            (b"hang up", Some(session)) => self.endpoint.hang_up(now, session, None),
            (b"refer", Some(session)) => {
                let target = Uri::parse("sip:carol@10.0.0.2").unwrap();
                drop(self.endpoint.refer(now, session, target));
            }
            (b"only ring", _) => self.accepting = false,
            (b"register", _) => self.endpoint.register_now(now, LINE),
            (b"network", _) => self.endpoint.network_changed(now),
            (b"leave", _) => self.endpoint.remove_account(now, LINE),
            _ => {
                let text = String::from_utf8_lossy(word);
                let seconds = text
                    .strip_prefix("wait ")
                    .and_then(|number| number.trim().parse::<u16>().ok());
                return self.let_time_pass(Duration::from_secs(seconds.unwrap_or(1).into()));
            }
        }
        self.drain();
    }

    fn receive(&mut self, flow: Flow, text: &[u8]) {
        let bytes = self.filled_in(text);
        self.endpoint.handle(self.now, Input::Received { flow, bytes });
        self.drain();
    }

    fn filled_in(&self, text: &[u8]) -> Vec<u8> {
        if !text.contains(&b'%') {
            return text.to_vec();
        }
        let Ok(text) = std::str::from_utf8(text) else {
            return text.to_vec();
        };
        let (call, ours) = self.call.clone().unwrap_or_default();
        let last = self.last.as_ref().map(|request| {
            let repeated = ["Via", "From", "To", "Call-ID", "CSeq"];
            let lines = request
                .headers
                .iter()
                .filter(|header| repeated.contains(&header.name.as_str()));
            lines
                .map(|header| format!("{}: {}\n", header.name, header.value))
                .collect::<String>()
        });
        text.replace("%CALL%", &call)
            .replace("%OURS%", &ours)
            .replace("%THEIRS%", "theirs")
            .replace("%URI%", "sip:alice@10.0.0.1:5060")
            .replace("%LAST%\n", &last.unwrap_or_default())
            .into_bytes()
    }

    /// Does what the endpoint wants, as its owner would.
    fn drain(&mut self) {
        let (mut at_once, mut opened) = (0, 0);
        while let Some(output) = self.endpoint.poll() {
            match output {
                Output::Send { bytes, .. } => {
                    at_once += 1;
                    assert!(at_once <= AT_ONCE, "{at_once} datagrams at once");
                    assert!(bytes.len() <= 65_535);
                    self.note(&bytes);
                }
                Output::Open { route, hop } => {
                    opened += 1;
                    assert!(opened <= AT_ONCE, "{opened} ways asked for at once");
                    let number = if hop.transport == Some(Transport::Tcp) { 2 } else { 1 };
                    let flow = flow(number);
                    self.endpoint.handle(self.now, Input::Opened { route, flow });
                }
                Output::Event(event) => self.hear(event),
                _ => {}
            }
        }
        self.sent += at_once;
    }

    fn note(&mut self, bytes: &[u8]) {
        // Keep-alives aside, whatever we send can be read.
        if bytes.iter().all(|byte| b"\r\n".contains(byte)) {
            return;
        }
        match parse(bytes) {
            Ok(Message::Request(request)) if request.method.as_str() != "ACK" => self.last = Some(request),
            Ok(Message::Request(_)) => {}
            Ok(Message::Response(response)) => {
                let call = response.headers.call_id().zip(response.headers.to());
                if let (None, 200, Some((id, to))) = (&self.call, response.code(), call) {
                    self.call = to.tag().map(|tag| (id.to_owned(), tag.to_owned()));
                }
            }
            Err(error) => {
                // The refusal of a request that was broken itself repeats what is broken.
                assert!(
                    bytes.starts_with(b"SIP/2.0 "),
                    "{error}\n{}",
                    String::from_utf8_lossy(bytes)
                );
            }
        }
    }

    fn hear(&mut self, event: Event) {
        let now = self.now;
        match event {
            Event::Incoming { session, .. } => {
                self.endpoint.ring(now, session);
                if self.accepting {
                    self.endpoint.accept(now, session, SDP.to_vec());
                    self.session.get_or_insert(session);
                }
            }
            Event::OfferWanted { session, .. } => self.endpoint.offer(now, session, SDP.to_vec()),
            Event::Reoffered { session, .. } => self.endpoint.answer_reoffer(now, session, SDP.to_vec()),
            _ => {}
        }
    }

    /// Lets time pass; each wake leaves nothing due, and what goes out meanwhile is bounded.
    fn let_time_pass(&mut self, time: Duration) {
        let (end, before) = (self.now + time, self.sent);
        for wakes in 0.. {
            let Some(next) = self.endpoint.next_wake().filter(|next| *next <= end) else {
                break;
            };
            assert!(wakes < 20_000, "it wakes all the time");
            self.now = next.max(self.now);
            self.endpoint.wake(self.now);
            self.drain();
            assert!(
                self.endpoint.next_wake().is_none_or(|next| next > self.now),
                "something due was not done"
            );
        }
        self.now = end;
        // A call, a registration and STEPS transactions each repeat themselves some ten times and end.
        assert!(
            self.sent - before <= 40 * STEPS + time.as_secs() as usize,
            "{} datagrams in {time:?}",
            self.sent - before
        );
    }
}
