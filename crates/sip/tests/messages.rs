//! Short messages (RFC 3428).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::events::*;
use common::*;
use parley_sip::endpoint::{Event, MessageId, MessageOutcome, Refused};
use parley_testkit::{LINE, Peer, Phone};

fn send(alice: &Phone, text: &str) -> Result<MessageId, Refused> {
    alice.with(|endpoint, now| endpoint.message(now, LINE, COLLEAGUE.parse().unwrap(), text))
}

fn outcome(alice: &Phone, message: MessageId) -> MessageOutcome {
    alice.expect("an outcome", |event| match event {
        Event::MessageSent { id, outcome } if *id == message => Some(outcome.clone()),
        _ => None,
    })
}

fn write(pbx: &Peer, content_type: &str, body: &[u8]) -> parley_sip::Request {
    pbx.request("MESSAGE", "sip:alice@10.0.0.1:5060", |message| {
        message.headers.remove("Contact");
        if !content_type.is_empty() {
            message.set_body(content_type, body.to_vec());
        }
    })
}

fn received(alice: &Phone) -> Vec<String> {
    let texts = alice.events().into_iter().filter_map(|event| match event {
        Event::MessageReceived { text, .. } => Some(text),
        _ => None,
    });
    texts.collect()
}

#[test]
fn a_message_is_sent_and_its_outcome_told() {
    for (code, wanted) in [
        (200, MessageOutcome::Delivered),
        (202, MessageOutcome::Accepted),
        (
            404,
            MessageOutcome::Refused {
                code: 404,
                reason: "Not Found".into(),
            },
        ),
        (408, MessageOutcome::NoAnswer),
    ] {
        let (_network, alice, pbx) = at_the_exchange();
        let id = send(&alice, "  Käse? \u{1f9c0}\n").unwrap();
        let request = pbx.expect("MESSAGE");
        assert_eq!(request.body, "Käse? \u{1f9c0}".as_bytes());
        assert_eq!(request.headers.get("Content-Type"), Some("text/plain;charset=UTF-8"));
        assert!(!request.headers.has("Contact"), "RFC 3428 section 4");
        assert_eq!(request.uri.to_string(), COLLEAGUE);
        pbx.reply(&request, code);
        assert_eq!(outcome(&alice, id), wanted);
        assert!(!alice.events().iter().any(|e| matches!(e, Event::MessageSent { .. })));
    }
}

#[test]
fn a_message_nobody_answers_is_told_as_unanswered() {
    let (_network, alice, _pbx) = at_the_exchange();
    let id = send(&alice, "Hello?").unwrap();
    assert_eq!(outcome(&alice, id), MessageOutcome::NoAnswer);
}

#[test]
fn a_challenge_is_answered() {
    let (_network, alice, pbx) = at_the_exchange();
    let id = send(&alice, "Hello").unwrap();
    pbx.reply_with(&pbx.expect("MESSAGE"), 407, |response| {
        let challenge = "Digest realm=\"pbx.example\", nonce=\"n\", qop=\"auth\"";
        response.headers.push("Proxy-Authenticate", challenge);
    });
    let proven = pbx.expect("MESSAGE");
    assert!(proven.headers.has("Proxy-Authorization"));
    assert_eq!(proven.body, b"Hello");
    pbx.reply(&proven, 200);
    assert_eq!(outcome(&alice, id), MessageOutcome::Delivered);
}

#[test]
fn what_does_not_fit_one_datagram_is_refused() {
    let (_network, alice, pbx) = at_the_exchange();
    assert_eq!(send(&alice, " \n "), Err(Refused::Empty));
    assert_eq!(send(&alice, &"x".repeat(1300)), Err(Refused::TooLong));
    let longest = (1..1300).rev().find(|size| send(&alice, &"x".repeat(*size)).is_ok());
    assert!(longest.is_some_and(|size| size > 300), "{longest:?}");
    let request = pbx.expect("MESSAGE");
    assert!(request.to_bytes().len() <= 1300);
}

#[test]
fn only_so_many_messages_wait_for_their_answers() {
    let (_network, alice, _pbx) = at_the_exchange();
    let sent = (0..100).filter(|_| send(&alice, "x").is_ok()).count();
    assert_eq!(sent, 64);
    assert_eq!(send(&alice, "x"), Err(Refused::TooMany));
    alice.expect("an outcome", |event| {
        matches!(event, Event::MessageSent { .. }).then_some(())
    });
    assert!(send(&alice, "x").is_ok());
}

