//! Calls between two phones over a network that loses, repeats and reorders (everything by seed).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::endpoint::{EndCause, Event, InviteOptions, ReplacesTarget, TransferProgress};
use parley_testkit::{Conditions, LINE, Network, Phone, sdp};

const CAROL: &str = "10.0.0.3:5060";

fn lossy(seed: u64, loss: f64) -> (Network, Phone, Phone) {
    let network = Network::new(seed);
    network.set_conditions(Conditions::lossy(loss));
    let alice = Phone::direct(&network, ALICE, ALICE_URI);
    let carol = Phone::direct(&network, CAROL, "sip:carol@10.0.0.3");
    (network, alice, carol)
}

fn both_forget(network: &Network, alice: &Phone, carol: &Phone) {
    network.run_for(seconds(120));
    for phone in [alice, carol] {
        assert!(phone.with(|endpoint, _| endpoint.is_idle()), "{}", network.trace());
        let ends = phone
            .events()
            .iter()
            .filter(|event| matches!(event, Event::Ended { .. }))
            .count();
        assert_eq!(ends, 0, "an end is told once");
    }
}

#[test]
fn a_call_sets_up_holds_and_ends_cleanly_under_loss_for_200_seeds() {
    for seed in 0..200 {
        let (network, alice, carol) = lossy(seed, 0.2);
        let there = alice.call("sip:carol@10.0.0.3");
        let (here, _) = carol.expect_call();
        carol.ring(here);
        carol.accept(here);
        assert_eq!(alice.expect_answered(there), Some(sdp("10.0.0.1", 4000)));
        carol.expect_confirmed(here);
        alice.reoffer(there, sdp("10.0.0.1", 4002));
        assert_eq!(carol.expect_reoffered(here), Some(sdp("10.0.0.1", 4002)), "seed {seed}");
        alice.expect("the hold", |event| {
            matches!(event, Event::ReofferAccepted { .. }).then_some(())
        });
        carol.hang_up(here);
        assert_eq!(carol.expect_ended(here), EndCause::HungUpByUs);
        assert_eq!(
            alice.expect_ended(there),
            EndCause::HungUpByThem,
            "seed {seed}\n{}",
            network.trace()
        );
        both_forget(&network, &alice, &carol);
    }
}

#[test]
fn a_cancel_at_any_moment_ends_on_both_sides() {
    for seed in 0..200 {
        let (network, alice, carol) = lossy(seed, 0.2);
        let there = alice.call("sip:carol@10.0.0.3");
        let (here, _) = carol.expect_call();
        carol.ring(here);
        network.run_for(std::time::Duration::from_millis(seed * 7));
        // Both act at the same moment: CANCEL and 200 cross.
        if seed % 2 == 0 {
            carol.accept(here);
        }
        alice.hang_up(there);
        assert_eq!(alice.expect_ended(there), EndCause::HungUpByUs);
        let cause = carol.expect_ended(here);
        assert!(
            matches!(cause, EndCause::Cancelled { .. } | EndCause::HungUpByThem),
            "seed {seed}: {cause:?}\n{}",
            network.trace()
        );
        both_forget(&network, &alice, &carol);
    }
}

#[test]
fn both_hang_up_at_once() {
    for seed in 0..100 {
        let (network, alice, carol) = lossy(seed, 0.2);
        let there = alice.call("sip:carol@10.0.0.3");
        let (here, _) = carol.expect_call();
        carol.accept(here);
        alice.expect_answered(there);
        alice.hang_up(there);
        carol.hang_up(here);
        assert_eq!(alice.expect_ended(there), EndCause::HungUpByUs);
        assert_eq!(carol.expect_ended(here), EndCause::HungUpByUs);
        both_forget(&network, &alice, &carol);
    }
}

#[test]
fn a_declined_call_is_declined_on_both_sides() {
    for seed in 0..100 {
        let (network, alice, carol) = lossy(seed, 0.3);
        let there = alice.call("sip:carol@10.0.0.3");
        let (here, _) = carol.expect_call();
        carol.with(|endpoint, now| endpoint.reject(now, here, 486, None));
        assert_eq!(carol.expect_ended(here), EndCause::Declined);
        assert!(matches!(
            alice.expect_ended(there),
            EndCause::Rejected { code: 486, .. }
        ));
        both_forget(&network, &alice, &carol);
    }
}

fn accepted(phone: &Phone, seed: u64, network: &Network) -> Vec<u8> {
    phone.expect(
        &format!("the new session (seed {seed})\n{}", network.trace()),
        |event| match event {
            Event::ReofferAccepted { sdp, .. } => sdp.clone(),
            _ => None,
        },
    )
}

