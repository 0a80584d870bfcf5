//! NOTIFY out of order, forked, unasked and absurd (RFC 6665 section 4.1.3, RFC 3842).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::events::*;
use common::*;
use parley_sip::CSeq;
use parley_sip::Method;
use parley_sip::bodies::{Dialog, DialogInfo, DialogState, MessageClass, MessageCount, MessageSummary};
use parley_sip::endpoint::{Event, Notice, Package, SubscriptionState};
use parley_testkit::{Call, Peer};

fn calls(version: u32, full: bool, dialogs: &[(&str, DialogState)]) -> Vec<u8> {
    DialogInfo {
        version,
        full,
        entity: COLLEAGUE.into(),
        dialogs: dialogs.iter().map(|(id, state)| Dialog::new(id, *state)).collect(),
    }
    .write()
}

fn ids(notice: Notice) -> Vec<(String, DialogState)> {
    match notice {
        Notice::Dialogs(info) => info
            .dialogs
            .into_iter()
            .map(|dialog| (dialog.id, dialog.state))
            .collect(),
        other => panic!("{other:?}"),
    }
}

fn fork(pbx: &Peer, first: &parley_sip::Request, tag: &str) -> Call {
    let answer = first.respond(200, Some(tag));
    pbx.call_from(first, &answer)
}

#[test]
fn partial_documents_change_what_a_full_one_told() {
    let (_network, alice, pbx) = at_the_exchange();
    let (id, mut dialog, _) = subscribed(&alice, &pbx, Package::Dialog);
    let active = "active;expires=600";
    notify(
        &pbx,
        &mut dialog,
        Package::Dialog,
        active,
        &calls(0, true, &[("a", DialogState::Early)]),
    );
    assert_eq!(ids(expect_notice(&alice, id)), [("a".into(), DialogState::Early)]);
    let changed = calls(
        1,
        false,
        &[("b", DialogState::Confirmed), ("a", DialogState::Terminated)],
    );
    notify(&pbx, &mut dialog, Package::Dialog, active, &changed);
    assert_eq!(ids(expect_notice(&alice, id)), [("b".into(), DialogState::Confirmed)]);
}

#[test]
fn a_document_that_was_missed_is_made_up_for_with_a_full_one() {
    let (network, alice, pbx) = at_the_exchange();
    let (id, mut dialog, _) = subscribed(&alice, &pbx, Package::Dialog);
    let active = "active;expires=600";
    notify(&pbx, &mut dialog, Package::Dialog, active, &calls(4, true, &[]));
    assert_eq!(ids(expect_notice(&alice, id)), []);
    let start = network.elapsed();
    notify(
        &pbx,
        &mut dialog,
        Package::Dialog,
        active,
        &calls(7, false, &[("a", DialogState::Early)]),
    );
    assert_eq!(ids(expect_notice(&alice, id)), [("a".into(), DialogState::Early)]);
    let refresh = pbx.expect("SUBSCRIBE");
    assert!(network.elapsed() - start < seconds(1));
    agree(&pbx, &refresh, 600);
    notify(
        &pbx,
        &mut dialog,
        Package::Dialog,
        active,
        &calls(8, true, &[("c", DialogState::Trying)]),
    );
    assert_eq!(ids(expect_notice(&alice, id)), [("c".into(), DialogState::Trying)]);
}

#[test]
fn a_late_notify_is_refused_and_changes_nothing() {
    let (_network, alice, pbx) = at_the_exchange();
    let (id, mut dialog, _) = subscribed(&alice, &pbx, Package::Presence);
    let active = "active;expires=600";
    let late = dialog.dialog.request(Method::Notify);
    notify(&pbx, &mut dialog, Package::Presence, active, &there("New"));
    pbx.expect_status(200);
    assert_eq!(expect_presence(&alice, id).note.as_deref(), Some("New"));
    let number = late.headers.cseq().unwrap().number;
    pbx.within(&mut dialog.clone(), "NOTIFY", |notify| {
        notify.headers.set("CSeq", CSeq::new(number, Method::Notify));
        notify.headers.push("Event", "presence");
        notify.headers.push("Subscription-State", active);
        notify.set_body("application/pidf+xml", there("Old"));
    });
    assert_eq!(pbx.expect_final().code(), 500);
    assert!(
        !alice
            .events()
            .iter()
            .any(|event| matches!(event, Event::Notified { .. }))
    );
}

#[test]
fn a_notify_that_comes_twice_is_answered_twice_and_told_once() {
    let (_network, alice, pbx) = at_the_exchange();
    let (id, mut dialog, _) = subscribed(&alice, &pbx, Package::Presence);
    let sent = notify(
        &pbx,
        &mut dialog,
        Package::Presence,
        "active;expires=600",
        &there("Once"),
    );
    pbx.expect_status(200);
    expect_presence(&alice, id);
    pbx.send(sent.to_bytes());
    pbx.expect_status(200);
    let mut another = sent.clone();
    let branch = another.headers.get("Via").unwrap().replace("z9hG4bK", "z9hG4bKx");
    another.headers.set("Via", branch);
    pbx.send(another.to_bytes());
    pbx.expect_status(200);
    assert!(
        !alice
            .events()
            .iter()
            .any(|event| matches!(event, Event::Notified { .. }))
    );
}

