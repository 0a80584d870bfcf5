//! Calls whose sound is encrypted, and calls that would have to be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod support;

use parley_engine::{AccountOptions, CallState, Encryption, EncryptionLevel, Others, Request};
use parley_media::{SrtpSuite, StreamParams};
use parley_sip::sdp::{Crypto, Sdp};
use parley_sip::{Message, Transport};
use support::{Desk, Far, sdp};

const THEIRS: &str = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

fn desk(encryption: Encryption) -> Desk {
    Desk::line(AccountOptions {
        encryption,
        ..AccountOptions::default()
    })
}

/// A description of the far end's with this profile and key.
fn secure(profile: &str, tag: u32, key: &str) -> String {
    let plain = sdp(5004, "sendrecv").replace("RTP/AVP", profile);
    format!("{plain}a=crypto:{tag} AES_CM_128_HMAC_SHA1_80 inline:{key}\r\n")
}

fn described(message: &Message) -> (String, Vec<Crypto>) {
    let sdp = Sdp::parse(message.sdp().unwrap()).unwrap();
    let open = sdp.media.iter().find(|media| media.port != 0).unwrap();
    (open.protocol.clone(), Crypto::all_of(open))
}

fn latest(desk: &Desk) -> &StreamParams {
    desk.streams().pop().unwrap()
}

fn level(desk: &Desk) -> Option<EncryptionLevel> {
    desk.call().encryption.map(|encryption| encryption.level)
}

fn invited(desk: &mut Desk, body: &str) -> Far {
    let mut far = Far::new("a");
    let message = far.request("INVITE", "", body);
    desk.hear(message);
    far
}

fn answered(desk: &mut Desk, far: &mut Far) -> Message {
    let call = desk.call().id;
    desk.ask(Request::Answer {
        call,
        others: Others::Hold,
    })
    .unwrap();
    let ok = desk.expect("200 INVITE");
    far.took(&ok);
    ok
}

#[test]
fn a_line_that_does_not_encrypt_says_nothing_of_keys() {
    let mut desk = desk(Encryption::Off);
    desk.dial("600");
    let invite = desk.expect("INVITE");
    assert_eq!(described(&invite), ("RTP/AVP".into(), vec![]));
    Far::reply(&mut desk, &invite, 200, &sdp(5004, "sendrecv"));
    desk.expect("ACK");
    assert_eq!(
        (level(&desk), latest(&desk).encryption.clone()),
        (Some(EncryptionLevel::None), None)
    );
}

#[test]
fn a_preferred_offer_that_is_met_is_encrypted_with_a_key_for_each_way() {
    let mut desk = desk(Encryption::Preferred);
    desk.dial("600");
    let invite = desk.expect("INVITE");
    let (profile, ours) = described(&invite);
    assert_eq!((profile.as_str(), ours.len()), ("RTP/AVP", 4));
    Far::reply(&mut desk, &invite, 200, &secure("RTP/AVP", 1, THEIRS));
    desk.expect("ACK");
    let keys = latest(&desk).encryption.clone().unwrap();
    assert_eq!(keys.send.master, ours[0].key.0);
    assert_eq!(keys.receive.suite, SrtpSuite::AesCm128HmacSha1With80);
    assert_ne!(keys.send.master, keys.receive.master);
    assert_eq!(level(&desk), Some(EncryptionLevel::KeyExposed), "the key went over UDP");
    assert!(desk.call().timeline.iter().any(|item| item.text.contains("key")));
}

#[test]
fn each_call_has_keys_of_its_own() {
    let mut desk = desk(Encryption::Required);
    desk.dial("600");
    let first = described(&desk.expect("INVITE")).1;
    let call = desk.call().id;
    desk.ask(Request::HangUp { call }).unwrap();
    desk.dial("601");
    let second = described(&desk.expect("INVITE")).1;
    for (first, second) in first.iter().zip(&second) {
        assert_ne!(first.key, second.key);
    }
}

