//! The practice lines.
#![allow(clippy::unwrap_used, missing_docs)]
mod town;
use parley_exchange::*;
use parley_sip::sdp::Sdp;
use parley_sip::{Method, Request, Response};
use town::*;

const PHONE: u16 = 6000;

fn phone() -> Peer {
    udp(PHONE)
}

fn dial(town: &mut Town, number: &str) -> Request {
    town.register("100", phone());
    let invite = town.request(Method::Invite, "100", number, phone());
    town.send(phone(), invite.clone());
    invite
}

/// Dials and is answered; the ACK is out.
fn talking(town: &mut Town, number: &str) -> (Request, Response) {
    let invite = dial(town, number);
    assert_eq!(town.codes(phone()), [180]);
    town.wait(1.0);
    let ok = town.responses(phone()).remove(0);
    assert_eq!(ok.code(), 200);
    town.send(phone(), inside(&invite, &ok, Method::Ack, 1));
    (invite, ok)
}

fn hang_up(town: &mut Town, invite: &Request, ok: &Response) {
    town.send(phone(), inside(invite, ok, Method::Bye, 2));
    assert_eq!(town.codes(phone()), [200]);
}

fn runs(town: &Town) -> Vec<(u8, Play)> {
    let runs = town.orders.iter().filter_map(|order| match order {
        MediaOrder::Run { payload, play, .. } => Some((*payload, *play)),
        _ => None,
    });
    runs.collect()
}

#[test]
fn the_echo_rings_answers_and_echoes() {
    let mut town = town();
    let (_, ok) = talking(&mut town, "600");
    assert_eq!(Sdp::parse(&ok.body).unwrap().media[0].port, 40_000);
    let run = MediaOrder::Run {
        media: MediaId(1),
        remote: "127.0.0.1:30000".parse().unwrap(),
        payload: 0,
        play: Play::Echo,
    };
    assert_eq!(town.orders, [MediaOrder::Reserve(MediaId(1)), run]);
}

#[test]
fn an_answer_is_repeated_until_it_is_acknowledged() {
    let mut town = town();
    let invite = dial(&mut town, "600");
    town.wait(3.0);
    let answers = town.responses(phone());
    assert_eq!(
        answers.iter().map(Response::code).collect::<Vec<_>>(),
        [180, 200, 200, 200],
        "at 0, 0.5 and 1.5 s"
    );
    town.send(phone(), inside(&invite, &answers[1], Method::Ack, 1));
    town.wait(60.0);
    assert_eq!(town.codes(phone()), []);
    assert_eq!(town.requests(phone()), []);
}

#[test]
fn an_answer_nobody_acknowledges_ends_the_call() {
    let mut town = town();
    dial(&mut town, "600");
    town.wait(34.0);
    assert_eq!(town.one_request(phone(), Method::Bye).method, Method::Bye);
    assert_eq!(town.orders.last(), Some(&MediaOrder::Close(MediaId(1))));
}

#[test]
fn only_a_law_is_answered_with_a_law_and_neither_is_refused() {
    let mut town = town();
    town.register("100", phone());
    let mut invite = town.request(Method::Invite, "100", "600", phone());
    invite.body = OFFER.replace("AVP 0 8 101", "AVP 8").into_bytes();
    town.send(phone(), invite);
    town.wait(1.0);
    assert_eq!(runs(&town), [(8, Play::Echo)]);
    town.responses(phone());
    let mut invite = town.request(Method::Invite, "100", "600", phone());
    invite.body = OFFER.replace("AVP 0 8 101", "AVP 4").into_bytes();
    town.send(phone(), invite);
    assert!(town.codes(phone()).contains(&488));
}