#[test]
fn a_forked_subscription_for_calls_puts_all_notifiers_together() {
    let (_network, alice, pbx) = at_the_exchange();
    let (id, mut desk, first) = subscribed(&alice, &pbx, Package::Dialog);
    let mut mobile = fork(&pbx, &first, "mobile");
    let active = "active;expires=600";
    notify(
        &pbx,
        &mut desk,
        Package::Dialog,
        active,
        &calls(0, true, &[("desk", DialogState::Early)]),
    );
    expect_notice(&alice, id);
    notify(
        &pbx,
        &mut mobile,
        Package::Dialog,
        active,
        &calls(0, true, &[("mobile", DialogState::Confirmed)]),
    );
    assert_eq!(
        ids(expect_notice(&alice, id)),
        [
            ("desk".into(), DialogState::Early),
            ("mobile".into(), DialogState::Confirmed)
        ]
    );
    notify(&pbx, &mut desk, Package::Dialog, "terminated;reason=deactivated", b"");
    notify(&pbx, &mut mobile, Package::Dialog, active, &calls(1, true, &[]));
    assert_eq!(ids(expect_notice(&alice, id)), []);
    pbx.expect_no("REFER");
    assert!(
        !alice
            .events()
            .iter()
            .any(|event| matches!(event, Event::Subscription { .. })),
        "one notifier is enough"
    );
}

#[test]
fn each_forked_notifier_is_refreshed_in_its_own_dialog() {
    let (_network, alice, pbx) = at_the_exchange();
    let (_, _, first) = subscribed(&alice, &pbx, Package::Dialog);
    let mut mobile = fork(&pbx, &first, "mobile");
    notify(&pbx, &mut mobile, Package::Dialog, "active;expires=600", b"");
    let mut tags: Vec<_> = (0..2)
        .map(|_| {
            let refresh = pbx.expect_within("SUBSCRIBE", seconds(600));
            agree(&pbx, &refresh, 600);
            refresh.headers.to().unwrap().tag().unwrap().to_owned()
        })
        .collect();
    tags.sort();
    assert_eq!(tags, ["mobile", "peer5060"]);
}

#[test]
fn presence_takes_one_notifier_and_calls_a_bounded_number() {
    for (package, most) in [(Package::Presence, 1), (Package::Dialog, 8)] {
        let (_network, alice, pbx) = at_the_exchange();
        let (_, _, first) = subscribed(&alice, &pbx, package);
        for number in 1..=most {
            let mut more = fork(&pbx, &first, &format!("fork{number}"));
            notify(&pbx, &mut more, package, "active;expires=600", b"");
            let wanted = if number < most { 200 } else { 481 };
            assert_eq!(pbx.expect_final().code(), wanted, "{package:?} {number}");
        }
    }
}

#[test]
fn a_notifier_that_comes_long_after_the_others_is_refused() {
    let (network, alice, pbx) = at_the_exchange();
    let (_, _, first) = subscribed(&alice, &pbx, Package::Dialog);
    network.run_for(seconds(33));
    let mut late = fork(&pbx, &first, "late");
    notify(&pbx, &mut late, Package::Dialog, "active;expires=600", b"");
    assert_eq!(pbx.expect_final().code(), 481);
}

#[test]
fn a_notify_of_another_event_is_told_from_an_unknown_one() {
    let (_network, alice, pbx) = at_the_exchange();
    let (_, mut dialog, _) = subscribed(&alice, &pbx, Package::Presence);
    notify(&pbx, &mut dialog, Package::Dialog, "active", b"");
    assert_eq!(pbx.expect_final().code(), 481);
    pbx.within(&mut dialog, "NOTIFY", |notify| {
        notify.headers.push("Event", "conference")
    });
    let answer = pbx.expect_final();
    assert_eq!(answer.code(), 489);
    assert!(answer.headers.has("Allow-Events"));
}

#[test]
fn a_body_of_another_kind_is_refused_and_the_subscription_stands() {
    let (_network, alice, pbx) = at_the_exchange();
    let (id, mut dialog, _) = subscribed(&alice, &pbx, Package::Presence);
    pbx.within(&mut dialog, "NOTIFY", |notify| {
        notify.headers.push("Event", "presence");
        notify.headers.push("Subscription-State", "active");
        notify.set_body("application/xpidf+xml", b"<presence/>".to_vec());
    });
    let answer = pbx.expect_final();
    assert_eq!(answer.code(), 415);
    assert_eq!(answer.headers.get("Accept"), Some("application/pidf+xml"));
    notify(&pbx, &mut dialog, Package::Presence, "active", b"<presence");
    assert_eq!(pbx.expect_final().code(), 400);
    notify(&pbx, &mut dialog, Package::Presence, "active", &there("Well"));
    assert_eq!(expect_presence(&alice, id).note.as_deref(), Some("Well"));
}

