//! Blind transfer (RFC 3515).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::endpoint::{EndCause, Refused, SessionId, TransferProgress};
use parley_testkit::{Call, Peer, Phone};

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
fn nobody_can_make_this_phone_call_somebody() {
    let (_network, alice, bob) = two();
    let (_, mut dialog) = outgoing_call(&alice, &bob);
    bob.within(&mut dialog, "REFER", |refer| {
        refer.headers.push("Refer-To", "<sip:premium@10.0.0.9>")
    });
    assert_eq!(bob.expect_final().code(), 603);
    assert!(alice.events().is_empty());
}
