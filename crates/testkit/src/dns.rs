//! A small authoritative name server on a real UDP socket (feature `dns`), for tests of whoever finds servers by name.
//!
//! It knows what it is told and nothing else: every other name does not exist. The records can be changed while it runs.

use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::{NAPTR, SRV};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often it looks whether it shall stop.
const GLANCE: Duration = Duration::from_millis(50);

#[derive(Default)]
struct Zone {
    records: Vec<Record>,
    asked: Vec<(String, RecordType)>,
    silent: bool,
}

/// A running name server; it stops when dropped.
pub struct DnsServer {
    address: SocketAddr,
    zone: Arc<Mutex<Zone>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl DnsServer {
    /// Listens on a free port of the loopback.
    pub fn start() -> Self {
        Self::start_on("127.0.0.1:0".parse().unwrap())
    }

    /// Listens there, for instance on an address of a namespace.
    pub fn start_on(address: SocketAddr) -> Self {
        let socket = UdpSocket::bind(address).expect("the name server cannot listen");
        socket.set_read_timeout(Some(GLANCE)).unwrap();
        let address = socket.local_addr().unwrap();
        let (zone, stop) = (Arc::new(Mutex::new(Zone::default())), Arc::new(AtomicBool::new(false)));
        let (known, stopping) = (Arc::clone(&zone), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while !stopping.load(Ordering::Relaxed) {
                let Ok((length, from)) = socket.recv_from(&mut buffer) else {
                    continue;
                };
                if let Some(answer) = answer(&mut known.lock().unwrap(), &buffer[..length]) {
                    let _ = socket.send_to(&answer, from);
                }
            }
        });
        Self {
            address,
            zone,
            stop,
            thread: Some(thread),
        }
    }

    /// Where to ask.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// An A or AAAA record.
    pub fn host(&self, name: &str, address: IpAddr) -> &Self {
        let data = match address {
            IpAddr::V4(ip) => RData::A(ip.into()),
            IpAddr::V6(ip) => RData::AAAA(ip.into()),
        };
        self.add(name, data)
    }

    /// An SRV record: `_sip._udp.pbx.example`, priority, weight, port and host.
    pub fn srv(&self, name: &str, priority: u16, weight: u16, port: u16, target: &str) -> &Self {
        self.add(name, RData::SRV(SRV::new(priority, weight, port, full(target))))
    }

    /// A NAPTR record with the flag `s`: order, preference, service (`SIP+D2U`) and the name of the SRV records.
    pub fn naptr(&self, name: &str, order: u16, preference: u16, service: &str, replacement: &str) -> &Self {
        let text = |text: &str| text.as_bytes().to_vec().into_boxed_slice();
        let naptr = NAPTR::new(order, preference, text("s"), text(service), text(""), full(replacement));
        self.add(name, RData::NAPTR(naptr))
    }

    /// Forgets all records of a name.
    pub fn forget(&self, name: &str) -> &Self {
        let name = full(name);
        self.zone.lock().unwrap().records.retain(|record| record.name != name);
        self
    }

    /// Answers nothing any more, or again.
    pub fn silence(&self, on: bool) {
        self.zone.lock().unwrap().silent = on;
    }

    /// What was asked so far: names in lower case without the last dot, and `NAPTR`, `SRV`, `A`, `AAAA`.
    pub fn asked(&self) -> Vec<(String, String)> {
        let zone = self.zone.lock().unwrap();
        zone.asked
            .iter()
            .map(|(name, kind)| (name.clone(), kind.to_string()))
            .collect()
    }

    fn add(&self, name: &str, data: RData) -> &Self {
        // Of no age at all: what a test changes counts at once.
        self.zone
            .lock()
            .unwrap()
            .records
            .push(Record::from_rdata(full(name), 0, data));
        self
    }
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn full(name: &str) -> Name {
    let mut name = Name::from_ascii(name).unwrap();
    name.set_fqdn(true);
    name.to_lowercase()
}

fn answer(zone: &mut Zone, bytes: &[u8]) -> Option<Vec<u8>> {
    let asked = Message::from_vec(bytes).ok()?;
    let question = asked.queries.first()?.clone();
    let name = question.name().to_lowercase();
    let shown = name.to_ascii();
    zone.asked
        .push((shown.trim_end_matches('.').to_owned(), question.query_type()));
    if zone.silent {
        return None;
    }
    let mut answer = Message::response(asked.metadata.id, asked.metadata.op_code);
    answer.metadata.message_type = MessageType::Response;
    answer.metadata.authoritative = true;
    answer.metadata.recursion_available = true;
    answer.metadata.recursion_desired = asked.metadata.recursion_desired;
    answer.add_query(question.clone());
    let named: Vec<&Record> = zone.records.iter().filter(|record| record.name == name).collect();
    if named.is_empty() {
        answer.metadata.response_code = ResponseCode::NXDomain;
    }
    for record in named
        .into_iter()
        .filter(|record| record.record_type() == question.query_type())
    {
        answer.add_answer(record.clone());
    }
    answer.to_vec().ok()
}
