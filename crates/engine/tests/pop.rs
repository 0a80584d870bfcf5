//! Screen pops: when, how often, and exactly what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod support;

use parley_engine::core::{PopKey, Recalled, StoreAnswer, StoreCommand};
use parley_engine::{NoticeLevel, Others, PopMode, PopRule, RefusalCode, Reply, Request, Settings, View};
use parley_store::{Direction, Entry, HistoryId, Outcome, PopOutcome};
use std::collections::BTreeMap;
use support::{Desk, Did, Far, INVITE, with_pop};

const TEMPLATE: &str = "https://crm.example/open?phone=$caller$&name=$caller_name$&on=$number$&via=$called$&t=[sip.X-Ticket]&s=[sip.X-Subject]&k=$key$";
const OPENED: &str = "https://crm.example/open?phone=%2B441632960123&name=Zo%C3%AB%20Baker&on=204&via=%2B441632960000&t=4711&s=Delivery%20%26%20returns&k=s3cret%2F1";

fn desk(mode: PopMode) -> Desk {
    let mut config = with_pop(mode, TEMPLATE);
    let custom_parameters = BTreeMap::from([("key".to_owned(), "s3cret/1".to_owned())]);
    config.settings = Some(Settings {
        custom_parameters,
        ..Settings::default()
    });
    Desk::with(config)
}

#[test]
fn it_opens_once_as_soon_as_the_call_comes_in_with_every_value_encoded() {
    let mut desk = desk(PopMode::OnIncoming);
    let mut far = Far::new("a");
    far.invite(&mut desk, INVITE);
    assert_eq!(desk.launched(), [OPENED]);
    let call = desk.call().id;
    desk.ask(Request::Answer {
        call,
        others: Others::Hold,
    })
    .unwrap();
    assert_eq!(desk.launched().len(), 1);
}

#[test]
fn it_opens_after_the_answer_here_and_not_when_another_phone_answers() {
    let mut desk = desk(PopMode::AfterAnswer);
    let mut far = Far::new("a");
    far.invite(&mut desk, INVITE);
    far.cancel(&mut desk, "Reason: SIP;cause=200\r\n");
    assert!(desk.launched().is_empty());
    desk.wait_s(11);
    Far::new("b").invite(&mut desk, INVITE);
    let call = desk.call().id;
    desk.ask(Request::Answer {
        call,
        others: Others::Hold,
    })
    .unwrap();
    assert_eq!(desk.launched(), [OPENED]);
}

#[test]
fn by_hand_only_means_by_hand_only() {
    let mut desk = desk(PopMode::Manual);
    Far::new("a").invite(&mut desk, INVITE);
    assert!(desk.launched().is_empty() && desk.call().can_pop);
    let call = desk.call().id;
    desk.ask(Request::OpenPop { call }).unwrap();
    assert_eq!(desk.launched(), [OPENED]);
}

#[test]
fn a_line_without_a_rule_has_no_button() {
    let mut desk = Desk::new();
    Far::new("a").invite(&mut desk, INVITE);
    assert!(!desk.call().can_pop);
    let call = desk.call().id;
    assert_eq!(
        desk.ask(Request::OpenPop { call }).unwrap_err().code,
        RefusalCode::NotNow
    );
}

#[test]
fn the_log_has_the_target_without_its_secrets_and_the_outcome() {
    let mut desk = desk(PopMode::OnIncoming);
    Far::new("a").invite(&mut desk, INVITE);
    let logged: Vec<String> = desk
        .did
        .iter()
        .filter_map(|did| match did {
            Did::Store(StoreCommand::PopBegan { pop, .. }) => Some(format!("{} {}", pop.caller, pop.target)),
            Did::Store(StoreCommand::PopEnded(PopKey(1), PopOutcome::Opened { millis })) => {
                Some(format!("opened {millis}"))
            }
            _ => None,
        })
        .collect();
    assert_eq!(logged.len(), 2);
    assert!(
        logged[0].starts_with("Zoë Baker https://crm.example/open?phone=%2B44"),
        "{}",
        logged[0]
    );
    assert!(!logged[0].contains("s3cret"), "{}", logged[0]);
    assert_eq!(logged[1], "opened 0");
    assert!(!format!("{:?}", desk.call().variables).contains("s3cret"));
}

#[test]
fn the_page_is_asked_for_before_the_disk_hears_of_it() {
    let mut desk = desk(PopMode::OnIncoming);
    Far::new("a").invite(&mut desk, INVITE);
    let launch = desk.did.iter().position(|did| matches!(did, Did::Launch(..))).unwrap();
    let log = desk
        .did
        .iter()
        .position(|did| matches!(did, Did::Store(StoreCommand::PopBegan { .. })))
        .unwrap();
    let begin = desk
        .did
        .iter()
        .position(|did| matches!(did, Did::Store(StoreCommand::Begin { .. })))
        .unwrap();
    assert!(
        launch < begin && begin < log,
        "and the disk hears of the call before its pop"
    );
}

