//! Calls between registered users.
#![allow(clippy::unwrap_used, missing_docs)]
mod town;
use parley_exchange::{Input, Peer};
use parley_sip::{Method, Request};
use town::*;

const CALLER: u16 = 6000;

/// 100 calls 200, who has these phones.
fn called(town: &mut Town, phones: &[Peer]) -> (Request, Vec<Request>) {
    town.register("100", udp(CALLER));
    for phone in phones {
        town.register("200", *phone);
    }
    let invite = town.request(Method::Invite, "100", "200", udp(CALLER));
    town.send(udp(CALLER), invite.clone());
    let copies = phones
        .iter()
        .map(|phone| town.one_request(*phone, Method::Invite))
        .collect();
    (invite, copies)
}

#[test]
fn every_phone_rings_and_the_first_to_answer_has_the_call() {
    let mut town = town();
    let phones = [udp(7001), tcp(7002), udp(7003)];
    let (invite, copies) = called(&mut town, &phones);
    for (phone, copy) in phones.iter().zip(&copies) {
        assert_eq!(copy.uri.to_string(), contact("200", *phone).trim_matches(['<', '>']));
        assert_eq!(copy.headers.max_forwards(), Some(69));
        assert_eq!(copy.body, invite.body);
        town.send(*phone, answer(copy, 180, "200", *phone));
    }
    assert_eq!(town.codes(udp(CALLER)), [180, 180, 180]);
    town.send(phones[1], answer(&copies[1], 200, "200", phones[1]));
    let answers = town.responses(udp(CALLER));
    assert_eq!(answers[0].code(), 200);
    assert_eq!(answers[0].headers.vias().len(), 1, "our own Via is off again");
    for at in [0, 2] {
        let cancel = town.one_request(phones[at], Method::Cancel);
        assert_eq!(
            cancel.headers.get("Reason"),
            Some("SIP;cause=200;text=\"Call completed elsewhere\"")
        );
        assert!(cancel.headers.reason()[0].is_completed_elsewhere());
        assert_eq!(cancel.headers.via(), copies[at].headers.via());
        town.send(phones[at], answer(&copies[at], 487, "200", phones[at]));
    }
    assert_eq!(town.codes(udp(CALLER)), [], "what the others say no longer matters");
    assert_eq!(town.requests(phones[1]), []);
}

#[test]
fn a_repeated_answer_is_passed_on_again() {
    let mut town = town();
    let (_, copies) = called(&mut town, &[udp(7001)]);
    for _ in 0..2 {
        town.send(udp(7001), answer(&copies[0], 200, "200", udp(7001)));
    }
    assert_eq!(town.codes(udp(CALLER)), [200, 200]);
}

#[test]
fn the_best_refusal_goes_up_when_all_have_refused() {
    let mut town = town();
    let phones = [udp(7001), udp(7002), udp(7003)];
    let (_, copies) = called(&mut town, &phones);
    for ((phone, copy), code) in phones.iter().zip(&copies).zip([480, 486, 500]) {
        assert_eq!(town.codes(udp(CALLER)), []);
        town.send(*phone, answer(copy, code, "200", *phone));
    }
    assert_eq!(town.codes(udp(CALLER)), [486]);
    for phone in phones {
        assert_eq!(town.one_request(phone, Method::Ack).method, Method::Ack);
    }
}

#[test]
fn one_who_declines_everywhere_stops_the_others() {
    let mut town = town();
    let phones = [udp(7001), udp(7002)];
    let (_, copies) = called(&mut town, &phones);
    town.send(phones[1], answer(&copies[1], 180, "200", phones[1]));
    town.send(phones[0], answer(&copies[0], 603, "200", phones[0]));
    assert_eq!(town.one_request(phones[1], Method::Cancel).headers.get("Reason"), None);
    town.send(phones[1], answer(&copies[1], 487, "200", phones[1]));
    assert_eq!(town.codes(udp(CALLER)), [180, 603]);
}

