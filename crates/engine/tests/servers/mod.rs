//! Real servers on the loopback: a registrar that says yes over TCP, TLS, WebSocket and UDP, certificates, and the front of a phone.
#![allow(dead_code, reason = "each test file uses its part")]
use futures_util::{SinkExt, StreamExt};
use parley_engine::{AccountDraft, AccountView, Config, Engine, Event, PresetAccount, RegistrationView, Request, View};
use parley_sip::framing::{Frame, PING, PONG, StreamDecoder};
use parley_sip::{Message, Method};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::{broadcast, mpsc};
use tokio::task::{AbortHandle, JoinHandle};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request as Upgrade, Response as Upgraded};
use tokio_tungstenite::tungstenite::{Message as WsMessage, http};

/// Nothing here takes longer on the slowest machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A certificate with its key, for a server.
pub struct Identity {
    pub config: Arc<ServerConfig>,
    pub sha256: String,
}

/// Who signs certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let pem = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        Self { issuer, pem }
    }

    /// A certificate for these names.
    pub fn signs(&self, names: &[&str]) -> Identity {
        self.signs_as(names, |_| {})
    }

    pub fn signs_as(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params = leaf(names);
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        identity(certificate.der().clone(), &key)
    }
}

/// A certificate that signed itself.
pub fn self_signed(names: &[&str]) -> Identity {
    let key = KeyPair::generate().unwrap();
    let certificate = leaf(names).self_signed(&key).unwrap();
    identity(certificate.der().clone(), &key)
}

fn leaf(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.subject_alt_names = names
        .iter()
        .map(|name| match (name.parse(), name.starts_with("sip:")) {
            (Ok(ip), _) => SanType::IpAddress(ip),
            (_, true) => SanType::URI(name.as_str().try_into().unwrap()),
            _ => SanType::DnsName(name.as_str().try_into().unwrap()),
        })
        .collect();
    let common = names.first().map_or("nobody", String::as_str);
    params.distinguished_name.push(DnType::CommonName, common);
    params
}

fn identity(der: CertificateDer<'static>, key: &KeyPair) -> Identity {
    use sha2::Digest;
    let octets: Vec<String> = sha2::Sha256::digest(&der)
        .iter()
        .map(|octet| format!("{octet:02X}"))
        .collect();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![der], key)
        .unwrap();
    Identity {
        config: Arc::new(config),
        sha256: octets.join(":"),
    }
}

/// What the registrar was told.
#[derive(Debug, Clone)]
pub struct Heard {
    pub from: SocketAddr,
    pub request: parley_sip::Request,
}

#[derive(Clone)]
struct Shop {
    heard: mpsc::UnboundedSender<Heard>,
    pinged: mpsc::UnboundedSender<SocketAddr>,
    connections: Arc<Mutex<Vec<AbortHandle>>>,
    identity: Arc<Mutex<Option<Arc<ServerConfig>>>>,
    status: Arc<AtomicU16>,
    web: Option<&'static str>,
}

/// A registrar that takes everybody.
pub struct Registrar {
    pub address: SocketAddr,
    pub heard: mpsc::UnboundedReceiver<Heard>,
    /// Keep-alives that were answered.
    pub pinged: mpsc::UnboundedReceiver<SocketAddr>,
    shop: Shop,
    task: JoinHandle<()>,
}

impl Registrar {
    pub async fn tcp() -> Self {
        Self::start("127.0.0.1:0", None, None).await
    }

    pub async fn tls(identity: &Identity) -> Self {
        Self::start("127.0.0.1:0", Some(identity), None).await
    }

    /// Speaks WebSocket at this path.
    pub async fn ws(path: &'static str) -> Self {
        Self::start("127.0.0.1:0", None, Some(path)).await
    }

    pub async fn wss(identity: &Identity, path: &'static str) -> Self {
        Self::start("127.0.0.1:0", Some(identity), Some(path)).await
    }

