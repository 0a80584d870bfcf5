//! The sockets of the exchange, on a thread of their own: whoever starts it needs no runtime, and nothing it does can
//! hold up a call.

mod connections;
mod media;

use crate::config::{ExchangeConfig, User};
use crate::core::{Core, Input, Output};
use crate::{Peer, PeerTransport};
use connections::Connections;
use media::Medias;
use rand_chacha::ChaCha12Rng;
use rand_core::SeedableRng;
use std::io;
use std::net::{SocketAddr, SocketAddrV4};
use std::thread::JoinHandle;
use std::time::Instant;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::{mpsc, oneshot};

/// How often a port that is free for both transports is looked for.
const TRIES: usize = 32;
/// Inputs that may wait for the core; a flood beyond is dropped (UDP) or slowed down (TCP).
const BACKLOG: usize = 1024;
/// Largest datagram.
const DATAGRAM: usize = 65_536;

/// A running exchange. Dropping it stops it.
#[derive(Debug)]
pub struct Exchange {
    address: SocketAddrV4,
    config: ExchangeConfig,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Exchange {
    /// Starts an exchange. It listens when this returns.
    ///
    /// # Errors
    /// The address cannot be listened on, or the system has no thread or randomness left.
    pub fn start(config: ExchangeConfig) -> io::Result<Self> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| io::Error::other(error.to_string()))?;
        let (udp, tcp, address) = bind(config.listen)?;
        let core = Core::new(&config, address, Box::new(ChaCha12Rng::from_seed(seed)));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("practice-exchange".to_owned())
            .spawn(move || {
                // Also ends when the sender is dropped.
                if let Err(error) = runtime.block_on(run(core, udp, tcp, stopped)) {
                    log::error!("the practice exchange stopped: {error}");
                }
            })?;
        Ok(Self {
            address,
            config,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it is reached, by UDP and TCP.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::V4(self.address)
    }

    /// Who may register, with their passwords.
    pub fn users(&self) -> &[User] {
        &self.config.users
    }

    /// The realm of its challenges.
    pub fn realm(&self) -> &str {
        &self.config.realm
    }

    /// Stops it and waits until its sockets are closed. Calls are not ended politely.
    pub fn stop(self) {}
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            // It cannot be waited for from within itself, and it never drops itself.
            let _ = thread.join();
        }
    }
}

/// Both transports on one port, as SIP expects it.
fn bind(listen: SocketAddrV4) -> io::Result<(std::net::UdpSocket, std::net::TcpListener, SocketAddrV4)> {
    if !listen.ip().is_loopback() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the practice exchange listens on loopback only",
        ));
    }
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..TRIES {
        let tcp = std::net::TcpListener::bind(listen)?;
        let port = tcp.local_addr()?.port();
        let address = SocketAddrV4::new(*listen.ip(), port);
        match std::net::UdpSocket::bind(address) {
            Ok(udp) => {
                udp.set_nonblocking(true)?;
                tcp.set_nonblocking(true)?;
                return Ok((udp, tcp, address));
            }
            Err(error) if listen.port() == 0 => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

async fn run(
    mut core: Core,
    udp: std::net::UdpSocket,
    tcp: std::net::TcpListener,
    mut stopped: oneshot::Receiver<()>,
) -> io::Result<()> {
    let udp = UdpSocket::from_std(udp)?;
    let tcp = TcpListener::from_std(tcp)?;
    let host = match udp.local_addr()? {
        SocketAddr::V4(address) => *address.ip(),
        SocketAddr::V6(_) => return Err(io::ErrorKind::AddrNotAvailable.into()),
    };
    let (inputs, mut arrived) = mpsc::channel(BACKLOG);
    let mut connections = Connections::new(inputs.clone());
    let mut medias = Medias::new(host, inputs);
    let mut datagram = vec![0; DATAGRAM];
    loop {
        let due = core.next_wake();
        tokio::select! {
            _ = &mut stopped => return Ok(()),
            received = udp.recv_from(&mut datagram) => match received {
                Ok((length, SocketAddr::V4(remote))) => {
                    let peer = Peer { transport: PeerTransport::Udp, remote };
                    let bytes = datagram.get(..length).unwrap_or_default().to_vec();
                    core.handle(Instant::now(), Input::Received { peer, bytes });
                }
                Ok(_) => {}
                // The echo of a datagram that reached nobody (Windows reports it here).
                Err(error) => log::debug!("exchange: {error}"),
            },
            accepted = tcp.accept() => match accepted {
                Ok((stream, SocketAddr::V4(remote))) => connections.accept(remote, stream),
                Ok(_) => {}
                Err(error) => {
                    log::warn!("exchange: cannot accept: {error}");
                    // Out of descriptors: trying again at once would only burn time.
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                }
            },
            Some(input) = arrived.recv() => {
                if let Input::Closed(peer) = &input {
                    connections.forget(*peer);
                }
                core.handle(Instant::now(), input);
            }
            () = sleep_until(due) => core.wake(Instant::now()),
        }
        while let Some(output) = core.poll() {
            match output {
                Output::Send { peer, bytes } if peer.transport == PeerTransport::Udp => {
                    // A full or failing socket loses a datagram, as networks do.
                    if let Err(error) = udp.try_send_to(&bytes, SocketAddr::V4(peer.remote)) {
                        log::debug!("exchange: to {}: {error}", peer.remote);
                    }
                }
                Output::Send { peer, bytes } => connections.send(peer, bytes),
                Output::Media(order) => medias.perform(order),
            }
        }
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}
