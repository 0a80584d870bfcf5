//! Calls between two phones over a network that loses, repeats and reorders (everything by seed).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::*;
use parley_sip::endpoint::{EndCause, Event};
use parley_testkit::{Conditions, Network, Phone, sdp};

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
