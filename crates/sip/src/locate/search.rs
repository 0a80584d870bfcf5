//! One look-up, from a next hop to servers in the order to try them.

use super::order::{by_priority, families};
use super::{Answer, Candidate, Naptr, Question, default_port, is_secure};
use crate::endpoint::NextHop;
use crate::{Host, Transport};
use rand_core::RngCore;
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// Records of one answer that are looked at, at most.
const RECORDS: usize = 32;
/// Names whose addresses are asked for, at most.
const NAMES: usize = 16;
/// Addresses of one name that are tried, at most.
const ADDRESSES: usize = 8;
/// Servers in the result, at most.
const CANDIDATES: usize = 32;

/// Why there is no server to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoWay {
    /// The name does not exist, or has no address.
    NoSuchHost,
    /// The DNS did not answer.
    NoDns,
    /// The server does not offer this transport, or none that we have.
    NotOffered,
}

/// One look-up.
#[derive(Debug, Clone)]
pub struct Search {
    /// The host as the DNS writes it; an address in `address` otherwise.
    host: Host,
    port: Option<u16>,
    /// In the order of our own preference, when the server states none.
    transports: Vec<Transport>,
    /// The transport when the DNS says nothing about it.
    plain: Transport,
    /// Whether service records count.
    services: bool,
    /// Whether NAPTR records count.
    pointers: bool,
    asked: BTreeMap<Question, Option<Answer>>,
}

impl Search {
    /// A look-up for what `able` transports can reach.
    pub fn new(hop: &NextHop, able: &[Transport]) -> Self {
        let given = hop
            .transport
            .map(|given| if hop.secure { secured(given) } else { given });
        let wanted = |transport: &Transport| {
            able.contains(transport)
                && (!hop.secure || is_secure(*transport))
                && given.is_none_or(|given| given == *transport)
        };
        let all = match given {
            Some(given) => vec![given],
            // Without a word of the server, RFC 3261 prefers what needs no connection. Web sockets are never guessed.
            None => vec![Transport::Udp, Transport::Tcp, Transport::Tls],
        };
        let transports: Vec<Transport> = all.into_iter().filter(wanted).collect();
        let plain = given.unwrap_or(if hop.secure { Transport::Tls } else { Transport::Udp });
        let named = hop.host.ip().is_none() && hop.port.is_none();
        Self {
            host: hop.host.clone(),
            port: hop.port,
            services: named && !matches!(plain, Transport::Ws | Transport::Wss),
            pointers: named && given.is_none(),
            transports,
            plain,
            asked: BTreeMap::new(),
        }
    }

    /// What to ask now: empty when nothing more is to be known. Call again when all of it is answered.
    pub fn questions(&mut self) -> Vec<Question> {
        if self.host.ip().is_some() || self.transports.is_empty() {
            return Vec::new();
        }
        let mut wanted = Vec::new();
        // The plain addresses are asked for along with the records: whoever has none shall not wait for another round.
        if self.pointers {
            wanted.push(Question::Naptr(self.name()));
        }
        if self.services {
            let own = self
                .transports
                .iter()
                .map(|transport| Question::Srv(self.service(*transport)));
            wanted.extend(own);
            let pointed = self.pointers().into_iter().map(|(_, name)| Question::Srv(name));
            wanted.extend(pointed);
        }
        wanted.push(Question::Addresses(self.name()));
        let targets = self.targets();
        wanted.extend(targets.into_iter().map(Question::Addresses));
        wanted.retain(|question| !self.asked.contains_key(question));
        wanted.sort();
        wanted.dedup();
        for question in &wanted {
            self.asked.insert(question.clone(), None);
        }
        wanted
    }

    /// Takes an answer; one to a question that was not asked is ignored.
    pub fn answer(&mut self, question: &Question, answer: Answer) {
        if let Some(place) = self.asked.get_mut(question) {
            *place = Some(answer);
        }
    }

