//! Keys in session descriptions: lines as devices send them, and which of them are met (RFC 4568, RFC 7714, RFC 8643).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use parley_sip::sdp::{
    Codec, Crypto, CryptoSuite, Direction, Encryption, LocalAudio, MasterKey, NotAgreed, Order, Sdp, accept, accepted,
    answer, answer_key, candidates, offer, offer_keys,
};

const KEY: &str = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";

fn local() -> LocalAudio {
    LocalAudio {
        address: [192, 0, 2, 7].into(),
        port: 40000,
        codecs: vec![Codec::pcma()],
        noise: None,
        events: vec![Codec::telephone_event(101)],
        order: Order::Theirs,
        ptime_ms: 20,
        direction: Direction::SendRecv,
        session_id: 77,
        version: 1,
    }
}

fn read(media: &str) -> Sdp {
    let head = "v=0\r\no=- 1 2 IN IP4 198.51.100.1\r\ns=-\r\nc=IN IP4 198.51.100.1\r\nt=0 0\r\n";
    Sdp::parse(format!("{head}{media}").as_bytes()).unwrap()
}

fn line(profile: &str, crypto: &[&str]) -> String {
    let keys: String = crypto.iter().map(|value| format!("a=crypto:{value}\r\n")).collect();
    format!("m=audio 6000 {profile} 8\r\n{keys}")
}

fn sha(tag: u32) -> String {
    format!("{tag} AES_CM_128_HMAC_SHA1_80 inline:{KEY}")
}

fn own() -> Vec<Crypto> {
    (1..)
        .zip(CryptoSuite::ALL)
        .map(|(tag, suite)| Crypto::new(tag, suite, MasterKey(vec![7; suite.key_length()])))
        .collect()
}

