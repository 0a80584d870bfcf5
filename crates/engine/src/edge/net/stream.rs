//! Connections: a reading and a writing task for each, with a bounded queue between the actor and the wire.
use super::connect::{Connection, Key, Link};
use super::{Raw, transport_error, ws};
use parley_sip::endpoint::{Flow, FlowId, TransportError};
use parley_sip::framing::{Frame, PING, PONG, StreamDecoder};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::timeout;

/// Messages waiting to be written, at most; a far end that reads nothing is given up.
const QUEUE: usize = 256;
/// How long one write may take.
pub(super) const WRITE: Duration = Duration::from_secs(20);
/// How much is read at a time.
const READ: usize = 16 * 1024;

/// After so long without a word a connection is not given to new requests: a network that changed takes connections away
/// without telling, and the system notices after a quarter of an hour.
pub(super) const DOUBTFUL: Duration = Duration::from_secs(10);
/// A far end that used to answer keep-alives and leaves one unanswered for so long is gone (RFC 5626 section 4.4.1).
pub(super) const PONG_DUE: Duration = Duration::from_secs(10);
/// How often that is looked at.
pub(super) const GLANCE: Duration = Duration::from_secs(2);
/// A connection on which nothing goes either way for so long serves no account and no call: those keep theirs alive.
pub(super) const IDLE: Duration = Duration::from_secs(600);

/// What is known of the other end's life.
#[derive(Debug)]
pub(super) struct Life {
    /// When something was sent first since it was heard last.
    unheard_since: Option<Instant>,
    /// When something went either way.
    last: Instant,
    /// When a keep-alive was sent first since it was heard last.
    pinged: Option<Instant>,
    /// It answers keep-alives.
    ponged: bool,
    /// The computer slept since.
    doubted: bool,
}

impl Life {
    pub fn new(now: Instant) -> Self {
        Self {
            unheard_since: None,
            last: now,
            pinged: None,
            ponged: false,
            doubted: false,
        }
    }

    pub fn sent(&mut self, now: Instant) {
        self.last = now;
        self.unheard_since.get_or_insert(now);
    }

    pub fn pinged(&mut self, now: Instant) {
        self.pinged.get_or_insert(now);
    }

    pub fn heard(&mut self, now: Instant) {
        self.pinged = None;
        self.last = now;
        self.unheard_since = None;
        self.doubted = false;
    }

    pub fn ponged(&mut self) {
        self.ponged = true;
    }

    fn is_silent_for(&self, time: Duration, now: Instant) -> bool {
        self.unheard_since
            .is_some_and(|since| now.saturating_duration_since(since) >= time)
    }

    pub fn is_doubtful(&self, now: Instant) -> bool {
        self.doubted || self.is_silent_for(DOUBTFUL, now)
    }

    /// Why the connection is over, if it is.
    pub fn end(&self, now: Instant) -> Option<TransportError> {
        let unanswered = self.pinged.map(|at| now.saturating_duration_since(at));
        if self.ponged && unanswered.is_some_and(|since| since >= PONG_DUE) {
            Some(TransportError::TimedOut)
        } else if now.saturating_duration_since(self.last) >= IDLE {
            Some(TransportError::Closed)
        } else {
            None
        }
    }

    #[cfg(test)]
    pub fn doubt(&mut self) {
        self.doubted = true;
    }
}

pub(super) type SharedLife = Arc<Mutex<Life>>;

pub(super) fn with<T>(life: &SharedLife, act: impl FnOnce(&mut Life) -> T) -> T {
    act(&mut life.lock().unwrap_or_else(PoisonError::into_inner))
}

/// One connection.
pub(crate) struct Stream {
    pub key: Key,
    local: SocketAddr,
    queue: mpsc::Sender<Vec<u8>>,
    life: SharedLife,
    tasks: [AbortHandle; 2],
}

/// What both tasks of a connection need.
pub(super) struct Ends {
    pub flow: FlowId,
    pub life: SharedLife,
    pub reports: mpsc::Sender<Raw>,
    /// For answers to keep-alives.
    pub answers: mpsc::Sender<Vec<u8>>,
}

