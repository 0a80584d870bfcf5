//! The network and its clock.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use parley_sip::Transport;
use parley_sip::endpoint::{Flow, FlowId, Input, NextHop, Output, RouteId, TransportError};
use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};

use crate::{Conditions, Station};

/// How long an attempt to connect to nobody takes.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A network in memory. Clones are the same network.
#[derive(Clone)]
pub struct Network(Rc<RefCell<Inner>>);

/// One station's end of a flow; a connection has another end, datagrams have none until they arrive.
type End = (usize, FlowId);

struct Inner {
    start: Instant,
    now: Instant,
    seed: u64,
    rng: ChaCha8Rng,
    conditions: Conditions,
    stations: Vec<Rc<RefCell<dyn Station>>>,
    addresses: HashMap<SocketAddr, usize>,
    names: HashMap<String, Vec<SocketAddr>>,
    /// Whom a station rather does not turn to, and until when.
    avoided: HashMap<(usize, SocketAddr, Transport), Instant>,
    /// Inside address to the one the others see.
    translated: HashMap<SocketAddr, SocketAddr>,
    no_tcp: HashSet<SocketAddr>,
    dead: HashSet<SocketAddr>,
    stalled: HashSet<End>,
    flows: BTreeMap<End, (Flow, Option<End>)>,
    queue: BTreeMap<(Instant, u64), (usize, Input)>,
    /// The last arrival on each stream, so that later bytes do not overtake.
    streams: HashMap<(usize, FlowId), Instant>,
    next: u64,
    trace: Vec<String>,
}

impl Network {
    /// A good network; the seed decides all lots drawn.
    pub fn new(seed: u64) -> Self {
        let now = Instant::now();
        Self(Rc::new(RefCell::new(Inner {
            start: now,
            now,
            seed,
            rng: ChaCha8Rng::seed_from_u64(seed),
            conditions: Conditions::good(),
            stations: Vec::new(),
            addresses: HashMap::new(),
            names: HashMap::new(),
            avoided: HashMap::new(),
            translated: HashMap::new(),
            no_tcp: HashSet::new(),
            dead: HashSet::new(),
            stalled: HashSet::new(),
            flows: BTreeMap::new(),
            queue: BTreeMap::new(),
            streams: HashMap::new(),
            next: 0,
            trace: Vec::new(),
        })))
    }

    /// The seed all lots come from.
    pub fn seed(&self) -> u64 {
        self.0.borrow().seed
    }

    /// The virtual time.
    pub fn now(&self) -> Instant {
        self.0.borrow().now
    }

    /// Virtual time since the start.
    pub fn elapsed(&self) -> Duration {
        let inner = self.0.borrow();
        inner.now - inner.start
    }

    /// Makes the network worse or better, from now on.
    pub fn set_conditions(&self, conditions: Conditions) {
        self.0.borrow_mut().conditions = conditions;
    }

    /// Plugs a station in.
    pub fn attach(&self, address: SocketAddr, station: Rc<RefCell<dyn Station>>) {
        let mut inner = self.0.borrow_mut();
        inner.stations.push(station);
        let index = inner.stations.len() - 1;
        inner.addresses.insert(address, index);
    }

    /// Gives an address a name.
    pub fn name(&self, name: &str, address: &str) {
        self.names(name, &[address]);
    }

    /// Gives several addresses one name, in the order they shall be tried.
    pub fn names(&self, name: &str, addresses: &[&str]) {
        let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
        self.0.borrow_mut().names.insert(name.to_ascii_lowercase(), addresses);
    }

    /// A station gets another address; its connections are gone, and nobody is told.
    pub fn readdress(&self, from: &str, to: &str) {
        let mut inner = self.0.borrow_mut();
        let station = inner.addresses.remove(&from.parse().unwrap()).unwrap();
        inner.addresses.insert(to.parse().unwrap(), station);
        inner
            .flows
            .retain(|(owner, _), (_, other)| *owner != station && other.is_none_or(|(other, _)| other != station));
    }