#[test]
fn the_echo_takes_every_codec_and_lines_that_play_something_take_g711() {
    let mut town = town();
    town.register("100", phone());
    let wide = OFFER.replace("AVP 0 8 101", "AVP 96 101\r\na=rtpmap:96 opus/48000/2");
    let mut invite = town.request(Method::Invite, "100", "600", phone());
    invite.body = wide.clone().into_bytes();
    town.send(phone(), invite);
    town.wait(1.0);
    assert_eq!(runs(&town), [(96, Play::Echo)]);
    town.responses(phone());
    let mut invite = town.request(Method::Invite, "100", "602", phone());
    invite.body = wide.into_bytes();
    town.send(phone(), invite);
    assert!(town.codes(phone()).contains(&488));
}

#[test]
fn a_caller_who_makes_no_offer_gets_one() {
    let mut town = town();
    town.register("100", phone());
    let mut invite = town.request(Method::Invite, "100", "600", phone());
    invite.body.clear();
    invite.headers.remove("Content-Type");
    town.send(phone(), invite.clone());
    town.wait(1.0);
    let ok = town.responses(phone()).pop().unwrap();
    let offer = Sdp::parse(&ok.body).unwrap();
    assert_eq!(offer.media[0].formats, ["0", "8", "107", "9", "18", "101", "106"]);
    assert_eq!(runs(&town), []);
    let mut ack = inside(&invite, &ok, Method::Ack, 1);
    ack.set_body("application/sdp", OFFER.replace("AVP 0 8 101", "AVP 8").into_bytes());
    town.send(phone(), ack);
    assert_eq!(runs(&town), [(8, Play::Echo)]);
}

#[test]
fn a_line_put_on_hold_is_silent_and_goes_on_when_resumed() {
    let mut town = town();
    let (invite, ok) = talking(&mut town, "600");
    for (cseq, direction, play) in [(2, "sendonly", Play::Nothing), (3, "sendrecv", Play::Echo)] {
        let mut hold = inside(&invite, &ok, Method::Invite, cseq);
        hold.set_body("application/sdp", format!("{OFFER}a={direction}\r\n").into_bytes());
        town.send(phone(), hold.clone());
        let held = town.responses(phone()).remove(0);
        assert_eq!(held.code(), 200);
        let expected = if direction == "sendonly" {
            "a=recvonly"
        } else {
            "a=sendrecv"
        };
        assert!(String::from_utf8_lossy(&held.body).contains(expected));
        assert_eq!(runs(&town).last(), Some(&(0, play)));
        town.send(phone(), inside(&invite, &ok, Method::Ack, cseq));
    }
    town.send(phone(), inside(&invite, &ok, Method::Bye, 4));
    assert_eq!(town.codes(phone()), [200]);
}

#[test]
fn a_caller_who_gives_up_is_told_so() {
    let mut town = town();
    let invite = dial(&mut town, "604");
    town.wait(30.0);
    assert_eq!(town.codes(phone()), [180], "604 rings and rings");
    let mut cancel = invite;
    cancel.method = Method::Cancel;
    cancel.headers.set("CSeq", "1 CANCEL");
    cancel.body.clear();
    town.send(phone(), cancel);
    assert_eq!(town.codes(phone()), [200, 487]);
    assert_eq!(town.orders.last(), Some(&MediaOrder::Close(MediaId(1))));
}

#[test]
fn nobody_is_there_for_three_minutes_and_then_that_is_said() {
    let mut town = town();
    dial(&mut town, "604");
    town.wait(179.9);
    assert_eq!(town.codes(phone()), [180]);
    town.wait(0.2);
    assert_eq!(town.codes(phone()), [480]);
}

#[test]
fn the_busy_line_is_busy() {
    let mut town = town();
    dial(&mut town, "603");
    assert_eq!(town.codes(phone()), [486]);
    assert_eq!(town.orders, []);
}

#[test]
fn the_announcement_ends_by_itself() {
    let mut town = town();
    talking(&mut town, "602");
    assert_eq!(runs(&town), [(0, Play::Sound(Sound::Announcement))]);
    town.wait(Sound::Announcement.length().as_secs_f64());
    assert_eq!(town.requests(phone()), []);
    town.wait(1.0);
    let bye = town.one_request(phone(), Method::Bye);
    town.send(phone(), bye.respond(200, None));
    town.wait(400.0);
    assert_eq!((town.core.next_wake(), town.core.open()), (None, 0));
}

