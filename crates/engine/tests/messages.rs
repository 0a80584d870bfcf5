//! Short messages, from the person to the server and back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod support;

use parley_engine::core::{CoreConfig, MessageKey, StoreAnswer, StoreCommand};
use parley_engine::{
    AccountDraft, MessageOutcome, MessageView, NoticeLevel, PresetAccount, RefusalCode, Reply, Request, View,
};
use parley_sip::Message;
use parley_store::{MessageId, NewMessage};
use support::{Desk, Did, FAR};

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
    let Message::Request(request) = desk.expect("REGISTER") else {
        panic!()
    };
    let mut response = request.respond(200, Some("reg"));
    let contact = request.headers.get("Contact").unwrap().to_owned();
    response.headers.push("Contact", contact);
    desk.hear(response.to_bytes());
    desk
}

fn send(desk: &mut Desk, target: &str, text: &str) -> Result<Reply, parley_engine::Refusal> {
    desk.ask(Request::SendMessage {
        account: None,
        target: target.into(),
        text: text.into(),
    })
}

/// What was written down, in order.
fn written(desk: &Desk) -> Vec<(MessageKey, NewMessage)> {
    let added = desk.did.iter().filter_map(|did| match did {
        Did::Store(StoreCommand::AddMessage(key, message)) => Some((*key, message.clone())),
        _ => None,
    });
    added.collect()
}

fn outcomes(desk: &Desk) -> Vec<(MessageKey, parley_store::MessageOutcome, String)> {
    let outcomes = desk.did.iter().filter_map(|did| match did {
        Did::Store(StoreCommand::MessageOutcome(key, outcome, reason)) => Some((*key, *outcome, reason.clone())),
        _ => None,
    });
    outcomes.collect()
}

fn answer(desk: &mut Desk, message: &Message, code: u16) {
    let Message::Request(request) = message else { panic!() };
    desk.hear(request.respond(code, Some("far")).to_bytes());
}

fn hear(desk: &mut Desk, call_id: &str, from: &str, text: &str) {
    let length = text.len();
    desk.hear(format!(
        "MESSAGE sip:204@10.0.0.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP {FAR};branch=z9hG4bK{call_id}\r\nMax-Forwards: 70\r\n\
         From: {from};tag=f\r\nTo: <sip:204@pbx.example>\r\nCall-ID: {call_id}\r\nCSeq: 1 MESSAGE\r\n\
         Content-Type: text/plain\r\nContent-Length: {length}\r\n\r\n{text}"
    ));
    desk.expect("200 MESSAGE");
}

#[test]
fn a_message_is_sent_written_down_and_its_outcome_kept() {
    let mut desk = registered();
    assert_eq!(send(&mut desk, "205", " On my way "), Ok(Reply::Done));
    let sent = desk.expect("MESSAGE sip:205@pbx.example");
    assert_eq!(sent.body(), b"On my way");
    let (key, message) = written(&desk)[0].clone();
    assert_eq!(
        (message.peer.as_str(), message.text.as_str(), message.incoming),
        ("205", "On my way", false)
    );
    answer(&mut desk, &sent, 202);
    assert_eq!(
        outcomes(&desk),
        [(key, parley_store::MessageOutcome::Accepted, String::new())]
    );
    let kept = parley_store::Message {
        id: MessageId(9),
        data: message,
        outcome: parley_store::MessageOutcome::Accepted,
        reason: String::new(),
        unseen: false,
    };
    desk.tell_store(StoreAnswer::Message(kept));
    let Some(View::Message(MessageView { outcome, line, .. })) = desk.view("message 9") else {
        panic!()
    };
    assert_eq!((*outcome, line.as_str()), (MessageOutcome::Accepted, "Sales"));
    assert_eq!(desk.snapshot().messages.len(), 1);
}

#[test]
fn a_message_that_is_not_taken_says_why() {
    let mut desk = registered();
    for (code, outcome, part) in [
        (404, parley_store::MessageOutcome::Failed, "nobody"),
        (405, parley_store::MessageOutcome::Failed, "no messages"),
        (408, parley_store::MessageOutcome::Unknown, "may have arrived"),
        (500, parley_store::MessageOutcome::Failed, "trouble"),
    ] {
        send(&mut desk, "205", "Hello").unwrap();
        let sent = desk.expect("MESSAGE");
        answer(&mut desk, &sent, code);
        let (_, told, reason) = outcomes(&desk).last().unwrap().clone();
        assert_eq!(told, outcome, "{code}");
        assert!(reason.contains(part), "{code}: {reason}");
    }
}

#[test]
fn what_cannot_be_sent_is_refused_and_not_written_down() {
    let mut desk = registered();
    for (target, text, code, field) in [
        ("205", "  ", RefusalCode::Invalid, "text"),
        ("205", &*"x".repeat(2000), RefusalCode::Invalid, "text"),
        ("", "Hello", RefusalCode::NotDialable, "target"),
    ] {
        let refused = send(&mut desk, target, text).unwrap_err();
        assert_eq!((refused.code, refused.field.as_deref()), (code, Some(field)));
    }
    assert_eq!(written(&desk).len(), 0);
    desk.expect_no("MESSAGE");
}

#[test]
fn a_message_that_comes_in_is_written_down_and_noticed() {
    let mut desk = registered();
    hear(
        &mut desk,
        "m1",
        "\"Anna\" <sip:205@pbx.example>",
        "Can you\r\ncall back?\u{202e}",
    );
    let (_, message) = written(&desk)[0].clone();
    assert!(message.incoming);
    assert_eq!(
        (message.peer.as_str(), message.name.as_str(), message.number.as_str()),
        ("205", "Anna", "205"),
        "one conversation with what is sent there"
    );
    assert_eq!(message.text, "Can you\ncall back?\u{202e}");
    let Some(View::Notice(notice)) = desk.view("notice message") else {
        panic!()
    };
    assert_eq!(
        (notice.level, notice.text.as_str()),
        (NoticeLevel::Info, "Anna: Can you call back?")
    );
    desk.tell_store(StoreAnswer::UnseenMessages(1));
    assert!(matches!(desk.view("unseen"), Some(View::Unseen(unseen)) if unseen.messages == 1));
    desk.ask(Request::MarkMessagesSeen { peer: None }).unwrap();
    assert_eq!(desk.view("notice message"), None);
    assert!(
        desk.did
            .iter()
            .any(|did| matches!(did, Did::Store(StoreCommand::MarkMessagesSeen(None))))
    );
}

#[test]
fn old_messages_are_read_page_by_page() {
    let mut desk = registered();
    let ask = desk.ask_later(Request::Messages {
        peer: Some("205".into()),
        before: Some(12),
        limit: Some(9999),
    });
    let asked = desk.did.iter().find_map(|did| match did {
        Did::Store(StoreCommand::Messages(ask, peer, before, limit)) => Some((*ask, peer.clone(), *before, *limit)),
        _ => None,
    });
    let (id, peer, before, limit) = asked.unwrap();
    assert_eq!(
        (peer.as_deref(), before, limit),
        (Some("205"), Some(MessageId(12)), 500)
    );
    desk.tell_store(StoreAnswer::Messages(id, Ok((Vec::new(), true))));
    assert_eq!(
        desk.answer(ask),
        Some(Ok(Reply::Messages {
            messages: Vec::new(),
            more: true
        }))
    );
}
