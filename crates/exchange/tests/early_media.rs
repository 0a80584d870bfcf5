//! Sound before the answer, reliably where the caller knows how (RFC 3262).
#![allow(clippy::unwrap_used, missing_docs)]
mod town;
use parley_exchange::*;
use parley_sip::sdp::Sdp;
use parley_sip::{Method, Request, Response};
use town::*;

fn me() -> Peer {
    udp(6000)
}

fn dial(town: &mut Town, number: &str, header: Option<(&str, &str)>) -> Request {
    town.register("100", me());
    let mut invite = town.request(Method::Invite, "100", number, me());
    if let Some((name, value)) = header {
        invite.headers.push(name, value);
    }
    town.send(me(), invite.clone());
    invite
}

fn prack(invite: &Request, early: &Response, rack: &str, cseq: u32) -> Request {
    let mut prack = inside(invite, early, Method::Prack, cseq);
    prack.headers.push("RAck", rack);
    prack
}

fn is_heard(town: &Town) -> bool {
    let announcement = Play::Sound(Sound::Announcement);
    town.orders
        .iter()
        .any(|order| matches!(order, MediaOrder::Run { play, .. } if *play == announcement))
}

#[test]
fn the_announcement_is_heard_before_the_answer() {
    let mut town = town();
    let invite = dial(&mut town, "605", None);
    let early = town.responses(me()).remove(0);
    assert_eq!((early.code(), early.headers.get("RSeq")), (183, None));
    assert!(is_heard(&town));
    town.wait(3.0);
    let ok = town.responses(me()).remove(0);
    assert_eq!(
        (ok.code(), &ok.body),
        (200, &early.body),
        "the same again: it may be lost"
    );
    town.send(me(), inside(&invite, &ok, Method::Ack, 1));
    town.wait(60.0);
    assert_eq!(town.one_request(me(), Method::Bye).method, Method::Bye);
}

#[test]
fn a_reliable_answer_is_repeated_until_its_prack_and_no_answer_comes_before() {
    let mut town = town();
    let invite = dial(&mut town, "605", Some(("Supported", "100rel")));
    town.wait(4.0);
    let repeated = town.responses(me());
    assert_eq!(
        repeated.iter().map(Response::code).collect::<Vec<_>>(),
        [183; 4],
        "0, 0.5, 1.5, 3.5"
    );
    let early = &repeated[0];
    assert_eq!(
        (early.headers.require(), early.headers.get("RSeq")),
        (vec!["100rel"], Some("1"))
    );
    town.send(me(), prack(&invite, early, "2 1 INVITE", 2));
    assert_eq!(town.codes(me()), [481], "another answer");
    town.send(me(), prack(&invite, early, "1 1 INVITE", 3));
    assert_eq!(town.codes(me()), [200]);
    town.send(me(), prack(&invite, early, "1 1 INVITE", 4));
    assert_eq!(town.codes(me()), [481], "once is enough");
    town.wait(0.5);
    let ok = town.responses(me()).remove(0);
    assert_eq!((ok.code(), ok.body.len()), (200, 0), "all is agreed on");
    town.send(me(), inside(&invite, &ok, Method::Ack, 1));
    town.send(me(), inside(&invite, &ok, Method::Bye, 5));
    assert_eq!(town.codes(me()), [200]);
}

#[test]
fn a_caller_without_an_offer_gets_one_early_and_answers_in_the_prack() {
    let mut town = town();
    town.register("100", me());
    let mut invite = town.request(Method::Invite, "100", "605", me());
    invite.body.clear();
    invite.headers.remove("Content-Type");
    invite.headers.push("Supported", "100rel");
    town.send(me(), invite.clone());
    let early = town.responses(me()).remove(0);
    assert_eq!(Sdp::parse(&early.body).unwrap().media[0].formats, ["0", "8", "101"]);
    assert!(!is_heard(&town));
    let mut prack = prack(&invite, &early, "1 1 INVITE", 2);
    prack.set_body("application/sdp", OFFER.as_bytes().to_vec());
    town.send(me(), prack);
    assert_eq!(town.codes(me()), [200]);
    assert!(is_heard(&town));
}

#[test]
fn a_caller_who_requires_it_gets_reliable_ringing_from_every_line() {
    let mut town = town();
    let invite = dial(&mut town, "600", Some(("Require", "100rel")));
    let ringing = town.responses(me()).remove(0);
    assert_eq!((ringing.code(), ringing.headers.get("RSeq")), (180, Some("1")));
    town.send(me(), prack(&invite, &ringing, "1 1 INVITE", 2));
    town.wait(1.0);
    let answers = town.responses(me());
    assert_eq!(answers.iter().map(Response::code).collect::<Vec<_>>(), [200, 200]);
    assert!(!answers[1].body.is_empty(), "nothing was described early");
}

#[test]
fn a_caller_who_never_acknowledges_the_early_answer_is_given_up() {
    let mut town = town();
    dial(&mut town, "605", Some(("Supported", "100rel")));
    town.wait(33.0);
    assert_eq!(town.codes(me()).last(), Some(&504));
    assert!(matches!(town.orders.last(), Some(MediaOrder::Close(_))));
}

#[test]
fn what_no_line_can_is_refused_by_name() {
    let mut town = town();
    dial(&mut town, "600", Some(("Require", "replaces, teleport")));
    let refused = town.responses(me()).remove(0);
    assert_eq!(
        (refused.code(), refused.headers.get("Unsupported")),
        (420, Some("teleport"))
    );
}

#[test]
fn a_caller_is_sent_elsewhere() {
    let mut town = town();
    dial(&mut town, "606", None);
    let moved = town.responses(me()).remove(0);
    assert_eq!(moved.code(), 302);
    assert_eq!(moved.headers.contact().unwrap().uri.user().as_deref(), Some("600"));
    assert_eq!(town.orders, []);
}
