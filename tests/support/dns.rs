//! A name server of a test: a zone written down as text, answered over UDP.
use std::net::{IpAddr, UdpSocket};
use std::sync::{Arc, Mutex};

const A: u16 = 1;
const AAAA: u16 = 28;
const SRV: u16 = 33;
const NAPTR: u16 = 35;
const TTL: u32 = 5;

/// Answers until the test's network is gone.
pub struct Dns {
    /// Where it listens, `host:port`.
    pub address: String,
    zone: Arc<Mutex<Vec<Record>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

struct Record {
    name: String,
    kind: u16,
    data: Vec<u8>,
}

impl Dns {
    /// One line a record, as in a zone file: `name A address`, `name AAAA address`, `name SRV priority weight port target`,
    /// `name NAPTR order preference flags service replacement`.
    pub fn start(ip: &str, zone: &str) -> Dns {
        crate::lab();
        let socket = UdpSocket::bind((ip, 53)).unwrap();
        let dns = Dns {
            address: format!("{ip}:53"),
            zone: Arc::new(Mutex::new(zone.lines().filter_map(record).collect())),
            asked: Arc::default(),
        };
        let (zone, asked) = (dns.zone.clone(), dns.asked.clone());
        std::thread::spawn(move || {
            let mut buffer = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                if let Some((name, kind, end)) = question(&buffer[..length]) {
                    asked.lock().unwrap().push(format!("{name} {kind}"));
                    let answer = answer(&buffer[..end], &zone.lock().unwrap(), &name, kind);
                    let _ = socket.send_to(&answer, from);
                }
            }
        });
        dns
    }

    /// Other records from now on.
    pub fn change(&self, zone: &str) {
        *self.zone.lock().unwrap() = zone.lines().filter_map(record).collect();
    }

    /// Whether somebody asked for this name.
    pub fn was_asked(&self, name: &str) -> bool {
        self.asked
            .lock()
            .unwrap()
            .iter()
            .any(|asked| asked.split(' ').next() == Some(name))
    }
}

fn record(line: &str) -> Option<Record> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (name, kind) = (*words.first()?, *words.get(1)?);
    let number = |at: usize| words[at].parse::<u16>().unwrap().to_be_bytes();
    let text = |at: usize| [&[words[at].len() as u8], words[at].as_bytes()].concat();
    let (kind, data) = match kind {
        "A" | "AAAA" => match words[2].parse().unwrap() {
            IpAddr::V4(address) => (A, address.octets().to_vec()),
            IpAddr::V6(address) => (AAAA, address.octets().to_vec()),
        },
        "SRV" => (
            SRV,
            [
                number(2).to_vec(),
                number(3).to_vec(),
                number(4).to_vec(),
                labels(words[5]),
            ]
            .concat(),
        ),
        "NAPTR" => {
            let fixed = [number(2), number(3)].concat();
            (NAPTR, [fixed, text(4), text(5), vec![0], labels(words[6])].concat())
        }
        other => panic!("no such kind of record: {other}"),
    };
    Some(Record {
        name: name.to_lowercase(),
        kind,
        data,
    })
}

fn labels(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in name.split('.').filter(|label| !label.is_empty()) {
        bytes.push(label.len() as u8);
        bytes.extend_from_slice(label.as_bytes());
    }
    bytes.push(0);
    bytes
}

/// The first question: its name, its kind and where it ends.
fn question(message: &[u8]) -> Option<(String, u16, usize)> {
    let mut at = 12;
    let mut name = Vec::new();
    loop {
        let length = usize::from(*message.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        name.push(String::from_utf8_lossy(message.get(at..at + length)?).to_lowercase());
        at += length;
    }
    let kind = u16::from_be_bytes([*message.get(at)?, *message.get(at + 1)?]);
    message.get(at + 3)?;
    Some((name.join("."), kind, at + 4))
}

fn answer(question: &[u8], zone: &[Record], name: &str, kind: u16) -> Vec<u8> {
    let known = zone.iter().any(|record| record.name == name);
    let found: Vec<&Record> = zone
        .iter()
        .filter(|record| record.name == name && record.kind == kind)
        .collect();
    let mut bytes = question.to_vec();
    // An authoritative answer; NXDOMAIN where there is nothing by that name (RFC 1035 section 4.1.1). Nothing but one question.
    bytes[2] = 0x85;
    bytes[3] = if known { 0x80 } else { 0x83 };
    bytes[4..12].copy_from_slice(&[0, 1, 0, found.len() as u8, 0, 0, 0, 0]);
    for record in found {
        // The name is the one asked for, at offset 12 (section 4.1.4).
        bytes.extend_from_slice(&[0xc0, 12]);
        bytes.extend_from_slice(&record.kind.to_be_bytes());
        bytes.extend_from_slice(&[0, 1]);
        bytes.extend_from_slice(&TTL.to_be_bytes());
        bytes.extend_from_slice(&(record.data.len() as u16).to_be_bytes());
        bytes.extend_from_slice(&record.data);
    }
    bytes
}
