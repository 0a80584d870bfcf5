//! The far end asks us to call somebody (RFC 3515, RFC 4488).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::endpoint::{EndCause, Event, Referral, Refused, ReplacesTarget, SessionId};
use parley_sip::{Request, Response};
use parley_testkit::{Call, Network, Peer, Phone};

fn refer(bob: &Peer, dialog: &mut Call, to: &str, more: impl FnOnce(&mut Request)) -> Request {
    let to = to.to_owned();
    bob.within(dialog, "REFER", |refer| {
        refer.headers.push("Refer-To", to);
        more(refer);
    })
}

fn referred(alice: &Phone) -> (SessionId, Referral) {
    alice.expect("a referral", |event| match event {
        Event::Referred { session, referral, .. } => Some((*session, referral.clone())),
        _ => None,
    })
}

/// A call in which the far end has asked us to call Carol.
fn asked() -> (Network, Phone, Peer, SessionId, Call) {
    let (network, alice, bob) = two();
    let (call, mut dialog) = outgoing_call(&alice, &bob);
    refer(&bob, &mut dialog, "<sip:carol@10.0.0.3>", |_| {});
    assert_eq!(referred(&alice).0, call);
    (network, alice, bob, call, dialog)
}

/// The next report: its state and its status line. It is answered.
fn report(bob: &Peer) -> (String, String) {
    let notify = bob.expect("NOTIFY");
    assert!(notify.headers.get("Event").unwrap().starts_with("refer"));
    assert!(notify.headers.is_content("message/sipfrag"));
    bob.reply(&notify, 200);
    (
        notify.headers.get("Subscription-State").unwrap().to_owned(),
        String::from_utf8(notify.body).unwrap().trim_end().to_owned(),
    )
}

fn of_refer(response: &Response) -> bool {
    response.headers.cseq().unwrap().method.to_string() == "REFER"
}

#[test]
fn a_referral_is_told_agreed_to_and_reported_to_its_end() {
    let (_network, alice, bob, call, _) = asked();
    alice.with(|e, now| e.accept_referral(now, call)).unwrap();
    let accepted = bob.expect_final();
    assert!(of_refer(&accepted) && accepted.code() == 202 && accepted.headers.has("Contact"));
    assert_eq!(report(&bob), ("active;expires=600".into(), "SIP/2.0 100 Trying".into()));
    alice.with(|e, now| e.referral_progress(now, call, 180, "Ringing"));
    assert_eq!(report(&bob).1, "SIP/2.0 180 Ringing");
    alice.with(|e, now| e.referral_progress(now, call, 180, "Ringing"));
    alice.with(|e, now| e.referral_progress(now, call, 200, "OK"));
    assert_eq!(
        report(&bob),
        ("terminated;reason=noresource".into(), "SIP/2.0 200 OK".into()),
        "the same news is told once"
    );
    alice.with(|e, now| e.referral_progress(now, call, 486, "Busy"));
    bob.expect_no("NOTIFY");
}

#[test]
fn a_refused_referral_keeps_the_call() {
    let (_network, alice, bob, call, mut dialog) = asked();
    alice.with(|e, now| e.refuse_referral(now, call, 603)).unwrap();
    assert_eq!(bob.expect_final().code(), 603);
    let again = alice.with(|e, now| e.accept_referral(now, call));
    assert_eq!(again, Err(Refused::WrongState));
    refer(&bob, &mut dialog, "<sip:carol@10.0.0.3>", |_| {});
    referred(&alice);
}

#[test]
fn somebody_who_thinks_about_it_is_announced_before_the_far_end_gives_up() {
    let (network, alice, bob, call, _) = asked();
    assert_eq!(bob.expect_final().code(), 202);
    assert!(network.elapsed() < seconds(5));
    assert_eq!(report(&bob).0, "pending;expires=600");
    alice.with(|e, now| e.refuse_referral(now, call, 603)).unwrap();
    assert_eq!(
        report(&bob),
        ("terminated;reason=rejected".into(), "SIP/2.0 603 Decline".into())
    );
}

#[test]
fn somebody_who_agrees_late_is_reported_as_trying() {
    let (_network, alice, bob, call, _) = asked();
    bob.expect_final();
    report(&bob);
    alice.with(|e, now| e.accept_referral(now, call)).unwrap();
    assert_eq!(report(&bob).0, "active;expires=600");
}

#[test]
fn what_nobody_ever_decides_is_declined_in_the_end() {
    let (network, _alice, bob, ..) = asked();
    bob.expect_final();
    report(&bob);
    network.run_for(seconds(500));
    assert_eq!(report(&bob).0, "terminated;reason=rejected");
}

