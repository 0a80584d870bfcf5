//! Transfers we ask for (RFC 3515, RFC 5589).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::endpoint::{EndCause, InviteOptions, Refused, ReplacesTarget, SessionId, TransferProgress};
use parley_testkit::{Call, LINE, Peer, Phone};

fn transferring() -> (parley_testkit::Network, Phone, Peer, SessionId, Call) {
    let (network, alice, bob) = two();
    let (call, dialog) = outgoing_call(&alice, &bob);
    alice
        .with(|endpoint, now| endpoint.refer(now, call, "sip:carol@10.0.0.3".parse().unwrap()))
        .unwrap();
    (network, alice, bob, call, dialog)
}

fn notify(bob: &Peer, dialog: &mut Call, state: &str, status: &str) {
    bob.within(dialog, "NOTIFY", |notify| {
        notify.headers.push("Event", "refer");
        notify.headers.push("Subscription-State", state);
        notify.set_body(
            "message/sipfrag;version=2.0",
            format!("SIP/2.0 {status}\r\n").into_bytes(),
        );
    });
    bob.expect_status(200);
}

#[test]
fn a_transfer_is_asked_for_followed_and_succeeds() {
    let (_network, alice, bob, call, mut dialog) = transferring();
    let refer = bob.expect("REFER");
    assert_eq!(refer.headers.refer_to().unwrap().uri.to_string(), "sip:carol@10.0.0.3");
    assert_eq!(refer.headers.referred_by().unwrap().uri.to_string(), ALICE_URI);
    bob.reply(&refer, 202);
    assert_eq!(alice.expect_transfer(call), TransferProgress::Accepted);
    notify(&bob, &mut dialog, "active;expires=60", "100 Trying");
    assert_eq!(alice.expect_transfer(call), TransferProgress::Calling { code: 100 });
    notify(&bob, &mut dialog, "active;expires=60", "180 Ringing");
    assert_eq!(alice.expect_transfer(call), TransferProgress::Calling { code: 180 });
    notify(&bob, &mut dialog, "terminated;reason=noresource", "200 OK");
    assert_eq!(alice.expect_transfer(call), TransferProgress::Succeeded);
    alice.hang_up(call);
    bob.expect("BYE");
}

#[test]
fn a_transfer_the_target_declines_gives_the_call_back() {
    let (_network, alice, bob, call, mut dialog) = transferring();
    bob.reply(&bob.expect("REFER"), 202);
    alice.expect_transfer(call);
    notify(&bob, &mut dialog, "terminated;reason=noresource", "486 Busy Here");
    assert_eq!(
        alice.expect_transfer(call),
        TransferProgress::Failed {
            code: 486,
            reason: "Busy Here".into()
        }
    );
    alice
        .with(|endpoint, now| endpoint.refer(now, call, "sip:dave@10.0.0.4".parse().unwrap()))
        .unwrap();
    bob.expect("REFER");
}

#[test]
fn a_transfer_the_far_end_refuses_is_told() {
    let (_network, alice, bob, call, _) = transferring();
    bob.reply(&bob.expect("REFER"), 603);
    assert_eq!(
        alice.expect_transfer(call),
        TransferProgress::Failed {
            code: 603,
            reason: "Decline".into()
        }
    );
}

#[test]
fn a_second_transfer_waits_for_the_first() {
    let (_network, alice, _bob, call, _) = transferring();
    let second = alice.with(|endpoint, now| endpoint.refer(now, call, "sip:dave@10.0.0.4".parse().unwrap()));
    assert_eq!(second, Err(Refused::Pending));
}

#[test]
fn silence_after_an_accepted_transfer_is_told_as_unknown() {
    let (_network, alice, bob, call, _) = transferring();
    bob.reply(&bob.expect("REFER"), 202);
    assert_eq!(alice.expect_transfer(call), TransferProgress::Accepted);
    assert_eq!(alice.expect_transfer(call), TransferProgress::Unknown);
}

#[test]
fn a_far_end_that_hangs_up_after_the_transfer_ends_the_call() {
    let (_network, alice, bob, call, mut dialog) = transferring();
    bob.reply(&bob.expect("REFER"), 202);
    bob.within(&mut dialog, "BYE", |_| {});
    assert_eq!(alice.expect_ended(call), EndCause::HungUpByThem);
}

#[test]
fn a_notify_that_overtakes_the_202_is_understood() {
    let (_network, alice, bob, call, mut dialog) = transferring();
    let refer = bob.expect("REFER");
    notify(&bob, &mut dialog, "active", "180 Ringing");
    assert_eq!(alice.expect_transfer(call), TransferProgress::Calling { code: 180 });
    bob.reply(&refer, 202);
    notify(&bob, &mut dialog, "terminated", "200 OK");
    assert_eq!(alice.expect_transfer(call), TransferProgress::Succeeded);
}

#[test]
fn a_notify_nobody_asked_for_is_refused() {
    let (_network, alice, bob) = two();
    let (_, mut dialog) = outgoing_call(&alice, &bob);
    bob.within(&mut dialog, "NOTIFY", |notify| notify.headers.push("Event", "refer"));
    assert_eq!(bob.expect_final().code(), 481);
    bob.within(&mut dialog, "NOTIFY", |notify| notify.headers.push("Event", "weather"));
    assert_eq!(bob.expect_final().code(), 489);
}

