//! Lamps: watched lines, the mailbox, and calls that begin with them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod support;

use parley_engine::core::{CoreConfig, Loaded, StoreAnswer, StoreCommand};
use parley_engine::{
    AccountDraft, AccountOptions, AccountView, Codes, Lamp, PresetAccount, RefusalCode, Reply, Request, View,
    WatchDraft, WatchPresence, WatchState, WatchView,
};
use parley_sip::Message;
use parley_sip::bodies::{Activity, Dialog, DialogDirection, DialogInfo, DialogState, Party, PresenceDocument};
use parley_store::{AccountId, Watch, WatchData, WatchId};
use support::{Desk, Did, FAR, Far, Notifier};

const MWI: &str = "application/simple-message-summary";
const CALLS: &str = "application/dialog-info+xml";
const PIDF: &str = "application/pidf+xml";

/// A line that is registered.
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
    accept(&mut desk);
    desk
}

fn accept(desk: &mut Desk) {
    let Message::Request(request) = desk.expect("REGISTER") else {
        panic!()
    };
    let mut response = request.respond(200, Some("reg"));
    let contact = request.headers.get("Contact").unwrap().to_owned();
    response.headers.push("Contact", contact);
    desk.hear(response.to_bytes());
}

fn account(desk: &mut Desk) -> AccountView {
    desk.snapshot().accounts[0].clone()
}

fn watch(desk: &mut Desk) -> WatchView {
    match desk.ask(Request::SaveWatch {
        watch: WatchDraft {
            target: "205".into(),
            label: " Anna ".into(),
            ..WatchDraft::default()
        },
    }) {
        Ok(Reply::Watch { watch }) => see(desk, watch),
        other => panic!("{other:?}"),
    }
}

fn see(desk: &Desk, id: u64) -> WatchView {
    match desk.view(&format!("watch {id}")) {
        Some(View::Watch(view)) => view.clone(),
        other => panic!("{other:?}"),
    }
}

fn calls(version: u32, dialogs: Vec<Dialog>) -> Vec<u8> {
    DialogInfo {
        version,
        full: true,
        entity: "sip:205@pbx.example".into(),
        dialogs,
    }
    .write()
}

fn ringing() -> Dialog {
    Dialog {
        call_id: Some("call-1".into()),
        local_tag: Some("anna".into()),
        remote_tag: Some("caller".into()),
        direction: Some(DialogDirection::Recipient),
        remote: Party {
            identity: Some("sip:+441632960123@pbx.example".into()),
            display: Some("Zoë Baker".into()),
            target: Some(format!("sip:far@{FAR}")),
            target_params: Vec::new(),
        },
        ..Dialog::new("1", DialogState::Early)
    }
}

#[test]
fn the_lamp_of_the_mailbox_shines_and_one_key_calls_it() {
    let mut desk = registered();
    assert_eq!(account(&mut desk).voicemail, None);
    let refused = desk.ask(Request::CallVoicemail { account: None }).unwrap_err();
    assert_eq!(refused.code, RefusalCode::NotNow);
    let mut mailbox = Notifier::grant(&mut desk, "message-summary");
    assert_eq!(mailbox.about(), "sip:204@pbx.example");
    mailbox.tell(
        &mut desk,
        MWI,
        b"Messages-Waiting: yes\r\nMessage-Account: sip:*97@pbx.example\r\nVoice-Message: 2/8 (0/2)\r\n",
    );
    let voicemail = account(&mut desk).voicemail.unwrap();
    assert!(voicemail.waiting);
    assert_eq!((voicemail.new, voicemail.old), (Some(2), Some(8)));
    desk.ask(Request::CallVoicemail { account: None }).unwrap();
    desk.expect("INVITE sip:*97@pbx.example");
    mailbox.tell(&mut desk, MWI, b"Messages-Waiting: no\r\nVoice-Message: 0/10\r\n");
    let voicemail = account(&mut desk).voicemail.unwrap();
    assert_eq!((voicemail.waiting, voicemail.new), (false, Some(0)));
}