    pub async fn start(address: &str, identity: Option<&Identity>, web: Option<&'static str>) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let ((heard_in, heard), (pinged_in, pinged)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
        let shop = Shop {
            heard: heard_in,
            pinged: pinged_in,
            connections: Arc::default(),
            identity: Arc::new(Mutex::new(identity.map(|identity| Arc::clone(&identity.config)))),
            status: Arc::new(AtomicU16::new(200)),
            web,
        };
        let address = listener.local_addr().unwrap();
        let open = shop.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, from)) = listener.accept().await {
                let serving = tokio::spawn(serve(open.clone(), stream, from)).abort_handle();
                open.connections.lock().unwrap().push(serving);
            }
        });
        Self {
            address,
            heard,
            pinged,
            shop,
            task,
        }
    }

    /// Answers datagrams.
    pub async fn udp() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let ((heard_in, heard), (pinged_in, pinged)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
        let shop = Shop {
            heard: heard_in,
            pinged: pinged_in,
            connections: Arc::default(),
            identity: Arc::default(),
            status: Arc::new(AtomicU16::new(200)),
            web: None,
        };
        let (address, open) = (socket.local_addr().unwrap(), shop.clone());
        let task = tokio::spawn(async move {
            let mut buffer = vec![0; 65_535];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                if let Some(answer) = answer(&open, from, &buffer[..length]) {
                    let _ = socket.send_to(&answer, from).await;
                }
            }
        });
        Self {
            address,
            heard,
            pinged,
            shop,
            task,
        }
    }

    /// Shows this certificate from now on.
    pub fn show(&self, identity: &Identity) {
        *self.shop.identity.lock().unwrap() = Some(Arc::clone(&identity.config));
    }

    /// Answers everything with this status from now on.
    pub fn says(&self, status: u16) {
        self.shop.status.store(status, Ordering::Relaxed);
    }

    /// Ends all connections.
    pub fn hang_up(&self) {
        for connection in self.shop.connections.lock().unwrap().drain(..) {
            connection.abort();
        }
    }

    /// How many connections were made and not ended by [`Self::hang_up`].
    pub fn connections(&self) -> usize {
        self.shop.connections.lock().unwrap().len()
    }

    /// The next request with this method.
    pub async fn hears(&mut self, method: &Method) -> Heard {
        let looking = async {
            loop {
                let heard = self.heard.recv().await.unwrap();
                if heard.request.method == *method {
                    return heard;
                }
            }
        };
        tokio::time::timeout(PATIENCE, looking)
            .await
            .expect("the registrar hears nothing")
    }
}

impl Drop for Registrar {
    fn drop(&mut self) {
        self.task.abort();
        self.hang_up();
    }
}

async fn serve(shop: Shop, stream: TcpStream, from: SocketAddr) {
    let identity = shop.identity.lock().unwrap().clone();
    match identity {
        None => talk(shop, stream, from).await,
        Some(identity) => {
            if let Ok(stream) = TlsAcceptor::from(identity).accept(stream).await {
                talk(shop, stream, from).await;
            }
        }
    }
}

async fn talk<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(shop: Shop, stream: S, from: SocketAddr) {
    match shop.web {
        Some(path) => talk_web(shop, stream, from, path).await,
        None => talk_bytes(shop, stream, from).await,
    }
}

async fn talk_bytes<S: AsyncRead + AsyncWrite + Unpin>(shop: Shop, mut stream: S, from: SocketAddr) {
    let (mut decoder, mut buffer) = (StreamDecoder::new(), vec![0; 65_535]);
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        decoder.push(&buffer[..length]);
        while let Ok(Some(frame)) = decoder.next() {
            let reply = match frame {
                Frame::Message(bytes) => answer(&shop, from, &bytes),
                Frame::Ping => {
                    let _ = shop.pinged.send(from);
                    Some(PONG.to_vec())
                }
                Frame::Pong => None,
            };
            if let Some(reply) = reply {
                stream.write_all(&reply).await.unwrap();
            }
        }
    }
}

