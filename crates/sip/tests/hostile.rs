//! Generated and mutated input, from fixed seeds: what is printed reads back the same, and nothing panics.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::path::PathBuf;

use parley_sip::framing::StreamDecoder;
use parley_sip::headers::{Challenge, Reason, Warning};
use parley_sip::sdp::{Codec, Direction, LocalAudio, Sdp};
use parley_sip::{
    CSeq, Headers, Host, HostPort, Message, Method, NameAddr, Request, SipUri, TelUri, Transport, Uri, Via, parse, sdp,
};

/// A small generator (splitmix64): the same numbers for the same seed everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn chance(&mut self) -> bool {
        self.next() & 1 == 1
    }

    fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
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

/// The RFC 4475 messages where they are, and generated ones anywhere.
fn seeds(dice: &mut Dice) -> Vec<Vec<u8>> {
    let folder = std::env::var_os("PARLEY_TORTURE")
        .map(PathBuf::from)
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/torture"));
    let mut seeds: Vec<Vec<u8>> = (0..20).map(|_| dice.request().to_bytes()).collect();
    match std::fs::read_dir(&folder) {
        Ok(files) => {
            let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
            paths.sort();
            paths.retain(|path| path.extension().is_some_and(|extension| extension == "dat"));
            seeds.extend(paths.iter().map(|path| std::fs::read(path).unwrap()));
        }
        Err(_) => println!(
            "mutating generated messages only: no RFC 4475 messages in {}",
            folder.display()
        ),
    }
    seeds
}

fn mutate(dice: &mut Dice, bytes: &mut Vec<u8>, other: &[u8]) {
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len().max(1)).min(bytes.len());
        match dice.below(6) {
            0 if at < bytes.len() => bytes[at] = dice.next() as u8,
            1 if at < bytes.len() => drop(bytes.remove(at)),
            2 => bytes.insert(at, dice.pick(b"\"<>;,:=\\\r\n @?%[]\0\xff/*")),
            3 => bytes.truncate(at),
            4 => {
                let (from, length) = (dice.below(other.len()), dice.below(60));
                let piece = &other[from..(from + length).min(other.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
            _ => {
                let end = (at + dice.below(40)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
}

/// Calls everything that reads text from a header field.
fn read_everything(headers: &Headers) {
    let _ = (
        headers.vias(),
        headers.from(),
        headers.to(),
        headers.contacts(),
        headers.cseq(),
        headers.is_contact_star(),
    );
    let _ = (
        headers.record_route(),
        headers.route(),
        headers.expires(),
        headers.retry_after(),
        headers.max_forwards(),
    );
    let _ = (
        headers.www_authenticate(),
        headers.authorization(),
        headers.reason(),
        headers.diversion(),
        headers.event(),
    );
    let _ = (
        headers.warnings(),
        headers.supported(),
        headers.history_info(),
        headers.content_type(),
        headers.refer_to(),
    );
    for header in headers.iter() {
        let _ = (
            Uri::parse(&header.value),
            NameAddr::parse(&header.value),
            Via::parse(&header.value),
        );
        let _ = (
            Challenge::parse_list(&header.value),
            Reason::parse(&header.value),
            Warning::parse(&header.value),
        );
    }
}

#[test]
fn mutated_messages_never_panic_and_what_is_accepted_stays_so() {
    let mut dice = Dice(3);
    let seeds = seeds(&mut dice);
    let mut accepted = 0;
    for round in 0..20_000 {
        let (mut bytes, other) = (dice.pick(&seeds), dice.pick(&seeds));
        mutate(&mut dice, &mut bytes, &other);
        match parse(&bytes) {
            Ok(message) => {
                accepted += 1;
                read_everything(message.headers());
                let printed = message.to_bytes();
                let again = parse(&printed);
                assert!(
                    again.is_ok(),
                    "round {round}: {again:?}\n{}",
                    String::from_utf8_lossy(&printed)
                );
                let _ = Sdp::parse(message.body()).map(|sdp| Sdp::parse(&sdp.to_bytes()).unwrap());
            }
            Err(parley_sip::ParseError::Request(rejected)) => {
                read_everything(&rejected.headers);
                if let Some(reply) = rejected.reply("tag") {
                    assert!(reply.to_bytes().starts_with(b"SIP/2.0 "));
                }
            }
            Err(_) => {}
        }
        let mut decoder = StreamDecoder::new();
        for piece in bytes.chunks(1 + dice.below(bytes.len().max(1))) {
            decoder.push(piece);
            while let Ok(Some(_)) = decoder.next() {}
        }
    }
    assert!(
        accepted > 1_000,
        "the mutations must leave something to accept: {accepted}"
    );
}

#[test]
fn mutated_descriptions_never_panic_and_answers_line_up() {
    let mut dice = Dice(4);
    let local = LocalAudio {
        address: [192, 0, 2, 7].into(),
        port: 40000,
        codecs: vec![Codec::pcmu(), Codec::pcma()],
        events: Some(Codec::telephone_event(101)),
        ptime_ms: 20,
        direction: Direction::SendRecv,
        session_id: 1,
        version: 1,
    };
    let seed = "v=0\r\no=- 1 2 IN IP4 198.51.100.1\r\ns=-\r\nc=IN IP4 198.51.100.1\r\nt=0 0\r\nm=audio 6000 RTP/AVP 96 8 0 97\r\n\
        a=rtpmap:96 opus/48000/2\r\na=rtpmap:97 telephone-event/8000\r\na=rtcp:6001\r\na=sendonly\r\nm=video 5000 RTP/AVP 31\r\n";
    let ours = sdp::offer(&local);
    let mut agreed = 0;
    for _ in 0..5_000 {
        let mut bytes = seed.as_bytes().to_vec();
        mutate(&mut dice, &mut bytes, seed.as_bytes());
        let Ok(theirs) = Sdp::parse(&bytes) else { continue };
        let _ = sdp::accept(&ours, &theirs, &local);
        if let Ok((answer, _)) = sdp::answer(&theirs, &local) {
            agreed += 1;
            assert_eq!(answer.media.len(), theirs.media.len());
            assert_eq!(Sdp::parse(&answer.to_bytes()).unwrap().media.len(), theirs.media.len());
        }
    }
    assert!(agreed > 500, "the mutations must leave something to agree on: {agreed}");
}