#[test]
fn voicemail_is_told_by_a_server_that_was_not_asked() {
    let (_network, alice, pbx) = at_the_exchange();
    pbx.request("NOTIFY", "sip:alice@10.0.0.1:5060", |notify| {
        notify.headers.push("Event", "message-summary");
        notify.set_body(
            "application/simple-message-summary",
            b"Messages-Waiting: yes\r\nMessage-Account: sip:*97@pbx.example\r\nVoice-Message: 2/8 (0/2)\r\n".to_vec(),
        );
    });
    assert_eq!(pbx.expect_final().code(), 200);
    let summary = alice.expect("waiting messages", |event| match event {
        Event::MessagesWaiting { summary, .. } => Some(summary.clone()),
        _ => None,
    });
    assert!(summary.waiting);
    assert_eq!(summary.account.unwrap().to_string(), "sip:*97@pbx.example");
}

#[test]
fn a_notify_that_nobody_asked_for_is_refused() {
    let (network, alice, pbx) = at_the_exchange();
    pbx.request("NOTIFY", "sip:alice@10.0.0.1:5060", |notify| {
        notify.headers.push("Event", "presence")
    });
    assert_eq!(pbx.expect_final().code(), 481);
    pbx.request("NOTIFY", "sip:alice@10.0.0.1:5060", |notify| {
        notify.headers.push("Event", "check-sync")
    });
    assert_eq!(pbx.expect_final().code(), 489);
    let stranger = Peer::new(&network, "10.6.6.6:5060");
    stranger.request("NOTIFY", "sip:alice@10.0.0.1:5060", |notify| {
        notify.headers.push("Event", "message-summary");
        notify.set_body(
            "application/simple-message-summary",
            b"Messages-Waiting: yes\r\n".to_vec(),
        );
    });
    network.run_for(seconds(1));
    assert!(
        !alice
            .events()
            .iter()
            .any(|event| matches!(event, Event::MessagesWaiting { .. }))
    );
}

#[test]
fn the_messages_of_several_mailboxes_are_counted_together() {
    let (_network, alice, pbx) = at_the_exchange();
    let (id, mut one, first) = subscribed(&alice, &pbx, Package::MessageSummary);
    let mut other = fork(&pbx, &first, "other");
    let summary = |waiting, new| MessageSummary {
        waiting,
        account: None,
        counts: vec![MessageCount {
            class: MessageClass::Voice,
            new,
            old: 1,
            new_urgent: 0,
            old_urgent: 0,
        }],
    };
    let active = "active;expires=600";
    notify(
        &pbx,
        &mut one,
        Package::MessageSummary,
        active,
        &summary(true, 2).write(),
    );
    expect_notice(&alice, id);
    notify(
        &pbx,
        &mut other,
        Package::MessageSummary,
        active,
        &summary(false, 0).write(),
    );
    match expect_notice(&alice, id) {
        Notice::Messages(all) => {
            assert!(all.waiting);
            assert_eq!(all.voice().map(|count| (count.new, count.old)), Some((2, 2)));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_notify_without_its_state_counts_as_active() {
    let (_network, alice, pbx) = at_the_exchange();
    let id = subscribe(&alice, Package::MessageSummary);
    let request = pbx.expect("SUBSCRIBE");
    let answer = agree(&pbx, &request, 600);
    let mut dialog = pbx.call_from(&request, &answer);
    pbx.within(&mut dialog, "NOTIFY", |notify| {
        notify.headers.push("Event", "message-summary")
    });
    pbx.expect_status(200);
    assert_eq!(expect_state(&alice, id), SubscriptionState::Active);
}

#[test]
fn a_notifier_that_counts_in_leaps_is_not_asked_after_each_of_them() {
    let (network, alice, pbx) = at_the_exchange();
    let (_, mut dialog, _) = subscribed(&alice, &pbx, Package::Dialog);
    let active = "active;expires=600";
    notify(&pbx, &mut dialog, Package::Dialog, active, &calls(4, true, &[]));
    network.run_for(seconds(1));
    let leap = |dialog: &mut Call, version| {
        let body = calls(version, false, &[("a", DialogState::Early)]);
        notify(&pbx, dialog, Package::Dialog, active, &body);
    };
    leap(&mut dialog, 20);
    agree(&pbx, &pbx.expect("SUBSCRIBE"), 600);
    for version in [30, 40, 50] {
        leap(&mut dialog, version);
        network.run_for(seconds(1));
        assert_eq!(pbx.count("SUBSCRIBE"), 0);
    }
    pbx.expect_within("SUBSCRIBE", seconds(5));
}
