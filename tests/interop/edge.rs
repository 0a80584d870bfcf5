//! A registrar that phones do not reach themselves: an edge proxy stands before it (RFC 3327), and calls go through both.
use crate::line::{Line, REGISTRAR, call, heard_so_far, talks, talks_after};
use parley_tests::kamailio::Kamailio;
use parley_tests::phone::Phone;
use serde_json::{Value, json};

const EDGE: &str = "10.77.0.8";

fn line(user: &str, transport: &str) -> Line {
    Line::of(user).over(transport).account("outboundProxy", json!(EDGE))
}

fn works_and_ends(anna: &mut Phone, call: &Value, ben: &mut Phone) {
    anna.ask(json!({ "type": "hold", "call": call }));
    ben.held_by_them(true);
    anna.ask(json!({ "type": "resume", "call": call }));
    ben.held_by_them(false);
    anna.ask(json!({ "type": "hang_up", "call": call }));
    ben.no_live_call();
    anna.no_live_call();
}

/// Anna's hop to the edge is this one, the edge's hop to the registrar is TCP, and Ben is at the registrar over UDP.
fn through_the_edge(transport: &str) {
    let registrar = Kamailio::start(REGISTRAR, 3600);
    let _edge = Kamailio::edge(EDGE, REGISTRAR);
    let mut anna = line("1001", transport).speaking(1000.0).registered();
    let mut ben = Line::of("1002").listening("10.77.0.3").speaking(600.0).registered();
    let kept = registrar.ask(&["ul.lookup", "location", "s:1001"]);
    let path = kept
        .lines()
        .find(|line| line.trim().starts_with("Path: "))
        .unwrap_or_default();
    assert!(path.contains(EDGE), "the edge is not in the Path: {kept}");

    let (out, _) = call(&mut anna, &mut ben, "1002");
    talks(&anna, 600.0, 1.0);
    talks(&ben, 1000.0, 1.0);
    works_and_ends(&mut anna, &out, &mut ben);

    let (at_anna, at_ben) = (heard_so_far(&anna), heard_so_far(&ben));
    let (back, _) = call(&mut ben, &mut anna, "1001");
    talks_after(&anna, at_anna, 600.0, 1.0);
    talks_after(&ben, at_ben, 1000.0, 1.0);
    works_and_ends(&mut ben, &back, &mut anna);
    anna.quit();
    registrar.unbound("1001");
}

#[test]
fn calls_go_both_ways_through_an_edge_proxy_over_udp() {
    through_the_edge("udp");
}

#[test]
fn calls_go_both_ways_through_an_edge_proxy_over_tcp() {
    through_the_edge("tcp");
}