#[test]
fn a_preferred_offer_that_is_ignored_goes_on_in_the_open() {
    let mut desk = desk(Encryption::Preferred);
    desk.dial("600");
    let invite = desk.expect("INVITE");
    Far::reply(&mut desk, &invite, 200, &sdp(5004, "sendrecv"));
    desk.expect("ACK");
    assert_eq!(desk.call().state, CallState::Active);
    assert_eq!(
        (level(&desk), latest(&desk).encryption.clone()),
        (Some(EncryptionLevel::None), None)
    );
}

#[test]
fn a_server_that_refuses_the_wording_is_asked_in_another_until_it_agrees() {
    let mut desk = desk(Encryption::Preferred);
    let call = desk.dial("600");
    let open = desk.expect("INVITE");
    Far::reply(&mut desk, &open, 488, "");
    desk.expect("ACK");
    let secure_only = desk.expect("INVITE");
    assert_eq!(described(&secure_only).0, "RTP/SAVP");
    Far::reply(&mut desk, &secure_only, 488, "");
    desk.expect("ACK");
    let plain = desk.expect("INVITE");
    assert_eq!(described(&plain), ("RTP/AVP".into(), vec![]));
    Far::reply(&mut desk, &plain, 200, &sdp(5004, "sendrecv"));
    assert_eq!(
        desk.call_of(call).state,
        CallState::Active,
        "the same call all the time"
    );
    assert_eq!(desk.history().len(), 2, "{:?}", desk.history());
}

#[test]
fn a_call_that_no_wording_helps_fails_once() {
    let mut desk = desk(Encryption::Preferred);
    desk.dial("600");
    for _ in 0..3 {
        let invite = desk.expect("INVITE");
        Far::reply(&mut desk, &invite, 488, "");
        desk.expect("ACK");
    }
    assert!(desk.call().end.unwrap().text.contains("no sound format"));
}

#[test]
fn a_required_call_to_a_far_end_that_cannot_says_so() {
    for (code, body) in [(488, ""), (606, ""), (200, sdp(5004, "sendrecv").as_str())] {
        let mut desk = desk(Encryption::Required);
        desk.dial("600");
        let invite = desk.expect("INVITE");
        assert_eq!(described(&invite).0, "RTP/SAVP");
        Far::reply(&mut desk, &invite, code, body);
        let end = desk.call().end.unwrap();
        assert!(end.text.contains("cannot encrypt"), "{code}: {}", end.text);
        assert!(desk.streams().is_empty(), "not a word in the open");
    }
}

#[test]
fn an_offer_with_keys_is_answered_with_our_own() {
    for profile in ["RTP/AVP", "RTP/SAVP", "RTP/SAVPF"] {
        let mut desk = desk(Encryption::Preferred);
        let mut far = invited(&mut desk, &secure(profile, 7, THEIRS));
        let ok = answered(&mut desk, &mut far);
        let (answered_as, ours) = described(&ok);
        assert_eq!((answered_as.as_str(), ours.len(), ours[0].tag), (profile, 1, 7));
        far.ack(&mut desk);
        let keys = latest(&desk).encryption.clone().unwrap();
        assert_eq!(keys.send.master, ours[0].key.0);
    }
}

#[test]
fn a_caller_who_cannot_encrypt_is_refused_where_it_is_required() {
    let mut desk = desk(Encryption::Required);
    invited(&mut desk, &sdp(5004, "sendrecv"));
    desk.expect("488 INVITE");
    assert!(desk.calls().is_empty() && desk.rings().is_empty());
    assert!(
        desk.history()[1].contains("Missed: The caller's phone does not encrypt"),
        "{:?}",
        desk.history()
    );
}

#[test]
fn a_caller_who_insists_is_refused_where_it_is_off() {
    let mut desk = desk(Encryption::Off);
    invited(&mut desk, &secure("RTP/SAVP", 1, THEIRS));
    desk.expect("488 INVITE");
    assert!(
        desk.history()[1].contains("insists on an encrypted call"),
        "{:?}",
        desk.history()
    );
}

