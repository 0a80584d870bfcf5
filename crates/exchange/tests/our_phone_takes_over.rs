//! Our own phones on the practice exchange: one call takes the place of another, at a phone of ours.
#![allow(clippy::unwrap_used, missing_docs)]
mod office;
use office::*;
use parley_sip::bodies::Dialog;
use parley_sip::endpoint::{EndCause, Event, InviteOptions, Package, ReplacesTarget, SessionId, TransferProgress};
use parley_sip::{Transport, Uri};
use parley_testkit::{LINE, Phone};

/// The call a watcher sees ringing, as an INVITE names it.
fn pick(dialog: &Dialog) -> ReplacesTarget {
    ReplacesTarget {
        call_id: dialog.call_id.clone().unwrap(),
        to_tag: dialog.remote_tag.clone().unwrap(),
        from_tag: dialog.local_tag.clone().unwrap(),
        early_only: true,
    }
}

fn pick_up(phone: &Phone, ringing: &Dialog) -> SessionId {
    let target: Uri = ringing.remote.target.as_ref().unwrap().parse().unwrap();
    let options = InviteOptions {
        replaces: Some(pick(ringing)),
        ..InviteOptions::default()
    };
    phone
        .with(|endpoint, now| endpoint.invite(now, LINE, target, options))
        .unwrap()
}

fn transferred(phone: &Phone, call: SessionId) {
    phone.expect("the transfer", |event| match event {
        Event::Transfer { session, progress } if *session == call => match progress {
            TransferProgress::Succeeded => Some(()),
            TransferProgress::Failed { code, reason } => panic!("{code} {reason}"),
            _ => None,
        },
        _ => None,
    });
}

#[test]
fn a_call_between_others_is_picked_up_with_replaces_and_with_the_code() {
    for coded in [false, true] {
        let office = office();
        let me = office.phone("100", 6000, Transport::Udp);
        let colleague = office.phone("200", 7000, Transport::Tcp);
        let caller = office.phone("100", 8000, Transport::Tcp);
        let watch = me.watch(Package::Dialog, "200");
        let first = caller.dial("200");
        let (rings, _) = colleague.expect_call();
        colleague.ring(rings);
        let ringing = me.told(watch, |notice| {
            let seen = dialogs(notice)?.dialogs.iter().find(|dialog| dialog.is_ringing())?;
            seen.local_tag.is_some().then(|| seen.clone())
        });
        let call = if coded {
            me.dial("*8200")
        } else {
            pick_up(&me, &ringing)
        };
        let (second, invite) = caller.expect_call();
        assert_eq!(invite.replaces, Some(first), "in place of the call that is out");
        caller.accept(second);
        me.expect_answered(call);
        assert_eq!(caller.expect_ended(first), EndCause::Replaced);
        assert!(matches!(colleague.expect_ended(rings), EndCause::Cancelled { .. }));
    }
}

#[test]
fn two_calls_are_joined_after_consulting() {
    let office = office();
    let phone = office.phone("100", 6000, Transport::Tcp);
    let colleague = office.phone("200", 7000, Transport::Udp);
    let customer = phone.talk_to("600");
    let consultation = phone.dial("200");
    let (asked, _) = colleague.expect_call();
    colleague.accept(asked);
    phone.expect_answered(consultation);
    phone
        .with(|endpoint, now| endpoint.refer_replacing(now, customer, consultation))
        .unwrap();
    let (joined, invite) = colleague.expect_call();
    assert_eq!(invite.replaces, Some(asked));
    assert_eq!(invite.referred_by.unwrap().uri.user().as_deref(), Some("100"));
    colleague.accept(joined);
    transferred(&phone, customer);
    assert_eq!(colleague.expect_ended(asked), EndCause::Replaced);
}

/// Does what the far end of the call asks for: calls whom it names, and reports.
fn follow(phone: &Phone, call: SessionId) -> SessionId {
    let referral = phone.expect("the referral", |event| match event {
        Event::Referred { session, referral, .. } if *session == call => Some(referral.clone()),
        _ => None,
    });
    phone.with(|endpoint, now| endpoint.accept_referral(now, call)).unwrap();
    let options = InviteOptions {
        replaces: referral.replaces.as_deref().and_then(ReplacesTarget::parse),
        referred_by: referral.referred_by.clone(),
        ..InviteOptions::default()
    };
    let next = phone
        .with(|endpoint, now| endpoint.invite(now, LINE, referral.target.clone(), options))
        .unwrap();
    phone.expect_answered(next);
    phone.with(|endpoint, now| endpoint.referral_progress(now, call, 200, "OK"));
    next
}

#[test]
fn a_phone_is_parked_and_fetched_by_another() {
    let office = office();
    let me = office.phone("100", 6000, Transport::Tcp);
    let colleague = office.phone("200", 7000, Transport::Udp);
    let call = me.dial("200");
    let (answered, _) = colleague.expect_call();
    colleague.accept(answered);
    me.expect_answered(call);
    me.with(|endpoint, now| endpoint.refer(now, call, at("703").parse().unwrap()))
        .unwrap();
    let parked = follow(&colleague, answered);
    transferred(&me, call);
    me.hang_up(call);
    office.wait(30.0);
    let fetch = me.dial("703");
    let (back, invite) = colleague.expect_call();
    assert_eq!(invite.replaces, Some(parked));
    colleague.accept(back);
    me.expect_answered(fetch);
    assert_eq!(colleague.expect_ended(parked), EndCause::Replaced);
}

#[test]
fn a_phone_is_transferred_by_a_line_and_talks_to_another() {
    let office = office();
    let phone = office.phone("100", 6000, Transport::Udp);
    let call = phone.talk_to("607");
    follow(&phone, call);
    assert_eq!(
        phone.expect_ended(call),
        EndCause::HungUpByThem,
        "the line has no more to do"
    );
}

#[test]
fn a_phone_joins_another_with_a_line() {
    let office = office();
    let me = office.phone("100", 6000, Transport::Udp);
    let colleague = office.phone("200", 7000, Transport::Tcp);
    let call = me.dial("200");
    let (answered, _) = colleague.expect_call();
    colleague.accept(answered);
    me.expect_answered(call);
    let consultation = me.talk_to("600");
    me.with(|endpoint, now| endpoint.refer_replacing(now, call, consultation))
        .unwrap();
    follow(&colleague, answered);
    assert_eq!(me.expect_ended(consultation), EndCause::HungUpByThem);
}
