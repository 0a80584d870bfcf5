//! What others see of the person here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod support;

use parley_engine::core::{CoreConfig, Wake};
use parley_engine::{AccountDraft, PresenceState, PresetAccount, Request, View};
use parley_sip::Message;
use parley_sip::bodies::{Activity, Pidf};
use support::{Desk, Far};

fn registered() -> Desk {
    let account = AccountDraft {
        name: "Sales".into(),
        user: "204".into(),
        domain: "pbx.example".into(),
        ..AccountDraft::default()
    };
    let mut desk = Desk::with(CoreConfig {
        presets: vec![PresetAccount::new(account)],
        ..CoreConfig::default()
    });
    let Message::Request(request) = desk.expect("REGISTER") else {
        panic!()
    };
    let mut response = request.respond(200, Some("reg"));
    let contact = request.headers.get("Contact").unwrap().to_owned();
    response.headers.push("Contact", contact);
    desk.hear(response.to_bytes());
    desk
}

/// Takes the next PUBLISH: what it says, and whether it takes the presence away.
fn published(desk: &mut Desk) -> (Option<Pidf>, bool) {
    let Message::Request(request) = desk.expect("PUBLISH sip:204@pbx.example") else {
        panic!()
    };
    let mut response = request.respond(200, Some("pub"));
    response.headers.push("SIP-ETag", "etag");
    response
        .headers
        .push("Expires", request.headers.get("Expires").unwrap());
    desk.hear(response.to_bytes());
    (Pidf::read(&request.body).ok(), request.headers.expires() == Some(0))
}

fn activities(desk: &mut Desk) -> Vec<Activity> {
    published(desk).0.unwrap().activities
}

fn set(desk: &mut Desk, state: PresenceState, note: Option<&str>) {
    let note = note.map(str::to_owned);
    desk.ask(Request::SetPresence { state, note }).unwrap();
}

#[test]
fn each_state_is_published_with_the_note_beside_it() {
    let mut desk = registered();
    let (pidf, _) = published(&mut desk);
    let pidf = pidf.unwrap();
    assert_eq!((pidf.open, pidf.activities.len(), pidf.note), (Some(true), 0, None));
    set(&mut desk, PresenceState::Away, Some(" Lunch\n until two "));
    let (pidf, _) = published(&mut desk);
    let pidf = pidf.unwrap();
    assert_eq!(
        (pidf.activities, pidf.note.as_deref()),
        (vec![Activity::Away], Some("Lunch until two"))
    );
    assert!(matches!(
        desk.view("presence"),
        Some(View::Presence(view)) if view.note.as_deref() == Some("Lunch until two")
    ));
    set(&mut desk, PresenceState::Busy, None);
    let (pidf, _) = published(&mut desk);
    assert_eq!(pidf.unwrap().note.as_deref(), Some("Lunch until two"), "the note stays");
    set(&mut desk, PresenceState::DoNotDisturb, Some(""));
    let (pidf, _) = published(&mut desk);
    let pidf = pidf.unwrap();
    assert_eq!(pidf.activities, [Activity::DoNotDisturb, Activity::Busy]);
    assert_eq!(pidf.note, None, "and goes when it is emptied");
    set(&mut desk, PresenceState::DoNotDisturb, None);
    desk.expect_no("PUBLISH");
}

#[test]
fn a_call_is_shown_to_others_while_it_lasts() {
    let mut desk = registered();
    assert_eq!(activities(&mut desk), []);
    let mut far = Far::talk("c", &mut desk);
    assert_eq!(activities(&mut desk), [Activity::OnThePhone]);
    far.bye(&mut desk);
    assert_eq!(activities(&mut desk), []);
}

#[test]
fn who_is_invisible_takes_the_presence_away_and_brings_it_back() {
    let mut desk = registered();
    published(&mut desk);
    set(&mut desk, PresenceState::Invisible, None);
    assert_eq!(published(&mut desk), (None, true));
    let mut far = Far::talk("c", &mut desk);
    desk.expect_no("PUBLISH");
    far.bye(&mut desk);
    set(&mut desk, PresenceState::Online, None);
    assert!(published(&mut desk).0.is_some());
}

#[test]
fn closing_takes_the_presence_away() {
    let mut desk = registered();
    published(&mut desk);
    desk.wake(Wake::Closing);
    assert_eq!(published(&mut desk), (None, true));
    desk.expect_no("PUBLISH");
}