#[test]
fn nobody_is_kept_from_an_emergency_service() {
    let mut desk = desk(Encryption::Required);
    desk.dial("112");
    let invite = desk.expect("INVITE");
    assert_eq!(described(&invite).0, "RTP/AVP");
    Far::reply(&mut desk, &invite, 200, &sdp(5004, "sendrecv"));
    assert_eq!(desk.call().state, CallState::Active);
}

#[test]
fn a_hold_keeps_the_keys_and_a_new_key_of_theirs_is_followed() {
    let mut desk = desk(Encryption::Preferred);
    let mut far = invited(&mut desk, &secure("RTP/SAVP", 1, THEIRS));
    let ok = answered(&mut desk, &mut far);
    far.ack(&mut desk);
    let before = latest(&desk).encryption.clone();
    let call = desk.call().id;
    desk.ask(Request::Hold { call }).unwrap();
    let hold = desk.expect("INVITE sip:far@");
    let (profile, offered) = described(&hold);
    assert_eq!(
        (profile.as_str(), &offered[0].key),
        ("RTP/SAVP", &described(&ok).1[0].key)
    );
    let body = secure("RTP/SAVP", 1, THEIRS).replace("sendrecv", "recvonly");
    Far::reply(&mut desk, &hold, 200, &body);
    desk.expect("ACK");
    assert_eq!(latest(&desk).encryption, before);
    let other = THEIRS.replace("WVN", "XVN");
    let message = far.request("INVITE", "", &secure("RTP/SAVP", 1, &other));
    desk.hear(message);
    let again = desk.expect("200 INVITE");
    assert_eq!(described(&again).1[0].key, described(&ok).1[0].key, "ours stays");
    let after = latest(&desk).encryption.clone().unwrap();
    assert_eq!(after.send, before.clone().unwrap().send);
    assert_ne!(after.receive, before.unwrap().receive);
}

#[test]
fn a_change_that_would_drop_the_encryption_is_refused_where_it_is_required() {
    let mut desk = desk(Encryption::Required);
    let mut far = invited(&mut desk, &secure("RTP/SAVP", 1, THEIRS));
    answered(&mut desk, &mut far);
    far.ack(&mut desk);
    far.reinvite(&mut desk, 5004, "sendrecv");
    desk.expect("488 INVITE");
    assert_eq!(desk.call().state, CallState::Active);
    assert!(latest(&desk).encryption.is_some());
}

#[test]
fn an_offer_that_comes_late_is_ours_with_keys() {
    let mut desk = desk(Encryption::Required);
    let mut far = invited(&mut desk, "");
    let ok = answered(&mut desk, &mut far);
    let (profile, ours) = described(&ok);
    assert_eq!((profile.as_str(), ours.len()), ("RTP/SAVP", 4));
    far.ack_with(&mut desk, &secure("RTP/SAVP", 1, THEIRS));
    assert_eq!(latest(&desk).encryption.clone().unwrap().send.master, ours[0].key.0);
}

#[test]
fn the_phone_that_answers_is_heard_with_its_own_key_whatever_rang_before() {
    let mut desk = desk(Encryption::Preferred);
    desk.dial("600");
    let invite = desk.expect("INVITE");
    let other = THEIRS.replace("WVN", "XVN");
    Far::reply(&mut desk, &invite, 183, &secure("RTP/AVP", 1, &other));
    let early = latest(&desk).encryption.clone().unwrap();
    Far::reply(&mut desk, &invite, 200, &secure("RTP/AVP", 1, THEIRS));
    let up = latest(&desk).encryption.clone().unwrap();
    assert_eq!(early.send, up.send);
    assert_ne!(early.receive, up.receive);
}

#[test]
fn the_lock_is_closed_only_when_the_key_was_not_seen_on_the_way() {
    let mut desk = desk(Encryption::Preferred);
    desk.flow.transport = Transport::Tls;
    let mut far = invited(&mut desk, &secure("RTP/SAVP", 1, THEIRS));
    answered(&mut desk, &mut far);
    far.ack(&mut desk);
    assert_eq!(level(&desk), Some(EncryptionLevel::Full));
    assert_eq!(desk.call().encryption.unwrap().cipher.as_deref(), Some("AES-128"));
}
