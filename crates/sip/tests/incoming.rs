//! Calls that come in (RFC 3261 sections 8.2 and 13.3).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::endpoint::{EndCause, EndpointConfig, Event};
use parley_sip::{Method, NameAddr};
use parley_testkit::{LINE, Network, Peer, Phone, sdp};

#[test]
fn a_call_is_told_with_all_its_caller_said_and_gets_100_at_once() {
    let (_network, alice, bob) = two();
    bob.invite(ALICE_URI, |invite| {
        invite
            .headers
            .push("Diversion", "<sip:reception@10.0.0.2>;reason=no-answer");
        invite.headers.push("X-Ticket", "4711");
        invite.headers.push("x-ticket", "4712");
        invite.headers.push("P-Asserted-Identity", "<sip:boss@10.0.0.2>");
    });
    bob.expect_status(100);
    let (call, invite) = alice.expect_call();
    assert_eq!(invite.from.name.as_deref(), Some("Bob"));
    assert_eq!(invite.diversion.len(), 1);
    let tickets: Vec<_> = invite
        .headers
        .iter()
        .filter(|(n, _)| n.eq_ignore_ascii_case("x-ticket"))
        .collect();
    assert_eq!(tickets.len(), 2);
    assert_eq!(invite.sdp, Some(sdp("10.0.0.2", 5000)));
    assert_eq!(invite.local.to_string(), "10.0.0.1");
    assert_eq!(invite.asserted, None, "only our own server may assert who calls");
    alice.ring(call);
    let ringing = bob.expect_status(180);
    assert!(ringing.headers.has("Contact"));
    assert!(ringing.headers.to().unwrap().tag().is_some());
}

#[test]
fn an_accepted_call_is_confirmed_by_the_ack_and_ended_by_a_bye() {
    let (_network, alice, bob) = two();
    let (call, mut dialog) = incoming_call(&alice, &bob);
    bob.within(&mut dialog, "BYE", |_| {});
    bob.expect_status(200);
    assert_eq!(alice.expect_ended(call), EndCause::HungUpByThem);
}

#[test]
fn an_invite_without_offer_gets_ours_and_the_ack_brings_the_answer() {
    let (_network, alice, bob) = two();
    let invite = bob.invite(ALICE_URI, |invite| {
        invite.headers.remove("Content-Type");
        invite.body.clear();
    });
    let (call, told) = alice.expect_call();
    assert_eq!(told.sdp, None);
    alice.accept(call);
    let answer = bob.expect_status(200);
    assert!(answer.sdp().is_some());
    bob.ack(&bob.call_to(&invite, &answer), |ack| {
        ack.set_body("application/sdp", sdp("10.0.0.2", 6000))
    });
    assert_eq!(alice.expect_confirmed(call), Some(sdp("10.0.0.2", 6000)));
}

#[test]
fn a_declined_call_gets_the_code_and_words_chosen() {
    let (_network, alice, bob) = two();
    let invite = bob.invite(ALICE_URI, |_| {});
    let (call, _) = alice.expect_call();
    alice.with(|endpoint, now| endpoint.reject(now, call, 486, Some("In a meeting")));
    let busy = bob.expect_final();
    assert_eq!((busy.code(), busy.reason.as_str()), (486, "In a meeting"));
    bob.ack_failure(&invite, &busy);
    assert_eq!(alice.expect_ended(call), EndCause::Declined);
}

#[test]
fn early_media_is_announced_by_183() {
    let (_network, alice, bob) = two();
    bob.invite(ALICE_URI, |_| {});
    let (call, _) = alice.expect_call();
    alice.with(|endpoint, now| endpoint.progress(now, call, sdp("10.0.0.1", 4000)));
    assert_eq!(bob.expect_status(183).sdp(), Some(sdp("10.0.0.1", 4000).as_slice()));
}

