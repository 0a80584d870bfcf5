//! Messages cut out of streams, however the octets arrive.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use parley_sip::framing::{Frame, StreamDecoder};
use parley_sip::{Fault, ParseError, limits, parse};

fn message(content_length: &str, body: &str) -> String {
    format!(
        "MESSAGE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/TCP a.example.com;branch=z9hG4bK1\r\nFrom: <sip:a@example.com>;tag=1\r\n\
         To: <sip:bob@example.com>\r\nCall-ID: c1\r\nCSeq: 1 MESSAGE\r\n{content_length}\r\n{body}"
    )
}

fn frames(decoder: &mut StreamDecoder) -> Vec<Frame> {
    std::iter::from_fn(|| decoder.next().unwrap()).collect()
}

#[test]
fn two_messages_in_one_piece_come_out_one_by_one() {
    let (first, second) = (
        message("Content-Length: 5\r\n", "hello"),
        message("l : \r\n 3\r\n", "bye"),
    );
    let mut decoder = StreamDecoder::new();
    decoder.push(format!("{first}{second}").as_bytes());
    let expected = [Frame::Message(first.into_bytes()), Frame::Message(second.into_bytes())];
    assert_eq!(frames(&mut decoder), expected);
}

#[test]
fn messages_and_pings_come_out_the_same_whatever_the_pieces() {
    let first = message("Content-Length: 11\r\n", "a\r\n\r\nSIP/2.");
    let second = message("Content-Length: 0\r\n", "");
    let stream = format!("{first}\r\n\r\n{second}");
    for size in 1..stream.len() {
        let mut decoder = StreamDecoder::new();
        let mut seen = Vec::new();
        for piece in stream.as_bytes().chunks(size) {
            decoder.push(piece);
            seen.extend(frames(&mut decoder));
        }
        // A ping cut in the middle first looks like a pong.
        seen.retain(|frame| *frame != Frame::Pong);
        let expected = [
            Frame::Message(first.clone().into_bytes()),
            Frame::Ping,
            Frame::Message(second.clone().into_bytes()),
        ];
        assert_eq!(seen, expected, "pieces of {size}");
    }
}

#[test]
fn one_line_end_is_a_pong_and_two_are_a_ping() {
    let mut decoder = StreamDecoder::new();
    decoder.push(b"\r\n");
    assert_eq!(frames(&mut decoder), [Frame::Pong]);
    decoder.push(message("Content-Length: 0\r\n", "").as_bytes());
    assert_eq!(frames(&mut decoder).len(), 1);
    decoder.push(b"\r\n\r\n\r\n\r\n");
    assert_eq!(frames(&mut decoder), [Frame::Ping, Frame::Ping]);
    decoder.push(b"\r\n\r");
    assert_eq!(frames(&mut decoder), []);
    decoder.push(b"\n");
    assert_eq!(frames(&mut decoder), [Frame::Ping]);
}

#[test]
fn stray_octets_between_messages_are_passed_over() {
    let text = message("Content-Length: 0\r\n", "");
    let mut decoder = StreamDecoder::new();
    decoder.push(&b"\r\0\n\0\n\r".repeat(100_000));
    decoder.push(text.as_bytes());
    assert_eq!(frames(&mut decoder), [Frame::Message(text.into_bytes())]);
}

#[test]
fn a_message_without_content_length_has_no_body() {
    let (first, second) = (message("", ""), message("Content-Length: 0\r\n", ""));
    let mut decoder = StreamDecoder::new();
    decoder.push(format!("{first}{second}").as_bytes());
    assert_eq!(frames(&mut decoder).len(), 2);
}

#[test]
fn a_bare_line_feed_ends_lines_too() {
    let text = message("Content-Length: 2\r\n", "ok").replace("\r\n", "\n");
    let mut decoder = StreamDecoder::new();
    decoder.push(text.as_bytes());
    assert_eq!(frames(&mut decoder), [Frame::Message(text.into_bytes())]);
}

#[test]
fn hostile_lengths_end_the_stream_and_can_be_answered() {
    for (length, fault, code) in [
        ("Content-Length: -1\r\n", Fault::Malformed("Content-Length"), 400),
        ("Content-Length: 5, 6\r\n", Fault::Malformed("Content-Length"), 400),
        ("Content-Length: 1\r\nl: 2\r\n", Fault::Repeated("Content-Length"), 400),
        ("Content-Length: 65536\r\n", Fault::MessageTooLarge, 400),
        (
            "Content-Length: 99999999999999999999999999\r\n",
            Fault::MessageTooLarge,
            400,
        ),
    ] {
        let mut decoder = StreamDecoder::new();
        decoder.push(message(length, "x").as_bytes());
        let error = decoder.next().unwrap_err();
        assert_eq!(error.fault, fault);
        let ParseError::Request(rejected) = parse(&error.head.clone().unwrap()).unwrap_err() else {
            panic!("{length}")
        };
        assert_eq!(rejected.reply("t").unwrap().code(), code);
        decoder.push(message("Content-Length: 0\r\n", "").as_bytes());
        assert_eq!(decoder.next(), Err(error), "an error is final");
    }
}

#[test]
fn what_is_not_sip_is_recognised_at_once() {
    for garbage in [
        &b"\x16\x03\x01\x02\x00"[..],
        b"GET / HTTP/1.1\r\n",
        b"<stream:stream>",
        b"\xff\xfe",
    ] {
        let mut decoder = StreamDecoder::new();
        decoder.push(garbage);
        assert_eq!(decoder.next().unwrap_err().fault, Fault::RequestLine);
    }
}

#[test]
fn endless_lines_and_heads_are_cut_off() {
    let mut decoder = StreamDecoder::new();
    decoder.push(&vec![b'A'; limits::START_LINE]);
    assert_eq!(decoder.next().unwrap_err().fault, Fault::StartLineTooLong);

    let mut decoder = StreamDecoder::new();
    decoder.push(b"OPTIONS sip:a SIP/2.0\r\n");
    for _ in 0..limits::MESSAGE / 18 {
        assert_eq!(decoder.next(), Ok(None));
        decoder.push(b"X-Padding: aaaaa\r\n");
    }
    decoder.push(b"X-Padding: aaaaa\r\n");
    assert_eq!(decoder.next().unwrap_err().fault, Fault::MessageTooLarge);
}
