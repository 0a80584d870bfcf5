//! The exchange on real sockets. Waits are bounded by time-outs on reads.
#![allow(clippy::unwrap_used, missing_docs)]
mod town;
use parley_exchange::{Exchange, ExchangeConfig, LineTimes, Peer, PeerTransport};
use parley_sip::framing::{Frame, StreamDecoder};
use parley_sip::sdp::Sdp;
use parley_sip::{Message, Method, Request, Response, parse};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};
use town::{authorized, inside, town};

const PATIENCE: Duration = Duration::from_secs(10);

fn exchange() -> Exchange {
    let times = LineTimes {
        ring: Duration::from_millis(50),
        ..LineTimes::default()
    };
    Exchange::start(ExchangeConfig {
        times,
        ..ExchangeConfig::default()
    })
    .unwrap()
}

enum Wire {
    Udp(UdpSocket, SocketAddr),
    Tcp(TcpStream, StreamDecoder),
}

impl Wire {
    fn udp(to: SocketAddr) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self::Udp(socket, to)
    }

    fn tcp(to: SocketAddr) -> Self {
        let stream = TcpStream::connect(to).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self::Tcp(stream, StreamDecoder::new())
    }

    fn peer(&self) -> Peer {
        let (transport, local) = match self {
            Self::Udp(socket, _) => (PeerTransport::Udp, socket.local_addr().unwrap()),
            Self::Tcp(stream, _) => (PeerTransport::Tcp, stream.local_addr().unwrap()),
        };
        let SocketAddr::V4(remote) = local else { unreachable!() };
        Peer { transport, remote }
    }

    fn send(&mut self, request: &Request) {
        match self {
            Self::Udp(socket, to) => drop(socket.send_to(&request.to_bytes(), *to).unwrap()),
            Self::Tcp(stream, _) => stream.write_all(&request.to_bytes()).unwrap(),
        }
    }

    fn next(&mut self) -> Message {
        let mut buffer = [0; 65_536];
        match self {
            Self::Udp(socket, _) => {
                let length = socket.recv(&mut buffer).unwrap();
                parse(&buffer[..length]).unwrap()
            }
            Self::Tcp(stream, decoder) => loop {
                if let Some(Frame::Message(bytes)) = decoder.next().unwrap() {
                    return parse(&bytes).unwrap();
                }
                let length = stream.read(&mut buffer).unwrap();
                assert_ne!(length, 0, "closed");
                decoder.push(&buffer[..length]);
            },
        }
    }

    /// The first answer with this code; others before it are skipped.
    fn response(&mut self, code: u16) -> Response {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if let Message::Response(response) = self.next()
                && response.code() == code
            {
                return response;
            }
        }
        panic!("no {code}");
    }
}

fn echo_over(mut wire: Wire) {
    let mut town = town();
    let peer = wire.peer();
    let register = town.request(Method::Register, "100", "100", peer);
    wire.send(&register);
    let challenged = wire.response(401);
    wire.send(&authorized(
        &register,
        &challenged,
        "100",
        "practice-100",
        "Authorization",
        "WWW-Authenticate",
    ));
    wire.response(200);

    let rtp = UdpSocket::bind("127.0.0.1:0").unwrap();
    rtp.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut invite = town.request(Method::Invite, "100", "600", peer);
    let port = rtp.local_addr().unwrap().port();
    let offer = String::from_utf8(invite.body.clone())
        .unwrap()
        .replace("30000", &port.to_string());
    invite.body = offer.into_bytes();
    wire.send(&invite);
    wire.response(180);
    let ok = wire.response(200);
    wire.send(&inside(&invite, &ok, Method::Ack, 1));

    let far = SocketAddr::from(([127, 0, 0, 1], Sdp::parse(&ok.body).unwrap().media[0].port));
    for number in 0..50u8 {
        let mut packet = vec![0x80, 0, 0, number, 0, 0, number, 0, 1, 2, 3, 4];
        packet.extend([number; 160]);
        rtp.send_to(&packet, far).unwrap();
        let mut back = [0; 2000];
        let length = rtp.recv(&mut back).unwrap();
        assert_eq!(&back[12..length], &packet[12..], "packet {number}");
        assert_ne!(&back[8..12], &packet[8..12], "its own source");
    }

    wire.send(&inside(&invite, &ok, Method::Bye, 2));
    wire.response(200);
}

#[test]
fn a_phone_registers_calls_the_echo_and_hears_itself_over_udp() {
    let exchange = exchange();
    echo_over(Wire::udp(exchange.address()));
    exchange.stop();
}

#[test]
fn a_phone_registers_calls_the_echo_and_hears_itself_over_tcp() {
    let exchange = exchange();
    echo_over(Wire::tcp(exchange.address()));
    exchange.stop();
}

#[test]
fn it_listens_on_loopback_only_and_frees_its_port() {
    let config = ExchangeConfig {
        listen: "0.0.0.0:0".parse().unwrap(),
        ..ExchangeConfig::default()
    };
    assert!(Exchange::start(config).is_err());
    let exchange = exchange();
    let SocketAddr::V4(address) = exchange.address() else {
        unreachable!()
    };
    exchange.stop();
    let again = Exchange::start(ExchangeConfig {
        listen: address,
        ..ExchangeConfig::default()
    });
    assert!(again.is_ok(), "{again:?}");
}

#[test]
fn the_announcement_comes_in_packets_of_20_ms() {
    let exchange = exchange();
    let mut wire = Wire::udp(exchange.address());
    let mut town = town();
    let peer = wire.peer();
    let register = town.request(Method::Register, "100", "100", peer);
    wire.send(&register);
    let challenged = wire.response(401);
    wire.send(&authorized(
        &register,
        &challenged,
        "100",
        "practice-100",
        "Authorization",
        "WWW-Authenticate",
    ));
    wire.response(200);
    let rtp = UdpSocket::bind("127.0.0.1:0").unwrap();
    rtp.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut invite = town.request(Method::Invite, "100", "602", peer);
    let port = rtp.local_addr().unwrap().port();
    invite.body = String::from_utf8(invite.body.clone())
        .unwrap()
        .replace("30000", &port.to_string())
        .into_bytes();
    wire.send(&invite);
    let ok = wire.response(200);
    wire.send(&inside(&invite, &ok, Method::Ack, 1));
    let mut packet = [0; 2000];
    let begin = Instant::now();
    let mut last = None;
    for _ in 0..50 {
        let length = rtp.recv(&mut packet).unwrap();
        assert_eq!(length, 172);
        let timestamp = u32::from_be_bytes(packet[4..8].try_into().unwrap());
        if let Some(before) = last.replace(timestamp) {
            assert_eq!(timestamp.wrapping_sub(before), 160);
        }
    }
    let took = begin.elapsed();
    assert!(
        took >= Duration::from_millis(900),
        "fifty packets in {took:?}: not paced"
    );
}
