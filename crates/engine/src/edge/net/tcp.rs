//! TCP: a reading and a writing task for each connection, with a bounded queue between the actor and the wire.
use super::{Raw, Resolver, transport_error};
use parley_sip::Transport;
use parley_sip::endpoint::{Flow, FlowId, NextHop, RouteId, TransportError};
use parley_sip::framing::{Frame, PONG, StreamDecoder};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, tcp};
use tokio::sync::mpsc;

/// Messages waiting to be written, at most; a far end that reads nothing is given up.
const QUEUE: usize = 256;
/// How long one address may take to answer.
const CONNECT: Duration = Duration::from_secs(5);
/// How long one write may take.
const WRITE: Duration = Duration::from_secs(20);

/// One connection.
pub(crate) struct Stream {
    pub remote: SocketAddr,
    local: SocketAddr,
    queue: mpsc::Sender<Vec<u8>>,
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
        let read = tokio::spawn(read(flow, reader, queue.clone(), reports.clone())).abort_handle();
        let write = tokio::spawn(write(flow, writer, waiting, reports)).abort_handle();
        Self {
            remote,
            local,
            queue,
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
        self.queue.try_send(bytes).map_err(|_| TransportError::Closed)
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
    reports: mpsc::Sender<Raw>,
) {
    let mut decoder = StreamDecoder::new();
    let mut buffer = vec![0; 16 * 1024];
    let why = 'connection: loop {
        let length = match reader.read(&mut buffer).await {
            Ok(0) => break TransportError::Closed,
            Ok(length) => length,
            Err(error) => break transport_error(&error),
        };
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
                // A proof of life for the registration; TCP itself tells when there is none.
                Ok(Some(Frame::Pong)) => {}
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
