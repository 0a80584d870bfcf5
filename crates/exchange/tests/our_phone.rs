//! Our own phone on the practice exchange: each feature a new user can try, tried.
#![allow(clippy::unwrap_used, missing_docs)]
mod office;
use office::*;
use parley_exchange::{Play, Sound};
use parley_sip::bodies::{Activity, Dialog, PresenceDocument};
use parley_sip::endpoint::{
    EndCause, Event, InviteOptions, MessageOutcome, Package, PublicationState, ReplacesTarget, SessionId,
    TransferProgress,
};
use parley_sip::{Transport, Uri};
use parley_testkit::{LINE, Phone};

const BOTH: [Transport; 2] = [Transport::Udp, Transport::Tcp];

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
fn the_lamp_shines_for_a_message_until_it_is_heard() {
    for transport in BOTH {
        let office = office();
        let phone = office.phone("100", 6000, transport);
        let lamp = phone.watch(Package::MessageSummary, "100");
        phone.told(lamp, |notice| {
            messages(notice).filter(|summary| !summary.waiting).map(|_| ())
        });
        let call = phone.talk_to("612");
        phone.hang_up(call);
        let account = phone.told(lamp, |notice| {
            let summary = messages(notice).filter(|summary| summary.waiting)?;
            assert_eq!(summary.voice().unwrap().new, 1);
            summary.account.clone()
        });
        let call = phone.call(&account.to_string());
        phone.expect_answered(call);
        phone.told(lamp, |notice| {
            messages(notice).filter(|summary| !summary.waiting).map(|_| ())
        });
    }
}

#[test]
fn a_colleague_who_publishes_and_talks_is_seen_doing_so() {
    let office = office();
    let me = office.phone("100", 6000, Transport::Tcp);
    let colleague = office.phone("200", 7000, Transport::Udp);
    let watch = me.watch(Package::Presence, "200");
    me.told(watch, |notice| {
        presence(notice).filter(|told| told.open == Some(true)).map(|_| ())
    });
    let away = PresenceDocument {
        open: true,
        activities: vec![Activity::Away],
        note: Some("back at two".to_owned()),
    };
    colleague
        .with(|endpoint, now| endpoint.publish(now, LINE, Some(away)))
        .unwrap();
    colleague.expect("the publication", |event| match event {
        Event::Published { state, .. } => {
            assert_eq!(*state, PublicationState::Published);
            Some(())
        }
        _ => None,
    });
    me.told(watch, |notice| {
        let told = presence(notice).filter(|told| told.activities == [Activity::Away])?;
        assert_eq!(told.note.as_deref(), Some("back at two"));
        Some(())
    });
    let call = colleague.talk_to("600");
    me.told(watch, |notice| {
        presence(notice).filter(|told| told.is_on_the_phone()).map(|_| ())
    });
    colleague.hang_up(call);
    me.told(watch, |notice| {
        presence(notice).filter(|told| !told.is_on_the_phone()).map(|_| ())
    });
}

#[test]
fn the_call_that_rings_at_a_watched_colleague_is_picked_up() {
    for transport in BOTH {
        let office = office();
        let phone = office.phone("100", 6000, transport);
        let watch = phone.watch(Package::Dialog, "610");
        phone.talk_to("611");
        let ringing = phone.told(watch, |notice| {
            dialogs(notice)?
                .dialogs
                .iter()
                .find(|dialog| dialog.is_ringing())
                .cloned()
        });
        assert_eq!(ringing.remote.display.as_deref(), Some("Maria Keller"));
        let call = pick_up(&phone, &ringing);
        phone.told(watch, |notice| {
            dialogs(notice).filter(|told| told.dialogs.is_empty()).map(|_| ())
        });
        phone.expect_answered(call);
        assert_eq!(office.plays(), Some(Play::Sound(Sound::Melody)), "she is heard");
    }
}

#[test]
fn a_call_is_parked_and_fetched() {
    let office = office();
    let phone = office.phone("100", 6000, Transport::Udp);
    let call = phone.talk_to("600");
    phone
        .with(|endpoint, now| endpoint.refer(now, call, at("700").parse().unwrap()))
        .unwrap();
    transferred(&phone, call);
    phone.hang_up(call);
    office.wait(20.0);
    phone.talk_to("700");
    assert_eq!(office.plays(), Some(Play::Echo));
}

#[test]
fn whom_to_call_instead_is_told_and_called_when_confirmed() {
    let office = office();
    let phone = office.phone("100", 6000, Transport::Udp);
    let call = phone.dial("606");
    let EndCause::Redirected { code, targets } = phone.expect_ended(call) else {
        panic!("no redirection");
    };
    assert_eq!(code, 302);
    let call = phone.call(&targets[0].uri.to_string());
    phone.expect_answered(call);
    assert_eq!(office.plays(), Some(Play::Echo));
}

#[test]
fn texts_reach_the_other_phone_and_come_back_from_the_echo() {
    let office = office();
    let phone = office.phone("100", 6000, Transport::Udp);
    let colleague = office.phone("200", 7000, Transport::Tcp);
    for (to, reader, writer) in [("200", &colleague, "100"), ("600", &phone, "600")] {
        let target = at(to).parse().unwrap();
        let sent = phone
            .with(|endpoint, now| endpoint.message(now, LINE, target, "Grüße, 世界"))
            .unwrap();
        phone.expect("the outcome", |event| match event {
            Event::MessageSent { id, outcome } if *id == sent => {
                assert_eq!(*outcome, MessageOutcome::Delivered);
                Some(())
            }
            _ => None,
        });
        reader.expect("the text", |event| match event {
            Event::MessageReceived { from, text, .. } => {
                assert_eq!(
                    (from.uri.user().as_deref(), text.as_str()),
                    (Some(writer), "Grüße, 世界")
                );
                Some(())
            }
            _ => None,
        });
    }
}

#[test]
fn the_announcement_is_heard_before_the_answer() {
    for transport in BOTH {
        let office = office();
        let phone = office.phone("100", 6000, transport);
        let call = phone.dial("605");
        assert!(phone.expect_progress(call, 183).is_some());
        assert_eq!(office.plays(), Some(Play::Sound(Sound::Announcement)));
        phone.expect_answered(call);
    }
}

#[test]
fn a_line_holds_and_takes_back() {
    let office = office();
    let phone = office.phone("100", 6000, Transport::Udp);
    let call = phone.talk_to("609");
    for direction in ["sendonly", "sendrecv"] {
        let offer = phone.expect_reoffered(call).unwrap();
        assert!(String::from_utf8_lossy(&offer).contains(&format!("a={direction}")));
    }
    office.wait(0.1);
    assert_eq!(office.plays(), Some(Play::Echo));
}

#[test]
fn a_call_whose_session_is_refreshed_goes_on() {
    let office = office();
    let phone = office.phone("100", 6000, Transport::Tcp);
    let call = phone.talk_to("614");
    office.wait(200.0);
    let over = phone
        .events()
        .iter()
        .any(|event| matches!(event, Event::Ended { session, .. } if *session == call));
    assert!(!over, "{}", office.network.trace());
    phone.hang_up(call);
    assert_eq!(phone.expect_ended(call), EndCause::HungUpByUs);
}

#[test]
fn the_intercom_asks_to_be_answered_at_once() {
    let office = office();
    let phone = office.phone("100", 6000, Transport::Udp);
    let call = phone.talk_to("608");
    phone.expect_ended(call);
    let (back, invite) = phone.expect_call();
    assert_eq!(invite.auto_answer, Some(std::time::Duration::from_secs(1)));
    phone.accept(back);
    phone.expect_confirmed(back);
}
