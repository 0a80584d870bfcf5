//! Whom a person watches, and short messages.
#![allow(clippy::unwrap_used, clippy::expect_used)]
use parley_store::{
    AccountData, AccountId, MessageId, MessageOutcome, NewMessage, Store, StoreError, WatchData, WatchId,
};

fn watch(account: AccountId, target: &str) -> WatchData {
    WatchData {
        account,
        target: target.into(),
        label: format!("Desk {target}"),
    }
}

fn message(peer: &str, incoming: bool, text: &str) -> NewMessage {
    NewMessage {
        account: AccountId(1),
        line: "Sales".into(),
        peer: peer.into(),
        name: "Anna".into(),
        number: "205".into(),
        incoming,
        text: text.into(),
        at: 1_000,
    }
}

#[test]
fn watches_are_kept_in_their_order_and_go_with_their_line() {
    let mut store = Store::open_in_memory().unwrap();
    let sales = store.save_account(None, &AccountData::default()).unwrap();
    let support = store.save_account(None, &AccountData::default()).unwrap();
    let anna = store.save_watch(None, &watch(sales, "205")).unwrap();
    let bob = store.save_watch(None, &watch(support, "206")).unwrap();
    assert_eq!(store.save_watch(Some(anna), &watch(sales, "207")).unwrap(), anna);
    let targets: Vec<_> = store.watches().unwrap().into_iter().map(|w| w.data.target).collect();
    assert_eq!(targets, ["207", "206"]);
    assert!(matches!(
        store.save_watch(Some(WatchId(99)), &watch(sales, "1")),
        Err(StoreError::NotFound)
    ));
    store.delete_account(support).unwrap();
    assert_eq!(store.watches().unwrap().len(), 1);
    assert!(matches!(store.delete_watch(bob), Err(StoreError::NotFound)));
    store.delete_watch(anna).unwrap();
    let next = store.save_watch(None, &watch(sales, "208")).unwrap();
    assert!(next > bob, "numbers are never used twice");
}

#[test]
fn a_message_keeps_its_first_outcome() {
    let mut store = Store::open_in_memory().unwrap();
    let id = store.add_message(&message("sip:a@x", false, "Hello")).unwrap();
    assert_eq!(store.message(id).unwrap().outcome, MessageOutcome::Sending);
    store.message_outcome(id, MessageOutcome::Delivered, "").unwrap();
    store.message_outcome(id, MessageOutcome::Failed, "late").unwrap();
    let kept = store.message(id).unwrap();
    assert_eq!(
        (kept.outcome, kept.reason.as_str(), kept.unseen),
        (MessageOutcome::Delivered, "", false)
    );
    let lost = store.add_message(&message("sip:a@x", false, "Hello?")).unwrap();
    store.settle_messages().unwrap();
    assert_eq!(store.message(lost).unwrap().outcome, MessageOutcome::Unknown);
}

#[test]
fn conversations_are_read_page_by_page_and_seen_one_by_one() {
    let mut store = Store::open_in_memory().unwrap();
    for number in 0..5 {
        store
            .add_message(&message("sip:a@x", true, &format!("a{number}")))
            .unwrap();
        store
            .add_message(&message("sip:b@x", true, &format!("b{number}")))
            .unwrap();
    }
    let texts = |page: &[parley_store::Message]| page.iter().map(|m| m.data.text.clone()).collect::<Vec<_>>();
    let (page, more) = store.messages(Some("sip:a@x"), None, 3).unwrap();
    assert_eq!(
        (texts(&page), more),
        (vec!["a4".into(), "a3".into(), "a2".into()], true)
    );
    let (page, more) = store.messages(Some("sip:a@x"), Some(page[2].id), 3).unwrap();
    assert_eq!((texts(&page), more), (vec!["a1".into(), "a0".into()], false));
    assert_eq!(store.messages(None, None, 500).unwrap().0.len(), 10);
    assert_eq!(store.unseen_messages().unwrap(), 10);
    assert_eq!(store.mark_messages_seen(Some("sip:a@x")).unwrap().len(), 5);
    assert_eq!(store.unseen_messages().unwrap(), 5);
    assert_eq!(store.mark_messages_seen(None).unwrap().len(), 5);
    assert_eq!(store.mark_messages_seen(None).unwrap(), Vec::<MessageId>::new());
}
