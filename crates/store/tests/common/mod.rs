//! Calls to write.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)] // each test file uses some of it
use parley_store::{AccountId, Direction, End, HistoryId, NewCall, Outcome, Query, Store};

/// An incoming call of a name and number at an instant in ms.
pub fn call(name: &str, number: &str, started_at: i64) -> NewCall {
    NewCall {
        account: AccountId(1),
        line: "Sales".into(),
        direction: Direction::Incoming,
        name: name.into(),
        number: number.into(),
        address: if number.is_empty() {
            String::new()
        } else {
            format!("sip:{number}@pbx.example")
        },
        reached: "204".into(),
        called: "200".into(),
        started_at,
        follows: None,
        headers: Vec::new(),
    }
}

/// An end at an instant in ms.
pub fn end(outcome: Outcome, at: i64) -> End {
    End {
        at,
        outcome,
        reason: String::new(),
    }
}

/// Writes a call that has ended.
pub fn past(store: &mut Store, name: &str, number: &str, outcome: Outcome) -> HistoryId {
    let id = store.begin(&call(name, number, 1000)).unwrap();
    store.ended(id, &end(outcome, 5000)).unwrap();
    id
}

/// A query for a text.
pub fn text(text: &str) -> Query {
    Query {
        text: text.into(),
        filter: parley_store::Filter::All,
        before: None,
        limit: 50,
    }
}
