//! Short texts between users, and to lines that write back.
#![allow(clippy::unwrap_used, missing_docs)]
mod town;
use parley_exchange::Peer;
use parley_sip::Method;
use town::*;

fn me() -> Peer {
    udp(6000)
}

fn write(town: &mut Town, to: &str, kind: &str, text: &str) {
    let mut message = town.request(Method::Message, "100", to, me());
    message.headers.remove("Contact");
    message.set_body(kind, text.as_bytes().to_vec());
    town.send(me(), message);
}

#[test]
fn a_text_reaches_every_phone_of_its_reader() {
    let mut town = town();
    town.register("100", me());
    town.register("200", tcp(7000));
    write(&mut town, "200", "text/plain", "Lunch?");
    let message = town.one_request(tcp(7000), Method::Message);
    assert_eq!(message.body, b"Lunch?");
    assert!(!message.headers.has("Record-Route"), "a text makes no dialog");
    town.send(tcp(7000), message.respond(200, Some("x")));
    assert_eq!(town.codes(me()), [200]);
    write(&mut town, "999", "text/plain", "Who?");
    assert_eq!(town.codes(me()), [404]);
}

#[test]
fn lines_write_back() {
    for (to, reply) in [
        ("600", "Hello, 世界"),
        ("610", "Got it: Hello, 世界"),
        ("613", "613: your mailbox"),
        ("700", "700: a parking place for calls"),
    ] {
        let mut town = town();
        town.register("100", me());
        write(&mut town, to, "text/plain;charset=UTF-8", "Hello, 世界");
        assert_eq!(town.codes(me()), [200]);
        let back = town.one_request(me(), Method::Message);
        assert_eq!(String::from_utf8(back.body.clone()).unwrap(), reply);
        assert_eq!(back.headers.from().unwrap().uri.user().as_deref(), Some(to));
        town.send(me(), back.respond(200, Some("x")));
        town.wait(70.0);
        assert_eq!(town.requests(me()), []);
        assert_eq!(town.core.open(), 0);
    }
}

#[test]
fn what_is_no_text_is_refused() {
    let mut town = town();
    town.register("100", me());
    write(&mut town, "600", "image/png", "x");
    let refused = town.responses(me()).remove(0);
    assert_eq!(
        (refused.code(), refused.headers.get("Accept")),
        (415, Some("text/plain"))
    );
    assert_eq!(town.requests(me()), []);
}
