//! Attended transfer with lines at the other ends, and a line that transfers.
#![allow(clippy::unwrap_used, missing_docs)]
mod town;
use parley_exchange::*;
use parley_sip::headers::ReplacesTarget;
use parley_sip::{Method, NameAddr, Request, Response};
use town::*;

fn me() -> Peer {
    udp(6000)
}

fn colleague() -> Peer {
    tcp(7000)
}

fn talking(town: &mut Town, number: &str) -> (Request, Response) {
    let invite = town.request(Method::Invite, "100", number, me());
    town.send(me(), invite.clone());
    town.wait(1.0);
    let ok = town.responses(me()).pop().unwrap();
    assert_eq!(ok.code(), 200);
    town.send(me(), inside(&invite, &ok, Method::Ack, 1));
    (invite, ok)
}

/// The call as its far end knows it.
fn named(call: &(Request, Response)) -> ReplacesTarget {
    ReplacesTarget {
        call_id: call.0.headers.call_id().unwrap().to_owned(),
        to_tag: call.1.headers.to().unwrap().tag().unwrap().to_owned(),
        from_tag: call.0.headers.from().unwrap().tag().unwrap().to_owned(),
        early_only: false,
    }
}

/// REFER of one call to the far end of another.
fn complete(town: &mut Town, call: &(Request, Response), other: &(Request, Response)) -> Vec<String> {
    let target = other.1.headers.contact().unwrap().uri;
    let target = target
        .sip()
        .unwrap()
        .clone()
        .with_header("Replaces", &named(other).to_string());
    let mut refer = inside(&call.0, &call.1, Method::Refer, 2);
    refer.headers.push("Refer-To", NameAddr::new(target));
    refer.headers.push("Referred-By", format!("<sip:100@{HERE}>"));
    town.send(me(), refer);
    assert_eq!(town.codes(me()), [202]);
    said(town)
}

fn said(town: &mut Town) -> Vec<String> {
    let news = town.news(me());
    news.iter()
        .map(|notify| String::from_utf8_lossy(&notify.body).trim_end().to_owned())
        .collect()
}

#[test]
fn two_lines_are_joined_and_the_second_call_is_over() {
    let mut town = town();
    town.register("100", me());
    let first = talking(&mut town, "600");
    let second = talking(&mut town, "601");
    let said = complete(&mut town, &first, &second);
    assert_eq!(said, ["SIP/2.0 100 Trying", "SIP/2.0 200 OK"]);
    let bye = town.one_request(me(), Method::Bye);
    assert_eq!(bye.headers.call_id(), second.0.headers.call_id());
    town.send(me(), bye.respond(200, None));
    town.send(me(), inside(&first.0, &first.1, Method::Bye, 3));
    assert_eq!(town.codes(me()), [200]);
    town.wait(20.0);
    assert_eq!(town.requests(me()), [], "a customer who was joined does not call back");
}

#[test]
fn a_line_calls_the_phone_it_is_joined_with_in_place_of_its_call() {
    let mut town = town();
    town.register("100", me());
    town.register("200", colleague());
    let first = talking(&mut town, "600");
    let invite = town.request(Method::Invite, "100", "200", me());
    town.send(me(), invite.clone());
    let copy = town.one_request(colleague(), Method::Invite);
    town.send(colleague(), answer(&copy, 200, "200", colleague()));
    let second = (invite, town.responses(me()).pop().unwrap());
    assert_eq!(complete(&mut town, &first, &second), ["SIP/2.0 100 Trying"]);
    let call = town.one_request(colleague(), Method::Invite);
    assert_eq!(call.headers.replaces(), Some(named(&second)));
    assert_eq!(call.headers.referred_by().unwrap().uri.user().as_deref(), Some("100"));
    town.send(colleague(), answer(&call, 200, "200", colleague()));
    assert_eq!(said(&mut town), ["SIP/2.0 200 OK"]);
    assert_eq!(town.one_request(colleague(), Method::Ack).method, Method::Ack);
}

#[test]
fn a_phone_takes_over_the_call_of_a_line() {
    let mut town = town();
    town.register("100", me());
    town.register("200", colleague());
    let call = talking(&mut town, "600");
    let mut invite = town.request(Method::Invite, "200", "600", colleague());
    invite.headers.push("Replaces", named(&call));
    town.send(colleague(), invite);
    town.wait(0.1);
    assert_eq!(town.codes(colleague()), [200]);
    assert_eq!(town.one_request(me(), Method::Bye).method, Method::Bye);
    let running = town.orders.iter().rev().find_map(|order| match order {
        MediaOrder::Run { play, .. } => Some(*play),
        _ => None,
    });
    assert_eq!(running, Some(Play::Echo), "it is still the echo");
}

#[test]
fn a_call_that_is_up_is_not_taken_by_somebody_who_only_wants_it_early() {
    let mut town = town();
    town.register("100", me());
    let call = talking(&mut town, "600");
    for (named, code) in [
        (
            ReplacesTarget {
                early_only: true,
                ..named(&call)
            },
            486,
        ),
        (
            ReplacesTarget {
                from_tag: "other".to_owned(),
                ..named(&call)
            },
            481,
        ),
    ] {
        let mut invite = town.request(Method::Invite, "100", "600", me());
        invite.headers.push("Replaces", named);
        town.send(me(), invite);
        assert_eq!(town.codes(me()), [code]);
    }
    assert_eq!(town.requests(me()), []);
}

#[test]
fn a_line_transfers_its_caller_and_leaves_when_that_worked() {
    for (report, leaves) in [("200 OK", true), ("486 Busy Here", false)] {
        let mut town = town();
        town.register("100", me());
        let (invite, ok) = talking(&mut town, "607");
        town.wait(3.0);
        let refer = town.one_request(me(), Method::Refer);
        assert_eq!(refer.headers.refer_to().unwrap().uri.user().as_deref(), Some("602"));
        assert_eq!(refer.headers.referred_by().unwrap().uri.user().as_deref(), Some("607"));
        town.send(me(), refer.respond(202, None));
        for (cseq, said) in [(2, "100 Trying"), (3, report)] {
            let mut notify = inside(&invite, &ok, Method::Notify, cseq);
            notify.headers.push("Event", "refer");
            notify.headers.push("Subscription-State", "active");
            notify.set_body("message/sipfrag", format!("SIP/2.0 {said}\r\n").into_bytes());
            town.send(me(), notify);
            assert_eq!(town.codes(me()), [200]);
        }
        let bye: Vec<Method> = town.requests(me()).into_iter().map(|request| request.method).collect();
        assert_eq!(bye, if leaves { vec![Method::Bye] } else { vec![] }, "{report}");
    }
}