    /// Puts a station behind a translator: the others see `outside`.
    pub fn translate(&self, inside: &str, outside: &str) {
        let mut inner = self.0.borrow_mut();
        let (inside, outside) = (inside.parse().unwrap(), outside.parse().unwrap());
        inner.translated.insert(inside, outside);
        let index = inner.addresses[&inside];
        inner.addresses.insert(outside, index);
    }

    /// From now on nobody listens for connections at this address.
    pub fn refuse_tcp(&self, address: &str) {
        self.0.borrow_mut().no_tcp.insert(address.parse().unwrap());
    }

    /// Every connection of the station stays open and carries nothing any more, in either direction; new ones do.
    pub fn stall(&self, address: &str) {
        let mut inner = self.0.borrow_mut();
        let index = inner.addresses[&address.parse().unwrap()];
        let hit: Vec<_> = inner
            .flows
            .iter()
            .filter(|((station, _), (_, other))| *station == index || other.is_some_and(|(other, _)| other == index))
            .map(|(key, _)| *key)
            .collect();
        inner.stalled.extend(hit);
    }

    /// The station is cut off: nothing gets there or away, and nobody is told.
    pub fn unplug(&self, address: &str) {
        self.0.borrow_mut().dead.insert(address.parse().unwrap());
    }

    /// The station is back.
    pub fn plug_in(&self, address: &str) {
        self.0.borrow_mut().dead.remove(&address.parse().unwrap());
    }

    /// Ends every connection of the station (a restart); both ends notice.
    pub fn break_connections(&self, address: &str) {
        let mut inner = self.0.borrow_mut();
        let index = inner.addresses[&address.parse().unwrap()];
        let hit: Vec<_> = inner
            .flows
            .iter()
            .filter(|((station, _), (flow, other))| {
                flow.transport != Transport::Udp && (*station == index || other.is_some_and(|(o, _)| o == index))
            })
            .map(|(key, _)| *key)
            .collect();
        let at = inner.now;
        for (station, flow) in hit {
            inner.flows.remove(&(station, flow));
            inner.later(
                at,
                station,
                Input::Closed {
                    flow,
                    why: TransportError::Closed,
                },
            );
        }
        drop(inner);
        self.settle();
    }

    /// Performs what the stations want done now.
    pub fn settle(&self) {
        loop {
            let (stations, now) = {
                let inner = self.0.borrow();
                (inner.stations.clone(), inner.now)
            };
            let mut idle = true;
            for (index, station) in stations.iter().enumerate() {
                loop {
                    let output = station.borrow_mut().poll(now);
                    let Some(output) = output else { break };
                    idle = false;
                    self.0.borrow_mut().perform(index, output);
                }
            }
            if idle {
                return;
            }
        }
    }

    /// Goes on to the next thing that happens, at `until` at the latest. `false` when that was reached.
    pub fn step(&self, until: Instant) -> bool {
        self.settle();
        let (arrival, stations) = {
            let inner = self.0.borrow();
            (inner.queue.keys().next().copied(), inner.stations.clone())
        };
        let wake = stations
            .iter()
            .enumerate()
            .filter_map(|(i, s)| Some((s.borrow().next_wake()?, i)))
            .min();
        let at = [arrival.map(|(at, _)| at), wake.map(|(at, _)| at)]
            .into_iter()
            .flatten()
            .min();
        let Some(at) = at.filter(|at| *at <= until) else {
            let mut inner = self.0.borrow_mut();
            inner.now = inner.now.max(until);
            return false;
        };
        let now = at.max(self.now());
        self.0.borrow_mut().now = now;
        match arrival {
            Some(key) if key.0 <= at => {
                let (station, input) = self.0.borrow_mut().queue.remove(&key).unwrap();
                stations[station].borrow_mut().handle(now, input);
            }
            _ => {
                if let Some((_, station)) = wake {
                    stations[station].borrow_mut().wake(now);
                }
            }
        }
        self.settle();
        true
    }