#[test]
fn a_caller_who_gives_up_cancels_every_phone_with_his_reason() {
    let mut town = town();
    let phones = [udp(7001), udp(7002)];
    let (invite, copies) = called(&mut town, &phones);
    town.send(phones[0], answer(&copies[0], 180, "200", phones[0]));
    let mut cancel = invite.clone();
    cancel.method = Method::Cancel;
    cancel.headers.set("CSeq", "1 CANCEL");
    cancel.headers.push("Reason", "Q.850;cause=16");
    cancel.body.clear();
    town.send(udp(CALLER), cancel);
    assert_eq!(town.codes(udp(CALLER)), [180, 200]);
    assert_eq!(
        town.one_request(phones[0], Method::Cancel).headers.get("Reason"),
        Some("Q.850;cause=16")
    );
    assert_eq!(
        town.requests(phones[1]),
        [],
        "nothing may be cancelled before a phone has said a word"
    );
    town.send(phones[1], copies[1].respond(100, None));
    assert_eq!(town.one_request(phones[1], Method::Cancel).method, Method::Cancel);
    town.send(phones[1], answer(&copies[1], 180, "200", phones[1]));
    assert_eq!(town.requests(phones[1]), [], "once is enough");
    for (phone, copy) in phones.iter().zip(&copies) {
        town.send(*phone, answer(copy, 487, "200", *phone));
    }
    assert_eq!(town.codes(udp(CALLER)), [180, 487]);
}

#[test]
fn a_phone_that_has_vanished_does_not_keep_the_caller_waiting_for_ever() {
    let mut town = town();
    called(&mut town, &[udp(7001)]);
    town.wait(32.2);
    assert_eq!(town.codes(udp(CALLER)), [408]);
}

#[test]
fn a_connection_that_is_gone_counts_as_not_reachable() {
    let mut town = town();
    called(&mut town, &[tcp(7001)]);
    town.core.handle(town.now, Input::Closed(tcp(7001)));
    town.collect();
    assert_eq!(town.codes(udp(CALLER)), [480]);
}

#[test]
fn ringing_ends_after_three_minutes() {
    let mut town = town();
    let (_, copies) = called(&mut town, &[udp(7001)]);
    town.send(udp(7001), answer(&copies[0], 180, "200", udp(7001)));
    town.wait(179.0);
    assert_eq!(town.requests(udp(7001)), []);
    town.wait(1.1);
    assert_eq!(town.one_request(udp(7001), Method::Cancel).method, Method::Cancel);
}

#[test]
fn whoever_calls_from_an_unknown_place_is_challenged() {
    let mut town = town();
    town.register("200", udp(7001));
    let invite = town.request(Method::Invite, "100", "200", udp(6500));
    town.send(udp(6500), invite.clone());
    let challenged = town.responses(udp(6500)).remove(0);
    assert_eq!(challenged.code(), 407);
    assert_eq!(town.requests(udp(7001)), []);
    let again = authorized(
        &invite,
        &challenged,
        "100",
        "practice-100",
        "Proxy-Authorization",
        "Proxy-Authenticate",
    );
    town.send(udp(6500), again);
    let copy = town.one_request(udp(7001), Method::Invite);
    assert!(
        !copy.headers.has("Proxy-Authorization"),
        "credentials are not for the callee"
    );
}

#[test]
fn nobody_by_that_number() {
    let mut town = town();
    town.register("100", udp(CALLER));
    let invite = town.request(Method::Invite, "100", "12345", udp(CALLER));
    town.send(udp(CALLER), invite);
    assert_eq!(town.codes(udp(CALLER)), [404]);
}

#[test]
fn a_request_that_has_gone_round_too_often_is_refused() {
    let mut town = town();
    town.register("100", udp(CALLER));
    let mut invite = town.request(Method::Invite, "100", "100", udp(CALLER));
    invite.headers.set("Max-Forwards", 0);
    town.send(udp(CALLER), invite);
    assert_eq!(town.codes(udp(CALLER)), [483]);
}

#[test]
fn nothing_is_left_of_a_call_that_is_long_over() {
    let mut town = town();
    let (_, copies) = called(&mut town, &[udp(7001)]);
    town.send(udp(7001), answer(&copies[0], 486, "200", udp(7001)));
    town.wait(310.0);
    assert_eq!((town.core.next_wake(), town.core.open()), (None, 0));
}

