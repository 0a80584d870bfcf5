//! Finding servers (RFC 3263), with a DNS made of a table.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
use parley_sip::endpoint::NextHop;
use parley_sip::locate::{Answer, Candidate, Naptr, NoWay, PenaltyList, Question, Search, Srv};
use parley_sip::{Host, Transport};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use std::collections::HashMap;
use std::time::{Duration, Instant};

const ABLE: [Transport; 5] = [
    Transport::Udp,
    Transport::Tcp,
    Transport::Tls,
    Transport::Ws,
    Transport::Wss,
];

#[derive(Default)]
struct Dns {
    records: HashMap<Question, Answer>,
    asked: Vec<Question>,
}

impl Dns {
    fn address(mut self, name: &str, addresses: &[&str]) -> Self {
        let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
        self.records
            .insert(Question::Addresses(name.into()), Answer::Addresses(addresses));
        self
    }

    fn srv(mut self, name: &str, records: &[(u16, u16, u16, &str)]) -> Self {
        let record = |(priority, weight, port, target): &(u16, u16, u16, &str)| Srv {
            priority: *priority,
            weight: *weight,
            port: *port,
            target: (*target).into(),
        };
        let records = records.iter().map(record).collect();
        self.records.insert(Question::Srv(name.into()), Answer::Srv(records));
        self
    }

    fn naptr(mut self, name: &str, records: &[(u16, u16, &str, &str)]) -> Self {
        let record = |(order, preference, service, replacement): &(u16, u16, &str, &str)| Naptr {
            order: *order,
            preference: *preference,
            flags: "s".into(),
            service: (*service).into(),
            replacement: (*replacement).into(),
        };
        let records = records.iter().map(record).collect();
        self.records
            .insert(Question::Naptr(name.into()), Answer::Naptr(records));
        self
    }

    fn failed(mut self, question: Question) -> Self {
        self.records.insert(question, Answer::Failed);
        self
    }

    fn find(&mut self, hop: &NextHop) -> Result<Vec<String>, NoWay> {
        self.find_by_lot(hop, &mut ChaCha20Rng::seed_from_u64(1))
    }

    fn find_by_lot(&mut self, hop: &NextHop, rng: &mut dyn RngCore) -> Result<Vec<String>, NoWay> {
        let mut search = Search::new(hop, &ABLE);
        for round in 0.. {
            assert!(round < 5, "it never stops asking");
            let questions = search.questions();
            if questions.is_empty() {
                break;
            }
            for question in questions {
                let answer = self.records.get(&question).cloned().unwrap_or(Answer::Nothing);
                search.answer(&question, answer);
                self.asked.push(question);
            }
        }
        let found = search.candidates(rng)?;
        Ok(found
            .iter()
            .map(|found| format!("{} {}", found.transport, found.address))
            .collect())
    }
}

fn to(host: &str) -> NextHop {
    NextHop::new(Host::parse_lenient(host).unwrap())
}

fn by(transport: Transport, host: &str) -> NextHop {
    NextHop {
        transport: Some(transport),
        ..to(host)
    }
}

#[test]
fn an_address_is_asked_of_nobody() {
    let mut dns = Dns::default();
    assert_eq!(dns.find(&to("192.0.2.1")).unwrap(), ["UDP 192.0.2.1:5060"]);
    assert_eq!(
        dns.find(&by(Transport::Tls, "2001:db8::1")).unwrap(),
        ["TLS [2001:db8::1]:5061"]
    );
    assert_eq!(
        dns.find(&by(Transport::Wss, "192.0.2.1")).unwrap(),
        ["WSS 192.0.2.1:443"]
    );
    let sips = NextHop {
        secure: true,
        ..to("192.0.2.1")
    };
    assert_eq!(dns.find(&sips).unwrap(), ["TLS 192.0.2.1:5061"]);
    assert!(dns.asked.is_empty());
}