    /// Lets time pass.
    pub fn run_for(&self, time: Duration) {
        let until = self.now() + time;
        while self.step(until) {}
    }

    /// Lets time pass until `found` finds something; gives up after `patience`.
    pub fn run_until<T>(&self, patience: Duration, mut found: impl FnMut() -> Option<T>) -> Option<T> {
        let until = self.now() + patience;
        self.settle();
        loop {
            if let Some(found) = found() {
                return Some(found);
            }
            if !self.step(until) {
                return found();
            }
        }
    }

    /// All messages so far, first lines only, with their times.
    pub fn trace(&self) -> String {
        self.0.borrow().trace.join("\n")
    }
}

impl Inner {
    fn later(&mut self, at: Instant, station: usize, input: Input) {
        self.next += 1;
        self.queue.insert((at, self.next), (station, input));
    }

    fn perform(&mut self, station: usize, output: Output) {
        match output {
            Output::Open { route, hop } => self.open(station, route, &hop),
            Output::Send { flow, bytes } => self.send(station, flow, bytes),
            Output::Avoid {
                remote,
                transport,
                lasting,
            } => {
                let until = self.now + lasting;
                self.avoided.insert((station, remote, transport), until);
            }
            Output::Close { flow } => self.close(station, flow),
            Output::Doubt { .. } | Output::Event(_) => {}
        }
    }

    fn address_of(&self, station: usize) -> SocketAddr {
        let inside = |a: &SocketAddr| !self.translated.values().any(|outside| outside == a);
        *self
            .addresses
            .iter()
            .find(|(a, s)| **s == station && inside(a))
            .map(|(a, _)| a)
            .unwrap()
    }

    fn open(&mut self, station: usize, route: RouteId, hop: &NextHop) {
        let at = self.now + self.conditions.delay;
        let transport = hop.transport.unwrap_or(Transport::Udp);
        let mut remotes = match hop.host.ip() {
            Some(ip) => vec![SocketAddr::new(ip, hop.port.unwrap_or(5060))],
            None => self
                .names
                .get(&hop.host.to_string().to_ascii_lowercase())
                .cloned()
                .unwrap_or_default(),
        };
        for remote in &mut remotes {
            remote.set_port(hop.port.unwrap_or(remote.port()));
        }
        remotes.sort_by_key(|remote| {
            let until = self.avoided.get(&(station, *remote, transport)).copied();
            until.filter(|until| *until > self.now)
        });
        if remotes.len() > 1 {
            let remotes = remotes.clone();
            self.later(at, station, Input::Candidates { route, remotes });
        }
        let local = self.address_of(station);
        let mut why = TransportError::NoSuchHost;
        let mut delay = Duration::ZERO;
        for remote in remotes {
            if transport == Transport::Udp {
                let flow = self.udp_flow(station, local, remote);
                return self.later(at, station, Input::Opened { route, flow });
            }
            let peer = self.addresses.get(&remote).copied();
            if self.dead.contains(&remote) || self.dead.contains(&local) {
                delay += CONNECT_TIMEOUT;
                why = TransportError::TimedOut;
            } else if let Some(peer) = peer.filter(|_| !self.no_tcp.contains(&remote)) {
                let flow = self.connect(station, peer, (local, remote), transport);
                return self.later(at + delay, station, Input::Opened { route, flow });
            } else {
                why = TransportError::Refused;
            }
        }
        self.later(at + delay, station, Input::OpenFailed { route, why });
    }

