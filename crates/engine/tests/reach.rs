//! A line that callers do not reach: counted, said and heard; and said when it is over.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod support;

use parley_engine::core::{CoreConfig, Loaded, StoreAnswer, StoreCommand, Wake};
use parley_engine::{
    AccountDraft, AccountView, NoticeLevel, PresenceState, PresetAccount, RegistrationView, Request, Settings, View,
};
use parley_media::Alert;
use parley_sip::Message;
use parley_store::{Account, AccountData, AccountId};
use support::{Desk, Did};

fn draft() -> AccountDraft {
    AccountDraft {
        name: "Sales".into(),
        user: "204".into(),
        domain: "pbx.example".into(),
        ..AccountDraft::default()
    }
}

fn desk() -> Desk {
    Desk::with(CoreConfig {
        presets: vec![PresetAccount::new(draft())],
        ..CoreConfig::default()
    })
}

fn answer(desk: &mut Desk, code: u16) {
    let Message::Request(request) = desk.expect("REGISTER") else {
        panic!()
    };
    let mut response = request.respond(code, Some("reg"));
    if code == 200 {
        let contact = request.headers.contact().unwrap();
        response
            .headers
            .push("Contact", format!("<{}>;expires=3600", contact.uri));
    }
    desk.hear(response.to_bytes());
}

fn registered() -> Desk {
    let mut desk = desk();
    answer(&mut desk, 200);
    desk
}

fn line(desk: &Desk) -> AccountView {
    match desk.view("account 1000001") {
        Some(View::Account(view)) => view.clone(),
        other => panic!("{other:?}"),
    }
}

fn notice(desk: &Desk) -> Option<(NoticeLevel, String)> {
    match desk.view("notice reach.1000001") {
        Some(View::Notice(notice)) => Some((notice.level, notice.text.clone())),
        _ => None,
    }
}

fn alerts(desk: &Desk) -> Vec<Alert> {
    let alerts = desk.did.iter().filter_map(|did| match did {
        Did::Alert(alert) => Some(*alert),
        _ => None,
    });
    alerts.collect()
}

/// Nobody answers any more, until it is noticed.
fn unplug(desk: &mut Desk) {
    desk.unplugged = true;
    for _ in 0..60 {
        if matches!(line(desk).registration, RegistrationView::Failed { .. }) {
            return;
        }
        desk.wait_s(1);
    }
    panic!("nobody noticed");
}

#[test]
fn the_server_is_asked_all_the_time_and_the_view_says_when_it_answered() {
    let mut desk = registered();
    let proven = |desk: &Desk| match line(desk).registration {
        RegistrationView::Registered { proven_at, .. } => proven_at,
        other => panic!("{other:?}"),
    };
    let before = proven(&desk);
    desk.wait_s(40);
    assert!((27_000..35_000).contains(&(proven(&desk) - before)));
    assert!(line(&desk).outages.is_empty());
}

#[test]
fn a_line_out_of_reach_is_said_and_heard_once_after_ten_seconds() {
    let mut desk = registered();
    unplug(&mut desk);
    assert!(matches!(line(&desk).outages.as_slice(), [outage] if outage.to.is_none()));
    desk.wait_s(8);
    assert_eq!((alerts(&desk), notice(&desk)), (vec![], None));
    desk.wait_s(3);
    assert_eq!(alerts(&desk), [Alert::Unreachable]);
    let (level, text) = notice(&desk).unwrap();
    assert_eq!(level, NoticeLevel::Warning);
    assert!(text.starts_with("Callers cannot reach you on Sales."), "{text}");
    desk.wait_s(300);
    assert_eq!(alerts(&desk).len(), 1, "once");
}

#[test]
fn a_line_that_is_back_says_so_and_for_how_long_it_was_away() {
    let mut desk = registered();
    unplug(&mut desk);
    desk.wait_s(60);
    desk.unplugged = false;
    desk.forget_sent();
    desk.wait_for("REGISTER", 5);
    answer(&mut desk, 200);
    assert_eq!(alerts(&desk), [Alert::Unreachable, Alert::Reachable]);
    let (level, text) = notice(&desk).unwrap();
    assert_eq!(level, NoticeLevel::Info);
    assert!(
        text.starts_with("Callers reach you on Sales again.") && text.contains("6"),
        "{text}"
    );
    let outages = line(&desk).outages;
    let lasted = outages[0].to.unwrap() - outages[0].from;
    assert!((60_000..66_000).contains(&lasted), "{lasted}");
}