#[test]
fn reports_of_an_earlier_transfer_are_not_taken_for_those_of_the_next() {
    let (_network, alice, bob, call, mut dialog) = transferring();
    let first = bob.expect("REFER");
    bob.reply(&first, 603);
    alice.expect_transfer(call);
    alice
        .with(|endpoint, now| endpoint.refer(now, call, "sip:dave@10.0.0.4".parse().unwrap()))
        .unwrap();
    let second = bob.expect("REFER");
    bob.reply(&second, 202);
    assert_eq!(alice.expect_transfer(call), TransferProgress::Accepted);
    for (refer, code) in [(&first, 481), (&second, 200)] {
        let id = refer.headers.cseq().unwrap().number;
        bob.within(&mut dialog, "NOTIFY", |notify| {
            notify.headers.push("Event", format!("refer;id={id}"));
            notify
                .headers
                .push("Subscription-State", "terminated;reason=noresource");
            notify.set_body("message/sipfrag", b"SIP/2.0 200 OK\r\n".to_vec());
        });
        assert_eq!(bob.expect_final().code(), code);
    }
    assert_eq!(alice.expect_transfer(call), TransferProgress::Succeeded);
}

#[test]
fn a_far_end_that_makes_no_reports_is_not_waited_for() {
    let (_network, alice, bob, call, _) = transferring();
    bob.reply_with(&bob.expect("REFER"), 202, |response| {
        response.headers.push("Refer-Sub", "false")
    });
    assert_eq!(alice.expect_transfer(call), TransferProgress::Accepted);
    assert_eq!(alice.expect_transfer(call), TransferProgress::Unknown);
}

#[test]
fn reports_full_of_nonsense_do_no_harm() {
    let (_network, alice, bob, call, mut dialog) = transferring();
    bob.reply(&bob.expect("REFER"), 202);
    alice.expect_transfer(call);
    let bodies: [&[u8]; 8] = [
        b"",
        b"SIP/2.0",
        b"SIP/2.0 99999 OK",
        b"SIP/2.0 -1 OK",
        b"\xff\xfe\x00",
        b"HTTP/1.1 200 OK",
        b"SIP/2.0 20\r\n0 OK",
        &[b'S'; 60_000],
    ];
    for body in bodies {
        bob.within(&mut dialog, "NOTIFY", |notify| {
            notify.headers.push("Event", "refer");
            notify.headers.push("Subscription-State", "active");
            notify.set_body("message/sipfrag", body.to_vec());
        });
        assert_eq!(bob.expect_final().code(), 200);
        assert_eq!(alice.expect_transfer(call), TransferProgress::Calling { code: 100 });
    }
    let mut long = b"SIP/2.0 486 ".to_vec();
    long.extend(vec![b'x'; 60_000]);
    bob.within(&mut dialog, "NOTIFY", |notify| {
        notify.headers.push("Event", "refer");
        notify.headers.push("Subscription-State", "terminated");
        notify.set_body("message/sipfrag", long);
    });
    let TransferProgress::Failed { code: 486, reason } = alice.expect_transfer(call) else {
        panic!("not failed");
    };
    assert!(reason.len() < 600);
}

#[test]
fn an_attended_transfer_names_the_other_call_and_its_far_end() {
    let (network, alice, bob) = two();
    let carol = Peer::new(&network, "10.0.0.3:5060");
    let (first, _) = outgoing_call(&alice, &bob);
    let second = alice.call("sip:carol@10.0.0.3");
    let invite = carol.expect("INVITE");
    let early = alice.with(|e, now| e.refer_replacing(now, first, second));
    assert_eq!(
        early,
        Err(Refused::WrongState),
        "nobody can take over what nobody answered"
    );
    carol.speaks_as("carols-tag");
    carol.reply_with(&invite, 200, |response| {
        response.headers.set("Contact", "<sip:carol@10.0.0.3:5060;ob?X=1>")
    });
    alice.expect_answered(second);
    let name = alice.with(|e, _| e.dialog_name(second)).unwrap();
    alice.with(|e, now| e.refer_replacing(now, first, second)).unwrap();
    let refer = bob.expect("REFER");
    let target = refer.headers.refer_to().unwrap().uri;
    let target = target.sip().unwrap();
    assert_eq!(target.host_port().to_string(), "10.0.0.3:5060");
    let headers = target.decoded_headers();
    assert_eq!(headers.len(), 1);
    assert_eq!(headers[0].0, "Replaces");
    let replaces = ReplacesTarget::parse(&headers[0].1).unwrap();
    assert_eq!(replaces.call_id, name.call_id);
    assert_eq!(replaces.to_tag, "carols-tag", "the tag of whom the new INVITE goes to");
    assert_eq!(replaces.from_tag, name.local_tag);
    let itself = alice.with(|e, now| e.refer_replacing(now, second, second));
    assert_eq!(itself, Err(Refused::WrongState));
}

#[test]
fn a_transfer_in_an_anonymous_call_does_not_tell_who_asks() {
    let (_network, alice, bob) = two();
    let options = InviteOptions {
        anonymous: true,
        ..InviteOptions::default()
    };
    let call = alice
        .with(|e, now| e.invite(now, LINE, BOB_URI.parse().unwrap(), options))
        .unwrap();
    bob.reply(&bob.expect("INVITE"), 200);
    alice.expect_answered(call);
    alice
        .with(|e, now| e.refer(now, call, "sip:carol@10.0.0.3".parse().unwrap()))
        .unwrap();
    let refer = bob.expect("REFER");
    assert!(!refer.headers.has("Referred-By"));
    assert!(!String::from_utf8(refer.to_bytes()).unwrap().contains("alice"));
}
