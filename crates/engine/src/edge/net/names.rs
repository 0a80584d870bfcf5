//! The DNS: puts the questions of a [`Search`] to the name servers (RFC 3263) and gives it their answers.
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use hickory_resolver::config::{NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::{Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use hickory_resolver::{Hosts, TokioResolver};
use parley_sip::Transport;
use parley_sip::endpoint::{NextHop, TransportError};
use parley_sip::locate::{Answer, Candidate, Naptr, NoWay, Question, Search, Srv};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::timeout;

/// How long service records may take. Some home routers drop such questions: the plain address must not wait for them.
const SERVICES: Duration = Duration::from_millis(2500);
/// How long addresses may take.
const ADDRESSES: Duration = Duration::from_secs(5);
/// One try of one name server.
const TRY: Duration = Duration::from_millis(1200);
/// Answers kept while they are valid.
const CACHE: u64 = 256;

/// What we can reach a server by.
const ABLE: [Transport; 5] = [
    Transport::Udp,
    Transport::Tcp,
    Transport::Tls,
    Transport::Ws,
    Transport::Wss,
];

/// Whoever finds the servers of a name.
pub(crate) struct Names {
    /// Asked instead of the system's.
    server: Option<SocketAddr>,
    known: Mutex<Option<Arc<Sources>>>,
}

/// Name servers, and the names this computer knows by itself.
struct Sources {
    resolver: TokioResolver,
    hosts: Hosts,
}

impl Names {
    pub fn new(server: Option<SocketAddr>) -> Self {
        Self {
            server,
            known: Mutex::new(None),
        }
    }

    /// Another network has other name servers, and what the ones before said counts no more.
    pub fn reload(&self) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The servers in the order to try them; never an empty list.
    pub async fn find(&self, hop: &NextHop) -> Result<Vec<Candidate>, TransportError> {
        let mut search = Search::new(hop, &ABLE);
        loop {
            let questions = search.questions();
            if questions.is_empty() {
                break;
            }
            let ask = |question: Question| async move {
                let answer = self.ask(&question).await;
                (question, answer)
            };
            let mut asked: FuturesUnordered<_> = questions.into_iter().map(ask).collect();
            while let Some((question, answer)) = asked.next().await {
                search.answer(&question, answer);
            }
        }
        let mut seed = [0; 32];
        // Without randomness all weights are drawn alike: still a server.
        let _ = getrandom::fill(&mut seed);
        let found = search.candidates(&mut ChaCha20Rng::from_seed(seed));
        found.map_err(|why| match why {
            NoWay::NoSuchHost => TransportError::NoSuchHost,
            NoWay::NoDns => TransportError::Unreachable,
            NoWay::NotOffered => TransportError::Refused,
        })
    }

    async fn ask(&self, question: &Question) -> Answer {
        let sources = self.sources();
        let patience = match question {
            Question::Addresses(_) => ADDRESSES,
            Question::Naptr(_) | Question::Srv(_) => SERVICES,
        };
        let asking = async {
            match question {
                Question::Naptr(name) => records(sources.as_deref(), name, RecordType::NAPTR, naptr).await,
                Question::Srv(name) => records(sources.as_deref(), name, RecordType::SRV, srv).await,
                Question::Addresses(name) => self.addresses(sources.as_deref(), name).await,
            }
        };
        timeout(patience, asking).await.unwrap_or(Answer::Failed)
    }

    async fn addresses(&self, sources: Option<&Sources>, name: &str) -> Answer {
        let asked = match sources {
            Some(sources) => look_up(sources, name).await,
            None => Answer::Failed,
        };
        if self.server.is_some() || matches!(asked, Answer::Addresses(_)) {
            return asked;
        }
        // The system knows names that no name server tells us: of a private network, of the neighbourhood.
        match tokio::net::lookup_host((name, 0)).await {
            Ok(found) => Answer::Addresses(found.map(|address| address.ip()).collect()),
            Err(_) => asked,
        }
    }

    fn sources(&self) -> Option<Arc<Sources>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_none() {
            *known = sources(self.server).map(Arc::new);
        }
        known.clone()
    }
}

fn sources(server: Option<SocketAddr>) -> Option<Sources> {
    let (config, mut options) = match server {
        Some(server) => {
            let mut named = NameServerConfig::udp_and_tcp(server.ip());
            for connection in &mut named.connections {
                connection.port = server.port();
            }
            (ResolverConfig::from_name_servers(vec![named]), ResolverOpts::default())
        }
        None => match hickory_resolver::system_conf::read_system_conf() {
            Ok(read) => read,
            Err(why) => {
                log::warn!("the system names no name server: {why}");
                return None;
            }
        },
    };
    options.timeout = TRY;
    options.attempts = 2;
    options.cache_size = CACHE;
    options.use_hosts_file = ResolveHosts::Always;
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    *builder.options_mut() = options;
    match builder.build() {
        Ok(resolver) => Some(Sources {
            resolver,
            hosts: Hosts::from_system().unwrap_or_default(),
        }),
        Err(why) => {
            log::warn!("no name server can be asked: {why}");
            None
        }
    }
}

/// A full name, so that no search domain is put behind it.
fn full(name: &str) -> Option<Name> {
    let mut name = Name::from_ascii(name).ok()?;
    name.set_fqdn(true);
    Some(name)
}

async fn records(
    sources: Option<&Sources>,
    name: &str,
    kind: RecordType,
    read: impl Fn(Vec<&RData>) -> Answer,
) -> Answer {
    let (Some(sources), Some(full)) = (sources, full(name)) else {
        return Answer::Failed;
    };
    if is_known_here(sources, &full) {
        return Answer::Nothing;
    }
    match sources.resolver.lookup(full, kind).await {
        Ok(found) => read(found.answers().iter().map(|record| &record.data).collect()),
        Err(why) => meaning(&why),
    }
}

/// The person who put a name into the hosts file, and whoever says `localhost`, means the address it stands for.
fn is_known_here(sources: &Sources, name: &Name) -> bool {
    let host = match name.iter().next() {
        // `_sip._udp.` and the like stand before the host.
        Some(label) if label.starts_with(b"_") => name.base_name().base_name(),
        _ => name.clone(),
    };
    let listed = |kind| {
        sources
            .hosts
            .lookup_static_host(&Query::query(host.clone(), kind))
            .is_some()
    };
    host.is_localhost() || listed(RecordType::A) || listed(RecordType::AAAA)
}

async fn look_up(sources: &Sources, name: &str) -> Answer {
    // A name of one label is found in the search domains.
    let found = match full(name).filter(|full| full.num_labels() > 1) {
        Some(full) => sources.resolver.lookup_ip(full).await,
        None => sources.resolver.lookup_ip(name).await,
    };
    match found {
        Ok(found) => {
            let addresses: Vec<IpAddr> = found.iter().collect();
            if addresses.is_empty() {
                Answer::Nothing
            } else {
                Answer::Addresses(addresses)
            }
        }
        Err(why) => meaning(&why),
    }
}

fn naptr(found: Vec<&RData>) -> Answer {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let read = |data: &&RData| match data {
        RData::NAPTR(record) => Some(Naptr {
            order: record.order,
            preference: record.preference,
            flags: text(&record.flags),
            service: text(&record.services),
            replacement: record.replacement.to_ascii(),
        }),
        _ => None,
    };
    Answer::Naptr(found.iter().filter_map(read).collect())
}

fn srv(found: Vec<&RData>) -> Answer {
    let read = |data: &&RData| match data {
        RData::SRV(record) => Some(Srv {
            priority: record.priority,
            weight: record.weight,
            port: record.port,
            target: record.target.to_ascii(),
        }),
        _ => None,
    };
    Answer::Srv(found.iter().filter_map(read).collect())
}

/// "There is none" told from "nobody said so".
fn meaning(why: &NetError) -> Answer {
    match why {
        NetError::Dns(DnsError::NoRecordsFound(_)) => Answer::Nothing,
        NetError::Dns(DnsError::ResponseCode(ResponseCode::NXDomain)) => Answer::Nothing,
        _ => Answer::Failed,
    }
}
