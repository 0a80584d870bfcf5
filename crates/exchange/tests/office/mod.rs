//! An office: the exchange and phones of our own on a network in memory. Nothing sleeps, no port is real.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]
use parley_exchange::*;
use parley_sip::bodies::{DialogInfo, MessageSummary, Pidf};
use parley_sip::endpoint::{
    Credentials, EndpointConfig, Event, Flow, FlowId, Notice, Output as Wanted, Package, RegistrationState, RouteId,
    Secret, SessionId, SubscriptionId,
};
use parley_sip::endpoint::{Input as Happened, NextHop};
use parley_sip::{Host, Transport, Uri};
use parley_testkit::{LINE, Network, Phone, Station};
use rand_chacha::ChaCha12Rng;
use rand_core::SeedableRng;
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::{Duration, Instant};

const HERE: &str = "127.0.0.1:5060";

/// The exchange in the words of the network.
struct Desk {
    core: Core,
    /// The way to each peer, once there was one.
    ways: HashMap<Peer, FlowId>,
    peers: HashMap<FlowId, Peer>,
    /// What waits for a way.
    asked: HashMap<RouteId, Peer>,
    waiting: Vec<(Peer, Vec<u8>)>,
    ready: VecDeque<Wanted>,
    orders: Vec<MediaOrder>,
    routes: u64,
}

impl Desk {
    fn learn(&mut self, flow: &Flow) -> Option<Peer> {
        let SocketAddr::V4(remote) = flow.remote else {
            return None;
        };
        let transport = match flow.transport {
            Transport::Udp => PeerTransport::Udp,
            _ => PeerTransport::Tcp,
        };
        let peer = Peer { transport, remote };
        self.ways.insert(peer, flow.id);
        self.peers.insert(flow.id, peer);
        Some(peer)
    }

    fn send(&mut self, peer: Peer, bytes: Vec<u8>) {
        if let Some(flow) = self.ways.get(&peer) {
            return self.ready.push_back(Wanted::Send { flow: *flow, bytes });
        }
        self.waiting.push((peer, bytes));
        if self.asked.values().any(|asked| *asked == peer) {
            return;
        }
        self.routes += 1;
        let route = RouteId(self.routes);
        self.asked.insert(route, peer);
        let mut hop = NextHop::new(Host::from(IpAddr::V4(*peer.remote.ip())));
        hop.port = Some(peer.remote.port());
        hop.transport = Some(match peer.transport {
            PeerTransport::Udp => Transport::Udp,
            PeerTransport::Tcp => Transport::Tcp,
        });
        self.ready.push_back(Wanted::Open { route, hop });
    }
}

impl Station for Desk {
    fn handle(&mut self, now: Instant, input: Happened) {
        match input {
            Happened::Received { flow, bytes } => {
                // Keep-alives are dealt with by the framing of real sockets.
                if let Some(peer) = self.learn(&flow) {
                    self.core.handle(now, Input::Received { peer, bytes });
                }
            }
            Happened::Opened { route, flow } => {
                self.learn(&flow);
                let Some(peer) = self.asked.remove(&route) else { return };
                for (to, bytes) in std::mem::take(&mut self.waiting) {
                    if to == peer {
                        self.send(peer, bytes);
                    } else {
                        self.waiting.push((to, bytes));
                    }
                }
            }
            Happened::OpenFailed { route, .. } => {
                if let Some(peer) = self.asked.remove(&route) {
                    self.waiting.retain(|(to, _)| *to != peer);
                    self.core.handle(now, Input::Closed(peer));
                }
            }
            Happened::Closed { flow, .. } => {
                if let Some(peer) = self.peers.remove(&flow) {
                    self.ways.remove(&peer);
                    self.core.handle(now, Input::Closed(peer));
                }
            }
            Happened::Candidates { .. } => {}
        }
    }

    fn wake(&mut self, now: Instant) {
        self.core.wake(now);
    }

    fn next_wake(&self) -> Option<Instant> {
        self.core.next_wake()
    }

    fn poll(&mut self, now: Instant) -> Option<Wanted> {
        loop {
            if let Some(wanted) = self.ready.pop_front() {
                return Some(wanted);
            }
            match self.core.poll()? {
                Output::Send { peer, bytes } => self.send(peer, bytes),
                Output::Media(order) => {
                    if let MediaOrder::Reserve(media) = order {
                        let port = Some(40_000);
                        self.core.handle(now, Input::Reserved { media, port });
                    }
                    self.orders.push(order);
                }
            }
        }
    }
}