#[test]
fn a_far_end_that_wants_no_reports_gets_none() {
    let (_network, alice, bob) = two();
    let (call, mut dialog) = outgoing_call(&alice, &bob);
    refer(&bob, &mut dialog, "<sip:carol@10.0.0.3>", |refer| {
        refer.headers.push("Refer-Sub", "false");
        refer.headers.push("Require", "norefersub");
    });
    referred(&alice);
    alice.with(|e, now| e.accept_referral(now, call)).unwrap();
    let accepted = bob.expect_final();
    assert_eq!(
        (accepted.code(), accepted.headers.get("Refer-Sub")),
        (202, Some("false"))
    );
    alice.with(|e, now| e.referral_progress(now, call, 200, "OK"));
    bob.expect_no("NOTIFY");
}

#[test]
fn an_attended_transfer_brings_the_dialog_to_take_over() {
    let (_network, alice, bob) = two();
    let (_, mut dialog) = outgoing_call(&alice, &bob);
    refer(
        &bob,
        &mut dialog,
        "<sip:carol@10.0.0.3;method=INVITE?Replaces=abc%40x%3Bto-tag%3Dt1%3Bfrom-tag%3Df1&Subject=x>",
        |refer| refer.headers.push("Referred-By", "<sip:bob@10.0.0.2>"),
    );
    let (_, referral) = referred(&alice);
    assert_eq!(
        referral.target.to_string(),
        "sip:carol@10.0.0.3",
        "nothing else is taken from it"
    );
    assert_eq!(referral.referred_by.unwrap().uri.to_string(), "sip:bob@10.0.0.2");
    let replaces = ReplacesTarget::parse(&referral.replaces.unwrap()).unwrap();
    assert_eq!(
        (
            replaces.call_id.as_str(),
            replaces.to_tag.as_str(),
            replaces.from_tag.as_str()
        ),
        ("abc@x", "t1", "f1")
    );
}

#[test]
fn what_is_no_call_is_refused_without_asking_anybody() {
    let (_network, alice, bob) = two();
    let (_, mut dialog) = outgoing_call(&alice, &bob);
    for (to, code) in [
        ("<sip:carol@10.0.0.3;method=BYE>", 603),
        ("<http://10.0.0.3/>", 416),
        ("nonsense <", 400),
    ] {
        refer(&bob, &mut dialog, to, |_| {});
        assert_eq!(bob.expect_final().code(), code, "{to}");
    }
    refer(&bob, &mut dialog, "<sip:a@10.0.0.3>", |refer| {
        refer.headers.push("Refer-To", "<sip:b@10.0.0.3>")
    });
    assert_eq!(bob.expect_final().code(), 400);
    bob.within(&mut dialog, "REFER", |_| {});
    assert_eq!(bob.expect_final().code(), 400);
    assert!(alice.events().is_empty());
}

#[test]
fn a_second_referral_waits_for_the_first_and_then_has_a_name() {
    let (_network, alice, bob, call, mut dialog) = asked();
    refer(&bob, &mut dialog, "<sip:dave@10.0.0.4>", |_| {});
    assert_eq!(bob.expect_final().code(), 491);
    alice.with(|e, now| e.refuse_referral(now, call, 603)).unwrap();
    assert_eq!(bob.expect_final().code(), 603);
    let second = refer(&bob, &mut dialog, "<sip:dave@10.0.0.4>", |_| {});
    referred(&alice);
    alice.with(|e, now| e.accept_referral(now, call)).unwrap();
    let id = second.headers.cseq().unwrap().number;
    assert_eq!(
        bob.expect("NOTIFY").headers.get("Event"),
        Some(format!("refer;id={id}").as_str())
    );
}

#[test]
fn the_reports_go_on_when_the_far_end_hangs_up_at_once() {
    let (_network, alice, bob, call, mut dialog) = asked();
    alice.with(|e, now| e.accept_referral(now, call)).unwrap();
    assert_eq!(bob.expect_final().code(), 202);
    let first = bob.expect("NOTIFY");
    bob.reply(&first, 200);
    bob.within(&mut dialog, "BYE", |_| {});
    assert_eq!(alice.expect_ended(call), EndCause::HungUpByThem);
    alice.with(|e, now| e.referral_progress(now, call, 200, "OK"));
    let last = bob.expect("NOTIFY");
    assert!(last.headers.cseq().unwrap().number > first.headers.cseq().unwrap().number);
    assert!(last.body.starts_with(b"SIP/2.0 200"));
}

#[test]
fn a_far_end_that_knows_no_reports_gets_no_more_of_them_and_keeps_the_call() {
    let (network, alice, bob, call, _) = asked();
    alice.with(|e, now| e.accept_referral(now, call)).unwrap();
    bob.reply(&bob.expect("NOTIFY"), 481);
    network.run_for(seconds(1));
    alice.with(|e, now| e.referral_progress(now, call, 180, ""));
    bob.expect_no("NOTIFY");
    assert!(alice.events().is_empty());
    alice.hang_up(call);
    bob.expect("BYE");
}

