//! What becomes of an entry.
#![allow(clippy::unwrap_used, clippy::expect_used)]
mod common;
use common::{call, end, past, text};
use parley_store::{Direction, NewCall, NewPop, Outcome, PopTrigger, Quality, Store, StoreError};

fn store() -> Store {
    Store::open_in_memory().unwrap()
}

#[test]
fn an_answered_call_keeps_its_instants_and_durations() {
    let mut store = store();
    let id = store.begin(&call("Anna", "+4930123", 10_000)).unwrap();
    assert_eq!(store.entry(id).unwrap().outcome, Outcome::InProgress);
    store.answered(id, 14_900).unwrap();
    store.ended(id, &end(Outcome::Answered, 75_000)).unwrap();
    let entry = store.entry(id).unwrap();
    assert_eq!(
        (entry.outcome, entry.answered_at, entry.ended_at),
        (Outcome::Answered, Some(14_900), Some(75_000))
    );
    assert_eq!((entry.ring_seconds, entry.talk_seconds), (4, 60));
    assert_eq!(
        (entry.line.as_str(), entry.reached.as_str(), entry.called.as_str()),
        ("Sales", "204", "200")
    );
}

#[test]
fn an_unanswered_call_rang_until_its_end_and_had_no_talk() {
    let mut store = store();
    let id = past(&mut store, "Anna", "030", Outcome::Declined);
    let entry = store.entry(id).unwrap();
    assert_eq!(
        (entry.ring_seconds, entry.talk_seconds, entry.answered_at),
        (4, 0, None)
    );
}

#[test]
fn a_clock_set_back_gives_no_negative_durations() {
    let mut store = store();
    let id = store.begin(&call("Anna", "030", 50_000)).unwrap();
    store.answered(id, 40_000).unwrap();
    store.ended(id, &end(Outcome::Answered, 30_000)).unwrap();
    let entry = store.entry(id).unwrap();
    assert_eq!((entry.ring_seconds, entry.talk_seconds), (0, 0));
}

#[test]
fn the_first_end_and_the_first_answer_stay() {
    let mut store = store();
    let id = store.begin(&call("Anna", "030", 0)).unwrap();
    store.answered(id, 1000).unwrap();
    store.answered(id, 2000).unwrap();
    store.ended(id, &end(Outcome::Answered, 9000)).unwrap();
    store.ended(id, &end(Outcome::Failed, 99_000)).unwrap();
    store.touch(id, 100_000).unwrap();
    let entry = store.entry(id).unwrap();
    assert_eq!(
        (entry.outcome, entry.answered_at, entry.ended_at),
        (Outcome::Answered, Some(1000), Some(9000))
    );
}

#[test]
fn how_a_call_sounded_is_kept_with_it() {
    let mut store = store();
    let id = store.begin(&call("Anna", "030", 0)).unwrap();
    store.answered(id, 1000).unwrap();
    assert_eq!(store.entry(id).unwrap().quality, None);
    let quality = Quality {
        codec: "G.711 A-law".into(),
        mos_hundredths: 421,
        made_up_permille: 7,
        jitter_ms: 12,
        round_trip_ms: None,
    };
    store.sounded(id, &quality).unwrap();
    store.ended(id, &end(Outcome::Answered, 9000)).unwrap();
    assert_eq!(store.entry(id).unwrap().quality.as_deref(), Some(&quality));
}

#[test]
fn an_entry_that_is_not_there_is_said_so() {
    let mut store = store();
    let id = past(&mut store, "Anna", "030", Outcome::Missed);
    store.delete(&[id]).unwrap();
    assert_eq!(store.entry(id), Err(StoreError::NotFound));
    assert_eq!(store.answered(id, 1), Err(StoreError::NotFound));
    assert_eq!(store.touch(id, 1), Err(StoreError::NotFound));
    assert_eq!(store.ended(id, &end(Outcome::Missed, 1)), Err(StoreError::NotFound));
}

#[test]
fn a_number_is_never_given_twice() {
    let mut store = store();
    let first = past(&mut store, "Anna", "030", Outcome::Missed);
    store.clear().unwrap();
    assert!(past(&mut store, "Anna", "030", Outcome::Missed) > first);
}

