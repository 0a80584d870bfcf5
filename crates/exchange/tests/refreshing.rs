//! Lines that say the session anew: hold and take back, refresh; and lines that watch whether the phone does.
#![allow(clippy::unwrap_used, missing_docs)]
mod town;
use parley_exchange::*;
use parley_sip::{Method, Request, Response};
use town::*;

fn me() -> Peer {
    udp(6000)
}

fn talking(town: &mut Town, number: &str, extra: &[(&str, &str)]) -> (Request, Response) {
    town.register("100", me());
    let mut invite = town.request(Method::Invite, "100", number, me());
    extra.iter().for_each(|(name, value)| invite.headers.push(*name, value));
    town.send(me(), invite.clone());
    town.wait(1.0);
    let ok = town.responses(me()).pop().unwrap();
    assert_eq!(ok.code(), 200);
    town.send(me(), inside(&invite, &ok, Method::Ack, 1));
    (invite, ok)
}

fn played(town: &Town) -> Option<Play> {
    town.orders.iter().rev().find_map(|order| match order {
        MediaOrder::Run { play, .. } => Some(*play),
        _ => None,
    })
}

fn agree(town: &mut Town, request: &Request, direction: &str) {
    let mut ok = answer(request, 200, "100", me());
    if request.method == Method::Invite {
        ok.set_body("application/sdp", format!("{OFFER}a={direction}\r\n").into_bytes());
    }
    town.send(me(), ok);
    if request.method == Method::Invite {
        let ack = town.one_request(me(), Method::Ack);
        assert_eq!(
            ack.headers.cseq().unwrap().number,
            request.headers.cseq().unwrap().number
        );
    }
}

fn says(request: &Request, direction: &str) -> bool {
    String::from_utf8_lossy(&request.body).contains(&format!("a={direction}"))
}

#[test]
fn a_line_holds_with_music_and_takes_back_again_and_again() {
    let mut town = town();
    talking(&mut town, "609", &[]);
    assert_eq!(played(&town), Some(Play::Echo));
    for _ in 0..2 {
        town.wait(3.0);
        let hold = town.one_request(me(), Method::Invite);
        assert!(says(&hold, "sendonly"));
        agree(&mut town, &hold, "recvonly");
        assert_eq!(played(&town), Some(Play::Sound(Sound::Melody)));
        town.wait(5.0);
        let back = town.one_request(me(), Method::Invite);
        assert!(says(&back, "sendrecv"));
        agree(&mut town, &back, "sendrecv");
        assert_eq!(played(&town), Some(Play::Echo));
    }
}

#[test]
fn after_a_glare_the_line_tries_again() {
    let mut town = town();
    talking(&mut town, "609", &[]);
    town.wait(3.0);
    let hold = town.one_request(me(), Method::Invite);
    town.send(me(), hold.respond(491, None));
    assert_eq!(town.one_request(me(), Method::Ack).method, Method::Ack);
    town.wait(2.0);
    assert!(says(&town.one_request(me(), Method::Invite), "sendonly"));
}

#[test]
fn a_phone_that_offers_at_the_same_time_hears_of_the_glare() {
    let mut town = town();
    let (invite, ok) = talking(&mut town, "609", &[]);
    town.wait(3.0);
    town.one_request(me(), Method::Invite);
    let mut again = inside(&invite, &ok, Method::Invite, 2);
    again.set_body("application/sdp", OFFER.as_bytes().to_vec());
    town.send(me(), again);
    assert_eq!(town.codes(me()), [491]);
}

#[test]
fn a_phone_that_has_forgotten_the_call_is_left_alone() {
    let mut town = town();
    talking(&mut town, "609", &[]);
    town.wait(3.0);
    let hold = town.one_request(me(), Method::Invite);
    town.send(me(), hold.respond(481, None));
    let methods: Vec<Method> = town.requests(me()).into_iter().map(|request| request.method).collect();
    assert_eq!(methods, [Method::Ack, Method::Bye]);
}

#[test]
fn a_line_refreshes_by_turns_with_reinvite_and_update() {
    let mut town = town();
    let (_, ok) = talking(&mut town, "614", &[("Supported", "timer")]);
    assert_eq!(ok.headers.get("Session-Expires"), Some("90;refresher=uas"));
    for method in [Method::Invite, Method::Update, Method::Invite, Method::Update] {
        town.wait(3.0);
        let refresh = town.one_request(me(), method);
        assert_eq!(refresh.headers.get("Session-Expires"), Some("90;refresher=uac"));
        agree(&mut town, &refresh, "sendrecv");
    }
    assert_eq!(played(&town), Some(Play::Echo));
}

#[test]
fn a_session_nobody_refreshes_is_over() {
    for refresh in [None, Some(Method::Update), Some(Method::Invite)] {
        let mut town = town();
        let asked = [("Supported", "timer"), ("Session-Expires", "90")];
        let (invite, ok) = talking(&mut town, "600", &asked);
        assert_eq!(ok.headers.get("Session-Expires"), Some("90;refresher=uac"));
        assert_eq!(ok.headers.require(), ["timer"]);
        town.wait(50.0);
        assert_eq!(town.requests(me()), []);
        if let Some(method) = &refresh {
            let mut again = inside(&invite, &ok, method.clone(), 2);
            again.headers.push("Supported", "timer");
            again.headers.push("Session-Expires", "90;refresher=uac");
            if *method == Method::Invite {
                again.set_body("application/sdp", OFFER.as_bytes().to_vec());
            }
            town.send(me(), again);
            let refreshed = town.responses(me()).remove(0);
            assert_eq!(refreshed.code(), 200);
            assert_eq!(refreshed.headers.get("Session-Expires"), Some("90;refresher=uac"));
            town.send(me(), inside(&invite, &ok, Method::Ack, 2));
        }
        town.wait(11.0);
        let byes = town.requests(me()).len();
        assert_eq!(byes, usize::from(refresh.is_none()), "{refresh:?}");
    }
}

#[test]
fn an_interval_that_is_too_brief_is_refused_with_the_shortest() {
    let mut town = town();
    town.register("100", me());
    let mut invite = town.request(Method::Invite, "100", "600", me());
    invite.headers.push("Supported", "timer");
    invite.headers.push("Session-Expires", 30);
    town.send(me(), invite);
    let refused = town.responses(me()).remove(0);
    assert_eq!((refused.code(), refused.headers.get("Min-SE")), (422, Some("90")));
}

#[test]
fn the_intercom_calls_back_and_wants_to_be_answered_at_once() {
    let mut town = town();
    talking(&mut town, "608", &[]);
    town.wait(2.0);
    let bye = town.one_request(me(), Method::Bye);
    town.send(me(), bye.respond(200, None));
    town.wait(3.0);
    let back = town.one_request(me(), Method::Invite);
    assert_eq!(back.headers.from().unwrap().uri.user().as_deref(), Some("608"));
    assert!(back.headers.get("Call-Info").unwrap().ends_with(";answer-after=1"));
    assert!(
        back.headers
            .get("Alert-Info")
            .unwrap()
            .ends_with(";info=alert-autoanswer;delay=1")
    );
}