#[test]
fn a_port_leaves_only_the_addresses_to_ask_for() {
    let mut dns = Dns::default().address("pbx.example", &["192.0.2.1"]);
    let hop = NextHop {
        port: Some(5080),
        ..to("PBX.example.")
    };
    assert_eq!(dns.find(&hop).unwrap(), ["UDP 192.0.2.1:5080"]);
    assert_eq!(dns.asked, [Question::Addresses("pbx.example".into())]);
}

#[test]
fn a_transport_asks_for_its_own_services_alone() {
    let mut dns = Dns::default()
        .srv("_sips._tcp.pbx.example", &[(1, 1, 5071, "one.pbx.example.")])
        .srv("_sip._udp.pbx.example", &[(1, 1, 5072, "two.pbx.example.")])
        .address("one.pbx.example", &["192.0.2.1"]);
    assert_eq!(
        dns.find(&by(Transport::Tls, "pbx.example")).unwrap(),
        ["TLS 192.0.2.1:5071"]
    );
    assert!(!dns.asked.iter().any(|asked| matches!(asked, Question::Naptr(_))));
    assert!(!dns.asked.contains(&Question::Srv("_sip._udp.pbx.example".into())));
}

#[test]
fn without_services_the_name_itself_is_tried_at_the_usual_port() {
    let mut dns = Dns::default().address("pbx.example", &["192.0.2.1"]);
    assert_eq!(dns.find(&to("pbx.example")).unwrap(), ["UDP 192.0.2.1:5060"]);
    assert_eq!(
        dns.find(&by(Transport::Tcp, "pbx.example")).unwrap(),
        ["TCP 192.0.2.1:5060"]
    );
    assert_eq!(
        dns.find(&by(Transport::Tls, "pbx.example")).unwrap(),
        ["TLS 192.0.2.1:5061"]
    );
}

#[test]
fn web_sockets_use_the_ports_of_the_web_and_no_services() {
    let mut dns = Dns::default().address("pbx.example", &["192.0.2.1"]);
    assert_eq!(
        dns.find(&by(Transport::Ws, "pbx.example")).unwrap(),
        ["WS 192.0.2.1:80"]
    );
    assert_eq!(
        dns.find(&by(Transport::Wss, "pbx.example")).unwrap(),
        ["WSS 192.0.2.1:443"]
    );
    assert!(!dns.asked.iter().any(|asked| matches!(asked, Question::Srv(_))));
}

#[test]
fn naptr_says_which_transport_comes_first() {
    let mut dns = Dns::default()
        .naptr(
            "pbx.example",
            &[
                (20, 1, "SIP+D2U", "_sip._udp.pbx.example."),
                (10, 2, "SIP+D2T", "_sip._tcp.pbx.example."),
                (10, 1, "SIPS+D2T", "secure.pbx.example."),
                (1, 1, "E2U+sip", "nonsense.example."),
                (1, 1, "SIP+D2S", "_sip._sctp.pbx.example."),
            ],
        )
        .srv("secure.pbx.example", &[(1, 1, 5061, "a.pbx.example.")])
        .srv("_sip._tcp.pbx.example", &[(1, 1, 5060, "a.pbx.example.")])
        .srv("_sip._udp.pbx.example", &[(1, 1, 5060, "a.pbx.example.")])
        .address("a.pbx.example", &["192.0.2.1"]);
    assert_eq!(
        dns.find(&to("pbx.example")).unwrap(),
        ["TLS 192.0.2.1:5061", "TCP 192.0.2.1:5060", "UDP 192.0.2.1:5060"]
    );
}

#[test]
fn without_naptr_every_service_there_is_counts() {
    let mut dns = Dns::default()
        .srv("_sips._tcp.pbx.example", &[(1, 1, 5061, "a.pbx.example.")])
        .srv("_sip._tcp.pbx.example", &[(1, 1, 5070, "a.pbx.example.")])
        .address("a.pbx.example", &["192.0.2.1"])
        .address("pbx.example", &["192.0.2.99"]);
    assert_eq!(
        dns.find(&to("pbx.example")).unwrap(),
        ["TCP 192.0.2.1:5070", "TLS 192.0.2.1:5061"]
    );
}