#[test]
fn hostile_values_stay_values() {
    let mut desk = Desk::with(with_pop(PopMode::OnIncoming, "/opt/my app/crm --caller $caller_name$"));
    let mut far = Far::from("a", "\"--x $caller$ ; rm -rf / & [sip.X]\" <sip:666@10.0.0.2>");
    far.invite(&mut desk, "");
    let launched = desk.launched();
    assert_eq!(launched.len(), 1);
    // One argument, no second reading, and no option either.
    assert_eq!(
        launched[0],
        r#"/opt/my app/crm ["--caller", "x $caller$ ; rm -rf / & [sip.X]"]"#
    );
}

#[test]
fn a_wrong_template_is_refused_with_its_reason() {
    let mut desk = desk(PopMode::OnIncoming);
    let account = desk.snapshot().accounts[0].id;
    for target in [
        "ftp://x/$caller$",
        "https://crm.example/?f=[sip.From]",
        "crm.exe",
        "https://$caller$/",
    ] {
        let rule = PopRule {
            account,
            mode: PopMode::OnIncoming,
            target: target.into(),
        };
        let refusal = desk.ask(Request::SavePopRule { rule }).unwrap_err();
        assert_eq!(
            (refusal.code, refusal.field.as_deref()),
            (RefusalCode::Invalid, Some("target")),
            "{target}"
        );
        assert!(refusal.message.len() > 20, "{}", refusal.message);
    }
    assert_eq!(desk.snapshot().pop_rules[0].target, TEMPLATE, "the old rule stays");
}

#[test]
fn a_saved_rule_is_told_to_every_window() {
    let mut desk = desk(PopMode::Disabled);
    let rule = PopRule {
        account: desk.snapshot().accounts[0].id,
        mode: PopMode::Manual,
        target: "https://new.example/".into(),
    };
    desk.ask(Request::SavePopRule { rule: rule.clone() }).unwrap();
    let key = format!("rule {}", rule.account);
    assert_eq!(desk.view(&key), Some(&View::PopRule(rule)));
}

#[test]
fn a_preview_masks_secrets_and_names_the_nearest_variable() {
    let mut desk = desk(PopMode::OnIncoming);
    let account = desk.snapshot().accounts[0].id;
    let rule = PopRule {
        account,
        mode: PopMode::Manual,
        target: "https://crm.example/?a=$caler$&k=$key$".into(),
    };
    let Ok(Reply::PopPreview { preview }) = desk.ask(Request::PreviewPop { rule, entry: None }) else {
        panic!()
    };
    assert!(!format!("{preview:?}").contains("s3cret"));
    assert_eq!(preview.unknown[0].suggestion.as_deref(), Some("$caller$"));
}

#[test]
fn a_retry_reads_the_old_call_and_uses_the_rule_as_it_is_now() {
    let mut desk = desk(PopMode::OnIncoming);
    let account = desk.snapshot().accounts[0].id;
    let rule = PopRule {
        account,
        mode: PopMode::OnIncoming,
        target: "https://new.example/?c=$caller$&t=[sip.X-Ticket]".into(),
    };
    desk.ask(Request::SavePopRule { rule }).unwrap();
    let ask = desk.ask_later(Request::RetryPop { pop: 5 });
    assert!(desk.answer(ask).is_none(), "the disk is asked first");
    let recalled = Recalled {
        entry: entry(account),
        headers: vec![("X-Ticket".into(), "99".into())],
    };
    desk.tell_store(StoreAnswer::Recalled(ask, Some(Box::new(recalled))));
    assert_eq!(desk.answer(ask), Some(Ok(Reply::Done)));
    assert_eq!(desk.launched(), ["https://new.example/?c=777&t=99"]);
    let ask = desk.ask_later(Request::RetryPop { pop: 6 });
    desk.tell_store(StoreAnswer::Recalled(ask, None));
    assert_eq!(desk.answer(ask).unwrap().unwrap_err().code, RefusalCode::NoSuchEntry);
}

#[test]
fn a_failure_is_shown_with_what_to_do() {
    let mut desk = desk(PopMode::OnIncoming);
    desk.pops_fail = Some("There is no browser.".into());
    Far::new("a").invite(&mut desk, INVITE);
    let Some(View::Notice(notice)) = desk.view("notice pop_failed") else {
        panic!()
    };
    assert_eq!(
        (notice.level, notice.text.as_str()),
        (
            NoticeLevel::Warning,
            "The screen pop did not open. There is no browser."
        )
    );
}

fn entry(account: u64) -> Entry {
    Entry {
        follows: None,
        quality: None,
        recording: String::new(),
        id: HistoryId(3),
        account: parley_store::AccountId(account),
        line: "Sales".into(),
        direction: Direction::Incoming,
        outcome: Outcome::Missed,
        name: String::new(),
        number: "777".into(),
        address: "777".into(),
        reached: "204".into(),
        called: "204".into(),
        started_at: 0,
        answered_at: None,
        ended_at: Some(1),
        talk_seconds: 0,
        ring_seconds: 0,
        reason: String::new(),
        pop: String::new(),
        unseen: false,
        can_call_back: true,
    }
}
