//! How subscriptions end, and which of them come back (RFC 6665 sections 4.1.2 and 4.1.3).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::time::Duration;

use common::events::*;
use common::*;
use parley_sip::endpoint::{Package, SubscriptionEnd, SubscriptionState};
use parley_testkit::{Network, Peer, Phone};

/// The first second in which the script looks.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Ends a subscription with this state; gives what was told and after how long it was asked for again.
fn after(state: &str) -> (Option<SubscriptionState>, Option<Duration>, Network, Phone, Peer) {
    let (network, alice, pbx) = at_the_exchange();
    let (id, mut dialog, _) = subscribed(&alice, &pbx, Package::Presence);
    network.run_for(seconds(100));
    pbx.count("SUBSCRIBE");
    alice.events();
    notify(&pbx, &mut dialog, Package::Presence, state, b"");
    pbx.expect_status(200);
    let told = alice.events().into_iter().find_map(|event| match event {
        parley_sip::endpoint::Event::Subscription { subscription, state } if subscription == id => Some(state),
        _ => None,
    });
    let start = network.elapsed();
    let mut again = None;
    for _ in 0..4000 {
        if pbx.count("SUBSCRIBE") > 0 {
            again = Some(network.elapsed() - start);
            break;
        }
        network.run_for(seconds(1));
    }
    (told, again, network, alice, pbx)
}

fn off(why: SubscriptionEnd) -> impl Fn(Option<SubscriptionState>) -> Option<Duration> {
    move |told| match told {
        Some(SubscriptionState::Off { why: said, retry_in }) if said == why => retry_in,
        other => panic!("{why:?} expected, not {other:?}"),
    }
}

#[test]
fn a_notifier_that_moves_is_asked_again_at_once() {
    let (told, again, ..) = after("terminated;reason=deactivated");
    assert_eq!(told, Some(SubscriptionState::Asking));
    assert_eq!(again, Some(AT_ONCE));
}

#[test]
fn a_subscription_that_timed_out_is_asked_for_at_once() {
    let (_, again, ..) = after("terminated;reason=timeout");
    assert_eq!(again, Some(AT_ONCE));
}

#[test]
fn probation_is_waited_out() {
    let (told, again, ..) = after("terminated;reason=probation;retry-after=300");
    assert_eq!(off(SubscriptionEnd::Probation)(told), Some(seconds(300)));
    assert!(again.is_some_and(|again| (299..=301).contains(&again.as_secs())));
}

#[test]
fn a_notifier_that_gave_up_is_asked_much_later() {
    let (told, again, ..) = after("terminated;reason=giveup");
    assert_eq!(off(SubscriptionEnd::GiveUp)(told), Some(seconds(1800)));
    assert!(again.is_some_and(|again| again >= seconds(1799)));
}

#[test]
fn who_says_no_is_not_asked_again() {
    let (told, again, ..) = after("terminated;reason=rejected");
    assert_eq!(off(SubscriptionEnd::Rejected)(told), None);
    assert_eq!(again, None);
}

#[test]
fn what_is_no_more_and_what_never_changes_is_not_asked_for_again() {
    for (reason, why) in [
        ("noresource", SubscriptionEnd::NoResource),
        ("invariant", SubscriptionEnd::Invariant),
    ] {
        let (told, again, ..) = after(&format!("terminated;reason={reason};retry-after=10"));
        assert_eq!(off(why)(told), None);
        assert_eq!(again, None);
    }
}

#[test]
fn an_end_without_a_reason_is_asked_again_after_a_pause() {
    let (told, again, ..) = after("terminated");
    let pause = off(SubscriptionEnd::Ended)(told).unwrap();
    assert!((seconds(2)..=seconds(4)).contains(&pause));
    assert!(again.is_some());
}

#[test]
fn a_notifier_that_ends_it_at_once_each_time_is_asked_more_and_more_seldom() {
    let (network, alice, pbx) = at_the_exchange();
    subscribe(&alice, Package::Presence);
    let mut times = Vec::new();
    for _ in 0..6 {
        let request = pbx.expect_within("SUBSCRIBE", seconds(1900));
        times.push(network.elapsed());
        let answer = agree(&pbx, &request, 600);
        let mut dialog = pbx.call_from(&request, &answer);
        notify(
            &pbx,
            &mut dialog,
            Package::Presence,
            "terminated;reason=deactivated",
            b"",
        );
    }
    let pauses: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses[0] < seconds(1), "the first time at once: {pauses:?}");
    assert!(pauses[1..].windows(2).all(|pair| pair[1] > pair[0]), "{pauses:?}");
    assert!(pauses[4] > seconds(15), "{pauses:?}");
}

#[test]
fn a_2xx_without_any_notify_is_a_failure_after_timer_n() {
    let (network, alice, pbx) = at_the_exchange();
    let id = subscribe(&alice, Package::Presence);
    let start = network.elapsed();
    let request = pbx.expect("SUBSCRIBE");
    let answer = agree(&pbx, &request, 600);
    let state = expect_state(&alice, id);
    assert!(matches!(
        state,
        SubscriptionState::Off {
            why: SubscriptionEnd::NoAnswer,
            retry_in: Some(_)
        }
    ));
    let waited = network.elapsed() - start;
    assert!(waited >= seconds(31) && waited <= seconds(33), "{waited:?}");
    let mut late = pbx.call_from(&request, &answer);
    notify(&pbx, &mut late, Package::Presence, "active;expires=600", b"");
    assert_eq!(pbx.expect_final().code(), 481, "the attempt is forgotten");
    pbx.expect("SUBSCRIBE");
}