#[test]
fn sips_takes_tls_alone() {
    let mut dns = Dns::default()
        .naptr(
            "pbx.example",
            &[
                (1, 1, "SIP+D2U", "_sip._udp.pbx.example."),
                (2, 1, "SIPS+D2T", "_sips._tcp.pbx.example."),
            ],
        )
        .srv("_sip._udp.pbx.example", &[(1, 1, 5060, "a.pbx.example.")])
        .srv("_sips._tcp.pbx.example", &[(1, 1, 5061, "a.pbx.example.")])
        .address("a.pbx.example", &["192.0.2.1"]);
    let hop = NextHop {
        secure: true,
        ..to("pbx.example")
    };
    assert_eq!(dns.find(&hop).unwrap(), ["TLS 192.0.2.1:5061"]);
    let tcp = NextHop {
        secure: true,
        ..by(Transport::Tcp, "pbx.example")
    };
    assert_eq!(dns.find(&tcp).unwrap(), ["TLS 192.0.2.1:5061"], "sips over tcp is TLS");
    let udp = NextHop {
        secure: true,
        ..by(Transport::Udp, "pbx.example")
    };
    assert_eq!(dns.find(&udp), Err(NoWay::NotOffered));
}

#[test]
fn the_lower_priority_is_tried_first_and_then_the_other_one() {
    let mut dns = Dns::default()
        .srv(
            "_sip._udp.pbx.example",
            &[
                (20, 100, 5060, "spare.pbx.example."),
                (10, 0, 5062, "main.pbx.example."),
            ],
        )
        .address("main.pbx.example", &["192.0.2.1"])
        .address("spare.pbx.example", &["192.0.2.2"]);
    for seed in 0..20 {
        let found = dns.find_by_lot(
            &by(Transport::Udp, "pbx.example"),
            &mut ChaCha20Rng::seed_from_u64(seed),
        );
        assert_eq!(found.unwrap(), ["UDP 192.0.2.1:5062", "UDP 192.0.2.2:5060"]);
    }
}

#[test]
fn equals_share_by_their_weights() {
    let mut dns = Dns::default()
        .srv(
            "_sip._udp.pbx.example",
            &[
                (1, 60, 5060, "a.example."),
                (1, 30, 5060, "b.example."),
                (1, 10, 5060, "c.example."),
                (1, 0, 5060, "d.example."),
            ],
        )
        .address("a.example", &["192.0.2.1"])
        .address("b.example", &["192.0.2.2"])
        .address("c.example", &["192.0.2.3"])
        .address("d.example", &["192.0.2.4"]);
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let mut first = HashMap::new();
    for _ in 0..2000 {
        let found = dns.find_by_lot(&by(Transport::Udp, "pbx.example"), &mut rng).unwrap();
        assert_eq!(found.len(), 4);
        *first.entry(found[0].clone()).or_insert(0) += 1;
    }
    let share = |last: u8| first.get(&format!("UDP 192.0.2.{last}:5060")).copied().unwrap_or(0);
    assert!((1100..1300).contains(&share(1)), "{first:?}");
    assert!((500..700).contains(&share(2)), "{first:?}");
    assert!((130..280).contains(&share(3)), "{first:?}");
    assert!((1..60).contains(&share(4)), "{first:?}");
}

#[test]
fn a_service_declared_absent_is_not_looked_for_elsewhere() {
    let mut dns = Dns::default()
        .srv("_sip._tcp.pbx.example", &[(0, 0, 0, ".")])
        .address("pbx.example", &["192.0.2.1"]);
    assert_eq!(dns.find(&by(Transport::Tcp, "pbx.example")), Err(NoWay::NotOffered));
}

#[test]
fn both_families_are_tried_in_turns() {
    let mut dns = Dns::default().address(
        "pbx.example",
        &[
            "2001:db8::1",
            "2001:db8::2",
            "192.0.2.1",
            "192.0.2.1",
            "192.0.2.2",
            "192.0.2.3",
        ],
    );
    assert_eq!(
        dns.find(&by(Transport::Tcp, "pbx.example")).unwrap(),
        [
            "TCP 192.0.2.1:5060",
            "TCP [2001:db8::1]:5060",
            "TCP 192.0.2.2:5060",
            "TCP [2001:db8::2]:5060",
            "TCP 192.0.2.3:5060"
        ]
    );
}

