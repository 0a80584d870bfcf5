//! The contract and the engine say the same: everything survives the way in and out again.
#![recursion_limit = "256"]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use parley_api::{Request, Snapshot};
use serde_json::{Value, json};

/// Through the contract's type into the engine's, back, and out as JSON.
fn there_and_back<A, E>(sent: &Value) -> Value
where
    A: serde::de::DeserializeOwned + serde::Serialize + From<E>,
    E: From<A>,
{
    let contract: A = serde_json::from_value(sent.clone()).unwrap();
    serde_json::to_value(A::from(E::from(contract))).unwrap()
}

#[test]
fn no_field_of_a_full_snapshot_is_lost() {
    let sent = full_snapshot();
    assert_eq!(there_and_back::<Snapshot, parley_engine::Snapshot>(&sent), sent);
}

#[test]
fn no_field_of_any_request_is_lost() {
    for sent in requests() {
        assert_eq!(there_and_back::<Request, parley_engine::Request>(&sent), sent);
    }
}

#[test]
fn what_may_be_left_out_of_a_request_has_its_default() {
    let short: Request = serde_json::from_value(json!({"type": "answer", "call": 3})).unwrap();
    assert_eq!(
        serde_json::to_value(short).unwrap(),
        json!({"type": "answer", "call": 3, "others": "hold"})
    );
    let search: Request = serde_json::from_value(json!({"type": "search_history"})).unwrap();
    assert_eq!(
        serde_json::to_value(search).unwrap(),
        json!({"type": "search_history", "text": "", "filter": "all"})
    );
}

#[test]
fn an_unknown_field_of_a_request_is_refused() {
    let wrong = serde_json::from_value::<Request>(json!({"type": "dial", "target": "600", "line": 1}));
    assert!(wrong.unwrap_err().to_string().contains("line"));
}

#[test]
fn a_password_never_shows_in_debug_output() {
    let wish: Request = serde_json::from_value(account_wish()).unwrap();
    assert!(!format!("{wish:?}").contains("sesame"));
    assert!(!format!("{:?}", parley_engine::Request::from(wish)).contains("sesame"));
}

fn account_wish() -> Value {
    json!({"type": "save_account", "account": {"id": 7, "name": "Sales", "displayName": "Ann", "user": "ann",
        "domain": "pbx.example:5070", "authUser": "ann-auth", "outboundProxy": "edge.example:5060", "transport": "tcp",
        "enabled": false, "password": "sesame"}})
}

