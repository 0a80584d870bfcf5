//! TCP connections: a reader and a writer task each.
use crate::core::Input;
use crate::{Peer, PeerTransport};
use parley_sip::framing::{Frame, PONG, StreamDecoder};
use std::collections::HashMap;
use std::net::{SocketAddr, SocketAddrV4};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

/// Connections at once; more are closed on arrival.
const MOST: usize = 128;
/// Messages that may wait for a slow reader before it is given up.
const BACKLOG: usize = 256;
/// How long a connection may take to open.
const OPEN_TIME: Duration = Duration::from_secs(4);

pub(super) struct Connections {
    inputs: mpsc::Sender<Input>,
    open: HashMap<Peer, Connection>,
}

struct Connection {
    outgoing: mpsc::Sender<Vec<u8>>,
    task: AbortHandle,
}

impl Connections {
    pub(super) fn new(inputs: mpsc::Sender<Input>) -> Self {
        Self {
            inputs,
            open: HashMap::new(),
        }
    }

    pub(super) fn accept(&mut self, remote: SocketAddrV4, stream: TcpStream) {
        if self.open.len() < MOST {
            self.run(
                Peer {
                    transport: PeerTransport::Tcp,
                    remote,
                },
                Some(stream),
            );
        }
    }

    /// Sends on the connection to this address; opens one if there is none.
    pub(super) fn send(&mut self, peer: Peer, bytes: Vec<u8>) {
        if !self.open.contains_key(&peer) {
            if self.open.len() >= MOST {
                log::warn!("exchange: too many connections");
                return;
            }
            self.run(peer, None);
        }
        let Some(connection) = self.open.get(&peer) else { return };
        if connection.outgoing.try_send(bytes).is_err() {
            // It does not read what it is sent.
            connection.task.abort();
            self.open.remove(&peer);
            let inputs = self.inputs.clone();
            tokio::spawn(async move { inputs.send(Input::Closed(peer)).await });
        }
    }

    pub(super) fn forget(&mut self, peer: Peer) {
        // A younger connection to the same address may have taken its place.
        if self
            .open
            .get(&peer)
            .is_some_and(|connection| connection.outgoing.is_closed())
        {
            self.open.remove(&peer);
        }
    }

    fn run(&mut self, peer: Peer, stream: Option<TcpStream>) {
        let (outgoing, queue) = mpsc::channel(BACKLOG);
        let inputs = self.inputs.clone();
        let task = tokio::spawn(async move {
            if let Err(error) = serve(peer, stream, queue, &inputs).await {
                log::debug!("exchange: connection to {}: {error}", peer.remote);
            }
            // The core is gone only when everything is.
            let _ = inputs.send(Input::Closed(peer)).await;
        });
        let task = task.abort_handle();
        if let Some(older) = self.open.insert(peer, Connection { outgoing, task }) {
            older.task.abort();
        }
    }
}

/// Runs a connection to its end. The queue is closed when this returns.
async fn serve(
    peer: Peer,
    stream: Option<TcpStream>,
    mut queue: mpsc::Receiver<Vec<u8>>,
    inputs: &mpsc::Sender<Input>,
) -> std::io::Result<()> {
    let mut stream = match stream {
        Some(stream) => stream,
        None => tokio::time::timeout(OPEN_TIME, TcpStream::connect(SocketAddr::V4(peer.remote))).await??,
    };
    stream.set_nodelay(true)?;
    let (mut read, mut write) = stream.split();
    let mut decoder = StreamDecoder::new();
    let mut buffer = vec![0; 8192];
    loop {
        tokio::select! {
            length = read.read(&mut buffer) => {
                let length = length?;
                if length == 0 {
                    return Ok(());
                }
                decoder.push(buffer.get(..length).unwrap_or_default());
                while let Some(frame) = decoder.next().map_err(std::io::Error::other)? {
                    match frame {
                        Frame::Message(bytes) => {
                            // Waits when the core is behind: the sender is slowed down.
                            if inputs.send(Input::Received { peer, bytes }).await.is_err() {
                                return Ok(());
                            }
                        }
                        Frame::Ping => write.write_all(PONG).await?,
                        Frame::Pong => {}
                    }
                }
            }
            message = queue.recv() => match message {
                Some(bytes) => write.write_all(&bytes).await?,
                None => return Ok(()),
            },
        }
    }
}
