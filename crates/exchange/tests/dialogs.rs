//! Requests inside a call between two users reach the other one, whatever each of them speaks.
#![allow(clippy::unwrap_used, missing_docs)]
mod town;
use parley_exchange::Peer;
use parley_sip::{Method, Request, Response};
use town::*;

struct Call {
    invite: Request,
    copy: Request,
    up: Response,
    down: Response,
}

fn talking(town: &mut Town, caller: Peer, callee: Peer) -> Call {
    town.register("100", caller);
    town.register("200", callee);
    let invite = town.request(Method::Invite, "100", "200", caller);
    town.send(caller, invite.clone());
    let copy = town.one_request(callee, Method::Invite);
    let down = answer(&copy, 200, "200", callee);
    town.send(callee, down.clone());
    let up = town.responses(caller).remove(0);
    Call { invite, copy, up, down }
}

#[test]
fn both_ends_reach_each_other_over_every_pair_of_transports() {
    for (caller, callee) in [
        (udp(6000), udp(7000)),
        (udp(6000), tcp(7000)),
        (tcp(6000), udp(7000)),
        (tcp(6000), tcp(7000)),
    ] {
        let mut town = town();
        let call = talking(&mut town, caller, callee);
        town.send(caller, inside(&call.invite, &call.up, Method::Ack, 1));
        let ack = town.one_request(callee, Method::Ack);
        assert_eq!(ack.uri.to_string(), contact("200", callee).trim_matches(['<', '>']));
        assert!(!ack.headers.has("Route"), "our own routes are off");
        let again = inside(&call.invite, &call.up, Method::Invite, 2);
        town.send(caller, again);
        let reinvite = town.one_request(callee, Method::Invite);
        town.send(callee, answer(&reinvite, 200, "200", callee));
        assert_eq!(town.codes(caller), [200]);
        town.send(callee, inside_callee(&call.copy, &call.down, Method::Bye, callee));
        let bye = town.one_request(caller, Method::Bye);
        town.send(caller, bye.respond(200, None));
        assert_eq!(town.codes(callee), [200]);
    }
}

#[test]
fn a_phone_that_came_back_on_a_new_connection_is_found_by_its_registration() {
    let mut town = town();
    let call = talking(&mut town, udp(6000), tcp(7000));
    let mut request = town.request(Method::Register, "200", "200", tcp(7777));
    request.headers.set("Contact", contact("200", tcp(7000)));
    town.send(tcp(7777), request.clone());
    let challenged = town.responses(tcp(7777)).remove(0);
    let again = authorized(
        &request,
        &challenged,
        "200",
        "practice-200",
        "Authorization",
        "WWW-Authenticate",
    );
    town.send(tcp(7777), again);
    assert_eq!(town.codes(tcp(7777)), [200]);
    town.send(udp(6000), inside(&call.invite, &call.up, Method::Bye, 2));
    assert_eq!(town.one_request(tcp(7777), Method::Bye).method, Method::Bye);
}

#[test]
fn nothing_is_passed_on_to_other_machines() {
    let mut town = town();
    let call = talking(&mut town, udp(6000), udp(7000));
    let mut bye = inside(&call.invite, &call.up, Method::Bye, 2);
    bye.headers.remove("Route");
    bye.uri = "sip:200@192.0.2.1:5060".parse().unwrap();
    town.send(udp(6000), bye);
    assert_eq!(town.codes(udp(6000)), [481]);
}

#[test]
fn every_method_inside_a_call_reaches_the_other_end() {
    for (caller, callee) in [(udp(6000), tcp(7000)), (tcp(6000), udp(7000))] {
        let mut town = town();
        let call = talking(&mut town, caller, callee);
        let methods = [
            Method::Refer,
            Method::Notify,
            Method::Subscribe,
            Method::Message,
            Method::Publish,
            Method::Update,
            Method::Prack,
            Method::Info,
            Method::Options,
        ];
        for (cseq, method) in (2..).zip(methods) {
            town.send(caller, inside(&call.invite, &call.up, method.clone(), cseq));
            let request = town.one_request(callee, method.clone());
            assert!(!request.headers.has("Record-Route"));
            town.send(callee, request.respond(200, None));
            assert_eq!(town.codes(caller), [200], "{method}");
            town.send(callee, inside_callee(&call.copy, &call.down, method.clone(), callee));
            let request = town.one_request(caller, method.clone());
            town.send(caller, request.respond(200, None));
            assert_eq!(town.codes(callee), [200], "{method}");
        }
    }
}

#[test]
fn replaces_passes_to_a_phone_that_has_the_call() {
    let mut town = town();
    let call = talking(&mut town, udp(6000), udp(7000));
    let mut invite = town.request(Method::Invite, "100", "200", udp(6000));
    let value = format!(
        "{};to-tag=p7000;from-tag={}",
        call.invite.headers.call_id().unwrap(),
        call.invite.headers.from().unwrap().tag().unwrap()
    );
    invite.headers.push("Replaces", &value);
    town.send(udp(6000), invite);
    let passed = town.one_request(udp(7000), Method::Invite);
    assert_eq!(passed.headers.get("Replaces"), Some(value.as_str()));
}

#[test]
fn a_phone_named_by_its_gruu_gets_its_own_address() {
    let mut town = town();
    let call = talking(&mut town, udp(6000), udp(7000));
    let mut request = town.request(Method::Register, "200", "200", udp(7000));
    request
        .headers
        .set("Contact", "<sip:200@127.0.0.1:7000>;+sip.instance=\"<urn:uuid:1-2-3>\"");
    town.send(udp(7000), request.clone());
    let challenged = town.responses(udp(7000)).remove(0);
    let again = authorized(
        &request,
        &challenged,
        "200",
        "practice-200",
        "Authorization",
        "WWW-Authenticate",
    );
    town.send(udp(7000), again);
    assert_eq!(town.codes(udp(7000)), [200]);
    let mut bye = inside(&call.invite, &call.up, Method::Bye, 2);
    bye.uri = format!("sip:200@{HERE};gr=urn:uuid:1-2-3").parse().unwrap();
    town.send(udp(6000), bye);
    let bye = town.one_request(udp(7000), Method::Bye);
    assert_eq!(bye.uri.to_string(), "sip:200@127.0.0.1:7000");
}
