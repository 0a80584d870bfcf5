//! Park orbits: a call is transferred there, waits, and is fetched by whoever dials the number.
#![allow(clippy::unwrap_used, missing_docs)]
mod town;
use parley_exchange::*;
use parley_sip::bodies::{DialogInfo, DialogState};
use parley_sip::{Method, Request, Response};
use town::*;

fn me() -> Peer {
    udp(6000)
}

fn colleague() -> Peer {
    udp(7000)
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

/// Transfers the call there; the last thing that was said about it.
fn park(town: &mut Town, call: &(Request, Response), orbit: &str, cseq: u32) -> String {
    let mut refer = inside(&call.0, &call.1, Method::Refer, cseq);
    refer.headers.push("Refer-To", format!("<sip:{orbit}@{HERE}>"));
    refer.headers.push("Referred-By", format!("<sip:100@{HERE}>"));
    town.send(me(), refer);
    assert_eq!(town.codes(me()), [202]);
    let news = town.news(me());
    let last = news
        .iter()
        .rfind(|notify| notify.headers.event().as_deref() == Some("refer"))
        .unwrap();
    String::from_utf8_lossy(&last.body).trim_end().to_owned()
}

fn orbit_states(town: &mut Town) -> Vec<DialogState> {
    let news = town.news(me());
    let read = |notify: &Request| DialogInfo::read(&notify.body).unwrap().dialogs;
    news.iter().flat_map(read).map(|dialog| dialog.state).collect()
}

fn played(town: &Town) -> Option<Play> {
    town.orders.iter().rev().find_map(|order| match order {
        MediaOrder::Run { play, .. } => Some(*play),
        _ => None,
    })
}

#[test]
fn a_line_is_parked_and_fetched_and_the_orbit_shows_it() {
    let mut town = town();
    town.register("100", me());
    town.subscribe("100", "dialog", "700", me());
    assert_eq!(orbit_states(&mut town), []);
    let call = talking(&mut town, "600");
    assert_eq!(park(&mut town, &call, "700", 2), "SIP/2.0 200 OK");
    town.send(me(), inside(&call.0, &call.1, Method::Bye, 3));
    assert_eq!(town.codes(me()), [200]);
    let other = talking(&mut town, "602");
    assert_eq!(park(&mut town, &other, "700", 2), "SIP/2.0 486 Busy Here");
    town.send(me(), inside(&other.0, &other.1, Method::Bye, 3));
    town.codes(me());
    talking(&mut town, "700");
    assert_eq!(played(&town), Some(Play::Echo), "600 is back");
    assert_eq!(orbit_states(&mut town).last(), Some(&DialogState::Terminated));
    let again = town.request(Method::Invite, "100", "700", me());
    town.send(me(), again);
    assert_eq!(town.codes(me()), [480], "nobody is there any more");
}

#[test]
fn the_lamp_of_an_orbit_shines_while_somebody_is_there() {
    let mut config = ExchangeConfig::default();
    config.times.park = std::time::Duration::from_secs(100);
    let mut town = town_with(config);
    town.register("100", me());
    town.subscribe("100", "dialog", "705", me());
    orbit_states(&mut town);
    let call = talking(&mut town, "600");
    let mut refer = inside(&call.0, &call.1, Method::Refer, 2);
    refer.headers.push("Refer-To", format!("<sip:705@{HERE}>"));
    town.send(me(), refer);
    let news = town.news(me());
    let documents: Vec<DialogInfo> = news
        .iter()
        .filter_map(|notify| DialogInfo::read(&notify.body).ok())
        .collect();
    assert_eq!(documents.last().unwrap().dialogs[0].state, DialogState::Confirmed);
    town.wait(99.0);
    assert_eq!(orbit_states(&mut town), []);
    town.wait(2.0);
    assert_eq!(
        orbit_states(&mut town),
        [DialogState::Terminated],
        "nobody waits for ever"
    );
}

#[test]
fn a_phone_is_parked_hears_music_and_is_fetched_with_replaces() {
    let mut town = town();
    town.register("100", me());
    town.register("200", colleague());
    let mut sent = town.request(Method::Invite, "200", "703", colleague());
    sent.headers.push("Referred-By", format!("<sip:100@{HERE}>"));
    town.send(colleague(), sent.clone());
    town.wait(0.1);
    let ok = town.responses(colleague()).pop().unwrap();
    assert_eq!((ok.code(), played(&town)), (200, Some(Play::Sound(Sound::Melody))));
    town.send(colleague(), inside(&sent, &ok, Method::Ack, 1));
    let fetch = town.request(Method::Invite, "100", "703", me());
    town.send(me(), fetch.clone());
    let passed = town.one_request(colleague(), Method::Invite);
    let named = passed.headers.replaces().unwrap();
    assert_eq!(named.call_id, sent.headers.call_id().unwrap());
    assert_eq!(Some(named.to_tag.as_str()), sent.headers.from().unwrap().tag());
    assert_eq!(Some(named.from_tag.as_str()), ok.headers.to().unwrap().tag());
    town.send(colleague(), answer(&passed, 200, "200", colleague()));
    let up = town.responses(me()).pop().unwrap();
    assert_eq!(up.code(), 200);
    town.send(me(), inside(&fetch, &up, Method::Ack, 1));
    assert_eq!(town.one_request(colleague(), Method::Ack).method, Method::Ack);
    town.send(colleague(), inside(&sent, &ok, Method::Bye, 2));
    assert_eq!(town.codes(colleague()), [200]);
    let again = town.request(Method::Invite, "100", "703", me());
    town.send(me(), again);
    assert_eq!(town.codes(me()), [480]);
}
