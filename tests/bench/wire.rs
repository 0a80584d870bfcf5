//! The measuring hand: registrar, caller and RTP sender over UDP.
use crate::peers::Peer;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

pub const REGISTRAR: &str = "10.77.0.1";
pub const POP_PORT: u16 = 7999;
const PATIENCE: Duration = Duration::from_secs(10);
const PACKET: Duration = Duration::from_millis(20);

pub struct Wire {
    sip: UdpSocket,
    rtp: UdpSocket,
    pop: UdpSocket,
    contact: Option<(SocketAddr, String)>,
    calls: u32,
}

/// An RTP packet of G.711 µ-law.
pub struct Packet {
    pub sequence: u16,
    pub timestamp: u32,
    pub payload: Vec<u8>,
}

impl Packet {
    fn read(datagram: &[u8]) -> Option<Packet> {
        match datagram {
            [0x80, kind, a, b, c, d, e, f, _, _, _, _, payload @ ..] if kind & 0x7f == 0 => Some(Packet {
                sequence: u16::from_be_bytes([*a, *b]),
                timestamp: u32::from_be_bytes([*c, *d, *e, *f]),
                payload: payload.to_vec(),
            }),
            _ => None,
        }
    }
}

struct Call {
    number: u32,
    to: String,
    rtp: Option<SocketAddr>,
}

impl Wire {
    pub fn listen() -> Wire {
        let bind = |port| {
            let socket = UdpSocket::bind((REGISTRAR, port)).unwrap();
            socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
            socket
        };
        Wire {
            sip: bind(5060),
            rtp: bind(0),
            pop: bind(POP_PORT),
            contact: None,
            calls: 0,
        }
    }

    /// From the start of the process to the moment its registration was confirmed.
    pub fn registered(&mut self, peer: &Peer) -> Duration {
        self.wait_for_registration();
        peer.started.elapsed()
    }

    /// Waits for a REGISTER and confirms it.
    pub fn wait_for_registration(&mut self) {
        assert!(self.registers_within(PATIENCE), "the phone did not register");
    }

    /// Whether a REGISTER comes in this time; it is confirmed.
    pub fn registers_within(&mut self, time: Duration) -> bool {
        self.contact = None;
        let end = Instant::now() + time;
        while self.contact.is_none() && Instant::now() < end {
            self.serve();
        }
        self.contact.is_some()
    }

    /// Answers what comes by itself for this long.
    pub fn quiet(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while Instant::now() < end {
            self.serve();
        }
    }

    /// From INVITE to 180.
    pub fn ring_and_cancel(&mut self) -> Duration {
        let (call, begin) = self.invite();
        self.expect("SIP/2.0 18");
        let time = begin.elapsed();
        self.cancel(&call);
        time
    }

    /// From INVITE to the first breath of the program that the screen pop starts.
    pub fn pop_and_cancel(&mut self) -> Duration {
        while self.pop.recv(&mut [0; 100]).is_ok() {}
        let (call, begin) = self.invite();
        let end = Instant::now() + PATIENCE;
        while self.pop.recv(&mut [0; 100]).is_err() {
            assert!(Instant::now() < end, "no pop");
        }
        let time = begin.elapsed();
        self.cancel(&call);
        time
    }

    /// From 200 to the first RTP packet.
    pub fn answer_and_hang_up(&mut self) -> Duration {
        while self.rtp.recv(&mut [0; 2000]).is_ok() {}
        let (mut call, _) = self.invite();
        let begin = self.answered(&mut call);
        let end = begin + PATIENCE;
        while self.rtp.recv(&mut [0; 2000]).is_err() {
            assert!(Instant::now() < end, "no RTP");
        }
        let time = begin.elapsed();
        self.bye(&call);
        time
    }

    /// A call in which this side sends a packet each 20 ms while `measure` runs its steps.
    pub fn talk<T>(&mut self, measure: impl FnOnce(&mut dyn FnMut()) -> T) -> T {
        let (mut call, _) = self.invite();
        self.answered(&mut call);
        let to = call.rtp.unwrap();
        let (mut sequence, mut due) = (0u16, Instant::now());
        let rtp = &self.rtp;
        rtp.set_nonblocking(true).unwrap();
        let measured = measure(&mut || {
            if let Some(left) = due.checked_duration_since(Instant::now()) {
                std::thread::sleep(left);
            }
            due += PACKET;
            let mut packet = vec![0x80, 0];
            packet.extend(sequence.to_be_bytes());
            packet.extend((u32::from(sequence) * 160).to_be_bytes());
            packet.extend(77u32.to_be_bytes());
            packet.extend((0..160).map(|n| if n % 8 < 4 { 0x90 } else { 0x10 }));
            sequence = sequence.wrapping_add(1);
            let _ = rtp.send_to(&packet, to);
            while rtp.recv(&mut [0; 2000]).is_ok() {}
        });
        self.rtp.set_nonblocking(false).unwrap();
        self.bye(&call);
        measured
    }

