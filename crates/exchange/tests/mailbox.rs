//! A message is left: the lamp shines. It is heard: the lamp is off.
#![allow(clippy::unwrap_used, missing_docs)]
mod town;
use parley_exchange::*;
use parley_sip::Method;
use parley_sip::bodies::MessageSummary;
use town::*;

fn me() -> Peer {
    udp(6000)
}

fn lamp(town: &mut Town) -> Vec<(bool, u32, u32)> {
    let news = town.news(me());
    let read = |summary: MessageSummary| {
        let voice = summary.voice().unwrap();
        assert_eq!(summary.account.unwrap().user().as_deref(), Some("613"));
        (summary.waiting, voice.new, voice.old)
    };
    news.iter()
        .map(|notify| read(MessageSummary::read(&notify.body).unwrap()))
        .collect()
}

fn call(town: &mut Town, number: &str) {
    let invite = town.request(Method::Invite, "100", number, me());
    town.send(me(), invite.clone());
    town.wait(1.0);
    let ok = town.responses(me()).pop().unwrap();
    town.send(me(), inside(&invite, &ok, Method::Ack, 1));
    town.wait(2.0);
    town.send(me(), inside(&invite, &ok, Method::Bye, 2));
    assert_eq!(town.codes(me()), [200]);
}

#[test]
fn a_message_lights_the_lamp_and_hearing_it_puts_it_out() {
    let mut town = town();
    town.register("100", me());
    let (_, ok) = town.subscribe("100", "message-summary", "100", me());
    assert_eq!(ok.code(), 200);
    assert_eq!(lamp(&mut town), [(false, 0, 0)]);
    call(&mut town, "612");
    assert_eq!(lamp(&mut town), [(true, 1, 0)]);
    call(&mut town, "612");
    assert_eq!(lamp(&mut town), [(true, 2, 0)]);
    call(&mut town, "613");
    assert_eq!(lamp(&mut town), [(false, 0, 2)]);
}

#[test]
fn a_lamp_that_comes_later_shines_at_once() {
    let mut town = town();
    town.register("100", me());
    call(&mut town, "612");
    town.subscribe("100", "message-summary", "100", me());
    assert_eq!(lamp(&mut town), [(true, 1, 0)]);
}

#[test]
fn a_caller_who_gives_up_leaves_no_message() {
    let mut town = town();
    town.register("100", me());
    town.subscribe("100", "message-summary", "100", me());
    lamp(&mut town);
    let invite = town.request(Method::Invite, "100", "612", me());
    town.send(me(), invite.clone());
    let mut cancel = invite;
    cancel.method = Method::Cancel;
    cancel.headers.set("CSeq", "1 CANCEL");
    cancel.body.clear();
    town.send(me(), cancel);
    town.wait(1.0);
    assert_eq!(lamp(&mut town), []);
}
