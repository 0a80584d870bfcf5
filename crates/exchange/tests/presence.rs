//! Presence: who is there, what users say about themselves, and that somebody talks.
#![allow(clippy::unwrap_used, missing_docs)]
mod town;
use parley_exchange::Peer;
use parley_sip::bodies::{Activity, Pidf, PresenceDocument, pidf};
use parley_sip::{Method, Request, Response};
use town::*;

fn watcher() -> Peer {
    udp(6000)
}

fn watched() -> Peer {
    udp(7000)
}

fn told(notify: &Request) -> Pidf {
    assert_eq!(notify.headers.event().as_deref(), Some("presence"));
    assert!(notify.headers.is_content(pidf::CONTENT_TYPE));
    Pidf::read(&notify.body).unwrap()
}

/// What the watcher is told since one last asked.
fn news(town: &mut Town) -> Vec<Pidf> {
    town.news(watcher()).iter().map(told).collect()
}

fn state(notify: &Request) -> String {
    notify.headers.get("Subscription-State").unwrap().to_owned()
}

/// A PUBLISH of 200 with these header fields, and its answer.
fn publish(town: &mut Town, open: bool, activities: &[Activity], extra: &[(&str, &str)]) -> Response {
    let document = PresenceDocument {
        open,
        activities: activities.to_vec(),
        note: None,
    };
    let mut request = town.request(Method::Publish, "200", "200", watched());
    request.headers.push("Event", "presence");
    extra
        .iter()
        .for_each(|(name, value)| request.headers.push(*name, value));
    request.set_body(pidf::CONTENT_TYPE, document.write("sip:200@127.0.0.1", "a"));
    town.send(watched(), request);
    town.responses(watched()).remove(0)
}

fn watching() -> Town {
    let mut town = town();
    town.register("100", watcher());
    town.register("200", watched());
    let (_, ok) = town.subscribe("100", "presence", "200", watcher());
    assert_eq!((ok.code(), ok.headers.expires()), (200, Some(300)));
    assert_eq!(news(&mut town)[0].open, Some(true));
    town
}

#[test]
fn whoever_subscribes_is_told_at_once_and_when_phones_come_and_go() {
    let mut town = town();
    town.register("100", watcher());
    town.subscribe("100", "presence", "200", watcher());
    let first = town.news(watcher());
    assert_eq!(told(&first[0]).open, Some(false), "nobody is registered");
    assert_eq!(state(&first[0]), "active;expires=300");
    town.register("200", watched());
    assert_eq!(news(&mut town)[0].open, Some(true));
    town.register("200", watched());
    assert_eq!(news(&mut town), [], "nothing changed");
    town.wait(299.0);
    assert_eq!(news(&mut town), []);
    town.register("100", watcher());
    town.wait(2.0);
    let over = town.news(watcher());
    assert_eq!(state(&over[0]), "terminated;reason=timeout", "the subscription ran out");
}

#[test]
fn what_a_user_publishes_is_what_others_see_until_it_is_taken_back_or_runs_out() {
    let mut town = watching();
    let first = publish(&mut town, true, &[Activity::Away], &[("Expires", "60")]);
    assert_eq!((first.code(), first.headers.expires()), (200, Some(60)));
    assert_eq!(news(&mut town)[0].activities, [Activity::Away]);
    let etag = first.headers.get("SIP-ETag").unwrap().to_owned();
    let second = publish(&mut town, false, &[], &[("SIP-If-Match", &etag), ("Expires", "60")]);
    let next = second.headers.get("SIP-ETag").unwrap().to_owned();
    assert_ne!(next, etag);
    assert_eq!(news(&mut town)[0].open, Some(false));
    let stale = publish(&mut town, true, &[], &[("SIP-If-Match", &etag)]);
    assert_eq!(stale.code(), 412);
    let gone = publish(&mut town, true, &[], &[("SIP-If-Match", &next), ("Expires", "0")]);
    assert_eq!(gone.code(), 200);
    assert_eq!(news(&mut town)[0].open, Some(true), "the phone is still registered");
    publish(&mut town, true, &[Activity::DoNotDisturb], &[("Expires", "20")]);
    assert_eq!(news(&mut town)[0].activities, [Activity::DoNotDisturb]);
    town.wait(21.0);
    assert_eq!(news(&mut town)[0].activities, []);
}

