//! Two registrars behind one domain (RFC 3263): a name server says which is preferred.
use crate::line::{Line, call, lost, talks};
use parley_tests::dns::Dns;
use parley_tests::kamailio::Kamailio;
use serde_json::json;
use std::time::Duration;

const NAMES: &str = "10.77.0.7";
const FIRST: &str = "10.77.0.9";
const SECOND: &str = "10.77.0.8";
const ZONE: &str = "pbx.test NAPTR 10 10 s SIP+D2T _sip._tcp.pbx.test
    pbx.test NAPTR 20 10 s SIP+D2U _sip._udp.pbx.test
    _sip._udp.pbx.test SRV 10 0 5060 first.pbx.test
    _sip._udp.pbx.test SRV 20 0 5060 second.pbx.test
    _sip._tcp.pbx.test SRV 10 0 5060 first.pbx.test
    _sip._tcp.pbx.test SRV 20 0 5060 second.pbx.test
    first.pbx.test A 10.77.0.9
    second.pbx.test A 10.77.0.8";

fn line(user: &str, ip: &str, transport: &str, dns: &Dns) -> Line {
    Line::of(user)
        .account("transport", json!(transport))
        .config("reachabilitySeconds", json!(2))
        .listening(ip)
        .asking(&dns.address)
}

fn first_dies(transport: &str) {
    let dns = Dns::start(NAMES, ZONE);
    let first = Kamailio::start(FIRST, 3600);
    let second = Kamailio::start(SECOND, 3600);
    let mut anna = line("1001", "10.77.0.2", transport, &dns).speaking(1000.0).registered();
    let mut ben = line("1002", "10.77.0.3", transport, &dns).speaking(600.0).registered();
    assert!(dns.was_asked(&format!("_sip._{transport}.pbx.test")));
    assert_eq!(first.bindings("1001").len(), 1, "the preferred one is asked first");
    assert!(second.bindings("1001").is_empty());
    first.crash();
    for user in ["1001", "1002"] {
        second.bound(user, Duration::from_secs(20), &[]);
    }
    anna.registered();
    ben.registered();
    call(&mut anna, &mut ben, "1002");
    talks(&anna, 600.0, 1.0);
    talks(&ben, 1000.0, 1.0);
}

#[test]
#[ignore = "not there yet"]
fn the_second_server_takes_over_over_udp() {
    first_dies("udp");
}

#[test]
#[ignore = "not there yet"]
fn the_second_server_takes_over_over_tcp() {
    first_dies("tcp");
}

#[test]
#[ignore = "not there yet"]
fn a_first_server_that_is_down_from_the_start_is_passed_over() {
    let dns = Dns::start(NAMES, ZONE);
    let second = Kamailio::start(SECOND, 3600);
    let _anna = line("1001", "10.77.0.2", "tcp", &dns).registered();
    assert_eq!(second.bindings("1001").len(), 1);
}

#[test]
#[ignore = "not there yet"]
fn the_transport_the_domain_prefers_is_taken_when_none_is_chosen() {
    let dns = Dns::start(NAMES, ZONE);
    let first = Kamailio::start(FIRST, 3600);
    let _anna = line("1001", "10.77.0.2", "auto", &dns).registered();
    let binding = first.bindings("1001").join(" ");
    assert!(binding.ends_with("transport=tcp"), "{binding}");
    assert!(dns.was_asked("pbx.test"));
}

#[test]
#[ignore = "not there yet"]
fn the_first_server_is_preferred_again_when_it_is_back() {
    let dns = Dns::start(NAMES, ZONE);
    let first = Kamailio::start(FIRST, 3600);
    let second = Kamailio::start(SECOND, 3600);
    let anna = line("1001", "10.77.0.2", "tcp", &dns).registered();
    first.crash();
    second.bound("1001", Duration::from_secs(20), &[]);
    let first = Kamailio::start(FIRST, 3600);
    second.crash();
    lost(&anna, Duration::from_secs(20));
    first.bound("1001", Duration::from_secs(20), &[]);
}

#[test]
#[ignore = "not there yet"]
fn a_domain_nobody_knows_is_said() {
    let dns = Dns::start(NAMES, "other.test A 10.77.0.9");
    let phone = line("1001", "10.77.0.2", "udp", &dns).start();
    let failed = crate::line::failure(&phone);
    assert_eq!(failed["reason"], "unknown_domain", "{failed}");
}