#[test]
fn a_call_that_rings_long_is_announced_again_each_minute() {
    let (network, alice, bob) = two();
    bob.invite(ALICE_URI, |_| {});
    let (call, _) = alice.expect_call();
    alice.ring(call);
    network.run_for(seconds(190));
    assert_eq!(bob.count("180"), 4);
}

#[test]
fn the_callers_own_patience_ends_the_ringing() {
    let (_network, alice, bob) = two();
    bob.invite(ALICE_URI, |invite| invite.headers.push("Expires", 20));
    let (call, _) = alice.expect_call();
    assert_eq!(bob.expect_final().code(), 487);
    assert_eq!(alice.expect_ended(call), EndCause::Cancelled { elsewhere: false });
}

#[test]
fn hanging_up_before_the_ack_waits_for_it_and_then_says_bye() {
    let (_network, alice, bob) = two();
    let invite = bob.invite(ALICE_URI, |_| {});
    let (call, _) = alice.expect_call();
    alice.accept(call);
    let answer = bob.expect_status(200);
    alice.hang_up(call);
    assert_eq!(alice.expect_ended(call), EndCause::HungUpByUs);
    bob.expect_status(200);
    assert_eq!(bob.count("BYE"), 0);
    bob.ack(&bob.call_to(&invite, &answer), |_| {});
    bob.reply(&bob.expect("BYE"), 200);
}

#[test]
fn one_call_more_than_allowed_is_busy() {
    let network = Network::new(1);
    let config = EndpointConfig {
        max_sessions: 1,
        ..EndpointConfig::default()
    };
    let alice = Phone::with_config(&network, ALICE, config);
    let mut account = Phone::account(ALICE_URI);
    account.register = false;
    account.accept_from_anyone = true;
    alice.set_account(account);
    let bob = Peer::new(&network, BOB);
    bob.invite(ALICE_URI, |_| {});
    alice.expect_call();
    bob.invite(ALICE_URI, |_| {});
    assert_eq!(bob.expect_final().code(), 486);
    assert_eq!(alice.with(|endpoint, _| endpoint.counts().overflow), 1);
}

#[test]
fn extensions_we_do_not_have_are_refused_by_name() {
    let (_network, _alice, bob) = two();
    bob.invite(ALICE_URI, |invite| {
        invite.headers.push("Require", "timer, 100rel, teleport")
    });
    let refused = bob.expect_final();
    assert_eq!(
        (refused.code(), refused.headers.get("Unsupported")),
        (420, Some("teleport"))
    );
}

#[test]
fn a_body_we_cannot_read_is_refused_with_what_we_can() {
    let (_network, _alice, bob) = two();
    bob.invite(ALICE_URI, |invite| {
        invite.set_body("application/x-picture", b"...".to_vec())
    });
    let refused = bob.expect_final();
    assert_eq!(
        (refused.code(), refused.headers.get("Accept")),
        (415, Some("application/sdp"))
    );
}

#[test]
fn the_same_invite_by_a_second_way_is_a_loop() {
    let (_network, alice, bob) = two();
    let invite = bob.invite(ALICE_URI, |_| {});
    alice.expect_call();
    let mut copy = invite.clone();
    let mut via = copy.headers.via().unwrap();
    via.params.set("branch", Some("z9hG4bKother"));
    copy.headers.set("Via", via);
    bob.send(copy.to_bytes());
    assert_eq!(bob.expect_final().code(), 482);
}

#[test]
fn a_proxy_that_tries_us_again_after_a_refusal_is_no_loop() {
    let (network, alice, bob) = two();
    let invite = bob.invite(ALICE_URI, |_| {});
    let (call, _) = alice.expect_call();
    alice.with(|endpoint, now| endpoint.reject(now, call, 480, None));
    let refused = bob.expect_final();
    bob.ack_failure(&invite, &refused);
    let again = |branch: &str| {
        let mut copy = invite.clone();
        let mut via = copy.headers.via().unwrap();
        via.params.set("branch", Some(branch));
        copy.headers.set("Via", via);
        bob.send(copy.to_bytes());
    };
    again("z9hG4bKsecond");
    let (second, _) = alice.expect_call();
    again("z9hG4bKcopy-of-the-second");
    assert_eq!(bob.expect_final().code(), 482);
    alice.accept(second);
    bob.expect_status(200);
    again("z9hG4bKlate-copy");
    assert_eq!(bob.expect_status(482).code(), 482, "one that was answered is under way");
    network.run_for(seconds(1));
}