#[test]
fn a_publication_is_refreshed_without_a_word() {
    let mut town = watching();
    let first = publish(&mut town, true, &[Activity::Away], &[("Expires", "60")]);
    news(&mut town);
    town.wait(50.0);
    let mut refresh = town.request(Method::Publish, "200", "200", watched());
    refresh.headers.push("Event", "presence");
    refresh.headers.push("Expires", 60);
    refresh
        .headers
        .push("SIP-If-Match", first.headers.get("SIP-ETag").unwrap());
    town.send(watched(), refresh);
    assert_eq!(town.codes(watched()), [200]);
    town.wait(50.0);
    assert_eq!(news(&mut town), []);
}

#[test]
fn a_publication_that_makes_no_sense_is_refused() {
    let mut town = watching();
    assert_eq!(publish(&mut town, true, &[], &[("Expires", "3")]).code(), 423);
    for (name, value, code) in [
        ("Event", "dialog", 489),
        ("Content-Type", "text/plain", 415),
        ("Content-Type", "application/pidf+xml", 400),
    ] {
        let mut request = town.request(Method::Publish, "200", "200", watched());
        request.headers.push("Event", "presence");
        request.set_body("text/plain", b"<presence".to_vec());
        request.headers.set(name, value);
        town.send(watched(), request);
        assert_eq!(town.codes(watched()), [code], "{name}: {value}");
    }
    let mut other = town.request(Method::Publish, "200", "100", watched());
    other.headers.push("Event", "presence");
    town.send(watched(), other);
    assert_eq!(town.codes(watched()), [403], "nobody publishes for somebody else");
}

#[test]
fn somebody_who_talks_is_on_the_phone() {
    let mut town = watching();
    let invite = town.request(Method::Invite, "200", "600", watched());
    town.send(watched(), invite.clone());
    assert_eq!(news(&mut town), [], "it only rings");
    town.wait(1.0);
    let ok = town.responses(watched()).pop().unwrap();
    assert!(news(&mut town)[0].is_on_the_phone());
    town.send(watched(), inside(&invite, &ok, Method::Ack, 1));
    town.send(watched(), inside(&invite, &ok, Method::Bye, 2));
    assert!(!news(&mut town)[0].is_on_the_phone());
}

#[test]
fn subscriptions_that_cannot_be_are_refused_with_the_reason() {
    let mut town = town();
    town.register("100", watcher());
    for (event, to, code) in [
        ("presence", "999", 404),
        ("presence", "603", 404),
        ("conference", "200", 489),
        ("message-summary", "200", 403),
    ] {
        let (_, response) = town.subscribe("100", event, to, watcher());
        assert_eq!(response.code(), code, "{event} of {to}");
        if code == 489 {
            assert_eq!(
                response.headers.get("Allow-Events"),
                Some("presence, dialog, message-summary")
            );
        }
    }
    let mut brief = town.request(Method::Subscribe, "100", "200", watcher());
    brief.headers.push("Event", "presence");
    brief.headers.push("Expires", 5);
    town.send(watcher(), brief.clone());
    let response = town.responses(watcher()).remove(0);
    assert_eq!((response.code(), response.headers.min_expires()), (423, Some(10)));
    let mut odd = next(&brief);
    odd.headers.set("Expires", 300);
    odd.headers.push("Accept", "application/cpim-pidf+xml");
    town.send(watcher(), odd);
    assert_eq!(town.codes(watcher()), [406]);
    assert_eq!(town.news(watcher()), []);
}