    fn connect(
        &mut self,
        station: usize,
        peer: usize,
        (local, remote): (SocketAddr, SocketAddr),
        transport: Transport,
    ) -> Flow {
        let port = 40_000 + (self.next % 20_000) as u16;
        let ours = SocketAddr::new(local.ip(), port);
        let seen = self
            .translated
            .get(&local)
            .map_or(ours, |outside| SocketAddr::new(outside.ip(), port));
        let (mine, theirs) = (self.new_flow(), self.new_flow());
        let flow = Flow {
            id: mine,
            transport,
            local: ours,
            remote,
        };
        let back = Flow {
            id: theirs,
            transport,
            local: remote,
            remote: seen,
        };
        self.flows.insert((station, mine), (flow, Some((peer, theirs))));
        self.flows.insert((peer, theirs), (back, Some((station, mine))));
        flow
    }

    /// One end closes a connection; the other one notices.
    fn close(&mut self, station: usize, flow: FlowId) {
        let Some((_, other)) = self.flows.remove(&(station, flow)) else {
            return;
        };
        let Some((peer, theirs)) = other.filter(|other| self.flows.remove(other).is_some()) else {
            return;
        };
        let (at, why) = (self.now + self.conditions.delay, TransportError::Closed);
        self.later(at, peer, Input::Closed { flow: theirs, why });
    }

    fn new_flow(&mut self) -> FlowId {
        self.next += 1;
        FlowId(self.next)
    }

    fn udp_flow(&mut self, station: usize, local: SocketAddr, remote: SocketAddr) -> Flow {
        let known = self.flows.iter().find(|((owner, _), (flow, _))| {
            *owner == station && flow.transport == Transport::Udp && flow.local == local && flow.remote == remote
        });
        if let Some((_, (flow, _))) = known {
            return *flow;
        }
        let flow = Flow {
            id: self.new_flow(),
            transport: Transport::Udp,
            local,
            remote,
        };
        self.flows.insert((station, flow.id), (flow, None));
        flow
    }

    fn send(&mut self, station: usize, id: FlowId, bytes: Vec<u8>) {
        let Some((flow, peer)) = self.flows.get(&(station, id)).copied() else {
            return;
        };
        let local = self.address_of(station);
        let line = String::from_utf8_lossy(bytes.split(|b| *b == b'\r').next().unwrap_or_default()).into_owned();
        let at = (self.now - self.start).as_millis();
        let dead = self.dead.contains(&local)
            || self.dead.contains(&flow.remote)
            || (peer.is_some() && self.stalled.contains(&(station, id)));
        let lost = dead || (flow.transport == Transport::Udp && self.chance() < self.conditions.loss);
        let fate = if lost { "  (lost)" } else { "" };
        self.trace.push(format!(
            "{at:>8} ms  {local} -> {} {}  {line}{fate}",
            flow.remote, flow.transport
        ));
        if lost {
            return;
        }
        match peer {
            Some((peer, theirs)) => {
                let Some((back, _)) = self.flows.get(&(peer, theirs)).copied() else {
                    return;
                };
                let mut arrival = self.now + self.conditions.delay;
                if let Some(last) = self.streams.get(&(peer, theirs)) {
                    arrival = arrival.max(*last);
                }
                self.streams.insert((peer, theirs), arrival);
                self.later(arrival, peer, Input::Received { flow: back, bytes });
            }
            None => {
                let Some(peer) = self.addresses.get(&flow.remote).copied() else {
                    return;
                };
                let source = self.translated.get(&flow.local).copied().unwrap_or(flow.local);
                let inside = self.address_of(peer);
                let back = self.udp_flow(peer, inside, source);
                let copies = if self.chance() < self.conditions.duplication {
                    2
                } else {
                    1
                };
                for _ in 0..copies {
                    let arrival = self.now + self.conditions.delay + self.conditions.jitter.mul_f64(self.chance());
                    self.later(
                        arrival,
                        peer,
                        Input::Received {
                            flow: back,
                            bytes: bytes.clone(),
                        },
                    );
                }
            }
        }
    }

    fn chance(&mut self) -> f64 {
        f64::from(self.rng.next_u32()) / f64::from(u32::MAX)
    }
}