#[test]
fn a_server_that_was_not_asked_may_light_the_lamp() {
    let mut desk = registered();
    let body = "Messages-Waiting: yes\r\n";
    desk.hear(format!(
        "NOTIFY sip:204@10.0.0.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP {FAR};branch=z9hG4bKmwi\r\nMax-Forwards: 70\r\n\
         From: <sip:pbx.example>;tag=m\r\nTo: <sip:204@pbx.example>\r\nCall-ID: mwi\r\nCSeq: 1 NOTIFY\r\n\
         Contact: <sip:{FAR}>\r\nEvent: message-summary\r\nContent-Type: {MWI}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    desk.expect("200 NOTIFY");
    assert!(account(&mut desk).voicemail.unwrap().waiting);
}

#[test]
fn a_watched_line_rings_talks_holds_and_is_idle() {
    let mut desk = registered();
    let anna = watch(&mut desk);
    assert_eq!(
        (anna.label.as_str(), anna.target.as_str(), &anna.lamp),
        ("Anna", "205", &Lamp::Unknown)
    );
    let mut agent = Notifier::grant(&mut desk, "dialog");
    assert_eq!(agent.about(), "sip:205@pbx.example");
    agent.tell(&mut desk, CALLS, &calls(0, vec![]));
    assert_eq!(see(&desk, anna.id).lamp, Lamp::Idle);
    agent.tell(&mut desk, CALLS, &calls(1, vec![ringing()]));
    let now = see(&desk, anna.id);
    assert_eq!(
        now.lamp,
        Lamp::Ringing {
            caller: Some("Zoë Baker".into())
        }
    );
    assert!(now.pick_up);
    let up = Dialog {
        state: DialogState::Confirmed,
        ..ringing()
    };
    agent.tell(&mut desk, CALLS, &calls(2, vec![up.clone()]));
    let now = see(&desk, anna.id);
    assert_eq!((now.lamp, now.pick_up), (Lamp::Busy, false));
    let mut held = up.clone();
    held.local.target = Some("sip:205@10.0.0.9".into());
    held.local.target_params = vec![("+sip.rendering".into(), "no".into())];
    agent.tell(&mut desk, CALLS, &calls(3, vec![held.clone()]));
    assert_eq!(see(&desk, anna.id).lamp, Lamp::Held);
    let other = Dialog::new("2", DialogState::Confirmed);
    agent.tell(&mut desk, CALLS, &calls(4, vec![held, other]));
    assert_eq!(see(&desk, anna.id).lamp, Lamp::Busy);
    agent.tell(&mut desk, CALLS, &calls(5, vec![]));
    assert_eq!(see(&desk, anna.id).lamp, Lamp::Idle);
    agent.end(&mut desk, "rejected");
    assert_eq!(see(&desk, anna.id).lamp, Lamp::Unknown);
}

#[test]
fn presence_is_shown_and_makes_do_where_the_server_tells_no_calls() {
    let mut desk = registered();
    let anna = watch(&mut desk);
    let mut agent = Notifier::grant(&mut desk, "presence");
    let mut tell = |desk: &mut Desk, open, activities: &[Activity], note: Option<&str>| {
        let document = PresenceDocument {
            open,
            activities: activities.to_vec(),
            note: note.map(str::to_owned),
        };
        agent.tell(desk, PIDF, &document.write("sip:205@pbx.example", "1"));
        let now = see(desk, anna.id);
        (now.presence.unwrap(), now.lamp)
    };
    let shown = |state, note: Option<&str>, on_the_phone| WatchPresence {
        state,
        note: note.map(str::to_owned),
        on_the_phone,
    };
    assert_eq!(
        tell(&mut desk, true, &[], Some("At my\u{202e} desk")),
        (shown(WatchState::Online, Some("At my desk"), false), Lamp::Idle)
    );
    assert_eq!(
        tell(&mut desk, true, &[Activity::OnThePhone], None),
        (shown(WatchState::Online, None, true), Lamp::Busy)
    );
    let rows = [
        (Activity::Away, WatchState::Away),
        (Activity::Busy, WatchState::Busy),
        (Activity::DoNotDisturb, WatchState::DoNotDisturb),
        (Activity::Other("meeting".into()), WatchState::Busy),
        (Activity::Other("vacation".into()), WatchState::Away),
    ];
    for (activity, wanted) in rows {
        assert_eq!(tell(&mut desk, true, &[activity], None).0.state, wanted);
    }
    assert_eq!(
        tell(&mut desk, false, &[], None),
        (shown(WatchState::Offline, None, false), Lamp::Unknown)
    );
}

#[test]
fn a_ringing_call_is_picked_up_by_its_name() {
    let mut desk = registered();
    let anna = watch(&mut desk);
    let mut agent = Notifier::grant(&mut desk, "dialog");
    let refused = desk.ask(Request::PickUp { watch: anna.id }).unwrap_err();
    assert_eq!(refused.code, RefusalCode::NotNow);
    agent.tell(&mut desk, CALLS, &calls(0, vec![ringing()]));
    let Ok(Reply::Call { .. }) = desk.ask(Request::PickUp { watch: anna.id }) else {
        panic!()
    };
    let invite = desk.expect("INVITE sip:+441632960123@pbx.example");
    assert_eq!(
        invite.headers().get("Replaces"),
        Some("call-1;to-tag=caller;from-tag=anna;early-only")
    );
    let call = desk.call();
    assert_eq!(call.remote.name.as_deref(), Some("Zoë Baker"));
    assert_eq!(call.remote.number, "+441632960123");
    Far::reply(&mut desk, &invite, 200, &support::sdp(5004, "sendrecv"));
    desk.expect("ACK");
}

#[test]
fn a_call_from_elsewhere_is_picked_up_at_its_phone() {
    let mut desk = registered();
    let anna = watch(&mut desk);
    let mut agent = Notifier::grant(&mut desk, "dialog");
    let mut far = ringing();
    far.remote.identity = Some("sip:zoe@far.example".into());
    agent.tell(&mut desk, CALLS, &calls(0, vec![far]));
    desk.ask(Request::PickUp { watch: anna.id }).unwrap();
    desk.expect(&format!("INVITE sip:far@{FAR}"));
}

#[test]
fn a_ringing_call_without_a_name_cannot_be_picked_up() {
    let mut desk = registered();
    let anna = watch(&mut desk);
    let mut agent = Notifier::grant(&mut desk, "dialog");
    let nameless = Dialog {
        call_id: None,
        ..ringing()
    };
    agent.tell(&mut desk, CALLS, &calls(0, vec![nameless]));
    assert!(!see(&desk, anna.id).pick_up);
    let refused = desk.ask(Request::PickUp { watch: anna.id }).unwrap_err();
    assert_eq!(refused.code, RefusalCode::NotNow);
}

#[test]
fn the_lines_codes_make_do_where_the_server_says_less() {
    let account = AccountDraft {
        name: "Sales".into(),
        user: "204".into(),
        domain: "pbx.example".into(),
        options: Some(AccountOptions {
            codes: Codes {
                pick_up: Some("*8".into()),
                voicemail: Some("*97".into()),
                ..Codes::default()
            },
            ..AccountOptions::default()
        }),
        ..AccountDraft::default()
    };
    let mut desk = Desk::with(CoreConfig {
        presets: vec![PresetAccount::new(account)],
        ..CoreConfig::default()
    });
    accept(&mut desk);
    let anna = watch(&mut desk);
    let mut agent = Notifier::grant(&mut desk, "dialog");
    let nameless = Dialog {
        call_id: None,
        ..ringing()
    };
    agent.tell(&mut desk, CALLS, &calls(0, vec![nameless]));
    assert!(see(&desk, anna.id).pick_up);
    let Ok(Reply::Call { call }) = desk.ask(Request::PickUp { watch: anna.id }) else {
        panic!()
    };
    desk.expect("INVITE sip:*8205@pbx.example");
    desk.ask(Request::HangUp { call }).unwrap();
    desk.ask(Request::CallVoicemail { account: None }).unwrap();
    desk.expect("INVITE sip:*97@pbx.example");
}

#[test]
fn who_is_watched_no_longer_is_asked_about_no_longer() {
    let mut desk = registered();
    let anna = watch(&mut desk);
    let mut agent = Notifier::grant(&mut desk, "dialog");
    agent.tell(&mut desk, CALLS, &calls(0, vec![]));
    desk.forget_sent();
    desk.ask(Request::RemoveWatch { watch: anna.id }).unwrap();
    assert_eq!(desk.view(&format!("watch {}", anna.id)), None);
    let last = desk.expect("SUBSCRIBE");
    assert_eq!(last.headers().expires(), Some(0));
    let refused = desk.ask(Request::RemoveWatch { watch: anna.id }).unwrap_err();
    assert_eq!(refused.code, RefusalCode::NoSuchEntry);
}

#[test]
fn watches_and_their_lamps_go_with_their_line() {
    let mut desk = registered();
    let anna = watch(&mut desk);
    let id = account(&mut desk).id;
    desk.ask(Request::RemoveAccount { account: id }).unwrap();
    assert_eq!(desk.view(&format!("watch {}", anna.id)), None);
    assert!(desk.snapshot().watches.is_empty());
}

#[test]
fn nobody_is_watched_at_an_address_that_cannot_be() {
    let mut desk = registered();
    let draft = |target: &str| WatchDraft {
        target: target.into(),
        ..WatchDraft::default()
    };
    for (watch, code) in [
        (draft(" "), RefusalCode::NotDialable),
        (
            WatchDraft {
                account: Some(77),
                ..draft("205")
            },
            RefusalCode::NoSuchAccount,
        ),
        (
            WatchDraft {
                id: Some(9),
                ..draft("205")
            },
            RefusalCode::NoSuchEntry,
        ),
    ] {
        assert_eq!(desk.ask(Request::SaveWatch { watch }).unwrap_err().code, code);
    }
}

#[test]
fn watches_of_the_disk_are_shown_and_kept_there() {
    let mut desk = Desk::with(CoreConfig::default());
    let data = WatchData {
        account: AccountId(3),
        target: "205".into(),
        label: "Anna".into(),
    };
    let stored = parley_store::Account {
        id: AccountId(3),
        data: parley_store::AccountData {
            name: "Sales".into(),
            user: "204".into(),
            domain: "pbx.example".into(),
            enabled: true,
            ..parley_store::AccountData::default()
        },
        tag: "SA".into(),
        colour: 1,
        chosen: true,
    };
    let loaded = Loaded {
        accounts: vec![stored],
        watches: vec![Watch {
            id: WatchId(5),
            data: data.clone(),
        }],
        ..Loaded::default()
    };
    desk.tell_store(StoreAnswer::Loaded(Box::new(loaded)));
    assert_eq!(see(&desk, 5).label, "Anna");
    let ask = desk.ask_later(Request::SaveWatch {
        watch: WatchDraft {
            id: Some(5),
            target: "206".into(),
            ..WatchDraft::default()
        },
    });
    let saved = desk.did.iter().find_map(|did| match did {
        Did::Store(StoreCommand::SaveWatch(id, watch, data)) => Some((*id, *watch, data.clone())),
        _ => None,
    });
    let (asked, watch, changed) = saved.unwrap();
    assert_eq!((watch, changed.label.as_str()), (Some(WatchId(5)), "206"));
    desk.tell_store(StoreAnswer::WatchSaved(asked, Ok(WatchId(5))));
    assert_eq!(desk.answer(ask), Some(Ok(Reply::Watch { watch: 5 })));
    assert_eq!(see(&desk, 5).target, "206");
}