#[test]
fn a_far_end_can_ask_for_the_reports_again_and_end_them() {
    let (_network, alice, bob, call, mut dialog) = asked();
    alice.with(|e, now| e.accept_referral(now, call)).unwrap();
    report(&bob);
    for (expires, state) in [("300", "active;expires=300"), ("0", "terminated;reason=timeout")] {
        bob.within(&mut dialog, "SUBSCRIBE", |subscribe| {
            subscribe.headers.push("Event", "refer");
            subscribe.headers.push("Expires", expires);
        });
        assert_eq!(bob.expect_status(200).headers.get("Expires"), Some(expires));
        assert_eq!(report(&bob), (state.into(), "SIP/2.0 100 Trying".into()));
    }
    alice.with(|e, now| e.referral_progress(now, call, 200, "OK"));
    bob.expect_no("NOTIFY");
}

#[test]
fn nobody_from_outside_makes_this_phone_call_somebody() {
    let (_network, alice, bob) = two();
    bob.request("REFER", ALICE_URI, |refer| {
        refer.headers.push("Refer-To", "<sip:premium@10.0.0.9>")
    });
    assert_eq!(bob.expect_final().code(), 603);
    assert!(alice.events().is_empty());
}

#[test]
fn an_account_that_takes_referrals_takes_them_from_its_own_server_only() {
    let (network, alice, pbx) = registered();
    let mut config = Phone::account("sip:alice@pbx.example");
    config.take_referrals = true;
    config.accept_from_anyone = true;
    alice.set_account(config);
    let stranger = Peer::new(&network, "10.0.0.66:5060");
    let premium = |refer: &mut Request| refer.headers.push("Refer-To", "<sip:premium@10.0.0.9>");
    stranger.request("REFER", ALICE_URI, premium);
    assert_eq!(stranger.expect_final().code(), 603);
    pbx.request("REFER", ALICE_URI, |refer| {
        refer.headers.push("Refer-To", "<sip:600@pbx.example>")
    });
    let (referral, what) = referred(&alice);
    assert_eq!(what.target.to_string(), "sip:600@pbx.example");
    alice.with(|e, now| e.accept_referral(now, referral)).unwrap();
    let accepted = pbx.expect_final();
    assert_eq!(accepted.code(), 202);
    let notify = pbx.expect("NOTIFY");
    assert_eq!(
        notify.headers.from().unwrap().tag(),
        accepted.headers.to().unwrap().tag()
    );
    pbx.reply(&notify, 200);
    alice.with(|e, now| e.referral_progress(now, referral, 603, "Decline\r\nX: y"));
    let last = pbx.expect("NOTIFY");
    assert_eq!(last.body, b"SIP/2.0 603 Decline  X: y\r\n");
}

#[test]
fn hanging_up_declines_what_nobody_decided() {
    let (_network, alice, bob, call, _) = asked();
    alice.hang_up(call);
    let declined = bob.expect_final();
    assert!(of_refer(&declined) && declined.code() == 603);
    bob.reply(&bob.expect("BYE"), 200);
    bob.expect_no("NOTIFY");
}

#[test]
fn the_last_report_is_told_again_when_it_crossed_something_else() {
    let (network, alice, bob, call, mut dialog) = asked();
    alice.with(|e, now| e.accept_referral(now, call)).unwrap();
    bob.expect_final();
    report(&bob);
    alice.with(|e, now| e.referral_progress(now, call, 200, "OK"));
    // linphone does so while it waits for the ACK of a re-INVITE, and would never let go of the call.
    bob.reply(&bob.expect("NOTIFY"), 491);
    assert_eq!(
        report(&bob),
        ("terminated;reason=noresource".into(), "SIP/2.0 200 OK".into())
    );
    network.run_for(seconds(40));
    assert_eq!(bob.count("NOTIFY"), 0, "taken, it is not told again");
    // The next REFER of the call is one of its own.
    refer(&bob, &mut dialog, "<sip:dora@10.0.0.4>", |_| {});
    assert_eq!(referred(&alice).0, call);
}

#[test]
fn a_far_end_that_never_takes_the_last_report_is_left_in_peace() {
    let (network, alice, bob, call, _) = asked();
    alice.with(|e, now| e.accept_referral(now, call)).unwrap();
    bob.expect_final();
    report(&bob);
    alice.with(|e, now| e.referral_progress(now, call, 200, "OK"));
    for _ in 0..6 {
        bob.reply(&bob.expect("NOTIFY"), 491);
    }
    network.run_for(seconds(700));
    assert_eq!(bob.count("NOTIFY"), 0);
}

#[test]
fn the_reports_after_our_goodbye_have_numbers_of_their_own() {
    let (_network, alice, bob, call, _) = asked();
    alice.with(|e, now| e.accept_referral(now, call)).unwrap();
    report(&bob);
    alice.hang_up(call);
    let bye = bob.expect("BYE");
    bob.reply(&bye, 200);
    alice.with(|e, now| e.referral_progress(now, call, 200, "OK"));
    let last = bob.expect("NOTIFY");
    assert!(last.headers.cseq().unwrap().number > bye.headers.cseq().unwrap().number);
}