fn requests() -> Vec<Value> {
    let rule = json!({"account": 1, "mode": "after_answer", "target": "https://crm.example/?q=$caller$"});
    let of_a_call = [
        "decline",
        "silence",
        "hang_up",
        "hold",
        "resume",
        "open_pop",
        "swap",
        "cancel_consult",
        "leave_conference",
    ]
    .map(|kind| json!({"type": kind, "call": 5}));
    let others = [
        json!({"type": "snapshot"}),
        json!({"type": "read_target", "text": "tel:+44"}),
        json!({"type": "dial", "target": "600", "account": 2, "anonymous": true}),
        json!({"type": "answer", "call": 5, "others": "end"}),
        json!({"type": "mute", "call": 5, "on": true}),
        json!({"type": "send_digits", "call": 5, "digits": "1,2#"}),
        json!({"type": "transfer", "call": 5, "target": "602"}),
        json!({"type": "consult", "call": 5, "target": "602"}),
        json!({"type": "complete_transfer", "call": 5, "with": 6}),
        json!({"type": "conference", "calls": [5, 6]}),
        json!({"type": "forward", "call": 5, "target": "602"}),
        json!({"type": "follow_redirect", "call": 5, "target": "602"}),
        json!({"type": "answer_referral", "call": 5, "accept": true}),
        json!({"type": "park", "call": 5, "place": "2"}),
        json!({"type": "pick_up_number", "number": "205", "account": 2}),
        json!({"type": "redial"}),
        json!({"type": "record", "call": 1, "on": true}),
        json!({"type": "pause_recording", "call": 1, "on": false}),
        json!({"type": "play_recording", "entry": 1, "atMs": 500}),
        json!({"type": "pause_playback", "on": true}),
        json!({"type": "stop_playback"}),
        json!({"type": "retry_pop", "pop": 8}),
        json!({"type": "set_presence", "state": "do_not_disturb", "note": "In a meeting"}),
        json!({"type": "save_watch", "watch": {"id": 3, "account": 1, "target": "205", "label": "Anna"}}),
        json!({"type": "remove_watch", "watch": 3}),
        json!({"type": "pick_up", "watch": 3}),
        json!({"type": "call_voicemail", "account": 1}),
        json!({"type": "send_message", "account": 1, "target": "205", "text": "Hello"}),
        json!({"type": "messages", "peer": "205", "before": 9, "limit": 5}),
        json!({"type": "mark_messages_seen", "peer": "205"}),
        account_wish(),
        json!({"type": "remove_account", "account": 2}),
        json!({"type": "register_now", "account": 2}),
        json!({"type": "choose_line", "account": 2}),
        json!({"type": "search_history", "text": "ann", "filter": "missed", "before": 90, "limit": 20}),
        json!({"type": "delete_history", "entries": [1, 2]}),
        json!({"type": "clear_history"}),
        json!({"type": "mark_seen"}),
        json!({"type": "save_pop_rule", "rule": rule}),
        json!({"type": "preview_pop", "rule": rule, "entry": 4}),
        json!({"type": "choose_device", "role": "ring", "device": "hw:1"}),
        json!({"type": "prefer_devices", "role": "ring", "devices": ["c", "d"]}),
        json!({"type": "meter_sound", "on": true}),
        json!({"type": "test_sound", "role": "speaker"}),
        json!({"type": "save_settings", "settings": full_snapshot()["settings"]}),
        json!({"type": "dismiss_notice", "key": "storage"}),
    ];
    of_a_call.into_iter().chain(others).collect()
}

