//! How a line handles calls: who calls, in which words, by which codes, and what goes before all rules.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod support;

use parley_engine::core::{CoreConfig, words};
use parley_engine::{
    AccountDraft, AccountOptions, AccountView, CallState, Codes, PresenceState, PresetAccount, RefusalCode, Reply,
    Request, View,
};
use support::{Desk, Far, INVITE, direct, sdp};

fn codes() -> Desk {
    Desk::line(AccountOptions {
        codes: Codes {
            park: Some("70".into()),
            pick_up: Some("*8".into()),
            voicemail: None,
        },
        ..AccountOptions::default()
    })
}

fn company(header: &str) -> Option<String> {
    let mut desk = Desk::new();
    Far::new("a").invite(&mut desk, header);
    desk.call().remote.company
}

#[test]
fn the_company_is_shown_as_the_caller_names_it() {
    let keller = "Organization: Keller & Sons <b>\r\n";
    assert_eq!(
        company(keller).as_deref(),
        Some("Keller & Sons <b>"),
        "escaped by whoever draws it"
    );
    let long = format!("Organization: {}\r\n", "x".repeat(500));
    assert_eq!(company(&long).unwrap().len(), 80);
    assert_eq!(company("Organization: \u{202e}\r\n"), None);
    assert_eq!(company(INVITE), None);
    let hidden = "Organization: Keller\r\nPrivacy: id\r\n";
    assert_eq!(company(hidden), None, "who stays unknown has no company either");
}

#[test]
fn codecs_are_said_in_words() {
    assert_eq!(words::codec(parley_media::Codec::Pcmu), "G.711 \u{b5}-law");
    assert_eq!(words::codec(parley_media::Codec::Pcma), "G.711 A-law");
}

#[test]
fn a_call_is_parked_and_picked_up_by_the_codes_of_the_line() {
    let mut desk = codes();
    let (call, _) = Far::reached(&mut desk, "600");
    let place = Some("2".to_owned());
    desk.ask(Request::Park { call, place }).unwrap();
    Far::agrees(&mut desk);
    let refer = desk.expect("REFER");
    assert!(refer.headers().get("Refer-To").unwrap().contains("sip:702@10.0.0.2"));
    desk.ask(Request::HangUp { call }).unwrap();
    let number = Some("205".to_owned());
    let taken = desk.ask(Request::PickUpNumber { number, account: None });
    assert!(matches!(taken, Ok(Reply::Call { .. })));
    desk.expect("INVITE sip:*8205@10.0.0.2");
}

#[test]
fn without_a_code_nothing_is_parked_or_picked_up() {
    let mut desk = Desk::new();
    let (call, _) = Far::reached(&mut desk, "600");
    let refusal = desk.ask(Request::Park { call, place: None }).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::NotNow);
    assert!(refusal.message.contains("park code"));
    let (number, account) = (None, None);
    let refusal = desk.ask(Request::PickUpNumber { number, account }).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::NotNow);
    desk.expect_no("REFER");
}

#[test]
fn the_caller_is_kept_back_on_wish_and_never_from_an_emergency_service() {
    let hidden = |desk: &mut Desk, target: &str, anonymous: Option<bool>| {
        let target = target.to_owned();
        let account = None;
        let dial = Request::Dial {
            target,
            account,
            anonymous,
        };
        let Ok(Reply::Call { call }) = desk.ask(dial) else {
            panic!()
        };
        let invite = desk.expect("INVITE");
        let hidden = invite.headers().get("Privacy").is_some();
        assert_eq!(desk.call_of(call).anonymous, hidden);
        desk.ask(Request::HangUp { call }).unwrap();
        desk.forget_sent();
        hidden
    };
    let mut desk = Desk::new();
    assert!(!hidden(&mut desk, "600", None));
    assert!(hidden(&mut desk, "600", Some(true)));
    let mut desk = Desk::line(AccountOptions {
        anonymous: true,
        ..AccountOptions::default()
    });
    assert!(hidden(&mut desk, "600", None));
    assert!(!hidden(&mut desk, "600", Some(false)));
    assert!(!hidden(&mut desk, "112", None));
    assert!(!hidden(&mut desk, "911", Some(true)));
}

#[test]
fn an_emergency_call_goes_out_whatever_else_is_going_on() {
    let mut desk = Desk::new();
    let state = PresenceState::DoNotDisturb;
    desk.ask(Request::SetPresence { state, note: None }).unwrap();
    let (talking, _) = Far::reached(&mut desk, "600");
    let dialled = desk.dial("601");
    Far::agrees(&mut desk);
    desk.expect("INVITE sip:601@");
    let call = desk.dial("112");
    desk.expect("INVITE sip:112@");
    assert_eq!(desk.call_of(dialled).state, CallState::Ended);
    assert!(desk.call_of(talking).held_by_us);
    assert!(desk.call_of(call).emergency);
}