impl Stream {
    /// Starts its tasks; `None` when the connection is over already.
    pub fn run(flow: FlowId, connection: Connection, reports: mpsc::Sender<Raw>) -> Option<Self> {
        let Connection { key, link } = connection;
        let local = link.local()?;
        let (queue, waiting) = mpsc::channel(QUEUE);
        let life = Arc::new(Mutex::new(Life::new(Instant::now())));
        let ends = Ends {
            flow,
            life: Arc::clone(&life),
            reports: reports.clone(),
            answers: queue.clone(),
        };
        let tasks = match link {
            Link::Tcp(tcp) => {
                let (reader, writer) = tcp.into_split();
                start(read(ends, reader), write(flow, writer, waiting, reports))
            }
            Link::Tls(tls) => {
                let (reader, writer) = tokio::io::split(*tls);
                start(read(ends, reader), write(flow, writer, waiting, reports))
            }
            Link::Ws(socket) => {
                let (writer, reader) = futures_util::StreamExt::split(*socket);
                start(ws::read(ends, reader), ws::write(flow, writer, waiting, reports))
            }
            Link::Wss(socket) => {
                let (writer, reader) = futures_util::StreamExt::split(*socket);
                start(ws::read(ends, reader), ws::write(flow, writer, waiting, reports))
            }
        };
        Some(Self {
            key,
            local,
            queue,
            life,
            tasks,
        })
    }

    /// As the SIP endpoint knows it.
    pub fn flow(&self, id: FlowId) -> Flow {
        Flow {
            id,
            transport: self.key.transport,
            local: self.local,
            remote: self.key.remote,
        }
    }

    /// Queues a message.
    pub fn send(&self, bytes: Vec<u8>) -> Result<(), TransportError> {
        with(&self.life, |life| {
            let now = Instant::now();
            life.sent(now);
            if bytes == PING {
                life.pinged(now);
            }
        });
        self.queue.try_send(bytes).map_err(|_| TransportError::Closed)
    }

    /// Whether the far end has left what we sent without a word, or may have gone while we slept: better not to rely on this
    /// connection.
    pub fn is_doubtful(&self, now: Instant) -> bool {
        with(&self.life, |life| life.is_doubtful(now))
    }

    /// Nobody knows whether it is still there, until something is heard.
    pub fn doubt(&self) {
        with(&self.life, |life| life.doubted = true);
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

fn start(
    read: impl Future<Output = ()> + Send + 'static,
    write: impl Future<Output = ()> + Send + 'static,
) -> [AbortHandle; 2] {
    [tokio::spawn(read).abort_handle(), tokio::spawn(write).abort_handle()]
}

async fn read(ends: Ends, mut reader: impl AsyncRead + Unpin) {
    let mut decoder = StreamDecoder::new();
    let mut buffer = vec![0; READ];
    let why = 'connection: loop {
        let length = match timeout(GLANCE, reader.read(&mut buffer)).await {
            Ok(Ok(0)) => break TransportError::Closed,
            Ok(Ok(length)) => length,
            Ok(Err(error)) => break transport_error(&error),
            Err(_) => match with(&ends.life, |life| life.end(Instant::now())) {
                Some(why) => break why,
                None => continue,
            },
        };
        with(&ends.life, |life| life.heard(Instant::now()));
        decoder.push(buffer.get(..length).unwrap_or_default());
        loop {
            match decoder.next() {
                Ok(None) => break,
                Ok(Some(Frame::Message(bytes))) => {
                    if ends.message(bytes).await.is_err() {
                        return;
                    }
                }
                Ok(Some(Frame::Ping)) => ends.answer(PONG),
                Ok(Some(Frame::Pong)) => with(&ends.life, Life::ponged),
                Err(error) => {
                    log::warn!("a connection is closed: {error}");
                    // The head can be answered (RFC 3261 section 18.3), if the endpoint can make sense of it.
                    if let Some(head) = error.head {
                        let _ = ends.message(head).await;
                        tokio::time::sleep(Duration::from_millis(200)).await;
                    }
                    break 'connection TransportError::Closed;
                }
            }
        }
    };
    ends.closed(why).await;
}

impl Ends {
    /// Passes a message on; waits while the actor has too many of them. An error: nobody wants it any more.
    pub async fn message(&self, bytes: Vec<u8>) -> Result<(), ()> {
        let flow = self.flow;
        self.reports.send(Raw::Message { flow, bytes }).await.map_err(drop)
    }

    /// Answers a keep-alive, if there is room for it.
    pub fn answer(&self, bytes: &[u8]) {
        let _ = self.answers.try_send(bytes.to_vec());
    }

    pub async fn closed(&self, why: TransportError) {
        let flow = self.flow;
        let _ = self.reports.send(Raw::Closed { flow, why }).await;
    }
}

async fn write(
    flow: FlowId,
    mut writer: impl AsyncWrite + Unpin,
    mut waiting: mpsc::Receiver<Vec<u8>>,
    reports: mpsc::Sender<Raw>,
) {
    while let Some(bytes) = waiting.recv().await {
        let all = async {
            writer.write_all(&bytes).await?;
            writer.flush().await
        };
        let why = match timeout(WRITE, all).await {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => transport_error(&error),
            Err(_) => TransportError::TimedOut,
        };
        let _ = reports.send(Raw::Closed { flow, why }).await;
        return;
    }
}