#[test]
fn the_customer_greets_hangs_up_and_calls_back_with_everything_a_screen_pop_wants() {
    let mut town = town();
    talking(&mut town, "601");
    assert_eq!(runs(&town), [(0, Play::Sound(Sound::Greeting))]);
    town.wait(2.0);
    let bye = town.one_request(phone(), Method::Bye);
    town.send(phone(), bye.respond(200, None));
    town.wait(2.9);
    assert_eq!(town.requests(phone()), []);
    town.wait(0.2);
    let back = town.one_request(phone(), Method::Invite);
    let from = back.headers.from().unwrap();
    assert_eq!(
        (from.name.as_deref(), from.uri.user().as_deref()),
        (Some("Maria Keller"), Some("+441632960042"))
    );
    let diversion = back.headers.diversion().remove(0);
    assert_eq!(diversion.uri.user().as_deref(), Some("02079460100"));
    assert_eq!(diversion.params.get("reason"), Some("unconditional"));
    assert_eq!(
        (back.headers.get("X-Subject"), back.headers.get("X-Ticket")),
        (Some("Order 20418"), Some("20418"))
    );
    town.send(phone(), answer(&back, 180, "100", phone()));
    town.wait(5.0);
    town.send(phone(), answer(&back, 200, "100", phone()));
    assert_eq!(town.one_request(phone(), Method::Ack).headers.cseq().unwrap().number, 1);
    assert_eq!(runs(&town).last(), Some(&(0, Play::Sound(Sound::Melody))));
    town.send(phone(), answer(&back, 200, "100", phone()));
    assert_eq!(
        town.one_request(phone(), Method::Ack).method,
        Method::Ack,
        "a repeated answer wants its ACK"
    );
    town.wait(60.0);
    let bye = town.one_request(phone(), Method::Bye);
    town.send(phone(), bye.respond(200, None));
    town.wait(100.0);
    assert_eq!(town.requests(phone()), [], "one call back is enough");
}

#[test]
fn the_customer_calls_back_too_when_the_agent_hangs_up_first() {
    let mut town = town();
    let (invite, ok) = talking(&mut town, "601");
    town.wait(0.5);
    hang_up(&mut town, &invite, &ok);
    town.wait(3.0);
    assert_eq!(town.one_request(phone(), Method::Invite).method, Method::Invite);
}

#[test]
fn a_customer_who_is_never_answered_loses_patience() {
    let mut town = town();
    let (invite, ok) = talking(&mut town, "601");
    hang_up(&mut town, &invite, &ok);
    town.wait(3.0);
    let back = town.one_request(phone(), Method::Invite);
    town.send(phone(), answer(&back, 180, "100", phone()));
    town.wait(60.0);
    let cancel = town.one_request(phone(), Method::Cancel);
    town.send(phone(), cancel.respond(200, None));
    town.send(phone(), answer(&back, 487, "100", phone()));
    assert!(matches!(town.orders.last(), Some(MediaOrder::Close(_))));
}

#[test]
fn when_two_phones_answer_the_customer_talks_to_the_first() {
    let mut town = town();
    let (invite, ok) = talking(&mut town, "601");
    town.register("100", udp(6001));
    hang_up(&mut town, &invite, &ok);
    town.wait(3.0);
    let first = town.one_request(phone(), Method::Invite);
    let second = town.one_request(udp(6001), Method::Invite);
    town.send(phone(), answer(&first, 200, "100", phone()));
    town.send(udp(6001), answer(&second, 200, "100", udp(6001)));
    let methods: Vec<Method> = town
        .requests(udp(6001))
        .into_iter()
        .map(|request| request.method)
        .collect();
    assert_eq!(methods, [Method::Ack, Method::Bye]);
    assert_eq!(town.one_request(phone(), Method::Ack).method, Method::Ack);
}