    /// A call in which each of these payloads of G.711 goes out when it is due, counted from the answer. Gives the RTP that came back,
    /// with when it came.
    pub fn say(&mut self, packets: &[(Duration, Packet)]) -> Vec<(Duration, Packet)> {
        while self.rtp.recv(&mut [0; 2000]).is_ok() {}
        let (mut call, _) = self.invite();
        let begin = self.answered(&mut call);
        let (to, mut heard, mut buffer) = (call.rtp.unwrap(), Vec::new(), [0; 2000]);
        let last = packets.last().map_or(Duration::ZERO, |(due, _)| *due) + Duration::from_millis(400);
        let mut rest = packets.iter().peekable();
        while begin.elapsed() < last {
            while let Some((_, packet)) = rest.next_if(|(due, _)| *due <= begin.elapsed()) {
                let mut datagram = vec![0x80, 0];
                datagram.extend(packet.sequence.to_be_bytes());
                datagram.extend(packet.timestamp.to_be_bytes());
                datagram.extend(77u32.to_be_bytes());
                datagram.extend(&packet.payload);
                let _ = self.rtp.send_to(&datagram, to);
            }
            let wait = rest
                .peek()
                .map_or(last, |(due, _)| *due)
                .saturating_sub(begin.elapsed());
            let _ = self.rtp.set_read_timeout(Some(wait.max(Duration::from_micros(200))));
            if let Ok(length) = self.rtp.recv(&mut buffer)
                && let Some(packet) = Packet::read(&buffer[..length])
            {
                heard.push((begin.elapsed(), packet));
            }
        }
        self.rtp.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        self.bye(&call);
        heard
    }

    fn answered(&mut self, call: &mut Call) -> Instant {
        let answer = self.expect("SIP/2.0 200");
        let begin = Instant::now();
        call.to = header(&answer, "To");
        let port = answer
            .split("m=audio ")
            .nth(1)
            .unwrap()
            .split(' ')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        let ip = answer
            .split("c=IN IP4 ")
            .nth(1)
            .unwrap()
            .split_whitespace()
            .next()
            .unwrap();
        call.rtp = Some(SocketAddr::new(ip.parse().unwrap(), port));
        self.request(call, "ACK", 1, "");
        begin
    }

    fn bye(&mut self, call: &Call) {
        self.request(call, "BYE", 2, "");
        self.expect("SIP/2.0 200");
    }

    fn cancel(&mut self, call: &Call) {
        self.request(call, "CANCEL", 1, "");
        let refusal = self.expect("SIP/2.0 487");
        let ended = Call {
            number: call.number,
            to: header(&refusal, "To"),
            rtp: None,
        };
        self.request(&ended, "ACK", 1, "");
    }

    fn invite(&mut self) -> (Call, Instant) {
        self.calls += 1;
        let call = Call {
            number: self.calls,
            to: "<sip:bench@10.77.0.1>".to_owned(),
            rtp: None,
        };
        let port = self.rtp.local_addr().unwrap().port();
        let body = format!(
            "v=0\r\no=b 1 1 IN IP4 {REGISTRAR}\r\ns=-\r\nc=IN IP4 {REGISTRAR}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
        );
        let begin = Instant::now();
        self.request(&call, "INVITE", 1, &body);
        (call, begin)
    }

    fn request(&self, call: &Call, method: &str, sequence: u32, body: &str) {
        let (address, target) = self.contact.as_ref().unwrap();
        let branch = if method == "CANCEL" { "INVITE" } else { method };
        let kind = if body.is_empty() {
            ""
        } else {
            "Content-Type: application/sdp\r\n"
        };
        let text = format!(
            "{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP {REGISTRAR}:5060;branch=z9hG4bK{branch}{n}\r\nFrom: <sip:hand@{REGISTRAR}>;tag=h{n}\r\n\
             To: {}\r\nCall-ID: bench{n}\r\nCSeq: {sequence} {method}\r\nContact: <sip:hand@{REGISTRAR}:5060>\r\nMax-Forwards: 70\r\n{kind}\
             Content-Length: {}\r\n\r\n{body}",
            call.to,
            body.len(),
            n = call.number,
        );
        self.sip.send_to(text.as_bytes(), address).unwrap();
    }

    /// Waits for a response that begins like this; answers requests meanwhile.
    fn expect(&mut self, begin: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < end, "no {begin}");
            if let Some(text) = self.serve().filter(|text| text.starts_with(begin)) {
                return text;
            }
        }
    }

    /// Takes one datagram: answers a request, gives a response.
    fn serve(&mut self) -> Option<String> {
        let mut buffer = [0; 65_536];
        let (length, from) = self.sip.recv_from(&mut buffer).ok()?;
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        if text.starts_with("SIP/2.0") {
            return Some(text);
        }
        if text.starts_with("ACK") || text.trim().is_empty() {
            return None;
        }
        let contact = header(&text, "Contact");
        let mut answer = "SIP/2.0 200 OK\r\n".to_owned();
        for line in text.lines().filter(|line| {
            ["Via:", "From:", "Call-ID:", "CSeq:"]
                .iter()
                .any(|name| line.starts_with(name))
        }) {
            answer += &format!("{line}\r\n");
        }
        answer += &format!("To: {};tag=hand\r\n", header(&text, "To"));
        if text.starts_with("REGISTER") && !contact.is_empty() {
            let expires = if contact.contains("expires=") {
                ""
            } else {
                ";expires=3600"
            };
            answer += &format!("Contact: {contact}{expires}\r\n");
        }
        answer += "Content-Length: 0\r\n\r\n";
        self.sip.send_to(answer.as_bytes(), from).unwrap();
        if text.starts_with("REGISTER") && !contact.contains("expires=0") && !text.contains("Expires: 0\r") {
            let target = contact.split('<').nth(1)?.split('>').next()?.to_owned();
            self.contact = Some((from, target));
        }
        None
    }
}

fn header(text: &str, name: &str) -> String {
    let begin = format!("{name}: ");
    text.lines()
        .find_map(|line| line.strip_prefix(&begin))
        .unwrap_or_default()
        .trim()
        .to_owned()
}
