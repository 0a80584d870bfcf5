//! The RTP sockets of the lines: one task a call.
use crate::core::Input;
use crate::lines::{MediaId, MediaOrder, Play};
use crate::rtp::{Stream, is_rtp};
use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;

/// How often a free pair of ports is looked for.
const TRIES: usize = 64;
/// One packet.
const FRAME_TIME: Duration = Duration::from_millis(20);

pub(super) struct Medias {
    host: Ipv4Addr,
    inputs: mpsc::Sender<Input>,
    running: HashMap<MediaId, mpsc::UnboundedSender<Setting>>,
}

/// What a running stream is told.
struct Setting {
    remote: SocketAddrV4,
    payload: u8,
    play: Play,
}

/// RTP on the even port, RTCP on the odd one above; what comes there is not read, but must not bounce.
struct Pair {
    rtp: UdpSocket,
    _rtcp: UdpSocket,
}

impl Medias {
    pub(super) fn new(host: Ipv4Addr, inputs: mpsc::Sender<Input>) -> Self {
        Self {
            host,
            inputs,
            running: HashMap::new(),
        }
    }

    pub(super) fn perform(&mut self, order: MediaOrder) {
        match order {
            MediaOrder::Reserve(media) => {
                let (settings, queue) = mpsc::unbounded_channel();
                let (host, inputs) = (self.host, self.inputs.clone());
                self.running.insert(media, settings);
                tokio::spawn(async move {
                    let pair = reserve(host).await;
                    let port = pair
                        .as_ref()
                        .and_then(|pair| pair.rtp.local_addr().ok())
                        .map(|address| address.port());
                    let told = inputs.send(Input::Reserved { media, port }).await;
                    if let (Some(pair), Ok(())) = (pair, told) {
                        serve(pair, queue).await;
                    }
                });
            }
            MediaOrder::Run {
                media,
                remote,
                payload,
                play,
            } => {
                if let Some(settings) = self.running.get(&media) {
                    // It ends only when its sender does.
                    let _ = settings.send(Setting { remote, payload, play });
                }
            }
            MediaOrder::Close(media) => {
                self.running.remove(&media);
            }
        }
    }
}

async fn reserve(host: Ipv4Addr) -> Option<Pair> {
    for _ in 0..TRIES {
        let rtp = UdpSocket::bind((host, 0)).await.ok()?;
        let port = rtp.local_addr().ok()?.port();
        if port % 2 == 0
            && let Ok(rtcp) = UdpSocket::bind((host, port + 1)).await
        {
            return Some(Pair { rtp, _rtcp: rtcp });
        }
    }
    None
}

/// Sends and sends back until the orders end.
async fn serve(pair: Pair, mut settings: mpsc::UnboundedReceiver<Setting>) {
    let mut seed = [0; 8];
    if getrandom::fill(&mut seed).is_err() {
        log::warn!("exchange: no randomness for RTP");
    }
    let mut stream = Stream::new(u64::from_be_bytes(seed));
    let mut remote: Option<SocketAddr> = None;
    let mut packet = [0; 2048];
    let mut pace = tokio::time::interval(FRAME_TIME);
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    loop {
        let out = tokio::select! {
            setting = settings.recv() => {
                let Some(setting) = setting else { return };
                remote = Some(SocketAddr::V4(setting.remote));
                stream.set(setting.payload, setting.play);
                None
            }
            received = pair.rtp.recv_from(&mut packet) => match received {
                Ok((length, from)) => {
                    let packet = packet.get(..length).unwrap_or_default();
                    // Symmetric RTP (RFC 4961): back to where it comes from, whatever the description said.
                    if is_rtp(packet) && remote.is_some() {
                        remote = Some(from);
                    }
                    stream.received(packet)
                }
                // A packet of ours reached nobody; the call tells when it is over.
                Err(_) => None,
            },
            _ = pace.tick() => stream.tick(),
        };
        if let (Some(remote), Some(out)) = (remote, out) {
            // A lost packet is a lost packet.
            let _ = pair.rtp.try_send_to(&out, remote);
        }
    }
}
