//! TCP: a reading and a writing task for each connection, with a bounded queue between the actor and the wire.
use super::{Raw, Resolver, transport_error};
use parley_sip::Transport;
use parley_sip::endpoint::{Flow, FlowId, NextHop, RouteId, TransportError};
use parley_sip::framing::{Frame, PONG, StreamDecoder};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, tcp};
use tokio::sync::mpsc;

/// Messages waiting to be written, at most; a far end that reads nothing is given up.
const QUEUE: usize = 256;
/// How long one address may take to answer.
const CONNECT: Duration = Duration::from_secs(5);
/// How long one write may take.
const WRITE: Duration = Duration::from_secs(20);

/// After so long without a word a connection is not given to new requests: a network that changed takes connections away
/// without telling, and the system notices after a quarter of an hour.
const DOUBTFUL: Duration = Duration::from_secs(10);
/// A far end that used to answer keep-alives (RFC 5626 section 3.5.1) and is silent for so long is gone; we ask each 25 s.
const GONE: Duration = Duration::from_secs(45);
/// How often that is looked at.
const GLANCE: Duration = Duration::from_secs(10);

/// What is known of the other end's life.
#[derive(Debug, Default)]
struct Life {
    /// When something was sent first since it was heard last.
    unheard_since: Option<Instant>,
    /// It answers keep-alives.
    ponged: bool,
}

impl Life {
    fn sent(&mut self, now: Instant) {
        self.unheard_since.get_or_insert(now);
    }

    fn heard(&mut self) {
        self.unheard_since = None;
    }

    fn is_silent_for(&self, time: Duration, now: Instant) -> bool {
        self.unheard_since
            .is_some_and(|since| now.saturating_duration_since(since) >= time)
    }

    fn is_gone(&self, now: Instant) -> bool {
        self.ponged && self.is_silent_for(GONE, now)
    }
}

type SharedLife = Arc<Mutex<Life>>;

fn with<T>(life: &SharedLife, act: impl FnOnce(&mut Life) -> T) -> T {
    act(&mut life.lock().unwrap_or_else(PoisonError::into_inner))
}

/// One connection.
pub(crate) struct Stream {
    pub remote: SocketAddr,
    local: SocketAddr,
    queue: mpsc::Sender<Vec<u8>>,
    life: SharedLife,
    tasks: [tokio::task::AbortHandle; 2],
}

impl Stream {
    /// Starts its tasks.
    pub fn run(
        flow: FlowId,
        stream: TcpStream,
        remote: SocketAddr,
        local: SocketAddr,
        reports: mpsc::Sender<Raw>,
    ) -> Self {
        let _ = stream.set_nodelay(true);
        let (reader, writer) = stream.into_split();
        let (queue, waiting) = mpsc::channel(QUEUE);
        let life = SharedLife::default();
        let read = tokio::spawn(read(flow, reader, queue.clone(), Arc::clone(&life), reports.clone())).abort_handle();
        let write = tokio::spawn(write(flow, writer, waiting, reports)).abort_handle();
        Self {
            remote,
            local,
            queue,
            life,
            tasks: [read, write],
        }
    }

    /// As the SIP endpoint knows it.
    pub fn flow(&self, id: FlowId) -> Flow {
        Flow {
            id,
            transport: Transport::Tcp,
            local: self.local,
            remote: self.remote,
        }
    }

    /// Queues a message.
    pub fn send(&self, bytes: Vec<u8>) -> Result<(), TransportError> {
        with(&self.life, |life| life.sent(Instant::now()));
        self.queue.try_send(bytes).map_err(|_| TransportError::Closed)
    }