#[test]
fn requests_outside_of_calls_get_their_plain_answers() {
    let (_network, _alice, bob) = two();
    for (method, code) in [
        ("OPTIONS", 200),
        ("MESSAGE", 403),
        ("TELEPORT", 405),
        ("SUBSCRIBE", 489),
        ("REFER", 603),
        ("BYE", 481),
        ("NOTIFY", 400),
        ("CANCEL", 481),
    ] {
        bob.request(method, ALICE_URI, |_| {});
        let answer = bob.expect_final();
        assert_eq!(answer.code(), code, "{method}");
        if matches!(code, 200 | 405) {
            assert!(answer.headers.get("Allow").unwrap().contains("INVITE"), "{method}");
        }
    }
}

#[test]
fn inside_a_call_info_and_options_are_answered_and_unknown_methods_are_not_allowed() {
    let (_network, alice, bob) = two();
    let (_, mut call) = outgoing_call(&alice, &bob);
    for (method, code) in [
        ("INFO", 200),
        ("OPTIONS", 200),
        ("UPDATE", 200),
        ("MESSAGE", 415),
        ("REFER", 400),
    ] {
        bob.within(&mut call, method, |_| {});
        assert_eq!(bob.expect_final().code(), code, "{method}");
    }
    bob.within(&mut call, "INFO", |info| {
        info.set_body("application/dtmf-relay", b"Signal=1".to_vec())
    });
    assert_eq!(bob.expect_final().code(), 200);
    let key = alice.expect("key", |event| match event {
        Event::Key { signal, .. } => Some(*signal),
        _ => None,
    });
    assert_eq!(key, '1');
    bob.within(&mut call, "INFO", |info| {
        info.set_body("text/plain", b"Signal=1".to_vec())
    });
    let refused = bob.expect_final();
    assert_eq!(refused.code(), 415);
    assert!(
        refused
            .headers
            .get("Accept")
            .unwrap()
            .contains("application/dtmf-relay")
    );
}

#[test]
fn keys_go_out_one_after_the_other_in_order() {
    let (_network, alice, bob) = two();
    let (session, _) = outgoing_call(&alice, &bob);
    let pressed = std::time::Duration::from_millis(160);
    for signal in ['1', '#'] {
        alice
            .with(|endpoint, now| endpoint.send_key(now, session, signal, pressed))
            .unwrap();
    }
    for body in ["Signal=1\r\nDuration=160\r\n", "Signal=#\r\nDuration=160\r\n"] {
        let info = bob.expect("INFO");
        assert_eq!(info.headers.content_type(), Some("application/dtmf-relay"));
        assert_eq!(String::from_utf8_lossy(&info.body), body);
        bob.reply(&info, 200);
    }
}

#[test]
fn a_request_out_of_its_turn_gets_500_and_one_for_an_unknown_call_481() {
    let (_network, alice, bob) = two();
    let (_, mut call) = outgoing_call(&alice, &bob);
    bob.within(&mut call, "INFO", |_| {});
    bob.expect_status(200);
    call.dialog.local_cseq -= 1;
    bob.within(&mut call, "INFO", |_| {});
    assert_eq!(bob.expect_final().code(), 500);
    let mut other = call.clone();
    other.dialog.remote = other.dialog.remote.with_tag("nobody");
    bob.within(&mut other, "BYE", |_| {});
    assert_eq!(bob.expect_final().code(), 481);
}