#[test]
fn a_short_gap_is_counted_and_nobody_is_bothered() {
    let mut desk = registered();
    unplug(&mut desk);
    desk.wait_s(3);
    desk.unplugged = false;
    desk.forget_sent();
    desk.wait_for("REGISTER", 5);
    answer(&mut desk, 200);
    desk.wait_s(20);
    assert_eq!((alerts(&desk), notice(&desk)), (vec![], None));
    assert_eq!(line(&desk).outages.len(), 1);
}

#[test]
fn who_wants_silence_gets_it_and_reads_the_notice() {
    for quiet in [
        Request::SaveSettings {
            settings: Settings {
                alert_unreachable: false,
                ..Settings::default()
            },
        },
        Request::SetPresence {
            state: PresenceState::DoNotDisturb,
            note: None,
        },
    ] {
        let mut desk = registered();
        desk.ask(quiet).unwrap();
        unplug(&mut desk);
        desk.wait_s(20);
        assert!(alerts(&desk).is_empty() && notice(&desk).is_some());
    }
}

#[test]
fn a_password_that_is_being_entered_wrong_is_not_sounded() {
    let mut desk = desk();
    answer(&mut desk, 404);
    desk.wait_s(30);
    assert!(alerts(&desk).is_empty());
    assert_eq!(line(&desk).outages.len(), 1, "but it is out of reach");
}

#[test]
fn a_server_that_never_answered_is_said_too() {
    let mut desk = desk();
    desk.wait_s(12);
    assert_eq!(alerts(&desk), [Alert::Unreachable]);
    assert!(notice(&desk).unwrap().1.contains("has not answered yet"));
}

#[test]
fn a_line_that_is_switched_off_is_not_missed() {
    let mut desk = registered();
    unplug(&mut desk);
    desk.wait_s(20);
    let id = line(&desk).id;
    desk.ask(Request::SaveAccount {
        account: AccountDraft {
            id: Some(id),
            enabled: false,
            ..draft()
        },
    })
    .unwrap();
    assert_eq!(notice(&desk), None);
    desk.wait_s(60);
    assert!(line(&desk).outages.iter().all(|outage| outage.to.is_some()));
}

fn kept() -> Loaded {
    Loaded {
        accounts: vec![Account {
            id: AccountId(4),
            data: AccountData {
                name: "Sales".into(),
                user: "204".into(),
                domain: "pbx.example".into(),
                enabled: true,
                ..AccountData::default()
            },
            tag: "SA".into(),
            colour: 1,
            chosen: true,
        }],
        ..Loaded::default()
    }
}

fn remembered<'a>(desk: &'a Desk, wanted: &str) -> Vec<&'a str> {
    let kept = desk.did.iter().filter_map(|did| match did {
        Did::Store(StoreCommand::Remember(key, Some(value))) if key == wanted => Some(value.as_str()),
        _ => None,
    });
    kept.collect()
}

#[test]
fn outages_are_kept_over_the_end_of_the_product() {
    let mut desk = Desk::with(CoreConfig::default());
    let (before, now) = (1_699_999_000_000_i64, desk.now().unix_ms);
    desk.tell_store(StoreAnswer::Loaded(Box::new(Loaded {
        outages: vec![(AccountId(4), format!("{before}-{}", before + 5000))],
        ..kept()
    })));
    desk.wait_s(7);
    let Some(View::Account(view)) = desk.view("account 4").cloned() else {
        panic!()
    };
    assert_eq!(
        (view.outages[0].from, view.outages[0].to),
        (before, Some(before + 5000))
    );
    assert_eq!((view.outages[1].from, view.outages[1].to), (now, None));
    desk.wake(Wake::Closing);
    let kept = remembered(&desk, "outages.4");
    assert_eq!(kept, [format!("{before}-{} {now}-{}", before + 5000, now + 7000)]);
}

#[test]
fn ghost_calls_are_counted_where_people_look() {
    let mut desk = registered();
    let ghost = parley_sip::endpoint::Flow {
        id: parley_sip::endpoint::FlowId(99),
        remote: "203.0.113.9:5060".parse().unwrap(),
        ..desk.flow
    };
    let bytes =
        b"INVITE sip:100@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.9;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n\
        From: <sip:1@x>;tag=1\r\nTo: <sip:100@10.0.0.1>\r\nCall-ID: ghost\r\nCSeq: 1 INVITE\r\n\
        Contact: <sip:1@203.0.113.9>\r\nContent-Length: 0\r\n\r\n";
    desk.wake(Wake::Network(parley_sip::endpoint::Input::Received {
        flow: ghost,
        bytes: bytes.to_vec(),
    }));
    assert!(desk.calls().is_empty() && desk.rings().is_empty());
    desk.wait_s(40);
    assert_eq!(line(&desk).refused.ghost_calls, 1);
}