/// REFERs and gives what the NOTIFYs said.
fn refer(town: &mut Town, invite: &Request, ok: &Response, target: &str) {
    let mut refer = inside(invite, ok, Method::Refer, 2);
    refer.headers.push("Refer-To", format!("<sip:{target}@{HERE}>"));
    refer.headers.push("Referred-By", format!("<sip:100@{HERE}>"));
    town.send(phone(), refer);
}

fn reports(town: &mut Town) -> Vec<String> {
    let notifies = town.requests(phone());
    for notify in &notifies {
        assert_eq!(
            (&notify.method, notify.headers.event().as_deref()),
            (&Method::Notify, Some("refer"))
        );
        town.send(phone(), notify.respond(200, None));
    }
    let said = |notify: &Request| {
        let state = notify
            .headers
            .get("Subscription-State")
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        format!("{state}: {}", String::from_utf8_lossy(&notify.body).trim_end())
    };
    notifies.iter().map(said).collect()
}

#[test]
fn a_transferred_customer_calls_the_target_and_reports_until_it_answers() {
    let mut town = town();
    let target = udp(7000);
    town.register("200", target);
    let (invite, ok) = talking(&mut town, "600");
    refer(&mut town, &invite, &ok, "200");
    assert_eq!(town.codes(phone()), [202]);
    assert_eq!(reports(&mut town), ["active: SIP/2.0 100 Trying"]);
    let call = town.one_request(target, Method::Invite);
    assert_eq!(call.headers.referred_by().unwrap().uri.user().as_deref(), Some("100"));
    assert!(!call.headers.has("X-Ticket"));
    town.send(target, answer(&call, 180, "200", target));
    assert_eq!(reports(&mut town), ["active: SIP/2.0 180 Ringing"]);
    town.send(target, answer(&call, 200, "200", target));
    assert_eq!(reports(&mut town), ["terminated: SIP/2.0 200 OK"]);
    assert_eq!(town.one_request(target, Method::Ack).method, Method::Ack);
    assert_eq!(runs(&town).last(), Some(&(0, Play::Sound(Sound::Melody))));
    town.send(phone(), inside(&invite, &ok, Method::Bye, 3));
    assert_eq!(town.codes(phone()), [200]);
    town.wait(60.0);
    assert_eq!(town.one_request(target, Method::Bye).method, Method::Bye);
}

#[test]
fn a_transfer_that_fails_says_why_and_leaves_the_call_alone() {
    for (target, report) in [
        ("603", "terminated: SIP/2.0 486 Busy Here"),
        ("12345", "terminated: SIP/2.0 404 Not Found"),
        ("200", "terminated: SIP/2.0 480 Temporarily Unavailable"),
    ] {
        let mut town = town();
        let (invite, ok) = talking(&mut town, "601");
        refer(&mut town, &invite, &ok, target);
        assert_eq!(reports(&mut town), ["active: SIP/2.0 100 Trying", report]);
        town.codes(phone());
        town.send(phone(), inside(&invite, &ok, Method::Info, 3));
        assert_eq!(town.codes(phone()), [200]);
    }
}

#[test]
fn a_customer_who_was_passed_on_does_not_call_back() {
    let mut town = town();
    let (invite, ok) = talking(&mut town, "601");
    refer(&mut town, &invite, &ok, "602");
    assert_eq!(
        reports(&mut town),
        ["active: SIP/2.0 100 Trying", "terminated: SIP/2.0 200 OK"]
    );
    town.send(phone(), inside(&invite, &ok, Method::Bye, 3));
    town.wait(10.0);
    assert_eq!(town.requests(phone()), []);
}

#[test]
fn what_a_line_does_not_do_is_refused() {
    let mut town = town();
    let (invite, ok) = talking(&mut town, "600");
    town.send(phone(), inside(&invite, &ok, Method::Subscribe, 2));
    assert_eq!(town.codes(phone()), [405]);
    town.send(phone(), inside(&invite, &ok, Method::Info, 2));
    assert_eq!(town.codes(phone()), [500], "a number that was used before");
    town.send(phone(), inside(&invite, &ok, Method::Info, 3));
    assert_eq!(town.codes(phone()), [200]);
}