    /// The servers in the order to try them; `rng` draws the weights.
    ///
    /// # Errors
    /// When there is none.
    pub fn candidates(&self, rng: &mut dyn RngCore) -> Result<Vec<Candidate>, NoWay> {
        if self.transports.is_empty() {
            return Err(NoWay::NotOffered);
        }
        if let Some(ip) = self.host.ip() {
            let address = SocketAddr::new(ip, self.port.unwrap_or_else(|| default_port(self.plain)));
            return Ok(vec![Candidate {
                transport: self.plain,
                address,
            }]);
        }
        let mut found: Vec<Candidate> = Vec::new();
        let services = self.offered();
        let spoken = services.iter().any(|(_, name)| !self.srv(name).is_empty());
        for (transport, name) in services {
            for record in by_priority(self.srv(&name), rng) {
                self.add(&mut found, transport, &record.target, record.port);
            }
        }
        if !spoken {
            let port = self.port.unwrap_or_else(|| default_port(self.plain));
            self.add(&mut found, self.plain, &self.name(), port);
        }
        if !found.is_empty() {
            return Ok(found);
        }
        let failed = self
            .asked
            .values()
            .any(|answer| matches!(answer, Some(Answer::Failed) | None));
        Err(match (failed, spoken) {
            (true, _) => NoWay::NoDns,
            (false, true) => NoWay::NotOffered,
            (false, false) => NoWay::NoSuchHost,
        })
    }

    fn add(&self, found: &mut Vec<Candidate>, transport: Transport, name: &str, port: u16) {
        let Some(Some(Answer::Addresses(addresses))) = self.asked.get(&Question::Addresses(tidy(name))) else {
            return;
        };
        for ip in families(addresses).into_iter().take(ADDRESSES) {
            let address = SocketAddr::new(ip, port);
            let candidate = Candidate { transport, address };
            if found.len() < CANDIDATES && !found.contains(&candidate) {
                found.push(candidate);
            }
        }
    }

    fn name(&self) -> String {
        match &self.host {
            Host::Name(name) => tidy(name),
            other => other.to_string(),
        }
    }

    fn service(&self, transport: Transport) -> String {
        let service = match transport {
            Transport::Udp => "_sip._udp",
            Transport::Tls => "_sips._tcp",
            _ => "_sip._tcp",
        };
        format!("{service}.{}", self.name())
    }

    /// Names of SRV records with the transport they stand for, best first: as NAPTR says, else all.
    fn offered(&self) -> Vec<(Transport, String)> {
        if !self.services {
            return Vec::new();
        }
        let pointed = self.pointers();
        if !pointed.is_empty() {
            return pointed;
        }
        self.transports
            .iter()
            .map(|transport| (*transport, self.service(*transport)))
            .collect()
    }

    /// What NAPTR says about the transports we have, best first (RFC 3263 section 4.1).
    fn pointers(&self) -> Vec<(Transport, String)> {
        let Some(Some(Answer::Naptr(records))) = self.asked.get(&Question::Naptr(self.name())) else {
            return Vec::new();
        };
        let mut useful: Vec<(&Naptr, Transport)> = records
            .iter()
            .take(RECORDS)
            .filter(|record| record.flags.eq_ignore_ascii_case("s"))
            .filter_map(|record| Some((record, transport_of(&record.service)?)))
            .filter(|(_, transport)| self.transports.contains(transport))
            .collect();
        useful.sort_by_key(|(record, _)| (record.order, record.preference));
        let mut named: Vec<(Transport, String)> = Vec::new();
        for (record, transport) in useful {
            let pointer = (transport, tidy(&record.replacement));
            if !named.contains(&pointer) {
                named.push(pointer);
            }
        }
        named
    }

    fn srv(&self, name: &str) -> Vec<super::Srv> {
        match self.asked.get(&Question::Srv(name.to_owned())) {
            Some(Some(Answer::Srv(records))) => records.iter().take(RECORDS).cloned().collect(),
            _ => Vec::new(),
        }
    }

    fn targets(&self) -> Vec<String> {
        let mut targets: Vec<String> = Vec::new();
        for (_, name) in self.offered() {
            for record in self.srv(&name) {
                let target = tidy(&record.target);
                if !target.is_empty() && target != "." && targets.len() < NAMES && !targets.contains(&target) {
                    targets.push(target);
                }
            }
        }
        targets
    }
}

/// `sips:` with `transport=tcp` is TLS (RFC 3261 section 26.2.2).
fn secured(transport: Transport) -> Transport {
    match transport {
        Transport::Tcp => Transport::Tls,
        Transport::Ws => Transport::Wss,
        other => other,
    }
}

fn transport_of(service: &str) -> Option<Transport> {
    match service.to_ascii_uppercase().as_str() {
        "SIP+D2U" => Some(Transport::Udp),
        "SIP+D2T" => Some(Transport::Tcp),
        "SIPS+D2T" => Some(Transport::Tls),
        _ => None,
    }
}

/// A name as questions carry it: without the dot of the root, in lower case.
fn tidy(name: &str) -> String {
    name.strip_suffix('.')
        .filter(|rest| !rest.is_empty())
        .unwrap_or(name)
        .to_ascii_lowercase()
}
