//! Whatever phones send, in whatever order and however broken: nothing panics, and in the end nothing is left.
#![allow(clippy::unwrap_used, missing_docs)]
mod town;
use parley_exchange::{Input, Peer};
use parley_sip::{Message, Method};
use rand_chacha::ChaCha12Rng;
use rand_core::{RngCore, SeedableRng};
use town::*;

fn phones() -> [Peer; 4] {
    [udp(6000), udp(7000), tcp(7001), udp(7002)]
}

/// A few well-meant messages: requests of every kind, and answers to what the phones got.
fn message(town: &mut Town, dice: &mut ChaCha12Rng) -> (Peer, Message) {
    let phones = phones();
    let from = phones[dice.next_u32() as usize % phones.len()];
    if dice.next_u32().is_multiple_of(2)
        && let Some((peer, Message::Request(request))) = town.mail.pop()
        && request.method != Method::Ack
    {
        let codes = [100, 180, 183, 200, 200, 302, 404, 486, 487, 603];
        let code = codes[dice.next_u32() as usize % codes.len()];
        return (peer, answer(&request, code, "200", peer).into());
    }
    let numbers = [
        "100", "200", "600", "601", "602", "603", "604", "605", "606", "607", "608", "609", "610", "611", "612", "613",
        "614", "700", "*8200", "*8610", "9",
    ];
    let to = numbers[dice.next_u32() as usize % numbers.len()];
    let methods = [
        Method::Invite,
        Method::Invite,
        Method::Options,
        Method::Message,
        Method::Register,
        Method::Subscribe,
        Method::Publish,
    ];
    let method = methods[dice.next_u32() as usize % methods.len()].clone();
    let mut request = town.request(method, "100", to, from);
    let extra = [
        ("Event", "presence"),
        ("Event", "dialog"),
        ("Supported", "100rel, timer, replaces"),
        ("Require", "100rel"),
        ("Referred-By", "<sip:100@x>"),
        ("Replaces", "c1;to-tag=f1;from-tag=p7000"),
        ("Session-Expires", "90"),
    ];
    for (name, value) in extra {
        if dice.next_u32().is_multiple_of(4) {
            request.headers.push(name, value);
        }
    }
    (from, request.into())
}

/// A later request or answer made of one that was sent, by changing its method or tags.
fn follow_up(message: &Message, dice: &mut ChaCha12Rng) -> Vec<u8> {
    let text = String::from_utf8_lossy(&message.to_bytes()).into_owned();
    let text = match dice.next_u32() % 5 {
        0 => text.replace("INVITE", "CANCEL"),
        1 => text.replace("INVITE", "ACK"),
        2 => text
            .replace("INVITE", "BYE")
            .replacen("\r\nCall-ID", ";tag=p7000\r\nCall-ID", 1),
        3 => text
            .replace("INVITE", "REFER")
            .replacen("\r\n", "\r\nRefer-To: <sip:200@x>\r\n", 1),
        _ => text,
    };
    let mut bytes = text.into_bytes();
    if dice.next_u32().is_multiple_of(3) {
        for _ in 0..=dice.next_u32() % 3 {
            let at = dice.next_u32() as usize % bytes.len();
            bytes[at] = dice.next_u32() as u8;
        }
    }
    bytes
}

#[test]
fn nothing_panics_and_nothing_is_left() {
    for seed in 0..90 {
        let mut dice = ChaCha12Rng::seed_from_u64(seed);
        let mut town = town();
        town.lenient = true;
        let [first, rest @ ..] = phones();
        town.register("100", first);
        rest.into_iter().for_each(|phone| town.register("200", phone));
        for _ in 0..60 {
            let (peer, message) = message(&mut town, &mut dice);
            town.send(peer, message.clone());
            let bytes = follow_up(&message, &mut dice);
            let input = match dice.next_u32() % 12 {
                0 => Input::Closed(peer),
                _ => Input::Received { peer, bytes },
            };
            town.core.handle(town.now, input);
            town.collect();
            if dice.next_u32().is_multiple_of(4) {
                town.wait(f64::from(dice.next_u32() % 4000) / 1000.0);
            }
        }
        town.wait(4000.0);
        assert_eq!((town.core.next_wake(), town.core.open()), (None, 0), "seed {seed}");
    }
}