#[test]
fn a_refresh_answered_481_makes_a_new_subscription_at_once() {
    let (network, alice, pbx) = at_the_exchange();
    let (_, _, first) = subscribed(&alice, &pbx, Package::Presence);
    let refresh = pbx.expect_within("SUBSCRIBE", seconds(600));
    let start = network.elapsed();
    pbx.reply(&refresh, 481);
    let anew = pbx.expect("SUBSCRIBE");
    assert!(network.elapsed() - start < seconds(1));
    assert_ne!(anew.headers.call_id(), first.headers.call_id());
    assert_eq!(anew.headers.to().unwrap().tag(), None);
}

#[test]
fn a_refresh_that_fails_otherwise_leaves_the_subscription_until_it_expires() {
    let (_network, alice, pbx) = at_the_exchange();
    let (id, mut dialog, first) = subscribed(&alice, &pbx, Package::Presence);
    let refresh = pbx.expect_within("SUBSCRIBE", seconds(600));
    pbx.reply(&refresh, 500);
    notify(&pbx, &mut dialog, Package::Presence, "active", &there("Still here"));
    assert_eq!(expect_presence(&alice, id).note.as_deref(), Some("Still here"));
    let again = pbx.expect("SUBSCRIBE");
    assert_eq!(again.headers.call_id(), first.headers.call_id());
    agree(&pbx, &again, 600);
}

#[test]
fn a_server_that_only_fails_refreshes_is_asked_anew_when_the_time_is_over() {
    let (network, alice, pbx) = at_the_exchange();
    let (_, _, first) = subscribed(&alice, &pbx, Package::Presence);
    let mut asked = 0;
    let anew = loop {
        let request = pbx.expect_within("SUBSCRIBE", seconds(600));
        if request.headers.call_id() != first.headers.call_id() {
            break request;
        }
        asked += 1;
        pbx.reply(&request, 500);
    };
    assert!((2..20).contains(&asked), "{asked} refreshes");
    assert!(network.elapsed() >= seconds(590));
    assert_eq!(anew.headers.to().unwrap().tag(), None);
}

#[test]
fn a_refresh_without_answer_makes_a_new_subscription() {
    let (_network, alice, pbx) = at_the_exchange();
    let (_, _, first) = subscribed(&alice, &pbx, Package::Presence);
    let anew = loop {
        let request = pbx.expect_within("SUBSCRIBE", seconds(600));
        if request.headers.call_id() != first.headers.call_id() {
            break request;
        }
    };
    assert_eq!(anew.headers.to().unwrap().tag(), None);
}

#[test]
fn what_the_server_cannot_do_is_not_asked_for_again() {
    for code in [403, 405, 489, 501, 603] {
        let (_network, alice, pbx) = at_the_exchange();
        let id = subscribe(&alice, Package::MessageSummary);
        pbx.reply(&pbx.expect("SUBSCRIBE"), code);
        match expect_state(&alice, id) {
            SubscriptionState::Off {
                why: SubscriptionEnd::Refused { code: said, .. },
                retry_in: None,
            } => assert_eq!(said, code),
            other => panic!("{other:?}"),
        }
        pbx.expect_no("SUBSCRIBE");
    }
}

#[test]
fn what_a_server_refused_is_asked_again_when_it_comes_back_and_what_a_person_refused_is_not() {
    for (state, again) in [("terminated;reason=rejected", false), ("", true)] {
        let (network, alice, pbx) = at_the_exchange();
        subscribe(&alice, Package::Presence);
        let request = pbx.expect("SUBSCRIBE");
        if state.is_empty() {
            pbx.reply(&request, 403);
        } else {
            let answer = agree(&pbx, &request, 600);
            let mut dialog = pbx.call_from(&request, &answer);
            notify(&pbx, &mut dialog, Package::Presence, state, b"");
        }
        network.run_for(seconds(1));
        network.unplug(BOB);
        alice.expect("a failed registration", |event| match event {
            parley_sip::endpoint::Event::Registration { state, .. } => {
                matches!(state, parley_sip::endpoint::RegistrationState::Failed { .. }).then_some(())
            }
            _ => None,
        });
        network.plug_in(BOB);
        network.run_for(seconds(60));
        assert_eq!(pbx.count("SUBSCRIBE") > 0, again, "{state}");
    }
}

#[test]
fn a_server_in_trouble_is_given_the_time_it_asks_for() {
    let (network, alice, pbx) = at_the_exchange();
    let id = subscribe(&alice, Package::Presence);
    pbx.reply_with(&pbx.expect("SUBSCRIBE"), 503, |response| {
        response.headers.push("Retry-After", 90);
    });
    let start = network.elapsed();
    assert!(matches!(
        expect_state(&alice, id),
        SubscriptionState::Off { retry_in: Some(_), .. }
    ));
    pbx.expect("SUBSCRIBE");
    assert!(network.elapsed() - start >= seconds(89));
}

#[test]
fn a_wrong_password_is_told_and_not_tried_again_and_again() {
    let (_network, alice, pbx) = at_the_exchange();
    let id = subscribe(&alice, Package::Presence);
    for nonce in ["one", "two"] {
        pbx.reply_with(&pbx.expect("SUBSCRIBE"), 401, |response| {
            let value = format!("Digest realm=\"pbx.example\", nonce=\"{nonce}\", qop=\"auth\"");
            response.headers.push("WWW-Authenticate", value);
        });
    }
    assert!(matches!(
        expect_state(&alice, id),
        SubscriptionState::Off {
            why: SubscriptionEnd::NotAuthorised,
            ..
        }
    ));
    pbx.expect_no("SUBSCRIBE");
}