#[test]
fn early_media_its_prack_and_updates_both_ways_survive_loss_for_200_seeds() {
    for seed in 0..200 {
        let (network, alice, carol) = lossy(seed, 0.2);
        carol.by_hand_after_offer();
        let there = alice.call("sip:carol@10.0.0.3");
        let (here, _) = carol.expect_call();
        carol.ring(here);
        carol.with(|e, now| e.progress(now, here, sdp("10.0.0.3", 4000)));
        assert_eq!(
            alice.expect_progress(there, 183),
            Some(sdp("10.0.0.3", 4000)),
            "seed {seed}"
        );
        alice.reoffer(there, sdp("10.0.0.1", 4002));
        assert_eq!(carol.expect_reoffered(here), Some(sdp("10.0.0.1", 4002)), "seed {seed}");
        carol.with(|e, now| e.answer_reoffer(now, here, sdp("10.0.0.3", 4002)));
        assert_eq!(accepted(&alice, seed, &network), sdp("10.0.0.3", 4002));
        let changed = network.run_until(seconds(60), || {
            carol.with(|e, now| e.reoffer(now, here, sdp("10.0.0.3", 4004))).ok()
        });
        assert!(
            changed.is_some(),
            "seed {seed}: the PRACK never came\n{}",
            network.trace()
        );
        accepted(&carol, seed, &network);
        carol.accept(here);
        alice.expect_answered(there);
        carol.expect_confirmed(here);
        alice.hang_up(there);
        alice.expect_ended(there);
        assert_eq!(carol.expect_ended(here), EndCause::HungUpByThem, "seed {seed}");
        both_forget(&network, &alice, &carol);
    }
}

#[test]
fn an_acceptance_that_waits_for_its_prack_survives_loss_for_200_seeds() {
    for seed in 0..200 {
        let (network, alice, carol) = lossy(seed, 0.25);
        let there = alice.call("sip:carol@10.0.0.3");
        let (here, _) = carol.expect_call();
        carol.with(|e, now| e.progress(now, here, sdp("10.0.0.3", 4000)));
        carol.accept(here);
        assert_eq!(alice.expect_answered(there), Some(sdp("10.0.0.3", 4000)), "seed {seed}");
        carol.expect_confirmed(here);
        carol.hang_up(here);
        carol.expect_ended(here);
        assert_eq!(alice.expect_ended(there), EndCause::HungUpByThem, "seed {seed}");
        both_forget(&network, &alice, &carol);
    }
}

#[test]
fn transfers_are_reported_to_their_end_under_loss_for_200_seeds() {
    for seed in 0..200 {
        let (network, alice, carol) = lossy(seed, 0.2);
        let there = alice.call("sip:carol@10.0.0.3");
        let (here, _) = carol.expect_call();
        carol.accept(here);
        alice.expect_answered(there);
        carol.expect_confirmed(here);
        alice
            .with(|e, now| e.refer(now, there, "sip:dave@10.0.0.4".parse().unwrap()))
            .unwrap();
        carol.expect("the referral", |event| {
            matches!(event, Event::Referred { session, .. } if *session == here).then_some(())
        });
        carol.with(|e, now| e.accept_referral(now, here)).unwrap();
        carol.with(|e, now| e.referral_progress(now, here, 180, "Ringing"));
        network.run_for(seconds(2));
        let (code, outcome) = match seed % 2 {
            0 => (200, TransferProgress::Succeeded),
            _ => (
                486,
                TransferProgress::Failed {
                    code: 486,
                    reason: "Busy Here".into(),
                },
            ),
        };
        carol.with(|e, now| e.referral_progress(now, here, code, ""));
        let mut last = alice.expect_transfer(there);
        while matches!(last, TransferProgress::Accepted | TransferProgress::Calling { .. }) {
            last = alice.expect_transfer(there);
        }
        assert_eq!(last, outcome, "seed {seed}\n{}", network.trace());
        alice.hang_up(there);
        alice.expect_ended(there);
        assert_eq!(carol.expect_ended(here), EndCause::HungUpByThem, "seed {seed}");
        both_forget(&network, &alice, &carol);
    }
}

#[test]
fn a_takeover_leaves_one_call_under_loss_for_200_seeds() {
    for seed in 0..200 {
        let (network, alice, carol) = lossy(seed, 0.2);
        let first = alice.call("sip:carol@10.0.0.3");
        let (here, _) = carol.expect_call();
        carol.accept(here);
        alice.expect_answered(first);
        carol.expect_confirmed(here);
        let name = alice.with(|e, _| e.dialog_name(first)).unwrap();
        let options = InviteOptions {
            replaces: Some(ReplacesTarget {
                call_id: name.call_id,
                to_tag: name.remote_tag,
                from_tag: name.local_tag,
                early_only: false,
            }),
            ..InviteOptions::default()
        };
        let second = alice
            .with(|e, now| e.invite(now, LINE, "sip:carol@10.0.0.3".parse().unwrap(), options))
            .unwrap();
        let (next, invite) = carol.expect_call();
        assert_eq!(invite.replaces, Some(here));
        carol.accept(next);
        assert_eq!(carol.expect_ended(here), EndCause::Replaced);
        let mut answered = false;
        let mut ended = false;
        while !(answered && ended) {
            alice.expect(&format!("seed {seed}\n{}", network.trace()), |event| match event {
                Event::Answered { session, .. } if *session == second => {
                    answered = true;
                    Some(())
                }
                Event::Ended { session, cause } if *session == first => {
                    assert_eq!(*cause, EndCause::HungUpByThem);
                    ended = true;
                    Some(())
                }
                _ => None,
            });
        }
        alice.hang_up(second);
        alice.expect_ended(second);
        carol.expect_ended(next);
        both_forget(&network, &alice, &carol);
    }
}