    /// Whether the far end has left what we sent without a word: better not to rely on this connection.
    pub fn is_doubtful(&self, now: Instant) -> bool {
        with(&self.life, |life| life.is_silent_for(DOUBTFUL, now))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Finds the server and connects, or reuses a connection to it.
pub(crate) async fn find_route(
    route: RouteId,
    hop: NextHop,
    resolver: Arc<dyn Resolver>,
    open: Vec<SocketAddr>,
    reports: mpsc::Sender<Raw>,
) {
    let report = match resolver.find(&hop).await {
        Err(why) => Raw::Failed { route, why },
        Ok(addresses) => match addresses.iter().find(|address| open.contains(address)) {
            Some(remote) => Raw::Reuse { route, remote: *remote },
            None => connect(route, &addresses).await,
        },
    };
    let _ = reports.send(report).await;
}

async fn connect(route: RouteId, addresses: &[SocketAddr]) -> Raw {
    let mut why = TransportError::NoSuchHost;
    // Two addresses within ten seconds: a person waits.
    for address in addresses.iter().take(2) {
        match tokio::time::timeout(CONNECT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                return Raw::Connected {
                    route: Some(route),
                    stream,
                };
            }
            Ok(Err(error)) => why = transport_error(&error),
            Err(_) => why = TransportError::TimedOut,
        }
    }
    Raw::Failed { route, why }
}

/// Takes connections in.
pub(crate) async fn accept(listener: TcpListener, reports: mpsc::Sender<Raw>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                if reports.send(Raw::Connected { route: None, stream }).await.is_err() {
                    return;
                }
            }
            Err(why) => {
                log::warn!("a connection could not be accepted: {why}");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
        if reports.is_closed() {
            return;
        }
    }
}

async fn read(
    flow: FlowId,
    mut reader: tcp::OwnedReadHalf,
    answers: mpsc::Sender<Vec<u8>>,
    life: SharedLife,
    reports: mpsc::Sender<Raw>,
) {
    let mut decoder = StreamDecoder::new();
    let mut buffer = vec![0; 16 * 1024];
    let why = 'connection: loop {
        let length = match tokio::time::timeout(GLANCE, reader.read(&mut buffer)).await {
            Ok(Ok(0)) => break TransportError::Closed,
            Ok(Ok(length)) => length,
            Ok(Err(error)) => break transport_error(&error),
            Err(_) if with(&life, |life| life.is_gone(Instant::now())) => break TransportError::TimedOut,
            Err(_) => continue,
        };
        with(&life, Life::heard);
        decoder.push(buffer.get(..length).unwrap_or_default());
        loop {
            match decoder.next() {
                Ok(None) => break,
                Ok(Some(Frame::Message(bytes))) => {
                    if reports.send(Raw::Message { flow, bytes }).await.is_err() {
                        return;
                    }
                }
                Ok(Some(Frame::Ping)) => {
                    let _ = answers.try_send(PONG.to_vec());
                }
                Ok(Some(Frame::Pong)) => with(&life, |life| life.ponged = true),
                Err(error) => {
                    log::warn!("a connection is closed: {error}");
                    // The head can be answered (RFC 3261 section 18.3), if the endpoint can make sense of it.
                    if let Some(head) = error.head {
                        let _ = reports.send(Raw::Message { flow, bytes: head }).await;
                        tokio::time::sleep(Duration::from_millis(200)).await;
                    }
                    break 'connection TransportError::Closed;
                }
            }
        }
    };
    let _ = reports.send(Raw::Closed { flow, why }).await;
}

async fn write(
    flow: FlowId,
    mut writer: tcp::OwnedWriteHalf,
    mut waiting: mpsc::Receiver<Vec<u8>>,
    reports: mpsc::Sender<Raw>,
) {
    while let Some(bytes) = waiting.recv().await {
        let why = match tokio::time::timeout(WRITE, writer.write_all(&bytes)).await {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => transport_error(&error),
            Err(_) => TransportError::TimedOut,
        };
        let _ = reports.send(Raw::Closed { flow, why }).await;
        return;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_connection_is_doubtful_while_what_was_sent_stays_without_a_word() {
        let (start, mut life) = (Instant::now(), Life::default());
        assert!(!life.is_silent_for(DOUBTFUL, start + seconds(100)), "nothing was asked");
        life.sent(start);
        life.sent(start + seconds(8));
        assert!(!life.is_silent_for(DOUBTFUL, start + seconds(9)));
        assert!(life.is_silent_for(DOUBTFUL, start + seconds(10)));
        life.heard();
        assert!(!life.is_silent_for(DOUBTFUL, start + seconds(100)));
    }

    #[test]
    fn only_a_far_end_that_used_to_answer_is_given_up_for_its_silence() {
        let (start, mut life) = (Instant::now(), Life::default());
        life.sent(start);
        assert!(!life.is_gone(start + seconds(300)));
        life.ponged = true;
        assert!(!life.is_gone(start + seconds(40)));
        assert!(life.is_gone(start + seconds(45)));
        life.heard();
        assert!(!life.is_gone(start + seconds(300)));
    }
}