#[test]
fn a_name_that_does_not_exist_is_told_from_a_dns_that_does_not_answer() {
    assert_eq!(Dns::default().find(&to("pbx.example")), Err(NoWay::NoSuchHost));
    let mut silent = Dns::default().failed(Question::Addresses("pbx.example".into()));
    assert_eq!(silent.find(&to("pbx.example")), Err(NoWay::NoDns));
    // An answer that is enough makes up for others that are missing.
    let mut half = Dns::default()
        .failed(Question::Naptr("pbx.example".into()))
        .address("pbx.example", &["192.0.2.1"]);
    assert_eq!(half.find(&to("pbx.example")).unwrap(), ["UDP 192.0.2.1:5060"]);
}

#[test]
fn a_flood_of_records_is_bounded() {
    let many: Vec<(u16, u16, u16, String)> = (0..5000).map(|n| (n, 1, 5060, format!("h{n}.example."))).collect();
    let many: Vec<_> = many
        .iter()
        .map(|(p, w, port, name)| (*p, *w, *port, name.as_str()))
        .collect();
    let mut dns = Dns::default().srv("_sip._udp.pbx.example", &many);
    let addresses: Vec<String> = (0..250).map(|n| format!("192.0.2.{n}")).collect();
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    for number in 0..5000 {
        dns = dns.address(&format!("h{number}.example"), &addresses);
    }
    let found = dns.find(&by(Transport::Udp, "pbx.example")).unwrap();
    assert!(found.len() <= 32, "{}", found.len());
    assert!(dns.asked.len() < 40, "{}", dns.asked.len());
}

fn server(last: u8) -> Candidate {
    Candidate {
        transport: Transport::Udp,
        address: format!("192.0.2.{last}:5060").parse().unwrap(),
    }
}

#[test]
fn a_server_that_failed_comes_last_until_its_time_is_over() {
    let (now, mut list) = (Instant::now(), PenaltyList::new());
    list.avoid(now, server(1), Duration::from_secs(30));
    list.avoid(now, server(2), Duration::from_secs(10));
    let order = |list: &PenaltyList, at: Duration| {
        let mut servers = [server(1), server(2), server(3), server(4)];
        list.sort(now + at, &mut servers);
        servers.map(|server| server.address.to_string().as_bytes()[8] - b'0')
    };
    assert_eq!(
        order(&list, Duration::ZERO),
        [3, 4, 2, 1],
        "the one that is free first comes before the other"
    );
    assert_eq!(order(&list, Duration::from_secs(10)), [2, 3, 4, 1]);
    assert_eq!(order(&list, Duration::from_secs(30)), [1, 2, 3, 4]);
    let tcp = Candidate {
        transport: Transport::Tcp,
        ..server(1)
    };
    assert!(!list.is_avoided(now, tcp), "by another transport it may do");
    list.forgive(server(1));
    assert!(!list.is_avoided(now, server(1)));
    list.clear();
    assert!(!list.is_avoided(now, server(2)));
}

#[test]
fn the_penalty_list_is_bounded_and_no_penalty_is_endless() {
    let (now, mut list) = (Instant::now(), PenaltyList::new());
    for number in 0..20_000_u16 {
        let address = format!("192.0.2.1:{number}").parse().unwrap();
        let server = Candidate {
            transport: Transport::Udp,
            address,
        };
        list.avoid(now, server, Duration::from_secs(1_000_000));
    }
    assert!(format!("{list:?}").len() < 100_000);
    let last = Candidate {
        transport: Transport::Udp,
        address: "192.0.2.1:19999".parse().unwrap(),
    };
    assert!(list.is_avoided(now, last));
    assert!(!list.is_avoided(now + Duration::from_secs(3600), last));
}
