use super::{Desk, TrayIcon};
use parley_api::{Event, PresenceState, Snapshot, View, ViewRef};
use serde_json::{Value, json};

fn account(id: u64, name: &str, registration: Value) -> Value {
    json!({"id": id, "name": name, "tag": "SA", "colour": 1, "displayName": "", "user": "ann", "domain": "pbx.example",
        "transport": "udp", "enabled": true, "chosen": true, "password": "none", "registration": registration})
}

fn call(id: u64, state: &str, remote: Value) -> Value {
    json!({"id": id, "account": 1, "direction": "incoming", "state": state, "remote": remote, "number": "20", "called": "20",
        "startedAt": 1, "heldByUs": false, "heldByThem": false, "holdPending": false, "muted": false, "silenced": false,
        "ring": "normal", "digits": "", "canPop": false, "variables": [], "timeline": []})
}

fn desk(accounts: Vec<Value>, calls: Vec<Value>) -> Desk {
    let snapshot: Snapshot = serde_json::from_value(json!({
        "seq": 10, "accounts": accounts, "calls": calls, "presence": {"state": "online", "onCall": false}, "settings": {},
        "sound": {"inputs": [], "outputs": [], "silent": true}, "history": [], "unseen": {"missed": 0, "messages": 0}, "watches": [], "messages": [], "pops": [],
        "popRules": [], "notices": [], "version": "1", "practice": false
    }))
    .unwrap();
    Desk::new(snapshot)
}

fn update(seq: u64, upserts: Value, removals: Vec<ViewRef>) -> Event {
    Event::Update {
        seq,
        upserts: serde_json::from_value::<Vec<View>>(upserts).unwrap(),
        removals,
    }
}

fn maria() -> Value {
    json!({"name": "Maria Keller", "number": "+4411", "address": "sip:+4411@x", "company": "Keller & Sohn"})
}

#[test]
fn a_ringing_call_says_who_and_on_which_line() {
    let desk = desk(
        vec![account(1, "Sales", json!({"type": "off"}))],
        vec![call(5, "incoming", maria())],
    );
    let ringing = desk.ringing();
    assert_eq!(ringing[0].title, "Call from Maria Keller");
    assert_eq!(ringing[0].body, "+4411\nKeller & Sohn\non Sales");
}

#[test]
fn a_withheld_number_is_said_once() {
    let desk = desk(
        vec![account(1, "Sales", json!({"type": "off"}))],
        vec![call(5, "incoming", json!({"number": "", "address": ""}))],
    );
    assert_eq!(desk.ringing()[0].title, "Call from Number withheld");
    assert_eq!(desk.ringing()[0].body, "on Sales");
}

#[test]
fn an_answered_call_rings_no_more() {
    let mut desk = desk(vec![], vec![call(5, "incoming", maria())]);
    let answered = json!([{"type": "call", "value": call(5, "active", maria())}]);
    assert!(desk.apply(update(11, answered, vec![])));
    assert!(desk.ringing().is_empty());
}

#[test]
fn a_call_that_is_gone_rings_no_more() {
    let mut desk = desk(vec![], vec![call(5, "incoming", maria())]);
    assert!(desk.apply(update(11, json!([]), vec![ViewRef::Call(5)])));
    assert!(desk.ringing().is_empty());
}

#[test]
fn a_gap_is_noticed_and_an_old_update_is_not_taken_twice() {
    let mut desk = desk(vec![], vec![]);
    let rings = json!([{"type": "call", "value": call(5, "incoming", maria())}]);
    assert!(desk.apply(update(10, rings.clone(), vec![])));
    assert!(desk.ringing().is_empty(), "the snapshot had it already");
    assert!(!desk.apply(update(12, rings, vec![])));
}

#[test]
fn the_tray_shows_the_most_urgent_thing() {
    let failed = json!({"type": "failed", "since": 1, "reason": "no_answer", "text": "No answer."});
    let mut desk = desk(vec![account(1, "Sales", failed)], vec![]);
    assert_eq!(desk.tray().icon, TrayIcon::Lost);
    assert_eq!(desk.tray().tooltip, "Parley: Not reachable on Sales");
    let rings = json!([{"type": "call", "value": call(5, "incoming", maria())}]);
    assert!(desk.apply(update(11, rings, vec![])));
    assert_eq!(desk.tray().icon, TrayIcon::Ringing);
    let quiet = json!([{"type": "presence", "value": {"state": "do_not_disturb", "onCall": false}},
        {"type": "account", "value": account(1, "Sales", json!({"type": "off"}))}]);
    assert!(desk.apply(update(12, quiet, vec![ViewRef::Call(5)])));
    assert_eq!(desk.presence, PresenceState::DoNotDisturb);
    assert_eq!(desk.tray().icon, TrayIcon::DoNotDisturb);
    assert!(desk.tray().do_not_disturb);
}
