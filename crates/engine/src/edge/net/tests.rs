//! What needs a look inside: connections that end early, bounds, what a changed network closes, and STUN.
use super::connect::{Key, Link};
use super::stream::{DOUBTFUL, IDLE, Life, PONG_DUE};
use super::*;
use parley_sip::stun::{Stun, TransactionId, binding_success, parse};
use tokio::net::{TcpStream, UdpSocket};

fn net() -> Net {
    Net::start(None, None).unwrap()
}

async fn connection() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ours = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (theirs, _) = listener.accept().await.unwrap();
    (ours, theirs)
}

fn raw(route: Option<RouteId>, remote: SocketAddr, stream: TcpStream) -> Raw {
    let connection = Box::new(Connection {
        key: Key::plain(Transport::Tcp, remote),
        link: Link::Tcp(stream),
    });
    Raw::Connected { route, connection }
}

fn opened(told: &[Told]) -> Flow {
    match told {
        [Told::Input(Input::Opened { flow, .. })] => *flow,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_connection_reset_before_it_is_used_still_answers_who_asked_for_it() {
    let (stream, theirs) = connection().await;
    let remote = stream.peer_addr().unwrap();
    // Unread bytes make the system reset the connection instead of closing it.
    stream.try_write(b"hello").unwrap();
    theirs.readable().await.unwrap();
    drop(theirs);
    let _ = stream.ready(tokio::io::Interest::READABLE).await;
    assert!(stream.peer_addr().is_err(), "the connection is reset");
    let route = RouteId(5);
    let told = net().translate(raw(Some(route), remote, stream));
    assert!(
        matches!(told.as_slice(), [Told::Input(Input::OpenFailed { route: answered, .. })] if *answered == route),
        "{told:?}"
    );
}

#[tokio::test]
async fn connections_made_by_others_are_bounded_in_all_and_from_one_address() {
    let (mut net, mut theirs) = (net(), Vec::new());
    for count in 0..ACCEPTED + 64 {
        let (stream, other) = connection().await;
        theirs.push(other);
        let from = SocketAddr::from(([192, 0, 2, u8::try_from(count % 20).unwrap()], 5060));
        net.translate(raw(None, from, stream));
    }
    assert_eq!(net.streams.len(), ACCEPTED);
    let (mut net, mut theirs) = (self::net(), Vec::new());
    for _ in 0..ACCEPTED_FROM_ONE + 5 {
        let (stream, other) = connection().await;
        let remote = stream.peer_addr().unwrap();
        theirs.push(other);
        net.translate(raw(None, remote, stream));
    }
    assert_eq!(net.streams.len(), ACCEPTED_FROM_ONE);
}

#[tokio::test]
async fn two_questions_asked_at_once_share_one_connection_unless_it_is_doubted() {
    let mut net = net();
    let (one, _far_one) = connection().await;
    let remote = one.peer_addr().unwrap();
    let (two, _far_two) = connection().await;
    let first = opened(&net.translate(raw(Some(RouteId(1)), remote, one)));
    let second = opened(&net.translate(raw(Some(RouteId(2)), remote, two)));
    assert_eq!((first.id, net.streams.len()), (second.id, 1));
    // After sleep nobody knows whether it still stands.
    let own = vec![first.local.ip()];
    let told = net.translate(Raw::NetworkChanged { own, slept: true });
    assert!(matches!(told.as_slice(), [Told::NetworkChanged]), "{told:?}");
    let (three, _far_three) = connection().await;
    let third = opened(&net.translate(raw(Some(RouteId(3)), remote, three)));
    assert_ne!(first.id, third.id);
}

#[tokio::test]
async fn flows_of_an_address_that_is_gone_are_closed_and_never_used_again() {
    let mut net = net();
    let remote = "192.0.2.1:5060".parse().unwrap();
    let route = RouteId(1);
    // Not an address of ours; a socket that listens to all of them carries it.
    net.udp.listen("0.0.0.0:0".parse().unwrap()).unwrap();
    let local = "198.51.100.7".parse().unwrap();
    let before = opened(&net.translate(Raw::UdpRoute { route, local, remote }));
    let loopback = "127.0.0.1".parse().unwrap();
    let told = net.translate(Raw::NetworkChanged {
        own: vec![loopback],
        slept: false,
    });
    assert!(
        matches!(told.as_slice(), [Told::Input(Input::Closed { flow, .. }), Told::NetworkChanged] if *flow == before.id),
        "{told:?}"
    );
    assert!(matches!(
        net.send(before.id, b"OPTIONS".to_vec()),
        Some(Input::Closed { flow, .. }) if flow == before.id
    ));
    let after = opened(&net.translate(Raw::UdpRoute { route, local, remote }));
    assert_ne!(before.id, after.id);
}

#[tokio::test]
async fn a_way_that_leaves_by_another_address_is_another_flow() {
    let mut net = net();
    net.udp.listen("0.0.0.0:0".parse().unwrap()).unwrap();
    let (remote, route) = ("192.0.2.1:5060".parse().unwrap(), RouteId(1));
    let mut flow_from = |local: &str| {
        let local = local.parse().unwrap();
        opened(&net.translate(Raw::UdpRoute { route, local, remote }))
    };
    let first = flow_from("198.51.100.7");
    assert_eq!(flow_from("198.51.100.7").id, first.id);
    let moved = flow_from("198.51.100.8");
    assert_ne!(moved.id, first.id);
    assert_eq!(moved.local.ip().to_string(), "198.51.100.8");
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn a_connection_is_doubtful_while_what_was_sent_stays_without_a_word() {
    let start = Instant::now();
    let mut life = Life::new(start);
    assert!(!life.is_doubtful(start + seconds(100)), "nothing was asked");
    life.sent(start);
    life.sent(start + seconds(8));
    assert!(!life.is_doubtful(start + DOUBTFUL - seconds(1)));
    assert!(life.is_doubtful(start + DOUBTFUL));
    life.heard(start + seconds(11));
    assert!(!life.is_doubtful(start + seconds(100)));
    life.doubt();
    assert!(life.is_doubtful(start + seconds(100)));
}

#[test]
fn only_a_far_end_that_used_to_answer_is_given_up_for_its_silence() {
    let start = Instant::now();
    let mut life = Life::new(start);
    life.sent(start);
    assert_eq!(life.end(start + seconds(300)), None);
    life.ponged();
    assert_eq!(life.end(start + seconds(300)), None, "no answer is due to an answer");
    life.pinged(start);
    life.pinged(start + seconds(5));
    assert_eq!(life.end(start + PONG_DUE - seconds(1)), None);
    assert_eq!(life.end(start + PONG_DUE), Some(TransportError::TimedOut));
    life.heard(start + PONG_DUE);
    assert_eq!(life.end(start + seconds(300)), None);
}

#[test]
fn a_connection_nobody_uses_ends() {
    let start = Instant::now();
    let mut life = Life::new(start);
    assert_eq!(life.end(start + IDLE - seconds(1)), None);
    assert_eq!(life.end(start + IDLE), Some(TransportError::Closed));
    life.sent(start + seconds(500));
    assert_eq!(life.end(start + IDLE), None);
}

/// A flow to a server of which the test says every word.
async fn flow_to_server(net: &mut Net) -> (FlowId, UdpSocket) {
    let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let (route, remote) = (RouteId(1), server.local_addr().unwrap());
    let local = remote.ip();
    (
        opened(&net.translate(Raw::UdpRoute { route, local, remote })).id,
        server,
    )
}

async fn heard(server: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = [0; 2048];
    let heard = tokio::time::timeout(seconds(20), server.recv_from(&mut buffer)).await;
    let (length, from) = heard.expect("nothing is heard").unwrap();
    (buffer[..length].to_vec(), from)
}

/// The next STUN question; line ends before it are passed over.
async fn question(server: &UdpSocket) -> (TransactionId, SocketAddr) {
    loop {
        let (bytes, from) = heard(server).await;
        if let Some(Stun::BindingRequest { id }) = parse(&bytes) {
            return (id, from);
        }
        assert_eq!(bytes, KEEP_ALIVE);
    }
}

async fn next(net: &mut Net) -> Vec<Told> {
    let raw = tokio::time::timeout(seconds(20), net.next())
        .await
        .expect("nothing happens");
    net.translate(raw.unwrap())
}

/// The server answered once, so that it is asked from now on.
async fn answers_stun(net: &mut Net, flow: FlowId, server: &UdpSocket) -> SocketAddr {
    assert!(net.send(flow, KEEP_ALIVE.to_vec()).is_none());
    let (id, from) = question(server).await;
    server.send_to(&binding_success(&id, from), from).await.unwrap();
    assert!(next(net).await.is_empty());
    // Another line on the same flow needs no question of its own.
    assert!(net.send(flow, KEEP_ALIVE.to_vec()).is_none());
    net.stun.grow_old();
    from
}

#[tokio::test]
async fn a_server_that_answers_stun_is_asked_in_place_of_the_line_end() {
    let mut net = net();
    let (flow, server) = flow_to_server(&mut net).await;
    answers_stun(&mut net, flow, &server).await;
    for _ in 0..3 {
        assert!(net.send(flow, KEEP_ALIVE.to_vec()).is_none());
        let (bytes, from) = loop {
            let (bytes, from) = heard(&server).await;
            // The very first keep-alive went both ways.
            if bytes != KEEP_ALIVE {
                break (bytes, from);
            }
        };
        let Some(Stun::BindingRequest { id }) = parse(&bytes) else {
            panic!("{bytes:?}")
        };
        server.send_to(&binding_success(&id, from), from).await.unwrap();
        assert!(next(&mut net).await.is_empty(), "the same address is no news");
        net.stun.grow_old();
    }
}

#[tokio::test]
async fn another_address_seen_by_the_server_is_the_end_of_the_flow() {
    let mut net = net();
    let (flow, server) = flow_to_server(&mut net).await;
    answers_stun(&mut net, flow, &server).await;
    net.send(flow, KEEP_ALIVE.to_vec());
    let (id, from) = question(&server).await;
    // Nobody else can say so.
    let other = SocketAddr::new(from.ip(), from.port().wrapping_add(1));
    server.send_to(&binding_success(&[7; 12], other), from).await.unwrap();
    assert!(next(&mut net).await.is_empty());
    server.send_to(&binding_success(&id, other), from).await.unwrap();
    let told = next(&mut net).await;
    assert!(
        matches!(told.as_slice(), [Told::Input(Input::Closed { flow: closed, .. })] if *closed == flow),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_server_that_falls_silent_is_the_end_of_the_flow_after_four_questions() {
    let mut net = net();
    let (flow, server) = flow_to_server(&mut net).await;
    answers_stun(&mut net, flow, &server).await;
    net.send(flow, KEEP_ALIVE.to_vec());
    let first = question(&server).await;
    for _ in 0..3 {
        assert_eq!(question(&server).await, first);
    }
    let told = next(&mut net).await;
    assert!(
        matches!(
            told.as_slice(),
            [Told::Input(Input::Closed {
                flow: closed,
                why: TransportError::TimedOut
            })] if *closed == flow
        ),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_server_without_stun_gets_line_ends_and_is_not_asked_again() {
    let mut net = net();
    let (flow, server) = flow_to_server(&mut net).await;
    net.send(flow, KEEP_ALIVE.to_vec());
    let (first, _) = question(&server).await;
    assert!(next(&mut net).await.is_empty(), "no answer changes nothing");
    for _ in 0..3 {
        net.send(flow, KEEP_ALIVE.to_vec());
    }
    net.send(flow, b"OPTIONS".to_vec());
    let mut line_ends = 0;
    loop {
        match heard(&server).await.0 {
            bytes if bytes == KEEP_ALIVE => line_ends += 1,
            bytes if bytes == b"OPTIONS" => break,
            bytes => assert_eq!(parse(&bytes), Some(Stun::BindingRequest { id: first }), "repeated"),
        }
    }
    assert!(line_ends >= 3, "{line_ends}");
}