#[test]
fn a_call_is_answered_by_itself_only_where_the_line_allows_it() {
    let asks = "Call-Info: <sip:10.0.0.2>;answer-after=2\r\n";
    let mut desk = Desk::new();
    Far::new("a").invite(&mut desk, asks);
    desk.wait_s(10);
    assert_eq!(desk.call().state, CallState::Incoming);

    let mut desk = Desk::line(AccountOptions {
        auto_answer: true,
        ..AccountOptions::default()
    });
    let mut far = Far::new("a");
    far.invite(&mut desk, asks);
    desk.wait_s(1);
    desk.expect_no("200");
    desk.wait_s(2);
    far.took(&desk.expect("200 INVITE"));
    far.ack(&mut desk);
    assert!(desk.call().auto_answered);
    assert!(matches!(desk.view("notice auto_answered"), Some(View::Notice(_))));
    desk.forget_sent();
    Far::new("b").invite(&mut desk, asks);
    desk.wait_s(10);
    desk.expect_no("200");
}

#[test]
fn a_notice_of_an_answer_goes_with_its_call() {
    let mut desk = Desk::line(AccountOptions {
        auto_answer: true,
        ..AccountOptions::default()
    });
    Far::new("a").invite(&mut desk, "Alert-Info: <http://x>;info=alert-autoanswer\r\n");
    desk.wait_s(2);
    let call = desk.call().id;
    desk.ask(Request::HangUp { call }).unwrap();
    assert!(desk.view("notice auto_answered").is_none());
}

#[test]
fn the_number_called_last_is_called_again_on_its_line() {
    let mut desk = Desk::new();
    let refusal = desk.ask(Request::Redial).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::NotNow);
    desk.tell_store(parley_engine::core::StoreAnswer::Entry(support::entry(
        7, 1_000_001, "0171",
    )));
    desk.ask(Request::Redial).unwrap();
    let invite = desk.expect("INVITE sip:0171@10.0.0.2");
    Far::reply(&mut desk, &invite, 200, &sdp(5004, "sendrecv"));
}

fn saved(desk: &mut Desk, options: Option<AccountOptions>) -> AccountView {
    let account = AccountDraft {
        id: Some(1_000_001),
        options,
        ..direct()
    };
    desk.ask(Request::SaveAccount { account }).unwrap();
    match desk.view("account 1000001") {
        Some(View::Account(view)) => view.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn options_are_checked_kept_and_left_alone_when_they_are_left_out() {
    let mut desk = Desk::new();
    let mut options = AccountOptions::default();
    options.forwarding.always = Some("+44 (0)20 7946 0100".into());
    let view = saved(&mut desk, Some(options.clone()));
    assert_eq!(view.options.forwarding.always.as_deref(), Some("+442079460100"));
    assert_eq!(saved(&mut desk, None).options, view.options);
    options.forwarding.always = Some("http://x".into());
    let account = AccountDraft {
        id: Some(1_000_001),
        options: Some(options),
        ..direct()
    };
    let refusal = desk.ask(Request::SaveAccount { account }).unwrap_err();
    assert_eq!(refusal.field.as_deref(), Some("forwardingAlways"));
}

#[test]
fn the_server_is_believed_about_the_caller_only_where_the_line_trusts_it() {
    let asserted = "P-Asserted-Identity: \"Maria Keller\" <sip:0800@10.0.0.2>\r\n";
    let caller = |trusted_identity| {
        let mut desk = Desk::line(AccountOptions {
            trusted_identity,
            ..AccountOptions::default()
        });
        Far::new("a").invite(&mut desk, asserted);
        desk.call().remote.number
    };
    assert_eq!(caller(true), "0800");
    assert_eq!(caller(false), "+441632960123");
}

#[test]
fn an_emergency_call_takes_a_line_whose_server_is_there() {
    let line = |name: &str, user: &str| {
        PresetAccount::new(AccountDraft {
            name: name.into(),
            user: user.into(),
            domain: "pbx.example".into(),
            ..AccountDraft::default()
        })
    };
    let mut desk = Desk::with(CoreConfig {
        presets: vec![line("Sales", "204"), line("Home", "205")],
        ..CoreConfig::default()
    });
    let sales = desk.expect("REGISTER");
    let home = desk.expect("REGISTER");
    assert!(home.headers().get("To").unwrap().contains("sip:205@"));
    Far::reply(&mut desk, &sales, 403, "");
    let parley_sip::Message::Request(request) = &home else {
        panic!()
    };
    let mut response = request.respond(200, Some("fartag"));
    response
        .headers
        .push("Contact", request.headers.get("Contact").unwrap());
    response.headers.push("Expires", "300");
    desk.hear(response.to_bytes());
    let call = desk.dial("112");
    assert_eq!(
        desk.call_of(call).account,
        1_000_002,
        "not the chosen one, which is refused"
    );
    desk.ask(Request::HangUp { call }).unwrap();
    let call = desk.dial("600");
    assert_eq!(desk.call_of(call).account, 1_000_001);
}