/// The exchange and the network it is on.
pub struct Office {
    pub network: Network,
    desk: Rc<RefCell<Desk>>,
}

pub fn office() -> Office {
    office_by_seed(3)
}

/// The seed decides all lots drawn.
pub fn office_by_seed(seed: u64) -> Office {
    let config = ExchangeConfig::default();
    let network = Network::new(seed);
    let core = Core::new(&config, HERE.parse().unwrap(), Box::new(ChaCha12Rng::seed_from_u64(7)));
    let desk = Rc::new(RefCell::new(Desk {
        core,
        ways: HashMap::new(),
        peers: HashMap::new(),
        asked: HashMap::new(),
        waiting: Vec::new(),
        ready: VecDeque::new(),
        orders: Vec::new(),
        routes: 0,
    }));
    network.attach(HERE.parse().unwrap(), desk.clone());
    Office { network, desk }
}

/// `sip:number@exchange`.
pub fn at(number: &str) -> String {
    format!("sip:{number}@{HERE}")
}

impl Office {
    /// A phone of this user's, registered.
    pub fn phone(&self, user: &str, port: u16, transport: Transport) -> Phone {
        let address = format!("127.0.0.1:{port}");
        let phone = Phone::with_config(&self.network, &address, EndpointConfig::default());
        let mut account = Phone::account(&at(user));
        account.transport = Some(transport);
        account.gruu = true;
        account.instance_id = Some(format!("urn:uuid:00000000-0000-4000-8000-{port:012}"));
        account.credentials = Some(Credentials {
            user: user.to_owned(),
            password: Secret::new(format!("practice-{user}")),
        });
        phone.set_account(account);
        let state = phone.expect_registration();
        assert!(matches!(state, RegistrationState::Registered { .. }), "{state:?}");
        phone
    }

    /// What the line that began last plays.
    pub fn plays(&self) -> Option<Play> {
        self.network.settle();
        let desk = self.desk.borrow();
        desk.orders.iter().rev().find_map(|order| match order {
            MediaOrder::Run { play, .. } => Some(*play),
            _ => None,
        })
    }

    /// How much the exchange has under way.
    pub fn open(&self) -> usize {
        self.network.settle();
        self.desk.borrow().core.open()
    }

    pub fn wait(&self, seconds: f64) {
        self.network.run_for(Duration::from_secs_f64(seconds));
    }
}

/// What a script says to a phone, in a word.
pub trait Talks {
    fn dial(&self, number: &str) -> SessionId;
    fn talk_to(&self, number: &str) -> SessionId;
    fn watch(&self, package: Package, number: &str) -> SubscriptionId;
    fn told<T>(&self, subscription: SubscriptionId, wanted: impl FnMut(&Notice) -> Option<T>) -> T;
}

impl Talks for Phone {
    fn dial(&self, number: &str) -> SessionId {
        self.call(&at(number))
    }

    fn talk_to(&self, number: &str) -> SessionId {
        let call = self.dial(number);
        self.expect_answered(call);
        call
    }

    fn watch(&self, package: Package, number: &str) -> SubscriptionId {
        let target: Uri = at(number).parse().unwrap();
        self.with(|endpoint, now| endpoint.subscribe(now, LINE, target, package))
            .unwrap()
    }

    fn told<T>(&self, subscription: SubscriptionId, mut wanted: impl FnMut(&Notice) -> Option<T>) -> T {
        self.expect("the news", |event| match event {
            Event::Notified {
                subscription: of,
                notice,
            } if *of == subscription => wanted(notice),
            _ => None,
        })
    }
}

pub fn messages(notice: &Notice) -> Option<&MessageSummary> {
    match notice {
        Notice::Messages(summary) => Some(summary),
        _ => None,
    }
}

pub fn presence(notice: &Notice) -> Option<&Pidf> {
    match notice {
        Notice::Presence(presence) => Some(presence),
        _ => None,
    }
}

pub fn dialogs(notice: &Notice) -> Option<&DialogInfo> {
    match notice {
        Notice::Dialogs(dialogs) => Some(dialogs),
        _ => None,
    }
}