#[test]
fn who_calls_is_believed_from_the_own_server() {
    let (_network, alice, pbx) = registered();
    pbx.invite(ALICE_URI, |invite| {
        invite
            .headers
            .push("P-Asserted-Identity", "\"The Boss\" <sip:1@pbx.example>")
    });
    let (_, invite) = alice.expect_call();
    assert_eq!(invite.asserted.and_then(|who| who.name), Some("The Boss".to_owned()));
}

#[test]
fn a_call_finds_its_account_by_the_contact_that_was_registered() {
    let network = Network::new(7);
    let pbx = Peer::new(&network, BOB);
    network.name("pbx.example", BOB);
    let alice = Phone::new(&network, ALICE);
    let mut contacts = Vec::new();
    for line in [1, 2] {
        let id = parley_sip::endpoint::AccountId(line);
        // The same user at the same server: only the registered Contact tells the lines apart.
        let mut account = Phone::account("sip:alice@pbx.example");
        account.display_name = format!("line {line}");
        alice.with(|endpoint, now| endpoint.set_account(now, id, account));
        let register = pbx.expect("REGISTER");
        contacts.push(contact_of(&register).uri);
        grant(&pbx, &register, 300);
    }
    pbx.invite(&contacts[1].to_string(), |_| {});
    let account = alice.expect("the call", |event| match event {
        Event::Incoming { account, .. } => Some(*account),
        _ => None,
    });
    assert_eq!(account.0, 2);
}

#[test]
fn removing_an_account_ends_its_calls() {
    let (_network, alice, pbx) = registered();
    let call = alice.call("sip:600@pbx.example");
    let invite = pbx.expect("INVITE");
    pbx.reply(&invite, 200);
    alice.expect_answered(call);
    alice.with(|endpoint, now| endpoint.remove_account(now, LINE));
    assert_eq!(alice.expect_ended(call), EndCause::HungUpByUs);
    pbx.expect("BYE");
}

#[test]
fn an_rfc_2543_caller_without_magic_branch_is_served() {
    let (network, alice, bob) = two();
    let invite = bob.invite(ALICE_URI, |invite| {
        let mut via = invite.headers.via().unwrap();
        via.params.set("branch", Some("1"));
        invite.headers.set("Via", via);
    });
    let (call, _) = alice.expect_call();
    bob.send(invite.to_bytes());
    alice.with(|endpoint, now| endpoint.reject(now, call, 603, None));
    let refused = bob.expect_final();
    let mut ack = bob_ack(&invite, &refused);
    ack.headers.set("To", refused.headers.get("To").unwrap());
    bob.send(ack.to_bytes());
    network.run_for(seconds(1));
    bob.count("603");
    bob.expect_no("INVITE");
    assert_eq!(bob.count("603"), 0, "the ACK ended the repetitions");
}

fn bob_ack(invite: &parley_sip::Request, _refused: &parley_sip::Response) -> parley_sip::Request {
    let mut ack = invite.clone();
    ack.method = Method::Ack;
    ack.headers.set("CSeq", "1 ACK");
    ack.headers.remove("Content-Type");
    ack.body.clear();
    let from: NameAddr = ack.headers.from().unwrap();
    assert!(from.tag().is_some());
    ack
}

#[test]
fn a_line_that_does_not_register_takes_calls_from_its_own_proxy_only() {
    let network = Network::new(1);
    let alice = Phone::new(&network, ALICE);
    let mut account = Phone::account("sip:alice@trunk.example");
    account.register = false;
    account.outbound_proxy = Some("sip:10.0.0.2".parse().unwrap());
    alice.set_account(account);
    let proxy = Peer::new(&network, BOB);
    let stranger = Peer::new(&network, "10.0.0.66:5060");
    proxy.invite(ALICE_URI, |_| {});
    alice.expect_call();
    stranger.invite(ALICE_URI, |_| {});
    network.run_for(seconds(1));
    assert!(alice.events().is_empty());
}
