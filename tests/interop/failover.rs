//! Two registrars behind one domain (RFC 3263): a name server says which is preferred.
use crate::line::{Line, call, heard_so_far, lost, talks, talks_after};
use parley_testkit::DnsServer;
use parley_tests::kamailio::Kamailio;
use serde_json::json;
use std::time::Duration;

const NAMES: &str = "10.77.0.7:53";
const FIRST: &str = "10.77.0.9";
const SECOND: &str = "10.77.0.8";

/// A name server that knows two servers by UDP and TCP, the first preferred, and TCP preferred.
fn names() -> DnsServer {
    parley_tests::lab();
    let dns = DnsServer::start_on(NAMES.parse().unwrap());
    for (order, transport, service) in [(10, "tcp", "SIP+D2T"), (20, "udp", "SIP+D2U")] {
        let name = format!("_sip._{transport}.pbx.test");
        dns.naptr("pbx.test", order, 10, service, &name);
        dns.srv(&name, 10, 0, 5060, "first.pbx.test");
        dns.srv(&name, 20, 0, 5060, "second.pbx.test");
    }
    dns.host("first.pbx.test", FIRST.parse().unwrap());
    dns.host("second.pbx.test", SECOND.parse().unwrap());
    dns
}

fn asked(dns: &DnsServer, name: &str) -> bool {
    dns.asked().iter().any(|(asked, _)| asked == name)
}

fn line(user: &str, ip: &str, transport: &str, dns: &DnsServer) -> Line {
    Line::of(user)
        .account("transport", json!(transport))
        .config("reachabilitySeconds", json!(2))
        .listening(ip)
        .asking(&dns.address().to_string())
}

fn first_dies(transport: &str) {
    let dns = names();
    let first = Kamailio::start(FIRST, 3600);
    let second = Kamailio::start(SECOND, 3600);
    let mut anna = line("1001", "10.77.0.2", transport, &dns).speaking(1000.0).registered();
    let mut ben = line("1002", "10.77.0.3", transport, &dns).speaking(600.0).registered();
    assert!(asked(&dns, &format!("_sip._{transport}.pbx.test")));
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
fn the_second_server_takes_over_over_udp() {
    first_dies("udp");
}

#[test]
fn the_second_server_takes_over_over_tcp() {
    first_dies("tcp");
}

/// The two talk on without any server, each can hang up, and the next call goes through the second one.
fn first_dies_in_a_call(transport: &str) {
    let dns = names();
    let first = Kamailio::start(FIRST, 3600);
    let second = Kamailio::start(SECOND, 3600);
    let mut anna = line("1001", "10.77.0.2", transport, &dns).speaking(1000.0).registered();
    let mut ben = line("1002", "10.77.0.3", transport, &dns).speaking(600.0).registered();
    let (at_anna, at_ben) = call(&mut anna, &mut ben, "1002");
    talks(&anna, 600.0, 0.5);
    talks(&ben, 1000.0, 0.5);
    first.crash();
    for user in ["1001", "1002"] {
        second.bound(user, Duration::from_secs(20), &[]);
    }
    let (heard_by_anna, heard_by_ben) = (heard_so_far(&anna), heard_so_far(&ben));
    talks_after(&anna, heard_by_anna, 600.0, 1.0);
    talks_after(&ben, heard_by_ben, 1000.0, 1.0);
    anna.ask(json!({ "type": "hang_up", "call": at_anna }));
    anna.no_live_call();
    // The goodbye may not have come through: its way led through the first server.
    let _ = ben.try_ask(json!({ "type": "hang_up", "call": at_ben }));
    ben.no_live_call();
    call(&mut anna, &mut ben, "1002");
}

#[test]
fn a_call_goes_on_when_its_server_dies_over_udp() {
    first_dies_in_a_call("udp");
}

#[test]
fn a_call_goes_on_when_its_server_dies_over_tcp() {
    first_dies_in_a_call("tcp");
}

#[test]
fn a_first_server_that_is_down_from_the_start_is_passed_over() {
    let dns = names();
    let second = Kamailio::start(SECOND, 3600);
    let _anna = line("1001", "10.77.0.2", "tcp", &dns).registered();
    assert_eq!(second.bindings("1001").len(), 1);
}

#[test]
fn the_transport_the_domain_prefers_is_taken_when_none_is_chosen() {
    let dns = names();
    let first = Kamailio::start(FIRST, 3600);
    let _anna = line("1001", "10.77.0.2", "auto", &dns).registered();
    let binding = first.bindings("1001").join(" ");
    assert!(binding.ends_with("transport=tcp"), "{binding}");
    assert!(asked(&dns, "pbx.test"));
}

#[test]
fn the_first_server_is_used_again_when_the_second_one_dies() {
    let dns = names();
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
fn a_domain_nobody_knows_is_said() {
    parley_tests::lab();
    let dns = DnsServer::start_on(NAMES.parse().unwrap());
    let phone = line("1001", "10.77.0.2", "udp", &dns).start();
    let failed = crate::line::failure(&phone);
    assert_eq!(failed["reason"], "unknown_domain", "{failed}");
}