#[test]
fn a_subscription_is_refreshed_ended_and_then_unknown() {
    let mut town = town();
    town.register("100", watcher());
    let (request, ok) = town.subscribe("100", "presence;id=7", "200", watcher());
    assert_eq!(town.news(watcher())[0].headers.get("Event"), Some("presence;id=7"));
    let again = |expires: u32, cseq: u32| {
        let mut again = inside(&request, &ok, Method::Subscribe, cseq);
        again.headers.push("Event", "presence;id=7");
        again.headers.push("Expires", expires);
        again
    };
    town.wait(200.0);
    town.send(watcher(), again(300, 2));
    assert_eq!(town.codes(watcher()), [200]);
    assert_eq!(town.news(watcher()).len(), 1, "each refresh is answered with the state");
    town.wait(200.0);
    assert_eq!(town.news(watcher()), []);
    town.send(watcher(), again(0, 3));
    assert_eq!(town.codes(watcher()), [200]);
    assert_eq!(state(&town.news(watcher())[0]), "terminated;reason=timeout");
    town.send(watcher(), again(300, 4));
    assert_eq!(town.codes(watcher()), [481]);
}

#[test]
fn somebody_who_only_asks_once_is_told_once() {
    let mut town = town();
    town.register("100", watcher());
    let mut once = town.request(Method::Subscribe, "100", "200", watcher());
    once.headers.push("Event", "presence");
    once.headers.push("Expires", 0);
    town.send(watcher(), once);
    assert_eq!(town.codes(watcher()), [200]);
    assert_eq!(state(&town.news(watcher())[0]), "terminated;reason=timeout");
    town.register("200", watched());
    assert_eq!(town.news(watcher()), []);
}

#[test]
fn a_watcher_that_knows_nothing_of_it_or_does_not_answer_is_forgotten() {
    for answered in [true, false] {
        let mut town = town();
        town.register("100", watcher());
        town.subscribe("100", "presence", "200", watcher());
        let notify = town.one_request(watcher(), Method::Notify);
        if answered {
            town.send(watcher(), notify.respond(481, None));
        } else {
            town.wait(33.0);
        }
        town.requests(watcher());
        town.register("200", watched());
        assert_eq!(town.requests(watcher()), [], "{answered}");
    }
}

#[test]
fn news_come_one_at_a_time_and_the_last_word_counts() {
    let mut town = watching();
    publish(&mut town, true, &[Activity::Away], &[]);
    publish(&mut town, true, &[Activity::Busy], &[]);
    publish(&mut town, true, &[Activity::DoNotDisturb], &[]);
    let first = town.one_request(watcher(), Method::Notify);
    assert_eq!(told(&first).activities, [Activity::Away]);
    town.send(watcher(), first.respond(200, None));
    let last = town.one_request(watcher(), Method::Notify);
    assert_eq!(told(&last).activities, [Activity::DoNotDisturb]);
}

#[test]
fn a_stranger_must_prove_who_he_is() {
    let mut town = town();
    let (request, challenged) = town.subscribe("100", "presence", "200", watcher());
    assert_eq!(challenged.code(), 407);
    let again = authorized(
        &request,
        &challenged,
        "100",
        "practice-100",
        "Proxy-Authorization",
        "Proxy-Authenticate",
    );
    town.send(watcher(), again);
    assert_eq!(town.codes(watcher()), [200]);
}

#[test]
fn nobody_fills_the_table() {
    let mut town = town();
    town.register("100", watcher());
    for _ in 0..128 {
        assert_eq!(town.subscribe("100", "presence", "200", watcher()).1.code(), 200);
        town.news(watcher());
    }
    assert_eq!(town.subscribe("100", "presence", "200", watcher()).1.code(), 503);
    town.wait(400.0);
    assert_eq!((town.core.next_wake(), town.core.open()), (None, 0));
}