#[allow(clippy::result_large_err, reason = "the library's callback")]
async fn talk_web<S>(shop: Shop, stream: S, from: SocketAddr, path: &'static str)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let check = move |request: &Upgrade, mut response: Upgraded| -> Result<Upgraded, ErrorResponse> {
        let offered = request
            .headers()
            .get("Sec-WebSocket-Protocol")
            .map(|value| value.as_bytes().to_vec());
        if request.uri().path() != path || offered.as_deref() != Some(b"sip") {
            return Err(http::Response::builder().status(404).body(None).unwrap());
        }
        response
            .headers_mut()
            .insert("Sec-WebSocket-Protocol", http::HeaderValue::from_static("sip"));
        Ok(response)
    };
    let Ok(mut socket) = tokio_tungstenite::accept_hdr_async(stream, check).await else {
        return;
    };
    while let Some(Ok(message)) = socket.next().await {
        let reply = match message {
            WsMessage::Text(text) => answer(&shop, from, text.as_bytes()),
            WsMessage::Binary(bytes) => answer(&shop, from, &bytes),
            WsMessage::Ping(_) => {
                let _ = shop.pinged.send(from);
                // The pong leaves with this.
                let _ = socket.flush().await;
                None
            }
            _ => None,
        };
        if let Some(reply) = reply {
            socket.send(WsMessage::binary(reply)).await.unwrap();
        }
    }
}

fn answer(shop: &Shop, from: SocketAddr, bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes == PING {
        return Some(PONG.to_vec());
    }
    let Ok(Message::Request(request)) = parley_sip::parse(bytes) else {
        return None;
    };
    let status = shop.status.load(Ordering::Relaxed);
    let mut response = request.respond(status, Some("registrar"));
    if status == 200
        && request.method == Method::Register
        && let Some(contact) = request.headers.contacts().first()
    {
        response.headers.push("Contact", contact);
    }
    let acks = request.method == Method::Ack;
    let _ = shop.heard.send(Heard { from, request });
    (!acks).then(|| response.to_bytes())
}

/// An engine and what a front of it sees.
pub struct Front {
    pub engine: Engine,
    events: broadcast::Receiver<Event>,
}

impl Front {
    pub fn start(config: Config) -> Self {
        let engine = Engine::start(config).unwrap();
        let events = engine.subscribe();
        Self { engine, events }
    }

    /// One account of this run.
    pub fn with(account: AccountDraft, config: Config) -> Self {
        Self::start(Config {
            accounts: vec![PresetAccount::new(account)],
            ..config
        })
    }

    pub async fn ask(&self, request: Request) -> Result<parley_engine::Reply, parley_engine::Refusal> {
        tokio::time::timeout(PATIENCE, self.engine.request(request))
            .await
            .expect("no answer")
    }

    /// Waits until the account is like this.
    pub async fn account(&mut self, what: &str, fits: impl Fn(&AccountView) -> bool) -> AccountView {
        let looking = async {
            loop {
                if let Event::Update { upserts, .. } = self.events.recv().await.expect("the engine stopped") {
                    for view in upserts {
                        if let View::Account(account) = view
                            && fits(&account)
                        {
                            return account;
                        }
                    }
                }
            }
        };
        tokio::time::timeout(PATIENCE, looking)
            .await
            .unwrap_or_else(|_| panic!("never seen: {what}"))
    }

    pub async fn registered(&mut self) -> AccountView {
        self.account("registered", |account| {
            assert!(
                !matches!(account.registration, RegistrationView::Failed { .. }),
                "{:?}",
                account.registration
            );
            matches!(account.registration, RegistrationView::Registered { .. })
        })
        .await
    }

    /// Waits for the registration whatever is said before it.
    pub async fn registered_at_last(&mut self) -> AccountView {
        let fits = |account: &AccountView| matches!(account.registration, RegistrationView::Registered { .. });
        self.account("registered at last", fits).await
    }

    pub async fn failed(&mut self) -> AccountView {
        let fits = |account: &AccountView| matches!(account.registration, RegistrationView::Failed { .. });
        self.account("failed", fits).await
    }
}