#[test]
fn the_example_of_the_rfc_is_read_whole() {
    let crypto = Crypto::parse(&format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|1:32")).unwrap();
    assert_eq!((crypto.tag, crypto.suite), (1, CryptoSuite::AesCm128HmacSha1With80));
    assert_eq!(crypto.key.0.len(), 30);
    assert_eq!(crypto.lifetime, Some(1 << 20));
    let mki = crypto.mki.unwrap();
    assert_eq!(
        (mki.len(), mki[31], mki[..31].iter().all(|octet| *octet == 0)),
        (32, 1, true)
    );
}

#[test]
fn what_is_written_is_read_again_for_every_suite() {
    for mut crypto in own() {
        assert_eq!(
            Crypto::parse(crypto.attribute().value.as_deref().unwrap()),
            Some(crypto.clone())
        );
        crypto.lifetime = Some(1 << 31);
        crypto.mki = Some(vec![1, 0]);
        assert_eq!(
            Crypto::parse(crypto.attribute().value.as_deref().unwrap()),
            Some(crypto)
        );
    }
}

#[test]
fn lines_that_cannot_be_met_are_passed_over() {
    let bad = [
        "",
        "1",
        "x AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj",
        "1 F8_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj",
        "1 AES_CM_128_HMAC_SHA1_80 inline:d0Rm",
        "1 AES_CM_128_HMAC_SHA1_80 inline:****",
        "1 AES_CM_128_HMAC_SHA1_80 outline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj",
        "1 AES_CM_128_HMAC_SHA1_80 é",
        "99999999999 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj",
        "1 AEAD_AES_256_GCM inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj",
    ];
    for value in bad {
        assert_eq!(Crypto::parse(value), None, "{value}");
    }
    let rest = [
        "|2^49",
        "|0",
        "|3^4",
        "|1:0",
        "|1:129",
        "|256:1",
        "|x:4",
        "|2^20|1:4|2:4",
        "|1:4|2^20",
        ";inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2:4",
        " UNENCRYPTED_SRTP",
        " UNENCRYPTED_SRTCP",
        " unauthenticated_srtp",
        " KDR=5",
        " FEC_KEY=inline:x",
        " NEW_THING",
    ];
    for rest in rest {
        assert_eq!(Crypto::parse(&format!("{}{rest}", sha(1))), None, "{rest}");
    }
    for rest in [
        " KDR=0",
        " WSH=128",
        " FEC_ORDER=FEC_SRTP",
        " -X-hint=1",
        "|1048576",
        "|2^48",
        "|1:4",
    ] {
        assert!(Crypto::parse(&format!("{}{rest}", sha(1))).is_some(), "{rest}");
    }
}

#[test]
fn keys_are_not_shown_by_accident() {
    assert!(!format!("{:?}", Crypto::parse(&sha(1)).unwrap()).contains("119"));
}

/// Port and tag of the lines that could be met, the best first.
fn met(media: &str, wanted: Encryption) -> Result<Vec<Option<u32>>, NotAgreed> {
    let found = candidates(&read(media), wanted)?;
    Ok(found
        .into_iter()
        .map(|candidate| candidate.crypto.map(|crypto| crypto.tag))
        .collect())
}

#[test]
fn encrypted_lines_come_first_in_whatever_order_they_are_offered() {
    let (plain, open, secure) = (
        line("RTP/AVP", &[]),
        line("RTP/AVP", &[&sha(5)]),
        line("RTP/SAVP", &["1 F8_128_HMAC_SHA1_80 inline:x", &sha(4), &sha(6)]),
    );
    use Encryption::{Off, Preferred, Required};
    for media in [format!("{plain}{secure}"), format!("{secure}{plain}")] {
        assert_eq!(met(&media, Preferred), Ok(vec![Some(4), None]));
        assert_eq!(met(&media, Required), Ok(vec![Some(4)]));
        assert_eq!(met(&media, Off), Ok(vec![None]));
    }
    assert_eq!(met(&open, Preferred), Ok(vec![Some(5)]));
    assert_eq!(met(&open, Required), Ok(vec![Some(5)]));
    assert_eq!(met(&open, Off), Ok(vec![None]), "the keys are ignored");
    assert_eq!(met(&plain, Preferred), Ok(vec![None]));
    assert_eq!(met(&plain, Required), Err(NotAgreed::NotEncrypted));
    assert_eq!(met(&secure, Off), Err(NotAgreed::EncryptionIsOff));
    let unknown = line("RTP/SAVP", &["1 F8_128_HMAC_SHA1_80 inline:x"]);
    assert_eq!(met(&unknown, Preferred), Err(NotAgreed::NotEncrypted));
    assert_eq!(met("m=video 6000 RTP/SAVP 31\r\n", Preferred), Err(NotAgreed::NoAudio));
}

#[test]
fn an_answer_repeats_profile_and_number_with_a_key_of_its_own() {
    let offered = read(&format!("{}{}", line("RTP/AVP", &[]), line("RTP/SAVP", &[&sha(4)])));
    let candidate = candidates(&offered, Encryption::Preferred).unwrap().remove(0);
    let theirs = candidate.crypto.unwrap();
    let (mut description, agreed) = answer(&candidate.offer, &local()).unwrap();
    let ours = Crypto {
        tag: theirs.tag,
        ..own().remove(0)
    };
    answer_key(&mut description, agreed.index, &ours);
    let text = description.to_string();
    assert!(text.contains("m=audio 0 RTP/AVP 8\r\n"), "{text}");
    assert!(text.contains("m=audio 40000 RTP/SAVP 8\r\n"), "{text}");
    assert!(text.contains("a=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:"), "{text}");
    assert!(!text.contains(KEY), "never the key of the offer");
}

#[test]
fn an_offer_names_each_suite_once_under_the_right_profile() {
    for (must, profile) in [(false, "RTP/AVP"), (true, "RTP/SAVP")] {
        let mut sdp = offer(&local());
        offer_keys(&mut sdp, &own(), must);
        assert_eq!(sdp.media[0].protocol, profile);
        assert_eq!(Crypto::all_of(&sdp.media[0]), own());
        // Once more changes nothing.
        let before = sdp.clone();
        offer_keys(&mut sdp, &own(), must);
        assert_eq!(sdp, before);
    }
}

#[test]
fn the_answer_to_an_offer_says_what_is_in_use() {
    let answered = |must: bool, media: &str, wanted| {
        let mut sent = offer(&local());
        offer_keys(&mut sent, &own(), must);
        let theirs = read(media);
        let agreed = accept(&sent, &theirs, &local()).unwrap();
        let keys = accepted(&own(), &sent, &theirs, agreed.index, wanted)?;
        Ok(keys.map(|(ours, theirs)| (ours.tag, theirs.tag)))
    };
    use Encryption::{Preferred, Required};
    assert_eq!(
        answered(false, &line("RTP/AVP", &[&sha(1)]), Preferred),
        Ok(Some((1, 1)))
    );
    assert_eq!(
        answered(false, &line("RTP/SAVP", &[&sha(1)]), Preferred),
        Ok(Some((1, 1))),
        "as some answer"
    );
    assert_eq!(
        answered(false, &line("RTP/AVP", &[&sha(9)]), Preferred),
        Ok(Some((1, 9))),
        "wrongly numbered"
    );
    assert_eq!(answered(false, &line("RTP/AVP", &[]), Preferred), Ok(None));
    assert_eq!(
        answered(true, &line("RTP/SAVP", &[&sha(1)]), Required),
        Ok(Some((1, 1)))
    );
    let refused = Err(NotAgreed::NotEncrypted);
    assert_eq!(answered(true, &line("RTP/AVP", &[]), Required), refused);
    assert_eq!(answered(true, &line("RTP/SAVP", &[]), Preferred), refused);
    assert_eq!(
        answered(false, &line("RTP/AVP", &["1 F8_128_HMAC_SHA1_80 inline:x"]), Preferred),
        refused,
        "it encrypts in a way that was not offered"
    );
    let weakened = format!("{} UNENCRYPTED_SRTP", sha(1));
    assert_eq!(answered(true, &line("RTP/SAVP", &[&weakened]), Required), refused);
}