#[test]
fn missed_incoming_calls_are_unseen_until_they_are_looked_at() {
    let mut store = store();
    let one = past(&mut store, "Anna", "030", Outcome::Missed);
    let two = past(&mut store, "Bert", "040", Outcome::Missed);
    past(&mut store, "Carl", "050", Outcome::AnsweredElsewhere);
    let out = store
        .begin(&NewCall {
            direction: Direction::Outgoing,
            ..call("Dora", "060", 0)
        })
        .unwrap();
    store.ended(out, &end(Outcome::Missed, 1)).unwrap();
    assert_eq!(store.unseen_missed(), Ok(2));
    assert!(store.entry(one).unwrap().unseen);
    assert_eq!(store.mark_seen(), Ok(vec![one, two]));
    assert_eq!(store.unseen_missed(), Ok(0));
    assert_eq!(store.mark_seen(), Ok(vec![]));
    assert!(!store.entry(one).unwrap().unseen);
}

#[test]
fn a_withheld_number_cannot_be_called_back() {
    let mut store = store();
    let withheld = past(&mut store, "", "", Outcome::Missed);
    let known = past(&mut store, "", "030", Outcome::Missed);
    assert!(!store.entry(withheld).unwrap().can_call_back);
    assert!(store.entry(known).unwrap().can_call_back);
}

#[test]
fn calls_that_go_on_are_neither_deleted_nor_cleared() {
    let mut store = store();
    let over = past(&mut store, "Anna", "030", Outcome::Answered);
    let on = store.begin(&call("Bert", "040", 0)).unwrap();
    past(&mut store, "Carl", "050", Outcome::Answered);
    assert_eq!(store.delete(&[on, over]), Ok(vec![over]));
    assert_eq!(store.clear(), Ok(1));
    let left: Vec<_> = store
        .search(&text(""))
        .unwrap()
        .entries
        .into_iter()
        .map(|entry| entry.id)
        .collect();
    assert_eq!(left, [on]);
}

#[test]
fn headers_stay_in_order_and_go_with_their_entry() {
    let mut store = store();
    let headers = vec![("X-B".to_owned(), "1".to_owned()), ("X-A".to_owned(), "2".to_owned())];
    let id = store
        .begin(&NewCall {
            headers: headers.clone(),
            ..call("Anna", "030", 0)
        })
        .unwrap();
    assert_eq!(store.headers(id), Ok(headers));
    store.ended(id, &end(Outcome::Missed, 1)).unwrap();
    store.delete(&[id]).unwrap();
    assert_eq!(store.headers(id), Ok(vec![]));
}

#[test]
fn deleting_an_entry_deletes_what_was_opened_for_it() {
    let mut store = store();
    let id = past(&mut store, "Anna", "030", Outcome::Missed);
    let pop = NewPop {
        entry: id,
        caller: "Anna".into(),
        at: 1,
        trigger: PopTrigger::Incoming,
        target: "https://crm.example".into(),
    };
    store.log_pop(&pop).unwrap();
    assert_eq!(store.entry(id).unwrap().pop, "https://crm.example");
    store.delete(&[id]).unwrap();
    assert_eq!(store.pop_log(10), Ok(vec![]));
    assert_eq!(store.log_pop(&pop), Err(StoreError::NotFound));
}

#[test]
fn a_call_made_because_another_one_was_sent_on_names_that_one() {
    let mut store = store();
    let before = past(&mut store, "Anna", "030", Outcome::Failed);
    let next = store
        .begin(&NewCall {
            follows: Some(before),
            ..call("Anna", "031", 5)
        })
        .unwrap();
    assert_eq!(store.entry(next).unwrap().follows, Some(before));
    assert_eq!(store.entry(before).unwrap().follows, None);
    store.ended(next, &end(Outcome::Forwarded, 9)).unwrap();
    store.delete(&[before]).unwrap();
    assert_eq!(store.entry(next).unwrap().outcome, Outcome::Forwarded);
}