fn full_snapshot() -> Value {
    let pop = json!({"id": 3, "entry": 90, "caller": "Ann", "at": 17, "trigger": "manual", "target": "https://x",
        "outcome": {"type": "opened", "millis": 12}});
    let account = |registration: Value| {
        json!({"id": 1, "name": "Sales", "tag": "SA", "colour": 2, "displayName": "Ann", "user": "ann",
            "domain": "pbx.example", "authUser": "a", "outboundProxy": "b", "transport": "tcp", "enabled": true, "chosen": true,
            "password": "this_run", "registration": registration, "options": {
                "forwarding": {"always": "1", "busy": {"target": "2", "doNotDisturb": true, "onCall": true},
                    "noAnswer": {"target": "3", "afterSeconds": 20}},
                "codes": {"park": "70", "pickUp": "*8", "voicemail": "800"}, "anonymous": true, "autoAnswer": true,
                "referrals": "always", "trustedIdentity": false, "callFromAnyone": true, "codecs": ["g722", "opus"],
                "ownCodecOrder": true, "pauses": true, "keys": "info", "gruu": true, "encryption": "required"},
            "outages": [{"from": 1, "to": 2}, {"from": 3}],
            "refused": {"ghostCalls": 1, "strangers": 2, "flooding": 3, "malformed": 4, "falseProofs": 5},
            "voicemail": {"waiting": true, "new": 2, "old": 3, "target": "sip:*97@pbx.example"}})
    };
    let settings = json!({"theme": "dark", "muteCallsDuringCall": true, "allowedSchemes": ["crm"],
            "customParameters": {"id": "7"}, "dialLinksAtOnce": true, "onClose": "quit", "ringVolume": 10,
            "emergencyNumbers": ["112"], "alertUnreachable": false, "recordCalls": "always", "announceRecording": false,
            "holdTune": false, "ringtone": "bell", "toneCountry": "DE",
            "voice": {"cancelEcho": false, "noise": "strong", "gain": false, "limitShocks": false, "levelCallers": false, "cleanCallers": true}});
    json!({
        "seq": 41,
        "accounts": [
            account(json!({"type": "off"})),
            account(json!({"type": "registering", "since": 1})),
            account(json!({"type": "registered", "since": 1, "provenAt": 2, "expiresAt": 3, "server": "192.0.2.1:5060"})),
            account(json!({"type": "failed", "since": 1, "reason": "wrong_password", "text": "No.", "retryAt": 9})),
        ],
        "calls": [{"id": 5, "account": 1, "direction": "incoming", "state": "active",
            "remote": {"name": "Maria", "number": "+4411", "address": "sip:+4411@x", "company": "Keller"},
            "number": "20", "called": "800", "startedAt": 5, "answeredAt": 6, "heldByUs": true, "heldByThem": true,
            "holdPending": true, "muted": true, "silenced": true, "ring": "subtle", "digits": "12", "digitsHeard": "34",
            "transfer": {"target": "602", "with": 6, "state": "failed", "text": "Busy"},
            "media": {"codec": "G.711 A-law", "sent": 1, "received": 2, "lostPercent": 0.5, "jitterMs": 1.5, "roundTripMs": 2.5,
                "bufferMs": 40.0, "late": 3, "madeUpPercent": 0.25, "remoteLostPercent": 1.5, "levelIn": 0.5, "levelOut": 0.75,
                "mos": 4.0, "bars": 3},
            "silentSeconds": 4, "pop": pop, "canPop": true,
            "variables": [{"name": "$caller$", "source": "custom", "value": "v"}],
            "timeline": [{"at": 5, "text": "Rang"}],
            "consult": {"with": 6, "role": "waiting"}, "conference": true, "referral": {"target": "300", "by": "Ann"},
            "emergency": true, "anonymous": true, "autoAnswered": true, "follows": 4,
            "redirects": [{"target": "700", "shown": "Desk (700)"}], "recording": "paused",
            "encryption": {"level": "key_exposed", "cipher": "AES-128"}, "end": {"reason": "busy", "text": "Busy", "at": 8}}],
        "presence": {"state": "away", "onCall": true, "note": "Lunch"},
        "settings": settings,
        "sound": {"inputs": [{"id": "a", "name": "A"}], "outputs": [{"id": "b", "name": "B"}], "microphone": "a",
            "speaker": "b", "ring": "c", "secondRing": "d",
            "orders": [{"role": "second_ring", "devices": [{"id": "d", "name": "Desk"}]}],
            "inUse": [{"role": "speaker", "device": {"id": "b", "name": "Jabra"}, "instead": true}],
            "test": "before", "silent": true},
        "history": [{"id": 90, "account": 1, "line": "Sales", "direction": "outgoing", "outcome": "answered_elsewhere",
            "name": "Maria", "number": "+4411", "address": "sip:x", "reached": "20", "called": "800", "startedAt": 5,
            "talkSeconds": 6, "ringSeconds": 7, "reason": "r", "pop": "p", "unseen": true, "canCallBack": true, "recorded": true,
            "follows": 89}],
        "unseen": {"missed": 2, "messages": 1},
        "watches": [{"id": 3, "account": 1, "target": "205", "label": "Anna", "presence": {"state": "busy", "note": "Soon",
            "onThePhone": true}, "lamp": {"type": "ringing", "caller": "Bob"}, "pickUp": true}],
        "messages": [{"id": 4, "account": 1, "line": "Sales", "peer": "205", "name": "Anna", "number": "205", "incoming": true,
            "text": "Hello", "at": 5, "outcome": "received", "reason": "", "unseen": true}],
        "pops": [pop],
        "popRules": [{"account": 1, "mode": "on_incoming", "target": "t"}],
        "notices": [{"key": "storage", "level": "error", "text": "Full."}],
        "version": "9.9", "practice": true
    })
}