/// 200 has a desk phone and, less preferred, a mobile; somebody calls.
fn preferring(town: &mut Town) -> Request {
    town.register("100", udp(CALLER));
    for (port, q) in [(7001, "1.0"), (7002, "0.5")] {
        let phone = udp(port);
        let mut request = town.request(Method::Register, "200", "200", phone);
        let preferred = format!("{};q={q}", contact("200", phone));
        request.headers.set("Contact", preferred);
        town.send(phone, request.clone());
        let challenged = town.responses(phone).remove(0);
        let again = authorized(
            &request,
            &challenged,
            "200",
            "practice-200",
            "Authorization",
            "WWW-Authenticate",
        );
        town.send(phone, again);
        assert_eq!(town.codes(phone), [200]);
    }
    let invite = town.request(Method::Invite, "100", "200", udp(CALLER));
    town.send(udp(CALLER), invite.clone());
    assert_eq!(town.requests(udp(7002)), [], "the other one first");
    invite
}

#[test]
fn a_phone_that_is_preferred_less_rings_when_the_others_refused() {
    let mut town = town();
    preferring(&mut town);
    let first = town.one_request(udp(7001), Method::Invite);
    town.send(udp(7001), answer(&first, 486, "200", udp(7001)));
    let second = town.one_request(udp(7002), Method::Invite);
    town.send(udp(7002), answer(&second, 200, "200", udp(7002)));
    assert_eq!(town.codes(udp(CALLER)), [200]);
}

#[test]
fn a_phone_that_is_preferred_less_rings_when_the_others_have_rung_long_enough() {
    let mut town = town();
    preferring(&mut town);
    let first = town.one_request(udp(7001), Method::Invite);
    town.send(udp(7001), answer(&first, 180, "200", udp(7001)));
    town.wait(19.0);
    assert_eq!(town.requests(udp(7001)), []);
    town.wait(1.0);
    let cancel = town.one_request(udp(7001), Method::Cancel);
    town.send(udp(7001), cancel.respond(200, None));
    town.send(udp(7001), answer(&first, 487, "200", udp(7001)));
    assert_eq!(town.one_request(udp(7002), Method::Invite).method, Method::Invite);
}

#[test]
fn no_other_phone_is_tried_for_a_caller_who_gave_up_or_after_a_decline() {
    for declined in [true, false] {
        let mut town = town();
        let invite = preferring(&mut town);
        let first = town.one_request(udp(7001), Method::Invite);
        if declined {
            town.send(udp(7001), answer(&first, 603, "200", udp(7001)));
        } else {
            town.send(udp(7001), answer(&first, 180, "200", udp(7001)));
            let mut cancel = invite.clone();
            cancel.method = Method::Cancel;
            cancel.headers.set("CSeq", "1 CANCEL");
            cancel.body.clear();
            town.send(udp(CALLER), cancel);
            town.send(udp(7001), answer(&first, 487, "200", udp(7001)));
        }
        let last = town.codes(udp(CALLER)).pop();
        assert_eq!(last, Some(if declined { 603 } else { 487 }));
        assert_eq!(town.requests(udp(7002)), []);
    }
}

#[test]
fn whom_to_call_instead_is_told_to_the_caller_and_not_tried() {
    let mut town = town();
    let (_, copies) = called(&mut town, &[udp(7001)]);
    let mut moved = answer(&copies[0], 302, "200", udp(7001));
    moved.headers.set("Contact", format!("<sip:600@{HERE}>"));
    town.send(udp(7001), moved);
    let moved = town.responses(udp(CALLER)).remove(0);
    assert_eq!(moved.code(), 302);
    assert_eq!(moved.headers.contact().unwrap().uri.user().as_deref(), Some("600"));
}

#[test]
fn a_request_that_was_here_before_is_a_loop() {
    let mut town = town();
    let (_, copies) = called(&mut town, &[udp(7001)]);
    town.send(udp(7001), copies[0].clone());
    assert_eq!(town.codes(udp(7001)), [482]);
}