#[test]
fn messages_to_one_address_go_one_after_the_other() {
    let (_network, alice, pbx) = at_the_exchange();
    let ids = ["one", "two", "three"].map(|text| send(&alice, text).unwrap());
    let other = alice.with(|endpoint, now| endpoint.message(now, LINE, "sip:carol@pbx.example".parse().unwrap(), "hi"));
    let first = pbx.expect("MESSAGE");
    assert_eq!(first.body, b"one");
    let aside = pbx.expect("MESSAGE");
    assert_eq!(aside.body, b"hi", "another address waits for nobody");
    pbx.reply(&aside, 200);
    assert_eq!(outcome(&alice, other.unwrap()), MessageOutcome::Delivered);
    assert_eq!(pbx.count("MESSAGE"), 0);
    pbx.reply(&first, 486);
    for text in ["two", "three"] {
        let next = pbx.expect("MESSAGE");
        assert_eq!(next.body, text.as_bytes());
        pbx.reply(&next, 200);
    }
    assert_eq!(outcome(&alice, ids[2]), MessageOutcome::Delivered);
}

#[test]
fn a_message_is_received_once_however_often_it_comes() {
    let (network, alice, pbx) = at_the_exchange();
    let sent = write(&pbx, "text/plain", "Grüße\r\nBob\x07".as_bytes());
    let answer = pbx.expect_final();
    assert_eq!(answer.code(), 200);
    assert!(answer.body.is_empty() && !answer.headers.has("Contact"));
    pbx.send(sent.to_bytes());
    pbx.expect_status(200);
    network.run_for(seconds(60));
    let mut another = sent.clone();
    let branch = another.headers.get("Via").unwrap().replace("z9hG4bK", "z9hG4bKx");
    another.headers.set("Via", branch);
    pbx.send(another.to_bytes());
    pbx.expect_status(200);
    assert_eq!(received(&alice), ["Grüße\nBob"]);
}

#[test]
fn the_text_is_found_among_several_parts_and_read_in_its_own_letters() {
    let (_network, alice, pbx) = at_the_exchange();
    write(&pbx, "text/plain;charset=iso-8859-1", b"Gr\xfc\xdfe");
    pbx.expect_status(200);
    let body =
        b"--x\r\nContent-Type: text/html\r\n\r\n<b>no</b>\r\n--x\r\nContent-Type: text/plain\r\n\r\nyes\r\n--x--\r\n";
    write(&pbx, "multipart/alternative;boundary=x", body);
    pbx.expect_status(200);
    assert_eq!(received(&alice), ["Grüße", "yes"]);
}

#[test]
fn what_is_no_plain_text_is_refused() {
    let (_network, alice, pbx) = at_the_exchange();
    for content_type in [
        "text/html",
        "message/cpim",
        "application/im-iscomposing+xml",
        "text/plain;charset=utf-16",
    ] {
        write(&pbx, content_type, b"<b>x</b>");
        let answer = pbx.expect_final();
        assert_eq!(answer.code(), 415, "{content_type}");
        assert_eq!(answer.headers.get("Accept"), Some("text/plain"));
    }
    write(&pbx, "text/plain", &vec![b'x'; 20_000]);
    assert_eq!(pbx.expect_final().code(), 413);
    assert_eq!(received(&alice), [""; 0]);
}

#[test]
fn messages_of_strangers_are_refused_and_counted() {
    let (network, alice, _pbx) = at_the_exchange();
    let stranger = Peer::new(&network, "10.6.6.6:5060");
    write(&stranger, "text/plain", b"Buy!");
    network.run_for(seconds(1));
    assert_eq!(received(&alice), [""; 0]);
    assert_eq!(alice.with(|endpoint, _| endpoint.counts().strangers), 1);
}

#[test]
fn an_open_line_takes_no_messages_of_strangers_either() {
    let (_network, alice, bob) = two();
    write(&bob, "text/plain", b"Buy!");
    assert_eq!(bob.expect_final().code(), 403);
    assert_eq!(received(&alice), [""; 0]);
}

#[test]
fn a_flood_is_slowed_down() {
    let (network, alice, pbx) = at_the_exchange();
    let mut taken = 0;
    for number in 0..50 {
        write(&pbx, "text/plain", format!("{number}").as_bytes());
        let answer = pbx.expect_final();
        match answer.code() {
            200 => taken += 1,
            480 => assert!(answer.headers.has("Retry-After")),
            other => panic!("{other}"),
        }
    }
    assert!((20..25).contains(&taken), "{taken}");
    assert_eq!(received(&alice).len(), taken);
    network.run_for(seconds(60));
    write(&pbx, "text/plain", b"later");
    assert_eq!(pbx.expect_final().code(), 200);
}
