//! Generated values, from fixed seeds: what is printed reads back the same.
#![allow(clippy::unwrap_used, clippy::expect_used, dead_code)]

#[path = "common/dice.rs"]
mod dice;

use dice::Dice;
use parley_sip::framing::StreamDecoder;
use parley_sip::{
    CSeq, Host, HostPort, Message, Method, NameAddr, Request, SipUri, TelUri, Transport, Uri, Via, parse,
};

impl Dice {
    fn chance(&mut self) -> bool {
        self.next() & 1 == 1
    }

    fn text(&mut self, alphabet: &str, longest: usize) -> String {
        let alphabet: Vec<char> = alphabet.chars().collect();
        (0..=self.below(longest)).map(|_| self.pick(&alphabet)).collect()
    }

    fn token(&mut self) -> String {
        self.text("abcXYZ019-.!%*_+`'~", 8)
    }

    fn host(&mut self) -> Host {
        match self.below(3) {
            0 => Host::Name(format!("{}.example", self.text("abz09", 8))),
            1 => Host::V4((self.next() as u32).into()),
            _ => Host::V6((u128::from(self.next()) << 64 | u128::from(self.next())).into()),
        }
    }

    fn uri(&mut self) -> Uri {
        if self.below(5) == 0 {
            let mut tel = TelUri {
                number: format!("+1{}", self.text("0123456789-.()", 9)),
                params: Default::default(),
            };
            if self.chance() {
                tel.params.set("phone-context", Some(&self.text("abc09.", 9)));
            }
            return tel.into();
        }
        let mut uri = SipUri::new(self.host());
        uri.secure = self.chance();
        if self.chance() {
            uri = uri.with_user(&self.text("aZ5;/?:@&=+$,%#\"<> ü\r\n\0", 12));
            uri.password = self.chance().then(|| self.text("aZ5&=+$,", 6));
        }
        uri.port = self.chance().then(|| self.next() as u16);
        for name in ["transport", "lr", "x%20y", "maddr"] {
            if self.chance() {
                let value = self.chance().then(|| self.text("aZ5-_.[]/:&+$", 6));
                uri.params.set(name, value.as_deref());
            }
        }
        for _ in 0..self.below(3) {
            uri.headers.push((self.text("aZ-", 5), self.text("aZ[]/?:+$", 6)));
        }
        uri.into()
    }

    fn address(&mut self) -> NameAddr {
        let mut address = NameAddr::new(self.uri());
        address.name = self.chance().then(|| self.text("aZ \"\\<>;,:ü€", 12));
        if self.chance() {
            let tag = self.token();
            address.params.set("tag", Some(&tag));
        }
        if self.chance() {
            let value = self.text("aZ;,<>\"\\ =", 9);
            address.params.set("x", Some(&value));
            address.params.0.last_mut().unwrap().quoted = true;
        }
        address
    }

    fn via(&mut self) -> Via {
        let sent_by = HostPort {
            host: self.host(),
            port: self.chance().then(|| self.next() as u16),
        };
        let transport = self.pick(&Transport::all());
        let mut via = Via::new(transport, sent_by, &format!("z9hG4bK{}", self.token()));
        if self.chance() {
            via.note_source(([192, 0, 2, 1], self.next() as u16).into());
        }
        via
    }

    fn request(&mut self) -> Request {
        let method = if self.below(4) == 0 {
            Method::parse(&self.token()).unwrap()
        } else {
            self.pick(Method::KNOWN)
        };
        let mut uri = self.uri();
        if let Some(sip) = uri.sip_mut() {
            sip.headers.clear();
        }
        let mut request = Request::new(method.clone(), uri);
        let headers = &mut request.headers;
        (0..=self.below(3)).for_each(|_| headers.push("Via", self.via()));
        headers.push("From", self.address());
        headers.push("t", self.address());
        headers.push("Call-ID", self.text("aZ09@.-<>\"{}", 20));
        headers.push("CSeq", CSeq::new(self.next() as u32, method));
        for _ in 0..self.below(3) {
            headers.push(self.pick(&["Contact", "m", "Route", "Record-Route"]), self.address());
        }
        for _ in 0..self.below(3) {
            // Leading and trailing white space is not part of a value.
            headers.push(self.token(), self.text("aZ,;:\"<>€é ", 30).trim());
        }
        request.body = (0..self.below(40)).map(|_| self.next() as u8).collect();
        request
    }
}

#[test]
fn generated_uris_and_addresses_print_and_read_the_same() {
    let mut dice = Dice(1);
    for _ in 0..5_000 {
        let address = dice.address();
        // Spaces at the ends of a quoted name stay, so nothing is lost.
        let again = NameAddr::parse(&address.to_string()).unwrap_or_else(|fault| panic!("{address}: {fault}"));
        assert_eq!(again, address);
        assert!(address.uri.equivalent(&again.uri), "{address}");
        let via = dice.via();
        assert_eq!(Via::parse(&via.to_string()).as_ref(), Ok(&via));
    }
}

#[test]
fn generated_messages_print_and_read_the_same() {
    let mut dice = Dice(2);
    for round in 0..2_000 {
        let request = dice.request();
        let bytes = request.to_bytes();
        let again = match parse(&bytes) {
            Ok(Message::Request(mut again)) => {
                again.headers.remove("Content-Length");
                again
            }
            other => panic!("round {round}: {other:?}\n{}", String::from_utf8_lossy(&bytes)),
        };
        assert_eq!(again, request, "round {round}\n{}", String::from_utf8_lossy(&bytes));
        let mut decoder = StreamDecoder::new();
        decoder.push(&bytes);
        assert_eq!(
            decoder.next().unwrap(),
            Some(parley_sip::framing::Frame::Message(bytes))
        );
    }
}
